"""PostGraphile's own questions, and its answers in the product's shape."""

from typing import Any

from benchmarks.side_by_side.callers import Caller
from benchmarks.side_by_side.operations import Operation


def question(operation: Operation, caller: Caller) -> tuple[str, dict[str, Any]]:
    """Document and variables."""
    raise NotImplementedError


def shaped(operation: Operation, data: dict[str, Any]) -> dict[str, Any]:
    """As the product would say it."""
    raise NotImplementedError
