"""A member's personal data in clear: shown on request, with a reason, and never without a trace."""

from uuid import UUID

from models.accounts import Account
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.members.scope import access_member
from resolvers.revealing import REASON_REFUSALS, keep_reason
from rules.access import Permission


@command(
    permission=Permission.MEMBERS_MANAGE,
    refuses=REASON_REFUSALS,
    key=Key.OPTIONAL,
)
async def reveal_member(ctx: Context, *, member_id: UUID, reason: str) -> Account:
    """Shows name, mobile number and e-mail address of a member of your partner. Who asked and why is kept."""
    keep_reason(ctx, reason)
    member = await access_member(ctx, member_id)
    ctx.effect("member.contact_revealed", member)
    return member
