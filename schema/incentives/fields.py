"""The root fields of incentives."""

from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from core.execution.errors import Code, RequestError
from models.incentives import DeferredPayout as DeferredRow
from models.incentives import Incentive as IncentiveRow
from models.incentives import PayoutRequest as PayoutRow
from resolvers.context import Context
from resolvers.incentives import confirming, explaining, freezing, payouts, reads, resubmitting
from rules.customers import AssociationType
from rules.errors import Violation
from rules.incentives.kinds import DeferredStatus, IncentiveStatus, PayoutMethod, PayoutStatus
from rules.incentives.policies import last_day
from rules.money import parse_amount
from schema.batch import BatchPayload, item, reasons
from schema.context import Info, database_errors
from schema.fields import Payload, mutation, query
from schema.incentives.types import (
    DeferredPayout,
    Incentive,
    IncentivePolicy,
    IncentiveReckoning,
    IncentiveTotal,
    IncentiveTotals,
    OwedInvoice,
    PayoutRequest,
    RecomputedIncentive,
)
from schema.inputs import KeyedInput, SensitiveInput, ref, text
from schema.pages import Connection, connection

IncentiveId = Annotated[strawberry.ID, strawberry.argument(description="Id of the incentive.")]
Period = Annotated[str, strawberry.argument(description="The month, as 2026-03.")]
OptionalPeriod = Annotated[str | None, strawberry.argument(description="Only those of this month, as 2026-03.")]
Frozen = Annotated[bool | None, strawberry.argument(description="Only frozen ones, or only those that are not.")]
Amount = Annotated[str, strawberry.argument(description="Performance of that association type, as 1200.50.")]
Total = Annotated[
    str | None, strawberry.argument(description="Performance of the whole month; absent: the same amount.")
]
Heads = Annotated[int, strawberry.argument(description="How many customers of that association type.")]
Type = Annotated[AssociationType, strawberry.argument(description="Whose performance it is.")]


@strawberry.input
class ConfirmIncentivesInput(KeyedInput):
    """Which incentives are right."""

    incentive_ids: list[strawberry.ID] = ref(IncentiveRow, "Ids of the incentives, at most 100.")


@strawberry.input
class RequestPayoutInput(SensitiveInput):
    """What is to be paid out, and how."""

    incentive_ids: list[strawberry.ID] = ref(IncentiveRow, "Ids of the incentives, at most 100.")
    method: PayoutMethod = strawberry.field(description="How; it cannot be changed afterwards.")


@strawberry.input
class FreezeIncentiveInput(KeyedInput):
    """Which incentive, and why."""

    id: strawberry.ID = ref(IncentiveRow, "Id of the incentive.", argument="incentive_id")
    reason: str = text("Why; the partner reads it.", most=500)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class UnfreezeIncentiveInput(KeyedInput):
    """Which incentive, and why."""

    id: strawberry.ID = ref(IncentiveRow, "Id of the incentive.", argument="incentive_id")
    reason: str = text("Why; kept on record.", most=500)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class CompletePayoutInput(KeyedInput):
    """Which payout."""

    id: strawberry.ID = ref(PayoutRow, "Id of the payout.", argument="payout_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RejectPayoutInput(KeyedInput):
    """Which payout, and why not."""

    id: strawberry.ID = ref(PayoutRow, "Id of the payout.", argument="payout_id")
    reason: str = text("Why; the partner reads it.", most=500)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="What became of one incentive of the input.")
class ConfirmIncentivesResult:
    """The source object is an item of the batch."""

    incentive = item(Incentive, "The incentive as it stands now.")
    user_errors = reasons()


@strawberry.type(description="A result for each incentive of the input.")
class ConfirmIncentivesPayload(BatchPayload):
    """The source object is a batch of incentives."""

    results: list[ConfirmIncentivesResult] = strawberry.field(description="One for each id, in the input's order.")


@strawberry.type(description="The incentive concerned.")
class IncentivePayload(Payload):
    """The source object is an Incentive."""

    incentive: Incentive | None = strawberry.field(description="The incentive as it stands now.")


@strawberry.input
class WithdrawDeferredPayoutInput(KeyedInput):
    """Which payout not to ask for again."""

    id: strawberry.ID = ref(DeferredRow, "Id of the deferred payout.", argument="deferred_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The deferred payout concerned.")
class DeferredPayoutPayload(Payload):
    """The source object is a DeferredPayout."""

    deferred_payout: DeferredPayout | None = strawberry.field(description="It, as it stands now.")


@strawberry.type(description="The payout concerned.")
class PayoutRequestPayload(Payload):
    """The source object is a PayoutRequest."""

    payout: PayoutRequest | None = strawberry.field(description="The payout as it stands now.")


@strawberry.type(description="A page of incentives.")
class IncentiveConnection(Connection[Incentive]):
    """A connection that also sums up the whole list."""

    @strawberry.field(
        description="Number and sum of the whole list's incentives, not only of this page, one entry for each"
        " currency. Costs 10 points.",
        metadata={"extensions": {"cost": Cost(weight=10, multiplier=1)}},
    )
    async def totals(self) -> list[IncentiveTotal]:
        """Over every incentive of the filter."""
        with database_errors():
            return await reads.totals_of(self.source.whole)  # type: ignore[return-value]


