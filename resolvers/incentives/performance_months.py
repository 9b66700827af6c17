"""Counting a month's performance: the estimate while it runs, the settled sheets once it is over, and both again.

A month is closed in two steps. The first is short and takes the months' lock alone: from then on lines that arrive go
to the next month. The second counts, however long that takes, and can be tried again. What a closed month was counted
from never changes, and its terms are kept with it: counting again gives the same bytes.
"""

import hashlib
import re
from collections.abc import AsyncIterator
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
from rules.calendar import start_of_day
from rules.incentives.performance import (
    SHEET,
    Consumed,
    Exclusion,
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
_WORD = re.compile("[A-Z_]+")
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
# One page of lines, each with what counts of it: the rules' `compute_performance` as a statement, made of the terms.
_WRITE = """
    with page as materialized (
      select line.* from consumption_line line
      where site = $1 and period = $2 and (partner_id, currency, id) > ($3, $4, $5)
      order by partner_id, currency, id limit $6
    ), counted as (
      select page.*, {counting} as counting, {reason} as whole
      from page join customer_association association on association.id = page.association_id
    ), written as (
      insert into performance_line as known (id, sheet_id, amount, left_out, consumption_line_id, partner_id,
                                             customer_id, association_id, association_type, product_code, currency,
                                             paid_at)
      select line.id, sheet.id, case when whole is null then counting else 0 end, {left_out}, line.id, line.partner_id,
             line.customer_id, line.association_id, line.association_type, line.product_code, line.currency,
             line.paid_at
      from counted line join performance_sheet sheet
        on sheet.partner_id = line.partner_id and sheet.period = $2 and sheet.currency = line.currency
      on conflict (consumption_line_id) do update set amount = excluded.amount, left_out = excluded.left_out
      where (known.amount, known.left_out) is distinct from (excluded.amount, excluded.left_out)
    )
    select partner_id, currency, id, (select count(*) from page) as lines
    from page order by partner_id desc, currency desc, id desc limit 1
"""
_REBOUND = """
    $7::int > 0 and association.started_at >= $8::timestamptz
    and page.paid_at
      < ((association.started_at at time zone $9::text) + make_interval(months => $7::int)) at time zone $9::text
    and exists (
      select from customer_association before where before.customer_id = page.customer_id
        and before.partner_id <> page.partner_id and before.started_at < association.started_at)
"""
RECORD = """
    format('{"amount":%s,"association":"%s","association_type":"%s","currency":"%s","customer":"%s","left_out":{%s},'
           '"line":"%s","paid_at":"%s","partner":"%s","period":"%s","product":%s,"reference":%s}' || chr(10),
           line.amount, line.association_id, line.association_type, line.currency, line.customer_id,
           (select string_agg(format('"%s":%s', key, value), ',' order by key collate "C")
            from jsonb_each_text(line.left_out)),
           line.consumption_line_id, to_char(line.paid_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
           line.partner_id, sheet.period, to_json(line.product_code), to_json(consumed.reference))
"""
"""The canonical form of a written line in SQL: of `performance_line line`, its `sheet` and what was `consumed`."""
# Materialized: the planner, which cannot see through row-level security, would count once for each sheet.
_ESTIMATE = """
    with counted as materialized (
      select sheet.id, sum(line.amount)::bigint as total, count(*)::int as lines
      from performance_sheet sheet join performance_line line on line.sheet_id = sheet.id
      where sheet.site = $1 and sheet.period = $2 group by sheet.id
    )
    update performance_sheet sheet
    set total = counted.total, line_count = counted.lines, version = sheet.version + 1, updated_at = $3
    from counted
    where sheet.id = counted.id and (sheet.total, sheet.line_count) is distinct from (counted.total, counted.lines)
"""
_SETTLE = f"""
    with counted as materialized (
      select sheet.id, sum(line.amount)::bigint as total, count(*)::int as lines,
             sha256(convert_to(string_agg({RECORD}, '' order by line.consumption_line_id), 'UTF8')) as digest
      from performance_sheet sheet join performance_line line on line.sheet_id = sheet.id
      join consumption_line consumed on consumed.id = line.consumption_line_id
      where sheet.site = $1 and sheet.period = $2 group by sheet.id
    )
    update performance_sheet sheet
    set total = counted.total, line_count = counted.lines, digest = counted.digest, status = $4,
        closed_at = $3::timestamptz, version = sheet.version + 1, updated_at = $3::timestamptz
    from counted where sheet.id = counted.id and sheet.status = 'ESTIMATE'
"""  # noqa: S608 - a constant
_OPEN_MONTHS = (
    "select distinct period from consumption_line where site = $1 and period > $2 and period <= $3 order by 1"
)


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
    await _count(ctx, site, period, Terms.of(ctx.policies.at(site, ctx.now)))
    await db.fetch_patiently(_ESTIMATE, site.value, period, ctx.now, seconds=PATIENCE)


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
    await _count(ctx, site, period, Terms.read(month.terms))
    status = SHEET.after(SheetStatus.ESTIMATE, "close")
    await db.fetch_patiently(_SETTLE, site.value, period, ctx.now, status.value, seconds=PATIENCE)
    sheets = await PerformanceSheet.filter(site=site.value, period=period).order_by("partner_id", "currency")
    for sheet in sheets:
        ctx.event("performance_sheet.closed", sheet, partner_id=sheet.partner_id, period=period, status=sheet.status)
    lines = sum(sheet.line_count for sheet in sheets)
    digest = hashlib.sha256(b"".join(bytes(sheet.digest or b"") for sheet in sheets)).digest()
    await AccountingMonth.filter(id=month.id).update(digest=digest, lines=lines)
    ctx.effect("performance.closed", None, period=period, site=site.value)
    ctx.audit(period=period, site=site.value, sheets=len(sheets), lines=lines)
    return month


async def recompute(site: Site, period: str) -> AsyncIterator[tuple[UUID, str, bytes]]:
    """The record of a closed month, counted again by the rules from the consumption and the month's own terms: for each
    sheet in order its partner, its currency and its lines as canonical JSON, whose SHA-256 is the sheet's digest.
    """
    month = await AccountingMonth.get(site=site.value, period=period)
    terms = Terms.read(month.terms)
    place, sheet = _FIRST, None
    parts: list[bytes] = []
    while True:
        rows = await db.fetch_patiently(
            _LINES, site.value, period, *place, PAGE, bool(terms.rebind_months), seconds=PATIENCE
        )
        for row in rows:
            if sheet is not None and sheet != (row["partner_id"], row["currency"]):
                yield *sheet, b"".join(parts)
                parts = []
            sheet = row["partner_id"], row["currency"]
            parts.append(_record(row, terms, site, period))
        if len(rows) < PAGE:
            break
        place = rows[-1]["partner_id"], rows[-1]["currency"], rows[-1]["id"]
    if sheet is not None:
        yield *sheet, b"".join(parts)


def _record(row: dict[str, Any], terms: Terms, site: Site, period: str) -> bytes:
    payments = [row[f"{name}_amount"] for name in PAYMENTS]
    line = Consumed(payments, orjson.loads(row["flags"]), row["paid_at"], row["rebound_at"])
    found = compute_performance(line, terms, site)
    return canonical(
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
            "paid_at": row["paid_at"].isoformat(timespec="microseconds"),
            "amount": found.amount,
            "left_out": found.left_out,
        }
    )


