"""Admission to the network, codes of companies, and what a standing forbids."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from rules.accounts import RealNameKind, RealNameState
from rules.errors import ErrorCode, Violation
from rules.partners import (
    ADMISSION,
    AdmissionState,
    Application,
    LegalEntity,
    Standing,
    Undertaking,
    check_applicant,
    check_application,
    check_assignment,
    check_registered_name,
    check_standing,
    check_standing_change,
    compute_standing,
    is_automatic,
    normalise_credit_code,
)
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

HUAWEI = LegalEntity("华为技术有限公司", "914403001922038216")
GOOD = Application(Site.CN, HUAWEI, RealNameKind.ENTERPRISE, RealNameState.PASSED)
POLICY = Policy.at(Site.CN, date(2026, 11, 21))


class Manual:
    """Operations have switched automatic admission off."""

    site, key, effective_on, value = Site.CN, "partners.automatic_admission", date(2026, 1, 1), False


def test_a_company_with_its_real_name_may_apply() -> None:
    assert check_application(GOOD) == []


@pytest.mark.parametrize(("kind", "state"), [*product([None, *RealNameKind], RealNameState)])
def test_the_enterprise_real_name_has_passed(kind: RealNameKind | None, state: RealNameState) -> None:
    passed = kind is RealNameKind.ENTERPRISE and state is RealNameState.PASSED
    found = codes(check_application(replace(GOOD, real_name_kind=kind, real_name_state=state)))
    assert found == [ErrorCode.REAL_NAME_REQUIRED] * (not passed)


@pytest.mark.parametrize(
    ("admission", "refused"),
    [
        (None, False),
        (AdmissionState.REJECTED, False),
        (AdmissionState.SUBMITTED, True),
        (AdmissionState.MANUAL_REVIEW, True),
        (AdmissionState.JOINED, True),
    ],
)
def test_one_application_at_a_time(admission: AdmissionState | None, refused: bool) -> None:
    assert codes(check_application(replace(GOOD, admission=admission))) == [ErrorCode.ALREADY_PARTNER] * refused


def test_members_do_not_apply() -> None:
    assert codes(check_application(replace(GOOD, is_member=True))) == [ErrorCode.ALREADY_PARTNER]


@pytest.mark.parametrize(
    ("name", "registered", "expected"),
    [
        ("华为技术有限公司", None, []),
        ("华为技术有限公司", "华为技术有限公司", []),
        ("华为技术有限公司", "华为 技术有限公司 ", []),
        ("Northwind (Deutschland) GmbH", "NORTHWIND（Deutschland）GmbH", []),
        ("华为技术有限公司", "华为终端有限公司", [ErrorCode.COMPANY_MISMATCH]),
        ("", None, [ErrorCode.REQUIRED]),
        (" \t", "华为技术有限公司", [ErrorCode.REQUIRED]),
    ],
)
def test_the_name_of_a_known_company(name: str, registered: str | None, expected: list[ErrorCode]) -> None:
    application = replace(GOOD, company=replace(HUAWEI, name=name), registered_name=registered)
    found = check_application(application)
    assert codes(found) == expected
    assert all(violation.path == ("input", "companyName") for violation in found)


def test_the_account_that_applies_works() -> None:
    assert codes(check_application(replace(GOOD, works=False))) == [ErrorCode.STATE_CONFLICT]
    assert check_applicant(works=True) == []


def test_all_reasons_at_once() -> None:
    company = LegalEntity("", "914403001922038217")
    found = check_application(
        Application(Site.CN, company, None, RealNameState.NONE, admission=AdmissionState.JOINED, is_member=True)
    )
    assert codes(found) == [
        ErrorCode.REAL_NAME_REQUIRED,
        ErrorCode.ALREADY_PARTNER,
        ErrorCode.REQUIRED,
        ErrorCode.CREDIT_CODE_INVALID,
    ]
    assert found[-1].path == ("input", "creditCode")


@pytest.mark.parametrize(
    ("site", "typed", "stored"),
    [
        (Site.CN, "914403001922038216", "914403001922038216"),
        (Site.CN, "9144030071526726XG", "9144030071526726XG"),
        (Site.CN, "91330100799655058B", "91330100799655058B"),
        (Site.CN, "91110000802100433B", "91110000802100433B"),
        (Site.CN, " 9144030071526726xg ", "9144030071526726XG"),
        (Site.CN, "91440300 71526726 XG", "9144030071526726XG"),
        (Site.CN, "９１４４０３００７１５２６７２６ＸＧ", "9144030071526726XG"),
        (Site.INTL, "HRB 12345", "HRB 12345"),
        (Site.INTL, "hrb  12345\tb", "HRB 12345 B"),
        (Site.INTL, "12.345.678/0001-95", "12.345.678/0001-95"),
        (Site.INTL, "1234", "1234"),
        (Site.INTL, "A" * 40, "A" * 40),
    ],
)
def test_good_codes(site: Site, typed: str, stored: str) -> None:
    assert normalise_credit_code(typed, site) == stored


@pytest.mark.parametrize(
    ("site", "typed"),
    [
        (Site.CN, ""),
        (Site.CN, "914403001922038217"),
        (Site.CN, "914403001922038261"),
        (Site.CN, "91440300192203821"),
        (Site.CN, "9144030019220382166"),
        (Site.CN, "9144030071526726IG"),
        (Site.CN, "HRB 12345"),
        (Site.INTL, ""),
        (Site.INTL, "123"),
        (Site.INTL, "A" * 41),
        (Site.INTL, "-1234"),
        (Site.INTL, "1234\\5"),
        (Site.INTL, "straße"),
        (Site.INTL, "公司1234"),
    ],
)
def test_bad_codes(site: Site, typed: str) -> None:
    refusal = normalise_credit_code(typed, site, path=("input", "creditCode"))
    assert refusal == Violation(ErrorCode.CREDIT_CODE_INVALID, ("input", "creditCode"), "partners.credit_code")


def test_any_single_wrong_character_is_noticed() -> None:
    """What the check character is for: each of the 30 wrong letters at each of the 18 places."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    accepted = [
        typed
        for place in range(18)
        for letter in alphabet
        if isinstance(
            normalise_credit_code(typed := HUAWEI.code[:place] + letter + HUAWEI.code[place + 1 :], Site.CN), str
        )
    ]
    assert set(accepted) == {HUAWEI.code}


