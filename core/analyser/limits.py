"""What a document may ask for, and the two ways in which it is refused."""

from dataclasses import dataclass

CAP = 10**9
"""Counts stop here: a bomb of 2^150 fields is as refused as one of 10^9."""


def capped(value: int) -> int:
    """`value`, at most `CAP`, so that no sum or product grows without bound."""
    return value if value < CAP else CAP


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest document that is executed. Counts are taken after fragments are expanded, unless said otherwise.

    `document_bytes`, `tokens` and `comments` are of the text. `nodes` counts the objects that the answer may hold,
    `fields` the selections, `repeats` how often one response key stands in one selection. `list_size` is assumed where
    the schema does not say how long a list is, `page_size` where a page's size is not given.
    """

    document_bytes: int = 65_536
    tokens: int = 2_000
    comments: int = 1_000
    depth: int = 12
    aliases: int = 30
    directives: int = 50
    cost: int = 5_000
    nodes: int = 10_000
    fields: int = 4_000
    repeats: int = 50
    fragment_depth: int = 30
    query_roots: int = 10
    mutation_roots: int = 3
    sensitive_roots: int = 1
    introspection_lists: int = 2
    introspection_depth: int = 20
    list_size: int = 10
    page_size: int = 20


@dataclass(frozen=True, slots=True)
class Cost:
    """What one field costs; stands in its `extensions["cost"]`.

    `weight` replaces 1 for an object and 0 for a scalar. `multiplier` is the list's declared size, or the names of the
    arguments that give it: an integer argument by its value, a list argument by its length.
    """

    weight: int | None = None
    multiplier: int | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PathCost:
    """One of the costliest places of a document: response keys joined by dots, and the points below it."""

    path: str
    cost: int


class BadDocument(Exception):
    """The document cannot be executed as it is written (a cycle, a nesting that only an attack needs)."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class TooExpensive(Exception):
    """The document passes the limit called `limit`; `costliest` says where, dearest first."""

    def __init__(self, limit: str, maximum: int, actual: int, costliest: tuple[PathCost, ...] = ()) -> None:
        shown = f"{actual} or more" if actual >= CAP else str(actual)
        super().__init__(f"The document's {limit} is {shown}; at most {maximum} is allowed.")
        self.limit = limit
        self.maximum = maximum
        self.actual = actual
        self.costliest = costliest

    @property
    def message(self) -> str:
        """The sentence for the client."""
        return str(self.args[0])
