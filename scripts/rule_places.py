"""Where each published rule stands in the code, and which tests look at it: read from the sources, nothing is run."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rules.registry import Rule
from schema.inputs import camel

ROOT = Path(__file__).resolve().parents[1]
_GENERIC = {
    "REQUIRED",
    "INVALID_FORMAT",
    "OUT_OF_RANGE",
    "TOO_MANY",
    "REPEATED",
    "NOT_FOUND",
    "CONFLICT",
    "STATE_CONFLICT",
    "REASON_REQUIRED",
}
"""Codes that many rules give: a test that names one says nothing about which rule it means."""
MACHINES_TEST = "tests/rules/test_machines.py"
"""Asks every event of every state machine in every state."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rule's module and what it is called there: a function, or a table; `name` is empty for data."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(slots=True)
class Looks:
    """What one file of tests names: things of the rules, codes, and keys of policy."""

    file: str
    names: set[tuple[str, str]] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)


@cache
def places() -> dict[str, Place]:
    """Each published rule's place by its id."""
    found: dict[str, Place] = {}
    for path in sorted((ROOT / "rules").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for rule_id, name in _declared(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(rule_id, Place(module, name))
    return found


def _declared(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from ((one, node.name) for call in node.decorator_list for one in _first_text(call, "rule"))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield from ((f"{one}.states", node.targets[0].id) for one in _first_text(node.value, "machine"))
        elif isinstance(node, ast.Call):
            yield from ((one, "") for one in _first_text(node, "Rule"))


def _first_text(node: ast.AST, function: str) -> Iterator[str]:
    """The first argument of a call of `function`, where it is a text."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function and node.args:
        first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


@cache
def looks() -> tuple[Looks, ...]:
    """What every file of tests names."""
    files = sorted((ROOT / "tests").rglob("*.py"))
    return tuple(_looks(path) for path in files if "contracts" not in path.parts)


def _looks(path: Path) -> Looks:
    made = Looks(path.relative_to(ROOT).as_posix())
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("rules"):
            made.names |= {(str(node.module), alias.name) for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            made.codes |= {node.value, node.value.partition("(")[0]}
        elif isinstance(node, ast.Attribute) and node.attr.isupper():
            made.codes.add(node.attr)
    return made


def looked_at_by(rule: Rule) -> list[str]:
    """The files of tests that name the rule's function or table, its id, or a code that only few rules give.

    For one that no test names, those that use a root field whose use case asks it.
    """
    place, own = places()[rule.id], {code.value for code in rule.codes} - _GENERIC
    names = _with_callers(place)
    found = {one.file for one in looks() if _names(one, place, names) or rule.id in one.codes or own & one.codes}
    if rule.id.endswith(".states"):
        found.add(MACHINES_TEST)
    return sorted(found or _through_the_api(place, names or _all_names(place)))


def _names(looked: Looks, place: Place, names: set[str]) -> bool:
    """Whether a file imports one of these names from the rule's module, or from the package that shows it."""
    return any(name in names and f"{place.module}.".startswith(f"{module}.") for module, name in looked.names)


def _tree(place: Place) -> ast.Module:
    path = ROOT.joinpath(*place.module.split("."))
    return ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8"))


def _with_callers(place: Place) -> set[str]:
    """The rule's name and those of the functions beside it that call it."""
    names = {place.name} - {""}
    functions = [node for node in _tree(place).body if isinstance(node, ast.FunctionDef)]
    for _ in functions:
        names |= {node.name for node in functions if any(_calls(node, name) for name in names)}
    return names


def _all_names(place: Place) -> set[str]:
    """What a module of data calls its tables and functions."""
    body = _tree(place).body
    return {name for node in body for name in (getattr(node, "name", ""), _target(node)) if name}


def _target(node: ast.stmt) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _calls(tree: ast.AST, name: str) -> bool:
    return any(isinstance(node, ast.Call) and getattr(node.func, "id", "") == name for node in ast.walk(tree))


def _through_the_api(place: Place, names: set[str]) -> set[str]:
    paths = (ROOT / "resolvers").rglob("*.py")
    fields = {camel(one) for path in paths for one in _use_cases(path, place, frozenset(names))}
    return {one.file for one in looks() if fields & one.codes}


def _use_cases(path: Path, place: Place, names: frozenset[str]) -> set[str]:
    """The public functions of a module that imports one of these names from the rule's module."""
    if not _names(_looks(path), place, set(names)):
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions if not node.name.startswith("_")}
