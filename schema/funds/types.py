"""What the market development fund is made of: lines, quotas, cases with their events and budget."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from resolvers import funds
from rules.funds.evidence import MdfClaimForm
from rules.funds.kinds import (
    MdfActivityType,
    MdfEventForm,
    MdfExpenseCategory,
    MdfGiftOccasion,
    MdfLine,
    MdfSignal,
    MdfState,
    MdfViolationKind,
)
from rules.funds.kinds import MdfEvent as EventData
from rules.funds.kinds import MdfExpense as ExpenseData
from rules.funds.kinds import MdfFinding as FindingData
from rules.statements import StatementCode, present
from schema.actions import ActionState
from schema.columns import looks_at
from schema.fields import HowMany, amount_of, relation
from schema.funds.claims import MdfClaim
from schema.nodes import Node, OfRow, Versioned, encoded
from schema.rules import Statement
from schema.scalars import Money, money_of

if TYPE_CHECKING:
    from schema.partners import Partner

strawberry.enum(MdfState, description="Where a case of the market development fund stands.")
strawberry.enum(MdfLine, description="A benefit that gives a quota of the market development fund.")
strawberry.enum(MdfActivityType, description="What an activity is.")
strawberry.enum(MdfEventForm, description="How people come together.")
strawberry.enum(MdfSignal, description="What reviewers are asked to look at.")
strawberry.enum(MdfViolationKind, description="What was done against the rules of the fund.")
_PARTNER = Annotated["Partner", strawberry.lazy("schema.partners")]


@strawberry.type(description="One change of what a quota grants; rows are only added.")
class MdfAdjustment(OfRow):
    """The source object is an MdfAdjustment row."""

    amount = amount_of("amount", "How much more it grants since; negative: less.")
    reason: str = strawberry.field(description="Why.")
    made_at: datetime = strawberry.field(description="When.")

    @strawberry.field(description="The account of the vendor's that made it.", metadata=looks_at("made_by"))
    def made_by_id(self) -> strawberry.ID:
        """Its public id."""
        row: Any = self
        return encoded("acc", row.made_by)


@strawberry.type(description="What one line of the market development fund gives a partner in one year.")
class MdfQuota(Versioned, Node, OfRow):
    """The source object is an MdfQuota row."""

    line: MdfLine = strawberry.field(description="The benefit that gives it.")
    year: int = strawberry.field(description="The calendar year, on the partner's site.")
    granted = amount_of("granted", "What it gives.")
    reserved = amount_of("reserved", "What applications hold of it, submitted or approved.")
    consumed = amount_of("consumed", "What approved claims have used.")
    partner = relation(funds.partners_of, _PARTNER, "The partner it belongs to.")
    adjustments = relation(
        funds.adjustments_of,
        list[MdfAdjustment],
        "What the vendor has changed, the newest first.",
        arguments={"first": HowMany(20, 100, "How many of the newest")},
        columns=("id",),
    )

    @strawberry.field(
        description="What can still be applied for.", metadata=looks_at("granted", "reserved", "consumed", "currency")
    )
    def available(self) -> Money:
        """Granted, and neither reserved nor consumed."""
        row: Any = self
        return money_of(row.granted - row.reserved - row.consumed, row.currency)


@strawberry.type(description="One event that an application covers.")
class MdfEvent:
    """The source object is an MdfEvent of the rules."""

    name: str = strawberry.field(description="What it is called.")
    starts_on: date = strawberry.field(description="Its first day.")
    ends_on: date = strawberry.field(description="Its last day.")
    location: str = strawberry.field(description="Where it takes place.")
    form: MdfEventForm = strawberry.field(description="How people come together.")


@strawberry.type(description="One expense of a budget.")
class MdfExpense:
    """Made from an MdfExpense of the rules."""

    category: MdfExpenseCategory = strawberry.field(description="What it is for.")
    amount: Money = strawberry.field(description="What it costs with tax.")
    fund_amount: Money = strawberry.field(description="What of it the fund shall bear.")
    description: str = strawberry.field(description="What it is in words; may be empty.")
    item: str = strawberry.field(description="The name of a gift; empty for other expenses.")
    quantity: int | None = strawberry.field(description="How many gifts.")
    heads: int | None = strawberry.field(description="For how many people.")
    occasion: MdfGiftOccasion | None = strawberry.field(description="What the gifts are given for.")

    @classmethod
    def made_of(cls, expense: ExpenseData, currency: str) -> "MdfExpense":
        """With its amounts in the case's currency."""
        return cls(
            category=expense.category,
            amount=money_of(expense.amount, currency),
            fund_amount=money_of(expense.fund_amount, currency),
            description=expense.description,
            item=expense.item,
            quantity=expense.quantity,
            heads=expense.heads,
            occasion=expense.occasion,
        )


@strawberry.type(description="Something that the reviewers are asked to look at.")
class MdfFinding:
    """The source object is an MdfFinding of the rules."""

    signal: MdfSignal = strawberry.field(description="What it is.")
    note: str = strawberry.field(description="In words; may be empty.")

    @strawberry.field(description="When it was found.")
    def at(self) -> datetime:
        """The instant."""
        finding: Any = self
        return datetime.fromisoformat(finding.at)


