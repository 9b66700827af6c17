"""One way to each refusal of changing a contact and of registering a further account by a link."""

import re
from datetime import timedelta
from typing import Any

from core import db
from core.ids import decode_id
from core.scope import EVERYTHING
from models.accounts import Account
from rules.errors import ErrorCode
from tests.api.account_cases import CONTACTS, TRY, WRONG, Work, call, case, challenge, main_account, other
from tests.api.step_up_cases import CASES
from tests.client import Api, Client, codes
from tests.factories import Person, admitted_partner, key, mobile, person, sign_in
from tests.refusing import unsent

E = ErrorCode
ASKED = ("verification", "outbox")
TOKEN = re.compile(r"#(\S+)")
COMPLETE = "completeQuickRegistration"
NOWHERE = "cos_inv_" + "x" * 43


async def proved(
    api: Api, who: Person, name: str, selection: str, /, *, to: str | None = None, **given: Any
) -> dict[str, Any]:
    """A mutation that asks for a code, answered with the one that came to the person's mobile number, or to `to`."""
    given = {"idempotencyKey": key(), **given}
    asked = await who.api.do(name, selection, **given)
    assert codes(asked) == ["STEP_UP_REQUIRED"], asked
    found = asked["userErrors"][0]["challenge"]["id"]
    answered = await who.api.do("verifyChallenge", "proof", id=found, code=await api.code(to or str(who.mobile)))
    assert codes(answered) == [], answered
    return await who.api.do(name, selection, **given, proof=answered["proof"])


async def asked_to_change(api: Api, who: Person, **contact: str) -> tuple[str, str]:
    """A contact change that is asked for and proven: the id and the digits of the code at the new contact."""
    payload = await proved(api, who, "requestContactChange", "challenge { id sentTo }", **contact)
    assert codes(payload) == [], payload
    return payload["challenge"]["id"], await api.code(next(iter(contact.values())))


async def token_sent_to(api: Api, address: str | None) -> str:
    """The token of the newest link mailed to `address`."""
    [body] = [row["body"] for row in await api.inbox(str(address)) if row["template"] == "quick_registration"][-1:]
    found = TOKEN.search(body)
    assert found is not None
    return found[1]


async def linked(api: Api) -> tuple[Person, str]:
    """The main account of an admitted partner and the token of its link for a further account."""
    main = (await admitted_partner(api)).main
    payload = await proved(api, main, "startQuickRegistration", "registration { id state validUntil }")
    assert codes(payload) == [], payload
    return main, await token_sent_to(api, main.email)


async def sibling_input(api: Api, token: str, client: Client | None = None, /, **changes: Any) -> dict[str, Any]:
    """All that a further account needs, with a new contact's code."""
    found, digits = await challenge(api, "SIGN_UP", mobile(), client=client)
    given = {"token": token, "verificationId": found, "code": digits, "password": "Green-tea-99"}
    return {**given, "termsVersion": "2026-01", **changes}


async def change(who: Person, found: str, code: str) -> dict[str, Any]:
    """Answers the code at the new contact."""
    return await who.api.do("changeContact", "account { id mobile email version }", verificationId=found, code=code)


async def update(account_id: Any, **values: Any) -> None:
    """Writes into an account as nobody else could."""
    async with db.transaction(EVERYTHING):
        await Account.filter(id=account_id).update(**values)


def _request(code: ErrorCode, path: str, **given: str) -> None:
    @case("request_contact_change", code, path)
    async def prepare(api: Api) -> Work:
        who = await person(api)
        return call(who.api, "requestContactChange", **given, idempotencyKey=key())


for _code, _path, _given in CONTACTS:
    _request(_code, _path, **_given)
_request(E.CONTACT_REQUIRED, "input")


@case("request_contact_change", E.CONTACT_UNCHANGED, "input.mobile")
async def _same(api: Api) -> Work:
    who = await person(api)
    return call(who.api, "requestContactChange", mobile=who.mobile, idempotencyKey=key())


@case("request_contact_change", E.CODE_TOO_SOON)
async def _too_soon(api: Api) -> Work:
    who, number = await person(api), mobile()
    await challenge(api, "SIGN_UP", number, sent=False)
    return call(who.api, "requestContactChange", mobile=number, idempotencyKey=key())


@case("request_contact_change", E.CODE_SEND_LIMIT)
async def _too_many(api: Api) -> Work:
    who, number = await person(api), mobile()
    for _ in range(15):
        await challenge(api, "SIGN_UP", number, sent=False)
        api.clock.advance(minutes=1)
    who = await sign_in(api, who.account_id)
    return call(who.api, "requestContactChange", mobile=number, idempotencyKey=key())


