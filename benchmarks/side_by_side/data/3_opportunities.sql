-- Opportunities in every state, nine in ten about one of the partner's customers, a few customers with very many.
create temp table b_opportunity as
select n, p, at, customer_id, customer_name, share, day,
       case when share < 10 then 'DRAFT' when share < 20 then 'SUBMITTED' when share < 23 then 'AUDIT_REJECTED'
            when share < 29 then 'VERIFYING' when share < 37 then 'VERIFY_REJECTED' when share < 67 then 'VERIFIED'
            when share < 80 then 'SIGNED' when share < 90 then 'DELIVERED' when share < 97 then 'LOST'
            else 'CANCELLED' end as state
from (select drawn.*, c.id as customer_id, c.name as customer_name, 100 * pg_temp.chance('state', drawn.n) as share,
             drawn.at::date as day
      from (select n, pg_temp.skewed('opportunity', n, pg_temp.size('partners')) as p,
                   pg_temp.spread(n, pg_temp.size('opportunities'), '2 years') as at
            from generate_series(1, pg_temp.size('opportunities')) n) drawn
      join b_portfolio using (p)
      left join b_customer c on c.p = drawn.p and drawn.n % 10 <> 0
        and c.k = pg_temp.skewed('opportunity-customer', drawn.n, customers)) placed;

insert into opportunity
  (id, partner_id, site, created_by, owner_user_id, external_ref, state, revision, name, customer_id, customer_company,
   customer_name_key, customer_account, customer_region, industry, budget, authority, need, timeline,
   solution_description, expected_revenue_minor, expected_revenue_currency, expected_sign_on, expected_delivery_on,
   pre_sales, cloud_services, support_needs, need_tags, contact_name, contact_title, contact_mobile, contact_email,
   partner_contact_name, partner_contact_mobile, partner_contact_email, consent_confirmed, consent_statement,
   consent_by, consent_at, submitted_at, audited_by, audited_at, rep_office_id, deadline, claimed_by, claimed_at,
   verified_by, verified_at, verdict_reason, verdict_note, signed_at, signed_on, contract_minor, contract_currency,
   contract_ref, delivered_at, delivered_on, acceptance_ref, closed_at, closing_reason, version, created_at, updated_at)
select
  pg_temp.uid(o.at, 'opportunity', o.n), b.id, 'CN', b.main_id, b.main_id, case when o.n % 8 = 0 then 'crm-' || o.n end,
  o.state, case when o.state = 'DRAFT' then 0 else 1 end,
  pg_temp.one('deal', o.n, '{数据湖建设,ERP 上云,Migration of the warehouse,容器平台,安全加固,IoT for the fleet}') || ' ' || o.n,
  o.customer_id, coalesce(o.customer_name, '待定客户' || o.n),
  lower(replace(coalesce(o.customer_name, '待定客户' || o.n), ' ', '')),
  case when o.customer_id is not null then 'customer-of-' || o.n end, (110000 + b.p % pg_temp.size('offices') * 100)::text,
  pg_temp.one('industry', o.n, '{GOVERNMENT,FINANCE,MANUFACTURING,HEALTHCARE,EDUCATION,RETAIL,INTERNET,OTHER}'),
  'A budget of the present year is set aside for the first phase; the second one is being planned.',
  'The chief information officer decides together with procurement.',
  'Present systems run out of room; reports take hours and nobody trusts them.',
  'Tender in two months, signing before the end of the quarter.',
  repeat('The partner brings its own platform for data governance, installs it on the cloud and runs it. ', 3),
  (1000 + floor(99000 * pg_temp.chance('revenue', o.n)))::bigint * 100, 'CNY', o.day + 60, o.day + 200,
  '["CUSTOMER_MEETING","NEED_ALIGNMENT"]', jsonb_build_array(pg_temp.one('service', o.n, '{COMPUTE,DATABASE,AI,STORAGE}')),
  '["BUSINESS_DEMO"]', '["DATA_AND_AI"]', '王小明', 'Head of IT', '+86136' || lpad(o.n::text, 8, '0'),
  'deal' || o.n || '@customer.example', '李雷', '+8613512345678', 'sales@partner.example', true,
  'By mail after the meeting.', b.main_id, o.at, case when o.state <> 'DRAFT' then o.at + interval '1 day' end,
  case when audited then b.main_id end, case when audited then o.at + interval '3 days' end,
  case when audited then f.id end, case when audited then o.at + interval '1 year' end,
  case when verified then b.main_id end, case when verified then o.at + interval '4 days' end,
  case when verified then b.main_id end, case when verified then o.at + interval '6 days' end,
  case when o.state in ('AUDIT_REJECTED', 'VERIFY_REJECTED') then 'VAGUE' end,
  case when o.state in ('AUDIT_REJECTED', 'VERIFY_REJECTED') then 'The need is not clear.' end,
  case when signed then o.at + interval '60 days' end, case when signed then o.day + 60 end,
  case when signed then (900 + floor(90000 * pg_temp.chance('contract', o.n)))::bigint * 100 end,
  case when signed then 'CNY' end, case when signed then 'contract-' || o.n end,
  case when o.state = 'DELIVERED' then o.at + interval '200 days' end,
  case when o.state = 'DELIVERED' then o.day + 200 end, case when o.state = 'DELIVERED' then 'acceptance-' || o.n end,
  case when o.state in ('LOST', 'CANCELLED') then o.at + interval '90 days' end,
  case when o.state in ('LOST', 'CANCELLED') then 'The customer chose another way.' end,
  1 + o.n % 6, o.at, o.at + interval '5 days'
from b_opportunity o
join b_partner b using (p)
join b_office f on f.o = b.p % pg_temp.size('offices'),
lateral (select o.state in ('VERIFYING', 'VERIFY_REJECTED', 'VERIFIED', 'SIGNED', 'DELIVERED', 'LOST', 'CANCELLED')
           as audited,
         o.state in ('VERIFIED', 'SIGNED', 'DELIVERED', 'LOST', 'CANCELLED') as verified,
         o.state in ('SIGNED', 'DELIVERED') as signed) as reached;
