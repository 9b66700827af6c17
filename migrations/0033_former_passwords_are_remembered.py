from tortoise import migrations
from tortoise.migrations import operations as ops
from orjson import loads
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0032_reports_about_deleted_accounts_have_no_contacts")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Account",
            name="former_hashes",
            field=fields.JSONField(db_default=[], encoder=JSON_DUMPS, decoder=loads),
        ),
    ]
