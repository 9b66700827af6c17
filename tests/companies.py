"""Companies with information for tests: changes submitted, decided and read, through the API."""

from typing import Any

from rules.access import Role
from tests.client import Api, Client, codes
from tests.factories import Admitted, Person, admitted_partner, company, key, staff
from tests.uploads import uploaded

CHANGE = "change { id state reason version fields { field before after } }"
PROFILE = """{ partner { name company { name profile { id address website headcount
  contacts { name position mobile email } licence { name size } keeper { name mobile email }
  changes { id state reason fields { field before after } } actions { action allowed blockers { code } } } } } }"""
CONTACT = {"name": "李明", "position": "总经理", "mobile": "13812345678", "email": "Li.Ming@example.com"}


async def submit(who: Client, **wanted: object) -> dict[str, Any]:
    """A change of the company's information; of its address unless told otherwise. `licence=True` hands one in."""
    given = wanted or {"address": "杭州市西湖区文三路1号"}
    if given.pop("licence", False):
        given["licenceId"] = await uploaded(who)
    return await who.do("submitCompanyChange", CHANGE, **{"idempotencyKey": key(), **given})


async def withdraw(who: Client, change: dict[str, Any], **more: object) -> dict[str, Any]:
    """A change taken back."""
    return await who.do("withdrawCompanyChange", CHANGE, id=change["id"], **{"idempotencyKey": key(), **more})


async def earlier_rounds(who: Client, change: dict[str, Any]) -> list[dict[str, Any]]:
    """What a change said in the rounds before the present one."""
    asked = """query($id: ID!) { node(id: $id) { ... on CompanyChange { earlierRounds {
      state submittedAt decidedAt reason licence { name } fields { field before after } } } } }"""
    found: list[dict[str, Any]] = (await who.send(asked, id=change["id"])).data["node"]["earlierRounds"]
    return found


async def open_case(reviewer: Person, change: dict[str, Any]) -> str:
    """The id of the open round."""
    document = "query($subject: ID) { reviews(subject: $subject, state: SUBMITTED) { nodes { id } } }"
    [case] = (await reviewer.api.send(document, subject=change["id"])).data["reviews"]["nodes"]
    return str(case["id"])


async def decide(reviewer: Person, change: dict[str, Any], *, approve: bool = True, **more: object) -> dict[str, Any]:
    """The vendor's verdict on the open round."""
    given = {"id": await open_case(reviewer, change), "approve": approve, "idempotencyKey": key(), **more}
    return await reviewer.api.do("decideReview", "review { state round reason }", **given)


async def profile(who: Client) -> dict[str, Any]:
    """What the caller's company tells of itself, as the caller sees it."""
    found: dict[str, Any] = (await who.send(PROFILE)).data["partner"]["company"]["profile"]
    return found


async def in_review(api: Api, **wanted: object) -> tuple[Admitted, Person, dict[str, Any]]:
    """A partner, a reviewer, and a change that waits for the verdict."""
    partner, reviewer = await admitted_partner(api), await staff(api, Role.VENDOR_REVIEWER)
    submitted = await submit(partner.main.api, **wanted)
    assert codes(submitted) == [], submitted
    return partner, reviewer, submitted["change"]


async def sibling(api: Api, partner: Admitted) -> Admitted:
    """A second account of the same company, admitted later."""
    of = partner.company
    return await admitted_partner(api, await company(api, legal_name=of.legal_name, credit_code=of.credit_code))
