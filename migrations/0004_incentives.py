from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class TaxpayerType(StrEnum):
    GENERAL = "GENERAL"
    SMALL_SCALE = "SMALL_SCALE"


class AssociationType(StrEnum):
    REFERRAL = "REFERRAL"
    RESALE = "RESALE"


class IncentiveStatus(StrEnum):
    PENDING_CONFIRM = "PENDING_CONFIRM"
    CONFIRMED = "CONFIRMED"
    PAYING_OUT = "PAYING_OUT"
    PAID = "PAID"
    EXPIRED = "EXPIRED"


class OnDeadline(StrEnum):
    AUTO_CONFIRM = "AUTO_CONFIRM"
    EXPIRE = "EXPIRE"


class PayoutMethod(StrEnum):
    VOUCHER_QUOTA = "VOUCHER_QUOTA"
    ACCOUNT_OWED_INVOICE = "ACCOUNT_OWED_INVOICE"
    ACCOUNT = "ACCOUNT"
    BANK_TRANSFER = "BANK_TRANSFER"


class PayoutStatus(StrEnum):
    WAIT_INVOICE = "WAIT_INVOICE"
    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"


class AccountKind(StrEnum):
    VENDOR_POOL = "VENDOR_POOL"
    PARTNER_QUOTA = "PARTNER_QUOTA"
    RESELLER_QUOTA = "RESELLER_QUOTA"
    CUSTOMER_VOUCHER = "CUSTOMER_VOUCHER"
    INCENTIVE_PAYABLE = "INCENTIVE_PAYABLE"
    CASH = "CASH"
    BANK = "BANK"
    CLEARING = "CLEARING"
    USED = "USED"
    EXPIRED = "EXPIRED"


class Posting(StrEnum):
    QUOTA_GRANT = "QUOTA_GRANT"
    QUOTA_ISSUE = "QUOTA_ISSUE"
    QUOTA_RECALL = "QUOTA_RECALL"
    QUOTA_EXPIRY = "QUOTA_EXPIRY"
    VOUCHER_ISSUE = "VOUCHER_ISSUE"
    VOUCHER_RECALL = "VOUCHER_RECALL"
    VOUCHER_USE = "VOUCHER_USE"
    VOUCHER_EXPIRY = "VOUCHER_EXPIRY"
    VOUCHER_REFUND = "VOUCHER_REFUND"
    INCENTIVE_CONFIRMATION = "INCENTIVE_CONFIRMATION"
    INCENTIVE_PAYOUT = "INCENTIVE_PAYOUT"
    INCENTIVE_NETTING = "INCENTIVE_NETTING"
    SETTLEMENT = "SETTLEMENT"
    REVERSAL = "REVERSAL"


