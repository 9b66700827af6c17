"""Customers on their way to a partner: prospects, reports, links, acceptance, all through the API."""

import re
from dataclasses import dataclass, replace
from itertools import count
from typing import Any
from uuid import UUID

from core import db
from core.ids import decode_id, encode_id
from core.scope import EVERYTHING
from models.accounts import Account
from resolvers.accounts.sessions import open_session
from resolvers.system import system_context
from rules.access import Role
from rules.accounts import AccountKind
from rules.customers import AssociationType, CustomerFact
from rules.sites import Site
from tests import world
from tests.client import Api, Client, codes
from tests.world import Person

REPORT = "report { id status validUntil associationType hadAccount version } nextStep reviewReasons"
CORRECTED = "report { id version status }"
REVIEWED = "report { id status validUntil rejectReason version }"
INVITATION = "invitation { id channel state associationType tag url validUntil version }"
ACCEPTED = "association { id type status source label } customer { id name }"
_numbers = count(1)


def key() -> str:
    """An idempotency key nobody else uses."""
    return f"develop-{next(_numbers):08}"


@dataclass(frozen=True)
class Prospect:
    """The contacts of somebody nobody knows yet."""

    mobile: str
    email: str


def prospect() -> Prospect:
    """Contacts nobody else has in this run."""
    number = next(_numbers)
    return Prospect(f"+86139{number:08d}", f"prospect{number}@example.com")


def of(person: Person) -> Prospect:
    """The contacts of somebody who has an account."""
    return Prospect(person.mobile, person.email)


async def staff(api: Api, *roles: Role) -> Person:
    """One of the vendor's staff."""
    return await world.person(api, kind=AccountKind.STAFF, roles=[role.value for role in roles])


async def report(client: Client, who: Prospect, **changes: Any) -> dict[str, Any]:
    """Reports a customer without inviting it, unless told otherwise."""
    given = {
        "customerName": "钱塘数据有限公司",
        "mobile": who.mobile,
        "email": who.email,
        "sendInvite": False,
        "associationType": "RESALE",
        "idempotencyKey": key(),
    }
    return await client.do("reportCustomer", REPORT, **{**given, **changes})


async def apply(client: Client, who: Prospect, **changes: Any) -> dict[str, Any]:
    """Applies for the review of a customer that cannot be reported directly."""
    given = {
        "customerName": "钱塘数据有限公司",
        "mobile": who.mobile,
        "email": who.email,
        "sendInvite": False,
        "associationType": "RESALE",
        "expectedSpend": "120000.50",
        "expectedMonths": 12,
        "projectDetail": "A data lake for the port.",
        "customerAccount": "qiantang-data",
        "communicationLog": "Met twice in February.",
        "idempotencyKey": key(),
    }
    return await client.do("applyForReportReview", REVIEWED, **{**given, **changes})


async def decide(api: Api, report_id: str, *, approve: bool = True, **more: Any) -> dict[str, Any]:
    """The vendor's decision on a report in review."""
    reviewer = await staff(api, Role.VENDOR_REVIEWER)
    return await reviewer.client.do(
        "decideReportReview", REVIEWED, id=report_id, approve=approve, idempotencyKey=key(), **more
    )


async def invite(client: Client, report_id: str, **changes: Any) -> dict[str, Any]:
    """Invites a reported customer by mail."""
    return await client.do("inviteCustomer", INVITATION, **{"id": report_id, "idempotencyKey": key(), **changes})


async def link(client: Client, **changes: Any) -> dict[str, Any]:
    """Makes a general link for resale, unless told otherwise."""
    given = {"associationType": "RESALE", "idempotencyKey": key()}
    return await client.do("createInvitationLink", INVITATION, **{**given, **changes})


async def general_token(client: Client, **changes: Any) -> str:
    """The token of a new general link."""
    made = await link(client, **changes)
    assert codes(made) == [], made
    return token_in(made["invitation"]["url"])


async def mailed_token(api: Api, address: str) -> str:
    """The token of the newest invitation sent to an address."""
    body = [row["body"] for row in await api.inbox(address) if row["template"] == "customer_invitation"][-1]
    return token_in(body)


def token_in(text: str) -> str:
    """What follows the # of the invitation's link in a text."""
    found = re.search(r"/invitation#(cos_inv_[A-Za-z0-9_-]{43})", text)
    assert found is not None, text
    return found[1]


async def accept(client: Client, token: str, *, notice: bool = True) -> dict[str, Any]:
    """Accepts an invitation."""
    return await client.do("acceptInvitation", ACCEPTED, token=token, noticeAccepted=notice)


async def record_facts(api: Api, person: Person, *facts: CustomerFact) -> None:
    """Lets the vendor record what holds of an account."""
    clerk = await staff(api, Role.VENDOR_OPS)
    done = await clerk.client.do(
        "recordCustomerFacts",
        "customer { id }",
        accountId=encode_id(Account.prefix, person.id),
        facts=[fact.value for fact in facts],
        idempotencyKey=key(),
    )
    assert codes(done) == [], done


@dataclass(frozen=True)
class Reported:
    """A report that holds and the person it is about."""

    id: str
    row_id: UUID
    person: Person


async def reported_customer(
    api: Api, partner: Person, type: AssociationType = AssociationType.RESALE, *, site: Site = Site.CN, **changes: Any
) -> Reported:
    """Somebody with a new account, reported by a partner's person."""
    person = await world.person(api, site)
    made = await report(partner.client, of(person), associationType=type.value, **changes)
    assert codes(made) == [], made
    return Reported(made["report"]["id"], decode_id(made["report"]["id"])[1], person)


async def associated_customer(
    api: Api, partner: Person, type: AssociationType = AssociationType.RESALE, *, site: Site = Site.CN
) -> Person:
    """Somebody who was reported, invited by mail, and accepted."""
    booked = await reported_customer(api, partner, type, site=site)
    invited = await invite(partner.client, booked.id)
    assert codes(invited) == [], invited
    accepted = await accept(booked.person.client, await mailed_token(api, booked.person.email))
    assert codes(accepted) == [], accepted
    return booked.person


async def signed_in_again(api: Api, person: Person) -> Person:
    """The same person with a new session, after the clock has outlived the old one."""
    ctx = await system_context(api.settings, api.clock())
    async with db.transaction(EVERYTHING):
        session = await open_session(ctx, await Account.get(id=person.id))
    return replace(person, client=api.anonymous.as_(session.access_token))


async def fill_reports(api: Api, partner_id: UUID, number: int) -> None:
    """Copies the partner's report so often; the limit is about their number alone."""
    columns = ["id", "mobile", "email"]
    names = await api.rows(
        "select column_name as name from information_schema.columns where table_name = 'customer_report'"
    )
    rest = ", ".join(row["name"] for row in names if row["name"] not in columns)
    await api.database.superuser.execute(
        f"insert into customer_report (id, mobile, email, {rest})"
        f" select gen_random_uuid(), '+861370000' || lpad(n::text, 4, '0'), null, {rest}"
        f" from customer_report, generate_series(1, {number}) as n where partner_id = '{partner_id}'"
    )
