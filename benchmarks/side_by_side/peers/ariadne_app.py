"""(c) ariadne + asyncpg: the SDL, a resolver for each root field, a dataloader for each relation.

It runs in an environment of its own and imports nothing of the product but what needs no package.
"""

import asyncio
import base64
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
from aiodataloader import DataLoader
from ariadne import MutationType, ObjectType, QueryType, ScalarType, make_executable_schema
from ariadne.asgi import GraphQL
from starlette.applications import Starlette
from starlette.routing import Route

from benchmarks.side_by_side.peers.ariadne_writing import create
from core.urls import parse_url

_POOL = int(os.environ.get("BENCH_POOL", "16"))
_SINCE = datetime.fromisoformat(os.environ["BENCH_SINCE"])
_COUNTERS = """
    select (select count(*) from customer where partner_id = $1) as customers,
      (select count(*) from opportunity where partner_id = $1
         and state in ('DRAFT','SUBMITTED','AUDIT_REJECTED','VERIFYING','VERIFIED','SIGNED')) as open_opportunities,
      (select count(*) from voucher where partner_id = $1 and status = 'USABLE') as active_vouchers,
      (select count(*) from incentive where partner_id = $1 and status = 'PENDING_CONFIRM'
         and confirm_deadline > now()) as incentives_to_confirm,
      (select count(*) from account where partner_id = $1 and not is_main) as members
"""
_QUEUE = """
    select o.* from office_member m cross join lateral (
      select * from opportunity where rep_office_id = m.office_id and state = 'VERIFYING' order by id limit $2) o
    where m.account_id = $1 order by o.id limit $2
"""
_NEWEST = """
    select newest.* from unnest($1::uuid[]) as parent (id) cross join lateral (
      select * from {table} where customer_id = parent.id and partner_id = $2 and {condition}
      order by {table}.id desc limit $3) newest
"""
_SHOWN = "(ended_at is null or ended_at >= $4)"
_pool: list[asyncpg.Pool] = []


async def _fetch(text: str, *values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in await _pool[0].fetch(text, *values)]


class Loaders:
    """One for each relation, for one request."""

    def __init__(self, partner: str | None) -> None:
        mine = "select * from customer where id = any ($1) and ($2::uuid is null or partner_id = $2)"
        associations = "select * from customer_association where customer_id = any ($1) and status = 'ACTIVE'"
        self.partner = DataLoader(_one("select * from partner where id = any ($1)"))
        self.office = DataLoader(_one("select * from rep_office where id = any ($1)"))
        self.account = DataLoader(_one("select id, balance from ledger_account where id = any ($1)"))
        self.customer = DataLoader(_one(mine, partner))
        self.association = DataLoader(_one(associations + " and partner_id = $2", partner, key="customer_id"))
        self.opportunities = DataLoader(_newest("opportunity", "true", partner))
        self.vouchers = DataLoader(_newest("voucher", _SHOWN, partner, _SINCE))


def _one(text: str, *values: Any, key: str = "id") -> Callable[[list[Any]], Awaitable[list[Any]]]:
    async def load(keys: list[Any]) -> list[Any]:
        found = {row[key]: row for row in await _fetch(text, keys, *values)}
        return [found.get(one) for one in keys]

    return load


def _newest(table: str, condition: str, partner: str | None, *more: Any) -> Callable[[list[Any]], Awaitable[list[Any]]]:
    text = _NEWEST.format(table=table, condition=condition)

    async def load(keys: list[tuple[Any, int]]) -> list[Any]:
        found = defaultdict(list)
        for row in await _fetch(text, [parent for parent, _ in keys], partner, keys[0][1], *more):
            found[row["customer_id"]].append(row)
        return [found[parent] for parent, _ in keys]

    return load


def _money(minor: int | None, currency: str | None) -> dict[str, str | None] | None:
    return None if minor is None else {"amount": f"{Decimal(minor) / 100:.2f}", "currency": currency}


def _masked(name: str) -> str:
    return " ".join(map(_word, name.split())) or "****"


