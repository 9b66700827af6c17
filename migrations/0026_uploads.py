from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads

from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint
from enum import IntEnum, StrEnum


class UploadState(StrEnum):
    OPEN = "OPEN"
    RECEIVED = "RECEIVED"
    CLEAN = "CLEAN"
    QUARANTINED = "QUARANTINED"
    EXPIRED = "EXPIRED"
    ERASED = "ERASED"


class Migration(migrations.Migration):
    dependencies = [("models", "0025_older_memberships_get_certificates")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Upload",
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
                        related_name="uploads",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField(null=True)),
                ("file_name", fields.CharField(max_length=200)),
                ("media_type", fields.CharField(max_length=100)),
                ("size", fields.IntField()),
                ("sha256", fields.CharField(max_length=64)),
                (
                    "state",
                    fields.CharEnumField(
                        description="OPEN: OPEN\nRECEIVED: RECEIVED\nCLEAN: CLEAN\nQUARANTINED: QUARANTINED\nEXPIRED: EXPIRED\nERASED: ERASED",
                        enum_type=UploadState,
                        max_length=20,
                    ),
                ),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("received_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("finding", fields.CharField(null=True, max_length=200)),
            ],
            options={
                "table": "upload",
                "app": "models",
                "indexes": [
                    Index(fields=["account_id", "id"], name="upload_of_account"),
                    Index(fields=["partner_id", "id"], name="upload_of_partner"),
                    Index(fields=["state", "used_at", "expires_at"], name="upload_by_end"),
                ],
                "pk_attr": "id",
            },
            bases=["Entity"],
        ),
        ops.RemoveConstraint(
            model_name="BankLetter",
            name="bank_letter_not_empty",
            fields=None,
        ),
        ops.AddField(
            model_name="BankLetter",
            name="document",
            field=fields.JSONField(encoder=JSON_DUMPS, decoder=loads),
        ),
        ops.RemoveField(model_name="BankLetter", name="file_name"),
        ops.RemoveField(model_name="BankLetter", name="media_type"),
        ops.RemoveField(model_name="BankLetter", name="sha256"),
        ops.RemoveField(model_name="BankLetter", name="size"),
        ops.AddConstraint(
            model_name="Upload",
            constraint=CheckConstraint(check="size > 0", name="upload_not_empty"),
        ),
        ops.AddConstraint(
            model_name="Upload",
            constraint=CheckConstraint(
                check="state IN ('OPEN','EXPIRED') = (received_at IS NULL)", name="upload_received_when"
            ),
        ),
        ops.AddConstraint(
            model_name="Upload",
            constraint=CheckConstraint(
                check="state <> 'QUARANTINED' OR finding IS NOT NULL", name="upload_quarantined_why"
            ),
        ),
    ]
