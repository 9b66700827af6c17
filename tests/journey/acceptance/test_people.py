"""Acceptance scenarios 1 to 5 and 16: a partner's employees, and the roles of its members."""

import asyncio
from datetime import datetime, timedelta

import pytest

from core.ids import encode_id
from rules.access import Role
from rules.accounts import RealNameKind
from rules.sites import Site
from tests import world
from tests.api.test_members_roles import add, change
from tests.api.test_paths import refresh
from tests.client import Api, Client, codes
from tests.factories import Admitted, add_member, key, sign_in
from tests.specialists import (
    accept,
    ask_cancellation,
    bound,
    employee,
    employer_on,
    invite,
    specialist,
    token_sent_to,
    unbind,
    verdict,
)

pytestmark = pytest.mark.parametrize("site", Site)
MINUTE, WEEK = timedelta(minutes=1), timedelta(days=7)
UNBIND = "mutation($input: UnbindSpecialistInput!) { unbindSpecialist(input: $input) { __typename } }"
PROFILES = "{ specialistBindings { nodes { state profile { baseLocation } } } }"


async def of_member(api: Api, partner: Admitted, role: Role, site: Site) -> Client:
    """A member of the partner with this role."""
    colleague = await world.member(api, partner.partner_id, role, site=site)
    return (await sign_in(api, colleague.id)).api


async def wait_until(api: Api, instant: datetime) -> None:
    """The clock, and everybody still signed in."""
    api.clock.at = instant
    await refresh(api)


async def test_01_only_the_main_account_unbinds_and_a_specialist_is_cancelled_first(api: Api, site: Site) -> None:
    own = await employer_on(api, site)
    _, binding = await specialist(api, own, site)
    administrator = await of_member(api, own, Role.SYSTEM_ADMIN, site)
    refused = await administrator.send(UNBIND, input={"id": binding, "idempotencyKey": key()})
    assert refused.error["reason"] == "ADMIN_ONLY"
    assert codes(await unbind(own.main.api, binding)) == ["SPECIALIST_MUST_BE_CANCELLED"]

    assert codes(await ask_cancellation(own.main.api, binding)) == []
    assert codes(await unbind(own.main.api, binding)) == ["SPECIALIST_MUST_BE_CANCELLED"]
    assert codes(await verdict(api, site=site)) == []
    shown = (await own.main.api.send(PROFILES)).data["specialistBindings"]["nodes"]
    assert shown == [{"state": "CANCELLED", "profile": {"baseLocation": "杭州"}}]

    assert codes(await unbind(own.main.api, binding)) == []
    shown = (await own.main.api.send(PROFILES)).data["specialistBindings"]["nodes"]
    assert shown == [{"state": "UNBOUND", "profile": None}]


async def test_02_a_link_opens_for_seven_days_and_another_invitation_works(api: Api, site: Site) -> None:
    own, early, late = await employer_on(api, site), await employee(api, site=site), await employee(api, site=site)
    for who in (early, late):
        assert codes(await invite(own.main.api, who.email)) == []
    end = api.clock() + WEEK
    old = await token_sent_to(api, late.email)

    await wait_until(api, end - MINUTE)
    assert codes(await accept(early.api, token=await token_sent_to(api, early.email))) == []
    await wait_until(api, end + MINUTE)
    assert codes(await accept(late.api, token=old)) == ["LINK_EXPIRED"]

    assert codes(await invite(own.main.api, late.email)) == []
    assert codes(await accept(late.api, token=old)) == ["LINK_EXPIRED"]
    assert codes(await accept(late.api, token=await token_sent_to(api, late.email))) == []


