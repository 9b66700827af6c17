"""Random valid documents, as trees that can be cut down when one of them shows a difference."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_nullable_type,
    is_required_argument,
)

from tests.execution.fuzz.schemas import World
from tests.seeded import Random

CONDITIONS = ("p", "q", "r")
"""The variables of conditions."""


@dataclass(slots=True)
class Selection:
    """`head` and what is selected below it; a spread and a leaf have nothing below."""

    head: str
    below: "list[Selection] | None" = None

    def text(self) -> str:
        """As GraphQL."""
        return self.head if self.below is None else f"{self.head} {written(self.below)}"


@dataclass(slots=True)
class Document:
    """A query with its fragments and variables."""

    selections: list[Selection]
    fragments: dict[str, tuple[str, list[Selection]]] = field(default_factory=dict)
    declared: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """As GraphQL; variables that nothing uses any more are declared all the same."""
        head = f"query ({' '.join(f'${name}: {kind}' for name, kind in self.declared.items())})"
        fragments = [f"fragment {name} on {on} {written(below)}" for name, (on, below) in self.fragments.items()]
        return "\n".join([f"{head if self.declared else 'query'} {written(self.selections)}", *fragments])

    def lists(self) -> Iterator[list[Selection]]:
        """Every list of selections in the document, the large ones first."""
        waiting = [self.selections, *(below for _, below in self.fragments.values())]
        while waiting:
            found = waiting.pop(0)
            yield found
            waiting += [one.below for one in found if one.below is not None]


def written(selections: list[Selection]) -> str:
    """A selection set."""
    return "{ " + " ".join(one.text() for one in selections) + " }"


class Maker:
    """Makes one document and its variables."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.document = Document([])
        self.variables: dict[str, Any] = {}
        self._given: dict[str, str] = {}
        self._budget = 30

    def make(self) -> Document:
        """The document; the variables are in `variables`."""
        for number in range(self.random.choice((0, 0, 1, 2, 3))):
            on = self.random.choice([*self.world.fields, *self.world.possible])
            # A fragment may spread those made before it, so that none spreads itself.
            self.document.fragments[f"F{number}"] = (on, self._selections(on, 3))
        self.document.selections = self._selections("Query", 0)
        self._drop_unused()
        return self.document

    def _drop_unused(self) -> None:
        used: set[str] = set()
        waiting = [written(self.document.selections)]
        while waiting:
            text = waiting.pop()
            for name, (_, below) in self.document.fragments.items():
                if name not in used and f"...{name} " in text:
                    used.add(name)
                    waiting.append(written(below))
        self.document.fragments = {name: one for name, one in self.document.fragments.items() if name in used}
        head, _, rest = self.document.text().partition("\n")
        body = head.split(") ", 1)[-1] + rest
        for name in list(self.document.declared):
            if f"${name}" not in body:
                del self.document.declared[name]

    def _selections(self, on: str, depth: int) -> list[Selection]:
        return [self._selection(on, depth) for _ in range(self.random.choice((1, 2, 2, 3, 4)))]

    def _selection(self, on: str, depth: int) -> Selection:
        luck = self.random.random()
        fields = self.world.fields.get(on)
        if luck < 0.12 and depth < 5:
            condition = self._condition(on)
            head = f"... on {condition}" if condition != on or self.random.random() < 0.5 else "..."
            return Selection(head + self._directives(), self._selections(condition, depth + 1))
        if luck < 0.2:
            fitting = [name for name, (kind, _) in self.document.fragments.items() if self._overlap(kind, on)]
            if fitting:
                return Selection(f"...{self.random.choice(fitting)} {self._directives()}")
        if luck < 0.28 or not fields:
            return Selection(f"{self._alias('__typename')}__typename{self._directives()}")
        return self._field(self.random.choice(fields), depth)

    def _field(self, name: str, depth: int) -> Selection:
        signature = self.world.signatures[name]
        if self.world.is_composite(signature.named) and (depth > 6 or self._budget < 0):
            return Selection("__typename")
        self._budget -= 1
        key = f"{name}_{self.random.choice('abc')}" if self.random.random() < 0.4 else name
        if key not in self._given:
            self._given[key] = self._arguments(signature.arguments)
        head = f"{key}: {name}" if key != name else name
        below = self._selections(signature.named, depth + 1) if self.world.is_composite(signature.named) else None
        return Selection(head + self._given[key] + self._directives(), below)

    def _alias(self, name: str) -> str:
        return f"t{self.random.choice('ab')}: " if self.random.random() < 0.3 else ""

    def _members(self, name: str) -> set[str]:
        return set(self.world.possible.get(name, [name]))

    def _overlap(self, one: str, other: str) -> bool:
        return bool(self._members(one) & self._members(other))

    def _condition(self, on: str) -> str:
        every = [*self.world.fields, *self.world.possible]
        return self.random.choice([name for name in every if self._overlap(name, on)])

    def _directives(self) -> str:
        if self.random.random() > 0.15:
            return ""
        made = []
        for directive in self.random.sample(("skip", "include"), self.random.choice((1, 1, 2))):
            value = self.random.choice(("true", "false", "$", "$", "$"))
            if value == "$":
                name = self.random.choice(CONDITIONS)
                value = f"${name}"
                if name not in self.document.declared:
                    self.document.declared[name] = self.random.choice(
                        ("Boolean!", "Boolean! = true", "Boolean = false")
                    )
                    if self.random.random() < 0.7 or self.document.declared[name] == "Boolean!":
                        self.variables[name] = self.random.random() < 0.5
            made.append(f" @{directive}(if: {value})")
        return "".join(made)

    def _arguments(self, arguments: dict[str, Any]) -> str:
        given = []
        for name, argument in arguments.items():
            if not is_required_argument(argument) and self.random.random() < 0.4:
                continue
            given.append(f"{name}: {self._variable(argument.type) or self._literal(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def _variable(self, kind: Any) -> str | None:
        if self.random.random() > 0.35:
            return None
        name = f"v{len(self.document.declared)}"
        default = f" = {self._literal(kind)}" if self.random.random() < 0.3 else ""
        self.document.declared[name] = f"{kind}{default}"
        if self.random.random() < 0.7 or (isinstance(kind, GraphQLNonNull) and not default):
            self.variables[name] = self._raw(kind)
        return f"${name}"

    def _literal(self, kind: Any) -> str:
        if isinstance(kind, GraphQLNonNull):
            return self._literal_of(kind.of_type)
        return "null" if self.random.random() < 0.1 else self._literal_of(kind)

    def _literal_of(self, kind: Any) -> str:
        if isinstance(kind, GraphQLList):
            item = get_nullable_type(kind.of_type)
            if self.random.random() < 0.15 and not isinstance(item, GraphQLList):
                return self._literal_of(item)  # one item for a list of one
            return f"[{', '.join(self._literal(kind.of_type) for _ in range(self.random.randint(0, 2)))}]"
        if isinstance(kind, GraphQLInputObjectType):
            chosen = [name for name in kind.fields if self.random.random() < (0.1 if name == "c" else 0.5)]
            return "{" + ", ".join(f"{name}: {self._literal(kind.fields[name].type)}" for name in chosen) + "}"
        if isinstance(kind, GraphQLEnumType):
            return str(self.random.choice(list(kind.values)))
        literals: tuple[str, ...] = _LITERALS[kind.name]
        return self.random.choice(literals)

    def _raw(self, kind: Any) -> Any:
        """A value for a variable: now and then a wrong one."""
        if isinstance(kind, GraphQLNonNull):
            return self._raw_of(kind.of_type)
        return None if self.random.random() < 0.1 else self._raw_of(kind)

    def _raw_of(self, kind: Any) -> Any:
        if self.random.random() < 0.01:
            return self.random.choice(({"wrong": 1}, [[[["wrong"]]]], -1.5, "wrong"))
        if isinstance(kind, GraphQLList):
            if self.random.random() < 0.15:
                return self._raw(kind.of_type)
            return [self._raw(kind.of_type) for _ in range(self.random.randint(0, 2))]
        if isinstance(kind, GraphQLInputObjectType):
            chosen = [name for name in kind.fields if self.random.random() < (0.1 if name == "c" else 0.5)]
            return {name: self._raw(kind.fields[name].type) for name in chosen}
        if isinstance(kind, GraphQLEnumType):
            return str(self.random.choice(list(kind.values)))
        return self.random.choice(_RAW[kind.name])


_LITERALS = {
    "Int": ("0", "5", "-3"),
    "Float": ("1", "2.5", "-1e3"),
    "String": ('""', '"text"'),
    "Boolean": ("true", "false"),
    "ID": ('"a"', "7"),
    "Code": ('"A"', '"BC"'),
}
_RAW: dict[str, tuple[Any, ...]] = {
    "Int": (0, 5, -3, 2.0),
    "Float": (1, 2.5),
    "String": ("", "text"),
    "Boolean": (True, False),
    "ID": ("a", 7),
    "Code": ("A", "BC"),
}
