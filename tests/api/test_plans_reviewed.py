"""Plans that the vendor reviews or invites to, tiers, exits agreed on outside, and what may be done when."""

import asyncio
from typing import Any

import pytest

from rules.access import Role
from tests.api.test_plans import change, events, panel, reasons
from tests.client import Api, Client, codes
from tests.distribution import distributor
from tests.factories import Admitted, Person, admitted_partner, application_in_review, join, key, staff


async def applied(api: Api, plan: str = "SOLUTION_PROVIDER") -> tuple[Admitted, dict[str, Any], Person]:
    """A partner, its application in review, and a reviewer."""
    partner = await admitted_partner(api)
    membership = (await join(partner, plan))["membership"]
    assert membership["state"] == "IN_REVIEW"
    return partner, membership, await staff(api, Role.VENDOR_REVIEWER)


async def decide(who: Person, membership: dict[str, Any], approve: bool = True, **more: Any) -> dict[str, Any]:
    return await change(who.api, "decidePlanApplication", membership, approve=approve, **more)


async def invite(who: Person, partner_id: str, plan: str = "DISTRIBUTOR") -> dict[str, Any]:
    given = {"partnerId": partner_id, "plan": plan, "idempotencyKey": key()}
    return await who.api.do("inviteToPlan", "membership { id state version }", **given)


async def requested(who: Client) -> list[tuple[str, str]]:
    answer = await who.send("{ planApplications { nodes { plan state } } }")
    return [(node["plan"], node["state"]) for node in answer.data["planApplications"]["nodes"]]