async def test_03_a_fourth_partner_waits_a_year_from_the_first(api: Api, site: Site) -> None:
    """The year is twelve calendar months, which decides where the chapter counts 365 days."""
    who, day = await employee(api, site=site), timedelta(days=1)
    first = api.clock()
    for _ in range(3):
        partner = await employer_on(api, site)
        _, binding = await bound(api, partner, who)
        assert codes(await unbind(partner.main.api, binding)) == []
        await wait_until(api, api.clock() + day)
    fourth = await employer_on(api, site)
    assert codes(await invite(fourth.main.api, who.email)) == ["INVITEE_PARTNER_LIMIT"]

    year_later = first.replace(year=first.year + 1)
    await wait_until(api, year_later - timedelta(milliseconds=1))
    assert codes(await invite(fourth.main.api, who.email)) == ["INVITEE_PARTNER_LIMIT"]
    await wait_until(api, year_later)
    invited = await invite(fourth.main.api, who.email)
    assert codes(invited) == []
    assert codes(await accept(who.api, id=invited["invitation"]["id"])) == []


async def test_04_the_mainland_site_alone_asks_for_a_real_name(api: Api, site: Site) -> None:
    own, unnamed = await employer_on(api, site), await employee(api, site=site, real_name=None)
    invited = await invite(own.main.api, unnamed.email)
    if site is Site.CN:
        assert codes(invited) == ["INVITEE_REALNAME_REQUIRED"]
    else:
        assert codes(await accept(unnamed.api, id=invited["invitation"]["id"])) == []
    a_company = await employee(api, site=site, real_name=RealNameKind.ENTERPRISE)
    assert codes(await invite(own.main.api, a_company.email)) == ["INVITEE_ENTERPRISE_REALNAME"]


async def test_05_two_at_once_bind_a_person_once(api: Api, site: Site) -> None:
    who = await employee(api, site=site)
    invited = [await invite((await employer_on(api, site)).main.api, who.email) for _ in range(2)]
    answers = await asyncio.gather(*(accept(who.api.patient, id=one["invitation"]["id"]) for one in invited))
    assert sorted(map(codes, answers)) == [[], ["INVITEE_BOUND_ELSEWHERE"]]
    assert await api.value("select count(*) from specialist_binding where unbound_at is null") == 1


async def test_16_roles_that_do_not_go_together_and_custom_ones(api: Api, site: Site) -> None:
    own = await employer_on(api, site)
    contact = {} if site is Site.CN else {"mobile": None}
    impossible = {
        "ROLE_COUNT": [Role.FINANCE, Role.OPERATIONS, Role.MARKETING, Role.SA_SPECIALIST],
        "ROLE_EXCLUSIVE_ADMIN": [Role.SYSTEM_ADMIN, Role.FINANCE],
        "ROLE_CONFLICT": [Role.ACCOUNT_MANAGER, Role.ACCOUNT_DIRECTOR],
    }
    for code, roles in impossible.items():
        assert codes(await add_member(own, *roles, **contact)) == [code]

    made = [await add(own.main.api, f"Role {number}") for number in range(10)]
    assert [codes(one) for one in made] == [[]] * 10
    assert codes(await add(own.main.api, "Eleventh")) == ["ROLE_LIMIT"]
    used, unused = made[0]["role"]["id"], made[1]["role"]["id"]
    assert codes(await add_member(own, customRoleIds=[used], **contact)) == []
    assert codes(await change(own.main.api, "deleteRole", used)) == ["ROLE_IN_USE"]
    assert codes(await change(own.main.api, "deleteRole", unused)) == []


async def test_16_an_account_manager_with_another_role_sees_every_customer(api: Api, site: Site) -> None:
    partner_id, _ = await world.admitted_partner(api, site)
    alone = await world.member(api, partner_id, Role.ACCOUNT_MANAGER, site=site)
    both = await world.member(api, partner_id, Role.ACCOUNT_MANAGER, Role.FINANCE, site=site)
    own, others = [await world.associated_customer(api, partner_id, site=site) for _ in range(2)]
    await world.put_in_charge(api, alone.id, own[2])

    async def seen(client: Client) -> set[str]:
        return {node["id"] for node in (await client.send("{ customers { nodes { id } } }")).data["customers"]["nodes"]}

    own_id, other_id = [encode_id("cus", customer[1]) for customer in (own, others)]
    assert await seen(alone.client) == {own_id}
    assert await seen(both.client) == {own_id, other_id}
