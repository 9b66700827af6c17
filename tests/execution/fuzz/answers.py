"""Random data. A value depends on the seed of its parent and the field alone, never on when it is asked."""

import asyncio
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLField, Undefined

from tests.seeded import Random

if TYPE_CHECKING:
    from tests.execution.fuzz.schemas import Signature, World

GOOD: dict[str, tuple[Any, ...]] = {
    "Int": (0, 1, -7, 2_147_483_647, True, "12", 3.0),
    "Float": (0.5, 1, -2.25, False, "1.5"),
    "String": ("", "text", "é\n", 5, True),
    "Boolean": (True, False, 1, 0),
    "ID": ("a", 7, 0, "é"),
    "Colour": (1, "g", "BLUE"),
    "Code": ("A", "BC", ""),
}
BAD: dict[str, tuple[Any, ...]] = {
    "Int": ("x", 2**31, 1.5, float("nan"), [1], {}),
    "Float": ("x", float("inf"), [], {"a": 1}),
    "String": ([1], {}, b"x"),
    "Boolean": ("yes", [], {}),
    "ID": (True, 1.5, [], {}),
    "Colour": ("RED", 9, [1], {}),
    "Code": ("lower", 5, "none"),
}


class Own(Exception):
    """An error with extensions of its own."""

    extensions = {"code": "OWN"}


class Thing:
    """An object of the data: knows its type, its seed and the world; answers attributes."""

    def __init__(self, world: "World", kind: str, seed: str) -> None:
        self.world = world
        self.kind = kind
        self.seed = seed

    def __repr__(self) -> str:
        return f"<{self.kind} {self.seed[-8:]}>"

    def __getattr__(self, name: str) -> Any:
        signature = self.world.signatures.get(name)
        if signature is None:
            raise AttributeError(name)
        return answer(self, signature, "")

    @property
    def _Thing__typename(self) -> str:
        return self.kind


class Rows(dict[str, Any]):
    """An object of the data that is a dictionary; its values are callables."""

    def __init__(self, world: "World", kind: str, seed: str) -> None:
        super().__init__()
        self.world = world
        self.kind = kind
        self.seed = seed

    def __repr__(self) -> str:
        return f"<{self.kind} {self.seed[-8:]} as a dictionary>"

    def get(self, name: str, default: Any = None) -> Any:
        """What the default resolver asks."""
        if name == "__typename":
            return self.kind
        signature = self.world.signatures.get(name)
        if signature is None:
            return default
        return lambda info, **arguments: answer(self, signature, "")


def seed_of(source: Any) -> str:
    """The seed of an object; a wrong one has that of its own text."""
    return source.seed if isinstance(source, Thing | Rows) else repr(source)


def world_of(source: Any, world: "World") -> "World":
    """Here for the readers of stack traces: data of one world never meets another."""
    assert not isinstance(source, Thing | Rows) or source.world is world
    return world


class Late:
    """A value, or an error, that comes after some turns of the loop.

    No coroutine: data is made whole, and one that stands behind an error in a list would be nobody's to await.
    """

    def __init__(self, value: Any, turns: int) -> None:
        self.value = value
        self.turns = turns

    def __await__(self) -> Generator[None, None, Any]:
        for _ in range(self.turns):
            yield
        if isinstance(self.value, Own):
            raise self.value
        return self.value


def error(random: Random) -> Exception:
    """One of the errors that resolvers raise."""
    return random.choice(
        (ValueError("plain"), Own("own"), GraphQLError("said", extensions={"code": "SAID"}), KeyError("key"))
    )


def answer(source: Any, signature: "Signature", said: str, *, at_once: bool = False) -> Any:
    """The value of a field: now and then null, an error, awaitable, or of a wrong type."""
    random = Random(f"{seed_of(source)}/{signature.name}/{said}")
    at_once = at_once or signature.way in ("attribute", "compute")
    if random.random() < 0.03:
        raise error(random)
    return _value(random, source, signature, signature.shape, at_once)


