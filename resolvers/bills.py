"""Consumption lines: taken over from the vendor's billing in large calls, shown to the partners who earn on them."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.queryset import QuerySet

from core import db
from core.ids import uuid7
from models.bills import ConsumptionLine
from models.customers import Customer
from resolvers.batch import Batch, Item
from resolvers.command import command
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.bills import (
    COLUMNS,
    BillType,
    ErrorPolicy,
    GivenLine,
    Line,
    check_count,
    check_same,
    compute_oldest_shown,
    compute_period,
    facts_of,
    read_line,
)
from rules.errors import ErrorCode, Violation, require
from rules.members import compute_managers_seen
from rules.sites import Site

DUPLICATE = "duplicate"
"""The note of an item whose line was there already."""

# Whoever closes a month takes the same lock alone: no line can enter a month while it is being closed. Two statements,
# since one would look at the months with the eyes it had before it got the lock.
MONTHS_LOCK = "hashtextextended('accounting_month', 0)"
_LOCK_MONTHS = f"select pg_advisory_xact_lock_shared({MONTHS_LOCK})"

# The association at the moment of payment, of the type it had then: a switch changes the association itself and stands
# on record with the request that it was carried out for.
_KNOWN = """
    select given.place, customer.site, association.id as association_id, association.partner_id,
           assigned.account_manager_id,
           coalesce(switched.from_type, association.type) as association_type,
           known.id as known_id, known.content as known_content, closed.last as last_closed
    from unnest($1::int[], $2::uuid[], $3::timestamptz[], $4::text[]) as given (place, customer_id, paid_at, reference)
    join customer on customer.id = given.customer_id
    left join lateral (
      select id, partner_id, type from customer_association
      where customer_id = given.customer_id and started_at <= given.paid_at
        and (ended_at is null or given.paid_at < ended_at)
      order by started_at desc limit 1
    ) association on true
    left join lateral (
      select from_type from association_request
      where association_id = association.id and kind = 'SWITCH' and status = 'DONE' and processed_at > given.paid_at
      order by processed_at limit 1
    ) switched on true
    left join lateral (
      select account_manager_id from customer_assignment
      where association_id = association.id and started_at <= given.paid_at
        and (ended_at is null or given.paid_at < ended_at)
      order by started_at desc limit 1
    ) assigned on true
    left join consumption_line known on known.site = customer.site and known.reference = given.reference
    left join (select site, max(period) as last from accounting_month group by site) closed
      on closed.site = customer.site
"""

_WRITTEN: tuple[tuple[str, str], ...] = (
    ("id", "uuid"),
    ("site", "text"),
    ("reference", "text"),
    ("customer_id", "uuid"),
    ("partner_id", "uuid"),
    ("association_id", "uuid"),
    ("association_type", "text"),
    ("account_manager_id", "uuid"),
    ("order_ref", "text"),
    ("bill_type", "text"),
    ("service_code", "text"),
    ("product_code", "text"),
    ("charging_mode", "text"),
    ("region", "text"),
    ("paid_at", "timestamptz"),
    ("currency", "text"),
    ("flags", "jsonb"),
    ("period", "text"),
    ("content", "bytea"),
    *((column, "bigint") for column in COLUMNS),
)
_NAMES = ", ".join(name for name, _ in _WRITTEN)
_INSERT = f"""
    insert into consumption_line ({_NAMES}, imported_at)
    select {_NAMES}, $2 from jsonb_to_recordset($1::jsonb) as row ({", ".join(f"{n} {kind}" for n, kind in _WRITTEN)})
    order by site, reference
"""  # noqa: S608 - names of this module


_BY_MONTH = """
    select line.customer_id, to_char(line.paid_at at time zone given.zone, 'YYYY-MM') as month, line.currency,
           count(*)::int as lines, sum(line.official_amount)::bigint as official_amount,
           sum(line.cash_amount)::bigint as cash_amount
    from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as given (customer_id, zone, since)
    join consumption_line line on line.customer_id = given.customer_id and line.paid_at >= given.since
    where $4::uuid[] is null or line.account_manager_id = any($4)
    group by 1, 2, 3 order by 2 desc, 3
"""


@dataclass(frozen=True, slots=True)
class MonthlyConsumption:
    """A customer's consumption of one calendar month of its site in one currency; amounts in minor units."""

    month: str
    currency: str
    lines: int
    official_amount: int
    cash_amount: int


