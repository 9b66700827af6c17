"""GraphQL of people: accounts, sessions, and how to sign up and in."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from models.base import Mask
from models.verifications import Verification
from resolvers import accounts, members
from resolvers.context import Context
from rules.accounts import AccountKind, AccountStatus, RealNameKind, RealNameState
from rules.members import compute_locked_roles
from rules.verifications import Channel, Scene
from schema.accounts.real_name import DecideRealNameInput, RealNameCase, RealNameCasePayload, SubmitRealNameInput
from schema.actions import ActionState
from schema.challenges import Challenge
from schema.columns import looks_at
from schema.context import Info
from schema.enums import InvitationState, Role, Site
from schema.fields import Payload, masked, mutation, query, relation
from schema.inputs import CommandInput, SecretInput, SensitiveInput, ref, text
from schema.nodes import Node, OfRow, Versioned, encoded
from schema.pages import connection

if TYPE_CHECKING:
    from schema.members import CustomRole

CustomRoleType = Annotated["CustomRole", strawberry.lazy("schema.members")]

strawberry.enum(Scene, name="CodeScene", description="What a code is for; it is worthless for anything else.")
strawberry.enum(AccountKind, description="What signs in.")
strawberry.enum(AccountStatus, description="Whether the account works.")


@strawberry.type(description="A person or company that can sign in.")
class Account(Versioned, Node, OfRow):
    """The source object is an Account row."""

    site: Site = strawberry.field(description="Where it lives.")
    kind: AccountKind = strawberry.field(description="What signs in.")
    status: AccountStatus = strawberry.field(description="Whether it works.")
    name: str | None = strawberry.field(description="Login name of a partner's member; null for others.")
    position: str | None = strawberry.field(description="What a member does in its company, in its own words.")
    real_name_state: RealNameState = strawberry.field(description="Where real-name authentication stands.")
    real_name_kind: RealNameKind | None = strawberry.field(description="Whose real name; null before the first case.")
    is_main: bool = strawberry.field(description="Whether it is its partner's main account.")
    locale: str | None = strawberry.field(description="Preferred language; null: as the request asks.")
    retained_until: datetime | None = strawberry.field(
        description="While it is closed: from this instant on it is deleted and cannot be restored."
    )
    time_zone: str | None = strawberry.field(description="Zone of the times in its messages; null: its partner's.")
    full_name = masked("full_name", Mask.NAME, "How the person or company is called.")
    mobile = masked("mobile", Mask.MOBILE, "Mobile number in E.164.")
    email = masked("email", Mask.EMAIL, "E-mail address.")

    custom_roles = relation(
        members.custom_roles_of, list[CustomRoleType], "Its custom roles in its partner, oldest first.", columns=("id",)
    )

    director = relation(
        members.directors_of,
        Annotated["Account", strawberry.lazy("schema.accounts")] | None,
        "The account director above an account manager; null without one.",
    )

    actions = relation(
        members.member_actions_of,
        list[ActionState],
        "What you may do with it as a member of your partner, else nothing: CHANGE_ROLES, DISABLE, ENABLE,"
        " RESET_PASSWORD, ASSIGN_DIRECTOR, REMOVE.",
        columns=("kind", "partner_id", "status", "roles", "roles_in_review", "director_id"),
    )

    @strawberry.field(description="Its preset roles as a member or of the staff.", metadata=looks_at("roles"))
    def roles(self) -> list[Role]:
        """The stored roles as the enum."""
        row: Any = self
        return [role for role in Role if role.value in row.roles]

    @strawberry.field(
        description="Those of its roles that a member keeps while its qualification is in review.",
        metadata=looks_at("roles", "roles_in_review"),
    )
    def locked_roles(self) -> list[Role]:
        """Asked of the same rule as a change of roles."""
        row: Any = self
        return compute_locked_roles(set(map(Role, row.roles)), set(map(Role, row.roles_in_review)))


@strawberry.input
class RequestCodeInput(CommandInput):
    """Exactly one of mobile and email."""

    scene: Scene = strawberry.field(description="SIGN_UP, SIGN_IN, RESET_PASSWORD or RESTORE_ACCOUNT.")
    site: Site = strawberry.field(description="The site the account belongs to.")
    mobile: str | None = text("Mobile number.", most=32, default=None)
    email: str | None = text("E-mail address.", most=64, default=None)


@strawberry.type(description="The code on its way.")
class RequestCodePayload(Payload):
    """The challenge looks the same whether or not an account has the contact."""

    challenge: Challenge | None = strawberry.field(description="Its id and the code open the next mutation.")


@strawberry.input
class SignUpInput(SecretInput):
    """A code of scene SIGN_UP and the account to be made."""

    verification_id: strawberry.ID = ref(Verification, "Id of the challenge that was answered.")
    code: str = text("The code as received.", most=12)
    password: str = text("The new password.", most=128)
    kind: AccountKind = strawberry.field(description="PERSONAL or ENTERPRISE.")
    full_name: str = text("How the person or company is called.", most=128)
    terms_version: str | None = text("Version of the accepted terms.", most=20, default=None)


@strawberry.type(description="A session just opened. The tokens are shown once.")
class SessionPayload(Payload):
    """The source object is a SignedIn."""

    account: Account | None = strawberry.field(description="Who is signed in.")
    access_token: str | None = strawberry.field(description="For the Authorization header: Bearer, 15 minutes.")
    refresh_token: str | None = strawberry.field(description="For refreshSession, once; 30 days.")


@strawberry.input
class SignInInput(SecretInput):
    """Exactly one of mobile and email, and the password."""

    site: Site = strawberry.field(description="The site the account belongs to.")
    password: str = text("The password.", most=128)
    mobile: str | None = text("Mobile number.", most=32, default=None)
    email: str | None = text("E-mail address.", most=64, default=None)


@strawberry.input
class SignInAsMemberInput(SecretInput):
    """The partner, the member's name in it, and the member's password."""

    site: Site = strawberry.field(description="The site the accounts belong to.")
    administrator: str = text("Mobile number or e-mail address of the partner's administrator account.", most=64)
    username: str = text("User name of the member.", most=64)
    password: str = text("The member's password.", most=128)


@strawberry.input
class SignInWithCodeInput(SecretInput):
    """A code of scene SIGN_IN."""

    verification_id: strawberry.ID = ref(Verification, "Id of the challenge that was answered.")
    code: str = text("The code as received.", most=12)


@strawberry.input
class RefreshSessionInput(SecretInput):
    """A refresh token, good for one use."""

    refresh_token: str = text("The refresh token.", most=100)


@strawberry.input
class ResetPasswordInput(SecretInput):
    """A code of scene RESET_PASSWORD and the new password."""

    verification_id: strawberry.ID = ref(Verification, "Id of the challenge that was answered.")
    code: str = text("The code as received.", most=12)
    new_password: str = text("The new password.", most=128)


@strawberry.input
class RequestMemberPasswordResetInput(CommandInput):
    """Which member of which partner."""

    site: Site = strawberry.field(description="The site the accounts belong to.")
    administrator: str = text("Mobile number or e-mail address of the partner's administrator account.", most=64)
    username: str = text("User name of the member.", most=64)


@strawberry.type(description="The code on its way, if there is such a member.")
class RequestMemberPasswordResetPayload(Payload):
    """The source object is a Verification; where its code goes is told to nobody."""

    verification_id: strawberry.ID | None = strawberry.field(description="For verifyResetCode.")
    expires_at: datetime | None = strawberry.field(description="From this instant on the code is refused.")

    @classmethod
    def values(cls, result: Any, names: list[str]) -> dict[str, Any]:
        """Its id, and until when it counts."""
        if result is None:
            return dict.fromkeys(names)
        return {"verification_id": encoded(result.prefix, result.id), "expires_at": result.expires_at}


@strawberry.input
class VerifyResetCodeInput(SecretInput):
    """A code that requestMemberPasswordReset has sent."""

    verification_id: strawberry.ID = ref(Verification, "The id that it answered with.")
    code: str = text("The code as received.", most=12)


@strawberry.type(description="What a new password is set with. It is shown once.")
class TicketPayload(Payload):
    """The source object is a Ticket."""

    ticket: str | None = strawberry.field(description="For setPassword, once.")
    expires_at: datetime | None = strawberry.field(description="From this instant on it opens nothing.")


@strawberry.input
class SetPasswordInput(SecretInput):
    """A ticket and the new password."""

    ticket: str = text("From verifyResetCode, or what follows # in the link that an administrator had sent.", most=100)
    new_password: str = text("The new password.", most=128)


@strawberry.input
class ChangePasswordInput(SecretInput):
    """The old password and the new one."""

    old_password: str = text("The present password.", most=128)
    new_password: str = text("The new password.", most=128)


@strawberry.input
class RequestContactChangeInput(SensitiveInput):
    """Exactly one of mobile and email."""

    mobile: str | None = text("The new mobile number.", most=32, default=None)
    email: str | None = text("The new e-mail address.", most=64, default=None)
    prove_by: Channel | None = strawberry.field(
        default=None, description="Which present contact gets the first code; null: the one for the site's channel."
    )


@strawberry.input
class ChangeContactInput(SecretInput):
    """A code of scene CHANGE_CONTACT."""

    verification_id: strawberry.ID = ref(Verification, "Id of the challenge that was answered.")
    code: str = text("The code as received.", most=12)


@strawberry.type(description="A link by mail with which a company gets a further account.")
class QuickRegistration(Versioned, Node, OfRow):
    """The source object is a QuickRegistration row."""

    valid_until: datetime = strawberry.field(description="From this instant on it opens no more.")

    @strawberry.field(description="Whether it still opens the door.", metadata=looks_at("state", "valid_until"))
    def state(self, info: Info) -> InvitationState:
        """The state that counts now."""
        row: Any = self
        return accounts.quick_registration_state(info.context.ctx, row)


@strawberry.input
class StartQuickRegistrationInput(SensitiveInput):
    """Nothing but the options."""


@strawberry.type(description="The link on its way.")
class QuickRegistrationPayload(Payload):
    """The source object is a QuickRegistration."""

    registration: QuickRegistration | None = strawberry.field(description="The link as it stands now.")


@strawberry.input
class CompleteQuickRegistrationInput(SecretInput):
    """The link's token, a code of scene SIGN_UP, and the account to be made."""

    token: str = text("The token, as it stands in the link.", most=100)
    verification_id: strawberry.ID = ref(Verification, "Id of the challenge that was answered.")
    code: str = text("The code as received.", most=12)
    password: str = text("The new password.", most=128)
    terms_version: str | None = text("Version of the accepted terms.", most=20, default=None)


