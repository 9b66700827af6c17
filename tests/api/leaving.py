"""Asking, answering and leaving as the tests of associations do it."""

from dataclasses import replace
from typing import Any

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from resolvers.accounts.sessions import open_session
from resolvers.system import system_context
from tests.client import Api, Client, codes
from tests.world import World

REQUEST = "request { id status kind initiator deadline targetType }"
KEYS = iter(f"key-{number:06d}" for number in range(10**6))
OUTLIVES = ("verification", "outbox")


async def unbind(caller: Client, stage: World, **changes: Any) -> dict[str, Any]:
    given = {
        "customerId": stage.customer_gid,
        "reason": "The contract has ended.",
        "acknowledged": True,
        "idempotencyKey": next(KEYS),
    }
    return await caller.do("requestUnbind", REQUEST, **{**given, **changes})


async def with_code(api: Api, caller: Client, mobile: str, name: str, /, **given: Any) -> dict[str, Any]:
    """A mutation that asks for a code, answered with the code that came by SMS."""
    given = {"idempotencyKey": next(KEYS), **given}
    asked = await caller.do(name, REQUEST, **given)
    assert codes(asked) == ["STEP_UP_REQUIRED"], asked
    challenge = asked["userErrors"][0]["challenge"]["id"]
    verified = await caller.do("verifyChallenge", "proof", id=challenge, code=await api.code(mobile))
    assert verified["userErrors"] == []
    return await caller.do(name, REQUEST, **given, proof=verified["proof"])


async def answer(api: Api, stage: World, request_id: str, *, approve: bool = True, **more: Any) -> dict[str, Any]:
    return await with_code(
        api,
        stage.customer.client,
        stage.customer.mobile,
        "answerPartnerRequest",
        id=request_id,
        approve=approve,
        **more,
    )


async def leave(api: Api, stage: World) -> dict[str, Any]:
    return await with_code(api, stage.customer.client, stage.customer.mobile, "requestLeave", acknowledged=True)


async def signed_in_again(api: Api, stage: World) -> World:
    """The same stage with new sessions, after the clock has outlived the old ones."""
    ctx = await system_context(api.settings, api.clock())
    people = {}
    for name in ("main", "member", "customer"):
        person = getattr(stage, name)
        async with db.transaction(EVERYTHING):
            session = await open_session(ctx, await Account.get(id=person.id))
        people[name] = replace(person, client=api.anonymous.as_(session.access_token))
    return replace(stage, **people)