def visible_consumption(ctx: Context) -> QuerySet[ConsumptionLine]:
    """What was paid while the customer was the partner's, as far back as the site's policy says (where the actor sees
    the customers of some account managers alone: while it was theirs); all of it for the vendor.
    """
    rows = ConsumptionLine.all()
    if sees_all(ctx):
        return rows
    rows = rows.filter(partner_id=ctx.actor.partner_id, paid_at__gte=compute_oldest_shown(ctx.now, ctx.policy))
    managers = compute_managers_seen(ctx.actor)
    return rows if managers is None else rows.filter(account_manager_id__in=list(managers))


findable(ConsumptionLine, Permission.BILLS_READ, visible_consumption)


@dataclass(frozen=True, slots=True)
class ConsumptionFilter:
    """Which of the lines; None for any. `period` is the accounting month, the instants are of the payment."""

    customer_id: UUID | None = None
    period: str | None = None
    bill_type: BillType | None = None
    paid_from: datetime | None = None
    paid_until: datetime | None = None


@query(permission=Permission.BILLS_READ)
def consumption(ctx: Context, *, filter: ConsumptionFilter = ConsumptionFilter()) -> QuerySet[ConsumptionLine]:
    """What the partner's customers paid while they were the partner's."""
    conditions = {
        "customer_id": filter.customer_id,
        "period": filter.period,
        "bill_type": filter.bill_type,
        "paid_at__gte": filter.paid_from,
        "paid_at__lt": filter.paid_until,
    }
    return visible_consumption(ctx).filter(**{name: value for name, value in conditions.items() if value is not None})


customers_of_lines = to_one("customer_id", Customer)
"""For each line its customer, where the actor may (still) see it."""


async def monthly_consumption_of(ctx: Context, customers: Sequence[Customer]) -> list[list[MonthlyConsumption]]:
    """For each customer what it paid while it was the actor's partner's, by month, latest first; as far back as the
    policy of its site says. One statement for all.
    """
    once = {row.id: row for row in customers}  # a customer that stands in two lists is asked for twice
    sites = [Site(row.site) for row in once.values()]
    oldest = {site: compute_oldest_shown(ctx.now, ctx.policies.at(site, ctx.now)) for site in sites}
    managers = compute_managers_seen(ctx.actor)
    rows = await db.fetch(
        _BY_MONTH,
        list(once),
        [site.zone.key for site in sites],
        [oldest[site] for site in sites],
        None if managers is None else list(managers),
    )
    found: dict[UUID, list[MonthlyConsumption]] = defaultdict(list)
    for row in rows:
        found[row.pop("customer_id")].append(MonthlyConsumption(**row))
    return [found[row.id] for row in customers]


@command(
    permission=Permission.BILLS_IMPORT,
    refuses=(
        ErrorCode.REQUIRED,
        ErrorCode.TOO_MANY,
        ErrorCode.INVALID_FORMAT,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.CONSUMPTION_PAID_IN_FUTURE,
        ErrorCode.CONSUMPTION_AMOUNTS_UNBALANCED,
        ErrorCode.CONSUMPTION_AMOUNT_SIGN,
        ErrorCode.CONSUMPTION_LINE_CHANGED,
    ),
    sensitive=True,
)
async def import_consumption(
    ctx: Context, *, lines: Sequence[GivenLine], error_policy: ErrorPolicy = ErrorPolicy.ALL_OR_NOTHING
) -> Batch[ConsumptionLine]:
    """Takes over up to 500 lines of consumption from the vendor's billing, with a result for each.

    A line that is there already is a duplicate when it says the same, and refused when it says something else: lines
    never change, a correction is a line of its own. A line counts for the partner whose customer it was when it was
    paid, in the month of the payment, or in the first month still open when that one is closed.
    """
    require(check_count(len(lines)))
    drafts = [read_line(line, *_place(number), now=ctx.now) for number, line in enumerate(lines)]
    outcome = _Sorting(await _known(drafts), ctx.now)
    for number, draft in enumerate(drafts):
        outcome.take(number, draft)
    if error_policy is ErrorPolicy.ALL_OR_NOTHING:
        require([violation for refused in outcome.refused.values() for violation in refused])
    rows = await _written(outcome, ctx.now)
    counts = {"accepted": len(outcome.fresh), "duplicates": len(outcome.there), "refused": len(outcome.refused)}
    told = {name: str(count) for name, count in counts.items()}
    ctx.effect("consumption.imported", None, money=None, **told)
    ctx.audit(**counts)
    return Batch([outcome.item(number, rows) for number in range(len(lines))])


