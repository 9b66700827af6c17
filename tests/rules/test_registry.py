"""Rules, codes and texts belong together: nothing is refused by an unpublished rule or without words."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import rules
from core.i18n import CATALOGUES, Locale, load_catalogues
from rules.errors import ErrorCode
from rules.policy_data import PARAMETERS
from rules.registry import RULES, Rule, register, rule
from rules.transitions import MACHINES
from scripts.rule_places import looked_at_by, places

for module in pkgutil.walk_packages(rules.__path__, "rules."):
    importlib.import_module(module.name)

ROOT = Path(rules.__path__[0]).parent
TEXTS = load_catalogues(CATALOGUES)
RULE_ID = re.compile(r"[a-z_]+\.[a-z_]+")


def ids_in_rules() -> Iterator[tuple[str, int, str]]:
    """Every constant in rules/ that looks like a rule's id; names of parameters stand in policy.py alone."""
    for path in sorted((ROOT / "rules").rglob("*.py")):
        if path.name == "policy.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and RULE_ID.fullmatch(node.value):
                yield path.name, node.lineno, node.value


def ids_in_use_cases() -> Iterator[tuple[str, int, str]]:
    """Every constant that a use case gives to a refusal as its `rule`."""
    for path in sorted((ROOT / "resolvers").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ("Violation", "refuse"):
                continue
            given = [word.value for word in node.keywords if word.arg == "rule"]
            given += node.args[2:3] if getattr(node.func, "id", "") == "Violation" else []
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield path.name, value.lineno, value.value


def test_every_rule_named_in_a_refusal_is_published() -> None:
    used = [*ids_in_rules(), *ids_in_use_cases()]
    assert len(used) > 50, "the scan finds the rules' names"
    assert [place for place in used if place[2] not in RULES and not place[2].endswith(".toml")] == []


@pytest.mark.parametrize("published", RULES.values(), ids=lambda published: published.id)
def test_published_rule(published: Rule) -> None:
    assert RULE_ID.fullmatch(published.id)
    assert published.id in places(), 'declare it with its id in letters: @rule("domain.name", …)'
    assert looked_at_by(published), "a rule that no test looks at"
    assert re.match(r"[ABD] \d", published.source), "a rule names its chapter"
    assert not published.page or published.page.startswith("https://")
    assert all(key.name in PARAMETERS for key in published.policy)
    assert len(set(published.codes)) == len(published.codes)
    titles = [TEXTS[locale].get(f"rules.{published.id}") for locale in Locale]
    assert all(titles) and len(set(titles)) == len(Locale), "a rule has a title in each language"
    assert published.title(Locale.ZH_CN) == TEXTS[Locale.ZH_CN][f"rules.{published.id}"]


@pytest.mark.parametrize("code", ErrorCode)
def test_code_has_a_text_in_each_language(code: ErrorCode) -> None:
    """That both languages use the same parameters is checked when the catalogues are read."""
    texts = [TEXTS[locale].get(f"errors.{code.value}") for locale in Locale]
    assert all(texts) and len(set(texts)) == len(Locale)


def test_no_text_without_its_code_or_rule() -> None:
    """A text left behind by a renamed code or rule would never be shown again."""
    english = TEXTS[Locale.EN]
    assert {key.removeprefix("errors.") for key in english if key.startswith("errors.")} == set(ErrorCode)
    assert {key.removeprefix("rules.") for key in english if key.startswith("rules.")} == set(RULES)


def test_every_machine_is_a_rule() -> None:
    assert {machine.rule for machine in MACHINES.values()} <= set(RULES)


def test_an_id_is_given_once() -> None:
    with pytest.raises(ValueError, match=r"plans\.exit"):
        register(Rule("plans.exit", "A 8"))
    with pytest.raises(ValueError, match=r"plans\.exit"):
        rule("plans.exit", "A 8")
