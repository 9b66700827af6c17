"""What the files say: the rows of each topic as the partner's main account sees them, written bit by bit."""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import IO, TypeVar

import orjson
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core import db
from core.csv_text import csv_line
from core.ids import encode_id
from models.associations import CustomerAssociation
from models.base import Mask, Row
from models.bills import ConsumptionLine
from models.customers import Customer
from models.feeds import FeedDelivery
from models.incentives import Incentive
from models.partners import Partner
from models.performance import PerformanceLine, PerformanceSheet
from models.resellers import ResellerLink
from resolvers import bills, customers
from resolvers.context import Context
from resolvers.customers.scope import visible_customers
from resolvers.incentives import explaining, performance, reads
from resolvers.pages import Order, beyond
from resolvers.resellers.reading import resellers
from rules.bills import COLUMNS as AMOUNTS
from rules.calendar import end_of_day, start_of_day
from rules.contacts import mask_email, mask_mobile, mask_name
from rules.feeds import COLUMNS, FeedTopic
from rules.incentives.kinds import Indicator
from rules.money import format_amount

BATCH = 1_000
"""Rows that are in memory at once; each batch is read in a transaction of its own."""
_BY_ID, _BY_ARRIVAL = Order(descending=False), Order("imported_at", descending=False)
Cells = Sequence[str | int | bool | None]
R = TypeVar("R", bound=Row)
_MASKS: dict[Mask, Callable[[str], str]] = {Mask.NAME: mask_name, Mask.MOBILE: mask_mobile, Mask.EMAIL: mask_email}


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: rows without the head, bytes, and the SHA-256 in hexadecimal digits."""

    rows: int
    size: int
    sha256: str

    def manifest(self, delivery: FeedDelivery, key: str, at: datetime) -> bytes:
        """What stands beside the file, as JSON."""
        told = {
            "topic": delivery.topic.value,
            "day": delivery.day.isoformat(),
            "file": key,
            "writtenAt": _instant(at),
            "columns": COLUMNS[delivery.topic],
            "rows": self.rows,
            "bytes": self.size,
            "sha256": self.sha256,
        }
        return orjson.dumps(told, option=orjson.OPT_INDENT_2)


async def write_file(ctx: Context, topic: FeedTopic, day: date, into: IO[bytes]) -> Written:
    """Writes the topic's rows of a day as CSV with a head, in the eyes of the context's actor."""
    digest, rows, size = hashlib.sha256(), 0, 0

    def add(lines: bytes) -> None:
        nonlocal size
        digest.update(lines)
        size += into.write(lines)

    add(csv_line(COLUMNS[topic]))
    async for batch in _BATCHES[topic](ctx, day):
        add(b"".join(csv_line(cells) for cells in batch))
        rows += len(batch)
    return Written(rows, size, digest.hexdigest())


async def _walk(ctx: Context, rows: Callable[[], QuerySet[R]], order: Order = _BY_ID) -> AsyncIterator[list[R]]:
    """Rows in an order that an index has, a batch at a time."""
    last: R | None = None
    while True:
        async with db.read(ctx.actor.scope):
            rest = rows() if last is None else rows().filter(beyond(order, getattr(last, order.column), last.id))
            batch = await rest.order_by(*(sort.name for sort in order.sorts)).limit(BATCH)
        if batch:
            yield batch
        if len(batch) < BATCH:
            return
        last = batch[-1]


async def _customers(ctx: Context, day: date) -> AsyncIterator[list[Cells]]:
    async for batch in _walk(ctx, lambda: visible_customers(ctx)):
        async with db.read(ctx.actor.scope):
            associations = await customers.associations_of(ctx, batch)
        yield [_customer(row, association) for row, association in zip(batch, associations, strict=True)]


def _customer(row: Customer, association: CustomerAssociation | None) -> Cells:
    own = (_id(row), _masked(row, "name"), _masked(row, "mobile"), _masked(row, "email"), _instant(row.registered_at))
    if association is None:
        return (*own, None, None, None, None)
    since = _instant(association.started_at)
    return (*own, _id(association), association.type.value, since, association.label)


async def _consumption(ctx: Context, day: date) -> AsyncIterator[list[Cells]]:
    """What arrived on the day, so that each line is in one day's file, however late it came."""
    site = ctx.actor.site
    during = {"imported_at__gte": start_of_day(day, site), "imported_at__lt": end_of_day(day, site)}
    async for batch in _walk(ctx, lambda: bills.visible_consumption(ctx).filter(**during), _BY_ARRIVAL):
        yield [_line(row) for row in batch]


def _line(row: ConsumptionLine) -> Cells:
    return (
        _id(row),
        row.reference,
        encode_id(Customer.prefix, row.customer_id),
        None if row.association_type is None else row.association_type.value,
        row.order_ref,
        row.bill_type.value,
        row.service_code,
        row.product_code,
        row.charging_mode.value,
        row.region,
        _instant(row.paid_at),
        _instant(row.imported_at),
        row.period,
        " ".join(row.flags),
        row.currency,
        *(format_amount(getattr(row, name)) for name in AMOUNTS),
    )


