"""Business information: who has a taxpayer type, which account numbers there are, tries, and what the check finds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import product

import pytest

from models.policy import PolicyValue
from rules.business_info import (
    BANKS,
    BRANCHES,
    ENTITIES,
    Answers,
    BusinessInfoState,
    CheckReason,
    Content,
    Settlement,
    TaxpayerType,
    Try,
    banks_of,
    branches_of,
    check_amount,
    check_branch,
    check_editable,
    check_form,
    check_letter,
    check_missing,
    check_new_entity,
    check_privacy,
    check_reason,
    check_submittable,
    check_taxpayer,
    compute_deposit_most,
    compute_differences,
    compute_doubts,
    folded_name,
    normalise_answer,
    normalise_rate,
)
from rules.business_info.accounts import IBAN_LENGTHS, check_account, is_iban
from rules.documents import Document
from rules.errors import ErrorCode, Violation
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CN, INTL = (Policy.at(site, NOW.date()) for site in Site)
CASES = {
    (Site.CN, False, True): [ErrorCode.TAXPAYER_TYPE_REQUIRED],
    (Site.INTL, True, True): [ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE],
    (Site.INTL, True, False): [ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE],
}
COMPLETE = {
    "address": "杭州",
    "taxpayer_type": TaxpayerType.GENERAL,
    "tax_number": "91330106MA2XYZ1234",
    "tax_rate": Decimal("0.06"),
    "contact_name": "陈会计",
    "contact_mobile": "+8613800138000",
    "contact_email": "finance@example.com",
    "bank_country": "CN",
    "bank_code": "ICBC",
    "bank_name": "中国工商银行",
    "branch_name": "西湖支行",
    "branch_code": "102331002011",
    "account_holder": "西湖云（杭州）有限公司",
    "account_number": "6222021001116245702",
    "signing_entity": "CLOUD_CN",
    "currency": "CNY",
    "related_supplier": False,
}
WHOLE = Content(Site.CN, "西湖云(杭州)有限公司", COMPLETE)


def told(content: Content) -> dict[str, ErrorCode]:
    """Field → what stands against it."""
    policy = CN if content.site is Site.CN else INTL
    return {violation.path[-1]: violation.code for violation in check_form(content, policy=policy)}


def changed(**answers: object) -> Content:
    """The whole form with other answers."""
    return replace(WHOLE, answers={**COMPLETE, **answers})


@pytest.mark.parametrize(
    ("bank", "branch", "refused"),
    [
        ("ICBC", "102331002011", False),
        ("ICBC", "102999999999", False),
        ("ICBC", "103331000018", True),
        ("CMB", "308", False),
        (None, "103331000018", False),
        ("DBS", "103331000018", False),
        ("ICBC", None, False),
    ],
)
def test_a_branch_is_one_of_its_bank(bank: str | None, branch: str | None, refused: bool) -> None:
    assert codes(check_branch(bank, branch)) == [ErrorCode.BRANCH_NOT_OF_BANK] * refused


def test_the_lists_fit_together() -> None:
    assert all(BANKS[one.bank].number == code[:3] and len(code) == 12 for code, one in BRANCHES.items())
    assert {bank.country for bank in banks_of(Site.CN)} == {"CN"}
    assert len(banks_of(Site.INTL)) == len(BANKS)
    assert [one.code for one in branches_of("ICBC", " west LAKE ")] == ["102331002011"]
    assert [one.code for one in branches_of("ICBC", "10229")] == ["102290000013"]
    assert branches_of("ICBC", "深圳") == branches_of("NOBODY", "") == []


@pytest.mark.parametrize(
    ("present", "wanted", "expected"),
    [
        (("CLOUD_CN", "CNY"), ("SOFTWARE_CN", "CNY"), []),
        ((None, None), ("CLOUD_CN", "CNY"), []),
        (("CLOUD_CN", "CNY"), ("CLOUD_CN", "CNY"), [ErrorCode.SIGNING_ENTITY_UNCHANGED]),
        (("CLOUD_CN", "CNY"), ("CLOUD_SG", "SGD"), [ErrorCode.SIGNING_ENTITY_NOT_OF_SITE]),
        (("CLOUD_CN", "CNY"), ("CLOUD_CN", "USD"), [ErrorCode.CURRENCY_NOT_OF_ENTITY]),
    ],
)
def test_another_signing_entity(
    present: tuple[str | None, str | None], wanted: tuple[str, str], expected: list[ErrorCode]
) -> None:
    found = check_new_entity(present, *wanted, Site.CN)
    assert codes(found) == expected
    assert {one.path[0] for one in found} <= {"input"}


@pytest.mark.parametrize(("site", "given", "certified"), list(product(Site, [True, False], [True, False])))
def test_taxpayer_type(site: Site, given: bool, certified: bool) -> None:
    for kind in TaxpayerType if given else (None,):
        assert codes(check_taxpayer(site, kind, certified=certified)) == CASES.get((site, given, certified), [])


def test_nothing_stands_against_a_whole_form() -> None:
    assert told(WHOLE) == {}


@pytest.mark.parametrize("name", [name for name in COMPLETE if name not in ("bank_code", "related_supplier")])
def test_each_answer_is_required(name: str) -> None:
    head, *rest = name.split("_")
    assert told(changed(**{name: None})) == {head + "".join(map(str.title, rest)): ErrorCode.BUSINESS_INFO_INCOMPLETE}


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"related_supplier": None}, {"relatedSupplier": ErrorCode.BUSINESS_INFO_INCOMPLETE}),
        ({"related_supplier": True}, {"relatedDetails": ErrorCode.BUSINESS_INFO_INCOMPLETE}),
        ({"related_supplier": True, "related_details": "Same owner."}, {}),
        ({"intermediary_bic": "DBSSSGSG"}, {"intermediaryBank": ErrorCode.BUSINESS_INFO_INCOMPLETE}),
        ({"intermediary_bank": "DBS", "intermediary_bic": "DBSSSGSG"}, {}),
        ({"account_holder": "西湖云（上海）有限公司"}, {"accountHolder": ErrorCode.BANK_HOLDER_MISMATCH}),
        ({"bank_code": "DBS"}, {"bankCode": ErrorCode.BANK_UNKNOWN}),
        ({"bank_code": "MATTRESS"}, {"bankCode": ErrorCode.BANK_UNKNOWN}),
        ({"bank_code": None, "bank_name": "杭州银行"}, {}),
        (
            {"bank_code": None, "bank_country": "SG", "account_number": "001234567890"},
            {"bankCountry": ErrorCode.BANK_UNKNOWN},
        ),
        ({"signing_entity": "CLOUD_SG"}, {"signingEntity": ErrorCode.SIGNING_ENTITY_NOT_OF_SITE}),
        ({"signing_entity": "NOBODY"}, {"signingEntity": ErrorCode.SIGNING_ENTITY_NOT_OF_SITE}),
        ({"currency": "USD"}, {"currency": ErrorCode.CURRENCY_NOT_OF_ENTITY}),
        ({"tax_rate": Decimal("0.03")}, {"taxRate": ErrorCode.TAX_RATE_NOT_ALLOWED}),
        ({"tax_rate": Decimal("0.0600")}, {}),
        ({"tax_rate": Decimal("0.03"), "taxpayer_type": TaxpayerType.SMALL_SCALE}, {}),
        ({"taxpayer_type": TaxpayerType.SMALL_SCALE}, {"taxRate": ErrorCode.TAX_RATE_NOT_ALLOWED}),
    ],
)
def test_how_answers_fit_together(answers: dict[str, object], wrong: dict[str, ErrorCode]) -> None:
    assert told(changed(**answers)) == wrong


def test_the_other_site_asks_for_the_bic_and_has_rates_of_its_own() -> None:
    answers = {**COMPLETE, "taxpayer_type": None, "branch_code": None, "tax_rate": Decimal("0.09"), "bank_code": "DBS"}
    answers |= {"bank_country": "SG", "account_number": "0012345678", "signing_entity": "CLOUD_SG", "currency": "SGD"}
    content = Content(Site.INTL, WHOLE.company_name, answers)
    assert told(content) == {"bic": ErrorCode.BUSINESS_INFO_INCOMPLETE}
    assert told(replace(content, answers={**answers, "bic": "DBSSSGSG"})) == {}


@pytest.mark.parametrize(
    ("number", "country", "right"),
    [
        ("DE89370400440532013000", "DE", True),
        ("DE89370400440532013001", "DE", False),
        ("DE8937040044053201300", "DE", False),
        ("GB82WEST12345698765432", "GB", True),
        ("GB82WEST12345698765432", "DE", False),
        ("12345678", "CN", True),
        ("1234567", "CN", False),
        ("1" * 30, "CN", True),
        ("1" * 31, "CN", False),
        ("62220210A", "CN", False),
        ("ABC123", "SG", True),
        ("ABC12", "SG", False),
        ("A" * 34, "SG", True),
        ("A" * 35, "SG", False),
    ],
)
def test_account_numbers(number: str, country: str, right: bool) -> None:
    assert codes(check_account(number, country, ())) == ([] if right else [ErrorCode.BANK_ACCOUNT_INVALID])
    assert country not in IBAN_LENGTHS or is_iban(number, country) is right


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("account_number", " 6222-0210 0111 ", "622202100111"),
        ("account_number", "６２２２０２", "622202"),
        ("account_number", "12345", None),
        ("bic", "dbsssgsg", "DBSSSGSG"),
        ("bic", "DBSSSGSGXXX", "DBSSSGSGXXX"),
        ("bic", "DBSSSGSGXX", None),
        ("branch_code", "10233100201", None),
        ("currency", "cny", "CNY"),
        ("tax_number", "91330106ma2xyz1234", "91330106MA2XYZ1234"),
        ("address", "  Marina  ", "Marina"),
    ],
)
def test_stored_forms(name: str, text: str, stored: str | None) -> None:
    found = normalise_answer(name, text)
    assert (None if isinstance(found, Violation) else found) == stored


@pytest.mark.parametrize(
    ("text", "rate"),
    [("0", "0"), ("0.9999", "0.9999"), ("1", None), ("-0.01", None), ("0.00001", None), ("six", None), ("NaN", None)],
)
def test_rates(text: str, rate: str | None) -> None:
    found = normalise_rate(text)
    assert (None if isinstance(found, Violation) else found) == (None if rate is None else Decimal(rate))


def test_names_are_compared_without_width_blanks_and_capitals() -> None:
    assert folded_name("West Lake （Hangzhou） Ltd.") == folded_name("WEST LAKE(HANGZHOU)LTD.")


@pytest.mark.parametrize(
    ("attempt", "found"),
    [
        (Try(BusinessInfoState.AMOUNT_PENDING, counted=True, right=True), []),
        (Try(BusinessInfoState.AMOUNT_PENDING, counted=True, left=1), [ErrorCode.AMOUNT_WRONG]),
        (Try(BusinessInfoState.LOCKED, counted=True), [ErrorCode.BUSINESS_INFO_LOCKED]),
        (Try(BusinessInfoState.LOCKED, counted=False, right=True), [ErrorCode.BUSINESS_INFO_LOCKED]),
        (Try(BusinessInfoState.SUBMITTED, counted=False), [ErrorCode.STATE_CONFLICT]),
    ],
)
def test_tries(attempt: Try, found: list[ErrorCode]) -> None:
    assert codes(check_amount(attempt)) == found


def test_a_deposit_is_missing_from_the_instant_on_that_it_should_be_there() -> None:
    assert codes(check_missing(NOW, now=NOW - timedelta(milliseconds=1))) == [ErrorCode.DEPOSIT_NOT_OVERDUE]
    assert check_missing(NOW, now=NOW) == [] == check_missing(None, now=NOW)


@pytest.mark.parametrize("state", BusinessInfoState)
def test_when_a_form_can_be_submitted(state: BusinessInfoState) -> None:
    special = {
        BusinessInfoState.LOCKED: ErrorCode.BUSINESS_INFO_LOCKED,
        BusinessInfoState.LETTER_REQUIRED: ErrorCode.BANK_LETTER_REQUIRED,
    }
    free = {state.NONE, state.CERTIFIED, state.REJECTED, state.EXPIRED_BY_CHANGE}
    assert codes(check_submittable(state)) == ([] if state in free else [special.get(state, ErrorCode.STATE_CONFLICT)])


@pytest.mark.parametrize("site", Site)
def test_what_is_certified_may_be_changed_where_the_site_lets_it(site: Site) -> None:
    certified, off = (
        BusinessInfoState.CERTIFIED,
        PolicyValue(site=site.value, key="business_info.editable_after_pass", effective_on=NOW.date(), value=False),
    )
    shipped, closed = Policy.at(site, NOW.date()), Policy.at(site, NOW.date(), [off])
    assert check_editable(certified, opened=False, policy=shipped) == []
    assert codes(check_editable(certified, opened=False, policy=closed)) == [ErrorCode.BUSINESS_INFO_NOT_EDITABLE]
    assert check_editable(certified, opened=True, policy=closed) == []
    for state in set(BusinessInfoState) - {certified}:
        assert check_editable(state, opened=False, policy=closed) == []


GIVEN = Settlement("6222", "CLOUD_CN", "CNY")
R = CheckReason


@pytest.mark.parametrize(
    ("registered", "found"),
    [
        ([], []),
        ([GIVEN], []),
        ([Settlement("6223", "CLOUD_CN", "CNY")], [R.SUPPLIER_ACCOUNT_DIFFERS]),
        ([Settlement("6222", "SOFTWARE_CN", "USD")], [R.SUPPLIER_ENTITY_DIFFERS, R.SUPPLIER_CURRENCY_DIFFERS]),
        (
            [Settlement("6223", "SOFTWARE_CN", "USD"), Settlement("6222", "CLOUD_CN", "USD")],
            [R.SUPPLIER_CURRENCY_DIFFERS],
        ),
        ([Settlement("6223", "SOFTWARE_CN", "USD"), GIVEN], []),
    ],
)
def test_what_differs_from_the_register(registered: list[Settlement], found: list[CheckReason]) -> None:
    assert compute_differences(GIVEN, registered) == found
    assert "6222" not in repr(GIVEN)


def test_what_a_person_looks_at() -> None:
    usual = Answers(bank_listed=True, intermediary=False, related_supplier=False)
    assert compute_doubts(usual, policy=CN) == []
    every = Answers(bank_listed=False, intermediary=True, related_supplier=True)
    assert compute_doubts(every, policy=INTL) == [R.RELATED_SUPPLIER, R.BANK_NOT_LISTED, R.INTERMEDIARY_BANK]
    off = PolicyValue(site="CN", key="business_info.automatic", effective_on=NOW.date(), value=False)
    assert compute_doubts(usual, policy=Policy.at(Site.CN, NOW.date(), [off])) == [R.AUTOMATIC_OFF]


MIB = 1024 * 1024


@pytest.mark.parametrize(
    ("media_type", "size", "found"),
    [
        ("application/pdf", 10 * MIB, []),
        ("image/png", 1, []),
        ("application/pdf", 10 * MIB + 1, [ErrorCode.BANK_LETTER_NOT_ACCEPTED]),
        ("text/html", 1, [ErrorCode.BANK_LETTER_NOT_ACCEPTED]),
    ],
)
def test_letters(media_type: str, size: int, found: list[ErrorCode]) -> None:
    letter = Document("letter", media_type, size, "a" * 64)
    assert codes(check_letter(letter, policy=CN, path=("input", "uploadId"))) == found


def test_reasons_and_consent_are_given() -> None:
    assert codes(check_reason(" ")) == codes(check_reason(None)) == [ErrorCode.REASON_REQUIRED]
    assert check_reason("so") == [] == check_privacy("2026-01")
    assert codes(check_privacy(None)) == [ErrorCode.AGREEMENT_REQUIRED]


def test_the_catalogue_is_sound() -> None:
    assert compute_deposit_most(CN) == 500
    assert {entity.site for entity in ENTITIES.values()} == set(Site)
    assert all(bank.bic[4:6] == bank.country for bank in BANKS.values())
    assert all(entity.currencies and set(entity.titles) == {"en", "zh-CN"} for entity in ENTITIES.values())
