"""What becomes of the values that resolvers give for scalars and enums."""

import enum
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from graphql import GraphQLError, Undefined

from tests.execution.case import UNSAID, Case, later, schema_of

_SDL = """
    enum Colour { RED GREEN BLUE }
    scalar Stamp
    scalar Raises
    scalar Gone
    scalar Odd
    type Query {
      int: Int float: Float string: String boolean: Boolean id: ID colour: Colour plain: Colour
      stamp: Stamp raises: Raises gone: Gone odd: Odd
      ints: [Int] must: Int! colours: [Colour!]
    }
"""


class Shade(enum.Enum):
    """An enum of the program's, whose members stand for the schema's values."""

    RED = "r"
    GREEN = "g"


class Text:
    """Has a text, and is no number."""

    def __str__(self) -> str:
        return "text"

    def __repr__(self) -> str:
        return "<Text>"


class Index:
    """Stands for a whole number."""

    def __index__(self) -> int:
        return 7

    def __repr__(self) -> str:
        return "<Index>"


class Name(str):
    """A string of a class of its own."""


class Number(int):
    """An integer of a class of its own."""


def _raise(value: Any) -> Any:
    raise value if isinstance(value, Exception) else ValueError(f"cannot write {value!r}")


_SCHEMA = schema_of(
    _SDL,
    scalars={
        "Stamp": {"coerce_output_value": lambda value: f"stamp:{value}"},
        "Raises": {"coerce_output_value": _raise},
        "Gone": {"coerce_output_value": lambda value: Undefined if value == "undefined" else None},
        "Odd": {"coerce_output_value": lambda value: value},
    },
    enums={"Colour": {"RED": Shade.RED, "GREEN": 2, "BLUE": None}},
)
_PLAIN = schema_of(_SDL)

_GOOD: dict[str, list[tuple[Any, Any]]] = {
    "int": [
        (1, 1),
        (0, 0),
        (-5, -5),
        (2_147_483_647, 2_147_483_647),
        (-2_147_483_648, -2_147_483_648),
        (1.0, 1),
        (-0.0, 0),
        (True, 1),
        (False, 0),
        ("12", 12),
        (Decimal("3"), 3),
        (Fraction(4, 2), 2),
        (Index(), 7),
        (Number(9), 9),
    ],
    "float": [
        (1.5, 1.5),
        (1, 1.0),
        (0, 0.0),
        (True, 1),
        (False, 0),
        ("1.25", 1.25),
        (Decimal("2.5"), 2.5),
        (1e308, 1e308),
        (Index(), 7.0),
        (Number(9), 9.0),
    ],
    "string": [
        ("", ""),
        ("é✓", "é✓"),
        (1, "1"),
        (1.5, "1.5"),
        (1.0, "1.0"),
        (True, "true"),
        (False, "false"),
        (10**30, str(10**30)),
        (Text(), "text"),
        (Name("n"), "n"),
        (Decimal("1.10"), "1.10"),
    ],
    "boolean": [(True, True), (False, False), (1, True), (0, False), (2.5, True), (0.0, False), (Decimal(0), False)],
    "id": [("x", "x"), (1, "1"), (2.0, "2"), (-3, "-3"), (10**20, str(10**20)), (Text(), "text"), (Number(4), "4")],
    "colour": [(Shade.RED, "RED"), (2, "GREEN"), (2.0, "GREEN"), ("BLUE", "BLUE")],
    "stamp": [(1, "stamp:1"), ("", "stamp:"), ([1], "stamp:[1]"), (False, "stamp:False")],
    "odd": [
        ("x", "x"),
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}),
        ([], []),
        (0, 0),
        (False, False),
        ("", ""),
        (10**25, 10**25),
    ],
}

