"""Sign-in, its locks and the real name, at each boundary."""

from datetime import UTC, date, datetime, timedelta

import pytest

from rules.accounts import (
    AccountStatus,
    Failures,
    Guesses,
    RealNameKind,
    RealNameState,
    check_contact_change,
    check_guesses,
    check_lock,
    check_may_sign_in,
    compute_failures,
    compute_guesses,
    compute_quick_registration_end,
)
from rules.accounts.real_name import (
    RealNameFileKind,
    check_contents,
    check_files,
    check_real_name,
    check_submission,
    check_unbound,
    is_change,
)
from rules.documents import Document
from rules.errors import ErrorCode
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)
POLICY = Policy.at(Site.CN, date(2026, 11, 21))
USCC = "914403001922038216"


@pytest.mark.parametrize(
    ("until", "refused"),
    [
        (None, False),
        (NOW - MILLISECOND, False),
        (NOW, False),
        (NOW + MILLISECOND, True),
        (NOW + 15 * MINUTE, True),
    ],
)
def test_a_lock_is_over_at_its_end(until: datetime | None, refused: bool) -> None:
    found = check_lock(until, now=NOW)
    assert codes(found) == [ErrorCode.ACCOUNT_LOCKED] * refused
    assert [violation.available_at for violation in found] == [until] * refused
    assert check_may_sign_in(AccountStatus.ACTIVE, until, now=NOW) == found


@pytest.mark.parametrize("status", AccountStatus)
@pytest.mark.parametrize("until", [None, NOW + MINUTE])
def test_only_active_accounts_sign_in(status: AccountStatus, until: datetime | None) -> None:
    found = codes(check_may_sign_in(status, until, now=NOW))
    if status is AccountStatus.ACTIVE:
        assert found == ([] if until is None else [ErrorCode.ACCOUNT_LOCKED])
    else:
        closed = status is AccountStatus.CLOSED_RETAINED
        assert found == [ErrorCode.ACCOUNT_CLOSED if closed else ErrorCode.ACCOUNT_FROZEN]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Failures(0, None, None), Failures(1, NOW, None)),
        (Failures(1, NOW - MINUTE, None), Failures(2, NOW - MINUTE, None)),
        (Failures(3, NOW - MINUTE, None), Failures(4, NOW - MINUTE, None)),
        (Failures(4, NOW - MINUTE, None), Failures(0, None, NOW + 15 * MINUTE)),
        (
            Failures(4, NOW - 15 * MINUTE + MILLISECOND, None),
            Failures(0, None, NOW + 15 * MINUTE),
        ),
        (Failures(4, NOW - 15 * MINUTE, None), Failures(1, NOW, None)),
        (Failures(4, NOW - 16 * MINUTE, None), Failures(1, NOW, None)),
        (Failures(0, None, NOW - MINUTE), Failures(1, NOW, NOW - MINUTE)),
    ],
)
def test_the_fifth_failure_within_the_reset_time_locks(before: Failures, after: Failures) -> None:
    assert compute_failures(before, now=NOW, policy=POLICY) == after


def test_failures_until_the_lock() -> None:
    failures = Failures(0, None, None)
    locked = []
    for _ in range(5):
        failures = compute_failures(failures, now=NOW, policy=POLICY)
        locked.append(failures.locked_until is not None)
    assert locked == [False, False, False, False, True]


@pytest.mark.parametrize(
    ("kind", "name", "number", "site", "expected"),
    [
        (RealNameKind.ENTERPRISE, "华为技术有限公司", USCC, Site.CN, []),
        (RealNameKind.ENTERPRISE, "华为技术有限公司", f" {USCC} ", Site.CN, []),
        (
            RealNameKind.ENTERPRISE,
            "华为技术有限公司",
            USCC[:-1] + "7",
            Site.CN,
            [(ErrorCode.CREDIT_CODE_INVALID, "documentNumber")],
        ),
        (RealNameKind.ENTERPRISE, "Northwind GmbH", "HRB 12345", Site.INTL, []),
        (
            RealNameKind.ENTERPRISE,
            "Northwind GmbH",
            "12",
            Site.INTL,
            [(ErrorCode.CREDIT_CODE_INVALID, "documentNumber")],
        ),
        (RealNameKind.PERSONAL, "李伟", "12", Site.CN, []),
        (RealNameKind.PERSONAL, " ", "12", Site.CN, [(ErrorCode.REQUIRED, "legalName")]),
        (
            RealNameKind.ENTERPRISE,
            "",
            " ",
            Site.CN,
            [(ErrorCode.REQUIRED, "legalName"), (ErrorCode.REQUIRED, "documentNumber")],
        ),
    ],
)
def test_real_name(
    kind: RealNameKind, name: str, number: str, site: Site, expected: list[tuple[ErrorCode, str]]
) -> None:
    found = check_real_name(kind, name, number, site=site)
    assert list(zip(codes(found), [violation.path for violation in found], strict=True)) == [
        (code, ("input", field)) for code, field in expected
    ]


@pytest.mark.parametrize(
    ("present", "refused"), [(None, False), ("+8613812345678", True), ("+8613812345679", False), ("", False)]
)
def test_a_new_contact_is_another_one(present: str | None, refused: bool) -> None:
    found = check_contact_change(present, "+8613812345678", field="mobile")
    assert codes(found) == [ErrorCode.CONTACT_UNCHANGED] * refused
    assert [one.path for one in found] == [("input", "mobile")] * refused


