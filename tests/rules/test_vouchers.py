"""Quotas and vouchers: every guard of granting, issuing and recalling, both sides of each boundary."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from rules.customers import AssociationType
from rules.errors import UPSTREAM, ErrorCode
from rules.partners import PartnerKind
from rules.policy import Policy
from rules.sites import Site
from rules.vouchers import (
    AMOUNT_MOST,
    Grant,
    Issued,
    QuotaFacts,
    QuotaLimits,
    QuotaStatus,
    ResellerFacts,
    SubscriptionType,
    VoucherFacts,
    VoucherKind,
    VoucherRange,
    VoucherStatus,
    VoucherTerms,
    check_grant,
    check_issue,
    check_quota_issue,
    check_quota_opening,
    check_quota_recall,
    check_quota_recalls,
    check_quota_receiver,
    check_voucher_opening,
    compute_range,
    compute_validity,
    is_alive,
)
from tests.rules.outcomes import codes

E, Q, V = ErrorCode, QuotaStatus, VoucherStatus
DISTRIBUTOR = PartnerKind.DISTRIBUTOR
RESALE, REFERRAL = AssociationType.RESALE, AssociationType.REFERRAL
NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DAY = timedelta(days=1)
POLICY = Policy.at(Site.CN, NOW.date())
SOMEBODY, SOMEBODY_ELSE = UUID(int=1), UUID(int=2)
QUOTA = QuotaFacts(Q.NORMAL, 100_000, NOW - DAY, NOW + 30 * DAY)
TERMS = VoucherTerms(face=10_000)
GRANT = Grant(100_000, NOW, NOW + DAY, QuotaLimits())
VOUCHER = VoucherFacts(V.USABLE, VoucherKind.VOUCHER, 10_000, NOW - DAY, NOW + DAY)


def limited(**limits: Any) -> QuotaFacts:
    return replace(QUOTA, limits=QuotaLimits(**limits))


def issue(terms: VoucherTerms, quota: QuotaFacts = QUOTA, issued: Issued = Issued(), customers: int = 1) -> Any:
    found = check_issue(terms, quota, issued, customers, now=NOW, policy=POLICY)
    codes(found)
    return [(violation.code, *violation.path[1:]) for violation in found]


@pytest.mark.parametrize(
    ("changes", "limits", "wanted"),
    [
        ({}, {}, []),
        ({"value": 1}, {}, []),
        ({"value": 0}, {}, ["value"]),
        ({"value": AMOUNT_MOST - 1}, {}, []),
        ({"value": AMOUNT_MOST}, {}, ["value"]),
        ({"expires_at": NOW + MILLISECOND}, {}, []),
        ({"expires_at": NOW}, {}, ["expiresAt"]),
        ({"effective_at": NOW + DAY - MILLISECOND}, {}, []),
        ({"effective_at": NOW + DAY}, {}, ["expiresAt"]),
        ({}, {"face_min": 100_000}, []),
        ({}, {"face_min": 100_001}, ["faceMin"]),
        ({}, {"face_min": 0}, ["faceMin"]),
        ({}, {"face_min": 5, "face_max": 5}, []),
        ({}, {"face_min": 5, "face_max": 4}, ["faceMax"]),
        ({}, {"face_max": 0}, ["faceMax"]),
        ({}, {"count_max": 1, "total_max": 1}, []),
        ({}, {"count_max": 0, "total_max": 0}, ["countMax", "totalMax"]),
        ({}, {"services": ("s",) * 100, "products": ("p",) * 100, "designated": (SOMEBODY,) * 100}, []),
        (
            {},
            {"services": ("s",) * 101, "products": ("p",) * 101, "designated": (SOMEBODY,) * 101},
            ["services", "products", "designatedCustomerIds"],
        ),
    ],
)
def test_grants(changes: dict[str, Any], limits: dict[str, Any], wanted: list[str]) -> None:
    found = check_grant(replace(GRANT, **changes, limits=QuotaLimits(**limits)), now=NOW)
    codes(found)
    assert [violation.path[1] for violation in found] == wanted


def test_limits_are_kept_as_they_are() -> None:
    limits = QuotaLimits(
        services=("ecs",),
        products=("p1", "p2"),
        subscriptions=(SubscriptionType.NEW,),
        face_min=1,
        count_max=3,
        association_type=REFERRAL,
        designated=(SOMEBODY,),
        first_association_only=True,
    )
    assert QuotaLimits.of(limits.data()) == limits
    assert QuotaLimits.of(QuotaLimits().data()) == QuotaLimits()


@pytest.mark.parametrize("status", Q)
def test_only_a_normal_quota_is_issued_from(status: QuotaStatus) -> None:
    quota = replace(QUOTA, status=status)
    resellers, vouchers = check_quota_opening(quota, DISTRIBUTOR, now=NOW), check_voucher_opening(quota, now=NOW)
    assert codes(resellers) == codes(vouchers) == ([] if status is Q.NORMAL else [E.QUOTA_NOT_USABLE])
    if status is not Q.NORMAL:
        assert (resellers[0].upstream_code, vouchers[0].upstream_code) == ("CBC.99000015", "CBC.99000012")


@pytest.mark.parametrize(
    ("now", "in_force"),
    [
        (QUOTA.effective_at - MILLISECOND, False),
        (QUOTA.effective_at, True),
        (QUOTA.expires_at - MILLISECOND, True),
        (QUOTA.expires_at, False),
    ],
)
def test_a_quota_is_in_force_from_its_first_instant_to_its_last(now: datetime, in_force: bool) -> None:
    found = check_quota_opening(QUOTA, DISTRIBUTOR, now=now)
    assert codes(found) == ([] if in_force else [E.QUOTA_NOT_IN_FORCE])
    if not in_force:
        early = now < QUOTA.effective_at
        assert (found[0].available_at, found[0].deadline) == (
            (QUOTA.effective_at, None) if early else (None, QUOTA.expires_at)
        )


@pytest.mark.parametrize(("balance", "wanted"), [(0, [E.QUOTA_INSUFFICIENT]), (1, [])])
def test_an_empty_quota_shows_so_before_the_attempt(balance: int, wanted: list[ErrorCode]) -> None:
    quota = replace(QUOTA, balance=balance)
    assert (
        codes(check_quota_opening(quota, DISTRIBUTOR, now=NOW))
        == codes(check_voucher_opening(quota, now=NOW))
        == wanted
    )


@pytest.mark.parametrize(
    ("amount", "resellers", "wanted"),
    [
        (100_000, 1, []),
        (100_001, 1, [E.QUOTA_INSUFFICIENT]),
        (50_000, 2, []),
        (50_001, 2, [E.QUOTA_INSUFFICIENT]),
        (1_000, 100, []),
        (1, 101, [E.TOO_MANY]),
        (0, 1, [E.OUT_OF_RANGE]),
        (-1, 1, [E.OUT_OF_RANGE]),
        (1, 0, [E.REQUIRED]),
        (AMOUNT_MOST, 1, [E.OUT_OF_RANGE, E.QUOTA_INSUFFICIENT]),
    ],
)
def test_issuing_a_quota(amount: int, resellers: int, wanted: list[ErrorCode]) -> None:
    assert codes(check_quota_issue(QUOTA, DISTRIBUTOR, amount, resellers, now=NOW, policy=POLICY)) == wanted


@pytest.mark.parametrize("kind", [*PartnerKind, None])
def test_only_a_distributor_has_resellers(kind: PartnerKind | None) -> None:
    wanted = [] if kind is DISTRIBUTOR else [E.NOT_A_DISTRIBUTOR]
    assert codes(check_quota_opening(QUOTA, kind, now=NOW)) == wanted
    assert codes(check_quota_issue(QUOTA, kind, 1, 1, now=NOW, policy=POLICY)) == wanted


@pytest.mark.parametrize(
    ("leaving", "designated", "own", "wanted"),
    [
        (False, (), (), []),
        (True, (), (), [E.RESELLER_LEAVING]),
        (False, (SOMEBODY,), (SOMEBODY,), []),
        (False, (SOMEBODY, SOMEBODY_ELSE), (SOMEBODY,), []),
        (True, (SOMEBODY,), (), [E.RESELLER_LEAVING, E.DESIGNATED_OF_OTHERS]),
    ],
)
def test_resellers(leaving: bool, designated: tuple[UUID, ...], own: tuple[UUID, ...], wanted: list[ErrorCode]) -> None:
    place = ("input", "resellerIds", "3")
    facts = ResellerFacts(leaving, frozenset(own))
    found = check_quota_receiver(limited(designated=designated), facts, place)
    assert codes(found) == wanted
    assert all(violation.path == place for violation in found)


@pytest.mark.parametrize(
    ("quotas", "remark", "wanted"),
    [
        (1, None, []),
        (10, " ", []),
        (11, None, [E.TOO_MANY]),
        (0, None, [E.REQUIRED]),
        (1, "x" * 256, []),
        (1, "x" * 257, [E.OUT_OF_RANGE]),
        (11, "x" * 257, [E.TOO_MANY, E.OUT_OF_RANGE]),
    ],
)
def test_how_many_quotas_are_recalled_at_once(quotas: int, remark: str | None, wanted: list[ErrorCode]) -> None:
    assert codes(check_quota_recalls(quotas, remark, policy=POLICY)) == wanted


@pytest.mark.parametrize(("status", "now"), list(product(Q, (QUOTA.expires_at - MILLISECOND, QUOTA.expires_at))))
def test_only_a_valid_quota_is_recalled(status: QuotaStatus, now: datetime) -> None:
    found = check_quota_recall(replace(QUOTA, status=status), ("input", "quotaIds", "0"), now=now)
    fine = status is Q.NORMAL and now < QUOTA.expires_at
    assert codes(found) == ([] if fine else [E.STATE_CONFLICT])
    assert all(violation.path == ("input", "quotaIds", "0") for violation in found)


@pytest.mark.parametrize(("status", "now"), list(product(Q, (QUOTA.expires_at - MILLISECOND, QUOTA.expires_at))))
def test_money_returns_to_a_quota_that_lives(status: QuotaStatus, now: datetime) -> None:
    lives = status in (Q.NORMAL, Q.FROZEN, Q.ADJUSTING) and now < QUOTA.expires_at
    assert is_alive(status, QUOTA.expires_at, now=now) == lives


@pytest.mark.parametrize(
    ("terms", "wanted"),
    [
        ({}, []),
        ({"face": 1}, []),
        ({"face": 0}, [(E.OUT_OF_RANGE, "faceValue")]),
        ({"face": 100_000}, []),
        ({"face": 100_001}, [(E.QUOTA_INSUFFICIENT, "quotaId")]),
        ({"min_order": 1}, []),
        ({"min_order": 0}, [(E.OUT_OF_RANGE, "minOrderAmount")]),
        ({"services": ("s",) * 10, "products": ("p",) * 10}, []),
        ({"services": ("s",) * 11}, [(E.TOO_MANY, "services")]),
        ({"products": ("p",) * 11}, [(E.TOO_MANY, "products")]),
        ({"valid_from": QUOTA.effective_at, "expires_at": QUOTA.expires_at}, []),
        ({"valid_from": QUOTA.effective_at - MILLISECOND}, [(E.OUT_OF_RANGE, "validFrom")]),
        ({"valid_from": QUOTA.expires_at}, [(E.OUT_OF_RANGE, "validFrom")]),
        ({"expires_at": QUOTA.expires_at + MILLISECOND}, [(E.OUT_OF_RANGE, "expiresAt")]),
        ({"expires_at": NOW}, [(E.OUT_OF_RANGE, "expiresAt")]),
        ({"expires_at": NOW + MILLISECOND}, []),
        ({"valid_from": NOW + DAY, "expires_at": NOW + DAY}, [(E.OUT_OF_RANGE, "expiresAt")]),
        ({"valid_from": NOW + DAY, "expires_at": NOW + DAY + MILLISECOND}, []),
    ],
)
def test_terms_of_a_voucher(terms: dict[str, Any], wanted: list[Any]) -> None:
    assert issue(replace(TERMS, **terms)) == wanted


@pytest.mark.parametrize(
    ("customers", "face", "wanted"),
    [
        (100, 1_000, []),
        (100, 1_001, [(E.QUOTA_INSUFFICIENT, "quotaId")]),
        (101, 1, [(E.TOO_MANY, "customerIds")]),
        (0, 1, [(E.REQUIRED, "customerIds")]),
    ],
)
def test_customers_at_once(customers: int, face: int, wanted: list[Any]) -> None:
    assert issue(replace(TERMS, face=face), customers=customers) == wanted


@pytest.mark.parametrize(
    ("limits", "terms", "wanted"),
    [
        ({"face_min": 10_000}, {}, []),
        ({"face_min": 10_001}, {}, [(E.FACE_BELOW_MINIMUM, "faceValue")]),
        ({"face_max": 10_000}, {}, []),
        ({"face_max": 9_999}, {}, [(E.FACE_ABOVE_MAXIMUM, "faceValue")]),
        ({"services": ("ecs", "obs")}, {"services": ("ecs",)}, []),
        ({"services": ("ecs",)}, {"services": ("ecs", "obs")}, [(E.RANGE_OUTSIDE_QUOTA, "services", "1")]),
        ({"services": ("ecs",)}, {}, []),
        ({"products": ("p1",)}, {"products": ("p2",)}, [(E.RANGE_OUTSIDE_QUOTA, "products", "0")]),
        ({}, {"products": ("p2",)}, []),
        (
            {"subscriptions": (SubscriptionType.NEW,)},
            {"subscriptions": (SubscriptionType.RENEW,)},
            [(E.SUBSCRIPTION_OUTSIDE_QUOTA, "subscriptions", "0")],
        ),
        ({"subscriptions": (SubscriptionType.NEW,)}, {"subscriptions": (SubscriptionType.NEW,)}, []),
        ({"own_use": True}, {}, [(E.PARTNER_USES_VOUCHERS, "quotaId")]),
    ],
)
def test_limits_of_a_quota(limits: dict[str, Any], terms: dict[str, Any], wanted: list[Any]) -> None:
    assert issue(replace(TERMS, **terms), limited(**limits)) == wanted


@pytest.mark.parametrize(
    ("limits", "issued", "customers", "wanted"),
    [
        ({"count_max": 3}, Issued(2, 0), 1, []),
        ({"count_max": 3}, Issued(2, 0), 2, [(E.VOUCHER_COUNT_LIMIT, "customerIds")]),
        ({"total_max": 30_000}, Issued(1, 20_000), 1, []),
        ({"total_max": 29_999}, Issued(1, 20_000), 1, [(E.VOUCHER_TOTAL_LIMIT, "faceValue")]),
        ({"total_max": 30_000}, Issued(1, 10_000), 3, [(E.VOUCHER_TOTAL_LIMIT, "faceValue")]),
    ],
)
def test_totals_of_a_quota(limits: dict[str, Any], issued: Issued, customers: int, wanted: list[Any]) -> None:
    assert issue(TERMS, limited(**limits), issued, customers) == wanted


def test_all_reasons_come_at_once() -> None:
    terms = VoucherTerms(0, 0, NOW - 2 * DAY, NOW, ("x",), ("y",), (SubscriptionType.RENEW,))
    quota = QuotaFacts(
        Q.FROZEN,
        0,
        NOW + DAY,
        NOW + 2 * DAY,
        QuotaLimits(
            services=("a",),
            products=("b",),
            subscriptions=(SubscriptionType.NEW,),
            face_min=5,
            count_max=1,
            total_max=1,
            own_use=True,
        ),
    )
    assert [code for code, *_ in issue(terms, quota, Issued(1, 2), 101)] == [
        E.OUT_OF_RANGE,
        E.OUT_OF_RANGE,
        E.TOO_MANY,
        E.QUOTA_NOT_USABLE,
        E.QUOTA_NOT_IN_FORCE,
        E.PARTNER_USES_VOUCHERS,
        E.QUOTA_INSUFFICIENT,
        E.OUT_OF_RANGE,
        E.OUT_OF_RANGE,
        E.FACE_BELOW_MINIMUM,
        E.VOUCHER_COUNT_LIMIT,
        E.VOUCHER_TOTAL_LIMIT,
        E.RANGE_OUTSIDE_QUOTA,
        E.RANGE_OUTSIDE_QUOTA,
        E.SUBSCRIPTION_OUTSIDE_QUOTA,
    ]


def test_a_voucher_takes_from_its_quota_what_its_terms_leave_open() -> None:
    limits = QuotaLimits(services=("ecs",), products=("p",), subscriptions=(SubscriptionType.NEW,))
    assert compute_range(TERMS, limits) == VoucherRange(("ecs",), ("p",), (SubscriptionType.NEW,))
    assert compute_range(replace(TERMS, services=("obs",)), QuotaLimits()) == VoucherRange(("obs",))
    assert compute_validity(TERMS, QUOTA) == (QUOTA.effective_at, QUOTA.expires_at)
    assert compute_validity(replace(TERMS, valid_from=NOW, expires_at=NOW + DAY), QUOTA) == (NOW, NOW + DAY)


@pytest.mark.parametrize(
    ("code", "upstream"),
    [
        (E.QUOTA_INSUFFICIENT, "CBC.99000013"),
        (E.QUOTA_NOT_IN_FORCE, "CBC.99000017"),
        (E.RESELLER_LEAVING, "CBC.50010105"),
        (E.NOT_RECALLABLE_REFERRAL, "CBC.99000045"),
        (E.ALREADY_EXPIRED_OR_RECALLED, "CBC.99000048"),
        (E.VOUCHER_UNIFIED_MEMBER, "CBC.50000034"),
    ],
)
def test_the_vendors_numbers_are_kept(code: ErrorCode, upstream: str) -> None:
    assert UPSTREAM[code] == upstream


def test_no_number_stands_for_two_codes() -> None:
    assert len(set(UPSTREAM.values())) == len(UPSTREAM)
