"""Partners with market development funds for tests, brought there through the API."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from core import db
from core.scope import EVERYTHING
from models.plans import PlanMembership
from rules.access import Role
from rules.calendar import day_of
from rules.plans import MembershipState, PlanCode
from rules.sites import Site
from tests.client import NOON, Api, Client, codes
from tests.opportunities import done, key, staff
from tests.paths import Walker, certified, walker
from tests.uploads import paper

QUOTA = "quota { id line year version granted { amount currency } reserved { amount } available { amount } }"
CASE = (
    "case { id state version name reason dueAt submittedAt startsOn endsOn lateReason hostName"
    " planned { amount currency } fundPlanned { amount } reserved { amount }"
    " claimed { amount } findings { signal note } actions { action allowed blockers { code } } }"
)
GIFT = {
    "category": "GIFTS",
    "amount": "2000.00",
    "fundAmount": "1000.00",
    "item": "Wireless mouse",
    "quantity": 10,
    "heads": 10,
    "occasion": "ACTIVITY",
}
CURRENCIES = {Site.CN: "CNY", Site.INTL: "USD"}


class Funded(Walker):
    """A partner that is certified on the path of integrators, with its quota of the year there."""

    quota: str
    site: Site


async def certify(api: Api, who: Walker, site: Site = Site.CN, *, holds: bool = True) -> None:
    """Records the partner's business information."""
    operations = await staff(api, Role.VENDOR_OPS, site=site)
    kind = {"taxpayerType": "GENERAL"} if site is Site.CN else {}
    given = {"partnerId": who.id, "certified": holds, **kind, "idempotencyKey": key()}
    await done(await operations.client.do("recordBusinessInfo", "businessInfo { id }", **given))


async def in_provider_plan(api: Api, who: Walker, tier: str) -> None:
    """A membership of the solution provider plan in this tier, without a change of what the partner sells as."""
    async with db.transaction(EVERYTHING):
        await PlanMembership.insert(
            now=api.clock(),
            partner_id=who.partner_id,
            plan=PlanCode.SOLUTION_PROVIDER,
            state=MembershipState.JOINED,
            tier=tier,
            joined_at=api.clock(),
            agreement_version="1.0",
        )


async def entitled(api: Api, site: Site = Site.CN) -> Walker:
    """A partner that may open its quota as an integrator."""
    who = await walker(api, site)
    await certified(api, who)
    await certify(api, who, site)
    return who


async def open_quota(who: Walker, line: str = "SI", **more: Any) -> dict[str, Any]:
    """This year's quota of a line."""
    return await who.api.do("openMdfQuota", QUOTA, line=line, **{"idempotencyKey": key(), **more})


async def funded(api: Api, site: Site = Site.CN) -> Funded:
    """A partner with a quota: 50,000.00 CNY or 8,000.00 USD."""
    who = await entitled(api, site)
    made = Funded(who.partner_id, who.main, who.manager)
    opened = await done(await open_quota(who))
    made.quota, made.site = opened["quota"]["id"], site
    return made


def event(api: Api, site: Site = Site.CN, *, inside: int = 28, days: int = 1, **changes: Any) -> dict[str, Any]:
    """An event that starts in so many days and takes so many."""
    starts = day_of(api.clock(), site) + timedelta(days=inside)
    ends = starts + timedelta(days=days - 1)
    days_of = {"startsOn": starts.isoformat(), "endsOn": ends.isoformat()}
    return {"name": "Opening day", **days_of, "location": "Expo Centre", "form": "ON_SITE", **changes}


def expense(**changes: Any) -> dict[str, Any]:
    """Meals, half of which the fund shall bear."""
    return {"category": "CATERING", "amount": "8000.00", "fundAmount": "4000.00", "description": "Lunch", **changes}


def plan(api: Api, site: Site = Site.CN, **changes: Any) -> dict[str, Any]:
    """A complete plan of an activity in four weeks."""
    return {
        "name": "Cloud day",
        "activityType": "JOINT_MARKETING",
        "audience": "Customers of the harbour",
        "department": "Marketing of the region",
        "expectedLeads": 20,
        "expectedOpportunities": 4,
        "events": [event(api, site)],
        "budget": [expense()],
        **changes,
    }


async def create(api: Api, who: Funded, **changes: Any) -> dict[str, Any]:
    """A draft with everything, unless told otherwise."""
    given = {name: value for name, value in plan(api, who.site, **changes).items() if value is not None}
    return await who.api.do("createMdfCase", CASE, **{"quotaId": who.quota, "idempotencyKey": key(), **given})


async def drafted(api: Api, who: Funded, **changes: Any) -> dict[str, Any]:
    """The draft itself."""
    found: dict[str, Any] = (await done(await create(api, who, **changes)))["case"]
    return found


async def step(who: Client, mutation: str, case: dict[str, Any], /, **more: Any) -> dict[str, Any]:
    """A mutation about one case."""
    return await who.do(mutation, CASE, **{"id": case["id"], "idempotencyKey": key(), **more})


