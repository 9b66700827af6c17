"""The event feed: what happened, in the partner's own gapless order."""

from tortoise.queryset import QuerySet

from models.events import Event
from models.opportunities import Opportunity
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from resolvers.query import query
from rules.access import Permission, may


def visible(ctx: Context) -> QuerySet[Event]:
    """Numbered events: all for the vendor, for a partner's people its own; those of opportunities for whoever may see
    opportunities.
    """
    numbered = Event.filter(sequence__isnull=False)
    if sees_all(ctx):
        return numbered
    if ctx.actor.partner_id is None:
        return numbered.filter(pk__in=[])
    own = numbered.filter(partner_id=ctx.actor.partner_id)
    return own if may(ctx.actor, Permission.OPPORTUNITIES_READ) else own.exclude(subject_type=Opportunity.__name__)


@query(permission=Permission.EVENTS_READ)
def events(ctx: Context, *, types: list[str] | None = None) -> QuerySet[Event]:
    """Events in order of their sequence, the types asked for or all."""
    return visible(ctx) if types is None else visible(ctx).filter(type__in=types)


findable(Event, Permission.EVENTS_READ, visible)
