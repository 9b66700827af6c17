"""What a member says of itself, and whom of its members a partner shows to its customers."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core import db
from models.accounts import Account
from models.partners import Partner
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.members.scope import access_member
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.members import check_contact, check_profile


@command(
    permission=Permission.MEMBERS_UPDATE_PROFILE,
    refuses=(ErrorCode.REQUIRED, ErrorCode.INVALID_FORMAT),
    emits=("member.profile_changed",),
    key=Key.OPTIONAL,
)
async def update_profile(
    ctx: Context,
    *,
    full_name: str | None = None,
    position: str | None = None,
    locale: str | None = None,
    expected_version: int | None = None,
) -> Account:
    """A member changes its own name, position and language; what is left out, stays. Contacts change with a code."""
    own = await Account.filter(id=ctx.actor.account_id).select_for_update().get()
    expect_version(own, expected_version)
    require(check_profile(full_name, locale))
    given = {"full_name": full_name, "position": position, "locale": locale}
    changed = {name: value.strip() for name, value in given.items() if value is not None}
    await own.change(now=ctx.now, **changed)
    ctx.event("member.profile_changed", own, changed=sorted(changed))
    ctx.effect("member.profile_changed", own)
    return own


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("partner.customer_contact_set",),
)
async def set_customer_contact(ctx: Context, *, member_id: UUID | None = None) -> Partner:
    """Says which member the partner's customers are shown as their contact; without one the main account is shown.

    As long as the member may not work, the main account is shown as well.
    """
    # The partner before its member, as whoever closes the account has them.
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update(no_key=True).get()
    member = None if member_id is None else await access_member(ctx, member_id, "memberId")
    require([] if member is None else check_contact(member.status))
    await own.change(now=ctx.now, customer_contact_id=None if member is None else member.id)
    shown = None if member is None else str(member.id)
    ctx.event("partner.customer_contact_set", own, account_id=shown)
    ctx.effect("partner.customer_contact_set", own)
    return own


@dataclass(frozen=True, slots=True)
class CustomerContact:
    """Whom a partner's customers turn to, in clear: that is what it is for."""

    name: str
    mobile: str | None
    email: str | None
    is_administrator: bool


async def customer_contacts_of(ctx: Context, parents: Sequence[Partner]) -> list[CustomerContact | None]:
    """The contact of each partner for its present customers, its own people and the vendor; None for others."""
    rows = await db.fetch("select * from guard_customer_contacts($1)", [parent.id for parent in parents])
    found = {
        row["partner_id"]: CustomerContact(row["full_name"], row["mobile"], row["email"], row["is_administrator"])
        for row in rows
    }
    return [found.get(parent.id) for parent in parents]
