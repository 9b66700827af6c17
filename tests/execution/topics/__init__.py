"""The corpus of cases, a module a topic."""

import importlib
from pathlib import Path

from tests.execution.case import Case


def all_cases() -> list[tuple[str, Case]]:
    """Every case with the name of its topic, in the order of the files' names."""
    found: list[tuple[str, Case]] = []
    for file in sorted(Path(__file__).parent.glob("[!_]*.py")):
        module = importlib.import_module(f"tests.execution.topics.{file.stem}")
        found += [(file.stem, case) for case in module.CASES]
    return found
