"""Inputs, payloads and root fields of development paths."""

from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.ids import filter_id
from models.partners import Partner as PartnerRow
from models.paths import PathEnrollment as PathEnrollmentRow
from resolvers import paths as use_cases
from resolvers.context import Context
from rules.paths import PathCode, PathRecordKind, PathState
from schema.context import Info
from schema.fields import Payload, mutation, query
from schema.inputs import KeyedInput, ref, text
from schema.pages import connection
from schema.paths.types import HoEligibility, PathEnrollment, PathRecord, PathType


@strawberry.input
class SelectPathInput(KeyedInput):
    """Which path to take."""

    path: PathCode = strawberry.field(description="The path.")


@strawberry.input
class InviteToPathInput(KeyedInput):
    """Whom the vendor invites to which path."""

    partner_id: strawberry.ID = ref(PartnerRow, "Id of the partner.")
    path: PathCode = strawberry.field(description="The path.")


@strawberry.input
class AcceptPathInvitationInput(KeyedInput):
    """The invitation to accept."""

    id: strawberry.ID = ref(PathEnrollmentRow, "Id of the enrollment.", argument="enrollment_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ApplyRoleValidationInput(KeyedInput):
    """The application for a path's role."""

    id: strawberry.ID = ref(PathEnrollmentRow, "Id of the enrollment.", argument="enrollment_id")
    case_materials: str | None = text(
        "Where the case materials are found; null: those handed in before.", most=500, default=None
    )
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ApplyDifferentiationInput(KeyedInput):
    """The application for a path's highest stage."""

    id: strawberry.ID = ref(PathEnrollmentRow, "Id of the enrollment.", argument="enrollment_id")
    business_plan: str | None = text(
        "Where the business plan is found; null: the one handed in before.", most=500, default=None
    )
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SubmitAnnualReviewInput(KeyedInput):
    """The yearly review to submit."""

    id: strawberry.ID = ref(PathEnrollmentRow, "Id of the enrollment.", argument="enrollment_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class WithdrawPathApplicationInput(KeyedInput):
    """The application to take back."""

    id: strawberry.ID = ref(PathEnrollmentRow, "Id of the enrollment.", argument="enrollment_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ExitPathInput(KeyedInput):
    """The path to leave."""

    id: strawberry.ID = ref(PathEnrollmentRow, "Id of the enrollment.", argument="enrollment_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RecordPathExitInput(KeyedInput):
    """An exit agreed on with the ecosystem manager."""

    id: strawberry.ID = ref(PathEnrollmentRow, "Id of the enrollment.", argument="enrollment_id")
    reason: str = text("Why.", most=500)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SetPathRecordInput(KeyedInput):
    """What is recorded about a partner."""

    partner_id: strawberry.ID = ref(PartnerRow, "Id of the partner.")
    kind: PathRecordKind = strawberry.field(description="What is counted.")
    count: int = strawberry.field(description="How many there are, 0 to 100,000.")


@strawberry.type(description="The enrollment concerned.")
class PathEnrollmentPayload(Payload):
    """The source object is a PathEnrollment."""

    enrollment: PathEnrollment | None = strawberry.field(description="The enrollment as it stands now.")


@strawberry.type(description="The record concerned.")
class PathRecordPayload(Payload):
    """The source object is a PathRecord."""

    record: PathRecord | None = strawberry.field(description="The record as it stands now.")


@strawberry.type
class PathQueries:
    """Root reads of this domain."""

    @query(use_cases.paths)
    async def paths(self, info: Info) -> list[PathType]:
        """Every development path: your stage on it, what the stages ask for, what keeps you on it, what you may do."""
        return await use_cases.paths(info.context.ctx)  # type: ignore[return-value]

    @query(use_cases.ho_eligibility)
    async def ho_eligibility(
        self,
        info: Info,
        partner_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="For the vendor: which partner.")
        ] = None,
    ) -> HoEligibility | None:
        """Whether the vendor may share its own opportunities with your partner, and if not, every reason."""
        wanted = filter_id(PartnerRow.prefix, partner_id)
        return await use_cases.ho_eligibility(info.context.ctx, partner_id=wanted)  # type: ignore[return-value]

    @connection(use_cases.path_enrollments, PathEnrollment)
    def path_enrollments(
        self, ctx: Context, path: PathCode | None = None, state: PathState | None = None
    ) -> QuerySet[Any]:
        """Ways along paths that you see, newest first, those that have ended included."""
        return use_cases.path_enrollments(ctx, path=path, state=state)


@strawberry.type
class PathMutations:
    """Root mutations of this domain."""

    select_path = mutation(use_cases.select_path, SelectPathInput, PathEnrollmentPayload)
    accept_path_invitation = mutation(
        use_cases.accept_path_invitation, AcceptPathInvitationInput, PathEnrollmentPayload
    )
    apply_role_validation = mutation(use_cases.apply_role_validation, ApplyRoleValidationInput, PathEnrollmentPayload)
    apply_differentiation = mutation(use_cases.apply_differentiation, ApplyDifferentiationInput, PathEnrollmentPayload)
    submit_annual_review = mutation(use_cases.submit_annual_review, SubmitAnnualReviewInput, PathEnrollmentPayload)
    withdraw_path_application = mutation(
        use_cases.withdraw_path_application, WithdrawPathApplicationInput, PathEnrollmentPayload
    )
    exit_path = mutation(use_cases.exit_path, ExitPathInput, PathEnrollmentPayload)
    invite_to_path = mutation(use_cases.invite_to_path, InviteToPathInput, PathEnrollmentPayload)
    record_path_exit = mutation(use_cases.record_path_exit, RecordPathExitInput, PathEnrollmentPayload)
    set_path_record = mutation(use_cases.set_path_record, SetPathRecordInput, PathRecordPayload)
