"""Inviting and binding personal accounts: all reasons at once in their fixed order, both sides of each boundary."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from rules.accounts import AccountKind
from rules.errors import ErrorCode
from rules.paths import PathCode
from rules.plans import PlanCode
from rules.policy import PolicyBook
from rules.sites import Site
from rules.specialists import (
    BINDING,
    BindingState,
    Invitee,
    Link,
    SpecialistInvitationState,
    check_choice,
    check_daily_limit,
    check_entitled,
    check_invitable,
    check_link,
    check_lookups,
    check_person,
    check_request_unbind,
    check_resend,
    check_statement,
    check_unbind,
    compute_invitation_end,
    compute_invitation_state,
    compute_last_reminder,
    compute_window_start,
)
from tests.rules.outcomes import codes

E, B, S = ErrorCode, BindingState, SpecialistInvitationState
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
CN, INTL = (PolicyBook().at(site, NOW) for site in (Site.CN, Site.INTL))
FREE = Invitee(
    AccountKind.PERSONAL,
    is_enterprise=False,
    is_real_named=True,
    is_partner=False,
    is_bound_elsewhere=False,
    partners=0,
)
WORST = Invitee(
    AccountKind.ENTERPRISE,
    is_enterprise=True,
    is_real_named=False,
    is_partner=True,
    is_bound_elsewhere=True,
    partners=3,
    is_bound_here=True,
    invited_until=NOW + MILLISECOND,
)


@pytest.mark.parametrize("plan", PlanCode)
def test_two_plans_entitle_to_invite(plan: PlanCode) -> None:
    entitled = plan in (PlanCode.DISTRIBUTOR, PlanCode.SOLUTION_PROVIDER)
    assert codes(check_entitled({plan})) == ([] if entitled else [E.INVITE_NOT_ENTITLED])


@pytest.mark.parametrize("path", PathCode)
def test_three_paths_entitle_to_invite(path: PathCode) -> None:
    entitled = path in (PathCode.SERVICE, PathCode.SI, PathCode.LEARNING)
    assert codes(check_entitled(set(), {path})) == ([] if entitled else [E.INVITE_NOT_ENTITLED])


def test_one_of_several_is_enough_and_none_is_not() -> None:
    assert codes(check_entitled({PlanCode.CO_SELL, PlanCode.DISTRIBUTOR})) == []
    assert codes(check_entitled(set())) == [E.INVITE_NOT_ENTITLED]


def test_a_free_person_is_bound_on_both_sites() -> None:
    assert check_person(FREE, policy=CN) == check_person(FREE, policy=INTL) == []


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": AccountKind.ENTERPRISE}, E.INVITEE_NOT_PERSONAL),
        ({"kind": AccountKind.IAM_USER}, E.INVITEE_NOT_PERSONAL),
        ({"is_enterprise": True}, E.INVITEE_ENTERPRISE_REALNAME),
        ({"is_bound_elsewhere": True}, E.INVITEE_BOUND_ELSEWHERE),
        ({"is_partner": True}, E.INVITEE_IS_PARTNER),
        ({"partners": 3}, E.INVITEE_PARTNER_LIMIT),
    ],
)
def test_each_reason_alone(facts: dict[str, Any], code: ErrorCode) -> None:
    for policy in (CN, INTL):
        assert codes(check_person(replace(FREE, **facts), policy=policy)) == [code]


def test_two_partners_are_not_three() -> None:
    assert check_person(replace(FREE, partners=2), policy=CN) == []


def test_a_real_name_is_asked_for_on_one_site() -> None:
    nameless = replace(FREE, is_real_named=False)
    assert codes(check_person(nameless, policy=CN)) == [E.INVITEE_REALNAME_REQUIRED]
    assert check_person(nameless, policy=INTL) == []


def test_all_reasons_in_their_fixed_order() -> None:
    assert codes(check_invitable(WORST, sent_today=100, now=NOW, policy=CN)) == [
        E.INVITEE_NOT_PERSONAL,
        E.INVITEE_ENTERPRISE_REALNAME,
        E.INVITEE_BOUND_ELSEWHERE,
        E.INVITEE_REALNAME_REQUIRED,
        E.INVITEE_IS_PARTNER,
        E.INVITEE_PARTNER_LIMIT,
        E.INVITE_DAILY_LIMIT,
        E.ALREADY_BOUND,
        E.ALREADY_INVITED,
    ]


@pytest.mark.parametrize(("until", "expected"), [(None, []), (NOW, []), (NOW + MILLISECOND, [E.ALREADY_INVITED])])
def test_one_open_invitation_at_a_time(until: datetime | None, expected: list[ErrorCode]) -> None:
    found = check_invitable(replace(FREE, invited_until=until), sent_today=0, now=NOW, policy=CN)
    assert codes(found) == expected
    assert all(one.available_at == until for one in found)


def test_looking_up_waits_until_an_hours_number_has_flowed_back() -> None:
    assert check_lookups(None, now=NOW, policy=CN) == []
    [limit] = check_lookups(timedelta(seconds=30), now=NOW, policy=CN)
    assert (limit.code, limit.resets_at) == (E.INVITEE_CHECK_LIMIT, NOW + timedelta(seconds=30))
    assert (limit.limit, limit.retryable) == (Decimal(120), True)


@pytest.mark.parametrize(("sent", "expected"), [(0, []), (99, []), (100, [E.INVITE_DAILY_LIMIT])])
def test_a_hundred_a_day(sent: int, expected: list[ErrorCode]) -> None:
    found = check_daily_limit(sent, now=NOW, policy=CN)
    assert codes(found) == expected
    assert [one.resets_at for one in found] == [datetime(2026, 3, 2, 16, 0, tzinfo=UTC)] * len(expected)


@pytest.mark.parametrize(
    ("found", "expected"), [(0, E.INVITEE_NOT_FOUND), (1, E.INVITEE_NOT_FOUND), (2, E.INVITEE_AMBIGUOUS)]
)
def test_none_of_the_accounts_is_meant(found: int, expected: ErrorCode) -> None:
    assert codes(check_choice(found)) == [expected]


@pytest.mark.parametrize("state", SpecialistInvitationState)
def test_only_what_waits_is_sent_again(state: SpecialistInvitationState) -> None:
    found = check_resend(state, NOW - timedelta(seconds=60), sent_today=0, now=NOW, policy=CN)
    assert codes(found) == ([] if state is S.INVITED else [E.STATE_CONFLICT])


def test_a_minute_lies_between_two_sendings() -> None:
    sent = NOW - timedelta(seconds=60) + MILLISECOND
    found = check_resend(S.REVOKED, sent, sent_today=100, now=NOW, policy=CN)
    assert codes(found) == [E.STATE_CONFLICT, E.INVITE_TOO_SOON, E.INVITE_DAILY_LIMIT]
    assert found[1].available_at == NOW + MILLISECOND


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-25T01:00:00Z", "2026-03-25T01:00:00Z"),
        ("2026-03-25T00:59:59.999Z", "2026-02-25T01:00:00Z"),
        ("2026-04-24T23:59:00Z", "2026-03-25T01:00:00Z"),
        ("2026-01-02T00:00:00Z", "2025-12-25T01:00:00Z"),
    ],
)
def test_partners_are_reminded_at_nine_of_the_sites_day(now: str, expected: str) -> None:
    assert compute_last_reminder(datetime.fromisoformat(now), policy=CN) == datetime.fromisoformat(expected)


def test_the_other_sites_nine_is_later() -> None:
    eight = datetime(2026, 3, 25, 8, 59, tzinfo=UTC)
    assert compute_last_reminder(eight, policy=INTL) == datetime(2026, 2, 25, 9, tzinfo=UTC)
    assert compute_last_reminder(eight + timedelta(minutes=1), policy=INTL) == datetime(2026, 3, 25, 9, tzinfo=UTC)


def test_a_link_opens_for_seven_days_and_partners_count_for_twelve_months() -> None:
    assert compute_invitation_end(NOW, policy=CN) == NOW + timedelta(days=7)
    assert compute_window_start(NOW, policy=CN) == datetime(2025, 3, 2, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (None, [E.LINK_INVALID]),
        (Link(S.REVOKED, NOW + MILLISECOND), [E.LINK_INVALID]),
        (Link(S.ACCEPTED, NOW), [E.LINK_USED]),
        (Link(S.DECLINED, NOW), [E.LINK_USED]),
        (Link(S.EXPIRED, NOW + MILLISECOND), [E.LINK_EXPIRED]),
        (Link(S.INVITED, NOW), [E.LINK_EXPIRED]),
        (Link(S.INVITED, NOW + MILLISECOND), []),
    ],
)
def test_whether_a_link_opens(link: Link | None, expected: list[ErrorCode]) -> None:
    assert codes(check_link(link, now=NOW)) == expected


@pytest.mark.parametrize("state", SpecialistInvitationState)
def test_the_state_that_counts(state: SpecialistInvitationState) -> None:
    over = S.EXPIRED if state is S.INVITED else state
    assert compute_invitation_state(state, NOW, now=NOW) is over
    assert compute_invitation_state(state, NOW + MILLISECOND, now=NOW) is state


@pytest.mark.parametrize(
    ("version", "expected"), [("1.0", []), ("0.9", [E.AGREEMENT_REQUIRED]), (None, [E.AGREEMENT_REQUIRED])]
)
def test_the_present_statement_is_accepted(version: str | None, expected: list[ErrorCode]) -> None:
    assert codes(check_statement(version)) == expected


@pytest.mark.parametrize("state", BindingState)
def test_when_a_binding_ends(state: BindingState) -> None:
    expected = {
        B.SPECIALIST: [E.SPECIALIST_MUST_BE_CANCELLED],
        B.CANCEL_REVIEW: [E.SPECIALIST_MUST_BE_CANCELLED],
        B.SPECIALIST_REVIEW: [E.STATE_CONFLICT],
        B.UNBOUND: [E.STATE_CONFLICT],
    }
    assert codes(check_unbind(state)) == expected.get(state, [])
    assert (check_unbind(state) == []) == (BINDING.target(state, "unbind") is B.UNBOUND)


@pytest.mark.parametrize("state", BindingState)
def test_a_person_asks_once_while_it_is_bound(state: BindingState) -> None:
    ended = [E.STATE_CONFLICT] if state is B.UNBOUND else []
    assert codes(check_request_unbind(state, None)) == ended
    assert codes(check_request_unbind(state, NOW)) == (ended or [E.REQUEST_ALREADY_OPEN])
