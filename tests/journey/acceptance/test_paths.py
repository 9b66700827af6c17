"""Acceptance scenarios 6 to 9: development paths, certified solutions, and what follows from plan and stage."""

from datetime import timedelta

import pytest

from rules.sites import Site
from tasks.solutions import pass_time
from tests import opportunities as po
from tests import paths
from tests.api.test_paths import refresh
from tests.client import Api, codes, told
from tests.opportunities import done, key
from tests.paths import Walker, select, shown, sibling, step, walker
from tests.solutions import builder, certified, sharable, share

pytestmark = pytest.mark.parametrize("site", Site)
SECOND, YEAR = timedelta(seconds=1), timedelta(days=365)
REGION = {Site.CN: po.HANGZHOU, Site.INTL: "SG"}


async def test_06_with_a_certified_software_role_neither_the_path_nor_the_account_is_left(api: Api, site: Site) -> None:
    who = await builder(api, site)
    await certified(who)
    closing = await who.api.do("cancelAccount", "__typename", idempotencyKey=key())
    assert codes(closing) == ["PATH_EXIT_REQUIRED"]

    held = await shown(who, "SOFTWARE")
    leaving = await step(who.api, "exitPath", held)
    assert codes(leaving) == ["PATH_EXIT_BLOCKED"] * 2
    assert told(leaving, "blocker") == [["ROLE_VALIDATED"], ["SOLUTION"]]

    assert codes(await step(who.manager.client, "recordPathExit", held, reason="As agreed.")) == []
    closing = await who.api.do("cancelAccount", "__typename", idempotencyKey=key())
    assert codes(closing) == ["STEP_UP_REQUIRED"]


async def test_07_a_certified_solution_carries_the_role_of_its_company_and_flags_it_at_its_end(
    api: Api, site: Site
) -> None:
    first = await builder(api, site)
    second = await sibling(api, first, site)
    await select(second, "SOFTWARE")
    solution = await certified(first)
    end = api.clock() + YEAR
    assert (await shown(first, "SOFTWARE"))["state"] == "CERTIFIED"
    assert (await shown(second, "SOFTWARE"))["state"] == "SELECTED"
    assert await sharable(second) == ["Port analytics"]
    assert "solution_sharable" in await paths.mails(api, second)
    assert codes(await share(second, solution)) == []
    assert (await shown(second, "SOFTWARE"))["state"] == "CERTIFIED"

    for at, endangered in ((end - SECOND, False), (end, True)):
        api.clock.at = at
        await pass_time(api.settings, api.clock)
        await refresh(api)
        for who in (first, second):
            now = await shown(who, "SOFTWARE")
            assert (now["state"], now["atRisk"]) == ("CERTIFIED", endangered)


async def test_08_who_was_not_invited_chooses_no_learning_path(api: Api, site: Site) -> None:
    who = await walker(api, site)
    assert codes(await select(who, "LEARNING")) == ["PATH_INVITE_ONLY"]
    assert codes(await paths.invite(who, "LEARNING")) == []
    invited = await shown(who, "LEARNING")
    assert codes(await step(who.api, "acceptPathInvitation", invited)) == []


HO = "{ joinedPlans { plan } hoEligibility { eligible reasons { code } } }"


async def shared(who: Walker) -> tuple[list[str], list[str]]:
    """The plans that the panel lists, and what keeps the vendor's own opportunities from the partner."""
    found = (await who.api.send(HO)).data
    reasons = [one["code"] for one in found["hoEligibility"]["reasons"]]
    assert found["hoEligibility"]["eligible"] == (not reasons)
    return [one["plan"] for one in found["joinedPlans"]], reasons


async def delivered(api: Api, at: po.Desk, site: Site) -> None:
    """One more opportunity of the partner, signed and delivered today."""
    mobiles = {} if site is Site.CN else {"contactMobile": "+6591234567", "partnerContactMobile": "+6591234568"}
    opportunity = await po.verified(api, at, customerRegion=REGION[site], expectedRevenue="30000.00", **mobiles)
    await done(await po.sign(at.main.client, opportunity, amount="30000.00"))
    await done(await po.deliver(at.main.client, opportunity))


async def test_09_the_vendor_shares_its_opportunities_by_plan_stage_and_deliveries(api: Api, site: Site) -> None:
    at = await po.desk(api, regions=(REGION[site],), site=site)
    who = Walker(at.partner_id, at.main, at.manager)
    assert await shared(who) == (["CO_SELL"], ["HO_STAGE_REQUIRED"])
    await paths.certified(api, who)
    for _ in range(2):
        await delivered(api, at, site)
    assert await shared(who) == (["CO_SELL"], ["HO_DELIVERIES_REQUIRED"])
    await delivered(api, at, site)
    assert await shared(who) == (["CO_SELL"], [])


async def test_09_the_top_stage_needs_no_delivery_but_the_plan(api: Api, site: Site) -> None:
    who = await walker(api, site)
    await paths.differentiated(api, who)
    assert await shared(who) == ([], ["PCE_NOT_JOINED"])
    given = {"plan": "CO_SELL", "agreementVersion": "1.0", "idempotencyKey": key()}
    assert codes(await who.api.do("joinPlan", "membership { state }", **given)) == []
    assert await shared(who) == (["CO_SELL"], [])
