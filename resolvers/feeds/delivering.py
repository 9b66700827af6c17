"""The day's files: planned once for each topic and day, tried until they lie in the bucket or are given up."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.i18n import Locale, translate
from core.scope import EVERYTHING
from models.feeds import Feed, FeedDelivery
from models.partners import Partner
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.feeds.scope import access_feed, is_live, lock_feed
from rules.access import Permission
from rules.errors import ErrorCode, Violation, require
from rules.feeds import (
    DAY,
    DELIVERY,
    DELIVERY_LIFE,
    FEED,
    BucketProblem,
    DeliveryState,
    FeedState,
    FeedTopic,
    WithheldReason,
    check_allowed,
    check_bucket,
    check_redelivery,
    check_topics,
    compute_due_day,
    compute_history_start,
    is_broken,
    ordered,
)
from rules.partners import Standing
from rules.policy import FEEDS_ATTEMPTS, FEEDS_FAILED_DAYS_MAX, FEEDS_REDELIVERY_DAYS
from rules.sites import Site

DELIVER_TOPIC = "feed.deliver"
BATCH = 500
_LIVE = Q(state=FeedState.ACTIVE) | Q(resumes=FeedState.ACTIVE)


async def due_feeds(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Feeds with a day whose files are due and not planned yet, none `without`; those of closed partners wait."""
    found: list[UUID] = []
    async with db.read(EVERYTHING):
        for site in Site:
            due = Feed.filter(_LIVE, site=site.value, planned_through__lt=compute_due_day(ctx.now, site))
            due = due.exclude(partner__standing=Standing.CLOSED).exclude(id__in=list(without))
            rows = due.order_by("planned_through", "id").limit(BATCH)
            found += [row.id for row in await rows.only("id")]
    return found


@command(permission=Permission.RUN_SCHEDULES, emits=("feed.withheld",), key=Key.OPTIONAL, as_system=True)
async def plan_feed_day(ctx: Context, *, feed_id: UUID) -> Feed:
    """Plans the files of the earliest day that is due and not planned; a partner that may not have a topic any more is
    told why. Files that somebody was quicker to ask for are left out, and days too long ago to be asked for.
    """
    row = await lock_feed(feed_id)
    due_day = compute_due_day(ctx.now, Site(row.site))
    if not is_live(row) or row.planned_through is None or row.planned_through >= due_day:
        return row
    partner = await Partner.get(id=row.partner_id)
    day = max(row.planned_through + DAY, due_day - ctx.policy_of(row)[FEEDS_REDELIVERY_DAYS])
    asked = await FeedDelivery.filter(feed_id=row.id, day=day).values_list("topic", flat=True)
    for topic in ordered(set(row.topics) - set(asked)):
        if check_allowed([topic], partner.kind):
            reason = WithheldReason.NOT_A_DISTRIBUTOR
            made = await _insert(ctx, row, topic, day, state=DeliveryState.WITHHELD, withheld=reason)
            await _tell_withheld(ctx, row, made, reason)
        else:
            _send(ctx, row, await _insert(ctx, row, topic, day))
    await row.change(now=ctx.now, planned_through=day)
    return row


async def _insert(ctx: Context, row: Feed, topic: FeedTopic, day: date, **values: Any) -> FeedDelivery:
    given = {"state": DeliveryState.DUE, **values}
    ids = {"feed_id": row.id, "partner_id": row.partner_id}
    return await FeedDelivery.insert(now=ctx.now, **ids, topic=topic, day=day, asked_at=ctx.now, **given)


async def _tell_withheld(ctx: Context, row: Feed, delivery: FeedDelivery, reason: WithheldReason) -> None:
    """Tells a partner that may not have a topic any more so, on the first of the days in a row."""
    topic, day = delivery.topic.value, delivery.day.isoformat()
    ctx.event("feed.withheld", delivery, partner_id=row.partner_id, topic=topic, day=day, reason=reason.value)
    ctx.effect("feed.withheld", delivery)
    if reason is not WithheldReason.NOT_A_DISTRIBUTOR:
        return
    days = FeedDelivery.filter(feed_id=row.id, topic=delivery.topic, day__lt=delivery.day).order_by("-day")
    before = await days.first()
    if before is None or before.withheld is not reason:
        partner = await Partner.get(id=row.partner_id)
        facts = {"topic": _in_words(f"FeedTopic.{delivery.topic.value}")}
        ctx.notify("feed_withheld", partner, about=delivery, names={"bucket": row}, facts=facts)


