"""Paths and solutions as partners live through them: each blocker alone, certificates, closing, certifying, sharing."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from tasks.paths import pass_time as pass_path_time
from tasks.solutions import pass_time
from tests.api.test_paths import refresh
from tests.client import Api, Client, codes, told
from tests.opportunities import join_co_sell, key
from tests.paths import Walker, differentiated, mails, offers, record, select, shown, sibling, step, walker
from tests.paths import certified as certified_on_si
from tests.solutions import builder, certified, create, share
from tests.specialists import path_employer, save_certificate, set_state, specialist

SECOND = timedelta(seconds=1)
YEAR = timedelta(days=365)
Scene = Callable[[Api, Walker], Awaitable[Any]]


def recorded(kind: str) -> Scene:
    """The vendor knows of one."""

    async def scene(_: Api, who: Walker) -> None:
        assert codes(await record(who, kind, 1)) == []

    return scene


async def joins_a_plan(api: Api, who: Walker) -> None:
    await join_co_sell(api, who.partner_id)


async def drafts(_: Api, who: Walker) -> None:
    assert codes(await create(who)) == []


async def drafts_an_advanced_one(_: Api, who: Walker) -> None:
    assert codes(await create(who, kind="ADVANCED")) == []


ALONE: dict[str, Scene] = {
    "PLAN_JOINED": joins_a_plan,
    "SOLUTION": drafts,
    "ADVANCED_SOLUTION": drafts_an_advanced_one,
    "TEST_COUPON": recorded("TEST_COUPONS"),
    "EXAM_VOUCHER": recorded("EXAM_VOUCHERS"),
    "MDF": recorded("MDF_CASES"),
    "EXPERT_INCENTIVE": recorded("EXPERT_INCENTIVES"),
    "DELIVERY_SUPPORT": recorded("DELIVERY_SUPPORTS"),
}
"""Blockers that may stand alone before a role is validated."""


async def kept_by(who: Walker, path: str) -> list[str]:
    """What keeps a partner on a path; the mutation must say the same, each blocker once."""
    offer = (await offers(who))[path]
    kinds = [one["kind"] for one in offer["exitBlockers"]]
    refused = await step(who.api, "exitPath", offer["enrollment"], dryRun=True)
    assert codes(refused) == ["PATH_EXIT_BLOCKED"] * len(kinds)
    assert told(refused, "blocker") == [[kind] for kind in kinds]
    return kinds


class TestExit:
    @pytest.mark.parametrize("blocker", ALONE)
    async def test_each_blocker_alone_keeps_a_partner(self, api: Api, blocker: str) -> None:
        who = await builder(api)
        assert await kept_by(who, "SOFTWARE") == []
        await ALONE[blocker](api, who)
        assert await kept_by(who, "SOFTWARE") == [blocker]

    async def test_a_role_keeps_the_account_on_every_path(self, api: Api) -> None:
        who = await walker(api)
        await certified_on_si(api, who)
        await select(who, "SERVICE")
        assert await kept_by(who, "SI") == ["ROLE_VALIDATED"]
        assert await kept_by(who, "SERVICE") == ["ROLE_VALIDATED"]


class TestCertificate:
    DOCUMENT = (
        "{ paths { code enrollment { certificateNo certificate { number holder pathName stage validTo document } } } }"
    )

    async def of(self, who: Walker, path: str) -> dict[str, Any] | None:
        found = (await who.api.send(self.DOCUMENT)).data["paths"]
        [enrollment] = [one["enrollment"] for one in found if one["code"] == path]
        certificate: dict[str, Any] | None = enrollment["certificate"]
        return certificate

    async def test_it_says_whose_it_is_for_what_and_until_when(self, api: Api) -> None:
        who = await walker(api)
        await select(who, "SERVICE")
        assert await self.of(who, "SERVICE") is None
        held = await differentiated(api, who)
        certificate = await self.of(who, "SI")
        assert certificate is not None
        assert certificate["number"] == held["certificateNo"]
        assert (certificate["stage"], certificate["validTo"]) == ("DIFFERENTIATED", "2027-03-02")
        text = certificate["document"]
        for line in ("Stage: competency differentiated", "阶段：已通过能力差异化认证", "Valid until 2027-03-02"):
            assert line in text
        assert certificate["holder"] in text

    async def test_over_at_its_end_and_gone_with_the_path(self, api: Api) -> None:
        who = await walker(api)
        held = await certified_on_si(api, who)
        end = api.clock() + YEAR
        for at, there in ((end - SECOND, True), (end, False)):
            api.clock.at = at
            await refresh(api)
            assert (await self.of(who, "SI") is not None) is there
        api.clock.at = end - SECOND
        assert codes(await step(who.manager.client, "recordPathExit", held, reason="As agreed.")) == []
        node = "query($id: ID!) { node(id: $id) { ... on PathEnrollment { state certificate { number } } } }"
        found = (await who.api.send(node, id=held["id"])).data["node"]
        assert found == {"state": "EXITED", "certificate": None}


class TestCertifying:
    @pytest.mark.parametrize("renewed", [True, False])
    async def test_a_valid_solution_passes_the_year_that_nobody_submitted(self, api: Api, renewed: bool) -> None:
        who = await builder(api)
        await certified(who)
        held, end = await shown(who, "SOFTWARE"), api.clock() + YEAR
        api.clock.at = end - timedelta(days=10)
        await refresh(api)
        if renewed:
            await certified(who)
        assert await pass_path_time(api.settings, api.clock) == 1
        api.clock.at = end - SECOND
        assert await pass_path_time(api.settings, api.clock) == 0
        api.clock.at = end
        await pass_time(api.settings, api.clock)
        assert [await pass_path_time(api.settings, api.clock) for _ in range(2)] == [1, 0]
        await refresh(api)

        now = await shown(who, "SOFTWARE")
        assert (now["state"], now["annualState"]) == ("CERTIFIED" if renewed else "SELECTED", "NOT_DUE")
        assert now["validUntil"] == ("2028-03-02T04:00:00.000Z" if renewed else None)
        assert now["certificateNo"] != held["certificateNo"]
        told = set(await mails(api, who))
        assert ("path_annual_passed" in told, "path_lapsed" in told) == (renewed, not renewed)

    async def test_an_advanced_share_carries_the_role_and_the_application_for_the_top(self, api: Api) -> None:
        first = await builder(api)
        second = await sibling(api, first)
        await select(second, "SOFTWARE")
        solution = await certified(first, kind="ADVANCED")
        assert codes(await share(second, solution)) == []
        held = await shown(second, "SOFTWARE")
        assert held["state"] == "CERTIFIED"
        assert codes(await step(second.api, "applyDifferentiation", held)) == []

    async def test_without_its_advanced_solution_the_top_is_at_risk(self, api: Api) -> None:
        who = await builder(api)
        await certified(who, kind="ADVANCED")
        held = await shown(who, "SOFTWARE")
        await step(who.api, "applyDifferentiation", held)
        await self.approve(who)
        api.clock.advance(days=200)
        await refresh(api)
        await certified(who)
        api.clock.advance(days=165)
        await pass_time(api.settings, api.clock)
        await refresh(api)
        now = await shown(who, "SOFTWARE")
        assert (now["state"], now["atRisk"]) == ("DIFFERENTIATED", True)

    async def test_a_top_approved_when_its_advanced_solution_is_over_is_at_risk(self, api: Api) -> None:
        who = await builder(api)
        await certified(who, kind="ADVANCED")
        api.clock.advance(days=200)
        await refresh(api)
        await certified(who)
        api.clock.advance(days=164)
        await refresh(api)
        assert codes(await step(who.api, "applyDifferentiation", await shown(who, "SOFTWARE"))) == []
        api.clock.advance(days=1)
        await pass_time(api.settings, api.clock)
        await refresh(api)
        assert (await shown(who, "SOFTWARE"))["atRisk"] is False
        await self.approve(who)
        now = await shown(who, "SOFTWARE")
        assert (now["state"], now["atRisk"]) == ("DIFFERENTIATED", True)
        assert "path_at_risk" in await mails(api, who)

    @pytest.mark.parametrize("renewed", [True, False])
    async def test_who_falls_to_a_role_that_nothing_carries_stays_at_risk(self, api: Api, renewed: bool) -> None:
        who = await builder(api)
        await certified(who, kind="ADVANCED")
        assert codes(await step(who.api, "applyDifferentiation", await shown(who, "SOFTWARE"))) == []
        await self.approve(who)
        api.clock.advance(days=350)
        await refresh(api)
        if renewed:
            await certified(who)
        await pass_path_time(api.settings, api.clock)
        api.clock.advance(days=15)
        await pass_time(api.settings, api.clock)
        await refresh(api)
        assert (await shown(who, "SOFTWARE"))["atRisk"] is True
        await pass_path_time(api.settings, api.clock)
        now = await shown(who, "SOFTWARE")
        assert (now["state"], now["atRisk"]) == ("CERTIFIED", not renewed)
        assert await api.value("select count(*) from event where type = 'path.endangered'") == 1

    async def approve(self, who: Walker) -> None:
        document = "{ reviewQueue(filter: {kinds: [PATH_DIFFERENTIATION]}) { nodes { id } } }"
        [case] = (await who.manager.client.send(document)).data["reviewQueue"]["nodes"]
        given = {"id": case["id"], "approve": True, "idempotencyKey": key()}
        assert codes(await who.manager.client.do("decideReview", "review { id }", **given)) == []

    async def test_a_stage_at_risk_does_not_pass_its_year(self, api: Api) -> None:
        who = await builder(api)
        await certified(who)
        api.clock.advance(days=330)
        await pass_path_time(api.settings, api.clock)
        await refresh(api)
        held = await shown(who, "SOFTWARE")
        assert held["annualState"] == "DUE"
        api.clock.advance(days=35, seconds=-1)
        await refresh(api)
        dry = {"dryRun": True}
        assert codes(await step(who.api, "submitAnnualReview", held, **dry)) == []
        api.clock.advance(seconds=1)
        assert codes(await step(who.api, "submitAnnualReview", held, **dry)) == [
            "PATH_REVIEW_OVER",
            "REQUIREMENTS_NOT_MET",
        ]
        await pass_path_time(api.settings, api.clock)
        await refresh(api)
        assert (await shown(who, "SOFTWARE"))["state"] == "SELECTED"

    @pytest.mark.parametrize("path", ["LEARNING", "SI", "DISTRIBUTOR"])
    async def test_who_was_not_invited_is_told_so_before_and_after(self, api: Api, path: str) -> None:
        who = await walker(api)
        [choose] = (await offers(who))[path]["actions"]
        assert choose["blockers"] == [{"code": "PATH_INVITE_ONLY"}]
        assert codes(await select(who, path)) == ["PATH_INVITE_ONLY"]


class TestPeople:
    async def held(self, who: Client) -> tuple[int, int]:
        """How many associate and professional certificates the service path knows of."""
        document = "{ paths { code requirements { kind have } } }"
        found = (await who.send(document)).data["paths"]
        [asked] = [one["requirements"] for one in found if one["code"] == "SERVICE"]
        have = {one["kind"]: one["have"] for one in asked}
        return have["ASSOCIATE_CERTIFICATES"], have["PROFESSIONAL_CERTIFICATES"]

    async def test_valid_certificates_of_real_named_specialists_count(self, api: Api) -> None:
        partner = await path_employer(api)
        who, _ = await specialist(api, partner)
        assert await self.held(partner.main.api) == (0, 0)
        today = api.clock().date()
        told = (
            ("HCCDA", None),
            ("HCIP", today + timedelta(days=1)),
            ("HCCDP", today),
            ("HCIA", today - timedelta(days=1)),
            ("PMP", None),
        )
        for kind, last in told:
            more = {} if last is None else {"expiresOn": last.isoformat()}
            assert codes(await save_certificate(who.api, kind=kind, number=f"N-{kind}", **more)) == []
        assert await self.held(partner.main.api) == (1, 2)
        api.clock.advance(days=1)
        await refresh(api)
        assert await self.held(partner.main.api) == (1, 1)

    async def test_not_of_whoever_is_no_specialist_or_not_real_named(self, api: Api) -> None:
        partner = await path_employer(api)
        who, binding = await specialist(api, partner)
        assert codes(await save_certificate(who.api, kind="HCCDE", number="N-1")) == []
        for state, count in (("CANCEL_REVIEW", 1), ("CANCELLED", 0), ("BOUND", 0), ("SPECIALIST", 1)):
            await set_state(api, binding, state)
            assert await self.held(partner.main.api) == (0, count)
        await api.rows("update account set real_name_kind = 'ENTERPRISE' where id = $1 returning id", who.account_id)
        assert await self.held(partner.main.api) == (0, 0)
        stranger = await path_employer(api)
        assert await self.held(stranger.main.api) == (0, 0)
