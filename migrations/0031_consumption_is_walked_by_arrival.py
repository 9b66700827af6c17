from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0030_real_names_are_shown_rounds_kept_contacts_confirmed")]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name="ConsumptionLine",
            name="consumption_line_by_arrival",
            fields=None,
        ),
        ops.AddIndex(
            model_name="ConsumptionLine",
            index=Index(fields=["partner_id", "imported_at", "id"], name="consumption_line_by_arrival"),
        ),
    ]
