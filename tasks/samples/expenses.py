"""What the sample data's activities cost: as it is planned, and as it is claimed with its proofs."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from rules.funds.kinds import MdfExpenseCategory, MdfGiftOccasion


@dataclass(frozen=True, slots=True)
class Expense:
    """A planned expense, in units of the currency: what it costs, what of it the fund shall bear, who will be paid.

    Gifts have a name and a number, and are given to as many people.
    """

    category: MdfExpenseCategory
    units: int
    share: int
    payee: str
    item: str | None = None
    quantity: int | None = None

    @property
    def amount(self) -> str:
        """What it costs, as callers write it."""
        return f"{self.units}.00"

    @property
    def fund_amount(self) -> str:
        """What the fund shall bear, as callers write it."""
        return f"{self.share}.00"

    @property
    def description(self) -> str | None:
        """Nothing beside the category."""
        return None

    @property
    def heads(self) -> int | None:
        """One gift for each guest."""
        return self.quantity

    @property
    def occasion(self) -> MdfGiftOccasion | None:
        """Gifts are given at the activity."""
        return None if self.item is None else MdfGiftOccasion.ACTIVITY


@dataclass(frozen=True, slots=True)
class PaidExpense(Expense):
    """An expense as it was paid: what was planned, and called so on its receipt and in the invoice's detail."""

    paid_on: date = date.min
    receipt_id: UUID | None = None
    mismatch_reason: str | None = None
    confirmation_id: UUID | None = None

    @property
    def receipt_category(self) -> MdfExpenseCategory:
        """What the sealed receipt calls it."""
        return self.category

    @property
    def detail_category(self) -> MdfExpenseCategory:
        """What the detail of the invoice calls it."""
        return self.category


def paid(planned: Expense, on: date, receipt_id: UUID) -> PaidExpense:
    """It cost what was planned."""
    what = (planned.category, planned.units, planned.share, planned.payee, planned.item, planned.quantity)
    return PaidExpense(*what, paid_on=on, receipt_id=receipt_id)


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An event as it was held, with its photos."""

    starts_on: date
    ends_on: date
    photo_ids: tuple[UUID, ...]
    substitute_ids: tuple[UUID, ...] = ()
