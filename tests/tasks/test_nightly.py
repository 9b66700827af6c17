"""Jobs that come once a day carry out all there is, in however many batches."""

from datetime import timedelta

import pytest

from resolvers.accounts import closing
from resolvers.partners import benefits
from tasks.accounts import delete_closed
from tasks.partners import refresh_all_benefits
from tests.api.closing_cases import close
from tests.client import Api
from tests.earning import stage
from tests.factories import person

NIGHTS = timedelta(days=91)


async def test_closed_accounts_are_deleted_in_one_night(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "BATCH", 1)
    for _ in range(3):
        await close(api, await person(api))
    api.clock.advance(days=NIGHTS.days)

    assert await delete_closed(api.settings, api.clock) == 3

    assert await api.value("select count(*) from account where status = 'DELETED'") == 3


async def test_one_that_cannot_be_deleted_keeps_no_other(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of them fails every night; what lies behind its batch is deleted all the same."""
    monkeypatch.setattr(closing, "BATCH", 1)
    first, second = await person(api), await person(api)
    for who in (first, second):
        await close(api, who)
        api.clock.advance(minutes=1)
    api.clock.advance(days=NIGHTS.days)
    await api.database.superuser.execute(
        "create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$"
    )
    trigger = (
        "create trigger refuse before update on account for each row when (old.id = '{}') execute function refuse()"
    )
    await api.database.superuser.execute(trigger.format(first.account_id))
    try:
        with pytest.raises(Exception, match="no"):
            await delete_closed(api.settings, api.clock)
    finally:
        await api.database.superuser.execute("drop function refuse cascade")

    states = await api.rows("select id, status from account where id = any($1)", [first.account_id, second.account_id])
    assert {row["id"]: row["status"] for row in states} == {
        first.account_id: "CLOSED_RETAINED",
        second.account_id: "DELETED",
    }


async def test_freezes_follow_all_bills_in_one_night(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benefits, "BATCH", 1)
    frozen = [(await stage(api)).partner_id for _ in range(3)]
    due = api.clock() + timedelta(days=1)
    insert = (
        "insert into overdue_bill (id, version, created_at, updated_at, site, partner_id, number, amount, currency,"
        " overdue_since) values (gen_random_uuid(), 1, $1, $1, 'CN', $2, $3, 100, 'CNY', $4)"
    )
    for number, partner_id in enumerate(frozen):
        await api.database.superuser.execute(insert, api.clock(), partner_id, f"B-{number}", due)
    api.clock.at = due

    assert await refresh_all_benefits(api.settings, api.clock) == 3
    assert await refresh_all_benefits(api.settings, api.clock) == 0
