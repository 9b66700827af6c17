"""Members: added, given roles, disabled and enabled, removed."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from models.accounts import Account
from models.members import CustomRole
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.command import Command, command, expect_version
from resolvers.context import Context
from resolvers.members.contacts import NewContacts, compare_contacts, find_taken
from resolvers.members.directing import PARTING, assign_director, part, tell_at_rest
from resolvers.members.passwords import reset_member_password
from resolvers.members.roles import give_roles
from resolvers.members.scope import access_member, access_roles, colleague, roles_of_member
from rules.access import Permission, Role
from rules.accounts import AccountKind, AccountStatus
from rules.errors import ErrorCode, Violation, require
from rules.members import (
    MemberStatus,
    NewMember,
    check_manager,
    check_member,
    check_removal,
    check_reset,
    check_roles,
    check_roles_kept,
    check_status_change,
)

_ROLE_REFUSALS = (
    ErrorCode.ROLE_COUNT,
    ErrorCode.ROLE_UNKNOWN,
    ErrorCode.ROLE_EXCLUSIVE_ADMIN,
    ErrorCode.ROLE_CONFLICT,
)


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=(
        *_ROLE_REFUSALS,
        ErrorCode.USERNAME_INVALID,
        ErrorCode.USERNAME_TAKEN,
        ErrorCode.REQUIRED,
        ErrorCode.CONTACT_REQUIRED,
        ErrorCode.CONTACT_TAKEN,
        ErrorCode.CONTACT_CHECK_LIMIT,
        ErrorCode.MOBILE_INVALID,
        ErrorCode.MOBILE_NOT_OF_SITE,
        ErrorCode.EMAIL_INVALID,
    ),
    emits=("member.added",),
    sensitive=True,
    compares=compare_contacts,
)
async def add_member(
    ctx: Context,
    *,
    username: str,
    full_name: str,
    roles: Sequence[Role],
    custom_role_ids: Sequence[UUID] = (),
    position: str | None = None,
    mobile: str | None = None,
    email: str | None = None,
) -> Account:
    """Makes an account for a member of the partner. The member is told, and chooses a password with a code.

    The user name never changes, and is not given again when the member is removed. A mobile number or an e-mail
    address is needed; the code of scene RESET_PASSWORD goes there. Whoever names too many contacts of others has to
    wait, in dry runs too.
    """
    own = await Partner.get(id=ctx.actor.partner_id)
    contacts: NewContacts = ctx.verdict
    custom = await access_roles(ctx, custom_role_ids)
    require(contacts.refused)
    member = NewMember(
        username=username,
        full_name=full_name,
        roles=roles,
        custom_roles=len(custom),
        mobile=contacts.mobile,
        email=contacts.email,
        username_taken=bool(await find_taken(own, name=username)),
        mobile_taken="MOBILE" in contacts.taken,
        email_taken="EMAIL" in contacts.taken,
    )
    malformed = contacts.malformed
    require(malformed + _known(check_member(member, policy=ctx.policy), malformed))
    account = await Account.insert(
        now=ctx.now,
        site=own.site,
        kind=AccountKind.IAM_USER,
        name=username,
        full_name=full_name.strip(),
        position=position,
        mobile=contacts.mobile,
        email=contacts.email,
        partner_id=own.id,
        roles=_stored(roles),
        locale=ctx.locale,
    )
    await give_roles(account, [], custom)
    ctx.event("member.added", account, roles=account.roles, custom_roles=_ids(custom))
    ctx.effect("member.added", account)
    ctx.notify("member_added", account, about=account, names={"partner": own})
    return account


def _known(violations: list[Violation], malformed: list[Violation]) -> list[Violation]:
    """Without CONTACT_REQUIRED where a contact was given but is malformed: one reason for one mistake."""
    return [one for one in violations if one.code is not ErrorCode.CONTACT_REQUIRED or not malformed]


def _stored(roles: Iterable[Role]) -> list[str]:
    return sorted({role.value for role in roles})


def _ids(roles: Sequence[CustomRole]) -> list[str]:
    return [str(role.id) for role in roles]


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=(*_ROLE_REFUSALS, ErrorCode.ROLE_LOCKED_BY_REVIEW),
    emits=("member.roles_changed", *PARTING),
)
async def change_member_roles(
    ctx: Context,
    *,
    member_id: UUID,
    roles: Sequence[Role],
    custom_role_ids: Sequence[UUID] | None = None,
    expected_version: int | None = None,
) -> Account:
    """Gives a member other roles. They count from its next request on. Without `customRoleIds` the custom ones stay.

    A role whose qualification is in review stays. Who is an account manager no longer has no customers, who is an
    account director no longer directs nobody: the account managers left without a director become a to-do.
    """
    member = await access_member(ctx, member_id)
    expect_version(member, expected_version)
    had = await roles_of_member(member)
    custom = had if custom_role_ids is None else await access_roles(ctx, custom_role_ids)
    before = frozenset(map(Role, member.roles))
    require(
        check_roles(roles, len(custom), policy=ctx.policy)
        + check_roles_kept(before, frozenset(roles), frozenset(map(Role, member.roles_in_review)))
    )
    director_id = member.director_id if Role.ACCOUNT_MANAGER in roles else None
    await member.change(now=ctx.now, roles=_stored(roles), director_id=director_id)
    await give_roles(member, had, custom)
    ctx.event(
        "member.roles_changed",
        member,
        before=_stored(before),
        roles=member.roles,
        custom_before=_ids(had),
        custom_roles=_ids(custom),
    )
    ctx.effect("member.roles_changed", member)
    await part(ctx, member, before)
    return member


@command(permission=Permission.MEMBERS_MANAGE, refuses=(ErrorCode.STATE_CONFLICT,), emits=("member.status_changed",))
async def set_member_status(
    ctx: Context, *, member_id: UUID, status: MemberStatus, expected_version: int | None = None
) -> Account:
    """Disables a member or enables it again. Disabling ends its sessions at once; they do not come back."""
    member = await access_member(ctx, member_id)
    expect_version(member, expected_version)
    require(check_status_change(member.status, status))
    await member.change(now=ctx.now, status=AccountStatus(status.value))
    ctx.event("member.status_changed", member, status=status.value)
    ctx.effect("member.status_changed", member)
    await tell_at_rest(ctx, member)
    return member


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.ROLE_LOCKED_BY_REVIEW),
    emits=("member.removed", *PARTING),
)
async def remove_member(ctx: Context, *, member_id: UUID, expected_version: int | None = None) -> Account:
    """Removes a member for good. Its sessions end at once; what it did stays on record under its name.

    Its contacts are free for another account; its user name is given to nobody else.
    """
    member = await access_member(ctx, member_id)
    expect_version(member, expected_version)
    before = frozenset(map(Role, member.roles))
    require(check_removal(member.status, before, frozenset(map(Role, member.roles_in_review))))
    await give_roles(member, await roles_of_member(member), [])
    await member.change(
        now=ctx.now,
        status=AccountStatus.DELETED,
        roles=[],
        roles_in_review=[],
        director_id=None,
        mobile=None,
        email=None,
        password_hash=None,
        former_hashes=[],
    )
    ctx.event("member.removed", member)
    ctx.effect("member.removed", member)
    await part(ctx, member, before)
    return member


async def member_actions_of(ctx: Context, parents: Sequence[Account]) -> list[list[ActionState]]:
    """What the actor may do with each member of its partner; nothing with other accounts. No statement."""
    return [_actions(ctx, parent) if _is_colleague(ctx, parent) else [] for parent in parents]


def _is_colleague(ctx: Context, account: Account) -> bool:
    return account.kind is AccountKind.IAM_USER and account.partner_id == ctx.actor.partner_id


def _actions(ctx: Context, member: Account) -> list[ActionState]:
    status, roles = member.status, frozenset(map(Role, member.roles))
    gone = [Violation(ErrorCode.NOT_FOUND, ("input", "id"))] if status is AccountStatus.DELETED else []
    kept = check_removal(status, roles, frozenset(map(Role, member.roles_in_review)))
    asked: tuple[tuple[str, Command[..., object], list[Violation]], ...] = (
        ("CHANGE_ROLES", change_member_roles, []),
        ("DISABLE", set_member_status, check_status_change(status, MemberStatus.DISABLED)),
        ("ENABLE", set_member_status, check_status_change(status, MemberStatus.ACTIVE)),
        ("RESET_PASSWORD", reset_member_password, check_reset(status)),
        ("ASSIGN_DIRECTOR", assign_director, check_manager(colleague(member), path=("input", "memberIds"))),
        ("REMOVE", remove_member, kept),
    )
    return [action(ctx, name, use_case, gone or against) for name, use_case, against in asked]
