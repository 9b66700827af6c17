"""One way to each refusal of accounts and step-up: what stands before it, the call, and what outlives it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core import db
from core.ids import uuid7
from core.scope import EVERYTHING
from models.accounts import Account
from models.partners import Company, Partner
from rules.access import Role
from rules.errors import ErrorCode
from rules.partners import AdmissionState
from tests.client import Api, Client
from tests.factories import PASSWORD, Admitted, Person, admitted_partner, member, mobile, person
from tests.refusing import unsent

Payload = dict[str, Any]
Work = Callable[[], Awaitable[Payload]]
E = ErrorCode
TRY = ("verification",)
GENERIC = {E.NOT_FOUND, E.CONFLICT}
NOWHERE = "chl_00000000000000000000000000"
WRONG = "000000"


@dataclass(frozen=True)
class Case:
    """`prepare` brings the API to where the returned call is refused with `code`; `besides` may change."""

    command: str
    code: ErrorCode
    path: list[str]
    prepare: Callable[[Api], Awaitable[Work]]
    besides: tuple[str, ...] = ()


CASES: list[Case] = []


def case(command: str, code: ErrorCode, path: str = "", *, besides: tuple[str, ...] = ()) -> Any:
    """Registers the way to one refusal; `path` with dots."""

    def register(prepare: Callable[[Api], Awaitable[Work]]) -> Any:
        CASES.append(Case(command, code, path.split(".") if path else [], prepare, besides))
        return prepare

    return register


def call(client: Client, name: str, **given: Any) -> Work:
    """A call to be made later."""
    return lambda: client.do(name, "__typename", **given)


async def main_account(api: Api, *, switched_on: bool = False, **contacts: Any) -> Person:
    """The main account of an admitted partner, which has its code switch as said."""
    main = await person(api, **contacts)
    async with db.transaction(EVERYTHING):
        made = await Company.insert(now=api.clock(), site="CN", name=main.name, credit_code=f"C{uuid7().hex[:16]}")
        partner = await Partner.insert(
            now=api.clock(),
            company_id=made.id,
            main_account_id=main.account_id,
            site="CN",
            name=main.name,
            credit_code=made.credit_code,
            admission_state=AdmissionState.JOINED,
            applied_at=api.clock(),
            admitted_at=api.clock(),
            step_up_enabled=switched_on,
        )
        await Account.filter(id=main.account_id).update(partner_id=partner.id, is_main=True)
    return main


async def challenge(
    api: Api, scene: str, to: str, *, sent: bool = True, client: Client | None = None
) -> tuple[str, str]:
    """A code asked for and its digits."""
    payload = await (client or api.anonymous).do("requestCode", "challenge { id }", scene=scene, site="CN", mobile=to)
    assert payload["userErrors"] == []
    return payload["challenge"]["id"], await api.code(to) if sent else WRONG


def other(digits: str) -> str:
    """Six digits that are not these."""
    return f"{(int(digits) + 1) % 1_000_000:06}"


def _request(code: ErrorCode, path: str, **given: Any) -> None:
    async def prepare(api: Api) -> Work:
        return call(api.anonymous, "requestCode", **{"scene": "SIGN_UP", "site": "CN", **given})

    case("request_code", code, path)(prepare)


def _sign_in(code: ErrorCode, path: str, **given: Any) -> None:
    async def prepare(api: Api) -> Work:
        return call(api.anonymous, "signIn", **{"site": "CN", "password": PASSWORD, **given})

    case("sign_in", code, path)(prepare)


CONTACTS: tuple[tuple[ErrorCode, str, dict[str, str]], ...] = (
    (E.MOBILE_INVALID, "input.mobile", {"mobile": "12345"}),
    (E.MOBILE_NOT_OF_SITE, "input.mobile", {"mobile": "+1 415 555 2671"}),
    (E.EMAIL_INVALID, "input.email", {"email": "nobody at example"}),
)
for _code, _path, _given in CONTACTS:
    _request(_code, _path, **_given)
    _sign_in(_code, _path, **_given)


@case("request_code", E.CONTACT_REQUIRED, "input")
async def _no_contact(api: Api) -> Work:
    return call(api.anonymous, "requestCode", scene="SIGN_UP", site="CN")


@case("sign_in", E.CONTACT_REQUIRED, "input")
async def _both_contacts(api: Api) -> Work:
    given = {"mobile": mobile(), "email": "somebody@example.com"}
    return call(api.anonymous, "signIn", site="CN", password=PASSWORD, **given)


_request(E.OUT_OF_RANGE, "input.scene", scene="SENSITIVE_OPERATION", mobile="13812345678")


@case("request_code", E.CODE_TOO_SOON)
async def _too_soon(api: Api) -> Work:
    number = mobile()
    await challenge(api, "SIGN_UP", number, sent=False)
    return call(api.anonymous, "requestCode", scene="SIGN_UP", site="CN", mobile=number)


@case("request_code", E.CODE_SEND_LIMIT)
async def _too_many(api: Api) -> Work:
    number = mobile()
    for _ in range(15):
        await challenge(api, "SIGN_UP", number, sent=False)
        api.clock.advance(minutes=1)
    return call(api.anonymous, "requestCode", scene="SIGN_UP", site="CN", mobile=number)


# commands that take a code: command, its input, scene, whether an account stands behind
def _sign_up_input(**changes: Any) -> dict[str, Any]:
    given = {"password": PASSWORD, "kind": "PERSONAL", "fullName": "张伟", "termsVersion": "2026-01"}
    return {**given, **changes}


async def _contact_of(api: Api, scene: str) -> str:
    return mobile() if scene == "SIGN_UP" else str((await person(api)).mobile)


CODE_TAKERS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("signUp", "SIGN_UP", _sign_up_input()),
    ("signInWithCode", "SIGN_IN", {}),
    ("resetPassword", "RESET_PASSWORD", {"newPassword": "Green-tea-99"}),
    ("restoreAccount", "RESTORE_ACCOUNT", {}),
)
PYTHON = {
    "signUp": "sign_up",
    "signInWithCode": "sign_in_with_code",
    "resetPassword": "reset_password",
    "restoreAccount": "restore_account",
}


def _code_cases(name: str, scene: str, given: dict[str, Any]) -> None:
    counted = (*TRY, "account")

    @case(PYTHON[name], E.CODE_WRONG, "input.code", besides=counted)
    async def wrong(api: Api) -> Work:
        found, digits = await challenge(api, scene, await _contact_of(api, scene))
        return call(api.anonymous, name, verificationId=found, code=other(digits), **given)

    @case(PYTHON[name], E.CODE_EXPIRED, "input.code", besides=counted)
    async def expired(api: Api) -> Work:
        found, digits = await challenge(api, scene, await _contact_of(api, scene))
        api.clock.advance(minutes=10)
        return call(api.anonymous, name, verificationId=found, code=digits, **given)

    @case(PYTHON[name], E.CODE_TOO_MANY_TRIES, "input.code")
    async def spent(api: Api) -> Work:
        found, digits = await challenge(api, scene, await _contact_of(api, scene))
        for _ in range(5):
            await call(api.anonymous, name, verificationId=found, code=other(digits), **given)()
        return call(api.anonymous, name, verificationId=found, code=digits, **given)

    @case(PYTHON[name], E.NOT_FOUND, "input.verificationId")
    async def nowhere(api: Api) -> Work:
        return call(api.anonymous, name, verificationId="acc_00000000000000000000000000", code=WRONG, **given)


@case("sign_up", E.CODE_SEND_FAILED, "input.code")
async def _unsent(api: Api) -> Work:
    found, _ = await challenge(api, "SIGN_UP", mobile(), sent=False)
    await unsent(api)
    return call(api.anonymous, "signUp", verificationId=found, code=WRONG, **_sign_up_input())


for _name, _scene, _given2 in CODE_TAKERS:
    _code_cases(_name, _scene, _given2)


def _right_code(
    command: str, code: ErrorCode, path: str = "", *, besides: tuple[str, ...] = TRY, **changes: Any
) -> None:
    """A refusal that only the right code leads to."""
    name, scene, given = next(row for row in CODE_TAKERS if PYTHON[row[0]] == command)

    @case(command, code, path, besides=TRY)
    async def prepare(api: Api) -> Work:
        to = await _contact_of(api, scene)
        found, digits = await challenge(api, scene, to)
        filled = {
            key: value.format(digits=to[3:]) if isinstance(value, str) else value for key, value in changes.items()
        }
        return call(api.anonymous, name, verificationId=found, code=digits, **{**given, **filled})


_right_code("sign_up", E.PASSWORD_LENGTH, "input.password", password="Tea-8")
_right_code("sign_up", E.PASSWORD_CLASSES, "input.password", password="teahouse")
_right_code("sign_up", E.PASSWORD_CONTAINS_CONTACT, "input.password", password="Tea-{digits}")
_right_code("sign_up", E.TERMS_REQUIRED, "input.termsVersion", termsVersion=None)
_right_code("sign_up", E.REQUIRED, "input.fullName", fullName="  ")
_right_code("sign_up", E.OUT_OF_RANGE, "input.kind", kind="STAFF")
_right_code("reset_password", E.PASSWORD_LENGTH, "input.newPassword", newPassword="Tea-8")
_right_code("reset_password", E.PASSWORD_CLASSES, "input.newPassword", newPassword="teahouse")
_right_code("reset_password", E.PASSWORD_CONTAINS_CONTACT, "input.newPassword", newPassword="Tea-{digits}")
_right_code("reset_password", E.PASSWORD_REUSED, "input.newPassword", newPassword=PASSWORD)


@case("sign_up", E.CONTACT_TAKEN, "input.verificationId", besides=TRY)
async def _taken(api: Api) -> Work:
    number = mobile()
    found, digits = await challenge(api, "SIGN_UP", number)
    other_owner = await person(api)
    async with db.transaction(EVERYTHING):
        await Account.filter(id=other_owner.account_id).update(mobile=number)
    return call(api.anonymous, "signUp", verificationId=found, code=digits, **_sign_up_input())


@case("sign_up", E.REGISTRATION_THROTTLED, besides=TRY)
async def _throttled(api: Api) -> Work:
    for _ in range(10):
        found, digits = await challenge(api, "SIGN_UP", mobile())
        made = await call(api.anonymous, "signUp", verificationId=found, code=digits, **_sign_up_input())()
        assert made["userErrors"] == []
    found, digits = await challenge(api, "SIGN_UP", mobile())
    return call(api.anonymous, "signUp", verificationId=found, code=digits, **_sign_up_input())


async def _set(api: Api, who: Person, **values: Any) -> None:
    async with db.transaction(EVERYTHING):
        await Account.filter(id=who.account_id).update(**values)


async def clerk_of(api: Api) -> tuple[Admitted, Person, str]:
    """A partner with a member whose password is set, and the member's user name."""
    partner = await admitted_partner(api)
    clerk = await member(api, partner, Role.FINANCE)
    own = "update account set password_hash = (select password_hash from account where id = $2) where id = $1"
    await api.database.superuser.execute(own, clerk.account_id, partner.main.account_id)
    return partner, clerk, str(await api.value("select name from account where id = $1", clerk.account_id))


