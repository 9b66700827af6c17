"""Root fields of market development funds."""

from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from resolvers import funds
from resolvers.context import Context
from rules.funds.kinds import MdfLine, MdfState
from schema.context import Info
from schema.fields import mutation, query
from schema.funds.inputs import (
    CancelMdfCaseInput,
    ChangeMdfQuotaInput,
    CreateMdfCaseInput,
    MdfCasePayload,
    MdfQuotaPayload,
    OpenMdfQuotaInput,
    SubmitMdfCaseInput,
    UpdateMdfCaseInput,
)
from schema.funds.types import MdfCase, MdfLineOffer, MdfQuota, MdfViolation
from schema.pages import connection

_Year = Annotated[int | None, strawberry.argument(description="Only those of this calendar year.")]


@strawberry.type
class FundQueries:
    """Root reads of this domain."""

    @query(funds.mdf_lines)
    async def mdf_lines(self, info: Info) -> list[MdfLineOffer]:
        """Every line of the market development fund: what it gives your partner, and whether you may open its quota."""
        return await funds.mdf_lines(info.context.ctx)  # type: ignore[return-value]

    @connection(funds.mdf_quotas, MdfQuota)
    def mdf_quotas(self, ctx: Context, line: MdfLine | None = None, year: _Year = None) -> QuerySet[Any]:
        """Quotas that you see, newest first: your partner's, for the vendor everybody's."""
        return funds.mdf_quotas(ctx, line=line, year=year)

    @connection(funds.mdf_cases, MdfCase)
    def mdf_cases(self, ctx: Context, state: MdfState | None = None) -> QuerySet[Any]:
        """Cases that you see, newest first: your partner's, for the vendor everybody's."""
        return funds.mdf_cases(ctx, state=state)

    @connection(funds.mdf_violations, MdfViolation)
    def mdf_violations(self, ctx: Context) -> QuerySet[Any]:
        """Violations that you see, newest first: your partner's, for the vendor everybody's."""
        return funds.mdf_violations(ctx)


@strawberry.type
class FundMutations:
    """Root mutations of this domain."""

    open_mdf_quota = mutation(funds.open_mdf_quota, OpenMdfQuotaInput, MdfQuotaPayload)
    change_mdf_quota = mutation(funds.change_mdf_quota, ChangeMdfQuotaInput, MdfQuotaPayload)
    create_mdf_case = mutation(funds.create_mdf_case, CreateMdfCaseInput, MdfCasePayload)
    update_mdf_case = mutation(funds.update_mdf_case, UpdateMdfCaseInput, MdfCasePayload)
    submit_mdf_case = mutation(funds.submit_mdf_case, SubmitMdfCaseInput, MdfCasePayload)
    cancel_mdf_case = mutation(funds.cancel_mdf_case, CancelMdfCaseInput, MdfCasePayload)