@case("request_contact_change", E.STEP_UP_REQUIRED, besides=ASKED)
async def _code_first(api: Api) -> Work:
    who = await person(api)
    return call(who.api, "requestContactChange", mobile=mobile(), idempotencyKey=key())


@case("request_contact_change", E.CONTACT_NOT_BOUND)
async def _no_present_contact(api: Api) -> Work:
    who = await person(api, with_mobile=False)
    return call(who.api, "requestContactChange", mobile=mobile(), idempotencyKey=key())


@case("request_contact_change", E.PROOF_INVALID, "input.proof")
async def _bad_proof(api: Api) -> Work:
    who = await person(api)
    given = {"mobile": mobile(), "proof": "cos_prf_" + "x" * 43, "idempotencyKey": key()}
    return call(who.api, "requestContactChange", **given)


@case("change_contact", E.CODE_WRONG, "input.code", besides=(*TRY, "account"))
async def _wrong(api: Api) -> Work:
    who = await person(api)
    found, digits = await asked_to_change(api, who, mobile=mobile())
    return call(who.api, "changeContact", verificationId=found, code=other(digits))


@case("change_contact", E.CODE_EXPIRED, "input.code", besides=TRY)
async def _expired(api: Api) -> Work:
    who = await person(api)
    found, digits = await asked_to_change(api, who, mobile=mobile())
    api.clock.advance(minutes=10)
    return call(who.api, "changeContact", verificationId=found, code=digits)


@case("change_contact", E.CODE_TOO_MANY_TRIES, "input.code")
async def _spent(api: Api) -> Work:
    who = await person(api)
    found, digits = await asked_to_change(api, who, mobile=mobile())
    for _ in range(5):
        await change(who, found, other(digits))
    return call(who.api, "changeContact", verificationId=found, code=digits)


@case("change_contact", E.CODE_SEND_FAILED, "input.code")
async def _unsent(api: Api) -> Work:
    who = await person(api)
    asked = await proved(api, who, "requestContactChange", "challenge { id }", mobile=mobile())
    await unsent(api)
    return call(who.api, "changeContact", verificationId=asked["challenge"]["id"], code=WRONG)


@case("change_contact", E.ACCOUNT_LOCKED, besides=TRY)
async def _locked(api: Api) -> Work:
    who = await person(api)
    found, digits = await asked_to_change(api, who, mobile=mobile())
    await update(who.account_id, locked_until=api.clock() + timedelta(minutes=1))
    return call(who.api, "changeContact", verificationId=found, code=digits)


@case("change_contact", E.CONTACT_TAKEN, "input.verificationId", besides=TRY)
async def _taken(api: Api) -> Work:
    who, owner = await person(api), await person(api)
    found, digits = await asked_to_change(api, who, email=str(owner.email))
    return call(who.api, "changeContact", verificationId=found, code=digits)


@case("start_quick_registration", E.CONTACT_NOT_BOUND)
async def _no_address(api: Api) -> Work:
    main = await main_account(api, with_email=False)
    return call(main.api, "startQuickRegistration", idempotencyKey=key())


def always_asks(command: str, name: str) -> None:
    """What every mutation refuses with that always asks a main account for a code."""

    @case(command, E.STEP_UP_REQUIRED, besides=ASKED)
    async def proof_first(api: Api) -> Work:
        return call((await main_account(api)).api, name, idempotencyKey=key())

    @case(command, E.PROOF_INVALID, "input.proof")
    async def no_such_proof(api: Api) -> Work:
        return call((await main_account(api)).api, name, proof="cos_prf_" + "x" * 43, idempotencyKey=key())

    @case(command, E.CODE_TOO_SOON)
    async def just_sent(api: Api) -> Work:
        main = await main_account(api)
        await challenge(api, "SIGN_IN", str(main.mobile), sent=False)
        return call(main.api, name, idempotencyKey=key())

    @case(command, E.CODE_SEND_LIMIT)
    async def sent_too_often(api: Api) -> Work:
        main = await main_account(api)
        for _ in range(15):
            await challenge(api, "SIGN_IN", str(main.mobile), sent=False)
            api.clock.advance(minutes=1)
        main = await sign_in(api, main.account_id)
        return call(main.api, name, idempotencyKey=key())


always_asks("start_quick_registration", "startQuickRegistration")


