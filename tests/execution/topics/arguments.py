"""Arguments: literals, variables, defaults, null against absent, and what resolvers get of them."""

from typing import Any

from graphql import GraphQLError, IntValueNode, Undefined

from tests.execution.case import Case, echo, schema_of


def _even(value: Any) -> int:
    if not isinstance(value, int) or value % 2:
        raise GraphQLError(f"Even cannot be {value!r}")
    return value // 2


def _even_literal(node: Any, variables: Any = None) -> int:
    if not isinstance(node, IntValueNode):
        raise GraphQLError("Even must be an integer literal")
    return _even(int(node.value))


_SCHEMA = schema_of(
    """
    enum Size { SMALL MEDIUM LARGE }
    scalar Even
    scalar Json
    input Point { x: Int! y: Int = 7 label: String }
    input Shape { name: String = "shape" points: [Point!]! = [{ x: 1 }] centre: Point inner: Shape size: Size = LARGE }
    input Pick @oneOf { id: ID name: String point: Point }
    type Query {
      int(a: Int): String float(a: Float): String string(a: String): String boolean(a: Boolean): String
      id(a: ID): String
      size(a: Size): String even(a: Even): String json(a: Json): String point(a: Point): String shape(a: Shape): String
      pick(a: Pick): String ints(a: [Int]): String must(a: [Int!]!): String grid(a: [[Int]]): String
      points(a: [Point]): String
      given(a: Int = 5): String givenMust(a: Int! = 5): String givenNull(a: Int = null): String
      required(a: Int!): String
      givenSize(a: Size = MEDIUM): String givenList(a: [Int!]! = [1, 2]): String givenPoint(a: Point = { x: 2 }): String
      several(z: Int, a: Int = 1, m: String): String renamed(argName: Int = 3): String
      sub: Query pickMust(a: Pick!): String
      sizes(a: [Size!] = [SMALL]): String jsons(a: [Json]): String evens(a: [Even]): String
    }
    """,
    {
        f"Query.{name}": echo
        for name in [
            "int",
            "float",
            "string",
            "boolean",
            "id",
            "size",
            "even",
            "json",
            "point",
            "shape",
            "pick",
            "ints",
            "must",
            "grid",
            "points",
            "given",
            "givenMust",
            "givenNull",
            "required",
            "givenSize",
            "givenList",
            "givenPoint",
            "several",
            "renamed",
            "pickMust",
            "sizes",
            "jsons",
            "evens",
        ]
    },
    scalars={"Even": {"coerce_input_value": _even, "parse_literal": _even_literal}},
    enums={"Size": {"SMALL": 1, "MEDIUM": "m", "LARGE": {"not": "hashable"}}},
    out_names={"Query.renamed.argName": "arg_name", "Point.label": "label_text"},
)

_WRITTEN: dict[str, str] = {
    "int(a: 3)": '{"a": 3}',
    "int(a: -0)": '{"a": 0}',
    "int(a: null)": '{"a": null}',
    "int": "{}",
    "float(a: 1.5)": '{"a": 1.5}',
    "float(a: 2)": '{"a": 2.0}',
    "float(a: 1e3)": '{"a": 1000.0}',
    'string(a: "x\\ny")': '{"a": "x\\ny"}',
    'string(a: """\n  block\n    text\n""")': '{"a": "block\\n  text"}',
    'string(a: "")': '{"a": ""}',
    "boolean(a: true)": '{"a": true}',
    "boolean(a: false)": '{"a": false}',
    'id(a: "7")': '{"a": "7"}',
    "id(a: 7)": '{"a": "7"}',
    "size(a: SMALL)": '{"a": 1}',
    "size(a: MEDIUM)": '{"a": "m"}',
    "size(a: LARGE)": '{"a": {"not": "hashable"}}',
    "even(a: 8)": '{"a": 4}',
    "evens(a: [2, null, 4])": '{"a": [1, null, 2]}',
    "json(a: 1)": '{"a": 1}',
    'json(a: { k: [1, "b", null, true, { x: E }] })': '{"a": {"k": [1, "b", null, true, {"x": "E"}]}}',
    "json(a: [])": '{"a": []}',
    "point(a: { x: 1 })": '{"a": {"x": 1, "y": 7}}',
    "point(a: { y: null, x: 1 })": '{"a": {"x": 1, "y": null}}',
    'point(a: { label: "l", y: 2, x: 1 })': '{"a": {"x": 1, "y": 2, "label_text": "l"}}',
    "shape(a: {})": '{"a": {"name": "shape", "points": [{"x": 1, "y": 7}], "size": {"not": "hashable"}}}',
    "shape(a: { inner: { size: SMALL, points: [] }, size: null, centre: null })": (
        '{"a": {"name": "shape", "points": [{"x": 1, "y": 7}], "centre": null, '
        '"inner": {"name": "shape", "points": [], "size": 1}, "size": null}}'
    ),
    "shape(a: { points: { x: 4 } })": (
        '{"a": {"name": "shape", "points": [{"x": 4, "y": 7}], "size": {"not": "hashable"}}}'
    ),
    "pick(a: { id: 4 })": '{"a": {"id": "4"}}',
    "pick(a: { point: { x: 0 } })": '{"a": {"point": {"x": 0, "y": 7}}}',
    "pick(a: null)": '{"a": null}',
    "ints(a: [1, null, 2])": '{"a": [1, null, 2]}',
    "ints(a: [])": '{"a": []}',
    "ints(a: 1)": '{"a": [1]}',
    "ints(a: null)": '{"a": null}',
    "grid(a: 1)": '{"a": [[1]]}',
    "grid(a: [1, [2, 3], null, []])": '{"a": [[1], [2, 3], null, []]}',
    "points(a: { x: 1 })": '{"a": [{"x": 1, "y": 7}]}',
    "must(a: 3)": '{"a": [3]}',
    "given": '{"a": 5}',
    "given(a: null)": '{"a": null}',
    "given(a: 6)": '{"a": 6}',
    "givenMust": '{"a": 5}',
    "givenNull": '{"a": null}',
    "givenSize": '{"a": "m"}',
    "givenList": '{"a": [1, 2]}',
    "givenPoint": '{"a": {"x": 2, "y": 7}}',
    "sizes": '{"a": [1]}',
    'several(m: "m", z: 2)': '{"z": 2, "a": 1, "m": "m"}',
    "several": '{"a": 1}',
    "renamed": '{"arg_name": 3}',
    "renamed(argName: 4)": '{"arg_name": 4}',
}

