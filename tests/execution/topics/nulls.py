"""How null spreads from non-null fields, and which errors are kept when it does."""

from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

from tests.execution.agreement import Order
from tests.execution.case import Case, fails, fails_later, later, schema_of

_SCHEMA = schema_of(
    """
    type Query { n: Node m: Node! list: [Node] listM: [Node!] mList: [Node]! mListM: [Node!]! a: Int must: Int! }
    type Node { n: Node m: Node! list: [Node] listM: [Node!] mList: [Node]! mListM: [Node!]!
      a: Int b: Int must: Int! must2: Int! }
    """
)
_WAYS: dict[str, Callable[[], Any]] = {
    "null": lambda: None,
    "a late null": lambda: lambda info: later(None),
    "an error": fails,
    "a late error": lambda: lambda info: fails_later(),
    "a bad value": lambda: "x",
}
"""How a field that must be there fails to be."""

_WRAPS: dict[str, Callable[[Any], Any]] = {
    "n": lambda node: {"n": node},
    "m": lambda node: {"m": node},
    "list": lambda node: {"list": [{"must": 0}, node]},
    "listM": lambda node: {"listM": [{"must": 0}, node]},
    "mList": lambda node: {"mList": [{"must": 0}, node]},
    "mListM": lambda node: {"mListM": [{"must": 0}, node]},
}
"""What may stand between the failing field and the root."""


def _spread(inner: Any, wrap: str) -> Any:
    """What becomes of a wrapper's value when its node becomes null; `...` when the wrapper's owner must be null."""
    if inner is not ...:
        return _WRAPS[wrap](inner)
    return {"n": {"n": None}, "list": {"list": [{"must": 0}, None]}, "listM": {"listM": None}}.get(
        wrap, {"mList": [{"must": 0}, None]} if wrap == "mList" else ...
    )


def _query(wraps: tuple[str, ...]) -> str:
    text = "{ must }"
    for wrap in reversed(wraps):
        text = f"{{ {wrap} {text} }}"
    return text


def _value(wraps: tuple[str, ...], make: Callable[[], Any]) -> Any:
    value: Any = {"must": make()}
    for wrap in reversed(wraps):
        value = _WRAPS[wrap](value)
    return value


def _data(wraps: tuple[str, ...]) -> Any:
    data: Any = ...
    for wrap in reversed(wraps):
        data = _spread(data, wrap)
    return None if data is ... else data


def _table() -> list[Case]:
    """Every way to fail under every pair of wrappers."""
    chains: list[tuple[str, ...]] = [(), *((wrap,) for wrap in _WRAPS)]
    cases = [
        Case(
            f"{way} under {' '.join(wraps) or 'the root'}",
            _SCHEMA,
            _query(wraps),
            partial(_value, wraps, make),
            data=_data(wraps),
        )
        for wraps in chains
        for way, make in _WAYS.items()
    ]
    cases += [
        Case(f"null under {' '.join(wraps)}", _SCHEMA, _query(wraps), partial(_value, wraps, _WAYS["null"]))
        for wraps in product(_WRAPS, repeat=2)
    ]
    return [
        *cases,
        *(
            Case(
                f"a late error under {' '.join(wraps)}",
                _SCHEMA,
                _query(wraps),
                partial(_value, wraps, _WAYS["a late error"]),
            )
            for wraps in product(_WRAPS, repeat=3)
            if len(set(wraps)) == 3 and wraps[0] in ("n", "listM")
        ),
    ]


def _case(name: str, query: str, root: Callable[[], Any], data: Any, **more: Any) -> Case:
    return Case(name, _SCHEMA, query, root, data=data, **more)


def _said(message: str, *path: str | int) -> tuple[str, list[str | int]]:
    return (message, list(path))


