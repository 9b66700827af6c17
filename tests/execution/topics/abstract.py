"""How the runtime type of an interface or union is found, and what is said when it is not."""

import asyncio
from collections.abc import Callable
from typing import Any

from graphql import GraphQLSchema

from tests.execution.agreement import Order
from tests.execution.case import UNSAID, Case, fails_later, later, schema_of

_SDL = """
    interface Animal { name: String legs: Int! }
    interface Pet implements Animal { name: String legs: Int! owner: String }
    type Dog implements Animal & Pet { name: String legs: Int! owner: String barks: Boolean }
    type Cat implements Animal & Pet { name: String! legs: Int! owner: String mice: Int! }
    type Ant implements Animal { name: String legs: Int! }
    type Car { wheels: Int }
    enum Kind { X }
    union Thing = Dog | Car
    type Query { animal: Animal animals: [Animal] thing: Thing things: [Thing!] 
      pet: Pet pets: [Pet!]! must: Animal! dog: Dog }
"""
_ALL = "{ __typename name ... on Dog { barks } ... on Cat { mice } }"
_DOG = {"kind": "Dog", "name": "Rex", "legs": 4, "barks": True}
_CAT = {"kind": "Cat", "name": "Tom", "legs": 4, "mice": 2}
_ANT = {"kind": "Ant", "name": "Z", "legs": 6}

_REX = {"__typename": "Dog", "name": "Rex", "barks": True}
_TOM = {"__typename": "Cat", "name": "Tom", "mice": 2}
_ZED = {"__typename": "Ant", "name": "Z"}


class Dog:
    """A dog by its class."""

    name = "Rex"
    legs = 4
    barks = True
    __typename = "Dog"


class Puppy(Dog):
    """A dog by inheritance."""

    name = "Pup"


def _kind(value: Any, info: Any, type_: Any) -> Any:
    return value["kind"]


async def _late_kind(value: Any, info: Any, type_: Any) -> Any:
    await asyncio.sleep(0)
    return value["kind"]


def _raises(value: Any, info: Any, type_: Any) -> Any:
    raise RuntimeError("no type")


def _is(kind: str) -> Callable[..., Any]:
    return lambda value, info: value.get("kind") == kind


def _is_late(kind: str) -> Callable[..., Any]:
    return lambda value, info: later(value.get("kind") == kind, 2)


def _says(info: Any, type_: Any) -> str:
    return f"{info.field_name} {info.path.as_list()} {type_.name}"


_DEFAULT = schema_of(_SDL)
_BY_FUNCTION = schema_of(_SDL, resolve_type={"Animal": _kind, "Pet": _kind, "Thing": _kind})
_BY_COROUTINE = schema_of(_SDL, resolve_type={"Animal": _late_kind, "Pet": _late_kind, "Thing": _late_kind})
_BY_MIXTURE = schema_of(
    _SDL, resolve_type={"Animal": lambda v, i, t: later(v["kind"]) if v["legs"] == 4 else v["kind"]}
)
_BY_PREDICATE = schema_of(_SDL, is_type_of={name: _is(name) for name in ("Dog", "Cat", "Ant", "Car")})
_BY_LATE_PREDICATE = schema_of(_SDL, is_type_of={name: _is_late(name) for name in ("Dog", "Cat", "Ant", "Car")})
_BY_SOME = schema_of(_SDL, is_type_of={"Dog": _is("Dog"), "Cat": _is_late("Cat")})
_BY_BOTH = schema_of(
    _SDL, resolve_type={"Animal": _kind}, is_type_of={"Dog": lambda value, info: value["barks"], "Cat": _is_late("Cat")}
)
_PREDICATE_RAISES = schema_of(
    _SDL, is_type_of={"Dog": _is("Dog"), "Cat": lambda value, info: _raises(value, info, None)}
)
_PREDICATE_FAILS_LATE = schema_of(
    _SDL, is_type_of={"Dog": _is_late("Dog"), "Cat": lambda value, info: fails_later("no type")}
)
_RAISES = schema_of(_SDL, resolve_type={"Animal": _raises})
_FAILS_LATE = schema_of(_SDL, resolve_type={"Animal": lambda v, i, t: fails_later("no type")})
_INFO = schema_of(
    _SDL,
    resolve_type={"Animal": lambda v, i, t: v["seen"].append(_says(i, t)) or "Ant"},
    resolvers={"Ant.name": lambda source, info: str(source["seen"])},
)


