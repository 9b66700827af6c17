from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0029_real_names_are_shown_by_files")]

    initial = False

    operations = [
        ops.AddField(
            model_name="CompanyChange",
            name="earlier",
            field=fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
