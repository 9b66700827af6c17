"""The list of a month: when it is made, how long there is to check it, to dispute it, and to show the materials."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time

from rules.calendar import Deadline, Entries, add_months, add_working_days
from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.experts.entering import check_qualified, check_stage_of
from rules.experts.kinds import EXPERT_INCENTIVE, WAITING, ExpertIncentiveStatus, Generation, MaterialKind
from rules.experts.schemes import ExpertScheme, ListTotal
from rules.money import format_amount
from rules.paths import PathStage
from rules.policy import (
    EXPERTS_CONFIRM_WORKING_DAYS,
    EXPERTS_FILES_MAX,
    EXPERTS_GENERATION_DAY,
    EXPERTS_MATERIALS_WORKING_DAYS,
    EXPERTS_MONTH_START_CONFIRM_WORKING_DAYS,
    Policy,
    PolicyKey,
)
from rules.registry import rule
from rules.sites import Site

E, S = ErrorCode, ExpertIncentiveStatus
GENERATED_AT = time(2)
"""Lists are made at this hour in UTC+8, on either site."""
WORDS_LENGTH = 500
"""Longest objection or answer, in characters."""

_LIST_PAGE = "https://huaweicloud.com/s/JWxpbnV45oCO5LmI5pu05pawc3Ns6K-B5LmmJQ/t_30_p_7/JeWQiOS9nOS8meS8tOS4reW_gyU"
_MATERIALS_PAGE = "https://huaweicloud.com/s/JeaVsOaNruW6k-Wkh-S7veaWh-S7tuS4gOiIrOS_neeVmeWkmuS5hSU/t_30_p_3/JeWQiOS9nOS8meS8tOS4reW_gyU"
_FIRST_DAY = 1
_ZONE = Site.CN.zone
_CONFIRM: Mapping[Generation, PolicyKey[int]] = {
    Generation.DAY_OF_MONTH: EXPERTS_CONFIRM_WORKING_DAYS,
    Generation.MONTH_START: EXPERTS_MONTH_START_CONFIRM_WORKING_DAYS,
}


@rule("experts.generation", "A 14.1", policy=(EXPERTS_GENERATION_DAY,), page=_LIST_PAGE)
def compute_last_generation(scheme: ExpertScheme, now: datetime, *, policy: Policy) -> datetime | None:
    """The last instant up to `now` at which lists of the scheme are made; None where partners ask for theirs.

    At two in the morning (UTC+8) of the scheme's day of each month.
    """
    if scheme.generation is Generation.ON_REQUEST:
        return None
    day = policy[EXPERTS_GENERATION_DAY] if scheme.generation is Generation.DAY_OF_MONTH else _FIRST_DAY
    today = now.astimezone(_ZONE).date()
    here = datetime.combine(today.replace(day=day), GENERATED_AT, _ZONE).astimezone(UTC)
    return here if here <= now else add_months(here, -1, _ZONE)


def period_of(instant: datetime) -> str:
    """The month that a list made then is for, as 2026-03."""
    return f"{instant.astimezone(_ZONE):%Y-%m}"


@rule(
    "experts.deadline",
    "A 14.1",
    policy=(EXPERTS_CONFIRM_WORKING_DAYS, EXPERTS_MONTH_START_CONFIRM_WORKING_DAYS),
    page=_LIST_PAGE,
)
def compute_list_deadline(
    scheme: ExpertScheme, begun_at: datetime, *, policy: Policy, entries: Entries
) -> Deadline | None:
    """The first instant too late to check a list that was made, or made anew, then; None where the partner has asked
    for it and so has checked it.
    """
    key = _CONFIRM.get(scheme.generation)
    return None if key is None else add_working_days(begun_at, policy[key], policy.site, entries)


@rule("experts.materials_time", "A 14.2", policy=(EXPERTS_MATERIALS_WORKING_DAYS,), page=_MATERIALS_PAGE)
def compute_materials_deadline(begun_at: datetime, *, policy: Policy, entries: Entries) -> Deadline:
    """The first instant too late to hand in the materials of a list that was confirmed, or sent back, then."""
    return add_working_days(begun_at, policy[EXPERTS_MATERIALS_WORKING_DAYS], policy.site, entries)


@dataclass(frozen=True, slots=True)
class ListFacts:
    """What the rules ask about a list: its status as stored, until when it waits for its partner, what it comes to."""

    status: ExpertIncentiveStatus
    deadline: datetime
    total: ListTotal

    def is_over(self, now: datetime) -> bool:
        """Whether its partner has let the time pass in which it waits for it."""
        return self.status in WAITING and now >= self.deadline

    def standing(self, now: datetime) -> ExpertIncentiveStatus:
        """The status as it holds at `now`: past its time it has expired, marked or not."""
        return S.EXPIRED if self.is_over(now) else self.status


@rule("experts.in_time", "A 14.2", codes=(E.INCENTIVE_EXPIRED, E.STATE_CONFLICT), page=_LIST_PAGE)
def check_step(facts: ListFacts, event: str, *, now: datetime) -> list[Violation]:
    """INCENTIVE_EXPIRED when its time is over, STATE_CONFLICT when `event` is not what it waits for."""
    if facts.standing(now) is S.EXPIRED:
        return [Violation(E.INCENTIVE_EXPIRED, rule="experts.in_time", deadline=facts.deadline)]
    return EXPERT_INCENTIVE.check(facts.status, event)


@rule("experts.acknowledgement", "D 2", codes=(E.EXPERT_LIST_DIFFERS,), page=_LIST_PAGE)
def check_acknowledged(facts: ListFacts, seen: ListTotal) -> list[Violation]:
    """EXPERT_LIST_DIFFERS for a head count or a total that is not the list's: the partner has looked at another one."""
    pairs = {
        "headCount": (seen.heads, facts.total.heads, str(facts.total.heads)),
        "total": (seen.amount, facts.total.amount, format_amount(facts.total.amount)),
    }
    return [
        Violation(E.EXPERT_LIST_DIFFERS, ("input", name), "experts.acknowledgement", {"listed": said})
        for name, (given, listed, said) in pairs.items()
        if given != listed
    ]


