"""Once a month a partner is told to look after what its people have told: at nine of the site's day, once."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from core import db
from core.scope import EVERYTHING
from models.partners import Partner
from resolvers.specialists import reminding
from tasks.specialists import remind
from tests.client import Api, codes
from tests.factories import Admitted
from tests.specialists import again, bound, employer, set_standing, told_employee, unbind

DUE = datetime.fromisoformat("2026-03-25T01:00:00Z")


async def reminded(api: Api, partner: Admitted) -> list[str]:
    """The titles of the reminders in its main account's messages, newest first."""
    await api.deliver()
    main = await again(api, partner.main)
    found = await main.api.send("{ messages { nodes { template text { title body } } } }")
    nodes = found.data["messages"]["nodes"]
    return [node["text"]["body"] for node in nodes if node["template"] == "specialist_data_due"]


async def test_on_the_day_and_once_a_month(api: Api) -> None:
    partner, without = await employer(api), await employer(api)
    await told_employee(api, partner)
    await bound(api, partner)
    _, left = await bound(api, without)
    assert codes(await unbind(without.main.api, left)) == []
    await api.deliver()
    api.clock.advance(seconds=(DUE - api.clock()).total_seconds() - 0.001)

    async def nothing() -> None:
        assert await remind(api.settings, api.clock) == 0

    assert await api.changes(nothing) == set()
    api.clock.advance(milliseconds=1)
    assert await remind(api.settings, api.clock) == 1
    assert await api.changes(nothing) == set()
    (body,) = await reminded(api, partner)
    assert "People bound to your company: 2. Of these, 1 have not told" in body
    assert await reminded(api, without) == []
    events = await api.rows("select partner_id from event where type = 'partner.specialists_reminded'")
    assert [row["partner_id"] for row in events] == [partner.partner_id]
    api.clock.advance(days=31, milliseconds=-1)
    assert await api.changes(nothing) == set()
    api.clock.advance(milliseconds=1)
    assert await remind(api.settings, api.clock) == 1
    assert len(await reminded(api, partner)) == 2


async def test_whoever_is_bound_after_the_day_waits_for_the_next(api: Api) -> None:
    partner = await employer(api)
    api.clock.advance(seconds=(DUE - api.clock()).total_seconds())
    partner = replace(partner, main=await again(api, partner.main))
    await bound(api, partner)
    assert await remind(api.settings, api.clock) == 0
    api.clock.advance(days=31)
    assert await remind(api.settings, api.clock) == 1


async def test_a_closed_partner_is_left_alone(api: Api) -> None:
    partner = await employer(api)
    await bound(api, partner)
    await set_standing(api, partner, "CLOSED")
    api.clock.advance(days=40)
    assert await remind(api.settings, api.clock) == 0


async def test_however_many_they_are_nobody_waits_for_the_next_hour(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        await bound(api, await employer(api))
    monkeypatch.setattr(reminding, "BATCH", 1)
    api.clock.advance(days=40)
    assert await remind(api.settings, api.clock) == 2


async def test_two_workers_remind_once(api: Api) -> None:
    partner = await employer(api)
    await bound(api, partner)
    api.clock.advance(days=40)
    await asyncio.gather(*(remind(api.settings, api.clock) for _ in range(2)))
    assert await api.value("select count(*) from event where type = 'partner.specialists_reminded'") == 1
    async with db.read(EVERYTHING):
        assert (await Partner.get(id=partner.partner_id)).specialists_reminded_at == api.clock()


async def test_an_unbound_person_need_not_tell_its_employment(api: Api) -> None:
    partner = await employer(api)
    who, binding = await bound(api, partner)
    todos = "{ todos(kinds: [SPECIALIST_EMPLOYMENT]) { kind } }"
    assert (await who.api.send(todos)).data["todos"] == [{"kind": "SPECIALIST_EMPLOYMENT"}]
    assert codes(await unbind(partner.main.api, binding)) == []
    assert (await who.api.send(todos)).data["todos"] == []
