"""What the mutations of market development funds take and answer."""

from datetime import date

import strawberry

from models.funds import MdfCase as CaseRow
from models.funds import MdfQuota as QuotaRow
from rules.funds.kinds import (
    NAME_LENGTH,
    REASON_LENGTH,
    MdfActivityType,
    MdfEventForm,
    MdfExpenseCategory,
    MdfGiftOccasion,
    MdfLine,
)
from schema.fields import Payload
from schema.funds.types import MdfCase, MdfQuota
from schema.inputs import KeyedInput, ref, text

AMOUNT_MOST = 20
AMOUNT = "Decimal, in the quota's currency, as 1200.50."
_VERSION = "The version you know."


@strawberry.input(description="One event that an application covers; both days belong to it.")
class MdfEventInput:
    """Handed to use cases as a GivenEvent."""

    name: str = text("What it is called.", most=NAME_LENGTH)
    starts_on: date = strawberry.field(description="Its first day, on the partner's site.")
    ends_on: date = strawberry.field(description="Its last day.")
    location: str = text("Where it takes place.", most=NAME_LENGTH)
    form: MdfEventForm = strawberry.field(description="How people come together.")


@strawberry.input(description="One expense of a budget. Gifts need item, quantity, heads and occasion as well.")
class MdfExpenseInput:
    """Handed to use cases as a GivenExpense."""

    category: MdfExpenseCategory = strawberry.field(description="What it is for.")
    amount: str = text(f"What it costs with tax. {AMOUNT}", most=AMOUNT_MOST)
    fund_amount: str = text(f"What of it the fund shall bear. {AMOUNT}", most=AMOUNT_MOST)
    description: str | None = text("What it is in words.", most=REASON_LENGTH, default=None)
    item: str | None = text("The name of the gift.", most=NAME_LENGTH, default=None)
    quantity: int | None = strawberry.field(default=None, description="How many gifts.")
    heads: int | None = strawberry.field(default=None, description="For how many people.")
    occasion: MdfGiftOccasion | None = strawberry.field(default=None, description="What the gifts are given for.")


@strawberry.input
class OpenMdfQuotaInput(KeyedInput):
    """The line whose quota of this year is opened."""

    line: MdfLine = strawberry.field(description="The benefit that gives it.")


@strawberry.input
class ChangeMdfQuotaInput(KeyedInput):
    """How much more, or less, a quota grants."""

    id: strawberry.ID = ref(QuotaRow, "Id of the quota.", argument="quota_id")
    amount: str = text("How much more; negative: less. Decimal, in the quota's currency.", most=AMOUNT_MOST)
    reason: str = text("Why; the partner sees it.", most=REASON_LENGTH)
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.input
class CreateMdfCaseInput(KeyedInput):
    """A draft; what is missing may come later, all of it is asked with the submission."""

    quota_id: strawberry.ID = ref(QuotaRow, "The quota that shall pay for it.")
    name: str = text("What the activity is called.", most=NAME_LENGTH)
    activity_type: MdfActivityType | None = strawberry.field(default=None, description="What it is.")
    audience: str | None = text("Whom it is for.", most=NAME_LENGTH, default=None)
    department: str | None = text("The vendor's department that supports it.", most=NAME_LENGTH, default=None)
    late_reason: str | None = text("Why it comes so late, if it does.", most=REASON_LENGTH, default=None)
    expected_leads: int | None = strawberry.field(default=None, description="How many leads it shall bring.")
    expected_opportunities: int | None = strawberry.field(
        default=None, description="How many opportunities it shall bring."
    )
    events: list[MdfEventInput] | None = strawberry.field(
        default=None, description="The events it covers, 20 at most: for one audience, of one type, within a quarter."
    )
    budget: list[MdfExpenseInput] | None = strawberry.field(default=None, description="What it costs, 50 at most.")


@strawberry.input
class UpdateMdfCaseInput(KeyedInput):
    """What changes; null: stays. A list replaces the last one."""

    id: strawberry.ID = ref(CaseRow, "Id of the case.", argument="case_id")
    quota_id: strawberry.ID | None = ref(QuotaRow, "The quota that shall pay for it.", default=None)
    name: str | None = text("What the activity is called.", most=NAME_LENGTH, default=None)
    activity_type: MdfActivityType | None = strawberry.field(default=None, description="What it is.")
    audience: str | None = text("Whom it is for.", most=NAME_LENGTH, default=None)
    department: str | None = text("The vendor's department that supports it.", most=NAME_LENGTH, default=None)
    late_reason: str | None = text("Why it comes so late, if it does.", most=REASON_LENGTH, default=None)
    expected_leads: int | None = strawberry.field(default=None, description="How many leads it shall bring.")
    expected_opportunities: int | None = strawberry.field(
        default=None, description="How many opportunities it shall bring."
    )
    events: list[MdfEventInput] | None = strawberry.field(default=None, description="The events it covers, 20 at most.")
    budget: list[MdfExpenseInput] | None = strawberry.field(default=None, description="What it costs, 50 at most.")
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.input
class SubmitMdfCaseInput(KeyedInput):
    """The application to submit."""

    id: strawberry.ID = ref(CaseRow, "Id of the case.", argument="case_id")
    agreement_version: str | None = text("The version of the payment agreement that you accept.", most=20, default=None)
    confirm_similar: bool = strawberry.field(
        default=False, description="Whether it is another activity than similar ones of your company."
    )
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.input
class CancelMdfCaseInput(KeyedInput):
    """The application to take back."""

    id: strawberry.ID = ref(CaseRow, "Id of the case.", argument="case_id")
    expected_version: int | None = strawberry.field(default=None, description=_VERSION)


@strawberry.type(description="The quota concerned.")
class MdfQuotaPayload(Payload):
    """The source object is an MdfQuota."""

    quota: MdfQuota | None = strawberry.field(description="The quota as it stands now.")


@strawberry.type(description="The case concerned.")
class MdfCasePayload(Payload):
    """The source object is an MdfCase."""

    case: MdfCase | None = strawberry.field(description="The case as it stands now.")
