"""Tiers: which a site has, where members begin."""

from rules.errors import ErrorCode as E
from rules.errors import Violation
from rules.plans.catalogue import TIERS, Plan
from rules.registry import rule
from rules.sites import Site

_TIERS_PAGE = "https://support.huaweicloud.com/intl/en-us/usermanual-bpconsole/uple_0000.html"


@rule("plans.tier", "A 8.4", codes=(E.PLAN_TIER_INVALID,), page=_TIERS_PAGE)
def check_tier(plan: Plan, site: Site, tier: str | None) -> list[Violation]:
    """PLAN_TIER_INVALID when the vendor gives a tier that the site does not have, or one to a plan without tiers."""
    if tier is None or (plan.tiered and any(known.code == tier for known in TIERS[site])):
        return []
    return [Violation(E.PLAN_TIER_INVALID, ("input", "tier"), "plans.tier", {"plan": plan.code.value})]


def compute_first_tier(plan: Plan, site: Site) -> str | None:
    """The tier a new member starts in; `None` where the plan has none."""
    return TIERS[site][0].code if plan.tiered else None
