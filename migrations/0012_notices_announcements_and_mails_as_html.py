from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class Audience(StrEnum):
    EVERYBODY = "EVERYBODY"
    PARTNERS = "PARTNERS"
    CUSTOMERS = "CUSTOMERS"
    STAFF = "STAFF"


class MessageType(StrEnum):
    VERIFICATION = "VERIFICATION"
    SECURITY = "SECURITY"
    INVITATION = "INVITATION"
    REVIEW = "REVIEW"
    ACCOUNT_CHANGE = "ACCOUNT_CHANGE"
    ACCOUNT_BALANCE = "ACCOUNT_BALANCE"
    PLAN = "PLAN"
    CUSTOMER = "CUSTOMER"
    ASSOCIATION = "ASSOCIATION"
    RESELLER = "RESELLER"
    SPECIALIST = "SPECIALIST"
    VOUCHER = "VOUCHER"
    PERFORMANCE = "PERFORMANCE"
    INCENTIVE = "INCENTIVE"
    OPPORTUNITY = "OPPORTUNITY"
    BUSINESS_INFO = "BUSINESS_INFO"


class Migration(migrations.Migration):
    dependencies = [("models", "0011_business_information_is_certified_from_a_form")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Announcement",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(null=True, max_length=4)),
                (
                    "audience",
                    fields.CharEnumField(
                        description="EVERYBODY: EVERYBODY\nPARTNERS: PARTNERS\nCUSTOMERS: CUSTOMERS\nSTAFF: STAFF",
                        enum_type=Audience,
                        max_length=20,
                    ),
                ),
                ("title_en", fields.CharField(max_length=200)),
                ("title_zh", fields.CharField(max_length=200)),
                ("text_en", fields.CharField(max_length=2000)),
                ("text_zh", fields.CharField(max_length=2000)),
                ("link", fields.CharField(null=True, max_length=500)),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "announcement",
                "app": "models",
                "indexes": [Index(fields=["ends_at", "id"], name="announcement_by_end")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="NoticeDismissal",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notice_dismissals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("notice", fields.CharField(max_length=40)),
                ("dismissed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "notice_dismissal", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.AlterField(
            model_name="MessageSetting",
            name="type",
            field=fields.CharEnumField(
                description="VERIFICATION: VERIFICATION\nSECURITY: SECURITY\nINVITATION: INVITATION\nREVIEW: REVIEW\nACCOUNT_CHANGE: ACCOUNT_CHANGE\nACCOUNT_BALANCE: ACCOUNT_BALANCE\nPLAN: PLAN\nCUSTOMER: CUSTOMER\nASSOCIATION: ASSOCIATION\nRESELLER: RESELLER\nSPECIALIST: SPECIALIST\nVOUCHER: VOUCHER\nPERFORMANCE: PERFORMANCE\nINCENTIVE: INCENTIVE\nOPPORTUNITY: OPPORTUNITY\nBUSINESS_INFO: BUSINESS_INFO",
                enum_type=MessageType,
                max_length=30,
            ),
        ),
        ops.AddIndex(
            model_name="Outbox",
            index=PartialIndex(fields=["id"], name="outbox_dead", condition={"state": "dead"}),
        ),
        ops.AddField(
            model_name="RecordedMessage",
            name="html",
            field=fields.TextField(null=True, unique=False),
        ),
        ops.AddConstraint(
            model_name="Announcement",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="announcement_site"),
        ),
        ops.AddConstraint(
            model_name="Announcement",
            constraint=CheckConstraint(check="starts_at < ends_at", name="announcement_ends_after_it_starts"),
        ),
        ops.AddConstraint(
            model_name="NoticeDismissal",
            constraint=UniqueConstraint(fields=("account_id", "notice"), name="notice_dismissal_once"),
        ),
    ]
