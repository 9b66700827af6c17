"""Market development funds: the states of a case, its kinds, and what an application says."""

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from rules.transitions import machine

NAME_LENGTH = 200
"""Longest name of an activity, a place, an item or a payee, in characters."""
TEXT_LENGTH = 4_000
"""Longest account of something, in characters."""
REASON_LENGTH = 500
"""Longest reason or penalty, in characters."""
INVOICE_LENGTH = 40
"""Longest number of an invoice, in characters."""
KEY_LENGTH = 64
"""Length of what activities are compared by, in characters."""
EVENTS_MOST = 20
"""Most events that one application covers."""
LINES_MOST = 50
"""Most expenses in one budget or claim."""
FILES_MOST = 20
"""Most files of one kind."""


class MdfState(StrEnum):
    """Where a case of the market development fund stands, from the plan of an activity to its payment."""

    DRAFT = "DRAFT"
    USE_REVIEW = "USE_REVIEW"
    USE_APPROVED = "USE_APPROVED"
    USE_REJECTED = "USE_REJECTED"
    CANCELLED = "CANCELLED"
    EVENT_RUNNING = "EVENT_RUNNING"
    CLAIM_DRAFT = "CLAIM_DRAFT"
    CLAIM_REVIEW = "CLAIM_REVIEW"
    CLAIM_REJECTED = "CLAIM_REJECTED"
    CLAIM_APPROVED = "CLAIM_APPROVED"
    INVOICED = "INVOICED"
    PAID = "PAID"
    CLAIM_EXPIRED = "CLAIM_EXPIRED"
    VOID = "VOID"


S = MdfState
_LATE = "system, when nothing is claimed in time"
_BARRED = "vendor, for a violation"
MDF_CASE = machine(
    "mdf_case",
    MdfState,
    (S.DRAFT,),
    "A 13.4",
    (S.DRAFT, "change", "partner", S.DRAFT),
    (S.USE_REJECTED, "change", "partner", S.DRAFT),
    (S.CANCELLED, "change", "partner", S.DRAFT),
    (S.DRAFT, "submit", "partner", S.USE_REVIEW),
    (S.USE_REJECTED, "submit", "partner", S.USE_REVIEW),
    (S.USE_REVIEW, "approve", "vendor", S.USE_APPROVED),
    (S.USE_REVIEW, "reject", "vendor", S.USE_REJECTED),
    (S.USE_REVIEW, "cancel", "partner", S.CANCELLED),
    (S.USE_APPROVED, "cancel", "partner", S.CANCELLED),
    (S.USE_APPROVED, "start", "partner", S.EVENT_RUNNING),
    (S.EVENT_RUNNING, "monitor", "vendor", S.EVENT_RUNNING),
    (S.USE_APPROVED, "prepare_claim", "partner", S.CLAIM_DRAFT),
    (S.EVENT_RUNNING, "prepare_claim", "partner", S.CLAIM_DRAFT),
    (S.CLAIM_DRAFT, "prepare_claim", "partner", S.CLAIM_DRAFT),
    (S.CLAIM_REJECTED, "prepare_claim", "partner", S.CLAIM_REJECTED),
    (S.CLAIM_DRAFT, "claim", "partner", S.CLAIM_REVIEW),
    (S.CLAIM_REJECTED, "claim", "partner", S.CLAIM_REVIEW),
    (S.CLAIM_REVIEW, "approve_claim", "vendor", S.CLAIM_APPROVED),
    (S.CLAIM_REVIEW, "reject_claim", "vendor", S.CLAIM_REJECTED),
    (S.CLAIM_APPROVED, "send_invoice", "partner", S.INVOICED),
    (S.INVOICED, "pay", "vendor's finance", S.PAID),
    (S.INVOICED, "return_invoice", "vendor's finance", S.CLAIM_APPROVED),
    (S.USE_APPROVED, "expire", _LATE, S.CLAIM_EXPIRED),
    (S.EVENT_RUNNING, "expire", _LATE, S.CLAIM_EXPIRED),
    (S.CLAIM_DRAFT, "expire", _LATE, S.CLAIM_EXPIRED),
    (S.CLAIM_REJECTED, "expire", _LATE, S.CLAIM_EXPIRED),
    (S.DRAFT, "void", _BARRED, S.VOID),
    (S.USE_REVIEW, "void", _BARRED, S.VOID),
    (S.USE_APPROVED, "void", _BARRED, S.VOID),
    (S.EVENT_RUNNING, "void", _BARRED, S.VOID),
    (S.CLAIM_DRAFT, "void", _BARRED, S.VOID),
    (S.CLAIM_REJECTED, "void", _BARRED, S.VOID),
)
CLAIMABLE = frozenset({S.USE_APPROVED, S.EVENT_RUNNING, S.CLAIM_DRAFT, S.CLAIM_REJECTED})
"""Approved, and what it holds of the quota is lost unless it is claimed in time."""
OPEN = CLAIMABLE | {S.USE_REVIEW, S.CLAIM_REVIEW}
"""Asked for or approved and not claimed to the end; only these hold something of the quota."""
NEVER_FUNDED = frozenset({S.DRAFT, S.USE_REJECTED, S.CANCELLED, S.CLAIM_EXPIRED, S.VOID})
"""What gets no money, so that another application for the same activity asks for none twice."""