CASES = [
    *_table(),
    _case(
        "the first of two errors that null a parent",
        "{ n { must must2 } a }",
        lambda: {"n": {"must": fails("1"), "must2": fails("2")}, "a": 1},
        {"n": None, "a": 1},
        errors=[_said("1", "n", "must")],
    ),
    _case(
        "an error before the one that nulls the parent is kept",
        "{ n { a must } }",
        lambda: {"n": {"a": fails("1"), "must": fails("2")}},
        {"n": None},
        errors=[_said("1", "n", "a"), _said("2", "n", "must")],
    ),
    _case(
        "an error after the one that nulls the parent is not",
        "{ n { must a } }",
        lambda: {"n": {"a": fails("1"), "must": fails("2")}},
        {"n": None},
        errors=[_said("2", "n", "must")],
    ),
    _case(
        "resolvers after an error that nulls the parent do not run",
        "{ n { must b } }",
        lambda: {"n": {"must": fails("1"), "b": fails(AssertionError("ran"))}},
        {"n": None},
        errors=[_said("1", "n", "must")],
    ),
    _case(
        "errors beside a nulled parent",
        "{ a n { must } x: a }",
        lambda: {"a": fails("1"), "n": {"must": fails("2")}},
        {"a": None, "n": None, "x": None},
        errors=[_said("1", "a"), _said("2", "n", "must"), _said("1", "x")],
    ),
    _case(
        "errors before the root is nulled",
        "{ a n { must } must }",
        lambda: {"a": fails("1"), "n": {"must": fails("2")}, "must": fails("3")},
        None,
        errors=[_said("1", "a"), _said("2", "n", "must"), _said("3", "must")],
    ),
    _case(
        "errors in one list, each object for itself",
        "{ list { must a } }",
        lambda: {"list": [{"must": fails("1"), "a": fails("2")}, {"must": 1, "a": fails("3")}, {"must": fails("4")}]},
        {"list": [None, {"must": 1, "a": None}, None]},
        errors=[_said("1", "list", 0, "must"), _said("3", "list", 1, "a"), _said("4", "list", 2, "must")],
    ),
    _case(
        "the first object of a list of non-null ends it",
        "{ listM { a must } a }",
        lambda: {"listM": [{"a": fails("1"), "must": fails("2")}, {"a": fails("3"), "must": 1}], "a": 1},
        {"listM": None, "a": 1},
        errors=[_said("1", "listM", 0, "a"), _said("2", "listM", 0, "must")],
    ),
    _case(
        "two parents nulled by one kind of error",
        "{ x: n { must } y: n { must } }",
        lambda: {"n": {"must": None}},
        {"x": None, "y": None},
        errors=[
            _said("Cannot return null for non-nullable field Node.must.", "x", "must"),
            _said("Cannot return null for non-nullable field Node.must.", "y", "must"),
        ],
    ),
    _case(
        "null spreads over five levels",
        "{ n { m { m { m { m { must } } } } a } }",
        lambda: {"n": {"m": {"m": {"m": {"m": {"must": None}}}}, "a": 1}},
        {"n": None},
        errors=[_said("Cannot return null for non-nullable field Node.must.", "n", "m", "m", "m", "m", "must")],
    ),
    _case(
        "null spreads over five awaited levels",
        "{ n { m { m { m { m { must } } } } a } a }",
        lambda: {
            "n": later({"m": later({"m": later({"m": later({"m": later({"must": later(None)})})})}), "a": 1}),
            "a": 2,
        },
        {"n": None, "a": 2},
        errors=[_said("Cannot return null for non-nullable field Node.must.", "n", "m", "m", "m", "m", "must")],
    ),
    _case(
        "null spreads by an alias",
        "{ x: n { y: must } }",
        lambda: {"n": {"must": None}},
        {"x": None},
        errors=[_said("Cannot return null for non-nullable field Node.must.", "x", "y")],
    ),
    _case(
        "a required object of null",
        "{ n { m { a } } a }",
        lambda: {"n": {"m": None}, "a": 1},
        {"n": None, "a": 1},
        errors=[_said("Cannot return null for non-nullable field Node.m.", "n", "m")],
    ),
    _case(
        "a required list of null",
        "{ n { mList { a } } a }",
        lambda: {"n": {"mList": None}, "a": 1},
        {"n": None, "a": 1},
        errors=[_said("Cannot return null for non-nullable field Node.mList.", "n", "mList")],
    ),
    _case(
        "a required list that is none",
        "{ n { mListM { a } } }",
        lambda: {"n": {"mListM": 5}},
        {"n": None},
        errors=[_said("Expected Iterable, but did not find one for field 'Node.mListM'.", "n", "mListM")],
    ),
    _case(
        "an error in a slow sibling after the parent is null",
        "{ n { must a } b: a }",
        lambda: {"n": {"must": fails("1"), "a": lambda info: fails_later("2", 5)}, "a": later(3, 20)},
        {"n": None, "b": 3},
        errors=[_said("1", "n", "must")],
    ),
    _case(
        "an error in a slow sibling begun before the parent is null",
        "{ n { a must } b: a }",
        lambda: {"n": {"a": fails_later("2", 5), "must": fails("1")}, "a": later(3, 20)},
        {"n": None, "b": 3},
        order=Order.NULLED,
    ),
    _case(
        "two slow errors that null one parent",
        "{ n { must must2 } b: a }",
        lambda: {"n": {"must": fails_later("1", 3), "must2": fails_later("2", 1)}, "a": later(3, 20)},
        {"n": None, "b": 3},
        order=Order.NULLED,
    ),
    _case(
        "a quick error kept before a slow one nulls the parent",
        "{ n { a must } }",
        lambda: {"n": {"a": fails("1"), "must": fails_later("2", 3)}},
        {"n": None},
        order=Order.NULLED,
    ),
    _case(
        "slow errors below each other",
        "{ n { n { must a } must } }",
        lambda: {"n": {"n": later({"must": fails_later("1", 2), "a": 1}), "must": fails_later("2", 9)}},
        {"n": None},
        order=Order.NULLED,
    ),
    _case(
        "slow errors in a list of non-null",
        "{ listM { must } a }",
        lambda: {"listM": [{"must": fails_later(str(i), 5 - i)} for i in range(5)], "a": later(1, 20)},
        {"listM": None, "a": 1},
        order=Order.NULLED,
    ),
    _case(
        "slow errors that null the root",
        "{ must n { must } a }",
        lambda: {"must": fails_later("1", 2), "n": {"must": fails_later("2", 4)}, "a": fails_later("3")},
        None,
        order=Order.NULLED,
    ),
    _case(
        "slow errors of siblings that stay",
        "{ n { a b } list { a } }",
        lambda: {
            "n": {"a": fails_later("1", 3), "b": fails_later("2")},
            "list": [{"a": fails_later("3", 2)}, later({"a": fails("4")})],
        },
        {"n": {"a": None, "b": None}, "list": [{"a": None}, {"a": None}]},
        errors=[("1", ["n", "a"]), ("2", ["n", "b"]), ("3", ["list", 0, "a"]), ("4", ["list", 1, "a"])],
        order=Order.SORTED,
    ),
    _case(
        "null in a merged selection",
        "{ n { a } n { must } }",
        lambda: {"n": {"a": 1, "must": None}},
        {"n": None},
        errors=[_said("Cannot return null for non-nullable field Node.must.", "n", "must")],
    ),
    _case(
        "a null that was never asked for does nothing",
        "{ n { a } }",
        lambda: {"n": {"a": 1, "must": None}},
        {"n": {"a": 1}},
        errors=[],
    ),
]
