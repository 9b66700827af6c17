"""The locale a reader gets, and texts that are whole in every locale."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from time import process_time

import pytest

from core import i18n
from core.i18n import (
    Locale,
    TextError,
    check_texts,
    load_catalogues,
    negotiate,
    parameters_of,
    pattern,
    places_of,
    translate,
    translate_further,
    use_strict_texts,
)
from rules.errors import ErrorCode

EN, ZH = Locale.EN, Locale.ZH_CN


@pytest.fixture
def lenient() -> Iterator[None]:
    use_strict_texts(False)
    yield
    use_strict_texts(True)


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("zh-CN", ZH),
        ("zh", ZH),
        ("zh-Hans-CN", ZH),
        ("ZH-cn", ZH),
        ("zh-TW,zh;q=0.9", ZH),
        ("en-GB", EN),
        ("zh-CN,zh;q=0.9,en;q=0.8", ZH),
        ("en;q=0.8, zh-CN;q=0.9", ZH),
        ("en, zh-CN", EN),
        ("zh-CN, en", ZH),
        ("fr, zh;q=0.1", ZH),
        ("zh;q=0, en;q=0.1", EN),
        ("zh ; q = 0.5 , en ; q = 0.4", ZH),
        ("en;q=0.999, zh;q=1.000", ZH),
    ],
)
def test_the_header_decides(header: str, locale: Locale) -> None:
    assert negotiate(header, default=EN if locale is ZH else ZH) is locale


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "*",
        "fr",
        "zh;q=0",
        "zh;q=2",
        "zh;q=0.1234",
        "zh;q=-1",
        "zh;q=nan",
        "zh;level=1",
        "zh_CN",
        ";;;,,,==",
        "zhongwen1234",
        "zh\x00",
        "\ud800",
        "中文",
        "q=1",
    ],
)
@pytest.mark.parametrize("default", Locale)
def test_without_a_usable_part_the_default_holds(header: str | None, default: Locale) -> None:
    assert negotiate(header, default=default) is default


def test_malformed_parts_do_not_spoil_the_others() -> None:
    assert negotiate("=;=,zh;q=0.5,%%%", default=EN) is ZH


def test_a_star_is_the_default_with_its_quality() -> None:
    assert negotiate("*;q=0.5, zh;q=0.4", default=EN) is EN
    assert negotiate("*;q=0.4, zh;q=0.5", default=EN) is ZH


def test_the_preference_wins_and_an_unknown_one_does_not() -> None:
    assert negotiate("en", "zh-CN") is ZH
    assert negotiate("zh-CN", "en") is EN
    assert negotiate("zh-CN", "xx") is ZH


@pytest.mark.parametrize(
    "header", ["zh" * 100_000, "," * 200_000, "a-" * 100_000, " " * 200_000, "zh;q=" + "0" * 200_000]
)
def test_hostile_headers_cost_nothing(header: str) -> None:
    begin = process_time()
    assert negotiate(header) is EN
    assert process_time() - begin < 0.5


def test_every_error_code_has_a_text_and_every_text_a_code() -> None:
    for locale in Locale:
        texts = {key.removeprefix("errors.") for key in i18n._catalogues[locale] if key.startswith("errors.")}
        assert texts == set(ErrorCode)


def test_chinese_texts_are_chinese_and_english_ones_are_not() -> None:
    for code in ErrorCode:
        assert i18n._catalogues[EN][f"errors.{code}"].isascii()
        assert any("\u4e00" <= character <= "\u9fff" for character in i18n._catalogues[ZH][f"errors.{code}"])


def test_places_are_filled_in_each_locale() -> None:
    given = {"min": 8, "max": 32, "unused": object()}
    assert translate("errors.PASSWORD_LENGTH", EN, given) == "A password has 8 to 32 characters."
    assert translate("errors.PASSWORD_LENGTH", ZH, given) == "密码长度为8至32个字符。"
    assert translate("errors.CODE_WRONG", EN) == "The code is wrong."
    assert translate("errors.CODE_WRONG", "fr") == "The code is wrong."


def test_a_value_with_braces_is_only_a_value() -> None:
    text = translate("errors.PASSWORD_LENGTH", EN, {"min": "{max}", "max": "{0.__class__}"})
    assert text == "A password has {max} to {0.__class__} characters."


@pytest.mark.usefixtures("lenient")
def test_what_is_missing_never_fails_a_request(caplog: pytest.LogCaptureFixture) -> None:
    assert translate("errors.NO_SUCH_CODE", ZH) == "NO_SUCH_CODE"
    assert translate("errors.PASSWORD_LENGTH", EN, {"min": 8}) == "A password has 8 to … characters."
    assert translate("errors.PASSWORD_CLASSES", ZH).count("…") == 1
    assert [record.getMessage() for record in caplog.records] == [
        "no text for errors.NO_SUCH_CODE",
        "no parameter max for errors.PASSWORD_LENGTH",
        "no parameter classes for errors.PASSWORD_CLASSES",
    ]


def test_what_is_missing_fails_a_test() -> None:
    with pytest.raises(TextError, match="no text for"):
        translate("errors.NO_SUCH_CODE", ZH)
    with pytest.raises(TextError, match="no parameter min"):
        translate("errors.PASSWORD_LENGTH", ZH, {"max": 1})
    assert translate("errors.PASSWORD_LENGTH", EN, {"min": 0, "max": 1}) == "A password has 0 to 1 characters."


def test_the_start_can_ask_what_is_missing() -> None:
    assert (
        check_texts("errors", {"PASSWORD_LENGTH": frozenset({"min", "max", "more"}), "CODE_WRONG": frozenset()}) == []
    )
    assert check_texts("errors", {"NO_SUCH_CODE": frozenset(), "PASSWORD_LENGTH": frozenset({"min"})}) == [
        "errors.NO_SUCH_CODE has no text",
        "errors.PASSWORD_LENGTH needs the parameter max",
    ]


def catalogues(folder: Path, en: str, zh: str) -> Path:
    (folder / "en.toml").write_text(en, "utf-8")
    (folder / "zh-CN.toml").write_text(zh, "utf-8")
    return folder


def test_nested_sections_become_dotted_keys(tmp_path: Path) -> None:
    loaded = load_catalogues(catalogues(tmp_path, '[a.b]\nc = "{n} of {n}"', '[a.b]\nc = "{n}"'))
    assert loaded[EN] == {"a.b.c": "{n} of {n}"}


@pytest.mark.parametrize(
    ("en", "zh", "complaint"),
    [
        ('[e]\na = "x"', "[e]", r"e\.a has no text in zh-CN"),
        ("[e]", '[e]\na = "x"', r"e\.a has no text in en"),
        ('[e]\na = "{n}"', '[e]\na = "x"', r"e\.a has other parameters in zh-CN"),
        ('[e]\na = "{n}"', '[e]\na = "{m}"', "other parameters"),
        ('[e]\na = ""', '[e]\na = "x"', r"e\.a is not a text"),
        ("[e]\na = 1", '[e]\na = "x"', r"e\.a is not a text"),
        ('[e]\na = "{"', '[e]\na = "x"', "'{'"),
        ('[e]\na = "{x.__class__}"', '[e]\na = "x"', "only"),
        ('[e]\na = "{x!r}"', '[e]\na = "x"', "only"),
        ('[e]\na = "{x:>99}"', '[e]\na = "x"', "only"),
        ('[e]\na = "{}"', '[e]\na = "x"', "only"),
        ('[e]\na = "{n:e}"', '[e]\na = "{n}"', "other parameters"),
        ('[e]\na = "{n:f.g}"', '[e]\na = "{n:f.g}"', "there are no texts f.g"),
    ],
)
def test_a_catalogue_with_a_fault_stops_the_start(tmp_path: Path, en: str, zh: str, complaint: str) -> None:
    with pytest.raises(TextError, match=complaint):
        load_catalogues(catalogues(tmp_path, en, zh))


def test_the_places_of_a_text() -> None:
    assert parameters_of("{a} and {b_c}, {a}") == {"a", "b_c"}
    assert parameters_of("no places") == frozenset()
    assert places_of("{a:enums.Site} and {b}") == {("a", "enums.Site"), ("b", "")}


def test_codes_stand_in_a_text_by_their_names() -> None:
    one, two = ({"others": codes} for codes in ("CO_SELL", ["CO_SELL", "RESELLER"]))
    assert translate("errors.PLAN_EXCLUDED", EN, one) == "This plan cannot be joined together with: Co-sell plan."
    assert (
        translate("errors.PLAN_EXCLUDED", ZH, two)
        == "该伙伴计划与以下计划互斥：合作伙伴共拓计划、经销商计划（云经销商）。"
    )
    assert pattern("errors.PLAN_EXCLUDED") == "This plan cannot be joined together with: {others}."


@pytest.mark.usefixtures("lenient")
def test_a_code_without_a_name_stands_there_itself(caplog: pytest.LogCaptureFixture) -> None:
    assert translate("errors.PLAN_EXCLUDED", EN, {"others": "NEW"}).endswith("together with: NEW.")
    assert [record.getMessage() for record in caplog.records] == ["no text for enums.PlanCode.NEW"]


def test_a_code_without_a_name_fails_a_test() -> None:
    with pytest.raises(TextError, match=r"no text for enums\.PlanCode\.NEW"):
        translate("errors.PLAN_EXCLUDED", EN, {"others": "NEW"})


def test_what_is_further_to_say_needs_its_parameters() -> None:
    facts = {"state": "DRAFT", "allowed": ["JOINED"]}
    assert translate_further("further.STATE_CONFLICT", EN, facts) == "It is DRAFT; possible in: JOINED."
    assert translate_further("further.STATE_CONFLICT", EN, {"state": "DRAFT"}) == ""
    assert translate_further("further.NOT_FOUND", EN, facts) == ""


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (datetime(2026, 11, 21, 7, 5, tzinfo=timezone(timedelta(hours=8))), "2026-11-20 23:05 UTC", None),
        (datetime(2026, 11, 21, 7, 5, 9, tzinfo=UTC), "2026-11-21 07:05 UTC", None),
        (date(2026, 11, 21), "2026-11-21", None),
        (["a", "b"], "a, b", "a、b"),
        (0, "0", None),
    ],
)
def test_values_are_written_for_people(value: object, en: str, zh: str | None) -> None:
    def shown(locale: Locale) -> str:
        return translate("errors.PASSWORD_CLASSES", locale, {"classes": value})

    assert en in shown(EN)
    assert (zh or en) in shown(ZH)
