"""Where values come from: dictionaries, attributes, callables, coroutines, futures; and errors."""

import asyncio
from collections import UserDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from graphql import GraphQLError, Source

from tests.execution.agreement import Order
from tests.execution.case import Case, echo, fails, fails_later, later, schema_of

_SDL = """
    type Query { a: String b: String c(x: Int = 4, y: String): String sub: Sub subs: [Sub] must: Sub! n: Int }
    type Sub { a: String b: String c(x: Int = 4): String must: String! sub: Sub }
"""
_PLAIN = schema_of(_SDL)


class Attributes:
    """Has attributes of every kind."""

    b = "of the class"

    def __init__(self) -> None:
        self.a = "of the object"

    @property
    def n(self) -> int:
        """A property."""
        return 5

    def c(self, info: Any, x: int, y: str | None = None) -> str:
        """A method, which takes the field's arguments."""
        return f"{info.field_name} {x} {y}"

    async def sub(self, info: Any) -> "Attributes":
        """A method to await."""
        return Attributes()


class Raising:
    """Its property raises."""

    @property
    def a(self) -> str:
        """Never comes."""
        raise LookupError("no such column")

    b = "b"


class Slow(UserDict[str, Any]):
    """A mapping that is no dictionary."""


class Pair(NamedTuple):
    """Attributes by position."""

    a: str
    b: str


class ReadOnly(Mapping[str, Any]):
    """A mapping that makes up its values."""

    def __getitem__(self, key: str) -> Any:
        if key == "b":
            raise KeyError(key)
        return f"made {key}"

    def __iter__(self) -> Any:
        return iter(())

    def __len__(self) -> int:
        return 0


class Code(Exception):
    """An error with extensions of its own, such as any exception may carry."""

    extensions = {"code": "OWN"}


class Made(Exception):
    """An error that can be called as a value is, with the field's info."""

    def __init__(self, info: Any) -> None:
        super().__init__("made")


class Message(Exception):
    """An error whose message is not its text."""

    message = "the message"


def _future() -> Any:
    future = asyncio.get_running_loop().create_future()
    future.set_result("done")
    return future


def _resolver(source: Any, info: Any) -> Any:
    return f"resolved of {source['a']}"


async def _late_resolver(source: Any, info: Any, x: int, y: str | None = None) -> str:
    await asyncio.sleep(0)
    return f"{source['a']} {x} {y}"


_RESOLVED = schema_of(_SDL, {"Query.a": _resolver, "Query.c": _late_resolver, "Query.b": lambda s, i: i.context})
_STRICT = schema_of(_SDL, {"Query.c": lambda source, info, x: f"{x}"})
_ECHO = schema_of(_SDL, {"Query.c": echo, "Sub.c": echo})


def echo_value(info: Any, **arguments: Any) -> str:
    """A callable in a dictionary, which takes what the field is given."""
    return str({name: value for name, value in arguments.items() if value is not None})


def _beside(make: Callable[[], Any]) -> Any:
    return {"a": make(), "b": "B"}


def _raises(name: str, error: Exception, errors: Any) -> list[Case]:
    """One error raised, returned, raised late and returned late; each must be told alike."""
    ways: dict[str, Any] = {
        "raised": lambda: fails(error),
        "returned": lambda: error,
        "returned by a callable": lambda: lambda info: error,
        "raised late": lambda: lambda info: fails_later(error),
        "returned late": lambda: lambda info: later(error),
    }
    return [
        Case(
            f"{name} {way}",
            _PLAIN,
            "{ b a }",
            partial(_beside, make),
            data={"b": "B", "a": None},
            errors=errors,
        )
        for way, make in ways.items()
    ]


def _case(name: str, query: str, root: Any, data: Any, **more: Any) -> Case:
    return Case(name, _PLAIN, query, root, data=data, **more)


