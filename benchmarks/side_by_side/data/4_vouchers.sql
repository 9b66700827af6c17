-- Quotas and vouchers with their ledger: every amount that a balance shows was posted, transaction by transaction.
create temp table b_quota as
select p, q, at, pg_temp.uid(at, 'quota', p * 10 + q) as id, pg_temp.uid(at, 'quota-account', p * 10 + q) as account_id
from generate_series(0, pg_temp.size('partners') - 1) p, generate_series(0, 3) q,
     lateral (select pg_temp.spread(p, pg_temp.size('partners'), '30 days') - interval '2 years' as at) born;

create temp table b_voucher as
select n, p, q, at, customer_id, pg_temp.uid(at, 'voucher', n) as id, pg_temp.uid(at, 'voucher-account', n) as account_id,
       face, case when share < 60 then 'USABLE' when share < 85 then 'USED' when share < 95 then 'EXPIRED'
                  else 'RECALLED' end as status,
       case when share < 20 or (share >= 85 and n % 2 = 0) then face * 3 / 10 when share >= 60 and share < 85 then face
            else 0 end as used
from (select drawn.*, c.id as customer_id, (10 + floor(490 * pg_temp.chance('face', drawn.n)))::bigint * 1000 as face,
             100 * pg_temp.chance('voucher-status', drawn.n) as share
      from (select n, pg_temp.skewed('voucher', n, pg_temp.size('partners')) as p, n % 4 as q,
                   pg_temp.spread(n, pg_temp.size('vouchers'), '20 months') as at
            from generate_series(1, pg_temp.size('vouchers')) n) drawn
      join b_portfolio using (p)
      join b_customer c on c.p = drawn.p and c.k = pg_temp.skewed('voucher-customer', drawn.n, customers)) placed;

-- The vendor's side: where quotas come from, and where money ends.
create temp table b_system as
select kind, pg_temp.uid(pg_temp.today() - interval '5 years', 'system', place) as id
from unnest('{VENDOR_POOL,USED,EXPIRED}'::text[]) with ordinality as named (kind, place);

-- Every posting takes `amount` from the account `source` and gives it to `target`.
create temp table b_posting as
select pg_temp.uid(at, 'grant', p * 10 + q) as id, 'QUOTA_GRANT' as kind, at, 'VoucherQuota' as subject_type,
       b_quota.id as subject_id, (select id from b_system where kind = 'VENDOR_POOL') as source, account_id as target,
       10000000 + coalesce((select sum(face) from b_voucher v where v.p = b_quota.p and v.q = b_quota.q), 0)::bigint
         as amount, p, null::uuid as customer_id, 0::bigint as n
from b_quota
union all
select pg_temp.uid(v.at, 'issue', n), 'VOUCHER_ISSUE', v.at, 'Voucher', v.id, q.account_id, v.account_id, face, v.p,
       customer_id, n
from b_voucher v join b_quota q using (p, q)
union all
select pg_temp.uid(at + interval '10 days', 'use', n), 'VOUCHER_USE', at + interval '10 days', 'VoucherUse',
       pg_temp.uid(at + interval '10 days', 'voucher-use', n), account_id, (select id from b_system where kind = 'USED'),
       used, p, customer_id, n
from b_voucher where used > 0
union all
select pg_temp.uid(at + interval '20 days', 'end', n), case status when 'EXPIRED' then 'VOUCHER_EXPIRY'
       else 'VOUCHER_RECALL' end, at + interval '20 days', 'Voucher', id, account_id,
       (select id from b_system where kind = 'EXPIRED'), face - used, p, customer_id, n
from b_voucher where status in ('EXPIRED', 'RECALLED');

create temp table b_leg as
select pg_temp.uid(at, 'out-' || id, 0) as id, id as transaction_id, kind, at, source as account_id, -amount as amount
from b_posting
union all
select pg_temp.uid(at, 'in-' || id, 0), id, kind, at, target, amount from b_posting;

create temp table b_total as select account_id, sum(amount) as balance, count(*) as entries from b_leg group by account_id;
create index on b_total (account_id);
analyze b_total;

insert into ledger_account (id, kind, currency, owner_type, owner_id, partner_id, customer_id, shard, may_overdraw,
                            balance, held, last_seq, opened_at)
select a.id, a.kind, 'CNY', owner_type, owner_id, partner_id, customer_id, 0, may_overdraw, coalesce(balance, 0), 0,
       coalesce(entries, 0), at
