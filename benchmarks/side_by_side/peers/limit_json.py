"""(f1) The hand-written limit: one statement an operation, JSON built by PostgreSQL, bytes passed on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import asyncpg

from benchmarks.side_by_side.peers.asgi import KINDS, SINCE, Caller, application
from benchmarks.side_by_side.peers.creating import CREATE, arguments

_SINCE = datetime.fromisoformat(SINCE) if SINCE else None


def _money(minor: str, currency: str) -> str:
    return f"(select m from (select ({minor} * 0.01)::text as amount, {currency} as currency) m)"


def _cursor(column: str) -> str:
    return f"encode(uuid_send({column}), 'base64')"


DASHBOARD = """
select json_build_object('data', json_build_object(
  'viewer', (select v from (select a.id, a.name, a.full_name as "fullName", a.email, a.kind, a.status,
      a.is_main as "isMain", a.real_name_state as "realNameState") v),
  'partner', (select q from (select p.id, p.name, p.site, p.tier, p.admission_state as "admissionState",
      p.admitted_at as "admittedAt", (select k from (select
        (select count(*) from customer where partner_id = $2) as customers,
        (select count(*) from opportunity where partner_id = $2
           and state in ('DRAFT','SUBMITTED','AUDIT_REJECTED','VERIFYING','VERIFIED','SIGNED')) as "openOpportunities",
        (select count(*) from voucher where partner_id = $2 and status = 'USABLE') as "activeVouchers",
        (select count(*) from incentive where partner_id = $2 and status = 'PENDING_CONFIRM'
           and confirm_deadline > now()) as "incentivesToConfirm",
        (select count(*) from account where partner_id = $2 and not is_main) as members) k) as counters) q)))
from account a join partner p on p.id = a.partner_id where a.id = $1 and p.id = $2
"""
OPPORTUNITIES = f"""
with page as materialized (
  select * from opportunity where partner_id = $1 and state = $2 order by id desc limit $3::int + 1
), shown as (
  select o.id, {_cursor("o.id")} as cursor, (select n from (select o.id, o.version, o.name, o.state, o.industry,
      o.customer_region as "customerRegion",
      {_money("o.expected_revenue_minor", "o.expected_revenue_currency")} as "expectedRevenue",
      o.expected_sign_on as "expectedSignOn", o.vendor_business as "vendorBusiness", o.submitted_at as "submittedAt",
      o.created_at as "createdAt", o.updated_at as "updatedAt",
      (select x from (select p.id, p.name) x) as partner,
      case when c.id is not null then
        (select x from (select c.id, bench.mask_name(c.name) as name, c.registered_at as "registeredAt") x) end
        as customer,
      case when f.id is not null then (select x from (select f.id, f.name) x) end as "repOffice") n) as node
  from (select * from page order by id desc limit $3) o join partner p on p.id = o.partner_id
  left join customer c on c.id = o.customer_id and c.partner_id = $1 left join rep_office f on f.id = o.rep_office_id
)
select json_build_object('data', json_build_object('opportunities', json_build_object(
  'edges', (select coalesce(json_agg(json_build_object('cursor', cursor, 'node', node) order by id desc), '[]')
            from shown),
  'pageInfo', (select json_build_object('hasNextPage', (select count(*) > $3 from page), 'hasPreviousPage', false,
     'startCursor', max(cursor) filter (where id = last), 'endCursor', max(cursor) filter (where id = first))
     from shown, (select (array_agg(id order by id))[1] as first, (array_agg(id order by id desc))[1] as last
                  from shown) ends))))
"""
PORTFOLIO = f"""
with page as materialized (select * from customer where partner_id = $1 order by id desc limit $2::int + 1),
shown as (
  select c.id, (select n from (select c.id, bench.mask_name(c.name) as name, c.registered_at as "registeredAt",
    (select coalesce(json_agg(t), '[]') from (select o.id, o.name, o.state,
       {_money("o.expected_revenue_minor", "o.expected_revenue_currency")} as "expectedRevenue",
       o.created_at as "createdAt" from opportunity o where o.customer_id = c.id and o.partner_id = $1
       order by o.id desc limit 5) t) as opportunities,
    (select coalesce(json_agg(t), '[]') from (select v.id, v.kind, v.status,
       {_money("v.face_minor", "v.currency")} as face,
       v.expires_at as "expiresAt" from voucher v where v.customer_id = c.id and v.partner_id = $1
       and (v.ended_at is null or v.ended_at >= $3) order by v.id desc limit 5) t) as vouchers) n) as node
  from (select * from page order by id desc limit $2) c
)
select json_build_object('data', json_build_object('customers', json_build_object(
  'nodes', (select coalesce(json_agg(node order by id desc), '[]') from shown),
  'pageInfo', json_build_object('hasNextPage', (select count(*) > $2 from page),
     'endCursor', (select {_cursor("id")} from shown order by id limit 1)))))