def _word(word: str) -> str:
    if len(word) == 1:
        return "*"
    return word[0] + ("***" if word[0].isascii() else "*" if len(word) == 2 else "**")


def _cursor(row: Any) -> str:
    return base64.b64encode(str(row["id"]).encode()).decode()


def _info(rows: list[Any], first: int) -> dict[str, Any]:
    shown = rows[:first]
    start, end = (_cursor(shown[0]), _cursor(shown[-1])) if shown else (None, None)
    return {"has_next_page": len(rows) > first, "has_previous_page": False, "start_cursor": start, "end_cursor": end}


def _page(rows: list[Any], first: int) -> dict[str, Any]:
    return {"nodes": rows[:first], "page_info": _info(rows, first)}


def _edges(rows: list[Any], first: int) -> dict[str, Any]:
    edges = [{"cursor": _cursor(row), "node": row} for row in rows[:first]]
    return {"edges": edges, "page_info": _info(rows, first)}


query, mutation = QueryType(), MutationType()
partner_type, customer_type, opportunity_type = ObjectType("Partner"), ObjectType("Customer"), ObjectType("Opportunity")
voucher_type, incentive_type = ObjectType("Voucher"), ObjectType("Incentive")
solution_type, review_type = ObjectType("Solution"), ObjectType("ReviewCase")
instant, day = ScalarType("DateTime", serializer=datetime.isoformat), ScalarType("Date", serializer=str)


@query.field("viewer")
async def _viewer(_: Any, info: Any) -> Any:
    return (await _fetch("select * from account where id = $1", info.context["account"]))[0]


@query.field("partner")
async def _partner(_: Any, info: Any) -> Any:
    return (await _fetch("select * from partner where id = $1", info.context["partner"]))[0]


@query.field("opportunities")
async def _opportunities(_: Any, info: Any, first: int, filter: dict[str, Any]) -> Any:
    text = "select * from opportunity where partner_id = $1 and state = $2 order by id desc limit $3"
    return _edges(await _fetch(text, info.context["partner"], filter["states"][0], first + 1), first)


@query.field("opportunityQueue")
async def _queue(_: Any, info: Any, first: int) -> Any:
    return _edges(await _fetch(_QUEUE, info.context["account"], first + 1), first)


@query.field("customers")
async def _customers(_: Any, info: Any, first: int) -> Any:
    text = "select * from customer where partner_id = $1 order by id desc limit $2"
    return _page(await _fetch(text, info.context["partner"], first + 1), first)


@query.field("issuedVouchers")
async def _vouchers(_: Any, info: Any, first: int, filter: dict[str, Any]) -> Any:
    text = f"select * from voucher where partner_id = $1 and status = $2 and {_SHOWN} order by id desc limit $3"
    return _page(await _fetch(text, info.context["partner"], filter["status"][0], first + 1, _SINCE), first)


@query.field("incentives")
async def _incentives(_: Any, info: Any, first: int) -> Any:
    text = "select * from incentive where partner_id = $1 order by id desc limit $2"
    sums = "select currency, count(*), sum(amount)::bigint from incentive where partner_id = $1 group by 1 order by 1"
    rows, totals = await asyncio.gather(
        _fetch(text, info.context["partner"], first + 1), _fetch(sums, info.context["partner"])
    )
    shown = [{"count": row["count"], "amount": _money(row["sum"], row["currency"])} for row in totals]
    return {**_page(rows, first), "totals": shown}


@query.field("solutions")
async def _solutions(_: Any, info: Any, first: int) -> Any:
    text = "select * from solution where partner_id = $1 order by id desc limit $2"
    return _page(await _fetch(text, info.context["partner"], first + 1), first)


@query.field("reviewQueue")
async def _reviews(_: Any, info: Any, first: int) -> Any:
    text = "select * from review_case where state = 'SUBMITTED' order by due_at, id limit $1"
    return _edges(await _fetch(text, first + 1), first)


