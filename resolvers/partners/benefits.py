"""Overdue bills of partners as the vendor enters them, and the freeze of benefits that follows from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core import db
from core.scope import EVERYTHING
from models.partners import OverdueBill, Partner
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.nodes import findable, own_rows
from resolvers.partners.scope import access_partner, is_inside
from resolvers.per_parent import newest_of
from resolvers.related import WHOLE, Selection
from rules.access import Permission
from rules.errors import ErrorCode, Violation, require
from rules.money import parse_amount
from rules.partners.benefits import (
    FROZEN_KINDS,
    DueBill,
    RecordedBill,
    check_benefits,
    check_bill,
    check_named,
    compute_frozen_since,
)
from rules.sites import Site

BATCH = 500


class GivenBill(Protocol):
    """A bill as the vendor enters it."""

    @property
    def number(self) -> str:
        """The bill's number, unique on its site."""

    @property
    def amount(self) -> str:
        """What is not paid, as decimal text in the site's currency."""

    @property
    def overdue_since(self) -> datetime:
        """The first instant at which it is overdue."""


@dataclass(frozen=True, slots=True)
class _Entry:
    number: str
    amount: int
    overdue_since: datetime


def visible_bills(ctx: Context) -> QuerySet[OverdueBill]:
    """The vendor sees every overdue bill, a partner its own."""
    return own_rows(ctx, OverdueBill)


findable(OverdueBill, Permission.PARTNERS_READ, visible_bills)


async def unpaid_of(*partners: Partner) -> dict[UUID, list[DueBill]]:
    """Partner → the bills that it has not paid yet. One statement."""
    found: dict[UUID, list[DueBill]] = {partner.id: [] for partner in partners}
    for row in await OverdueBill.filter(partner_id__in=list(found), cleared_at__isnull=True):
        found[row.partner_id].append(DueBill(row.number, row.overdue_since))
    return found


async def benefits_blockers(ctx: Context, *partners: Partner) -> dict[UUID, list[Violation]]:
    """Partner → BENEFITS_FROZEN as its bills stand now; every command that gives or pays a benefit asks."""
    unpaid = await unpaid_of(*partners)
    return {partner.id: check_benefits(partner.kind, unpaid[partner.id], ctx.now) for partner in partners}


async def overdue_of(
    ctx: Context, parents: Sequence[Partner], *, first: int, selection: Selection = WHOLE
) -> list[list[OverdueBill] | None]:
    """The bills that each partner has not paid, the newest first; None for its customers. One statement."""
    unpaid = visible_bills(ctx).filter(cleared_at__isnull=True)
    found = await newest_of(ctx, unpaid, "partner_id", parents, first=first, selection=selection)
    return [bills if is_inside(ctx, parent) else None for parent, bills in zip(parents, found, strict=True)]


