from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads


from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class MessageType(StrEnum):
    VERIFICATION = "VERIFICATION"
    SECURITY = "SECURITY"
    INVITATION = "INVITATION"
    REVIEW = "REVIEW"
    ACCOUNT_CHANGE = "ACCOUNT_CHANGE"
    ACCOUNT_BALANCE = "ACCOUNT_BALANCE"
    PLAN = "PLAN"
    CUSTOMER = "CUSTOMER"
    ASSOCIATION = "ASSOCIATION"
    RESELLER = "RESELLER"
    SPECIALIST = "SPECIALIST"
    VOUCHER = "VOUCHER"
    PERFORMANCE = "PERFORMANCE"
    INCENTIVE = "INCENTIVE"
    OPPORTUNITY = "OPPORTUNITY"
    BUSINESS_INFO = "BUSINESS_INFO"


class Position(StrEnum):
    BUSINESS_DEVELOPER = "BUSINESS_DEVELOPER"
    SALES_ENGINEER = "SALES_ENGINEER"
    SOLUTION_ARCHITECT = "SOLUTION_ARCHITECT"


class Migration(migrations.Migration):
    dependencies = [("models", "0011_business_information_is_certified_from_a_form")]

    initial = False

    operations = [
        ops.CreateModel(
            name="SpecialistProfile",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="specialist_profiles",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("full_name", fields.CharField(max_length=128)),
                ("mobile", fields.CharField(null=True, max_length=32)),
                ("email", fields.CharField(null=True, max_length=64)),
                (
                    "position",
                    fields.CharEnumField(
                        null=True,
                        description="BUSINESS_DEVELOPER: BUSINESS_DEVELOPER\nSALES_ENGINEER: SALES_ENGINEER\nSOLUTION_ARCHITECT: SOLUTION_ARCHITECT",
                        enum_type=Position,
                        max_length=20,
                    ),
                ),
                ("employer", fields.CharField(null=True, max_length=256)),
                ("cloud_since", fields.DateField(null=True)),
                ("base_location", fields.CharField(null=True, max_length=100)),
                ("document", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={"table": "specialist_profile", "app": "models", "pk_attr": "id"},
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="SpecialistCertificate",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "profile",
                    fields.ForeignKeyField(
                        "models.SpecialistProfile",
                        source_field="profile_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="certificates",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField()),
                ("kind", fields.CharField(max_length=20)),
                ("number", fields.CharField(max_length=64)),
                ("issued_on", fields.DateField()),
                ("expires_on", fields.DateField(null=True)),
                ("document", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ("removed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "specialist_certificate",
                "app": "models",
                "indexes": [Index(fields=["profile_id", "id"], name="specialist_certificate_newest")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="SpecialistProject",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "profile",
                    fields.ForeignKeyField(
                        "models.SpecialistProfile",
                        source_field="profile_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="projects",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField()),
                ("name", fields.CharField(max_length=200)),
                ("duty", fields.CharField(max_length=200)),
                ("description", fields.CharField(max_length=1000)),
                ("began_on", fields.DateField()),
                ("ended_on", fields.DateField(null=True)),
                ("removed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "specialist_project",
                "app": "models",
                "indexes": [Index(fields=["profile_id", "id"], name="specialist_project_newest")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="SpecialistTraining",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "profile",
                    fields.ForeignKeyField(
                        "models.SpecialistProfile",
                        source_field="profile_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="trainings",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("account_id", fields.UUIDField()),
                ("name", fields.CharField(max_length=200)),
                ("provider", fields.CharField(max_length=200)),
                ("completed_on", fields.DateField()),
                ("hours", fields.IntField()),
                ("removed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "specialist_training",
                "app": "models",
                "indexes": [Index(fields=["profile_id", "id"], name="specialist_training_newest")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.AlterField(
            model_name="MessageSetting",
            name="type",
            field=fields.CharEnumField(
                description="VERIFICATION: VERIFICATION\nSECURITY: SECURITY\nINVITATION: INVITATION\nREVIEW: REVIEW\nACCOUNT_CHANGE: ACCOUNT_CHANGE\nACCOUNT_BALANCE: ACCOUNT_BALANCE\nPLAN: PLAN\nCUSTOMER: CUSTOMER\nASSOCIATION: ASSOCIATION\nRESELLER: RESELLER\nSPECIALIST: SPECIALIST\nVOUCHER: VOUCHER\nPERFORMANCE: PERFORMANCE\nINCENTIVE: INCENTIVE\nOPPORTUNITY: OPPORTUNITY\nBUSINESS_INFO: BUSINESS_INFO",
                enum_type=MessageType,
                max_length=30,
            ),
        ),
        ops.AddField(
            model_name="SpecialistBinding",
            name="profile",
            field=fields.ForeignKeyField(
                "models.SpecialistProfile",
                source_field="profile_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="bindings",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="SpecialistBinding",
            index=Index(fields=["profile_id"], name="specialist_binding_of_profile"),
        ),
        ops.AddConstraint(
            model_name="SpecialistProfile",
            constraint=UniqueConstraint(fields=("account_id",), name="specialist_profile_once"),
        ),
        ops.AddConstraint(
            model_name="SpecialistProfile",
            constraint=CheckConstraint(
                check="num_nulls(position, employer, cloud_since, base_location, document) IN (0, 5)",
                name="specialist_profile_employment_whole",
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistCertificate",
            constraint=UniqueConstraint(
                fields=("account_id", "kind", "number"),
                name="specialist_certificate_once",
                condition="removed_at IS NULL",
            ),
        ),
        ops.AddConstraint(
            model_name="SpecialistCertificate",
            constraint=CheckConstraint(check="expires_on > issued_on", name="specialist_certificate_ends"),
        ),
        ops.AddConstraint(
            model_name="SpecialistProject",
            constraint=CheckConstraint(check="ended_on >= began_on", name="specialist_project_ends"),
        ),
        ops.AddConstraint(
            model_name="SpecialistTraining",
            constraint=CheckConstraint(check="hours > 0", name="specialist_training_takes_time"),
        ),
    ]
