"""Partners' feeds of data files, and what became of the file of each topic and day."""

from datetime import date, datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Entity, Scoped
from models.partners import Partner
from rules.errors import ErrorCode
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

CONSTRAINTS = {"feed_one_live": ErrorCode.FEED_EXISTS, "feed_delivery_once": ErrorCode.CONFLICT}


class Feed(Entity):
    """Where a partner's files go, and which.

    `credentials_sealed` holds access key and secret that the bucket has accepted, `offered_sealed` those being checked;
    `check_number` says which check that is, `resumes` what the feed goes back to when it fails; `checks_made` were made
    within a day from `checks_since` on. `problem` is what stands in the way. Files are planned up to `planned_through`,
    a day of the site; days before `active_since` do not count when it is asked whether the feed is broken.
    """

    prefix = "fed"
    named_by = "bucket"
    scope = Scoped(partner="partner_id")

    partner: fields.ForeignKeyRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="feeds", on_delete=fields.RESTRICT
    )
    partner_id: UUID
    site = fields.CharField(max_length=4)
    state = fields.CharEnumField(FeedState, max_length=10)
    endpoint = fields.CharField(max_length=ENDPOINT_LENGTH)
    region = fields.CharField(max_length=REGION_LENGTH)
    bucket = fields.CharField(max_length=BUCKET_LENGTH)
    folder = fields.CharField(max_length=PREFIX_LENGTH)
    topics: list[str] = fields.JSONField[list[str]](default=list)
    credentials_sealed: bytes | None = fields.BinaryField(null=True)
    offered_sealed: bytes | None = fields.BinaryField(null=True)
    check_number = fields.IntField(default=0, db_default=0)
    check_asked_at: datetime | None = fields.DatetimeField(null=True)
    checks_since: datetime | None = fields.DatetimeField(null=True)
    checks_made = fields.IntField(default=0, db_default=0)
    resumes = fields.CharEnumField(FeedState, max_length=10, null=True)
    problem = fields.CharEnumField(BucketProblem, max_length=20, null=True)
    active_since: datetime | None = fields.DatetimeField(null=True)
    planned_through: date | None = fields.DateField(null=True)
    broken_at: datetime | None = fields.DatetimeField(null=True)
    cancelled_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "feed"
        indexes = (
            Index(fields=("partner_id", "id"), name="feed_newest_of_partner"),
            Index(fields=("site", "state", "planned_through"), name="feed_by_planned_day"),
        )
        constraints = (
            UniqueConstraint(fields=("partner_id",), name="feed_one_live", condition="state <> 'CANCELLED'"),
            CheckConstraint(check="site IN ('CN','INTL')", name="feed_site"),
            CheckConstraint(check="jsonb_array_length(topics) > 0", name="feed_has_topics"),
            CheckConstraint(
                check="(state = 'VERIFYING') = (offered_sealed IS NOT NULL AND resumes IS NOT NULL)",
                name="feed_verifying_what",
            ),
            CheckConstraint(
                check="state NOT IN ('DRAFT','CANCELLED') OR num_nonnulls(credentials_sealed, offered_sealed) = 0",
                name="feed_idle_without_credentials",
            ),
            CheckConstraint(
                check="state <> 'ACTIVE' OR num_nulls(credentials_sealed, active_since, planned_through) = 0",
                name="feed_active_whole",
            ),
            CheckConstraint(check="state <> 'BROKEN' OR broken_at IS NOT NULL", name="feed_broken_when"),
            CheckConstraint(check="(state = 'CANCELLED') = (cancelled_at IS NOT NULL)", name="feed_cancelled_when"),
        )


class FeedDelivery(Entity):
    """The file of one topic and day; there is one row for it, however often it is delivered.

    `round` counts its deliveries, `asked_at` is when the present one was due or asked for, `attempts` were made of it.
    `problem` is why the last attempt failed. Key, rows, size and digest are those of the file that lies in the bucket.
    """

    prefix = "fdl"
    scope = Scoped(partner="partner_id")

    feed: fields.ForeignKeyRelation[Feed] = fields.ForeignKeyField(
        "models.Feed", related_name="deliveries", on_delete=fields.RESTRICT
    )
    feed_id: UUID
    partner_id = fields.UUIDField()
    topic = fields.CharEnumField(FeedTopic, max_length=30)
    day: date = fields.DateField()
    state = fields.CharEnumField(DeliveryState, max_length=10)
    round = fields.IntField(default=1, db_default=1)
    asked_at: datetime = fields.DatetimeField()
    attempts = fields.IntField(default=0, db_default=0)
    problem = fields.CharEnumField(BucketProblem, max_length=20, null=True)
    withheld = fields.CharEnumField(WithheldReason, max_length=20, null=True)
    object_key = fields.CharField(max_length=400, null=True)
    rows = fields.IntField(null=True)
    size = fields.BigIntField(null=True)
    sha256 = fields.CharField(max_length=64, null=True)
    delivered_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "feed_delivery"
        indexes = (
            Index(fields=("partner_id", "id"), name="feed_delivery_newest_of_partner"),
            Index(fields=("state", "updated_at"), name="feed_delivery_by_state"),
        )
        constraints = (
            UniqueConstraint(fields=("feed_id", "topic", "day"), name="feed_delivery_once"),
            CheckConstraint(
                check="num_nulls(object_key, rows, size, sha256, delivered_at) IN (0, 5)", name="feed_delivery_whole"
            ),
            CheckConstraint(
                check="state <> 'DELIVERED' OR delivered_at IS NOT NULL", name="feed_delivery_delivered_when"
            ),
            CheckConstraint(check="(state = 'FAILED') <= (problem IS NOT NULL)", name="feed_delivery_failed_why"),
            CheckConstraint(check="(state = 'WITHHELD') = (withheld IS NOT NULL)", name="feed_delivery_withheld_why"),
        )