async def changed_freezes(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Partners of whom the freeze on record is not what their bills say now; none of those `without`."""
    async with db.read(EVERYTHING):
        due = OverdueBill.filter(cleared_at__isnull=True, overdue_since__lte=ctx.now)
        owing = [row.partner_id for row in await due.only("id", "partner_id")]
        liable = Q(kind__in=FROZEN_KINDS)
        fresh = liable & Q(benefits_frozen_since__isnull=True, id__in=owing)
        stale = Q(benefits_frozen_since__isnull=False) & (~Q(id__in=owing) | ~liable | Q(kind__isnull=True))
        changed = Partner.filter(fresh | stale).exclude(id__in=list(without))
        rows = await changed.order_by("id").limit(BATCH).only("id")
    return [row.id for row in rows]


_EMITS = ("partner.bills_recorded", "partner.benefits_frozen", "partner.benefits_released")


@command(
    permission=Permission.PARTNERS_RECORD_BILLS,
    refuses=(
        ErrorCode.INVALID_FORMAT,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.REPEATED,
        ErrorCode.REQUIRED,
        ErrorCode.OVERDUE_BILL_OF_OTHER,
        ErrorCode.OVERDUE_BILL_CLEARED,
    ),
    emits=_EMITS,
)
async def record_overdue_bills(ctx: Context, *, partner_id: UUID, bills: Sequence[GivenBill]) -> Partner:
    """Enters bills that a partner has not paid; known by its number, one that is there already gets what is said now.

    From the instant at which one of them is overdue, all benefits of a solution provider or distributor are frozen.
    """
    partner = await access_partner(ctx, partner_id, "input", "partnerId")
    numbers = [bill.number.strip() for bill in bills]
    known = {row.number: row for row in await OverdueBill.filter(site=partner.site, number__in=numbers)}
    entries, wrong = _read(bills, known, partner)
    require(wrong + check_named(len(bills), "input", "bills"))
    for entry in entries:
        await _write(ctx, partner, entry, known.get(entry.number))
    ctx.event("partner.bills_recorded", partner, partner_id=partner.id, bills=len(entries))
    ctx.effect("partner.bills_recorded", partner)
    await follow_bills(ctx, partner)
    return partner


def _read(
    bills: Sequence[GivenBill], known: Mapping[str, OverdueBill], partner: Partner
) -> tuple[list[_Entry], list[Violation]]:
    entries: list[_Entry] = []
    wrong: list[Violation] = []
    seen: set[str] = set()
    for place, bill in enumerate(bills):
        path, number = ("input", "bills", str(place)), bill.number.strip()
        amount = parse_amount(bill.amount, *path, "amount")
        if isinstance(amount, Violation):
            wrong.append(amount)
            continue
        row = known.get(number)
        record = None if row is None else RecordedBill(row.partner_id == partner.id, row.cleared_at is not None)
        wrong += check_bill(amount, record, *path, repeated=number in seen)
        seen.add(number)
        entries.append(_Entry(number, amount, bill.overdue_since))
    return entries, wrong


async def _write(ctx: Context, partner: Partner, entry: _Entry, row: OverdueBill | None) -> None:
    said = {"amount": entry.amount, "overdue_since": entry.overdue_since}
    if row is None:
        await OverdueBill.insert(
            now=ctx.now,
            site=partner.site,
            number=entry.number,
            partner_id=partner.id,
            currency=Site(partner.site).currency,
            recorded_by=ctx.actor.account_id,
            **said,
        )
    elif (row.amount, row.overdue_since) != (entry.amount, entry.overdue_since):
        await row.change(now=ctx.now, recorded_by=ctx.actor.account_id, **said)


@command(
    permission=Permission.PARTNERS_RECORD_BILLS,
    refuses=(ErrorCode.REQUIRED,),
    emits=("partner.bills_cleared", "partner.benefits_frozen", "partner.benefits_released"),
)
async def clear_overdue_bills(ctx: Context, *, partner_id: UUID, numbers: list[str]) -> Partner:
    """Enters that a partner has paid these bills; benefits are released when none is left. What is paid stays so."""
    partner = await access_partner(ctx, partner_id, "input", "partnerId")
    paid = [number.strip() for number in numbers]
    rows = await OverdueBill.filter(partner_id=partner.id, number__in=paid)
    known = {row.number for row in rows}
    wrong = [
        Violation(ErrorCode.NOT_FOUND, ("input", "numbers", str(place)))
        for place, number in enumerate(paid)
        if number not in known
    ]
    require(wrong + check_named(len(paid), "input", "numbers"))
    for row in rows:
        if row.cleared_at is None:
            await row.change(now=ctx.now, cleared_at=ctx.now)
    ctx.event("partner.bills_cleared", partner, partner_id=partner.id, bills=len(rows))
    ctx.effect("partner.bills_cleared", partner)
    await follow_bills(ctx, partner)
    return partner


async def follow_bills(ctx: Context, partner: Partner) -> bool:
    """Freezes or releases the partner's benefits as its bills say, and tells it; whether anything changed.

    The partner is locked.
    """
    unpaid = (await unpaid_of(partner))[partner.id]
    since, before = compute_frozen_since(partner.kind, unpaid, ctx.now), partner.benefits_frozen_since
    if since == before:
        return False
    await partner.change(now=ctx.now, benefits_frozen_since=since)
    if before is None:
        ctx.event("partner.benefits_frozen", partner, partner_id=partner.id)
        ctx.effect("partner.benefits_frozen", partner)
        ctx.notify("benefits_frozen", partner, about=partner, facts={"bills": _named(unpaid, ctx.now)})
    elif since is None:
        ctx.event("partner.benefits_released", partner, partner_id=partner.id)
        ctx.effect("partner.benefits_released", partner)
        ctx.notify("benefits_released", partner, about=partner)
    return True


def _named(bills: Iterable[DueBill], now: datetime) -> str:
    return ", ".join(sorted(bill.number for bill in bills if bill.overdue_since <= now))


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("partner.benefits_frozen", "partner.benefits_released"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def refresh_benefits(ctx: Context, *, partner_id: UUID) -> Partner | None:
    """Freezes or releases a partner's benefits as its bills say today; None where nothing changes."""
    partner = await Partner.filter(id=partner_id).select_for_update().first()
    return partner if partner is not None and await follow_bills(ctx, partner) else None
