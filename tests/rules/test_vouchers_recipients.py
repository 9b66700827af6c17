"""Who may get a voucher, and which vouchers can be recalled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from rules.customers import AssociationType
from rules.errors import ErrorCode
from rules.vouchers import (
    QuotaLimits,
    Recipient,
    VoucherFacts,
    VoucherKind,
    VoucherStatus,
    check_recall,
    check_recipient,
)
from tests.rules.outcomes import codes

E, V = ErrorCode, VoucherStatus
RESALE, REFERRAL = AssociationType.RESALE, AssociationType.REFERRAL
NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
DAY = timedelta(days=1)
SOMEBODY = UUID(int=1)
VOUCHER = VoucherFacts(V.USABLE, VoucherKind.VOUCHER, 10_000, NOW - DAY, NOW + DAY)


@pytest.mark.parametrize(
    ("recipient", "limits", "wanted"),
    [
        (Recipient(RESALE), {}, []),
        (Recipient(REFERRAL), {}, []),
        (Recipient(RESALE), {"association_type": RESALE}, []),
        (Recipient(REFERRAL), {"association_type": RESALE}, [E.QUOTA_WRONG_ASSOCIATION_TYPE]),
        (Recipient(RESALE, first=False), {}, []),
        (Recipient(RESALE, first=True), {"first_association_only": True}, []),
        (Recipient(RESALE, first=False), {"first_association_only": True}, [E.FIRST_ASSOCIATION_ONLY]),
        (Recipient(RESALE, designated=True), {"designated": (SOMEBODY,)}, []),
        (Recipient(RESALE), {"designated": (SOMEBODY,)}, [E.DESIGNATED_CUSTOMERS_ONLY]),
        (Recipient(RESALE, own_account=True), {}, [E.SELF_ISSUE]),
        (Recipient(RESALE, unified_member=True), {}, [E.VOUCHER_UNIFIED_MEMBER]),
        (
            Recipient(REFERRAL, first=False, own_account=True, unified_member=True),
            {"association_type": RESALE, "first_association_only": True, "designated": (SOMEBODY,)},
            [
                E.QUOTA_WRONG_ASSOCIATION_TYPE,
                E.FIRST_ASSOCIATION_ONLY,
                E.DESIGNATED_CUSTOMERS_ONLY,
                E.SELF_ISSUE,
                E.VOUCHER_UNIFIED_MEMBER,
            ],
        ),
    ],
)
def test_recipients(recipient: Recipient, limits: dict[str, Any], wanted: list[ErrorCode]) -> None:
    place = ("input", "customerIds", "7")
    found = check_recipient(recipient, QuotaLimits(**limits), place)
    assert codes(found) == wanted
    assert all(violation.path == place for violation in found)


RECALLS = {
    V.USABLE: [],
    V.USED: [E.STATE_CONFLICT],
    V.EXPIRED: [E.ALREADY_EXPIRED_OR_RECALLED],
    V.RECALLED: [E.ALREADY_EXPIRED_OR_RECALLED],
}


@pytest.mark.parametrize(("status", "type"), list(product(V, [RESALE, REFERRAL, None])))
def test_recalling(status: VoucherStatus, type: AssociationType | None) -> None:
    found = check_recall(replace(VOUCHER, status=status), type, ("input", "voucherIds", "0"), now=NOW)
    wanted = RECALLS[status] + ([E.NOT_RECALLABLE_REFERRAL] if type is REFERRAL else [])
    assert codes(found) == wanted
    assert all(violation.path == ("input", "voucherIds", "0") for violation in found)


@pytest.mark.parametrize(
    ("now", "wanted"),
    [(VOUCHER.expires_at - MILLISECOND, []), (VOUCHER.expires_at, [E.ALREADY_EXPIRED_OR_RECALLED])],
)
def test_a_voucher_past_its_end_is_not_recalled(now: datetime, wanted: list[ErrorCode]) -> None:
    assert codes(check_recall(VOUCHER, RESALE, now=now)) == wanted