"""
INCENTIVES = f"""
with page as materialized (select * from incentive where partner_id = $1 order by id desc limit $2::int + 1)
select json_build_object('data', json_build_object('incentives', json_build_object(
  'nodes', (select coalesce(json_agg(t), '[]') from (select id, period, association_type as "associationType", status,
     frozen, line_count as "lineCount", {_money("amount", "currency")} as amount,
     {_money("computed_amount", "currency")} as "computedAmount", generated_at as "generatedAt",
     confirmed_at as "confirmedAt" from page order by id desc limit $2) t),
  'totals', (select coalesce(json_agg(t), '[]') from (select count(*) as count,
     {_money("sum(amount)", "currency")} as amount
     from incentive where partner_id = $1 group by currency order by currency) t),
  'pageInfo', json_build_object('hasNextPage', (select count(*) > $2 from page),
     'endCursor', (select {_cursor("id")} from (select id from page order by id desc limit $2) s
                   order by id limit 1)))))
"""
CUSTOMERS = f"""
with page as materialized (select * from customer where partner_id = $1 order by id desc limit $2::int + 1)
select json_build_object('data', json_build_object('customers', json_build_object(
  'nodes', (select coalesce(json_agg(t), '[]') from (select c.id, c.version, bench.mask_name(c.name) as name,
     c.registered_at as "registeredAt", case when a.id is not null then (select x from (select a.id, a.type, a.status,
       a.source, a.label, a.started_at as "startedAt") x) end as association
     from (select * from page order by id desc limit $2) c
     left join customer_association a on a.customer_id = c.id and a.status = 'ACTIVE' and a.partner_id = $1
     order by c.id desc) t),
  'pageInfo', json_build_object('hasNextPage', (select count(*) > $2 from page),
     'endCursor', (select {_cursor("id")} from (select id from page order by id desc limit $2) s
                   order by id limit 1)))))
"""
QUEUE = f"""
with page as materialized (
  select o.* from office_member m cross join lateral (
    select * from opportunity where rep_office_id = m.office_id and state = 'VERIFYING' order by id limit $2::int + 1) o
  where m.account_id = $1 order by o.id limit $2::int + 1
), shown as (
  select o.id, (select n from (select o.id, o.name, o.state, o.customer_company as "customerCompany",
      o.customer_region as "customerRegion", o.industry,
      {_money("o.expected_revenue_minor", "o.expected_revenue_currency")} as "expectedRevenue",
      o.submitted_at as "submittedAt", o.deadline, o.claimed_at as "claimedAt",
      (select x from (select p.id, p.name) x) as partner,
      case when c.id is not null then
        (select x from (select c.id, bench.mask_name(c.name) as name, c.registered_at as "registeredAt") x) end
        as customer,
      (select x from (select f.id, f.name) x) as "repOffice") n) as node
  from (select * from page order by id limit $2) o join partner p on p.id = o.partner_id
  left join customer c on c.id = o.customer_id join rep_office f on f.id = o.rep_office_id
)
select json_build_object('data', json_build_object('opportunityQueue', json_build_object(
  'edges', (select coalesce(json_agg(json_build_object('cursor', {_cursor("id")}, 'node', node) order by id), '[]')
            from shown),
  'pageInfo', json_build_object('hasNextPage', (select count(*) > $2 from page),
     'endCursor', (select {_cursor("id")} from shown order by id desc limit 1)))))
"""
VOUCHERS = f"""
with page as materialized (
  select * from voucher where partner_id = $1 and status = $2 and (ended_at is null or ended_at >= $4)
  order by id desc limit $3::int + 1
)
select json_build_object('data', json_build_object('issuedVouchers', json_build_object(
  'nodes', (select coalesce(json_agg(t), '[]') from (select v.id, v.kind, v.status,
     {_money("v.face_minor", "v.currency")} as face, {_money("l.balance", "v.currency")} as balance,
     case when v.min_order_minor is not null then {_money("v.min_order_minor", "v.currency")} end as "minOrderAmount",
     v.valid_from as "validFrom", v.expires_at as "expiresAt", v.memo,
     case when c.id is not null then (select x from (select c.id, bench.mask_name(c.name) as name) x) end as customer
     from (select * from page order by id desc limit $3) v join ledger_account l on l.id = v.account_id
     left join customer c on c.id = v.customer_id and c.partner_id = $1 order by v.id desc) t),
  'pageInfo', json_build_object('hasNextPage', (select count(*) > $3 from page),
     'endCursor', (select {_cursor("id")} from (select id from page order by id desc limit $3) s
                   order by id limit 1)))))
