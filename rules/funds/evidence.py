"""What a claim says and shows: the events as they were held, the real expenses with their receipts, the invoice."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar

from rules.documents import Document
from rules.funds.kinds import MdfExpenseCategory, MdfGiftOccasion

T = TypeVar("T")


def _document(data: dict[str, Any] | None) -> Document | None:
    return None if data is None else Document(**data)


def _documents(data: list[dict[str, Any]]) -> tuple[Document, ...]:
    return tuple(Document(**one) for one in data)


def _made(kind: Callable[..., T], data: dict[str, Any], **parsed: Callable[[Any], Any]) -> T:
    """The object with these of its fields parsed from JSON; what is null stays so."""
    told = {name: None if data[name] is None else parse(data[name]) for name, parse in parsed.items()}
    return kind(**{**data, **told})


def _stored(value: Any) -> Any:
    """As JSON: days as texts."""
    if isinstance(value, dict):
        return {name: _stored(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_stored(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


@dataclass(frozen=True, slots=True)
class MdfHeldEvent:
    """One event as it was held: its real days, and what shows it; `substitutes` where no photo can be taken."""

    starts_on: date
    ends_on: date
    photos: tuple[Document, ...] = ()
    substitutes: tuple[Document, ...] = ()

    @classmethod
    def of(cls, data: dict[str, Any]) -> "MdfHeldEvent":
        """From the JSON that is kept."""
        day = date.fromisoformat
        return _made(cls, data, starts_on=day, ends_on=day, photos=_documents, substitutes=_documents)


@dataclass(frozen=True, slots=True)
class MdfClaimLine:
    """One real expense with its sealed receipt, in minor units.

    `receipt_category` and `detail_category` are what the receipt and the detail of the invoice call the expense;
    `confirmation` is the cooperation owner's mail about a receipt that names another one.
    """

    category: MdfExpenseCategory
    amount: int
    fund_amount: int
    receipt_category: MdfExpenseCategory
    detail_category: MdfExpenseCategory
    payee: str
    paid_on: date
    receipt: Document | None = None
    mismatch_reason: str = ""
    confirmation: Document | None = None
    item: str = ""
    quantity: int | None = None
    heads: int | None = None
    occasion: MdfGiftOccasion | None = None

    @classmethod
    def of(cls, data: dict[str, Any]) -> "MdfClaimLine":
        """From the JSON that is kept."""
        kind = MdfExpenseCategory
        return _made(
            cls,
            data,
            category=kind,
            receipt_category=kind,
            detail_category=kind,
            paid_on=date.fromisoformat,
            receipt=_document,
            confirmation=_document,
            occasion=MdfGiftOccasion,
        )


@dataclass(frozen=True, slots=True)
class MdfClaimForm:
    """What a claim says of an activity that is over, in minor units; what a draft leaves open is empty or None."""

    summary: str = ""
    leads: int | None = None
    opportunities: int | None = None
    held: tuple[MdfHeldEvent, ...] = ()
    lines: tuple[MdfClaimLine, ...] = ()
    invoice: Document | None = None
    invoice_title: str = ""
    invoice_amount: int | None = None
    media_summary: Document | None = None
    delay_approval: Document | None = None

    @property
    def total(self) -> int:
        """What everything cost."""
        return sum(line.amount for line in self.lines)

    @property
    def fund_total(self) -> int:
        """What is claimed from the fund."""
        return sum(line.fund_amount for line in self.lines)

    @classmethod
    def of(cls, data: dict[str, Any] | None) -> "MdfClaimForm":
        """From the JSON that is kept; an empty form where there is none."""
        if not data:
            return cls()
        return _made(
            cls,
            data,
            held=lambda rows: tuple(map(MdfHeldEvent.of, rows)),
            lines=lambda rows: tuple(map(MdfClaimLine.of, rows)),
            invoice=_document,
            media_summary=_document,
            delay_approval=_document,
        )

    def data(self) -> dict[str, Any]:
        """As JSON."""
        stored: dict[str, Any] = _stored(asdict(self))
        return stored
