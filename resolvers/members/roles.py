"""Custom roles: what a partner's administrator may put together, change and delete, and what every role holds."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.accounts import Account
from models.members import CustomRole, MemberRole
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.members.scope import access_role, visible, visible_roles, without_director
from resolvers.query import query
from rules.access import ACCESS, GRANTABLE, MEMBER_ROLES, Permission, Role
from rules.accounts import AccountStatus
from rules.errors import ErrorCode, require
from rules.members import RoleDraft, check_custom_role, check_custom_role_count, check_role_deletion

_DRAFT_REFUSALS = (
    ErrorCode.REQUIRED,
    ErrorCode.ROLE_NAME_TAKEN,
    ErrorCode.ROLE_PRESET,
    ErrorCode.PERMISSION_NOT_GRANTABLE,
)


@dataclass(frozen=True, slots=True)
class OrganisationRole:
    """A role that members of a partner can have, preset or custom, with the number of those who have it, and of those
    whom no account director directs.

    `permissions` are those that a custom role may hold as well; a system administrator's role holds more.
    """

    preset: Role | None
    custom: CustomRole | None
    permissions: tuple[Permission, ...]
    people: int
    without_director: int = 0


@query(permission=Permission.MEMBERS_READ)
def permission_items(ctx: Context) -> tuple[Permission, ...]:
    """What a custom role may hold, in the order of the access table."""
    return GRANTABLE


@query(permission=Permission.MEMBERS_READ)
async def roles(ctx: Context) -> list[OrganisationRole]:
    """Every preset role, then the partner's custom ones, oldest first. Removed members are not counted."""
    if ctx.actor.partner_id is None:
        return []
    members = await visible(ctx).exclude(status=AccountStatus.DELETED)
    held = Counter(role for member in members for role in member.roles)
    custom = await visible_roles(ctx).order_by("id")
    people = await _people(ctx, [role.id for role in custom])
    left = {Role.ACCOUNT_MANAGER: len(without_director(members))}
    presets = [role for role in Role if role in MEMBER_ROLES]
    return [
        *(OrganisationRole(role, None, _held_by(role), held[role.value], left.get(role, 0)) for role in presets),
        *(OrganisationRole(None, role, granted_by(role), people[role.id]) for role in custom),
    ]


def _held_by(role: Role) -> tuple[Permission, ...]:
    return tuple(permission for permission in GRANTABLE if role in ACCESS[permission].roles)


def granted_by(role: CustomRole) -> tuple[Permission, ...]:
    """The permissions that a custom role gives: those of its own that can still be granted."""
    return tuple(permission for permission in GRANTABLE if permission.value in role.permissions)


async def _people(ctx: Context, role_ids: Sequence[UUID]) -> Counter[UUID]:
    rows = MemberRole.filter(partner_id=ctx.actor.partner_id, role_id__in=list(role_ids))
    return Counter(row.role_id for row in await rows) if role_ids else Counter()


async def custom_roles_of(ctx: Context, parents: Sequence[Account]) -> list[list[CustomRole]]:
    """The custom roles of each member, oldest first."""
    links = MemberRole.filter(account_id__in=[parent.id for parent in parents]).select_related("role")
    held: dict[UUID, list[CustomRole]] = defaultdict(list)
    for link in await links.order_by("role_id"):
        held[link.account_id].append(link.role)
    return [held[parent.id] for parent in parents]


async def role_actions_of(ctx: Context, parents: Sequence[CustomRole]) -> list[list[ActionState]]:
    """What the actor may do with each custom role."""
    people = await _people(ctx, [parent.id for parent in parents])
    return [
        [
            action(ctx, "CHANGE", change_role, []),
            action(ctx, "DELETE", delete_role, check_role_deletion(people[parent.id])),
        ]
        for parent in parents
    ]


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=(*_DRAFT_REFUSALS, ErrorCode.ROLE_LIMIT),
    emits=("role.added",),
)
async def add_role(ctx: Context, *, name: str, permissions: Sequence[str]) -> CustomRole:
    """Makes a custom role out of permissions that can be granted (`permissionItems`). Its members get them at once."""
    # Whoever makes another role of this partner at the same time waits here and counts this one.
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update(no_key=True).get()
    present = await visible_roles(ctx)
    draft = RoleDraft(name, permissions, name_taken=name.strip() in {role.name for role in present})
    require(check_custom_role(draft) + check_custom_role_count(len(present), policy=ctx.policy))
    role = await CustomRole.insert(
        now=ctx.now, partner_id=own.id, name=name.strip(), permissions=sorted(set(permissions))
    )
    ctx.event("role.added", role, permissions=role.permissions)
    ctx.effect("role.added", role)
    return role


@command(permission=Permission.MEMBERS_MANAGE, refuses=_DRAFT_REFUSALS, emits=("role.changed",))
async def change_role(
    ctx: Context,
    *,
    role_id: UUID,
    name: str | None = None,
    permissions: Sequence[str] | None = None,
    expected_version: int | None = None,
) -> CustomRole:
    """Renames a custom role or changes what it holds. That counts from the next request of each of its members on.

    What is left out, stays.
    """
    role = await access_role(ctx, role_id)
    expect_version(role, expected_version)
    taken = name is not None and await visible_roles(ctx).filter(name=name.strip()).exclude(id=role.id).exists()
    require(check_custom_role(RoleDraft(name, permissions, name_taken=taken)))
    before = role.permissions
    await role.change(
        now=ctx.now,
        name=role.name if name is None else name.strip(),
        permissions=before if permissions is None else sorted(set(permissions)),
    )
    ctx.event("role.changed", role, before=before, permissions=role.permissions)
    ctx.effect("role.changed", role)
    return role


@command(permission=Permission.MEMBERS_MANAGE, refuses=(ErrorCode.ROLE_IN_USE,), emits=("role.deleted",))
async def delete_role(ctx: Context, *, role_id: UUID, expected_version: int | None = None) -> CustomRole:
    """Deletes a custom role that no member has."""
    role = await access_role(ctx, role_id)
    expect_version(role, expected_version)
    require(check_role_deletion((await _people(ctx, [role.id]))[role.id]))
    await role.delete()
    ctx.event("role.deleted", role)
    ctx.effect("role.deleted", role)
    return role


async def give_roles(member: Account, had: Sequence[CustomRole], wanted: Sequence[CustomRole]) -> None:
    """Lets a locked member have exactly the custom roles `wanted` instead of those it had."""
    held, chosen = {role.id for role in had}, {role.id for role in wanted}
    if held - chosen:
        await MemberRole.filter(account_id=member.id, role_id__in=list(held - chosen)).delete()
    assert member.partner_id is not None
    for role_id in sorted(chosen - held):
        await MemberRole.create(partner_id=member.partner_id, account_id=member.id, role_id=role_id)
