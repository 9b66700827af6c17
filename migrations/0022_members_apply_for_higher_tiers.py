from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class UpgradeState(StrEnum):
    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


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
    SPECIALIST = "SPECIALIST"
    SPECIALIST_CANCELLATION = "SPECIALIST_CANCELLATION"


class Migration(migrations.Migration):
    dependencies = [("models", "0021_bound_employees_become_project_specialists")]

    initial = False

    operations = [
        ops.CreateModel(
            name="TierUpgrade",
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
                        related_name="tier_upgrades",
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
                        related_name="upgrades",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("from_tier", fields.CharField(max_length=30)),
                ("tier", fields.CharField(max_length=30)),
                ("statement", fields.CharField(null=True, max_length=500)),
                (
                    "state",
                    fields.CharEnumField(
                        description="IN_REVIEW: IN_REVIEW\nAPPROVED: APPROVED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN",
                        enum_type=UpgradeState,
                        max_length=20,
                    ),
                ),
                ("by_vendor", fields.BooleanField()),
                ("applied_by", fields.UUIDField()),
                ("applied_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("reason", fields.CharField(null=True, max_length=500)),
            ],
            options={
                "table": "tier_upgrade",
                "app": "models",
                "indexes": [Index(fields=["partner_id", "id"], name="tier_upgrade_of_partner")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nPLAN_TIER: PLAN_TIER\nCOMPANY_CHANGE: COMPANY_CHANGE\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER\nSOLUTION: SOLUTION\nSPECIALIST: SPECIALIST\nSPECIALIST_CANCELLATION: SPECIALIST_CANCELLATION",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="TierUpgrade",
            constraint=UniqueConstraint(
                fields=("membership_id",), name="tier_upgrade_one_open", condition="state = 'IN_REVIEW'"
            ),
        ),
        ops.AddConstraint(
            model_name="TierUpgrade",
            constraint=CheckConstraint(
                check="(state = 'IN_REVIEW') = (ended_at IS NULL)", name="tier_upgrade_ended_when"
            ),
        ),
        ops.AddConstraint(
            model_name="TierUpgrade",
            constraint=CheckConstraint(
                check="(state = 'REJECTED') = (reason IS NOT NULL)", name="tier_upgrade_rejected_with_reason"
            ),
        ),
    ]
