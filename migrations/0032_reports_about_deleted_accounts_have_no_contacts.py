from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint


class Migration(migrations.Migration):
    dependencies = [("models", "0031_consumption_is_walked_by_arrival")]

    initial = False

    operations = [
        ops.RemoveConstraint(
            model_name="CustomerReport",
            name="customer_report_has_contact",
            fields=None,
        ),
        ops.AddConstraint(
            model_name="CustomerReport",
            constraint=CheckConstraint(
                check="mobile IS NOT NULL OR email IS NOT NULL OR customer_name = ''",
                name="customer_report_has_contact",
            ),
        ),
    ]
