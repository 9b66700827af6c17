"""What computed fields and relations look at: all else of a row can be left unread."""

from typing import Any

COLUMNS = "columns"
"""In a field's extensions: the row's columns that it looks at; where it is missing nobody knows."""


def looks_at(*columns: str) -> dict[str, Any]:
    """The metadata of a computed field whose resolver looks at these columns of its row, and at no other."""
    return {"extensions": {COLUMNS: columns}}
