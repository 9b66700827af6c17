from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads

from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class BusinessInfoState(StrEnum):
    NONE = "NONE"
    SUBMITTED = "SUBMITTED"
    AMOUNT_PENDING = "AMOUNT_PENDING"
    LOCKED = "LOCKED"
    AUTO_CHECK = "AUTO_CHECK"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    LETTER_REQUIRED = "LETTER_REQUIRED"
    LETTER_REVIEW = "LETTER_REVIEW"
    CERTIFIED = "CERTIFIED"
    REJECTED = "REJECTED"
    EXPIRED_BY_CHANGE = "EXPIRED_BY_CHANGE"


class MicroDepositState(StrEnum):
    REQUESTED = "REQUESTED"
    SENT = "SENT"
    FAILED = "FAILED"
    MISSED = "MISSED"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class TaxpayerType(StrEnum):
    GENERAL = "GENERAL"
    SMALL_SCALE = "SMALL_SCALE"


class Migration(migrations.Migration):
    dependencies = [("models", "0010_how_partners_are_told")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BusinessInfoForm",
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
                        related_name="business_info_forms",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("company_name", fields.CharField(null=True, max_length=256)),
                ("credit_code", fields.CharField(null=True, max_length=40)),
                ("address", fields.CharField(null=True, max_length=500)),
                (
                    "taxpayer_type",
                    fields.CharEnumField(
                        null=True,
                        description="GENERAL: GENERAL\nSMALL_SCALE: SMALL_SCALE",
                        enum_type=TaxpayerType,
                        max_length=20,
                    ),
                ),
                ("tax_number", fields.CharField(null=True, max_length=32)),
                ("tax_rate", fields.DecimalField(null=True, max_digits=5, decimal_places=4)),
                ("contact_name", fields.CharField(null=True, max_length=128)),
                ("contact_mobile", fields.CharField(null=True, max_length=32)),
                ("contact_email", fields.CharField(null=True, max_length=64)),
                ("bank_country", fields.CharField(null=True, max_length=2)),
                ("bank_code", fields.CharField(null=True, max_length=20)),
                ("bank_name", fields.CharField(null=True, max_length=200)),
                ("branch_name", fields.CharField(null=True, max_length=200)),
                ("branch_code", fields.CharField(null=True, max_length=12)),
                ("bic", fields.CharField(null=True, max_length=11)),
                ("account_holder", fields.CharField(null=True, max_length=256)),
                ("account_sealed", fields.BinaryField(null=True)),
                ("account_end", fields.CharField(null=True, max_length=4)),
                ("intermediary_bank", fields.CharField(null=True, max_length=200)),
                ("intermediary_bic", fields.CharField(null=True, max_length=11)),
                ("signing_entity", fields.CharField(null=True, max_length=20)),
                ("currency", fields.CharField(null=True, max_length=3)),
                ("related_supplier", fields.BooleanField(null=True)),
                ("related_details", fields.CharField(null=True, max_length=1000)),
                ("privacy_statement", fields.CharField(null=True, max_length=20)),
                ("submitted_by", fields.UUIDField(null=True)),
                ("submitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "business_info_form",
                "app": "models",
                "indexes": [Index(fields=["partner_id", "id"], name="business_info_form_of_partner")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="BankLetter",
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
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="bank_letters",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "form",
                    fields.ForeignKeyField(
                        "models.BusinessInfoForm",
                        source_field="form_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="letters",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("file_name", fields.CharField(max_length=200)),
                ("media_type", fields.CharField(max_length=50)),
                ("size", fields.IntField()),
                ("sha256", fields.CharField(max_length=64)),
                ("sent_by", fields.UUIDField()),
            ],
            options={"table": "bank_letter", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="MicroDeposit",
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
                        related_name="micro_deposits",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "form",
                    fields.ForeignKeyField(
                        "models.BusinessInfoForm",
                        source_field="form_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="deposits",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="REQUESTED: REQUESTED\nSENT: SENT\nFAILED: FAILED\nMISSED: MISSED\nCONFIRMED: CONFIRMED\nCANCELLED: CANCELLED",
                        enum_type=MicroDepositState,
                        max_length=20,
                    ),
                ),
                ("amount_sealed", fields.BinaryField()),
                ("currency", fields.CharField(max_length=3)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("overdue_from", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reference", fields.CharField(null=True, max_length=128)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "micro_deposit",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="micro_deposit_of_partner"),
                    Index(fields=["state", "id"], name="micro_deposit_by_state"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="Supplier",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                ("reference", fields.CharField(max_length=64)),
                ("name", fields.CharField(max_length=256)),
                ("name_key", fields.CharField(max_length=256)),
                ("account_sealed", fields.BinaryField()),
                ("account_end", fields.CharField(max_length=4)),
                ("signing_entity", fields.CharField(max_length=20)),
                ("currency", fields.CharField(max_length=3)),
                ("removed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "supplier",
                "app": "models",
                "indexes": [Index(fields=["site", "name_key"], name="supplier_by_name")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="BusinessInfo",
            name="recorded_by",
            field=fields.UUIDField(null=True),
        ),
        ops.AddField(
            model_name="BusinessInfo",
            name="certified_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="BusinessInfo",
            name="check_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="BusinessInfo",
            name="check_reasons",
            field=fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.AddField(
            model_name="BusinessInfo",
            name="form",
            field=fields.ForeignKeyField(
                "models.BusinessInfoForm",
                source_field="form_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="records",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="BusinessInfo",
            name="reason",
            field=fields.CharField(null=True, max_length=500),
        ),
        ops.AddField(
            model_name="BusinessInfo",
            name="state",
            field=fields.CharEnumField(
                default="NONE",
                description="NONE: NONE\nSUBMITTED: SUBMITTED\nAMOUNT_PENDING: AMOUNT_PENDING\nLOCKED: LOCKED\nAUTO_CHECK: AUTO_CHECK\nMANUAL_REVIEW: MANUAL_REVIEW\nLETTER_REQUIRED: LETTER_REQUIRED\nLETTER_REVIEW: LETTER_REVIEW\nCERTIFIED: CERTIFIED\nREJECTED: REJECTED\nEXPIRED_BY_CHANGE: EXPIRED_BY_CHANGE",
                db_default="NONE",
                enum_type=BusinessInfoState,
                max_length=20,
            ),
        ),
        ops.AddField(
            model_name="BusinessInfo",
            name="warned_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name="BusinessInfo",
            name="wrong_amounts",
            field=fields.IntField(default=0, db_default=0),
        ),
        ops.RunSQL("update business_info set state = 'CERTIFIED', certified_at = since where certified"),
        ops.RemoveField(model_name="BusinessInfo", name="certified"),
        ops.AddIndex(
            model_name="BusinessInfo",
            index=Index(fields=["state", "id"], name="business_info_by_state"),
        ),
        ops.AddIndex(
            model_name="BusinessInfo",
            index=Index(fields=["form_id"], name="business_info_of_form"),
        ),
        ops.AddConstraint(
            model_name="BusinessInfo",
            constraint=CheckConstraint(
                check="(state = 'AUTO_CHECK') = (check_at IS NOT NULL)", name="business_info_check_due"
            ),
        ),
        ops.AddConstraint(
            model_name="BusinessInfo",
            constraint=CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="business_info_rejected_with_reason"
            ),
        ),
        ops.RemoveConstraint(
            model_name="RecordedMessage",
            name="recorded_message_channel_known",
            fields=None,
        ),
        ops.AddConstraint(
            model_name="RecordedMessage",
            constraint=CheckConstraint(
                check="channel IN ('SMS','EMAIL','BANK')", name="recorded_message_channel_known"
            ),
        ),
        ops.AddConstraint(
            model_name="BusinessInfoForm",
            constraint=UniqueConstraint(
                fields=("partner_id",), name="business_info_form_one_draft", condition="submitted_at IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="BusinessInfoForm",
            constraint=CheckConstraint(
                check="(account_sealed IS NULL) = (account_end IS NULL)", name="business_info_form_account_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="BusinessInfoForm",
            constraint=CheckConstraint(
                check="submitted_at IS NULL OR (account_sealed IS NOT NULL AND company_name IS NOT NULL)",
                name="business_info_form_submitted_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="BankLetter",
            constraint=UniqueConstraint(fields=("form_id",), name="bank_letter_once"),
        ),
        ops.AddConstraint(
            model_name="BankLetter",
            constraint=CheckConstraint(check="size > 0", name="bank_letter_not_empty"),
        ),
        ops.AddConstraint(
            model_name="MicroDeposit",
            constraint=UniqueConstraint(
                fields=("partner_id",), name="micro_deposit_one_open", condition="state IN ('REQUESTED','SENT')"
            ),
        ),
        ops.AddConstraint(
            model_name="Supplier",
            constraint=UniqueConstraint(fields=("site", "reference"), name="supplier_reference_once"),
        ),
    ]
