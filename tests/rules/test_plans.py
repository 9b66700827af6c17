"""The catalogue of plans, joining, inviting and leaving."""

from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest

from rules.accounts import RealNameKind, RealNameState
from rules.errors import ErrorCode
from rules.partners import AdmissionState, PartnerKind, Standing
from rules.plans import (
    HELD,
    MEMBERSHIP,
    PLANS,
    RESUMED,
    TIERS,
    Candidate,
    Condition,
    ExitMode,
    JoinMode,
    Leaving,
    MembershipState,
    OpenCase,
    Plan,
    PlanCode,
    check_eligibility,
    check_exit,
    check_invite,
    check_join,
    check_tier,
    compute_applied_state,
    compute_approved_state,
    compute_first_tier,
    compute_kind,
    is_automatic,
)
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

M, P, E = MembershipState, PlanCode, ErrorCode
CO_SELL, PROVIDER, DISTRIBUTOR, RESELLER = (
    PLANS[code] for code in (P.CO_SELL, P.SOLUTION_PROVIDER, P.DISTRIBUTOR, P.RESELLER)
)
JOINED = AdmissionState.JOINED
NEWCOMER = Candidate(
    Site.INTL,
    JOINED,
    real_name_kind=RealNameKind.ENTERPRISE,
    real_name_state=RealNameState.PASSED,
    email_bound=True,
    relations_declared=True,
)
DAY = date(2026, 11, 21)


class Reviewed:
    """Operations have switched automatic joining of the co-sell plan off."""

    site, key, effective_on, value = Site.CN, "plans.co_sell_automatic", date(2026, 1, 1), False


def test_the_catalogue_has_every_plan() -> None:
    assert set(PLANS) == set(PlanCode)
    assert {plan.code for plan in PLANS.values()} == set(PlanCode)


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code.value)
def test_catalogue(plan: Plan) -> None:
    assert all(plan.titles[locale] for locale in ("en", "zh-CN"))
    assert plan.conditions and plan.agreement and plan.page.startswith("https://")
    assert all(plan.code in PLANS[other].exclusive_with for other in plan.exclusive_with), "exclusion is mutual"
    assert plan.code not in plan.exclusive_with
    assert plan.tiered is (plan.kind is not None)


def test_three_kinds_of_partners_with_at_least_two_tiers() -> None:
    assert {plan.kind for plan in PLANS.values() if plan.tiered} == set(PartnerKind)
    assert {site: [tier.code for tier in TIERS[site]] for site in Site} == {
        Site.CN: ["SELECT", "LEADING", "CORE"],
        Site.INTL: ["STANDARD", "ADVANCED", "PREMIER", "CORE"],
    }
    assert all([tier.code for tier in TIERS[site] if tier.assigned] == ["CORE"] for site in Site)


def test_every_condition_is_asked_by_a_plan() -> None:
    assert {name for plan in PLANS.values() for names in plan.conditions.values() for name in names} == set(Condition)


@pytest.mark.parametrize(("site", "admission"), [*product(Site, [None, *AdmissionState])])
def test_the_co_sell_plan_asks_for_the_network_alone(site: Site, admission: AdmissionState | None) -> None:
    """A partner without any other merit joins, and nobody else."""
    found = codes(check_join(Candidate(site, admission), CO_SELL, agreement=CO_SELL.agreement))
    assert found == [E.HCPN_REQUIRED] * (admission is not JOINED)


@pytest.mark.parametrize(("accepted", "refused"), [("1.0", False), ("0.9", True), ("", True), (None, True)])
def test_the_present_agreement_is_accepted(accepted: str | None, refused: bool) -> None:
    found = check_join(NEWCOMER, CO_SELL, agreement=accepted)
    assert codes(found) == [E.AGREEMENT_REQUIRED] * refused
    assert [(violation.path, violation.parameters) for violation in found] == [
        (("input", "agreementVersion"), {"version": "1.0"})
    ] * refused


@pytest.mark.parametrize("state", MembershipState)
def test_a_plan_is_held_once(state: MembershipState) -> None:
    candidate = replace(NEWCOMER, memberships={P.CO_SELL: state})
    held = state in {M.IN_REVIEW, M.DISTRIBUTOR_REVIEW, M.JOINED}
    assert codes(check_eligibility(candidate, CO_SELL)) == [E.PLAN_ALREADY_JOINED] * held


@pytest.mark.parametrize("state", [None, *MembershipState])
def test_a_plan_by_invitation(state: MembershipState | None) -> None:
    candidate = replace(NEWCOMER, memberships={} if state is None else {P.DISTRIBUTOR: state})
    expected = (
        []
        if state in (M.INVITED, M.REJECTED)
        else [E.PLAN_ALREADY_JOINED]
        if state in (M.IN_REVIEW, M.DISTRIBUTOR_REVIEW, M.JOINED)
        else [E.PLAN_INVITE_ONLY]
    )
    assert codes(check_eligibility(candidate, DISTRIBUTOR)) == expected


