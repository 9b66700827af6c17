"""GraphQL of feeds of data files: where files go, the check of the bucket, what became of each file."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from models.feeds import Feed as FeedRow
from resolvers import feeds as use_cases
from resolvers.context import Context
from rules.feeds import (
    BUCKET_LENGTH,
    ENDPOINT_LENGTH,
    PREFIX_LENGTH,
    REGION_LENGTH,
    BucketProblem,
    DeliveryState,
    FeedState,
    FeedTopic,
    WithheldReason,
)
from schema.actions import ActionState
from schema.columns import looks_at
from schema.context import Info
from schema.errors import UserError
from schema.fields import Payload, mutation, query, relation
from schema.inputs import KeyedInput, SecretInput, ref, text
from schema.nodes import Node, OfRow, Versioned
from schema.pages import connection

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(FeedTopic, description="What a partner can have delivered as files.")
strawberry.enum(FeedState, description="Where a feed of data files stands.")
strawberry.enum(DeliveryState, name="FeedDeliveryState", description="What became of a file.")
strawberry.enum(BucketProblem, description="Why a bucket did not take a file.")
strawberry.enum(WithheldReason, name="FeedWithheldReason", description="Why there is no file.")

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
FeedId = Annotated[strawberry.ID | None, strawberry.argument(description="Only files of this feed.")]
Day = Annotated[date | None, strawberry.argument(description="Only files of this day.")]
_ENDPOINT = "The service's address, https:// with host and port: the bucket's name is added as its path."
_PREFIX = "Folder in the bucket, without a slash at either end; empty: none."


@strawberry.type(description="Where a partner's data files go, and which. Nobody sees its credentials.")
class Feed(Versioned, Node, OfRow):
    """The source object is a Feed row."""

    state: FeedState = strawberry.field(description="Where it stands.")
    endpoint: str = strawberry.field(description="The service's address.")
    region: str = strawberry.field(description="The bucket's region; empty: the service needs none.")
    bucket: str = strawberry.field(description="The bucket's name.")
    topics: list[FeedTopic] = strawberry.field(description="What is delivered.")
    check_asked_at: datetime | None = strawberry.field(description="When the bucket was to be checked last.")
    active_since: datetime | None = strawberry.field(description="Since when files are delivered; null: never yet.")
    planned_through: date | None = strawberry.field(description="The last day whose files were due; null: none was.")
    broken_at: datetime | None = strawberry.field(description="When it broke; null once it has been checked again.")
    cancelled_at: datetime | None = strawberry.field(description="When it ended.")
    problem: BucketProblem | None = strawberry.field(description="Why the bucket took nothing last; null when it did.")
    partner = relation(use_cases.partners_of, PartnerType, "Whose it is.")
    problems = relation(
        use_cases.problems_of,
        list[UserError],
        "What stands in the way of deliveries: BUCKET_CHECK_FAILED of all, SUBSCRIPTION_NOT_ALLOWED of a topic's.",
        columns=("state", "problem", "topics", "partner_id"),
    )
    actions = relation(
        use_cases.actions_of,
        list[ActionState],
        "What you may do with it now: CHANGE, CHECK, REDELIVER, CANCEL.",
        columns=("state",),
    )

    @strawberry.field(description="The folder in the bucket; empty: none.", metadata=looks_at("folder"))
    def prefix(self) -> str:
        """The stored folder: rows have a prefix of another kind."""
        row: Any = self
        return str(row.folder)


@strawberry.type(description="The file of one topic and day. Its key names the newest file that lies in the bucket.")
class FeedDelivery(Versioned, Node, OfRow):
    """The source object is a FeedDelivery row."""

    topic: FeedTopic = strawberry.field(description="What it holds.")
    day: date = strawberry.field(description="Which day it is of.")
    state: DeliveryState = strawberry.field(description="What became of it.")
    asked_at: datetime = strawberry.field(description="When it was due, or was asked for again.")
    attempts: int = strawberry.field(description="How often it has been tried since.")
    problem: BucketProblem | None = strawberry.field(description="Why the last attempt failed; null when it did not.")
    withheld: WithheldReason | None = strawberry.field(description="Why there is no file.")
    object_key: str | None = strawberry.field(description="Its key in the bucket; .manifest.json stands beside it.")
    rows: int | None = strawberry.field(description="How many rows it has, without the head.")
    sha256: str | None = strawberry.field(description="SHA-256 of the file in hexadecimal digits.")
    delivered_at: datetime | None = strawberry.field(description="When it was brought into the bucket.")
    feed = relation(use_cases.feeds_of, Feed | None, "The feed it belongs to.")


@strawberry.type(description="A topic of the catalogue.")
class FeedTopicOffer:
    """The source object is a TopicOffer."""

    topic: FeedTopic = strawberry.field(description="What it holds.")
    columns: list[str] = strawberry.field(description="The columns of its file; new ones are added at the end.")
    blockers: list[UserError] = strawberry.field(description="What keeps your partner from it.")


@strawberry.input
class SaveFeedInput(KeyedInput):
    """Where files are to go, and which."""

    endpoint: str = text(_ENDPOINT, most=ENDPOINT_LENGTH)
    region: str = text(
        "The bucket's region; empty where the service needs none.", least=0, most=REGION_LENGTH, default=""
    )
    bucket: str = text("The bucket's name.", least=3, most=BUCKET_LENGTH)
    prefix: str = text(_PREFIX, least=0, most=PREFIX_LENGTH, default="")
    topics: list[FeedTopic] = strawberry.field(description="What to deliver, one to eight topics.")


@strawberry.input
class UpdateFeedInput(KeyedInput):
    """What changes; null: stays."""

    id: strawberry.ID = ref(FeedRow, "Id of the feed.", argument="feed_id")
    endpoint: str | None = text(_ENDPOINT, most=ENDPOINT_LENGTH, default=None)
    region: str | None = text("The bucket's region; empty: none.", least=0, most=REGION_LENGTH, default=None)
    bucket: str | None = text("The bucket's name.", least=3, most=BUCKET_LENGTH, default=None)
    prefix: str | None = text(_PREFIX, least=0, most=PREFIX_LENGTH, default=None)
    topics: list[FeedTopic] | None = strawberry.field(
        default=None, description="What to deliver from now on, one to eight topics."
    )
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.input
class CheckFeedInput(SecretInput):
    """What opens the bucket; it is shown to nobody."""

    id: strawberry.ID = ref(FeedRow, "Id of the feed.", argument="feed_id")
    access_key: str = text("The access key; it may write and delete below the prefix.", most=256)
    secret_key: str = text("Its secret.", most=256)


@strawberry.input
class RedeliverFeedInput(KeyedInput):
    """Which files to deliver again."""

    id: strawberry.ID = ref(FeedRow, "Id of the feed.", argument="feed_id")
    day: date = strawberry.field(description="The day of the files, in the site's zone.")
    topics: list[FeedTopic] | None = strawberry.field(
        default=None, description="Of these topics of the feed, one to eight; absent: all."
    )


@strawberry.input
class CancelFeedInput(KeyedInput):
    """Which feed to end."""

    id: strawberry.ID = ref(FeedRow, "Id of the feed.", argument="feed_id")
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")


@strawberry.type(description="The feed concerned.")
class FeedPayload(Payload):
    """The source object is a Feed."""

    feed: Feed | None = strawberry.field(description="The feed as it stands now.")


@strawberry.type
class FeedQueries:
    """Root reads of this domain."""

    @query(use_cases.feed_topics)
    async def feed_topics(self, info: Info) -> list[FeedTopicOffer]:
        """What can be delivered as files, with what keeps your partner from a topic."""
        return await use_cases.feed_topics(info.context.ctx)  # type: ignore[return-value]

    @connection(use_cases.feeds, Feed)
    def feeds(self, ctx: Context, state: FeedState | None = None) -> QuerySet[Any]:
        """Your partner's feeds, newest first, the cancelled ones with them; for the vendor everybody's."""
        return use_cases.feeds(ctx, state=state)

    @connection(use_cases.feed_deliveries, FeedDelivery)
    def feed_deliveries(
        self,
        ctx: Context,
        feed: FeedId = None,
        topic: FeedTopic | None = None,
        state: DeliveryState | None = None,
        day: Day = None,
    ) -> QuerySet[Any]:
        """The files of your partner's feeds, newest first, as long as they are remembered."""
        return use_cases.feed_deliveries(ctx, feed=feed, topic=topic, state=state, day=day)


@strawberry.type
class FeedMutations:
    """Root mutations of this domain."""

    save_feed = mutation(use_cases.save_feed, SaveFeedInput, FeedPayload)
    update_feed = mutation(use_cases.update_feed, UpdateFeedInput, FeedPayload)
    check_feed = mutation(use_cases.check_feed, CheckFeedInput, FeedPayload)
    redeliver_feed = mutation(use_cases.redeliver_feed, RedeliverFeedInput, FeedPayload)
    cancel_feed = mutation(use_cases.cancel_feed, CancelFeedInput, FeedPayload)
