"""Many at once: one account is bound to one partner, whoever is first; a day's limit holds."""

import asyncio

import pytest

from tests.client import Api, codes
from tests.specialists import accept, bound, employee, employer, invite, unbind


async def race_acceptances(api: Api, rounds: int, partners: int) -> None:
    """Several partners have invited one person, who says yes to all at once: one has it, the others hear why."""
    employers = [await employer(api) for _ in range(partners)]
    for _ in range(rounds):
        who = await employee(api)
        made = [await invite(one.main.api, who.email) for one in employers]
        ids = [one["invitation"]["id"] for one in made]
        answers = await asyncio.gather(*(accept(who.api.patient, id=one) for one in ids))
        assert sorted(map(codes, answers)) == [[]] + [["INVITEE_BOUND_ELSEWHERE"]] * (partners - 1)
        live = "select count(*) from specialist_binding where account_id = $1 and unbound_at is null"
        assert await api.value(live, who.account_id) == 1


async def test_one_binding_however_many_are_accepted_at_once(api: Api) -> None:
    await race_acceptances(api, rounds=3, partners=3)


@pytest.mark.long
async def test_one_binding_however_many_are_accepted_at_once_often(api: Api) -> None:
    await race_acceptances(api, rounds=20, partners=10)


async def race_answers(api: Api, crowd: int) -> None:
    """One link, opened by many devices of its person."""
    own, who = await employer(api), await employee(api)
    made = await invite(own.main.api, who.email)
    answers = await asyncio.gather(*(accept(who.api.patient, id=made["invitation"]["id"]) for _ in range(crowd)))
    assert sorted(map(codes, answers)) == [[]] + [["LINK_USED"]] * (crowd - 1)
    assert await api.value("select count(*) from event where type = 'specialist.bound'") == 1


async def test_one_link_is_one_binding(api: Api) -> None:
    await race_answers(api, 5)


@pytest.mark.long
async def test_one_link_is_one_binding_for_two_hundred(api: Api) -> None:
    await race_answers(api, 200)


async def test_the_last_invitation_of_the_day_is_one(api: Api) -> None:
    own, people = await employer(api), [await employee(api) for _ in range(4)]
    assert codes(await invite(own.main.api, (await employee(api)).email)) == []
    await api.database.superuser.execute("update specialist_invitation set sent_count = 99, sent_that_day = 99")
    answers = await asyncio.gather(*(invite(own.main.api.patient, who.email) for who in people))
    assert sorted(map(codes, answers)) == [[]] + [["INVITE_DAILY_LIMIT"]] * 3


async def test_an_account_is_unbound_once(api: Api) -> None:
    own = await employer(api)
    _, binding_id = await bound(api, own)
    answers = await asyncio.gather(*(unbind(own.main.api.patient, binding_id) for _ in range(5)))
    assert sorted(map(codes, answers)) == [[]] + [["STATE_CONFLICT"]] * 4
    assert await api.value("select count(*) from audit where operation = 'unbind_specialist'") == 1
