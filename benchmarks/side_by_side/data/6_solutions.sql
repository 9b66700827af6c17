-- Partners' solutions, half of them certified, and a review that waits for each that is submitted.
create temp table b_solution as
select n, pg_temp.skewed('solution', n, pg_temp.size('partners')) as p, at, pg_temp.uid(at, 'solution', n) as id,
       pg_temp.one('solution-state', n, '{DRAFT,SUBMITTED,SUBMITTED,REJECTED,CERTIFIED,CERTIFIED,CERTIFIED,EXPIRED}') as state
from generate_series(1, pg_temp.size('solutions')) n,
     lateral (select pg_temp.spread(n, pg_temp.size('solutions'), '10 months') as at) born;

insert into solution (id, partner_id, company_id, kind, form, state, name, description, industry, services, contact_name,
                      contact_mobile, contact_email, certified_at, valid_until, lapsed_at, reason, created_at, updated_at)
select s.id, b.id, b.company_id, case when s.n % 5 = 0 then 'ADVANCED' else 'CLOUD_SOFTWARE' end,
       case when s.n % 3 = 0 then 'SOFTWARE_SOLUTION' else 'APPLICATION_SOFTWARE' end, s.state,
       pg_temp.one('solution-name', s.n, '{生产排程,智慧园区,数据治理,冷链追溯,工业质检}') || ' ' || s.n,
       'What it does for whom, number ' || s.n || '.', pg_temp.one('solution-industry', s.n, '{MANUFACTURING,RETAIL,FINANCE}'),
       '["ECS", "OBS", "RDS"]', '王小明', '+8613800000000', 'contact' || s.n || '@partner.example', certified, ends,
       case when s.state = 'EXPIRED' then ends end, case when s.state = 'REJECTED' then 'The proofs are of another product.' end,
       s.at, s.at
from b_solution s join b_partner b using (p),
lateral (select case when s.state in ('CERTIFIED', 'EXPIRED') then s.at + interval '3 days' end as certified,
                case when s.state = 'CERTIFIED' then s.at + interval '12 months'
                     when s.state = 'EXPIRED' then s.at + interval '20 days' end as ends) as made;

insert into review_case (id, partner_id, site, kind, subject_type, subject_id, round, state, submitted_at, submitted_by,
                         due_at, created_at, updated_at)
select pg_temp.uid(s.at, 'review', s.n), b.id, 'CN', 'SOLUTION', 'Solution', s.id, 1, 'SUBMITTED', s.at, b.main_id,
       s.at + interval '7 days', s.at, s.at
from b_solution s join b_partner b using (p) where s.state = 'SUBMITTED';
