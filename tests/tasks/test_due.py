"""What is due: each row has its turn, whatever becomes of the others."""

import asyncpg
import pytest

from core.db import DatabaseFailure
from core.ids import decode_id
from core.urls import parse_url
from tasks.uploads import pass_time
from tests.client import Api
from tests.factories import person
from tests.uploads import open_slot


async def test_one_that_fails_does_not_stop_the_others_and_is_tried_again(api: Api) -> None:
    who = await person(api)
    slots = [(await open_slot(who.api))["upload"]["id"] for _ in range(3)]
    api.clock.advance(hours=1)
    somebody = await asyncpg.connect(**parse_url(api.database.superuser_url))
    try:
        async with somebody.transaction():
            await somebody.execute("select from upload where id = $1 for update", decode_id(slots[0])[1])
            with pytest.raises(DatabaseFailure):
                await pass_time(api.settings, api.clock)
    finally:
        await somebody.close()
    states = [row["state"] for row in await api.rows("select state from upload order by id")]
    assert states == ["OPEN", "EXPIRED", "EXPIRED"]

    assert [await pass_time(api.settings, api.clock) for _ in range(2)] == [1, 0]
