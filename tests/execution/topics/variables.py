"""Variables that cannot be coerced: the whole operation is refused, and the message says why."""

from typing import Any

from graphql import GraphQLError, Undefined

from tests.execution.case import Case, fails, schema_of


def _stamp(value: Any) -> Any:
    if value == "raises":
        raise ValueError("no stamp")
    if value == "says":
        raise GraphQLError("said so", extensions={"code": "SAID"})
    return Undefined if value == "undefined" else value


_SCHEMA = schema_of(
    """
    enum Size { SMALL MEDIUM }
    scalar Stamp
    input Point { x: Int! y: Int = 7 inner: Point }
    input Pick @oneOf { id: ID name: String }
    type Query {
      int(a: Int): String float(a: Float): String string(a: String): String boolean(a: Boolean): String
      id(a: ID): String
      size(a: Size): String stamp(a: Stamp): String point(a: Point): String pick(a: Pick): String
      ints(a: [Int!]): String
      grid(a: [[Int!]!]): String must(a: Int!): String points(a: [Point!]): String
      several(a: Int, b: Int, c: Point): String
    }
    """,
    {"Query.must": fails("is never called")},
    scalars={"Stamp": {"coerce_input_value": _stamp}},
)

_BAD: list[tuple[str, str, Any]] = [
    ("Int", "int", "1"),
    ("Int", "int", True),
    ("Int", "int", 1.5),
    ("Int", "int", 2**31),
    ("Int", "int", float("nan")),
    ("Int", "int", [1]),
    ("Int", "int", {}),
    ("Float", "float", "1.0"),
    ("Float", "float", float("inf")),
    ("Float", "float", False),
    ("String", "string", 1),
    ("String", "string", ["x"]),
    ("String", "string", True),
    ("Boolean", "boolean", 0),
    ("Boolean", "boolean", "false"),
    ("ID", "id", 1.5),
    ("ID", "id", True),
    ("ID", "id", {}),
    ("Size", "size", "LARGE"),
    ("Size", "size", "SMAL"),
    ("Size", "size", 1),
    ("Size", "size", ["SMALL"]),
    ("Stamp", "stamp", "raises"),
    ("Stamp", "stamp", "says"),
    ("Stamp", "stamp", "undefined"),
    ("Int!", "must", None),
    ("[Int!]", "ints", [1, None]),
    ("[Int!]", "ints", "x"),
    ("[Int!]", "ints", [1, "x", 2, "y"]),
    ("[[Int!]!]", "grid", [[1], None]),
    ("[[Int!]!]", "grid", [[1, "x"]]),
    ("Point", "point", 1),
    ("Point", "point", []),
    ("Point", "point", {}),
    ("Point", "point", {"y": 1}),
    ("Point", "point", {"x": None}),
    ("Point", "point", {"x": 1, "z": 2}),
    ("Point", "point", {"x": 1, "inne": {}}),
    ("Point", "point", {"x": "a", "y": "b"}),
    ("Point", "point", {"x": 1, "inner": {"x": 1, "inner": {"x": "deep"}}}),
    ("[Point!]", "points", [{"x": 1}, {"x": "2"}, None]),
    ("Pick", "pick", {}),
    ("Pick", "pick", {"id": 1, "name": "n"}),
    ("Pick", "pick", {"id": None}),
    ("Pick", "pick", {"id": None, "name": "n"}),
    ("Pick", "pick", {"other": 1}),
]


def _bad(hide: bool) -> list[Case]:
    cases = []
    for written, field, value in _BAD:
        if hide and field not in ("size", "point"):
            continue
        query = f"query ($v: {written}) {{ {field}(a: $v) }}"
        name = f"{written} is not {value!r}" + (" without suggestions" if hide else "")
        cases.append(Case(name, _SCHEMA, query, variables={"v": value}, data=None, hide_suggestions=hide))
    return cases


def _deep(depth: int) -> Any:
    value: Any = {"x": 1}
    for _ in range(depth):
        value = {"x": 1, "inner": value}
    return value


CASES = [
    *_bad(False),
    *_bad(True),
    Case(
        "what is said of a text for an integer",
        _SCHEMA,
        "query ($v: Int) { int(a: $v) }",
        variables={"v": "1"},
        data=None,
        errors=[("Variable '$v' has invalid value: Int cannot represent non-integer value: '1'", None)],
    ),
    Case(
        "what is said of two bad fields",
        _SCHEMA,
        "query ($v: Point!) { point(a: $v) }",
        variables={"v": {"x": "a", "y": "b"}},
        data=None,
        errors=[
            ("Variable '$v' has invalid value at .x: Int cannot represent non-integer value: 'a'", None),
            ("Variable '$v' has invalid value at .y: Int cannot represent non-integer value: 'b'", None),
        ],
    ),
    Case(
        "what is said of an item of a list",
        _SCHEMA,
        "query ($v: [Point!]) { points(a: $v) }",
        variables={"v": [{"x": 1}, {"x": 1, "inner": {"x": "z"}}]},
        data=None,
        errors=[("Variable '$v' has invalid value at [1].inner.x: Int cannot represent non-integer value: 'z'", None)],
    ),
    Case(
        "several variables are told in their order",
        _SCHEMA,
        "query ($c: Point, $b: Int, $a: Int!) { several(a: $a, b: $b, c: $c) }",
        variables={"b": "b", "c": {"x": 1, "q": 1}},
        data=None,
    ),
    Case(
        "a missing required variable that has no part in the answer",
        _SCHEMA,
        "query ($v: Int!) { string must(a: $v) @skip(if: true) }",
        data=None,
        errors=[("Variable '$v' has invalid value: Expected a value of non-null type 'Int!' to be provided.", None)],
    ),
    Case(
        "fifty errors are told and then no more",
        _SCHEMA,
        "query ($v: [Int!]) { ints(a: $v) }",
        variables={"v": ["x"] * 60},
        data=None,
    ),
    Case(
        "an input nested too deeply",
        _SCHEMA,
        "query ($v: Point) { point(a: $v) }",
        variables={"v": _deep(5_000)},
        data=None,
        errors=[("Variable values are nested too deeply.", None)],
    ),
    Case(
        "an input nested deeply",
        _SCHEMA,
        "query ($v: Point) { point(a: $v) }",
        variables={"v": _deep(50)},
        data={"point": None},
        errors=[],
    ),
    Case(
        "no variables are known to a document without",
        _SCHEMA,
        "{ string }",
        variables={"v": object()},
        data={"string": None},
        errors=[],
    ),
    Case(
        "an invalid default is told when it is used",
        _SCHEMA,
        'query ($v: Int = "x") { int(a: $v) }',
        valid=False,
        fallback=True,
        data=None,
    ),
    Case(
        "an invalid default is no matter when it is not used",
        _SCHEMA,
        'query ($v: Int = "x") { int(a: $v) }',
        variables={"v": 1},
        valid=False,
        fallback=True,
        data={"int": None},
        errors=[],
    ),
    Case(
        "a variable of an unknown type",
        _SCHEMA,
        "query ($v: Nothing) { int(a: $v) }",
        valid=False,
        fallback=True,
        data=None,
    ),
    Case(
        "a variable of an output type",
        _SCHEMA,
        "query ($v: Query) { int(a: $v) }",
        valid=False,
        fallback=True,
        data=None,
    ),
]
