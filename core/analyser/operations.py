"""The verdict on one operation of a document: within the limits, or what it passes and where."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, OperationType

from core.analyser.limits import BadDocument, Limits, PathCost, TooExpensive
from core.analyser.shape import Measurer, Shape
from core.analyser.terms import Price, Pricing, Term, Terms, count_of, literal_sizes

_SHOWN_PATHS = 5
_KEPT_PRICES = 64
_ABSENT = "absent"


@dataclass(slots=True)
class OperationAnalysis:
    """What is known of an operation before its variables are: `price` adds them."""

    node: OperationDefinitionNode
    shape: Shape
    limits: Limits
    defaults: dict[str, int | None]
    known: dict[tuple[object, ...], Price] = field(default_factory=dict)
    """Prices by the sizes that the variables give."""

    @property
    def introspects(self) -> bool:
        """Whether `__schema` or `__type` is asked for."""
        return self.shape.introspects

    def price(self, variables: Mapping[str, Any]) -> Price:
        """Points and objects with these raw variable values; `TooExpensive` with the costliest paths over a limit."""
        sizes = self._sizes({**self.defaults, **variables})
        if sizes in self.known:
            return self.known[sizes]
        pricing = Pricing(self.limits, {**self.defaults, **variables})
        price = pricing.selection(self.shape.terms).at(self.limits.list_size)
        for name, maximum, actual in (
            ("cost", self.limits.cost, price.cost),
            ("node count", self.limits.nodes, price.nodes),
        ):
            if actual > maximum:
                raise TooExpensive(name, maximum, actual, _costliest(pricing, self.shape.terms, self.limits.list_size))
        if len(self.known) == _KEPT_PRICES:
            self.known.clear()
        self.known[sizes] = price
        return price

    def _sizes(self, variables: Mapping[str, Any]) -> tuple[object, ...]:
        """All that a price depends on."""
        if not self.shape.terms.varies:
            return ()
        names = (one.variable.name.value for one in self.node.variable_definitions or ())
        return tuple(count_of(variables[name]) if name in variables else _ABSENT for name in names)


def analyse(schema: GraphQLSchema, document: DocumentNode, limits: Limits) -> list[OperationAnalysis]:
    """All operations of a parsed document, each within the static limits; `BadDocument` or `TooExpensive` otherwise.

    The document need not be valid: unknown types and fields count, but cost nothing. Fragments that no operation uses
    are held to the same limits, so that validation never meets one that is not.
    """
    fragments: dict[str, FragmentDefinitionNode] = {}
    operations: list[OperationDefinitionNode] = []
    for definition in document.definitions:
        if isinstance(definition, FragmentDefinitionNode):
            if definition.name.value in fragments:
                raise BadDocument(f'There can be only one fragment named "{definition.name.value}".')
            fragments[definition.name.value] = definition
        elif isinstance(definition, OperationDefinitionNode):
            operations.append(definition)
        else:
            raise BadDocument("The document may hold operations and fragments only.")
    measurer = Measurer(schema, fragments)
    for shape in measurer.fragments:
        _check(shape, limits)
    return [_operation(schema, node, measurer, limits) for node in operations]


def _operation(
    schema: GraphQLSchema, node: OperationDefinitionNode, measurer: Measurer, limits: Limits
) -> OperationAnalysis:
    shape = measurer.selection(node.selection_set, schema.get_root_type(node.operation))
    shape.directives += len(node.directives or ())
    _check(shape, limits)
    _check_roots(shape, node.operation, limits)
    defaults = {
        variable.variable.name.value: variable.default_value
        for variable in node.variable_definitions or ()
        if variable.default_value is not None
    }
    return OperationAnalysis(node, shape, limits, literal_sizes(defaults))


def _check(shape: Shape, limits: Limits) -> None:
    for name, maximum, actual in (
        ("depth", limits.depth, shape.depth),
        ("number of aliases", limits.aliases, shape.aliases),
        ("number of directives", limits.directives, shape.directives),
        ("number of fields", limits.fields, shape.fields),
        ("number of repeated fields", limits.repeats, shape.repeats),
        ("depth of fragments", limits.fragment_depth, shape.fragment_depth),
        ("introspection depth", limits.introspection_depth, shape.introspection_depth),
        ("number of nested introspection lists", limits.introspection_lists, shape.introspection_lists),
    ):
        if actual > maximum:
            raise TooExpensive(name, maximum, actual)


def _check_roots(shape: Shape, operation: OperationType, limits: Limits) -> None:
    maximum = limits.mutation_roots if operation is OperationType.MUTATION else limits.query_roots
    if any(field and field.extensions.get("sensitive") is True for field in shape.roots.values()):
        maximum = min(maximum, limits.sensitive_roots)
    actual = shape.keys.total()
    if actual > maximum:
        raise TooExpensive("number of root fields", maximum, actual)


def _costliest(pricing: Pricing, terms: Terms, size: int) -> tuple[PathCost, ...]:
    """The dearest places, walked from the top: the dearest place so far is opened next."""
    heap: list[tuple[int, str, int, int, Term]] = []

    def push(selection: Terms, prefix: str, times: int, inherited: int) -> None:
        for term, number in _fields(selection):
            cost = pricing.term(term).at(inherited).cost * number * times
            heapq.heappush(heap, (-cost, prefix + term.key, len(heap), times * number, term))

    push(terms, "", 1, size)
    found: dict[str, int] = {}
    sizes: dict[str, int] = {"": size}
    while heap and len(found) < _SHOWN_PATHS:
        cost, path, _, times, term = heapq.heappop(heap)
        if cost < 0 and path not in found:
            found[path] = -cost
            inherited = sizes.get(path.rpartition(".")[0], pricing.inner_size(term, 1))
            own = pricing.size(term) if term.has_size else inherited
            sizes[path] = pricing.inner_size(term, own)
            push(term.below, f"{path}.", times * (own if term.is_list else 1), sizes[path])
    return tuple(PathCost(path, cost) for path, cost in sorted(found.items(), key=lambda entry: -entry[1]))


def _fields(terms: Terms) -> Iterator[tuple[Term, int]]:
    """The fields of a selection and of the fragments spread in it, each with its number; a fragment is entered once."""
    seen: set[int] = set()
    stack = [(terms, 1)]
    while stack:
        current, times = stack.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield from ((term, times) for term in current.own)
        stack.extend((fragment, times * number) for fragment, number in current.spreads)