@pytest.mark.parametrize(
    ("plan", "other"),
    [(plan, other) for plan in PLANS.values() for other in sorted(plan.exclusive_with)],
    ids=lambda value: getattr(value, "code", value),
)
@pytest.mark.parametrize("state", MembershipState)
def test_plans_exclude_each_other(plan: Plan, other: PlanCode, state: MembershipState) -> None:
    candidate = replace(NEWCOMER, memberships={other: state, plan.code: M.REJECTED})
    excluded = state in {M.IN_REVIEW, M.DISTRIBUTOR_REVIEW, M.JOINED}
    found = check_eligibility(candidate, plan)
    assert codes(found) == [E.PLAN_EXCLUDED] * excluded
    assert all(violation.parameters["others"] == [other.value] for violation in found)


OBSTACLES: list[tuple[Condition, dict[str, Any], ErrorCode]] = [
    (Condition.ENTERPRISE, {"real_name_kind": RealNameKind.PERSONAL}, E.REAL_NAME_REQUIRED),
    (Condition.ENTERPRISE, {"real_name_state": RealNameState.IN_REVIEW}, E.REAL_NAME_REQUIRED),
    (Condition.NOT_FROZEN, {"standing": Standing.FROZEN}, E.PARTNER_FROZEN),
    (Condition.EMAIL_BOUND, {"email_bound": False}, E.PLAN_EMAIL_REQUIRED),
    (Condition.NO_PATH, {"path_chosen": True}, E.PLAN_PATH_CHOSEN),
    (Condition.NO_DISTRIBUTOR, {"has_distributor": True}, E.PLAN_HAS_DISTRIBUTOR),
    (Condition.NO_RESOURCES, {"open_resources": True}, E.PLAN_RESOURCES_OPEN),
    (Condition.NO_ARREARS, {"in_arrears": True}, E.PLAN_ARREARS),
    (Condition.NO_CONSUMPTION, {"has_consumption": True}, E.PLAN_CONSUMPTION),
    (Condition.NO_OTHER_PARTNER, {"other_partner": True}, E.PLAN_OTHER_PARTNER),
    (Condition.NO_UNIFIED_ACCOUNT, {"unified_account": True}, E.PLAN_UNIFIED_ACCOUNT),
    (Condition.NO_CREDIT_ACCOUNT, {"credit_account": True}, E.PLAN_CREDIT_ACCOUNT),
    (Condition.NOT_REPORTED_BY_VENDOR, {"reported_by_vendor": True}, E.PLAN_REPORTED_BY_VENDOR),
]


@pytest.mark.parametrize("site", Site)
@pytest.mark.parametrize("plan", [PROVIDER, DISTRIBUTOR, RESELLER], ids=lambda plan: plan.code.value)
@pytest.mark.parametrize(("condition", "facts", "code"), OBSTACLES)
def test_each_obstacle_stands_before_the_plans_that_name_it(
    site: Site, plan: Plan, condition: Condition, facts: dict[str, Any], code: ErrorCode
) -> None:
    good = replace(NEWCOMER, site=site, memberships={plan.code: M.REJECTED})
    assert check_eligibility(good, plan) == []
    found = codes(check_eligibility(replace(good, **facts), plan))
    assert found == [code] * (condition in plan.conditions[site])


@pytest.mark.parametrize(
    ("site", "plan", "facts", "code"),
    [
        (Site.INTL, PROVIDER, {"sibling_plans": frozenset({P.SOLUTION_PROVIDER})}, E.PLAN_SIBLING_JOINED),
        (Site.CN, PROVIDER, {"sibling_plans": frozenset({P.SOLUTION_PROVIDER})}, E.PLAN_SIBLING_JOINED),
        (Site.CN, PROVIDER, {"sibling_plans": frozenset({P.CO_SELL})}, None),
        (Site.CN, PLANS[P.COMPETENCY], {}, E.PLAN_PATH_REQUIRED),
        (Site.CN, PLANS[P.COMPETENCY], {"path_chosen": True}, None),
        (Site.CN, PLANS[P.SERVICE_COMPETENCY], {}, E.PLAN_SERVICE_ROLE_REQUIRED),
        (Site.CN, PLANS[P.SERVICE_COMPETENCY], {"service_role": True}, None),
        (Site.CN, PLANS[P.MARKETPLACE_SELLER], {}, None),
        (Site.CN, PLANS[P.MARKETPLACE_SALES], {}, E.PLAN_SALES_IDENTITY_REQUIRED),
        (Site.CN, PLANS[P.MARKETPLACE_SALES], {"memberships": {P.SOLUTION_PROVIDER: M.JOINED}}, None),
        (Site.CN, PLANS[P.MARKETPLACE_SALES], {"memberships": {P.DISTRIBUTOR: M.JOINED}}, None),
        (
            Site.CN,
            PLANS[P.MARKETPLACE_SALES],
            {"memberships": {P.DISTRIBUTOR: M.IN_REVIEW}},
            E.PLAN_SALES_IDENTITY_REQUIRED,
        ),
        (
            Site.CN,
            PLANS[P.MARKETPLACE_SALES],
            {"memberships": {P.RESELLER: M.JOINED}},
            E.PLAN_SALES_IDENTITY_REQUIRED,
        ),
    ],
)
def test_preconditions(site: Site, plan: Plan, facts: dict[str, Any], code: ErrorCode | None) -> None:
    candidate = replace(NEWCOMER, site=site, **facts)
    assert codes(check_eligibility(candidate, plan)) == [code] * (code is not None)


