from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0002_second_journey")]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name="LedgerEntry",
            name="ledger_entry_by_partner",
            fields=None,
        ),
    ]
