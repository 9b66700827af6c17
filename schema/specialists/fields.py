"""Root fields of project specialists."""

from typing import Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from resolvers import specialists as use_cases
from resolvers.context import Context
from rules.specialists import BindingState, SpecialistInvitationState
from schema.context import Info
from schema.fields import mutation, query
from schema.pages import connection
from schema.specialists.inputs import (
    AcceptSpecialistInvitationInput,
    DeclineSpecialistInvitationInput,
    InviteSpecialistInput,
    RequestSpecialistUnbindInput,
    ResendSpecialistInvitationInput,
    RevokeSpecialistInvitationInput,
    UnbindSpecialistInput,
)
from schema.specialists.profiles import (
    CertificateKind,
    RemoveSpecialistCertificateInput,
    RemoveSpecialistProjectInput,
    RemoveSpecialistTrainingInput,
    SaveSpecialistCertificateInput,
    SaveSpecialistEmploymentInput,
    SaveSpecialistProjectInput,
    SaveSpecialistTrainingInput,
    SpecialistCertificatePayload,
    SpecialistProfile,
    SpecialistProfilePayload,
    SpecialistProjectPayload,
    SpecialistTrainingPayload,
)
from schema.specialists.qualifying import (
    ApplyForSpecialistsInput,
    AssignSpecialistMemberInput,
    CancelSpecialistInput,
    RequestSpecialistCancellationInput,
    WithdrawSpecialistCancellationInput,
)
from schema.specialists.types import (
    ApplyForSpecialistsPayload,
    InviteeCheck,
    SpecialistBinding,
    SpecialistBindingPayload,
    SpecialistInvitation,
    SpecialistInvitationPayload,
    SpecialistOverview,
)

LinkToken = Annotated[str, strawberry.argument(description="The token, as it stands in the link.")]
Identifier = Annotated[str, strawberry.argument(description="A mobile number, an e-mail address or an account's name.")]


@strawberry.type
class SpecialistQueries:
    """Root reads of this domain."""

    @query(use_cases.check_invitee, cost=Cost(weight=50))
    async def check_invitee(self, info: Info, identifier: Identifier) -> InviteeCheck:
        """Whom you would invite by this identifier, masked, with every reason against it.

        What the invitation itself would refuse with. Never which other partner an account belongs to, nor who
        stands behind an account that is no person's own. Whoever may invite nobody is told that alone, and so
        is who has looked up too many within an hour (INVITEE_CHECK_LIMIT, with when it may again).
        """
        return await use_cases.check_invitee(info.context.ctx, identifier=identifier)  # type: ignore[return-value]

    @connection(use_cases.specialist_invitations, SpecialistInvitation)
    def specialist_invitations(self, ctx: Context, state: SpecialistInvitationState | None = None) -> QuerySet[Any]:
        """Your partner's invitations to employees' personal accounts, newest first; for the vendor all."""
        return use_cases.specialist_invitations(ctx, state=state)

    @connection(use_cases.specialist_bindings, SpecialistBinding)
    def specialist_bindings(self, ctx: Context, state: BindingState | None = None) -> QuerySet[Any]:
        """Personal accounts that are or were bound to your partner, newest first; for the vendor all."""
        return use_cases.specialist_bindings(ctx, state=state)

    @query(use_cases.specialist_overview, cost=Cost(weight=5))
    async def specialist_overview(self, info: Info) -> SpecialistOverview | None:
        """How many personal accounts are in each state."""
        return await use_cases.specialist_overview(info.context.ctx)  # type: ignore[return-value]

    @query(use_cases.specialist_invitation, cost=Cost(weight=5))
    async def specialist_invitation(self, info: Info, token: LinkToken) -> SpecialistInvitation | None:
        """What the link with this token leads you to; null alike for one that is unknown, over or somebody else's."""
        return await use_cases.specialist_invitation(info.context.ctx, token=token)  # type: ignore[return-value]

    @connection(use_cases.my_specialist_invitations, SpecialistInvitation)
    def my_specialist_invitations(self, ctx: Context, state: SpecialistInvitationState | None = None) -> QuerySet[Any]:
        """Partners' invitations to your own account, newest first."""
        return use_cases.my_specialist_invitations(ctx, state=state)

    @connection(use_cases.my_specialist_bindings, SpecialistBinding)
    def my_specialist_bindings(self, ctx: Context) -> QuerySet[Any]:
        """Partners that your own account is or was bound to, newest first."""
        return use_cases.my_specialist_bindings(ctx)

    @query(use_cases.my_specialist_profile, cost=Cost(weight=2))
    async def my_specialist_profile(self, info: Info) -> SpecialistProfile | None:
        """What you tell of yourself; null when your account was never bound to a partner."""
        return await use_cases.my_specialist_profile(info.context.ctx)  # type: ignore[return-value]

    @query(use_cases.certificate_catalogue)
    async def certificate_catalogue(self, info: Info) -> list[CertificateKind]:
        """Every kind of certificate that persons can tell of."""
        return await use_cases.certificate_catalogue(info.context.ctx)  # type: ignore[return-value]