@query.field("members")
async def _members(_: Any, info: Any, first: int) -> Any:
    shown = "partner_id = $1 and not is_main and status <> 'DELETED'"
    text = f"select * from account where {shown} order by id desc limit $2"
    return _page(await _fetch(text, info.context["partner"], first + 1), first)


@solution_type.field("services")
def _services(row: Any, _: Any) -> Any:
    return json.loads(row["services"])


@partner_type.field("counters")
async def _counters(partner: Any, _: Any) -> Any:
    return (await _fetch(_COUNTERS, partner["id"]))[0]


@customer_type.field("name")
def _name(customer: Any, _: Any) -> str:
    return _masked(customer["name"])


@customer_type.field("association")
async def _association(customer: Any, info: Any) -> Any:
    return await info.context["loaders"].association.load(customer["id"])


@customer_type.field("opportunities")
async def _newest_opportunities(customer: Any, info: Any, first: int) -> Any:
    return await info.context["loaders"].opportunities.load((customer["id"], first))


@customer_type.field("vouchers")
async def _newest_vouchers(customer: Any, info: Any, first: int) -> Any:
    return await info.context["loaders"].vouchers.load((customer["id"], first))


@opportunity_type.field("expectedRevenue")
def _revenue(row: Any, _: Any) -> Any:
    return _money(row["expected_revenue_minor"], row["expected_revenue_currency"])


@opportunity_type.field("partner")
@review_type.field("partner")
async def _of_partner(row: Any, info: Any) -> Any:
    return await info.context["loaders"].partner.load(row["partner_id"])


@opportunity_type.field("repOffice")
async def _office(row: Any, info: Any) -> Any:
    return None if row["rep_office_id"] is None else await info.context["loaders"].office.load(row["rep_office_id"])


@opportunity_type.field("customer")
@voucher_type.field("customer")
async def _customer(row: Any, info: Any) -> Any:
    return None if row["customer_id"] is None else await info.context["loaders"].customer.load(row["customer_id"])


@voucher_type.field("face")
def _face(row: Any, _: Any) -> Any:
    return _money(row["face_minor"], row["currency"])


@voucher_type.field("minOrderAmount")
def _minimum(row: Any, _: Any) -> Any:
    return _money(row["min_order_minor"], row["currency"])


@voucher_type.field("balance")
async def _balance(row: Any, info: Any) -> Any:
    return _money((await info.context["loaders"].account.load(row["account_id"]))["balance"], row["currency"])


@incentive_type.field("amount")
def _amount(row: Any, _: Any) -> Any:
    return _money(row["amount"], row["currency"])


@incentive_type.field("computedAmount")
def _computed(row: Any, _: Any) -> Any:
    return _money(row["computed_amount"], row["currency"])


@mutation.field("saveOpportunityDraft")
async def _save(_: Any, info: Any, input: dict[str, Any]) -> Any:
    made = await create(_pool[0], info.context["account"], info.context["partner"], input)
    return {"opportunity": made, "user_errors": [] if made else [{"code": "CONFLICT"}]}


_SCHEMA = make_executable_schema(
    (Path(__file__).parent / "schema.graphql").read_text(encoding="utf-8"),
    [
        *(query, mutation, partner_type, customer_type, opportunity_type, voucher_type, incentive_type),
        *(solution_type, review_type, instant, day),
    ],
    convert_names_case=True,
)


def _context(request: Any, _: Any = None) -> dict[str, Any]:
    account, _, partner = request.headers["x-caller"].partition(":")
    return {"account": account, "partner": partner or None, "loaders": Loaders(partner or None)}


@asynccontextmanager
async def _database(app: Starlette) -> AsyncIterator[None]:
    address = parse_url(os.environ["BENCH_DATABASE"])
    _pool.append(await asyncpg.create_pool(**address, min_size=_POOL, max_size=_POOL))
    yield
    await _pool[0].close()


_endpoint = GraphQL(_SCHEMA, context_value=_context)
app = Starlette(routes=[Route("/graphql", _endpoint.handle_request, methods=["POST"])], lifespan=_database)
