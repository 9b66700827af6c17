from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0003_newest_rows_and_sums_from_indexes")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="AssociationAttempt",
            index=Index(fields=["partner_id", "id"], name="association_attempt_newest_of_partner"),
        ),
        ops.RemoveIndex(
            model_name="AssociationRecord",
            name="association_record_by_partner",
            fields=None,
        ),
        ops.AddIndex(
            model_name="AssociationRecord",
            index=Index(fields=["partner_id", "id"], name="association_record_newest_of_partner"),
        ),
        ops.AlterField(
            model_name="AssociationRequest",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                db_constraint=True,
                to_field="id",
                related_name="association_requests",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="AssociationRequest",
            index=Index(fields=["partner_id", "id"], name="association_request_newest_of_partner"),
        ),
        ops.AddIndex(
            model_name="ConsumptionLine",
            index=Index(fields=["paid_at", "id"], name="consumption_line_by_payment"),
        ),
        ops.AlterField(
            model_name="Customer",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="customers",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="Customer",
            index=Index(fields=["partner_id", "id"], name="customer_newest_of_partner"),
        ),
        ops.AlterField(
            model_name="CustomerInvitation",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                db_constraint=True,
                to_field="id",
                related_name="invitations",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="CustomerInvitation",
            index=Index(fields=["partner_id", "id"], name="customer_invitation_newest_of_partner"),
        ),
        ops.AlterField(
            model_name="CustomerReport",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                db_constraint=True,
                to_field="id",
                related_name="reports",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="CustomerReport",
            index=Index(fields=["partner_id", "id"], name="customer_report_newest_of_partner"),
        ),
        ops.AddIndex(
            model_name="Event",
            index=Index(fields=["sequence", "id"], name="event_in_sequence"),
        ),
        ops.RemoveIndex(
            model_name="Incentive",
            name="incentive_by_partner",
            fields=None,
        ),
        ops.AddIndex(
            model_name="Incentive",
            index=Index(fields=["partner_id", "id"], name="incentive_newest_of_partner"),
        ),
        ops.AddIndex(
            model_name="Incentive",
            index=Index(
                fields=["partner_id", "status", "id", "confirm_deadline"], name="incentive_of_partner_by_status"
            ),
        ),
        ops.AlterField(
            model_name="Opportunity",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                db_constraint=True,
                to_field="id",
                related_name="opportunities",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AlterField(
            model_name="Opportunity",
            name="rep_office",
            field=fields.ForeignKeyField(
                "models.RepOffice",
                source_field="rep_office_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="opportunities",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="Opportunity",
            index=Index(fields=["partner_id", "id"], name="opportunity_newest_of_partner"),
        ),
        ops.AddIndex(
            model_name="Opportunity",
            index=Index(fields=["state", "id"], name="opportunity_waiting"),
        ),
        ops.AddIndex(
            model_name="OpportunityUpdate",
            index=Index(fields=["partner_id", "id"], name="opportunity_update_newest_of_partner"),
        ),
        ops.AlterField(
            model_name="OwedInvoice",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                db_constraint=True,
                to_field="id",
                related_name="owed_invoices",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="OwedInvoice",
            index=Index(fields=["partner_id", "id"], name="owed_invoice_newest_of_partner"),
        ),
        ops.AddIndex(
            model_name="PerformanceLine",
            index=Index(fields=["partner_id", "id"], name="performance_line_newest_of_partner"),
        ),
        ops.AlterField(
            model_name="Voucher",
            name="partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="partner_id",
                db_constraint=True,
                to_field="id",
                related_name="vouchers",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="Voucher",
            index=Index(fields=["partner_id", "id"], name="voucher_newest_of_partner"),
        ),
        ops.AlterField(
            model_name="VoucherQuota",
            name="issuer_partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="issuer_partner_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name="issued_quotas",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AlterField(
            model_name="VoucherQuota",
            name="owner_partner",
            field=fields.ForeignKeyField(
                "models.Partner",
                source_field="owner_partner_id",
                db_constraint=True,
                to_field="id",
                related_name="quotas",
                on_delete=OnDelete.RESTRICT,
            ),
        ),
        ops.AddIndex(
            model_name="VoucherQuota",
            index=Index(fields=["owner_partner_id", "id"], name="voucher_quota_newest_of_owner"),
        ),
        ops.AddIndex(
            model_name="VoucherQuota",
            index=Index(fields=["issuer_partner_id", "id"], name="voucher_quota_newest_of_issuer"),
        ),
        ops.AddIndex(
            model_name="VoucherRecord",
            index=Index(fields=["partner_id", "id"], name="voucher_record_newest_of_partner"),
        ),
    ]
