"""Lists of experts: made by the clock or asked for, and who is on them; through the API."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from core.ids import decode_id
from rules.sites import Site
from tasks import experts as clock
from tests import specialists
from tests.client import Api, codes
from tests.experts import (
    FIFTEENTH,
    Stage,
    at,
    certify,
    confirm,
    enter,
    generated,
    hand_in,
    listed,
    mails,
    presales_stage,
    qualify,
    remove,
    request,
    specialist,
    stage,
    team,
)
from tests.factories import sign_in
from tests.paths import walker

MS = timedelta(milliseconds=1)
APRIL = datetime(2026, 4, 14, 18, tzinfo=UTC)
"""02:00 in Beijing on 15 April."""


async def listed_in(api: Api, on: Stage, month: int) -> None:
    """The list of the consulting scheme of that month, asked for on the twentieth and handed in."""
    await at(api, datetime(2026, month, 20, 4, tzinfo=UTC))
    asked = await request(on)
    assert codes(asked) == [], asked
    assert codes(await hand_in(on.api, asked["incentive"], acceptanceIds=[])) == []


async def move(api: Api, binding_id: str, to: Stage) -> str:
    """The person of a binding leaves its partner and is another one's project specialist of the consulting path."""
    left = "update specialist_binding set state = 'UNBOUND', unbound_at = $2 where id = $1 returning account_id"
    [row] = await api.database.superuser.fetch(left, decode_id(binding_id)[1], api.clock())
    who = await sign_in(api, row["account_id"])
    _, moved = await specialists.bound(api, to.partner, who)
    assert codes(await specialists.apply_for(to.api, moved)) == []
    assert codes(await specialists.verdict(api, site=to.site)) == []
    return moved


