"""The scope of a transaction is what the database is told, and for no longer than the transaction lasts."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from core import db
from core.engine import local_settings
from core.scope import EVERYTHING, NOTHING, Scope
from tests import modes

PARTNER = Scope("partner", (UUID(int=7), UUID(int=8)), UUID(int=9))
SETTINGS = (
    "select current_setting('app.kind') as kind, current_setting('app.ids', true) as ids,"
    " current_setting('app.account', true) as account, current_setting('transaction_read_only') as read_only"
)


async def settings() -> tuple[str, ...]:
    """The scope that the database sees."""
    row = await db.fetch_one(SETTINGS)
    assert row is not None
    return row["kind"], row["ids"], row["account"]


@pytest.mark.parametrize("opened", [db.read, db.transaction])
async def test_the_database_is_told_the_scope(pool: None, opened: Callable[[Scope], Any]) -> None:
    async with opened(PARTNER):
        assert await settings() == ("partner", f"{UUID(int=7)},{UUID(int=8)}", str(UUID(int=9)))
    async with opened(NOTHING):
        assert await settings() == ("none", "", "")


@modes.has_readers
async def test_a_read_begins_with_its_first_statement(pool: None) -> None:
    async with db.read(PARTNER) as tx:
        assert not tx.has_begun
        await db.fetch_scoped("select 1")
        assert not tx.has_begun
        await db.fetch("select 1")
        assert tx.has_begun


@modes.has_readers
async def test_what_is_planned_reads_every_row_and_writes_none(pool: None) -> None:
    async with db.read(PARTNER) as tx:
        ((kind, _, _, read_only),) = await db.fetch_scoped(SETTINGS)
        assert (kind, read_only) == ("all", "on")
        ((kind, _, _, read_only),) = await tx.fetch_records(SETTINGS, ())
        assert (kind, read_only) == ("partner", "on")
        ((kind, _, _, read_only),) = await db.fetch_scoped(f"{SETTINGS} -- once it has begun")
        assert (kind, read_only) == ("partner", "on")
    async with db.transaction(PARTNER):
        ((kind, _, _, read_only),) = await db.fetch_scoped(SETTINGS)
        assert (kind, read_only) == ("partner", "off")
    ((kind, _, _, read_only),) = await db.look_up(SETTINGS)
    assert (kind, read_only) == ("all", "on")


@modes.has_readers
async def test_what_was_read_beside_the_transaction_is_no_answer_under_its_scope(pool: None) -> None:
    async with db.read(PARTNER):
        ((beside, *_),) = await db.fetch_scoped(SETTINGS)
        ((under, *_),) = [tuple(row.values()) for row in await db.fetch(SETTINGS)]
    assert (beside, under) == ("all", "partner")


@pytest.mark.parametrize("value", ["a'b", "a b", "a;b", "a\\b", 'a"b'])
def test_a_setting_that_would_need_quoting_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="letters"):
        local_settings(Scope(value))


async def test_a_transaction_that_a_swallowed_failure_ended_is_not_called_committed(pool: None) -> None:
    with pytest.raises(Exception, match="failed statement"):
        async with db.transaction(EVERYTHING):
            with pytest.raises(Exception, match="division"):
                await db.fetch("select 1 / 0")
