"""Mutations: one root field after the other, whatever each of them awaits."""

from collections.abc import Callable
from typing import Any

from tests.execution.agreement import Order
from tests.execution.case import Case, fails, fails_later, later, schema_of

_SCHEMA = schema_of(
    """
    type Query { q: Int }
    type Mutation { add(n: Int!, turns: Int = 0): Step slow(n: Int!): Step! fail(late: Boolean = false): Int
                    must(late: Boolean = false): Int! log: [String!]! steps(n: Int!): [Step!] note: String }
    type Step { n: Int! log: [String!]! after(turns: Int = 1): Step bad: Int! list: [Step] note(text: String!): String }
    """
)


def _note(info: Any, text: str) -> None:
    info.context.append(text)


async def _add(source: Any, info: Any, n: int, turns: int = 0) -> Any:
    _note(info, f"begin {n}")
    await later(None, turns)
    _note(info, f"end {n}")
    return {"n": n}


def _slow(source: Any, info: Any, n: int) -> Any:
    _note(info, f"begin {n}")
    return {"n": n}


async def _after(source: Any, info: Any, turns: int) -> Any:
    await later(None, turns)
    _note(info, f"after {source['n']}")
    return source


def _log(source: Any, info: Any) -> Any:
    return list(info.context)


def _write(source: Any, info: Any, text: str) -> Any:
    _note(info, text)
    return later(text, 3)


def _fail(source: Any, info: Any, late: bool) -> Any:
    _note(info, "fail")
    return fails_later("failed", 2) if late else fails("failed")(info)


def _steps(source: Any, info: Any, n: int) -> Any:
    return [later({"n": number}) for number in range(n)]


_RESOLVERS: dict[str, Callable[..., Any]] = {
    "Mutation.add": _add,
    "Mutation.slow": _slow,
    "Mutation.fail": _fail,
    "Mutation.must": _fail,
    "Mutation.log": _log,
    "Mutation.steps": _steps,
    "Step.after": _after,
    "Step.log": _log,
    "Step.note": _write,
    "Step.bad": lambda source, info: None,
    "Step.list": lambda source, info: [source, later(source, 4)],
}
for _name, _resolver in _RESOLVERS.items():
    _type, _field = _name.split(".")
    _SCHEMA.type_map[_type].fields[_field].resolve = _resolver  # type: ignore[attr-defined]

_FAILED = ("failed", ["fail"])


def _case(name: str, query: str, data: Any, errors: Any = (), **more: Any) -> Case:
    return Case(name, _SCHEMA, query, context=list, data=data, errors=list(errors), **more)


