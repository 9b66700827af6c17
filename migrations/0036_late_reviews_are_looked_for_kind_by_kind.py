from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0035_customers_and_account_managers_are_assigned")]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name="ReviewCase",
            name="review_case_by_due",
            fields=None,
        ),
    ]
