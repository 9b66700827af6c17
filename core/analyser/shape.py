"""Measures every definition of a document once: depth, aliases, directives, roots, repeats, and its cost's terms."""

from collections import Counter
from dataclasses import dataclass, field

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    SchemaMetaFieldDef,
    SelectionNode,
    SelectionSetNode,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    get_named_type,
)
from graphql.type import is_interface_type, is_object_type

from core.analyser.limits import BadDocument, capped
from core.analyser.terms import Term, Terms, make_term

_META_FIELDS = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef, "__typename": TypeNameMetaFieldDef}
_INTROSPECTION_ROOTS = frozenset({"__schema", "__type"})
_INTROSPECTION_LISTS = frozenset({"types", "fields", "interfaces", "possibleTypes", "inputFields"})


@dataclass(slots=True)
class Shape:
    """The figures of one selection with everything below it. Sums are capped, depths are maxima."""

    fields: int = 0
    aliases: int = 0
    directives: int = 0
    depth: int = 0
    repeats: int = 0
    fragment_depth: int = 0
    introspects: bool = False
    introspection_depth: int = 0
    introspection_lists: int = 0
    keys: Counter[str] = field(default_factory=Counter)
    """Response keys standing directly in this selection, through fragments."""
    roots: dict[str, GraphQLField | None] = field(default_factory=dict)
    """Names of the fields standing directly in this selection, with their definitions."""
    terms: Terms = field(default_factory=Terms)

    def absorb(self, below: "Shape", times: int = 1) -> None:
        """Adds the figures of what stands below or inside, `times` over: all but keys, roots, terms and depths."""
        self.fields = capped(self.fields + below.fields * times)
        self.aliases = capped(self.aliases + below.aliases * times)
        self.directives = capped(self.directives + below.directives * times)
        self.repeats = max(self.repeats, below.repeats)
        self.fragment_depth = max(self.fragment_depth, below.fragment_depth)
        self.introspects = self.introspects or below.introspects

    def inline(self, part: "Shape", times: int) -> None:
        """Takes the selections of a fragment as its own, as often as it is spread here."""
        self.absorb(part, times)
        self.depth = max(self.depth, part.depth)
        self.introspection_depth = max(self.introspection_depth, part.introspection_depth)
        self.introspection_lists = max(self.introspection_lists, part.introspection_lists)
        for key, count in part.keys.items():
            self.keys[key] = capped(self.keys[key] + count * times)
        self.roots.update(part.roots)
        self.terms.spread(part.terms, times)


class Measurer:
    """Measures the definitions of one document; a fragment is measured once, however often it is spread."""

    def __init__(self, schema: GraphQLSchema, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._schema = schema
        self._fragments = fragments
        self._shapes: dict[str, Shape] = {}
        for name in _in_dependency_order(fragments):
            definition = fragments[name]
            parent = schema.get_type(definition.type_condition.name.value)
            shape = self.selection(definition.selection_set, parent)
            shape.fragment_depth += 1
            shape.directives = capped(shape.directives + len(definition.directives or ()))
            self._shapes[name] = shape

    @property
    def fragments(self) -> list[Shape]:
        """The shapes of all fragments, used or not."""
        return list(self._shapes.values())

    def selection(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None) -> Shape:
        """The shape of a selection on `parent` (None when the document names an unknown type)."""
        shape = Shape()
        spreads: Counter[str] = Counter()
        self._collect(selection_set, parent, shape, spreads)
        for name, times in spreads.items():
            part = self._shapes.get(name)
            if part is not None:
                shape.inline(part, times)
        shape.repeats = max(shape.repeats, max(shape.keys.values(), default=0))
        return shape

    def _collect(
        self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None, shape: Shape, spreads: Counter[str]
    ) -> None:
        for node in selection_set.selections:
            shape.directives = capped(shape.directives + len(node.directives or ()))
            if isinstance(node, FieldNode):
                self._field(node, parent, shape)
            elif isinstance(node, FragmentSpreadNode):
                spreads[node.name.value] += 1
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                inner = self._schema.get_type(condition.name.value) if condition else parent
                self._collect(node.selection_set, inner, shape, spreads)

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None, shape: Shape) -> None:
        name = node.name.value
        key = node.alias.value if node.alias else name
        definition = _definition(parent, name)
        target = get_named_type(definition.type) if definition else None
        below = self.selection(node.selection_set, target) if node.selection_set else Shape()
        shape.fields = capped(shape.fields + 1)
        shape.aliases = capped(shape.aliases + (node.alias is not None))
        shape.absorb(below)
        shape.keys[key] += 1
        shape.roots[name] = definition
        inside = parent is not None and parent.name.startswith("__")
        if inside or name in _INTROSPECTION_ROOTS:
            shape.introspects = True
            shape.introspection_depth = max(shape.introspection_depth, 1 + below.introspection_depth)
            lists = below.introspection_lists + (name in _INTROSPECTION_LISTS)
            shape.introspection_lists = max(shape.introspection_lists, lists)
            shape.depth = max(shape.depth, 0 if inside else 1)
        else:
            shape.depth = max(shape.depth, 1 + below.depth)
            shape.terms.add(make_term(key, node, definition, below.terms) if definition else Term(key))


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if name in _META_FIELDS:
        return _META_FIELDS[name]
    if is_object_type(parent) or is_interface_type(parent):
        fields: dict[str, GraphQLField] = parent.fields
        return fields.get(name)
    return None


def _in_dependency_order(fragments: dict[str, FragmentDefinitionNode]) -> list[str]:
    """Fragment names, each after those it spreads; `BadDocument` for a cycle. No recursion: chains may be long."""
    spreads = {name: _spread_names(node.selection_set) & fragments.keys() for name, node in fragments.items()}
    order: dict[str, None] = {}
    for root in fragments:
        stack = [] if root in order else [(root, iter(spreads[root]))]
        open_names = {root}
        while stack:
            name, waiting = stack[-1]
            spread = next((candidate for candidate in waiting if candidate not in order), None)
            if spread is None:
                order[name] = None
                open_names.discard(name)
                stack.pop()
            elif spread in open_names:
                raise BadDocument(f'Fragment "{spread}" spreads itself.')
            else:
                open_names.add(spread)
                stack.append((spread, iter(spreads[spread])))
    return list(order)


def _spread_names(selection_set: SelectionSetNode) -> set[str]:
    names: set[str] = set()
    stack: list[SelectionNode] = list(selection_set.selections)
    while stack:
        node = stack.pop()
        if isinstance(node, FragmentSpreadNode):
            names.add(node.name.value)
        elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
            stack.extend(node.selection_set.selections)
    return names
