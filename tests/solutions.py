"""Partners with solutions for tests, brought there through the API."""

from typing import Any

from core.ids import decode_id
from rules.sites import Site
from tests.client import Api, Client, codes
from tests.opportunities import key
from tests.paths import Walker, decide, select, walker

SOLUTION = (
    "solution { id kind form state name services contactName contactMobile contactEmail validUntil reason version }"
)
COMPLETE: dict[str, Any] = {
    "kind": "CLOUD_SOFTWARE",
    "form": "APPLICATION_SOFTWARE",
    "name": "Port analytics",
    "description": "Foresees queues in ports.",
    "industry": "Logistics",
    "services": ["ECS", "DLI"],
    "contactName": "李雷",
    "contactMobile": "+8613900001111",
    "contactEmail": "lilei@example.com",
}


async def builder(api: Api, site: Site = Site.CN) -> Walker:
    """A partner on the software path."""
    who = await walker(api, site)
    assert codes(await select(who, "SOFTWARE")) == []
    return who


async def create(who: Walker, **changes: Any) -> dict[str, Any]:
    """A draft with every field, unless told otherwise."""
    given = {name: value for name, value in {**COMPLETE, **changes}.items() if value is not None}
    return await who.api.do("createSolution", SOLUTION, **given, idempotencyKey=key())


async def step(who: Client, name: str, solution: dict[str, Any], /, **more: Any) -> dict[str, Any]:
    """A mutation about one solution."""
    return await who.do(name, SOLUTION, **{"id": solution["id"], "idempotencyKey": key(), **more})


async def submitted(who: Walker, **changes: Any) -> dict[str, Any]:
    """A solution that waits for the vendor's verdict."""
    made = await create(who, **changes)
    assert codes(made) == [], made
    sent = await step(who.api, "submitSolution", made["solution"])
    assert codes(sent) == [], sent
    solution: dict[str, Any] = sent["solution"]
    return solution


async def certified(who: Walker, **changes: Any) -> dict[str, Any]:
    """A certified solution."""
    solution = await submitted(who, **changes)
    verdict = await decide(who, "SOLUTION")
    assert codes(verdict) == [], verdict
    return solution


async def share(who: Walker, solution: dict[str, Any]) -> dict[str, Any]:
    """The account rests on another one's certification."""
    given = {"solutionId": solution["id"], "idempotencyKey": key()}
    return await who.api.do("shareCertification", "share { id solutionName }", **given)


async def sharable(who: Walker) -> list[str]:
    """The names of what the account could share."""
    found = (await who.api.send("{ sharableCertifications { solutionId kind name partnerName validUntil } }")).data
    return [one["name"] for one in found["sharableCertifications"]]


async def state_of(api: Api, solution: dict[str, Any]) -> str:
    """Where a solution's certification stands."""
    found = await api.value("select state from solution where id = $1", decode_id(solution["id"])[1])
    return str(found)
