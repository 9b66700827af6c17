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


class TaxpayerType(StrEnum):
    GENERAL = "GENERAL"
    SMALL_SCALE = "SMALL_SCALE"


class AssociationType(StrEnum):
    REFERRAL = "REFERRAL"
    RESALE = "RESALE"


class InvitationState(StrEnum):
    ACTIVE = "ACTIVE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


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


class FeedbackStatus(StrEnum):
    OPEN = "OPEN"
    ANSWERED = "ANSWERED"


class SheetStatus(StrEnum):
    ESTIMATE = "ESTIMATE"
    DRAFT = "DRAFT"
    FINAL = "FINAL"


class Industry(StrEnum):
    GOVERNMENT = "GOVERNMENT"
    FINANCE = "FINANCE"
    MANUFACTURING = "MANUFACTURING"
    HEALTHCARE = "HEALTHCARE"
    EDUCATION = "EDUCATION"
    TRANSPORT = "TRANSPORT"
    ENERGY = "ENERGY"
    RETAIL = "RETAIL"
    INTERNET = "INTERNET"
    MEDIA = "MEDIA"
    OTHER = "OTHER"


class OfferingKind(StrEnum):
    BASELINE = "BASELINE"
    MARKETPLACE_GOOD = "MARKETPLACE_GOOD"


class OfferingLead(StrEnum):
    VENDOR = "VENDOR"
    PARTNER = "PARTNER"


class OfficeDuty(StrEnum):
    PSM = "PSM"
    BD = "BD"


class OpportunityState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    AUDIT_REJECTED = "AUDIT_REJECTED"
    VERIFYING = "VERIFYING"
    VERIFY_REJECTED = "VERIFY_REJECTED"
    VERIFIED = "VERIFIED"
    SIGNED = "SIGNED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


class Side(StrEnum):
    PARTNER = "PARTNER"
    VENDOR = "VENDOR"
    SYSTEM = "SYSTEM"


class SupportNeed(StrEnum):
    ARCHITECTURE_VALIDATION = "ARCHITECTURE_VALIDATION"
    BUSINESS_DEMO = "BUSINESS_DEMO"
    TECHNICAL_CONSULTING = "TECHNICAL_CONSULTING"
    POLICY_SUPPORT = "POLICY_SUPPORT"
    RESOURCE_CONFIGURATION = "RESOURCE_CONFIGURATION"
    VISIBILITY_ONLY = "VISIBILITY_ONLY"


class Track(StrEnum):
    DATA_AND_AI = "DATA_AND_AI"
    APPLICATION_MODERNISATION = "APPLICATION_MODERNISATION"
    MIGRATION = "MIGRATION"
    SECURITY = "SECURITY"
    IOT = "IOT"
    COLLABORATION = "COLLABORATION"
    ENTERPRISE_APPLICATIONS = "ENTERPRISE_APPLICATIONS"
    INDUSTRY_SOLUTIONS = "INDUSTRY_SOLUTIONS"


class UpdateKind(StrEnum):
    SUBMITTED = "SUBMITTED"
    AUDITED = "AUDITED"
    AUDIT_REJECTED = "AUDIT_REJECTED"
    CLAIMED = "CLAIMED"
    VERIFIED = "VERIFIED"
    VERIFY_REJECTED = "VERIFY_REJECTED"
    PROGRESS = "PROGRESS"
    SUPPORT_REQUEST = "SUPPORT_REQUEST"
    SUPPORT_ANSWER = "SUPPORT_ANSWER"
    SIGNED = "SIGNED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


class VerdictReason(StrEnum):
    INCOMPLETE = "INCOMPLETE"
    NOT_VENDOR_BUSINESS = "NOT_VENDOR_BUSINESS"
    NO_REVENUE = "NO_REVENUE"
    NOT_OWN_SOLUTION = "NOT_OWN_SOLUTION"
    NO_CONTACT = "NO_CONTACT"
    NO_BUDGET_OR_TIME = "NO_BUDGET_OR_TIME"
    VAGUE = "VAGUE"
    NOT_CONFIRMED_BY_CUSTOMER = "NOT_CONFIRMED_BY_CUSTOMER"
    DEAL_ALREADY_DONE = "DEAL_ALREADY_DONE"
    NO_INCREMENT = "NO_INCREMENT"
    DUPLICATE = "DUPLICATE"
    DEADLINE_PASSED = "DEADLINE_PASSED"