def test_a_plan_that_the_site_does_not_offer() -> None:
    local = replace(CO_SELL, conditions={Site.CN: ()})
    assert codes(check_eligibility(NEWCOMER, local)) == [E.PLAN_NOT_ELIGIBLE]
    assert codes(check_eligibility(replace(NEWCOMER, site=Site.CN), local)) == []
    invited = replace(DISTRIBUTOR, conditions={Site.CN: ()})
    assert codes(check_invite(NEWCOMER, invited)) == [E.PLAN_NOT_ELIGIBLE]


def test_all_reasons_at_once_and_the_agreement_last() -> None:
    candidate = Candidate(
        Site.INTL,
        None,
        standing=Standing.FROZEN,
        memberships={P.RESELLER: M.JOINED},
        open_resources=True,
        in_arrears=True,
        has_consumption=True,
        other_partner=True,
        unified_account=True,
        credit_account=True,
        reported_by_vendor=True,
    )
    reasons = check_eligibility(candidate, DISTRIBUTOR)
    assert codes(reasons) == [
        E.HCPN_REQUIRED,
        E.PLAN_INVITE_ONLY,
        E.PLAN_EXCLUDED,
        E.REAL_NAME_REQUIRED,
        E.PARTNER_FROZEN,
        E.PLAN_RESOURCES_OPEN,
        E.PLAN_ARREARS,
        E.PLAN_CONSUMPTION,
        E.PLAN_OTHER_PARTNER,
        E.PLAN_UNIFIED_ACCOUNT,
        E.PLAN_CREDIT_ACCOUNT,
        E.PLAN_REPORTED_BY_VENDOR,
        E.PLAN_DECLARATION_REQUIRED,
    ]
    joining = check_join(candidate, DISTRIBUTOR, agreement=None)
    assert joining[:-1] == reasons
    assert codes(joining)[-1] is E.AGREEMENT_REQUIRED


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code.value)
def test_only_the_co_sell_plan_needs_no_review(plan: Plan) -> None:
    automatic, reviewed = Policy.at(Site.CN, DAY), Policy.at(Site.CN, DAY, [Reviewed()])
    assert is_automatic(plan, policy=automatic) is (plan is CO_SELL)
    assert is_automatic(plan, policy=reviewed) is False
    assert compute_applied_state(plan, policy=automatic) is (M.JOINED if plan is CO_SELL else M.IN_REVIEW)
    assert compute_applied_state(plan, policy=reviewed) is M.IN_REVIEW


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code.value)
def test_the_distributor_decides_about_resellers_alone(plan: Plan) -> None:
    event = {M.JOINED: "approve", M.DISTRIBUTOR_REVIEW: "pass_on"}[compute_approved_state(plan)]
    assert compute_approved_state(plan) is (M.DISTRIBUTOR_REVIEW if plan is RESELLER else M.JOINED)
    assert MEMBERSHIP.after(M.IN_REVIEW, event) is compute_approved_state(plan)


def test_the_sets_of_states_agree_with_the_table() -> None:
    resumed = {row.source for row in MEMBERSHIP.transitions if row.event == "apply"}
    assert resumed == RESUMED == {row.source for row in MEMBERSHIP.transitions if row.event == "join"}
    final = {state for state in M if not any(row.source is state for row in MEMBERSHIP.transitions)}
    assert final == {M.WITHDRAWN, M.EXPIRED, M.EXITED, M.DECLINED, M.REVOKED}
    assert HELD | RESUMED | final == set(M) and not HELD & RESUMED


@pytest.mark.parametrize("state", [None, *MembershipState])
def test_the_vendor_invites_once(state: MembershipState | None) -> None:
    candidate = replace(NEWCOMER, memberships={} if state is None else {P.DISTRIBUTOR: state})
    live = state in (M.INVITED, M.IN_REVIEW, M.DISTRIBUTOR_REVIEW, M.JOINED)
    assert codes(check_invite(candidate, DISTRIBUTOR)) == [E.PLAN_ALREADY_JOINED] * live