@strawberry.input
class CancelAccountInput(SensitiveInput):
    """Nothing but the options."""


@strawberry.input
class RestoreAccountInput(SecretInput):
    """A code of scene RESTORE_ACCOUNT."""

    verification_id: strawberry.ID = ref(Verification, "Id of the challenge that was answered.")
    code: str = text("The code as received.", most=12)


@strawberry.input
class SignOutInput(CommandInput):
    """Nothing but the options."""


@strawberry.input
class RevokeSessionsInput(CommandInput):
    """Nothing but the options."""


@strawberry.type(description="The account concerned.")
class AccountPayload(Payload):
    """The source object is an Account."""

    account: Account | None = strawberry.field(description="The account as it stands now.")


@strawberry.type
class AccountQueries:
    """Root reads of this domain."""

    @query(accounts.viewer)
    async def viewer(self, info: Info) -> Account | None:
        """Your own account; null when you are not signed in."""
        return await accounts.viewer(info.context.ctx)  # type: ignore[return-value]

    @query(accounts.cancellation_precheck, cost=Cost(weight=5))
    async def cancellation_precheck(self, info: Info) -> ActionState:
        """Whether you can close your account now (CANCEL_ACCOUNT), and everything that stands in the way."""
        return await accounts.cancellation_precheck(info.context.ctx)  # type: ignore[return-value]

    @connection(accounts.real_name_cases, RealNameCase)
    def real_name_cases(self, ctx: Context, state: RealNameState | None = None) -> QuerySet[Any]:
        """For the vendor: real-name cases, newest first. What waits stands in `reviewQueue`, what is due first."""
        return accounts.real_name_cases(ctx, state=state)