_WITH_VARIABLES: list[tuple[str, str, dict[str, Any] | None, str]] = [
    ("$v: Int", "int(a: $v)", {"v": 3}, '{"a": 3}'),
    ("$v: Int", "int(a: $v)", {"v": 3.0}, '{"a": 3}'),
    ("$v: Int", "int(a: $v)", {"v": None}, '{"a": null}'),
    ("$v: Int", "int(a: $v)", None, "{}"),
    ("$v: Int", "int(a: $v)", {"other": 1}, "{}"),
    ("$v: Int = 4", "int(a: $v)", None, '{"a": 4}'),
    ("$v: Int = 4", "int(a: $v)", {"v": None}, '{"a": null}'),
    ("$v: Int = null", "int(a: $v)", {}, '{"a": null}'),
    ("$v: Int", "given(a: $v)", None, '{"a": 5}'),
    ("$v: Int", "given(a: $v)", {"v": None}, '{"a": null}'),
    ("$v: Int = 9", "given(a: $v)", None, '{"a": 9}'),
    ("$v: Int", "givenMust(a: $v)", None, '{"a": 5}'),
    ("$v: Int", "givenMust(a: $v)", {"v": 1}, '{"a": 1}'),
    ("$v: Int = 2", "required(a: $v)", None, '{"a": 2}'),
    ("$v: Int!", "required(a: $v)", {"v": 1}, '{"a": 1}'),
    ("$v: Int", "renamed(argName: $v)", None, '{"arg_name": 3}'),
    ("$v: Int", "ints(a: [1, $v, 2])", {"v": 7}, '{"a": [1, 7, 2]}'),
    ("$v: Int", "ints(a: [1, $v])", None, '{"a": [1, null]}'),
    ("$v: Int", "ints(a: [$v])", {"v": None}, '{"a": [null]}'),
    ("$v: [Int]", "ints(a: $v)", {"v": 7}, '{"a": [7]}'),
    ("$v: [Int]", "ints(a: $v)", {"v": [1, None]}, '{"a": [1, null]}'),
    ("$v: [Int]", "ints(a: $v)", {"v": (1, 2)}, '{"a": [1, 2]}'),
    ("$v: [[Int]]", "grid(a: $v)", {"v": [1, 2]}, '{"a": [[1], [2]]}'),
    ("$v: [Int]", "grid(a: [$v, [1]])", {"v": 5}, '{"a": [[5], [1]]}'),
    ("$v: Int", "point(a: { x: 1, y: $v })", None, '{"a": {"x": 1, "y": 7}}'),
    ("$v: Int", "point(a: { x: 1, y: $v })", {"v": None}, '{"a": {"x": 1, "y": null}}'),
    ("$v: Int!", "point(a: { x: $v })", {"v": 3}, '{"a": {"x": 3, "y": 7}}'),
    ("$v: String", "point(a: { x: 1, label: $v })", {"v": "l"}, '{"a": {"x": 1, "y": 7, "label_text": "l"}}'),
    ("$v: String", "point(a: { x: 1, label: $v })", None, '{"a": {"x": 1, "y": 7}}'),
    ("$v: Point", "point(a: $v)", {"v": {"label": "l", "x": 1}}, '{"a": {"x": 1, "y": 7, "label_text": "l"}}'),
    ("$v: Point", "points(a: [$v, { x: 2 }])", {"v": {"x": 1}}, '{"a": [{"x": 1, "y": 7}, {"x": 2, "y": 7}]}'),
    ("$v: Point = { x: 3, y: null }", "point(a: $v)", None, '{"a": {"x": 3, "y": null}}'),
    ("$v: Size", "size(a: $v)", {"v": "LARGE"}, '{"a": {"not": "hashable"}}'),
    ("$v: Size = SMALL", "size(a: $v)", {}, '{"a": 1}'),
    ("$v: [Size!]", "sizes(a: $v)", {"v": "MEDIUM"}, '{"a": ["m"]}'),
    ("$v: Even", "even(a: $v)", {"v": 6}, '{"a": 3}'),
    ("$v: Even = 4", "even(a: $v)", None, '{"a": 2}'),
    ("$v: Json", "json(a: $v)", {"v": {"k": [1, None]}}, '{"a": {"k": [1, null]}}'),
    ("$v: Int", "json(a: { k: [$v, 2], l: $v })", {"v": 1}, '{"a": {"k": [1, 2], "l": 1}}'),
    ("$v: Int", "json(a: [$v, 2])", None, '{"a": ["Undefined", 2]}'),
    ("$v: ID!", "pick(a: { id: $v })", {"v": 4}, '{"a": {"id": "4"}}'),
    ("$v: Pick!", "pickMust(a: $v)", {"v": {"name": "n"}}, '{"a": {"name": "n"}}'),
    ("$v: Float", "float(a: $v)", {"v": 1}, '{"a": 1.0}'),
    ("$v: Float", "float(a: $v)", {"v": 10**20}, '{"a": 1e+20}'),
    ("$v: ID", "id(a: $v)", {"v": 12}, '{"a": "12"}'),
    ("$v: ID", "id(a: $v)", {"v": "12"}, '{"a": "12"}'),
    ("$v: String", "string(a: $v)", {"v": "é"}, '{"a": "é"}'),
    ("$v: Boolean", "boolean(a: $v)", {"v": False}, '{"a": false}'),
    ("$v: Int", "int(a: $v)", {"v": Undefined}, "{}"),
]


