from tortoise import migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("models", "0034_the_vendor_is_told_of_late_business_information")]

    initial = False

    operations = [
        ops.RemoveIndex(
            model_name="ReviewCase",
            name="review_case_by_due",
            fields=None,
        ),
    ]
