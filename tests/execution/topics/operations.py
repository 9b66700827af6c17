"""Which operation is executed, and everything that the compiling executor may leave to graphql-core."""

from typing import Any

from graphql import GraphQLSchema, build_schema

from tests.execution.case import Case, later, schema_of

_SDL = (
    "type Query { a: String b: Int sub: Query list: [Query] } type Mutation { m: String } "
    "type Subscription { s: String }"
)
_SCHEMA = schema_of(_SDL)
_QUERY_ONLY = schema_of("type Query { a: String }")
_DEFER = build_schema(_SDL + " directive @defer(if: Boolean, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT")
_STREAM = build_schema(_SDL + " directive @stream(if: Boolean, label: String, initialCount: Int) on FIELD")
_CUSTOM = build_schema(_SDL + " directive @mark(text: String) on FIELD | QUERY | FRAGMENT_SPREAD | INLINE_FRAGMENT")
_RENAMED = build_schema(
    "schema { query: Root mutation: Change } type Root { a: String schema: String } type Change { m: Root }"
)
_TWO = "query One { a } query Two { b } mutation Three { m }"


def _root() -> Any:
    return {"a": "A", "b": 1, "m": "M", "s": "S", "sub": {"a": "sub"}, "list": [{"a": "1"}, {"a": "2"}]}


def _case(name: str, query: str, schema: GraphQLSchema = _SCHEMA, **more: Any) -> Case:
    return Case(name, schema, query, _root, **more)


def _core(name: str, query: str, schema: GraphQLSchema = _SCHEMA, **more: Any) -> Case:
    """A case that may fall back."""
    return Case(name, schema, query, _root, fallback=True, **more)


CASES = [
    _case("the only operation, without a name", "{ a }", data={"a": "A"}, errors=[]),
    _case("the only operation, named", "query One { a }", data={"a": "A"}, errors=[]),
    _case("the only operation by its name", "query One { a }", operation_name="One", data={"a": "A"}, errors=[]),
    _case("the first of several", _TWO, operation_name="One", data={"a": "A"}, errors=[]),
    _case("the second of several", _TWO, operation_name="Two", data={"b": 1}, errors=[]),
    _case("a mutation among queries", _TWO, operation_name="Three", data={"m": "M"}, errors=[]),
    _core(
        "several and no name",
        _TWO,
        data=None,
        errors=[("Must provide operation name if query contains multiple operations.", None)],
    ),
    _core(
        "an unknown name", _TWO, operation_name="Four", data=None, errors=[("Unknown operation named 'Four'.", None)]
    ),
    _core("an empty name", "{ a }", operation_name="", data=None, errors=[("Unknown operation named ''.", None)]),
    _core(
        "a name where the operation has none",
        "{ a }",
        operation_name="One",
        data=None,
        errors=[("Unknown operation named 'One'.", None)],
    ),
    _core(
        "no operation",
        "fragment F on Query { a }",
        valid=False,
        data=None,
        errors=[("Must provide an operation.", None)],
    ),
    _core("a mutation without a root", "mutation { m }", _QUERY_ONLY, valid=False, data=None),
    _case(
        "variables of the chosen operation only",
        "query One($x: Int!) { a } query Two($y: Int) { b }",
        operation_name="Two",
        variables={},
        valid=False,
        data={"b": 1},
        errors=[],
    ),
    _case(
        "a fragment between two operations",
        "query One { ...F } fragment F on Query { a } query Two { ...F b }",
        operation_name="Two",
        data={"a": "A", "b": 1},
        errors=[],
    ),
    _case(
        "root types of other names",
        "mutation { __typename m { __typename a } }",
        _RENAMED,
        data={"__typename": "Change", "m": {"__typename": "Root", "a": None}},
        errors=[],
    ),
    _case("a field that looks like a meta field", "{ schema a }", _RENAMED, data={"schema": None, "a": "A"}, errors=[]),
    _core(
        "the schema beside data",
        "{ a __schema { queryType { name } } b }",
        data={"a": "A", "__schema": {"queryType": {"name": "Query"}}, "b": 1},
        errors=[],
    ),
    _core(
        "a type beside data",
        '{ a __type(name: "Mutation") { name kind fields { name type { name } } } }',
        data={
            "a": "A",
            "__type": {"name": "Mutation", "kind": "OBJECT", "fields": [{"name": "m", "type": {"name": "String"}}]},
        },
        errors=[],
    ),
    _core("an unknown type", '{ __type(name: "Nothing") { name } }', data={"__type": None}, errors=[]),
    _core(
        "a type by a variable",
        "query ($n: String!) { t: __type(name: $n) { name } }",
        variables={"n": "Query"},
        data={"t": {"name": "Query"}},
        errors=[],
    ),
    _core("the schema in a fragment", "{ ...F } fragment F on Query { __schema { types { name } } a }"),
    _core("a subscription is executed as a query", "subscription { s }", data={"s": "S"}, errors=[]),
    _core("@defer unknown to the schema", "{ ... @defer { a } }", valid=False),
    _core("@stream unknown to the schema", "{ list @stream { a } }", valid=False),
    _core("@defer known to the schema", "{ ... @defer { a } }", _DEFER),
    _core("@defer switched off", "{ ... @defer(if: false) { a } }", _DEFER),
    _core("@stream known to the schema", "{ list @stream(initialCount: 1) { a } }", _STREAM),
    _core("errors are not spread", "query @experimental_disableErrorPropagation { a }", valid=False, data={"a": "A"}),
    _case(
        "directives of one's own do nothing",
        '{ a @mark(text: "x") ... @mark { b } ...F @mark } fragment F on Query { sub @mark { a } }',
        _CUSTOM,
        data={"a": "A", "b": 1, "sub": {"a": "sub"}},
        errors=[],
    ),
    _core("a directive of one's own on the operation", "query @mark { a }", _CUSTOM, data={"a": "A"}, errors=[]),
    _case(
        "an unknown field is left out",
        "{ a nothing sub { nothing a } }",
        valid=False,
        data={"a": "A", "sub": {"a": "sub"}},
        errors=[],
    ),
    _core("an unknown fragment is left out", "{ a ...Nothing }", valid=False, data={"a": "A"}, errors=[]),
    _core("an unknown condition is left out", "{ a ... on Nothing { b } }", valid=False, data={"a": "A"}, errors=[]),
    _core(
        "a fragment that spreads itself",
        "{ ...F } fragment F on Query { a ...F }",
        valid=False,
        data={"a": "A"},
        errors=[],
    ),
    _core(
        "a fragment that spreads itself below a field",
        "{ ...F } fragment F on Query { a sub { ...F } }",
        valid=False,
        data={"a": "A", "sub": {"a": "sub", "sub": None}},
        errors=[],
    ),
    Case(
        "a root of coroutines",
        _SCHEMA,
        "{ a sub { a } }",
        lambda: {"a": lambda info: later("A"), "sub": lambda info: later({"a": "x"})},
        data={"a": "A", "sub": {"a": "x"}},
        errors=[],
    ),
    Case(
        "a root that is called for its fields",
        _SCHEMA,
        "{ a b }",
        lambda: {"a": lambda info: info.field_name, "b": lambda info: len(info.path.as_list())},
        data={"a": "a", "b": 1},
        errors=[],
    ),
]
