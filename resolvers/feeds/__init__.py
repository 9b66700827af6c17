"""Feeds of data files: where they go, the check of the bucket, the day's files, and what became of each."""

from resolvers.feeds.delivering import (
    DELIVER_TOPIC,
    due_deliveries,
    due_feeds,
    pass_delivery_time,
    plan_feed_day,
    redeliver_feed,
    settle_feed_delivery,
)
from resolvers.feeds.files import Written, write_file
from resolvers.feeds.managing import (
    CHECK_TOPIC,
    cancel_feed,
    check_feed,
    end_feeds,
    end_stale_check,
    save_feed,
    settle_feed_check,
    stale_checks,
    update_feed,
)
from resolvers.feeds.reading import (
    TopicOffer,
    actions_of,
    feed_deliveries,
    feed_topics,
    feeds,
    feeds_of,
    partners_of,
    problems_of,
)
from resolvers.feeds.scope import Opened, is_live, open_credentials, reader_of, visible, visible_deliveries

__all__ = [
    "CHECK_TOPIC",
    "DELIVER_TOPIC",
    "Opened",
    "TopicOffer",
    "Written",
    "actions_of",
    "cancel_feed",
    "check_feed",
    "due_deliveries",
    "due_feeds",
    "end_feeds",
    "end_stale_check",
    "feed_deliveries",
    "feed_topics",
    "feeds",
    "feeds_of",
    "is_live",
    "open_credentials",
    "partners_of",
    "pass_delivery_time",
    "plan_feed_day",
    "problems_of",
    "reader_of",
    "redeliver_feed",
    "save_feed",
    "settle_feed_check",
    "settle_feed_delivery",
    "stale_checks",
    "update_feed",
    "visible",
    "visible_deliveries",
    "write_file",
]
