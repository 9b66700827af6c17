"""Batch relations: one call for many parents, answered as if each parent had been asked for itself."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from tests.execution.agreement import Order
from tests.execution.case import Case, later, schema_of

_SCHEMA = schema_of(
    """
    interface Named { name: String }
    type Team implements Named { name: String }
    type Query { one: User late: User users: [User] usersM: [User!] none: [User] again: [User] }
    type User implements Named { id: Int name: String must: String! friend: User
      friends(first: Int = 2, skip: [Int]): [User!]
      boss: User! named: Named broken: Int refused: Int given(n: Int, o: Order): String size: Size }
    type Mutation { user(id: Int!): User }
    input Order { by: String = "name" }
    enum Size { S M }
    """,
    resolve_type={"Named": lambda value, info, type_: value["kind"]},
    enums={"Size": {"S": 1, "M": 2}},
)
Batch = Callable[..., Any]


def as_resolver(batch: Batch) -> Callable[..., Any]:
    """How graphql-core is made to ask a batch relation: of one parent at a time."""

    async def resolve(source: Any, info: Any, **arguments: Any) -> Any:
        (value,) = await batch(info.context, [source], **arguments)
        return value

    return resolve


def add_batch(kind: Any, name: str, batch: Batch) -> None:
    """Makes a field a batch relation for the one executor, and its resolver for the other."""
    field = kind.fields[name]
    field.extensions = {**(field.extensions or {}), "batch": batch}
    field.resolve = as_resolver(batch)


def _user(number: int | None) -> Any:
    return None if number is None or number > 90 else {"id": number, "kind": "User"}


async def _names(context: Any, parents: Sequence[Any]) -> Any:
    await asyncio.sleep(0)
    return [f"user {parent['id']}" for parent in parents]


async def _must(context: Any, parents: Sequence[Any]) -> Any:
    return [None if parent["id"] % 3 == 2 else "there" for parent in parents]


async def _friend(context: Any, parents: Sequence[Any]) -> Any:
    await asyncio.sleep(0)
    return tuple(_user(parent["id"] * 10) for parent in parents)


async def _friends(context: Any, parents: Sequence[Any], first: int, skip: Any = ()) -> Any:
    return [[_user(parent["id"] * 10 + n) for n in range(first) if n not in (skip or ())] for parent in parents]


async def _boss(context: Any, parents: Sequence[Any]) -> Any:
    return [_user(1) if parent["id"] < 3 else LookupError(f"no boss of {parent['id']}") for parent in parents]


async def _named(context: Any, parents: Sequence[Any]) -> Any:
    kinds = ("User", "Team", "Nothing", None)
    return [{"id": 7, "name": "x", "kind": kinds[parent["id"] % 4]} for parent in parents]


async def _broken(context: Any, parents: Sequence[Any]) -> Any:
    await asyncio.sleep(0)
    raise RuntimeError("the database is away")


def _refused(context: Any, parents: Sequence[Any]) -> Any:
    raise PermissionError("not for you")


async def _given(context: Any, parents: Sequence[Any], **arguments: Any) -> Any:
    return [f"{parent['id']} {context} {arguments}" for parent in parents]


async def _size(context: Any, parents: Sequence[Any]) -> Any:
    return [parent["id"] for parent in parents]


_BATCHES: dict[str, Batch] = {
    "name": _names, "must": _must, "friend": _friend, "friends": _friends, "boss": _boss, "named": _named,
    "broken": _broken, "refused": _refused, "given": _given, "size": _size,
}  # fmt: skip
for _name, _batch in _BATCHES.items():
    add_batch(_SCHEMA.type_map["User"], _name, _batch)


def _root() -> Any:
    same = _user(1)
    return {
        "one": _user(1),
        "late": lambda info: later(_user(2)),
        "users": [_user(1), _user(2), None, _user(3)],
        "usersM": [_user(1), _user(2), _user(3)],
        "none": [],
        "again": [same, same, _user(2), same],
        "user": lambda info, id: later(_user(id)),
    }


def _case(name: str, query: str, data: Any, errors: Any = None, **more: Any) -> Case:
    told = {} if errors is None else {"errors": errors}
    return Case(name, _SCHEMA, query, _root, data=data, context=lambda: "ctx", order=Order.SORTED, **told, **more)


CASES = [
    _case("one parent", "{ one { name } }", {"one": {"name": "user 1"}}, []),
    _case(
        "many parents",
        "{ users { id name } }",
        {"users": [{"id": 1, "name": "user 1"}, {"id": 2, "name": "user 2"}, None, {"id": 3, "name": "user 3"}]},
        [],
    ),
    _case("no parents", "{ none { name } }", {"none": []}, []),
    _case(
        "one object several times",
        "{ again { name friend { id } } }",
        {"again": [{"name": f"user {n}", "friend": {"id": 10 * n}} for n in (1, 1, 2, 1)]},
        [],
    ),
    _case(
        "two relations of one parent",
        "{ users { name friend { id } } }",
        {
            "users": [
                {"name": "user 1", "friend": {"id": 10}},
                {"name": "user 2", "friend": {"id": 20}},
                None,
                {"name": "user 3", "friend": {"id": 30}},
            ]
        },
        [],
    ),
    _case("one relation under two names", "{ one { a: name b: name } }", {"one": {"a": "user 1", "b": "user 1"}}, []),
    _case(
        "key order with what comes at once",
        "{ users { b: name id a: name } }",
        {"users": [{"b": f"user {n}", "id": n, "a": f"user {n}"} if n else None for n in (1, 2, None, 3)]},
        [],
    ),
    _case(
        "relations of relations",
        "{ users { friend { name friend { id } } } }",
        {"users": [{"friend": {"name": f"user {10 * n}", "friend": None}} if n else None for n in (1, 2, None, 3)]},
        [],
    ),
    _case(
        "relations at several depths",
        "{ one { name friend { name } } late { name friend { name } } }",
        {
            "one": {"name": "user 1", "friend": {"name": "user 10"}},
            "late": {"name": "user 2", "friend": {"name": "user 20"}},
        },
        [],
    ),
    _case(
        "lists from a relation",
        "{ usersM { friends { id name } } }",
        {
            "usersM": [
                {"friends": [{"id": 10 * n + k, "name": f"user {10 * n + k}"} for k in range(2)]} for n in (1, 2, 3)
            ]
        },
        [],
    ),
    _case(
        "arguments",
        "{ one { friends(first: 3, skip: [1]) { id } } }",
        {"one": {"friends": [{"id": 10}, {"id": 12}]}},
        [],
    ),
    _case(
        "different arguments under two names",
        "{ usersM { a: friends(first: 1) { id } b: friends(first: 2) { id } c: friends(first: 0) { id } } }",
        {"usersM": [{"a": [{"id": 10 * n}], "b": [{"id": 10 * n}, {"id": 10 * n + 1}], "c": []} for n in (1, 2, 3)]},
        [],
    ),
    _case(
        "arguments of variables",
        "query ($f: Int, $s: Int) { one { friends(first: $f, skip: [$s]) { id } } }",
        {"one": {"friends": [{"id": 11}]}},
        [],
        variables={"s": 0},
    ),
    _case(
        "arguments that are inputs",
        "{ usersM { given(n: 1, o: {}) } }",
        {"usersM": [{"given": f"{n} ctx {{'n': 1, 'o': {{'by': 'name'}}}}"} for n in (1, 2, 3)]},
        [],
    ),
    _case("no arguments given", "{ one { given } }", {"one": {"given": "1 ctx {}"}}, []),
    _case(
        "a wrong argument",
        "query ($f: Int = 1) { one { id friends(skip: [1], first: $f) { id } } }",
        {"one": {"id": 1, "friends": None}},
        variables={"f": None},
    ),
    _case(
        "null for a required field",
        "{ users { id must } }",
        {"users": [{"id": 1, "must": "there"}, None, None, {"id": 3, "must": "there"}]},
        [("Cannot return null for non-nullable field User.must.", ["users", 1, "must"])],
    ),
    _case(
        "null for a required field of required items",
        "{ usersM { must } one { id } }",
        {"usersM": None, "one": {"id": 1}},
        [("Cannot return null for non-nullable field User.must.", ["usersM", 1, "must"])],
    ),
    _case(
        "an exception for one parent",
        "{ users { boss { id } } }",
        {"users": [{"boss": {"id": 1}}, {"boss": {"id": 1}}, None, None]},
        [("no boss of 3", ["users", 3, "boss"])],
    ),
    _case(
        "an exception in a required list",
        "{ usersM { boss { id } } }",
        {"usersM": None},
        [("no boss of 3", ["usersM", 2, "boss"])],
    ),
    _case(
        "a call that fails for all",
        "{ users { id broken } }",
        {"users": [{"id": n, "broken": None} if n else None for n in (1, 2, None, 3)]},
        [("the database is away", ["users", n, "broken"]) for n in (0, 1, 3)],
    ),
    _case(
        "a call that raises at once",
        "{ usersM { id refused } }",
        {"usersM": [{"id": n, "refused": None} for n in (1, 2, 3)]},
        [("not for you", ["usersM", n, "refused"]) for n in range(3)],
    ),
    _case(
        "abstract values",
        "{ users { named { __typename name } } }",
        {"users": [{"named": {"__typename": "Team", "name": "x"}}, {"named": None}, None, {"named": None}]},
    ),
    _case(
        "enums and bad ones",
        "{ users { size } }",
        {"users": [{"size": "S"}, {"size": "M"}, None, {"size": None}]},
        [("Enum 'Size' cannot represent value: 3", ["users", 3, "size"])],
    ),
    _case(
        "skipped",
        "query ($x: Boolean!) { users { id name @skip(if: $x) } }",
        {"users": [{"id": 1}, {"id": 2}, None, {"id": 3}]},
        [],
        variables={"x": True},
    ),
    _case(
        "in fragments",
        "{ users { ...F } } fragment F on User { ... on Named { name } friend { ...G } } fragment G on User { id }",
        {"users": [{"name": f"user {n}", "friend": {"id": 10 * n}} if n else None for n in (1, 2, None, 3)]},
        [],
    ),
    _case(
        "merged",
        "{ users { friend { id } } users { friend { name } } }",
        {"users": [{"friend": {"id": 10 * n, "name": f"user {10 * n}"}} if n else None for n in (1, 2, None, 3)]},
        [],
    ),
    _case(
        "below a mutation",
        "mutation { a: user(id: 1) { name friend { name } } b: user(id: 2) { name } }",
        {"a": {"name": "user 1", "friend": {"name": "user 10"}}, "b": {"name": "user 2"}},
        [],
    ),
    _case(
        "beside resolvers that fail",
        "{ users { name } x: none { broken } late { must name } }",
        {"users": [{"name": f"user {n}"} if n else None for n in (1, 2, None, 3)], "x": [], "late": None},
    ),
]