@strawberry.type
class AccountMutations:
    """Root mutations of this domain."""

    request_code = mutation(accounts.request_code, RequestCodeInput, RequestCodePayload)
    sign_up = mutation(accounts.sign_up, SignUpInput, SessionPayload)
    sign_in = mutation(accounts.sign_in, SignInInput, SessionPayload)
    sign_in_as_member = mutation(accounts.sign_in_as_member, SignInAsMemberInput, SessionPayload)
    sign_in_with_code = mutation(accounts.sign_in_with_code, SignInWithCodeInput, SessionPayload)
    refresh_session = mutation(accounts.refresh_session, RefreshSessionInput, SessionPayload)
    sign_out = mutation(accounts.sign_out, SignOutInput, AccountPayload)
    revoke_sessions = mutation(accounts.revoke_sessions, RevokeSessionsInput, AccountPayload)
    reset_password = mutation(accounts.reset_password, ResetPasswordInput, AccountPayload)
    request_member_password_reset = mutation(
        accounts.request_member_password_reset, RequestMemberPasswordResetInput, RequestMemberPasswordResetPayload
    )
    verify_reset_code = mutation(accounts.verify_reset_code, VerifyResetCodeInput, TicketPayload)
    set_password = mutation(accounts.set_password, SetPasswordInput, AccountPayload)
    change_password = mutation(accounts.change_password, ChangePasswordInput, AccountPayload)
    request_contact_change = mutation(accounts.request_contact_change, RequestContactChangeInput, RequestCodePayload)
    change_contact = mutation(accounts.change_contact, ChangeContactInput, AccountPayload)
    cancel_account = mutation(accounts.cancel_account, CancelAccountInput, AccountPayload)
    restore_account = mutation(accounts.restore_account, RestoreAccountInput, AccountPayload)
    start_quick_registration = mutation(
        accounts.start_quick_registration, StartQuickRegistrationInput, QuickRegistrationPayload
    )
    complete_quick_registration = mutation(
        accounts.complete_quick_registration, CompleteQuickRegistrationInput, SessionPayload
    )
    submit_real_name = mutation(accounts.submit_real_name, SubmitRealNameInput, RealNameCasePayload)
    decide_real_name = mutation(accounts.decide_real_name, DecideRealNameInput, RealNameCasePayload)
