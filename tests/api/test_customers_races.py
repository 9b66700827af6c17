"""Many at once: one contact, one link, one last place, each won by exactly one."""

import asyncio
from typing import Any

import pytest

from core.ids import encode_id
from rules.access import Role
from tests import world
from tests.client import Api, codes
from tests.development import (
    CORRECTED,
    Prospect,
    accept,
    fill_reports,
    general_token,
    invite,
    key,
    mailed_token,
    prospect,
    report,
    reported_customer,
)


def outcomes(answers: list[dict[str, Any]]) -> list[list[str]]:
    return sorted(codes(payload) for payload in answers)


async def race_partners(api: Api, partners: int) -> None:
    """That many partners report one contact."""
    mains = [(await world.admitted_partner(api))[1] for _ in range(partners)]
    who = prospect()

    answers = await asyncio.gather(*(report(main.client.patient, who) for main in mains))

    assert outcomes(answers) == [[]] + [["REPORT_CUSTOMER_REPORTED_BY_OTHER"]] * (partners - 1)
    assert await api.value("select count(*) from customer_report") == 1


async def race_callers(api: Api, callers: int) -> None:
    """That many members of one partner report one contact."""
    _, main = await world.admitted_partner(api)
    who = prospect()

    answers = await asyncio.gather(*(report(main.client.patient, who) for _ in range(callers)))

    assert outcomes(answers) == [[]] + [["REPORT_DUPLICATE_OWN"]] * (callers - 1)
    assert await api.value("select count(*) from event") == 1


async def race_customers(api: Api, accounts: int) -> None:
    """Two accounts that one report names both, each trying that often: one gets in."""
    _, main = await world.admitted_partner(api)
    address = prospect().email
    one = await world.person(api, email=None)
    two = await world.person(api, mobile=None, email=address)
    await report(main.client, Prospect(one.mobile, address), sendInvite=True)
    token = await mailed_token(api, address)

    answers = await asyncio.gather(
        *(accept(person.client.patient, token) for _ in range(accounts // 2) for person in (one, two))
    )

    # Whose first answer was lost on a busy server learns from the second that the link is used.
    assert outcomes(answers).count([]) <= 1
    assert {code for payload in answers for code in codes(payload)} <= {"LINK_USED", "LINK_INVALID"}
    assert await api.value("select count(*) from customer_association") == 1
    assert await api.value("select count(*) from association_attempt where state = 'ASSOCIATED'") == 1


async def race_links(api: Api, links: int) -> None:
    """One account accepts the links of that many partners."""
    tokens = [await general_token((await world.admitted_partner(api))[1].client) for _ in range(links)]
    customer = await world.person(api)

    answers = await asyncio.gather(*(accept(customer.client.patient, token) for token in tokens))

    assert outcomes(answers).count([]) <= 1
    assert {code for payload in answers for code in codes(payload)} == {"ASSOCIATION_ALREADY_ASSOCIATED"}
    assert await api.value("select count(*) from customer") == 1
    assert await api.value("select count(*) from customer_association where status = 'ACTIVE'") == 1


async def race_cancellation(api: Api, rounds: int) -> None:
    """A customer accepts while the partner gives the report up: one of them wins, and the tables agree."""
    _, main = await world.admitted_partner(api)
    for _ in range(rounds):
        booked = await reported_customer(api, main)
        await invite(main.client, booked.id)
        token = await mailed_token(api, booked.person.email)

        accepted, cancelled = await asyncio.gather(
            accept(booked.person.client, token),
            main.client.do("cancelReport", CORRECTED, id=booked.id, idempotencyKey=key()),
        )

        status = await api.value("select status from customer_report where id = $1", booked.row_id)
        state = await api.value("select state from customer_invitation where report_id = $1", booked.row_id)
        if codes(accepted) == []:
            assert (codes(cancelled), status, state) == (["STATE_CONFLICT"], "ASSOCIATED", "USED")
        else:
            assert (codes(accepted), codes(cancelled)) == (["LINK_INVALID"], [])
            assert (status, state) == ("CANCELLED", "REVOKED")


async def race_for_the_last_place(api: Api, callers: int) -> None:
    """A partner with 99 open reports makes that many more at once."""
    partner_id, main = await world.admitted_partner(api)
    await report(main.client, prospect())
    await fill_reports(api, partner_id, 98)

    answers = await asyncio.gather(*(report(main.client.patient, prospect()) for _ in range(callers)))

    assert outcomes(answers) == [[]] + [["REPORT_LIMIT_REACHED"]] * (callers - 1)


async def race_dismissal(api: Api, callers: int) -> None:
    """Customers come by an account manager's link while it loses the role: nobody stays in its charge."""
    partner_id, main = await world.admitted_partner(api)
    manager = await world.member(api, partner_id, Role.ACCOUNT_MANAGER)
    token = await general_token(manager.client)
    customers = [await world.person(api) for _ in range(callers)]
    given = {"id": encode_id("acc", manager.id), "roles": ["FINANCE"], "idempotencyKey": key()}

    changed, *accepted = await asyncio.gather(
        main.client.patient.do("changeMemberRoles", "__typename", **given),
        *(accept(customer.client.patient, token) for customer in customers),
    )

    assert outcomes([changed, *accepted]) == [[]] * (callers + 1)
    assert await api.value("select count(account_manager_id) from customer_association") == 0
    assert await api.value("select count(*) from customer_assignment where ended_at is null") == 0


async def test_customers_of_one_account_manager_need_not_wait_for_each_other(api: Api) -> None:
    partner_id, _ = await world.admitted_partner(api)
    manager = await world.member(api, partner_id, Role.ACCOUNT_MANAGER)
    customer, token = await world.person(api), await general_token(manager.client)
    async with api.database.superuser.transaction():
        await api.database.superuser.execute("select from account where id = $1 for share", manager.id)
        assert codes(await accept(customer.client, token)) == []

    assert await api.value("select account_manager_id from customer_association") == manager.id


async def test_a_customer_waits_for_what_becomes_of_its_account_manager(api: Api) -> None:
    partner_id, _ = await world.admitted_partner(api)
    manager = await world.member(api, partner_id, Role.ACCOUNT_MANAGER)
    customer, token = await world.person(api), await general_token(manager.client)
    superuser = api.database.superuser
    async with superuser.transaction():
        await superuser.execute("update account set roles = '[\"FINANCE\"]' where id = $1", manager.id)
        accepting = asyncio.create_task(accept(customer.client, token))
        while not accepting.done() and not await superuser.fetchval("select count(*) from pg_locks where not granted"):
            await asyncio.sleep(0.01)

    assert codes(await accepting) == []
    assert await api.value("select account_manager_id from customer_association") is None


RACES = (race_partners, race_callers, race_customers, race_links, race_for_the_last_place, race_dismissal)


@pytest.mark.parametrize("race", RACES)
async def test_twenty_at_once(api: Api, race: Any) -> None:
    await race(api, 20)


async def test_an_acceptance_against_a_cancellation(api: Api) -> None:
    await race_cancellation(api, 4)


@pytest.mark.long
@pytest.mark.parametrize("race", RACES)
async def test_two_hundred_at_once(api: Api, race: Any) -> None:
    await race(api, 200)


@pytest.mark.long
async def test_an_acceptance_against_a_cancellation_often(api: Api) -> None:
    await race_cancellation(api, 50)
