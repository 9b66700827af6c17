"""Wide, deep and long operations."""

from typing import Any

from tests.execution.case import Case, later, nested, schema_of

_SCHEMA = schema_of(
    "interface Node { id: Int node: Node } type Query implements Node { id: Int child: Query text: String "
    "list: [Query] node: Node nodes: [Node] } type Leaf implements Node { id: Int node: Node }",
    resolve_type={"Node": lambda value, info, type_: "Leaf" if value.get("leaf") else "Query"},
)
_WIDE = 500


def _deep_query(depth: int, leaf: str = "id", field: str = "child") -> str:
    return f"{{ {field} " * depth + f"{{ {leaf} }}" + " }" * depth


def _late_nested(depth: int) -> Any:
    value: Any = {"id": 1}
    for _ in range(depth):
        value = {"child": later(value)}
    return value


def _case(name: str, query: str, root: Any, data: Any, **more: Any) -> Case:
    return Case(name, _SCHEMA, query, root, data=data, errors=[], **more)


def _spreads(number: int) -> str:
    return " ".join(f"fragment F{i} on Query {{ f{i}: id ...F{i + 1} }}" for i in range(number)) + (
        f" fragment F{number} on Query {{ end: id }}"
    )


CASES = [
    _case(
        "five hundred fields",
        "{ " + " ".join(f"f{i}: id" for i in range(_WIDE)) + " }",
        lambda: {"id": 1},
        {f"f{i}": 1 for i in range(_WIDE)},
    ),
    _case(
        "five hundred objects beside each other",
        "{ " + " ".join(f"f{i}: child {{ id }}" for i in range(_WIDE)) + " }",
        lambda: {"child": {"id": 1}},
        {f"f{i}": {"id": 1} for i in range(_WIDE)},
    ),
    _case(
        "five hundred awaited fields",
        "{ " + " ".join(f"f{i}: id" for i in range(_WIDE)) + " }",
        lambda: {"id": lambda info: later(1)},
        {f"f{i}": 1 for i in range(_WIDE)},
    ),
    _case("one field five hundred times", "{ " + "id " * _WIDE + "}", lambda: {"id": 1}, {"id": 1}),
    _case("fifty levels", _deep_query(50), lambda: nested(50, {"id": 1}), nested(50, {"id": 1})),
    _case("a hundred levels", _deep_query(100), lambda: nested(100, {"id": 1}), nested(100, {"id": 1}), fallback=True),
    _case("thirty awaited levels", _deep_query(30), lambda: _late_nested(30), nested(30, {"id": 1})),
    _case(
        "twenty levels of an interface",
        _deep_query(20, "id __typename", "node"),
        lambda: nested(20, {"id": 1, "leaf": 1}, "node"),
        nested(20, {"id": 1, "__typename": "Leaf"}, "node"),
    ),
    _case(
        "a hundred fragments in a row",
        "{ ...F0 } " + _spreads(100),
        lambda: {"id": 1},
        {**{f"f{i}": 1 for i in range(100)}, "end": 1},
    ),
    _case(
        "two hundred inline fragments inside each other",
        "{ " + "... { " * 100 + "id" + " }" * 100 + " }",
        lambda: {"id": 1},
        {"id": 1},
    ),
    _case(
        "a thousand rows of ten fields",
        "{ list { " + " ".join(f"f{i}: id" for i in range(10)) + " } }",
        lambda: {"list": [{"id": n} for n in range(1_000)]},
        {"list": [{f"f{i}": n for i in range(10)} for n in range(1_000)]},
    ),
    _case(
        "a thousand rows of an interface",
        "{ nodes { __typename id } }",
        lambda: {"nodes": [{"id": n, "leaf": n % 2} for n in range(1_000)]},
        {"nodes": [{"__typename": "Leaf" if n % 2 else "Query", "id": n} for n in range(1_000)]},
    ),
    _case(
        "ten lists of ten lists of ten",
        "{ list { list { list { id } } } }",
        lambda: {"list": [{"list": [{"list": [{"id": k} for k in range(10)]}] * 10}] * 10},
        {"list": [{"list": [{"list": [{"id": k} for k in range(10)]}] * 10}] * 10},
    ),
    _case("a text of a megabyte", "{ text }", lambda: {"text": "é" * 500_000}, {"text": "é" * 500_000}),
    _case("names of two hundred characters", "{ " + "n" * 200 + ": id }", lambda: {"id": 1}, {"n" * 200: 1}),
]
