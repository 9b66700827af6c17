"""What an account keeps of its company passes to another account of it when it is deleted, and not before."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from core.ids import decode_id
from rules.access import Role
from rules.partners import Standing
from tasks.accounts import delete_closed
from tests.api.closing_cases import about_to_close, change_partner, close, nothing_left, restore
from tests.api.contact_cases import update
from tests.api.test_accounts_closing import DAYS, purge
from tests.client import Api, codes
from tests.companies import CONTACT, decide, sibling, submit
from tests.factories import Admitted, admitted_partner, sign_in, staff
from tests.uploads import uploaded


async def three(api: Api) -> tuple[Admitted, Admitted, Admitted]:
    """The account that keeps a company's information, and two others in the order in which they were admitted."""
    keeper = await admitted_partner(api)
    return keeper, await sibling(api, keeper), await sibling(api, keeper)


async def due(api: Api, *accounts: Admitted) -> None:
    """Closed accounts whose time is over."""
    for one in accounts:
        await update(one.main.account_id, status="CLOSED_RETAINED", retained_until=api.clock())
        await change_partner(one.partner_id, standing=Standing.CLOSED)


async def kept_by(api: Api) -> UUID:
    """The partner that keeps the one company's information."""
    found: UUID = await api.value("select main_partner_id from company_profile")
    return found


async def told(api: Api, of: Admitted) -> int:
    """How often the account was told that it keeps the information now."""
    templates = [row["template"] for row in await api.inbox(str(of.main.email))]
    return templates.count("company_keeper_changed")


async def submitted(api: Api, by: Admitted) -> list[str]:
    """The codes of a try at changing the information."""
    return codes(await submit((await sign_in(api, by.main.account_id)).api, address="杭州市滨江区"))


async def test_the_oldest_account_that_is_left_keeps_it_and_is_told(api: Api) -> None:
    keeper, older, younger = await three(api)
    contacts = await api.value("select contacts::text from company_profile")
    assert await submitted(api, older) == ["COMPANY_KEPT_BY_OTHER"]
    await due(api, keeper)

    assert await purge(api) == 1

    assert await kept_by(api) == older.partner_id
    assert (await told(api, older), await told(api, younger)) == (1, 0)
    [event] = await api.rows("select partner_id, changes::text from event where type = 'company.keeper_changed'")
    assert event["partner_id"] == older.partner_id and str(keeper.partner_id) in event["changes"]
    assert await api.value("select contacts::text from company_profile") == contacts
    assert await submitted(api, younger) == ["COMPANY_KEPT_BY_OTHER"]
    assert await submitted(api, older) == []
    assert await purge(api) == 0


async def test_the_licence_can_be_opened_still(api: Api) -> None:
    keeper, older, _ = await three(api)
    reviewer, changed = await staff(api, Role.VENDOR_REVIEWER), await submit(keeper.main.api, licence=True)
    assert codes(await decide(reviewer, changed["change"])) == []
    other = await uploaded(keeper.main.api)
    await due(api, keeper)
    assert await purge(api) == 1
    await api.deliver()

    asked = "{ partner { company { profile { licence { name url } } } } }"
    licence = (await older.main.api.send(asked)).data["partner"]["company"]["profile"]["licence"]
    assert licence["name"] == "licence.pdf"
    assert (await older.main.api.http.get(licence["url"])).status_code == 200
    [left] = await api.rows("select state, account_id from upload where file_name = 'licence.pdf'")
    assert (left["state"], left["account_id"]) == ("CLEAN", older.main.account_id)
    kept = "select count(*) from upload where account_id = $1 and file_name <> ''"
    assert await api.value(kept, keeper.main.account_id) == 0
    _, other_id = decode_id(other)
    assert await api.value("select state from upload where id = $1", other_id) == "ERASED"


async def test_a_closed_account_that_can_come_back_has_it_only_when_no_open_one_is_left(api: Api) -> None:
    keeper, older, younger = await three(api)
    await close(api, older.main)
    await due(api, keeper)
    assert await purge(api) == 1
    assert (await kept_by(api), await told(api, younger)) == (younger.partner_id, 1)

    await due(api, younger)
    assert await purge(api) == 1

    assert (await kept_by(api), await told(api, older)) == (older.partner_id, 0)
    api.clock.advance(minutes=1)
    assert codes(await restore(api, older.main)) == []
    assert await submitted(api, older) == []


async def test_with_no_other_left_contacts_and_legal_representative_are_erased(api: Api) -> None:
    keeper, older, younger = await three(api)
    await api.database.superuser.execute("update company_profile set legal_representative = 'Xanthippe'")
    await due(api, older, younger)
    assert await purge(api) == 2
    assert await kept_by(api) == keeper.partner_id
    await due(api, keeper)

    assert await purge(api) == 1

    assert await kept_by(api) == keeper.partner_id
    await nothing_left(api, {"Xanthippe", str(keeper.main.mobile)})


async def test_an_account_admitted_afterwards_keeps_what_nobody_keeps_any_more(api: Api) -> None:
    keeper = await admitted_partner(api)
    await due(api, keeper)
    assert await purge(api) == 1

    late = await sibling(api, keeper)

    assert (await kept_by(api), await told(api, late)) == (late.partner_id, 1)
    changed = await submit(late.main.api, contacts=[CONTACT])
    assert codes(changed) == []
    assert (await sibling(api, keeper)).partner_id != await kept_by(api)


async def test_who_is_restored_in_time_keeps_it_still(api: Api) -> None:
    keeper, older, _ = await three(api)
    await close(api, keeper.main)
    api.clock.advance(days=DAYS, milliseconds=-1)
    assert await purge(api) == 0
    assert codes(await restore(api, keeper.main)) == []
    assert await kept_by(api) == keeper.partner_id
    assert await submitted(api, older) == ["COMPANY_KEPT_BY_OTHER"]
    assert await submitted(api, keeper) == []


@pytest.mark.usefixtures("patience")
async def test_deleted_beside_the_closing_of_the_account_that_follows(api: Api) -> None:
    keeper, older, younger = await three(api)
    cancel = await about_to_close(api, older.main.api, older.main.mobile)
    await due(api, keeper)

    closed, _ = await asyncio.gather(cancel(), delete_closed(api.settings, api.clock))

    assert codes(closed) == []
    assert await kept_by(api) in (older.partner_id, younger.partner_id)
    await due(api, older)
    assert await purge(api) == 1
    assert await kept_by(api) == younger.partner_id


@pytest.mark.usefixtures("patience")
async def test_two_that_are_deleted_at_once_leave_it_with_the_third(api: Api) -> None:
    keeper, older, younger = await three(api)
    await due(api, keeper, older)

    async def deleted() -> Any:
        return await delete_closed(api.settings, api.clock)

    await asyncio.gather(deleted(), deleted())

    assert await api.value("select count(*) from event where type = 'account.deleted'") == 2
    assert await kept_by(api) == younger.partner_id
    assert await told(api, younger) == 1
