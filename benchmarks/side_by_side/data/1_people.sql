-- The vendor's offices and staff, the partners with their companies, plans and accounts.
insert into rep_office (id, site, name, created_at, updated_at)
select pg_temp.uid(at, 'office', n), 'CN', 'Office ' || n, at, at
from generate_series(1, pg_temp.size('offices')) n, lateral (select pg_temp.spread(n, 100, '3 years') as at) born;

create temp table b_office as select row_number() over (order by id) - 1 as o, id from rep_office;

insert into office_region (id, office_id, site, region)
select pg_temp.uid(pg_temp.today(), 'region', o), id, 'CN', (110000 + o * 100)::text from b_office;

-- Two partner sales managers at each office, one ecosystem manager for every twenty partners.
create temp table b_staff as
select n, pg_temp.uid(pg_temp.spread(n, 1000, '3 years'), 'staff', n) as id, pg_temp.spread(n, 1000, '3 years') as at,
       case when n <= 2 * pg_temp.size('offices') then 'PSM' else 'ECO_MANAGER' end as role
from generate_series(1, 2 * pg_temp.size('offices') + 1 + pg_temp.size('partners') / 20) n;

insert into account (id, site, kind, name, full_name, email, status, real_name_state, roles, is_main, created_at, updated_at)
select id, 'CN', 'STAFF', 'staff-' || n, 'Staff ' || n, 'staff' || n || '@vendor.example', 'ACTIVE', 'NONE',
       jsonb_build_array(role), false, at, at
from b_staff;

insert into office_member (id, office_id, account_id, duty, tracks, industries, created_at, updated_at)
select pg_temp.uid(s.at, 'office_member', s.n), o.id, s.id, 'PSM', '[]', '[]', s.at, s.at
from b_staff s join b_office o on o.o = (s.n - 1) % pg_temp.size('offices') where s.role = 'PSM';

create temp table b_partner as
select n - 1 as p, pg_temp.uid(at, 'partner', n) as id, pg_temp.uid(at, 'company', n) as company_id,
       pg_temp.uid(at, 'main', n) as main_id, at,
       pg_temp.one('partner-place', n, '{华东,华南,华北,西部,江南,滨海,中原,海西}')
       || pg_temp.one('partner-word', n, '{云图,数智,星河,远望,启明,融创,天枢,博远}') || n || '科技有限公司' as name,
       '91' || lpad(n::text, 16, '0') as credit_code
from generate_series(1, pg_temp.size('partners')) n,
     lateral (select pg_temp.spread(n, pg_temp.size('partners'), '30 months') as at) born;

insert into company (id, site, name, credit_code, created_at, updated_at)
select company_id, 'CN', name, credit_code, at, at from b_partner;

insert into account (id, site, kind, name, full_name, mobile, email, password_hash, status, terms_version,
                     real_name_state, real_name_kind, partner_id, is_main, roles, created_at, updated_at)
select main_id, 'CN', 'ENTERPRISE', 'partner-' || p, name, '+86137' || lpad(p::text, 8, '0'),
       'main' || p || '@partner.example', null, 'ACTIVE', '2026-01', 'PASSED', 'ENTERPRISE', id, true, '[]', at, at
from b_partner;

insert into partner (id, company_id, main_account_id, site, name, credit_code, kind, tier, admission_state, applied_at,
                     admitted_at, standing, office_id, eco_manager_id, created_at, updated_at)
select b.id, company_id, main_id, 'CN', name, credit_code, 'SOLUTION_PROVIDER', null, 'JOINED', b.at,
       b.at + interval '2 days', 'ACTIVE', o.id, s.id, b.at, b.at
from b_partner b
join b_office o on o.o = b.p % pg_temp.size('offices')
join b_staff s on s.n = 2 * pg_temp.size('offices') + 1 + b.p / 20;

insert into plan_membership (id, partner_id, plan, state, applied_at, joined_at, agreement_version, signed_by,
                             signed_at, created_at, updated_at)
select pg_temp.uid(at, 'plan', p), id, 'CO_SELL', 'JOINED', at, at + interval '3 days', '2026-01', main_id, at, at, at
from b_partner;

-- Members beside the main accounts, some partners with many and some with few.
create temp table b_member as
select n, pg_temp.skewed('member', n, pg_temp.size('partners')) as p, at, pg_temp.uid(at, 'member', n) as id
from generate_series(1, pg_temp.size('accounts') - pg_temp.size('partners')) n,
     lateral (select pg_temp.spread(n, pg_temp.size('accounts'), '2 years') as at) born;

insert into account (id, site, kind, name, full_name, email, status, real_name_state, partner_id, is_main, roles,
                     created_at, updated_at)
select m.id, 'CN', 'IAM_USER', 'member-' || m.n, 'Member ' || m.n, 'member' || m.n || '@partner.example', 'ACTIVE',
       'NONE', b.id, false,
       jsonb_build_array(pg_temp.one('role', m.n,
         '{SYSTEM_ADMIN,FINANCE,OPERATIONS,MARKETING,ACCOUNT_DIRECTOR,ACCOUNT_MANAGER}')), m.at, m.at
from b_member m join b_partner b using (p);