CASES = [
    _case(
        "slow ones do not overlap",
        "mutation { a: add(n: 1, turns: 9) { n } b: add(n: 2) { n } log }",
        {"a": {"n": 1}, "b": {"n": 2}, "log": ["begin 1", "end 1", "begin 2", "end 2"]},
    ),
    _case(
        "ones that need no waiting",
        "mutation { a: slow(n: 1) { n } b: slow(n: 2) { n } log }",
        {"a": {"n": 1}, "b": {"n": 2}, "log": ["begin 1", "begin 2"]},
    ),
    _case(
        "the next waits for the sub-selection",
        "mutation { a: slow(n: 1) { after(turns: 9) { n } } b: slow(n: 2) { n } log }",
        {"a": {"after": {"n": 1}}, "b": {"n": 2}, "log": ["begin 1", "after 1", "begin 2"]},
    ),
    _case(
        "the next waits for deep sub-selections",
        "mutation { a: slow(n: 1) { after { after { after { n } } } } b: slow(n: 2) { log } }",
        {
            "a": {"after": {"after": {"after": {"n": 1}}}},
            "b": {"log": ["begin 1", "after 1", "after 1", "after 1", "begin 2"]},
        },
    ),
    _case(
        "the next waits for lists",
        "mutation { steps(n: 3) { n after(turns: 4) { n } } log }",
        {"steps": [{"n": n, "after": {"n": n}} for n in range(3)], "log": ["after 0", "after 1", "after 2"]},
        order=Order.SORTED,
    ),
    _case(
        "fields below a mutation overlap",
        'mutation { a: slow(n: 1) { x: note(text: "x") y: note(text: "y") log } log }',
        {"a": {"x": "x", "y": "y", "log": ["begin 1", "x", "y"]}, "log": ["begin 1", "x", "y"]},
    ),
    _case(
        "an error does not stop the next",
        "mutation { fail a: slow(n: 1) { n } log }",
        {"fail": None, "a": {"n": 1}, "log": ["fail", "begin 1"]},
        [_FAILED],
    ),
    _case(
        "a late error does not stop the next",
        "mutation { fail(late: true) a: slow(n: 1) { n } log }",
        {"fail": None, "a": {"n": 1}, "log": ["fail", "begin 1"]},
        [_FAILED],
    ),
    _case(
        "errors of several",
        "mutation { fail x: fail(late: true) y: fail log }",
        {"fail": None, "x": None, "y": None, "log": ["fail"] * 3},
        [_FAILED, ("failed", ["x"]), ("failed", ["y"])],
    ),
    _case(
        "an error that nulls a sub-selection",
        "mutation { a: add(n: 1) { bad } b: add(n: 2) { n } }",
        {"a": None, "b": {"n": 2}},
        [("Cannot return null for non-nullable field Step.bad.", ["a", "bad"])],
    ),
    _case(
        "an error that nulls the root ends it", "mutation { must a: slow(n: 1) { n } }", None, [("failed", ["must"])]
    ),
    _case(
        "a late error that nulls the root ends it",
        "mutation { must(late: true) a: slow(n: 1) { n } }",
        None,
        [("failed", ["must"])],
    ),
    _case(
        "a nulled sub-selection that must be there",
        "mutation { x: slow(n: 0) { bad } a: slow(n: 1) { n } }",
        None,
        [("Cannot return null for non-nullable field Step.bad.", ["x", "bad"])],
    ),
    _case(
        "errors before the one that nulls the root",
        "mutation { fail must a: fail }",
        None,
        [_FAILED, ("failed", ["must"])],
    ),
    _case(
        "merged root fields run once",
        "mutation { a: slow(n: 1) { n } log a: slow(n: 1) { log } }",
        {"a": {"n": 1, "log": ["begin 1"]}, "log": ["begin 1"]},
    ),
    _case(
        "fields in fragments keep the order",
        "mutation { ...F b: slow(n: 2) { n } log } fragment F on Mutation { a: add(n: 1, turns: 3) { n } }",
        {"a": {"n": 1}, "b": {"n": 2}, "log": ["begin 1", "end 1", "begin 2"]},
    ),
    _case(
        "skipped ones do not run",
        "mutation ($x: Boolean!) { a: slow(n: 1) @skip(if: $x) { n } b: slow(n: 2) { n } log }",
        {"b": {"n": 2}, "log": ["begin 2"]},
        variables={"x": True},
    ),
    _case(
        "__typename of a mutation",
        "mutation { __typename a: slow(n: 1) { __typename } t: __typename }",
        {"__typename": "Mutation", "a": {"__typename": "Step"}, "t": "Mutation"},
    ),
    _case(
        "fifty in a row",
        "mutation { " + " ".join(f"a{i}: add(n: {i}, turns: {i % 3}) {{ n }}" for i in range(50)) + " }",
        {f"a{i}": {"n": i} for i in range(50)},
    ),
    _case(
        "a wrong argument does not stop the next",
        "mutation ($v: Int = 1) { a: add(n: $v) { n } b: slow(n: 2) { n } }",
        {"a": None, "b": {"n": 2}},
        [
            (
                "Argument 'n' has invalid value: Expected variable '$v' provided to non-null type "
                "'Int!' not to be None.",
                ["a"],
            )
        ],
        variables={"v": None},
    ),
    _case("a query of the same schema is not serial", "{ q }", {"q": None}),
]
