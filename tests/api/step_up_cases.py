"""One way to each refusal of answering a challenge, asking for it again, and moving the switch."""

from typing import Any

from core import db
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING
from models.accounts import Account
from rules.errors import ErrorCode
from tests.api.account_cases import CASES, TRY, WRONG, Work, call, case, challenge, main_account, other
from tests.client import Api
from tests.factories import Person, sign_in
from tests.refusing import unsent

E = ErrorCode
NOWHERE = encode_id("chl", uuid7())


async def challenged(api: Api, *, sent: bool = True) -> tuple[Person, str, str]:
    """A main account that was asked for a code to switch off: the challenge's id and digits."""
    main = await main_account(api, switched_on=True)
    found = await ask(main)
    return main, found, await api.code(str(main.mobile)) if sent else ""


async def ask(main: Person, *, key: str = "switch-off-1", **given: Any) -> str:
    """The challenge of a first try at switching off."""
    payload = await main.api.do("setStepUpSwitch", "__typename", enabled=False, idempotencyKey=key, **given)
    assert payload["userErrors"][0]["__typename"] == "StepUpError", payload
    return str(payload["userErrors"][0]["challenge"]["id"])


@case("verify_challenge", E.CODE_WRONG, "input.code", besides=(*TRY, "account"))
async def _wrong(api: Api) -> Work:
    main, found, digits = await challenged(api)
    return call(main.api, "verifyChallenge", id=found, code=other(digits))


@case("verify_challenge", E.CODE_EXPIRED, "input.code", besides=TRY)
async def _expired(api: Api) -> Work:
    main, found, digits = await challenged(api)
    api.clock.advance(minutes=10)
    return call(main.api, "verifyChallenge", id=found, code=digits)


@case("verify_challenge", E.CODE_TOO_MANY_TRIES, "input.code")
async def _spent(api: Api) -> Work:
    main, found, digits = await challenged(api)
    for _ in range(5):
        await main.api.do("verifyChallenge", "__typename", id=found, code=other(digits))
    return call(main.api, "verifyChallenge", id=found, code=digits)


@case("verify_challenge", E.CODE_SEND_FAILED, "input.code")
async def _unsent(api: Api) -> Work:
    main, found, _ = await challenged(api, sent=False)
    await unsent(api)
    return call(main.api, "verifyChallenge", id=found, code=WRONG)


@case("verify_challenge", E.ACCOUNT_LOCKED, besides=TRY)
async def _locked(api: Api) -> Work:
    main, found, digits = await challenged(api)
    async with db.transaction(EVERYTHING):
        await Account.filter(id=main.account_id).update(locked_until=api.clock.at.replace(hour=5))
    return call(main.api, "verifyChallenge", id=found, code=digits)


@case("verify_challenge", E.NOT_FOUND, "input.id")
async def _no_challenge(api: Api) -> Work:
    main = await main_account(api)
    return call(main.api, "verifyChallenge", id=main.id, code="000000")


@case("resend_challenge", E.NOT_FOUND, "input.id")
async def _nothing_to_resend(api: Api) -> Work:
    return call((await main_account(api)).api, "resendChallenge", id=NOWHERE)


@case("resend_challenge", E.CODE_TOO_SOON)
async def _resent_too_soon(api: Api) -> Work:
    main, found, _ = await challenged(api, sent=False)
    return call(main.api, "resendChallenge", id=found)


@case("resend_challenge", E.CODE_SEND_LIMIT)
async def _resent_too_often(api: Api) -> Work:
    main, found, _ = await challenged(api, sent=False)
    for _ in range(14):
        api.clock.advance(minutes=1)
        payload = await main.api.do("resendChallenge", "challenge { id }", id=found)
        found = payload["challenge"]["id"]
        main = await _fresh(api, main)
    api.clock.advance(minutes=1)
    return call(main.api, "resendChallenge", id=found)


@case("resend_challenge", E.CONTACT_NOT_BOUND)
async def _nowhere_to_resend(api: Api) -> Work:
    main, found, _ = await challenged(api, sent=False)
    await _without_mobile(main)
    return call(main.api, "resendChallenge", id=found)


@case("set_step_up_switch", E.STATE_CONFLICT, "input.enabled")
async def _on_already(api: Api) -> Work:
    main = await main_account(api, switched_on=True)
    return call(main.api, "setStepUpSwitch", enabled=True, idempotencyKey="switch-on-1")


@case("set_step_up_switch", E.CONFLICT, "input.expectedVersion")
async def _stale(api: Api) -> Work:
    main = await main_account(api)
    return call(main.api, "setStepUpSwitch", enabled=True, expectedVersion=2, idempotencyKey="switch-on-1")


@case("set_step_up_switch", E.STEP_UP_REQUIRED, besides=("verification", "outbox"))
async def _needs_code(api: Api) -> Work:
    main = await main_account(api, switched_on=True)
    return call(main.api, "setStepUpSwitch", enabled=False, idempotencyKey="switch-off-1")


@case("set_step_up_switch", E.PROOF_INVALID, "input.proof")
async def _bad_proof(api: Api) -> Work:
    main, _, _ = await challenged(api, sent=False)
    given = {"enabled": False, "proof": "cos_prf_" + "x" * 43, "idempotencyKey": "switch-off-1"}
    return call(main.api, "setStepUpSwitch", **given)


@case("set_step_up_switch", E.CODE_TOO_SOON)
async def _just_sent(api: Api) -> Work:
    main = await main_account(api, switched_on=True)
    await challenge(api, "SIGN_IN", str(main.mobile), sent=False)
    return call(main.api, "setStepUpSwitch", enabled=False, idempotencyKey="switch-off-1")


@case("set_step_up_switch", E.CODE_SEND_LIMIT)
async def _sent_too_often(api: Api) -> Work:
    main = await main_account(api, switched_on=True)
    for _ in range(15):
        await challenge(api, "SIGN_IN", str(main.mobile), sent=False)
        api.clock.advance(minutes=1)
    main = await _fresh(api, main)
    return call(main.api, "setStepUpSwitch", enabled=False, idempotencyKey="switch-off-1")


@case("set_step_up_switch", E.CONTACT_NOT_BOUND)
async def _no_mobile(api: Api) -> Work:
    main = await main_account(api, switched_on=True, with_mobile=False)
    return call(main.api, "setStepUpSwitch", enabled=False, idempotencyKey="switch-off-1")


async def _without_mobile(main: Person) -> None:
    async with db.transaction(EVERYTHING):
        await Account.filter(id=main.account_id).update(mobile=None)


async def _fresh(api: Api, who: Person) -> Person:
    """The same person after the access token's quarter of an hour."""
    return await sign_in(api, who.account_id)


__all__ = ["CASES", "ask", "challenged"]