@pytest.mark.parametrize(
    ("licence", "automatic"),
    [
        (HUAWEI, True),
        (LegalEntity("华为技术 有限公司", "914403001922038216 "), True),
        (replace(HUAWEI, name="华为终端有限公司"), False),
        (replace(HUAWEI, code="9144030071526726XG"), False),
    ],
)
def test_automatic_admission(licence: LegalEntity, automatic: bool) -> None:
    assert is_automatic(licence, HUAWEI, policy=POLICY) is automatic
    manual = Policy.at(Site.CN, date(2026, 11, 21), [Manual()])
    assert is_automatic(licence, HUAWEI, policy=manual) is False


def test_nobody_leaves_the_network() -> None:
    assert [row for row in ADMISSION.transitions if row.source is AdmissionState.JOINED] == []


@pytest.mark.parametrize("undertaking", Undertaking)
def test_what_each_standing_forbids(undertaking: Undertaking) -> None:
    associating = undertaking is Undertaking.ASSOCIATE_CUSTOMER
    assert check_standing(Standing.ACTIVE, undertaking) == []
    assert codes(check_standing(Standing.RESTRICTED, undertaking)) == [ErrorCode.PARTNER_RESTRICTED] * associating
    customers = undertaking is not Undertaking.BIND_PERSONAL_ACCOUNT
    assert codes(check_standing(Standing.FROZEN, undertaking)) == [ErrorCode.PARTNER_FROZEN] * customers
    assert codes(check_standing(Standing.CLOSED, undertaking)) == [ErrorCode.PARTNER_FROZEN]


@pytest.mark.parametrize(
    ("own", "distributor", "effective"),
    [
        (Standing.ACTIVE, None, Standing.ACTIVE),
        (Standing.RESTRICTED, None, Standing.RESTRICTED),
        (Standing.ACTIVE, Standing.ACTIVE, Standing.ACTIVE),
        (Standing.ACTIVE, Standing.RESTRICTED, Standing.RESTRICTED),
        (Standing.ACTIVE, Standing.FROZEN, Standing.FROZEN),
        (Standing.RESTRICTED, Standing.FROZEN, Standing.FROZEN),
        (Standing.FROZEN, Standing.RESTRICTED, Standing.FROZEN),
    ],
)
def test_a_reseller_shares_its_distributors_standing(
    own: Standing, distributor: Standing | None, effective: Standing
) -> None:
    assert compute_standing(own, distributor) is effective


@pytest.mark.parametrize("state", AdmissionState)
def test_only_who_has_joined_gets_somebody_in_charge(state: AdmissionState) -> None:
    joined = state is AdmissionState.JOINED
    against = [] if joined else [ErrorCode.STATE_CONFLICT]
    assert codes(check_assignment(state)) == against
    assert codes(check_assignment(state, same=True)) == [*against, ErrorCode.ALREADY_ASSIGNED]


GIVEN = (Standing.ACTIVE, Standing.RESTRICTED, Standing.FROZEN)


@pytest.mark.parametrize(("present", "wanted"), list(product(Standing, GIVEN)))
def test_a_standing_is_changed_to_another_one_and_with_words(present: Standing, wanted: Standing) -> None:
    same = [ErrorCode.STATE_CONFLICT] * (present in (wanted, Standing.CLOSED))
    assert codes(check_standing_change(present, wanted, "Unpaid bills.")) == same
    for nothing in (None, "", "  "):
        found = check_standing_change(present, wanted, nothing)
        assert codes(found) == [*same, ErrorCode.REASON_REQUIRED]
        assert found[-1].path == ("input", "reason")


@pytest.mark.parametrize("present", Standing)
def test_no_vendor_closes_a_partner(present: Standing) -> None:
    [found] = check_standing_change(present, Standing.CLOSED, "It left.")
    assert (found.code, found.path) == (ErrorCode.OUT_OF_RANGE, ("input", "standing"))


@pytest.mark.parametrize(
    ("name", "registered", "refused"),
    [
        ("华为技术有限公司", None, False),
        ("华为技术有限公司", "华为技术有限公司", False),
        ("Huawei  Technologies", "HUAWEI TECHNOLOGIES", False),
        ("华为技术有限公司", "华为终端有限公司", True),
    ],
)
def test_a_code_known_under_another_name(name: str, registered: str | None, refused: bool) -> None:
    assert codes(check_registered_name(name, registered)) == [ErrorCode.COMPANY_MISMATCH] * refused
