"""Lists: what may be one, what stands in them, and what happens to bad and awaited items."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import Any

from tests.execution.agreement import Order
from tests.execution.case import Case, fails_later, later, schema_of

_SCHEMA = schema_of(
    """
    type Query { l: [Int] s: [String] lm: [Int!] ml: [Int]! mlm: [Int!]! g: [[Int]] gm: [[Int!]!] o: [Item] om: [Item!]
                 cube: [[[Int]]] og: [[Item]] sub: Query e: [Kind] }
    type Item { id: Int must: Int! l: [Int] items: [Item] }
    enum Kind { A B }
    """
)


def _numbers() -> Iterator[int]:
    yield from (1, 2, 3)


def _breaks() -> Iterator[int]:
    yield 1
    raise RuntimeError("broke off")


async def _flow(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0)
        yield item


async def _flow_breaks() -> AsyncIterator[int]:
    yield 1
    raise RuntimeError("broke off")


class Sequence:
    """Can be iterated by index only."""

    def __getitem__(self, index: int) -> int:
        if index > 2:
            raise IndexError
        return index


class Iterates:
    """Can be iterated by `__iter__`, any number of times."""

    def __iter__(self) -> Iterator[int]:
        return iter((1, 2))

    def __repr__(self) -> str:
        return "<Iterates>"


def _case(name: str, query: str, root: Callable[[], Any], data: Any, **more: Any) -> Case:
    return Case(name, _SCHEMA, query, root, data=data, **more)


_NOT = "Expected Iterable, but did not find one for field 'Query.l'."
_NULL = "Cannot return null for non-nullable field Query."

_ITERABLES: dict[str, tuple[Callable[[], Any], list[Any]]] = {
    "a list": (lambda: [1, 2], [1, 2]),
    "a tuple": (lambda: (1, 2), [1, 2]),
    "an empty list": (list, []),
    "an empty tuple": (lambda: (), []),
    "a set": (lambda: {1}, [1]),
    "a frozen set": (lambda: frozenset({4}), [4]),
    "a generator": (_numbers, [1, 2, 3]),
    "an iterator": (lambda: iter([1, 2]), [1, 2]),
    "a map": (lambda: map(int, "12"), [1, 2]),
    "a range": (lambda: range(3), [0, 1, 2]),
    "a deque": (lambda: deque([1]), [1]),
    "an array of bytes": (lambda: [*b"ab"], [97, 98]),
    "keys": (lambda: OrderedDict({1: 2}).keys(), [1]),
    "values": (lambda: {1: 2}.values(), [2]),
    "an object that iterates": (Iterates, [1, 2]),
    "an awaited list": (lambda: later([1, 2]), [1, 2]),
    "an awaited generator": (lambda: later(_numbers()), [1, 2, 3]),
    "an asynchronous generator": (lambda: _flow(1, 2), [1, 2]),
    "an empty asynchronous generator": (_flow, []),
    "an awaited asynchronous generator": (lambda: later(_flow(1, None)), [1, None]),
    "an asynchronous generator of coroutines": (lambda: _flow(1, later(2), later(3)), [1, 2, 3]),
}
_NOT_ITERABLES: dict[str, Any] = {"a number": 1, "a text": "12", "an object": object(), "true": True, "a float": 1.5}


_UNSOUND: dict[str, Callable[[], Any]] = {
    "null": lambda: None,
    "an awaited null": lambda: later(None),
    "an error": lambda: ValueError("item"),
    "a late error": lambda: fails_later("item"),
    "an awaited error": lambda: later(ValueError("item")),
    "a bad value": lambda: "x",
    "an awaited bad value": lambda: later("x"),
}
"""What an item, or the list itself, may be that it should not."""


def _with_item(field: str, make: Callable[[], Any]) -> Any:
    return {"sub": {field: [1, make(), 2]}, "l": [1, None, 2]}


def _null_table() -> list[Case]:
    """Each unsound thing as an item, under each nullability; and in place of the list."""
    whole = {"l": [1, None, 2]}
    kept: dict[str, Any] = {"l": {"l": [1, None, 2]}, "lm": {"lm": None}, "ml": {"ml": [1, None, 2]}, "mlm": None}
    items = [
        _case(
            f"{what} in {field}", f"{{ sub {{ {field} }} l }}", partial(_with_item, field, make), {"sub": sub, **whole}
        )
        for what, make in _UNSOUND.items()
        for field, sub in kept.items()
    ]
    return items + [
        _case(f"{what} for {field}", f"{{ sub {{ {field} }} }}", _holding("sub", {field: _called(make)}), {"sub": sub})
        for what, make in _UNSOUND.items()
        for field, sub in (("l", {"l": None}), ("ml", None))
    ]


def _called(make: Callable[[], Any]) -> Callable[..., Any]:
    return lambda info: make()


def _holding(field: str, value: Any) -> Callable[[], Any]:
    return lambda: {field: value}


CASES = [
    *(
        _case(f"{name} is a list", "{ l }", _holding("l", _called(make)), {"l": data}, errors=[])
        for name, (make, data) in _ITERABLES.items()
    ),
    *(
        _case(f"{name} is no list", "{ l }", _holding("l", value), {"l": None}, errors=[(_NOT, ["l"])])
        for name, value in _NOT_ITERABLES.items()
    ),
    _case("a dictionary as a list", "{ s }", lambda: {"s": {"k": 1, "j": 2}}, {"s": None}),
    _case("bytes as a list", "{ l }", lambda: {"l": b"ab"}, {"l": None}),
    _case("an object with items by index", "{ l }", lambda: {"l": Sequence()}, {"l": None}),
    *_null_table(),
    _case(
        "a generator that breaks off",
        "{ l s }",
        lambda: {"l": _breaks(), "s": ["x"]},
        {"l": None, "s": ["x"]},
        errors=[("broke off", ["l"])],
    ),
    _case(
        "an asynchronous generator that breaks off",
        "{ l s }",
        lambda: {"l": _flow_breaks(), "s": ["x"]},
        {"l": None, "s": ["x"]},
        errors=[("broke off", ["l"])],
    ),
    _case("lists of lists", "{ g }", lambda: {"g": [[1], [], None, (2, 3)]}, {"g": [[1], [], None, [2, 3]]}, errors=[]),
    _case(
        "lists of lists of lists",
        "{ cube }",
        lambda: {"cube": [[[1, None]], [], [None, [2]]]},
        {"cube": [[[1, None]], [], [None, [2]]]},
        errors=[],
    ),
    _case("a number within lists of lists", "{ g }", lambda: {"g": [[1], 2]}, {"g": [[1], None]}),
    _case(
        "awaited at every level",
        "{ cube }",
        lambda: {"cube": later([later([later([later(1), 2]), [later(3)]]), [[4]]])},
        {"cube": [[[1, 2], [3]], [[4]]]},
        errors=[],
    ),
    _case(
        "null among non-null items of an inner list",
        "{ gm l }",
        lambda: {"gm": [[1], [2, None]]},
        {"gm": None, "l": None},
        errors=[(_NULL + "gm.", ["gm", 1, 1])],
    ),
    _case(
        "a late error among non-null items of an inner list",
        "{ gm }",
        lambda: {"gm": [[1], [2, fails_later("item")]]},
        {"gm": None},
        errors=[("item", ["gm", 1, 1])],
    ),
    _case(
        "an asynchronous generator within a list",
        "{ g }",
        lambda: {"g": [_flow(1, 2), [3]]},
        {"g": [[1, 2], [3]]},
        errors=[],
    ),
    _case(
        "an asynchronous generator of bad items",
        "{ l lm }",
        lambda: {"l": _flow(1, "x", ValueError("item"), fails_later("late")), "lm": _flow(1, None)},
        {"l": [1, None, None, None], "lm": None},
        order=Order.SORTED,
    ),
    _case(
        "objects",
        "{ o { id } }",
        lambda: {"o": [{"id": 1}, None, later({"id": later(2)}), later(None)]},
        {"o": [{"id": 1}, None, {"id": 2}, None]},
        errors=[],
    ),
    _case(
        "objects in lists of lists",
        "{ og { id __typename } }",
        lambda: {"og": [[{"id": 1}], None, [None, later({"id": 2})]]},
        {"og": [[{"id": 1, "__typename": "Item"}], None, [None, {"id": 2, "__typename": "Item"}]]},
        errors=[],
    ),
    _case(
        "lists of objects with lists of objects",
        "{ o { items { l items { id } } } }",
        lambda: {"o": [{"items": [{"l": [1], "items": ()}, {"items": [{"id": 3}]}]}]},
        {"o": [{"items": [{"l": [1], "items": []}, {"l": None, "items": [{"id": 3}]}]}]},
        errors=[],
    ),
    _case(
        "a non-null field of one object",
        "{ o { id must } }",
        lambda: {"o": [{"id": 1, "must": 1}, {"id": 2}, {"id": 3, "must": "x"}, {"must": later(4)}]},
        {"o": [{"id": 1, "must": 1}, None, None, {"id": None, "must": 4}]},
        order=Order.SORTED,
    ),
    _case(
        "a non-null field of a non-null object",
        "{ om { id must } l }",
        lambda: {"om": [{"must": 1}, {"must": None}], "l": []},
        {"om": None, "l": []},
        errors=[("Cannot return null for non-nullable field Item.must.", ["om", 1, "must"])],
    ),
    _case(
        "two bad items of a list of non-null",
        "{ lm }",
        lambda: {"lm": [1, "x", "y"]},
        {"lm": None},
        errors=[("Int cannot represent non-integer value: 'x'", ["lm", 1])],
    ),
    _case(
        "awaited bad items of a list of non-null",
        "{ lm }",
        lambda: {"lm": [later(1), later("x"), later("y", 3)]},
        {"lm": None},
        order=Order.NULLED,
    ),
    _case(
        "enums in a list",
        "{ e }",
        lambda: {"e": ["A", "C", "B", None]},
        {"e": ["A", None, "B", None]},
        errors=[("Enum 'Kind' cannot represent value: 'C'", ["e", 1])],
    ),
    _case("ten thousand numbers", "{ l }", lambda: {"l": range(10_000)}, {"l": list(range(10_000))}, errors=[]),
    _case(
        "two thousand objects",
        "{ o { id l } }",
        lambda: {"o": [{"id": i, "l": [i]} for i in range(2_000)]},
        {"o": [{"id": i, "l": [i]} for i in range(2_000)]},
        errors=[],
    ),
    _case(
        "five hundred awaited objects",
        "{ o { id must } }",
        lambda: {"o": [later({"id": i, "must": later(i, i % 5)}, i % 7) for i in range(500)]},
        {"o": [{"id": i, "must": i} for i in range(500)]},
        errors=[],
    ),
    _case("a thousand errors", "{ l }", lambda: {"l": ["x"] * 1_000}, {"l": [None] * 1_000}),
]
