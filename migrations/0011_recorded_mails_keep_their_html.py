from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0010_how_partners_are_told")]

    initial = False

    operations = [
        ops.AddField(
            model_name="RecordedMessage",
            name="html",
            field=fields.TextField(null=True, unique=False),
        ),
    ]
