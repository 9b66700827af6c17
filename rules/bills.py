"""Consumption lines: what one must say, what its amounts are made of, and which accounting month it falls into."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from core.ids import find_id
from rules.calendar import add_months, day_of, start_of_day
from rules.errors import ErrorCode, Violation
from rules.money import parse_amount
from rules.policy import BILLS_CONSUMPTION_MONTHS, Policy
from rules.registry import rule
from rules.sites import Site

LINES_MOST = 500
"""Most lines of one call."""
CUSTOMER_PREFIX = "cus"

_CONSUMPTION_PAGE = "https://huaweicloud.com/s/JeWNjuS4uueahGVycCU/t_30_p_49/JeWQiOS9nOS8meS8tOS4reW_gyU"


class BillType(StrEnum):
    """What a line bills."""

    NEW = "NEW"
    RENEW = "RENEW"
    AUTO_RENEW = "AUTO_RENEW"
    CHANGE = "CHANGE"
    REFUND = "REFUND"
    USAGE = "USAGE"
    MONTHLY_PAY = "MONTHLY_PAY"
    YEARLY_PAY = "YEARLY_PAY"
    SUPPORT_PLAN = "SUPPORT_PLAN"
    ADJUSTMENT = "ADJUSTMENT"
    ROUNDING = "ROUNDING"


class ChargingMode(StrEnum):
    """How the service is charged."""

    YEARLY_MONTHLY = "YEARLY_MONTHLY"
    PAY_PER_USE = "PAY_PER_USE"
    RESERVED_INSTANCE = "RESERVED_INSTANCE"
    ONE_TIME = "ONE_TIME"


class LineFlag(StrEnum):
    """What else is to be known of a line."""

    CARD_PURCHASE = "CARD_PURCHASE"
    NO_PERFORMANCE = "NO_PERFORMANCE"
    PAID_BY_PARTNER = "PAID_BY_PARTNER"


class ErrorPolicy(StrEnum):
    """What becomes of a call with lines that are refused."""

    ALL_OR_NOTHING = "ALL_OR_NOTHING"
    SKIP_REFUSED = "SKIP_REFUSED"


REDUCTIONS = ("discount", "rounding")
"""What is taken off the official price before anything is paid."""
PAYMENTS = (
    "cash",
    "credit",
    "voucher",
    "cash_coupon",
    "no_performance_coupon",
    "card",
    "bonus",
    "debt",
    "write_off",
)
"""What the rest is settled with."""
AMOUNTS = ("official", *REDUCTIONS, *PAYMENTS)
"""The amounts of a line; the column, input field and file column of each is `<name>_amount`."""
COLUMNS = tuple(f"{name}_amount" for name in AMOUNTS)

_TEXTS: tuple[tuple[str, int, bool], ...] = (
    ("reference", 64, True),
    ("order_ref", 64, False),
    ("service_code", 64, True),
    ("product_code", 64, True),
    ("region", 64, False),
)
"""Text, longest, whether it must be given."""
TEXTS_MOST = {name: most for name, most, _ in _TEXTS}

_NEVER_NEGATIVE = frozenset(BillType) - {BillType.REFUND, BillType.CHANGE, BillType.ADJUSTMENT, BillType.ROUNDING}
_RULE = "bills.line"
E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenLine:
    """A line as a file gives it, nothing checked yet; the API's input has the same fields.

    Texts as they stand there: a public id, the enums' values, decimals, an RFC 3339 instant (from the API an instant).
    """

    reference: str | None = None
    customer_id: str | None = None
    bill_type: str | None = None
    service_code: str | None = None
    product_code: str | None = None
    charging_mode: str | None = None
    paid_at: datetime | str | None = None
    order_ref: str | None = None
    region: str | None = None
    currency: str | None = None
    flags: tuple[str, ...] | None = None
    official_amount: str | None = None
    discount_amount: str | None = None
    rounding_amount: str | None = None
    cash_amount: str | None = None
    credit_amount: str | None = None
    voucher_amount: str | None = None
    cash_coupon_amount: str | None = None
    no_performance_coupon_amount: str | None = None
    card_amount: str | None = None
    bonus_amount: str | None = None
    debt_amount: str | None = None
    write_off_amount: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A sound line. `amounts` are minor units in the order of `AMOUNTS`; `currency` None is the site's."""

    reference: str
    customer_id: UUID
    order_ref: str | None
    bill_type: BillType
    service_code: str
    product_code: str
    charging_mode: ChargingMode
    region: str | None
    paid_at: datetime
    currency: str | None
    amounts: tuple[int, ...]
    flags: tuple[LineFlag, ...]


