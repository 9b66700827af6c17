"""Applications to distributors, invitations, parting: all reasons at once, both sides of each boundary."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from rules.errors import ErrorCode
from rules.partners import PartnerKind, Standing
from rules.plans import PLANS, MembershipState, Plan, PlanCode
from rules.policy import PolicyBook
from rules.resellers import (
    AFTER_PLAN,
    APPLICATION,
    LINK,
    LIVE,
    OPEN,
    ApplicationStatus,
    Inviter,
    LinkStatus,
    Reviewed,
    check_end,
    check_exit,
    check_intended_distributor,
    check_invite,
    check_review,
    compute_invitation_end,
)
from rules.sites import Site
from tests.rules.outcomes import codes

A, L, E = ApplicationStatus, LinkStatus, ErrorCode
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
RESELLER, CO_SELL = PLANS[PlanCode.RESELLER], PLANS[PlanCode.CO_SELL]
WAITING = Reviewed(A.DISTRIBUTOR_REVIEW, by_distributor=True, standing=Standing.ACTIVE, linked=False)


@pytest.mark.parametrize(
    ("plan", "named", "standing", "expected"),
    [
        (RESELLER, False, None, [E.DISTRIBUTOR_REQUIRED]),
        (RESELLER, True, None, [E.NOT_FOUND]),
        (RESELLER, True, Standing.ACTIVE, []),
        (RESELLER, True, Standing.RESTRICTED, []),
        (RESELLER, True, Standing.FROZEN, [E.PARTNER_FROZEN]),
        (CO_SELL, False, None, []),
        (CO_SELL, True, Standing.ACTIVE, [E.NOT_FOUND]),
    ],
)
def test_a_distributor_is_named_exactly_where_one_decides(
    plan: Plan, named: bool, standing: Standing | None, expected: list[ErrorCode]
) -> None:
    assert codes(check_intended_distributor(plan, named=named, standing=standing)) == expected


def test_only_the_reseller_plan_has_distributors_decide() -> None:
    assert [plan.code for plan in PLANS.values() if plan.distributor] == [PlanCode.RESELLER]


@pytest.mark.parametrize(("status", "approve"), list(product(A, (True, False))))
def test_only_what_waits_for_the_distributor_is_decided(status: ApplicationStatus, approve: bool) -> None:
    facts = Reviewed(status, by_distributor=True, standing=Standing.ACTIVE, linked=False)
    expected = [] if status is A.DISTRIBUTOR_REVIEW else [E.STATE_CONFLICT]
    assert codes(check_review(facts, approve=approve)) == expected


@pytest.mark.parametrize(
    ("standing", "linked", "approving", "rejecting"),
    [
        (Standing.ACTIVE, False, [], []),
        (Standing.RESTRICTED, False, [], []),
        (Standing.FROZEN, False, [E.PARTNER_FROZEN], []),
        (Standing.ACTIVE, True, [E.PLAN_HAS_DISTRIBUTOR], []),
        (Standing.FROZEN, True, [E.PARTNER_FROZEN, E.PLAN_HAS_DISTRIBUTOR], []),
    ],
)
def test_what_keeps_from_approving_does_not_keep_from_rejecting(
    standing: Standing, linked: bool, approving: list[ErrorCode], rejecting: list[ErrorCode]
) -> None:
    facts = Reviewed(A.DISTRIBUTOR_REVIEW, by_distributor=True, standing=standing, linked=linked)
    assert codes(check_review(facts, approve=True)) == approving
    assert codes(check_review(facts, approve=False)) == rejecting


def test_all_reasons_against_a_decision_at_once_each_with_its_place() -> None:
    facts = Reviewed(A.WITHDRAWN, by_distributor=False, standing=Standing.FROZEN, linked=True)
    found = check_review(facts, approve=True, place=("input", "ids", "3"))
    assert codes(found) == [E.NOT_A_DISTRIBUTOR, E.STATE_CONFLICT, E.PARTNER_FROZEN, E.PLAN_HAS_DISTRIBUTOR]
    assert {violation.path for violation in found} == {("input", "ids", "3")}
    assert found[1].rule == "reseller_application.states"


@pytest.mark.parametrize("kind", [None, *PartnerKind])
def test_distributors_alone_invite(kind: PartnerKind | None) -> None:
    expected = [] if kind is PartnerKind.DISTRIBUTOR else [E.NOT_A_DISTRIBUTOR]
    assert codes(check_invite(Inviter(kind, Standing.ACTIVE), now=NOW)) == expected


@pytest.mark.parametrize(
    ("standing", "expected"),
    [(Standing.ACTIVE, []), (Standing.RESTRICTED, []), (Standing.FROZEN, [E.PARTNER_FROZEN])],
)
def test_frozen_distributors_do_not(standing: Standing, expected: list[ErrorCode]) -> None:
    assert codes(check_invite(Inviter(PartnerKind.DISTRIBUTOR, standing), now=NOW)) == expected


@pytest.mark.parametrize(("until", "expected"), [(NOW, []), (NOW + MILLISECOND, [E.INVITATION_STILL_VALID])])
def test_one_link_at_a_time(until: datetime, expected: list[ErrorCode]) -> None:
    found = check_invite(Inviter(PartnerKind.DISTRIBUTOR, Standing.ACTIVE, until), now=NOW)
    assert codes(found) == expected
    assert all(violation.available_at == until for violation in found)


@pytest.mark.parametrize("site", Site)
def test_a_link_opens_for_seven_days(site: Site) -> None:
    policy = PolicyBook().at(site, NOW)
    assert compute_invitation_end(NOW, policy=policy) == NOW + timedelta(days=7)


def test_the_days_are_policy() -> None:
    class Shorter:
        site, key, effective_on, value = Site.CN, "resellers.invitation_life_days", date(2026, 1, 1), 3

    policy = PolicyBook([Shorter]).at(Site.CN, NOW)
    assert compute_invitation_end(NOW, policy=policy) == NOW + timedelta(days=3)


@pytest.mark.parametrize(("status", "by_reseller", "reason"), list(product(L, (False, True), ("Over.", " ", None))))
def test_who_begins_to_part_and_when(status: LinkStatus, by_reseller: bool, reason: str | None) -> None:
    expected = [E.NOT_A_DISTRIBUTOR] * by_reseller + [E.STATE_CONFLICT] * (status is not L.ACTIVE)
    expected += [E.REASON_REQUIRED] * (reason != "Over.")
    assert codes(check_exit(status, reason, by_reseller=by_reseller)) == expected


@pytest.mark.parametrize(("status", "by_reseller", "holds"), list(product(L, (False, True), (False, True))))
def test_who_ends_it_and_when(status: LinkStatus, by_reseller: bool, holds: bool) -> None:
    expected = [E.NOT_A_DISTRIBUTOR] * by_reseller + [E.STATE_CONFLICT] * (status is not L.EXITING)
    expected += [E.RESELLER_HOLDS_QUOTA] * holds
    assert codes(check_end(status, by_reseller=by_reseller, holds_quota=holds)) == expected


def test_every_step_of_the_membership_means_something_to_an_open_application() -> None:
    for status, (state, event) in product(OPEN, AFTER_PLAN.items()):
        possible = APPLICATION.target(status, event) is not None
        assert possible == (status is A.VENDOR_REVIEW or state is MembershipState.WITHDRAWN)


def test_open_and_live_are_the_states_that_go_on() -> None:
    assert {state for state in A if any(APPLICATION.target(state, event) for event in APPLICATION.events())} == set(
        OPEN
    )
    assert {state for state in L if any(LINK.target(state, event) for event in LINK.events())} == set(LIVE)
    assert codes(check_review(WAITING, approve=True)) == []
