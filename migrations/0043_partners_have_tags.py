from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0042_real_names_are_reviewed_by_the_one_engine")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Partner",
            name="tags",
            field=fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
