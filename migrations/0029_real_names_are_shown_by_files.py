from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0028_partners_declare_relations_with_the_vendors_people")]

    initial = False

    operations = [
        ops.AddField(
            model_name="RealNameCase",
            name="files",
            field=fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
