"""Account directors: who is put below them, whose customers they see, and what becomes of both when one goes."""

import asyncio
from datetime import datetime
from typing import Any

import orjson
import pytest

from core.ids import encode_id
from rules.access import Role
from tests import world
from tests.client import Api, Client, codes
from tests.development import associated_customer
from tests.factories import Admitted, Person, admitted_partner, key, member, staff

RESULTS = "results { member { id director { id } } userErrors { code path } }"
LISTS = """{ customers { nodes { id } } customerReports { nodes { id } } customerInvitations { nodes { id } }
    associationAttempts { nodes { id } } }"""
LEAVING: dict[str, dict[str, Any]] = {"removeMember": {}, "changeMemberRoles": {"roles": ["FINANCE"]}}


async def direct(client: Client, director: str | None, *managers: str, **more: Any) -> dict[str, Any]:
    """Puts account managers below a director, or below nobody."""
    given = {"memberIds": list(managers), "directorId": director, "idempotencyKey": key()}
    return await client.do("assignDirector", RESULTS, **{**given, **more})


def reasons(answer: dict[str, Any]) -> list[list[str]]:
    """The codes against each entry."""
    return [[error["code"] for error in one["userErrors"]] for one in answer["results"]]


async def team(api: Api) -> tuple[Admitted, Person, list[Person]]:
    """A partner with an account director above two account managers."""
    partner = await admitted_partner(api)
    director = await member(api, partner, Role.ACCOUNT_DIRECTOR)
    managers = [await member(api, partner, Role.ACCOUNT_MANAGER) for _ in range(2)]
    assert reasons(await direct(partner.main.api, director.id, *(one.id for one in managers))) == [[], []]
    return partner, director, managers


async def waits(partner: Admitted) -> bool:
    """Whether the administrators have a to-do to name a director."""
    answer = await partner.main.api.send("{ todos(kinds: [MANAGERS_WITHOUT_DIRECTOR]) { mutation } }")
    assert [group["mutation"] for group in answer.data["todos"]] in ([], ["assignDirector"])
    return bool(answer.data["todos"])


async def since(partner: Admitted) -> datetime:
    """Since when they have it."""
    answer = await partner.main.api.send("{ todos(kinds: [MANAGERS_WITHOUT_DIRECTOR]) { items { since } } }")
    [group] = answer.data["todos"]
    [item] = group["items"]
    return datetime.fromisoformat(item["since"])


class TestAssigning:
    async def test_managers_come_below_a_director_who_is_told_once(self, api: Api) -> None:
        partner = await admitted_partner(api)
        director = await member(api, partner, Role.ACCOUNT_DIRECTOR)
        first, second = [await member(api, partner, Role.ACCOUNT_MANAGER) for _ in range(2)]
        assert await waits(partner)

        answer = await direct(partner.main.api, director.id, first.id, second.id)

        assert codes(answer) == []
        assert [one["member"] for one in answer["results"]] == [
            {"id": one.id, "director": {"id": director.id}} for one in (first, second)
        ]
        assert [effect["kind"] for effect in answer["effects"]].count("member.director_assigned") == 2
        heard = await api.rows("select changes from event where type = 'member.director_assigned' order by id")
        assert [orjson.loads(row["changes"])["director_id"] for row in heard] == [str(director.account_id)] * 2
        assert not await waits(partner)
        await api.deliver()
        assert "managers_assigned" in {row["template"] for row in await api.inbox(str(director.email))}

        back = await direct(partner.main.api, None, first.id)
        assert back["results"][0]["member"] == {"id": first.id, "director": None}
        assert await waits(partner)

    async def test_every_entry_has_its_reasons(self, api: Api) -> None:
        partner, director, (first, second) = await team(api)
        clerk, other = await member(api, partner, Role.FINANCE), await admitted_partner(api)
        stranger, chief = [await member(api, other, role) for role in (Role.ACCOUNT_MANAGER, Role.ACCOUNT_DIRECTOR)]
        resting = await member(api, partner, Role.ACCOUNT_DIRECTOR)
        await partner.main.api.do(
            "setMemberStatus", "__typename", id=resting.id, status="DISABLED", idempotencyKey=key()
        )

        async def attempt() -> None:
            refused = await direct(partner.main.api, director.id, first.id, clerk.id, stranger.id, first.id)
            assert reasons(refused) == [["ALREADY_ASSIGNED"], ["NOT_ACCOUNT_MANAGER"], ["NOT_FOUND"], ["REPEATED"]]
            for nobody, code in (
                (clerk, "NOT_ACCOUNT_DIRECTOR"),
                (resting, "NOT_ACCOUNT_DIRECTOR"),
                (chief, "NOT_FOUND"),
            ):
                assert codes(await direct(partner.main.api, nobody.id, second.id)) == [code]

        assert await api.changes(attempt) == set()

    async def test_administrators_alone(self, api: Api) -> None:
        _, director, (first, _) = await team(api)

        async def attempt() -> None:
            for nobody in (director, first):
                given = {"memberIds": [first.id], "idempotencyKey": key()}
                document = "mutation($input: AssignDirectorInput!) { assignDirector(input: $input) { __typename } }"
                assert (await nobody.api.send(document, input=given)).error["reason"] == "ADMIN_ONLY"

        assert await api.changes(attempt) == set()

    async def test_what_may_be_done_says_so(self, api: Api) -> None:
        partner, director, (first, _) = await team(api)
        look = "query($id: ID!) { node(id: $id) { ... on Account { actions { action allowed } } } }"

        async def may(one: Person) -> bool:
            actions = (await partner.main.api.send(look, id=one.id)).data["node"]["actions"]
            return bool({state["action"]: state["allowed"] for state in actions}["ASSIGN_DIRECTOR"])

        assert await may(first)
        assert not await may(director)


