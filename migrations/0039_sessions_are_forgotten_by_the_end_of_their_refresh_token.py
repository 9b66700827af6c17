from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0038_market_development_funds")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="Session",
            index=Index(fields=["refresh_expires_at"], name="session_by_end"),
        ),
    ]
