"""The cost of a selection as terms, priced with a request's variables.

A page's size is an argument of the connection but multiplies the lists inside it (`nodes`, `edges`), so the price of a
selection is a line: what it costs once, and what it costs per entry of the page it stands in. Lines add up, which
is why a fragment is priced once however often it is spread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from core.analyser.limits import Cost, Limits, capped

PAGE_ARGUMENTS = ("first", "last")


class Price(NamedTuple):
    """Points and objects: fixed, and per entry of the enclosing page."""

    cost: int = 0
    cost_each: int = 0
    nodes: int = 0
    nodes_each: int = 0

    def plus(self, other: "Price", times: int = 1) -> "Price":
        """The sum of this price and `times` the other."""
        return Price(*(capped(mine + theirs * times) for mine, theirs in zip(self, other, strict=True)))

    def at(self, size: int) -> "Price":
        """The price in a page of `size` entries: no part per entry is left."""
        return Price(cost=capped(self.cost + self.cost_each * size), nodes=capped(self.nodes + self.nodes_each * size))


@dataclass(slots=True)
class Terms:
    """The terms of one selection: its fields, and the fragments spread in it with their number."""

    own: list["Term"] = field(default_factory=list)
    spreads: list[tuple["Terms", int]] = field(default_factory=list)
    varies: bool = False
    """Whether the price depends on a variable."""

    def add(self, term: "Term") -> None:
        """Adds a field."""
        self.own.append(term)
        self.varies = self.varies or term.varies

    def spread(self, terms: "Terms", times: int) -> None:
        """Adds a fragment that is spread `times` times."""
        self.spreads.append((terms, times))
        self.varies = self.varies or terms.varies


@dataclass(slots=True)
class Term:
    """One field: its weight, how its size is found, and the terms below it."""

    key: str
    weight: int = 0
    is_object: bool = False
    is_list: bool = False
    declared_size: int | None = None
    sizes: tuple["Size", ...] = ()
    below: Terms = field(default_factory=Terms)

    @property
    def has_size(self) -> bool:
        """Whether the field itself says how long its list or page is."""
        return self.declared_size is not None or bool(self.sizes)

    @property
    def varies(self) -> bool:
        """Whether the price depends on a variable."""
        return self.below.varies or any(isinstance(size.value, VariableNode) for size in self.sizes)


class Size(NamedTuple):
    """An argument that gives a size: what the document says, and what the schema says when it does not."""

    value: ValueNode | None
    default: Any


def make_term(key: str, node: FieldNode, definition: GraphQLField, below: Terms) -> Term:
    """The term of a field of the schema; its `Cost` stands in `definition.extensions["cost"]`."""
    declared = definition.extensions.get("cost")
    cost = declared if isinstance(declared, Cost) else Cost()
    is_object = not is_leaf_type(get_named_type(definition.type))
    term = Term(
        key,
        weight=int(is_object) if cost.weight is None else cost.weight,
        is_object=is_object,
        is_list=is_list_type(get_nullable_type(definition.type)),
        below=below,
    )
    if isinstance(cost.multiplier, int):
        term.declared_size = cost.multiplier
    else:
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        names = PAGE_ARGUMENTS if cost.multiplier is None else cost.multiplier
        term.sizes = tuple(
            Size(given.get(name), definition.args[name].default_value) for name in names if name in definition.args
        )
    return term


class Pricing:
    """Prices terms under one set of variable values; every `Terms` once."""

    def __init__(self, limits: Limits, variables: Mapping[str, Any]) -> None:
        self._limits = limits
        self._variables = variables
        self._known: dict[int, Price] = {}

    def selection(self, terms: Terms) -> Price:
        """The price of a selection."""
        known = self._known.get(id(terms))
        if known is None:
            known = Price()
            for term in terms.own:
                known = known.plus(self.term(term))
            for fragment, times in terms.spreads:
                known = known.plus(self.selection(fragment), times)
            self._known[id(terms)] = known
        return known

    def term(self, term: Term) -> Price:
        """The price of one field with everything below it."""
        size = self.size(term)
        inner = self.selection(term.below).at(self.inner_size(term, size))
        one = Price(cost=capped(term.weight + inner.cost), nodes=capped(int(term.is_object) + inner.nodes))
        if not term.is_list:
            return one
        if term.has_size:
            return Price().plus(one, size)
        return Price(cost_each=one.cost, nodes_each=one.nodes)

    def inner_size(self, term: Term, size: int) -> int:
        """The size that lists below `term` inherit: a page hands its own down, everything else the assumed one."""
        return size if term.has_size and not term.is_list else self._limits.list_size

    def size(self, term: Term) -> int:
        """How many entries the field has: the largest of its size arguments, at least 1."""
        if term.declared_size is not None:
            return max(1, term.declared_size)
        found = [number for size in term.sizes if (number := self._number(size)) is not None]
        return max([1, *found]) if found else self._limits.page_size

    def _number(self, size: Size) -> int | None:
        value = size.value
        if isinstance(value, VariableNode):
            name = value.name.value
            return count_of(self._variables[name]) if name in self._variables else count_of(size.default)
        return count_of(size.default) if value is None else _count_literal(value)


def count_of(value: Any) -> int | None:
    """The size that a value stands for: an integer's, a list's length; None where it gives none."""
    if isinstance(value, bool) or value is None or value is Undefined:
        return None
    if isinstance(value, int):
        return capped(value)
    return len(value) if isinstance(value, list) else None


def literal_sizes(values: Mapping[str, ValueNode]) -> dict[str, int | None]:
    """The sizes that literals (the defaults of an operation's variables) stand for."""
    return {name: _count_literal(value) for name, value in values.items()}


def _count_literal(value: ValueNode) -> int | None:
    if isinstance(value, IntValueNode):
        return capped(int(value.value[:12]))
    if isinstance(value, ListValueNode):
        return len(value.values)
    return None if isinstance(value, NullValueNode) else 1
