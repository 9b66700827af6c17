"""Feeds' clock and post: the check of a bucket, the day's files at 06:00, what has had no outcome."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from core import db
from core.clock import Clock
from core.ids import encode_id
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.buckets import Bucket, BucketFailure, Place, open_bucket
from gateways.delivery import Receipt, TransientFailure
from models.feeds import Feed, FeedDelivery
from models.partners import Partner
from resolvers import feeds
from resolvers.command import run
from resolvers.context import Context
from resolvers.system import system_context
from rules.feeds import (
    DELIVERED_AT,
    BucketProblem,
    DeliveryState,
    WithheldReason,
    check_allowed,
    is_last_attempt,
    object_key,
)
from rules.partners import Standing
from tasks.due import Due, carry_out
from tasks.outbox import Job, Registry
from tasks.schedules import CatchUp, Schedules

DAILY = f"{DELIVERED_AT:%H:%M}"
EVERY = timedelta(minutes=10)
CHECK_LEASE, DELIVERY_LEASE, DELIVERY_TIMEOUT = 60.0, 120.0, 3600.0
_DUE = Due(feeds.due_feeds, feeds.plan_feed_day, "feed_id", drains=True)
_STALE = Due(feeds.stale_checks, feeds.end_stale_check, "feed_id")
_OLD = Due(feeds.due_deliveries, feeds.pass_delivery_time, "delivery_id")


async def plan_days(settings: Settings, clock: Clock) -> int:
    """Plans the files of every day that is due, one command for each feed and day; how many there were."""
    return len(await carry_out(settings, clock, _DUE))


async def pass_time(settings: Settings, clock: Clock) -> int:
    """Ends what has had no outcome for too long, forgets what is old; how many there were."""
    return len(await carry_out(settings, clock, _STALE, _OLD))


async def check(settings: Settings, clock: Clock, job: Job) -> Receipt | None:
    """Has a bucket checked, outside of any transaction, and says what came of it."""
    ctx = await system_context(settings, clock())
    number = int(job.payload["number"])
    async with db.read(EVERYTHING):
        row = await Feed.get(id=UUID(job.payload["feed_id"]))
    opened = feeds.open_credentials(settings, row, offered=True)
    if opened is None or row.check_number != number:
        return Receipt("no longer wanted")
    problem: BucketProblem | None = None
    try:
        await _bucket(settings, row, opened).check(row.folder)
    except BucketFailure as failure:
        problem = failure.problem
    await run(ctx, feeds.settle_feed_check, feed_id=row.id, number=number, problem=problem)
    return None


def _bucket(settings: Settings, row: Feed, opened: feeds.Opened) -> Bucket:
    place = Place(row.endpoint, row.region, row.bucket, opened.access_key, opened.secret_key)
    return open_bucket(settings, place)


async def deliver(settings: Settings, clock: Clock, job: Job) -> Receipt | None:
    """Writes a file, brings it and its manifest into the bucket, and says what came of it. `TransientFailure` when the
    bucket does not take them and another attempt is to be made.
    """
    ctx = await system_context(settings, clock())
    round = int(job.payload["round"])
    async with db.read(EVERYTHING):
        delivery = await FeedDelivery.get(id=UUID(job.payload["delivery_id"])).select_related("feed")
        partner = await Partner.get(id=delivery.partner_id)
    if delivery.state is not DeliveryState.DUE or delivery.round != round:
        return Receipt("no longer wanted")
    outcome: dict[str, Any] = {}
    opened = feeds.open_credentials(settings, delivery.feed)
    if opened is None or not feeds.is_live(delivery.feed) or partner.standing is Standing.CLOSED:
        outcome["withheld"] = WithheldReason.FEED_NOT_ACTIVE
    elif check_allowed([delivery.topic], partner.kind):
        outcome["withheld"] = WithheldReason.NOT_A_DISTRIBUTOR
    else:
        bucket = _bucket(settings, delivery.feed, opened)
        outcome = await _attempt(ctx, bucket, delivery, partner, job.attempt)
    await run(ctx, feeds.settle_feed_delivery, delivery_id=delivery.id, round=round, **outcome)
    if outcome.get("last") is False:
        raise TransientFailure(f"bucket: {outcome['problem'].value}")
    return None


async def _attempt(
    ctx: Context, bucket: Bucket, delivery: FeedDelivery, partner: Partner, attempt: int
) -> dict[str, Any]:
    """The file that lies in the bucket now, or the problem and whether it was the last attempt."""
    place = (delivery.feed.folder, delivery.topic, encode_id(Partner.prefix, partner.id), delivery.day)
    key = object_key(*place)
    with tempfile.NamedTemporaryFile(prefix="cosell-feed-") as file:
        written = await feeds.write_file(feeds.reader_of(ctx, partner), delivery.topic, delivery.day, file)
        file.flush()
        try:
            await bucket.put(key, Path(file.name))
            await bucket.put(object_key(*place, ending="manifest.json"), written.manifest(delivery, key, ctx.now))
        except BucketFailure as failure:
            last = is_last_attempt(attempt, policy=ctx.policy_of(partner))
            return {"problem": failure.problem, "last": last}
    return {"file": {"object_key": key, "rows": written.rows, "size": written.size, "sha256": written.sha256}}


def register(settings: Settings, clock: Clock, registry: Registry, schedules: Schedules) -> None:
    """Checks and deliveries as they come, the day's files at 06:00 UTC+8, what time does every ten minutes."""

    @registry.topic(feeds.CHECK_TOPIC, lease=CHECK_LEASE)
    async def _check(job: Job) -> Receipt | None:
        return await check(settings, clock, job)

    @registry.topic(feeds.DELIVER_TOPIC, lease=DELIVERY_LEASE, timeout=DELIVERY_TIMEOUT, base=60, concurrency=2)
    async def _deliver(job: Job) -> Receipt | None:
        return await deliver(settings, clock, job)

    @schedules.scheduled("feeds.plan_days", daily=DAILY, catch_up=CatchUp.LATEST)
    async def _plan(_slot: object) -> None:
        await plan_days(settings, clock)

    @schedules.scheduled("feeds.pass_time", every=EVERY, catch_up=CatchUp.LATEST)
    async def _pass_time(_slot: object) -> None:
        await pass_time(settings, clock)