@rule("experts.dispute", "A 14.2", codes=(E.REASON_REQUIRED, E.OUT_OF_RANGE))
def check_words(words: str | None, name: str) -> list[Violation]:
    """REASON_REQUIRED or OUT_OF_RANGE: an objection and its answer are read by the other side."""
    missing = E.REASON_REQUIRED
    return check_text(words, "input", name, rule="experts.dispute", longest=WORDS_LENGTH, missing=missing)


@rule("experts.recount", "A 14.2", codes=(E.EXPERT_LIST_EMPTY,))
def check_recount(total: ListTotal) -> list[Violation]:
    """EXPERT_LIST_EMPTY when nobody is an expert of the scheme now: there is no list without experts."""
    return [] if total.heads else [Violation(E.EXPERT_LIST_EMPTY, rule="experts.recount")]


@rule("experts.request", "A 14.1", codes=(E.EXPERT_LIST_GENERATED, E.EXPERT_LIST_THERE))
def check_request(scheme: ExpertScheme, stage: PathStage | None, *, qualified: bool, there: bool) -> list[Violation]:
    """All reasons against asking for a list but for there being nobody on it: EXPERT_LIST_GENERATED in a scheme whose
    lists come by themselves, EXPERT_LIST_THERE for a second one a month, those of `check_stage_of` and
    `check_qualified`.
    """
    reasons = (
        (scheme.generation is not Generation.ON_REQUEST, E.EXPERT_LIST_GENERATED),
        (there, E.EXPERT_LIST_THERE),
    )
    violations = [Violation(code, rule="experts.request") for met, code in reasons if met]
    return violations + check_stage_of(scheme, stage) + check_qualified(qualified)


MATERIAL_INPUTS: Mapping[MaterialKind, str] = {
    MaterialKind.EMPLOYMENT: "employmentIds",
    MaterialKind.SOCIAL_INSURANCE: "socialInsuranceIds",
    MaterialKind.ACCEPTANCE: "acceptanceIds",
}


@rule("experts.materials", "A 14.2", policy=(EXPERTS_FILES_MAX,), codes=(E.REQUIRED, E.TOO_MANY), page=_MATERIALS_PAGE)
def check_materials(
    scheme: ExpertScheme, given: Mapping[MaterialKind, Collection[object]], *, policy: Policy
) -> list[Violation]:
    """REQUIRED for each kind that the scheme asks for and nothing is handed in of, TOO_MANY files of one."""
    violations = []
    for kind, name in MATERIAL_INPUTS.items():
        files = len(given.get(kind, ()))
        if kind in scheme.materials and not files:
            violations.append(Violation(E.REQUIRED, ("input", name), "experts.materials"))
        if files > policy[EXPERTS_FILES_MAX]:
            violations.append(Violation(E.TOO_MANY, ("input", name), "experts.materials"))
    return violations
