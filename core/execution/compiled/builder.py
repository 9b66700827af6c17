"""Writes the functions that turn a source object into its part of the answer, and compiles them all at once."""

from collections.abc import Callable, Iterable
from typing import Any

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    is_leaf_type,
)

from core.execution.compiled import values
from core.execution.compiled.fields import HELD, Field
from core.execution.compiled.leaves import Leaf, expression
from core.execution.compiled.runtime import Complete, Link, State
from core.execution.compiled.selection import Grouped, NotCompiled, Selections

Build = Callable[[Any, State, "Link | None"], dict[str, Any]]
"""`(source, state, place) → the object's part of the answer`; the place is None for the root."""

MOST_FIELDS = 10_000
"""Fields of a plan, each counted once per object type: more is left to graphql-core."""
DEEPEST_EXPRESSION = 8
"""Objects and lists written into one another in a single expression."""

_META = frozenset({"__schema", "__type"})


class ObjectBuilder:
    """An object type with what is asked of it.

    `build` is the compiled function once there is one: the literal of a `pure` object may stand in those of the objects
    around it, and is then not `called`.
    """

    __slots__ = ("build", "called", "classes", "fields", "keys", "kind", "lines", "name", "pure")

    build: Build

    def __init__(self, kind: GraphQLObjectType, name: str) -> None:
        self.kind = kind
        self.name = name
        self.keys: dict[str, Any] = {}
        self.fields: list[Field] = []
        self.lines: list[str] = []
        self.pure = False
        self.called = False
        self.classes: set[type] = set()
        """Python classes that the type has accepted, where it decides by class."""
        self.build = self.build_slowly

    def build_slowly(self, source: Any, state: State, above: "Link | None") -> dict[str, Any]:
        """Field by field in order, as graphql-core does: what counts where one of them fails."""
        answer = dict(self.keys)
        for field in self.fields:
            field.write(source, answer, state, above)
        return answer


