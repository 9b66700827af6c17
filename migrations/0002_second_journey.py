from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("models", "0001_spine")]

    initial = False

    operations = [
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
        ops.AddConstraint(
            model_name="Message",
            constraint=UniqueConstraint(
                fields=("account_id", "template", "subject_id", "occasion"), name="message_once"
            ),
        ),
    ]
