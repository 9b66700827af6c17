from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class DeferredStatus(StrEnum):
    WAITING = "WAITING"
    RESUBMITTED = "RESUBMITTED"
    DROPPED = "DROPPED"
    WITHDRAWN = "WITHDRAWN"


class PayoutMethod(StrEnum):
    VOUCHER_QUOTA = "VOUCHER_QUOTA"
    ACCOUNT_OWED_INVOICE = "ACCOUNT_OWED_INVOICE"
    ACCOUNT = "ACCOUNT"
    BANK_TRANSFER = "BANK_TRANSFER"


class ReviewKind(StrEnum):
    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    BUSINESS_INFO = "BUSINESS_INFO"
    BANK_LETTER = "BANK_LETTER"


class Migration(migrations.Migration):
    dependencies = [("models", "0018_plans_last_invitations_end_agreements_are_kept")]

    initial = False

    operations = [
        ops.CreateModel(
            name="DeferredPayout",
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
                        related_name="deferred_payouts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "method",
                    fields.CharEnumField(
                        description="VOUCHER_QUOTA: VOUCHER_QUOTA\nACCOUNT_OWED_INVOICE: ACCOUNT_OWED_INVOICE\nACCOUNT: ACCOUNT\nBANK_TRANSFER: BANK_TRANSFER",
                        enum_type=PayoutMethod,
                        max_length=30,
                    ),
                ),
                ("incentive_ids", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("content", fields.BinaryField()),
                (
                    "status",
                    fields.CharEnumField(
                        description="WAITING: WAITING\nRESUBMITTED: RESUBMITTED\nDROPPED: DROPPED\nWITHDRAWN: WITHDRAWN",
                        enum_type=DeferredStatus,
                        max_length=20,
                    ),
                ),
                ("requested_by", fields.UUIDField(null=True)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("codes", fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads)),
                ("payout_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "deferred_payout",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="deferred_payout_of_partner"),
                    Index(fields=["status", "id"], name="deferred_payout_by_status"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="DeferredPayout",
            constraint=UniqueConstraint(
                fields=("partner_id", "content"), name="deferred_payout_once", condition="status = 'WAITING'"
            ),
        ),
        ops.AddConstraint(
            model_name="DeferredPayout",
            constraint=CheckConstraint(
                check="(status = 'WAITING') = (ended_at IS NULL)", name="deferred_payout_ended_when"
            ),
        ),
        ops.AddConstraint(
            model_name="DeferredPayout",
            constraint=CheckConstraint(
                check="(status = 'RESUBMITTED') = (payout_id IS NOT NULL)", name="deferred_payout_resubmitted_whole"
            ),
        ),
    ]
