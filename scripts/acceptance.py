"""docs/acceptance.md: which test shows which acceptance scenario of the partner lifecycle."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "journey" / "acceptance"
SCENARIOS = {
    1: "Who unbinds a specialist, and what comes before it",
    2: "Seven days of an invitation",
    3: "Three partners in a year",
    4: "A real name, asked for on one site",
    5: "Two acceptances at once",
    6: "A certified partner neither leaves its path nor closes its account",
    7: "A certified solution carries the role, for the company's other accounts too",
    8: "Paths by invitation",
    9: "The vendor's own opportunities, shared by plan, stage and deliveries",
    10: "Business information: wrong amounts, a letter, a payout that waits",
    11: "Market development funds: times, receipts, gifts",
    12: "The market development fund's quota under concurrent applications",
    13: "An incentive's list and its thirty working days",
    14: "Codes for sensitive operations",
    15: "How long a code lives",
    16: "Roles of members",
    17: "Working hours of messages",
    18: "The last recipient of a message type",
}
"""The scenarios of A 22 by number; a test names its own in its name."""


def page() -> str:
    """The page; each scenario with the sentences of its tests and their modules."""
    shown: dict[int, list[str]] = {number: [] for number in SCENARIOS}
    for number, sentence, module in _tests():
        shown[number].append(f"{sentence} ([{module}](../tests/journey/acceptance/{module}.py))")
    lines = [
        "# Acceptance",
        "",
        "Scenarios of A 22, shown through the API, on both sites unless the test says why not.",
        "",
    ]
    lines += ["| scenario | what | shown by |", "|---|---|---|"]
    lines += [
        f"| {number} | {what} | {'<br>'.join(shown[number]) or 'no test yet'} |" for number, what in SCENARIOS.items()
    ]
    return "\n".join(lines) + "\n"


def _tests() -> Iterator[tuple[int, str, str]]:
    """Number, sentence and module of every test, in the order of the folder."""
    for file in sorted(FOLDER.glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test_"):
                _, number, sentence = node.name.split("_", 2)
                yield int(number), sentence.replace("_", " "), file.stem
