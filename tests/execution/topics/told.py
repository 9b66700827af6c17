"""What resolvers are told of the execution: every part of `info`."""

import json
from typing import Any

from graphql import GraphQLSchema

from tests.execution.case import Case, later, schema_of

_SDL = """
    interface Named { name: String told: String }
    type Query { told(x: Int): String must: String! sub: Sub list: [Sub!]! grid: [[Sub]] named: [Named] late: Sub }
    type Sub implements Named { name: String told: String sub: Sub list: [Sub] }
    type Mutation { told: String sub: Sub }
"""


def _about(look: Any) -> GraphQLSchema:
    """A schema whose resolvers answer with what `look` sees in their info."""

    def told(source: Any, info: Any, **arguments: Any) -> str:
        return json.dumps(look(info), default=str)

    async def late(source: Any, info: Any) -> Any:
        return await later({})

    return schema_of(
        _SDL,
        {"Query.told": told, "Sub.told": told, "Mutation.told": told, "Query.must": told, "Query.late": late},
        resolve_type={"Named": lambda value, info, type_: "Sub"},
    )


def _root() -> Any:
    return {
        "sub": {"sub": {}, "list": [{}, {}]},
        "list": [{}, {"sub": {}}],
        "grid": [[{}, {}], [None, {}]],
        "named": [{}],
    }


_EVERYWHERE = """
query Everywhere($v: Int = 3, $w: [Int]) {
  told(x: $v) x: told must
  sub { told sub { ...F } list { y: told } }
  list { told sub { told } }
  grid { told }
  named { told ... on Sub { z: told } }
  late { told }
}
fragment F on Sub { told ... { more: told } }
mutation Other { told }
"""
_LOOKS: dict[str, Any] = {
    "field_name": lambda info: info.field_name,
    "path": lambda info: info.path.as_list(),
    "path's types": lambda info: _typenames(info.path),
    "path's key": lambda info: info.path.key,
    "parent_type": lambda info: info.parent_type.name,
    "parent_type is the schema's": lambda info: info.parent_type is info.schema.type_map[info.parent_type.name],
    "return_type": lambda info: str(info.return_type),
    "field_nodes": lambda info: [(node.name.value, node.loc.start) for node in info.field_nodes],
    "schema": lambda info: info.schema.query_type.name,
    "fragments": lambda info: {name: node.type_condition.name.value for name, node in info.fragments.items()},
    "root_value": lambda info: sorted(info.root_value),
    "operation": lambda info: info.operation.name.value if info.operation.name else None,
    "variable_values": lambda info: info.variable_values.coerced,
    "variables' sources": lambda info: sorted(info.variable_values.sources),
    "context": lambda info: info.context,
    "is_awaitable": lambda info: [info.is_awaitable(1), info.is_awaitable("x"), info.is_awaitable([])],
    "abort_signal": lambda info: info.abort_signal,
    "number of parts": lambda info: len(info),
    "parts by place": lambda info: [info[0], str(info[2]), str(info[3])],
    "replaced": lambda info: info._replace(context="other").context,
}


def _typenames(path: Any) -> list[Any]:
    found = []
    while path:
        found.append((path.key, path.typename))
        path = path.prev
    return found


def _variable_cases() -> list[Case]:
    schema = _about(lambda info: info.variable_values.coerced)
    rows: list[tuple[str, dict[str, Any] | None, Any]] = [
        ("given", {"v": 1, "w": [1, None]}, {"v": 1, "w": [1, None]}),
        ("a single value for a list", {"w": 1}, {"v": 3, "w": [1]}),
        ("null", {"v": None, "w": None}, {"v": None, "w": None}),
        ("unknown to the operation", {"u": 1}, {"v": 3}),
    ]
    query = "query ($v: Int = 3, $w: [Int]) { told(x: $v) }"
    return [
        Case(
            f"variables {name}", schema, query, variables=given, data={"told": json.dumps(seen)}, errors=[], valid=False
        )
        for name, given, seen in rows
    ]


CASES = [
    *(
        Case(
            f"{name} everywhere",
            _about(look),
            _EVERYWHERE,
            _root,
            {"w": 1},
            "Everywhere",
            lambda: "the context",
            valid=False,
        )
        for name, look in _LOOKS.items()
    ),
    *_variable_cases(),
    Case(
        "path through lists and aliases",
        _about(_LOOKS["path"]),
        "{ g: grid { t: told } }",
        _root,
        data={"g": [[{"t": '["g", 0, 0, "t"]'}, {"t": '["g", 0, 1, "t"]'}], [None, {"t": '["g", 1, 1, "t"]'}]]},
        errors=[],
    ),
    Case(
        "field_nodes of merged fields",
        _about(lambda info: len(info.field_nodes)),
        "{ told told ... { told } x: told }",
        _root,
        data={"told": "3", "x": "1"},
        errors=[],
    ),
    Case(
        "field_nodes without the skipped ones",
        _about(lambda info: len(info.field_nodes)),
        "{ told told @skip(if: true) }",
        _root,
        data={"told": "1"},
        errors=[],
    ),
    Case(
        "parent_type of a field of an interface",
        _about(_LOOKS["parent_type"]),
        "{ named { told } }",
        _root,
        data={"named": [{"told": '"Sub"'}]},
        errors=[],
    ),
    Case(
        "return_type of a required field",
        _about(_LOOKS["return_type"]),
        "{ must told }",
        _root,
        data={"must": '"String!"', "told": '"String"'},
        errors=[],
    ),
    Case(
        "path of a mutation",
        _about(_LOOKS["path"]),
        "mutation { a: told sub { told } }",
        _root,
        data={"a": '["a"]', "sub": {"told": '["sub", "told"]'}},
        errors=[],
    ),
    Case("no context", _about(_LOOKS["context"]), "{ told }", data={"told": "null"}, errors=[]),
]