class MdfLine(StrEnum):
    """A benefit that gives a quota: the tier of a plan, or the stage on a path."""

    SOLUTION_PROVIDER = "SOLUTION_PROVIDER"
    SOFTWARE = "SOFTWARE"
    SERVICE = "SERVICE"
    SI = "SI"


class MdfActivityType(StrEnum):
    """What an activity is."""

    CUSTOMER_VISIT = "CUSTOMER_VISIT"
    CUSTOMER_COMMUNICATION = "CUSTOMER_COMMUNICATION"
    PARTNER_VISIT = "PARTNER_VISIT"
    PARTNER_TRAINING = "PARTNER_TRAINING"
    PARTNER_RECRUITING = "PARTNER_RECRUITING"
    ADVERTISING = "ADVERTISING"
    JOINT_MARKETING = "JOINT_MARKETING"
    DIGITAL_MARKETING = "DIGITAL_MARKETING"
    MARKETING_MATERIAL = "MARKETING_MATERIAL"


class MdfEventForm(StrEnum):
    """How people come together."""

    ON_SITE = "ON_SITE"
    ONLINE = "ONLINE"
    HYBRID = "HYBRID"


class MdfExpenseCategory(StrEnum):
    """What money was spent on."""

    VENUE = "VENUE"
    SPONSORSHIP = "SPONSORSHIP"
    LECTURERS = "LECTURERS"
    CONFERENCE_SERVICE = "CONFERENCE_SERVICE"
    CATERING = "CATERING"
    TRANSPORT = "TRANSPORT"
    LODGING = "LODGING"
    MATERIAL = "MATERIAL"
    MEDIA = "MEDIA"
    GIFTS = "GIFTS"


class MdfGiftOccasion(StrEnum):
    """What gifts are given for."""

    ACTIVITY = "ACTIVITY"
    REGULAR_VISIT = "REGULAR_VISIT"
    OTHER = "OTHER"


class MdfViolationKind(StrEnum):
    """What was done against the rules of the fund."""

    MDF_SPLIT = "MDF_SPLIT"
    MDF_DOUBLE_DIP = "MDF_DOUBLE_DIP"
    MDF_FALSE_EXPENSE = "MDF_FALSE_EXPENSE"
    MDF_GIFT_UNRELATED = "MDF_GIFT_UNRELATED"
    MDF_GIFT_NOT_NAMED = "MDF_GIFT_NOT_NAMED"


class MdfSignal(StrEnum):
    """What the rules point out to the reviewers, and what was found while an event ran."""

    SIMILAR_ACTIVITY = "SIMILAR_ACTIVITY"
    SPLIT_EXPENSE = "SPLIT_EXPENSE"
    MONITORING = "MONITORING"


@dataclass(frozen=True, slots=True)
class MdfEvent:
    """One event that an application covers; both days belong to it."""

    name: str
    starts_on: date
    ends_on: date
    location: str
    form: MdfEventForm

    @classmethod
    def of(cls, data: dict[str, Any]) -> "MdfEvent":
        """From the JSON that is kept."""
        days = {name: date.fromisoformat(data[name]) for name in ("starts_on", "ends_on")}
        return cls(**{**data, **days, "form": MdfEventForm(data["form"])})

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "starts_on": self.starts_on.isoformat(), "ends_on": self.ends_on.isoformat()}


@dataclass(frozen=True, slots=True)
class MdfExpense:
    """One expense of a budget, in minor units: what it costs with tax, and what of it the fund shall bear.

    A gift also has the name of the item, how many there are, for how many people and on which occasion.
    """

    category: MdfExpenseCategory
    amount: int
    fund_amount: int
    description: str = ""
    item: str = ""
    quantity: int | None = None
    heads: int | None = None
    occasion: MdfGiftOccasion | None = None

    @classmethod
    def of(cls, data: dict[str, Any]) -> "MdfExpense":
        """From the JSON that is kept."""
        occasion = data["occasion"]
        return cls(
            **{
                **data,
                "category": MdfExpenseCategory(data["category"]),
                "occasion": None if occasion is None else MdfGiftOccasion(occasion),
            }
        )

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class MdfPlan:
    """What an application says of an activity and its costs; what a draft leaves open is empty or None."""

    name: str = ""
    activity_type: MdfActivityType | None = None
    audience: str = ""
    department: str = ""
    late_reason: str = ""
    expected_leads: int | None = None
    expected_opportunities: int | None = None
    events: tuple[MdfEvent, ...] = ()
    budget: tuple[MdfExpense, ...] = ()

    @property
    def starts_on(self) -> date | None:
        """First day of the first event."""
        return min((event.starts_on for event in self.events), default=None)

    @property
    def ends_on(self) -> date | None:
        """Last day of the last event."""
        return max((event.ends_on for event in self.events), default=None)

    @property
    def total(self) -> int:
        """What everything costs, in minor units."""
        return sum(expense.amount for expense in self.budget)

    @property
    def fund_total(self) -> int:
        """What the fund shall bear of it, in minor units."""
        return sum(expense.fund_amount for expense in self.budget)


@dataclass(frozen=True, slots=True)
class MdfFinding:
    """Something that the reviewers should look at."""

    signal: MdfSignal
    note: str
    at: str

    @classmethod
    def of(cls, data: dict[str, Any]) -> "MdfFinding":
        """From the JSON that is kept; `at` is an instant in ISO 8601."""
        return cls(MdfSignal(data["signal"]), data["note"], data["at"])

    def data(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)
