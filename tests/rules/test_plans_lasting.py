"""How long memberships and invitations last: both sides of every instant."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from rules.errors import ErrorCode as E
from rules.errors import Violation
from rules.partners import AdmissionState
from rules.plans import (
    PLANS,
    Candidate,
    ExitMode,
    MembershipState,
    Plan,
    PlanCode,
    check_acceptance,
    check_renewal,
    compute_certificate_no,
    compute_first_notice,
    compute_invitation_end,
    compute_invited_state,
    compute_notice,
    compute_notices,
    compute_valid_to,
    is_over,
)
from rules.policy import Policy
from rules.sites import Site

M, P = MembershipState, PlanCode
SELLER = PLANS[P.MARKETPLACE_SALES]
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
END = datetime(2027, 3, 1, 16, 0, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
POLICY = Policy.at(Site.CN, date(2026, 3, 2))
MEMBER = Candidate(Site.CN, AdmissionState.JOINED, memberships={P.SOLUTION_PROVIDER: M.JOINED})


@dataclass(frozen=True)
class Set:
    """A value set over the shipped one."""

    key: str
    value: object
    site: str = "CN"
    effective_on: date = date(2026, 1, 1)


def codes(violations: list[Violation]) -> list[E]:
    return [violation.code for violation in violations]


def with_values(**values: object) -> Policy:
    given = [Set(f"plans.{name}", value) for name, value in values.items()]
    return Policy.at(Site.CN, date(2026, 3, 2), given)


def test_a_membership_ends_at_the_beginning_of_the_same_day_a_year_later() -> None:
    assert compute_valid_to(SELLER, NOON, policy=POLICY) == END
    late = datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)  # 23:59:59 in Shanghai
    assert compute_valid_to(SELLER, late, policy=POLICY) == END
    assert compute_valid_to(SELLER, late + timedelta(seconds=1), policy=POLICY) == END + timedelta(days=1)
    international = Policy.at(Site.INTL, date(2026, 3, 2))
    assert compute_valid_to(SELLER, NOON, policy=international) == datetime(2027, 3, 2, tzinfo=UTC)


def test_renewed_without_a_gap() -> None:
    assert compute_valid_to(SELLER, END, policy=POLICY) == datetime(2028, 3, 1, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code.value)
def test_what_is_left_through_the_vendor_has_no_end_of_its_own(plan: Plan) -> None:
    yearly = {P.COMPETENCY, P.MARKETPLACE_SELLER, P.MARKETPLACE_SALES, P.SERVICE_COMPETENCY}
    assert (compute_valid_to(plan, NOON, policy=POLICY) is not None) is (plan.code in yearly)
    assert plan.code not in yearly or plan.exit is ExitMode.SELF


def test_policy_gives_the_co_sell_plan_an_end() -> None:
    policy = with_values(co_sell_valid_months=1)
    assert compute_valid_to(PLANS[P.CO_SELL], NOON, policy=policy) == datetime(2026, 4, 1, 16, 0, tzinfo=UTC)


def test_a_certificates_number() -> None:
    membership = UUID("019cacf3-0000-7000-8000-0123456789ab")
    assert compute_certificate_no(SELLER, Site.CN, NOON, membership) == "CN-MC-20260302-0123456789AB"
    evening = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
    assert compute_certificate_no(SELLER, Site.CN, evening, membership).startswith("CN-MC-20260303-")
    assert compute_certificate_no(SELLER, Site.INTL, evening, membership).startswith("INTL-MC-20260302-")
    assert len({plan.mark for plan in PLANS.values()}) == len(PLANS)


@pytest.mark.parametrize(("before", "over"), [(INSTANT, False), (timedelta(0), True), (-INSTANT, True)])
def test_over_at_the_end_itself(before: timedelta, over: bool) -> None:
    assert is_over(END, now=END - before) is over
    assert compute_invited_state(M.INVITED, END, now=END - before) is (M.EXPIRED if over else M.INVITED)
    assert compute_invited_state(M.REJECTED, END, now=END - before) is M.REJECTED
    assert not is_over(None, now=END - before)


@pytest.mark.parametrize(
    ("days", "noticed", "expected"),
    [
        (timedelta(days=60, microseconds=1), None, None),
        (timedelta(days=60), None, 60),
        (timedelta(days=60), 60, None),
        (timedelta(days=30, microseconds=1), 60, None),
        (timedelta(days=30), 60, 30),
        (timedelta(days=7), 30, 7),
        (timedelta(days=7), None, 7),  # those that were missed are not made up for
        (timedelta(days=1), 7, None),
        (INSTANT, 30, 7),
        (timedelta(0), 30, None),
    ],
)
def test_notices_before_the_end(days: timedelta, noticed: int | None, expected: int | None) -> None:
    assert compute_notice(M.JOINED, END, noticed, now=END - days, policy=POLICY) == expected
    assert compute_notice(M.JOINED, None, noticed, now=END - days, policy=POLICY) is None


@pytest.mark.parametrize(("days", "expected"), [(30, None), (8, None), (7, 7), (1, 7)])
def test_an_invitation_is_called_to_mind_once(days: int, expected: int | None) -> None:
    assert compute_notice(M.INVITED, END, None, now=END - timedelta(days=days), policy=POLICY) == expected
    assert compute_notice(M.INVITED, END, 7, now=END - timedelta(days=days), policy=POLICY) is None


def test_the_days_of_notices_are_policy() -> None:
    none = with_values(expiry_notice_days=[], invitation_notice_days=[])
    assert compute_notice(M.JOINED, END, None, now=END - INSTANT, policy=none) is None
    assert compute_first_notice(M.JOINED, END, policy=none) == END
    assert [list(compute_notices(state, none)) for state in (M.JOINED, M.INVITED)] == [[], []]
    assert max(compute_notices(M.JOINED, POLICY)) == 60
    assert compute_first_notice(M.JOINED, END, policy=POLICY) == END - timedelta(days=60)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (timedelta(days=60, microseconds=1), [E.PLAN_RENEWAL_NOT_DUE]),
        (timedelta(days=60), []),
        (INSTANT, []),
        (timedelta(0), [E.STATE_CONFLICT]),
    ],
)
def test_renewed_from_the_first_notice_until_the_end(before: timedelta, expected: list[E]) -> None:
    found = check_renewal(MEMBER, SELLER, M.JOINED, END, now=END - before, policy=POLICY)
    assert codes(found) == expected
    assert [one.available_at for one in found if one.code is E.PLAN_RENEWAL_NOT_DUE] == [
        END - timedelta(days=60)
    ] * expected.count(E.PLAN_RENEWAL_NOT_DUE)


def test_all_reasons_against_renewing() -> None:
    stranger = replace(MEMBER, memberships={})
    found = check_renewal(stranger, SELLER, M.EXITED, None, now=NOON, policy=POLICY)
    assert codes(found) == [E.STATE_CONFLICT, E.PLAN_WITHOUT_END, E.PLAN_SALES_IDENTITY_REQUIRED]


@pytest.mark.parametrize("state", MembershipState)
@pytest.mark.parametrize(("signed", "new"), [("1.0", False), ("0.9", True), (None, True)])
def test_a_new_agreement_is_accepted_once(state: MembershipState, signed: str | None, new: bool) -> None:
    expected = [E.STATE_CONFLICT] * (state is not M.JOINED) + [E.PLAN_AGREEMENT_ACCEPTED] * (not new)
    assert codes(check_acceptance(state, SELLER, signed)) == expected


def test_an_invitation_lasts_thirty_days() -> None:
    assert compute_invitation_end(NOON, policy=POLICY) == NOON + timedelta(days=30)
    assert compute_invitation_end(NOON, policy=with_values(invitation_life_days=1)) == NOON + timedelta(days=1)
