"""Rows as CSV (RFC 4180, UTF-8) that spreadsheets read as text and numbers, never as formulas."""

import csv
import re
from collections.abc import Sequence
from io import StringIO

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def csv_line(values: Sequence[str | int | bool | None]) -> bytes:
    """One record with its line end; nothing for None. A text that a spreadsheet would compute gets a quote first."""
    written = StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([_cell(value) for value in values])
    return written.getvalue().encode()


def _cell(value: str | int | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text
