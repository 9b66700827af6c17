"""One way to each refusal of closing an account and of restoring it."""

import asyncio
from typing import Any
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.associations import CustomerAssociation
from models.customers import Customer
from models.partners import Partner
from models.plans import PlanMembership
from rules.associations import AssociationStatus
from rules.customers import CustomerFact
from rules.errors import ErrorCode
from rules.partners import PartnerKind, Standing
from rules.plans import MembershipState, PlanCode
from tests import earning, opportunities, paths, specialists, world
from tests.api.account_cases import TRY, Payload, Work, call, case, challenge
from tests.api.contact_cases import CASES, always_asks, proved, update
from tests.client import Api, Client, codes
from tests.factories import Person, admitted_partner, key, person, real_name_case

E = ErrorCode
CLOSED = "account { id status retainedUntil }"


async def close(api: Api, who: Person) -> Payload:
    """Closes an account with the code that came by SMS."""
    payload = await proved(api, who, "cancelAccount", CLOSED)
    assert codes(payload) == [], payload
    return payload


async def about_to_close(api: Api, client: Client, mobile: str | None) -> Work:
    """The call that closes an account, the code having been given."""
    given = {"idempotencyKey": key()}
    asked = await client.do("cancelAccount", "__typename", **given)
    found = asked["userErrors"][0]["challenge"]["id"]
    answered = await client.do("verifyChallenge", "proof", id=found, code=await api.code(str(mobile)))
    return call(client, "cancelAccount", **given, proof=answered["proof"])


async def restore(api: Api, who: Person) -> Payload:
    """Restores a closed account with the code that came by SMS."""
    found, digits = await challenge(api, "RESTORE_ACCOUNT", str(who.mobile))
    return await api.anonymous.do("restoreAccount", CLOSED, verificationId=found, code=digits)


async def blockers(client: Client) -> list[str]:
    """The codes of the precheck."""
    answer = await client.send("{ cancellationPrecheck { action allowed blockers { code message } } }")
    found = answer.data["cancellationPrecheck"]
    assert found["action"] == "CANCEL_ACCOUNT"
    assert found["allowed"] == (found["blockers"] == [])
    return [blocker["code"] for blocker in found["blockers"]]


async def with_facts(api: Api, *facts: str) -> Person:
    """Somebody about whom the vendor has recorded these facts."""
    who = await person(api)
    async with db.transaction(EVERYTHING):
        await Customer.insert(
            now=api.clock(),
            account_id=who.account_id,
            site="CN",
            name=who.name,
            mobile=who.mobile,
            registered_at=api.clock(),
            facts=list(facts),
        )
    return who


async def change_partner(partner_id: UUID, **values: Any) -> None:
    """Writes into a partner as nobody else could."""
    async with db.transaction(EVERYTHING):
        await Partner.filter(id=partner_id).update(**values)


async def applied_for(api: Api, partner_id: UUID, plan: PlanCode, state: MembershipState) -> None:
    """A membership of the partner in this state."""
    joined = {"joined_at": api.clock(), "agreement_version": "1.0"} if state is MembershipState.JOINED else {}
    async with db.transaction(EVERYTHING):
        await PlanMembership.insert(now=api.clock(), partner_id=partner_id, plan=plan, state=state, **joined)


async def nothing_left(api: Api, secrets: set[str]) -> None:
    """No table holds one of these texts."""
    for table in await api.rows("select tablename from pg_tables where schemaname = 'public'"):
        found = await api.rows(f'select t::text as row from "{table["tablename"]}" t')
        held = [text for row in found for text in secrets if text in row["row"]]
        assert held == [], table["tablename"]


def _cancel(client: Client) -> Work:
    return call(client, "cancelAccount", idempotencyKey=key())


def _partner(code: ErrorCode, **values: Any) -> None:
    @case("cancel_account", code)
    async def prepare(api: Api) -> Work:
        partner = await admitted_partner(api)
        await change_partner(partner.partner_id, **values)
        return _cancel(partner.main.api)


_partner(E.CLOSE_SALES_PARTNER, kind=PartnerKind.DISTRIBUTOR)
_partner(E.PARTNER_FROZEN, standing=Standing.FROZEN)
_partner(E.PARTNER_RESTRICTED, standing=Standing.RESTRICTED)


def _fact(code: ErrorCode, fact: str) -> None:
    @case("cancel_account", code)
    async def prepare(api: Api) -> Work:
        return _cancel((await with_facts(api, fact)).api)