def _enter(api: Api, partner: Admitted, username: str, password: str = PASSWORD) -> Work:
    named = {"administrator": partner.main.mobile, "username": username}
    return call(api.anonymous, "signInAsMember", site="CN", password=password, **named)


def _barred(code: ErrorCode, **values: Any) -> None:
    @case("sign_in", code, besides=("sign_in_guard",))
    async def by_password(api: Api) -> Work:
        who = await person(api)
        await _set(api, who, **_at(api, values))
        return call(api.anonymous, "signIn", site="CN", mobile=who.mobile, password=PASSWORD)

    @case("sign_in_as_member", code, besides=("sign_in_guard",))
    async def by_user_name(api: Api) -> Work:
        partner, clerk, name = await clerk_of(api)
        await _set(api, clerk, **_at(api, values))
        return _enter(api, partner, name)

    @case("sign_in_with_code", code, besides=TRY)
    async def by_code(api: Api) -> Work:
        who = await person(api)
        found, digits = await challenge(api, "SIGN_IN", str(who.mobile))
        await _set(api, who, **_at(api, values))
        return call(api.anonymous, "signInWithCode", verificationId=found, code=digits)


def _at(api: Api, values: dict[str, Any]) -> dict[str, Any]:
    return {key: api.clock() + timedelta(minutes=1) if value == "soon" else value for key, value in values.items()}


