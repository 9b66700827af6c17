"""Completing values: null, lists, leaves, objects and abstract types, each as graphql-core does it."""

from collections.abc import AsyncIterable, AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    Undefined,
    default_type_resolver,
    is_leaf_type,
    is_object_type,
)
from graphql.pyutils import inspect, is_iterable

from core.execution.compiled.fields import Field
from core.execution.compiled.runtime import Complete, Link, State, dispose

if TYPE_CHECKING:
    from core.execution.compiled.builder import ObjectBuilder, Writer


BY_CLASS = "decides_by_class"
"""In the extensions of a type: `is_type_of` or `resolve_type` gives one verdict for all values of a Python class."""


def decides_by_class(kind: Any) -> bool:
    """Whether the type says so of itself."""
    return bool((kind.extensions or {}).get(BY_CLASS))


def completer(writer: "Writer", kind: GraphQLOutputType, field: Field) -> Complete:
    """The function that completes a value of the type for the field."""
    if isinstance(kind, GraphQLNonNull):
        return _required(completer(writer, kind.of_type, field), field)
    if isinstance(kind, GraphQLList):
        return _Listed(completer(writer, kind.of_type, field), kind.of_type, field)
    if is_leaf_type(kind):
        return _leaf(writer.leaf(kind).coerce)
    if isinstance(kind, GraphQLObjectType):
        builder = field.below[kind.name] = writer.below(kind, field.nodes)
        return _object(builder, field)
    return _Abstract(writer, kind, field)


def missing() -> NoReturn:
    """Stands in the generated code where null must not stand; what is then done slowly says where it was."""
    raise TypeError("null")


def unknown() -> NoReturn:
    """Stands in the generated code for an object of a class that its type was not asked about; the slow way asks."""
    raise TypeError("class")


def as_list(value: Any) -> list[Any] | tuple[Any, ...]:
    """The value when it is an ordinary list; the generated code leaves all others to the slow way."""
    if value.__class__ is list or value.__class__ is tuple:
        found: list[Any] | tuple[Any, ...] = value
        return found
    raise TypeError("not an ordinary list")


def _is_absent(value: Any) -> bool:
    """Whether null stands for the value; raises it where it is an exception."""
    if isinstance(value, Exception):
        raise value
    return value is None or value is Undefined


def _required(complete: Complete, field: Field) -> Complete:
    message = f"Cannot return null for non-nullable field {field.parent}.{field.name}."

    def required(value: Any, state: State, link: Link) -> Any:
        found = complete(value, state, link)
        if found is None:
            raise TypeError(message)
        return found

    return required


def _leaf(coerce: Any) -> Complete:
    def leaf(value: Any, state: State, link: Link) -> Any:
        if isinstance(value, Exception):
            raise value
        return coerce(value)

    return leaf


class _Listed:
    """A list: its items one by one, each in a place of its own."""

    __slots__ = ("_field", "_item", "_nullable")

    def __init__(self, item: Complete, kind: GraphQLOutputType, field: Field) -> None:
        self._item = item
        self._nullable = not isinstance(kind, GraphQLNonNull)
        self._field = field

    def __call__(self, value: Any, state: State, link: Link) -> Any:
        if value.__class__ is not list:
            if _is_absent(value):
                return None
            if hasattr(value, "__aiter__"):
                state.wait_for(self._drained(value, state, link), _as_it_is, self._field, link)
                return _COMES_LATER
            if not is_iterable(value):
                name = f"{self._field.parent}.{self._field.name}"
                raise GraphQLError(f"Expected Iterable, but did not find one for field '{name}'.")
        found: list[Any] = []
        items = iter(value)
        try:
            for one in items:
                self._add(one, found, state, link)
        except Exception:
            _let_go(items, state)
            raise
        return found

    def _add(self, value: Any, found: list[Any], state: State, link: Link) -> None:
        number = len(found)
        place: Link = (found, number, self._nullable, link, None)
        found.append(None)
        try:
            if state.awaitable(value):
                state.wait_for(value, self._item, self._field, place)
            else:
                found[number] = self._item(value, state, place)
        except Exception as error:
            state.fail(error, self._field.nodes, place)

    async def _drained(self, source: AsyncIterable[Any], state: State, link: Link) -> list[Any]:
        found: list[Any] = []
        iterator = source.__aiter__()
        try:
            async for value in _cut_off_by_errors(iterator, state, self._field.nodes, link):
                self._add(value, found, state, link)
        except Exception:
            await _close(iterator)
            raise
        return found


_COMES_LATER: list[Any] = []
"""Stands where an asynchronous list will be; never null, so that no error is seen before it has come."""


def _as_it_is(value: Any, state: State, link: Link) -> Any:
    return value


