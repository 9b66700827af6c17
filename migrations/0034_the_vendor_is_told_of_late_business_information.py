from tortoise import migrations
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(migrations.Migration):
    dependencies = [("models", "0033_former_passwords_are_remembered")]

    initial = False

    operations = [
        ops.AddField(
            model_name="BusinessInfo",
            name="late_from",
            field=fields.DatetimeField(null=True, auto_now=False, auto_now_add=False),
        ),
        # Working days are not known here: what waits already is late after as many days, or hours, as the policy says.
        ops.RunSQL(
            "update business_info set late_from = since + case state when 'SUBMITTED' then interval '1 day'"
            " when 'AUTO_CHECK' then interval '3 hours' else interval '3 days' end"
            " where state in ('SUBMITTED', 'AUTO_CHECK', 'LOCKED')"
        ),
        ops.AddIndex(
            model_name="BusinessInfo",
            index=Index(fields=["state", "late_from", "id"], name="business_info_by_lateness"),
        ),
    ]