_barred(E.ACCOUNT_FROZEN, status="FROZEN")
_barred(E.ACCOUNT_CLOSED, status="CLOSED_RETAINED")
_barred(E.ACCOUNT_LOCKED, locked_until="soon")


@case("reset_password", E.ACCOUNT_LOCKED, besides=TRY)
async def _locked_reset(api: Api) -> Work:
    who = await person(api)
    found, digits = await challenge(api, "RESET_PASSWORD", str(who.mobile))
    await _set(api, who, **_at(api, {"locked_until": "soon"}))
    return call(api.anonymous, "resetPassword", verificationId=found, code=digits, newPassword="Green-tea-99")


@case("sign_in", E.SIGN_IN_FAILED, "input", besides=("sign_in_guard",))
async def _wrong_password(api: Api) -> Work:
    who = await person(api)
    return call(api.anonymous, "signIn", site="CN", mobile=who.mobile, password="Green-tea-99")


@case("sign_in_as_member", E.SIGN_IN_FAILED, "input", besides=("sign_in_guard",))
async def _wrong_password_of_a_member(api: Api) -> Work:
    partner, _, name = await clerk_of(api)
    return _enter(api, partner, name, "Green-tea-99")


@case("refresh_session", E.SESSION_INVALID, "input.refreshToken")
async def _unknown_token(api: Api) -> Work:
    return call(api.anonymous, "refreshSession", refreshToken="cos_rt_" + "x" * 43)


def _change(code: ErrorCode, path: str = "", *, old: str = PASSWORD, new: str = "Green-tea-99", tries: int = 0) -> None:
    @case("change_password", code, path, besides=("sign_in_guard",))
    async def prepare(api: Api) -> Work:
        who = await person(api)
        for _ in range(tries):
            await who.api.do("changePassword", "__typename", oldPassword="Wrong-one-1", newPassword=new)
        given = {"oldPassword": old, "newPassword": new.format(digits=str(who.mobile)[3:])}
        return call(who.api, "changePassword", **given)


_change(E.SIGN_IN_FAILED, "input.oldPassword", old="Wrong-one-1")
_change(E.ACCOUNT_LOCKED, tries=5)
_change(E.PASSWORD_LENGTH, "input.newPassword", new="Tea-8")
_change(E.PASSWORD_CLASSES, "input.newPassword", new="teahouse")
_change(E.PASSWORD_CONTAINS_CONTACT, "input.newPassword", new="Tea-{digits}")
_change(E.PASSWORD_REUSED, "input.newPassword", new=PASSWORD)
