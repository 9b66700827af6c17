"""The shipped numbers, their dated changes, and what operations may set over them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from rules import policy as module
from rules.errors import ErrorCode
from rules.policy import (
    ACCOUNTS_MOBILE_REGIONS,
    ASSOCIATIONS_CUSTOMER_REQUESTS_MAX,
    ASSOCIATIONS_PARTNER_REQUESTS_MAX,
    ASSOCIATIONS_REQUEST_LIFE,
    ASSOCIATIONS_WINDOW_MONTHS,
    CODES_CHANNEL,
    CODES_GAP,
    CODES_LENGTH,
    CODES_LIFE,
    CODES_LIFE_CLAMPED,
    CODES_LIFE_LONGEST,
    CODES_MAX_TRIES,
    CODES_MONEY_PER_HOUR,
    CODES_PER_TARGET_DAY,
    CODES_PER_TARGET_HOUR,
    INVITATIONS_OFFLINE_LIFE,
    INVITATIONS_ONLINE_LIFE,
    LOGIN_LOCK,
    LOGIN_MAX_FAILURES,
    LOGIN_RESET,
    PLANS_CO_SELL_AUTOMATIC,
    REPORTS_OPEN_MAX,
    REPORTS_VALIDITY,
    STEP_UP_PROOF_LIFE,
    STEP_UP_SWITCH_DEFAULT,
    Policy,
    PolicyBook,
    PolicyKey,
    check_override,
)
from rules.policy_data import PARAMETERS, InvalidPolicy, Kind, load
from rules.sites import Site

DAY = date(2026, 11, 21)


@dataclass(frozen=True)
class Row:
    site: str
    key: str
    effective_on: date
    value: object


def cn(*overrides: Row, on: date = DAY) -> Policy:
    return Policy.at(Site.CN, on, overrides)


def test_the_numbers_of_the_rule_books() -> None:
    policy = cn()
    assert (policy[CODES_LENGTH], policy[CODES_MAX_TRIES]) == (6, 5)
    assert (policy[CODES_LIFE], policy[CODES_LIFE_LONGEST], policy[CODES_LIFE_CLAMPED]) == (
        timedelta(minutes=10),
        timedelta(minutes=60),
        timedelta(minutes=5),
    )
    assert (policy[CODES_GAP], policy[CODES_PER_TARGET_HOUR], policy[CODES_PER_TARGET_DAY]) == (
        timedelta(seconds=60),
        15,
        60,
    )
    assert (policy[LOGIN_MAX_FAILURES], policy[LOGIN_LOCK], policy[LOGIN_RESET]) == (
        5,
        timedelta(minutes=15),
        timedelta(minutes=15),
    )
    assert (policy[STEP_UP_PROOF_LIFE], policy[STEP_UP_SWITCH_DEFAULT]) == (timedelta(minutes=5), False)
    assert (policy[REPORTS_OPEN_MAX], policy[REPORTS_VALIDITY]) == (100, timedelta(days=15))
    assert (policy[INVITATIONS_ONLINE_LIFE], policy[INVITATIONS_OFFLINE_LIFE]) == (timedelta(days=7), None)
    assert (policy[ASSOCIATIONS_WINDOW_MONTHS], policy[ASSOCIATIONS_REQUEST_LIFE]) == (3, timedelta(days=30))
    assert policy[PLANS_CO_SELL_AUTOMATIC] is True


def test_the_sites_differ_where_the_manuals_do() -> None:
    china, international = cn(), Policy.at(Site.INTL, DAY)
    assert (china[CODES_CHANNEL], international[CODES_CHANNEL]) == ("SMS", "EMAIL")
    assert (china[ACCOUNTS_MOBILE_REGIONS], international[ACCOUNTS_MOBILE_REGIONS]) == (("CN",), ())
    assert (china[ASSOCIATIONS_PARTNER_REQUESTS_MAX], international[ASSOCIATIONS_PARTNER_REQUESTS_MAX]) == (1, 3)
    assert china[CODES_MONEY_PER_HOUR] == Decimal(500)


@pytest.mark.parametrize("key", [ASSOCIATIONS_PARTNER_REQUESTS_MAX, ASSOCIATIONS_CUSTOMER_REQUESTS_MAX])
def test_a_number_that_changed_holds_from_its_day(key: PolicyKey[int]) -> None:
    assert Policy.at(Site.INTL, date(2024, 12, 31))[key] == 1
    assert Policy.at(Site.INTL, date(2025, 1, 1))[key] == 3
    assert Policy.at(Site.INTL, date.min)[key] == 1


def test_an_override_holds_on_its_site_from_its_day() -> None:
    row = Row("CN", "codes.max_tries", DAY, 3)
    assert cn(row)[CODES_MAX_TRIES] == 3
    assert cn(row, on=DAY - timedelta(days=1))[CODES_MAX_TRIES] == 5
    assert Policy.at(Site.INTL, DAY, [row])[CODES_MAX_TRIES] == 5
    assert cn(row)[CODES_LENGTH] == 6


def test_the_latest_override_counts_in_any_order() -> None:
    rows = [Row("CN", "codes.max_tries", DAY - timedelta(days=days), tries) for days, tries in ((1, 7), (0, 4), (9, 3))]
    assert cn(*rows)[CODES_MAX_TRIES] == cn(*reversed(rows))[CODES_MAX_TRIES] == 4


def test_an_override_wins_over_a_shipped_value_dated_later() -> None:
    row = Row("INTL", "associations.partner_requests_max", date(2024, 6, 1), 2)
    assert Policy.at(Site.INTL, date(2026, 1, 1), [row])[ASSOCIATIONS_PARTNER_REQUESTS_MAX] == 2


def test_overrides_are_decoded_by_type() -> None:
    policy = cn(
        Row("CN", "codes.life_minutes", DAY, 3),
        Row("CN", "codes.money_per_hour", DAY, "12.50"),
        Row("CN", "accounts.mobile_regions", DAY, ["CN", "HK"]),
        Row("CN", "invitations.offline_life_days", DAY, 90),
        Row("CN", "plans.co_sell_automatic", DAY, False),
    )
    assert policy[CODES_LIFE] == timedelta(minutes=3)
    assert policy[CODES_MONEY_PER_HOUR] == Decimal("12.50")
    assert policy[ACCOUNTS_MOBILE_REGIONS] == ("CN", "HK")
    assert policy[INVITATIONS_OFFLINE_LIFE] == timedelta(days=90)
    assert policy[PLANS_CO_SELL_AUTOMATIC] is False
    assert cn(Row("CN", "invitations.offline_life_days", DAY, None))[INVITATIONS_OFFLINE_LIFE] is None


def test_unknown_overrides_are_passed_over_and_wrong_ones_are_not() -> None:
    assert cn(Row("CN", "codes.invented_later", DAY, 1))[CODES_MAX_TRIES] == 5
    wrong = Row("CN", "codes.max_tries", DAY, 99)
    with pytest.raises(InvalidPolicy, match=r"codes\.max_tries"):
        cn(wrong)
    assert cn(wrong, on=DAY - timedelta(days=1))[CODES_MAX_TRIES] == 5


def test_a_book_refuses_wrong_overrides_at_once_and_cuts_days_in_the_sites_zone() -> None:
    with pytest.raises(InvalidPolicy):
        PolicyBook([Row("CN", "codes.max_tries", date(2099, 1, 1), 99)])
    book = PolicyBook([Row("CN", "codes.max_tries", DAY, 3), Row("INTL", "codes.max_tries", DAY, 3)])
    midnight = datetime(2026, 11, 20, 16, tzinfo=UTC)  # of the 21st in Shanghai
    assert book.at(Site.CN, midnight)[CODES_MAX_TRIES] == 3
    assert book.at(Site.CN, midnight - timedelta(milliseconds=1))[CODES_MAX_TRIES] == 5
    assert book.at(Site.INTL, midnight)[CODES_MAX_TRIES] == 5


def test_a_book_stays_right_over_many_days() -> None:
    book = PolicyBook([Row("CN", "codes.max_tries", DAY, 3)])
    start = datetime(2026, 6, 1, tzinfo=UTC)
    values = [book.at(Site.CN, start + timedelta(days=day))[CODES_MAX_TRIES] for day in range(300)]
    assert values == [5] * (DAY - date(2026, 6, 1)).days + [3] * (300 - (DAY - date(2026, 6, 1)).days)


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("codes.max_tries", 3, None),
        ("codes.max_tries", 10, None),
        ("codes.max_tries", 2, ErrorCode.OUT_OF_RANGE),
        ("codes.max_tries", 11, ErrorCode.OUT_OF_RANGE),
        ("codes.max_tries", "5", ErrorCode.INVALID_FORMAT),
        ("codes.max_tries", 5.0, ErrorCode.INVALID_FORMAT),
        ("codes.max_tries", True, ErrorCode.INVALID_FORMAT),
        ("codes.max_tries", None, ErrorCode.INVALID_FORMAT),
        ("codes.life_minutes", 60, None),
        ("codes.life_minutes", 61, ErrorCode.OUT_OF_RANGE),
        ("codes.life_minutes", 10**30, ErrorCode.OUT_OF_RANGE),
        ("invitations.offline_life_days", None, None),
        ("invitations.offline_life_days", "none", None),
        ("invitations.offline_life_days", 0, ErrorCode.OUT_OF_RANGE),
        ("invitations.online_life_days", None, ErrorCode.INVALID_FORMAT),
        ("codes.money_per_hour", "1000000", None),
        ("codes.money_per_hour", "1000000.01", ErrorCode.OUT_OF_RANGE),
        ("codes.money_per_hour", "-0.01", ErrorCode.OUT_OF_RANGE),
        ("codes.money_per_hour", "NaN", ErrorCode.INVALID_FORMAT),
        ("codes.money_per_hour", "much", ErrorCode.INVALID_FORMAT),
        ("codes.money_per_hour", 500, ErrorCode.INVALID_FORMAT),
        ("plans.co_sell_automatic", True, None),
        ("plans.co_sell_automatic", 1, ErrorCode.INVALID_FORMAT),
        ("codes.channel", "EMAIL", None),
        ("codes.channel", "PIGEON", ErrorCode.OUT_OF_RANGE),
        ("codes.channel", ["SMS"], ErrorCode.INVALID_FORMAT),
        ("accounts.mobile_regions", [], None),
        ("accounts.mobile_regions", ["CN", "SG"], None),
        ("accounts.mobile_regions", ["cn"], ErrorCode.INVALID_FORMAT),
        ("accounts.mobile_regions", "CN", ErrorCode.INVALID_FORMAT),
        ("codes.nothing", 1, ErrorCode.NOT_FOUND),
    ],
)
def test_what_may_be_set(key: str, value: object, code: ErrorCode | None) -> None:
    assert [violation.code for violation in check_override(key, value)] == ([] if code is None else [code])


def test_a_refused_value_names_the_place_and_the_bounds() -> None:
    [violation] = check_override("codes.max_tries", 11, "input", "value")
    assert violation.path == ("input", "value")
    assert violation.parameters == {"min": 3, "max": 10, "unit": "tries"}


def test_every_parameter_has_one_typed_constant() -> None:
    constants = [value.name for value in vars(module).values() if isinstance(value, PolicyKey)]
    assert sorted(constants) == sorted(PARAMETERS)


@pytest.mark.parametrize("key", PARAMETERS)
def test_every_parameter_says_what_it_is_and_where_it_comes_from(key: str) -> None:
    parameter = PARAMETERS[key]
    assert set(parameter.titles) == {"en", "zh-CN"}
    assert parameter.titles["en"].isascii()
    assert not parameter.titles["zh-CN"].isascii()
    assert parameter.rule[:2] in {"A ", "B ", "D "}
    assert all(page.startswith("https://") for page in parameter.pages.values())
    numeric = parameter.kind in (Kind.INT, Kind.DECIMAL, Kind.DURATION, Kind.OPTIONAL_DURATION)
    assert (parameter.bounds is not None) is numeric
    assert set(parameter.history) == set(Site)


def test_policies_cannot_be_changed() -> None:
    policy = cn()
    with pytest.raises(TypeError):
        policy._values["codes.max_tries"] = 99  # type: ignore[index]


FACTS = """
[pages]
manual = "https://manual.example/page"
[codes.tries]
title = { en = "Tries", zh = "次数" }
type = "int"
bounds = [1, 9]
rule = "A1"
page = "manual"
"""


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ("value = 10", "OUT_OF_RANGE"),
        ('value = "5"', "INVALID_FORMAT"),
        ("CN = 5", "INVALID_FORMAT"),
        ("value = 5\nCN = 4\nINTL = 4", "either one value"),
        ("", "either one value"),
        ("value = [{ from = 2025-01-01, value = 5 }]", "no day"),
        ("value = [{ value = 5 }, { from = 2025-02-01, value = 4 }, { from = 2025-01-01, value = 3 }]", "in order"),
        ("value = [{ value = 5 }, { from = 2025-02-01, value = 4 }, { from = 2025-02-01, value = 3 }]", "in order"),
    ],
)
def test_wrong_data_stops_the_start(tmp_path: Path, values: str, complaint: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(FACTS + values, "utf-8")
    with pytest.raises(InvalidPolicy, match=complaint):
        load(file)


def test_data_without_fault_is_read(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(FACTS + "value = [{ value = 5 }, { from = 2025-02-01, value = 4 }]", "utf-8")
    parameter = load(file)["codes.tries"]
    assert parameter.pages == dict.fromkeys(Site, "https://manual.example/page")
    assert [dated.value for dated in parameter.history[Site.CN]] == [5, 4]
