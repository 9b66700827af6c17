from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class CapabilityState(StrEnum):
    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    IN_REVIEW = "IN_REVIEW"
    PASSED = "PASSED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


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


class Migration(migrations.Migration):
    dependencies = [("models", "0022_members_apply_for_higher_tiers")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CapabilityApplication",
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
                        related_name="capabilities",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("level1", fields.CharField(max_length=40)),
                ("level2", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("self_check", fields.CharField(max_length=4000)),
                ("evidence", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: DRAFT\nSUBMITTED: SUBMITTED\nIN_REVIEW: IN_REVIEW\nPASSED: PASSED\nREJECTED: REJECTED\nEXPIRED: EXPIRED",
                        enum_type=CapabilityState,
                        max_length=20,
                    ),
                ),
                ("submitted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("badge_no", fields.CharField(null=True, max_length=40)),
                ("valid_from", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("valid_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("noticed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "capability_application",
                "app": "models",
                "indexes": [
                    Index(fields=["partner_id", "id"], name="capability_of_partner"),
                    Index(fields=["state", "valid_until"], name="capability_by_end"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nPLAN_TIER: PLAN_TIER\nCOMPANY_CHANGE: COMPANY_CHANGE\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER\nSOLUTION: SOLUTION\nCAPABILITY: CAPABILITY\nSPECIALIST: SPECIALIST\nSPECIALIST_CANCELLATION: SPECIALIST_CANCELLATION",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="CapabilityApplication",
            constraint=UniqueConstraint(
                fields=("partner_id", "level1"),
                name="capability_application_one_open",
                condition="state NOT IN ('PASSED','EXPIRED')",
            ),
        ),
        ops.AddConstraint(
            model_name="CapabilityApplication",
            constraint=UniqueConstraint(fields=("badge_no",), name="capability_application_badge_once"),
        ),
        ops.AddConstraint(
            model_name="CapabilityApplication",
            constraint=CheckConstraint(
                check="(state IN ('PASSED','EXPIRED')) = (valid_until IS NOT NULL) AND num_nulls(badge_no, valid_from, valid_until) IN (0, 3)",
                name="capability_application_validity_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="CapabilityApplication",
            constraint=CheckConstraint(
                check="state IN ('DRAFT','REJECTED') OR submitted_at IS NOT NULL",
                name="capability_application_submitted_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="CapabilityApplication",
            constraint=CheckConstraint(
                check="state <> 'REJECTED' OR reason IS NOT NULL", name="capability_application_rejected_with_reason"
            ),
        ),
    ]