@strawberry.type
class SpecialistMutations:
    """Root mutations of this domain."""

    invite_specialist = mutation(use_cases.invite_specialist, InviteSpecialistInput, SpecialistInvitationPayload)
    resend_specialist_invitation = mutation(
        use_cases.resend_specialist_invitation, ResendSpecialistInvitationInput, SpecialistInvitationPayload
    )
    revoke_specialist_invitation = mutation(
        use_cases.revoke_specialist_invitation, RevokeSpecialistInvitationInput, SpecialistInvitationPayload
    )
    accept_specialist_invitation = mutation(
        use_cases.accept_specialist_invitation, AcceptSpecialistInvitationInput, SpecialistBindingPayload
    )
    decline_specialist_invitation = mutation(
        use_cases.decline_specialist_invitation, DeclineSpecialistInvitationInput, SpecialistInvitationPayload
    )
    unbind_specialist = mutation(use_cases.unbind_specialist, UnbindSpecialistInput, SpecialistBindingPayload)
    request_specialist_unbind = mutation(
        use_cases.request_specialist_unbind, RequestSpecialistUnbindInput, SpecialistBindingPayload
    )
    save_specialist_employment = mutation(
        use_cases.save_specialist_employment, SaveSpecialistEmploymentInput, SpecialistProfilePayload
    )
    save_specialist_certificate = mutation(
        use_cases.save_specialist_certificate, SaveSpecialistCertificateInput, SpecialistCertificatePayload
    )
    save_specialist_training = mutation(
        use_cases.save_specialist_training, SaveSpecialistTrainingInput, SpecialistTrainingPayload
    )
    save_specialist_project = mutation(
        use_cases.save_specialist_project, SaveSpecialistProjectInput, SpecialistProjectPayload
    )
    remove_specialist_certificate = mutation(
        use_cases.remove_specialist_certificate, RemoveSpecialistCertificateInput, SpecialistProfilePayload
    )
    remove_specialist_training = mutation(
        use_cases.remove_specialist_training, RemoveSpecialistTrainingInput, SpecialistProfilePayload
    )
    remove_specialist_project = mutation(
        use_cases.remove_specialist_project, RemoveSpecialistProjectInput, SpecialistProfilePayload
    )
    apply_for_specialists = mutation(
        use_cases.apply_for_specialists, ApplyForSpecialistsInput, ApplyForSpecialistsPayload
    )
    request_specialist_cancellation = mutation(
        use_cases.request_specialist_cancellation, RequestSpecialistCancellationInput, SpecialistBindingPayload
    )
    withdraw_specialist_cancellation = mutation(
        use_cases.withdraw_specialist_cancellation, WithdrawSpecialistCancellationInput, SpecialistBindingPayload
    )
    cancel_specialist = mutation(use_cases.cancel_specialist, CancelSpecialistInput, SpecialistBindingPayload)
    assign_specialist_member = mutation(
        use_cases.assign_specialist_member, AssignSpecialistMemberInput, SpecialistBindingPayload
    )
