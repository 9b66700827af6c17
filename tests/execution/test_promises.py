"""What the executor under test promises beyond its answers: how often relations are called, and leaving nothing."""

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeGuard

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, parse

from core.execution.compiled import compile_operation
from tests.execution.case import fails_later, later, schema_of
from tests.execution.executors import Request, by_tested

_SDL = """
    type Query { users: [User] other: User late: [User] l: [Int!] o: [User!] a: Int! b: Int }
    type User { id: Int friend: User friends(first: Int): [User] must: Int! }
    type Mutation { users: [User] }
"""
_USERS = [{"id": number} for number in range(5)]


def _counted() -> tuple[GraphQLSchema, list[list[int]]]:
    """A schema whose relations write down of whom they are asked at once."""
    calls: list[list[int]] = []

    async def friend(context: Any, parents: Sequence[Any], first: int | None = None) -> Any:
        calls.append([parent["id"] for parent in parents])
        await asyncio.sleep(0)
        found = [{"id": parent["id"] + 10} for parent in parents]
        return [[one] for one in found] if first else found

    schema = schema_of(_SDL)
    fields: Any = schema.type_map["User"]
    for name in ("friend", "friends"):
        fields.fields[name].extensions = {"batch": friend}
    return schema, calls


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ users { friend { id } } }", [[0, 1, 2, 3, 4]]),
        ("{ users { friend { friend { id } } } }", [[0, 1, 2, 3, 4], [10, 11, 12, 13, 14]]),
        ("{ users { friends(first: 1) { id } } }", [[0, 1, 2, 3, 4]]),
        ("{ users { friends(first: 1) { friend { id } } } }", [[0, 1, 2, 3, 4], [10, 11, 12, 13, 14]]),
        ("mutation { x: users { friend { id } } y: users { friend { id } } }", [[0, 1, 2, 3, 4]] * 2),
    ],
)
async def test_a_relation_is_called_once_for_all_parents(query: str, expected: list[list[int]]) -> None:
    schema, calls = _counted()
    result, ran = await by_tested(Request(schema, parse(query), lambda: {"users": _USERS}))
    assert (result.errors, ran) == (None, "compiled")
    assert calls == expected


def _names_below(field: Any) -> str | None:
    """A plan: the names of what is asked of a user; none where nothing is."""
    return " ".join(one.name for one in field.below["User"].fields) or None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ users { friend { id } } }", [["id"]]),
        ("{ users { friend { id must } } other { friend { must } } }", [["id must", "must"]]),
        ("{ users { friend { id } } other { friend { __typename } } }", [["id", None]]),
        ("{ users { friend { __typename } } }", [()]),
        ("{ users { friend { friend { id } } } }", [["friend"], ["id"]]),
    ],
)
async def test_a_relation_is_told_the_plans_of_all_fields_that_ask_at_once(query: str, expected: list[Any]) -> None:
    told: list[Any] = []

    async def friend(context: Any, parents: Sequence[Any], plans: Any = (), /) -> Any:
        told.append(plans)
        return [{"id": 1, "must": 2} for _ in parents]

    schema = schema_of(_SDL)
    fields: Any = schema.type_map["User"]
    fields.fields["friend"].extensions = {"batch": friend, "planner": _names_below}
    root = {"users": _USERS, "other": {"id": 9}}
    result, ran = await by_tested(Request(schema, parse(query), lambda: root))
    assert (result.errors, ran, told) == (None, "compiled", expected)


@pytest.mark.parametrize(
    ("query", "root"),
    [
        pytest.param("{ l }", lambda: {"l": ["x", later(1), fails_later()]}),
        pytest.param("{ l }", lambda: {"l": [later(1), "x", later(2)]}),
        pytest.param("{ o { must } }", lambda: {"o": [{"must": later(1)}, {"must": None}, later({"must": 2})]}),
        ("{ b a }", lambda: {"b": lambda info: later(1, 9), "a": None}),
        ("{ b a }", lambda: {"b": lambda info: later(1, 9), "a": lambda info: fails_later()}),
        ("{ a b }", lambda: {"b": lambda info: fails_later(turns=9), "a": lambda info: fails_later()}),
        ("{ l b }", lambda: {"l": lambda info: [later(1, 9), fails_later(), later(2, 9)], "b": 1}),
    ],
)
async def test_no_coroutine_and_no_task_is_left(query: str, root: Callable[[], Any]) -> None:
    schema = schema_of(_SDL)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = asyncio.all_tasks()
        # An error keeps the frames it was raised in, and those what stood in them: it must not outlive this line.
        assert (await by_tested(Request(schema, parse(query), root)))[1] == "compiled"
        assert asyncio.all_tasks() == before
        gc.collect()
    assert [str(one.message) for one in caught] == []


async def test_a_cancelled_execution_leaves_no_task() -> None:
    hanging = asyncio.Event()
    ended = []

    async def resolve(info: Any) -> Any:
        try:
            await hanging.wait()
        finally:
            ended.append(info.path.key)

    before = asyncio.all_tasks()
    root = {"x": resolve, "users": [{"must": resolve}, {"must": resolve}], "b": resolve}
    request = Request(schema_of(_SDL), parse("{ b users { must } }"), lambda: root)
    task = asyncio.ensure_future(by_tested(request))
    await later(None, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == ["b", "must", "must"]
    assert asyncio.all_tasks() == before


class Row:
    """A row of the ORM: it has `__await__`, and yet it is the value."""

    id = 1

    def __await__(self) -> Any:
        raise AssertionError("a row is not to be awaited")


def is_coroutine(value: Any) -> TypeGuard[Awaitable[Any]]:
    """What the product awaits."""
    return asyncio.iscoroutine(value)


async def test_what_is_awaited_can_be_told() -> None:
    schema = schema_of(_SDL)
    document = parse("{ users { id } other { id } late { id } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    plan = compile_operation(schema, document, operation, {})
    root = {"users": [Row(), later(Row())], "other": Row(), "late": later([Row()])}
    result = await plan.execute(root, None, {}, is_coroutine)
    assert result.errors is None
    assert result.data == {"users": [{"id": 1}, {"id": 1}], "other": {"id": 1}, "late": [{"id": 1}]}


async def test_a_plan_can_be_carried_out_many_times_at_once() -> None:
    schema = schema_of(_SDL)
    document = parse("query ($x: Boolean!) { users { id @skip(if: $x) must } b }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    plan = compile_operation(schema, document, operation, {"x": False})

    def root(number: int) -> Any:
        users = [{"id": lambda info: later(number, number % 3), "must": None if number % 2 else 1}]
        return {"users": users, "b": lambda info: later(number, number % 5)}

    found = await asyncio.gather(*(plan.execute(root(number), None, {"x": False}) for number in range(50)))
    for number, result in enumerate(found):
        assert result.data == {"users": [None if number % 2 else {"id": number, "must": 1}], "b": number}
        assert len(result.errors or ()) == number % 2
