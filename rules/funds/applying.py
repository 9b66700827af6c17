"""What an application for the market development fund must say, when it must come, and what its budget may hold."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

from rules.business_info import folded_name
from rules.calendar import Entries, add_months, add_working_days, day_of, end_of_day
from rules.errors import ErrorCode, Violation
from rules.funds.kinds import (
    EVENTS_MOST,
    LINES_MOST,
    MDF_CASE,
    MdfEvent,
    MdfExpenseCategory,
    MdfGiftOccasion,
    MdfPlan,
    MdfState,
)
from rules.funds.quotas import MdfBalance, check_available
from rules.policy import (
    MDF_ACTIVITY_TYPES,
    MDF_BATCH_SPAN_MONTHS,
    MDF_GIFT_CAP,
    MDF_MIN_LEAD_WORKING_DAYS,
    Policy,
)
from rules.registry import rule
from rules.statements import StatementCode, check_accepted

_APPLICATION_PAGE = "https://support.huaweicloud.com/intl/pt-br/usermanual-bpconsole/apb_060001.html"
_BEFORE_PAGE = (
    "https://huaweicloud.com/s/JWNpdmls5a-85YWlY2Ru5qih5Z6L5paH5Lu25aSx6LSlJQ/t_30_p_7/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_EARLY_PAGE = (
    "https://huaweicloud.com/s/JeaZuuiDveinhumikeWIhuaekOeuoeeQhuS6keW5s-WPsCU/t_30_p_50/JeWQiOS9nOS8meS8tOS4reW_gyU"
)
_BATCH_PAGE = "https://huaweicloud.com/s/JWFzcOS7o-eggeWcqOe6v-i_kOihjCU/t_30_p_11/JeWQiOS9nOS8meS8tOS4reW_gyU"
_TYPES_PAGE = "https://support.huaweicloud.com/intl/en-us/bpconsole_faq/faq_mdf_000003.html"
_EXPENSES_PAGE = "https://support.huaweicloud.com/intl/en-us/bpconsole_faq/faq_mdf_000005.html"
_SIMILAR_PAGE = "https://huaweicloud.com/s/JeWuieWFqOWfuue6v-ajgOafpSDmiqXlkYol/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
_MINOR = 100

E = ErrorCode


class Likeness(StrEnum):
    """What other applications of the company are about."""

    SIMILAR = "SIMILAR"
    OTHER_LINE = "OTHER_LINE"


@dataclass(frozen=True, slots=True)
class Application:
    """What stands around a plan that is submitted: its case and quota, what else the company applies for, what the
    partner says with the submission.
    """

    state: MdfState
    quota_year: int
    balance: MdfBalance
    likeness: Collection[Likeness] = ()
    agreement: str | None = None
    similar_confirmed: bool = False


def compute_keys(plan: MdfPlan) -> tuple[str, str, str]:
    """Digests of name, audience and places of an activity, for comparison: how they are written makes no difference."""
    places = sorted({folded_name(event.location) for event in plan.events})
    return _key(folded_name(plan.name)), _key(folded_name(plan.audience)), _key("|".join(places))


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@rule("funds.draft", "A 13.2", codes=(E.TOO_MANY, E.OUT_OF_RANGE), page=_APPLICATION_PAGE)
def check_plan(plan: MdfPlan) -> list[Violation]:
    """All reasons against keeping a plan, also as a draft: TOO_MANY events or expenses; OUT_OF_RANGE for an event that
    ends before it starts, an expense of nothing, a share of the fund outside of its expense, a negative number.
    """
    counted = (("events", len(plan.events), EVENTS_MOST), ("budget", len(plan.budget), LINES_MOST))
    violations = [
        Violation(E.TOO_MANY, ("input", name), "funds.draft") for name, there, most in counted if there > most
    ]
    for place, event in enumerate(plan.events):
        if event.ends_on < event.starts_on:
            path = ("input", "events", str(place), "endsOn")
            violations.append(Violation(E.OUT_OF_RANGE, path, "funds.draft", {"min": event.starts_on.isoformat()}))
    for place, expense in enumerate(plan.budget):
        violations += check_share(expense.amount, expense.fund_amount, "input", "budget", str(place))
    goals = {"expectedLeads": plan.expected_leads, "expectedOpportunities": plan.expected_opportunities}
    return violations + [
        Violation(E.OUT_OF_RANGE, ("input", name), "funds.draft", {"min": 0})
        for name, number in goals.items()
        if number is not None and number < 0
    ]


def check_share(amount: int, fund_amount: int, *path: str) -> list[Violation]:
    """OUT_OF_RANGE for an expense of nothing or less, or a share of the fund that is negative or more than it."""
    details = {"min": "0.00", "max": f"{Decimal(amount) / _MINOR:.2f}"}
    reasons: tuple[tuple[bool, str, dict[str, Any]], ...] = (
        (amount > 0, "amount", {"min": "0.01"}),
        (amount <= 0 or 0 <= fund_amount <= amount, "fundAmount", details),
    )
    return [Violation(E.OUT_OF_RANGE, (*path, name), "funds.draft", more) for met, name, more in reasons if not met]


@rule("funds.application", "A 13.2", codes=(E.REQUIRED,), page=_APPLICATION_PAGE)
def check_complete(plan: MdfPlan) -> list[Violation]:
    """REQUIRED for each thing that an application must say."""
    given: dict[str, object] = {
        "name": plan.name.strip(),
        "activityType": plan.activity_type,
        "audience": plan.audience.strip(),
        "department": plan.department.strip(),
        "expectedLeads": plan.expected_leads is not None,
        "expectedOpportunities": plan.expected_opportunities is not None,
        "events": plan.events,
        "budget": plan.budget,
    }
    missing: list[tuple[str, ...]] = [(name,) for name, said in given.items() if not said]
    missing += [("events", str(place), name) for place, event in enumerate(plan.events) for name in _blanks(event)]
    return [Violation(E.REQUIRED, ("input", *path), "funds.application") for path in missing]


def _blanks(event: MdfEvent) -> list[str]:
    return [name for name in ("name", "location") if not getattr(event, name).strip()]


@rule("funds.before_the_activity", "A 13.4", codes=(E.MDF_RETROACTIVE,), page=_BEFORE_PAGE)
def check_before(starts_on: date, today: date) -> list[Violation]:
    """MDF_RETROACTIVE from the day on which the activity starts: what was not approved before is never paid."""
    if today < starts_on:
        return []
    return [Violation(E.MDF_RETROACTIVE, ("input", "events"), "funds.before_the_activity")]


@rule(
    "funds.lead_time",
    "A 13.2",
    policy=(MDF_MIN_LEAD_WORKING_DAYS,),
    codes=(E.MDF_LATE_REASON_REQUIRED,),
    page=_EARLY_PAGE,
)
def check_lead(
    starts_on: date, late_reason: str, *, now: datetime, policy: Policy, entries: Entries
) -> list[Violation]:
    """MDF_LATE_REASON_REQUIRED for an activity that starts in less working days than the policy asks, without a word
    why it was applied for so late.
    """
    days = policy[MDF_MIN_LEAD_WORKING_DAYS]
    in_time = add_working_days(now, days, policy.site, entries).at <= end_of_day(starts_on, policy.site)
    if in_time or late_reason.strip():
        return []
    return [Violation(E.MDF_LATE_REASON_REQUIRED, ("input", "lateReason"), "funds.lead_time", {"days": days})]


@rule("funds.series", "A 13.2", policy=(MDF_BATCH_SPAN_MONTHS,), codes=(E.MDF_BATCH_SPAN,), page=_BATCH_PAGE)
def check_span(starts_on: date, ends_on: date, *, policy: Policy) -> list[Violation]:
    """MDF_BATCH_SPAN for events that lie further apart than one application may cover."""
    months = policy[MDF_BATCH_SPAN_MONTHS]
    if ends_on < add_months(starts_on, months, policy.site.zone):
        return []
    return [Violation(E.MDF_BATCH_SPAN, ("input", "events"), "funds.series", {"months": months})]


@rule("funds.activity_type", "A 13.5", policy=(MDF_ACTIVITY_TYPES,), codes=(E.MDF_TYPE_NOT_ALLOWED,), page=_TYPES_PAGE)
def check_type(plan: MdfPlan, *, policy: Policy) -> list[Violation]:
    """MDF_TYPE_NOT_ALLOWED for an activity of a type that the fund does not support on this site."""
    if plan.activity_type is None or plan.activity_type.value in policy[MDF_ACTIVITY_TYPES]:
        return []
    return [Violation(E.MDF_TYPE_NOT_ALLOWED, ("input", "activityType"), "funds.activity_type")]


@dataclass(frozen=True, slots=True)
class Gift:
    """Gifts of one kind, in minor units; a name, a number and an occasion may be missing still."""

    amount: int
    item: str
    quantity: int | None
    heads: int | None
    occasion: MdfGiftOccasion | None

    @classmethod
    def of(cls, line: Any) -> "Gift":
        """What an expense or a line of a claim says of its gifts."""
        return cls(line.amount, line.item, line.quantity, line.heads, line.occasion)


@rule(
    "funds.gifts",
    "A 13.5",
    policy=(MDF_GIFT_CAP,),
    codes=(E.MDF_GIFT_NOT_NAMED, E.MDF_GIFT_UNRELATED, E.MDF_GIFT_CAP, E.REQUIRED),
    page=_EXPENSES_PAGE,
)
def check_gift(gift: Gift, *path: str, policy: Policy) -> list[Violation]:
    """All reasons against gifts: MDF_GIFT_NOT_NAMED without the item's name, MDF_GIFT_UNRELATED unless they belong to
    the activity, REQUIRED for numbers of items and people, MDF_GIFT_CAP for one that costs more than the policy's cap,
    alone or for each person.
    """
    violations: list[Violation] = []
    if not gift.item.strip():
        violations.append(Violation(E.MDF_GIFT_NOT_NAMED, (*path, "item"), "funds.gifts"))
    if gift.occasion is not MdfGiftOccasion.ACTIVITY:
        violations.append(Violation(E.MDF_GIFT_UNRELATED, (*path, "occasion"), "funds.gifts"))
    cap = policy[MDF_GIFT_CAP]
    shared = {"quantity": gift.quantity, "heads": gift.heads}
    for name, number in shared.items():
        if number is None or number < 1:
            violations.append(Violation(E.REQUIRED, (*path, name), "funds.gifts"))
        elif gift.amount > cap * _MINOR * number:
            violations.append(_over_cap(cap, policy, *path, name))
    return violations


def _over_cap(cap: Decimal, policy: Policy, *path: str) -> Violation:
    return Violation(E.MDF_GIFT_CAP, path, "funds.gifts", {"cap": f"{cap:.2f} {policy.site.currency}"})


def check_gifts(lines: Iterable[Any], *path: str, policy: Policy) -> list[Violation]:
    """The reasons against each of the gifts in a budget or claim, at its place."""
    return [
        violation
        for place, line in enumerate(lines)
        if line.category is MdfExpenseCategory.GIFTS
        for violation in check_gift(Gift.of(line), *path, str(place), policy=policy)
    ]


@rule(
    "funds.company",
    "A 13.6",
    codes=(E.MDF_SIMILAR_ACTIVITY, E.MDF_DOUBLE_DIP),
    page=_SIMILAR_PAGE,
)
def check_likeness(likeness: Collection[Likeness], *, confirmed: bool) -> list[Violation]:
    """MDF_DOUBLE_DIP for an activity that the company has another line of the fund pay for; MDF_SIMILAR_ACTIVITY for
    one like others of the company, until the partner confirms that it is another one.
    """
    reasons = (
        (Likeness.OTHER_LINE in likeness, E.MDF_DOUBLE_DIP),
        (Likeness.SIMILAR in likeness and not confirmed, E.MDF_SIMILAR_ACTIVITY),
    )
    return [Violation(code, rule="funds.company") for hit, code in reasons if hit]


@rule("funds.agreement", "A 13.2", codes=(E.AGREEMENT_REQUIRED,))
def check_payment_agreement(version: str | None) -> list[Violation]:
    """AGREEMENT_REQUIRED unless the present version of the payment agreement is accepted."""
    return check_accepted(StatementCode.MDF_PAYMENT, version, "input", "agreementVersion", rule="funds.agreement")


@rule("funds.fiscal_year", "A 13.1", codes=(E.MDF_QUOTA_CLOSED,))
def check_year(quota_year: int, today: date) -> list[Violation]:
    """MDF_QUOTA_CLOSED for a quota of another year than the present one."""
    if quota_year == today.year:
        return []
    return [Violation(E.MDF_QUOTA_CLOSED, ("input", "quotaId"), "funds.fiscal_year", {"year": quota_year})]


def check_application(
    plan: MdfPlan, given: Application, *, now: datetime, policy: Policy, entries: Entries
) -> list[Violation]:
    """Everything against submitting an application, at once; suspensions and frozen benefits are asked beside it."""
    today = day_of(now, policy.site)
    violations = MDF_CASE.check(given.state, "submit") + check_year(given.quota_year, today)
    violations += check_plan(plan) + check_complete(plan) + check_type(plan, policy=policy)
    starts_on, ends_on = plan.starts_on, plan.ends_on
    if starts_on is not None and ends_on is not None:
        before = check_before(starts_on, today)
        violations += before or check_lead(starts_on, plan.late_reason, now=now, policy=policy, entries=entries)
        violations += check_span(starts_on, ends_on, policy=policy)
    violations += check_gifts(plan.budget, "input", "budget", policy=policy)
    violations += check_available(given.balance, plan.fund_total, "input", "budget")
    violations += check_likeness(given.likeness, confirmed=given.similar_confirmed)
    return violations + check_payment_agreement(given.agreement)


@rule("funds.cancellation", "A 13.4", codes=(E.MDF_ACTIVITY_STARTED,), page=_APPLICATION_PAGE)
def check_cancellation(state: MdfState, starts_on: date | None, today: date) -> list[Violation]:
    """All reasons against cancelling: STATE_CONFLICT, MDF_ACTIVITY_STARTED from the activity's first day on."""
    violations = MDF_CASE.check(state, "cancel")
    if starts_on is not None and today >= starts_on:
        violations.append(Violation(E.MDF_ACTIVITY_STARTED, rule="funds.cancellation"))
    return violations
