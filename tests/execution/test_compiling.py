"""Compiling is bounded: hostile documents cost a multiple of their validation, or are left to graphql-core at once."""

import contextlib
import gc
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import DocumentNode, OperationDefinitionNode, build_schema, parse, validate

from core.execution.compiled import NotCompiled, compile_operation

MOST_TIMES_VALIDATION = 20
"""Compiling a document may take so many times what validating it takes …"""
ALWAYS_ALLOWED = 0.05
"""… or so many seconds, whichever is more: very small times say nothing."""
MOST_GROWTH = 2.5
"""Twice the document may take so many times as many calls of functions; four times would be quadratic."""

_SCHEMA = build_schema(
    """
    interface Node { id: ID node: Node nodes: [Node!] }
    type Query implements Node { id: ID node: Node nodes: [Node!] child: Query a(x: Int): Int b: Int }
    type A implements Node { id: ID node: Node nodes: [Node!] child: A }
    type B implements Node { id: ID node: Node nodes: [Node!] child: B }
    type C implements Node { id: ID node: Node nodes: [Node!] child: C }
    """
)


@dataclass(frozen=True, slots=True)
class Hostile:
    """A family of documents by size, the size that is tried, and the smaller one whose doubling is looked at."""

    make: Callable[[int], str]
    size: int
    doubling: int


def _aliases(number: int) -> str:
    return "{ " + " ".join(f"f{i}: a" for i in range(number)) + " }"


def _aliases_of_objects(number: int) -> str:
    return "{ " + " ".join(f"f{i}: child {{ id }}" for i in range(number)) + " }"


def _aliases_with_arguments(number: int) -> str:
    return "query ($v: Int) { " + " ".join(f"f{i}: a(x: $v)" for i in range(number)) + " }"


def _diamonds(number: int) -> str:
    """Each fragment spreads the next one twice: 2^n ways through n fragments."""
    rows = [f"fragment F{i} on Query {{ ...F{i + 1} b ...F{i + 1} }}" for i in range(number)]
    return "\n".join(["{ ...F0 }", *rows, f"fragment F{number} on Query {{ id }}"])


def _diamonds_below_fields(number: int) -> str:
    """As the diamonds, each step below a field under two names: a tree of 2^n objects."""
    rows = [
        f"fragment F{i} on Query {{ l: child {{ ...F{i + 1} }} r: child {{ ...F{i + 1} }} }}" for i in range(number)
    ]
    return "\n".join(["{ ...F0 }", *rows, f"fragment F{number} on Query {{ id }}"])


def _flat_fragments(number: int) -> str:
    spreads = " ".join(f"...F{i}" for i in range(number))
    return "\n".join([f"{{ {spreads} }}", *(f"fragment F{i} on Query {{ f{i}: b }}" for i in range(number))])


def _deep(number: int) -> str:
    return "{ child " * number + "{ id }" + " }" * number


def _deep_abstract(number: int) -> str:
    """An interface within an interface: as many object types at every level."""
    return "{ node " * number + "{ id }" + " }" * number


def _deep_conditions(number: int) -> str:
    """Each object type selects the interface anew: 4^n paths of types."""
    text = "{ id }"
    for _ in range(number):
        kinds = " ".join(f"... on {kind} {{ node {text} }}" for kind in ("A", "B"))
        text = f"{{ {kinds} }}"
    return f"{{ node {text} }}"


def _repeated(number: int) -> str:
    return "{ " + "child { id } " * number + "}"


def _inline(number: int) -> str:
    return "{ " + "... { " * number + "id" + " }" * number + " }"


def _deep_by_fragments(number: int) -> str:
    """Deeper than any text may be nested, since each fragment adds to the last."""
    rows = [f"fragment F{i} on Query {{ child {{ ...F{i + 1} }} }}" for i in range(number)]
    return "\n".join(["{ ...F0 }", *rows, f"fragment F{number} on Query {{ id }}"])


def _living_and_dying(number: int) -> str:
    """Chains of fragments of which one ends at each level unless the object there is an A: 2^n sets that live."""
    rows = []
    for chain in range(number):
        for level in range(number):
            below = f"node {{ ...C{chain}x{level + 1} }}"
            text = f"... on A {{ {below} }}" if chain == level else below
            rows.append(f"fragment C{chain}x{level} on Node {{ {text} }}")
        rows.append(f"fragment C{chain}x{number} on Node {{ c{chain}: id }}")
    return "\n".join(["{ node { " + " ".join(f"...C{chain}x0" for chain in range(number)) + " } }", *rows])


def _conditions(number: int) -> str:
    names = [f"v{i}" for i in range(number)]
    declared = " ".join(f"${name}: Boolean! = true" for name in names)
    return f"query ({declared}) {{ " + " ".join(f"{name}: b @include(if: ${name})" for name in names) + " }"


HOSTILE = {
    "ten thousand aliases": Hostile(_aliases, 10_000, 100),
    "two thousand aliases of objects": Hostile(_aliases_of_objects, 2_000, 100),
    "five thousand aliases with arguments": Hostile(_aliases_with_arguments, 5_000, 100),
    "diamonds of fragments": Hostile(_diamonds, 2_000, 50),
    "diamonds below fields": Hostile(_diamonds_below_fields, 16, 0),
    "two thousand levels by fragments": Hostile(_deep_by_fragments, 2_000, 50),
    "chains that live and die": Hostile(_living_and_dying, 20, 0),
    "a thousand fragments beside each other": Hostile(_flat_fragments, 1_000, 100),
    "nearly two hundred levels": Hostile(_deep, 190, 50),
    "nearly two hundred levels of an interface": Hostile(_deep_abstract, 190, 50),
    "six levels of conditions": Hostile(_deep_conditions, 6, 0),
    "one field three hundred times": Hostile(_repeated, 300, 75),
    "nearly two hundred inline fragments": Hostile(_inline, 190, 50),
    "five hundred conditions": Hostile(_conditions, 500, 60),
}


def _booleans(document: DocumentNode) -> dict[str, bool]:
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return {one.variable.name.value: True for one in operation.variable_definitions or ()}


def _compile(document: DocumentNode) -> None:
    """Compiles the document, or refuses to."""
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    with contextlib.suppress(NotCompiled):
        compile_operation(_SCHEMA, document, operation, _booleans(document))


def _calls(document: DocumentNode) -> int:
    """How many functions compiling calls: unlike time, the same however busy the machine is."""
    count = 0

    def counted(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        _compile(document)
    finally:
        sys.setprofile(None)
    return count


def _seconds(work: Callable[[], object]) -> float:
    """Seconds of this process for the work, the best of three: none of them pays for the litter of earlier tests."""
    best = math.inf
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            began = time.process_time()
            work()
            best = min(best, time.process_time() - began)
    finally:
        gc.enable()
    return best


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("part", [8, pytest.param(1, marks=pytest.mark.long)])
def test_a_hostile_document_costs_a_multiple_of_its_validation(name: str, part: int) -> None:
    document = parse(HOSTILE[name].make(max(HOSTILE[name].size // part, 6)))
    took = _seconds(lambda: _compile(document))
    assert took <= ALWAYS_ALLOWED or took <= MOST_TIMES_VALIDATION * _seconds(lambda: validate(_SCHEMA, document))


@pytest.mark.parametrize("name", [name for name, hostile in HOSTILE.items() if hostile.doubling])
def test_twice_the_document_takes_about_twice_the_calls(name: str) -> None:
    make, size = HOSTILE[name].make, HOSTILE[name].doubling
    small, large = (_calls(parse(make(each))) for each in (size, 2 * size))
    assert large <= MOST_GROWTH * small
