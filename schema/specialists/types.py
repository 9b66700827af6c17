"""What invitations and bindings of personal accounts look like."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from core.ids import encode_id
from models.accounts import Account as AccountRow
from resolvers import specialists as use_cases
from rules.specialists import BindingState, SpecialistInvitationState
from rules.statements import StatementCode, find_statement
from schema.accounts import Account
from schema.actions import ActionState
from schema.batch import BatchPayload, item, reasons
from schema.columns import looks_at
from schema.context import Info
from schema.errors import UserError
from schema.fields import HowMany, Payload, relation
from schema.nodes import Node, OfRow, Versioned
from schema.rules import Statement
from schema.specialists.profiles import SpecialistProfile
from schema.specialists.qualifying import SpecialistApplication, SpecialistCancellation

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(SpecialistInvitationState, description="What became of an invitation to a personal account.")
strawberry.enum(
    BindingState,
    name="SpecialistBindingState",
    description="How a personal account belongs to a partner, and whether its holder is a project specialist.",
)

_NEWEST = {"first": HowMany(5, 20, "How many of the newest")}
PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]


@strawberry.type(description="A partner's invitation to an employee's personal account.")
class SpecialistInvitation(Versioned, Node, OfRow):
    """The source object is a SpecialistInvitation row."""

    partner_name: str = strawberry.field(description="Who invites.")
    masked_name: str = strawberry.field(description="How the person is called, masked.")
    sent_at: datetime = strawberry.field(description="When it was sent last.")
    sent_count: int = strawberry.field(description="How often it was sent.")
    valid_until: datetime = strawberry.field(description="From this instant on it can no longer be answered.")
    answered_at: datetime | None = strawberry.field(description="When the person accepted or declined.")
    partner = relation(use_cases.partners_of, PartnerType | None, "The partner that invites, for those who see it.")
    actions = relation(
        use_cases.invitation_actions,
        list[ActionState],
        "What you may do with it now: RESEND, REVOKE; for the person ACCEPT, DECLINE.",
        columns=("account_id", "partner_id", "state", "valid_until", "sent_at"),
    )

    @strawberry.field(description="What the person agrees to by accepting.", metadata=looks_at("id"))
    def statement(self) -> Statement | None:
        """The version in force."""
        return find_statement(StatementCode.SHARING, None)  # type: ignore[return-value]

    @strawberry.field(description="What became of it.", metadata=looks_at("state", "valid_until"))
    def state(self, info: Info) -> SpecialistInvitationState:
        """The state that counts now."""
        row: Any = self
        return use_cases.state_of(info.context.ctx, row)


@strawberry.type(description="A personal account's belonging to a partner, from its consent to its end.")
class SpecialistBinding(Versioned, Node, OfRow):
    """The source object is a SpecialistBinding row."""

    partner_name: str = strawberry.field(description="Which partner.")
    masked_name: str = strawberry.field(description="How the person is called, masked.")
    state: BindingState = strawberry.field(description="Bound, on the way to or from a specialist, or unbound.")
    bound_at: datetime = strawberry.field(description="When the person agreed.")
    statement_version: str = strawberry.field(description="The version of the statement on sharing that was agreed to.")

    @strawberry.field(description="What the person agreed to.", metadata=looks_at("statement_version"))
    def statement(self) -> Statement | None:
        """The version that was agreed to."""
        row: Any = self
        return find_statement(StatementCode.SHARING, row.statement_version)  # type: ignore[return-value]

    unbind_requested_at: datetime | None = strawberry.field(description="When the person asked to be unbound.")
    unbind_wish: str | None = strawberry.field(description="Why the person asked to be unbound.")
    unbound_at: datetime | None = strawberry.field(description="When it ended; from then on nothing is shared.")
    reason: str | None = strawberry.field(description="Why the main account ended it.")
    partner = relation(use_cases.partners_of, PartnerType | None, "The partner, for those who see it.")
    profile = relation(
        use_cases.profiles_of, SpecialistProfile | None, "What the person tells of itself; null from the end on."
    )
    member = relation(
        use_cases.members_of,
        Account | None,
        "The member of your partner that the person is, where you have said so; for the partner's own people.",
    )
    applications = relation(
        use_cases.applications_of,
        list[SpecialistApplication],
        "Applications for the person as a specialist, newest first; the newest counts.",
        arguments=_NEWEST,
        columns=("id",),
    )
    cancellations = relation(
        use_cases.cancellations_of,
        list[SpecialistCancellation],
        "Requests and decisions to cancel the specialist, newest first.",
        arguments=_NEWEST,
        columns=("id",),
    )
    actions = relation(
        use_cases.binding_actions,
        list[ActionState],
        "What you may do with it now: APPLY, REQUEST_CANCELLATION, WITHDRAW_CANCELLATION, UNBIND; for the person"
        " REQUEST_UNBIND, for the vendor CANCEL.",
        columns=("account_id", "state", "unbind_requested_at"),
    )


@strawberry.type(description="An account that the identifier may mean. Name and contacts are masked.")
class CheckedInvitee:
    """The source object is a CheckedInvitee."""

    name: str | None = strawberry.field(description="How its person is called, masked; of a personal account alone.")
    mobile: str | None = strawberry.field(description="Its mobile number, masked; of a personal account alone.")
    email: str | None = strawberry.field(description="Its e-mail address, masked; of a personal account alone.")
    blockers: list[UserError] = strawberry.field(
        description="Every reason against inviting it, in a fixed order; empty when it can be invited."
    )

    @strawberry.field(description="The account's id, to name the one you mean; of a personal account alone.")
    def account_id(self) -> strawberry.ID | None:
        """The public id of the account."""
        row: Any = self
        return None if row.account_id is None else strawberry.ID(encode_id(AccountRow.prefix, row.account_id))


@strawberry.type(description="Whom an identifier means, before anybody is invited.")
class InviteeCheck:
    """The source object is an InviteeCheck."""

    blockers: list[UserError] = strawberry.field(
        description="What keeps you from inviting by this identifier at all: nobody found, you may invite nobody, or"
        " you have looked up too many within an hour."
    )
    invitees: list[CheckedInvitee] = strawberry.field(description="The accounts that it may mean.")


@strawberry.type(description="How many accounts are in each state, each counted once with its newest.")
class SpecialistOverview:
    """The source object is a SpecialistOverview."""

    invited: int = strawberry.field(description="Invited, not answered yet.")
    declined: int = strawberry.field(description="Declined the invitation.")
    expired: int = strawberry.field(description="Did not answer in time.")
    revoked: int = strawberry.field(description="The invitation was taken back.")
    bound: int = strawberry.field(description="Bound, and no specialists.")
    specialist_review: int = strawberry.field(description="The application as a specialist is in review.")
    specialist_rejected: int = strawberry.field(description="The application as a specialist was rejected.")
    specialist: int = strawberry.field(description="Project specialists.")
    cancel_review: int = strawberry.field(description="Specialists whose cancellation is in review.")
    cancelled: int = strawberry.field(description="No longer specialists, by the partner's wish.")
    vendor_cancelled: int = strawberry.field(description="No longer specialists, by the vendor's decision.")
    unbound: int = strawberry.field(description="No longer bound.")


@strawberry.type(description="The invitation concerned.")
class SpecialistInvitationPayload(Payload):
    """The source object is a SpecialistInvitation."""

    invitation: SpecialistInvitation | None = strawberry.field(description="The invitation as it stands now.")


@strawberry.type(description="The binding concerned.")
class SpecialistBindingPayload(Payload):
    """The source object is a SpecialistBinding."""

    binding: SpecialistBinding | None = strawberry.field(description="The binding as it stands now.")


@strawberry.type(description="What became of one person.")
class SpecialistResult:
    """The source object is a batch's Item."""

    binding = item(SpecialistBinding, "The binding as it stands now.")
    user_errors = reasons()


@strawberry.type(description="A result for each person, in the order given.")
class ApplyForSpecialistsPayload(BatchPayload):
    """The source object is a Batch of bindings."""

    results: list[SpecialistResult] = strawberry.field(description="What became of each.")
