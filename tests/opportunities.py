"""Opportunities on their way: offices, offerings, drafts, verdicts, all through the API."""

from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from uuid import UUID

from core import db
from core.ids import decode_id, encode_id
from core.scope import EVERYTHING
from models.accounts import Account
from models.plans import PlanMembership
from resolvers.accounts.sessions import open_session
from resolvers.system import system_context
from rules.access import Role
from rules.accounts import AccountKind
from rules.plans import MembershipState, PlanCode
from rules.sites import Site
from tests import world
from tests.client import Api, Client, codes
from tests.world import Person

OPPORTUNITY = "opportunity { id name state version revision deadline }"
HANGZHOU, ZHEJIANG, NANJING = "330100", "330000", "320100"
_numbers = count(1)


def key() -> str:
    """An idempotency key nobody else uses."""
    return f"opportunity-{next(_numbers):08}"


async def staff(api: Api, *roles: Role, site: Site = Site.CN) -> Person:
    """One of the vendor's staff."""
    return await world.person(api, site, kind=AccountKind.STAFF, roles=[role.value for role in roles])


async def done(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload without refusals."""
    assert codes(payload) == [], payload
    return payload


async def office(api: Api, name: str | None = None, regions: tuple[str, ...] = (), site: Site = Site.CN) -> str:
    """A representative office; its public id."""
    admin = await staff(api, Role.VENDOR_ADMIN, site=site)
    given = {"name": name or f"Office {next(_numbers)}", "regions": list(regions), "idempotencyKey": key()}
    made = await done(await admin.client.do("addRepOffice", "office { id }", **given))
    return str(made["office"]["id"])


async def office_member(api: Api, office_id: str, duty: str = "PSM", site: Site = Site.CN, **more: Any) -> Person:
    """Somebody of the vendor's partner sales at the office."""
    admin, seller = await staff(api, Role.VENDOR_ADMIN, site=site), await staff(api, Role.PSM, site=site)
    given = {"officeId": office_id, "accountId": encode_id("acc", seller.id), "duty": duty, "idempotencyKey": key()}
    await done(await admin.client.do("setOfficeMember", "member { id }", **given, **more))
    return seller


async def offering(api: Api, partner_id: UUID | None = None, **changes: Any) -> str:
    """An offering that holds today, the partner's own or the vendor's; its public id."""
    operations = await staff(api, Role.VENDOR_OPS)
    given = {
        "kind": "BASELINE",
        "lead": "VENDOR" if partner_id is None else "PARTNER",
        "reference": f"BL-{next(_numbers):06}",
        "name": "Port analytics",
        "track": "DATA_AND_AI",
        "beginsOn": "2026-01-01",
        "forPartnerId": None if partner_id is None else encode_id("par", partner_id),
        "idempotencyKey": key(),
    }
    made = await done(await operations.client.do("addOffering", "offering { id }", **{**given, **changes}))
    return str(made["offering"]["id"])


@dataclass(frozen=True)
class Desk:
    """A partner in the co-sell plan with its main account, its ecosystem manager, and two PSMs of Hangzhou's office."""

    partner_id: UUID
    main: Person
    manager: Person
    office_id: str
    psm: Person
    colleague: Person


async def join_co_sell(api: Api, partner_id: UUID) -> None:
    """Puts the partner into the co-sell plan."""
    async with db.transaction(EVERYTHING):
        await PlanMembership.insert(
            now=api.clock(),
            partner_id=partner_id,
            plan=PlanCode.CO_SELL,
            state=MembershipState.JOINED,
            joined_at=api.clock(),
            agreement_version="1.0",
        )


async def desk(api: Api, regions: tuple[str, ...] = (HANGZHOU,), site: Site = Site.CN) -> Desk:
    """Everybody who takes part in an opportunity."""
    manager = await staff(api, Role.ECO_MANAGER, site=site)
    office_id = await office(api, regions=regions, site=site)
    psm, colleague = await office_member(api, office_id, site=site), await office_member(api, office_id, site=site)
    partner_id, main = await partner_of(api, manager, site)
    return Desk(partner_id, main, manager, office_id, psm, colleague)


async def partner_of(api: Api, manager: Person, site: Site = Site.CN) -> tuple[UUID, Person]:
    """A partner in the co-sell plan that this ecosystem manager answers for."""
    partner_id, main = await world.admitted_partner(api, site, eco_manager_id=manager.id)
    await join_co_sell(api, partner_id)
    return partner_id, main


async def another(api: Api, at: Desk) -> Desk:
    """Another partner with the same vendor's people."""
    partner_id, main = await partner_of(api, at.manager)
    return replace(at, partner_id=partner_id, main=main)


def content(**changes: Any) -> dict[str, Any]:
    """All that a submission asks for, about a customer nobody else has, unless told otherwise."""
    number = next(_numbers)
    given = {
        "name": f"Data lake {number}",
        "customerCompany": f"钱塘港务{number}有限公司",
        "customerAccount": f"qiantang-{number}",
        "customerRegion": HANGZHOU,
        "industry": "TRANSPORT",
        "budget": "Two million for this year, approved by the board.",
        "authority": "The chief information officer decides alone.",
        "need": "One place for the data of all terminals.",
        "timeline": "Tender in May, signed before the summer.",
        "solutionDescription": "Our own lake house with connectors for ports.",
        "expectedRevenue": "300000.00",
        "expectedSignOn": "2026-06-15",
        "expectedDeliveryOn": "2026-11-30",
        "preSales": ["CUSTOMER_MEETING", "SOLUTION_TALK"],
        "cloudServices": ["BIG_DATA", "STORAGE"],
        "supportNeeds": ["TECHNICAL_CONSULTING"],
        "contactName": "李伟",
        "contactTitle": "CIO",
        "contactMobile": f"+86137{number:08d}",
        "contactEmail": f"li.wei{number}@example.com",
        "partnerContactName": "王芳",
        "partnerContactMobile": "+8613700001111",
        "partnerContactEmail": "wang.fang@example.com",
        "consentConfirmed": True,
        "consentStatement": "Signed letter of 20 February.",
    }
    return {**given, **changes}


async def save(client: Client, **given: Any) -> dict[str, Any]:
    """Saves a draft as given."""
    return await client.do("saveOpportunityDraft", OPPORTUNITY, **given)


async def drafted(client: Client, **changes: Any) -> str:
    """A draft that is complete, unless told otherwise; its public id."""
    return str((await done(await save(client, **content(**changes))))["opportunity"]["id"])


async def submit(client: Client, opportunity: str, **more: Any) -> dict[str, Any]:
    """Submits a draft."""
    return await client.do("submitOpportunity", OPPORTUNITY, id=opportunity, **{"idempotencyKey": key(), **more})


async def audit(client: Client, opportunity: str, *, approve: bool = True, **more: Any) -> dict[str, Any]:
    """The ecosystem manager's verdict; a rejection is complete unless told otherwise."""
    why = {} if approve else {"reason": "VAGUE", "note": "What do they buy?"}
    given = {"id": opportunity, "approve": approve, "idempotencyKey": key(), **why, **more}
    return await client.do("auditOpportunity", OPPORTUNITY, **given)


async def verify(client: Client, opportunity: str, *, approve: bool = True, **more: Any) -> dict[str, Any]:
    """The office's verdict; a rejection is complete unless told otherwise."""
    why = {} if approve else {"reason": "NO_INCREMENT", "note": "They have bought it already."}
    given = {"id": opportunity, "approve": approve, "idempotencyKey": key(), **why, **more}
    return await client.do("verifyOpportunity", OPPORTUNITY, **given)


async def submitted(api: Api, at: Desk, **changes: Any) -> str:
    """An opportunity that waits for the audit; its public id."""
    opportunity = await drafted(at.main.client, **changes)
    await done(await submit(at.main.client, opportunity))
    return opportunity


async def verifying(api: Api, at: Desk, **changes: Any) -> str:
    """An opportunity that waits for the office."""
    opportunity = await submitted(api, at, **changes)
    await done(await audit(at.manager.client, opportunity))
    return opportunity


async def verified(api: Api, at: Desk, **changes: Any) -> str:
    """A verified opportunity."""
    opportunity = await verifying(api, at, **changes)
    await done(await verify(at.psm.client, opportunity))
    return opportunity


async def sign(client: Client, opportunity: str, **changes: Any) -> dict[str, Any]:
    """Records the contract, of today unless told otherwise."""
    given = {"signedOn": "2026-03-02", "amount": "450000.00", "contractRef": "C-2026-17", "idempotencyKey": key()}
    return await client.do("markOpportunitySigned", OPPORTUNITY, id=opportunity, **{**given, **changes})


async def deliver(client: Client, opportunity: str, **changes: Any) -> dict[str, Any]:
    """Records the delivery, of today unless told otherwise."""
    given = {"deliveredOn": "2026-03-02", "acceptanceRef": "A-2026-17", "idempotencyKey": key()}
    return await client.do("markOpportunityDelivered", OPPORTUNITY, id=opportunity, **{**given, **changes})


async def progress(client: Client, opportunity: str, **changes: Any) -> dict[str, Any]:
    """Adds to the timeline."""
    given = {"text": "The workshop went well.", "idempotencyKey": key()}
    selection = "opportunity { id state updates { id kind side text supportNeed answersId } }"
    return await client.do("updateOpportunityProgress", selection, id=opportunity, **{**given, **changes})


async def lose(client: Client, opportunity: str, **changes: Any) -> dict[str, Any]:
    """Gives it up."""
    given = {"reason": "They chose another supplier.", "idempotencyKey": key()}
    return await client.do("markOpportunityLost", OPPORTUNITY, id=opportunity, **{**given, **changes})


async def cancel(client: Client, opportunity: str, **changes: Any) -> dict[str, Any]:
    """Cancels it, or tries to."""
    given = {"reason": "The customer is served directly.", "idempotencyKey": key()}
    return await client.do("cancelOpportunity", OPPORTUNITY, id=opportunity, **{**given, **changes})


async def claim(client: Client, opportunity: str) -> dict[str, Any]:
    """Takes it up."""
    return await client.do("claimOpportunity", OPPORTUNITY, id=opportunity, idempotencyKey=key())


async def later(api: Api, at: Desk, **by: float) -> Desk:
    """The same people with new sessions, after the clock has moved."""
    api.clock.advance(**by)
    return await signed_in_again(api, at)


async def signed_in_again(api: Api, at: Desk) -> Desk:
    """The same people with sessions of now."""
    ctx = await system_context(api.settings, api.clock())
    people: dict[str, Any] = {}
    for name in ("main", "manager", "psm", "colleague"):
        someone: Person = getattr(at, name)
        async with db.transaction(EVERYTHING):
            session = await open_session(ctx, await Account.get(id=someone.id))
        people[name] = replace(someone, client=api.anonymous.as_(session.access_token))
    return replace(at, **people)


def uuid_of(public_id: str) -> UUID:
    """The UUID in a public id."""
    return decode_id(public_id)[1]


async def told(api: Api, who: Person) -> dict[str, str]:
    """Template → body of what somebody was sent; two notices of one delivery come in either order."""
    return {row["template"]: row["body"] for row in await api.inbox(who.email)}
