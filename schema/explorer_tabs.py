"""The documents that GraphiQL opens with, one tab each: both journeys, for the people of the sample data."""

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "journey"
HEADERS = '{ "Authorization": "Bearer of-the-last-SignIn" }'
"""The page replaces this token by the one of the last sign-in; anything else in its place is sent as it is."""
_NOBODY = "# As nobody."


class Tab(NamedTuple):
    """One tab: the document, its variables as JSON text, and the headers as JSON text."""

    query: str
    variables: str = ""
    headers: str = ""


def load_tabs(folder: Path = FOLDER) -> tuple[Tab, ...]:
    """`NN-name.graphql` in order, each with the variables of `NN-name.json` where there is one.

    The first line says who acts (`# As somebody.`). A tab's title is the name of its operation.
    """
    return tuple(_tab(path) for path in sorted(folder.glob("*.graphql")))


def _tab(path: Path) -> Tab:
    query, variables = path.read_text("utf-8"), path.with_suffix(".json")
    return Tab(
        query=query,
        variables=variables.read_text("utf-8") if variables.exists() else "",
        headers="" if query.startswith(_NOBODY) else HEADERS,
    )


TABS: tuple[Tab, ...] = load_tabs()
