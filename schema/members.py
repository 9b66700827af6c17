"""GraphQL of a partner's organisation: members are accounts; their roles, preset and custom, whether they may work."""

from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.i18n import translate
from models.accounts import Account as AccountRow
from models.members import CustomRole as CustomRoleRow
from resolvers import members as organisation
from resolvers.context import Context
from rules.access import Role
from rules.accounts import AccountStatus
from rules.members import MemberStatus
from schema.accounts import Account
from schema.actions import ActionState
from schema.batch import BatchPayload, item, reasons
from schema.columns import looks_at
from schema.context import Info
from schema.customers.types import RevealedContact
from schema.fields import Payload, mutation, query, relation
from schema.inputs import CommandInput, KeyedInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import connection

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(MemberStatus, description="Whether a member may work for the partner.")


PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
_CUSTOM = "Custom roles; with the others 1 to 3."


@strawberry.type(description="Something that a custom role may hold.")
class PermissionItem:
    """The source object is a Permission."""

    @strawberry.field(description="Its stable name, `<domain>:<verb>`.")
    def code(self) -> str:
        """The permission's value."""
        return str(self)

    @strawberry.field(description="What it lets a member do, in the caller's language.")
    def title(self, info: Info) -> str:
        """The catalogue's text."""
        return translate(f"permissions.{self}", info.context.ctx.locale)


@strawberry.type(description="Permissions that a partner's administrator has put together under a name.")
class CustomRole(Versioned, Node, OfRow):
    """The source object is a CustomRole row."""

    name: str = strawberry.field(description="Unique in the partner.")
    actions = relation(
        organisation.role_actions_of, list[ActionState], "What you may do with it now: CHANGE, DELETE.", columns=("id",)
    )

    @strawberry.field(description="What its members may do.", metadata=looks_at("permissions"))
    def permissions(self) -> list[PermissionItem]:
        """Those that can still be granted."""
        row: Any = self
        return list(organisation.granted_by(row))  # type: ignore[arg-type]


@strawberry.type(description="A role that members can have: a preset one or a custom one of the partner.")
class OrganisationRole:
    """The source object is an OrganisationRole."""

    preset: Role | None = strawberry.field(description="The preset role, which never changes; null for a custom one.")
    custom: CustomRole | None = strawberry.field(description="The custom role; null for a preset one.")
    permissions: list[PermissionItem] = strawberry.field(description="What of permissionItems it holds.")
    people: int = strawberry.field(description="How many members have it, also those who may not work at present.")
    without_director: int = strawberry.field(
        description="Of account managers: how many may work while no account director above them does; else 0."
    )

    @strawberry.field(description="What it is called, in the caller's language if it is a preset one.")
    def name(self, info: Info) -> str:
        """The catalogue's text, or the name that was given."""
        role: Any = self
        if role.custom is not None:
            return str(role.custom.name)
        return translate(f"roles.{role.preset}", info.context.ctx.locale)


@strawberry.type(description="Whom a partner's customers turn to.")
class CustomerContact:
    """The source object is a CustomerContact of the resolvers; shown in clear, that is what it is for."""

    name: str = strawberry.field(description="How the person or company is called.")
    mobile: str | None = strawberry.field(description="Mobile number in E.164.")
    email: str | None = strawberry.field(description="E-mail address.")
    is_administrator: bool = strawberry.field(description="Whether it is the main account, for want of another one.")


@strawberry.input
class AddMemberInput(KeyedInput):
    """Who becomes a member, and with which roles."""

    username: str = text("Login name: letters, digits and _ . -, beginning with a letter or _; for ever.", most=64)
    full_name: str = text("How the person is called.", most=128)
    roles: list[Role] = strawberry.field(description="Preset roles of members; with custom ones 1 to 3.")
    custom_role_ids: list[strawberry.ID] = ref(CustomRoleRow, _CUSTOM, default_factory=list)
    position: str | None = text("What the person does in the company.", most=64, default=None)
    mobile: str | None = text("Mobile number; this or an e-mail address is needed.", most=32, default=None)
    email: str | None = text("E-mail address.", most=64, default=None)


