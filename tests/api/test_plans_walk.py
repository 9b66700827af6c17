"""A partner walks through plans at random: whatever is shown as possible is done, whatever is not is refused as shown.

Before each step `actions`, `eligibility`, `higherTiers` and the exit blockers of the path are read; the step then goes
through the API, and its answer must be what they have said.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from rules.access import Role
from rules.plans import PLANS, PlanCode, compute_higher_tiers
from rules.sites import Site
from tasks.plans import pass_time
from tests import distribution, tiers
from tests.api.test_ledger_model import Dice
from tests.api.test_plans import policy
from tests.client import Api, Client, codes
from tests.factories import Admitted, admitted_partner, key, sign_in, staff

DENIED = {"ADMIN_ONLY", "PERMISSION_DENIED"}
OWN = ("JOIN", "DECLINE", "WITHDRAW", "RENEW", "ACCEPT_AGREEMENT", "EXIT", "UPGRADE_TIER")
VENDORS = ("REVOKE", "DECIDE", "RECORD_EXIT", "PROPOSE_TIER")
MUTATIONS = {
    "JOIN": "joinPlan",
    "DECLINE": "declinePlanInvitation",
    "WITHDRAW": "withdrawPlanApplication",
    "RENEW": "renewPlan",
    "ACCEPT_AGREEMENT": "acceptPlanAgreement",
    "EXIT": "exitPlan",
    "UPGRADE_TIER": "upgradeTier",
    "REVOKE": "revokePlanInvitation",
    "DECIDE": "decidePlanApplication",
    "RECORD_EXIT": "recordPlanExit",
    "PROPOSE_TIER": "proposeTier",
}
MEMBERSHIP = "id plan state tier actions { action blockers { code } }"
MEMBERSHIP += " higherTiers { code eligibility { reasons { code } } }"
CATALOGUE = "{ planCatalogue { code membership { id } eligibility { reasons { code } } } }"
PATH = "{ paths { code enrollment { id } exitBlockers { kind } actions { action blockers { code } } } }"


@dataclass
class Walk:
    """The partner, its distributor, the vendor's manager; what was done how often and how it ended."""

    api: Api
    dice: Dice
    partner: Admitted
    distributor: Admitted
    manager: Client
    operations: Client
    steps: Counter[str] = field(default_factory=Counter)
    known: dict[str, list[str]] = field(default_factory=dict)

    @property
    def main(self) -> Client:
        """The partner's main account."""
        return self.partner.main.api

    def chance(self, percent: int) -> bool:
        """Whether it happens, so many times of a hundred."""
        return self.dice.below(100) < percent

    async def go(self) -> None:
        """One step."""
        moves = {
            self.join: 5,
            self.act: 10,
            self.wait: 2,
            self.invite: 1,
            self.decide_tier: 1,
            self.decide_reseller: 1,
            self.part: 1,
            self.outdate: 1,
            self.change_standing: 1,
            self.path: 2,
        }
        await self.dice.one_of([move for move, weight in moves.items() for _ in range(weight)])()

    async def attempt(self, who: Client, action: str, name: str, expected: list[str], **given: Any) -> dict[str, Any]:
        """Does it; the answer is what was expected, and nothing is left of what is refused."""
        kind = f"{name[0].upper()}{name[1:]}Input"
        document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
        answer = await who.send(document, input={**given, "idempotencyKey": key()})
        if set(expected) & DENIED:
            assert answer.error["reason"] == expected[0], (name, given)
            return {}
        payload: dict[str, Any] = answer.data[name]
        assert sorted(codes(payload)) == sorted(expected), (name, given, self.steps)
        self.steps[f"{action}:{'refused' if expected else 'done'}"] += 1
        return payload

    async def offers(self) -> dict[str, list[str]]:
        """What stands against each plan; its latest membership is known from now on."""
        found = (await self.main.send(CATALOGUE)).data["planCatalogue"]
        for offer in found:
            mine = self.known.setdefault(offer["code"], [])
            if offer["membership"] and offer["membership"]["id"] not in mine:
                mine.append(offer["membership"]["id"])
        return {offer["code"]: [one["code"] for one in offer["eligibility"]["reasons"]] for offer in found}

    async def join(self) -> None:
        """Any plan, by its eligibility."""
        plan = self.dice.one_of(list(PlanCode))
        expected = (await self.offers())[plan.value]
        await self.attempt(self.main, f"join {plan.value}", "joinPlan", expected, **self.application(plan))
        await self.offers()

    def application(self, plan: PlanCode) -> dict[str, Any]:
        """What is given to join a plan."""
        named = {"distributorId": self.distributor.id} if plan is PlanCode.RESELLER else {}
        return {"plan": plan.value, "agreementVersion": PLANS[plan].agreement, **named}

    async def act(self) -> None:
        """Any action of any of the newest memberships, by whoever might."""
        await self.offers()
        newest = [membership for memberships in self.known.values() for membership in memberships[-2:]]
        if not newest:
            return
        membership_id, by_vendor = self.dice.one_of(newest), self.chance(50)
        who = self.manager if by_vendor else self.main
        seen = await self.seen(who, membership_id)
        blockers = {one["action"]: [found["code"] for found in one["blockers"]] for one in seen["actions"]}
        assert set(blockers) == {*OWN, *VENDORS}
        free = [name for name, against in blockers.items() if not against]
        action = self.dice.one_of(free if free and self.chance(60) else list(blockers))
        await self.attempt(who, action, MUTATIONS[action], blockers[action], **self.given(action, seen))

    async def seen(self, who: Client, membership_id: str) -> dict[str, Any]:
        """A membership; its higher tiers say what UPGRADE_TIER says of the next one."""
        document = f'{{ node(id: "{membership_id}") {{ ... on PlanMembership {{ {MEMBERSHIP} }} }} }}'
        found: dict[str, Any] = (await who.send(document)).data["node"]
        [upgrade] = [one["blockers"] for one in found["actions"] if one["action"] == "UPGRADE_TIER"]
        if found["higherTiers"] and who is self.main:
            assert found["higherTiers"][0]["eligibility"]["reasons"] == upgrade
        return found

    def given(self, action: str, seen: dict[str, Any]) -> dict[str, Any]:
        """The input of an action that nothing but its blockers stands against."""
        plan, own = PlanCode(seen["plan"]), {"id": seen["id"]}
        if action == "JOIN":
            return self.application(plan)
        if action in ("RENEW", "ACCEPT_AGREEMENT"):
            return {**own, "agreementVersion": PLANS[plan].agreement}
        if action == "DECIDE":
            return {**own, "approve": self.chance(80), "reason": "As it is."}
        if action in ("UPGRADE_TIER", "PROPOSE_TIER"):
            higher = compute_higher_tiers(PLANS[plan], Site.CN, seen["tier"])
            return {**own, "tier": higher[0].code if higher else seen["tier"] or "CORE"}
        return own

    async def wait(self) -> None:
        """Time passes, the job runs or does not, everybody signs in again."""
        self.api.clock.at += timedelta(days=self.dice.one_of((1, 6, 30, 60, 200, 305)))
        if self.chance(70):
            await pass_time(self.api.settings, self.api.clock)
        await self.wake()

    async def wake(self) -> None:
        """New sessions."""
        self.partner = replace(self.partner, main=await sign_in(self.api, self.partner.main.account_id))
        self.distributor = replace(self.distributor, main=await sign_in(self.api, self.distributor.main.account_id))
        self.manager = (await staff(self.api, Role.ECO_MANAGER)).api
        self.operations = (await staff(self.api, Role.VENDOR_OPS)).api
        if self.chance(70):
            given = {"relations": [], "idempotencyKey": key()}
            assert codes(await self.main.do("declareRelations", "declaration { id }", **given)) == []

    async def invite(self) -> None:
        """The vendor invites to become a distributor."""
        given = {"partnerId": self.partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
        invited = await self.manager.do("inviteToPlan", "membership { id }", **given)
        self.steps[f"invite:{'refused' if codes(invited) else 'done'}"] += 1

    async def decide_tier(self) -> None:
        """The vendor decides an application for a tier, or the partner takes it back."""
        queue = "{ tierUpgrades(state: IN_REVIEW) { nodes { id actions { blockers { code } } } } }"
        waiting = (await self.main.send(queue)).data["tierUpgrades"]["nodes"]
        for upgrade in waiting:
            assert upgrade["actions"] == [{"blockers": []}]
            if self.chance(50):
                await self.attempt(self.main, "withdraw tier", "withdrawTierUpgrade", [], id=upgrade["id"])
            else:
                await tiers.decide(self.manager, approve=self.chance(70), reason="As it is.")
                self.steps["decide tier:done"] += 1

    async def decide_reseller(self) -> None:
        """The distributor decides what the vendor has passed on."""
        document = "{ resellerApplications(first: 50) { nodes { id status } } }"
        found = (await self.distributor.main.api.send(document)).data["resellerApplications"]["nodes"]
        waiting = [one["id"] for one in found if one["status"] == "DISTRIBUTOR_REVIEW"]
        for application in waiting:
            approve = self.chance(80)
            await distribution.decide(self.distributor.main.api, application, approve=approve, reason="As it is.")
            self.steps["decide reseller:done"] += 1

    async def part(self) -> None:
        """The distributor lets its reseller go."""
        link = (await self.main.send("{ myDistributor { id } }")).data["myDistributor"]
        if link is not None:
            await distribution.start_exit(self.distributor.main.api, link["id"])
            assert codes(await distribution.end_exit(self.distributor.main.api, link["id"])) == []
            self.steps["part:done"] += 1

    async def outdate(self) -> None:
        """The agreements of what was joined get a new version."""
        statement = "update plan_membership set agreement_version = '0.9' where partner_id = $1 and state = 'JOINED'"
        await self.api.database.superuser.execute(statement, self.partner.partner_id)

    async def change_standing(self) -> None:
        """Frozen or free again."""
        standing = self.dice.one_of(("FROZEN", "ACTIVE", "ACTIVE"))
        given = {"id": self.partner.id, "standing": standing, "reason": "As it is.", "idempotencyKey": key()}
        await self.operations.do("setPartnerStanding", "partner { id }", **given)

    async def path(self) -> None:
        """Takes or leaves the software path, by what the paths say."""
        found = {one["code"]: one for one in (await self.main.send(PATH)).data["paths"]}["SOFTWARE"]
        blockers = {one["action"]: [each["code"] for each in one["blockers"]] for one in found["actions"]}
        if found["enrollment"] is None or "EXIT" not in blockers:
            await self.attempt(self.main, "select path", "selectPath", blockers["SELECT"], path="SOFTWARE")
            return
        blocked = [code for code in blockers["EXIT"] if code == "PATH_EXIT_BLOCKED"]
        if "STATE_CONFLICT" not in blockers["EXIT"]:
            assert len(blocked) == len(found["exitBlockers"])
        await self.attempt(self.main, "exit path", "exitPath", blockers["EXIT"], id=found["enrollment"]["id"])


async def walk(api: Api, seed: int, steps: int) -> Counter[str]:
    """A walk of so many steps; how often what was done and refused."""
    distributor, partner = await distribution.distributor(api), await admitted_partner(api)
    await policy(api, "plans.tier_performance", '["0", "0"]')
    await policy(api, "plans.tier_specialists", '["0", "0"]')
    await tiers.sibling(api, partner.partner_id, Site.CN)
    manager, operations = await staff(api, Role.ECO_MANAGER), await staff(api, Role.VENDOR_OPS)
    made = Walk(api, Dice(seed), partner, distributor, manager.api, operations.api)
    for _ in range(steps):
        await made.go()
    return made.steps


async def test_what_is_shown_is_what_happens(api: Api) -> None:
    steps = await walk(api, 1, 40)

    assert len({name for name in steps if name.endswith(":done")}) >= 4, steps
    assert any(name.endswith(":refused") for name in steps), steps


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
async def test_what_is_shown_is_what_happens_for_long(api: Api, seed: int) -> None:
    steps = await walk(api, seed, 500)

    assert len({name for name in steps if name.endswith(":done")}) >= 10, steps
    assert any(name.endswith(":refused") for name in steps), steps
