from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0002_second_journey")]

    initial = False

    operations = [
        ops.AlterField(
            model_name="Incentive",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                db_constraint=True,
                to_field="id",
                related_name="incentives",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="Incentive",
            index=Index(
                fields=["partner_id", "currency", "status", "period", "association_type", "frozen", "amount"],
                name="incentive_sums",
            ),
        ),
        ops.AlterField(
            model_name="Opportunity",
            name="customer",
            field=fields.ForeignKeyField(
                "models.Customer",
                source_field="customer_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="opportunities",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="Opportunity",
            index=Index(fields=["customer_id", "id"], name="opportunity_by_customer"),
        ),
        ops.AlterField(
            model_name="Voucher",
            name="customer",
            field=fields.ForeignKeyField(
                "models.Customer",
                source_field="customer_id",
                db_constraint=True,
                to_field="id",
                related_name="vouchers",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="Voucher",
            index=Index(fields=["customer_id", "id"], name="voucher_newest_of_customer"),
        ),
    ]