@strawberry.input
class ChangeMemberRolesInput(KeyedInput):
    """The roles a member has from now on."""

    id: strawberry.ID = ref(AccountRow, "Id of the member.", argument="member_id")
    roles: list[Role] = strawberry.field(description="Preset roles of members; with custom ones 1 to 3.")
    custom_role_ids: list[strawberry.ID] | None = ref(
        CustomRoleRow, f"{_CUSTOM} Left out: they stay as they are.", default=None
    )
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SetMemberStatusInput(KeyedInput):
    """Whether a member may work from now on."""

    id: strawberry.ID = ref(AccountRow, "Id of the member.", argument="member_id")
    status: MemberStatus = strawberry.field(description="DISABLED ends every session at once.")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RemoveMemberInput(KeyedInput):
    """Who is a member no longer."""

    id: strawberry.ID = ref(AccountRow, "Id of the member.", argument="member_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class ResetMemberPasswordInput(KeyedInput):
    """Whose password ends."""

    id: strawberry.ID = ref(AccountRow, "Id of the member.", argument="member_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class RevealMemberInput(CommandInput):
    """The member, and why."""

    id: strawberry.ID = ref(AccountRow, "Id of the member.", argument="member_id")
    reason: str = text("Why you need to see it; kept on record.", most=500)


@strawberry.input
class UpdateProfileInput(CommandInput):
    """What you change of yourself; what is left out, stays."""

    full_name: str | None = text("How you are called.", most=128, default=None)
    position: str | None = text("What you do in your company.", most=64, default=None)
    locale: str | None = text("Your language: en or zh-CN.", most=10, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SetCustomerContactInput(KeyedInput):
    """Whom your partner's customers turn to."""

    member_id: strawberry.ID | None = ref(AccountRow, "A member; null for the main account.", default=None)


@strawberry.input
class AddRoleInput(KeyedInput):
    """What a new custom role is called and holds."""

    name: str = text("Its name; no preset role's, and no other's of the partner.", most=64)
    permissions: list[str] = text("Codes of permissionItems.", most=64)


@strawberry.input
class ChangeRoleInput(KeyedInput):
    """What of a custom role changes; what is left out, stays."""

    id: strawberry.ID = ref(CustomRoleRow, "Id of the custom role.", argument="role_id")
    name: str | None = text("Its new name.", most=64, default=None)
    permissions: list[str] | None = text("All it holds from now on: codes of permissionItems.", most=64, default=None)
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class DeleteRoleInput(KeyedInput):
    """A custom role that no member has."""

    id: strawberry.ID = ref(CustomRoleRow, "Id of the custom role.", argument="role_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class AssignDirectorInput(KeyedInput):
    """Which account managers, and below whom they are to be."""

    member_ids: list[strawberry.ID] = ref(AccountRow, "Members who are account managers, at most 100.")
    director_id: strawberry.ID | None = ref(
        AccountRow, "A member who is an account director; null: nobody is above them.", default=None
    )


@strawberry.type(description="What became of one account manager.")
class AssignDirectorResult:
    """The source object is a batch's Item."""

    member = item(Account, "The member as it stands now.")
    user_errors = reasons()


@strawberry.type(description="A result for each account manager, in the order given.")
class AssignDirectorPayload(BatchPayload):
    """The source object is a Batch of accounts."""

    results: list[AssignDirectorResult] = strawberry.field(description="What became of each.")


@strawberry.type(description="The partner concerned.")
class CustomerContactPayload(Payload):
    """The source object is a Partner."""

    partner: PartnerType | None = strawberry.field(description="The partner as it stands now.")


@strawberry.type(description="The custom role concerned.")
class CustomRolePayload(Payload):
    """The source object is a CustomRole."""

    role: CustomRole | None = strawberry.field(description="The custom role as it stands now, or as it was deleted.")


@strawberry.type(description="The member concerned.")
class MemberPayload(Payload):
    """The source object is an Account."""

    member: Account | None = strawberry.field(description="The member as it stands now.")


@strawberry.type(description="The member's data in clear.")
class RevealMemberPayload(Payload):
    """The source object is an Account."""

    contact: RevealedContact | None = strawberry.field(description="Name and contacts.")


@strawberry.type
class MemberQueries:
    """Root reads of this domain."""

    @connection(organisation.members, Account)
    def members(self, ctx: Context, status: AccountStatus | None = None) -> QuerySet[Any]:
        """Your partner's members, newest first; without a status all but the removed. The main account is not there."""
        return organisation.members(ctx, status=status)

    @query(organisation.roles)
    async def roles(self, info: Info) -> list[OrganisationRole]:
        """Every role that your partner's members can have: the preset ones, then its custom ones, oldest first."""
        return await organisation.roles(info.context.ctx)  # type: ignore[return-value]

    @query(organisation.permission_items)
    async def permission_items(self, info: Info) -> list[PermissionItem]:
        """What a custom role may hold."""
        return list(organisation.permission_items(info.context.ctx))  # type: ignore[arg-type]


@strawberry.type
class MemberMutations:
    """Root mutations of this domain."""

    add_member = mutation(organisation.add_member, AddMemberInput, MemberPayload)
    change_member_roles = mutation(organisation.change_member_roles, ChangeMemberRolesInput, MemberPayload)
    set_member_status = mutation(organisation.set_member_status, SetMemberStatusInput, MemberPayload)
    remove_member = mutation(organisation.remove_member, RemoveMemberInput, MemberPayload)
    reset_member_password = mutation(organisation.reset_member_password, ResetMemberPasswordInput, MemberPayload)
    reveal_member = mutation(organisation.reveal_member, RevealMemberInput, RevealMemberPayload)
    update_profile = mutation(organisation.update_profile, UpdateProfileInput, MemberPayload)
    set_customer_contact = mutation(organisation.set_customer_contact, SetCustomerContactInput, CustomerContactPayload)
    assign_director = mutation(organisation.assign_director, AssignDirectorInput, AssignDirectorPayload)
    add_role = mutation(organisation.add_role, AddRoleInput, CustomRolePayload)
    change_role = mutation(organisation.change_role, ChangeRoleInput, CustomRolePayload)
    delete_role = mutation(organisation.delete_role, DeleteRoleInput, CustomRolePayload)
