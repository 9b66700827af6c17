"""Distributors and their resellers for tests, made through the API."""

import re
from typing import Any
from uuid import UUID

from core.ids import decode_id
from rules.access import Role
from tests.client import Api, Client, codes
from tests.factories import Admitted, admitted_partner, join, key, staff

LINK = "link { id status version companyName }"
APPLICATIONS = "results { application { id status reason } userErrors { code path rule { id } } }"


async def distributor(api: Api) -> Admitted:
    """A partner that the vendor has invited into the distribution plan, as a distributor."""
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    given = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
    assert codes(await manager.api.do("inviteToPlan", "membership { id }", **given)) == []
    applied = await join(partner, "DISTRIBUTOR")
    assert codes(applied) == [], applied
    assert codes(await vendor_decides(api, applied["membership"]["id"])) == []
    return partner


async def vendor_decides(
    api: Api, membership_id: str, *, approve: bool = True, reason: str | None = None
) -> dict[str, Any]:
    """The vendor's part of an application for a plan."""
    reviewer = await staff(api, Role.VENDOR_REVIEWER)
    given = {"id": membership_id, "approve": approve, "reason": reason, "idempotencyKey": key()}
    return await reviewer.api.do("decidePlanApplication", "membership { id state }", **given)


async def applied(api: Api, to: Admitted, *, passed_on: bool = True) -> tuple[Admitted, str]:
    """A company that has applied to a distributor, by default with the vendor's approval; its application's id."""
    company = await admitted_partner(api)
    asked = await join(company, "RESELLER", distributorId=to.id)
    assert codes(asked) == [], asked
    if passed_on:
        assert codes(await vendor_decides(api, asked["membership"]["id"])) == []
    return company, await application_of(api, company)


async def application_of(api: Api, company: Admitted) -> str:
    """The id of the company's newest application, as the vendor sees it."""
    reviewer = await staff(api, Role.VENDOR_REVIEWER)
    found = await reviewer.api.send("{ resellerApplications(first: 50) { nodes { id companyName } } }")
    nodes = found.data["resellerApplications"]["nodes"]
    return str(next(node["id"] for node in nodes if node["companyName"] == company.company.legal_name))


async def decide(client: Client, *ids: str, approve: bool = True, **changes: object) -> dict[str, Any]:
    """The distributor's decision."""
    given = {"ids": list(ids), "approve": approve, "idempotencyKey": key()}
    return await client.do("decideResellerApplications", APPLICATIONS, **{**given, **changes})


def outcomes(payload: dict[str, Any]) -> list[str | list[str]]:
    """For each entry of a decision the application's status, or the codes against it."""
    return [
        [error["code"] for error in result["userErrors"]] or result["application"]["status"]
        for result in payload["results"]
    ]


async def reseller(api: Api, of: Admitted) -> tuple[Admitted, str]:
    """A company that has become the distributor's reseller by application; the id of their link."""
    company, application = await applied(api, of)
    assert outcomes(await decide(of.main.api, application)) == ["ASSOCIATED"]
    mine = await company.main.api.send("{ myDistributor { id } }")
    return company, mine.data["myDistributor"]["id"]


async def invite(client: Client, email: str, **changes: object) -> dict[str, Any]:
    """The distributor's invitation by mail."""
    given = {"email": email, "idempotencyKey": key()}
    return await client.do("inviteReseller", "invitation { id state validUntil email }", **{**given, **changes})


async def token_sent_to(api: Api, email: str | None) -> str:
    """The token in the newest invitation that reached this address."""
    letters = [row for row in await api.inbox(str(email)) if row["template"] == "reseller_invitation"]
    found = re.search(r"#(cos_inv_[\w-]+)", letters[-1]["body"])
    assert found is not None
    return found[1]


async def accept(client: Client, token: str, **changes: object) -> dict[str, Any]:
    """A company's answer to an invitation."""
    given = {"token": token, "agreementVersion": "1.0"}
    return await client.do("acceptResellerInvitation", LINK, **{**given, **changes})


async def start_exit(client: Client, link_id: str, **changes: object) -> dict[str, Any]:
    """The beginning of parting."""
    given = {"id": link_id, "reason": "The contract ends.", "idempotencyKey": key()}
    return await client.do("startResellerExit", LINK, **{**given, **changes})


async def end_exit(client: Client, link_id: str, **changes: object) -> dict[str, Any]:
    """The end of parting."""
    return await client.do("endResellerExit", LINK, **{"id": link_id, "idempotencyKey": key(), **changes})


def uuid(public_id: str) -> UUID:
    """What a public id stands for in the tables."""
    return decode_id(public_id)[1]
