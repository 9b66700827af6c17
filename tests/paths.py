"""Partners on development paths for tests, brought there through the API."""

from typing import Any
from uuid import UUID

from core.ids import decode_id, encode_id
from rules.access import Role
from rules.sites import Site
from tests import world
from tests.client import Api, Client, codes
from tests.opportunities import join_co_sell, key, staff
from tests.world import Person

ENROLLMENT = (
    "enrollment { id path state stage version certificateNo validUntil annualState annualDueAt atRisk reason"
    " caseMaterials businessPlan }"
)
MATERIALS = "https://files.example/cases.zip"


class Walker:
    """A partner with its main account's client, and an ecosystem manager."""

    def __init__(self, partner_id: UUID, main: Person, manager: Person) -> None:
        self.partner_id, self.main, self.manager = partner_id, main, manager

    @property
    def id(self) -> str:
        """The partner's public id."""
        return encode_id("par", self.partner_id)

    @property
    def api(self) -> Client:
        """The main account at the API."""
        return self.main.client


async def walker(api: Api, site: Site = Site.CN, *, co_sell: bool = False) -> Walker:
    """A partner in the network that is on no path yet."""
    partner_id, main = await world.admitted_partner(api, site, kind=None)
    if co_sell:
        await join_co_sell(api, partner_id)
    return Walker(partner_id, main, await staff(api, Role.ECO_MANAGER, site=site))


async def sibling(api: Api, of: Walker, site: Site = Site.CN) -> Walker:
    """Another account of the same company."""
    other = await walker(api, site)
    await api.database.superuser.execute(
        "update partner set company_id = (select company_id from partner where id = $1) where id = $2",
        of.partner_id,
        other.partner_id,
    )
    return other


async def select(who: Walker, path: str, **more: Any) -> dict[str, Any]:
    """The partner's own choice of a path."""
    return await who.api.do("selectPath", ENROLLMENT, path=path, **{"idempotencyKey": key(), **more})


async def invite(who: Walker, path: str, **more: Any) -> dict[str, Any]:
    """The vendor's invitation."""
    given = {"partnerId": who.id, "path": path, "idempotencyKey": key()}
    return await who.manager.client.do("inviteToPath", ENROLLMENT, **{**given, **more})


async def step(who: Client, name: str, enrollment: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A mutation about one enrollment."""
    return await who.do(name, ENROLLMENT, **{"id": enrollment["id"], "idempotencyKey": key(), **more})


async def record(who: Walker, kind: str, count: int) -> dict[str, Any]:
    """What the vendor knows of the partner."""
    given = {"partnerId": who.id, "kind": kind, "count": count, "idempotencyKey": key()}
    return await who.manager.client.do("setPathRecord", "record { id kind count }", **given)


async def decide(who: Walker, kind: str, *, approve: bool = True, reason: str | None = None) -> dict[str, Any]:
    """The verdict on the partner's open review of this kind."""
    document = "query($f: ReviewQueueFilter) { reviewQueue(filter: $f) { nodes { id partner { id } } } }"
    queue = (await who.manager.client.send(document, f={"kinds": [kind]})).data["reviewQueue"]["nodes"]
    [case] = [one["id"] for one in queue if one["partner"]["id"] == who.id]
    given = {"id": case, "approve": approve, "reason": reason, "idempotencyKey": key()}
    return await who.manager.client.do("decideReview", "review { id state reason }", **given)


async def on_si(api: Api, who: Walker) -> dict[str, Any]:
    """On the SI path by invitation; the enrollment."""
    invited = await invite(who, "SI")
    assert codes(invited) == [], invited
    accepted = await step(who.api, "acceptPathInvitation", invited["enrollment"])
    assert codes(accepted) == [], accepted
    enrollment: dict[str, Any] = accepted["enrollment"]
    return enrollment


async def certified(api: Api, who: Walker) -> dict[str, Any]:
    """With a validated role on the SI path."""
    enrollment = await on_si(api, who)
    applied = await step(who.api, "applyRoleValidation", enrollment, caseMaterials=MATERIALS)
    assert codes(applied) == [], applied
    assert codes(await decide(who, "PATH_ROLE")) == []
    return await shown(who, "SI")


async def differentiated(api: Api, who: Walker) -> dict[str, Any]:
    """At the top of the SI path."""
    enrollment = await certified(api, who)
    applied = await step(who.api, "applyDifferentiation", enrollment, businessPlan="https://files.example/plan.pdf")
    assert codes(applied) == [], applied
    assert codes(await decide(who, "PATH_DIFFERENTIATION")) == []
    return await shown(who, "SI")


async def offers(who: Walker) -> dict[str, dict[str, Any]]:
    """Every path as the partner sees it, by its code."""
    document = (
        f"{{ paths {{ code name description focusAreas joinMode onePerCompany stage {ENROLLMENT}"
        " benefits { stage kind name } requirements { stage kind title needed have met place }"
        " exitBlockers { kind title } actions { action allowed blockers { code } } } }"
    )
    return {one["code"]: one for one in (await who.api.send(document)).data["paths"]}


async def shown(who: Walker, path: str) -> dict[str, Any]:
    """The partner's enrollment on a path as it stands now."""
    enrollment: dict[str, Any] = (await offers(who))[path]["enrollment"]
    return enrollment


async def mails(api: Api, who: Walker) -> list[str]:
    """The templates of what the main account was sent, each once, by their names."""
    return sorted({row["template"] for row in await api.inbox(str(who.main.email))})


async def make_due(api: Api, enrollment: dict[str, Any]) -> None:
    """Opens the enrollment's yearly review before its time."""
    await api.database.superuser.execute(
        "update path_enrollment set annual_state = 'DUE', annual_due_at = valid_until where id = $1",
        decode_id(enrollment["id"])[1],
    )
