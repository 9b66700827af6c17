-- Months of performance and what policies gave for them. A partner's n-th incentive is of the n-th month back and type;
-- those with more than ten years of them got them from several policies.
create temp table b_incentive as
select n, p, row_number() over (partition by p order by n desc) - 1 as k
from (select n, pg_temp.skewed('incentive', n, pg_temp.size('partners')) as p
      from generate_series(1, pg_temp.size('incentives')) n) drawn;

create temp table b_month as
select p, k, n, to_char(pg_temp.today() - make_interval(months => 1 + (k / 2 % 120)::int), 'YYYY-MM') as period,
       case when k % 2 = 0 then 'RESALE' else 'REFERRAL' end as type, 'BENCH_' || k / 240 as policy_id,
       pg_temp.spread(n, pg_temp.size('incentives'), '2 years') as at
from b_incentive;

insert into performance_sheet (id, partner_id, site, period, currency, status, total, line_count, created_at, updated_at)
select pg_temp.uid(pg_temp.today(), 'sheet-' || p || period, 0), b.id, 'CN', period, 'CNY', 'ESTIMATE', 0, 0, b.at, b.at
from (select distinct p, period from b_month) m join b_partner b using (p);

insert into incentive (id, partner_id, sheet_id, period, site, policy_id, policy_version, association_type, currency,
                       line_count, base_value, threshold_value, step_from, rate, computed_amount, digest, amount,
                       generated_at, on_deadline, confirm_deadline, deadline_provisional, status, confirmed_at,
                       confirmed_by, frozen, freeze_reason, version, created_at, updated_at)
select pg_temp.uid(m.at, 'incentive', m.n), b.id, pg_temp.uid(pg_temp.today(), 'sheet-' || p || m.period, 0), m.period,
       'CN', m.policy_id, 1, m.type, 'CNY', 1 + m.n % 90, earned * 20, earned * 20, 0, 0.05, earned,
       sha256(m.n::text::bytea), earned, m.at, 'AUTO_CONFIRM',
       case when status = 'PENDING_CONFIRM' then pg_temp.today() + interval '10 years' else m.at + interval '10 days' end,
       false, status,
       case when status not in ('PENDING_CONFIRM', 'EXPIRED') then m.at + interval '5 days' end,
       case when status not in ('PENDING_CONFIRM', 'EXPIRED') then b.main_id end, m.n % 97 = 0,
       case when m.n % 97 = 0 then 'A question about the lines.' end, 1 + m.n % 3, m.at, m.at
from b_month m join b_partner b using (p),
lateral (select 100 + floor(900000 * pg_temp.chance('earned', m.n))::bigint as earned,
                case when share < 12 then 'PENDING_CONFIRM' when share < 40 then 'CONFIRMED' when share < 45
                     then 'EXPIRED' else 'PAID' end as status
         from (select 100 * pg_temp.chance('incentive-status', m.n) as share) drawn) as made;
