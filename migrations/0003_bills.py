from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class BillType(StrEnum):
    NEW = "NEW"
    RENEW = "RENEW"
    AUTO_RENEW = "AUTO_RENEW"
    CHANGE = "CHANGE"
    REFUND = "REFUND"
    USAGE = "USAGE"
    MONTHLY_PAY = "MONTHLY_PAY"
    YEARLY_PAY = "YEARLY_PAY"
    SUPPORT_PLAN = "SUPPORT_PLAN"
    ADJUSTMENT = "ADJUSTMENT"
    ROUNDING = "ROUNDING"


class ChargingMode(StrEnum):
    YEARLY_MONTHLY = "YEARLY_MONTHLY"
    PAY_PER_USE = "PAY_PER_USE"
    RESERVED_INSTANCE = "RESERVED_INSTANCE"
    ONE_TIME = "ONE_TIME"


class AssociationType(StrEnum):
    REFERRAL = "REFERRAL"
    RESALE = "RESALE"


class FeedbackStatus(StrEnum):
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"


class SheetStatus(StrEnum):
    ESTIMATE = "ESTIMATE"
    DRAFT = "DRAFT"
    FINAL = "FINAL"


class Migration(migrations.Migration):
    dependencies = [("models", "0002_second_journey")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AccountingMonth",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=4)),
                ("period", fields.CharField(max_length=7)),
                ("closed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("terms", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("digest", fields.BinaryField(null=True)),
                ("lines", fields.IntField(default=0, db_default=0)),
            ],
            options={"table": "accounting_month", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ConsumptionLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("site", fields.CharField(max_length=4)),
                ("reference", fields.CharField(max_length=64)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "models.Customer",
                        source_field="customer_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="consumption",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField(null=True)),
                ("association_id", fields.UUIDField(null=True)),
                (
                    "association_type",
                    fields.CharEnumField(
                        null=True,
                        description="REFERRAL: REFERRAL\nRESALE: RESALE",
                        enum_type=AssociationType,
                        max_length=10,
                    ),
                ),
                ("order_ref", fields.CharField(null=True, max_length=64)),
                (
                    "bill_type",
                    fields.CharEnumField(
                        description="NEW: NEW\nRENEW: RENEW\nAUTO_RENEW: AUTO_RENEW\nCHANGE: CHANGE\nREFUND: REFUND\nUSAGE: USAGE\nMONTHLY_PAY: MONTHLY_PAY\nYEARLY_PAY: YEARLY_PAY\nSUPPORT_PLAN: SUPPORT_PLAN\nADJUSTMENT: ADJUSTMENT\nROUNDING: ROUNDING",
                        enum_type=BillType,
                        max_length=20,
                    ),
                ),
                ("service_code", fields.CharField(max_length=64)),
                ("product_code", fields.CharField(max_length=64)),
                (
                    "charging_mode",
                    fields.CharEnumField(
                        description="YEARLY_MONTHLY: YEARLY_MONTHLY\nPAY_PER_USE: PAY_PER_USE\nRESERVED_INSTANCE: RESERVED_INSTANCE\nONE_TIME: ONE_TIME",
                        enum_type=ChargingMode,
                        max_length=20,
                    ),
                ),
                ("region", fields.CharField(null=True, max_length=64)),
                ("paid_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("currency", fields.CharField(max_length=3)),
                ("official_amount", fields.BigIntField()),
                ("discount_amount", fields.BigIntField()),
                ("rounding_amount", fields.BigIntField()),
                ("cash_amount", fields.BigIntField()),
                ("credit_amount", fields.BigIntField()),
                ("voucher_amount", fields.BigIntField()),
                ("cash_coupon_amount", fields.BigIntField()),
                ("no_performance_coupon_amount", fields.BigIntField()),
                ("card_amount", fields.BigIntField()),
                ("bonus_amount", fields.BigIntField()),
                ("debt_amount", fields.BigIntField()),
                ("write_off_amount", fields.BigIntField()),
                ("flags", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("period", fields.CharField(max_length=7)),
                ("content", fields.BinaryField()),
                ("imported_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "consumption_line",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "paid_at", "id"], name="consumption_line_by_partner"),
                    Index(fields=["customer_id", "paid_at"], name="consumption_line_by_customer"),
                    Index(fields=["site", "period", "partner_id", "currency", "id"], name="consumption_line_by_period"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="PerformanceSheet",
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
                        related_name="performance",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                ("period", fields.CharField(max_length=7)),
                ("currency", fields.CharField(max_length=3)),
                (
                    "status",
                    fields.CharEnumField(
                        description="ESTIMATE: ESTIMATE\nDRAFT: DRAFT\nFINAL: FINAL",
                        enum_type=SheetStatus,
                        max_length=10,
                    ),
                ),
                ("total", fields.BigIntField()),
                ("line_count", fields.IntField()),
                ("digest", fields.BinaryField(null=True)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("audited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("audited_by", fields.UUIDField(null=True)),
            ],
            options={
                "table": "performance_sheet",
                "app": "models",
                "indexes": [
                    Index(fields=["site", "period", "status"], name="performance_sheet_by_month"),
                    Index(fields=["status", "id"], name="performance_sheet_by_status"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="PerformanceLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "sheet",
                    fields.ForeignKeyField(
                        "models.PerformanceSheet",
                        source_field="sheet_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "consumption_line",
                    fields.ForeignKeyField(
                        "models.ConsumptionLine",
                        source_field="consumption_line_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="performance",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("customer_id", fields.UUIDField()),
                ("association_id", fields.UUIDField()),
                (
                    "association_type",
                    fields.CharEnumField(
                        description="REFERRAL: REFERRAL\nRESALE: RESALE", enum_type=AssociationType, max_length=10
                    ),
                ),
                ("product_code", fields.CharField(max_length=64)),
                ("currency", fields.CharField(max_length=3)),
                ("amount", fields.BigIntField()),
                ("left_out", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("paid_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "performance_line",
                "app": "models",
                "indexes": [Index(fields=["sheet_id", "id"], name="performance_line_by_sheet")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="PerformanceFeedback",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "sheet",
                    fields.ForeignKeyField(
                        "models.PerformanceSheet",
                        source_field="sheet_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="feedback",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "line",
                    fields.ForeignKeyField(
                        "models.PerformanceLine",
                        source_field="line_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="feedback",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                (
                    "status",
                    fields.CharEnumField(
                        description="OPEN: OPEN\nANSWERED: ANSWERED", enum_type=FeedbackStatus, max_length=10
                    ),
                ),
                ("text", fields.CharField(max_length=500)),
                ("asked_by", fields.UUIDField()),
                ("answer", fields.CharField(null=True, max_length=500)),
                ("answered_by", fields.UUIDField(null=True)),
                ("answered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "performance_feedback",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="performance_feedback_by_partner"),
                    Index(fields=["status", "id"], name="performance_feedback_by_status"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AddConstraint(
            model_name="AccountingMonth",
            constraint=UniqueConstraint(fields=("site", "period"), name="accounting_month_once"),
        ),
        ops.AddConstraint(
            model_name="AccountingMonth",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="accounting_month_site"),
        ),
        ops.AddConstraint(
            model_name="ConsumptionLine",
            constraint=UniqueConstraint(fields=("site", "reference"), name="consumption_line_reference_once"),
        ),
        ops.AddConstraint(
            model_name="ConsumptionLine",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="consumption_line_site"),
        ),
        ops.AddConstraint(
            model_name="ConsumptionLine",
            constraint=CheckConstraint(
                check="official_amount = discount_amount + rounding_amount + cash_amount + credit_amount + voucher_amount + cash_coupon_amount + no_performance_coupon_amount + card_amount + bonus_amount + debt_amount + write_off_amount",
                name="consumption_line_balanced",
            ),
        ),
        ops.AddConstraint(
            model_name="ConsumptionLine",
            constraint=CheckConstraint(
                check="num_nulls(partner_id, association_id, association_type) IN (0, 3)",
                name="consumption_line_attributed_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="ConsumptionLine",
            constraint=CheckConstraint(check="jsonb_typeof(flags) = 'array'", name="consumption_line_flags_list"),
        ),
        ops.AddConstraint(
            model_name="PerformanceSheet",
            constraint=UniqueConstraint(fields=("partner_id", "period", "currency"), name="performance_sheet_once"),
        ),
        ops.AddConstraint(
            model_name="PerformanceSheet",
            constraint=CheckConstraint(
                check="num_nulls(digest, closed_at) = CASE WHEN status = 'ESTIMATE' THEN 2 ELSE 0 END",
                name="performance_sheet_closed_when",
            ),
        ),
        ops.AddConstraint(
            model_name="PerformanceSheet",
            constraint=CheckConstraint(
                check="(status = 'FINAL') = (audited_at IS NOT NULL)", name="performance_sheet_audited_when"
            ),
        ),
        ops.AddConstraint(
            model_name="PerformanceLine",
            constraint=UniqueConstraint(fields=("consumption_line_id",), name="performance_line_once"),
        ),
        ops.AddConstraint(
            model_name="PerformanceFeedback",
            constraint=CheckConstraint(
                check="num_nulls(answer, answered_by, answered_at) = CASE WHEN status = 'OPEN' THEN 3 ELSE 0 END",
                name="performance_feedback_answered_whole",
            ),
        ),
    ]