async def _cut_off_by_errors(iterator: AsyncIterator[Any], state: State, nodes: Any, link: Link) -> AsyncIterator[Any]:
    while True:
        try:
            value = await anext(iterator)
        except StopAsyncIteration:
            return
        except Exception as error:
            raise state.located(error, nodes, link) from error
        yield value


def _let_go(items: Iterator[Any], state: State) -> None:
    """Lets go what stands behind the item that ended its list; nobody will await it."""
    try:
        for one in items:
            if state.awaitable(one):
                dispose(one)
    except Exception:
        return


async def _close(iterator: Any) -> None:
    try:
        await iterator.aclose()
    except Exception:
        return


def _object(builder: "ObjectBuilder", field: Field) -> Complete:
    kind = builder.kind
    if kind.is_type_of is None:

        def built(value: Any, state: State, link: Link) -> Any:
            return None if _is_absent(value) else builder.build(value, state, link)

        return built
    return _Checked(builder, field)


class _Checked:
    """An object whose type asks of each value whether it is one; of each class once, where it decides by class."""

    __slots__ = ("_builder", "_by_class", "_field", "_known")

    def __init__(self, builder: "ObjectBuilder", field: Field) -> None:
        self._builder = builder
        self._field = field
        self._by_class = decides_by_class(builder.kind)
        self._known = builder.classes

    def __call__(self, value: Any, state: State, link: Link) -> Any:
        if value.__class__ in self._known:
            return self._builder.build(value, state, link)
        if _is_absent(value):
            return None
        is_type_of: Any = self._builder.kind.is_type_of
        verdict = is_type_of(value, state.info_of_value(self._field, link))
        if state.awaitable(verdict):
            state.wait_for(verdict, self._later(value), self._field, link)
            return _COMES_LATER
        return self._judged(verdict, value, state, link)

    def _later(self, value: Any) -> Complete:
        return lambda verdict, state, link: self._judged(verdict, value, state, link)

    def _judged(self, verdict: Any, value: Any, state: State, link: Link) -> Any:
        if not verdict:
            kind = self._builder.kind
            raise GraphQLError(f"Expected value of type '{kind}' but got: {inspect(value)}.", self._field.nodes)
        if self._by_class:
            self._known.add(value.__class__)
        return self._builder.build(value, state, link)


class _Abstract:
    """An interface or union: the value's own type first, asked of each class once where the type decides by class."""

    __slots__ = ("_by_class", "_completes", "_field", "_kind", "_known", "_resolve", "_writer")

    def __init__(self, writer: "Writer", kind: Any, field: Field) -> None:
        self._writer = writer
        self._kind = kind
        self._field = field
        self._resolve = kind.resolve_type or default_type_resolver
        self._by_class = decides_by_class(kind)
        possible = writer.schema.get_possible_types(kind)
        field.below.update({one.name: writer.below(one, field.nodes) for one in possible})
        self._completes = {one.name: _object(field.below[one.name], field) for one in possible}
        self._known: dict[type, Complete] = {}

    def __call__(self, value: Any, state: State, link: Link) -> Any:
        complete = self._known.get(value.__class__)
        if complete is not None:
            return complete(value, state, link)
        if _is_absent(value):
            return None
        name: Any = self._resolve(value, state.info_of_value(self._field, link), self._kind)
        if state.awaitable(name):
            state.wait_for(name, self._later(value), self._field, link)
            return _COMES_LATER
        return self._chosen(name, value, state, link)

    def _later(self, value: Any) -> Complete:
        return lambda name, state, link: self._chosen(name, value, state, link)

    def _chosen(self, name: Any, value: Any, state: State, link: Link) -> Any:
        complete = self._completes.get(name) if isinstance(name, str) else None
        if complete is None:
            raise _no_such_type(self._writer.schema, self._kind, self._field, name, value)
        if self._by_class:
            self._known[value.__class__] = complete
        return complete(value, state, link)


def _no_such_type(schema: GraphQLSchema, kind: Any, field: Field, name: Any, value: Any) -> GraphQLError:
    place = f"for field '{field.parent}.{field.name}'"
    if name is None:
        text = (
            f"Abstract type '{kind}' must resolve to an Object type at runtime {place}. Either the '{kind}' type should"
            f" provide a 'resolve_type' function or each possible type should provide an 'is_type_of' function."
        )
    elif not isinstance(name, str):
        text = (
            f"Abstract type '{kind}' must resolve to an Object type at runtime {place} with value {inspect(value)},"
            f" received '{inspect(name)}', which is not a valid Object type name."
        )
    elif (found := schema.get_type(name)) is None:
        text = f"Abstract type '{kind}' was resolved to a type '{name}' that does not exist inside the schema."
    elif not is_object_type(found):
        text = f"Abstract type '{kind}' was resolved to a non-object type '{name}'."
    else:
        text = f"Runtime Object type '{found}' is not a possible type for '{kind}'."
    return GraphQLError(text, field.nodes)
