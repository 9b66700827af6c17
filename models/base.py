"""What every table has in common: typed ids, versions, business time, the one declaration of scope and of masks."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from tortoise import fields
from tortoise.models import Model

from core.ids import uuid7


class Mask(StrEnum):
    """How a column with personal data looks to a viewer without the right to see it."""

    MOBILE = "mobile"
    EMAIL = "email"
    NAME = "name"
    IDENTIFIER = "identifier"


@dataclass(frozen=True, slots=True)
class Through:
    """Whoever is the `kind` in column `owner` of a row of table `link` also sees the rows that its `points_at` names.

    They are named by their id, or by another column `row`. The link leads there as long as its column `until` is empty;
    without one for ever. The kind `account` is the acting account, whatever else it acts for.
    """

    kind: str
    link: str
    points_at: str
    owner: str
    row: str = "id"
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Scoped:
    """Who sees a row, by column: the acting partner, customer or account must be in (one of) the named column(s).

    Row-level security, `visible(ctx)` and the read engine are all built from this one declaration. Staff of the vendor
    and the worker (scope kind `all`) see every row. `public` tables are read by everybody and written by `all` alone;
    `append` tables take new rows from every scope (outbox, log); `closed` ones are written by functions of the database
    alone, and only read otherwise; a table with no column is the system's own.
    `through` shows rows, and only shows them, to those whom a row of another table leads to it.
    """

    partner: str | tuple[str, ...] = ()
    customer: str | tuple[str, ...] = ()
    account: str | tuple[str, ...] = ()
    through: tuple[Through, ...] = ()
    public: bool = False
    append: bool = False
    closed: bool = False

    def columns(self) -> list[tuple[str, str]]:
        """Every (scope kind, column) pair by which a row belongs to somebody."""
        named = (("partner", self.partner), ("customer", self.customer), ("account", self.account))
        return [
            (kind, column)
            for kind, columns in named
            for column in ((columns,) if isinstance(columns, str) else columns)
        ]


SYSTEM_TABLE = Scoped()


class StaleVersion(Exception):
    """Somebody else changed the row first; `row` is as the loser knew it."""

    def __init__(self, row: "Entity") -> None:
        super().__init__(f"{type(row).__name__} {row.id} is no longer at version {row.version}")
        self.row = row


class Row(Model):
    """A table whose rows carry a time-ordered id and a declared scope."""

    id = fields.UUIDField(primary_key=True, default=uuid7)

    scope: ClassVar[Scoped] = SYSTEM_TABLE
    masks: ClassVar[dict[str, Mask]] = {}
    prefix: ClassVar[str] = ""
    named_by: ClassVar[str | None] = None
    """The column that holds the name by which messages call the row; None for what messages never name."""

    class Meta:
        abstract = True


class Entity(Row):
    """A row with a life of its own: version for optimistic locking, business time of birth and of the last change."""

    version = fields.IntField(default=1, db_default=1)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()

    class Meta:
        abstract = True

    @classmethod
    async def insert(cls, *, now: datetime, **values: Any) -> Self:
        """Writes a new row born at `now`."""
        return await cls.create(created_at=now, updated_at=now, **values)

    async def change(self, *, now: datetime, **values: Any) -> None:
        """Writes only `values` and counts the version up; `StaleVersion` if the row moved on meanwhile."""
        changed = {**values, "version": self.version + 1, "updated_at": now}
        touched = await type(self).filter(id=self.id, version=self.version).update(**changed)
        if not touched:
            raise StaleVersion(self)
        for name, value in changed.items():
            setattr(self, name, value)
