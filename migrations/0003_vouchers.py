from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class Destination(StrEnum):
    VOUCHER = "VOUCHER"
    QUOTA = "QUOTA"
    EXPIRED = "EXPIRED"


class QuotaOperation(StrEnum):
    GRANT = "GRANT"
    ISSUE = "ISSUE"
    RECALL = "RECALL"
    FREEZE = "FREEZE"
    UNFREEZE = "UNFREEZE"
    ADJUST = "ADJUST"
    RESUME = "RESUME"
    INVALIDATE = "INVALIDATE"
    EXPIRE = "EXPIRE"


class QuotaStatus(StrEnum):
    NORMAL = "NORMAL"
    ADJUSTING = "ADJUSTING"
    FROZEN = "FROZEN"
    INVALID = "INVALID"
    RECALLED = "RECALLED"


class SpendingPurpose(StrEnum):
    PURCHASE = "PURCHASE"
    MARKETPLACE = "MARKETPLACE"
    ARREARS = "ARREARS"


class SubscriptionType(StrEnum):
    NEW = "NEW"
    RENEW = "RENEW"
    CHANGE = "CHANGE"


class VoucherKind(StrEnum):
    VOUCHER = "VOUCHER"
    CASH = "CASH"


class VoucherOperation(StrEnum):
    ISSUE = "ISSUE"
    RECALL = "RECALL"
    UNBIND_RECALL = "UNBIND_RECALL"
    EXPIRY = "EXPIRY"
    REFUND = "REFUND"
    SWITCH_RECALL = "SWITCH_RECALL"


class VoucherStatus(StrEnum):
    USABLE = "USABLE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    RECALLED = "RECALLED"


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
    SETTLEMENT = "SETTLEMENT"
    REVERSAL = "REVERSAL"


