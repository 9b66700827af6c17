from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise.fields.base import OnDelete
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

# Who was in charge of a customer so far was so from the beginning of the association.
TENURES = """
insert into customer_assignment (id, association_id, partner_id, account_manager_id, started_at, ended_at)
select gen_random_uuid(), id, partner_id, account_manager_id, started_at, ended_at
from customer_association where account_manager_id is not null
"""

# Lines never change otherwise, which a trigger holds.
LINES = """
alter table consumption_line disable trigger user;
update consumption_line line set account_manager_id = association.account_manager_id
from customer_association association
where association.id = line.association_id and association.account_manager_id is not null;
alter table consumption_line enable trigger user
"""

# The one account director of a partner has been above all its account managers.
DIRECTORS = """
update account manager set director_id = one.director_id, version = manager.version + 1
from (
  select partner_id, (array_agg(id))[1] as director_id from account
  where kind = 'IAM_USER' and status <> 'DELETED' and roles @> '["ACCOUNT_DIRECTOR"]'
  group by partner_id having count(*) = 1
) one
where manager.partner_id = one.partner_id and manager.kind = 'IAM_USER' and manager.status <> 'DELETED'
  and manager.roles @> '["ACCOUNT_MANAGER"]'
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0034_the_vendor_is_told_of_late_business_information")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CustomerAssignment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "association",
                    fields.ForeignKeyField(
                        "models.CustomerAssociation",
                        source_field="association_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="assignments",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("partner_id", fields.UUIDField(db_index=True)),
                ("account_manager_id", fields.UUIDField(db_index=True)),
                ("started_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "customer_assignment",
                "app": "models",
                "indexes": [Index(fields=["association_id", "id"], name="customer_assignment_newest")],
                "pk_attr": "id",
            },
            bases=["Row"],
        ),
        ops.AddField(
            model_name="Account",
            name="director_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddIndex(
            model_name="Account",
            index=Index(fields=["director_id", "id"], name="account_by_director"),
        ),
        ops.AddField(
            model_name="ConsumptionLine",
            name="account_manager_id",
            field=fields.UUIDField(null=True),
        ),
        ops.AddIndex(
            model_name="ConsumptionLine",
            index=Index(fields=["account_manager_id", "paid_at", "id"], name="consumption_line_by_manager"),
        ),
        ops.AddConstraint(
            model_name="CustomerAssignment",
            constraint=UniqueConstraint(
                fields=("association_id",), name="customer_assignment_one_open", condition="ended_at IS NULL"
            ),
        ),
        ops.AddConstraint(
            model_name="CustomerAssignment",
            constraint=CheckConstraint(
                check="ended_at IS NULL OR ended_at >= started_at", name="customer_assignment_in_order"
            ),
        ),
        ops.RunSQL(TENURES, reverse_sql=ops.RunSQL.noop),
        ops.RunSQL(LINES, reverse_sql=ops.RunSQL.noop),
        ops.RunSQL(DIRECTORS, reverse_sql=ops.RunSQL.noop),
    ]
