"""What use cases say in their source: which events, effects and messages a command can leave behind."""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import resolvers

KINDS = ("event", "effect", "notify")


_DOTTED = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True)
class Words:
    """The first arguments of one kind of call: what is said literally, and the forms of what is composed."""

    texts: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()

    def __or__(self, other: "Words") -> "Words":
        return Words(self.texts | other.texts, self.patterns | other.patterns)


def modules(package: ModuleType = resolvers) -> Iterator[ModuleType]:
    """Every module of a package."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def functions() -> Iterator[FunctionType]:
    """Every function of the use cases' layer."""
    for module in modules():
        for value in vars(module).values():
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                yield value


@cache
def tree(function: FunctionType) -> ast.AST:
    """The function's syntax tree."""
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def said(function: FunctionType, kind: str) -> Words:
    """What the function itself gives to `ctx.<kind>(…)`."""
    words = Words()
    for node in ast.walk(tree(function)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == kind and node.args:
            words |= _read(node.args[0], function)
    return words


def _read(value: ast.expr, function: FunctionType) -> Words:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return Words(texts=frozenset({value.value}))
    if isinstance(value, ast.IfExp):
        return _read(value.body, function) | _read(value.orelse, function)
    if isinstance(value, ast.JoinedStr):
        parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in value.values]
        return Words(patterns=frozenset({"".join(parts)}))
    return _assigned(value.id, function) if isinstance(value, ast.Name) else Words()


def _assigned(name: str, function: FunctionType) -> Words:
    """What a variable can hold, when the same function assigns it from texts."""
    words = Words()
    for node in ast.walk(tree(function)):
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets):
            words |= _read(node.value, function)
    return words


def reached(function: Callable[..., Any]) -> set[FunctionType]:
    """The function and all of its own layer that it can call."""
    found: set[FunctionType] = set()
    waiting: list[Any] = [function]
    while waiting:
        one = waiting.pop()
        if not inspect.isfunction(one) or one in found or not one.__module__.startswith("resolvers"):
            continue
        found.add(one)
        waiting += _mentioned(one)
    return found


def _mentioned(function: FunctionType) -> Iterator[Any]:
    """Everything of the function's module that its source names: `helper`, `module.helper`."""
    for node in ast.walk(tree(function)):
        if isinstance(node, ast.Name):
            named = function.__globals__.get(node.id)
            yield named
            if isinstance(named, dict):  # a table of functions to choose from; a registry of commands is none
                yield from (one for one in named.values() if not hasattr(one, "spec"))
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            chosen = function.__globals__.get(node.value.id)
            if isinstance(chosen, dict):  # a table of review flows, each of which carries out a use case
                yield from (getattr(one, "use_case", None) for one in chosen.values())
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = function.__globals__.get(node.value.id)
            if isinstance(module, ModuleType):
                yield getattr(module, node.attr, None)


def says(function: Callable[..., Any], kind: str) -> Words:
    """What a use case gives to `ctx.<kind>(…)`, through whatever it calls."""
    words = Words()
    for one in reached(function):
        words |= said(one, kind)
    return words


def dotted_texts(function: Callable[..., Any]) -> set[str]:
    """Every text like `noun.past_verb` in the use case, what it calls, and the tables of texts that these read."""
    found: set[str] = set()
    for one in reached(function):
        texts = [node.value for node in ast.walk(tree(one)) if isinstance(node, ast.Constant)]
        tables = [one.__globals__.get(node.id) for node in ast.walk(tree(one)) if isinstance(node, ast.Name)]
        texts += [text for table in tables if isinstance(table, dict) for text in table.values()]
        found |= {text for text in texts if isinstance(text, str) and _DOTTED.fullmatch(text)}
    return found


def everything_said(kind: str) -> Words:
    """What the whole layer gives to `ctx.<kind>(…)`."""
    words = Words()
    for function in functions():
        if function.__module__ != "resolvers.context":
            words |= said(function, kind)
    return words