class Migration(migrations.Migration):
    dependencies = [("models", "0003_bills")]

    initial = False

    operations = [
        ops.CreateModel(
            name="BusinessInfo",
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
                        related_name="business_info",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("certified", fields.BooleanField()),
                (
                    "taxpayer_type",
                    fields.CharEnumField(
                        null=True,
                        description="GENERAL: GENERAL\nSMALL_SCALE: SMALL_SCALE",
                        enum_type=TaxpayerType,
                        max_length=20,
                    ),
                ),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("recorded_by", fields.UUIDField()),
            ],
            options={"table": "business_info", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="Incentive",
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
                        related_name="incentives",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "sheet",
                    fields.ForeignKeyField(
                        "models.PerformanceSheet",
                        source_field="sheet_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="incentives",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("period", fields.CharField(max_length=7)),
                ("site", fields.CharField(max_length=4)),
                ("policy_id", fields.CharField(max_length=40)),
                ("policy_version", fields.IntField()),
                (
                    "association_type",
                    fields.CharEnumField(
                        description="REFERRAL: REFERRAL\nRESALE: RESALE", enum_type=AssociationType, max_length=10
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("line_count", fields.IntField()),
                ("base_value", fields.BigIntField()),
                ("threshold_value", fields.BigIntField()),
                ("step_from", fields.BigIntField(null=True)),
                ("rate", fields.DecimalField(max_digits=9, decimal_places=8)),
                ("computed_amount", fields.BigIntField()),
                ("digest", fields.BinaryField()),
                ("amount", fields.BigIntField()),
                ("generated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "on_deadline",
                    fields.CharEnumField(
                        description="AUTO_CONFIRM: AUTO_CONFIRM\nEXPIRE: EXPIRE", enum_type=OnDeadline, max_length=20
                    ),
                ),
                ("confirm_deadline", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("deadline_provisional", fields.BooleanField()),
                (
                    "status",
                    fields.CharEnumField(
                        description="PENDING_CONFIRM: PENDING_CONFIRM\nCONFIRMED: CONFIRMED\nPAYING_OUT: PAYING_OUT\nPAID: PAID\nEXPIRED: EXPIRED",
                        enum_type=IncentiveStatus,
                        max_length=20,
                    ),
                ),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("confirmed_by", fields.UUIDField(null=True)),
                ("frozen", fields.BooleanField(default=False, db_default=False)),
                ("freeze_reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "incentive",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "status", "id"], name="incentive_by_partner"),
                    Index(fields=["status", "confirm_deadline"], name="incentive_by_deadline"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="IncentiveOffset",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("partner_id", fields.UUIDField()),
                (
                    "expired",
                    fields.ForeignKeyField(
                        "models.Incentive",
                        source_field="expired_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="offsets_given",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "negative",
                    fields.ForeignKeyField(
                        "models.Incentive",
                        source_field="negative_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="offsets",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "incentive_offset", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="PayoutRequest",
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
                        related_name="payouts",
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
                (
                    "status",
                    fields.CharEnumField(
                        description="WAIT_INVOICE: WAIT_INVOICE\nCOMPLETED: COMPLETED\nREJECTED: REJECTED",
                        enum_type=PayoutStatus,
                        max_length=20,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("netted", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("requested_by", fields.UUIDField(null=True)),
                ("requested_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_by", fields.UUIDField(null=True)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("hold_id", fields.UUIDField(null=True)),
                ("quota_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "payout_request",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "status", "id"], name="payout_request_by_partner"),
                    Index(fields=["status", "id"], name="payout_request_by_status"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OwedInvoice",
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
                        related_name="owed_invoices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "payout",
                    fields.ForeignKeyField(
                        "models.PayoutRequest",
                        source_field="payout_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="owed_invoices",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("remaining", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("tax_rate", fields.DecimalField(max_digits=7, decimal_places=6)),
                ("incurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "owed_invoice", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="PayoutItem",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("partner_id", fields.UUIDField()),
                (
                    "payout",
                    fields.ForeignKeyField(
                        "models.PayoutRequest",
                        source_field="payout_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="items",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "incentive",
                    fields.ForeignKeyField(
                        "models.Incentive",
                        source_field="incentive_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="payouts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("released", fields.BooleanField(default=False, db_default=False)),
            ],
            options={"table": "payout_item", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.AlterField(
            model_name="LedgerAccount",
            name="kind",
            field=fields.CharEnumField(
                description="VENDOR_POOL: VENDOR_POOL\nPARTNER_QUOTA: PARTNER_QUOTA\nRESELLER_QUOTA: RESELLER_QUOTA\nCUSTOMER_VOUCHER: CUSTOMER_VOUCHER\nINCENTIVE_PAYABLE: INCENTIVE_PAYABLE\nCASH: CASH\nBANK: BANK\nCLEARING: CLEARING\nUSED: USED\nEXPIRED: EXPIRED",
                enum_type=AccountKind,
                max_length=20,
            ),
        ),
        ops.AlterField(
            model_name="LedgerEntry",
            name="kind",
            field=fields.CharEnumField(
                description="QUOTA_GRANT: QUOTA_GRANT\nQUOTA_ISSUE: QUOTA_ISSUE\nQUOTA_RECALL: QUOTA_RECALL\nQUOTA_EXPIRY: QUOTA_EXPIRY\nVOUCHER_ISSUE: VOUCHER_ISSUE\nVOUCHER_RECALL: VOUCHER_RECALL\nVOUCHER_USE: VOUCHER_USE\nVOUCHER_EXPIRY: VOUCHER_EXPIRY\nVOUCHER_REFUND: VOUCHER_REFUND\nINCENTIVE_CONFIRMATION: INCENTIVE_CONFIRMATION\nINCENTIVE_PAYOUT: INCENTIVE_PAYOUT\nINCENTIVE_NETTING: INCENTIVE_NETTING\nSETTLEMENT: SETTLEMENT\nREVERSAL: REVERSAL",
                enum_type=Posting,
                max_length=30,
            ),
        ),
        ops.AlterField(
            model_name="LedgerTransaction",
            name="kind",
            field=fields.CharEnumField(
                description="QUOTA_GRANT: QUOTA_GRANT\nQUOTA_ISSUE: QUOTA_ISSUE\nQUOTA_RECALL: QUOTA_RECALL\nQUOTA_EXPIRY: QUOTA_EXPIRY\nVOUCHER_ISSUE: VOUCHER_ISSUE\nVOUCHER_RECALL: VOUCHER_RECALL\nVOUCHER_USE: VOUCHER_USE\nVOUCHER_EXPIRY: VOUCHER_EXPIRY\nVOUCHER_REFUND: VOUCHER_REFUND\nINCENTIVE_CONFIRMATION: INCENTIVE_CONFIRMATION\nINCENTIVE_PAYOUT: INCENTIVE_PAYOUT\nINCENTIVE_NETTING: INCENTIVE_NETTING\nSETTLEMENT: SETTLEMENT\nREVERSAL: REVERSAL",
                enum_type=Posting,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="BusinessInfo",
            constraint=UniqueConstraint(fields=("partner_id",), name="business_info_one_a_partner"),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=UniqueConstraint(
                fields=("partner_id", "policy_id", "period", "association_type"), name="incentive_once"
            ),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="incentive_site"),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=CheckConstraint(check="computed_amount <> 0", name="incentive_of_something"),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=CheckConstraint(
                check="amount BETWEEN least(computed_amount, 0) AND greatest(computed_amount, 0)",
                name="incentive_offset_within",
            ),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=CheckConstraint(
                check="frozen = (freeze_reason IS NOT NULL)", name="incentive_frozen_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=CheckConstraint(
                check="(status IN ('PENDING_CONFIRM','EXPIRED')) = (confirmed_at IS NULL)",
                name="incentive_confirmed_when",
            ),
        ),
        ops.AddConstraint(
            model_name="Incentive",
            constraint=CheckConstraint(check="confirm_deadline > generated_at", name="incentive_deadline_ahead"),
        ),
        ops.AddConstraint(
            model_name="IncentiveOffset",
            constraint=UniqueConstraint(fields=("expired_id", "negative_id"), name="incentive_offset_once"),
        ),
        ops.AddConstraint(
            model_name="IncentiveOffset",
            constraint=CheckConstraint(check="amount > 0", name="incentive_offset_positive"),
        ),
        ops.AddConstraint(
            model_name="PayoutRequest",
            constraint=CheckConstraint(check="amount > 0 AND netted >= 0", name="payout_request_positive"),
        ),
        ops.AddConstraint(
            model_name="PayoutRequest",
            constraint=CheckConstraint(
                check="(status = 'WAIT_INVOICE') = (ended_at IS NULL)", name="payout_request_ended_when"
            ),
        ),
        ops.AddConstraint(
            model_name="PayoutRequest",
            constraint=CheckConstraint(
                check="(status = 'REJECTED') = (reason IS NOT NULL)", name="payout_request_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="PayoutRequest",
            constraint=CheckConstraint(
                check="(method IN ('BANK_TRANSFER','ACCOUNT')) = (hold_id IS NOT NULL)",
                name="payout_request_invoiced_is_held",
            ),
        ),
        ops.AddConstraint(
            model_name="PayoutRequest",
            constraint=CheckConstraint(
                check="(method = 'VOUCHER_QUOTA') = (quota_id IS NOT NULL)", name="payout_request_quota_granted"
            ),
        ),
        ops.AddConstraint(
            model_name="OwedInvoice",
            constraint=UniqueConstraint(fields=("payout_id",), name="owed_invoice_once"),
        ),
        ops.AddConstraint(
            model_name="OwedInvoice",
            constraint=CheckConstraint(
                check="remaining BETWEEN 0 AND amount AND amount > 0", name="owed_invoice_remaining"
            ),
        ),
        ops.AddConstraint(
            model_name="PayoutItem",
            constraint=UniqueConstraint(
                fields=("incentive_id",), name="payout_item_once_at_a_time", condition="NOT released"
            ),
        ),
    ]
