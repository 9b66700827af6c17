"""(f2) The hand-written limit the other way: flat rows from PostgreSQL, assembled in Python, orjson.

Instants and amounts come as texts, which costs less than decoding them. One statement an operation where rows of one
kind answer it; Q3 and Q4 take several, side by side.
"""

import asyncio
import base64
from collections import defaultdict
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from benchmarks.side_by_side.peers.asgi import KINDS, SINCE, Caller, application
from benchmarks.side_by_side.peers.creating import CREATE, arguments
from rules.contacts import mask_name

_SINCE = datetime.fromisoformat(SINCE) if SINCE else None
Row = dict[str, Any]


def _at(column: str) -> str:
    return f"to_json({column})#>>'{{}}'"


def _minor(column: str) -> str:
    return f"({column} * 0.01)::text"


DASHBOARD = f"""
select a.id, a.name, a.full_name, a.email, a.kind, a.status, a.is_main, a.real_name_state, p.id as pid, p.name as pname,
  p.site, p.tier, p.admission_state, {_at("p.admitted_at")} as admitted_at,
  (select count(*) from customer where partner_id = $2) as n_customers,
  (select count(*) from opportunity where partner_id = $2
     and state in ('DRAFT','SUBMITTED','AUDIT_REJECTED','VERIFYING','VERIFIED','SIGNED')) as n_opportunities,
  (select count(*) from voucher where partner_id = $2 and status = 'USABLE') as n_vouchers,
  (select count(*) from incentive where partner_id = $2 and status = 'PENDING_CONFIRM'
     and confirm_deadline > now()) as n_incentives,
  (select count(*) from account where partner_id = $2 and not is_main) as n_members
from account a join partner p on p.id = a.partner_id where a.id = $1 and p.id = $2
"""
OPPORTUNITIES = f"""
select o.id, o.version, o.name, o.state, o.industry, o.customer_region, {_minor("o.expected_revenue_minor")} as revenue,
  o.expected_revenue_currency as currency, o.expected_sign_on::text as sign_on, o.vendor_business,
  {_at("o.submitted_at")} as submitted_at, {_at("o.created_at")} as created_at, {_at("o.updated_at")} as updated_at,
  p.id as pid, p.name as pname, c.id as cid, c.name as cname, {_at("c.registered_at")} as registered_at, f.id as fid,
  f.name as fname
from opportunity o join partner p on p.id = o.partner_id
left join customer c on c.id = o.customer_id and c.partner_id = $1 left join rep_office f on f.id = o.rep_office_id
where o.partner_id = $1 and o.state = $2 order by o.id desc limit $3::int + 1
"""
PORTFOLIO = f"""
select id, name, {_at("registered_at")} as registered_at from customer where partner_id = $1 order by id desc
limit $2::int + 1
"""
NEWEST_OPPORTUNITIES = f"""
select o.* from unnest($2::uuid[]) as parent (id) cross join lateral (
  select customer_id, id, name, state, {_minor("expected_revenue_minor")} as revenue,
    expected_revenue_currency as currency, {_at("created_at")} as created_at
  from opportunity where customer_id = parent.id and partner_id = $1 order by opportunity.id desc limit 5) o
"""
NEWEST_VOUCHERS = f"""
select v.* from unnest($2::uuid[]) as parent (id) cross join lateral (
  select customer_id, id, kind, status, {_minor("face_minor")} as face, currency, {_at("expires_at")} as expires_at
  from voucher where customer_id = parent.id and partner_id = $1 and (ended_at is null or ended_at >= $3)
  order by voucher.id desc limit 5) v
"""
INCENTIVES = f"""
select id, period, association_type, status, frozen, line_count, {_minor("amount")} as amount,
  {_minor("computed_amount")} as computed, currency, {_at("generated_at")} as generated_at,
  {_at("confirmed_at")} as confirmed_at
from incentive where partner_id = $1 order by id desc limit $2::int + 1
"""
TOTALS = """
select currency, count(*) as count, (sum(amount) * 0.01)::text as amount from incentive where partner_id = $1
group by currency order by currency
"""
CUSTOMERS = f"""
select c.id, c.version, c.name, {_at("c.registered_at")} as registered_at, a.id as aid, a.type, a.status, a.source,
  a.label, {_at("a.started_at")} as started_at
from customer c left join customer_association a
  on a.customer_id = c.id and a.status = 'ACTIVE' and a.partner_id = $1
where c.partner_id = $1 order by c.id desc limit $2::int + 1
"""
QUEUE = f"""
select o.id, o.name, o.state, o.customer_company, o.customer_region, o.industry,
  {_minor("o.expected_revenue_minor")} as revenue, o.expected_revenue_currency as currency,
  {_at("o.submitted_at")} as submitted_at, {_at("o.deadline")} as deadline, {_at("o.claimed_at")} as claimed_at,
  p.id as pid, p.name as pname, c.id as cid, c.name as cname, {_at("c.registered_at")} as registered_at, f.id as fid,
  f.name as fname
from office_member m cross join lateral (
  select * from opportunity where rep_office_id = m.office_id and state = 'VERIFYING' order by id limit $2::int + 1) o
join partner p on p.id = o.partner_id left join customer c on c.id = o.customer_id
join rep_office f on f.id = o.rep_office_id
where m.account_id = $1 order by o.id limit $2::int + 1
"""
VOUCHERS = f"""
select v.id, v.kind, v.status, v.currency, {_minor("v.face_minor")} as face, {_minor("l.balance")} as balance,
  {_minor("v.min_order_minor")} as minimum, {_at("v.valid_from")} as valid_from, {_at("v.expires_at")} as expires_at,
  v.memo, c.id as cid, c.name as cname
from voucher v join ledger_account l on l.id = v.account_id
left join customer c on c.id = v.customer_id and c.partner_id = $1
where v.partner_id = $1 and v.status = $2 and (v.ended_at is null or v.ended_at >= $4)
order by v.id desc limit $3::int + 1
"""
SOLUTIONS = f"""
select id, version, kind, form, state, name, description, industry, services,
  {_at("certified_at")} as certified_at, {_at("valid_until")} as valid_until, {_at("created_at")} as created_at,
  {_at("updated_at")} as updated_at
from solution where partner_id = $1 order by solution.id desc limit $2::int + 1
"""
REVIEWS = f"""
select r.id, r.version, r.kind, r.state, r.site, r.round, {_at("r.submitted_at")} as submitted_at,
  {_at("r.due_at")} as due_at, {_at("r.created_at")} as created_at, {_at("r.updated_at")} as updated_at, p.id as pid,
  p.name as pname, p.tier, p.site as psite
from unnest('{{{KINDS}}}'::text[]) one (kind) cross join lateral (
  select * from review_case where kind = one.kind and state = 'SUBMITTED' order by due_at, id limit $1::int + 1) r
join partner p on p.id = r.partner_id order by r.due_at, r.id limit $1::int + 1
"""
MEMBERS = f"""
select id, version, name, kind, status, is_main, real_name_state, {_at("created_at")} as created_at,
  {_at("updated_at")} as updated_at
from account where partner_id = $1 and not is_main and status <> 'DELETED' order by account.id desc
limit $2::int + 1
"""
SAVED = f"""{CREATE}
select id, name, state, industry, customer_region, {_minor("expected_revenue_minor")} as revenue,
  {_at("created_at")} as created_at, customer_id from made
"""


