"""The suite executes and reads in the way that its variables say."""

import pytest

from core import db
from tests import modes, twice
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


async def test_a_query_is_asked_twice_where_the_mode_says_so(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = await po.desk(api)
    document = "{ opportunities(first: 3) { nodes { id name } } }"
    assert (await desk.main.client.send(document)).data
    assert (document in twice.asked) == modes.TWICE
    if modes.TWICE:
        monkeypatch.setattr(twice, "_told", lambda body: object())
        with pytest.raises(AssertionError):
            await desk.main.client.send(document)