class ApplicationStatus(StrEnum):
    VENDOR_REVIEW = "VENDOR_REVIEW"
    DISTRIBUTOR_REVIEW = "DISTRIBUTOR_REVIEW"
    ASSOCIATED = "ASSOCIATED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class LinkStatus(StrEnum):
    ACTIVE = "ACTIVE"
    EXITING = "EXITING"
    ENDED = "ENDED"


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


class HoldState(StrEnum):
    HELD = "HELD"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"
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
    dependencies = [("models", "0001_spine")]

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
            name="LedgerAccount",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="VENDOR_POOL: VENDOR_POOL\nPARTNER_QUOTA: PARTNER_QUOTA\nRESELLER_QUOTA: RESELLER_QUOTA\nCUSTOMER_VOUCHER: CUSTOMER_VOUCHER\nINCENTIVE_PAYABLE: INCENTIVE_PAYABLE\nCASH: CASH\nBANK: BANK\nCLEARING: CLEARING\nUSED: USED\nEXPIRED: EXPIRED",
                        enum_type=AccountKind,
                        max_length=20,
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                ("owner_type", fields.CharField(null=True, max_length=40)),
                ("owner_id", fields.UUIDField(null=True)),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="ledger_accounts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("issuer_id", fields.UUIDField(null=True)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "models.Customer",
                        source_field="customer_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="ledger_accounts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("shard", fields.SmallIntField(default=0)),
                ("may_overdraw", fields.BooleanField()),
                ("balance", fields.BigIntField(default=0)),
                ("held", fields.BigIntField(default=0)),
                ("last_seq", fields.BigIntField(default=0)),
                ("opened_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "ledger_account",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "kind", "id"], name="ledger_account_by_partner"),
                    Index(fields=["issuer_id", "id"], name="ledger_account_by_issuer"),
                    Index(fields=["customer_id", "id"], name="ledger_account_by_customer"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="LedgerTransaction",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="QUOTA_GRANT: QUOTA_GRANT\nQUOTA_ISSUE: QUOTA_ISSUE\nQUOTA_RECALL: QUOTA_RECALL\nQUOTA_EXPIRY: QUOTA_EXPIRY\nVOUCHER_ISSUE: VOUCHER_ISSUE\nVOUCHER_RECALL: VOUCHER_RECALL\nVOUCHER_USE: VOUCHER_USE\nVOUCHER_EXPIRY: VOUCHER_EXPIRY\nVOUCHER_REFUND: VOUCHER_REFUND\nINCENTIVE_CONFIRMATION: INCENTIVE_CONFIRMATION\nINCENTIVE_PAYOUT: INCENTIVE_PAYOUT\nINCENTIVE_NETTING: INCENTIVE_NETTING\nSETTLEMENT: SETTLEMENT\nREVERSAL: REVERSAL",
                        enum_type=Posting,
                        max_length=30,
                    ),
                ),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("subject_type", fields.CharField(max_length=40)),
                ("subject_id", fields.UUIDField()),
                (
                    "reverses",
                    fields.ForeignKeyField(
                        "models.LedgerTransaction",
                        source_field="reverses_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reversals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("audit_id", fields.UUIDField()),
                ("partner_id", fields.UUIDField(null=True)),
                ("other_partner_id", fields.UUIDField(null=True)),
                ("customer_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "ledger_transaction",
                "app": "models",
                "indexes": [Index(fields=["subject_id", "id"], name="ledger_transaction_by_subject")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "transaction",
                    fields.ForeignKeyField(
                        "models.LedgerTransaction",
                        source_field="transaction_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="entries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.LedgerAccount",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="entries",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("seq", fields.BigIntField()),
                ("amount", fields.BigIntField()),
                ("balance_after", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="QUOTA_GRANT: QUOTA_GRANT\nQUOTA_ISSUE: QUOTA_ISSUE\nQUOTA_RECALL: QUOTA_RECALL\nQUOTA_EXPIRY: QUOTA_EXPIRY\nVOUCHER_ISSUE: VOUCHER_ISSUE\nVOUCHER_RECALL: VOUCHER_RECALL\nVOUCHER_USE: VOUCHER_USE\nVOUCHER_EXPIRY: VOUCHER_EXPIRY\nVOUCHER_REFUND: VOUCHER_REFUND\nINCENTIVE_CONFIRMATION: INCENTIVE_CONFIRMATION\nINCENTIVE_PAYOUT: INCENTIVE_PAYOUT\nINCENTIVE_NETTING: INCENTIVE_NETTING\nSETTLEMENT: SETTLEMENT\nREVERSAL: REVERSAL",
                        enum_type=Posting,
                        max_length=30,
                    ),
                ),
                ("occurred_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("partner_id", fields.UUIDField(null=True)),
                ("customer_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "ledger_entry",
                "app": "models",
                "indexes": [Index(fields=["account_id", "kind", "seq"], name="ledger_entry_by_kind")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="LedgerHold",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "source",
                    fields.ForeignKeyField(
                        "models.LedgerAccount",
                        source_field="source_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="holds",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "target",
                    fields.ForeignKeyField(
                        "models.LedgerAccount",
                        source_field="target_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="awaited",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                (
                    "state",
                    fields.CharEnumField(
                        description="HELD: HELD\nSETTLED: SETTLED\nRELEASED: RELEASED\nEXPIRED: EXPIRED",
                        enum_type=HoldState,
                        max_length=10,
                    ),
                ),
                ("subject_type", fields.CharField(max_length=40)),
                ("subject_id", fields.UUIDField()),
                ("held_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "transaction",
                    fields.ForeignKeyField(
                        "models.LedgerTransaction",
                        source_field="transaction_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="settled",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField(null=True)),
                ("customer_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "ledger_hold",
                "app": "models",
                "indexes": [Index(fields=["state", "expires_at"], name="ledger_hold_by_end")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Message",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="messages",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("template", fields.CharField(max_length=64)),
                ("subject_type", fields.CharField(max_length=64)),
                ("subject_id", fields.UUIDField()),
                ("occasion", fields.CharField(max_length=64)),
                ("parameters", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "message",
                "app": "models",
                "indexes": [
                    Index(fields=["account_id", "id"], name="message_of_account"),
                    Index(fields=["account_id", "read_at", "id"], name="message_unread"),
                ],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Offering",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="BASELINE: BASELINE\nMARKETPLACE_GOOD: MARKETPLACE_GOOD",
                        enum_type=OfferingKind,
                        max_length=20,
                    ),
                ),
                (
                    "lead",
                    fields.CharEnumField(
                        description="VENDOR: VENDOR\nPARTNER: PARTNER", enum_type=OfferingLead, max_length=10
                    ),
                ),
                ("reference", fields.CharField(max_length=64)),
                (
                    "owner_partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="owner_partner_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="offerings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
            ],
            options={"table": "offering", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OfferingVersion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "offering",
                    fields.ForeignKeyField(
                        "models.Offering",
                        source_field="offering_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="versions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("number", fields.IntField()),
                ("name", fields.CharField(max_length=128)),
                (
                    "track",
                    fields.CharEnumField(
                        description="DATA_AND_AI: DATA_AND_AI\nAPPLICATION_MODERNISATION: APPLICATION_MODERNISATION\nMIGRATION: MIGRATION\nSECURITY: SECURITY\nIOT: IOT\nCOLLABORATION: COLLABORATION\nENTERPRISE_APPLICATIONS: ENTERPRISE_APPLICATIONS\nINDUSTRY_SOLUTIONS: INDUSTRY_SOLUTIONS",
                        enum_type=Track,
                        max_length=30,
                    ),
                ),
                ("begins_on", fields.DateField()),
                ("ends_on", fields.DateField(null=True)),
            ],
            options={"table": "offering_version", "app": "models", "pk_attr": "id"},
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
        ops.CreateModel(
            name="RepOffice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(max_length=4)),
                ("name", fields.CharField(max_length=64)),
            ],
            options={"table": "rep_office", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OfficeMember",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "office",
                    fields.ForeignKeyField(
                        "models.RepOffice",
                        source_field="office_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="office_memberships",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("duty", fields.CharEnumField(description="PSM: PSM\nBD: BD", enum_type=OfficeDuty, max_length=10)),
                ("tracks", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("industries", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={"table": "office_member", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OfficeRegion",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "office",
                    fields.ForeignKeyField(
                        "models.RepOffice",
                        source_field="office_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="regions",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                ("region", fields.CharField(max_length=6)),
            ],
            options={"table": "office_region", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Opportunity",
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
                        related_name="opportunities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                ("created_by", fields.UUIDField()),
                ("owner_user_id", fields.UUIDField()),
                ("external_ref", fields.CharField(null=True, max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: DRAFT\nSUBMITTED: SUBMITTED\nAUDIT_REJECTED: AUDIT_REJECTED\nVERIFYING: VERIFYING\nVERIFY_REJECTED: VERIFY_REJECTED\nVERIFIED: VERIFIED\nSIGNED: SIGNED\nDELIVERED: DELIVERED\nLOST: LOST\nCANCELLED: CANCELLED",
                        enum_type=OpportunityState,
                        max_length=20,
                    ),
                ),
                ("revision", fields.IntField(default=0, db_default=0)),
                ("name", fields.CharField(null=True, max_length=100)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "models.Customer",
                        source_field="customer_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("customer_company", fields.CharField(null=True, max_length=256)),
                ("customer_name_key", fields.CharField(null=True, max_length=256)),
                ("customer_credit_code", fields.CharField(null=True, max_length=40)),
                ("customer_account", fields.CharField(null=True, max_length=128)),
                ("customer_region", fields.CharField(null=True, max_length=6)),
                (
                    "industry",
                    fields.CharEnumField(
                        null=True,
                        description="GOVERNMENT: GOVERNMENT\nFINANCE: FINANCE\nMANUFACTURING: MANUFACTURING\nHEALTHCARE: HEALTHCARE\nEDUCATION: EDUCATION\nTRANSPORT: TRANSPORT\nENERGY: ENERGY\nRETAIL: RETAIL\nINTERNET: INTERNET\nMEDIA: MEDIA\nOTHER: OTHER",
                        enum_type=Industry,
                        max_length=20,
                    ),
                ),
                ("budget", fields.CharField(null=True, max_length=1000)),
                ("authority", fields.CharField(null=True, max_length=1000)),
                ("need", fields.CharField(null=True, max_length=1000)),
                ("timeline", fields.CharField(null=True, max_length=1000)),
                ("solution_description", fields.CharField(null=True, max_length=2000)),
                ("expected_revenue_minor", fields.BigIntField(null=True)),
                ("expected_revenue_currency", fields.CharField(null=True, max_length=3)),
                ("expected_sign_on", fields.DateField(null=True)),
                ("expected_delivery_on", fields.DateField(null=True)),
                ("pre_sales", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("cloud_services", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("support_needs", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("need_tags", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("contact_name", fields.CharField(null=True, max_length=128)),
                ("contact_title", fields.CharField(null=True, max_length=64)),
                ("contact_mobile", fields.CharField(null=True, max_length=32)),
                ("contact_email", fields.CharField(null=True, max_length=64)),
                ("partner_contact_name", fields.CharField(null=True, max_length=128)),
                ("partner_contact_mobile", fields.CharField(null=True, max_length=32)),
                ("partner_contact_email", fields.CharField(null=True, max_length=64)),
                ("consent_confirmed", fields.BooleanField(default=False, db_default=False)),
                ("consent_statement", fields.CharField(null=True, max_length=500)),
                ("consent_by", fields.UUIDField(null=True)),
                ("consent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("submitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("audited_by", fields.UUIDField(null=True)),
                ("audited_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("vendor_business", fields.BooleanField(default=False, db_default=False)),
                (
                    "rep_office",
                    fields.ForeignKeyField(
                        "models.RepOffice",
                        source_field="rep_office_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("deadline", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("deadline_provisional", fields.BooleanField(default=False, db_default=False)),
                ("remind_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("claimed_by", fields.UUIDField(null=True)),
                ("claimed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("verified_by", fields.UUIDField(null=True)),
                ("verified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "verdict_reason",
                    fields.CharEnumField(
                        null=True,
                        description="INCOMPLETE: INCOMPLETE\nNOT_VENDOR_BUSINESS: NOT_VENDOR_BUSINESS\nNO_REVENUE: NO_REVENUE\nNOT_OWN_SOLUTION: NOT_OWN_SOLUTION\nNO_CONTACT: NO_CONTACT\nNO_BUDGET_OR_TIME: NO_BUDGET_OR_TIME\nVAGUE: VAGUE\nNOT_CONFIRMED_BY_CUSTOMER: NOT_CONFIRMED_BY_CUSTOMER\nDEAL_ALREADY_DONE: DEAL_ALREADY_DONE\nNO_INCREMENT: NO_INCREMENT\nDUPLICATE: DUPLICATE\nDEADLINE_PASSED: DEADLINE_PASSED",
                        enum_type=VerdictReason,
                        max_length=30,
                    ),
                ),
                ("verdict_note", fields.CharField(null=True, max_length=500)),
                ("duplicate_of_id", fields.UUIDField(null=True)),
                ("signed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("signed_on", fields.DateField(null=True)),
                ("contract_minor", fields.BigIntField(null=True)),
                ("contract_currency", fields.CharField(null=True, max_length=3)),
                ("contract_ref", fields.CharField(null=True, max_length=200)),
                ("delivered_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("delivered_on", fields.DateField(null=True)),
                ("acceptance_ref", fields.CharField(null=True, max_length=200)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("closing_reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "opportunity",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "state", "id"], name="opportunity_by_partner"),
                    Index(fields=["rep_office_id", "state", "id"], name="opportunity_by_office"),
                    Index(fields=["state", "deadline"], name="opportunity_by_deadline"),
                    Index(fields=["site", "customer_name_key"], name="opportunity_by_customer_name"),
                    Index(fields=["site", "customer_credit_code"], name="opportunity_by_credit_code"),
                    Index(fields=["site", "customer_account"], name="opportunity_by_customer_account"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="OpportunityOffering",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "models.Opportunity",
                        source_field="opportunity_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="named_offerings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "offering",
                    fields.ForeignKeyField(
                        "models.Offering",
                        source_field="offering_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="named_in",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("place", fields.IntField()),
            ],
            options={"table": "opportunity_offering", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.CreateModel(
            name="OpportunityUpdate",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "models.Opportunity",
                        source_field="opportunity_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="updates",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="SUBMITTED: SUBMITTED\nAUDITED: AUDITED\nAUDIT_REJECTED: AUDIT_REJECTED\nCLAIMED: CLAIMED\nVERIFIED: VERIFIED\nVERIFY_REJECTED: VERIFY_REJECTED\nPROGRESS: PROGRESS\nSUPPORT_REQUEST: SUPPORT_REQUEST\nSUPPORT_ANSWER: SUPPORT_ANSWER\nSIGNED: SIGNED\nDELIVERED: DELIVERED\nLOST: LOST\nCANCELLED: CANCELLED",
                        enum_type=UpdateKind,
                        max_length=20,
                    ),
                ),
                (
                    "side",
                    fields.CharEnumField(
                        description="PARTNER: PARTNER\nVENDOR: VENDOR\nSYSTEM: SYSTEM", enum_type=Side, max_length=10
                    ),
                ),
                ("author_id", fields.UUIDField(null=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("text", fields.CharField(null=True, max_length=2000)),
                (
                    "support_need",
                    fields.CharEnumField(
                        null=True,
                        description="ARCHITECTURE_VALIDATION: ARCHITECTURE_VALIDATION\nBUSINESS_DEMO: BUSINESS_DEMO\nTECHNICAL_CONSULTING: TECHNICAL_CONSULTING\nPOLICY_SUPPORT: POLICY_SUPPORT\nRESOURCE_CONFIGURATION: RESOURCE_CONFIGURATION\nVISIBILITY_ONLY: VISIBILITY_ONLY",
                        enum_type=SupportNeed,
                        max_length=30,
                    ),
                ),
                ("answers_id", fields.UUIDField(null=True)),
            ],
            options={
                "table": "opportunity_update",
                "app": "models",
                "indexes": [Index(fields=["opportunity_id", "id"], name="opportunity_update_in_order")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ResellerApplication",
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
                        related_name="reseller_applications",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "distributor",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="distributor_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="applications_of_resellers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "membership",
                    fields.ForeignKeyField(
                        "models.PlanMembership",
                        source_field="membership_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reseller_applications",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("company_name", fields.CharField(max_length=256)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
                (
                    "status",
                    fields.CharEnumField(
                        description="VENDOR_REVIEW: VENDOR_REVIEW\nDISTRIBUTOR_REVIEW: DISTRIBUTOR_REVIEW\nASSOCIATED: ASSOCIATED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN",
                        enum_type=ApplicationStatus,
                        max_length=20,
                    ),
                ),
                ("applied_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("vendor_approved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("decided_by", fields.UUIDField(null=True)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "reseller_application",
                "app": "models",
                "indexes": [
                    Index(fields=["distributor_id", "status", "id"], name="reseller_application_by_distributor")
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="ResellerInvitation",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "distributor",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="distributor_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reseller_invitations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("created_by", fields.UUIDField()),
                ("email", fields.CharField(max_length=64)),
                ("nonce", fields.BinaryField()),
                ("token_digest", fields.BinaryField()),
                ("valid_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "state",
                    fields.CharEnumField(
                        description="ACTIVE: ACTIVE\nUSED: USED\nEXPIRED: EXPIRED\nREVOKED: REVOKED",
                        enum_type=InvitationState,
                        max_length=20,
                    ),
                ),
                ("used_by", fields.UUIDField(null=True)),
            ],
            options={"table": "reseller_invitation", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="ResellerLink",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "distributor",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="distributor_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="links_to_resellers",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "reseller",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="reseller_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="links_to_distributors",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "membership",
                    fields.ForeignKeyField(
                        "models.PlanMembership",
                        source_field="membership_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="reseller_links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "application",
                    fields.ForeignKeyField(
                        "models.ResellerApplication",
                        source_field="application_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "invitation",
                    fields.ForeignKeyField(
                        "models.ResellerInvitation",
                        source_field="invitation_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("company_name", fields.CharField(max_length=256)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
                (
                    "status",
                    fields.CharEnumField(
                        description="ACTIVE: ACTIVE\nEXITING: EXITING\nENDED: ENDED",
                        enum_type=LinkStatus,
                        max_length=10,
                    ),
                ),
                ("began_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("exiting_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("exit_reason", fields.CharField(null=True, max_length=500)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "reseller_link",
                "app": "models",
                "indexes": [Index(fields=["distributor_id", "status", "id"], name="reseller_link_by_distributor")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
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
        ops.RemoveIndex(
            model_name="Idempotency",
            name="idempotency_age",
            fields=None,
        ),
        ops.AddField(
            model_name="Idempotency",
            name="expires_at",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        ops.RemoveField(model_name="Idempotency", name="keep"),
        ops.AddIndex(
            model_name="Idempotency",
            index=Index(fields=["expires_at"], name="idempotency_expiry"),
        ),
        ops.AddField(
            model_name="Partner",
            name="office",
            field=fields.ForeignKeyField(
                "models.RepOffice",
                source_field="office_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="partners",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.RemoveField(model_name="Partner", name="rep_office"),
        ops.AddIndex(
            model_name="Partner",
            index=Index(fields=["office_id", "id"], name="partner_by_office"),
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
            model_name="BusinessInfo",
            constraint=UniqueConstraint(fields=("partner_id",), name="business_info_one_a_partner"),
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
            model_name="LedgerAccount",
            constraint=UniqueConstraint(fields=("owner_id", "kind", "currency"), name="ledger_account_of_owner"),
        ),
        ops.AddConstraint(
            model_name="LedgerAccount",
            constraint=UniqueConstraint(
                fields=("kind", "currency", "shard"), name="ledger_account_shard", condition="owner_id IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="LedgerAccount",
            constraint=CheckConstraint(check="may_overdraw OR balance >= held", name="ledger_account_funded"),
        ),
        ops.AddConstraint(
            model_name="LedgerAccount",
            constraint=CheckConstraint(check="held >= 0", name="ledger_account_held"),
        ),
        ops.AddConstraint(
            model_name="LedgerAccount",
            constraint=CheckConstraint(check="last_seq >= 0", name="ledger_account_seq"),
        ),
        ops.AddConstraint(
            model_name="LedgerAccount",
            constraint=CheckConstraint(check="currency ~ '^[A-Z]{3}$'", name="ledger_account_currency"),
        ),
        ops.AddConstraint(
            model_name="LedgerAccount",
            constraint=CheckConstraint(
                check="(owner_type IS NULL) = (owner_id IS NULL) AND (shard = 0 OR owner_id IS NULL)",
                name="ledger_account_owner",
            ),
        ),
        ops.AddConstraint(
            model_name="LedgerTransaction",
            constraint=UniqueConstraint(fields=("reverses_id",), name="ledger_transaction_reversed_once"),
        ),
        ops.AddConstraint(
            model_name="LedgerEntry",
            constraint=UniqueConstraint(fields=("account_id", "seq"), name="ledger_entry_seq_once"),
        ),
        ops.AddConstraint(
            model_name="LedgerEntry",
            constraint=CheckConstraint(check="amount <> 0", name="ledger_entry_moves"),
        ),
        ops.AddConstraint(
            model_name="LedgerEntry",
            constraint=CheckConstraint(check="seq > 0", name="ledger_entry_counts"),
        ),
        ops.AddConstraint(
            model_name="LedgerHold",
            constraint=CheckConstraint(check="amount > 0", name="ledger_hold_amount"),
        ),
        ops.AddConstraint(
            model_name="LedgerHold",
            constraint=CheckConstraint(check="source_id <> target_id", name="ledger_hold_between_two"),
        ),
        ops.AddConstraint(
            model_name="LedgerHold",
            constraint=CheckConstraint(check="expires_at > held_at", name="ledger_hold_end_ahead"),
        ),
        ops.AddConstraint(
            model_name="LedgerHold",
            constraint=CheckConstraint(check="(state = 'HELD') = (ended_at IS NULL)", name="ledger_hold_ended_when"),
        ),
        ops.AddConstraint(
            model_name="LedgerHold",
            constraint=CheckConstraint(
                check="(state = 'SETTLED') = (transaction_id IS NOT NULL)", name="ledger_hold_settled_by"
            ),
        ),
        ops.AddConstraint(
            model_name="Message",
            constraint=UniqueConstraint(
                fields=("account_id", "template", "subject_id", "occasion"), name="message_once"
            ),
        ),
        ops.AddConstraint(
            model_name="Offering",
            constraint=UniqueConstraint(fields=("site", "reference"), name="offering_reference_once"),
        ),
        ops.AddConstraint(
            model_name="Offering",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="offering_site"),
        ),
        ops.AddConstraint(
            model_name="Offering",
            constraint=CheckConstraint(
                check="(lead = 'PARTNER') = (owner_partner_id IS NOT NULL)", name="offering_owned"
            ),
        ),
        ops.AddConstraint(
            model_name="OfferingVersion",
            constraint=UniqueConstraint(fields=("offering_id", "number"), name="offering_version_once"),
        ),
        ops.AddConstraint(
            model_name="OfferingVersion",
            constraint=CheckConstraint(check="ends_on >= begins_on", name="offering_version_ordered"),
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
            model_name="PayoutItem",
            constraint=UniqueConstraint(
                fields=("incentive_id",), name="payout_item_once_at_a_time", condition="NOT released"
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
        ops.AddConstraint(
            model_name="RepOffice",
            constraint=UniqueConstraint(fields=("site", "name"), name="rep_office_name_once"),
        ),
        ops.AddConstraint(
            model_name="RepOffice",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="rep_office_site"),
        ),
        ops.AddConstraint(
            model_name="OfficeMember",
            constraint=UniqueConstraint(fields=("office_id", "account_id"), name="office_member_once"),
        ),
        ops.AddConstraint(
            model_name="OfficeRegion",
            constraint=UniqueConstraint(fields=("site", "region"), name="office_region_once"),
        ),
        ops.AddConstraint(
            model_name="OfficeRegion",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="office_region_site"),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=UniqueConstraint(fields=("partner_id", "external_ref"), name="opportunity_external_ref_once"),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="opportunity_site"),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state = 'DRAFT' OR submitted_at IS NOT NULL", name="opportunity_submitted_when"
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('VERIFYING','VERIFY_REJECTED','VERIFIED','SIGNED','DELIVERED','LOST','CANCELLED') OR (audited_at IS NOT NULL AND rep_office_id IS NOT NULL AND deadline > audited_at)",
                name="opportunity_audited_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('VERIFIED','SIGNED','DELIVERED','LOST','CANCELLED') OR verified_at IS NOT NULL",
                name="opportunity_verified_when",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('AUDIT_REJECTED','VERIFY_REJECTED') OR verdict_reason IS NOT NULL",
                name="opportunity_rejected_with_reason",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('SIGNED','DELIVERED') OR (signed_at IS NOT NULL AND signed_on IS NOT NULL AND contract_minor > 0 AND contract_currency IS NOT NULL AND contract_ref IS NOT NULL)",
                name="opportunity_signed_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state <> 'DELIVERED' OR (delivered_at IS NOT NULL AND delivered_on >= signed_on AND acceptance_ref IS NOT NULL)",
                name="opportunity_delivered_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="state NOT IN ('LOST','CANCELLED') OR (closed_at IS NOT NULL AND closing_reason IS NOT NULL)",
                name="opportunity_closed_with_reason",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(
                check="(expected_revenue_minor IS NULL) = (expected_revenue_currency IS NULL)",
                name="opportunity_revenue_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="Opportunity",
            constraint=CheckConstraint(check="duplicate_of_id <> id", name="opportunity_repeats_another"),
        ),
        ops.AddConstraint(
            model_name="OpportunityOffering",
            constraint=UniqueConstraint(fields=("opportunity_id", "offering_id"), name="opportunity_offering_once"),
        ),
        ops.AddConstraint(
            model_name="OpportunityUpdate",
            constraint=CheckConstraint(
                check="(kind = 'SUPPORT_REQUEST') = (support_need IS NOT NULL)", name="opportunity_update_asks"
            ),
        ),
        ops.AddConstraint(
            model_name="OpportunityUpdate",
            constraint=CheckConstraint(
                check="(kind = 'SUPPORT_ANSWER') = (answers_id IS NOT NULL)", name="opportunity_update_answers"
            ),
        ),
        ops.AddConstraint(
            model_name="OpportunityUpdate",
            constraint=CheckConstraint(
                check="(side = 'SYSTEM') = (author_id IS NULL)", name="opportunity_update_by_whom"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerApplication",
            constraint=UniqueConstraint(
                fields=("partner_id",),
                name="reseller_application_one_open",
                condition="status IN ('VENDOR_REVIEW','DISTRIBUTOR_REVIEW')",
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerApplication",
            constraint=CheckConstraint(check="partner_id <> distributor_id", name="reseller_application_of_two"),
        ),
        ops.AddConstraint(
            model_name="ResellerApplication",
            constraint=CheckConstraint(
                check="status <> 'REJECTED' OR reason IS NOT NULL", name="reseller_application_rejected_with_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerApplication",
            constraint=CheckConstraint(
                check="status NOT IN ('DISTRIBUTOR_REVIEW','ASSOCIATED') OR vendor_approved_at IS NOT NULL",
                name="reseller_application_vendor_first",
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerInvitation",
            constraint=UniqueConstraint(fields=("token_digest",), name="reseller_invitation_token_once"),
        ),
        ops.AddConstraint(
            model_name="ResellerInvitation",
            constraint=UniqueConstraint(
                fields=("distributor_id", "email"), name="reseller_invitation_one_open", condition="state = 'ACTIVE'"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerInvitation",
            constraint=CheckConstraint(
                check="(state = 'USED') = (used_by IS NOT NULL)", name="reseller_invitation_used_by_one"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerInvitation",
            constraint=CheckConstraint(check="valid_until > created_at", name="reseller_invitation_ends"),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=UniqueConstraint(
                fields=("reseller_id",), name="reseller_link_one_live", condition="status <> 'ENDED'"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=CheckConstraint(check="distributor_id <> reseller_id", name="reseller_link_of_two"),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=CheckConstraint(
                check="(status = 'ENDED') = (ended_at IS NOT NULL)", name="reseller_link_ended_when"
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=CheckConstraint(
                check="(status = 'ACTIVE') = (exiting_at IS NULL) AND (status = 'ACTIVE') = (exit_reason IS NULL)",
                name="reseller_link_exits_with_reason",
            ),
        ),
        ops.AddConstraint(
            model_name="ResellerLink",
            constraint=CheckConstraint(
                check="(application_id IS NULL) <> (invitation_id IS NULL)", name="reseller_link_came_one_way"
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