def test_a_link_for_a_further_account_opens_for_a_day() -> None:
    assert compute_quick_registration_end(NOW, policy=POLICY) == NOW + timedelta(hours=24)


K = RealNameFileKind
E = ErrorCode
PERSONAL, ENTERPRISE = RealNameKind.PERSONAL, RealNameKind.ENTERPRISE


@pytest.mark.parametrize("site", Site)
@pytest.mark.parametrize(
    ("kind", "counts", "expected"),
    [
        (PERSONAL, {K.CERTIFICATE: 1}, []),
        (PERSONAL, {K.CERTIFICATE: 4}, []),
        (PERSONAL, {K.CERTIFICATE: 5}, [(E.TOO_MANY, "certificateIds")]),
        (PERSONAL, {}, [(E.REQUIRED, "certificateIds")]),
        (PERSONAL, {K.LICENCE: 1}, [(E.REQUIRED, "certificateIds"), (E.REAL_NAME_FILE_UNWANTED, "licenceIds")]),
        (
            PERSONAL,
            {K.CERTIFICATE: 1, K.POWER_OF_ATTORNEY: 1},
            [(E.REAL_NAME_FILE_UNWANTED, "powerOfAttorneyIds")],
        ),
        (ENTERPRISE, {K.LICENCE: 1}, []),
        (ENTERPRISE, {K.CERTIFICATE: 2, K.LICENCE: 1, K.POWER_OF_ATTORNEY: 1}, []),
        (ENTERPRISE, {K.CERTIFICATE: 2, K.POWER_OF_ATTORNEY: 1}, [(E.REQUIRED, "licenceIds")]),
    ],
)
def test_what_shows_a_real_name(
    site: Site, kind: RealNameKind, counts: dict[RealNameFileKind, int], expected: list[tuple[ErrorCode, str]]
) -> None:
    found = check_files(kind, counts, policy=Policy.at(site, date(2026, 11, 21)))
    assert [(one.code, one.path) for one in found] == [(code, ("input", field)) for code, field in expected]


@pytest.mark.parametrize(
    ("media_type", "size", "expected"),
    [
        ("image/bmp", 1, []),
        ("image/jpeg", 10240 * 1024, []),
        ("image/png", 10240 * 1024 + 1, [E.OUT_OF_RANGE]),
        ("application/pdf", 1, [E.INVALID_FORMAT]),
        ("application/pdf", 10240 * 1024 + 1, [E.INVALID_FORMAT, E.OUT_OF_RANGE]),
    ],
)
def test_pictures_of_documents(media_type: str, size: int, expected: list[ErrorCode]) -> None:
    good = Document("front.png", "image/png", 1, "0" * 64)
    shown = Document("back.png", media_type, size, "0" * 64)
    found = check_contents({K.CERTIFICATE: [good, shown]}, policy=POLICY)
    assert codes(found) == expected
    assert {one.path for one in found} <= {("input", "certificateIds", "1")}


@pytest.mark.parametrize("wanted", RealNameKind)
@pytest.mark.parametrize("held_kind", [None, *RealNameKind])
@pytest.mark.parametrize("held", RealNameState)
def test_who_may_submit(held: RealNameState, held_kind: RealNameKind | None, wanted: RealNameKind) -> None:
    change = held is RealNameState.PASSED and held_kind is PERSONAL and wanted is ENTERPRISE
    allowed = change or held in (RealNameState.NONE, RealNameState.FAILED)

    assert is_change(held, held_kind, wanted) == change
    assert codes(check_submission(held, held_kind, wanted, in_review=False)) == [E.STATE_CONFLICT] * (not allowed)
    assert codes(check_submission(held, held_kind, wanted, in_review=True)) == [E.STATE_CONFLICT]


def test_an_employee_stays_a_person() -> None:
    assert codes(check_unbound(True)) == [E.REAL_NAME_PERSON_BOUND]
    assert check_unbound(False) == []


@pytest.mark.parametrize(
    ("count", "passed", "refused"),
    [
        (9, timedelta(0), False),
        (10, timedelta(0), True),
        (10, timedelta(hours=24) - timedelta(microseconds=1), True),
        (10, timedelta(hours=24), False),
    ],
)
def test_contacts_of_others_that_a_partner_has_come_upon(count: int, passed: timedelta, refused: bool) -> None:
    found = check_guesses(Guesses(count, NOW - passed), now=NOW, policy=POLICY)
    assert codes(found) == [E.CONTACT_CHECK_LIMIT] * refused
    assert all(one.available_at == NOW - passed + timedelta(hours=24) for one in found)


def test_contacts_of_others_are_counted_anew_after_the_window() -> None:
    day = timedelta(hours=24)
    assert check_guesses(Guesses(0, None), now=NOW, policy=POLICY) == []
    assert compute_guesses(Guesses(0, None), now=NOW, policy=POLICY) == Guesses(1, NOW)
    assert compute_guesses(Guesses(3, NOW - day), now=NOW, policy=POLICY) == Guesses(1, NOW)
    since = NOW - day + timedelta(microseconds=1)
    assert compute_guesses(Guesses(3, since), now=NOW, policy=POLICY) == Guesses(4, since)
