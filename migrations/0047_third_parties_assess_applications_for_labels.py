from tortoise import migrations
from tortoise.migrations import operations as ops

from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class AssessmentState(StrEnum):
    REQUESTED = "REQUESTED"
    GIVEN = "GIVEN"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"


class Migration(migrations.Migration):
    dependencies = [("models", "0046_certified_business_information_is_opened_for_a_change")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CapabilityAssessment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "application",
                    fields.ForeignKeyField(
                        "models.CapabilityApplication",
                        source_field="application_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="assessments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "assessor",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="assessor_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="capability_assessments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("partner_name", fields.CharField(max_length=256)),
                ("masked_name", fields.CharField(max_length=300)),
                ("level1", fields.CharField(max_length=40)),
                ("asked_by", fields.UUIDField()),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "state",
                    fields.CharEnumField(
                        description="REQUESTED: REQUESTED\nGIVEN: GIVEN\nREVOKED: REVOKED\nEXPIRED: EXPIRED",
                        enum_type=AssessmentState,
                        max_length=20,
                    ),
                ),
                ("favourable", fields.BooleanField(null=True)),
                ("statement", fields.CharField(null=True, max_length=4000)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "capability_assessment",
                "app": "models",
                "indexes": [
                    Index(fields=["application_id", "id"], name="capability_assessment_of_app"),
                    Index(fields=["assessor_id", "id"], name="capability_assessment_of_one"),
                    Index(fields=["state", "due_at"], name="capability_assessment_by_due"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AddConstraint(
            model_name="CapabilityAssessment",
            constraint=UniqueConstraint(
                fields=("application_id",), name="capability_assessment_one_open", condition="ended_at IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="CapabilityAssessment",
            constraint=CheckConstraint(
                check="(state = 'REQUESTED') = (ended_at IS NULL)", name="capability_assessment_ended_when"
            ),
        ),
        ops.AddConstraint(
            model_name="CapabilityAssessment",
            constraint=CheckConstraint(
                check="(state = 'GIVEN') = (favourable IS NOT NULL) AND num_nulls(favourable, statement) IN (0, 2)",
                name="capability_assessment_given_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="CapabilityAssessment",
            constraint=CheckConstraint(check="due_at > created_at", name="capability_assessment_due_later"),
        ),
    ]