@rule(
    "bills.line",
    "B 14",
    codes=(
        ErrorCode.REQUIRED,
        ErrorCode.INVALID_FORMAT,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.NOT_FOUND,
        ErrorCode.CONSUMPTION_PAID_IN_FUTURE,
    ),
    page=_CONSUMPTION_PAGE,
)
@rule(
    "bills.amounts",
    "B 14",
    codes=(ErrorCode.CONSUMPTION_AMOUNTS_UNBALANCED, ErrorCode.CONSUMPTION_AMOUNT_SIGN),
    page=_CONSUMPTION_PAGE,
)
def read_line(given: GivenLine, *path: str, now: datetime) -> Line | list[Violation]:
    """The line that was given, or every reason why it is none; `path` leads to the line."""
    wrong: list[Violation] = []
    texts = {name: _text(given, name, most, needed, path, wrong) for name, most, needed in _TEXTS}
    customer_id = _customer(given.customer_id, path, wrong)
    bill_type = _value(BillType, given.bill_type, (*path, "billType"), wrong)
    charging_mode = _value(ChargingMode, given.charging_mode, (*path, "chargingMode"), wrong)
    paid_at = _instant(given.paid_at, now, (*path, "paidAt"), wrong)
    flags = [_value(LineFlag, flag, (*path, "flags"), wrong) for flag in given.flags or ()]
    currency = given.currency
    if currency is not None and not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        wrong.append(Violation(ErrorCode.INVALID_FORMAT, (*path, "currency"), _RULE))
    amounts = _amounts(given, bill_type, path, wrong)
    if wrong or customer_id is None or bill_type is None or charging_mode is None or paid_at is None:
        return wrong
    return Line(
        reference=texts["reference"] or "",
        customer_id=customer_id,
        order_ref=texts["order_ref"],
        bill_type=bill_type,
        service_code=texts["service_code"] or "",
        product_code=texts["product_code"] or "",
        charging_mode=charging_mode,
        region=texts["region"],
        paid_at=paid_at,
        currency=currency,
        amounts=amounts,
        flags=tuple(sorted({flag for flag in flags if flag is not None})),
    )


def _text(
    given: object, name: str, most: int, needed: bool, path: tuple[str, ...], wrong: list[Violation]
) -> str | None:
    text: str | None = getattr(given, name)
    if not text:
        if needed:
            wrong.append(Violation(ErrorCode.REQUIRED, (*path, _camel(name)), _RULE))
        return None
    if len(text) > most:
        wrong.append(Violation(ErrorCode.OUT_OF_RANGE, (*path, _camel(name)), _RULE, {"min": 1, "max": most}))
    elif not text.isprintable():
        wrong.append(Violation(ErrorCode.INVALID_FORMAT, (*path, _camel(name)), _RULE))
    return text


def _customer(text: str | None, path: tuple[str, ...], wrong: list[Violation]) -> UUID | None:
    customer_id = find_id(CUSTOMER_PREFIX, text or "")
    if customer_id is not None:
        return customer_id
    code = ErrorCode.NOT_FOUND if text else ErrorCode.REQUIRED
    wrong.append(Violation(code, (*path, "customerId"), _RULE))
    return None


def _value(kind: type[E], text: str | None, path: tuple[str, ...], wrong: list[Violation]) -> E | None:
    try:
        return kind(text or "")
    except ValueError:
        wrong.append(Violation(ErrorCode.INVALID_FORMAT if text else ErrorCode.REQUIRED, path, _RULE))
        return None


def _instant(
    given: datetime | str | None, now: datetime, path: tuple[str, ...], wrong: list[Violation]
) -> datetime | None:
    instant = _parsed(given) if isinstance(given, str) else given
    if instant is None or instant.tzinfo is None:
        wrong.append(Violation(ErrorCode.INVALID_FORMAT if given else ErrorCode.REQUIRED, path, _RULE))
        return None
    if instant > now:
        wrong.append(Violation(ErrorCode.CONSUMPTION_PAID_IN_FUTURE, path, _RULE))
    return instant


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _amounts(
    given: object, bill_type: BillType | None, path: tuple[str, ...], wrong: list[Violation]
) -> tuple[int, ...]:
    """Minor units in the order of `AMOUNTS`; what is not given is nothing, but the official price must be."""
    before, amounts = len(wrong), []
    for name, column in zip(AMOUNTS, COLUMNS, strict=True):
        text: str | None = getattr(given, column)
        amount: int | Violation = 0
        if text:
            amount = parse_amount(text, *path, _camel(column))
        elif name == "official":
            amount = Violation(ErrorCode.REQUIRED, (*path, _camel(column)), _RULE)
        if isinstance(amount, Violation):
            wrong.append(replace(amount, rule=_RULE))
            amount = 0
        amounts.append(amount)
    if len(wrong) == before:
        wrong += check_amounts(amounts, bill_type, *path)
    return tuple(amounts)


