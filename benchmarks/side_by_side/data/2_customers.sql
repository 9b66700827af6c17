-- Customers with their accounts and associations. A customer's partner follows its association by the product's trigger.
create temp table b_customer as
select n, p, at, row_number() over (partition by p order by n) - 1 as k, pg_temp.uid(at, 'customer', n) as id,
       pg_temp.uid(at, 'customer-account', n) as account_id,
       case when n % 4 = 0
         then pg_temp.one('c1', n, '{Harbour,Northern,Silver,Jade,River,Golden}') || ' '
              || pg_temp.one('c2', n, '{Foods,Logistics,Media,Textiles,Energy,Health}') || ' ' || n
         else pg_temp.one('c1', n, '{杭州,苏州,宁波,厦门,青岛,成都,武汉,西安}')
              || pg_temp.one('c2', n, '{钱塘,锦程,万象,恒信,明德,同舟}') || n || '数据有限公司' end as name
from (select n, case when n <= 10 * pg_temp.size('partners') then n % pg_temp.size('partners')
                     else pg_temp.skewed('customer', n, pg_temp.size('partners')) end as p,
             pg_temp.spread(n, pg_temp.size('customers'), '2 years') as at
      from generate_series(1, pg_temp.size('customers')) n) drawn;

insert into account (id, site, kind, name, full_name, mobile, email, status, real_name_state, real_name_kind, is_main,
                     roles, created_at, updated_at)
select account_id, 'CN', 'ENTERPRISE', 'customer-' || n, name, '+86138' || lpad(n::text, 8, '0'),
       'contact' || n || '@customer.example', 'ACTIVE', 'PASSED', 'ENTERPRISE', false, '[]', at, at
from b_customer;

insert into customer (id, account_id, site, name, mobile, email, registered_at, facts, created_at, updated_at)
select id, account_id, 'CN', name, '+86138' || lpad(n::text, 8, '0'), 'contact' || n || '@customer.example', at, '[]',
       at, at
from b_customer;

insert into customer_association (id, partner_id, customer_id, type, status, source, started_at, label,
                                  external_user_id, created_at, updated_at)
select pg_temp.uid(c.at, 'association', c.n), b.id, c.id, case when c.n % 3 = 0 then 'REFERRAL' else 'RESALE' end,
       'ACTIVE', pg_temp.one('source', c.n, '{REPORT,INVITE_OFFLINE,API}'), c.at + interval '1 hour',
       case when c.n % 5 = 0 then pg_temp.one('label', c.n, '{key account,watch,fair 2026}') end,
       case when c.n % 7 = 0 then 'crm-' || c.n end, c.at, c.at
from b_customer c join b_partner b using (p);

-- How many customers each partner has, for what belongs to them.
create temp table b_portfolio as select p, count(*) as customers from b_customer group by p;
create index on b_customer (p, k);
analyze b_customer;