def _in_words(value: str) -> dict[str, str]:
    return {locale.value: translate(f"enums.{value}", locale) for locale in Locale}


def _send(ctx: Context, row: Feed, delivery: FeedDelivery) -> None:
    ctx.enqueue(
        DELIVER_TOPIC,
        f"{delivery.id}:{delivery.round}",
        max_attempts=ctx.policy_of(row)[FEEDS_ATTEMPTS],
        delivery_id=str(delivery.id),
        round=delivery.round,
    )


@command(
    permission=Permission.FEEDS_MANAGE,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.BUCKET_CHECK_FAILED,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.FEED_REDELIVERY_LIMIT,
        ErrorCode.TOPIC_REQUIRED,
        ErrorCode.TOO_MANY,
        ErrorCode.SUBSCRIPTION_NOT_ALLOWED,
    ),
    emits=("feed.redelivery_requested",),
)
async def redeliver_feed(ctx: Context, *, feed_id: UUID, day: date, topics: list[FeedTopic] | None = None) -> Feed:
    """Has a day's files written and delivered again, in place of those that lie there: of all topics of the feed, or of
    these of them. Files of what is present, as customers, say what holds when they are written.
    """
    row = await access_feed(ctx, feed_id)
    partner, policy = await Partner.get(id=row.partner_id), ctx.policy_of(row)
    wanted = ordered(row.topics if topics is None else set(row.topics) & set(topics))
    found = await FeedDelivery.filter(feed_id=row.id, day=day, topic__in=wanted).select_for_update().order_by("id")
    known = {one.topic: one for one in found}
    wrong = FEED.check(row.state, "redeliver") + ([] if is_live(row) else check_bucket(row.problem))
    wrong += check_redelivery(
        day, compute_due_day(ctx.now, Site(row.site)), [one.round for one in found], policy=policy
    )
    wrong += check_topics(wanted, policy=policy) + check_allowed(wanted, partner.kind, "input", "topics")
    wrong += _check_idle(found)
    require(wrong)
    for topic in wanted:
        delivery = known.get(topic)
        if delivery is None:
            delivery = await _insert(ctx, row, topic, day)
        else:
            again = {"round": delivery.round + 1, "asked_at": ctx.now, "attempts": 0, "withheld": None, "problem": None}
            state = DELIVERY.after(delivery.state, "redeliver")
            await delivery.change(now=ctx.now, state=state, **again)
        _send(ctx, row, delivery)
    asked = [topic.value for topic in wanted]
    ctx.event("feed.redelivery_requested", row, partner_id=row.partner_id, day=day.isoformat(), topics=asked)
    ctx.effect("feed.redelivery_requested", row)
    return row


