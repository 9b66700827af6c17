"""Tiers: which a site has, where members begin, what rising to a higher one asks for and how it is decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rules.calendar import add_months, day_of
from rules.errors import ErrorCode as E
from rules.errors import Violation
from rules.plans.catalogue import TIERS, Plan, Tier
from rules.plans.joining import MEMBERSHIP, MembershipState
from rules.policy import PLANS_TIER_MONTHS, PLANS_TIER_PERFORMANCE, PLANS_TIER_SPECIALISTS, Policy, PolicyKey
from rules.registry import rule
from rules.sites import Site
from rules.transitions import machine

_TIERS_PAGE = "https://support.huaweicloud.com/intl/en-us/usermanual-bpconsole/uple_0000.html"


class UpgradeState(StrEnum):
    """Where an application for a higher tier stands."""

    IN_REVIEW = "IN_REVIEW"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"


class TierRequirementKind(StrEnum):
    """What a tier asks for in numbers. PERFORMANCE counts whole units of the site's currency."""

    PERFORMANCE = "PERFORMANCE"
    SPECIALISTS = "SPECIALISTS"


U, Q = UpgradeState, TierRequirementKind
# The membership stays in the plan, in its present tier, while the vendor looks at the application.
TIER_UPGRADE = machine(
    "tier_upgrade",
    UpgradeState,
    (U.IN_REVIEW,),
    "A 8.4",
    (U.IN_REVIEW, "approve", "vendor", U.APPROVED),
    (U.IN_REVIEW, "reject", "vendor", U.REJECTED),
    (U.IN_REVIEW, "withdraw", "partner, or system when the membership ends", U.WITHDRAWN),
)


@dataclass(frozen=True, slots=True)
class Merits:
    """What a partner has to show: whether an account of its company has a validated role in software, service or SI;
    audited performance in whole units of its site's currency; acknowledged project specialists.
    """

    role_validated: bool = False
    performance: int = 0
    specialists: int = 0


@dataclass(frozen=True, slots=True)
class TierRequirement:
    """One thing that a tier asks for: how much is needed and how much there is."""

    kind: TierRequirementKind
    needed: int
    have: int

    @property
    def met(self) -> bool:
        """Whether there is enough."""
        return self.have >= self.needed


@rule("plans.tier", "A 8.4", codes=(E.PLAN_TIER_INVALID,), page=_TIERS_PAGE)
def check_tier(plan: Plan, site: Site, tier: str | None) -> list[Violation]:
    """PLAN_TIER_INVALID when the vendor gives a tier that the site does not have, or one to a plan without tiers."""
    if tier is None or (plan.tiered and tier in _ranks(site)):
        return []
    return [Violation(E.PLAN_TIER_INVALID, ("input", "tier"), "plans.tier", {"plan": plan.code.value})]


def compute_first_tier(plan: Plan, site: Site) -> str | None:
    """The tier a new member starts in; `None` where the plan has none."""
    return TIERS[site][0].code if plan.tiered else None


def compute_higher_tiers(plan: Plan, site: Site, present: str | None) -> tuple[Tier, ...]:
    """The tiers above the present one to which members of the plan can rise, the next one first."""
    return TIERS[site][_ranks(site).get(present or "", -1) + 1 :] if plan.rises else ()


_NEEDED: Mapping[TierRequirementKind, PolicyKey[tuple[str, ...]]] = {
    Q.PERFORMANCE: PLANS_TIER_PERFORMANCE,
    Q.SPECIALISTS: PLANS_TIER_SPECIALISTS,
}


@rule("plans.tier_requirements", "A 8.4", policy=tuple(_NEEDED.values()), page=_TIERS_PAGE)
def compute_tier_requirements(site: Site, tier: str, merits: Merits, *, policy: Policy) -> list[TierRequirement]:
    """What the tier asks for. The first tier asks for nothing; each further one has its place in the policy's lists,
    and what a list does not reach is not asked for.
    """
    have = {Q.PERFORMANCE: merits.performance, Q.SPECIALISTS: merits.specialists}
    place = _ranks(site).get(tier, 0) - 1
    asked = {kind: policy[key] for kind, key in _NEEDED.items()}
    return [
        TierRequirement(kind, int(numbers[place]), have[kind])
        for kind, numbers in asked.items()
        if 0 <= place < len(numbers)
    ]


