"""Rising to a higher tier: both sides of each boundary on both sites, every reason at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from rules.errors import ErrorCode as E
from rules.errors import Violation
from rules.plans import (
    PLANS,
    TIERS,
    MembershipState,
    Merits,
    PlanCode,
    check_upgrade,
    compute_higher_tiers,
    compute_performance_months,
    compute_tier_requirements,
)
from rules.policy import Policy
from rules.sites import Site

PROVIDER = PLANS[PlanCode.SOLUTION_PROVIDER]
RESELLER = PLANS[PlanCode.RESELLER]
POLICIES = {site: Policy.at(site, date(2026, 3, 2)) for site in Site}
NEEDED = {
    Site.CN: {"LEADING": (1_000_000, 2), "CORE": (5_000_000, 5)},
    Site.INTL: {"ADVANCED": (150_000, 2), "PREMIER": (500_000, 4), "CORE": (1_000_000, 8)},
}
EVERY = [(site, tier, *NEEDED[site][tier]) for site in Site for tier in NEEDED[site]]
FIRST = {site: TIERS[site][0].code for site in Site}


def codes(violations: list[Violation]) -> list[E]:
    return [violation.code for violation in violations]


def against(
    site: Site,
    wanted: str,
    merits: Merits,
    *,
    present: str | None = None,
    state: MembershipState = MembershipState.JOINED,
    is_open: bool = False,
    by_vendor: bool = True,
) -> list[E]:
    found = check_upgrade(
        state,
        PROVIDER,
        present or FIRST[site],
        wanted,
        merits,
        is_open=is_open,
        by_vendor=by_vendor,
        policy=POLICIES[site],
    )
    return codes(found)


@pytest.mark.parametrize(("site", "tier", "performance", "specialists"), EVERY)
def test_both_sides_of_each_number(site: Site, tier: str, performance: int, specialists: int) -> None:
    enough = Merits(True, performance, specialists)
    assert against(site, tier, enough) == []
    assert against(site, tier, replace(enough, performance=performance - 1)) == [E.REQUIREMENTS_NOT_MET]
    assert against(site, tier, replace(enough, specialists=specialists - 1)) == [E.REQUIREMENTS_NOT_MET]
    assert against(site, tier, replace(enough, role_validated=False)) == [E.TIER_ROLE_REQUIRED]
    assert against(site, tier, enough, by_vendor=False) == [E.TIER_BY_MANAGER_ONLY] * (tier == "CORE")


@pytest.mark.parametrize("site", Site)
def test_all_reasons_at_once(site: Site) -> None:
    state = MembershipState.EXITED
    assert against(site, "CORE", Merits(), state=state, is_open=True, by_vendor=False) == [
        E.STATE_CONFLICT,
        E.TIER_BY_MANAGER_ONLY,
        E.TIER_UPGRADE_OPEN,
        E.TIER_ROLE_REQUIRED,
        E.REQUIREMENTS_NOT_MET,
        E.REQUIREMENTS_NOT_MET,
    ]


def test_what_is_missing_is_said_with_its_numbers() -> None:
    policy = POLICIES[Site.CN]
    found = check_upgrade(
        MembershipState.JOINED,
        PROVIDER,
        "SELECT",
        "LEADING",
        Merits(True),
        is_open=False,
        by_vendor=False,
        policy=policy,
    )
    assert [violation.parameters for violation in found] == [
        {"requirement": "PERFORMANCE", "needed": 1_000_000, "have": 0, "place": "SALES"},
        {"requirement": "SPECIALISTS", "needed": 2, "have": 0, "place": "SPECIALISTS"},
    ]


@pytest.mark.parametrize(
    ("present", "wanted", "expected"),
    [
        ("LEADING", "LEADING", [E.TIER_NOT_HIGHER]),
        ("CORE", "SELECT", [E.TIER_NOT_HIGHER]),
        ("SELECT", "PREMIER", [E.PLAN_TIER_INVALID]),
        ("SELECT", "", [E.PLAN_TIER_INVALID]),
        ("SELECT", "CORE", []),
    ],
)
def test_only_upwards_and_only_on_the_sites_tiers(present: str, wanted: str, expected: list[E]) -> None:
    assert against(Site.CN, wanted, Merits(True, 10**9, 99), present=present) == expected


def test_plans_in_which_nobody_rises() -> None:
    found = check_upgrade(
        MembershipState.JOINED,
        RESELLER,
        "SELECT",
        "LEADING",
        Merits(True, 10**9, 99),
        is_open=False,
        by_vendor=True,
        policy=POLICIES[Site.CN],
    )
    assert codes(found) == [E.PLAN_TIER_INVALID]
    assert compute_higher_tiers(RESELLER, Site.CN, "SELECT") == ()
    assert [plan.code for plan in PLANS.values() if plan.rises] == [PlanCode.SOLUTION_PROVIDER]


@pytest.mark.parametrize(
    ("site", "present", "expected"),
    [
        (Site.CN, "SELECT", ["LEADING", "CORE"]),
        (Site.CN, "CORE", []),
        (Site.INTL, "ADVANCED", ["PREMIER", "CORE"]),
        (Site.INTL, None, ["STANDARD", "ADVANCED", "PREMIER", "CORE"]),
    ],
)
def test_the_tiers_above(site: Site, present: str | None, expected: list[str]) -> None:
    assert [tier.code for tier in compute_higher_tiers(PROVIDER, site, present)] == expected


@pytest.mark.parametrize("site", Site)
def test_every_tier_above_the_first_asks_for_more_than_the_one_below(site: Site) -> None:
    policy = POLICIES[site]
    asked = [
        [one.needed for one in compute_tier_requirements(site, tier.code, Merits(), policy=policy)]
        for tier in TIERS[site]
    ]
    assert asked[0] == []
    assert all(len(numbers) == 2 for numbers in asked[1:])
    for lower, upper in pairwise(asked[1:]):
        assert all(low < high for low, high in zip(lower, upper, strict=True))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 2, 28, 16, 0, tzinfo=UTC) - timedelta(microseconds=1), ("2025-02", "2026-01")),
        (datetime(2026, 2, 28, 16, 0, tzinfo=UTC), ("2025-03", "2026-02")),
        (datetime(2026, 3, 31, 15, 59, tzinfo=UTC), ("2025-03", "2026-02")),
    ],
)
def test_the_complete_months_before_count(now: datetime, expected: tuple[str, str]) -> None:
    assert compute_performance_months(now, policy=POLICIES[Site.CN]) == expected