def _found(prefix: str, schema: GraphQLSchema, order: Order = Order.EXACT) -> list[Case]:
    """The same questions, by whatever means the type is found."""
    two = {
        "data": {"animals": [_REX, _TOM, None, _ZED]},
        "errors": [],
    }
    rows: list[tuple[str, str, Callable[[], Any], dict[str, Any]]] = [
        (
            "an interface",
            f"{{ animal {_ALL} }}",
            lambda: {"animal": _CAT},
            {"data": {"animal": _TOM}, "errors": []},
        ),
        ("a list of an interface", f"{{ animals {_ALL} }}", lambda: {"animals": [_DOG, _CAT, None, later(_ANT)]}, two),
        (
            "a union",
            "{ thing { ... on Car { wheels } __typename } }",
            lambda: {"thing": {"kind": "Car", "wheels": 4}},
            {"data": {"thing": {"wheels": 4, "__typename": "Car"}}, "errors": []},
        ),
        (
            "a list of a union",
            "{ things { __typename } }",
            lambda: {"things": [_DOG, {"kind": "Car"}]},
            {"data": {"things": [{"__typename": "Dog"}, {"__typename": "Car"}]}, "errors": []},
        ),
        (
            "an interface of an interface",
            "{ pet { name ... on Animal { legs } __typename } }",
            lambda: {"pet": _DOG},
            {"data": {"pet": {"name": "Rex", "legs": 4, "__typename": "Dog"}}, "errors": []},
        ),
        (
            "a required field missing",
            "{ animals { legs } }",
            lambda: {"animals": [_DOG, {"kind": "Ant"}]},
            {
                "data": {"animals": [{"legs": 4}, None]},
                "errors": [("Cannot return null for non-nullable field Ant.legs.", ["animals", 1, "legs"])],
            },
        ),
        (
            "a field required in one type only",
            "{ animals { name } }",
            lambda: {"animals": [{"kind": "Dog"}, {"kind": "Cat"}]},
            {
                "data": {"animals": [{"name": None}, None]},
                "errors": [("Cannot return null for non-nullable field Cat.name.", ["animals", 1, "name"])],
            },
        ),
        (
            "null for a required interface",
            "{ must { name } }",
            lambda: {"must": None},
            {"data": None, "errors": [("Cannot return null for non-nullable field Query.must.", ["must"])]},
        ),
    ]
    return [Case(f"{prefix}: {name}", schema, query, root, order=order, **more) for name, query, root, more in rows]


def _wrong(name: str, kind: Any, message: str | None, field: str = "animal") -> list[Case]:
    """A type that will not do, told at once and told late."""
    more: dict[str, Any] = {"data": {field: None}, "errors": UNSAID if message is None else [(message, [field])]}
    query = f"{{ {field} {{ __typename }} }}"
    return [
        Case(name, _BY_FUNCTION, query, lambda: {field: {"kind": kind}}, **more),
        Case(f"{name}, told late", _BY_COROUTINE, query, lambda: {field: {"kind": kind}}, **more),
    ]


_NO_TYPE = (
    "Abstract type 'Animal' must resolve to an Object type at runtime for field 'Query.animal'. Either the 'Animal' "
    "type should provide a 'resolve_type' function or each possible type should provide an 'is_type_of' function."
)
_TYPED = {"__typename": "Dog", "name": "Rex"}

