"""Whose feeds an actor sees, one of them for a command, what opens its bucket, with whose eyes files are written."""

from dataclasses import dataclass, field, replace
from uuid import UUID

import orjson
from tortoise.queryset import QuerySet

from core.sealing import sealer_of
from core.settings import Settings
from models.feeds import Feed, FeedDelivery
from models.partners import Partner
from resolvers.context import Context
from resolvers.nodes import findable, own_rows
from rules.access import Actor, Permission, Role
from rules.errors import ErrorCode, refuse
from rules.feeds import FeedState
from rules.sites import Site


@dataclass(frozen=True, slots=True)
class Opened:
    """Access key and secret of a bucket. `repr` shows neither."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


def visible(ctx: Context) -> QuerySet[Feed]:
    """The vendor sees every feed, a partner its own."""
    return own_rows(ctx, Feed)


def visible_deliveries(ctx: Context) -> QuerySet[FeedDelivery]:
    """The vendor sees every delivery, a partner its own."""
    return own_rows(ctx, FeedDelivery)


findable(Feed, Permission.FEEDS_READ, visible)
findable(FeedDelivery, Permission.FEEDS_READ, visible_deliveries)


async def access_feed(ctx: Context, feed_id: UUID) -> Feed:
    """The feed, locked; NOT_FOUND for one that the actor may not see."""
    row = await visible(ctx).filter(id=feed_id).select_for_update().first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row


async def lock_feed(feed_id: UUID) -> Feed:
    """The feed, locked, for the system. It is locked before its deliveries."""
    return await Feed.filter(id=feed_id).select_for_update().get()


def is_live(row: Feed) -> bool:
    """Whether files are delivered: also while an active feed's other credentials are being checked."""
    return FeedState.ACTIVE in (row.state, row.resumes)


def seal_credentials(ctx: Context, feed_id: UUID, opened: Opened) -> bytes:
    """Access key and secret as the feed keeps them."""
    text = orjson.dumps([opened.access_key, opened.secret_key]).decode()
    return sealer_of(ctx.settings).seal(text, "feed", feed_id.bytes)


def open_credentials(settings: Settings, row: Feed, *, offered: bool = False) -> Opened | None:
    """What the bucket has accepted, or what is offered to it; None for none."""
    sealed = row.offered_sealed if offered else row.credentials_sealed
    if sealed is None:
        return None
    return Opened(*orjson.loads(sealer_of(settings).open(bytes(sealed), "feed", row.id.bytes)))


def reader_of(ctx: Context, partner: Partner) -> Context:
    """The context in which a partner's files are written: they hold what its main account sees, and nothing else."""
    actor = Actor(
        roles=frozenset({Role.MAIN_ACCOUNT}),
        site=Site(partner.site),
        account_id=partner.main_account_id,
        partner_id=partner.id,
    )
    return replace(ctx, actor=actor)
