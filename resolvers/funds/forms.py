"""What callers say of an activity and its budget, and what is kept of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from rules.errors import Violation
from rules.funds.applying import compute_keys
from rules.funds.kinds import (
    MdfActivityType,
    MdfEvent,
    MdfEventForm,
    MdfExpense,
    MdfExpenseCategory,
    MdfGiftOccasion,
    MdfPlan,
)
from rules.money import DIGITS, parse_amount

ANY_AMOUNT = 10**DIGITS
"""An amount that no share is larger than."""


class GivenEvent(Protocol):
    """An event as a caller plans it."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def starts_on(self) -> date:
        """Its first day."""

    @property
    def ends_on(self) -> date:
        """Its last day."""

    @property
    def location(self) -> str:
        """Where it takes place."""

    @property
    def form(self) -> MdfEventForm:
        """How people come together."""


class GivenExpense(Protocol):
    """An expense as a caller plans it; amounts as decimal text."""

    @property
    def category(self) -> MdfExpenseCategory:
        """What it is for."""

    @property
    def amount(self) -> str:
        """What it costs with tax."""

    @property
    def fund_amount(self) -> str:
        """What of it the fund shall bear."""

    @property
    def description(self) -> str | None:
        """What it is in words."""

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
        """What the gifts are given for."""


def planned_events(given: Sequence[GivenEvent] | None) -> tuple[MdfEvent, ...] | None:
    """The events; None where they stay what they are."""
    if given is None:
        return None
    return tuple(
        MdfEvent(one.name.strip(), one.starts_on, one.ends_on, one.location.strip(), one.form) for one in given
    )


def planned_budget(given: Sequence[GivenExpense] | None) -> tuple[tuple[MdfExpense, ...] | None, list[Violation]]:
    """The budget (None where it stays what it is), and INVALID_FORMAT for each amount that is none."""
    if given is None:
        return None, []
    wrong: list[Violation] = []
    made = tuple(_expense(one, wrong, "input", "budget", str(place)) for place, one in enumerate(given))
    return made, wrong


def _expense(given: GivenExpense, wrong: list[Violation], *path: str) -> MdfExpense:
    return MdfExpense(
        given.category,
        amount_or(ANY_AMOUNT, given.amount, wrong, *path, "amount"),
        amount_or(0, given.fund_amount, wrong, *path, "fundAmount"),
        (given.description or "").strip(),
        (given.item or "").strip(),
        given.quantity,
        given.heads,
        given.occasion,
    )


def amount_or(instead: int, text: str, wrong: list[Violation], *path: str) -> int:
    """Minor units; `instead` beside INVALID_FORMAT, so that nothing else is said of an amount that is none."""
    amount = parse_amount(text, *path)
    if isinstance(amount, Violation):
        wrong.append(amount)
        return instead
    return amount


def changed_plan(
    plan: MdfPlan,
    *,
    name: str | None,
    activity_type: MdfActivityType | None,
    audience: str | None,
    department: str | None,
    late_reason: str | None,
    expected_leads: int | None,
    expected_opportunities: int | None,
    events: tuple[MdfEvent, ...] | None,
    budget: tuple[MdfExpense, ...] | None,
) -> MdfPlan:
    """The plan with what is given; what is None stays."""
    texts = {"name": name, "audience": audience, "department": department, "late_reason": late_reason}
    told: dict[str, Any] = {key: text.strip() for key, text in texts.items() if text is not None}
    others: dict[str, Any] = {
        "activity_type": activity_type,
        "expected_leads": expected_leads,
        "expected_opportunities": expected_opportunities,
        "events": events,
        "budget": budget,
    }
    return replace(plan, **told, **{key: value for key, value in others.items() if value is not None})


def columns_of(plan: MdfPlan) -> dict[str, Any]:
    """The columns that keep a plan."""
    name_key, audience_key, place_key = compute_keys(plan)
    return {
        "name": plan.name,
        "activity_type": plan.activity_type,
        "audience": plan.audience,
        "department": plan.department,
        "late_reason": plan.late_reason,
        "expected_leads": plan.expected_leads,
        "expected_opportunities": plan.expected_opportunities,
        "events": [event.data() for event in plan.events],
        "budget": [expense.data() for expense in plan.budget],
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "name_key": name_key,
        "audience_key": audience_key,
        "place_key": place_key,
        "planned": plan.total,
        "fund_planned": plan.fund_total,
    }
