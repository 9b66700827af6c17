"""Claims of the market development fund: what they say and show, and how they are sent."""

from datetime import date
from typing import Any

import strawberry

from models.funds import MdfCase as CaseRow
from rules.funds.evidence import MdfClaimForm
from rules.funds.evidence import MdfClaimLine as LineData
from rules.funds.kinds import NAME_LENGTH, REASON_LENGTH, TEXT_LENGTH, MdfExpenseCategory, MdfGiftOccasion
from schema.documents import Document, handed_in
from schema.inputs import KeyedInput, ref, text
from schema.scalars import Money, money_of

strawberry.enum(MdfExpenseCategory, description="What money is spent on.")
strawberry.enum(MdfGiftOccasion, description="What gifts are given for.")
AMOUNT_MOST = 20
AMOUNT = "Decimal, in the quota's currency, as 1200.50."


@strawberry.type(description="One event as it was held.")
class MdfHeldEvent:
    """The source object is an MdfHeldEvent of the rules."""

    starts_on: date = strawberry.field(description="Its real first day.")
    ends_on: date = strawberry.field(description="Its real last day.")
    photos: list[Document] = strawberry.field(description="Photos of theme, logo, speakers, attendance and expenses.")
    substitutes: list[Document] = strawberry.field(description="What shows it where no photo can be taken.")


@strawberry.type(description="One real expense with its sealed receipt.")
class MdfClaimLine:
    """Made from an MdfClaimLine of the rules."""

    category: MdfExpenseCategory = strawberry.field(description="What it was for.")
    amount: Money = strawberry.field(description="What it cost with tax.")
    fund_amount: Money = strawberry.field(description="What of it is claimed.")
    receipt_category: MdfExpenseCategory = strawberry.field(description="What the sealed receipt calls it.")
    detail_category: MdfExpenseCategory = strawberry.field(description="What the detail of the invoice calls it.")
    payee: str = strawberry.field(description="Who was paid.")
    paid_on: date = strawberry.field(description="When.")
    receipt: Document | None = strawberry.field(description="The sealed receipt.")
    mismatch_reason: str = strawberry.field(description="Why the receipt calls it something else; may be empty.")
    confirmation: Document | None = strawberry.field(description="The cooperation owner's mail about that.")
    item: str = strawberry.field(description="The name of a gift; empty for other expenses.")
    quantity: int | None = strawberry.field(description="How many gifts.")
    heads: int | None = strawberry.field(description="For how many people.")
    occasion: MdfGiftOccasion | None = strawberry.field(description="What the gifts were given for.")

    @classmethod
    def made_of(cls, line: LineData, currency: str) -> "MdfClaimLine":
        """With its amounts in the case's currency."""
        told = {name: getattr(line, name) for name in LineData.__slots__}
        amounts = {name: money_of(told[name], currency) for name in ("amount", "fund_amount")}
        return cls(**{**told, **amounts})


@strawberry.type(description="What a partner claims of an activity that is over.")
class MdfClaim:
    """Made from an MdfClaimForm of the rules."""

    summary: str = strawberry.field(description="Work, time, place, audience and results; may be empty in a draft.")
    leads: int | None = strawberry.field(description="How many leads it brought.")
    opportunities: int | None = strawberry.field(description="How many opportunities it brought.")
    events: list[MdfHeldEvent] = strawberry.field(description="Each event as it was held.")
    lines: list[MdfClaimLine] = strawberry.field(description="The real expenses.")
    total: Money = strawberry.field(description="What everything cost.")
    fund_total: Money = strawberry.field(description="What of it is claimed.")
    invoice: Document | None = strawberry.field(description="The scan of the expenses' invoice.")
    invoice_title: str = strawberry.field(description="To whom the invoice is made out; may be empty in a draft.")
    invoice_amount: Money | None = strawberry.field(description="What the invoice is for.")
    media_summary: Document | None = strawberry.field(description="Of advertising: contracts and pages.")
    delay_approval: Document | None = strawberry.field(description="The mail that approves a delay.")

    @classmethod
    def made_of(cls, form: MdfClaimForm, currency: str) -> "MdfClaim":
        """With its amounts in the case's currency."""
        invoiced = None if form.invoice_amount is None else money_of(form.invoice_amount, currency)
        held: Any = list(form.held)
        told: dict[str, Any] = {
            name: getattr(form, name)
            for name in (
                "summary",
                "leads",
                "opportunities",
                "invoice",
                "invoice_title",
                "media_summary",
                "delay_approval",
            )
        }
        return cls(
            **told,
            events=held,
            lines=[MdfClaimLine.made_of(line, currency) for line in form.lines],
            total=money_of(form.total, currency),
            fund_total=money_of(form.fund_total, currency),
            invoice_amount=invoiced,
        )


