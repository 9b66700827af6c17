"""Applications for higher tiers through the API: what they ask for, who makes them, verdicts, and what ends them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING
from models.plans import PlanMembership
from resolvers.verify import verify
from rules.access import Role
from rules.paths import PathCode, PathState
from rules.plans import PlanCode
from rules.sites import Site
from rules.specialists import BindingState
from tests import world
from tests.api.test_plans import policy
from tests.client import Api, codes
from tests.opportunities import key, staff
from tests.tiers import (
    Member,
    acknowledged,
    actions,
    applied,
    decide,
    member,
    offers,
    performed,
    propose,
    upgrade,
    validated,
    verdict,
    waiting_case,
    worthy,
)

NEXT = {Site.CN: "LEADING", Site.INTL: "ADVANCED"}


async def events(api: Api) -> list[str]:
    rows = await api.rows("select type from event where type like 'tier_upgrade.%' order by id")
    return [row["type"] for row in rows]


async def templates(api: Api, who: world.Person) -> list[str]:
    rows = await api.inbox(who.email)
    return [row["template"] for row in rows if row["template"].startswith("tier_")]


async def tiers_of(api: Api, who: Member) -> tuple[str, str]:
    """The tier of the membership and that of the partner."""
    mine = await api.value("select tier from plan_membership where id = $1", who.membership_id)
    return mine, await api.value("select tier from partner where id = $1", who.partner_id)


class TestApplying:
    @pytest.mark.parametrize("site", Site)
    async def test_applied_for_approved_and_told(self, api: Api, site: Site) -> None:
        who, tier = await worthy(api, site), NEXT[site]
        reviewer = await staff(api, Role.VENDOR_REVIEWER, site=site)

        asked = await upgrade(who.api, who.id, tier, statement="We have grown.")

        assert asked["userErrors"] == []
        assert asked["upgrade"] | {"id": "", "version": 0} == {
            "id": "",
            "version": 0,
            "state": "IN_REVIEW",
            "tier": tier,
            "fromTier": "SELECT" if site is Site.CN else "STANDARD",
            "byVendor": False,
            "statement": "We have grown.",
            "reason": None,
        }
        assert [effect["kind"] for effect in asked["effects"]] == ["tier_upgrade.applied"]
        assert (await tiers_of(api, who))[0] == asked["upgrade"]["fromTier"]
        assert codes(await decide(reviewer.client)) == []
        assert await tiers_of(api, who) == (tier, tier)
        assert await events(api) == ["tier_upgrade.applied", "tier_upgrade.approved"]
        assert await templates(api, who.main) == ["tier_upgraded"]
        assert await templates(api, who.manager) == ["tier_upgraded"]
        shown = await who.api.send("{ joinedPlans { tier certificate { tierName } } }")
        assert shown.data["joinedPlans"][0]["tier"] == tier

    @pytest.mark.parametrize("site", Site)
    async def test_just_short_of_each_number(self, api: Api, site: Site) -> None:
        who, tier = await member(api, site), NEXT[site]
        await validated(api, who)
        await performed(api, who, 1_000_000 - 1 if site is Site.CN else 150_000 - 1)
        await acknowledged(api, who, 1)
        await acknowledged(api, who, 1, BindingState.BOUND)

        async def attempt() -> None:
            refused = await upgrade(who.api, who.id, tier)
            assert codes(refused) == ["REQUIREMENTS_NOT_MET"] * 2
            assert (await offers(who.api, who.id))[tier] == codes(refused)
            assert (await actions(who.api, who.id))["UPGRADE_TIER"] == codes(refused)

        assert await api.changes(attempt) == set()
        await acknowledged(api, who, 1)
        await performed(api, who, 1, period="2026-01")
        assert await offers(who.api, who.id) | {"PREMIER": []} == {
            tier: [],
            "PREMIER": [],
            "CORE": ["TIER_BY_MANAGER_ONLY", "REQUIREMENTS_NOT_MET", "REQUIREMENTS_NOT_MET"],
        }
        assert codes(await upgrade(who.api, who.id, tier)) == []

    async def test_performance_of_the_present_month_and_of_long_ago_does_not_count(self, api: Api) -> None:
        who = await member(api)
        await validated(api, who)
        await acknowledged(api, who, 2)
        await performed(api, who, 1_000_000, period="2026-03")
        await performed(api, who, 999_999, period="2025-02")

        assert (await offers(who.api, who.id))["LEADING"] == ["REQUIREMENTS_NOT_MET"]
        await performed(api, who, 1_000_000, period="2025-03")
        assert (await offers(who.api, who.id))["LEADING"] == []

    @pytest.mark.parametrize(
        ("path", "state", "refused"),
        [
            (PathCode.SOFTWARE, PathState.CERTIFIED, []),
            (PathCode.SERVICE, PathState.DIFFERENTIATED, []),
            (PathCode.SI, PathState.DIFFERENTIATION_REVIEW, []),
            (PathCode.SOFTWARE, PathState.ROLE_REVIEW, ["TIER_ROLE_REQUIRED"]),
            (PathCode.SI, PathState.EXITED, ["TIER_ROLE_REQUIRED"]),
            (PathCode.LEARNING, PathState.CERTIFIED, ["TIER_ROLE_REQUIRED"]),
        ],
    )
    async def test_some_account_of_the_company_has_a_validated_role(
        self, api: Api, path: PathCode, state: PathState, refused: list[str]
    ) -> None:
        who = await member(api)
        await performed(api, who, 1_000_000)
        await acknowledged(api, who, 2)
        stranger = await member(api)
        await validated(api, stranger)
        assert (await offers(who.api, who.id))["LEADING"] == ["TIER_ROLE_REQUIRED"]

        await validated(api, who, path, state)

        assert codes(await upgrade(who.api, who.id, "LEADING")) == refused

    async def test_everything_that_is_wrong_at_once(self, api: Api) -> None:
        who = await member(api, tier="LEADING")

        async def attempt() -> None:
            assert codes(await upgrade(who.api, who.id, "CORE")) == [
                "TIER_BY_MANAGER_ONLY",
                "TIER_ROLE_REQUIRED",
                "REQUIREMENTS_NOT_MET",
                "REQUIREMENTS_NOT_MET",
            ]
            refused = await upgrade(who.api, who.id, "SELECT")
            assert codes(refused) == ["TIER_NOT_HIGHER", "TIER_ROLE_REQUIRED"]
            assert refused["userErrors"][0]["path"] == ["input", "tier"]
            assert codes(await upgrade(who.api, who.id, "PREMIER")) == ["PLAN_TIER_INVALID"]
            assert codes(await upgrade(who.api, who.id, "CORE", expectedVersion=7)) == ["CONFLICT"]
            assert codes(await upgrade(who.api, encode_id("pms", uuid7()), "CORE")) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()

    async def test_numbers_follow_the_policy(self, api: Api) -> None:
        who = await member(api)
        await validated(api, who)
        await policy(api, "plans.tier_performance", '["0"]')
        await policy(api, "plans.tier_specialists", "[]")

        assert codes(await upgrade(who.api, who.id, "LEADING")) == []

    async def test_other_plans_and_states(self, api: Api) -> None:
        distributor, left = await member(api, plan=PlanCode.DISTRIBUTOR), await worthy(api)
        async with db.transaction(EVERYTHING):
            await PlanMembership.filter(id=left.membership_id).update(state="EXITED")

        async def attempt() -> None:
            assert codes(await upgrade(distributor.api, distributor.id, "LEADING")) == ["PLAN_TIER_INVALID"]
            refused = codes(await upgrade(left.api, left.id, "LEADING"))
            assert refused[0] == "STATE_CONFLICT"
            assert (await actions(left.api, left.id))["UPGRADE_TIER"] == refused

        assert await api.changes(attempt) == set()
        assert await offers(distributor.api, distributor.id) == await offers(left.api, left.id) == {}

    async def test_one_at_a_time(self, api: Api) -> None:
        who = await worthy(api)

        answers = await asyncio.gather(*(upgrade(who.api, who.id, "LEADING") for _ in range(10)))

        assert sorted(map(codes, answers)) == [[]] + [["TIER_UPGRADE_OPEN"]] * 9
        assert (await actions(who.api, who.id))["UPGRADE_TIER"] == ["TIER_UPGRADE_OPEN"]

    @pytest.mark.long
    async def test_one_at_a_time_of_a_crowd(self, api: Api, patience: None) -> None:
        who = await worthy(api)

        answers = await asyncio.gather(*(upgrade(who.api.patient, who.id, "LEADING") for _ in range(200)))

        assert sorted(map(codes, answers)) == [[]] + [["TIER_UPGRADE_OPEN"]] * 199

    async def test_who_may(self, api: Api) -> None:
        who = await worthy(api)
        clerk = await world.member(api, who.partner_id, Role.MARKETING)
        document = "mutation($input: {0}Input!) {{ {1}(input: $input) {{ __typename }} }}"
        given: dict[str, Any] = {"id": who.id, "tier": "LEADING", "idempotencyKey": key()}
        own, on_behalf = (document.format(name[0].upper() + name[1:], name) for name in ("upgradeTier", "proposeTier"))

        assert (await clerk.client.send(own, input=given)).error["reason"] == "ADMIN_ONLY"
        assert (await who.manager.client.send(own, input=given)).error["reason"] == "ADMIN_ONLY"
        assert (await who.api.send(on_behalf, input=given)).error["reason"] == "PERMISSION_DENIED"


class TestProposing:
    async def test_the_highest_tier_is_the_managers_to_apply_for(self, api: Api) -> None:
        who = await member(api, tier="LEADING")
        await validated(api, who)
        await performed(api, who, 5_000_000)
        await acknowledged(api, who, 5)
        assert (await actions(who.api, who.id))["UPGRADE_TIER"] == ["TIER_BY_MANAGER_ONLY"]
        assert (await actions(who.manager.client, who.id))["PROPOSE_TIER"] == []
        assert codes(await upgrade(who.api, who.id, "CORE")) == ["TIER_BY_MANAGER_ONLY"]

        proposed = await propose(who.manager.client, who.id, "CORE")

        assert proposed["upgrade"]["byVendor"] is True
        assert await api.value("select applied_by from tier_upgrade") == who.manager.id
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        assert codes(await decide(reviewer.client)) == []
        assert await tiers_of(api, who) == ("CORE", "CORE")
        assert await templates(api, who.manager) == ["tier_upgraded"]
        assert (await actions(who.api, who.id))["UPGRADE_TIER"][0] == "TIER_NOT_HIGHER"

    async def test_asks_for_the_same(self, api: Api) -> None:
        who = await member(api, tier="LEADING")

        async def attempt() -> None:
            refused = await propose(who.manager.client, who.id, "CORE")
            assert codes(refused) == ["TIER_ROLE_REQUIRED", "REQUIREMENTS_NOT_MET", "REQUIREMENTS_NOT_MET"]
            assert (await actions(who.manager.client, who.id))["PROPOSE_TIER"] == codes(refused)

        assert await api.changes(attempt) == set()

    async def test_another_manager_who_applied_hears_of_the_verdict_too(self, api: Api) -> None:
        who, colleague = await worthy(api), await staff(api, Role.ECO_MANAGER)
        await propose(colleague.client, who.id, "LEADING")

        await decide(who.manager.client, approve=False, reason="Not this year.")

        for person in (who.main, who.manager, colleague):
            assert await templates(api, person) == ["tier_upgrade_rejected"]


class TestVerdict:
    async def test_rejected_with_the_reason_and_applied_for_again(self, api: Api) -> None:
        who = await worthy(api)
        first = await applied(api, who)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)

        async def without_reason() -> None:
            assert codes(await decide(reviewer.client, approve=False, reason=" ")) == ["REASON_REQUIRED"]

        assert await api.changes(without_reason) == set()
        assert codes(await decide(reviewer.client, approve=False, reason="Show more customers.")) == []

        shown = (await who.api.send("{ tierUpgrades { nodes { id state reason actions { action allowed } } } }")).data
        assert shown["tierUpgrades"]["nodes"] == [
            {
                "id": first["id"],
                "state": "REJECTED",
                "reason": "Show more customers.",
                "actions": [{"action": "WITHDRAW", "allowed": False}],
            }
        ]
        assert "Show more customers." in (await api.inbox(who.main.email))[-1]["body"]
        assert (await tiers_of(api, who))[0] == "SELECT"
        assert (await applied(api, who))["id"] != first["id"]

    async def test_of_two_reviewers_one_decides(self, api: Api) -> None:
        who = await worthy(api)
        await applied(api, who)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        case = await waiting_case(reviewer.client)

        answers = await asyncio.gather(
            *(verdict(reviewer.client, case, approve=approve, reason="No.") for approve in (True, False) * 5)
        )

        assert sorted(map(codes, answers)) == [[]] + [["STATE_CONFLICT"]] * 9
        assert len(await events(api)) == 2

    async def test_withdrawn_before_the_verdict(self, api: Api) -> None:
        who = await worthy(api)
        made = await applied(api, who)
        given = {"id": made["id"], "idempotencyKey": key()}

        withdrawn = await who.api.do("withdrawTierUpgrade", "upgrade { state }", **given)

        assert withdrawn["upgrade"] == {"state": "WITHDRAWN"}
        assert await api.value("select state from review_case where kind = 'PLAN_TIER'") == "WITHDRAWN"

        async def again() -> None:
            anew = {"id": made["id"], "idempotencyKey": key()}
            assert codes(await who.api.do("withdrawTierUpgrade", "upgrade { id }", **anew)) == ["STATE_CONFLICT"]
            stale = {**anew, "expectedVersion": 1, "idempotencyKey": key()}
            assert codes(await who.api.do("withdrawTierUpgrade", "upgrade { id }", **stale)) == ["CONFLICT"]
            other = await member(api)
            mine = {**anew, "idempotencyKey": key()}
            assert codes(await other.api.do("withdrawTierUpgrade", "upgrade { id }", **mine)) == ["NOT_FOUND"]

        changed = await api.changes(again)
        assert not changed & {"tier_upgrade", "review_case"}
        assert codes(await upgrade(who.api, who.id, "LEADING")) == []

    async def test_ends_with_the_membership(self, api: Api) -> None:
        who = await worthy(api)
        await applied(api, who)
        given = {"id": who.id, "idempotencyKey": key()}

        left = await who.manager.client.do("recordPlanExit", "membership { state }", **given)

        assert [effect["kind"] for effect in left["effects"]] == ["tier_upgrade.withdrawn", "plan.exited"]
        assert await api.value("select state from tier_upgrade") == "WITHDRAWN"
        assert await api.value("select state from review_case where kind = 'PLAN_TIER'") == "WITHDRAWN"
        assert (await events(api))[-1] == "tier_upgrade.withdrawn"

    async def test_leaving_and_deciding_at_once_end_in_good_order(self, api: Api) -> None:
        who = await worthy(api)
        await applied(api, who)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        case = await waiting_case(reviewer.client)
        given = {"id": who.id, "idempotencyKey": key()}

        left, decided = await asyncio.gather(
            who.manager.client.do("recordPlanExit", "membership { state }", **given), verdict(reviewer.client, case)
        )

        assert codes(left) == []
        state = await api.value("select state from tier_upgrade")
        assert (codes(decided), state) in (([], "APPROVED"), (["STATE_CONFLICT"], "WITHDRAWN"))
        assert await api.value("select tier from partner where id = $1", who.partner_id) is None


async def test_a_years_end_moves_what_counts(api: Api) -> None:
    who = await worthy(api)
    api.clock.at += timedelta(days=365)
    manager = await staff(api, Role.ECO_MANAGER)

    assert (await actions(manager.client, who.id))["PROPOSE_TIER"] == ["REQUIREMENTS_NOT_MET"]


@pytest.mark.tampers
@pytest.mark.parametrize(
    "damage",
    [
        "update plan_membership set state = 'EXITED'",
        "update tier_upgrade set state = 'APPROVED', ended_at = now()",
        "update review_case set state = 'WITHDRAWN'",
        "delete from review_case",
    ],
)
async def test_an_application_that_waits_for_nobody_is_found(api: Api, damage: str) -> None:
    await applied(api, await worthy(api))
    assert [finding.invariant.name for finding in await verify() if finding.count] == []
    await api.database.superuser.execute(damage)
    assert [finding.invariant.name for finding in await verify() if finding.count] == ["I16"]
