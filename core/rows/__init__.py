"""Reading rows at once: a query set's conditions as SQL of our own, and its rows without the ORM's detours.

What a use case says stays a query set, and stays the only place that says who sees what. What cannot be read this way
the ORM reads: the rows are the same.
"""

from core.rows.conditions import Unreadable
from core.rows.hydration import RELATED
from core.rows.reading import (
    Head,
    Join,
    Sort,
    all_names,
    read_count,
    read_counts,
    read_first,
    read_heads,
    read_newest,
    read_rows,
    read_sums,
    read_values,
)

__all__ = [
    "RELATED",
    "Head",
    "Join",
    "Sort",
    "Unreadable",
    "all_names",
    "read_count",
    "read_counts",
    "read_first",
    "read_heads",
    "read_newest",
    "read_rows",
    "read_sums",
    "read_values",
]
