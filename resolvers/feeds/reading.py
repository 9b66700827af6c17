"""Reading feeds and their deliveries; the catalogue of topics; what stands in a feed's way and what may be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tortoise.queryset import QuerySet

from core.ids import filter_id
from models.feeds import Feed, FeedDelivery
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.feeds.delivering import redeliver_feed
from resolvers.feeds.managing import cancel_feed, check_feed, update_feed
from resolvers.feeds.scope import visible, visible_deliveries
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.errors import Violation
from rules.feeds import COLUMNS, FEED, DeliveryState, FeedState, FeedTopic, check_allowed, check_bucket

_ACTIONS = (("CHANGE", update_feed), ("CHECK", check_feed), ("REDELIVER", redeliver_feed), ("CANCEL", cancel_feed))


@dataclass(frozen=True, slots=True)
class TopicOffer:
    """A topic of the catalogue, the columns of its file, and what keeps the acting partner from it."""

    topic: FeedTopic
    columns: Sequence[str]
    blockers: Sequence[Violation]


@query(permission=Permission.FEEDS_READ)
async def feed_topics(ctx: Context) -> list[TopicOffer]:
    """The catalogue, with what keeps the acting partner from each topic; for the vendor nothing does."""
    if ctx.actor.partner_id is None:
        return [TopicOffer(topic, COLUMNS[topic], []) for topic in FeedTopic]
    partner = await Partner.get(id=ctx.actor.partner_id)
    return [TopicOffer(topic, COLUMNS[topic], check_allowed([topic], partner.kind)) for topic in FeedTopic]


@query(permission=Permission.FEEDS_READ)
def feeds(ctx: Context, *, state: FeedState | None = None) -> QuerySet[Feed]:
    """Every feed that the actor sees."""
    rows = visible(ctx)
    return rows if state is None else rows.filter(state=state)


@query(permission=Permission.FEEDS_READ)
def feed_deliveries(
    ctx: Context,
    *,
    feed: str | None = None,
    topic: FeedTopic | None = None,
    state: DeliveryState | None = None,
    day: date | None = None,
) -> QuerySet[FeedDelivery]:
    """The files of the feeds that the actor sees; an id that is none finds nothing."""
    feed_id = filter_id(Feed.prefix, feed)
    wanted: dict[str, object] = {"topic": topic, "state": state, "day": day, "feed_id": feed_id}
    return visible_deliveries(ctx).filter(**{name: value for name, value in wanted.items() if value is not None})


feeds_of = to_one("feed_id", Feed, visible=visible)
"""The feed of each delivery."""


partners_of = to_one("partner_id", Partner)
"""The partner of each feed."""


async def problems_of(ctx: Context, parents: Sequence[Feed]) -> list[list[Violation]]:
    """What stands in the way of each feed's deliveries: of all of them, or of those of a topic."""
    kinds = {
        row.id: row.kind for row in await Partner.filter(id__in={row.partner_id for row in parents}).only("id", "kind")
    }
    return [
        []
        if row.state is FeedState.CANCELLED
        else check_bucket(row.problem) + check_allowed(row.topics, kinds.get(row.partner_id))
        for row in parents
    ]


async def actions_of(ctx: Context, parents: Sequence[Feed]) -> list[list[ActionState]]:
    """What the actor may do with each feed, by the guards of the commands."""
    return [
        [action(ctx, name, command, FEED.check(row.state, name.lower())) for name, command in _ACTIONS]
        for row in parents
    ]
