"""Counting a month's performance: the estimate while it runs, the settled sheets once it is over, and both again.

A month is closed in two steps. The first is short and takes the months' lock alone: from then on lines that arrive go
to the next month. The second counts, however long that takes, and can be tried again. What a closed month was counted
from never changes, and its terms are kept with it: counting again gives the same bytes.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core import db
from core.ids import uuid7
from core.scope import EVERYTHING
from models.bills import AccountingMonth, ConsumptionLine
from models.performance import PerformanceSheet
from resolvers.bills import MONTHS_LOCK
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission
from rules.bills import PAYMENTS, compute_month
from rules.incentives.performance import (
    SHEET,
    Consumed,
    SheetStatus,
    Terms,
    canonical,
    compute_months_to_close,
    compute_performance,
    compute_terms_instant,
)
from rules.sites import Site

PAGE = 10_000
"""Lines counted by one pair of statements; a month is never held whole."""
PATIENCE = 60.0
"""Seconds that a page may take to be read or written."""
_FIRST = (UUID(int=0), "", UUID(int=0))

_CLOSE_MONTHS = f"select pg_advisory_xact_lock({MONTHS_LOCK})"
_CLAIM = "select pg_try_advisory_xact_lock(hashtextextended('performance:' || $1 || ':' || $2, 0)) as claimed"

_PARTNERS = """
    select distinct partner_id, currency from consumption_line
    where site = $1 and period = $2 and partner_id is not null
"""
_SHEETS = """
    insert into performance_sheet (id, partner_id, site, period, currency, status, total, line_count, version,
                                   created_at, updated_at)
    select id, partner_id, $4, $5, currency, 'ESTIMATE', 0, 0, 1, $6, $6
    from unnest($1::uuid[], $2::uuid[], $3::text[]) as row (id, partner_id, currency)
    on conflict (partner_id, period, currency) do nothing
"""
# The page is cut from the index before anything is joined to it. A customer is bound again when it was another
# partner's before; asked only where that matters.
_LINES = f"""
    with page as materialized (
      select line.* from consumption_line line
      where site = $1 and period = $2 and (partner_id, currency, id) > ($3, $4, $5)
      order by partner_id, currency, id limit $6
    )
    select page.id, page.reference, page.partner_id, page.currency, page.customer_id, page.association_id,
           page.association_type, page.product_code, page.paid_at, page.flags::text as flags,
           case when $7 and exists (
             select from customer_association before where before.customer_id = page.customer_id
               and before.partner_id <> page.partner_id and before.started_at < association.started_at
           ) then association.started_at end as rebound_at, {", ".join(f"page.{name}_amount" for name in PAYMENTS)}
    from page join customer_association association on association.id = page.association_id
    order by page.partner_id, page.currency, page.id
"""  # noqa: S608 - names of the rules
_WRITE = """
    insert into performance_line as known (id, sheet_id, amount, left_out, consumption_line_id, partner_id, customer_id,
                                           association_id, association_type, product_code, currency, paid_at)
    select * from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::jsonb[], $5::uuid[], $6::uuid[], $7::uuid[],
                         $8::uuid[], $9::text[], $10::text[], $11::text[], $12::timestamptz[])
    on conflict (consumption_line_id) do update set amount = excluded.amount, left_out = excluded.left_out
    where (known.amount, known.left_out) is distinct from (excluded.amount, excluded.left_out)
"""
_COPIED = (
    "id",
    "partner_id",
    "customer_id",
    "association_id",
    "association_type",
    "product_code",
    "currency",
    "paid_at",
)
"""What a line takes over from the consumption as it stands."""
_TOTALS = """
    update performance_sheet sheet
    set total = row.total, line_count = row.lines, status = $2, version = sheet.version + 1,
        updated_at = $1::timestamptz, digest = row.digest,
        closed_at = case when row.digest is null then null else $1::timestamptz end
    from unnest($3::uuid[], $4::bigint[], $5::int[], $6::bytea[]) as row (id, total, lines, digest)
    where sheet.id = row.id and sheet.status = 'ESTIMATE'
      and (row.digest is not null or (sheet.total, sheet.line_count) is distinct from (row.total, row.lines))
