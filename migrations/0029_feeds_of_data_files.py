from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class BucketProblem(StrEnum):
    ADDRESS_NOT_ALLOWED = "ADDRESS_NOT_ALLOWED"
    UNREACHABLE = "UNREACHABLE"
    DENIED = "DENIED"
    NO_SUCH_BUCKET = "NO_SUCH_BUCKET"
    NOT_ACCEPTED = "NOT_ACCEPTED"
    NO_ANSWER = "NO_ANSWER"


class DeliveryState(StrEnum):
    DUE = "DUE"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"
    WITHHELD = "WITHHELD"


class FeedState(StrEnum):
    DRAFT = "DRAFT"
    VERIFYING = "VERIFYING"
    ACTIVE = "ACTIVE"
    BROKEN = "BROKEN"
    CANCELLED = "CANCELLED"


class FeedTopic(StrEnum):
    CUSTOMER_INFO = "CUSTOMER_INFO"
    CUSTOMER_CONSUMPTION = "CUSTOMER_CONSUMPTION"
    PERFORMANCE = "PERFORMANCE"
    ESTIMATED_INCENTIVE = "ESTIMATED_INCENTIVE"
    INCENTIVE = "INCENTIVE"
    INDICATOR_DETAIL = "INDICATOR_DETAIL"
    RESELLER_INFO = "RESELLER_INFO"


class WithheldReason(StrEnum):
    NOT_A_DISTRIBUTOR = "NOT_A_DISTRIBUTOR"
    FEED_NOT_ACTIVE = "FEED_NOT_ACTIVE"


class MessageType(StrEnum):
    VERIFICATION = "VERIFICATION"
    SECURITY = "SECURITY"
    INVITATION = "INVITATION"
    REVIEW = "REVIEW"
    ACCOUNT_CHANGE = "ACCOUNT_CHANGE"
    ACCOUNT_BALANCE = "ACCOUNT_BALANCE"
    PLAN = "PLAN"
    PATH = "PATH"
    CUSTOMER = "CUSTOMER"
    ASSOCIATION = "ASSOCIATION"
    RESELLER = "RESELLER"
    SPECIALIST = "SPECIALIST"
    VOUCHER = "VOUCHER"
    PERFORMANCE = "PERFORMANCE"
    INCENTIVE = "INCENTIVE"
    OPPORTUNITY = "OPPORTUNITY"
    BUSINESS_INFO = "BUSINESS_INFO"
    FEED = "FEED"