class TestReview:
    async def test_approved_the_partner_becomes_what_the_plan_makes_it(self, api: Api) -> None:
        partner, membership, reviewer = await applied(api)
        assert await requested(partner.main.api) == [("SOLUTION_PROVIDER", "IN_REVIEW")]
        queue = "{ planApplicationsInReview { nodes { id partner { id } } totalCount { value } } }"
        waiting = (await reviewer.api.send(queue)).data["planApplicationsInReview"]
        assert waiting["nodes"] == [{"id": membership["id"], "partner": {"id": partner.id}}]
        other = "{ planApplicationsInReview(plan: RESELLER) { nodes { id } } }"
        assert (await reviewer.api.send(other)).data["planApplicationsInReview"]["nodes"] == []

        done = await decide(reviewer, membership)

        assert done["userErrors"] == []
        assert (done["membership"]["state"], done["membership"]["tier"]) == ("JOINED", "SELECT")
        assert await panel(partner.main.api) == ["SOLUTION_PROVIDER"]
        assert await requested(partner.main.api) == []
        seen = (await partner.main.api.send("{ partner { kind tier } }")).data["partner"]
        assert seen == {"kind": "SOLUTION_PROVIDER", "tier": "SELECT"}
        assert await events(api) == ["plan.applied", "plan.joined"]
        assert (await api.inbox(str(partner.main.email)))[-1]["template"] == "plan_joined"
        assert await reasons(partner.main.api, "MARKETPLACE_SALES") == []

    async def test_approved_with_a_tier(self, api: Api) -> None:
        partner, membership, reviewer = await applied(api)

        done = await decide(reviewer, membership, tier="CORE")

        assert done["membership"]["tier"] == "CORE"
        assert await api.value("select tier from partner where id = $1", partner.partner_id) == "CORE"

    @pytest.mark.parametrize(("plan", "tier"), [("SOLUTION_PROVIDER", "PREMIER"), ("MARKETPLACE_SELLER", "SELECT")])
    async def test_a_tier_the_site_or_the_plan_does_not_have(self, api: Api, plan: str, tier: str) -> None:
        _, membership, reviewer = await applied(api, plan)

        async def attempt() -> None:
            refused = await decide(reviewer, membership, tier=tier)
            assert codes(refused) == ["PLAN_TIER_INVALID"]
            assert refused["userErrors"][0]["path"] == ["input", "tier"]

        assert await api.changes(attempt) == set()

    async def test_rejected_with_the_reason_and_applied_for_again(self, api: Api) -> None:
        partner, membership, reviewer = await applied(api)

        done = await decide(reviewer, membership, approve=False, reason=" The staff is too small.\n")

        assert (done["membership"]["state"], done["membership"]["reason"]) == ("REJECTED", "The staff is too small.")
        mail = (await api.inbox(str(partner.main.email)))[-1]
        assert mail["template"] == "plan_rejected"
        assert "The staff is too small." in mail["body"]
        assert "Solution provider plan" in mail["body"]
        assert await requested(partner.main.api) == [("SOLUTION_PROVIDER", "REJECTED")]
        again = (await join(partner, "SOLUTION_PROVIDER"))["membership"]
        assert (again["id"], again["state"]) == (membership["id"], "IN_REVIEW")
        assert await events(api) == ["plan.applied", "plan.rejected", "plan.applied"]

    async def test_an_approval_has_no_reason(self, api: Api) -> None:
        _, membership, reviewer = await applied(api)
        done = await decide(reviewer, membership, reason=" Well known.")
        assert (done["membership"]["state"], done["membership"]["reason"]) == ("JOINED", None)

    async def test_a_rejection_needs_its_reason(self, api: Api) -> None:
        _, membership, reviewer = await applied(api)

        async def attempt() -> None:
            assert codes(await decide(reviewer, membership, approve=False)) == ["REASON_REQUIRED"]
            assert codes(await decide(reviewer, membership, approve=False, reason=" ")) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize("approve", [True, False])
    async def test_decided_once(self, api: Api, approve: bool) -> None:
        _, membership, reviewer = await applied(api)
        await decide(reviewer, membership, approve=not approve, reason="No.")

        async def attempt() -> None:
            assert codes(await decide(reviewer, membership, approve, reason="No.")) == ["STATE_CONFLICT"]
            assert codes(await decide(reviewer, membership, approve, expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_of_two_reviewers_one_decides(self, api: Api) -> None:
        partner, membership, reviewer = await applied(api)

        answers = await asyncio.gather(
            *(decide(reviewer, membership, approve, reason="No.") for approve in (True, False) * 5)
        )

        assert sorted(map(codes, answers)) == [[]] + [["STATE_CONFLICT"]] * 9
        templates = [message["template"] for message in await api.inbox(str(partner.main.email))]
        assert len([name for name in templates if name.startswith("plan_")]) == 1

    async def test_withdrawn_before_the_decision(self, api: Api) -> None:
        partner, membership, reviewer = await applied(api)

        withdrawn = await change(partner.main.api, "withdrawPlanApplication", membership)

        assert withdrawn["membership"]["state"] == "WITHDRAWN"
        assert codes(await decide(reviewer, membership)) == ["STATE_CONFLICT"]

        async def attempt() -> None:
            assert codes(await change(partner.main.api, "withdrawPlanApplication", membership)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        again = (await join(partner, "SOLUTION_PROVIDER"))["membership"]
        assert again["id"] != membership["id"]
        assert await events(api) == ["plan.applied", "plan.withdrawn", "plan.applied"]

    async def test_a_resellers_application_goes_on_to_the_distributor(self, api: Api) -> None:
        partner, reviewer = await admitted_partner(api), await staff(api, Role.VENDOR_REVIEWER)
        membership = (await join(partner, "RESELLER", distributorId=(await distributor(api)).id))["membership"]

        done = await decide(reviewer, membership, tier="LEADING")

        assert done["membership"]["state"] == "DISTRIBUTOR_REVIEW"
        assert await panel(partner.main.api) == []
        assert (await events(api))[-2:] == ["plan.applied", "plan.passed_on"]
        assert await api.value("select kind from partner where id = $1", partner.partner_id) is None

    async def test_partners_do_not_decide(self, api: Api) -> None:
        partner, membership, _ = await applied(api)
        for name in ("decidePlanApplication", "recordPlanExit"):
            document = (
                f"mutation($input: {name[0].upper() + name[1:]}Input!) {{ {name}(input: $input) {{ __typename }} }}"
            )
            given: dict[str, Any] = {"id": membership["id"], "idempotencyKey": key()}
            given |= {"approve": True} if name.startswith("decide") else {}
            assert (await partner.main.api.send(document, input=given)).error["reason"] == "PERMISSION_DENIED"


class TestInvitation:
    async def test_invited_applied_and_joined(self, api: Api) -> None:
        partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)

        invited = await invite(manager, partner.id)

        assert invited["userErrors"] == []
        assert invited["membership"]["state"] == "INVITED"
        mail = (await api.inbox(str(partner.main.email)))[-1]
        assert mail["template"] == "plan_invited"
        assert f"/plan-invitation#{invited['membership']['id']}" in mail["body"]
        assert await requested(partner.main.api) == [("DISTRIBUTOR", "INVITED")]
        membership = (await join(partner, "DISTRIBUTOR"))["membership"]
        assert (membership["id"], membership["state"]) == (invited["membership"]["id"], "IN_REVIEW")
        await decide(manager, membership)
        assert (await partner.main.api.send("{ partner { kind } }")).data["partner"] == {"kind": "DISTRIBUTOR"}
        assert await events(api) == ["plan.invited", "plan.applied", "plan.joined"]

    async def test_invited_once(self, api: Api) -> None:
        partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
        await invite(manager, partner.id)

        async def attempt() -> None:
            assert codes(await invite(manager, partner.id)) == ["PLAN_ALREADY_JOINED"]

        assert await api.changes(attempt) == set()

    async def test_plans_that_one_joins_by_oneself(self, api: Api) -> None:
        partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)

        async def attempt() -> None:
            assert codes(await invite(manager, partner.id, "CO_SELL")) == ["PLAN_NOT_INVITABLE"]

        assert await api.changes(attempt) == set()

    async def test_only_partners_of_the_network(self, api: Api) -> None:
        _, partner_id = await application_in_review(api)
        manager = await staff(api, Role.ECO_MANAGER)

        async def attempt() -> None:
            assert codes(await invite(manager, partner_id)) == ["HCPN_REQUIRED"]

        assert await api.changes(attempt) == set()


class TestExit:
    async def test_a_selling_plan_is_left_through_the_vendor(self, api: Api) -> None:
        partner, membership, reviewer = await applied(api)
        await decide(reviewer, membership)

        async def attempt() -> None:
            refused = await change(partner.main.api, "exitPlan", membership)
            assert codes(refused) == ["PLAN_EXIT_OFFLINE_ONLY"]

        assert await api.changes(attempt) == set()
        left = await change(reviewer.api, "recordPlanExit", membership, reason=" Agreed on 1 March. ")
        assert (left["membership"]["state"], left["membership"]["reason"]) == ("EXITED", "Agreed on 1 March.")
        assert await panel(partner.main.api) == []
        seen = (await partner.main.api.send("{ partner { kind tier } }")).data["partner"]
        assert seen == {"kind": None, "tier": None}
        assert (await events(api))[-1] == "plan.exited"

        async def again() -> None:
            assert codes(await change(reviewer.api, "recordPlanExit", membership)) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()

    async def test_before_joining_both_reasons(self, api: Api) -> None:
        partner, membership, _ = await applied(api)

        async def attempt() -> None:
            refused = await change(partner.main.api, "exitPlan", membership)
            assert codes(refused) == ["STATE_CONFLICT", "PLAN_EXIT_OFFLINE_ONLY"]

        assert await api.changes(attempt) == set()


async def actions(who: Client, membership: dict[str, Any]) -> dict[str, list[str]]:
    selection = "... on PlanMembership { actions { action allowed blockers { code } } }"
    answer = await who.send(f'{{ node(id: "{membership["id"]}") {{ {selection} }} }}')
    found = answer.data["node"]["actions"]
    assert all(one["allowed"] == (not one["blockers"]) for one in found)
    return {one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in found}


async def test_actions_say_what_the_mutations_do(api: Api) -> None:
    partner, membership, reviewer = await applied(api)
    main = partner.main.api

    assert await actions(main, membership) == {
        "JOIN": ["PLAN_ALREADY_JOINED"],
        "DECLINE": ["STATE_CONFLICT"],
        "REVOKE": ["PERMISSION_DENIED"],
        "WITHDRAW": [],
        "RENEW": ["STATE_CONFLICT", "PLAN_WITHOUT_END"],
        "ACCEPT_AGREEMENT": ["STATE_CONFLICT", "PLAN_AGREEMENT_ACCEPTED"],
        "EXIT": ["STATE_CONFLICT", "PLAN_EXIT_OFFLINE_ONLY"],
        "DECIDE": ["PERMISSION_DENIED"],
        "RECORD_EXIT": ["PERMISSION_DENIED"],
        "UPGRADE_TIER": ["STATE_CONFLICT", "TIER_ROLE_REQUIRED"],
        "PROPOSE_TIER": ["PERMISSION_DENIED"],
    }
    assert await actions(reviewer.api, membership) == {
        "JOIN": ["ADMIN_ONLY"],
        "DECLINE": ["ADMIN_ONLY"],
        "REVOKE": ["PERMISSION_DENIED"],
        "WITHDRAW": ["ADMIN_ONLY"],
        "RENEW": ["ADMIN_ONLY"],
        "ACCEPT_AGREEMENT": ["ADMIN_ONLY"],
        "EXIT": ["ADMIN_ONLY"],
        "DECIDE": [],
        "RECORD_EXIT": ["STATE_CONFLICT"],
        "UPGRADE_TIER": ["ADMIN_ONLY"],
        "PROPOSE_TIER": ["PERMISSION_DENIED"],
    }
    await decide(reviewer, membership, approve=False, reason="No.")
    assert (await actions(main, membership))["JOIN"] == []
    assert (await actions(main, membership))["WITHDRAW"] == ["STATE_CONFLICT"]
    assert codes(await join(partner, "SOLUTION_PROVIDER")) == []
    await decide(reviewer, membership)
    assert (await actions(reviewer.api, membership))["RECORD_EXIT"] == []
    assert (await actions(main, membership))["EXIT"] == ["PLAN_EXIT_OFFLINE_ONLY"]
