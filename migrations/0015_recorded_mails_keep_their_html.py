from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(migrations.Migration):
    dependencies = [("models", "0014_members_have_a_position_partners_a_contact_for_customers")]

    initial = False

    operations = [
        ops.AddField(
            model_name="RecordedMessage",
            name="html",
            field=fields.TextField(null=True, unique=False),
        ),
    ]
