"""Customers are put in charge of account managers: who may, whose consumption it is then, and what is told."""

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from core.ids import encode_id
from rules.access import Role
from tests import world
from tests.client import NOON, Api, Client, codes
from tests.consumption import imported, line
from tests.contracts.population import unchecked
from tests.development import key

MINUTE = timedelta(minutes=1)
RESULTS = "results { association { id version accountManager { id } } userErrors { code } }"


async def assign(client: Client, manager: world.Person | None, *customers: str) -> dict[str, Any]:
    """Puts a member in charge of customers, or nobody."""
    given = {"customerIds": list(customers), "idempotencyKey": key()}
    whom = None if manager is None else encode_id("acc", manager.id)
    return await client.do("assignCustomers", RESULTS, accountManagerId=whom, **given)


def reasons(answer: dict[str, Any]) -> list[list[str]]:
    """The codes against each entry."""
    return [[error["code"] for error in one["userErrors"]] for one in answer["results"]]


async def customers_of(client: Client) -> list[str]:
    """The customers that the caller's list shows."""
    return [node["id"] for node in (await client.send("{ customers { nodes { id } } }")).data["customers"]["nodes"]]


async def paid(client: Client) -> list[str]:
    """The references of the consumption that the caller sees."""
    answer = await client.send("{ consumption { nodes { reference } } }")
    return sorted(node["reference"] for node in answer.data["consumption"]["nodes"])


async def by_month(client: Client) -> list[int]:
    """How many lines the caller sees of each customer that it sees."""
    answer = await client.send("{ customers { nodes { consumptionByMonth { lines } } } }")
    return [sum(month["lines"] for month in one["consumptionByMonth"]) for one in answer.data["customers"]["nodes"]]


async def test_an_administrator_puts_an_account_manager_in_charge(api: Api) -> None:
    made = await world.world(api)
    manager = await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER)
    admin = await world.member(api, made.partner_id, Role.SYSTEM_ADMIN)
    assert await customers_of(manager.client) == []

    answer = await assign(admin.client, manager, made.customer_gid)

    assert codes(answer) == []
    association = answer["results"][0]["association"]
    assert association["accountManager"] == {"id": encode_id("acc", manager.id)}
    assert [effect["kind"] for effect in answer["effects"]][:1] == ["association.assigned"]
    event = orjson.loads(await api.value("select changes from event where type = 'association.assigned'"))
    assert event["account_manager_id"] == str(manager.id)
    assert await customers_of(manager.client) == [made.customer_gid]
    await api.deliver()
    assert "customers_assigned" in {row["template"] for row in await api.inbox(manager.email)}

    taken = await assign(made.main.client, None, made.customer_gid)
    assert taken["results"][0]["association"] == {
        "id": association["id"],
        "version": association["version"] + 1,
        "accountManager": None,
    }
    assert "association.unassigned" in {effect["kind"] for effect in taken["effects"]}
    assert await customers_of(manager.client) == []


async def test_what_a_customer_pays_belongs_to_who_is_in_charge_then(api: Api) -> None:
    made = await world.world(api)
    first, second = [await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER) for _ in range(2)]
    before = line(made, NOON)
    for minutes, manager in ((4, first), (8, second)):
        api.clock.at = NOON + minutes * MINUTE
        assert reasons(await assign(made.main.client, manager, made.customer_gid)) == [[]]
    tick = timedelta(milliseconds=1)
    of_first = [line(made, NOON + 4 * MINUTE), line(made, NOON + 8 * MINUTE - tick)]
    of_second = line(made, NOON + 8 * MINUTE)
    api.clock.at = NOON + 12 * MINUTE
    await imported(api, before, *of_first, of_second)

    assert await paid(first.client) == sorted(one["reference"] for one in of_first), "it stays its own"
    assert await paid(second.client) == [of_second["reference"]]
    assert len(await paid(made.main.client)) == 4
    assert await by_month(first.client) == []
    assert await by_month(second.client) == [1]
    assert await by_month(made.main.client) == [4]
    look = "{ customers { nodes { association { assignments { startedAt endedAt accountManager { id } } } } } }"
    shown = (await made.main.client.send(look)).data["customers"]["nodes"][0]["association"]["assignments"]
    assert [one["accountManager"]["id"] for one in shown] == [encode_id("acc", one.id) for one in (second, first)]
    assert [one["endedAt"] for one in shown] == [None, shown[0]["startedAt"]]