class Migration(migrations.Migration):
    dependencies = [("models", "0002_second_journey")]

    initial = False

    operations = [
        ops.CreateModel(
            name="VoucherQuota",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "owner_partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="owner_partner_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="quotas",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "issuer_partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="issuer_partner_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="issued_quotas",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "models.VoucherQuota",
                        source_field="parent_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="children",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.LedgerAccount",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="quotas",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="VOUCHER: VOUCHER\nCASH: CASH", enum_type=VoucherKind, max_length=10
                    ),
                ),
                ("value_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("effective_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("limits", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "status",
                    fields.CharEnumField(
                        description="NORMAL: NORMAL\nADJUSTING: ADJUSTING\nFROZEN: FROZEN\nINVALID: INVALID\nRECALLED: RECALLED",
                        enum_type=QuotaStatus,
                        max_length=10,
                    ),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "voucher_quota",
                "app": "models",
                "indexes": [
                    Index(fields=["owner_partner_id", "status", "id"], name="voucher_quota_by_owner"),
                    Index(fields=["status", "expires_at"], name="voucher_quota_by_end"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="QuotaRecord",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "quota",
                    fields.ForeignKeyField(
                        "models.VoucherQuota",
                        source_field="quota_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("parent_quota_id", fields.UUIDField(null=True)),
                ("partner_id", fields.UUIDField()),
                ("issuer_partner_id", fields.UUIDField(null=True)),
                (
                    "operation",
                    fields.CharEnumField(
                        description="GRANT: GRANT\nISSUE: ISSUE\nRECALL: RECALL\nFREEZE: FREEZE\nUNFREEZE: UNFREEZE\nADJUST: ADJUST\nRESUME: RESUME\nINVALIDATE: INVALIDATE\nEXPIRE: EXPIRE",
                        enum_type=QuotaOperation,
                        max_length=20,
                    ),
                ),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                (
                    "destination",
                    fields.CharEnumField(
                        null=True,
                        description="VOUCHER: VOUCHER\nQUOTA: QUOTA\nEXPIRED: EXPIRED",
                        enum_type=Destination,
                        max_length=10,
                    ),
                ),
                ("remark", fields.CharField(null=True, max_length=256)),
                ("actor", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("transaction_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "quota_record",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "at", "id"], name="quota_record_by_partner"),
                    Index(fields=["issuer_partner_id", "at", "id"], name="quota_record_by_issuer"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Voucher",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "quota",
                    fields.ForeignKeyField(
                        "models.VoucherQuota",
                        source_field="quota_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="vouchers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="vouchers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "models.Customer",
                        source_field="customer_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="vouchers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.LedgerAccount",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="vouchers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="VOUCHER: VOUCHER\nCASH: CASH", enum_type=VoucherKind, max_length=10
                    ),
                ),
                ("face_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("min_order_minor", fields.BigIntField(null=True)),
                ("valid_from", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("services", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("products", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("subscriptions", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("marketplace", fields.BooleanField(default=False)),
                ("memo", fields.CharField(null=True, max_length=256)),
                (
                    "status",
                    fields.CharEnumField(
                        description="USABLE: USABLE\nUSED: USED\nEXPIRED: EXPIRED\nRECALLED: RECALLED",
                        enum_type=VoucherStatus,
                        max_length=10,
                    ),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "voucher",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "status", "id"], name="voucher_by_partner"),
                    Index(fields=["customer_id", "status", "id"], name="voucher_by_customer"),
                    Index(fields=["status", "expires_at"], name="voucher_by_end"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="VoucherRecord",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "voucher",
                    fields.ForeignKeyField(
                        "models.Voucher",
                        source_field="voucher_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="records",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("quota_id", fields.UUIDField()),
                ("partner_id", fields.UUIDField()),
                ("customer_id", fields.UUIDField()),
                (
                    "operation",
                    fields.CharEnumField(
                        description="ISSUE: ISSUE\nRECALL: RECALL\nUNBIND_RECALL: UNBIND_RECALL\nEXPIRY: EXPIRY\nREFUND: REFUND\nSWITCH_RECALL: SWITCH_RECALL",
                        enum_type=VoucherOperation,
                        max_length=20,
                    ),
                ),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                (
                    "destination",
                    fields.CharEnumField(
                        description="VOUCHER: VOUCHER\nQUOTA: QUOTA\nEXPIRED: EXPIRED",
                        enum_type=Destination,
                        max_length=10,
                    ),
                ),
                ("actor", fields.CharField(max_length=64)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("transaction_id", fields.UUIDField()),
            ],
            options={
                "table": "voucher_record",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "at", "id"], name="voucher_record_by_partner"),
                    Index(fields=["customer_id", "at", "id"], name="voucher_record_by_customer"),
                    Index(fields=["quota_id", "id"], name="voucher_record_by_quota"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="VoucherUse",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "voucher",
                    fields.ForeignKeyField(
                        "models.Voucher",
                        source_field="voucher_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="uses",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("customer_id", fields.UUIDField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="VOUCHER: VOUCHER\nCASH: CASH", enum_type=VoucherKind, max_length=10
                    ),
                ),
                ("order_ref", fields.CharField(max_length=64)),
                ("order_amount_minor", fields.BigIntField()),
                ("amount_minor", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("service", fields.CharField(null=True, max_length=64)),
                ("product", fields.CharField(null=True, max_length=64)),
                (
                    "subscription",
                    fields.CharEnumField(
                        null=True,
                        description="NEW: NEW\nRENEW: RENEW\nCHANGE: CHANGE",
                        enum_type=SubscriptionType,
                        max_length=10,
                    ),
                ),
                (
                    "purpose",
                    fields.CharEnumField(
                        description="PURCHASE: PURCHASE\nMARKETPLACE: MARKETPLACE\nARREARS: ARREARS",
                        enum_type=SpendingPurpose,
                        max_length=20,
                    ),
                ),
                ("used_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("transaction_id", fields.UUIDField()),
                ("refunded_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "refunded_to",
                    fields.CharEnumField(
                        null=True,
                        description="VOUCHER: VOUCHER\nQUOTA: QUOTA\nEXPIRED: EXPIRED",
                        enum_type=Destination,
                        max_length=10,
                    ),
                ),
            ],
            options={
                "table": "voucher_use",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="voucher_use_by_partner"),
                    Index(fields=["customer_id", "order_ref"], name="voucher_use_by_order"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="LedgerEntry",
            name="kind",
            field=fields.CharEnumField(
                description="QUOTA_GRANT: QUOTA_GRANT\nQUOTA_ISSUE: QUOTA_ISSUE\nQUOTA_RECALL: QUOTA_RECALL\nQUOTA_EXPIRY: QUOTA_EXPIRY\nVOUCHER_ISSUE: VOUCHER_ISSUE\nVOUCHER_RECALL: VOUCHER_RECALL\nVOUCHER_USE: VOUCHER_USE\nVOUCHER_EXPIRY: VOUCHER_EXPIRY\nVOUCHER_REFUND: VOUCHER_REFUND\nINCENTIVE_CONFIRMATION: INCENTIVE_CONFIRMATION\nINCENTIVE_PAYOUT: INCENTIVE_PAYOUT\nSETTLEMENT: SETTLEMENT\nREVERSAL: REVERSAL",
                enum_type=Posting,
                max_length=30,
            ),
        ),
        ops.AlterField(
            model_name="LedgerTransaction",
            name="kind",
            field=fields.CharEnumField(
                description="QUOTA_GRANT: QUOTA_GRANT\nQUOTA_ISSUE: QUOTA_ISSUE\nQUOTA_RECALL: QUOTA_RECALL\nQUOTA_EXPIRY: QUOTA_EXPIRY\nVOUCHER_ISSUE: VOUCHER_ISSUE\nVOUCHER_RECALL: VOUCHER_RECALL\nVOUCHER_USE: VOUCHER_USE\nVOUCHER_EXPIRY: VOUCHER_EXPIRY\nVOUCHER_REFUND: VOUCHER_REFUND\nINCENTIVE_CONFIRMATION: INCENTIVE_CONFIRMATION\nINCENTIVE_PAYOUT: INCENTIVE_PAYOUT\nSETTLEMENT: SETTLEMENT\nREVERSAL: REVERSAL",
                enum_type=Posting,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="VoucherQuota",
            constraint=CheckConstraint(check="value_minor > 0", name="voucher_quota_value_positive"),
        ),
        ops.AddConstraint(
            model_name="VoucherQuota",
            constraint=CheckConstraint(check="expires_at > effective_at", name="voucher_quota_ends_after_start"),
        ),
        ops.AddConstraint(
            model_name="VoucherQuota",
            constraint=CheckConstraint(
                check="(parent_id IS NULL) = (issuer_partner_id IS NULL)", name="voucher_quota_issued_from_parent"
            ),
        ),
        ops.AddConstraint(
            model_name="VoucherQuota",
            constraint=CheckConstraint(
                check="issuer_partner_id IS NULL OR issuer_partner_id <> owner_partner_id",
                name="voucher_quota_issued_to_another",
            ),
        ),
        ops.AddConstraint(
            model_name="VoucherQuota",
            constraint=CheckConstraint(
                check="(status IN ('INVALID','RECALLED')) = (ended_at IS NOT NULL)", name="voucher_quota_ended_when"
            ),
        ),
        ops.AddConstraint(
            model_name="QuotaRecord",
            constraint=CheckConstraint(check="amount_minor >= 0", name="quota_record_amount"),
        ),
        ops.AddConstraint(
            model_name="Voucher",
            constraint=CheckConstraint(check="face_minor > 0", name="voucher_face_positive"),
        ),
        ops.AddConstraint(
            model_name="Voucher",
            constraint=CheckConstraint(check="min_order_minor > 0", name="voucher_min_order_positive"),
        ),
        ops.AddConstraint(
            model_name="Voucher",
            constraint=CheckConstraint(check="expires_at > valid_from", name="voucher_ends_after_start"),
        ),
        ops.AddConstraint(
            model_name="Voucher",
            constraint=CheckConstraint(check="(status = 'USABLE') = (ended_at IS NULL)", name="voucher_ended_when"),
        ),
        ops.AddConstraint(
            model_name="VoucherRecord",
            constraint=CheckConstraint(check="amount_minor > 0", name="voucher_record_amount"),
        ),
        ops.AddConstraint(
            model_name="VoucherUse",
            constraint=UniqueConstraint(
                fields=("customer_id", "order_ref"),
                name="voucher_use_one_per_order",
                condition="kind = 'VOUCHER' AND refunded_at IS NULL",
            ),
        ),
        ops.AddConstraint(
            model_name="VoucherUse",
            constraint=CheckConstraint(
                check="amount_minor > 0 AND amount_minor <= order_amount_minor", name="voucher_use_within_order"
            ),
        ),
        ops.AddConstraint(
            model_name="VoucherUse",
            constraint=CheckConstraint(
                check="(refunded_at IS NULL) = (refunded_to IS NULL)", name="voucher_use_refunded_somewhere"
            ),
        ),
    ]
