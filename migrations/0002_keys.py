from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0001_spine")]

    initial = False

    operations = [
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
    ]