def _place(number: int) -> tuple[str, ...]:
    return ("input", "lines", str(number))


async def _known(drafts: Sequence[Line | list[Violation]]) -> dict[int, Mapping[str, Any]]:
    """Place → what the database knows about a sound line's customer, partner and reference; none for no customer."""
    sound = {number: draft for number, draft in enumerate(drafts) if isinstance(draft, Line)}
    await db.fetch(_LOCK_MONTHS)
    rows = await db.fetch(
        _KNOWN,
        list(sound),
        [line.customer_id for line in sound.values()],
        [line.paid_at for line in sound.values()],
        [line.reference for line in sound.values()],
    )
    return {row["place"]: row for row in rows}


class _Sorting:
    """The lines of one call, sorted into new ones, such as are there already, and refused ones; by place."""

    def __init__(self, known: Mapping[int, Mapping[str, Any]], now: datetime) -> None:
        self.known = known
        self.now = now
        self.fresh: dict[int, dict[str, Any]] = {}
        self.there: dict[int, UUID] = {}
        self.refused: dict[int, list[Violation]] = {}
        self._seen: dict[tuple[str, str], tuple[UUID, bytes]] = {}

    def take(self, number: int, draft: Line | list[Violation]) -> None:
        """Puts one line where it belongs."""
        if not isinstance(draft, Line):
            self.refused[number] = draft
            return
        row = self.known.get(number)
        if row is None:
            self.refused[number] = [Violation(ErrorCode.NOT_FOUND, (*_place(number), "customerId"), "bills.line")]
            return
        site = Site(row["site"])
        facts = facts_of(draft, site)
        content = hashlib.sha256(orjson.dumps(facts)).digest()
        before = self._before(row, (site, draft.reference))
        if before is None:
            self.fresh[number] = self._row(draft, site, row, {**facts, "content": f"\\x{content.hex()}"})
            self._seen[site, draft.reference] = self.fresh[number]["id"], content
            return
        changed = check_same(before[1], content, *_place(number))
        if changed:
            self.refused[number] = changed
        else:
            self.there[number] = before[0]

    def _before(self, row: Mapping[str, Any], key: tuple[str, str]) -> tuple[UUID, bytes] | None:
        """Id and content of the line of that reference, stored or earlier in the same call."""
        if row["known_id"] is not None:
            return row["known_id"], bytes(row["known_content"])
        return self._seen.get(key)

    def _row(self, line: Line, site: Site, known: Mapping[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
        return {
            **facts,
            "id": uuid7(),
            "site": site.value,
            "paid_at": line.paid_at,
            "partner_id": known["partner_id"],
            "association_id": known["association_id"],
            "association_type": known["association_type"],
            "account_manager_id": known["account_manager_id"],
            "period": compute_period(line.paid_at, site, known["last_closed"]),
        }

    def item(self, number: int, rows: Mapping[UUID, ConsumptionLine]) -> Item[ConsumptionLine]:
        """What became of one line."""
        if number in self.refused:
            return Item(violations=self.refused[number])
        if number in self.there:
            return Item(rows[self.there[number]], note=DUPLICATE)
        return Item(rows[self.fresh[number]["id"]])


async def _written(sorted_lines: _Sorting, now: datetime) -> dict[UUID, ConsumptionLine]:
    """Writes the new lines; all rows that the results speak of, by id."""
    fresh = list(sorted_lines.fresh.values())
    if fresh:
        try:
            await db.fetch(_INSERT, orjson.dumps(fresh, default=str).decode(), now)
        except db.ConstraintViolated as violated:
            if violated.name != "consumption_line_reference_once":
                raise
            # Somebody else wrote one of them meanwhile: seen again from the start, it is there already.
            raise db.Contended("consumption line") from violated
    wanted = [row["id"] for row in fresh] + list(sorted_lines.there.values())
    return {row.id: row for row in await ConsumptionLine.filter(id__in=wanted)}
