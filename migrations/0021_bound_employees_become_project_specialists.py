from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class PathCode(StrEnum):
    SOFTWARE = "SOFTWARE"
    SERVICE = "SERVICE"
    SI = "SI"
    LEARNING = "LEARNING"
    DISTRIBUTOR = "DISTRIBUTOR"


class ReviewKind(StrEnum):
    ADMISSION = "ADMISSION"
    PLAN = "PLAN"
    COMPANY_CHANGE = "COMPANY_CHANGE"
    PATH_ROLE = "PATH_ROLE"
    PATH_DIFFERENTIATION = "PATH_DIFFERENTIATION"
    PATH_ANNUAL = "PATH_ANNUAL"
    BUSINESS_INFO = "BUSINESS_INFO"
    BANK_LETTER = "BANK_LETTER"
    SOLUTION = "SOLUTION"
    SPECIALIST = "SPECIALIST"
    SPECIALIST_CANCELLATION = "SPECIALIST_CANCELLATION"


class DeployMode(StrEnum):
    NATIONAL = "NATIONAL"
    STATIONED = "STATIONED"


class Migration(migrations.Migration):
    dependencies = [("models", "0020_announcements_can_be_dismissed_failed_messages_be_found")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SpecialistApplication",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "binding",
                    fields.ForeignKeyField(
                        "models.SpecialistBinding",
                        source_field="binding_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="applications",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("account_id", fields.UUIDField()),
                (
                    "path",
                    fields.CharEnumField(
                        description="SOFTWARE: SOFTWARE\nSERVICE: SERVICE\nSI: SI\nLEARNING: LEARNING\nDISTRIBUTOR: DISTRIBUTOR",
                        enum_type=PathCode,
                        max_length=20,
                    ),
                ),
                (
                    "deploy_mode",
                    fields.CharEnumField(
                        null=True,
                        description="NATIONAL: NATIONAL\nSTATIONED: STATIONED",
                        enum_type=DeployMode,
                        max_length=20,
                    ),
                ),
                ("base_location", fields.CharField(max_length=100)),
                ("documents", fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ("applied_by", fields.UUIDField()),
            ],
            options={
                "table": "specialist_application",
                "app": "models",
                "indexes": [Index(fields=["binding_id", "id"], name="specialist_application_newest")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="SpecialistCancellation",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "binding",
                    fields.ForeignKeyField(
                        "models.SpecialistBinding",
                        source_field="binding_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="cancellations",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField()),
                ("account_id", fields.UUIDField()),
                ("by_vendor", fields.BooleanField()),
                ("reason", fields.CharField(max_length=500)),
                ("document", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("requested_by", fields.UUIDField()),
            ],
            options={
                "table": "specialist_cancellation",
                "app": "models",
                "indexes": [Index(fields=["binding_id", "id"], name="specialist_cancellation_newest")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nCOMPANY_CHANGE: COMPANY_CHANGE\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER\nSOLUTION: SOLUTION\nSPECIALIST: SPECIALIST\nSPECIALIST_CANCELLATION: SPECIALIST_CANCELLATION",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddField(
            model_name="SpecialistBinding",
            name="member_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddConstraint(
            model_name="SpecialistBinding",
            constraint=UniqueConstraint(
                fields=("member_id",), name="specialist_binding_one_member", condition="unbound_at IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistApplication",
            constraint=CheckConstraint(
                check="(path = 'SERVICE') = (deploy_mode IS NOT NULL)", name="specialist_application_of_path"
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistCancellation",
            constraint=CheckConstraint(
                check="by_vendor OR document IS NOT NULL", name="specialist_cancellation_with_document"
            ),
        ),
    ]