async def test_every_customer_has_its_reasons(api: Api) -> None:
    made, other = await world.world(api), await world.world(api)
    manager = await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER)
    _, free, _ = await world.associated_customer(api, made.partner_id)
    assert reasons(await assign(made.main.client, manager, made.customer_gid)) == [[]]
    clerk, stranger = [
        await world.member(api, partner, role)
        for partner, role in ((made.partner_id, Role.FINANCE), (other.partner_id, Role.ACCOUNT_MANAGER))
    ]

    async def attempt() -> None:
        refused = await assign(made.main.client, manager, made.customer_gid, other.customer_gid, made.customer_gid)
        assert reasons(refused) == [["ALREADY_ASSIGNED"], ["NOT_FOUND"], ["REPEATED"]]
        assert reasons(await assign(made.main.client, None, encode_id("cus", free))) == [["ALREADY_ASSIGNED"]]
        assert codes(await assign(made.main.client, clerk, made.customer_gid)) == ["NOT_ACCOUNT_MANAGER"]
        assert codes(await assign(made.main.client, stranger, made.customer_gid)) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


async def test_administrators_alone_assign(api: Api) -> None:
    made = await world.world(api)
    colleagues = [
        await world.member(api, made.partner_id, role) for role in (Role.ACCOUNT_MANAGER, Role.ACCOUNT_DIRECTOR)
    ]
    document = "mutation($input: AssignCustomersInput!) { assignCustomers(input: $input) { __typename } }"

    async def attempt() -> None:
        for nobody in (*colleagues, made.customer):
            given = {"customerIds": [made.customer_gid], "idempotencyKey": key()}
            assert (await nobody.client.send(document, input=given)).error["reason"] == "ADMIN_ONLY"

    assert await api.changes(attempt) == set()


@pytest.mark.tampers
@pytest.mark.parametrize(
    "statement",
    [
        "update customer_association set account_manager_id = null",
        "update customer_association set account_manager_id = gen_random_uuid()",
        "update customer_assignment set account_manager_id = gen_random_uuid()",
        "update customer_assignment set partner_id = gen_random_uuid()",
        "update customer_assignment set ended_at = started_at",
        "delete from customer_assignment",
    ],
)
async def test_tampering_with_who_is_in_charge_is_found(api: Api, statement: str) -> None:
    made = await world.world(api)
    manager = await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER)
    assert reasons(await assign(made.main.client, manager, made.customer_gid)) == [[]]
    assert await api.database.offences() == []

    async with unchecked(api.database, unique=False):
        done = await api.database.superuser.execute(statement)
        assert not done.endswith(" 0"), "nothing was tampered with"
        assert {offence.split(":")[0] for offence in await api.database.offences()} == {"I17"}


@pytest.mark.parametrize("crowd", [6, pytest.param(200, marks=pytest.mark.long)])
async def test_one_account_manager_is_in_charge_whoever_is_quicker(api: Api, crowd: int) -> None:
    made = await world.world(api)
    managers = [await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER) for _ in range(2)]
    patient = made.main.client.patient

    answers = await asyncio.gather(
        *(assign(patient, managers[number % 2], made.customer_gid) for number in range(crowd))
    )

    changes = sum(reasons(answer) == [[]] for answer in answers)
    assert changes >= 2
    assert await api.value("select count(*) from customer_assignment") == changes
    opened = await api.rows("select account_manager_id from customer_assignment where ended_at is null")
    present = await api.rows("select account_manager_id from customer_association")
    assert [row["account_manager_id"] for row in opened] == [row["account_manager_id"] for row in present]
