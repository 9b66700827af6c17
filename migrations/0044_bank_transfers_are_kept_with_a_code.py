from tortoise import migrations
from tortoise.migrations import operations as ops

# Until now a bank transfer that had to wait for business information was kept before anybody was asked for a code, and
# the job that carries it out can ask nobody. Its partner asks again.
KEPT_WITHOUT_A_CODE = """
update deferred_payout set status = 'DROPPED', ended_at = now(), updated_at = now(), version = version + 1,
                           codes = '["STEP_UP_REQUIRED"]'
where status = 'WAITING' and method = 'BANK_TRANSFER'
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0043_partners_have_tags")]

    initial = False

    operations = [ops.RunSQL(KEPT_WITHOUT_A_CODE, reverse_sql=ops.RunSQL.noop)]