_BAD: dict[str, list[Any]] = {
    "int": [
        2_147_483_648,
        -2_147_483_649,
        10**40,
        1.5,
        float("nan"),
        float("inf"),
        "x",
        "",
        "1.5",
        [1],
        {"a": 1},
        Decimal("1.5"),
        Text(),
        b"1",
    ],
    "float": [float("nan"), float("inf"), -float("inf"), "x", "", "nan", [1.0], {}, Text(), 10**400, Decimal("NaN")],
    "string": [[1], {"a": 1}, b"x", {1}, float("nan"), float("inf")],
    "boolean": ["true", "", [True], {}, Text(), float("nan")],
    "id": [True, 1.5, [1], {}, float("nan"), b"x"],
    "colour": ["RED", 3, "r", None.__class__, [1], {"a": 1}, ""],
    "raises": [1, RuntimeError("inner"), GraphQLError("said", extensions={"code": "SAID"})],
    "gone": ["undefined", "none"],
}
_MESSAGES = {
    ("int", "2147483648"): "Int cannot represent non 32-bit signed integer value: 2147483648",
    ("int", "1.5"): "Int cannot represent non-integer value: 1.5",
    ("float", "nan"): "Float cannot represent non numeric value: nan",
    ("boolean", "'true'"): "Boolean cannot represent a non boolean value: 'true'",
    ("id", "True"): "ID cannot represent value: True",
    ("string", "b'x'"): "String cannot represent value: b'x'",
    ("colour", "'RED'"): "Enum 'Colour' cannot represent value: 'RED'",
    ("colour", "[1]"): "Enum 'Colour' cannot represent value: [1]",
    ("gone", "'none'"): "Expected `Gone.coerce_output_value('none')` to return non-nullable value, returned: None",
    ("raises", "1"): "cannot write 1",
}


def _root(field: str, value: Any) -> Callable[[], Any]:
    return lambda: {field: value}


def _given(value: Any, info: Any) -> Any:
    return value


def _good() -> list[Case]:
    cases = []
    for field, rows in _GOOD.items():
        for value, written in rows:
            name = f"{field} from {type(value).__name__} {value!r}"
            cases.append(Case(name, _SCHEMA, f"{{ {field} }}", _root(field, value), data={field: written}, errors=[]))
    return cases


def _bad() -> list[Case]:
    cases = []
    for field, values in _BAD.items():
        for value in values:
            message = _MESSAGES.get((field, repr(value)))
            told = [(message, [field])] if message else None
            errors = UNSAID if told is None else told
            data = {field: None}
            name = f"{field} not from {type(value).__name__} {value!r}"[:90]
            root = _root(field, partial(_given, value) if callable(value) else value)
            cases.append(Case(name, _SCHEMA, f"{{ {field} }}", root, data=data, errors=errors))
    return cases


CASES = [
    *_good(),
    *_bad(),
    Case("an enum without inner values", _PLAIN, "{ plain }", _root("plain", "RED"), data={"plain": "RED"}, errors=[]),
    Case(
        "a member of a program's enum is not its name",
        _PLAIN,
        "{ plain }",
        _root("plain", Shade.RED),
        data={"plain": None},
    ),
    Case("undefined is null", _SCHEMA, "{ int }", _root("int", Undefined), data={"int": None}, errors=[]),
    Case(
        "null is null for every leaf",
        _SCHEMA,
        "{ int float string boolean id colour stamp raises }",
        dict,
        data=dict.fromkeys(["int", "float", "string", "boolean", "id", "colour", "stamp", "raises"]),
        errors=[],
    ),
    Case(
        "a bad leaf in a list",
        _SCHEMA,
        "{ ints }",
        _root("ints", [1, "x", 2.5, None, True, "3"]),
        data={"ints": [1, None, None, None, 1, 3]},
    ),
    Case("a bad leaf in a list of non-null", _SCHEMA, "{ colours }", _root("colours", [2, 3]), data={"colours": None}),
    Case(
        "a bad leaf in a non-null field",
        _SCHEMA,
        "{ must }",
        _root("must", "x"),
        data=None,
        errors=[("Int cannot represent non-integer value: 'x'", ["must"])],
    ),
    Case(
        "null in a non-null field",
        _SCHEMA,
        "{ must }",
        _root("must", None),
        data=None,
        errors=[("Cannot return null for non-nullable field Query.must.", ["must"])],
    ),
    Case(
        "undefined in a non-null field",
        _SCHEMA,
        "{ must }",
        _root("must", Undefined),
        data=None,
        errors=[("Cannot return null for non-nullable field Query.must.", ["must"])],
    ),
    Case(
        "a leaf that is awaited and then bad",
        _SCHEMA,
        "{ a: int float }",
        lambda: {"int": lambda info: later("x"), "float": 1},
        data={"a": None, "float": 1.0},
        errors=[("Int cannot represent non-integer value: 'x'", ["a"])],
    ),
]
