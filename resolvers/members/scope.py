"""Whose members and custom roles an actor sees, and fetching them for a command."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from models.accounts import Account
from models.members import CustomRole, MemberRole
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from resolvers.query import query
from rules.access import Permission, Role
from rules.accounts import AccountKind, AccountStatus
from rules.errors import ErrorCode, Rejected, Violation, refuse
from rules.members import Colleague, compute_without_director


def visible(ctx: Context) -> QuerySet[Account]:
    """Members of the actor's partner; the main account is none of them and always stays."""
    return Account.filter(partner_id=ctx.actor.partner_id, kind=AccountKind.IAM_USER)


def visible_people(ctx: Context) -> QuerySet[Account]:
    """The members of every partner for the vendor, of its own for a partner's people."""
    return Account.filter(kind=AccountKind.IAM_USER) if sees_all(ctx) else visible(ctx)


def visible_roles(ctx: Context) -> QuerySet[CustomRole]:
    """The custom roles of the actor's partner."""
    return CustomRole.filter(partner_id__in=[ctx.actor.partner_id] if ctx.actor.partner_id else [])


findable(CustomRole, Permission.MEMBERS_READ, visible_roles)


async def access_member(ctx: Context, member_id: UUID, name: str = "id") -> Account:
    """The member, locked; NOT_FOUND for anybody who is not a member of the actor's partner, or no longer."""
    member = await visible(ctx).filter(id=member_id).select_for_update().first()
    if member is None or member.status is AccountStatus.DELETED:
        raise refuse(ErrorCode.NOT_FOUND, "input", name)
    return member


async def access_role(ctx: Context, role_id: UUID) -> CustomRole:
    """The custom role, locked; NOT_FOUND for another partner's."""
    role = await visible_roles(ctx).filter(id=role_id).select_for_update().first()
    if role is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return role


async def access_roles(ctx: Context, role_ids: Sequence[UUID]) -> list[CustomRole]:
    """These custom roles, each once, locked so that none is deleted meanwhile; NOT_FOUND at the place of each other."""
    rows = visible_roles(ctx).filter(id__in=list(role_ids)).order_by("id").select_for_update(no_key=True)
    found = {row.id: row for row in await rows} if role_ids else {}
    missing = [
        Violation(ErrorCode.NOT_FOUND, ("input", "customRoleIds", str(place)))
        for place, role_id in enumerate(role_ids)
        if role_id not in found
    ]
    if missing:
        raise Rejected(missing)
    return list(found.values())


async def roles_of_member(member: Account) -> list[CustomRole]:
    """The custom roles that a member has."""
    links = await MemberRole.filter(account_id=member.id).select_related("role").order_by("role_id")
    return [link.role for link in links]


@query(permission=Permission.MEMBERS_READ)
def members(ctx: Context, *, status: AccountStatus | None = None) -> QuerySet[Account]:
    """The partner's members, those of one status or all but the removed."""
    return visible(ctx).exclude(status=AccountStatus.DELETED) if status is None else visible(ctx).filter(status=status)


def colleague(member: Account) -> Colleague:
    """A member as the rules on account managers and directors see it."""
    works = member.status is AccountStatus.ACTIVE
    return Colleague(frozenset(map(Role, member.roles)), works, member.director_id)


def without_director(members: Sequence[Account]) -> set[UUID]:
    """Of a partner's members the account managers who are left without an account director."""
    return compute_without_director({member.id: colleague(member) for member in members})
