-- The same masks as the product's, for servers that have their answers made by PostgreSQL.
create schema if not exists bench;

create or replace function bench.mask_name(name text) returns text language sql immutable parallel safe as $$
  select coalesce(string_agg(
    case when length(word) = 1 then '*'
         else left(word, 1) || case when ascii(word) < 128 then '***' when length(word) = 2 then '*' else '**' end end,
    ' ' order by place), '****')
  from string_to_table(name, ' ') with ordinality as split (word, place) where word <> ''
$$;
grant usage on schema bench to public;

-- PostGraphile: what its generated schema cannot say. Computed columns and sets, as its manual has it.
create or replace function bench.customer_masked_name(customer customer) returns text language sql stable as $$
  select bench.mask_name(customer.name)
$$;
create or replace function bench.customer_shown_vouchers(customer customer) returns setof voucher language sql stable as $$
  select * from voucher where customer_id = customer.id and (ended_at is null or ended_at >= bench.shown_since())
  order by id desc
$$;
create or replace function bench.partner_open_opportunities(partner partner) returns int language sql stable as $$
  select count(*)::int from opportunity where partner_id = partner.id
    and state in ('DRAFT','SUBMITTED','AUDIT_REJECTED','VERIFYING','VERIFIED','SIGNED')
$$;
create or replace function bench.partner_incentives_to_confirm(partner partner) returns int language sql stable as $$
  select count(*)::int from incentive where partner_id = partner.id and status = 'PENDING_CONFIRM'
    and confirm_deadline > now()
$$;
create or replace function bench.incentive_totals(of_partner uuid) returns table (currency text, count int, minor bigint)
language sql stable as $$
  select i.currency, count(*)::int, sum(i.amount)::bigint from incentive i where i.partner_id = of_partner
  group by i.currency order by i.currency
$$;
create or replace function bench.opportunity_queue(of_account uuid) returns setof opportunity language sql stable as $$
  select o.* from office_member m cross join lateral (
    select * from opportunity where rep_office_id = m.office_id and state = 'VERIFYING') o
  where m.account_id = of_account order by o.id
$$;
create or replace function bench.save_opportunity_draft(
  of_partner uuid, of_account uuid, of_customer uuid, title text, region text, of_industry text, of_need text,
  revenue_minor bigint, sign_on date, idempotency_key text
) returns opportunity language plpgsql volatile as $$
declare
  made opportunity;
  actor text := 'account:' || of_account;
begin
  if not exists (select from customer where id = of_customer and partner_id = of_partner)
     or not exists (select from plan_membership where partner_id = of_partner and plan = 'CO_SELL' and state = 'JOINED')
     or exists (select from idempotency where caller_id = of_account and key = idempotency_key) then
    raise exception 'refused';
  end if;
  insert into opportunity (id, partner_id, site, created_by, owner_user_id, state, name, customer_id, customer_region,
    industry, need, expected_revenue_minor, expected_revenue_currency, expected_sign_on, pre_sales, cloud_services,
    support_needs, need_tags, created_at, updated_at)
  values (uuidv7(), of_partner, 'CN', of_account, of_account, 'DRAFT', title, of_customer, region, of_industry, of_need,
    revenue_minor, 'CNY', sign_on, '[]', '[]', '[]', '[]', now(), now()) returning * into made;
  insert into event (id, partner_id, type, subject_type, subject_id, subject_version, actor, request_id, changes,
    occurred_at)
  values (uuidv7(), of_partner, 'opportunity.saved', 'Opportunity', made.id, 1, actor, made.id::text,
    '{"state": "DRAFT"}', now());
  insert into audit (id, tenant_id, occurred_at, actor, via, operation, subject_type, subject_id, detail, request_id)
  values (uuidv7(), of_partner, now(), actor, 'api', 'save_opportunity_draft', 'Opportunity', made.id,
    '{"effects": ["opportunity.saved"]}', made.id::text);
  insert into idempotency (id, caller_id, key, operation, fingerprint, outcome, created_at, expires_at)
  values (uuidv7(), of_account, idempotency_key, 'save_opportunity_draft', sha256(idempotency_key::bytea),
    jsonb_build_object('typename', 'Opportunity', 'id', made.id), now(), now() + interval '7 days');
  return made;
end $$;

-- With row-level security PostGraphile changes to the application's role.
grant cosell_app to cosell_owner with set true;

-- A function that bears a table's name would be PostGraphile's second thing of that name.
comment on function ledger_hold(uuid, uuid, uuid, bigint, text, uuid, timestamptz, timestamptz) is '@name put_ledger_hold';
