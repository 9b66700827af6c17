"""Everything that people read has words in both languages, with the same parameters in them."""

import re
from typing import Any

import pytest
from graphql import GraphQLEnumType

from core.i18n import CATALOGUES, Locale, load_catalogues, parameters_of
from core.templates import load_templates
from resolvers.command import COMMANDS, StepUp
from rules.access import GRANTABLE, MEMBER_ROLES
from rules.associations import AssociationEffect
from rules.customers import FailureAdvice
from rules.errors import ErrorCode
from rules.registry import RULES
from schema import schema
from schema.errors import MOST_DETAILS
from tests.contracts.root_fields import SCHEMA
from tests.contracts.sources import everything_said

assert schema
TEXTS = load_catalogues(CATALOGUES)
TEMPLATES = load_templates()
HAN = re.compile(r"[\u4e00-\u9fff]")


def section(name: str) -> set[str]:
    """Keys of one section, without its name."""
    return {key.removeprefix(f"{name}.") for key in TEXTS[Locale.EN] if key.startswith(f"{name}.")}


def used_effects() -> set[str]:
    """Effect kinds the use cases say literally."""
    return set(everything_said("effect").texts)


def test_both_catalogues_have_the_same_keys_and_places() -> None:
    english, chinese = TEXTS[Locale.EN], TEXTS[Locale.ZH_CN]
    assert english.keys() == chinese.keys()
    assert {key for key in english if parameters_of(english[key]) != parameters_of(chinese[key])} == set()


def test_each_language_is_written_in_its_own() -> None:
    assert [key for key, text in TEXTS[Locale.EN].items() if HAN.search(text)] == []
    assert [key for key, text in TEXTS[Locale.ZH_CN].items() if not HAN.search(text)] == []


def test_every_code_has_a_text_and_every_text_a_code() -> None:
    assert section("errors") == {code.value for code in ErrorCode}


def test_no_refusal_has_more_places_than_its_details_are_priced_for() -> None:
    english = TEXTS[Locale.EN]
    texts = {code: english[f"errors.{code}"] + english.get(f"further.{code}", "") for code in ErrorCode}
    assert max(len(parameters_of(text)) for text in texts.values()) == MOST_DETAILS


def test_every_rule_has_a_title_and_every_title_a_rule() -> None:
    assert section("rules") == set(RULES)


def test_every_effect_has_a_text() -> None:
    assert used_effects() - section("effects") == set()
    composed = everything_said("effect").patterns
    assert [pattern for pattern in composed if not any(re.fullmatch(pattern, one) for one in section("effects"))] == []


def test_every_operation_that_may_ask_for_a_code_has_a_name() -> None:
    """The SMS says what the code is for."""
    asking = {name for name, use_case in COMMANDS.items() if use_case.spec.step_up is not StepUp.NEVER}
    assert section("operations") == asking


def test_every_enum_value_has_a_text_and_every_text_a_value() -> None:
    values = {
        f"{kind.name}.{value}"
        for kind in SCHEMA.type_map.values()
        if isinstance(kind, GraphQLEnumType) and not kind.name.startswith("__") and kind.name != "ErrorCode"
        for value in kind.values
    }
    assert values - section("enums") == set()
    assert section("enums") - values == set()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("advice", FailureAdvice),
        ("effects.associations", AssociationEffect),
        ("permissions", GRANTABLE),
        ("roles", MEMBER_ROLES),
    ],
)
def test_every_value_shown_by_its_text_has_one(name: str, values: Any) -> None:
    assert section(name) == {value.value for value in values}


def test_every_message_that_is_sent_is_written() -> None:
    words = everything_said("notify")
    names = TEMPLATES.names(Locale.EN)
    assert words.texts - names == set()
    assert [pattern for pattern in words.patterns if not any(re.fullmatch(pattern, name) for name in names)] == []


def test_messages_are_the_same_in_both_languages() -> None:
    assert TEMPLATES.names(Locale.EN) == TEMPLATES.names(Locale.ZH_CN)
    for name in TEMPLATES.names(Locale.EN):
        english, chinese = TEMPLATES.get(name, Locale.EN), TEMPLATES.get(name, Locale.ZH_CN)
        assert english.parameters == chinese.parameters, name
        assert english.channels == chinese.channels, name
        assert set(english.sms_parameters) == set(chinese.sms_parameters), name


def test_what_somebody_wrote_ends_its_line() -> None:
    """Nobody knows with which mark it ends, so that further words would run into it."""
    written = re.compile(r"\{(reason|penalty|answer|problem)\}[ .。]*[^\s.。<]")
    for locale in Locale:
        for name in TEMPLATES.names(locale):
            template = TEMPLATES.get(name, locale)
            for part in (template.sms, template.subject, template.text, template.html, template.app):
                assert written.search(part or "") is None, (name, locale)
