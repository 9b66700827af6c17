from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class ExpertIncentiveStatus(StrEnum):
    PENDING_CONFIRM = "PENDING_CONFIRM"
    DISPUTED = "DISPUTED"
    WAIT_MATERIALS = "WAIT_MATERIALS"
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    EXPIRED = "EXPIRED"


class ExpertLevel(StrEnum):
    SENIOR = "SENIOR"
    PRINCIPAL = "PRINCIPAL"


class ExpertQualificationState(StrEnum):
    IN_REVIEW = "IN_REVIEW"
    QUALIFIED = "QUALIFIED"
    REJECTED = "REJECTED"


class ExpertSchemeCode(StrEnum):
    CERTIFIED_EXPERT = "CERTIFIED_EXPERT"
    SERVICE_EXPERT = "SERVICE_EXPERT"
    CCOE = "CCOE"
    SI_PRESALES = "SI_PRESALES"


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
    SPECIALIST = "SPECIALIST"
    SPECIALIST_CANCELLATION = "SPECIALIST_CANCELLATION"
    EXPERT_QUALIFICATION = "EXPERT_QUALIFICATION"
    EXPERT_INCENTIVE = "EXPERT_INCENTIVE"


class Migration(migrations.Migration):
    dependencies = [("models", "0036_late_reviews_are_looked_for_kind_by_kind")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Expert",
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
                        related_name="experts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "binding",
                    fields.ForeignKeyField(
                        "models.SpecialistBinding",
                        source_field="binding_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="experts",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField()),
                ("masked_name", fields.CharField(max_length=300)),
                (
                    "scheme",
                    fields.CharEnumField(
                        description="CERTIFIED_EXPERT: CERTIFIED_EXPERT\nSERVICE_EXPERT: SERVICE_EXPERT\nCCOE: CCOE\nSI_PRESALES: SI_PRESALES",
                        enum_type=ExpertSchemeCode,
                        max_length=20,
                    ),
                ),
                (
                    "level",
                    fields.CharEnumField(
                        description="SENIOR: SENIOR\nPRINCIPAL: PRINCIPAL", enum_type=ExpertLevel, max_length=20
                    ),
                ),
                ("assessed", fields.BooleanField()),
                ("project", fields.CharField(null=True, max_length=64)),
                ("entered_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("entered_by", fields.UUIDField(null=True)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "expert",
                "app": "models",
                "indexes": [Index(fields=["partner_id", "id"], name="expert_of_partner")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="ExpertIncentive",
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
                        related_name="expert_incentives",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("site", fields.CharField(max_length=4)),
                (
                    "scheme",
                    fields.CharEnumField(
                        description="CERTIFIED_EXPERT: CERTIFIED_EXPERT\nSERVICE_EXPERT: SERVICE_EXPERT\nCCOE: CCOE\nSI_PRESALES: SI_PRESALES",
                        enum_type=ExpertSchemeCode,
                        max_length=20,
                    ),
                ),
                ("period", fields.CharField(max_length=7)),
                ("currency", fields.CharField(max_length=3)),
                ("head_count", fields.IntField()),
                ("amount", fields.BigIntField()),
                ("generated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "status",
                    fields.CharEnumField(
                        description="PENDING_CONFIRM: PENDING_CONFIRM\nDISPUTED: DISPUTED\nWAIT_MATERIALS: WAIT_MATERIALS\nIN_REVIEW: IN_REVIEW\nAPPROVED: APPROVED\nEXPIRED: EXPIRED",
                        enum_type=ExpertIncentiveStatus,
                        max_length=20,
                    ),
                ),
                ("waits_since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("deadline", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("deadline_provisional", fields.BooleanField()),
                ("reminded", fields.SmallIntField(null=True)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("confirmed_by", fields.UUIDField(null=True)),
                ("objection", fields.CharField(null=True, max_length=500)),
                ("answer", fields.CharField(null=True, max_length=500)),
                ("employment_proofs", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("insurance_proofs", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("acceptance_proofs", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("submitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("approved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "expert_incentive",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="expert_incentive_of_partner"),
                    Index(fields=["partner_id", "status", "id"], name="expert_incentive_by_status"),
                    Index(fields=["status", "deadline"], name="expert_incentive_by_deadline"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="ExpertIncentiveLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("partner_id", fields.UUIDField()),
                (
                    "incentive",
                    fields.ForeignKeyField(
                        "models.ExpertIncentive",
                        source_field="incentive_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "expert",
                    fields.ForeignKeyField(
                        "models.Expert",
                        source_field="expert_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField()),
                ("masked_name", fields.CharField(max_length=300)),
                (
                    "level",
                    fields.CharEnumField(
                        description="SENIOR: SENIOR\nPRINCIPAL: PRINCIPAL", enum_type=ExpertLevel, max_length=20
                    ),
                ),
                ("amount", fields.BigIntField()),
                ("currency", fields.CharField(max_length=3)),
            ],
            options={
                "table": "expert_incentive_line",
                "app": "models",
                "indexes": [Index(fields=["account_id", "id"], name="expert_incentive_line_of_person")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="ExpertQualification",
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
                        related_name="expert_qualifications",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "scheme",
                    fields.CharEnumField(
                        description="CERTIFIED_EXPERT: CERTIFIED_EXPERT\nSERVICE_EXPERT: SERVICE_EXPERT\nCCOE: CCOE\nSI_PRESALES: SI_PRESALES",
                        enum_type=ExpertSchemeCode,
                        max_length=20,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="IN_REVIEW: IN_REVIEW\nQUALIFIED: QUALIFIED\nREJECTED: REJECTED",
                        enum_type=ExpertQualificationState,
                        max_length=20,
                    ),
                ),
                ("agreement_version", fields.CharField(max_length=20)),
                ("accepted_by", fields.UUIDField(null=True)),
                ("submitted_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("qualified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("last_period", fields.CharField(null=True, max_length=7)),
            ],
            options={
                "table": "expert_qualification",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="expert_qualification_of_partner"),
                    Index(fields=["state", "scheme", "id"], name="expert_qualification_by_scheme"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AddField(
            model_name="Incentive",
            name="reminded",
            field=fields.SmallIntField(null=True),
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nPLAN_TIER: PLAN_TIER\nCOMPANY_CHANGE: COMPANY_CHANGE\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER\nSOLUTION: SOLUTION\nCAPABILITY: CAPABILITY\nSPECIALIST: SPECIALIST\nSPECIALIST_CANCELLATION: SPECIALIST_CANCELLATION\nEXPERT_QUALIFICATION: EXPERT_QUALIFICATION\nEXPERT_INCENTIVE: EXPERT_INCENTIVE",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="Expert",
            constraint=UniqueConstraint(fields=("account_id",), name="expert_one_scheme", condition="ended_at IS NULL"),
        ),
        ops.AddConstraint(
            model_name="Expert",
            constraint=UniqueConstraint(
                fields=("partner_id", "project"), name="expert_project_once", condition="ended_at IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="Expert",
            constraint=CheckConstraint(check="(ended_at IS NULL) = (reason IS NULL)", name="expert_ended_with_reason"),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentive",
            constraint=UniqueConstraint(fields=("scheme", "period", "partner_id"), name="expert_incentive_once"),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentive",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="expert_incentive_site"),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentive",
            constraint=CheckConstraint(check="head_count > 0 AND amount > 0", name="expert_incentive_of_somebody"),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentive",
            constraint=CheckConstraint(check="deadline > waits_since", name="expert_incentive_deadline_ahead"),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentive",
            constraint=CheckConstraint(
                check="status NOT IN ('WAIT_MATERIALS','IN_REVIEW','APPROVED') OR confirmed_at IS NOT NULL",
                name="expert_incentive_confirmed_when",
            ),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentive",
            constraint=CheckConstraint(
                check="status NOT IN ('IN_REVIEW','APPROVED') OR submitted_at IS NOT NULL",
                name="expert_incentive_submitted_when",
            ),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentive",
            constraint=CheckConstraint(
                check="status <> 'DISPUTED' OR objection IS NOT NULL", name="expert_incentive_disputed_with_words"
            ),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentiveLine",
            constraint=UniqueConstraint(fields=("incentive_id", "expert_id"), name="expert_incentive_line_once"),
        ),
        ops.AddConstraint(
            model_name="ExpertIncentiveLine",
            constraint=CheckConstraint(check="amount > 0", name="expert_incentive_line_positive"),
        ),
        ops.AddConstraint(
            model_name="ExpertQualification",
            constraint=UniqueConstraint(fields=("partner_id", "scheme"), name="expert_qualification_once"),
        ),
        ops.AddConstraint(
            model_name="ExpertQualification",
            constraint=CheckConstraint(
                check="(state = 'QUALIFIED') = (qualified_at IS NOT NULL)", name="expert_qualification_qualified_when"
            ),
        ),
        ops.AddConstraint(
            model_name="ExpertQualification",
            constraint=CheckConstraint(
                check="(state = 'REJECTED') = (reason IS NOT NULL)", name="expert_qualification_rejected_with_reason"
            ),
        ),
    ]