_fact(E.CLOSE_INVOICE_OWED, CustomerFact.OWED_INVOICE)
_fact(E.CLOSE_BALANCE_LEFT, CustomerFact.GIFT_BALANCE)
_fact(E.CLOSE_ARREARS, CustomerFact.ARREARS)
_fact(E.CLOSE_RESOURCES_OPEN, CustomerFact.RESERVED_INSTANCE)
_fact(E.CLOSE_ENTERPRISE_ACCOUNT, CustomerFact.UNIFIED_MEMBER)
_fact(E.ACCOUNT_FROZEN, CustomerFact.FROZEN_BY_HAND)


@case("cancel_account", E.PATH_EXIT_REQUIRED)
async def _path(api: Api) -> Work:
    who = await paths.walker(api)
    assert codes(await paths.select(who, "SOFTWARE")) == []
    return _cancel(who.api)


@case("cancel_account", E.CLOSE_CUSTOMERS_ASSOCIATED)
async def _customers(api: Api) -> Work:
    partner = await admitted_partner(api)
    await world.associated_customer(api, partner.partner_id)
    return _cancel(partner.main.api)


@case("cancel_account", E.CLOSE_SPECIALIST_BOUND)
async def _specialists(api: Api) -> Work:
    someone, _ = await specialists.bound(api, await specialists.employer(api))
    return _cancel((await specialists.again(api, someone)).api)


@case("cancel_account", E.CLOSE_ASSOCIATED)
async def _associated(api: Api) -> Work:
    partner_id, _ = await world.admitted_partner(api)
    customer, _, _ = await world.associated_customer(api, partner_id)
    return _cancel(customer.client)


@case("cancel_account", E.CLOSE_OPPORTUNITIES_OPEN)
async def _opportunities(api: Api) -> Work:
    at = await opportunities.desk(api)
    await opportunities.submitted(api, at)
    await change_partner(at.partner_id, kind=None)
    return _cancel(at.main.client)


@case("cancel_account", E.CLOSE_BENEFITS_UNPAID)
async def _incentives(api: Api) -> Work:
    stage = await earning.stage(api, kind=PartnerKind.SOLUTION_PROVIDER)
    await earning.generated(api, stage, (earning.RESALE, 1_000_000))
    await change_partner(stage.partner_id, kind=None)
    async with db.transaction(EVERYTHING):
        await CustomerAssociation.all().update(status=AssociationStatus.ENDED, ended_at=api.clock())
    return _cancel((await earning.awake(api, stage)).world.main.client)


@case("cancel_account", E.CLOSE_PLAN_APPLICATION_OPEN)
async def _plan(api: Api) -> Work:
    partner = await admitted_partner(api)
    await applied_for(api, partner.partner_id, PlanCode.COMPETENCY, MembershipState.IN_REVIEW)
    return _cancel(partner.main.api)


@case("cancel_account", E.CLOSE_REVIEW_OPEN)
async def _review(api: Api) -> Work:
    who = await person(api)
    await real_name_case(api, who)
    return _cancel(who.api)


@case("cancel_account", E.CONTACT_NOT_BOUND)
async def _no_mobile(api: Api) -> Work:
    return _cancel((await person(api, with_mobile=False)).api)


@case("cancel_account", E.STATE_CONFLICT, besides=("account", "session"))
async def _closed_meanwhile(api: Api) -> Work:
    who = await person(api)

    async def work() -> Payload:
        superuser = api.database.superuser
        async with superuser.transaction():
            await superuser.execute("update account set status = 'CLOSED_RETAINED' where id = $1", who.account_id)
            asked = asyncio.ensure_future(_cancel(who.api)())
            while not await superuser.fetchval("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0.01)
        return await asked

    return work


always_asks("cancel_account", "cancelAccount")


@case("restore_account", E.STATE_CONFLICT, besides=TRY)
async def _not_closed(api: Api) -> Work:
    who = await person(api)
    found, digits = await challenge(api, "RESTORE_ACCOUNT", str(who.mobile))
    return call(api.anonymous, "restoreAccount", verificationId=found, code=digits)


@case("restore_account", E.RESTORE_TOO_LATE, besides=TRY)
async def _too_late(api: Api) -> Work:
    who = await person(api)
    await close(api, who)
    api.clock.advance(days=90)
    found, digits = await challenge(api, "RESTORE_ACCOUNT", str(who.mobile))
    return call(api.anonymous, "restoreAccount", verificationId=found, code=digits)


@case("restore_account", E.ACCOUNT_LOCKED, besides=TRY)
async def _locked(api: Api) -> Work:
    who = await person(api)
    await close(api, who)
    api.clock.advance(minutes=1)
    found, digits = await challenge(api, "RESTORE_ACCOUNT", str(who.mobile))
    await update(who.account_id, locked_until=api.clock.at.replace(hour=5))
    return call(api.anonymous, "restoreAccount", verificationId=found, code=digits)


__all__ = ["CASES", "applied_for", "blockers", "change_partner", "close", "nothing_left", "restore", "with_facts"]