class TestSeeing:
    async def test_a_director_sees_what_the_managers_below_see(self, api: Api) -> None:
        partner, director, (first, second) = await team(api)
        both = await member(api, partner, Role.ACCOUNT_DIRECTOR, Role.FINANCE)
        alone = await member(api, partner, Role.ACCOUNT_DIRECTOR)
        third = await member(api, partner, Role.ACCOUNT_MANAGER)
        for one in (first, second, third):
            await associated_customer(api, world.Person(one.account_id, one.api, str(one.mobile), str(one.email)))

        async def seen(one: Person) -> dict[str, set[str]]:
            answer = (await one.api.send(LISTS)).data
            return {name: {node["id"] for node in rows["nodes"]} for name, rows in answer.items()}

        below = [await seen(one) for one in (first, second)]
        assert all(len(found) == 1 for rows in below for found in rows.values())
        assert await seen(director) == {name: below[0][name] | below[1][name] for name in below[0]}
        assert set(map(len, (await seen(both)).values())) == {3}, "a second role opens all"
        assert set(map(len, (await seen(alone)).values())) == {0}

        await direct(partner.main.api, director.id, third.id)
        assert set(map(len, (await seen(director)).values())) == {3}, "from the next request on"
        strange = {node for found in (await seen(third)).values() for node in found}
        look = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        found = (await director.api.send(look, ids=sorted(strange))).data["nodes"]
        assert {node["id"] for node in found} == strange
        assert (await first.api.send(look, ids=sorted(strange))).data["nodes"] == [None] * len(strange)


