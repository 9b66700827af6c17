"""An administrator takes a member's password away; what the new one is, the member alone decides and knows."""

from uuid import UUID

from models.accounts import Account, SessionEnd
from resolvers.accounts.passwords import remembered, void_tickets
from resolvers.accounts.sessions import end_sessions
from resolvers.accounts.tickets import send_ticket
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.members.scope import access_member
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.members import check_reset


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.CODE_TOO_SOON, ErrorCode.CODE_SEND_LIMIT),
    emits=("member.password_ended",),
    as_system=True,
    sensitive=True,
)
async def reset_member_password(ctx: Context, *, member_id: UUID, expected_version: int | None = None) -> Account:
    """Ends a member's password and its sessions, and sends the member a link to choose a new one.

    The link goes to the member's own contact, opens for a day and once; the administrator never sees it.
    """
    member = await access_member(ctx, member_id)
    expect_version(member, expected_version)
    require(check_reset(member.status))
    await member.change(now=ctx.now, password_hash=None, former_hashes=remembered(member, policy=ctx.policy_of(member)))
    await end_sessions(ctx, member, SessionEnd.PASSWORD_CHANGED)
    await void_tickets(ctx, member.id)
    await send_ticket(ctx, member)
    ctx.event("member.password_ended", member)
    ctx.effect("member.password_ended", member)
    return member
