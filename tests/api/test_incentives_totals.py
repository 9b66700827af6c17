"""The sums over a list of incentives: over all of the filter and scope, by currency, in one statement."""

from decimal import Decimal
from typing import Any

import pytest
from graphql import parse

from core import db
from core.analyser import analyse
from core.analyser.limits import Limits
from rules.access import Role
from rules.sites import Site
from schema import schema
from tests import earning
from tests import opportunities as po
from tests.client import Api, Client
from tests.earning import REFERRAL, RESALE

TOTALS = "totals { count amount { amount currency } }"


async def totals(client: Client, arguments: str = "first: 1") -> list[tuple[int, str, str]]:
    """Number, amount and currency of each entry, beside a page of one."""
    answer = await client.send(f"{{ incentives({arguments}) {{ nodes {{ id }} {TOTALS} }} }}")
    found = answer.data["incentives"]["totals"]
    return [(one["count"], one["amount"]["amount"], one["amount"]["currency"]) for one in found]


async def added_up(client: Client, arguments: str) -> list[tuple[int, str, str]]:
    """The same from the list's nodes."""
    answer = await client.send(f"{{ incentives({arguments}) {{ nodes {{ amount {{ amount currency }} }} }} }}")
    sums: dict[str, list[Decimal]] = {}
    for node in answer.data["incentives"]["nodes"]:
        sums.setdefault(node["amount"]["currency"], []).append(Decimal(node["amount"]["amount"]))
    return [(len(amounts), str(sum(amounts)), currency) for currency, amounts in sorted(sums.items())]


async def stages(api: Api) -> tuple[earning.Stage, earning.Stage]:
    """A partner with three incentives, one of them negative and one confirmed; one of the other site with one."""
    mainland = await earning.stage(api)
    await earning.generated(api, mainland, (RESALE, 10_000), (RESALE, -30_000), (REFERRAL, 1_000_001))
    await earning.confirmed(api, mainland, (RESALE, 5_000_000), period="2026-01")
    abroad = await earning.stage(api, Site.INTL)
    await earning.generated(api, abroad, (RESALE, 40_000_000), currency="USD")
    return mainland, abroad


@pytest.mark.parametrize(
    "filter",
    ["", ", status: PENDING_CONFIRM", ', period: "2026-01"', ", associationType: REFERRAL", ", frozen: true"],
)
async def test_they_are_the_sums_of_the_whole_list_in_scope(api: Api, filter: str) -> None:
    mainland, abroad = await stages(api)
    admin = (await po.staff(api, Role.VENDOR_ADMIN)).client
    for client in (mainland.clerk, abroad.clerk, admin):
        assert await totals(client, f"first: 1{filter}") == await added_up(client, f"first: 200{filter}")


async def test_each_sees_its_own_by_currency(api: Api) -> None:
    mainland, abroad = await stages(api)
    admin = (await po.staff(api, Role.VENDOR_ADMIN)).client
    (own,), (foreign,) = await totals(mainland.clerk), await totals(abroad.clerk)
    assert (own[0], own[2], foreign[0], foreign[2]) == (3, "CNY", 1, "USD")
    assert await totals(admin) == [own, foreign]
    assert await totals(admin, 'first: 1, period: "2025-12"') == []


async def test_one_statement_whatever_the_list(api: Api) -> None:
    mainland, _ = await stages(api)

    async def statements(selection: str) -> int:
        with db.observed() as found:
            await mainland.clerk.send(f"{{ incentives(first: 1) {{ nodes {{ id }} {selection} }} }}")
        return len(found)

    assert await statements(TOTALS) == await statements("") + 1


def test_they_cost_as_much_as_the_count_whatever_the_page() -> None:
    def cost(selection: str, size: int) -> Any:
        document = f"{{ incentives(first: {size}) {{ {selection} }} }}"
        return analyse(schema._schema, parse(document), Limits())[0].price({}).cost

    assert cost("totals { count }", 1) == cost("totals { count }", 200) == cost("totalCount { value }", 1)