class TestGeneration:
    @pytest.mark.parametrize("site", Site)
    async def test_on_the_fifteenth_each_qualified_partner_gets_one_list(self, api: Api, site: Site) -> None:
        on = await stage(api, site)
        await team(api, on, "SENIOR", "PRINCIPAL")
        await at(api, FIFTEENTH - MS)
        assert await clock.generate(api.settings, api.clock) == 0
        await at(api, FIFTEENTH)
        assert await clock.generate(api.settings, api.clock) == 1
        assert await clock.generate(api.settings, api.clock) == 0
        [one] = await listed(on.api)
        total = {
            Site.CN: {"amount": "32000.00", "currency": "CNY"},
            Site.INTL: {"amount": "4800.00", "currency": "USD"},
        }
        assert (one["period"], one["headCount"], one["total"]) == ("2026-03", 2, total[site])
        assert [line["level"] for line in one["lines"]] == ["PRINCIPAL", "SENIOR"]
        assert one["status"] == "PENDING_CONFIRM"
        assert (await mails(api, on)).count("expert_list_pending") == 1
        await at(api, datetime(2026, 4, 14, 18, tzinfo=UTC))
        assert await clock.generate(api.settings, api.clock) == 1
        assert sorted(one["period"] for one in await listed(on.api)) == ["2026-03", "2026-04"]

    async def test_who_came_later_waits_for_the_next_month(self, api: Api) -> None:
        on = await stage(api)
        await at(api, FIFTEENTH)
        await team(api, on, "SENIOR")
        api.clock.advance(minutes=1)
        assert await clock.generate(api.settings, api.clock) == 0
        await at(api, datetime(2026, 4, 14, 18, tzinfo=UTC))
        assert await clock.generate(api.settings, api.clock) == 1
        assert [one["period"] for one in await listed(on.api)] == ["2026-04"]

    async def test_only_those_who_meet_the_conditions_that_day_are_on_it(self, api: Api) -> None:
        on = await stage(api)
        first, second, third = await team(api, on, "SENIOR", "SENIOR", "SENIOR")
        await specialists.set_state(api, first, "CANCEL_REVIEW")
        profile = "select account_id from specialist_binding where id = $1"
        account = await api.value(profile, decode_id(second)[1])
        await api.database.superuser.execute(
            "update specialist_certificate set expires_on = '2026-03-14' where account_id = $1", account
        )
        await at(api, FIFTEENTH)
        await clock.generate(api.settings, api.clock)
        [one] = await listed(on.api)
        assert one["headCount"] == 1
        expert = "select binding_id from expert where id = $1"
        found = await api.value(expert, decode_id(one["lines"][0]["expert"]["id"])[1])
        assert found == decode_id(third)[1]

    async def test_without_the_stage_there_is_no_list(self, api: Api) -> None:
        on = await stage(api)
        await team(api, on, "SENIOR")
        await api.database.superuser.execute("update path_enrollment set state = 'SELECTED'")
        await at(api, FIFTEENTH)
        assert await clock.generate(api.settings, api.clock) == 1
        assert await clock.generate(api.settings, api.clock) == 0
        assert await listed(on.api) == []

    async def test_two_workers_make_one_list(self, api: Api) -> None:
        on = await stage(api)
        await team(api, on, "SENIOR")
        await at(api, FIFTEENTH)
        await asyncio.gather(*(clock.generate(api.settings, api.clock) for _ in range(4)))
        assert await api.value("select count(*) from expert_incentive") == 1
        assert await api.value("select count(*) from event where type = 'expert_incentive.generated'") == 1
        assert (await mails(api, on)).count("expert_list_pending") == 1

    async def test_nobody_elses_list_is_seen(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        other = await walker(api)
        assert await listed(other.api) == []
        assert (await other.api.send("query($id: ID!) { node(id: $id) { id } }", id=made["id"])).data["node"] is None

        async def attempt() -> None:
            assert codes(await confirm(other.api, made)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        assert [one["id"] for one in await listed(on.operations)] == [made["id"]]

    @pytest.mark.parametrize(("change", "heads"), [(None, 0), ("status = 'EXPIRED'", 1), (f"deadline = '{APRIL}'", 1)])
    async def test_who_was_entered_elsewhere_is_on_one_list_of_the_month(
        self, api: Api, change: str | None, heads: int
    ) -> None:
        on = await stage(api)
        await qualify(on)
        await qualify(on, "SERVICE_EXPERT")
        binding = await specialist(api, on)
        entered = await enter(on, binding, scheme="SERVICE_EXPERT")
        await at(api, APRIL - timedelta(days=10))
        assert await clock.generate(api.settings, api.clock) == 2
        [made] = await listed(on.api)
        assert (made["scheme"], made["period"], made["headCount"]) == ("SERVICE_EXPERT", "2026-04", 1)
        assert codes(await remove(on, entered["expert"])) == []
        assert codes(await enter(on, binding)) == []
        if change is not None:
            await api.database.superuser.execute(f"update expert_incentive set {change}")
        await at(api, APRIL)
        assert await clock.generate(api.settings, api.clock) == 1
        found = await listed(on.api, scheme="CERTIFIED_EXPERT", period="2026-04")
        assert [one["headCount"] for one in found] == [1] * heads
        await at(api, datetime(2026, 5, 14, 18, tzinfo=UTC))
        await clock.generate(api.settings, api.clock)
        assert len(await listed(on.api, scheme="CERTIFIED_EXPERT", period="2026-05")) == 1

    async def test_a_specialist_of_another_path_is_none_of_the_scheme(self, api: Api) -> None:
        on = await stage(api)
        bindings = await team(api, on, "SENIOR", "SENIOR")
        other = "update specialist_application set path = 'SI', deploy_mode = null where binding_id = $1"
        await api.database.superuser.execute(other, decode_id(bindings[0])[1])
        await at(api, FIFTEENTH)
        await clock.generate(api.settings, api.clock)
        [one] = await listed(on.api)
        expert = "select binding_id from expert where id = $1"
        found = await api.value(expert, decode_id(one["lines"][0]["expert"]["id"])[1])
        assert (one["headCount"], found) == (1, decode_id(bindings[1])[1])


class TestRequest:
    async def test_a_list_that_is_asked_for_is_confirmed_with_it_once_a_month(self, api: Api) -> None:
        on = await presales_stage(api)
        await qualify(on, "SI_PRESALES")

        async def attempt() -> None:
            assert codes(await request(on)) == ["EXPERT_LIST_EMPTY"]

        assert await api.changes(attempt) == set()
        binding = await specialist(api, on, path="SI")
        assert codes(await enter(on, binding, scheme="SI_PRESALES", project="PRJ-1")) == []
        asked = await request(on)
        assert codes(asked) == []
        assert (asked["incentive"]["status"], asked["incentive"]["period"]) == ("WAIT_MATERIALS", "2026-03")
        assert asked["incentive"]["confirmedAt"] is not None

        async def again() -> None:
            assert codes(await request(on)) == ["EXPERT_LIST_THERE"]

        assert await api.changes(again) == set()
        await at(api, FIFTEENTH)
        assert await clock.generate(api.settings, api.clock) == 0

    async def test_what_stands_against_asking_is_said_at_once(self, api: Api) -> None:
        on = await stage(api)

        async def attempt() -> None:
            for scheme, expected in (
                ("CERTIFIED_EXPERT", ["EXPERT_LIST_GENERATED", "EXPERT_QUALIFICATION_REQUIRED", "EXPERT_LIST_EMPTY"]),
                ("SI_PRESALES", ["STAGE_TOO_LOW", "EXPERT_QUALIFICATION_REQUIRED", "EXPERT_LIST_EMPTY"]),
            ):
                assert codes(await request(on, scheme)) == expected

        assert await api.changes(attempt) == set()

    async def test_a_project_is_one_persons_and_the_months_of_a_year_are_few(self, api: Api) -> None:
        on = await presales_stage(api)
        await qualify(on, "SI_PRESALES")
        first, second = await specialist(api, on, path="SI"), await specialist(api, on, path="SI")
        assert codes(await enter(on, first, scheme="SI_PRESALES", project="PRJ-1")) == []

        async def attempt() -> None:
            assert codes(await enter(on, second, scheme="SI_PRESALES", project="PRJ-1")) == ["PROJECT_ALREADY_USED"]
            # On the consulting path it is no specialist of the service path.
            assert codes(await enter(on, second)) == ["EXPERT_QUALIFICATION_REQUIRED", "SPECIALIST_REQUIRED"]

        assert await api.changes(attempt) == set()
        await certify(on)
        # The funding year begins with May, the month in which the person began on the cloud.
        for month in (3, 4, 5, 6):
            await listed_in(api, on, month)
        await at(api, datetime(2026, 7, 20, 4, tzinfo=UTC))

        async def third() -> None:
            assert codes(await request(on)) == ["EXPERT_LIST_EMPTY"]

        assert await api.changes(third) == set()
        # What has expired was granted to nobody.
        await api.database.superuser.execute("update expert_incentive set status = 'EXPIRED' where period = '2026-06'")
        assert codes(await request(on)) == []

    async def test_the_months_of_a_year_are_the_persons_with_whichever_partner(self, api: Api) -> None:
        first, second = await presales_stage(api), await presales_stage(api)
        for on in (first, second):
            await qualify(on, "SI_PRESALES")
        binding = await specialist(api, first, path="SI")
        assert codes(await enter(first, binding, scheme="SI_PRESALES", project="PRJ-1")) == []
        await certify(first)
        for month in (5, 6):
            await listed_in(api, first, month)
        await at(api, datetime(2026, 7, 20, 4, tzinfo=UTC))
        moved = await move(api, binding, second)
        entered = await enter(second, moved, scheme="SI_PRESALES", project="PRJ-1")
        assert codes(entered) == []
        assert await api.value("select count(*) from expert where ended_at is null") == 1

        async def attempt() -> None:
            assert codes(await request(second)) == ["EXPERT_LIST_EMPTY"]

        assert await api.changes(attempt) == set()
        await api.database.superuser.execute("update expert_incentive set scheme = 'CCOE' where period = '2026-06'")
        assert codes(await request(second)) == []

    async def test_a_person_who_has_changed_partners_is_on_one_list_of_the_month(self, api: Api) -> None:
        first, second = await presales_stage(api), await presales_stage(api)
        for on in (first, second):
            await qualify(on, "SI_PRESALES")
        binding = await specialist(api, first, path="SI")
        assert codes(await enter(first, binding, scheme="SI_PRESALES", project="PRJ-1")) == []
        assert codes(await request(first)) == []
        moved = await move(api, binding, second)
        assert codes(await enter(second, moved, scheme="SI_PRESALES", project="PRJ-1")) == []

        async def attempt() -> None:
            assert codes(await request(second)) == ["EXPERT_LIST_EMPTY"]

        assert await api.changes(attempt) == set()

    async def test_who_is_being_entered_elsewhere_is_waited_for(self, api: Api) -> None:
        on = await presales_stage(api)
        await qualify(on, "SI_PRESALES")
        binding = await specialist(api, on, path="SI")
        assert codes(await enter(on, binding, scheme="SI_PRESALES", project="PRJ-1")) == []
        async with api.database.superuser.transaction():
            await api.database.superuser.execute("update expert set ended_at = $1, reason = 'x'", api.clock())
            asked = asyncio.create_task(request(on))
            done, _ = await asyncio.wait([asked], timeout=1)
            assert not done
        assert codes(await asked) == ["EXPERT_LIST_EMPTY"]
        assert await api.value("select count(*) from expert_incentive") == 0
