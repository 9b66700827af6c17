"""Personal data of an opportunity in clear: shown on request, with a reason, and never without a trace."""

from uuid import UUID

from models.opportunities import Opportunity
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.opportunities.scope import access_opportunity
from rules.access import Permission
from rules.customers import check_reveal
from rules.errors import ErrorCode, require


@command(
    permission=Permission.CUSTOMERS_REVEAL_CONTACT,
    refuses=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE),
    key=Key.OPTIONAL,
)
async def reveal_opportunity_contact(ctx: Context, *, opportunity_id: UUID, reason: str) -> Opportunity:
    """Shows the customer and the contacts of one of your opportunities in clear. Who asked and why is kept."""
    require(check_reveal(reason))
    held = await access_opportunity(ctx, opportunity_id, lock=False)
    ctx.audit(reason=reason.strip())
    ctx.effect("opportunity.contact_revealed", held)
    return held
