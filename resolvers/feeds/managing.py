"""A feed from its draft on: what it says, the check of its bucket by the worker, its end."""

from typing import Any
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.feeds import Feed
from models.partners import Partner
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.feeds.scope import Opened, access_feed, lock_feed, seal_credentials
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.feeds import (
    CHECK_LIFE,
    DAY,
    FEED,
    BucketProblem,
    FeedState,
    FeedTopic,
    check_allowed,
    check_checks,
    check_place,
    check_topics,
    compute_due_day,
    ordered,
)
from rules.sites import Site

CHECK_TOPIC = "feed.check"
CHECK_ATTEMPTS = 3
BATCH = 500
_FAILED = {FeedState.DRAFT: "fail", FeedState.ACTIVE: "keep", FeedState.BROKEN: "stay_broken"}
_NO_CREDENTIALS: dict[str, Any] = {"credentials_sealed": None, "offered_sealed": None, "resumes": None}
_IDLE: dict[str, Any] = {**_NO_CREDENTIALS, "problem": None, "broken_at": None}
_CONTENT = (
    ErrorCode.INVALID_FORMAT,
    ErrorCode.BUCKET_ADDRESS_NOT_ALLOWED,
    ErrorCode.TOPIC_REQUIRED,
    ErrorCode.TOO_MANY,
    ErrorCode.SUBSCRIPTION_NOT_ALLOWED,
)


@command(permission=Permission.FEEDS_MANAGE, refuses=(*_CONTENT, ErrorCode.FEED_EXISTS), emits=("feed.saved",))
async def save_feed(
    ctx: Context, *, endpoint: str, bucket: str, topics: list[FeedTopic], region: str = "", prefix: str = ""
) -> Feed:
    """Begins your partner's feed of data files as a draft: where files go, and which. One at a time.

    Files are delivered once checkFeed has found that the bucket takes them.
    """
    partner = await Partner.filter(id=ctx.actor.partner_id).select_for_update(no_key=True).get()
    wrong = check_place(endpoint, region, bucket, prefix, guarded=ctx.settings.guards_feeds)
    wrong += check_topics(topics, policy=ctx.policy)
    require(wrong + check_allowed(topics, partner.kind, "input", "topics"))
    row = await Feed.insert(
        now=ctx.now,
        partner_id=partner.id,
        site=partner.site,
        state=FeedState.DRAFT,
        endpoint=endpoint,
        region=region,
        bucket=bucket,
        folder=prefix,
        topics=ordered(topics),
    )
    ctx.event("feed.saved", row, partner_id=partner.id, topics=row.topics)
    ctx.effect("feed.saved", row)
    return row


@command(
    permission=Permission.FEEDS_MANAGE,
    refuses=(*_CONTENT, ErrorCode.STATE_CONFLICT),
    emits=("feed.changed", "feed.moved"),
)
async def update_feed(
    ctx: Context,
    *,
    feed_id: UUID,
    endpoint: str | None = None,
    region: str | None = None,
    bucket: str | None = None,
    prefix: str | None = None,
    topics: list[FeedTopic] | None = None,
    expected_version: int | None = None,
) -> Feed:
    """Changes what is delivered, or where to; what is not given stays. Other topics are delivered from the next day on.

    With another place the feed is a draft again and its credentials are erased: check the bucket anew.
    """
    row = await access_feed(ctx, feed_id)
    partner = await Partner.get(id=row.partner_id)
    expect_version(row, expected_version)
    given = {"endpoint": endpoint, "region": region, "bucket": bucket, "folder": prefix}
    place = {name: getattr(row, name) if value is None else value for name, value in given.items()}
    moved = any(getattr(row, name) != value for name, value in place.items())
    event = "move" if moved and row.state is not FeedState.DRAFT else "change"
    wrong = FEED.check(row.state, event)
    wrong += check_place(*place.values(), guarded=ctx.settings.guards_feeds)
    if topics is not None:
        wrong += check_topics(topics, policy=ctx.policy) + check_allowed(topics, partner.kind, "input", "topics")
    require(wrong)
    values = {**place, "topics": row.topics if topics is None else ordered(topics), **(_IDLE if moved else {})}
    await row.change(now=ctx.now, state=FEED.after(row.state, event), **values)
    told = "feed.moved" if event == "move" else "feed.changed"
    ctx.event(told, row, partner_id=row.partner_id, state=row.state.value, topics=row.topics)
    ctx.effect(told, row)
    return row


