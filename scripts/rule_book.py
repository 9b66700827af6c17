"""What docs/rules.md says beyond the rules: codes of the rule book named otherwise, rows that are not built."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent.parent / "rules" / "rule_book.toml"


@dataclass(frozen=True, slots=True)
class Named:
    """A code of the rule book (`book`) and its name `here`, and why there is another."""

    book: str
    here: str
    why: str


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row of the rule book that is not built. `codes`: refusals that come with it."""

    source: str
    what: str
    why: str
    codes: list[str] = field(default_factory=list)


def named() -> list[Named]:
    """Codes that have another name here."""
    return [Named(book, **row) for book, row in _data()["named"].items()]


def open_rows() -> list[OpenRow]:
    """Rows that are not built, by chapter."""
    return [OpenRow(**row) for row in _data()["open"]]


def _data() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
