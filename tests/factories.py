"""People for tests, made quickly: rows and sessions as the commands would leave them, without the codes on the way."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher

from core import db
from core.ids import decode_id, encode_id
from core.scope import EVERYTHING
from models.accounts import Account
from models.uploads import Upload
from resolvers.accounts.sessions import authenticate, open_session
from resolvers.context import Context
from rules.access import ANONYMOUS, Actor, Role
from rules.accounts import AccountKind
from rules.policy import PolicyBook
from rules.sites import Site
from rules.uploads import UploadState
from tests.client import Api, Client, codes

PASSWORD = "Tea-house-88"
_numbers = count(1)


@dataclass(frozen=True)
class Person:
    """Somebody signed in: the account's UUID and public id, tokens, contacts, and the API as this person."""

    account_id: UUID
    id: str
    access_token: str
    refresh_token: str
    mobile: str | None
    email: str | None
    name: str
    api: Client


@dataclass(frozen=True)
class Company:
    """An enterprise whose real name has passed, so that it may apply for admission."""

    main: Person
    legal_name: str
    credit_code: str


def context(api: Api, actor: Actor = ANONYMOUS) -> Context:
    """What a use case gets, for tests that call one without GraphQL."""
    return Context(
        actor=actor,
        now=api.clock(),
        locale="en",
        request_id="test",
        policies=PolicyBook(),
        settings=api.settings,
        wakeup=api.wakeup,
        address="203.0.113.9",
    )


async def context_of(api: Api, who: Person) -> Context:
    """The context of a request that carries this person's access token."""
    actor, book = await authenticate(who.access_token, api.clock())
    assert actor is not None
    return replace(context(api, actor), policies=book)


def mobile() -> str:
    """A Chinese mobile number nobody else has in this run."""
    return f"+86138{next(_numbers):08}"


def email() -> str:
    """An address nobody else has in this run."""
    return f"person{next(_numbers)}@example.com"


async def person(
    api: Api,
    *,
    site: Site = Site.CN,
    kind: AccountKind = AccountKind.ENTERPRISE,
    roles: tuple[Role, ...] = (),
    name: str = "西湖云计算有限公司",
    with_mobile: bool | None = None,
    with_email: bool = True,
) -> Person:
    """A signed-up account with a session; its password is `PASSWORD`. A mobile number by default on CN only."""
    number = mobile() if with_mobile or (with_mobile is None and site is Site.CN) else None
    address = email() if with_email else None
    async with db.transaction(EVERYTHING):
        account = await Account.insert(
            now=api.clock(),
            site=site,
            kind=kind,
            full_name=name,
            mobile=number,
            email=address,
            password_hash=_hash(),
            locale="en",
            terms_version="2026-01",
            roles=[role.value for role in roles],
        )
    return await sign_in(api, account.id)


async def staff(api: Api, *roles: Role, site: Site = Site.CN) -> Person:
    """One of the vendor's staff with these roles, signed in."""
    return await person(api, site=site, kind=AccountKind.STAFF, roles=roles, name="Vendor staff")


async def sign_in(api: Api, account_id: UUID) -> Person:
    """One more session of an account."""
    async with db.transaction(EVERYTHING):
        account = await Account.get(id=account_id)
        opened = await open_session(context(api), account)
    return Person(
        account_id=account.id,
        id=encode_id(Account.prefix, account.id),
        access_token=opened.access_token,
        refresh_token=opened.refresh_token,
        mobile=account.mobile,
        email=account.email,
        name=account.full_name,
        api=api.anonymous.as_(opened.access_token),
    )


async def company(api: Api, *, legal_name: str | None = None, credit_code: str | None = None) -> Company:
    """An enterprise on CN that submitted its real name and passed the vendor's review, through the API."""
    number = next(_numbers)
    legal_name, credit_code = legal_name or f"西湖云计算{number}有限公司", credit_code or cn_credit_code(number)
    main, reviewer = await person(api, name=legal_name), await staff(api, Role.VENDOR_REVIEWER)
    case = await real_name_case(api, main, kind="ENTERPRISE", legalName=legal_name, documentNumber=credit_code)
    decided = await reviewer.api.do(
        "decideRealName", "case { state }", id=case, approve=True, idempotencyKey=f"decide-{number:08}"
    )
    assert codes(decided) == []
    return Company(main, legal_name, credit_code)


async def picture(api: Api, who: Person, **columns: Any) -> str:
    """The public id of a picture that has arrived and that the scanner has looked at, unless told otherwise: the row
    as an upload leaves it, without a content.
    """
    kept = {"state": UploadState.CLEAN, "received_at": api.clock(), "expires_at": api.clock() + timedelta(days=1)}
    file = {"file_name": "document.png", "media_type": "image/png", "size": 1000, "sha256": "0" * 64}
    async with db.transaction(EVERYTHING):
        upload = await Upload.insert(now=api.clock(), account_id=who.account_id, **{**file, **kept, **columns})
    return encode_id(Upload.prefix, upload.id)


