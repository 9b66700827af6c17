"""Whether the vendor may share its own opportunities with a partner."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime

from rules.calendar import add_months, day_of
from rules.errors import ErrorCode, Violation
from rules.paths.kinds import PathStage
from rules.policy import PATHS_HO_COUNTED_ONLY, PATHS_HO_DELIVERIES, PATHS_HO_MONTHS, Policy
from rules.registry import rule

_PAGE = "https://huaweicloud.com/s/JeWtmOWCqOacjeWKoeWZqOmFjee9ruimgeaxguaMh-S7gOS5iCU/t_30_p_10/JeWQiOS9nOS8meS8tOS4reW_gyU"
E = ErrorCode


@dataclass(frozen=True, slots=True)
class Delivery:
    """An opportunity of the partner that was signed and is delivered; `counted` when it names an offering."""

    delivered_on: date
    counted: bool


@dataclass(frozen=True, slots=True)
class HoEligibility:
    """What came of it: all reasons against it, and how many deliveries from which day on there are of those needed."""

    reasons: tuple[Violation, ...]
    deliveries: int
    needed: int
    since: date

    @property
    def eligible(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.reasons


def compute_ho_since(now: datetime, policy: Policy) -> date:
    """The first day of which deliveries count: the same day of the month some months back, on the site's days."""
    return add_months(day_of(now, policy.site), -policy[PATHS_HO_MONTHS], policy.site.zone)


@rule(
    "paths.ho_eligibility",
    "A 6.5",
    policy=(PATHS_HO_DELIVERIES, PATHS_HO_MONTHS, PATHS_HO_COUNTED_ONLY),
    codes=(E.PCE_NOT_JOINED, E.HO_STAGE_REQUIRED, E.HO_DELIVERIES_REQUIRED),
    page=_PAGE,
)
def compute_ho_eligibility(
    stages: AbstractSet[PathStage], deliveries: Iterable[Delivery], *, co_sell: bool, now: datetime, policy: Policy
) -> HoEligibility:
    """Eligible in the co-sell plan with a path differentiated, or with one certified and enough deliveries.

    `stages` are those of the partner's paths. Deliveries count from `compute_ho_since` until today. Reasons:
    PCE_NOT_JOINED; HO_STAGE_REQUIRED without a certified path, or HO_DELIVERIES_REQUIRED with one.
    """
    today, since = day_of(now, policy.site), compute_ho_since(now, policy)
    needed = policy[PATHS_HO_DELIVERIES]
    within = [one for one in deliveries if since <= one.delivered_on <= today]
    found = sum(one.counted or not policy[PATHS_HO_COUNTED_ONLY] for one in within)
    reasons = [] if co_sell else [Violation(E.PCE_NOT_JOINED, rule="paths.ho_eligibility")]
    if PathStage.DIFFERENTIATED not in stages:
        if PathStage.CERTIFIED not in stages:
            reasons.append(Violation(E.HO_STAGE_REQUIRED, rule="paths.ho_eligibility"))
        elif found < needed:
            details = {"have": found, "needed": needed, "since": since}
            reasons.append(Violation(E.HO_DELIVERIES_REQUIRED, rule="paths.ho_eligibility", parameters=details))
    return HoEligibility(tuple(reasons), found, needed, since)
