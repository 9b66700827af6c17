"""One way to each refusal of a member's forgotten password, from the code to the ticket to the new password."""

from datetime import timedelta
from typing import Any

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from rules.access import Role
from rules.errors import ErrorCode
from tests.api.account_cases import TRY, Work, call, case
from tests.api.closing_cases import CASES
from tests.client import Api, codes
from tests.factories import PASSWORD, Admitted, Person, admitted_partner, member

E = ErrorCode
NEW = "Green-tea-99"


async def forgetful(api: Api) -> tuple[Admitted, Person, str]:
    """A partner, a member of it with `PASSWORD`, and the member's user name."""
    partner = await admitted_partner(api)
    clerk = await member(api, partner, Role.FINANCE)
    async with db.transaction(EVERYTHING):
        main = await Account.get(id=partner.main.account_id)
        await Account.filter(id=clerk.account_id).update(password_hash=main.password_hash)
        name = (await Account.get(id=clerk.account_id)).name
    assert name is not None
    return partner, clerk, name


def asking(partner: Admitted, name: str, **changes: Any) -> dict[str, Any]:
    """The input of requestMemberPasswordReset."""
    return {"site": "CN", "administrator": partner.main.mobile, "username": name, **changes}


async def asked(api: Api) -> tuple[Person, str, str]:
    """The member, the id and the digits of the code that it got."""
    partner, clerk, name = await forgetful(api)
    payload = await api.anonymous.do("requestMemberPasswordReset", "verificationId", **asking(partner, name))
    assert codes(payload) == [], payload
    return clerk, payload["verificationId"], await api.code(str(clerk.mobile))


async def ticketed(api: Api) -> tuple[Person, str]:
    """The member, and a ticket for its new password."""
    clerk, verification_id, digits = await asked(api)
    payload = await api.anonymous.do("verifyResetCode", "ticket", verificationId=verification_id, code=digits)
    assert codes(payload) == [], payload
    return clerk, payload["ticket"]


@case("request_member_password_reset", E.CODE_TOO_SOON)
async def _too_soon(api: Api) -> Work:
    partner, _, name = await forgetful(api)
    work = call(api.anonymous, "requestMemberPasswordReset", **asking(partner, name))
    await work()
    return work


@case("request_member_password_reset", E.CODE_SEND_LIMIT)
async def _too_many(api: Api) -> Work:
    partner, _, name = await forgetful(api)
    work = call(api.anonymous, "requestMemberPasswordReset", **asking(partner, name))
    for _ in range(15):
        await work()
        api.clock.advance(minutes=1)
    return work


def _verify(api: Api, verification_id: str, code: str) -> Work:
    return call(api.anonymous, "verifyResetCode", verificationId=verification_id, code=code)


@case("verify_reset_code", E.CODE_WRONG, "input.code", besides=(*TRY, "account"))
async def _wrong(api: Api) -> Work:
    _, verification_id, digits = await asked(api)
    return _verify(api, verification_id, f"{(int(digits) + 1) % 10**6:06}")


@case("verify_reset_code", E.CODE_EXPIRED, "input.code", besides=TRY)
async def _expired(api: Api) -> Work:
    _, verification_id, digits = await asked(api)
    api.clock.advance(minutes=10)
    return _verify(api, verification_id, digits)


@case("verify_reset_code", E.CODE_TOO_MANY_TRIES, "input.code", besides=())
async def _tried_out(api: Api) -> Work:
    _, verification_id, digits = await asked(api)
    for _ in range(5):
        await _verify(api, verification_id, f"{(int(digits) + 1) % 10**6:06}")()
    return _verify(api, verification_id, digits)


@case("verify_reset_code", E.ACCOUNT_LOCKED, besides=TRY)
async def _locked(api: Api) -> Work:
    clerk, verification_id, digits = await asked(api)
    async with db.transaction(EVERYTHING):
        await Account.filter(id=clerk.account_id).update(locked_until=api.clock() + timedelta(minutes=1))
    return _verify(api, verification_id, digits)


@case("set_password", E.TICKET_INVALID, "input.ticket")
async def _no_ticket(api: Api) -> Work:
    return call(api.anonymous, "setPassword", ticket="cos_tkt_" + "x" * 43, newPassword=NEW)


def _weak(code: ErrorCode, password: str | None) -> None:
    @case("set_password", code, "input.newPassword")
    async def _prepare(api: Api) -> Work:
        clerk, ticket = await ticketed(api)
        return call(api.anonymous, "setPassword", ticket=ticket, newPassword=password or f"T-{str(clerk.mobile)[3:]}")


_weak(E.PASSWORD_LENGTH, "Tea-8")
_weak(E.PASSWORD_CLASSES, "teahouseteahouse")
_weak(E.PASSWORD_CONTAINS_CONTACT, None)
_weak(E.PASSWORD_REUSED, PASSWORD)

__all__ = ["CASES", "NEW", "asked", "asking", "forgetful", "ticketed"]