@rule("plans.tier_role", "A 8.4", codes=(E.TIER_ROLE_REQUIRED,), page=_TIERS_PAGE)
@rule("plans.tier_assigned", "A 8.4", codes=(E.TIER_BY_MANAGER_ONLY,), page=_TIERS_PAGE)
@rule(
    "plans.tier_upgrade",
    "A 8.4",
    policy=tuple(_NEEDED.values()),
    codes=(E.TIER_NOT_HIGHER, E.TIER_UPGRADE_OPEN, E.REQUIREMENTS_NOT_MET, E.PLAN_TIER_INVALID),
    page=_TIERS_PAGE,
)
def check_upgrade(
    state: MembershipState,
    plan: Plan,
    present: str | None,
    wanted: str,
    merits: Merits,
    *,
    is_open: bool,
    by_vendor: bool,
    policy: Policy,
) -> list[Violation]:
    """All reasons against applying for the tier `wanted`.

    STATE_CONFLICT unless joined; PLAN_TIER_INVALID for a tier that members of the plan cannot rise to on this site,
    TIER_NOT_HIGHER for one that is not above the present; TIER_BY_MANAGER_ONLY when the partner itself asks for one
    that the ecosystem manager applies for; TIER_UPGRADE_OPEN while an application is in review; TIER_ROLE_REQUIRED
    without a validated role in the company, REQUIREMENTS_NOT_MET for each requirement.
    """
    path, details = ("input", "tier"), {"plan": plan.code.value, "tier": wanted}
    violations = MEMBERSHIP.check(state, "upgrade_tier")
    if not plan.rises or wanted not in _ranks(policy.site):
        return [*violations, Violation(E.PLAN_TIER_INVALID, path, "plans.tier_upgrade", details)]
    higher = {tier.code: tier for tier in compute_higher_tiers(plan, policy.site, present)}
    chosen = higher.get(wanted)
    reasons = (
        (chosen is not None, path, E.TIER_NOT_HIGHER, "plans.tier_upgrade"),
        (by_vendor or chosen is None or not chosen.assigned, path, E.TIER_BY_MANAGER_ONLY, "plans.tier_assigned"),
        (not is_open, (), E.TIER_UPGRADE_OPEN, "plans.tier_upgrade"),
        (merits.role_validated, (), E.TIER_ROLE_REQUIRED, "plans.tier_role"),
    )
    violations += [Violation(code, at, name, details) for met, at, code, name in reasons if not met]
    return violations + _missing(compute_tier_requirements(policy.site, wanted, merits, policy=policy))


_PLACES = {Q.PERFORMANCE: "SALES", Q.SPECIALISTS: "SPECIALISTS"}


def _missing(requirements: list[TierRequirement]) -> list[Violation]:
    return [
        Violation(
            E.REQUIREMENTS_NOT_MET,
            rule="plans.tier_upgrade",
            parameters={
                "requirement": one.kind.value,
                "needed": one.needed,
                "have": one.have,
                "place": _PLACES[one.kind],
            },
        )
        for one in requirements
        if not one.met
    ]


@rule("plans.tier_performance", "A 8.4", policy=(PLANS_TIER_MONTHS,))
def compute_performance_months(now: datetime, *, policy: Policy) -> tuple[str, str]:
    """First and last of the accounting months whose performance counts for a tier: those before the present one."""
    first_day = day_of(now, policy.site).replace(day=1)
    months = (add_months(first_day, -back, policy.site.zone) for back in (policy[PLANS_TIER_MONTHS], 1))
    first, last = (f"{month:%Y-%m}" for month in months)
    return first, last


def _ranks(site: Site) -> Mapping[str, int]:
    return {tier.code: rank for rank, tier in enumerate(TIERS[site])}
