"""The payout table on both sites, every method × type × day, and all reasons against a request at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from rules.customers import AssociationType
from rules.errors import ErrorCode
from rules.incentives.kinds import PAYOUT, IncentiveStatus, OnDeadline, PayoutMethod, PayoutStatus
from rules.incentives.payout import (
    INVOICED,
    PAYOUT_TABLE,
    Settlement,
    check_business_info,
    check_payable,
    check_payout,
    check_total,
    compute_first_status,
    compute_methods,
    compute_quota_expiry,
    compute_settlement,
)
from rules.incentives.reconcile import IncentiveFacts
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

A, E, M, S = AssociationType, ErrorCode, PayoutMethod, IncentiveStatus
CN, INTL = (Policy.at(site, date(2026, 3, 2)) for site in (Site.CN, Site.INTL))
NOW = datetime(2026, 3, 20, 4, 0, tzinfo=UTC)
FIRST = datetime(2023, 9, 30, 16, 0, tzinfo=UTC)
"""2023-10-01 00:00 in Shanghai."""
LAST = FIRST - timedelta(milliseconds=1)
AFTER = {M.ACCOUNT_OWED_INVOICE, M.VOUCHER_QUOTA}
BEFORE = {M.BANK_TRANSFER, M.ACCOUNT, M.VOUCHER_QUOTA}
ALLOWED = {(A.RESALE, FIRST): AFTER, (A.RESALE, LAST): BEFORE, (A.REFERRAL, FIRST): BEFORE, (A.REFERRAL, LAST): BEFORE}
CONFIRMED = IncentiveFacts(S.CONFIRMED, 20_000, A.RESALE, FIRST, NOW, OnDeadline.AUTO_CONFIRM)


@pytest.mark.parametrize(("type", "generated_at"), list(ALLOWED))
def test_the_table(type: AssociationType, generated_at: datetime) -> None:
    assert set(compute_methods(type, generated_at, CN)) == ALLOWED[type, generated_at]


def test_the_other_site_has_its_own_midnight() -> None:
    midnight = datetime(2023, 10, 1, tzinfo=UTC)
    assert set(compute_methods(A.RESALE, midnight, INTL)) == AFTER
    assert set(compute_methods(A.RESALE, midnight - timedelta(milliseconds=1), INTL)) == BEFORE


@pytest.mark.parametrize(("type", "after"), list(product(A, [False, True])))
def test_the_table_has_one_row_for_each_type_and_day(type: AssociationType, after: bool) -> None:
    assert len([row for row in PAYOUT_TABLE if row.association_type is type and row.after in (None, after)]) == 1


@pytest.mark.parametrize(("method", "key"), list(product(M, ALLOWED)))
def test_every_method_for_every_type_and_day(method: PayoutMethod, key: tuple[AssociationType, datetime]) -> None:
    facts = replace(CONFIRMED, association_type=key[0], generated_at=key[1])
    violations = check_payout(method, {0: facts}, certified=True, now=NOW, policy=CN)
    assert codes(violations) == ([] if method in ALLOWED[key] else [E.PAYOUT_METHOD_NOT_ALLOWED])


@pytest.mark.parametrize("method", M)
def test_where_a_request_begins(method: PayoutMethod) -> None:
    waits = method in (M.BANK_TRANSFER, M.ACCOUNT)
    assert (method in INVOICED) is waits
    first = compute_first_status(method)
    assert first is (PayoutStatus.WAIT_INVOICE if waits else PayoutStatus.COMPLETED)
    assert first in PAYOUT.initial


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (CONFIRMED, []),
        (replace(CONFIRMED, status=S.PENDING_CONFIRM, deadline=NOW + timedelta(1)), [E.INCENTIVE_NOT_CONFIRMED]),
        (replace(CONFIRMED, status=S.PENDING_CONFIRM, deadline=NOW), []),
        (
            replace(CONFIRMED, status=S.PENDING_CONFIRM, deadline=NOW, on_deadline=OnDeadline.EXPIRE),
            [E.INCENTIVE_EXPIRED],
        ),
        (replace(CONFIRMED, status=S.EXPIRED), [E.INCENTIVE_EXPIRED]),
        (replace(CONFIRMED, status=S.PAYING_OUT), [E.PAYOUT_METHOD_LOCKED]),
        (replace(CONFIRMED, status=S.PAID), [E.PAYOUT_METHOD_LOCKED]),
        (replace(CONFIRMED, frozen=True), [E.INCENTIVE_FROZEN]),
        (
            replace(CONFIRMED, frozen=True, status=S.PENDING_CONFIRM, deadline=NOW + timedelta(1)),
            [E.INCENTIVE_NOT_CONFIRMED, E.INCENTIVE_FROZEN],
        ),
    ],
)
def test_what_may_be_paid_out(facts: IncentiveFacts, expected: list[ErrorCode]) -> None:
    assert codes(check_payable(facts, "here", now=NOW)) == expected


def test_business_information_is_certified_first() -> None:
    assert codes(check_business_info(False)) == [E.BUSINESS_INFO_REQUIRED]
    assert check_business_info(True) == []


def test_every_reason_comes_at_once_with_its_place() -> None:
    items = {
        0: CONFIRMED,
        1: replace(CONFIRMED, amount=-20_000, frozen=True),
        3: replace(CONFIRMED, amount=-1, association_type=A.REFERRAL, status=S.PAID),
    }
    violations = check_payout(M.ACCOUNT_OWED_INVOICE, items, certified=False, now=NOW, policy=CN)
    assert codes(violations) == [
        E.BUSINESS_INFO_REQUIRED,
        E.INCENTIVE_FROZEN,
        E.PAYOUT_METHOD_LOCKED,
        E.PAYOUT_METHOD_NOT_ALLOWED,
        E.PAYOUT_TOTAL_NOT_POSITIVE,
    ]
    assert [violation.path[2:] for violation in violations] == [(), ("1",), ("3",), ("3",), ()]
    assert violations[-1].parameters == {"total": "-0.01"}


@pytest.mark.parametrize(("total", "expected"), [(1, []), (0, [E.PAYOUT_TOTAL_NOT_POSITIVE])])
def test_only_a_positive_sum(total: int, expected: list[ErrorCode]) -> None:
    assert codes(check_total(total)) == expected
    items = {0: replace(CONFIRMED, amount=total + 7), 1: replace(CONFIRMED, amount=-7)}
    assert codes(check_payout(M.VOUCHER_QUOTA, items, certified=True, now=NOW, policy=CN)) == expected


@pytest.mark.parametrize(
    ("policy", "method", "total", "expected"),
    [
        (INTL, M.BANK_TRANSFER, 9_999, [E.PAYOUT_BELOW_MINIMUM]),
        (INTL, M.BANK_TRANSFER, 10_000, []),
        (INTL, M.ACCOUNT, 9_999, [E.PAYOUT_BELOW_MINIMUM]),
        (INTL, M.VOUCHER_QUOTA, 1, []),
        (INTL, M.BANK_TRANSFER, 0, [E.PAYOUT_TOTAL_NOT_POSITIVE]),
        (CN, M.BANK_TRANSFER, 1, []),
    ],
)
def test_money_has_a_minimum_where_the_site_has_one(
    policy: Policy, method: PayoutMethod, total: int, expected: list[ErrorCode]
) -> None:
    facts = replace(CONFIRMED, association_type=A.REFERRAL, amount=total)
    assert codes(check_payout(method, {0: facts}, certified=True, now=NOW, policy=policy)) == expected


def test_a_quota_is_valid_for_twelve_months_of_the_site() -> None:
    made = datetime(2028, 2, 28, 17, 0, tzinfo=UTC)  # 29 February in Shanghai
    assert compute_quota_expiry(made, CN) == datetime(2029, 2, 27, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amounts", "settlement"),
    [([20_000], Settlement(20_000, 0)), ([20_000, -600, -400, 5], Settlement(19_005, 1_000))],
)
def test_what_a_payout_moves(amounts: list[int], settlement: Settlement) -> None:
    assert compute_settlement(amounts) == settlement
