from tortoise import migrations
from tortoise.migrations import operations as ops

# Memberships from before there were certificates hold without an end: nothing was said of one when they began. Their
# numbers are made as those of others: site, plan, the site's day, the last twelve digits of the id.
CERTIFICATES = """
update plan_membership m
set valid_from = coalesce(m.valid_from, m.joined_at),
    certificate_no = coalesce(m.certificate_no, format(
      '%s-%s-%s-%s', p.site, marks.mark,
      to_char(m.joined_at at time zone case p.site when 'CN' then 'Asia/Shanghai' else 'UTC' end, 'YYYYMMDD'),
      upper(right(replace(m.id::text, '-', ''), 12))))
from partner p, (values
  ('CO_SELL', 'CS'), ('COMPETENCY', 'CP'), ('SOLUTION_PROVIDER', 'SP'), ('DISTRIBUTOR', 'DI'), ('RESELLER', 'RS'),
  ('MARKETPLACE_SELLER', 'MS'), ('MARKETPLACE_SALES', 'MC'), ('SERVICE_COMPETENCY', 'SC')) as marks (plan, mark)
where p.id = m.partner_id and marks.plan = m.plan and m.state = 'JOINED'
  and (m.valid_from is null or m.certificate_no is null)
"""


class Migration(migrations.Migration):
    dependencies = [("models", "0024_incentives_lapse_after_the_end_of_a_plan")]

    initial = False

    operations = [ops.RunSQL(CERTIFICATES, reverse_sql=ops.RunSQL.noop)]
