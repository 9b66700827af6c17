"""Field merging, aliases and the order of keys."""

from tests.execution.case import Case, echo, later, schema_of

_SCHEMA = schema_of(
    """
    type Query { a: String b: String c: String d(x: Int): String self: Query me: User! list: [User] late: Query }
    type User { id: ID name: String friend: User age: Int }
    """,
    {"Query.d": echo},
)


def _user() -> dict[str, object]:
    return {"id": 1, "name": "n", "age": 3, "friend": {"id": 2, "name": "f", "age": 4}}


def _root() -> object:
    root: dict[str, object] = {"a": "A", "b": "B", "c": "C", "me": _user(), "list": [_user(), _user()]}
    root["self"] = root
    root["late"] = lambda info: later(root)
    return root


def _case(name: str, query: str, data: object) -> Case:
    return Case(name, _SCHEMA, query, _root, data=data, errors=[])


_DEEP = "{ self " * 20 + "{ a }" + " }" * 20


def _deep(depth: int) -> object:
    return {"a": "A"} if depth == 0 else {"self": _deep(depth - 1)}


CASES = [
    _case("keys come in the order of the selection", "{ c a b }", {"c": "C", "a": "A", "b": "B"}),
    _case("a field asked twice keeps its first place", "{ b a b c a }", {"b": "B", "a": "A", "c": "C"}),
    _case("an alias names the key", "{ x: a y: b }", {"x": "A", "y": "B"}),
    _case("one field under several aliases", "{ x: a a y: a }", {"x": "A", "a": "A", "y": "A"}),
    _case("aliases may exchange names", "{ a: b b: a }", {"a": "B", "b": "A"}),
    _case("an alias of a Python keyword", "{ class: a def: b None: c }", {"class": "A", "def": "B", "None": "C"}),
    _case("an alias of a Python built-in", "{ str: a len: b self: c }", {"str": "A", "len": "B", "self": "C"}),
    _case("an alias that looks private", "{ _: a __x: b _0: c }", {"_": "A", "__x": "B", "_0": "C"}),
    _case("one alias twice", "{ x: a b x: a }", {"x": "A", "b": "B"}),
    _case(
        "arguments under aliases",
        "{ one: d(x: 1) two: d(x: 2) d }",
        {"one": '{"x": 1}', "two": '{"x": 2}', "d": "{}"},
    ),
    _case("the same arguments merge", "{ d(x: 1) a d(x: 1) }", {"d": '{"x": 1}', "a": "A"}),
    _case("sub-selections merge", "{ me { id } me { name } }", {"me": {"id": "1", "name": "n"}}),
    _case(
        "merged sub-selections keep first places",
        "{ me { name id } a me { age name } }",
        {"me": {"name": "n", "id": "1", "age": 3}, "a": "A"},
    ),
    _case(
        "sub-selections merge at every depth",
        "{ me { friend { id } } me { friend { name } id } me { friend { age id } } }",
        {"me": {"friend": {"id": "2", "name": "f", "age": 4}, "id": "1"}},
    ),
    _case(
        "different aliases do not merge",
        "{ x: me { id } y: me { name } }",
        {"x": {"id": "1"}, "y": {"name": "n"}},
    ),
    _case(
        "a field and a fragment merge",
        "{ me { id } ...F } fragment F on Query { me { name } }",
        {"me": {"id": "1", "name": "n"}},
    ),
    _case(
        "a fragment before the field sets the order",
        "{ ...F me { id } b } fragment F on Query { b me { name } }",
        {"b": "B", "me": {"name": "n", "id": "1"}},
    ),
    _case(
        "inline fragments and fields merge",
        "{ me { ... { id } ... on User { name id } age } }",
        {"me": {"id": "1", "name": "n", "age": 3}},
    ),
    _case(
        "merging inside lists",
        "{ list { id } list { name } }",
        {"list": [{"id": "1", "name": "n"}, {"id": "1", "name": "n"}]},
    ),
    _case("the same object under itself", "{ self { self { a } b } }", {"self": {"self": {"a": "A"}, "b": "B"}}),
    _case("twenty levels", _DEEP, _deep(20)),
    _case(
        "two awaited selections of one field",
        "{ late { a } late { b } c }",
        {"late": {"a": "A", "b": "B"}, "c": "C"},
    ),
    _case(
        "awaited and plain keys keep the selection's order",
        "{ a late { c } b x: late { a } }",
        {"a": "A", "late": {"c": "C"}, "b": "B", "x": {"a": "A"}},
    ),
    _case(
        "__typename merges",
        "{ __typename me { __typename } me { __typename id } t: __typename __typename }",
        {"__typename": "Query", "me": {"__typename": "User", "id": "1"}, "t": "Query"},
    ),
    _case(
        "a conditional first occurrence leaves the place to the second",
        "{ a @skip(if: true) b a }",
        {"b": "B", "a": "A"},
    ),
]
