"""Feeds of data files in every state that rests, with files in the folder that stands in for buckets."""

from typing import Any

from core import db
from core.scope import EVERYTHING
from models.feeds import Feed, FeedDelivery
from resolvers import feeds
from rules.feeds import BucketProblem, FeedTopic, WithheldReason
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story

MORNING = "22:00"
"""06:00 in Shanghai, in UTC."""
_KEYS = {"access_key": "SAMPLE-ACCESS-KEY", "secret_key": "sample-secret-of-no-bucket"}
T = FeedTopic


async def _draft(stage: Stage, name: str, *topics: FeedTopic) -> Feed:
    place = {"endpoint": "https://objects.example.com", "region": "cn-north-4", "prefix": "partner-centre"}
    given: dict[str, Any] = {**place, "bucket": f"{name}-files", "topics": list(topics)}
    return await stage.do(stage.people[name], feeds.save_feed, **given)


async def _active(stage: Stage, name: str, *topics: FeedTopic) -> Feed:
    feed = await _draft(stage, name, *topics)
    return await stage.do(stage.people[name], feeds.check_feed, feed_id=feed.id, **_KEYS)


async def delivers(stage: Stage) -> Story:
    """A solution provider with files of everything that it may have."""
    yield stage.on(412, "03:00")
    topics = [topic for topic in T if topic is not T.RESELLER_INFO]
    feed = await _active(stage, "yunshan", *topics)
    for day in range(413, 418):
        yield stage.on(day, MORNING)
        await stage.do(None, feeds.plan_feed_day, feed_id=feed.id)
    yield stage.on(418, "03:30")
    wanted = {"day": stage.on(415).date(), "topics": [T.INCENTIVE]}
    await stage.do(stage.people["yunshan"], feeds.redeliver_feed, feed_id=feed.id, **wanted)


async def delivers_resellers(stage: Stage) -> Story:
    """A distributor, which has information on its resellers too."""
    yield stage.on(415, "03:10")
    feed = await _active(stage, "huahai", T.CUSTOMER_INFO, T.RESELLER_INFO)
    yield stage.on(416, MORNING)
    await stage.do(None, feeds.plan_feed_day, feed_id=feed.id)


async def is_broken(stage: Stage) -> Story:
    """Its bucket took a file when it was checked, and none since."""
    yield stage.on(411, "03:20")
    feed = await _active(stage, "xingchen", T.PERFORMANCE)
    for day in range(412, 415):
        yield stage.on(day, MORNING)
        due = await _planned(stage, feed)
        yield stage.later(hours=1)
        failed = {"problem": BucketProblem.DENIED, "last": True}
        await stage.do(None, feeds.settle_feed_delivery, delivery_id=due.id, round=1, **failed)


async def was_cancelled(stage: Stage) -> Story:
    """Ended while a file was due."""
    yield stage.on(402, "03:30")
    feed = await _active(stage, "lanjing", T.CUSTOMER_CONSUMPTION)
    yield stage.on(403, MORNING)
    due = await _planned(stage, feed)
    await stage.do(stage.people["lanjing"], feeds.cancel_feed, feed_id=feed.id)
    withheld = WithheldReason.FEED_NOT_ACTIVE
    await stage.do(None, feeds.settle_feed_delivery, delivery_id=due.id, round=1, withheld=withheld)


async def _planned(stage: Stage, feed: Feed) -> FeedDelivery:
    """The file of the day before, which nobody brings anywhere."""
    planned = await stage.do_alone(feeds.plan_feed_day, feed_id=feed.id)
    async with db.read(EVERYTHING):
        return await FeedDelivery.get(feed_id=feed.id, day=planned.planned_through)


async def is_a_draft(stage: Stage) -> Story:
    """Its bucket has not been checked yet."""
    yield stage.on(417, "04:00")
    await _draft(stage, "jinqiao", T.CUSTOMER_INFO, T.INDICATOR_DETAIL)


STORIES = (delivers, delivers_resellers, is_broken, was_cancelled, is_a_draft)