def _written(text: str) -> str:
    return text.replace("é", "\\u00e9")


CASES = [
    *(
        Case(f"literal {call}", _SCHEMA, f"{{ r: {call} }}", data={"r": text}, errors=[])
        for call, text in _WRITTEN.items()
    ),
    *(
        Case(
            f"({declared}) {call} of {variables}",
            _SCHEMA,
            f"query ({declared}) {{ r: {call} }}",
            variables=variables,
            data={"r": _written(text)},
            errors=[],
        )
        for declared, call, variables, text in _WITH_VARIABLES
    ),
    Case(
        "one variable at several places and depths",
        _SCHEMA,
        "query ($v: Int = 1) { int(a: $v) sub { ints(a: [$v, $v]) } point(a: { x: $v }) }",
        lambda: {"sub": {}},
        {"v": 8},
        data={"int": '{"a": 8}', "sub": {"ints": '{"a": [8, 8]}'}, "point": '{"a": {"x": 8, "y": 7}}'},
        errors=[],
    ),
    Case(
        "variables within fragments",
        _SCHEMA,
        "query A($v: Int) { ...F sub { ...F } } fragment F on Query { int(a: $v) }",
        lambda: {"sub": {}},
        {"v": 8},
        data={"int": '{"a": 8}', "sub": {"int": '{"a": 8}'}},
        errors=[],
    ),
    Case(
        "null for a variable with a default in a non-null argument",
        _SCHEMA,
        "query ($v: Int = 2) { int(a: 1) required(a: $v) }",
        variables={"v": None},
        data={"int": '{"a": 1}', "required": None},
    ),
    Case(
        "null for a variable in a non-null argument with a default",
        _SCHEMA,
        "query ($v: Int) { int(a: 1) givenMust(a: $v) }",
        variables={"v": None},
        data={"int": '{"a": 1}', "givenMust": None},
    ),
    Case(
        "null for a variable with a default inside a non-null item",
        _SCHEMA,
        "query ($v: Int = 2) { must(a: [1, $v]) point(a: { x: $v }) }",
        variables={"v": None},
        data={"must": None, "point": None},
    ),
    Case(
        "an explicit null inside oneOf by a variable's default",
        _SCHEMA,
        "query ($v: ID = 1) { pick(a: { id: $v }) }",
        variables={"v": None},
        valid=False,
        data={"pick": None},
    ),
    Case(
        "the executors do not share what resolvers change",
        schema_of(
            "input I { list: [Int] = [1] } type Query { a(i: I = { list: [2] }): Int }",
            {"Query.a": lambda source, info, i: len(i["list"])},
        ),
        "query ($v: I = { list: [1, 2, 3] }) { a(i: $v) b: a }",
        data={"a": 3, "b": 1},
        errors=[],
    ),
]