def _month(period: str) -> str:
    try:
        last_day(period)
    except ValueError:
        raise RequestError(Code.BAD_QUERY, "A month looks like 2026-03.", extra={"argument": ["period"]}) from None
    return period


def _minor(amount: str, name: str) -> int:
    parsed = parse_amount(amount)
    if isinstance(parsed, Violation):
        raise RequestError(Code.BAD_QUERY, "An amount looks like 1200.50.", extra={"argument": [name]})
    return parsed


@strawberry.type
class IncentiveQueries:
    """Root reads of this domain."""

    @connection(reads.incentives, Incentive, kind=IncentiveConnection)
    def incentives(
        self,
        ctx: Context,
        period: OptionalPeriod = None,
        status: IncentiveStatus | None = None,
        association_type: AssociationType | None = None,
        frozen: Frozen = None,
    ) -> QuerySet[Any]:
        """Your incentives, newest first; the vendor's staff see every partner's."""
        return reads.incentives(ctx, period=period, status=status, association_type=association_type, frozen=frozen)

    @connection(reads.payout_requests, PayoutRequest)
    def payout_requests(
        self, ctx: Context, status: PayoutStatus | None = None, method: PayoutMethod | None = None
    ) -> QuerySet[Any]:
        """Your requests for payout, newest first; the vendor's staff see every partner's."""
        return reads.payout_requests(ctx, status=status, method=method)

    @connection(resubmitting.deferred_payouts, DeferredPayout)
    def deferred_payouts(self, ctx: Context, status: DeferredStatus | None = None) -> QuerySet[Any]:
        """Payouts that were refused while business information was being certified, newest first."""
        return resubmitting.deferred_payouts(ctx, status=status)

    @connection(reads.owed_invoices, OwedInvoice)
    def owed_invoices(self, ctx: Context) -> QuerySet[Any]:
        """The invoices you owe the vendor for money you got without one, newest first."""
        return reads.owed_invoices(ctx)

    @query(reads.incentive_totals, cost=Cost(weight=5))
    async def incentive_totals(self, info: Info) -> list[IncentiveTotals]:
        """How much is pending, payable, frozen, being paid out and paid, by currency."""
        return await reads.incentive_totals(info.context.ctx)  # type: ignore[return-value]

    @query(explaining.incentive_policies)
    async def incentive_policies(self, info: Info, period: Period) -> list[IncentivePolicy]:
        """The policies that a month is settled by on your site: those in force on its last day."""
        return explaining.incentive_policies(info.context.ctx, period=_month(period))  # type: ignore[return-value]

    @query(explaining.simulate_incentive)
    async def simulate_incentive(
        self,
        info: Info,
        period: Period,
        association_type: Type,
        amount: Amount,
        total_amount: Total = None,
        customers: Heads = 1,
    ) -> list[IncentiveReckoning]:
        """What the policies of your site would give for these numbers, one entry for each policy."""
        return explaining.simulate_incentive(  # type: ignore[return-value]
            info.context.ctx,
            period=_month(period),
            association_type=association_type,
            amount=_minor(amount, "amount"),
            total=None if total_amount is None else _minor(total_amount, "totalAmount"),
            customers=customers,
        )

    @query(explaining.incentive_estimates, cost=Cost(weight=10))
    async def incentive_estimates(self, info: Info) -> list[IncentiveReckoning]:
        """What your months that are not final yet would give as they stand now."""
        return await explaining.incentive_estimates(info.context.ctx)  # type: ignore[return-value]

    @query(explaining.explain_incentive, cost=Cost(weight=10))
    async def explain_incentive(self, info: Info, id: IncentiveId) -> RecomputedIncentive | None:
        """Computes an incentive again from the month's lines, and says whether it comes out the same."""
        return await explaining.explain_incentive(info.context.ctx, id=id)  # type: ignore[return-value]


@strawberry.type
class IncentiveMutations:
    """Root mutations of this domain."""

    confirm_incentives = mutation(confirming.confirm_incentives, ConfirmIncentivesInput, ConfirmIncentivesPayload)
    request_payout = mutation(payouts.request_payout, RequestPayoutInput, PayoutRequestPayload)
    complete_payout = mutation(payouts.complete_payout, CompletePayoutInput, PayoutRequestPayload)
    reject_payout = mutation(payouts.reject_payout, RejectPayoutInput, PayoutRequestPayload)
    withdraw_deferred_payout = mutation(
        resubmitting.withdraw_deferred_payout, WithdrawDeferredPayoutInput, DeferredPayoutPayload
    )
    freeze_incentive = mutation(freezing.freeze_incentive, FreezeIncentiveInput, IncentivePayload)
    unfreeze_incentive = mutation(freezing.unfreeze_incentive, UnfreezeIncentiveInput, IncentivePayload)
