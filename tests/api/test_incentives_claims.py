"""Incentives after the end of a selling plan: claimed within a year, then gone, through the API and the job."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from rules.access import Role
from rules.sites import Site
from tasks.incentives import lapse_unclaimed, pass_deadlines
from tests import earning, tiers
from tests.client import Api, codes
from tests.earning import RESALE, balances
from tests.opportunities import key, staff

INSTANT = timedelta(microseconds=1)
EARNED = (RESALE, 1_000_000_00)


async def leave(api: Api, who: tiers.Member) -> datetime:
    """The vendor records the exit; when its incentives can be claimed no more."""
    manager = await staff(api, Role.ECO_MANAGER, site=who.site)
    given = {"id": who.id, "idempotencyKey": key()}
    left = await manager.client.do("recordPlanExit", "membership { state }", **given)
    assert codes(left) == [], left
    return api.clock() + timedelta(days=365)


async def earned(api: Api, site: Site = Site.CN) -> tuple[tiers.Member, str]:
    """A member with a confirmed incentive that it has not claimed."""
    who = await tiers.member(api, site)
    await earning.certify(api, who.stage, site)
    [made] = await earning.confirmed(api, who.stage, EARNED, currency=site.currency)
    return who, made


async def at(api: Api, instant: datetime, who: tiers.Member) -> tiers.Member:
    """Time passes, and everybody signs in again."""
    api.clock.at = instant
    stage = await earning.awake(api, who.stage)
    return replace(who, stage=stage, main=stage.world.main)


async def lapse(api: Api) -> int:
    return await lapse_unclaimed(api.settings, api.clock)


async def seen(who: tiers.Member, incentive: str) -> dict[str, Any]:
    selection = "status claimUntil actions { action blockers { code } }"
    answer = await who.stage.clerk.send(f'{{ node(id: "{incentive}") {{ ... on Incentive {{ {selection} }} }} }}')
    found: dict[str, Any] = answer.data["node"]
    actions = {one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in found["actions"]}
    return {**found, "actions": actions}


async def letters(api: Api, who: tiers.Member) -> list[str]:
    names = {"incentives_claimable", "incentive_lapsed"}
    return sorted(row["template"] for row in await api.inbox(who.main.email) if row["template"] in names)


class TestClaiming:
    @pytest.mark.parametrize("site", Site)
    async def test_until_the_last_instant_of_the_year(self, api: Api, site: Site) -> None:
        who, made = await earned(api, site)
        assert (await seen(who, made))["claimUntil"] is None

        end = await leave(api, who)

        assert await api.value("select claim_until from incentive") == end
        assert await letters(api, who) == ["incentives_claimable"]
        who = await at(api, end - INSTANT, who)
        assert await api.changes(lambda: lapse(api)) == set()
        assert (await seen(who, made))["actions"]["REQUEST_PAYOUT"] == []
        assert codes(await earning.pay_out(who.stage.clerk, made)) == []
        assert (await seen(who, made))["status"] == "PAID"

    async def test_not_from_the_end_on_though_no_job_has_marked_it(self, api: Api) -> None:
        who, made = await earned(api)
        end = await leave(api, who)
        who = await at(api, end, who)

        async def attempt() -> None:
            assert codes(await earning.pay_out(who.stage.clerk, made)) == ["INCENTIVE_CLAIM_OVER"]
            assert (await seen(who, made))["actions"]["REQUEST_PAYOUT"] == ["INCENTIVE_CLAIM_OVER"]

        assert await api.changes(attempt) == set()

    async def test_what_waits_to_be_confirmed_is_refused_too(self, api: Api) -> None:
        who = await tiers.member(api)
        await leave(api, who)
        who = await at(api, api.clock() + timedelta(days=364), who)
        [made] = await earning.generated(api, who.stage, EARNED, period="2027-01")
        assert (await seen(who, made))["actions"]["CONFIRM"] == []
        who = await at(api, api.clock() + timedelta(days=1), who)

        async def attempt() -> None:
            refused = await earning.confirm(who.stage.clerk, made)
            assert [error["code"] for error in refused["results"][0]["userErrors"]] == ["INCENTIVE_CLAIM_OVER"]
            assert (await seen(who, made))["actions"]["CONFIRM"] == ["INCENTIVE_CLAIM_OVER"]

        assert await api.changes(attempt) == set()
        assert await lapse(api) == 1
        assert (await seen(who, made))["status"] == "LAPSED"
        assert await balances(api) == {}

    async def test_what_is_made_after_the_end_has_the_same_end(self, api: Api) -> None:
        who = await tiers.member(api)
        end = await leave(api, who)
        who = await at(api, api.clock() + timedelta(days=60), who)

        await earning.generated(api, who.stage, EARNED, period="2026-03")

        assert await api.value("select claim_until from incentive") == end

    async def test_in_another_selling_plan_what_is_made_has_no_end(self, api: Api) -> None:
        who, made = await earned(api)
        end = await leave(api, who)
        await api.database.superuser.execute("update partner set kind = 'DISTRIBUTOR' where id = $1", who.partner_id)

        await earning.generated(api, who.stage, EARNED, period="2026-01")

        ends = await api.rows("select claim_until from incentive order by generated_at, id")
        assert [row["claim_until"] for row in ends] == [end, None]
        assert (await seen(who, made))["claimUntil"] is not None

    async def test_plans_that_make_nobody_a_seller_change_nothing(self, api: Api) -> None:
        who, made = await earned(api)
        await api.database.superuser.execute("update plan_membership set plan = 'CO_SELL', tier = null")

        given = {"id": who.id, "idempotencyKey": key()}
        assert codes(await who.api.do("exitPlan", "membership { state }", **given)) == []

        assert (await seen(who, made))["claimUntil"] is None
        assert await letters(api, who) == []


class TestLapsing:
    async def test_lapses_once_and_what_was_credited_goes_back(self, api: Api) -> None:
        who, made = await earned(api)
        end = await leave(api, who)
        assert (await balances(api))["INCENTIVE_PAYABLE"] > 0
        who = await at(api, end, who)

        assert await lapse(api) == 1

        shown = await seen(who, made)
        assert shown["status"] == "LAPSED"
        assert shown["actions"]["REQUEST_PAYOUT"] == ["INCENTIVE_CLAIM_OVER"]
        assert await balances(api) == {}
        assert await api.value("select type from event where type like 'incentive.%' order by id desc limit 1") == (
            "incentive.lapsed"
        )
        assert await letters(api, who) == ["incentive_lapsed", "incentives_claimable"]
        assert await api.changes(lambda: lapse(api)) == set()
        totals = "{ incentiveTotals { payable { amount } frozen { amount } } }"
        [sums] = (await who.stage.clerk.send(totals)).data["incentiveTotals"]
        assert sums == {"payable": {"amount": "0.00"}, "frozen": {"amount": "0.00"}}

    async def test_negative_ones_are_offset_first_and_never_lapse(self, api: Api) -> None:
        who, _ = await earned(api)
        positive = await api.value("select amount from incentive")
        [owed] = await earning.confirmed(api, who.stage, (RESALE, -3_000_000_00), period="2026-01")
        negative = await api.value("select amount from incentive where amount < 0")
        end = await leave(api, who)
        who = await at(api, end, who)

        assert await lapse(api) == 1
        assert await lapse(api) == 0

        assert await api.value("select amount from incentive where amount < 0") == negative + positive
        assert (await seen(who, owed))["status"] == "CONFIRMED"

    async def test_a_frozen_one_lapses_as_well(self, api: Api) -> None:
        who, made = await earned(api)
        frozen = {"id": made, "reason": "Its customers have not paid.", "idempotencyKey": key()}
        assert codes(await who.stage.operations.do("freezeIncentive", "incentive { id }", **frozen)) == []
        end = await leave(api, who)
        who = await at(api, end, who)

        assert await lapse(api) == 1

        assert (await seen(who, made))["status"] == "LAPSED"
        totals = "{ incentiveTotals { frozen { amount } } }"
        assert (await who.stage.clerk.send(totals)).data["incentiveTotals"] == [{"frozen": {"amount": "0.00"}}]

    async def test_what_waits_for_its_invoice_lapses_only_when_it_is_rejected(self, api: Api) -> None:
        who = await tiers.member(api)
        await earning.certify(api, who.stage)
        [made] = await earning.confirmed(api, who.stage, (earning.REFERRAL, 10_000_000_00))
        waiting = (await earning.transfer(api, who.stage, made))["payout"]
        end = await leave(api, who)
        who = await at(api, end, who)
        assert await lapse(api) == 0

        given = {"id": waiting["id"], "reason": "No invoice came.", "idempotencyKey": key()}
        assert codes(await who.stage.finance.do("rejectPayout", "payout { id }", **given)) == []
        assert codes(await earning.pay_out(who.stage.clerk, made)) == ["INCENTIVE_CLAIM_OVER"]
        assert await lapse(api) == 1

    async def test_a_passed_deadline_is_dealt_with_first(self, api: Api) -> None:
        who = await tiers.member(api)
        [made] = await earning.generated(api, who.stage, EARNED)
        end = await leave(api, who)
        who = await at(api, end, who)

        assert await lapse(api) == 0
        assert await pass_deadlines(api.settings, api.clock) == 1
        assert (await seen(who, made))["status"] == "CONFIRMED"
        assert await lapse(api) == 1
        assert (await seen(who, made))["status"] == "LAPSED"
        assert await balances(api) == {}

    async def test_claiming_and_lapsing_at_once_pay_once_or_never(self, api: Api) -> None:
        who, made = await earned(api)
        end = await leave(api, who)
        who = await at(api, end - INSTANT, who)

        async def job() -> None:
            api.clock.at = end
            await lapse(api)

        paid, _ = await asyncio.gather(earning.pay_out(who.stage.clerk, made), job())

        status = await api.value("select status from incentive")
        assert (codes(paid), status) in (([], "PAID"), (["INCENTIVE_CLAIM_OVER"], "LAPSED"))
