"""Root fields and inputs of the experts' incentive."""

from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from models.experts import Expert as ExpertRow
from models.experts import ExpertIncentive as ExpertIncentiveRow
from models.specialists import SpecialistBinding as SpecialistBindingRow
from resolvers import experts as use_cases
from resolvers.context import Context
from rules.experts import (
    PROJECT_LENGTH,
    WORDS_LENGTH,
    ExpertIncentiveStatus,
    ExpertLevel,
    ExpertQualificationState,
    ExpertSchemeCode,
)
from rules.incentives.kinds import PayoutMethod
from schema.context import Info
from schema.documents import handed_in
from schema.experts.types import Expert, ExpertIncentive, ExpertQualification, ExpertScheme
from schema.fields import Payload, mutation, query
from schema.incentives.fields import PayoutRequestPayload
from schema.inputs import KeyedInput, SensitiveInput, ref, text
from schema.pages import connection
from schema.vouchers.inputs import AMOUNT_MOST

Period = Annotated[str | None, strawberry.argument(description="The month, as 2026-03; null: any.")]
_VERSION = "The version you know."
_FILES = "as many as the policy allows, 100 at most."


@strawberry.input
class ApplyForExpertSchemeInput(KeyedInput):
    """The scheme, and the agreement that is accepted with the application."""

    scheme: ExpertSchemeCode = strawberry.field(description="Which scheme.")
    agreement_version: str = text("The agreement you accept, from expertSchemes.", most=20)


@strawberry.input
class EnterExpertInput(KeyedInput):
    """A partner's project specialist."""

    binding_id: strawberry.ID = ref(SpecialistBindingRow, "Id of the person's belonging to its partner.")
    scheme: ExpertSchemeCode = strawberry.field(description="For which scheme.")
    level: ExpertLevel = strawberry.field(description="How much it can do.")
    assessed: bool = strawberry.field(
        default=False,
        description="Whether it has passed the vendor's own assessment, which may stand for certificates.",
    )
    project: str | None = text("The project it is entered for.", most=PROJECT_LENGTH, default=None)


@strawberry.input
class RemoveExpertInput(KeyedInput):
    """The expert, and why."""

    id: strawberry.ID = ref(ExpertRow, "Id of the expert.", argument="expert_id")
    reason: str = text("Why; the partner reads it.", most=500)
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.input
class RequestExpertIncentiveInput(KeyedInput):
    """The scheme whose list you ask for."""

    scheme: ExpertSchemeCode = strawberry.field(description="Which scheme.")


@strawberry.input
class ConfirmExpertIncentiveInput(KeyedInput):
    """The list, and the two numbers that you acknowledge."""

    id: strawberry.ID = ref(ExpertIncentiveRow, "Id of the list.", argument="incentive_id")
    head_count: int = strawberry.field(description="The number of experts that you have checked.")
    total: str = text("The total that you have checked, decimal, in the list's currency.", most=AMOUNT_MOST)
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.input
class DisputeExpertIncentiveInput(KeyedInput):
    """The list, and what you have against it."""

    id: strawberry.ID = ref(ExpertIncentiveRow, "Id of the list.", argument="incentive_id")
    objection: str = text("What is wrong with it.", most=WORDS_LENGTH)
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.input
class AnswerExpertDisputeInput(KeyedInput):
    """The list, the vendor's answer, and whether the list is counted anew."""

    id: strawberry.ID = ref(ExpertIncentiveRow, "Id of the list.", argument="incentive_id")
    answer: str = text("What the partner is told.", most=WORDS_LENGTH)
    recount: bool = strawberry.field(description="Whether the list is made anew from the experts that count now.")
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.input
class SubmitExpertMaterialsInput(KeyedInput):
    """The list, and the files that show its experts; those of an earlier time are replaced."""

    id: strawberry.ID = ref(ExpertIncentiveRow, "Id of the list.", argument="incentive_id")
    employment_ids: list[strawberry.ID] | None = handed_in(
        f"Proof of employment, {_FILES}", argument="employment_ids", default=None
    )
    social_insurance_ids: list[strawberry.ID] | None = handed_in(
        f"A third party's proof of social insurance with name, place, employer, print date and months, {_FILES}",
        argument="social_insurance_ids",
        default=None,
    )
    acceptance_ids: list[strawberry.ID] | None = handed_in(
        f"Certificates, service cases and the month's evaluation, {_FILES}",
        argument="acceptance_ids",
        default=None,
    )
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.input
class RequestExpertPayoutInput(SensitiveInput):
    """The lists, and how they are paid out."""

    incentive_ids: list[strawberry.ID] = ref(ExpertIncentiveRow, "Ids of the lists, up to 100.")
    method: PayoutMethod = strawberry.field(description="ACCOUNT or BANK_TRANSFER; either waits for your invoice.")


