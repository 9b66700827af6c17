"""What callers say and show in a claim, and what is kept of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol
from uuid import UUID

from models.funds import MdfCase
from resolvers.context import Context
from resolvers.funds.forms import ANY_AMOUNT, amount_or
from resolvers.uploads import Found, find_uploads, take_document, take_documents
from rules.documents import Document
from rules.errors import Violation
from rules.funds.evidence import MdfClaimForm, MdfClaimLine, MdfHeldEvent
from rules.funds.kinds import MdfExpenseCategory, MdfGiftOccasion


class GivenHeldEvent(Protocol):
    """An event as it was held."""

    @property
    def starts_on(self) -> date:
        """Its first day."""

    @property
    def ends_on(self) -> date:
        """Its last day."""

    @property
    def photo_ids(self) -> Any:
        """Uploads of photos."""

    @property
    def substitute_ids(self) -> Any:
        """Uploads of what takes the place of photos."""


class GivenClaimLine(Protocol):
    """A real expense; amounts as decimal text."""

    @property
    def category(self) -> MdfExpenseCategory:
        """What it was for."""

    @property
    def amount(self) -> str:
        """What it cost with tax."""

    @property
    def fund_amount(self) -> str:
        """What of it is claimed."""

    @property
    def receipt_category(self) -> MdfExpenseCategory:
        """What the sealed receipt calls it."""

    @property
    def detail_category(self) -> MdfExpenseCategory:
        """What the detail of the invoice calls it."""

    @property
    def payee(self) -> str:
        """Who was paid."""

    @property
    def paid_on(self) -> date:
        """When."""

    @property
    def receipt_id(self) -> Any:
        """Upload of the sealed receipt."""

    @property
    def mismatch_reason(self) -> str | None:
        """Why the receipt calls it something else."""

    @property
    def confirmation_id(self) -> Any:
        """Upload of the cooperation owner's mail about that."""

    @property
    def item(self) -> str | None:
        """The name of a gift."""

    @property
    def quantity(self) -> int | None:
        """How many gifts."""

    @property
    def heads(self) -> int | None:
        """For how many people."""

    @property
    def occasion(self) -> MdfGiftOccasion | None:
        """What the gifts were given for."""


def claim_of(row: MdfCase) -> MdfClaimForm:
    """What a case's claim says."""
    return MdfClaimForm.of(row.claim)


async def read_claim(
    ctx: Context,
    form: MdfClaimForm,
    *,
    events: Sequence[GivenHeldEvent] | None,
    lines: Sequence[GivenClaimLine] | None,
    files: dict[str, tuple[str, UUID | None]],
    invoice_amount: str | None,
    **told: Any,
) -> tuple[MdfClaimForm, list[Violation]]:
    """The form with what is given, and what is wrong with its files and amounts; what is None stays.

    `files` names for each field of the form the argument and the upload; `told` are fields that are taken as they are.
    """
    wrong: list[Violation] = []
    asked = [upload_id for _, upload_id in files.values()] + _uploads_of(events or (), lines or ())
    found = await find_uploads(ctx, [one for one in asked if one is not None])
    changes: dict[str, Any] = {name: value.strip() if isinstance(value, str) else value for name, value in told.items()}
    for name, (argument, upload_id) in files.items():
        changes[name] = await _file(ctx, found, upload_id, wrong, "input", argument)
    if invoice_amount is not None:
        changes["invoice_amount"] = amount_or(0, invoice_amount, wrong, "input", "invoiceAmount")
    if events is not None:
        changes["held"] = tuple([await _held(ctx, found, one, wrong, place) for place, one in enumerate(events)])
    if lines is not None:
        changes["lines"] = tuple([await _line(ctx, found, one, wrong, place) for place, one in enumerate(lines)])
    return replace(form, **{name: value for name, value in changes.items() if value is not None}), wrong


def _uploads_of(events: Sequence[GivenHeldEvent], lines: Sequence[GivenClaimLine]) -> list[UUID | None]:
    shown = [upload_id for one in events for upload_id in (*one.photo_ids, *one.substitute_ids)]
    return [*shown, *(upload_id for one in lines for upload_id in (one.receipt_id, one.confirmation_id))]


async def _held(ctx: Context, found: Found, given: GivenHeldEvent, wrong: list[Violation], place: int) -> MdfHeldEvent:
    path = ("input", "events", str(place))
    photos, against = await take_documents(ctx, found, given.photo_ids, *path, "photoIds")
    substitutes, more = await take_documents(ctx, found, given.substitute_ids, *path, "substituteIds")
    wrong += against + more
    return MdfHeldEvent(given.starts_on, given.ends_on, tuple(photos), tuple(substitutes))


async def _line(ctx: Context, found: Found, given: GivenClaimLine, wrong: list[Violation], place: int) -> MdfClaimLine:
    path = ("input", "lines", str(place))
    return MdfClaimLine(
        category=given.category,
        amount=amount_or(ANY_AMOUNT, given.amount, wrong, *path, "amount"),
        fund_amount=amount_or(0, given.fund_amount, wrong, *path, "fundAmount"),
        receipt_category=given.receipt_category,
        detail_category=given.detail_category,
        payee=given.payee.strip(),
        paid_on=given.paid_on,
        receipt=await _file(ctx, found, given.receipt_id, wrong, *path, "receiptId"),
        mismatch_reason=(given.mismatch_reason or "").strip(),
        confirmation=await _file(ctx, found, given.confirmation_id, wrong, *path, "confirmationId"),
        item=(given.item or "").strip(),
        quantity=given.quantity,
        heads=given.heads,
        occasion=given.occasion,
    )


async def _file(
    ctx: Context, found: Found, upload_id: UUID | None, wrong: list[Violation], *path: str
) -> Document | None:
    if upload_id is None:
        return None
    document, against = await take_document(ctx, found, upload_id, *path)
    wrong += against
    return document