@command(
    permission=Permission.FEEDS_MANAGE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.FEED_CHECK_LIMIT),
    emits=("feed.check_requested",),
    key=Key.NONE,  # what is kept with a key is made of the input: nothing may be made of a secret
)
async def check_feed(ctx: Context, *, feed_id: UUID, access_key: str, secret_key: str) -> Feed:
    """Has the bucket checked with these credentials: a tiny object is written, looked at and deleted. Seconds later the
    feed is ACTIVE, or what it was before with BUCKET_CHECK_FAILED among its problems.

    The credentials are kept sealed for the deliveries and shown to nobody; they are erased when the check fails, and
    when the feed is moved, broken or cancelled. An active feed is checked with other credentials before it takes them.
    """
    row = await access_feed(ctx, feed_id)
    lately = await Feed.filter(partner_id=row.partner_id, checks_since__gt=ctx.now - DAY).order_by("checks_since")
    made, since = sum(one.checks_made for one in lately), lately[0].checks_since if lately else None
    require(FEED.check(row.state, "check") + check_checks(made, since, policy=ctx.policy))
    first = row.checks_since is None or row.checks_since <= ctx.now - DAY
    await row.change(
        now=ctx.now,
        state=FEED.after(row.state, "check"),
        resumes=row.state,
        offered_sealed=seal_credentials(ctx, row.id, Opened(access_key, secret_key)),
        check_number=row.check_number + 1,
        check_asked_at=ctx.now,
        checks_since=ctx.now if first else row.checks_since,
        checks_made=1 if first else row.checks_made + 1,
    )
    ctx.event("feed.check_requested", row, partner_id=row.partner_id, state=row.state.value)
    ctx.effect("feed.check_requested", row)
    ctx.enqueue(
        CHECK_TOPIC,
        f"{row.id}:{row.check_number}",
        max_attempts=CHECK_ATTEMPTS,
        feed_id=str(row.id),
        number=row.check_number,
    )
    return row


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("feed.activated", "feed.check_failed"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def settle_feed_check(ctx: Context, *, feed_id: UUID, number: int, problem: BucketProblem | None) -> Feed:
    """What came of the check of that number, unless it is no longer waited for."""
    row = await lock_feed(feed_id)
    if row.state is not FeedState.VERIFYING or row.check_number != number or row.resumes is None:
        return row
    if problem is None:
        await _activate(ctx, row)
        return row
    state = FEED.after(row.state, _FAILED[row.resumes])
    await row.change(now=ctx.now, state=state, offered_sealed=None, resumes=None, problem=problem)
    ctx.event("feed.check_failed", row, partner_id=row.partner_id, state=state.value, problem=problem.value)
    ctx.effect("feed.check_failed", row)
    return row


async def _activate(ctx: Context, row: Feed) -> None:
    """With the credentials that the bucket has accepted; a feed that was not active begins with the next day."""
    values: dict[str, Any] = {"credentials_sealed": row.offered_sealed, "offered_sealed": None, "problem": None}
    if row.resumes is not FeedState.ACTIVE:
        values |= {"active_since": ctx.now, "planned_through": compute_due_day(ctx.now, Site(row.site))}
    state = FEED.after(row.state, "verify")
    await row.change(now=ctx.now, state=state, resumes=None, broken_at=None, **values)
    ctx.event("feed.activated", row, partner_id=row.partner_id, state=state.value)
    ctx.effect("feed.activated", row)


async def stale_checks(ctx: Context) -> list[UUID]:
    """Feeds whose check has had no outcome for too long."""
    async with db.read(EVERYTHING):
        rows = Feed.filter(state=FeedState.VERIFYING, check_asked_at__lte=ctx.now - CHECK_LIFE)
        return [row.id for row in await rows.order_by("check_asked_at").limit(BATCH).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("feed.activated", "feed.check_failed"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def end_stale_check(ctx: Context, *, feed_id: UUID) -> Feed:
    """Ends a check that has had no outcome for too long."""
    row = await lock_feed(feed_id)
    if row.check_asked_at is None or row.check_asked_at > ctx.now - CHECK_LIFE:
        return row
    return await settle_feed_check(ctx, feed_id=feed_id, number=row.check_number, problem=BucketProblem.NO_ANSWER)


@command(permission=Permission.FEEDS_MANAGE, refuses=(ErrorCode.STATE_CONFLICT,), emits=("feed.cancelled",))
async def cancel_feed(ctx: Context, *, feed_id: UUID, expected_version: int | None = None) -> Feed:
    """Ends a feed: nothing is delivered any more and its credentials are erased. Files that lie in the bucket stay."""
    row = await access_feed(ctx, feed_id)
    expect_version(row, expected_version)
    require(FEED.check(row.state, "cancel"))
    await _cancel(ctx, row)
    return row


async def _cancel(ctx: Context, row: Feed) -> None:
    state = FEED.after(row.state, "cancel")
    await row.change(now=ctx.now, state=state, cancelled_at=ctx.now, **_IDLE)
    ctx.event("feed.cancelled", row, partner_id=row.partner_id, state=state.value)
    ctx.effect("feed.cancelled", row)


async def end_feeds(ctx: Context, partner: Partner) -> None:
    """Ends what a partner has whose account's data are erased; the caller declares `feed.cancelled`."""
    live = Feed.filter(partner_id=partner.id).exclude(state=FeedState.CANCELLED)
    for row in await live.select_for_update().order_by("id"):
        await _cancel(ctx, row)