@strawberry.type(description="The qualification concerned.")
class ExpertQualificationPayload(Payload):
    """The source object is an ExpertQualification."""

    qualification: ExpertQualification | None = strawberry.field(description="The qualification as it stands now.")


@strawberry.type(description="The expert concerned.")
class ExpertPayload(Payload):
    """The source object is an Expert."""

    expert: Expert | None = strawberry.field(description="The expert as it stands now.")


@strawberry.type(description="The list concerned.")
class ExpertIncentivePayload(Payload):
    """The source object is an ExpertIncentive."""

    incentive: ExpertIncentive | None = strawberry.field(description="The list as it stands now.")


@strawberry.type
class ExpertQueries:
    """Root reads of this domain."""

    @query(use_cases.expert_schemes)
    async def expert_schemes(self, info: Info) -> list[ExpertScheme]:
        """Every scheme of the experts' incentive on your site: your qualification, and what you may do."""
        return await use_cases.expert_schemes(info.context.ctx)  # type: ignore[return-value]

    @connection(use_cases.expert_qualifications, ExpertQualification)
    def expert_qualifications(
        self, ctx: Context, scheme: ExpertSchemeCode | None = None, state: ExpertQualificationState | None = None
    ) -> QuerySet[Any]:
        """Qualifications that you see, newest first: your partner's, for the vendor everybody's."""
        return use_cases.expert_qualifications(ctx, scheme=scheme, state=state)

    @connection(use_cases.experts, Expert)
    def experts(
        self,
        ctx: Context,
        scheme: ExpertSchemeCode | None = None,
        ended: Annotated[
            bool | None, strawberry.argument(description="True: those entered no more; false: those that are.")
        ] = None,
    ) -> QuerySet[Any]:
        """Experts that you see, newest first: your partner's, for the vendor everybody's."""
        return use_cases.experts(ctx, scheme=scheme, ended=ended)

    @connection(use_cases.expert_incentives, ExpertIncentive)
    def expert_incentives(
        self,
        ctx: Context,
        scheme: ExpertSchemeCode | None = None,
        period: Period = None,
        status: ExpertIncentiveStatus | None = None,
    ) -> QuerySet[Any]:
        """Lists of experts that you see, newest first: your partner's, for the vendor everybody's."""
        return use_cases.expert_incentives(ctx, scheme=scheme, period=period, status=status)


@strawberry.type
class ExpertMutations:
    """Root mutations of this domain."""

    apply_for_expert_scheme = mutation(
        use_cases.apply_for_expert_scheme, ApplyForExpertSchemeInput, ExpertQualificationPayload
    )
    enter_expert = mutation(use_cases.enter_expert, EnterExpertInput, ExpertPayload)
    remove_expert = mutation(use_cases.remove_expert, RemoveExpertInput, ExpertPayload)
    request_expert_incentive = mutation(
        use_cases.request_expert_incentive, RequestExpertIncentiveInput, ExpertIncentivePayload
    )
    confirm_expert_incentive = mutation(
        use_cases.confirm_expert_incentive, ConfirmExpertIncentiveInput, ExpertIncentivePayload
    )
    dispute_expert_incentive = mutation(
        use_cases.dispute_expert_incentive, DisputeExpertIncentiveInput, ExpertIncentivePayload
    )
    answer_expert_dispute = mutation(use_cases.answer_expert_dispute, AnswerExpertDisputeInput, ExpertIncentivePayload)
    request_expert_payout = mutation(use_cases.request_expert_payout, RequestExpertPayoutInput, PayoutRequestPayload)
    submit_expert_materials = mutation(
        use_cases.submit_expert_materials, SubmitExpertMaterialsInput, ExpertIncentivePayload
    )
