"""The documents that GraphiQL opens with, one tab each."""

from typing import NamedTuple


class Tab(NamedTuple):
    """One tab: the document, its variables as JSON text, and the headers as JSON text."""

    query: str
    variables: str = ""
    headers: str = ""


TABS: tuple[Tab, ...] = (
    Tab(
        query="# Sign in, then put your token into the Headers below:\n"
        '# { "Authorization": "Bearer <token>" }\n\n'
        "query Hello {\n  __typename\n}\n",
    ),
)