CASES = [
    _case("keys of a dictionary", "{ a b }", lambda: {"a": "A"}, {"a": "A", "b": None}, errors=[]),
    _case("no root at all", "{ a b c n }", lambda: None, {"a": None, "b": None, "c": None, "n": None}, errors=[]),
    _case("attributes", "{ a b n }", Attributes, {"a": "of the object", "b": "of the class", "n": 5}, errors=[]),
    _case("methods", '{ c d: c(x: 1, y: "y") }', Attributes, {"c": "c 4 None", "d": "c 1 y"}, errors=[]),
    _case(
        "asynchronous methods",
        "{ sub { a sub { b } } }",
        Attributes,
        {"sub": {"a": "of the object", "sub": {"b": "of the class"}}},
        errors=[],
    ),
    _case("a property that raises", "{ a b }", Raising, {"a": None, "b": "b"}, errors=[("no such column", ["a"])]),
    _case("a mapping that is no dictionary", "{ a b }", lambda: Slow(a="A"), {"a": "A", "b": None}, errors=[]),
    _case("a mapping that makes values up", "{ a b }", ReadOnly, {"a": "made a", "b": None}, errors=[]),
    _case(
        "a named tuple", "{ sub { a b } }", lambda: {"sub": Pair("x", "y")}, {"sub": {"a": "x", "b": "y"}}, errors=[]
    ),
    _case("an object without the attribute", "{ sub { a } }", lambda: {"sub": 5}, {"sub": {"a": None}}, errors=[]),
    _case(
        "a falsy object is an object",
        "{ sub { a __typename } }",
        lambda: {"sub": {}},
        {"sub": {"a": None, "__typename": "Sub"}},
        errors=[],
    ),
    _case("zero and false are objects too", "{ sub { a } }", lambda: {"sub": 0}, {"sub": {"a": None}}, errors=[]),
    _case(
        "callables in a dictionary",
        "{ a c(x: 2) }",
        lambda: {"a": lambda info: info.field_name, "c": echo_value},
        {"a": "a", "c": "{'x': 2}"},
        errors=[],
    ),
    _case("a callable that does not take the arguments", "{ c }", lambda: {"c": lambda: "never"}, {"c": None}),
    _case("a callable that gives a callable", "{ a }", lambda: {"a": lambda info: len}, {"a": None}),
    _case("a class as a value is called", "{ a }", lambda: {"a": Made}, {"a": None}, errors=[("made", ["a"])]),
    _case("a coroutine as a value", "{ a }", lambda: {"a": later("A")}, {"a": "A"}, errors=[]),
    _case("a future as a value", "{ a }", lambda: {"a": _future()}, {"a": "done"}, errors=[]),
    _case("a task as a value", "{ a }", lambda: {"a": asyncio.ensure_future(later("A"))}, {"a": "A"}, errors=[]),
    _case(
        "a coroutine that gives null",
        "{ a sub { a } }",
        lambda: {"a": later(None), "sub": later(None)},
        {"a": None, "sub": None},
        errors=[],
    ),
    _case(
        "awaited objects within awaited objects",
        "{ sub { a sub { b sub { a } } } }",
        lambda: {"sub": later({"a": later("1"), "sub": later({"b": "2", "sub": later({"a": later("3")})})})},
        {"sub": {"a": "1", "sub": {"b": "2", "sub": {"a": "3"}}}},
        errors=[],
    ),
    _case(
        "slow first, quick last: the selection's order",
        "{ a b n }",
        lambda: {"a": later("A", 5), "b": later("B", 1), "n": 1},
        {"a": "A", "b": "B", "n": 1},
        errors=[],
    ),
    _case(
        "twenty awaited fields",
        "{ " + " ".join(f"x{i}: a" for i in range(20)) + " }",
        lambda: {"a": lambda info: later(info.path.key, 20)},
        {f"x{i}": f"x{i}" for i in range(20)},
        errors=[],
    ),
    Case(
        "resolvers",
        _RESOLVED,
        '{ a c(y: "y") b }',
        lambda: {"a": "A"},
        context=lambda: "context",
        data={"a": "resolved of A", "c": "A 4 y", "b": "context"},
        errors=[],
    ),
    Case("a resolver without an argument it is given", _STRICT, '{ c d: c(y: "y") }', data={"c": "4", "d": None}),
    Case(
        "a resolver's arguments in their order",
        _ECHO,
        '{ c(y: "y", x: 1) sub { c } }',
        lambda: {"sub": {}},
        data={"c": '{"x": 1, "y": "y"}', "sub": {"c": '{"x": 4}'}},
        errors=[],
    ),
    *_raises("a plain error", ValueError("plain"), [("plain", ["a"])]),
    *_raises("an error without a text", ValueError(), [("", ["a"])]),
    *_raises("a GraphQLError", GraphQLError("said"), [("said", ["a"])]),
    *_raises(
        "a GraphQLError with extensions", GraphQLError("said", extensions={"code": "X", "n": [1]}), [("said", ["a"])]
    ),
    *_raises("a GraphQLError with a path of its own", GraphQLError("said", path=["else", 1]), [("said", ["else", 1])]),
    *_raises(
        "a GraphQLError with places of its own",
        GraphQLError("said", source=Source("{ x }\n{ y }"), positions=[8]),
        [("said", ["a"])],
    ),
    *_raises("an error with extensions", Code("own"), [("own", ["a"])]),
    *_raises("an error with a message", Message("the text"), [("the message", ["a"])]),
    _case(
        "every place of a merged field is told",
        "{ x: a\n x: a ... { x: a } }",
        lambda: {"a": fails()},
        {"x": None},
        errors=[("now", ["x"])],
    ),
    _case(
        "errors of siblings in their order",
        "{ a b sub { a b } n }",
        lambda: {"a": fails("1"), "b": fails("2"), "sub": {"a": fails("3"), "b": fails("4")}, "n": fails("5")},
        {"a": None, "b": None, "sub": {"a": None, "b": None}, "n": None},
        errors=[("1", ["a"]), ("2", ["b"]), ("3", ["sub", "a"]), ("4", ["sub", "b"]), ("5", ["n"])],
    ),
    _case(
        "errors of awaited siblings",
        "{ a b n sub { a } }",
        lambda: {
            "a": fails_later("1", 3),
            "b": fails("2"),
            "n": fails_later("3"),
            "sub": later({"a": fails_later("4")}),
        },
        {"a": None, "b": None, "n": None, "sub": {"a": None}},
        errors=[("1", ["a"]), ("2", ["b"]), ("3", ["n"]), ("4", ["sub", "a"])],
        order=Order.SORTED,
    ),
    _case(
        "a request stopped by its own error",
        "{ a b }",
        lambda: {"a": fails(StopIteration("x")), "b": "B"},
        {"a": None, "b": "B"},
    ),
    _case(
        "an error in one object of many",
        "{ subs { a b } }",
        lambda: {"subs": [{"a": "1"}, {"a": fails(), "b": "2"}, Raising()]},
        {"subs": [{"a": "1", "b": None}, {"a": None, "b": "2"}, {"a": None, "b": "b"}]},
        errors=[("now", ["subs", 1, "a"]), ("no such column", ["subs", 2, "a"])],
    ),
]