@strawberry.type(description="One activity that the market development fund pays for, from its plan to its payment.")
class MdfCase(Versioned, Node, OfRow):
    """The source object is an MdfCase row."""

    state: MdfState = strawberry.field(description="Where it stands.")
    name: str = strawberry.field(description="What the activity is called.")
    activity_type: MdfActivityType | None = strawberry.field(description="What it is.")
    audience: str = strawberry.field(description="Whom it is for.")
    department: str = strawberry.field(description="The vendor's department that supports it.")
    late_reason: str = strawberry.field(description="Why it was applied for so late; empty unless it was.")
    expected_leads: int | None = strawberry.field(description="How many leads it shall bring.")
    expected_opportunities: int | None = strawberry.field(description="How many opportunities it shall bring.")
    starts_on: date | None = strawberry.field(description="First day of its first event.")
    ends_on: date | None = strawberry.field(description="Last day of its last event.")
    planned = amount_of("planned", "What everything costs with tax.")
    fund_planned = amount_of("fund_planned", "What of it the fund shall bear.")
    reserved = amount_of("reserved", "What it holds of the quota now.")
    host_name: str | None = strawberry.field(description="The partner's name as invoices of its expenses must say it.")
    submitted_at: datetime | None = strawberry.field(description="When it was submitted last.")
    due_at: datetime | None = strawberry.field(description="The first instant too late for the partner's next step.")
    reason: str | None = strawberry.field(description="Why it was rejected last.")
    partner = relation(funds.partners_of, _PARTNER, "The partner it belongs to.")
    quota = relation(funds.quotas_of, MdfQuota, "The quota that pays for it.")
    actions = relation(
        funds.actions_of,
        list[ActionState],
        "What you may do with it now: CHANGE, SUBMIT, CANCEL, START, SAVE_CLAIM, CLAIM, MONITOR, VOID,"
        " SEND_INVOICE, PAY, RETURN_INVOICE.",
        columns=(
            *("activity_type", "audience", "budget", "department", "ends_on", "events", "expected_leads"),
            *("expected_opportunities", "id", "late_reason", "name", "partner_id", "quota_id", "starts_on", "state"),
            *("claim", "due_at", "host_name", "reserved", "submitted_at"),
        ),
    )

    @strawberry.field(description="The events that it covers, 20 at most.", metadata=looks_at("events"))
    def events(self) -> list[MdfEvent]:
        """In the order given."""
        row: Any = self
        return [EventData.of(one) for one in row.events]  # type: ignore[misc]

    @strawberry.field(description="What it costs, 50 expenses at most.", metadata=looks_at("budget", "currency"))
    def budget(self) -> list[MdfExpense]:
        """In the order given."""
        row: Any = self
        return [MdfExpense.made_of(ExpenseData.of(one), row.currency) for one in row.budget]

    claimed = amount_of("claimed", "What was claimed last; null before.", optional=True)
    invoice_number: str | None = strawberry.field(description="Number of the invoice for the claim.")
    invoiced_at: datetime | None = strawberry.field(description="When the invoice was sent last.")
    paid_at: datetime | None = strawberry.field(description="When it was paid.")
    claimed_at: datetime | None = strawberry.field(description="When it was claimed last.")

    @strawberry.field(description="The claim; null until it is prepared.", metadata=looks_at("claim", "currency"))
    def claim(self) -> MdfClaim | None:
        """As it was saved last."""
        row: Any = self
        return MdfClaim.made_of(MdfClaimForm.of(row.claim), row.currency) if row.claim else None

    @strawberry.field(description="What reviewers are asked to look at.", metadata=looks_at("findings"))
    def findings(self) -> list[MdfFinding]:
        """The oldest first."""
        row: Any = self
        return [FindingData.of(one) for one in row.findings]  # type: ignore[misc]


@strawberry.type(description="A breach of the rules of the market development fund, as the vendor decided it.")
class MdfViolation(Versioned, Node, OfRow):
    """The source object is an MdfViolation row."""

    kind: MdfViolationKind = strawberry.field(description="What was done.")
    penalty: str = strawberry.field(description="What follows from it, in the vendor's words.")
    year: int = strawberry.field(description="The calendar year of the decision.")
    decided_at: datetime = strawberry.field(description="When it was decided.")
    suspended_until: datetime = strawberry.field(description="Until then the partner applies for nothing.")
    lifted_at: datetime | None = strawberry.field(description="When that ended.")
    partner = relation(funds.partners_of, _PARTNER, "Whose it is.")
    case = relation(funds.cases_of, MdfCase, "The case in which it was found.")


@strawberry.type(description="A line of the market development fund as the acting partner sees it.")
class MdfLineOffer:
    """The source object is a LineOffer."""

    line: MdfLine = strawberry.field(description="The benefit that gives it.")
    amount = amount_of("amount", "What your tier or stage gives a year; nothing where it has no part in it.")
    quota: MdfQuota | None = strawberry.field(description="Your quota of this year; null until you have opened it.")
    suspended_until: datetime | None = strawberry.field(
        description="Until then you apply for nothing because of a violation; null when you may."
    )
    actions: list[ActionState] = strawberry.field(description="What you may do: OPEN.")

    @strawberry.field(description="The payment agreement whose version an application accepts.")
    def agreement(self) -> Statement:
        """The version in force."""
        return present(StatementCode.MDF_PAYMENT)  # type: ignore[return-value]
