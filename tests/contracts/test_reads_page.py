"""The page about reads shows what really runs."""

import re
from pathlib import Path

from core import db
from tests import modes
from tests import opportunities as po
from tests.client import Api

PAGE = Path(__file__).parents[2] / "docs" / "reads.md"


def shown(language: str) -> str:
    """The page's block in a language, on one line."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return " ".join(block.split())


@modes.plans
async def test_the_page_shows_the_statement_of_its_document(api: Api) -> None:
    desk = await po.desk(api)
    with db.observed() as statements:
        answer = await desk.main.client.send(shown("graphql"))

    assert answer.data == {"opportunities": {"nodes": []}}
    assert [" ".join(one.split()) for one in statements if 'from "opportunity"' in one] == [shown("sql")]
