"""A partner's organisation: its members, their roles, and whether they may work."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.queryset import QuerySet

from core import db
from models.accounts import Account
from models.partners import Partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.query import query
from rules.access import Permission, Role
from rules.accounts import AccountKind, AccountStatus
from rules.contacts import normalise_email, normalise_mobile
from rules.errors import ErrorCode, Violation, refuse, require
from rules.members import MemberStatus, NewMember, check_member, check_roles, check_status_change

_ROLE_REFUSALS = (
    ErrorCode.ROLE_COUNT,
    ErrorCode.ROLE_UNKNOWN,
    ErrorCode.ROLE_EXCLUSIVE_ADMIN,
    ErrorCode.ROLE_CONFLICT,
)


def visible(ctx: Context) -> QuerySet[Account]:
    """Members of the actor's partner; the main account is none of them and always stays."""
    return Account.filter(partner_id=ctx.actor.partner_id, kind=AccountKind.IAM_USER)


async def access_member(ctx: Context, member_id: UUID) -> Account:
    """The member, locked; NOT_FOUND for anybody who is not a member of the actor's partner."""
    member = await visible(ctx).filter(id=member_id).select_for_update().first()
    if member is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return member


@query(permission=Permission.MEMBERS_READ)
def members(ctx: Context, *, status: AccountStatus | None = None) -> QuerySet[Account]:
    """The partner's members, those of one status or all."""
    return visible(ctx) if status is None else visible(ctx).filter(status=status)


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=(
        *_ROLE_REFUSALS,
        ErrorCode.USERNAME_INVALID,
        ErrorCode.USERNAME_TAKEN,
        ErrorCode.REQUIRED,
        ErrorCode.CONTACT_REQUIRED,
        ErrorCode.CONTACT_TAKEN,
        ErrorCode.MOBILE_INVALID,
        ErrorCode.MOBILE_NOT_OF_SITE,
        ErrorCode.EMAIL_INVALID,
    ),
    emits=("member.added",),
    sensitive=True,
)
async def add_member(
    ctx: Context,
    *,
    username: str,
    full_name: str,
    roles: Sequence[Role],
    mobile: str | None = None,
    email: str | None = None,
) -> Account:
    """Makes an account for a member of the partner. The member is told, and chooses a password with a code.

    The user name never changes. A mobile number or an e-mail address is needed; the code of scene RESET_PASSWORD goes
    there.
    """
    own = await Partner.get(id=ctx.actor.partner_id)
    (mobile, bad_mobile), (email, bad_email) = _mobile(ctx, mobile), _email(email)
    taken = await _taken(own.site, username, mobile, email)
    member = NewMember(
        username=username,
        full_name=full_name,
        roles=roles,
        mobile=mobile,
        email=email,
        username_taken="NAME" in taken,
        mobile_taken="MOBILE" in taken,
        email_taken="EMAIL" in taken,
    )
    require(bad_mobile + bad_email + _known(check_member(member, policy=ctx.policy), bad_mobile + bad_email))
    account = await Account.insert(
        now=ctx.now,
        site=own.site,
        kind=AccountKind.IAM_USER,
        name=username,
        full_name=full_name.strip(),
        mobile=mobile,
        email=email,
        partner_id=own.id,
        roles=_stored(roles),
        locale=ctx.locale,
    )
    ctx.event("member.added", account, roles=account.roles)
    ctx.effect("member.added", account)
    ctx.notify("member_added", account, about=account, names={"partner": own})
    return account


def _known(violations: list[Violation], malformed: list[Violation]) -> list[Violation]:
    """Without CONTACT_REQUIRED where a contact was given but is malformed: one reason for one mistake."""
    return [one for one in violations if one.code is not ErrorCode.CONTACT_REQUIRED or not malformed]


def _mobile(ctx: Context, text: str | None) -> tuple[str | None, list[Violation]]:
    if text is None:
        return None, []
    found = normalise_mobile(text, policy=ctx.policy, path=("input", "mobile"))
    return (None, [found]) if isinstance(found, Violation) else (found, [])


def _email(text: str | None) -> tuple[str | None, list[Violation]]:
    if text is None:
        return None, []
    found = normalise_email(text, path=("input", "email"))
    return (None, [found]) if isinstance(found, Violation) else (found, [])


async def _taken(site: str, name: str, mobile: str | None, email: str | None) -> list[str]:
    row = await db.fetch_one("select guard_account($1, $2, $3, $4) as taken", site, name, mobile, email)
    taken: list[str] = [] if row is None else row["taken"]
    return taken


def _stored(roles: Sequence[Role]) -> list[str]:
    return sorted({role.value for role in roles})


@command(permission=Permission.MEMBERS_MANAGE, refuses=_ROLE_REFUSALS, emits=("member.roles_changed",))
async def change_member_roles(
    ctx: Context, *, member_id: UUID, roles: Sequence[Role], expected_version: int | None = None
) -> Account:
    """Gives a member other roles. They count from its next request on."""
    member = await access_member(ctx, member_id)
    expect_version(member, expected_version)
    require(check_roles(roles, policy=ctx.policy))
    before = member.roles
    await member.change(now=ctx.now, roles=_stored(roles))
    ctx.event("member.roles_changed", member, before=before, roles=member.roles)
    ctx.effect("member.roles_changed", member)
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
    return member
