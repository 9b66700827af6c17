"""Personal data of an opportunity in clear: shown on request, with a reason, and never without a trace."""

from uuid import UUID

from models.opportunities import Opportunity
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.opportunities.scope import access_opportunity
from resolvers.revealing import REASON_REFUSALS, keep_reason
from rules.access import Permission


@command(
    permission=Permission.CUSTOMERS_REVEAL_CONTACT,
    refuses=REASON_REFUSALS,
    key=Key.OPTIONAL,
)
async def reveal_opportunity_contact(ctx: Context, *, opportunity_id: UUID, reason: str) -> Opportunity:
    """Shows the customer and the contacts of one of your opportunities in clear. Who asked and why is kept."""
    keep_reason(ctx, reason)
    held = await access_opportunity(ctx, opportunity_id, lock=False)
    ctx.effect("opportunity.contact_revealed", held)
    return held
