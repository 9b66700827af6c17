"""Reading consumption: whose, how far back, by month, and with how many statements."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from core import db
from core.ids import encode_id
from rules.access import Role
from tests import world
from tests.client import NOON, Api, Client, codes
from tests.consumption import imported, line
from tests.factories import key
from tests.tasks.tables import sql

DAY = timedelta(days=1)


async def history(api: Api, made: world.World, days: int) -> None:
    """Lets the association begin so many days before noon."""
    await sql("update customer_association set started_at = $2 where id = $1", made.association_id, NOON - days * DAY)


async def shown(client: Client, arguments: str = "") -> list[str]:
    """The references that the caller's list shows."""
    answer = await client.send(f"{{ consumption{arguments} {{ nodes {{ reference }} }} }}")
    return [node["reference"] for node in answer.data["consumption"]["nodes"]]


async def test_a_partner_sees_what_was_paid_while_the_customer_was_its_own(api: Api) -> None:
    made, other = await world.world(api), await world.world(api)
    await history(api, made, 10)
    lines = [line(made, NOON - days * DAY) for days in (11, 10, 9)]
    await imported(api, *lines, line(other, NOON))
    assert await shown(made.main.client) == [lines[2]["reference"], lines[1]["reference"]]
    await sql(
        "update customer_association set status = 'ENDED', ended_at = $2 where id = $1",
        made.association_id,
        NOON - 9 * DAY,
    )
    assert await shown(made.main.client) == [lines[2]["reference"], lines[1]["reference"]], "past performance stays"


async def test_consumption_is_shown_eighteen_months_back(api: Api) -> None:
    made = await world.world(api)
    await history(api, made, 1_000)
    edge = NOON.replace(year=2024, month=9)
    lines = [line(made, edge), line(made, edge - timedelta(milliseconds=1))]
    await imported(api, *lines)
    assert await shown(made.main.client) == [lines[0]["reference"]]


async def test_an_account_manager_sees_own_customers_alone(api: Api) -> None:
    made = await world.world(api)
    manager = await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER)
    _, customer_id, _ = await world.associated_customer(api, made.partner_id)
    own = replace(made, customer_id=customer_id)
    whom = {"customerIds": [own.customer_gid], "accountManagerId": encode_id("acc", manager.id)}
    assert codes(await made.main.client.do("assignCustomers", "__typename", **whom, idempotencyKey=key())) == []
    lines = [line(made, NOON), line(own, NOON)]
    await imported(api, *lines)
    assert await shown(manager.client) == [lines[1]["reference"]]
    assert len(await shown(made.main.client)) == 2
    months = "{ customers { nodes { consumptionByMonth { month lines } } } }"
    answer = await manager.client.send(months)
    assert [node["consumptionByMonth"] for node in answer.data["customers"]["nodes"]] == [
        [{"month": "2026-03", "lines": 1}]
    ]


async def test_lines_are_found_by_customer_month_type_and_time(api: Api) -> None:
    made = await world.world(api)
    await history(api, made, 60)
    _, customer_id, _ = await world.associated_customer(api, made.partner_id)
    other = replace(made, customer_id=customer_id)
    first = line(made, NOON - 30 * DAY, billType="RENEW")
    second, third = line(made, NOON), line(other, NOON)
    await imported(api, first, second, third)
    found: dict[str, Any] = {
        f'(filter: {{ customer: "{other.customer_gid}" }})': [third],
        '(filter: { customer: "nobody" })': [],
        '(filter: { period: "2026-01" })': [first],
        "(filter: { billType: RENEW })": [first],
        f'(filter: {{ paidFrom: "{NOON.isoformat()}" }})': [third, second],
        f'(filter: {{ paidUntil: "{NOON.isoformat()}" }})': [first],
    }
    for arguments, lines in found.items():
        assert await shown(made.main.client, arguments) == [one["reference"] for one in lines], arguments


async def test_a_customer_in_two_lists_is_summed_once(api: Api) -> None:
    made = await world.world(api)
    await history(api, made, 60)
    await imported(api, line(made, NOON))
    months = "customers { nodes { consumptionByMonth { lines } } }"
    answer = await made.main.client.send(f"{{ a: {months} b: {months} }}")
    assert [answer.data[name]["nodes"] for name in "ab"] == [[{"consumptionByMonth": [{"lines": 1}]}]] * 2


async def test_months_are_summed_in_the_sites_zone_for_all_customers_at_once(api: Api) -> None:
    made = await world.world(api)
    await history(api, made, 60)
    await imported(
        api,
        line(made, "2026-02-28T15:59:59.999+00:00", officialAmount="30", cashAmount="20", voucherAmount="10"),
        line(made, "2026-02-28T16:00:00+00:00"),
        line(made, NOON),
        line(made, NOON, currency="USD"),
    )
    for _ in range(3):
        await world.associated_customer(api, made.partner_id)
    amounts = "officialAmount { amount currency } cashAmount { amount }"
    document = f"{{ customers {{ nodes {{ consumptionByMonth {{ month lines {amounts} }} }} }} }}"
    with db.observed() as statements:
        answer = await made.main.client.send(document)
    many = len(statements)
    *others, found = [node["consumptionByMonth"] for node in answer.data["customers"]["nodes"]]
    assert others == [[], [], []]
    assert [
        (one["month"], one["lines"], *one["officialAmount"].values(), one["cashAmount"]["amount"]) for one in found
    ] == [
        ("2026-03", 2, "200.00", "CNY", "200.00"),
        ("2026-03", 1, "100.00", "USD", "100.00"),
        ("2026-02", 1, "30.00", "CNY", "20.00"),
    ]
    with db.observed() as statements:
        await made.main.client.send(document.replace("customers {", "customers(first: 1) {"))
    assert len(statements) == many


async def test_a_customer_is_nobodys_partner(api: Api) -> None:
    made = await world.world(api)
    answer = await made.customer.client.send("{ consumption { nodes { reference } } }")
    assert answer.error["reason"] == "PERMISSION_DENIED"