@strawberry.input(description="One event as it was held, with photos or what takes their place.")
class MdfHeldEventInput:
    """Handed to use cases as a GivenHeldEvent."""

    starts_on: date = strawberry.field(description="Its real first day.")
    ends_on: date = strawberry.field(description="Its real last day.")
    photo_ids: list[strawberry.ID] = handed_in(
        "Photos of theme, logo, speakers, attendance and each kind of expense, 20 at most.",
        argument="photo_ids",
        default_factory=list,
    )
    substitute_ids: list[strawberry.ID] = handed_in(
        "Where no photo can be taken: contracts, screenshots, bills, 20 at most.",
        argument="substitute_ids",
        default_factory=list,
    )


@strawberry.input(description="One real expense. Gifts need item, quantity, heads and occasion as well.")
class MdfClaimLineInput:
    """Handed to use cases as a GivenClaimLine."""

    category: MdfExpenseCategory = strawberry.field(description="What it was for.")
    amount: str = text(f"What it cost with tax. {AMOUNT}", most=AMOUNT_MOST)
    fund_amount: str = text(f"What of it is claimed. {AMOUNT}", most=AMOUNT_MOST)
    receipt_category: MdfExpenseCategory = strawberry.field(description="What the sealed receipt calls it.")
    detail_category: MdfExpenseCategory = strawberry.field(description="What the detail of the invoice calls it.")
    payee: str = text("Who was paid.", most=NAME_LENGTH)
    paid_on: date = strawberry.field(description="When.")
    receipt_id: strawberry.ID | None = handed_in("The sealed receipt.", argument="receipt_id", default=None)
    mismatch_reason: str | None = text("Why the receipt calls it something else.", most=REASON_LENGTH, default=None)
    confirmation_id: strawberry.ID | None = handed_in(
        "The cooperation owner's mail about that.", argument="confirmation_id", default=None
    )
    item: str | None = text("The name of the gift.", most=NAME_LENGTH, default=None)
    quantity: int | None = strawberry.field(default=None, description="How many gifts.")
    heads: int | None = strawberry.field(default=None, description="For how many people.")
    occasion: MdfGiftOccasion | None = strawberry.field(default=None, description="What the gifts were given for.")


@strawberry.input
class SaveMdfClaimInput(KeyedInput):
    """What a claim says and shows; null: stays. A list replaces the last one."""

    id: strawberry.ID = ref(CaseRow, "Id of the case.", argument="case_id")
    summary: str | None = text("Work, time, place, audience and results.", most=TEXT_LENGTH, default=None)
    leads: int | None = strawberry.field(default=None, description="How many leads it brought.")
    opportunities: int | None = strawberry.field(default=None, description="How many opportunities it brought.")
    events: list[MdfHeldEventInput] | None = strawberry.field(
        default=None, description="Each event as it was held, as many as were approved, 20 at most."
    )
    lines: list[MdfClaimLineInput] | None = strawberry.field(default=None, description="The real expenses, 50 at most.")
    invoice_id: strawberry.ID | None = handed_in(
        "The scan of the expenses' invoice.", argument="invoice_id", default=None
    )
    invoice_title: str | None = text("To whom the invoice is made out.", most=NAME_LENGTH, default=None)
    invoice_amount: str | None = text(f"What the invoice is for. {AMOUNT}", most=AMOUNT_MOST, default=None)
    media_summary_id: strawberry.ID | None = handed_in(
        "Of advertising: contracts and pages.", argument="media_summary_id", default=None
    )
    delay_approval_id: strawberry.ID | None = handed_in(
        "The mail that approves a delay.", argument="delay_approval_id", default=None
    )
    expected_version: int | None = strawberry.field(default=None, description="The version you know.")
