"""When two results are the same answer, and what to say when they are not."""

import json
from collections import defaultdict
from collections.abc import Sequence
from enum import Enum
from typing import Any

from graphql import ExecutionResult, GraphQLError

Path = tuple[str | int, ...]


class Order(Enum):
    """How far the order, and the choice, of errors is laid down."""

    EXACT = "nothing is awaited: the same errors in the same order"
    SORTED = "resolvers are awaited: the same errors, in whatever order"
    NULLED = "siblings race below a field that an error has nulled: at least one error there, and only possible ones"


def describe(error: GraphQLError) -> tuple[Any, ...]:
    """All of an error that a client, the log or the product's mapping of errors can see."""
    return (
        tuple(error.path) if error.path is not None else None,
        error.message,
        tuple((place.line, place.column) for place in error.locations or ()),
        json.dumps(error.extensions, default=repr),
        type(error.original_error).__name__,
    )


def dumped(data: Any) -> str:
    """Data as text: key order counts, and so does `1` against `1.0` and `true`."""
    return json.dumps(data, default=repr)


def difference(
    expected: ExecutionResult, found: ExecutionResult, order: Order, possible: Sequence[GraphQLError] = ()
) -> str | None:
    """What differs, in one line; nothing when the two agree. `possible` is asked for by `Order.NULLED` only."""
    if dumped(expected.data) != dumped(found.data):
        return f"data: {dumped(expected.data)[:2000]} != {dumped(found.data)[:2000]}"
    wanted, got = ([describe(error) for error in result.errors or ()] for result in (expected, found))
    if order is Order.NULLED:
        return _nulled_difference(expected.data, wanted, got, {describe(error) for error in possible})
    if order is Order.SORTED:
        wanted, got = sorted(wanted, key=repr), sorted(got, key=repr)
    if wanted != got:
        return f"errors: {wanted} != {got}"
    if (expected.errors is None) != (found.errors is None):
        return f"no errors are {expected.errors!r} there and {found.errors!r} here"
    return None


def nulled_at(data: Any, path: Path | None) -> Path | None:
    """Where an error's null is: at its own path, or above it when the null was propagated."""
    if path is None:
        return None
    value = data
    for depth, key in enumerate(path):
        if value is None:
            return path[:depth]
        value = value[key]
    return path


def _nulled_difference(
    data: Any, wanted: list[tuple[Any, ...]], got: list[tuple[Any, ...]], possible: set[tuple[Any, ...]]
) -> str | None:
    """Errors that stay where they are must be the same; of those below one propagated null, any may be told."""
    sides: list[dict[Any, list[Any]]] = []
    for errors in (wanted, got):
        groups: dict[Any, list[Any]] = defaultdict(list)
        for error in errors:
            groups[nulled_at(data, error[0])].append(error)
        sides.append(groups)
    left, right = sides
    if left.keys() != right.keys():
        return f"errors null different places: {wanted} != {got}"
    for place, errors in left.items():
        racing = any(error[0] != place for error in (*errors, *right[place]))
        if not racing and sorted(errors, key=repr) != sorted(right[place], key=repr):
            return f"errors: {errors} != {right[place]}"
        unknown = [error for error in right[place] if error not in possible and error not in errors]
        if unknown:
            return f"errors that nothing raised: {unknown}, possible were {sorted(possible, key=repr)}"
        if len(set(right[place])) != len(right[place]):
            return f"an error is told twice: {right[place]}"
    return None
