from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class MdfActivityType(StrEnum):
    CUSTOMER_VISIT = "CUSTOMER_VISIT"
    CUSTOMER_COMMUNICATION = "CUSTOMER_COMMUNICATION"
    PARTNER_VISIT = "PARTNER_VISIT"
    PARTNER_TRAINING = "PARTNER_TRAINING"
    PARTNER_RECRUITING = "PARTNER_RECRUITING"
    ADVERTISING = "ADVERTISING"
    JOINT_MARKETING = "JOINT_MARKETING"
    DIGITAL_MARKETING = "DIGITAL_MARKETING"
    MARKETING_MATERIAL = "MARKETING_MATERIAL"


class MdfLine(StrEnum):
    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    SOFTWARE = "SOFTWARE"
    SERVICE = "SERVICE"
    SI = "SI"


class MdfState(StrEnum):
    DRAFT = "DRAFT"
    USE_REVIEW = "USE_REVIEW"
    USE_APPROVED = "USE_APPROVED"
    USE_REJECTED = "USE_REJECTED"
    CANCELLED = "CANCELLED"
    EVENT_RUNNING = "EVENT_RUNNING"
    CLAIM_DRAFT = "CLAIM_DRAFT"
    CLAIM_REVIEW = "CLAIM_REVIEW"
    CLAIM_REJECTED = "CLAIM_REJECTED"
    CLAIM_APPROVED = "CLAIM_APPROVED"
    INVOICED = "INVOICED"
    PAID = "PAID"
    CLAIM_EXPIRED = "CLAIM_EXPIRED"
    VOID = "VOID"


class MdfViolationKind(StrEnum):
    MDF_SPLIT = "MDF_SPLIT"
    MDF_DOUBLE_DIP = "MDF_DOUBLE_DIP"
    MDF_FALSE_EXPENSE = "MDF_FALSE_EXPENSE"
    MDF_GIFT_UNRELATED = "MDF_GIFT_UNRELATED"
    MDF_GIFT_NOT_NAMED = "MDF_GIFT_NOT_NAMED"


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
    FUND = "FUND"


class ReviewKind(StrEnum):
    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    PLAN_TIER = "PLAN_TIER"
    COMPANY_CHANGE = "COMPANY_CHANGE"
    PATH_ROLE = "PATH_ROLE"
    PATH_DIFFERENTIATION = "PATH_DIFFERENTIATION"
    PATH_ANNUAL = "PATH_ANNUAL"
    BUSINESS_INFO = "BUSINESS_INFO"
    BANK_LETTER = "BANK_LETTER"
    SOLUTION = "SOLUTION"
    CAPABILITY = "CAPABILITY"
    MDF_APPLICATION = "MDF_APPLICATION"
    SPECIALIST = "SPECIALIST"
    SPECIALIST_CANCELLATION = "SPECIALIST_CANCELLATION"
    EXPERT_QUALIFICATION = "EXPERT_QUALIFICATION"
    EXPERT_INCENTIVE = "EXPERT_INCENTIVE"


