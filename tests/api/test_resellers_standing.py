"""What becomes of a reseller whose distributor is restricted or frozen, through the API."""

from typing import Any
from uuid import UUID

import pytest

from core.ids import encode_id
from models.customers import Customer
from rules.partners import PartnerKind, Standing
from rules.resellers import LinkStatus
from tests import world
from tests.api.leaving import KEYS, REQUEST
from tests.client import Api, Client, codes
from tests.development import accept, general_token, link, prospect, report
from tests.vouchers import reseller


async def below(api: Api, status: LinkStatus = LinkStatus.ACTIVE) -> tuple[UUID, UUID, world.Person]:
    """A distributor, its reseller and the reseller's main account."""
    distributor, _ = await world.admitted_partner(api, kind=PartnerKind.DISTRIBUTOR)
    partner_id, main = await reseller(api, distributor, status)
    return distributor, partner_id, main


async def becomes(api: Api, partner_id: UUID, standing: Standing) -> None:
    """Without the vendor's command, which is tested elsewhere."""
    await api.database.superuser.execute("update partner set standing = $1 where id = $2", standing.value, partner_id)


async def unbind(client: Client, customer_id: UUID) -> dict[str, Any]:
    given = {"customerId": encode_id(Customer.prefix, customer_id), "reason": "Over.", "acknowledged": True}
    return await client.do("requestUnbind", REQUEST, **given, idempotencyKey=next(KEYS))


async def test_of_a_frozen_distributor_develops_and_unbinds_no_resale_customer(api: Api) -> None:
    distributor, partner_id, main = await below(api)
    _, customer_id, _ = await world.associated_customer(api, partner_id)
    await becomes(api, distributor, Standing.FROZEN)

    async def attempt() -> None:
        assert codes(await report(main.client, prospect())) == ["PARTNER_FROZEN"]
        assert codes(await link(main.client)) == ["PARTNER_FROZEN"]
        assert codes(await unbind(main.client, customer_id)) == ["PARTNER_FROZEN"]

    assert await api.changes(attempt) == set()
    await becomes(api, distributor, Standing.ACTIVE)
    assert codes(await report(main.client, prospect())) == []
    assert codes(await link(main.client)) == []
    assert codes(await unbind(main.client, customer_id)) == []


@pytest.mark.parametrize(
    ("standing", "code"), [(Standing.RESTRICTED, "PARTNER_RESTRICTED"), (Standing.FROZEN, "PARTNER_FROZEN")]
)
async def test_of_such_a_distributor_takes_on_nobody(api: Api, standing: Standing, code: str) -> None:
    distributor, _, main = await below(api)
    customer, token = await world.person(api), await general_token(main.client)
    await becomes(api, distributor, standing)

    refused = await accept(customer.client, token)

    assert codes(refused) == [code]
    assert await api.value("select count(*) from customer_association") == 0
    await becomes(api, distributor, Standing.ACTIVE)
    assert codes(await accept(customer.client, token)) == []


async def test_the_graver_standing_counts(api: Api) -> None:
    distributor, partner_id, main = await below(api)
    await becomes(api, distributor, Standing.RESTRICTED)
    assert codes(await report(main.client, prospect())) == []
    await becomes(api, partner_id, Standing.FROZEN)
    assert codes(await report(main.client, prospect())) == ["PARTNER_FROZEN"]


async def test_after_the_parting_the_distributors_standing_is_its_own(api: Api) -> None:
    distributor, _, main = await below(api, LinkStatus.ENDED)
    await becomes(api, distributor, Standing.FROZEN)
    assert codes(await report(main.client, prospect())) == []


async def test_what_may_be_done_says_so_too(api: Api) -> None:
    distributor, _, main = await below(api)
    made = await report(main.client, prospect())
    await becomes(api, distributor, Standing.FROZEN)
    document = "{ customerReports { nodes { id actions { action allowed blockers { code } } } } }"

    node = (await main.client.send(document)).data["customerReports"]["nodes"][0]

    assert node["id"] == made["report"]["id"]
    invite = next(entry for entry in node["actions"] if entry["action"] == "INVITE")
    assert (invite["allowed"], [blocker["code"] for blocker in invite["blockers"]]) == (False, ["PARTNER_FROZEN"])
