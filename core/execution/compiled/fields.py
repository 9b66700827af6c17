"""One field of one object type in one plan: how its value is had, and where it goes."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from keyword import iskeyword
from types import NoneType
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import FieldNode, GraphQLField, GraphQLNonNull, GraphQLObjectType, default_field_resolver
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import Node, VariableNode, Visitor, visit

from core.execution.compiled.runtime import Complete, Link, State

if TYPE_CHECKING:
    from core.execution.compiled.builder import ObjectBuilder

Write = Callable[[Any, dict[str, Any], State, "Link | None"], None]
"""`(source, answer, state, place of the answer)`: puts one field into the answer, or sees to it that it will be."""
Load = Callable[..., Awaitable[Sequence[Any]]]

HELD = "related_rows"
"""The attribute in which a source object may hold values of relations already, by the relations' functions."""

_NO_VARIABLES = VariableValues({}, {})
_UNCHANGING = (str, int, float, bool, NoneType, Decimal, UUID, datetime, date, Enum)


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """How a value is had without a resolver: an attribute, a function of the source, or of source and context."""

    attribute: str | None = None
    derive: Callable[[Any], Any] | None = None
    compute: Callable[[Any, Any], Any] | None = None

    @classmethod
    def declared(cls, extensions: Mapping[str, Any]) -> "Plain | None":
        """What a field's extensions declare; None where they declare nothing that can be used."""
        compute, derive, attribute = (extensions.get(name) for name in ("compute", "derive", "attribute"))
        if compute is not None:
            return cls(compute=compute)
        if derive is not None:
            return cls(derive=derive)
        usable = attribute is not None and attribute.isidentifier() and not iskeyword(attribute)
        return cls(attribute=attribute) if usable else None

    def get(self, source: Any, context: Any) -> Any:
        """The value: by promise neither an awaitable nor an exception."""
        if self.attribute is not None:
            return getattr(source, self.attribute)
        if self.derive is not None:
            return self.derive(source)
        assert self.compute is not None
        return self.compute(source, context)


class Field:
    """A field with everything that is the same for every object it is asked of."""

    __slots__ = (
        "batch",
        "below",
        "complete",
        "definition",
        "held",
        "key",
        "nodes",
        "nullable",
        "parent",
        "plain",
        "planned",
        "write",
    )

    complete: Complete
    write: Write
    below: "dict[str, ObjectBuilder]"
    """What is asked of the field's value, by the name of the object type it may be."""
    planned: Any
    """What the field's own planner made of all that, when the operation was compiled; None without a planner."""
    held: bool
    """Whether a planner above expects the relation's value to be held by the source object."""

    def __init__(self, parent: GraphQLObjectType, definition: GraphQLField, nodes: list[FieldNode], key: str) -> None:
        self.parent = parent
        self.definition = definition
        self.nodes = nodes
        self.key = key
        self.nullable = not isinstance(definition.type, GraphQLNonNull)
        extensions = definition.extensions or {}
        self.plain = Plain.declared(extensions)
        self.batch: Load | None = extensions.get("batch")
        self.below = {}
        self.planned = None
        self.held = False

    @property
    def name(self) -> str:
        """Its name in the schema."""
        return self.nodes[0].name.value

    def link(self, answer: dict[str, Any], above: "Link | None") -> Link:
        """Its place in the answer of one object."""
        return (answer, self.key, self.nullable, above, self.parent.name)

    def arguments(self, hide_suggestions: bool) -> Callable[[State], dict[str, Any]]:
        """Gives the coerced arguments, where possible without coercing them again; raises where they are wrong."""
        definition, node = self.definition, self.nodes[0]
        if not definition.args and not node.arguments:
            return lambda _state: {}

        def coerced(state: State) -> dict[str, Any]:
            return get_argument_values(definition, node, state.variables, hide_suggestions=hide_suggestions)

        if any(uses_variables(argument) for argument in node.arguments or ()):
            return coerced
        try:
            known = get_argument_values(definition, node, _NO_VARIABLES, hide_suggestions=hide_suggestions)
        except Exception:
            return coerced
        return (lambda _state: known) if all(isinstance(one, _UNCHANGING) for one in known.values()) else coerced

    def writer(self, hide_suggestions: bool) -> Write:
        """How it is put into an answer when the generated code does not do it."""
        if self.batch is not None:
            return self._related(self.arguments(hide_suggestions), self.batch)
        return self._taken(self.plain) if self.plain is not None else self._resolved(self.arguments(hide_suggestions))

    def _taken(self, plain: Plain) -> Write:
        key, complete, nodes = self.key, self.complete, self.nodes

        def write(source: Any, answer: dict[str, Any], state: State, above: Link | None) -> None:
            link = self.link(answer, above)
            try:
                answer[key] = complete(plain.get(source, state.context), state, link)
            except Exception as error:
                state.fail(error, nodes, link)

        return write

    def _resolved(self, arguments: Callable[[State], dict[str, Any]]) -> Write:
        key, complete, nodes = self.key, self.complete, self.nodes
        resolve = self.definition.resolve or default_field_resolver

        def write(source: Any, answer: dict[str, Any], state: State, above: Link | None) -> None:
            link = self.link(answer, above)
            try:
                value = resolve(source, state.info(self, link), **arguments(state))
                if state.awaitable(value):
                    state.wait_for(value, complete, self, link)
                else:
                    answer[key] = complete(value, state, link)
            except Exception as error:
                state.fail(error, nodes, link)

        return write

    def _related(self, arguments: Callable[[State], dict[str, Any]], load: Load) -> Write:
        nodes = self.nodes
        takes = bool(self.definition.args)

        def write(source: Any, answer: dict[str, Any], state: State, above: Link | None) -> None:
            link = self.link(answer, above)
            held = None if takes else getattr(source, HELD, None)
            if held is not None and load in held:
                self._held(held[load], answer, state, link)
                return
            try:
                given = arguments(state)
            except Exception as error:
                state.fail(error, nodes, link)
                return
            state.relate(self, source, link, given, self._call_name(load, given) if takes else load)

        return write

    def _held(self, value: Any, answer: dict[str, Any], state: State, link: Link) -> None:
        try:
            answer[self.key] = self.complete(value, state, link)
        except Exception as error:
            state.fail(error, self.nodes, link)

    def _call_name(self, load: Load, given: dict[str, Any]) -> Hashable:
        """What one call of the relation is known by, so that fields with equal arguments share it."""
        name = (load, *((key, value.__class__, value) for key, value in given.items()))
        try:
            hash(name)
        except TypeError:
            return self
        return name


class _FindsVariable(Visitor):
    found = False

    def enter_variable(self, _node: VariableNode, *_: Any) -> None:
        """Called by the visitor."""
        self.found = True


def uses_variables(node: Node) -> bool:
    """Whether a variable stands anywhere in the node."""
    visitor = _FindsVariable()
    visit(node, visitor)
    return visitor.found