async def real_name(api: Api, who: Person, **changes: Any) -> dict[str, Any]:
    """What submits the real name of a person, unless told otherwise, with a picture of what shows it."""
    given = {"kind": "PERSONAL", "legalName": "张伟", "documentNumber": "330101", "idempotencyKey": key(), **changes}
    shown = "certificateIds" if given["kind"] == "PERSONAL" else "licenceIds"
    return {shown: [await picture(api, who)], **given}


async def real_name_case(api: Api, who: Person, **changes: Any) -> str:
    """The public id of the case of a real name that was just submitted."""
    submitted = await who.api.do("submitRealName", "case { id }", **await real_name(api, who, **changes))
    assert codes(submitted) == [], submitted
    return str(submitted["case"]["id"])


@dataclass(frozen=True)
class Admitted:
    """A partner in the network: its UUID and public id, its company's names, its main account."""

    partner_id: UUID
    id: str
    company: Company
    main: Person


def key() -> str:
    """An idempotency key nobody else uses."""
    return f"test-{next(_numbers):08}"


async def apply(applicant: Company, **changes: object) -> dict[str, Any]:
    """Applies for admission with what the real name says, unless told otherwise."""
    given = {"companyName": applicant.legal_name, "creditCode": applicant.credit_code, "idempotencyKey": key()}
    selection = "partner { id name admissionState version }"
    return await applicant.main.api.do("applyForAdmission", selection, **{**given, **changes})


async def application_in_review(api: Api) -> tuple[Company, str]:
    """An application that the automatic check could not settle (another code than the real name's); the public id."""
    applicant = await company(api)
    applied = await apply(applicant, creditCode=OTHER_CODE)
    await api.deliver()
    _, partner_id = decode_id(applied["partner"]["id"])
    assert await api.value("select admission_state from partner where id = $1", partner_id) == "MANUAL_REVIEW"
    return applicant, applied["partner"]["id"]


async def admitted_partner(api: Api, made: Company | None = None, *, declared: bool = True) -> Admitted:
    """A partner that the automatic check admitted, through the API and the worker. It has declared that none of its
    people is related to the vendor's, unless told otherwise.
    """
    applicant = made or await company(api)
    applied = await apply(applicant)
    assert codes(applied) == [], applied
    await api.deliver()
    _, partner_id = decode_id(applied["partner"]["id"])
    assert await api.value("select admission_state from partner where id = $1", partner_id) == "JOINED"
    if declared:
        assert codes(await declare(applicant.main)) == []
    return Admitted(partner_id, applied["partner"]["id"], applicant, applicant.main)


async def declare(main: Person, *relations: dict[str, str], **changes: object) -> dict[str, Any]:
    """Declares these relations with the vendor's people."""
    given = {"relations": list(relations), "idempotencyKey": key()}
    return await main.api.do("declareRelations", "declaration { id relationCount validUntil }", **{**given, **changes})


async def join(partner: Admitted, plan: str, **changes: object) -> dict[str, Any]:
    """Applies for a plan with its agreement accepted, unless told otherwise."""
    given = {"plan": plan, "agreementVersion": "1.0", "idempotencyKey": key()}
    return await partner.main.api.do("joinPlan", "membership { id plan state tier version }", **{**given, **changes})


async def co_sell_partner(api: Api) -> Admitted:
    """A partner that has joined the co-sell plan."""
    partner = await admitted_partner(api)
    joined = await join(partner, "CO_SELL")
    assert codes(joined) == []
    return partner


async def add_member(partner: Admitted, *roles: Role, **changes: object) -> dict[str, Any]:
    """Adds a member with these roles and contacts nobody else has, unless told otherwise."""
    given = {
        "username": f"member{next(_numbers)}",
        "fullName": "王芳",
        "roles": [role.value for role in roles],
        "mobile": mobile(),
        "email": email(),
        "idempotencyKey": key(),
    }
    selection = "member { id name kind status roles version }"
    return await partner.main.api.do("addMember", selection, **{**given, **changes})


async def member(api: Api, partner: Admitted, *roles: Role) -> Person:
    """A member of the partner with these roles, signed in."""
    added = await add_member(partner, *roles)
    assert codes(added) == [], added
    return await sign_in(api, decode_id(added["member"]["id"])[1])


def cn_credit_code(number: int) -> str:
    """A unified social credit code with its right check character."""
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"91330100{number:09}"
    total = sum(letters.index(letter) * 3**place % 31 for place, letter in enumerate(body))
    return body + letters[-total % 31]


@cache
def _hash() -> str:
    # The product's own parameters, computed once: a sign-in must not find it outdated.
    return PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1, hash_len=32, salt_len=16).hash(PASSWORD)


OTHER_CODE = cn_credit_code(987_654_321)
"""A sound credit code that no company of these factories has."""