CASES = [
    *_found("by function", _BY_FUNCTION),
    *_found("by coroutine", _BY_COROUTINE, Order.SORTED),
    *_found("by predicates", _BY_PREDICATE),
    *_found("by late predicates", _BY_LATE_PREDICATE, Order.SORTED),
    *_wrong("null for a type", None, _NO_TYPE),
    *_wrong(
        "an unknown type",
        "Cow",
        "Abstract type 'Animal' was resolved to a type 'Cow' that does not exist inside the schema.",
    ),
    *_wrong("a type that is no object", "Kind", "Abstract type 'Animal' was resolved to a non-object type 'Kind'."),
    *_wrong("the interface itself", "Animal", "Abstract type 'Animal' was resolved to a non-object type 'Animal'."),
    *_wrong("an object of another kind", "Car", "Runtime Object type 'Car' is not a possible type for 'Animal'."),
    *_wrong("no member of the union", "Cat", "Runtime Object type 'Cat' is not a possible type for 'Thing'.", "thing"),
    *_wrong(
        "a number for a type",
        7,
        "Abstract type 'Animal' must resolve to an Object type at runtime for field 'Query.animal' with value "
        "{'kind': 7}, received '7', which is not a valid Object type name.",
    ),
    *_wrong(
        "an empty name for a type",
        "",
        "Abstract type 'Animal' was resolved to a type '' that does not exist inside the schema.",
    ),
    *_wrong("an introspection type", "__Type", None),
    *_wrong("a built-in scalar", "Int", None),
    Case(
        "__typename of a dictionary",
        _DEFAULT,
        "{ animal { name __typename } }",
        lambda: {"animal": _TYPED},
        data={"animal": {"name": "Rex", "__typename": "Dog"}},
        errors=[],
    ),
    Case(
        "__typename of an object",
        _DEFAULT,
        f"{{ animal {_ALL} }}",
        lambda: {"animal": Dog()},
        data={"animal": _REX},
        errors=[],
    ),
    Case(
        "__typename of a base class",
        _DEFAULT,
        f"{{ animal {_ALL} }}",
        lambda: {"animal": Puppy()},
        data={"animal": {"__typename": "Dog", "name": "Pup", "barks": True}},
        errors=[],
    ),
    Case(
        "no __typename",
        _DEFAULT,
        "{ animal { name } }",
        lambda: {"animal": {"name": "x"}},
        data={"animal": None},
        errors=[(_NO_TYPE, ["animal"])],
    ),
    Case(
        "an unknown __typename",
        _DEFAULT,
        "{ animal { name } }",
        lambda: {"animal": {"__typename": "Cow"}},
        data={"animal": None},
    ),
    Case(
        "__typename is no text",
        _DEFAULT,
        "{ animal { name } }",
        lambda: {"animal": {"__typename": 5}},
        data={"animal": None},
    ),
    Case("a number for an interface", _DEFAULT, "{ animal { name } }", lambda: {"animal": 5}, data={"animal": None}),
    Case(
        "__typename of an object type is not looked at",
        _DEFAULT,
        "{ dog { __typename } }",
        lambda: {"dog": {"__typename": "Cat"}},
        data={"dog": {"__typename": "Dog"}},
        errors=[],
    ),
    Case(
        "a mixture of late and immediate types",
        _BY_MIXTURE,
        f"{{ animals {_ALL} }}",
        lambda: {"animals": [_DOG, _ANT, _CAT, _ANT]},
        data={"animals": [_REX, _ZED, _TOM, _ZED]},
        errors=[],
    ),
    Case(
        "predicates of some types only",
        _BY_SOME,
        f"{{ animals {_ALL} }}",
        lambda: {"animals": [_DOG, _CAT, _ANT]},
        data={"animals": [_REX, _TOM, None]},
    ),
    Case(
        "a predicate after the type was found",
        _BY_BOTH,
        f"{{ animals {_ALL} }}",
        lambda: {"animals": [_DOG, {**_DOG, "barks": False}, _CAT, _ANT]},
        data={"animals": [_REX, None, _TOM, _ZED]},
    ),
    Case(
        "a predicate of an object type says no",
        _BY_PREDICATE,
        "{ dog { name } }",
        lambda: {"dog": {"kind": "Cat"}},
        data={"dog": None},
        errors=[("Expected value of type 'Dog' but got: {'kind': 'Cat'}.", ["dog"])],
    ),
    Case(
        "a late predicate of an object type says no",
        _BY_LATE_PREDICATE,
        "{ dog { name } }",
        lambda: {"dog": {"kind": "Cat"}},
        data={"dog": None},
        errors=[("Expected value of type 'Dog' but got: {'kind': 'Cat'}.", ["dog"])],
    ),
    Case(
        "a predicate of an object type says yes",
        _BY_PREDICATE,
        "{ dog { name } }",
        lambda: {"dog": _DOG},
        data={"dog": {"name": "Rex"}},
        errors=[],
    ),
    Case(
        "a late predicate of an object type says yes",
        _BY_LATE_PREDICATE,
        "{ dog { name } }",
        lambda: {"dog": _DOG},
        data={"dog": {"name": "Rex"}},
        errors=[],
    ),
    Case(
        "a predicate that raises",
        _PREDICATE_RAISES,
        "{ animals { name } }",
        lambda: {"animals": [_DOG, _CAT]},
        data={"animals": [{"name": "Rex"}, None]},
        errors=[("no type", ["animals", 1])],
    ),
    Case(
        "a late predicate that fails",
        _PREDICATE_FAILS_LATE,
        "{ animals { name } }",
        lambda: {"animals": [_DOG, _CAT]},
        data={"animals": [None, None]},
        order=Order.SORTED,
    ),
    Case(
        "a type's function that raises",
        _RAISES,
        "{ animals { name } animal { name } }",
        lambda: {"animals": [_DOG], "animal": _CAT},
        data={"animals": [None], "animal": None},
        errors=[("no type", ["animals", 0]), ("no type", ["animal"])],
    ),
    Case(
        "a type's function that fails late",
        _FAILS_LATE,
        "{ animals { name } must { name } }",
        lambda: {"animals": [_DOG], "must": _CAT},
        data=None,
        order=Order.NULLED,
    ),
    Case(
        "what a type's function is told",
        _INFO,
        "{ x: animals { name } animal { name } }",
        lambda: {"animals": [{"seen": []}, {"seen": []}], "animal": {"seen": []}},
        data={
            "x": [{"name": "[\"animals ['x'] Animal\"]"}, {"name": "[\"animals ['x'] Animal\"]"}],
            "animal": {"name": "[\"animal ['animal'] Animal\"]"},
        },
        errors=[],
    ),
    Case(
        "an error in a list of non-null members",
        _BY_FUNCTION,
        "{ things { __typename } }",
        lambda: {"things": [_DOG, {"kind": "Cow"}]},
        data={"things": None},
    ),
    Case(
        "an error in a required list of non-null",
        _BY_FUNCTION,
        "{ pets { __typename } animal { name } }",
        lambda: {"pets": [_DOG, {"kind": "Ant"}]},
        data=None,
    ),
    Case(
        "__typename alone still finds the type",
        _BY_FUNCTION,
        "{ animal { __typename } thing { __typename } }",
        lambda: {"animal": {"kind": "Nothing"}, "thing": _DOG},
        data={"animal": None, "thing": {"__typename": "Dog"}},
    ),
    Case(
        "conditions that miss still find the type",
        _BY_FUNCTION,
        "{ animal { ... on Dog { name } } }",
        lambda: {"animal": {"kind": "Nothing"}},
        data={"animal": None},
    ),
]
