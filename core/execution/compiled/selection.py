"""Which fields a selection asks of one object type, once the booleans of @skip and @include are known."""

from collections.abc import Iterable, Iterator, Mapping

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    is_abstract_type,
)
from graphql.language import BooleanValueNode

Grouped = dict[str, list[FieldNode]]
"""Response key → the fields that stand for it, in the order of the answer."""

_CONDITIONS = ("skip", "include")
_PLAIN_DIRECTIVES = frozenset(_CONDITIONS)


class NotCompiled(Exception):
    """Why an operation is left to graphql-core."""


class Selections:
    """Collects fields of one operation for fixed booleans; `NotCompiled` for @defer and @stream."""

    def __init__(
        self, schema: GraphQLSchema, fragments: Mapping[str, FragmentDefinitionNode], booleans: Mapping[str, bool]
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._booleans = booleans

    def fields(self, kind: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> Grouped:
        """The fields that `sets` together ask of `kind`. A named fragment counts where it stands first."""
        found: Grouped = {}
        seen: set[str] = set()
        for selection_set in sets:
            self._collect(kind, selection_set, found, seen)
        return found

    def _collect(self, kind: GraphQLObjectType, chosen: SelectionSetNode, found: Grouped, seen: set[str]) -> None:
        for node in chosen.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if self._applies(node.type_condition, kind):
                    self._collect(kind, node.selection_set, found, seen)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments.get(node.name.value)
                if fragment is None or node.name.value in seen or not self._applies(fragment.type_condition, kind):
                    continue
                seen.add(node.name.value)
                self._collect(kind, fragment.selection_set, found, seen)

    def _included(self, node: SelectionNode) -> bool:
        conditions: dict[str, bool] = {}
        for directive in node.directives or ():
            name = directive.name.value
            if name in ("defer", "stream"):
                raise NotCompiled(f"@{name}")
            if name in _PLAIN_DIRECTIVES:
                conditions.setdefault(name, self._holds(directive))
        return not conditions.get("skip", False) and conditions.get("include", True)

    def _holds(self, directive: DirectiveNode) -> bool:
        value = directive.arguments[0].value if directive.arguments else None
        if isinstance(value, BooleanValueNode):
            return value.value
        if isinstance(value, VariableNode) and value.name.value in self._booleans:
            return self._booleans[value.name.value]
        raise NotCompiled("a condition without its boolean")

    def _applies(self, condition: NamedTypeNode | None, kind: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == kind.name:
            return True
        asked = self._schema.get_type(condition.name.value)
        return is_abstract_type(asked) and self._schema.is_sub_type(asked, kind)


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """The document's fragments by their names."""
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


def directive_variables(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """The variables that conditions of the operation and of the fragments it reaches depend on, in document order."""
    names: dict[str, None] = {}
    for node in _reached(operation, fragments):
        for directive in node.directives or ():
            value = directive.arguments[0].value if directive.arguments else None
            if directive.name.value in _CONDITIONS and isinstance(value, VariableNode):
                names[value.name.value] = None
    return tuple(names)


def _reached(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[SelectionNode]:
    """Every selection of the operation, each fragment's once; without recursion, since documents may be deep."""
    seen: set[str] = set()
    waiting = list(reversed(operation.selection_set.selections))
    while waiting:
        node = waiting.pop()
        yield node
        inner: SelectionSetNode | None = None
        if isinstance(node, FieldNode | InlineFragmentNode):
            inner = node.selection_set
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            inner = fragments[node.name.value].selection_set if node.name.value in fragments else None
        waiting += reversed(inner.selections) if inner else ()