async def submit(who: Walker, case: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Submits an application with the payment agreement accepted."""
    return await step(who.api, "submitMdfCase", case, **{"agreementVersion": "1.0", **more})


async def submitted(api: Api, who: Funded, **changes: Any) -> dict[str, Any]:
    """An application that waits for the vendor."""
    case = await drafted(api, who, **changes)
    found: dict[str, Any] = (await done(await submit(who, case)))["case"]
    return found


async def decide(
    who: Walker, case: dict[str, Any], kind: str = "MDF_APPLICATION", *, approve: bool = True, **more: Any
) -> dict[str, Any]:
    """The verdict of the partner's ecosystem manager on a case."""
    review = await review_of(who, case, kind)
    given = {"id": review, "approve": approve, "idempotencyKey": key(), **more}
    return await who.manager.client.do("decideReview", "review { id state reason }", **given)


async def review_of(who: Walker, case: dict[str, Any], kind: str = "MDF_APPLICATION") -> str:
    """The open review of a case."""
    document = "query($f: ReviewQueueFilter) { reviewQueue(filter: $f, first: 50) { nodes { id subject { id } } } }"
    queue = (await who.manager.client.send(document, f={"kinds": [kind]})).data["reviewQueue"]["nodes"]
    [found] = [one["id"] for one in queue if one["subject"]["id"] == case["id"]]
    return str(found)


async def approved(api: Api, who: Funded, **changes: Any) -> dict[str, Any]:
    """An activity that may use the fund."""
    case = await submitted(api, who, **changes)
    await done(await decide(who, case))
    return await shown(who, case)


async def shown(who: Walker, case: dict[str, Any]) -> dict[str, Any]:
    """The case as it stands now."""
    document = f"query($id: ID!) {{ node(id: $id) {{ ... on MdfCase {CASE.removeprefix('case ')} }} }}"
    found: dict[str, Any] = (await who.api.send(document, id=case["id"])).data["node"]
    return found


async def over(api: Api, who: Funded, **changes: Any) -> dict[str, Any]:
    """An approved activity of four weeks hence, on the day after it; with new sessions."""
    case = await approved(api, who, **changes)
    await at_day(api, 29)
    return case


async def at_day(api: Api, number: int) -> None:
    """The clock so many days after the beginning of a test, with sessions that live on."""
    api.clock.at = NOON + timedelta(days=number)
    until = api.clock() + timedelta(days=1)
    await api.database.superuser.execute("update session set access_expires_at = $1", until)


def line(receipt: str, **changes: Any) -> dict[str, Any]:
    """A real expense that nothing stands against."""
    return {
        "category": "CATERING",
        "receiptCategory": "CATERING",
        "detailCategory": "CATERING",
        "amount": "7000.00",
        "fundAmount": "3500.00",
        "payee": "Harbour Kitchen",
        "paidOn": "2026-03-30",
        "receiptId": receipt,
        **changes,
    }


def held(photo: str, **changes: Any) -> dict[str, Any]:
    """An event as it was held."""
    return {"startsOn": "2026-03-30", "endsOn": "2026-03-30", "photoIds": [photo], **changes}


async def claim_content(api: Api, who: Funded, **changes: Any) -> dict[str, Any]:
    """A complete claim."""
    file = await paper(who.api)
    name = await api.value("select name from partner where id = $1", who.partner_id)
    return {
        "summary": "Eighty guests, twenty leads.",
        "leads": 20,
        "opportunities": 3,
        "events": [held(file)],
        "lines": [line(file)],
        "invoiceId": file,
        "invoiceTitle": name,
        "invoiceAmount": "7000.00",
        **changes,
    }


async def save_claim(api: Api, who: Funded, case: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Saves a complete claim, but for the changes."""
    return await step(who.api, "saveMdfClaim", case, **await claim_content(api, who, **changes))


async def claimed(api: Api, who: Funded, **changes: Any) -> dict[str, Any]:
    """A claim that waits for the vendor."""
    case = await over(api, who, **changes)
    await done(await save_claim(api, who, case))
    found: dict[str, Any] = (await done(await step(who.api, "submitMdfClaim", case)))["case"]
    return found


async def refused(api: Api, work: Callable[[], Awaitable[dict[str, Any]]], *expected: str) -> None:
    """It is refused with these codes; nothing is changed and nothing sent."""

    async def attempt() -> None:
        assert codes(await work()) == list(expected)

    assert await api.changes(attempt) == set()


async def left(who: Funded) -> tuple[str, str, str]:
    """What of the quota is reserved, consumed and available."""
    document = (
        "query($id: ID!) { node(id: $id) { ... on MdfQuota {"
        " reserved { amount } consumed { amount } available { amount } } } }"
    )
    found = (await who.api.send(document, id=who.quota)).data["node"]
    return found["reserved"]["amount"], found["consumed"]["amount"], found["available"]["amount"]


def actions(case: dict[str, Any]) -> dict[str, list[str]]:
    """Action → what stands in its way."""
    return {one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in case["actions"]}


def day(api: Api, site: Site = Site.CN) -> date:
    """Today on the site."""
    return day_of(api.clock(), site)