class Writer:
    """Makes the builders of one plan."""

    def __init__(self, schema: GraphQLSchema, selections: Selections, hide_suggestions: bool) -> None:
        self.schema = schema
        self._selections = selections
        self._hide_suggestions = hide_suggestions
        self._known: dict[Any, ObjectBuilder] = {}
        self._finished: list[ObjectBuilder] = []
        self._leaves: dict[Any, Leaf] = {}
        self._names: dict[str, Any] = {}
        self._bound: dict[int, str] = {}
        self._count = 0
        self.size = 0
        """How many fields there are, each counted for every object type it is asked of."""

    def compile(self, roots: Iterable[ObjectBuilder]) -> None:
        """Compiles the builders that are called, after which each of them builds by its function."""
        for builder in self._finished:
            self._write(builder)
        for root in roots:
            root.called = True
        called = [builder for builder in self._known.values() if builder.called]
        source = "\n".join(line for builder in called for line in builder.lines)
        exec(compile(source, "<graphql plan>", "exec"), self._names)  # noqa: S102
        for builder in called:
            builder.build = self._names[builder.name]
        for builder in self._known.values():
            builder.lines.clear()

    def bind(self, value: Any, prefix: str) -> str:
        """A name for the value in the generated code; the same for the same value."""
        if id(value) not in self._bound:
            self._bound[id(value)] = name = self.name(prefix)
            self._names[name] = value
        return self._bound[id(value)]

    def name(self, prefix: str) -> str:
        """A name that nothing else has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def leaf(self, kind: Any) -> Leaf:
        """How a leaf type is written; the same for the same type."""
        if kind not in self._leaves:
            self._leaves[kind] = Leaf(kind)
        return self._leaves[kind]

    def object(self, kind: GraphQLObjectType, grouped: Grouped) -> ObjectBuilder:
        """The builder of an object type for these fields; the same one wherever the same is asked."""
        identity = (kind.name, *((key, *map(id, nodes)) for key, nodes in grouped.items()))
        if identity in self._known:
            return self._known[identity]
        builder = self._known[identity] = ObjectBuilder(kind, f"build{len(self._known)}")
        for key, nodes in grouped.items():
            self._add_field(builder, key, nodes)
        self._finished.append(builder)
        return builder

    def below(self, kind: GraphQLObjectType, nodes: list[FieldNode]) -> ObjectBuilder:
        """The builder of what stands below the field when its value is of this type."""
        sets = [one.selection_set for one in nodes if one.selection_set]
        return self.object(kind, self._selections.fields(kind, sets))

    def _add_field(self, builder: ObjectBuilder, key: str, nodes: list[FieldNode]) -> None:
        self.size += 1
        if self.size > MOST_FIELDS:
            raise NotCompiled("too many fields")
        name = nodes[0].name.value
        if name == "__typename":
            builder.keys[key] = builder.kind.name
            return
        if name in _META:
            raise NotCompiled("introspection")
        definition = builder.kind.fields.get(name)
        if definition is None:
            return
        field = Field(builder.kind, definition, nodes, key)
        field.complete = values.completer(self, definition.type, field)
        planner = (definition.extensions or {}).get("planner")
        field.planned = planner(field) if planner else None
        field.write = field.writer(self._hide_suggestions)
        builder.keys[key] = None
        builder.fields.append(field)

    def _write(self, builder: ObjectBuilder) -> None:
        """One function: the plain fields as one literal, the others one after the other."""
        plain = {field.key: found for field in builder.fields if (found := self._expression(field, "s", 0))}
        told = builder.kind.is_type_of is None or values.decides_by_class(builder.kind)
        builder.pure = len(plain) == len(builder.fields) > 0 and told
        literal = self._literal(builder, plain)
        slowly = self.bind(builder.build_slowly, "slowly")
        lines = [f"def {builder.name}(s, state, above):", f"    try: answer = {literal}"]
        lines.append(f"    except Exception: return {slowly}(s, state, above)")
        for field in builder.fields:
            if field.key not in plain:
                lines.append(f"    {self.bind(field.write, 'write')}(s, answer, state, above)")
                for one in field.below.values():
                    one.called = True
        builder.lines = [*lines, "    return answer"]

    @staticmethod
    def _literal(builder: ObjectBuilder, plain: dict[str, str]) -> str:
        return "{" + ", ".join(f"{key!r}: {plain.get(key) or repr(value)}" for key, value in builder.keys.items()) + "}"

    def _expression(self, field: Field, source: str, depth: int) -> str | None:
        """The field's completed value as one expression that raises where anything is amiss; None if there is none."""
        if field.batch is not None:
            if not field.held or field.definition.args:
                return None
            access = f"{source}.{HELD}[{self.bind(field.batch, 'related')}]"
        elif field.plain is None:
            return None
        elif field.plain.attribute is not None:
            access = f"{source}.{field.plain.attribute}"
        elif field.plain.derive is not None:
            access = f"{self.bind(field.plain.derive, 'derive')}({source})"
        else:
            access = f"{self.bind(field.plain.compute, 'compute')}({source}, state.context)"
        return self._completed(field.definition.type, access, field.nodes, depth)

    def _completed(self, kind: GraphQLOutputType, access: str, nodes: list[FieldNode], depth: int) -> str | None:
        required = isinstance(kind, GraphQLNonNull)
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if is_leaf_type(inner):
            return expression(kind, access, self.leaf(inner), self.bind)
        if depth == DEEPEST_EXPRESSION:
            return None
        name = self.name("v")
        if isinstance(inner, GraphQLList):
            item = self.name("s")
            each = self._completed(inner.of_type, item, nodes, depth + 1)
            body = each and f"[{each} for {item} in {self.bind(values.as_list, 'as_list')}({name})]"
        else:
            body = self._inlined(inner, name, nodes, depth + 1)
        if body is None:
            return None
        missing = f"{self.bind(values.missing, 'missing')}()" if required else "None"
        return f"({missing} if ({name} := {access}) is None else {body})"

    def _inlined(self, kind: Any, source: str, nodes: list[FieldNode], depth: int) -> str | None:
        """The literal of an object all of whose fields are plain."""
        if not isinstance(kind, GraphQLObjectType) or not self.below(kind, nodes).pure:
            return None
        builder = self.below(kind, nodes)
        found = {field.key: self._expression(field, source, depth) for field in builder.fields}
        if not all(found.values()):
            return None
        literal = self._literal(builder, {key: text for key, text in found.items() if text})
        if kind.is_type_of is None:
            return literal
        builder.called = True  # for a list of which one row must be done slowly
        known = self.bind(builder.classes, "classes")
        return f"({literal} if {source}.__class__ in {known} else {self.bind(values.unknown, 'unknown')}())"


__all__ = ["Complete", "NotCompiled", "ObjectBuilder", "Writer"]
