"""Many entries in one command: each in a savepoint of the one transaction, in input order, with a result of its own.

What an entry wrote, and what it would have sent, goes when it is refused; the entries beside it stay. A batch of which
every entry is refused leaves nothing at all, as any refusal does.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from core import db
from models.base import Row, StaleVersion
from resolvers.context import Context
from resolvers.refusals import conflict_of, violation_of
from rules.errors import ErrorCode, Rejected, Violation

T = TypeVar("T")
S = TypeVar("S", bound=Hashable)
_INSTANTS = ("available_at", "deadline", "resets_at")
_NUMBERS = ("limit", "used", "requested")


@dataclass(slots=True)
class Item(Generic[T]):
    """What became of one entry: its row, or every reason against it. A dry run shows the reasons alone.

    `note` is a word of the use case on how it was done, where there is more than one way.
    """

    result: T | None = None
    violations: list[Violation] = field(default_factory=list)
    note: str = ""


@dataclass(slots=True)
class Batch(Generic[T]):
    """What a batch command returns: one item for each entry, in input order; `subject` is what the audit row names."""

    items: list[Item[T]]
    subject: Row | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing was done: every entry has its reasons."""
        return all(item.violations for item in self.items)

    @property
    def violations(self) -> list[Violation]:
        """The reasons of all entries."""
        return [violation for item in self.items for violation in item.violations]

    @property
    def results(self) -> list[T]:
        """The rows of the entries that were carried out."""
        return [item.result for item in self.items if item.result is not None]

    def without_rows(self) -> "Batch[T]":
        """As a dry run shows it: what it made is rolled back and can be neither shown nor found again."""
        return Batch([Item(violations=item.violations, note=item.note) for item in self.items])


async def each(
    ctx: Context, entries: Sequence[S], work: Callable[[S, tuple[str, ...]], Awaitable[T]], *path: str
) -> Batch[T]:
    """Carries out `work(entry, place)` for every entry; `path` leads to the list, `place` to the entry in it.

    An entry named before in the same list is refused with REPEATED. A failure of the database ends the whole batch.
    """
    items: list[Item[T]] = []
    seen: set[S] = set()
    for number, entry in enumerate(entries):
        place = (*path, str(number))
        if entry in seen:
            items.append(Item(violations=[Violation(ErrorCode.REPEATED, place)]))
            continue
        seen.add(entry)
        items.append(await _one(ctx, entry, place, work))
    return Batch(items)


async def _one(
    ctx: Context, entry: S, place: tuple[str, ...], work: Callable[[S, tuple[str, ...]], Awaitable[T]]
) -> Item[T]:
    before = ctx.work.mark()
    try:
        async with db.savepoint():
            return Item(result=await work(entry, place))
    except Rejected as refusal:
        violations = refusal.violations
    except StaleVersion as stale:
        violations = [await conflict_of(stale)]
    except db.ConstraintViolated as violated:
        violations = [violation_of(violated)]
    ctx.work.back_to(before)
    return Item(violations=violations)


def stored(batch: Batch[Any]) -> list[dict[str, Any]]:
    """The items as they are kept with an idempotency key: what kind of row with which id, or the reasons."""
    return [
        {
            "typename": type(item.result).__name__ if isinstance(item.result, Row) else None,
            "id": str(item.result.id) if isinstance(item.result, Row) else None,
            "violations": [_data(violation) for violation in item.violations],
            "note": item.note,
        }
        for item in batch.items
    ]


def restored(items: Sequence[dict[str, Any]], rows: dict[UUID, Row]) -> Batch[Row]:
    """The inverse of `stored`; `rows` are those of its ids that the caller may see now."""
    return Batch(
        [
            Item(
                None if item["id"] is None else rows.get(UUID(item["id"])),
                [_violation(data) for data in item["violations"]],
                item.get("note", ""),
            )
            for item in items
        ]
    )


def _data(violation: Violation) -> dict[str, Any]:
    """A violation without what only this run could show: the row that somebody else changed."""
    plain = {name: getattr(violation, name) for name in Violation.__slots__}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in plain.items()}


def _violation(data: dict[str, Any]) -> Violation:
    values = {**data, "code": ErrorCode(data["code"]), "path": tuple(data["path"])}
    values |= {name: None if data[name] is None else datetime.fromisoformat(data[name]) for name in _INSTANTS}
    values |= {name: None if data[name] is None else Decimal(data[name]) for name in _NUMBERS}
    return Violation(**values)
