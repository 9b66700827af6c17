"""What is due: each row has its turn, whatever becomes of the others."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import pytest

from core.db import DatabaseFailure
from core.ids import decode_id, uuid7
from core.urls import parse_url
from resolvers.command import COMMANDS, Key, command
from resolvers.context import Context
from rules.access import Permission
from rules.errors import ErrorCode, refuse
from tasks.due import Due, Refused, carry_out
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


async def test_a_whole_batch_that_fails_keeps_no_other_from_its_turn(api: Api) -> None:
    """Of seven two at a time are found: the first four fail for good, the rest is done in the same run."""
    batch, rows = 2, [uuid7() for _ in range(7)]
    hopeless, left, asked = set(rows[:4]), list(rows), list[list[UUID]]()

    async def find(_: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
        found = [row for row in left if row not in without][:batch]
        asked.append(found)
        return found

    @command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True)
    async def end_of_a_row(_: Context, *, row_id: UUID) -> None:
        if row_id in hopeless:
            raise ValueError(f"row {rows.index(row_id)}")
        left.remove(row_id)

    try:
        with pytest.raises(ValueError, match="row 0"):
            await carry_out(api.settings, api.clock, Due(find, end_of_a_row, "row_id", drains=True))
    finally:
        COMMANDS.pop("end_of_a_row")

    assert left == rows[:4]
    assert [len(found) for found in asked] == [2, 2, 2, 1, 0]


async def test_a_refused_row_is_looked_at_once_and_does_not_count_as_done(api: Api) -> None:
    """Of three one at a time is found, and the first is refused: without an end to it the job would ask for ever."""
    rows = [uuid7() for _ in range(3)]
    left, asked = list(rows), list[list[UUID]]()

    async def find(_: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
        assert len(asked) < 10, "the job does not come to an end"
        found = [row for row in left if row not in without][:1]
        asked.append(found)
        return found

    @command(permission=Permission.RUN_SCHEDULES, refuses=(ErrorCode.CONFLICT,), key=Key.OPTIONAL, as_system=True)
    async def end_of_another_row(_: Context, *, row_id: UUID) -> None:
        if row_id == rows[0]:
            raise refuse(ErrorCode.CONFLICT, "input", "id")
        left.remove(row_id)

    work = Due(find, end_of_another_row, "row_id", drains=True)
    try:
        with pytest.raises(Refused, match="end_of_another_row: CONFLICT"):
            await carry_out(api.settings, api.clock, work)
        assert (left, asked) == (rows[:1], [[row] for row in rows] + [[]])

        left.remove(rows[0])
        assert await carry_out(api.settings, api.clock, work) == []
    finally:
        COMMANDS.pop("end_of_another_row")