from (
  select id, kind, null as owner_type, null::uuid as owner_id, null::uuid as partner_id, null::uuid as customer_id,
         kind = 'VENDOR_POOL' as may_overdraw, pg_temp.today() - interval '5 years' as at from b_system
  union all
  select q.account_id, 'PARTNER_QUOTA', 'VoucherQuota', q.id, b.id, null, false, q.at from b_quota q join b_partner b using (p)
  union all
  select v.account_id, 'CUSTOMER_VOUCHER', 'Voucher', v.id, b.id, v.customer_id, false, v.at
  from b_voucher v join b_partner b using (p)
) a left join b_total on account_id = a.id;

insert into voucher_quota (id, owner_partner_id, account_id, kind, value_minor, currency, effective_at, expires_at,
                           limits, status, created_at, updated_at)
select q.id, b.id, q.account_id, case when q.q = 3 then 'CASH' else 'VOUCHER' end, g.amount, 'CNY', q.at,
       pg_temp.today() + interval '10 years', current_setting('bench.limits')::jsonb, 'NORMAL', q.at, q.at
from b_quota q join b_partner b using (p) join b_posting g on g.kind = 'QUOTA_GRANT' and g.subject_id = q.id;

insert into voucher (id, quota_id, partner_id, customer_id, account_id, kind, face_minor, currency, min_order_minor,
                     valid_from, expires_at, services, products, subscriptions, marketplace, memo, status, ended_at,
                     created_at, updated_at)
select v.id, q.id, b.id, v.customer_id, v.account_id, case when v.q = 3 then 'CASH' else 'VOUCHER' end, v.face, 'CNY',
       case when v.n % 3 = 0 then v.face * 2 end, v.at, pg_temp.today() + interval '10 years', '[]', '[]', '[]', false,
       case when v.n % 4 = 0 then 'for the first phase' end, v.status,
       case v.status when 'USABLE' then null when 'USED' then v.at + interval '10 days'
         else v.at + interval '20 days' end,
       v.at, v.at
from b_voucher v join b_partner b using (p) join b_quota q using (p, q);

-- One audit row for each partner stands for all commands that moved its money.
insert into audit (id, tenant_id, occurred_at, actor, via, operation, detail, request_id)
select pg_temp.uid(at, 'audit', p), id, at, 'system', 'bench', 'load', '{}', 'bench' from b_partner;

insert into ledger_transaction (id, kind, occurred_at, subject_type, subject_id, audit_id, partner_id, customer_id)
select g.id, g.kind, g.at, subject_type, subject_id, pg_temp.uid(b.at, 'audit', p), b.id, g.customer_id
from b_posting g join b_partner b using (p);

insert into ledger_entry (id, transaction_id, account_id, seq, amount, balance_after, currency, kind, occurred_at,
                          partner_id, customer_id)
select l.id, l.transaction_id, l.account_id, row_number() over account, l.amount, sum(l.amount) over account, 'CNY',
       l.kind, l.at, a.partner_id, a.customer_id
from b_leg l join ledger_account a on a.id = l.account_id
window account as (partition by l.account_id order by l.at, l.id rows unbounded preceding);

insert into voucher_use (id, voucher_id, partner_id, customer_id, kind, order_ref, order_amount_minor, amount_minor,
                         currency, purpose, used_at, transaction_id, created_at, updated_at)
select g.subject_id, v.id, b.id, v.customer_id, case when v.q = 3 then 'CASH' else 'VOUCHER' end, 'CS' || v.n,
       g.amount * 2, g.amount, 'CNY', 'PURCHASE', g.at, g.id, g.at, g.at
from b_posting g join b_voucher v on v.n = g.n join b_partner b on b.p = v.p where g.kind = 'VOUCHER_USE';

insert into voucher_record (id, voucher_id, quota_id, partner_id, customer_id, operation, amount_minor, currency,
                            destination, actor, at, transaction_id)
select pg_temp.uid(g.at, 'voucher-record-' || g.kind, v.n), v.id, q.id, b.id, v.customer_id,
       case g.kind when 'VOUCHER_ISSUE' then 'ISSUE' when 'VOUCHER_EXPIRY' then 'EXPIRY' else 'RECALL' end, g.amount,
       'CNY', case g.kind when 'VOUCHER_ISSUE' then 'VOUCHER' else 'EXPIRED' end, 'system', g.at, g.id
from b_posting g join b_voucher v on v.n = g.n join b_partner b on b.p = v.p join b_quota q on q.p = v.p and q.q = v.q
where g.kind in ('VOUCHER_ISSUE', 'VOUCHER_EXPIRY', 'VOUCHER_RECALL');
