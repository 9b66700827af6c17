"""The suite executes and reads in the way that its variables say."""

from core import db
from tests import modes
from tests import opportunities as po
from tests.client import Api


async def test_a_list_goes_the_way_of_the_suites_mode(api: Api) -> None:
    desk = await po.desk(api)
    with db.observed() as statements:
        answer = await desk.main.client.send("{ opportunities(first: 2) { nodes { id name } } }")

    (page,) = [one for one in statements if 'from "opportunity"' in one.lower()]
    assert answer.executor == modes.EXECUTOR
    assert ('"state"' not in page) == modes.PLANNED, "a planned page reads what is asked for"
    assert page.startswith("SELECT") == modes.UNPLANNED, "the ORM's words are in capitals"
    assert (db._client().readers is not None) == modes.READERS