"""
_OPEN_MONTHS = (
    "select distinct period from consumption_line where site = $1 and period > $2 and period <= $3 order by 1"
)


@dataclass(slots=True)
class _Total:
    """What the lines of one sheet come to so far."""

    sheet_id: UUID
    amount: int = 0
    lines: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


@dataclass(frozen=True, slots=True)
class _Line:
    """A counted line: what was stored of it, what it comes to, and its canonical form."""

    row: dict[str, Any]
    amount: int
    left_out: dict[str, int]
    record: bytes


async def months_to_close(ctx: Context, site: Site) -> list[str]:
    """The months of the site that are over and can still be entered, oldest first."""
    async with db.read(EVERYTHING):
        return compute_months_to_close(await _last_closed(site), await _earliest(site), ctx.now, site)


async def open_months(ctx: Context, site: Site) -> list[str]:
    """The months of the site that can still be entered and have consumption, oldest first, up to the present one."""
    async with db.read(EVERYTHING):
        rows = await db.fetch(_OPEN_MONTHS, site.value, await _last_closed(site) or "", compute_month(ctx.now, site))
    return [row["period"] for row in rows]


async def unsettled_months() -> list[tuple[Site, str]]:
    """The closed months whose performance is not counted yet, oldest first."""
    async with db.read(EVERYTHING):
        rows = await AccountingMonth.filter(digest__isnull=True).order_by("period", "site")
    return [(Site(row.site), row.period) for row in rows]


async def _last_closed(site: Site) -> str | None:
    row = await AccountingMonth.filter(site=site.value).order_by("-period").first()
    return None if row is None else row.period


async def _earliest(site: Site) -> str | None:
    row = await ConsumptionLine.filter(site=site.value).order_by("period").first().only("id", "period")
    return None if row is None else row.period


@command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True)
async def close_month(ctx: Context, *, site: Site, period: str) -> AccountingMonth | None:
    """Lets no more lines into a month that is over, and fixes the terms it is counted under; None when it is not the
    next to be closed (any more).
    """
    await db.fetch(_CLOSE_MONTHS)
    due = compute_months_to_close(await _last_closed(site), await _earliest(site), ctx.now, site)
    if due[:1] != [period]:
        return None
    terms = Terms.of(ctx.policies.at(site, compute_terms_instant(period, site)))
    ctx.effect("accounting_month.closed", None, period=period, site=site.value)
    return await AccountingMonth.create(site=site.value, period=period, closed_at=ctx.now, terms=terms.data())


@command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True)
async def estimate_performance(ctx: Context, *, site: Site, period: str) -> None:
    """Counts a month that is still open, under the terms as they are now. Leaves a closed one, or one that is being
    counted, alone.
    """
    if not await _claimed(site, period) or (await _last_closed(site) or "") >= period:
        return
    terms = Terms.of(ctx.policies.at(site, ctx.now))
    totals, _ = await _count(ctx, site, period, terms)
    await _write_totals(ctx, totals, SheetStatus.ESTIMATE)


@command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True, emits=("performance_sheet.closed",))
async def close_performance(ctx: Context, *, site: Site, period: str) -> AccountingMonth | None:
    """Counts a closed month for good: its sheets become drafts, each with the digest of its lines. None when that is
    done already or somebody is at it.
    """
    month = await AccountingMonth.get_or_none(site=site.value, period=period)
    if month is None or not await _claimed(site, period):
        return None
    # Looked at again under the claim: somebody may have finished meanwhile.
    month = await AccountingMonth.get(id=month.id)
    if month.digest is not None:
        return None
    totals, digest = await _count(ctx, site, period, Terms.read(month.terms))
    await _write_totals(ctx, totals, SHEET.after(SheetStatus.ESTIMATE, "close"))
    lines = sum(total.lines for total in totals.values())
    await AccountingMonth.filter(id=month.id).update(digest=digest, lines=lines)
    ids = [total.sheet_id for total in totals.values()]
    for sheet in await PerformanceSheet.filter(id__in=ids).order_by("id"):
        ctx.event("performance_sheet.closed", sheet, partner_id=sheet.partner_id, period=period, status=sheet.status)
    ctx.effect("performance.closed", None, period=period, site=site.value)
    ctx.audit(period=period, site=site.value, sheets=len(totals), lines=lines)
    return month


async def recompute(site: Site, period: str) -> AsyncIterator[bytes]:
    """The record of a closed month, counted again from the consumption under the month's own terms: canonical JSON
    lines by partner, currency and line. Their SHA-256 is the month's digest.
    """
    month = await AccountingMonth.get(site=site.value, period=period)
    async for page in _counted(site, period, Terms.read(month.terms)):
        yield b"".join(line.record for line in page)


async def _claimed(site: Site, period: str) -> bool:
    """Whether this transaction alone counts the month now."""
    row = await db.fetch_one(_CLAIM, site.value, period)
    return row is not None and bool(row["claimed"])


async def _count(ctx: Context, site: Site, period: str, terms: Terms) -> tuple[dict[tuple[UUID, str], _Total], bytes]:
    """Writes the month's lines, those that changed since the last time; the sheets' totals and the month's digest."""
    totals = await _sheets(ctx, site, period)
    whole = hashlib.sha256()
    async for page in _counted(site, period, terms):
        for line in page:
            total = totals[line.row["partner_id"], line.row["currency"]]
            total.amount += line.amount
            total.lines += 1
            total.digest.update(line.record)
            whole.update(line.record)
        await db.fetch_patiently(
            _WRITE,
            [uuid7() for _ in page],
            [totals[line.row["partner_id"], line.row["currency"]].sheet_id for line in page],
            [line.amount for line in page],
            [orjson.dumps(line.left_out).decode() for line in page],
            *([line.row[column] for line in page] for column in _COPIED),
            seconds=PATIENCE,
        )
    return totals, whole.digest()