"""
SOLUTIONS = f"""
with page as materialized (select * from solution where partner_id = $1 order by id desc limit $2::int + 1)
select json_build_object('data', json_build_object('solutions', json_build_object(
  'nodes', (select coalesce(json_agg(t), '[]') from (select id, version, kind, form, state, name, description, industry,
     services, certified_at as "certifiedAt", valid_until as "validUntil", created_at as "createdAt",
     updated_at as "updatedAt" from page order by id desc limit $2) t),
  'pageInfo', json_build_object('hasNextPage', (select count(*) > $2 from page),
     'endCursor', (select {_cursor("id")} from (select id from page order by id desc limit $2) s
                   order by id limit 1)))))
"""
REVIEWS = f"""
with page as materialized (
  select waiting.* from unnest('{{{KINDS}}}'::text[]) one (kind) cross join lateral (
    select * from review_case where kind = one.kind and state = 'SUBMITTED' order by due_at, id limit $1::int + 1
  ) waiting order by due_at, waiting.id limit $1::int + 1
), shown as (
  select r.due_at, r.id, (select n from (select r.id, r.version, r.kind, r.state, r.site, r.round,
      r.submitted_at as "submittedAt", r.due_at as "dueAt", r.created_at as "createdAt", r.updated_at as "updatedAt",
      (select x from (select p.id, p.name, p.tier, p.site) x) as partner) n) as node
  from (select * from page order by due_at, id limit $1) r join partner p on p.id = r.partner_id
)
select json_build_object('data', json_build_object('reviewQueue', json_build_object(
  'edges', (select coalesce(json_agg(json_build_object('cursor', {_cursor("id")}, 'node', node) order by due_at, id),
                            '[]') from shown),
  'pageInfo', json_build_object('hasNextPage', (select count(*) > $1 from page),
     'endCursor', (select {_cursor("id")} from shown order by due_at desc, id desc limit 1)))))
"""
MEMBERS = f"""
with page as materialized (
  select * from account where partner_id = $1 and not is_main and status <> 'DELETED' order by id desc
  limit $2::int + 1
)
select json_build_object('data', json_build_object('members', json_build_object(
  'nodes', (select coalesce(json_agg(t), '[]') from (select id, version, name, kind, status, is_main as "isMain",
     real_name_state as "realNameState", created_at as "createdAt", updated_at as "updatedAt"
     from page order by id desc limit $2) t),
  'pageInfo', json_build_object('hasNextPage', (select count(*) > $2 from page),
     'endCursor', (select {_cursor("id")} from (select id from page order by id desc limit $2) s
                   order by id limit 1)))))
"""
SAVED = f"""{CREATE}
select json_build_object('data', json_build_object('saveOpportunityDraft', json_build_object('userErrors', '[]'::json,
  'opportunity', (select n from (select made.id, name, state, industry, customer_region as "customerRegion",
    {_money("expected_revenue_minor", "'CNY'")} as "expectedRevenue", created_at as "createdAt",
    (select x from (select customer_id as id) x) as customer) n)))) from made
"""


_STATEMENTS: dict[str, tuple[str, Callable[[Caller, dict[str, Any]], tuple[Any, ...]]]] = {
    "Q1": (DASHBOARD, lambda caller, given: (caller.account_id, caller.partner_id)),
    "Q2": (OPPORTUNITIES, lambda caller, given: (caller.partner_id, given["filter"]["states"][0], given["first"])),
    "Q3": (PORTFOLIO, lambda caller, given: (caller.partner_id, given["first"], _SINCE)),
    "Q4": (INCENTIVES, lambda caller, given: (caller.partner_id, given["first"])),
    "Q5": (CUSTOMERS, lambda caller, given: (caller.partner_id, given["first"])),
    "Q6": (QUEUE, lambda caller, given: (caller.account_id, given["first"])),
    "Q7": (VOUCHERS, lambda caller, given: (caller.partner_id, given["filter"]["status"][0], given["first"], _SINCE)),
    "Q8": (SOLUTIONS, lambda caller, given: (caller.partner_id, given["first"])),
    "Q9": (REVIEWS, lambda caller, given: (given["first"],)),
    "Q10": (MEMBERS, lambda caller, given: (caller.partner_id, given["first"])),
    "M1": (SAVED, lambda caller, given: arguments(caller, given["input"])),
}


async def answer(pool: asyncpg.Pool, operation: str, caller: Caller, given: dict[str, Any]) -> bytes:
    """One round trip."""
    text, values = _STATEMENTS[operation]
    found = await pool.fetchval(text, *values(caller, given))
    return found or b'{"errors":[{"message":"refused"}]}'


async def _bytes(connection: asyncpg.Connection) -> None:
    """JSON comes as the bytes that the database sent."""
    await connection.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=bytes, format="binary")


app = application(answer, _bytes)