def _link(code: ErrorCode) -> Any:
    return case("complete_quick_registration", code, "input.token", besides=TRY)


@_link(E.LINK_INVALID)
async def _unknown(api: Api) -> Work:
    return call(api.anonymous, COMPLETE, **await sibling_input(api, NOWHERE))


@_link(E.LINK_EXPIRED)
async def _late(api: Api) -> Work:
    _, token = await linked(api)
    api.clock.advance(hours=24)
    return call(api.anonymous, COMPLETE, **await sibling_input(api, token))


@_link(E.LINK_USED)
async def _used(api: Api) -> Work:
    _, token = await linked(api)
    first = await call(api.anonymous, COMPLETE, **await sibling_input(api, token))()
    assert codes(first) == []
    return call(api.anonymous, COMPLETE, **await sibling_input(api, token))


def _sibling(code: ErrorCode, path: str = "", *, besides: tuple[str, ...] = TRY, **changes: Any) -> None:
    @case("complete_quick_registration", code, path, besides=besides)
    async def prepare(api: Api) -> Work:
        _, token = await linked(api)
        return call(api.anonymous, COMPLETE, **await sibling_input(api, token, **changes))


_sibling(E.PASSWORD_LENGTH, "input.password", password="Tea-8")
_sibling(E.PASSWORD_CLASSES, "input.password", password="teahouse")
_sibling(E.TERMS_REQUIRED, "input.termsVersion", termsVersion=None)


@case("complete_quick_registration", E.PASSWORD_CONTAINS_CONTACT, "input.password", besides=TRY)
async def _own_number(api: Api) -> Work:
    _, token = await linked(api)
    number = mobile()
    found, digits = await challenge(api, "SIGN_UP", number)
    given = {"verificationId": found, "code": digits, "password": f"Tea-{number[3:]}"}
    return call(api.anonymous, COMPLETE, **await sibling_input(api, token, **given))


@case("complete_quick_registration", E.CODE_WRONG, "input.code", besides=TRY)
async def _wrong_code(api: Api) -> Work:
    _, token = await linked(api)
    given = await sibling_input(api, token)
    return call(api.anonymous, COMPLETE, **{**given, "code": other(given["code"])})


@case("complete_quick_registration", E.CODE_EXPIRED, "input.code", besides=TRY)
async def _old_code(api: Api) -> Work:
    _, token = await linked(api)
    given = await sibling_input(api, token)
    api.clock.advance(minutes=10)
    return call(api.anonymous, COMPLETE, **given)


@case("complete_quick_registration", E.CODE_TOO_MANY_TRIES, "input.code")
async def _spent_code(api: Api) -> Work:
    _, token = await linked(api)
    given = await sibling_input(api, token)
    for _ in range(5):
        await call(api.anonymous, COMPLETE, **{**given, "code": other(given["code"])})()
    return call(api.anonymous, COMPLETE, **given)


@case("complete_quick_registration", E.CODE_SEND_FAILED, "input.code")
async def _unsent_code(api: Api) -> Work:
    _, token = await linked(api)
    found, _ = await challenge(api, "SIGN_UP", mobile(), sent=False)
    await unsent(api)
    return call(api.anonymous, COMPLETE, **await sibling_input(api, token, verificationId=found, code=WRONG))


@case("complete_quick_registration", E.CONTACT_TAKEN, "input.verificationId", besides=TRY)
async def _contact_of_another(api: Api) -> Work:
    main, token = await linked(api)
    number = mobile()
    found, digits = await challenge(api, "SIGN_UP", number)
    await update(main.account_id, mobile=number)
    return call(api.anonymous, COMPLETE, **await sibling_input(api, token, verificationId=found, code=digits))


@case("complete_quick_registration", E.REGISTRATION_THROTTLED, besides=TRY)
async def _throttled(api: Api) -> Work:
    _, token = await linked(api)
    given = {"password": "Green-tea-99", "kind": "PERSONAL", "fullName": "张伟", "termsVersion": "2026-01"}
    for _ in range(10):
        found, digits = await challenge(api, "SIGN_UP", mobile())
        made = await call(api.anonymous, "signUp", verificationId=found, code=digits, **given)()
        assert codes(made) == []
    return call(api.anonymous, COMPLETE, **await sibling_input(api, token))


def account_id_of(payload: dict[str, Any]) -> Any:
    """The UUID of the account that a payload shows."""
    return decode_id(payload["account"]["id"])[1]


__all__ = ["CASES", "account_id_of", "asked_to_change", "change", "linked", "proved"]
