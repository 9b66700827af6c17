"""GraphQL of a partner's organisation: members are accounts; their roles and whether they may work."""

from typing import Any

import strawberry
from tortoise.queryset import QuerySet

from models.accounts import Account as AccountRow
from resolvers import members
from resolvers.context import Context
from rules.access import Role
from rules.accounts import AccountStatus
from rules.members import MemberStatus
from schema.accounts import Account
from schema.fields import Payload, mutation
from schema.inputs import KeyedInput, ref, text
from schema.pages import connection

strawberry.enum(MemberStatus, description="Whether a member may work for the partner.")


@strawberry.input
class AddMemberInput(KeyedInput):
    """Who becomes a member, and with which roles."""

    username: str = text("Login name: letters, digits and _ . -, beginning with a letter or _; for ever.", most=64)
    full_name: str = text("How the person is called.", most=128)
    roles: list[Role] = strawberry.field(description="1 to 3 of the partner roles.")
    mobile: str | None = text("Mobile number; this or an e-mail address is needed.", most=32, default=None)
    email: str | None = text("E-mail address.", most=64, default=None)


@strawberry.input
class ChangeMemberRolesInput(KeyedInput):
    """The roles a member has from now on."""

    id: strawberry.ID = ref(AccountRow, "Id of the member.", argument="member_id")
    roles: list[Role] = strawberry.field(description="1 to 3 of the partner roles.")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class SetMemberStatusInput(KeyedInput):
    """Whether a member may work from now on."""

    id: strawberry.ID = ref(AccountRow, "Id of the member.", argument="member_id")
    status: MemberStatus = strawberry.field(description="DISABLED ends every session at once.")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The member concerned.")
class MemberPayload(Payload):
    """The source object is an Account."""

    member: Account | None = strawberry.field(description="The member as it stands now.")


@strawberry.type
class MemberQueries:
    """Root reads of this domain."""

    @connection(members.members, Account)
    def members(self, ctx: Context, status: AccountStatus | None = None) -> QuerySet[Any]:
        """Your partner's members, newest first; the main account is not among them."""
        return members.members(ctx, status=status)


@strawberry.type
class MemberMutations:
    """Root mutations of this domain."""

    add_member = mutation(members.add_member, AddMemberInput, MemberPayload)
    change_member_roles = mutation(members.change_member_roles, ChangeMemberRolesInput, MemberPayload)
    set_member_status = mutation(members.set_member_status, SetMemberStatusInput, MemberPayload)
