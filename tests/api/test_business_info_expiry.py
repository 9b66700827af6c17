"""Another name of the company ends what is certified or under way, wherever it stands, with all that goes with it."""

from collections.abc import Awaitable, Callable

import pytest

from rules.business_info import BUSINESS_INFO, UNDER_WAY, BusinessInfoState
from tests import business_info
from tests.business_info import awake, checked, enter_supplier, expire, record_of, send_letter, submitted
from tests.client import Api, codes
from tests.world import World, world

B = BusinessInfoState
Way = Callable[[Api, World], Awaitable[object]]


async def unmade(api: Api, on: World) -> None:
    business_info.entered(api)
    await submitted(api, on)


async def referred(api: Api, on: World) -> None:
    await checked(api, on, relatedSupplier=True, relatedDetails="Same owner.")


async def letter_asked(api: Api, on: World) -> World:
    assert codes(await enter_supplier(api, on)) == []
    return await checked(api, on)


async def letter_sent(api: Api, on: World) -> None:
    assert codes(await send_letter(await letter_asked(api, on))) == []


WAYS: dict[BusinessInfoState, Way] = {
    B.SUBMITTED: unmade,
    B.AMOUNT_PENDING: submitted,
    B.LOCKED: business_info.locked,
    B.AUTO_CHECK: business_info.in_auto_check,
    B.MANUAL_REVIEW: referred,
    B.LETTER_REQUIRED: letter_asked,
    B.LETTER_REVIEW: letter_sent,
    B.CERTIFIED: checked,
}


@pytest.mark.parametrize("state", WAYS)
async def test_it_ends_from_every_state(api: Api, state: BusinessInfoState) -> None:
    on = await world(api)
    await WAYS[state](api, on)
    assert (await record_of(api, on))["state"] == state

    await expire(api, on)

    record = await record_of(api, on)
    assert record["state"] == "EXPIRED_BY_CHANGE"
    assert [record[name] for name in ("check_at", "late_from", "warned_at", "certified_at")] == [None] * 4
    assert await api.value("select count(*) from event where type = 'business_info.expired'") == 1
    assert await api.value("select count(*) from micro_deposit where state in ('REQUESTED', 'SENT')") == 0
    kinds = "('BUSINESS_INFO', 'BANK_LETTER')"
    assert await api.value(f"select count(*) from review_case where kind in {kinds} and state = 'SUBMITTED'") == 0
    told = [row["template"] for row in await api.inbox(on.main.email)]
    assert told.count("business_info_expired") == 1
    again = await awake(api, on)
    shown = await again.main.client.send("{ partner { businessInfo { state certified } } }")
    assert shown.data["partner"]["businessInfo"] == {"state": "EXPIRED_BY_CHANGE", "certified": False}


def test_these_are_all_the_states_that_a_change_ends() -> None:
    assert set(WAYS) == {*UNDER_WAY, B.CERTIFIED}
    assert {state for state in B if BUSINESS_INFO.target(state, "expire") is not None} == set(WAYS)