async def _claimed(site: Site, period: str) -> bool:
    """Whether this transaction alone counts the month now."""
    row = await db.fetch_one(_CLAIM, site.value, period)
    return row is not None and bool(row["claimed"])


async def _count(ctx: Context, site: Site, period: str, terms: Terms) -> None:
    """Makes the month's missing sheets and writes its lines, those that changed since the last time, page by page."""
    rows = await db.fetch(_PARTNERS, site.value, period)
    partners, currencies = [row["partner_id"] for row in rows], [row["currency"] for row in rows]
    await db.fetch(_SHEETS, [uuid7() for _ in rows], partners, currencies, site.value, period, ctx.now)
    statement, place = _writing(terms), _FIRST
    rebound = terms.rebind_months, start_of_day(terms.rebind_from, site), site.zone.key
    while True:
        last = await db.fetch_patiently(statement, site.value, period, *place, PAGE, *rebound, seconds=PATIENCE)
        if not last or last[0]["lines"] < PAGE:
            return
        place = last[0]["partner_id"], last[0]["currency"], last[0]["id"]


def _writing(terms: Terms) -> str:
    """`_WRITE` with what counts and what does not under these terms; their words are checked, since they become SQL."""
    rebound = Exclusion.REBOUND_CUSTOMER.value
    reasons = {*terms.excluded_payments.values(), *terms.excluding_flags.values(), rebound}
    for word in (*reasons, *terms.excluding_flags):
        if not _WORD.fullmatch(word):
            raise ValueError(f"{word!r} is no reason")
    flags = [f"when page.flags ? '{flag}' then '{reason}'" for flag, reason in sorted(terms.excluding_flags.items())]
    left_out = ", ".join(_left_out(reason, terms) for reason in sorted(reasons))
    return _WRITE.format(
        counting=" + ".join(f"page.{name}_amount" for name in PAYMENTS if name not in terms.excluded_payments),
        reason=f"case {' '.join(flags)} when {_REBOUND} then '{rebound}' end",
        left_out=f"jsonb_strip_nulls(jsonb_build_object({left_out}))",
    )


def _left_out(reason: str, terms: Terms) -> str:
    """The sum that is left out for one reason, as a pair for `jsonb_build_object`; null for nothing."""
    own = [f"line.{name}_amount" for name in PAYMENTS if terms.excluded_payments.get(name) == reason]
    whole = f"case when whole = '{reason}' then counting else 0 end"
    return f"'{reason}', nullif({' + '.join([*own, whole])}, 0)"
