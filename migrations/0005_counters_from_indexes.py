from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0004_the_queue_and_lists_from_indexes")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["partner_id", "kind"], name="account_of_partner_by_kind"),
        ),
        ops.RemoveIndex(
            model_name="Voucher",
            name="voucher_by_partner",
            fields=None,
        ),
        ops.AddIndex(
            model_name="Voucher",
            index=Index(fields=["partner_id", "status", "id", "ended_at"], name="voucher_by_partner"),
        ),
    ]