def _cursor(row_id: str) -> str:
    return base64.b64encode(row_id.encode()).decode()


def _info(rows: list[Any], first: int) -> Row:
    shown = rows[:first]
    return {"hasNextPage": len(rows) > first, "endCursor": _cursor(shown[-1]["id"]) if shown else None}


def _opportunity_customer(r: Any) -> Row | None:
    if r["cid"] is None:
        return None
    return {"id": r["cid"], "name": mask_name(r["cname"]), "registeredAt": r["registered_at"]}


async def _dashboard(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    r = await pool.fetchrow(DASHBOARD, caller.account_id, caller.partner_id)
    viewer = {"id": r["id"], "name": r["name"], "fullName": r["full_name"], "email": r["email"], "kind": r["kind"]}
    viewer |= {"status": r["status"], "isMain": r["is_main"], "realNameState": r["real_name_state"]}
    counters = {"customers": r["n_customers"], "openOpportunities": r["n_opportunities"], "members": r["n_members"]}
    counters |= {"activeVouchers": r["n_vouchers"], "incentivesToConfirm": r["n_incentives"]}
    partner = {"id": r["pid"], "name": r["pname"], "site": r["site"], "tier": r["tier"], "counters": counters}
    partner |= {"admissionState": r["admission_state"], "admittedAt": r["admitted_at"]}
    return {"viewer": viewer, "partner": partner}


async def _opportunities(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows = await pool.fetch(OPPORTUNITIES, caller.partner_id, given["filter"]["states"][0], first)
    edges = [
        {
            "cursor": _cursor(r["id"]),
            "node": {
                "id": r["id"],
                "version": r["version"],
                "name": r["name"],
                "state": r["state"],
                "industry": r["industry"],
                "customerRegion": r["customer_region"],
                "expectedRevenue": {"amount": r["revenue"], "currency": r["currency"]},
                "expectedSignOn": r["sign_on"],
                "vendorBusiness": r["vendor_business"],
                "submittedAt": r["submitted_at"],
                "createdAt": r["created_at"],
                "updatedAt": r["updated_at"],
                "partner": {"id": r["pid"], "name": r["pname"]},
                "customer": _opportunity_customer(r),
                "repOffice": None if r["fid"] is None else {"id": r["fid"], "name": r["fname"]},
            },
        }
        for r in rows[:first]
    ]
    start = edges[0]["cursor"] if edges else None
    info = {**_info(rows, first), "hasPreviousPage": False, "startCursor": start}
    return {"opportunities": {"edges": edges, "pageInfo": info}}


async def _portfolio(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows = await pool.fetch(PORTFOLIO, caller.partner_id, first)
    ids = [r["id"] for r in rows[:first]]
    deals, vouchers = await asyncio.gather(
        pool.fetch(NEWEST_OPPORTUNITIES, caller.partner_id, ids),
        pool.fetch(NEWEST_VOUCHERS, caller.partner_id, ids, _SINCE),
    )
    opportunities_by, vouchers_by = defaultdict(list), defaultdict(list)
    for r in deals:
        revenue = {"amount": r["revenue"], "currency": r["currency"]}
        shown = {"id": r["id"], "name": r["name"], "state": r["state"], "expectedRevenue": revenue}
        opportunities_by[r["customer_id"]].append(shown | {"createdAt": r["created_at"]})
    for r in vouchers:
        face = {"amount": r["face"], "currency": r["currency"]}
        shown = {"id": r["id"], "kind": r["kind"], "status": r["status"], "face": face, "expiresAt": r["expires_at"]}
        vouchers_by[r["customer_id"]].append(shown)
    nodes = [
        {
            "id": r["id"],
            "name": mask_name(r["name"]),
            "registeredAt": r["registered_at"],
            "opportunities": opportunities_by[r["id"]],
            "vouchers": vouchers_by[r["id"]],
        }
        for r in rows[:first]
    ]
    return {"customers": {"nodes": nodes, "pageInfo": _info(rows, first)}}


async def _incentives(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows, totals = await asyncio.gather(
        pool.fetch(INCENTIVES, caller.partner_id, first), pool.fetch(TOTALS, caller.partner_id)
    )
    nodes = [
        {
            "id": r["id"],
            "period": r["period"],
            "associationType": r["association_type"],
            "status": r["status"],
            "frozen": r["frozen"],
            "lineCount": r["line_count"],
            "amount": {"amount": r["amount"], "currency": r["currency"]},
            "computedAmount": {"amount": r["computed"], "currency": r["currency"]},
            "generatedAt": r["generated_at"],
            "confirmedAt": r["confirmed_at"],
        }
        for r in rows[:first]
    ]
    sums = [{"count": r["count"], "amount": {"amount": r["amount"], "currency": r["currency"]}} for r in totals]
    return {"incentives": {"nodes": nodes, "totals": sums, "pageInfo": _info(rows, first)}}


async def _customers(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows = await pool.fetch(CUSTOMERS, caller.partner_id, first)
    nodes = [
        {
            "id": r["id"],
            "version": r["version"],
            "name": mask_name(r["name"]),
            "registeredAt": r["registered_at"],
            "association": None
            if r["aid"] is None
            else {
                "id": r["aid"],
                "type": r["type"],
                "status": r["status"],
                "source": r["source"],
                "label": r["label"],
                "startedAt": r["started_at"],
            },
        }
        for r in rows[:first]
    ]
    return {"customers": {"nodes": nodes, "pageInfo": _info(rows, first)}}


async def _queue(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows = await pool.fetch(QUEUE, caller.account_id, first)
    edges = [
        {
            "cursor": _cursor(r["id"]),
            "node": {
                "id": r["id"],
                "name": r["name"],
                "state": r["state"],
                "customerCompany": r["customer_company"],
                "customerRegion": r["customer_region"],
                "industry": r["industry"],
                "expectedRevenue": {"amount": r["revenue"], "currency": r["currency"]},
                "submittedAt": r["submitted_at"],
                "deadline": r["deadline"],
                "claimedAt": r["claimed_at"],
                "partner": {"id": r["pid"], "name": r["pname"]},
                "customer": _opportunity_customer(r),
                "repOffice": {"id": r["fid"], "name": r["fname"]},
            },
        }
        for r in rows[:first]
    ]
    return {"opportunityQueue": {"edges": edges, "pageInfo": _info(rows, first)}}


async def _vouchers(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows = await pool.fetch(VOUCHERS, caller.partner_id, given["filter"]["status"][0], first, _SINCE)
    nodes = []
    for r in rows[:first]:
        currency = r["currency"]
        node = {"id": r["id"], "kind": r["kind"], "status": r["status"], "memo": r["memo"]}
        node |= {"face": {"amount": r["face"], "currency": currency}, "validFrom": r["valid_from"]}
        node |= {"balance": {"amount": r["balance"], "currency": currency}, "expiresAt": r["expires_at"]}
        node["minOrderAmount"] = None if r["minimum"] is None else {"amount": r["minimum"], "currency": currency}
        node["customer"] = None if r["cid"] is None else {"id": r["cid"], "name": mask_name(r["cname"])}
        nodes.append(node)
    return {"issuedVouchers": {"nodes": nodes, "pageInfo": _info(rows, first)}}


async def _solutions(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows = await pool.fetch(SOLUTIONS, caller.partner_id, first)
    nodes = []
    for r in rows[:first]:
        node = {name: r[name] for name in ("id", "version", "kind", "form", "state", "name", "description", "industry")}
        node |= {"services": orjson.loads(r["services"]), "certifiedAt": r["certified_at"]}
        node |= {"validUntil": r["valid_until"], "createdAt": r["created_at"], "updatedAt": r["updated_at"]}
        nodes.append(node)
    return {"solutions": {"nodes": nodes, "pageInfo": _info(rows, first)}}


async def _reviews(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows = await pool.fetch(REVIEWS, first)
    edges = []
    for r in rows[:first]:
        node = {name: r[name] for name in ("id", "version", "kind", "state", "site", "round")}
        node |= {"submittedAt": r["submitted_at"], "dueAt": r["due_at"], "createdAt": r["created_at"]}
        partner = {"id": r["pid"], "name": r["pname"], "tier": r["tier"], "site": r["psite"]}
        node |= {"updatedAt": r["updated_at"], "partner": partner}
        edges.append({"cursor": _cursor(r["id"]), "node": node})
    return {"reviewQueue": {"edges": edges, "pageInfo": _info(rows, first)}}


async def _members(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    first = given["first"]
    rows = await pool.fetch(MEMBERS, caller.partner_id, first)
    nodes = []
    for r in rows[:first]:
        node = {name: r[name] for name in ("id", "version", "name", "kind", "status")}
        node |= {"isMain": r["is_main"], "realNameState": r["real_name_state"], "createdAt": r["created_at"]}
        nodes.append(node | {"updatedAt": r["updated_at"]})
    return {"members": {"nodes": nodes, "pageInfo": _info(rows, first)}}


async def _create(pool: asyncpg.Pool, caller: Caller, given: Row) -> Row:
    r = await pool.fetchrow(SAVED, *arguments(caller, given["input"]))
    if r is None:
        return {"saveOpportunityDraft": {"opportunity": None, "userErrors": [{"code": "CONFLICT"}]}}
    made = {"id": r["id"], "name": r["name"], "state": r["state"], "industry": r["industry"]}
    made |= {"customerRegion": r["customer_region"], "createdAt": r["created_at"], "customer": {"id": r["customer_id"]}}
    made["expectedRevenue"] = {"amount": r["revenue"], "currency": "CNY"}
    return {"saveOpportunityDraft": {"opportunity": made, "userErrors": []}}


_ANSWERS = {
    "Q1": _dashboard,
    "Q2": _opportunities,
    "Q3": _portfolio,
    "Q4": _incentives,
    "Q5": _customers,
    "Q6": _queue,
    "Q7": _vouchers,
    "Q8": _solutions,
    "Q9": _reviews,
    "Q10": _members,
    "M1": _create,
}


async def answer(pool: asyncpg.Pool, operation: str, caller: Caller, given: dict[str, Any]) -> bytes:
    """Rows in, dictionaries out."""
    return orjson.dumps({"data": await _ANSWERS[operation](pool, caller, given)})


async def texts(connection: asyncpg.Connection) -> None:
    """Ids come as texts: nothing is done with them but to write them down."""
    await connection.set_type_codec("uuid", schema="pg_catalog", encoder=str, decoder=str)


app = application(answer, texts)
