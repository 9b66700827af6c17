"""What stands in the way of closing an account, one by one and together, and how long it can be restored."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.accounts import AccountStatus, check_may_sign_in
from rules.accounts.closing import (
    BLOCKERS,
    Closing,
    ClosingState,
    Obstacle,
    check_close,
    check_restore,
    compute_retention_end,
)
from rules.customers import CustomerFact
from rules.errors import ErrorCode
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
FACTS = [(code, fact) for code, facts in BLOCKERS for fact in sorted(facts)]
HARMLESS = frozenset(CustomerFact) - {fact for _, fact in FACTS}


@pytest.mark.parametrize(("code", "fact"), FACTS)
def test_each_fact_gives_its_code(code: ErrorCode, fact: str) -> None:
    assert code in codes(check_close(AccountStatus.ACTIVE, Closing(frozenset({fact}))))


@pytest.mark.parametrize("obstacle", Obstacle)
def test_every_obstacle_stands_in_the_way(obstacle: Obstacle) -> None:
    assert len(check_close(AccountStatus.ACTIVE, Closing(frozenset({obstacle})))) == 1


def test_nothing_open_closes() -> None:
    assert check_close(AccountStatus.ACTIVE, Closing()) == []
    assert check_close(AccountStatus.ACTIVE, Closing(HARMLESS)) == []


def test_paths_must_be_left_first() -> None:
    [found] = check_close(AccountStatus.ACTIVE, Closing(paths=("SERVICE", "SOFTWARE")))
    assert (found.code, found.rule) == (ErrorCode.PATH_EXIT_REQUIRED, "accounts.paths_left")
    assert found.parameters == {"paths": ["SERVICE", "SOFTWARE"]}


def test_all_reasons_come_at_once_in_the_order_of_the_table() -> None:
    everything = Closing(frozenset({fact for _, fact in FACTS}), ("SOFTWARE",))
    expected = [ErrorCode.STATE_CONFLICT, ErrorCode.PATH_EXIT_REQUIRED, *(code for code, _ in BLOCKERS)]
    assert codes(check_close(AccountStatus.CLOSED_RETAINED, everything)) == expected


@pytest.mark.parametrize("status", AccountStatus)
def test_only_an_active_account_is_closed_and_only_a_kept_one_restored(status: AccountStatus) -> None:
    closing, restoring = check_close(status, Closing()), check_restore(status, NOW, now=NOW - MILLISECOND)
    assert codes(closing) == ([] if status is AccountStatus.ACTIVE else [ErrorCode.STATE_CONFLICT])
    assert codes(restoring) == ([] if status is AccountStatus.CLOSED_RETAINED else [ErrorCode.STATE_CONFLICT])
    for refused in (*closing, *restoring):
        assert refused.rule == "closing.states"
        assert len(refused.parameters["allowed"]) == 1 and set(refused.parameters["allowed"]) < set(ClosingState)


@pytest.mark.parametrize("site", Site)
def test_an_account_is_kept_for_ninety_days(site: Site) -> None:
    policy = Policy.at(site, date(2026, 11, 21))
    assert compute_retention_end(NOW, policy=policy) == NOW + timedelta(days=90)


@pytest.mark.parametrize(("ahead", "late"), [(-MILLISECOND, False), (timedelta(0), True), (MILLISECOND, True)])
def test_the_last_instant_to_restore(ahead: timedelta, late: bool) -> None:
    found = check_restore(AccountStatus.CLOSED_RETAINED, NOW, now=NOW + ahead)
    assert codes(found) == [ErrorCode.RESTORE_TOO_LATE] * late
    assert [one.deadline for one in found] == [NOW] * late


def test_a_closed_account_is_told_that_it_is() -> None:
    assert codes(check_may_sign_in(AccountStatus.CLOSED_RETAINED, None, now=NOW)) == [ErrorCode.ACCOUNT_CLOSED]
