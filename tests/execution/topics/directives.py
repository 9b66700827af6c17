"""`@skip` and `@include`, by literal and by variable, wherever they may stand."""

from collections.abc import Iterable
from itertools import product

from tests.execution.case import Case, schema_of

_SCHEMA = schema_of("type Query { a: String b: String c: String sub: Query list: [Query] }")


def _root() -> object:
    root: dict[str, object] = {"a": "A", "b": "B", "c": "C"}
    root["sub"] = root
    root["list"] = [root, root]
    return root


def _case(
    name: str, query: str, data: object, variables: dict[str, object] | None = None, errors: Iterable[object] = ()
) -> Case:
    return Case(name, _SCHEMA, query, _root, variables, data=data, errors=list(errors))


def _truth_table() -> list[Case]:
    """Both directives on one field, by literals and by variables: skipped wins."""
    cases = []
    for skip, include in product((True, False), repeat=2):
        data = {"a": "A"} if include and not skip else {}
        literals = f"@skip(if: {str(skip).lower()}) @include(if: {str(include).lower()})"
        cases.append(_case(f"literals skip {skip} include {include}", f"{{ a {literals} }}", data))
        for place, text in _PLACES.items():
            query = f"query ($s: Boolean!, $i: Boolean!) {text.replace('@@', '@include(if: $i) @skip(if: $s)')}"
            cases.append(
                _case(f"variables skip {skip} include {include} on {place}", query, data, {"s": skip, "i": include})
            )
    return cases


_PLACES = {
    "a field": "{ a @@ }",
    "an inline fragment": "{ ... @@ { a } }",
    "a conditional inline fragment": "{ ... on Query @@ { a } }",
    "a spread": "{ ...F @@ } fragment F on Query { a }",
}

CASES = [
    *_truth_table(),
    _case("all fields skipped", "{ a @skip(if: true) b @include(if: false) }", {}),
    _case("all sub-fields skipped", "{ sub { a @skip(if: true) } }", {"sub": {}}),
    _case("all sub-fields of a list skipped", "{ list { a @include(if: false) } }", {"list": [{}, {}]}),
    _case("a default value", "query ($s: Boolean = true) { a @skip(if: $s) b }", {"b": "B"}),
    _case(
        "a default overridden", "query ($s: Boolean = true) { a @skip(if: $s) b }", {"a": "A", "b": "B"}, {"s": False}
    ),
    _case("a default for a required variable", "query ($s: Boolean! = false) { a @include(if: $s) b }", {"b": "B"}),
    _case(
        "one variable both ways",
        "query ($x: Boolean!) { a @skip(if: $x) b @include(if: $x) c }",
        {"b": "B", "c": "C"},
        {"x": True},
    ),
    _case(
        "one occurrence of a field is enough",
        "query ($x: Boolean!) { a @skip(if: $x) b a @include(if: $x) }",
        {"b": "B", "a": "A"},
        {"x": True},
    ),
    _case(
        "a skipped sub-selection does not merge",
        "query ($x: Boolean!) { sub { a } sub @skip(if: $x) { b } }",
        {"sub": {"a": "A"}},
        {"x": True},
    ),
    _case(
        "a skipped spread does not use the fragment up",
        "{ ...F @skip(if: true) b ...F } fragment F on Query { a }",
        {"b": "B", "a": "A"},
    ),
    _case(
        "conditions within conditions",
        "query ($x: Boolean!, $y: Boolean!) { ... @include(if: $x) { a ... @include(if: $y) { b } } c }",
        {"a": "A", "c": "C"},
        {"x": True, "y": False},
    ),
    _case(
        "conditions within fragments",
        "query ($x: Boolean!) { ...F } fragment F on Query { a @skip(if: $x) sub { b @skip(if: $x) c } }",
        {"sub": {"c": "C"}},
        {"x": True},
    ),
    _case(
        "many variables",
        "query ("
        + " ".join(f"$v{i}: Boolean!" for i in range(12))
        + ") { "
        + " ".join(f"k{i}: a @include(if: $v{i})" for i in range(12))
        + " }",
        {f"k{i}": "A" for i in range(0, 12, 3)},
        {f"v{i}": i % 3 == 0 for i in range(12)},
    ),
    _case(
        "__typename can be skipped",
        "{ __typename @skip(if: true) a t: __typename @include(if: true) }",
        {"a": "A", "t": "Query"},
    ),
    _case(
        "a missing required variable",
        "query ($x: Boolean!) { a @skip(if: $x) }",
        None,
        None,
        [("Variable '$x' has invalid value: Expected a value of non-null type 'Boolean!' to be provided.", None)],
    ),
    _case(
        "a required variable of null",
        "query ($x: Boolean!) { a @skip(if: $x) }",
        None,
        {"x": None},
        [("Variable '$x' has invalid value: Expected value of non-null type 'Boolean!' not to be None.", None)],
    ),
    _case(
        "a required variable of another type",
        "query ($x: Boolean!) { a @skip(if: $x) }",
        None,
        {"x": "yes"},
        [("Variable '$x' has invalid value: Boolean cannot represent a non boolean value: 'yes'", None)],
    ),
    _case(
        "one is no boolean",
        "query ($x: Boolean!) { a @include(if: $x) }",
        None,
        {"x": 1},
        [("Variable '$x' has invalid value: Boolean cannot represent a non boolean value: 1", None)],
    ),
    Case(
        "null for a variable with a default at the root",
        _SCHEMA,
        "query ($x: Boolean = true) { a @skip(if: $x) }",
        _root,
        {"x": None},
        fallback=True,
        data=None,
    ),
    Case(
        "null for a variable with a default below the root",
        _SCHEMA,
        "query ($x: Boolean = true) { b sub { a @include(if: $x) } }",
        _root,
        {"x": None},
        fallback=True,
        data={"b": "B", "sub": None},
    ),
    Case(
        "null for a variable with a default in a list",
        _SCHEMA,
        "query ($x: Boolean = true) { b list { ... @include(if: $x) { a } } }",
        _root,
        {"x": None},
        fallback=True,
        data={"b": "B", "list": [None, None]},
    ),
    Case(
        "null for a variable behind another that excludes it",
        _SCHEMA,
        "query ($x: Boolean = true, $y: Boolean!) { b ... @include(if: $y) { a @skip(if: $x) } }",
        _root,
        {"x": None, "y": False},
        fallback=True,
        data={"b": "B"},
    ),
    Case(
        "null for include where skip has already excluded",
        _SCHEMA,
        "query ($x: Boolean = true) { b a @skip(if: true) @include(if: $x) }",
        _root,
        {"x": None},
        fallback=True,
        data={"b": "B"},
    ),
]