class TestParting:
    @pytest.mark.parametrize("leaving", LEAVING)
    async def test_who_directs_no_longer_leaves_a_todo(self, api: Api, leaving: str) -> None:
        partner, director, managers = await team(api)

        left = await partner.main.api.do(
            leaving, "__typename", **LEAVING[leaving], id=director.id, idempotencyKey=key()
        )

        kinds = [effect["kind"] for effect in left["effects"]]
        assert kinds[1:] == ["member.director_withdrawn"] * 2 + ["member.managers_without_director"]
        above = "select count(*) from account where director_id is not null"
        assert (await waits(partner), await api.value(above)) == (True, 0)
        heir = await member(api, partner, Role.ACCOUNT_DIRECTOR)
        assert reasons(await direct(partner.main.api, heir.id, *(one.id for one in managers))) == [[], []]
        assert not await waits(partner)

    @pytest.mark.parametrize("leaving", [*LEAVING, "setMemberStatus"])
    async def test_the_todo_waits_since_the_director_was_lost(self, api: Api, leaving: str) -> None:
        partner, director, (first, _) = await team(api)
        api.clock.advance(minutes=5)
        given = {**LEAVING.get(leaving, {"status": "DISABLED"}), "id": director.id, "idempotencyKey": key()}
        assert codes(await partner.main.api.do(leaving, "__typename", **given)) == []
        lost = api.clock()

        api.clock.advance(minutes=5)
        operations = (await staff(api, Role.ECO_MANAGER)).api
        tagged = {"id": partner.id, "tags": ["north"], "idempotencyKey": key()}
        assert codes(await operations.do("setPartnerTags", "__typename", **tagged)) == []
        roles = {"id": first.id, "roles": ["ACCOUNT_MANAGER", "FINANCE"], "idempotencyKey": key()}
        assert codes(await partner.main.api.do("changeMemberRoles", "__typename", **roles)) == []
        await member(api, partner, Role.ACCOUNT_MANAGER)

        assert await since(partner) == lost

    async def test_the_todo_waits_since_the_manager_was_added(self, api: Api) -> None:
        partner = await admitted_partner(api)
        await member(api, partner, Role.ACCOUNT_DIRECTOR)
        api.clock.advance(minutes=5)
        await member(api, partner, Role.ACCOUNT_MANAGER)
        added = api.clock()
        api.clock.advance(minutes=5)
        await member(api, partner, Role.ACCOUNT_MANAGER)
        assert await since(partner) == added

    async def test_where_never_was_a_director_nothing_waits_until_there_is_one(self, api: Api) -> None:
        partner = await admitted_partner(api)
        await member(api, partner, Role.ACCOUNT_MANAGER)
        assert not await waits(partner)
        await member(api, partner, Role.ACCOUNT_DIRECTOR)
        assert await waits(partner)

    async def test_a_director_at_rest_keeps_its_managers(self, api: Api) -> None:
        partner, director, managers = await team(api)
        for status, waiting in (("DISABLED", True), ("ACTIVE", False)):
            given = {"id": director.id, "status": status, "idempotencyKey": key()}
            assert codes(await partner.main.api.do("setMemberStatus", "__typename", **given)) == []
            assert await waits(partner) is waiting
        above = await api.rows("select id from account where director_id = $1", director.account_id)
        assert {row["id"] for row in above} == {one.account_id for one in managers}

    @pytest.mark.parametrize("leaving", LEAVING)
    async def test_who_manages_no_longer_has_neither_director_nor_customers(self, api: Api, leaving: str) -> None:
        partner, director, (first, second) = await team(api)
        for one in (first, second):
            await associated_customer(api, world.Person(one.account_id, one.api, str(one.mobile), str(one.email)))

        left = await partner.main.api.do(leaving, "__typename", **LEAVING[leaving], id=first.id, idempotencyKey=key())

        assert [effect["kind"] for effect in left["effects"]][1:] == ["member.customers_withdrawn"]
        event = orjson.loads(await api.value("select changes from event where type = 'member.customers_withdrawn'"))
        freed = await api.value("select id from customer_association where account_manager_id is null")
        assert event["associations"] == [str(freed)]
        open_ones = "select account_manager_id from customer_assignment where ended_at is null"
        assert [row["account_manager_id"] for row in await api.rows(open_ones)] == [second.account_id]
        assert await api.value("select director_id from account where id = $1", first.account_id) is None
        assert len((await director.api.send(LISTS)).data["customers"]["nodes"]) == 1


@pytest.mark.parametrize("crowd", [4, pytest.param(100, marks=pytest.mark.long)])
async def test_a_director_who_goes_meanwhile_leaves_nobody_below(api: Api, crowd: int) -> None:
    partner, director, (first, _) = await team(api)
    assert codes(await direct(partner.main.api, None, first.id)) == []
    patient = partner.main.api.patient
    going = patient.do("changeMemberRoles", "__typename", id=director.id, roles=["FINANCE"], idempotencyKey=key())

    answers = await asyncio.gather(*(direct(patient, director.id, first.id) for _ in range(crowd)), going)

    assert codes(answers[-1]) == []
    assert await api.value("select count(*) from account where director_id = $1", director.account_id) == 0
    assert encode_id("acc", director.account_id) == director.id
