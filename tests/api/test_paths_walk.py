"""Paths, solutions and labels at random: what `actions`, requirements and exit blockers foretell is what happens.

Three partners, two of them of one company, and the vendor take steps through the API. Before each step everything that
the partner is shown foretells its outcome; after it nothing has moved that the step may not move.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tasks.capabilities import pass_time as pass_label_time
from tasks.paths import pass_time as pass_path_time
from tasks.solutions import pass_time as pass_solution_time
from tests import capabilities, solutions
from tests.api.test_ledger_model import Dice
from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.opportunities import key
from tests.paths import MATERIALS, Walker, invite, record, select, sibling, step, walker
from tests.uploads import paper

PATHS = ("SOFTWARE", "SERVICE", "SI", "LEARNING", "DISTRIBUTOR")
INVITED_TO = ("SI", "LEARNING", "DISTRIBUTOR")
LABELS = {"MIGRATION": "HOSTS", "SECURITY": "HARDENING", "DATA": "LAKE"}
RECORDS = ("ASSOCIATE_CERTIFICATES", "PROFESSIONAL_CERTIFICATES", "TRAINERS", "COURSES", "MDF_CASES")
DOCUMENTS = {
    "APPLY_ROLE": ("caseMaterials", "CASE_MATERIALS"),
    "APPLY_DIFFERENTIATION": ("businessPlan", "BUSINESS_PLAN"),
}
STAGES = {"APPLY_ROLE": "CERTIFIED", "APPLY_DIFFERENTIATION": "DIFFERENTIATED"}
MUTATIONS = {
    "ACCEPT": "acceptPathInvitation",
    "APPLY_ROLE": "applyRoleValidation",
    "APPLY_DIFFERENTIATION": "applyDifferentiation",
    "SUBMIT_ANNUAL_REVIEW": "submitAnnualReview",
    "WITHDRAW": "withdrawPathApplication",
    "EXIT": "exitPath",
}
_ACTIONS = "actions { action allowed blockers { code } }"
VIEWS = (
    f"""{{ paths {{ code stage enrollment {{ id state annualState annualDueAt }} {_ACTIONS} exitBlockers {{ kind }}
      requirements {{ stage kind met }} }} cancellationPrecheck {{ blockers {{ code }} }} }}""",
    f"""{{ solutions(first: 10) {{ nodes {{ id kind state validUntil {_ACTIONS} }} }}
      capabilityApplications(first: 10) {{ nodes {{ id level1 state validUntil {_ACTIONS} }} }} }}""",
    f"""{{ capabilityLabels {{ code heldUntil {_ACTIONS} }} sharableCertifications {{ solutionId }}
      todos(kinds: [PATH_INVITATION, PATH_ANNUAL_REVIEW]) {{ kind items {{ subject {{ id }} }} }} }}""",
)

RISES = {
    ("INVITED", "SELECTED"): {"ACCEPT"},
    (None, "SELECTED"): {"SELECT"},
    (None, "INVITED"): {"INVITE"},
    ("SELECTED", "ROLE_REVIEW"): {"APPLY_ROLE"},
    ("ROLE_REVIEW", "CERTIFIED"): {"DECIDE"},
    ("ROLE_REVIEW", "SELECTED"): {"DECIDE", "WITHDRAW"},
    ("CERTIFIED", "DIFFERENTIATION_REVIEW"): {"APPLY_DIFFERENTIATION"},
    ("DIFFERENTIATION_REVIEW", "DIFFERENTIATED"): {"DECIDE"},
    ("DIFFERENTIATION_REVIEW", "CERTIFIED"): {"DECIDE", "WITHDRAW"},
    ("SELECTED", None): {"EXIT", "RECORD_EXIT"},
    ("CERTIFIED", None): {"RECORD_EXIT"},
    ("DIFFERENTIATED", None): {"RECORD_EXIT"},
    ("INVITED", None): {"TIME"},
    ("CERTIFIED", "SELECTED"): {"TIME"},
    ("DIFFERENTIATED", "CERTIFIED"): {"TIME"},
    # by a certified solution, of one's own or shared, where the software role asks for nothing else
    ("SELECTED", "CERTIFIED"): {"DECIDE", "SHARE", "APPLY_ROLE", "ACCEPT", "SELECT"},
    (None, "CERTIFIED"): {"SELECT"},
}
"""How an enrollment may move, and by which steps."""

View = dict[str, Any]
Step = Callable[[Walker, View], Awaitable[list[str] | None]]
E_UNMET = "REQUIREMENTS_NOT_MET"


def blockers(thing: View, action: str) -> list[str]:
    """What stands in the way of an action by what is shown."""
    [found] = [one for one in thing["actions"] if one["action"] == action]
    reasons = [reason["code"] for reason in found["blockers"]]
    assert found["allowed"] == (not reasons)
    return reasons


def states(view: View) -> dict[str, str | None]:
    """Where everything of a partner stands."""
    found = {one["code"]: one["enrollment"] and one["enrollment"]["state"] for one in view["paths"]}
    for kind in ("solutions", "capabilityApplications"):
        found |= {one["id"]: one["state"] for one in view[kind]["nodes"]}
    return found


class Walk:
    """The three partners, what happened so far, and the dice."""

    def __init__(self, api: Api, dice: Dice) -> None:
        self.api, self.dice = api, dice
        self.people: list[Walker] = []
        self.outcomes: Counter[str] = Counter()
        self.owners: dict[str, Walker] = {}
        self.moving = ""

    async def begin(self) -> None:
        """Everybody moves in; the first two are of one company."""
        first = await walker(self.api)
        self.people = [first, await sibling(self.api, first), await walker(self.api)]
        self.third = await capabilities.assessor(self.api)

    async def go(self, steps: int) -> None:
        """One random step after the other."""
        await self.begin()
        ways: tuple[Step, ...] = (
            *(self.acts_on_a_path,) * 6,
            *(self.selects, self.is_invited, self.is_recorded, self.is_recorded, self.exit_is_recorded),
            *(self.creates_a_solution, self.changes_a_solution, self.submits_a_solution, self.submits_a_solution),
            *(self.shares, self.applies_for_a_label, self.goes_on_with_a_label, self.goes_on_with_a_label),
            *(self.is_asked_about, self.is_asked_about, self.is_assessed),
            *(self.is_decided,) * 6,
            self.time_passes,
        )
        taken = 0
        while taken < steps:
            who, others = self.dice.one_of(self.people), taken % 10 == 9
            before = {one.id: await self.look(one) for one in (self.people if others else [who])}
            expected = None
            while expected is None:  # not everything is there to be acted on
                expected = await self.dice.one_of(ways)(who, before[who.id])
            taken += 1
            for one in self.people if others else [who]:
                self.compare(before[one.id], await self.look(one), moved=expected == [])

    async def look(self, who: Walker) -> View:
        """Everything that the partner is shown, which must agree with itself."""
        view: View = {}
        for document in VIEWS:
            view |= (await who.api.patient.send(document)).data
        on = [one for one in view["paths"] if one["stage"] is not None]
        for one in on:
            exit_codes = [code for code in blockers(one, "EXIT") if code == "PATH_EXIT_BLOCKED"]
            assert len(exit_codes) == len(one["exitBlockers"])
            for action, stage in STAGES.items():
                unmet = [need for need in one["requirements"] if need["stage"] == stage and not need["met"]]
                assert blockers(one, action).count(E_UNMET) == len(unmet)
        tied = [one for one in on if one["code"] != "DISTRIBUTOR"]  # being a distributor is looked at by itself
        assert any(one["code"] == "PATH_EXIT_REQUIRED" for one in view["cancellationPrecheck"]["blockers"]) == bool(
            tied
        )
        waiting = {group["kind"]: {one["subject"]["id"] for one in group["items"]} for group in view["todos"]}
        held = [one for one in view["paths"] if one["enrollment"]]
        due = {one["enrollment"]["id"] for one in held if not {"STATE_CONFLICT", "PATH_REVIEW_OVER"} & self.due(one)}
        assert waiting.get("PATH_ANNUAL_REVIEW", set()) == due
        invited = {one["enrollment"]["id"] for one in held if "STATE_CONFLICT" not in blockers(one, "ACCEPT")}
        assert waiting.get("PATH_INVITATION", set()) == invited
        return view

    @staticmethod
    def due(one: View) -> set[str]:
        """What stands against the yearly review of a path."""
        return set(blockers(one, "SUBMIT_ANNUAL_REVIEW"))

    def compare(self, before: View, after: View, *, moved: bool) -> None:
        """A step that was refused moves nothing; another one only what it may."""
        then, now = states(before), states(after)
        changed = {name for name in now if then.get(name) != now[name]}
        assert moved or not changed, (self.moving, changed)
        for name in changed & set(PATHS):
            pair = (then[name], now[name])
            if pair in {("DIFFERENTIATED", "SELECTED"), ("CERTIFIED", None)} and self.moving == "TIME":
                continue  # two things whose time had come at once
            assert self.moving in RISES[pair], (self.moving, name, pair)
        things = [then.get(name) for name in changed - set(PATHS) if name in then]
        assert len(things) <= (1 if self.moving != "TIME" else len(things)), (self.moving, changed)

    async def foretold(self, way: str, expected: list[str], payload: Awaitable[dict[str, Any]]) -> list[str]:
        """Takes a step whose outcome is known; the codes."""
        self.moving = way
        found = codes(await payload)
        assert sorted(found) == sorted(expected), (way, found, expected)
        self.outcomes[f"{way} {'+'.join(sorted(set(found))) or 'done'}"] += 1
        return found

    async def acts_on_a_path(self, who: Walker, view: View) -> list[str] | None:
        """Any of a partner's steps on any of its paths."""
        held = [one for one in view["paths"] if one["enrollment"]]
        if not held:
            return None
        one, action = self.dice.one_of(held), self.dice.one_of(tuple(MUTATIONS))
        open_ways = [way for way in MUTATIONS if set(blockers(one, way)) <= {E_UNMET}]
        if open_ways and self.dice.below(3):
            action = self.dice.one_of(open_ways)
        expected, more = blockers(one, action), {}
        if action in DOCUMENTS and self.dice.below(3):
            name, kind = DOCUMENTS[action]
            more = {name: MATERIALS}
            asked = [need for need in one["requirements"] if need["stage"] == STAGES[action] and not need["met"]]
            if any(need["kind"] == kind for need in asked):
                expected.remove(E_UNMET)
        return await self.foretold(action, expected, step(who.api, MUTATIONS[action], one["enrollment"], **more))

    async def selects(self, who: Walker, view: View) -> list[str]:
        """Chooses a path."""
        one = self.dice.one_of(view["paths"])
        return await self.foretold("SELECT", blockers(one, "SELECT"), select(who, one["code"]))

    async def is_invited(self, who: Walker, view: View) -> list[str]:
        """The vendor invites."""
        one = self.dice.one_of(view["paths"])
        expected = [] if one["code"] in INVITED_TO else ["PATH_NOT_INVITABLE"]
        expected += ["PATH_ALREADY_CHOSEN"] if one["enrollment"] else []
        return await self.foretold("INVITE", expected, invite(who, one["code"]))

    async def is_recorded(self, who: Walker, _: View) -> list[str]:
        """The vendor counts something anew."""
        return await self.foretold("RECORD", [], record(who, self.dice.one_of(RECORDS), self.dice.below(4)))

    async def exit_is_recorded(self, who: Walker, view: View) -> list[str] | None:
        """The vendor lets the partner go, now and then."""
        held = [one["enrollment"] for one in view["paths"] if one["enrollment"]]
        if not held or self.dice.below(4):
            return None
        one = self.dice.one_of(held)
        expected = [] if one["state"] in ("SELECTED", "CERTIFIED", "DIFFERENTIATED") else ["STATE_CONFLICT"]
        going = step(who.manager.client, "recordPathExit", one, reason="As agreed.")
        return await self.foretold("RECORD_EXIT", expected, going)

    async def creates_a_solution(self, who: Walker, view: View) -> list[str] | None:
        """Begins one, whole or not; a partner has six at most here."""
        if len(view["solutions"]["nodes"]) >= 6:
            return None
        on = view["paths"][0]["stage"] is not None
        more = {} if self.dice.below(3) else {"industry": None}
        kind = self.dice.one_of(("CLOUD_SOFTWARE", "CLOUD_SOFTWARE", "ADVANCED"))
        made = await solutions.create(who, kind=kind, **more)
        if on:
            self.owners[made["solution"]["id"]] = who

        async def done() -> dict[str, Any]:
            return made

        return await self.foretold("CREATE", [] if on else ["SOFTWARE_PATH_REQUIRED"], done())

    async def changes_a_solution(self, who: Walker, view: View) -> list[str] | None:
        """Fills it in."""
        if not view["solutions"]["nodes"]:
            return None
        one = self.dice.one_of(view["solutions"]["nodes"])
        changing = solutions.step(who.api, "updateSolution", one, industry="Logistics")
        return await self.foretold("CHANGE", blockers(one, "CHANGE"), changing)

    async def submits_a_solution(self, who: Walker, view: View) -> list[str] | None:
        """For the first time or anew."""
        if not view["solutions"]["nodes"]:
            return None
        one = self.dice.one_of(view["solutions"]["nodes"])
        submitting = solutions.step(who.api, "submitSolution", one)
        return await self.foretold("SUBMIT", blockers(one, "SUBMIT"), submitting)

    async def shares(self, who: Walker, view: View) -> list[str] | None:
        """Any solution of anybody; what is offered is not refused for what it is."""
        if not self.owners:
            return None
        solution = self.dice.one_of(tuple(self.owners))
        offered = {one["solutionId"] for one in view["sharableCertifications"]}
        if offered and self.dice.below(2):
            solution = self.dice.one_of(sorted(offered))
        owner, stage = self.owners[solution], view["paths"][0]["stage"]
        self.moving = "SHARE"
        found = codes(await solutions.share(who, {"id": solution}))
        family = {one.id for one in self.people[:2]}
        foreign = owner is not who and not {owner.id, who.id} <= family
        assert ("NOT_SAME_COMPANY" in found) == foreign
        assert ("SOFTWARE_PATH_REQUIRED" in found) == (stage is None)
        if solution in offered:
            assert set(found) <= {"SOFTWARE_PATH_REQUIRED", "ALREADY_CERTIFIED"}
            assert stage != "SELECTED" or found == []
        elif not foreign:
            assert {"NO_SHARABLE_CERTIFICATION", "ALREADY_CERTIFIED"} & set(found)
        self.outcomes[f"SHARE {'+'.join(found) or 'done'}"] += 1
        return found

    async def applies_for_a_label(self, who: Walker, view: View) -> list[str]:
        """Begins an application."""
        label = self.dice.one_of(tuple(LABELS))
        [offer] = [one for one in view["capabilityLabels"] if one["code"] == label]
        more: dict[str, Any] = {} if self.dice.below(3) else {"evidenceIds": []}
        creating = capabilities.create(who, level1=label, level2=[LABELS[label]], **more)
        return await self.foretold("APPLY", blockers(offer, "APPLY"), creating)

    async def goes_on_with_a_label(self, who: Walker, view: View) -> list[str] | None:
        """Changes or submits an application."""
        if not view["capabilityApplications"]["nodes"]:
            return None
        one = self.dice.one_of(view["capabilityApplications"]["nodes"])
        action = self.dice.one_of(("CHANGE", "SUBMIT", "SUBMIT"))
        name = {"CHANGE": "updateCapabilityApplication", "SUBMIT": "submitCapabilityApplication"}[action]
        more = {"evidenceIds": [await paper(who.api)]} if action == "CHANGE" else {}
        going = capabilities.step(who.api, name, one, **more)
        return await self.foretold(f"LABEL_{action}", blockers(one, action), going)

    async def is_decided(self, who: Walker, _: View) -> list[str] | None:
        """A verdict on whatever of the partner's waits."""
        document = f"{{ reviewQueue(first: 40) {{ nodes {{ id partner {{ id }} {_ACTIONS} }} }} }}"
        queue = (await who.manager.client.send(document)).data["reviewQueue"]["nodes"]
        cases = [one for one in queue if one["partner"]["id"] == who.id]
        if not cases:
            return None
        one, approve = self.dice.one_of(cases), self.dice.below(4) > 0
        expected = blockers(one, "APPROVE" if approve else "REJECT")
        given = {"id": one["id"], "approve": approve, "idempotencyKey": key()}
        if not approve and self.dice.below(2):
            refused = who.manager.client.do("decideReview", "review { id }", **given)
            return await self.foretold("DECIDE", [*expected, "REASON_REQUIRED"], refused)
        verdict = who.manager.client.do("decideReview", "review { id }", **given, reason="Looked at.")
        return await self.foretold("DECIDE", expected, verdict)

    async def is_asked_about(self, who: Walker, _: View) -> list[str] | None:
        """The vendor asks the third party about an application of anybody's."""
        document = f"{{ capabilityApplications(first: 40) {{ nodes {{ id {_ACTIONS} }} }} }}"
        seen = (await who.manager.client.send(document)).data["capabilityApplications"]["nodes"]
        waiting = [one for one in seen if blockers(one, "REQUEST_ASSESSMENT") != ["STATE_CONFLICT"]]
        if not seen or (not waiting and self.dice.below(4)):
            return None
        one = self.dice.one_of(waiting or seen)
        asking = capabilities.ask(who.manager.client, one, self.third.email)
        return await self.foretold("ASK", blockers(one, "REQUEST_ASSESSMENT"), asking)

    async def is_assessed(self, who: Walker, _: View) -> list[str] | None:
        """The third party says what it thinks, or the vendor asks it no more; it reads what it is still asked for."""
        action = self.dice.one_of(("GIVE", "GIVE", "GIVE", "REVOKE"))
        by = self.third.api if action == "GIVE" else who.manager.client
        seen = await capabilities.assessments(self.third.api)
        read = {one["application"]["id"] for one in seen if one["application"]}
        assert read == {one["application"]["id"] for one in seen if one["state"] == "REQUESTED"}
        found = await capabilities.assessments(by)
        waiting = [one for one in found if one["state"] == "REQUESTED"]
        if not found or (not waiting and self.dice.below(4)):
            return None
        one = self.dice.one_of(waiting or found)
        stepping = (capabilities.give if action == "GIVE" else capabilities.revoke)(by, one)
        return await self.foretold(action, blockers(one, action), stepping)

    async def time_passes(self, _: Walker, __: View) -> list[str]:
        """Some days, and what the clocks do then; a second time they have nothing to do."""
        self.moving = "TIME"
        self.api.clock.advance(days=1 + self.dice.below(75))
        await refresh(self.api)
        clocks = (pass_solution_time, pass_label_time, pass_path_time)
        for clock in clocks:
            self.outcomes["TIME done"] += await clock(self.api.settings, self.api.clock)
        for clock in clocks:
            assert await clock(self.api.settings, self.api.clock) == 0
        return []


async def walk(api: Api, seed: int, steps: int) -> Counter[str]:
    """Takes the steps; how often each outcome was met."""
    going = Walk(api, Dice(seed))
    await going.go(steps)
    return going.outcomes


async def test_what_is_shown_foretells_what_happens(api: Api) -> None:
    assert len(await walk(api, 7, 40)) >= 12


MET = {
    *("ACCEPT done", "APPLY_ROLE done", "APPLY_DIFFERENTIATION done", "SUBMIT_ANNUAL_REVIEW done", "WITHDRAW done"),
    *("EXIT done", "EXIT PATH_EXIT_BLOCKED", "SELECT done", "SELECT PATH_INVITE_ONLY", "INVITE done", "SUBMIT done"),
    *("APPLY done", "LABEL_SUBMIT done", "ASK done", "GIVE done", "DECIDE done", "TIME done"),
}
"""What a thousand steps come upon, whatever the seed."""


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
async def test_what_is_shown_foretells_what_happens_for_long(api: Api, seed: int) -> None:
    assert set(await walk(api, 100 + seed, 1_000)) >= MET
