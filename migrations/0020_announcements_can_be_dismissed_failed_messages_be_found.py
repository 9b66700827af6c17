from tortoise import migrations
from tortoise.migrations import operations as ops


from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index, PartialIndex
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from enum import IntEnum, StrEnum


class Audience(StrEnum):
    EVERYBODY = "EVERYBODY"
    PARTNERS = "PARTNERS"
    CUSTOMERS = "CUSTOMERS"
    STAFF = "STAFF"


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


class Migration(migrations.Migration):
    dependencies = [("models", "0019_payouts_wait_for_certification")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Announcement",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("version", fields.IntField(default=1, db_default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("site", fields.CharField(null=True, max_length=4)),
                (
                    "audience",
                    fields.CharEnumField(
                        description="EVERYBODY: EVERYBODY\nPARTNERS: PARTNERS\nCUSTOMERS: CUSTOMERS\nSTAFF: STAFF",
                        enum_type=Audience,
                        max_length=20,
                    ),
                ),
                ("title_en", fields.CharField(max_length=200)),
                ("title_zh", fields.CharField(max_length=200)),
                ("text_en", fields.CharField(max_length=2000)),
                ("text_zh", fields.CharField(max_length=2000)),
                ("link", fields.CharField(null=True, max_length=500)),
                ("starts_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ends_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "announcement",
                "app": "models",
                "indexes": [Index(fields=["ends_at", "id"], name="announcement_by_end")],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.CreateModel(
            name="NoticeDismissal",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="notice_dismissals",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("notice", fields.CharField(max_length=40)),
                ("dismissed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "notice_dismissal", "app": "models", "pk_attr": "id"},
            bases=["Row"],
        ),
        ops.AddIndex(
            model_name="Outbox",
            index=PartialIndex(fields=["id"], name="outbox_dead", condition={"state": "dead"}),
        ),
        ops.AlterField(
            model_name="ReviewCase",
            name="kind",
            field=fields.CharEnumField(
                description="ADMISSION: ADMISSION\nPLAN: PLAN\nCOMPANY_CHANGE: COMPANY_CHANGE\nPATH_ROLE: PATH_ROLE\nPATH_DIFFERENTIATION: PATH_DIFFERENTIATION\nPATH_ANNUAL: PATH_ANNUAL\nBUSINESS_INFO: BUSINESS_INFO\nBANK_LETTER: BANK_LETTER\nSOLUTION: SOLUTION",
                enum_type=ReviewKind,
                max_length=30,
            ),
        ),
        ops.AddConstraint(
            model_name="Announcement",
            constraint=CheckConstraint(check="site IN ('CN','INTL')", name="announcement_site"),
        ),
        ops.AddConstraint(
            model_name="Announcement",
            constraint=CheckConstraint(check="starts_at < ends_at", name="announcement_ends_after_it_starts"),
        ),
        ops.AddConstraint(
            model_name="NoticeDismissal",
            constraint=UniqueConstraint(fields=("account_id", "notice"), name="notice_dismissal_once"),
        ),
    ]
