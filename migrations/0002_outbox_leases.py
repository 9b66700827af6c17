from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import PartialIndex
from tortoise.migrations.constraints import UniqueConstraint


class Migration(migrations.Migration):
    dependencies = [("models", "0001_spine")]

    initial = False

    operations = [
        ops.CreateModel(
            name="WorkerBeat",
            fields=[
                ("name", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=100)),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("beat_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={"table": "worker_beat", "app": "models", "pk_attr": "name"},
            bases=["Model"],
        ),
        ops.RemoveIndex(
            model_name="Outbox",
            name="outbox_due",
            fields=None,
        ),
        ops.RemoveIndex(
            model_name="Outbox",
            name="outbox_aggregate",
            fields=None,
        ),
        ops.AddIndex(
            model_name="Outbox",
            index=PartialIndex(fields=["topic", "run_at", "id"], name="outbox_due", condition={"state": "ready"}),
        ),
        ops.AddConstraint(
            model_name="Outbox",
            constraint=UniqueConstraint(
                fields=("aggregate", "id"),
                name="outbox_aggregate_open",
                condition="aggregate IS NOT NULL AND state IN ('ready','leased','dead')",
            ),
        ),
    ]