class Migration(migrations.Migration):
    dependencies = [("models", "0028_partners_declare_relations_with_the_vendors_people")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Feed",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="feeds",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: DRAFT\nVERIFYING: VERIFYING\nACTIVE: ACTIVE\nBROKEN: BROKEN\nCANCELLED: CANCELLED",
                        enum_type=FeedState,
                        max_length=10,
                    ),
                ),
                ("endpoint", fields.CharField(max_length=255)),
                ("region", fields.CharField(max_length=64)),
                ("bucket", fields.CharField(max_length=63)),
                ("folder", fields.CharField(max_length=200)),
                ("topics", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("credentials_sealed", fields.BinaryField(null=True)),
                ("offered_sealed", fields.BinaryField(null=True)),
                ("check_number", fields.IntField(default=0, db_default=0)),
                ("check_asked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("checks_since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("checks_made", fields.IntField(default=0, db_default=0)),
                (
                    "resumes",
                    fields.CharEnumField(
                        null=True,
                        description="DRAFT: DRAFT\nVERIFYING: VERIFYING\nACTIVE: ACTIVE\nBROKEN: BROKEN\nCANCELLED: CANCELLED",
                        enum_type=FeedState,
                        max_length=10,
                    ),
                ),
                (
                    "problem",
                    fields.CharEnumField(
                        null=True,
                        description="ADDRESS_NOT_ALLOWED: ADDRESS_NOT_ALLOWED\nUNREACHABLE: UNREACHABLE\nDENIED: DENIED\nNO_SUCH_BUCKET: NO_SUCH_BUCKET\nNOT_ACCEPTED: NOT_ACCEPTED\nNO_ANSWER: NO_ANSWER",
                        enum_type=BucketProblem,
                        max_length=20,
                    ),
                ),
                ("active_since", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("planned_through", fields.DateField(null=True)),
                ("broken_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("cancelled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "feed",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="feed_newest_of_partner"),
                    Index(fields=["site", "state", "planned_through"], name="feed_by_planned_day"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="FeedDelivery",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "feed",
                    fields.ForeignKeyField(
                        "models.Feed",
                        source_field="feed_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="deliveries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                (
                    "topic",
                    fields.CharEnumField(
                        description="CUSTOMER_INFO: CUSTOMER_INFO\nCUSTOMER_CONSUMPTION: CUSTOMER_CONSUMPTION\nPERFORMANCE: PERFORMANCE\nESTIMATED_INCENTIVE: ESTIMATED_INCENTIVE\nINCENTIVE: INCENTIVE\nINDICATOR_DETAIL: INDICATOR_DETAIL\nRESELLER_INFO: RESELLER_INFO",
                        enum_type=FeedTopic,
                        max_length=30,
                    ),
                ),
                ("day", fields.DateField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="DUE: DUE\nDELIVERED: DELIVERED\nFAILED: FAILED\nWITHHELD: WITHHELD",
                        enum_type=DeliveryState,
                        max_length=10,
                    ),
                ),
                ("round", fields.IntField(default=1, db_default=1)),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("attempts", fields.IntField(default=0, db_default=0)),
                (
                    "problem",
                    fields.CharEnumField(
                        null=True,
                        description="ADDRESS_NOT_ALLOWED: ADDRESS_NOT_ALLOWED\nUNREACHABLE: UNREACHABLE\nDENIED: DENIED\nNO_SUCH_BUCKET: NO_SUCH_BUCKET\nNOT_ACCEPTED: NOT_ACCEPTED\nNO_ANSWER: NO_ANSWER",
                        enum_type=BucketProblem,
                        max_length=20,
                    ),
                ),
                (
                    "withheld",
                    fields.CharEnumField(
                        null=True,
                        description="NOT_A_DISTRIBUTOR: NOT_A_DISTRIBUTOR\nFEED_NOT_ACTIVE: FEED_NOT_ACTIVE",
                        enum_type=WithheldReason,
                        max_length=20,
                    ),
                ),
                ("object_key", fields.CharField(null=True, max_length=400)),
                ("rows", fields.IntField(null=True)),
                ("size", fields.BigIntField(null=True)),
                ("sha256", fields.CharField(null=True, max_length=64)),
                ("delivered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "feed_delivery",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="feed_delivery_newest_of_partner"),
                    Index(fields=["state", "updated_at"], name="feed_delivery_by_state"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AddIndex(
            model_name="ConsumptionLine",
            index=Index(fields=["partner_id", "imported_at"], name="consumption_line_by_arrival"),
        ),
        ops.AlterField(
            model_name="MessageSetting",
            name="type",
            field=fields.CharEnumField(
                description="VERIFICATION: VERIFICATION\nSECURITY: SECURITY\nINVITATION: INVITATION\nREVIEW: REVIEW\nACCOUNT_CHANGE: ACCOUNT_CHANGE\nACCOUNT_BALANCE: ACCOUNT_BALANCE\nPLAN: PLAN\nPATH: PATH\nCUSTOMER: CUSTOMER\nASSOCIATION: ASSOCIATION\nRESELLER: RESELLER\nSPECIALIST: SPECIALIST\nVOUCHER: VOUCHER\nPERFORMANCE: PERFORMANCE\nINCENTIVE: INCENTIVE\nOPPORTUNITY: OPPORTUNITY\nBUSINESS_INFO: BUSINESS_INFO\nFEED: FEED",
                enum_type=MessageType,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="Feed",
            constraint=UniqueConstraint(fields=("partner_id",), name="feed_one_live", condition="state <> 'CANCELLED'"),
        ),
        ops.AddConstraint(
            model_name="Feed",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="feed_site"),
        ),
        ops.AddConstraint(
            model_name="Feed",
            constraint=CheckConstraint(check="jsonb_array_length(topics) > 0", name="feed_has_topics"),
        ),
        ops.AddConstraint(
            model_name="Feed",
            constraint=CheckConstraint(
                check="(state = 'VERIFYING') = (offered_sealed IS NOT NULL AND resumes IS NOT NULL)",
                name="feed_verifying_what",
            ),
        ),
        ops.AddConstraint(
            model_name="Feed",
            constraint=CheckConstraint(
                check="state NOT IN ('DRAFT','CANCELLED') OR num_nonnulls(credentials_sealed, offered_sealed) = 0",
                name="feed_idle_without_credentials",
            ),
        ),
        ops.AddConstraint(
            model_name="Feed",
            constraint=CheckConstraint(
                check="state <> 'ACTIVE' OR num_nulls(credentials_sealed, active_since, planned_through) = 0",
                name="feed_active_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Feed",
            constraint=CheckConstraint(check="state <> 'BROKEN' OR broken_at IS NOT NULL", name="feed_broken_when"),
        ),
        ops.AddConstraint(
            model_name="Feed",
            constraint=CheckConstraint(
                check="(state = 'CANCELLED') = (cancelled_at IS NOT NULL)", name="feed_cancelled_when"
            ),
        ),
        ops.AddConstraint(
            model_name="FeedDelivery",
            constraint=UniqueConstraint(fields=("feed_id", "topic", "day"), name="feed_delivery_once"),
        ),
        ops.AddConstraint(
            model_name="FeedDelivery",
            constraint=CheckConstraint(
                check="num_nulls(object_key, rows, size, sha256, delivered_at) IN (0, 5)", name="feed_delivery_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="FeedDelivery",
            constraint=CheckConstraint(
                check="state <> 'DELIVERED' OR delivered_at IS NOT NULL", name="feed_delivery_delivered_when"
            ),
        ),
        ops.AddConstraint(
            model_name="FeedDelivery",
            constraint=CheckConstraint(
                check="(state = 'FAILED') <= (problem IS NOT NULL)", name="feed_delivery_failed_why"
            ),
        ),
        ops.AddConstraint(
            model_name="FeedDelivery",
            constraint=CheckConstraint(
                check="(state = 'WITHHELD') = (withheld IS NOT NULL)", name="feed_delivery_withheld_why"
            ),
        ),
    ]
