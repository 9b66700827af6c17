from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0037_experts_lists_and_reminders")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="Session",
            index=Index(fields=["refresh_expires_at"], name="session_by_end"),
        ),
    ]