def _value(random: Random, source: Any, signature: "Signature", shape: str, at_once: bool) -> Any:
    luck = random.random()
    required = shape.startswith("!")
    if luck < (0.015 if required else 0.08):
        return None if signature.way in ("attribute", "compute") else random.choice((None, None, Undefined))
    if luck > 0.985 and not at_once:
        return error(random)
    if luck > 0.97:
        return _wrong(random, signature, shape)
    shape = shape.removeprefix("!")
    value: Any
    if shape.startswith("["):
        items = [_value(random, source, signature, shape[1:], at_once) for _ in range(random.choice((0, 1, 1, 2, 3)))]
        value = items if signature.way == "batch" else _listed(random, items, at_once)
    else:
        value = _single(random, source, signature)
    if not at_once and 0.5 < luck < 0.65:
        return Late(error(random) if random.random() < 0.05 else value, random.choice((1, 1, 2, 3)))
    return value


def _wrong(random: Random, signature: "Signature", shape: str) -> Any:
    """A value that cannot be completed, or, for objects, one that has no fields."""
    if "[" in shape:
        return random.choice((5, "text", 1.5))
    return random.choice(BAD.get(signature.named, (5, "text")))


def _listed(random: Random, items: list[Any], at_once: bool) -> Any:
    """The items as one of the things that are lists; what a batch relation gives may be used twice."""
    way = random.random()
    if way < 0.7:
        return items
    if way < 0.8:
        return tuple(items)
    if way < 0.9 or at_once:
        return _generated(items)
    return _flowing(items)


def _generated(items: list[Any]) -> Iterator[Any]:
    yield from items


async def _flowing(items: list[Any]) -> Any:
    for item in items:
        yield item


def _single(random: Random, source: Any, signature: "Signature") -> Any:
    named = signature.named
    if named in GOOD:
        return random.choice(GOOD[named])
    world = source.world
    members = world.possible.get(named)
    kind = random.choice(members) if members else named
    if members and random.random() < 0.04:
        kind = random.choice(("Query", "Nothing", "Int", named))
    seed = f"{random.getrandbits(48):x}"
    return random.choice((Thing, Rows))(world, kind, seed)


def attach(field: GraphQLField, world: "World", signature: "Signature") -> None:
    """Has the field answered in its way; graphql-core is given a resolver that does the same."""
    if signature.way == "dictionary":
        return
    if signature.way == "batch":
        _attach_batch(field, signature)
    elif signature.way in ("attribute", "compute"):
        _attach_plain(field, signature)
    else:
        field.resolve = _late_resolver(signature) if signature.way == "late" else _resolver(signature)


def _said(arguments: dict[str, Any]) -> str:
    return repr(arguments) if arguments else ""


def _resolver(signature: "Signature") -> Callable[..., Any]:
    return lambda source, info, **arguments: answer(source, signature, _said(arguments))


def _late_resolver(signature: "Signature") -> Callable[..., Any]:
    async def resolve(source: Any, info: Any, **arguments: Any) -> Any:
        await asyncio.sleep(0)
        return answer(source, signature, _said(arguments), at_once=True)

    return resolve


def _attach_plain(field: GraphQLField, signature: "Signature") -> None:
    def compute(source: Any, context: Any) -> Any:
        return answer(source, signature, "")

    field.resolve = lambda source, info: compute(source, info.context)
    field.extensions = {"compute": compute}


def _attach_batch(field: GraphQLField, signature: "Signature") -> None:
    async def batch(context: Any, parents: Sequence[Any], **arguments: Any) -> Sequence[Any]:
        await asyncio.sleep(0)
        found: list[Any] = []
        for parent in parents:
            try:
                found.append(answer(parent, signature, _said(arguments), at_once=True))
            except Exception as problem:
                found.append(problem)
        return found

    async def resolve(source: Any, info: Any, **arguments: Any) -> Any:
        (value,) = await batch(info.context, [source], **arguments)
        return value

    field.resolve = resolve
    field.extensions = {"batch": batch}


def _kind(value: Any, info: Any, type_: Any) -> Any:
    return getattr(value, "kind", None)


async def _late_kind(value: Any, info: Any, type_: Any) -> Any:
    await asyncio.sleep(0)
    return getattr(value, "kind", None)


TYPE_RESOLVERS: dict[str, Callable[..., Any]] = {"function": _kind, "coroutine": _late_kind}
"""The modes that have a function; the others are the default's."""


def predicate(kind: str, *, late: bool) -> Callable[..., Any]:
    """Whether a value is of the object type."""

    def is_type_of(value: Any, info: Any) -> Any:
        return getattr(value, "kind", None) == kind

    async def is_type_of_later(value: Any, info: Any) -> Any:
        await asyncio.sleep(0)
        return getattr(value, "kind", None) == kind

    return is_type_of_later if late else is_type_of