async def _performance(ctx: Context, day: date) -> AsyncIterator[list[Cells]]:
    """The lines of the months that are not final, and of those that became final on the day."""
    site = ctx.actor.site
    settled = Q(audited_at__gte=start_of_day(day, site), audited_at__lt=end_of_day(day, site))
    open_or_settled = Q(audited_at__isnull=True) | settled
    async for sheets in _walk(ctx, lambda: performance.visible_sheets(ctx).filter(open_or_settled)):
        for sheet in sheets:
            async for batch in _walk(ctx, partial(_lines_of, ctx, sheet)):
                yield [_performance_line(sheet, row) for row in batch]


def _lines_of(ctx: Context, sheet: PerformanceSheet) -> QuerySet[PerformanceLine]:
    return performance.visible_lines(ctx).filter(sheet_id=sheet.id)


def _performance_line(sheet: PerformanceSheet, row: PerformanceLine) -> Cells:
    left_out = [f"{reason}={format_amount(amount)}" for reason, amount in sorted(row.left_out.items())]
    return (
        _id(row),
        _id(sheet),
        sheet.period,
        sheet.status.value,
        encode_id(Customer.prefix, row.customer_id),
        row.association_type.value,
        row.product_code,
        _instant(row.paid_at),
        row.currency,
        format_amount(row.amount),
        " ".join(left_out),
    )


async def _estimates(ctx: Context, day: date) -> AsyncIterator[list[Cells]]:
    async with db.read(ctx.actor.scope):
        found = await explaining.incentive_estimates(ctx)
    yield [(*_policy(one), one.currency, format_amount(one.computed.amount)) for one in found]


def _policy(one: explaining.Reckoning) -> Cells:
    policy = one.policy
    return (one.period, policy.id, policy.version, policy.association_type.value)


async def _incentives(ctx: Context, day: date) -> AsyncIterator[list[Cells]]:
    async for batch in _walk(ctx, lambda: reads.incentives(ctx)):
        yield [_incentive(row) for row in batch]


def _incentive(row: Incentive) -> Cells:
    return (
        _id(row),
        *_policy(explaining.reckoning_of(row)),
        row.status.value,
        row.frozen,
        row.currency,
        format_amount(row.computed_amount),
        format_amount(row.amount),
        _instant(row.generated_at),
        _instant(row.confirm_deadline),
        _instant(row.confirmed_at),
        _instant(row.claim_until),
    )


async def _indicators(ctx: Context, day: date) -> AsyncIterator[list[Cells]]:
    """What each incentive, and then each estimate, comes from."""
    async for batch in _walk(ctx, lambda: reads.incentives(ctx)):
        yield [_indicator(explaining.reckoning_of(row), estimated=False) for row in batch]
    async with db.read(ctx.actor.scope):
        found = await explaining.incentive_estimates(ctx)
    yield [_indicator(one, estimated=True) for one in found]


def _indicator(one: explaining.Reckoning, *, estimated: bool) -> Cells:
    policy, computed = one.policy, one.computed
    return (
        *_policy(one),
        estimated,
        policy.base.value,
        _value(policy.base, computed.base),
        policy.threshold.value,
        _value(policy.threshold, computed.threshold),
        None if computed.step is None else _value(policy.threshold, computed.step.start),
        f"{computed.rate.normalize():f}",
        one.currency,
        format_amount(computed.amount),
    )


def _value(indicator: Indicator, value: int) -> str:
    return str(value) if indicator is Indicator.CUSTOMERS else format_amount(value)


async def _resellers(ctx: Context, day: date) -> AsyncIterator[list[Cells]]:
    async for batch in _walk(ctx, lambda: resellers(ctx)):
        yield [_link(row) for row in batch]


def _link(row: ResellerLink) -> Cells:
    return (
        _id(row),
        encode_id(Partner.prefix, row.reseller_id),
        row.company_name,
        _masked(row, "mobile"),
        _masked(row, "email"),
        row.status.value,
        _instant(row.began_at),
        _instant(row.exiting_at),
        _instant(row.ended_at),
    )


_BATCHES: dict[FeedTopic, Callable[[Context, date], AsyncIterator[list[Cells]]]] = {
    FeedTopic.CUSTOMER_INFO: _customers,
    FeedTopic.CUSTOMER_CONSUMPTION: _consumption,
    FeedTopic.PERFORMANCE: _performance,
    FeedTopic.ESTIMATED_INCENTIVE: _estimates,
    FeedTopic.INCENTIVE: _incentives,
    FeedTopic.INDICATOR_DETAIL: _indicators,
    FeedTopic.RESELLER_INFO: _resellers,
}


def _id(row: Row) -> str:
    return encode_id(row.prefix, row.id)


def _masked(row: Row, column: str) -> str | None:
    value = getattr(row, column)
    return None if value is None else _MASKS[row.masks[column]](value)


def _instant(value: datetime | None) -> str | None:
    """As the API writes it: UTC, milliseconds."""
    if value is None:
        return None
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