def _check_idle(found: Sequence[FeedDelivery]) -> list[Violation]:
    """STATE_CONFLICT, once, while one of them is still on its way."""
    return next((wrong for one in found if (wrong := DELIVERY.check(one.state, "redeliver"))), [])


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("feed.delivered", "feed.delivery_failed", "feed.withheld", "feed.broken"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def settle_feed_delivery(
    ctx: Context,
    *,
    delivery_id: UUID,
    round: int,
    file: dict[str, Any] | None = None,
    problem: BucketProblem | None = None,
    withheld: WithheldReason | None = None,
    last: bool = False,
) -> FeedDelivery:
    """What came of an attempt of that round, once: a `file` that lies in the bucket (`object_key`, `rows`, `size`,
    `sha256`), a `problem`, after which it is given up when it was the `last`, or nothing to be delivered.
    """
    row = await lock_feed((await FeedDelivery.get(id=delivery_id).only("id", "feed_id")).feed_id)
    delivery = await FeedDelivery.filter(id=delivery_id).select_for_update().get()
    if delivery.state is not DeliveryState.DUE or delivery.round != round:
        return delivery
    attempts = delivery.attempts + 1
    if withheld is not None:
        state = DELIVERY.after(delivery.state, "withhold")
        await delivery.change(now=ctx.now, state=state, withheld=withheld)
        await _tell_withheld(ctx, row, delivery, withheld)
    elif file is not None:
        state = DELIVERY.after(delivery.state, "deliver")
        content = {**file, "delivered_at": ctx.now, "problem": None}
        await delivery.change(now=ctx.now, state=state, attempts=attempts, **content)
        _tell(ctx, "feed.delivered", row, delivery)
        if row.state is FeedState.ACTIVE and row.problem is not None:
            await row.change(now=ctx.now, problem=None)
    elif not last:
        await delivery.change(now=ctx.now, attempts=attempts, problem=problem)
    else:
        await _give_up(ctx, row, delivery, problem or BucketProblem.NO_ANSWER, attempts)
    return delivery


def _tell(ctx: Context, event: str, row: Feed, delivery: FeedDelivery) -> None:
    topic, day = delivery.topic.value, delivery.day.isoformat()
    ctx.event(event, delivery, partner_id=row.partner_id, topic=topic, day=day, state=delivery.state.value)
    ctx.effect(event, delivery)


async def _give_up(ctx: Context, row: Feed, delivery: FeedDelivery, problem: BucketProblem, attempts: int) -> None:
    state = DELIVERY.after(delivery.state, "give_up")
    await delivery.change(now=ctx.now, state=state, attempts=attempts, problem=problem)
    _tell(ctx, "feed.delivery_failed", row, delivery)
    failed = await _failed_days(ctx, row)
    if FEED.target(row.state, "break") is not None and is_broken(failed, policy=ctx.policy_of(row)):
        await _break(ctx, row, problem)


async def _break(ctx: Context, row: Feed, problem: BucketProblem) -> None:
    state = FEED.after(row.state, "break")
    await row.change(now=ctx.now, state=state, broken_at=ctx.now, problem=problem, credentials_sealed=None)
    ctx.event("feed.broken", row, partner_id=row.partner_id, state=state.value, problem=problem.value)
    ctx.effect("feed.broken", row)
    days = ctx.policy_of(row)[FEEDS_FAILED_DAYS_MAX]
    why = _in_words(f"BucketProblem.{problem.value}")
    partner = await Partner.get(id=row.partner_id)
    ctx.notify("feed_broken", partner, about=row, names={"bucket": row}, facts={"problem": why, "days": str(days)})


async def _failed_days(ctx: Context, row: Feed) -> list[bool]:
    """Of each day since the feed is active, newest first, whether a file was given up."""
    assert row.active_since is not None
    since = compute_due_day(row.active_since, Site(row.site))
    most = ctx.policy_of(row)[FEEDS_FAILED_DAYS_MAX] * len(FeedTopic)
    rows = FeedDelivery.filter(feed_id=row.id, day__gt=since).order_by("-day").limit(most)
    failed: dict[date, bool] = {}
    for day, state in await rows.values_list("day", "state"):
        failed[day] = failed.get(day, False) or state is DeliveryState.FAILED
    return list(failed.values())


async def due_deliveries(ctx: Context) -> list[UUID]:
    """Deliveries that have had no outcome for too long, and such as are forgotten."""
    oldest = max(compute_history_start(ctx.now, policy=ctx.policies.at(site, ctx.now)) for site in Site)
    stale = Q(state=DeliveryState.DUE, updated_at__lte=ctx.now - DELIVERY_LIFE)
    async with db.read(EVERYTHING):
        rows = FeedDelivery.filter(stale | Q(updated_at__lt=oldest)).order_by("updated_at").limit(BATCH)
        return [row.id for row in await rows.only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("feed.delivered", "feed.delivery_failed", "feed.withheld", "feed.broken"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def pass_delivery_time(ctx: Context, *, delivery_id: UUID) -> FeedDelivery | None:
    """Gives up a delivery that has had no outcome for too long; forgets one that is old."""
    found = await FeedDelivery.get(id=delivery_id)
    row = await lock_feed(found.feed_id)
    if found.state is DeliveryState.DUE:
        if found.updated_at > ctx.now - DELIVERY_LIFE:
            return found
        given: dict[str, Any] = {"problem": BucketProblem.NO_ANSWER, "last": True}
        given = given if is_live(row) else {"withheld": WithheldReason.FEED_NOT_ACTIVE}
        return await settle_feed_delivery(ctx, delivery_id=found.id, round=found.round, **given)
    if found.updated_at < compute_history_start(ctx.now, policy=ctx.policy_of(row)):
        await found.delete()
    return None