class Migration(migrations.Migration):
    dependencies = [("models", "0037_experts_lists_and_reminders")]

    initial = False

    operations = [
        ops.CreateModel(
            name="MdfQuota",
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
                        related_name="mdf_quotas",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "line",
                    fields.CharEnumField(
                        description="SOLUTION_PROVIDER: SOLUTION_PROVIDER\nSOFTWARE: SOFTWARE\nSERVICE: SERVICE\nSI: SI",
                        enum_type=MdfLine,
                        max_length=30,
                    ),
                ),
                ("year", fields.IntField()),
                ("currency", fields.CharField(max_length=3)),
                ("granted", fields.BigIntField()),
                ("reserved", fields.BigIntField(default=0)),
                ("consumed", fields.BigIntField(default=0)),
            ],
            options={
                "table": "mdf_quota",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="mdf_quota_of_partner"),
                    Index(fields=["year", "id"], name="mdf_quota_by_year"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="MdfAdjustment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "partner",
                    fields.ForeignKeyField(
                        "models.Partner",
                        source_field="partner_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="mdf_adjustments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "quota",
                    fields.ForeignKeyField(
                        "models.MdfQuota",
                        source_field="quota_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="adjustments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
                ("reason", fields.CharField(max_length=500)),
                ("made_by", fields.UUIDField()),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "mdf_adjustment",
                "app": "models",
                "indexes": [Index(fields=["quota_id", "id"], name="mdf_adjustment_of_quota")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="MdfCase",
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
                        related_name="mdf_cases",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "quota",
                    fields.ForeignKeyField(
                        "models.MdfQuota",
                        source_field="quota_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="cases",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("currency", fields.CharField(max_length=3)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: DRAFT\nUSE_REVIEW: USE_REVIEW\nUSE_APPROVED: USE_APPROVED\nUSE_REJECTED: USE_REJECTED\nCANCELLED: CANCELLED\nEVENT_RUNNING: EVENT_RUNNING\nCLAIM_DRAFT: CLAIM_DRAFT\nCLAIM_REVIEW: CLAIM_REVIEW\nCLAIM_REJECTED: CLAIM_REJECTED\nCLAIM_APPROVED: CLAIM_APPROVED\nINVOICED: INVOICED\nPAID: PAID\nCLAIM_EXPIRED: CLAIM_EXPIRED\nVOID: VOID",
                        enum_type=MdfState,
                        max_length=20,
                    ),
                ),
                ("name", fields.CharField(max_length=200)),
                (
                    "activity_type",
                    fields.CharEnumField(
                        null=True,
                        description="CUSTOMER_VISIT: CUSTOMER_VISIT\nCUSTOMER_COMMUNICATION: CUSTOMER_COMMUNICATION\nPARTNER_VISIT: PARTNER_VISIT\nPARTNER_TRAINING: PARTNER_TRAINING\nPARTNER_RECRUITING: PARTNER_RECRUITING\nADVERTISING: ADVERTISING\nJOINT_MARKETING: JOINT_MARKETING\nDIGITAL_MARKETING: DIGITAL_MARKETING\nMARKETING_MATERIAL: MARKETING_MATERIAL",
                        enum_type=MdfActivityType,
                        max_length=30,
                    ),
                ),
                ("audience", fields.CharField(max_length=200)),
                ("department", fields.CharField(max_length=200)),
                ("late_reason", fields.CharField(max_length=500)),
                ("expected_leads", fields.IntField(null=True)),
                ("expected_opportunities", fields.IntField(null=True)),
                ("events", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("budget", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("findings", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("starts_on", fields.DateField(null=True)),
                ("ends_on", fields.DateField(null=True)),
                ("name_key", fields.CharField(max_length=64)),
                ("audience_key", fields.CharField(max_length=64)),
                ("place_key", fields.CharField(max_length=64)),
                ("planned", fields.BigIntField()),
                ("fund_planned", fields.BigIntField()),
                ("reserved", fields.BigIntField(default=0)),
                ("agreement_version", fields.CharField(null=True, max_length=20)),
                ("signed_by", fields.UUIDField(null=True)),
                ("host_name", fields.CharField(null=True, max_length=200)),
                ("submitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("due_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("noticed_days", fields.IntField(null=True)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("claim", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("claimed", fields.BigIntField(null=True)),
                ("claimed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("invoice_number", fields.CharField(null=True, max_length=40)),
                ("invoiced_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("paid_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "mdf_case",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="mdf_case_of_partner"),
                    Index(fields=["quota_id", "id"], name="mdf_case_of_quota"),
                    Index(fields=["state", "due_at"], name="mdf_case_by_due"),
                    Index(fields=["state", "id"], name="mdf_case_by_state"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="MdfViolation",
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
                        related_name="mdf_violations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "case",
                    fields.ForeignKeyField(
                        "models.MdfCase",
                        source_field="case_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="violations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="MDF_SPLIT: MDF_SPLIT\nMDF_DOUBLE_DIP: MDF_DOUBLE_DIP\nMDF_FALSE_EXPENSE: MDF_FALSE_EXPENSE\nMDF_GIFT_UNRELATED: MDF_GIFT_UNRELATED\nMDF_GIFT_NOT_NAMED: MDF_GIFT_NOT_NAMED",
                        enum_type=MdfViolationKind,
                        max_length=30,
                    ),
                ),
                ("penalty", fields.CharField(max_length=500)),
                ("year", fields.IntField()),
                ("decided_by", fields.UUIDField()),
                ("decided_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("suspended_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("lifted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "mdf_violation",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="mdf_violation_of_partner"),
                    Index(fields=["lifted_at", "suspended_until"], name="mdf_violation_by_end"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="MessageSetting",
            name="type",
            field=fields.CharEnumField(
                description="VERIFICATION: VERIFICATION\nSECURITY: SECURITY\nINVITATION: INVITATION\nREVIEW: REVIEW\nACCOUNT_CHANGE: ACCOUNT_CHANGE\nACCOUNT_BALANCE: ACCOUNT_BALANCE\nPLAN: PLAN\nPATH: PATH\nCUSTOMER: CUSTOMER\nASSOCIATION: ASSOCIATION\nRESELLER: RESELLER\nSPECIALIST: SPECIALIST\nVOUCHER: VOUCHER\nPERFORMANCE: PERFORMANCE\nINCENTIVE: INCENTIVE\nOPPORTUNITY: OPPORTUNITY\nBUSINESS_INFO: BUSINESS_INFO\nFEED: FEED\nFUND: FUND",
                enum_type=MessageType,
                max_length=30,
            ),
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nPLAN_TIER: PLAN_TIER\nCOMPANY_CHANGE: COMPANY_CHANGE\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER\nSOLUTION: SOLUTION\nCAPABILITY: CAPABILITY\nMDF_APPLICATION: MDF_APPLICATION\nSPECIALIST: SPECIALIST\nSPECIALIST_CANCELLATION: SPECIALIST_CANCELLATION\nEXPERT_QUALIFICATION: EXPERT_QUALIFICATION\nEXPERT_INCENTIVE: EXPERT_INCENTIVE",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="MdfQuota",
            constraint=UniqueConstraint(fields=("partner_id", "line", "year"), name="mdf_quota_once"),
        ),
        ops.AddConstraint(
            model_name="MdfQuota",
            constraint=CheckConstraint(
                check="reserved >= 0 AND consumed >= 0 AND reserved + consumed <= granted",
                name="mdf_quota_never_negative",
            ),
        ),
        ops.AddConstraint(
            model_name="MdfAdjustment",
            constraint=CheckConstraint(check="amount <> 0", name="mdf_adjustment_something"),
        ),
        ops.AddConstraint(
            model_name="MdfCase",
            constraint=UniqueConstraint(fields=("partner_id", "invoice_number"), name="mdf_case_invoice_once"),
        ),
        ops.AddConstraint(
            model_name="MdfCase",
            constraint=CheckConstraint(check="reserved >= 0 AND fund_planned >= 0", name="mdf_case_amounts"),
        ),
        ops.AddConstraint(
            model_name="MdfCase",
            constraint=CheckConstraint(
                check="reserved = 0 OR state IN ('USE_REVIEW','USE_APPROVED','EVENT_RUNNING','CLAIM_DRAFT','CLAIM_REVIEW','CLAIM_REJECTED')",
                name="mdf_case_reserves_while_open",
            ),
        ),
        ops.AddConstraint(
            model_name="MdfCase",
            constraint=CheckConstraint(
                check="state IN ('DRAFT','CANCELLED','VOID') OR (submitted_at IS NOT NULL AND starts_on IS NOT NULL AND ends_on IS NOT NULL AND host_name IS NOT NULL AND agreement_version IS NOT NULL)",
                name="mdf_case_submitted_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="MdfCase",
            constraint=CheckConstraint(
                check="state NOT IN ('CLAIM_REVIEW','CLAIM_APPROVED','CLAIM_REJECTED','INVOICED','PAID') OR (claimed IS NOT NULL AND claimed_at IS NOT NULL)",
                name="mdf_case_claimed_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="MdfCase",
            constraint=CheckConstraint(
                check="state NOT IN ('INVOICED','PAID') OR invoice_number IS NOT NULL", name="mdf_case_invoiced_whole"
            ),
        ),
        ops.AddConstraint(
            model_name="MdfCase",
            constraint=CheckConstraint(check="(state = 'PAID') = (paid_at IS NOT NULL)", name="mdf_case_paid_when"),
        ),
        ops.AddConstraint(
            model_name="MdfCase",
            constraint=CheckConstraint(
                check="state NOT IN ('USE_REJECTED','CLAIM_REJECTED') OR reason IS NOT NULL",
                name="mdf_case_rejected_with_reason",
            ),
        ),
    ]