async def _sheets(ctx: Context, site: Site, period: str) -> dict[tuple[UUID, str], _Total]:
    """An empty total for each sheet of the month; sheets that are missing are made."""
    rows = await db.fetch(_PARTNERS, site.value, period)
    partners, currencies = [row["partner_id"] for row in rows], [row["currency"] for row in rows]
    await db.fetch(_SHEETS, [uuid7() for _ in rows], partners, currencies, site.value, period, ctx.now)
    sheets = await PerformanceSheet.filter(site=site.value, period=period).only("id", "partner_id", "currency")
    return {(sheet.partner_id, sheet.currency): _Total(sheet.id) for sheet in sheets}


async def _counted(site: Site, period: str, terms: Terms) -> AsyncIterator[Sequence[_Line]]:
    """The month's lines by partner, currency and id, counted under `terms`, a page at a time."""
    place = _FIRST
    while True:
        rows = await db.fetch_patiently(
            _LINES, site.value, period, *place, PAGE, bool(terms.rebind_months), seconds=PATIENCE
        )
        if rows:
            yield [_line(row, terms, site, period) for row in rows]
        if len(rows) < PAGE:
            return
        place = rows[-1]["partner_id"], rows[-1]["currency"], rows[-1]["id"]


def _line(row: dict[str, Any], terms: Terms, site: Site, period: str) -> _Line:
    flags = orjson.loads(row["flags"]) if len(row["flags"]) > 2 else ()
    payments = [row[f"{name}_amount"] for name in PAYMENTS]
    found = compute_performance(Consumed(payments, flags, row["paid_at"], row["rebound_at"]), terms, site)
    record = canonical(
        {
            "period": period,
            "partner": str(row["partner_id"]),
            "currency": row["currency"],
            "line": str(row["id"]),
            "reference": row["reference"],
            "customer": str(row["customer_id"]),
            "association": str(row["association_id"]),
            "association_type": row["association_type"],
            "product": row["product_code"],
            "paid_at": _written(row["paid_at"]),
            "amount": found.amount,
            "left_out": found.left_out,
        }
    )
    return _Line(row, found.amount, dict(found.left_out), record)


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds")


async def _write_totals(ctx: Context, totals: dict[tuple[UUID, str], _Total], status: SheetStatus) -> None:
    """What the sheets come to; with their digests unless they are estimates."""
    found = list(totals.values())
    settled = status is not SheetStatus.ESTIMATE
    await db.fetch(
        _TOTALS,
        ctx.now,
        status.value,
        [total.sheet_id for total in found],
        [total.amount for total in found],
        [total.lines for total in found],
        [total.digest.digest() if settled else None for total in found],
    )