@pytest.mark.parametrize("admission", [None, *AdmissionState])
def test_invitations_are_for_partners_of_the_network(admission: AdmissionState | None) -> None:
    found = check_invite(replace(NEWCOMER, admission=admission), DISTRIBUTOR)
    assert codes(found) == [E.HCPN_REQUIRED] * (admission is not JOINED)


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code.value)
def test_invitations_are_for_plans_by_invitation(plan: Plan) -> None:
    found = codes(check_invite(NEWCOMER, plan))
    assert found == ([] if plan.join is JoinMode.INVITE else [E.PLAN_NOT_INVITABLE])
    assert (plan.join is JoinMode.INVITE) is (plan is DISTRIBUTOR)


@pytest.mark.parametrize("by_vendor", [False, True])
@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code.value)
def test_leaving(plan: Plan, by_vendor: bool) -> None:
    offline = plan in (PROVIDER, DISTRIBUTOR, RESELLER)
    assert (plan.exit is ExitMode.OFFLINE) is offline
    expected = [E.PLAN_EXIT_OFFLINE_ONLY] * (offline and not by_vendor)
    assert codes(check_exit(M.JOINED, plan, by_vendor=by_vendor, has=Leaving())) == expected


@pytest.mark.parametrize("state", [state for state in M if state is not M.JOINED])
def test_only_members_leave(state: MembershipState) -> None:
    assert codes(check_exit(state, CO_SELL, by_vendor=False, has=Leaving())) == [E.STATE_CONFLICT]


CASES = {OpenCase.VOUCHER_QUOTA: 2, OpenCase.VOUCHER: 7}


@pytest.mark.parametrize("by_vendor", [False, True])
@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code.value)
def test_open_cases_hold_a_seller(plan: Plan, by_vendor: bool) -> None:
    found = check_exit(M.JOINED, plan, by_vendor=by_vendor, has=Leaving(cases=CASES))
    blocked = [one.parameters for one in found if one.code is E.PLAN_EXIT_BLOCKED]
    told = [{"plan": plan.code.value, "case": case.value, "count": count} for case, count in CASES.items()]
    assert blocked == (told if plan in (PROVIDER, DISTRIBUTOR, RESELLER) else [])


def test_all_reasons_against_leaving() -> None:
    found = codes(check_exit(M.IN_REVIEW, DISTRIBUTOR, by_vendor=False, has=Leaving(1, CASES)))
    assert found == [E.STATE_CONFLICT, E.PLAN_EXIT_OFFLINE_ONLY, *[E.PLAN_EXIT_BLOCKED] * 2, E.PLAN_STILL_LINKED]


@pytest.mark.parametrize(
    ("plan", "site", "tier", "refused"),
    [
        (PROVIDER, Site.CN, "SELECT", False),
        (PROVIDER, Site.CN, "CORE", False),
        (PROVIDER, Site.CN, "PREMIER", True),
        (PROVIDER, Site.INTL, "PREMIER", False),
        (PROVIDER, Site.INTL, "", True),
        (PROVIDER, Site.INTL, None, False),
        (CO_SELL, Site.CN, "SELECT", True),
        (CO_SELL, Site.CN, None, False),
    ],
)
def test_tiers(plan: Plan, site: Site, tier: str | None, refused: bool) -> None:
    assert codes(check_tier(plan, site, tier)) == [E.PLAN_TIER_INVALID] * refused


def test_a_member_begins_in_the_lowest_tier() -> None:
    assert compute_first_tier(PROVIDER, Site.CN) == "SELECT"
    assert compute_first_tier(RESELLER, Site.INTL) == "STANDARD"
    assert compute_first_tier(CO_SELL, Site.CN) is None


@pytest.mark.parametrize(
    ("memberships", "kind"),
    [
        ({}, None),
        ({P.CO_SELL: M.JOINED}, None),
        ({P.CO_SELL: M.JOINED, P.SOLUTION_PROVIDER: M.JOINED}, PartnerKind.SOLUTION_PROVIDER),
        ({P.SOLUTION_PROVIDER: M.EXITED, P.RESELLER: M.JOINED}, PartnerKind.RESELLER),
        ({P.DISTRIBUTOR: M.JOINED}, PartnerKind.DISTRIBUTOR),
        ({P.DISTRIBUTOR: M.IN_REVIEW}, None),
        ({P.RESELLER: M.DISTRIBUTOR_REVIEW}, None),
    ],
)
def test_the_plan_says_what_a_partner_sells_as(
    memberships: dict[PlanCode, MembershipState], kind: PartnerKind | None
) -> None:
    assert compute_kind(memberships) is kind