def check_amounts(amounts: Sequence[int], bill_type: BillType | None, *path: str) -> list[Violation]:
    """Official price = discount + rounding + payments; a refund gives back, other bills but corrections take."""
    violations = []
    if amounts[0] != sum(amounts[1:]):
        wanted = {"official": amounts[0], "sum": sum(amounts[1:])}
        violations.append(
            Violation(ErrorCode.CONSUMPTION_AMOUNTS_UNBALANCED, (*path, "officialAmount"), "bills.amounts", wanted)
        )
    sign = -1 if bill_type is BillType.REFUND else 1 if bill_type in _NEVER_NEGATIVE else 0
    for column, amount in zip(COLUMNS, amounts, strict=True):
        if amount * sign < 0 and column != "rounding_amount":
            violations.append(Violation(ErrorCode.CONSUMPTION_AMOUNT_SIGN, (*path, _camel(column)), "bills.amounts"))
    return violations


@cache
def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


@rule("bills.count", "B 14", codes=(ErrorCode.REQUIRED, ErrorCode.TOO_MANY))
def check_count(lines: int) -> list[Violation]:
    """One call has 1 to `LINES_MOST` lines."""
    if not lines:
        return [Violation(ErrorCode.REQUIRED, ("input", "lines"), "bills.count")]
    return [Violation(ErrorCode.TOO_MANY, ("input", "lines"), "bills.count")] if lines > LINES_MOST else []


def facts_of(line: Line, site: Site) -> dict[str, Any]:
    """What a line says, as JSON has it, in one order: equal facts are the same line sent again."""
    return {
        "reference": line.reference,
        "customer_id": str(line.customer_id),
        "order_ref": line.order_ref,
        "bill_type": line.bill_type.value,
        "service_code": line.service_code,
        "product_code": line.product_code,
        "charging_mode": line.charging_mode.value,
        "region": line.region,
        "paid_at": line.paid_at.timestamp(),
        "currency": line.currency or site.currency,
        "flags": list(line.flags),
        **dict(zip(COLUMNS, line.amounts, strict=True)),
    }


@rule("bills.once", "B 14", codes=(ErrorCode.CONSUMPTION_LINE_CHANGED,))
def check_same(known: bytes, given: bytes, *path: str) -> list[Violation]:
    """A line is never changed: the same reference with other content is refused; a correction is a line of its own."""
    if known == given:
        return []
    return [Violation(ErrorCode.CONSUMPTION_LINE_CHANGED, (*path, "reference"), "bills.once")]


def compute_month(instant: datetime, site: Site) -> str:
    """`"2026-03"`: the calendar month of `instant` in the site's zone."""
    return f"{day_of(instant, site):%Y-%m}"


def compute_month_after(month: str) -> str:
    """`"2026-12"` → `"2027-01"`."""
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02}"


def compute_month_start(month: str, site: Site) -> datetime:
    """The first instant of the month in the site's zone, as UTC."""
    return start_of_day(date.fromisoformat(f"{month}-01"), site)


@rule("bills.period", "B 15")
def compute_period(paid_at: datetime, site: Site, last_closed: str | None) -> str:
    """The accounting month of a line that arrives now: that of its payment, or the first that is still open."""
    month = compute_month(paid_at, site)
    return month if last_closed is None or month > last_closed else compute_month_after(last_closed)


@rule("bills.back", "B 14", policy=(BILLS_CONSUMPTION_MONTHS,), page=_CONSUMPTION_PAGE)
def compute_oldest_shown(now: datetime, policy: Policy) -> datetime:
    """Consumption paid before this instant is no longer shown to partners."""
    return add_months(now, -policy[BILLS_CONSUMPTION_MONTHS], policy.site.zone)


FILE_COLUMNS = {_camel(field.name): field.name for field in fields(GivenLine)}
"""Column of a file, as the API calls it → attribute of `GivenLine`."""
