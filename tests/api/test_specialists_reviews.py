"""Bound employees become project specialists and stop being so: applications, cancellations, the vendor's verdicts."""

import asyncio
from typing import Any

import pytest

from core.ids import decode_id
from rules.access import Role
from tests.client import Api, codes
from tests.factories import Person, key, member, staff
from tests.specialists import (
    BINDING,
    apply_for,
    ask_cancellation,
    bound,
    decide,
    employer,
    path_employer,
    save_employment,
    service_employer,
    specialist,
    told_employee,
    unbind,
    verdict,
    waiting_case,
    withdraw_cancellation,
)
from tests.uploads import open_slot, paper

STATES = "{ specialistBindings { nodes { id state applications { path deployMode baseLocation documents { name } }"
STATES += " cancellations { byVendor reason document { name } } } } }"


def outcomes(payload: dict[str, Any]) -> list[Any]:
    """For each entry the binding's state, or the codes against it."""
    return [[error["code"] for error in one["userErrors"]] or one["binding"]["state"] for one in payload["results"]]


async def state_of(api: Api, binding_id: str) -> str:
    """Where a binding stands."""
    return str(await api.value("select state from specialist_binding where id = $1", decode_id(binding_id)[1]))


async def told(api: Api, who: Person) -> set[str]:
    """The templates of all messages that somebody got."""
    await api.deliver()
    found = await who.api.send("{ messages(first: 50) { nodes { template } } }")
    return {node["template"] for node in found.data["messages"]["nodes"]}


class TestApplying:
    async def test_approved_the_person_is_a_specialist(self, api: Api) -> None:
        own = await path_employer(api)
        who, binding_id = await told_employee(api, own)
        done = await apply_for(own.main.api, binding_id)
        assert (codes(done), outcomes(done)) == ([], ["SPECIALIST_REVIEW"])
        shown = (await own.main.api.send(STATES)).data["specialistBindings"]["nodes"]
        assert shown[0]["applications"] == [
            {"path": "SI", "deployMode": None, "baseLocation": "杭州", "documents": [{"name": "contract.pdf"}]}
        ]

        decided = await verdict(api)

        assert (codes(decided), decided["review"]["subject"]) == ([], {"id": binding_id})
        assert await state_of(api, binding_id) == "SPECIALIST"
        assert "specialist_approved" in await told(api, own.main)
        assert "specialist_appointed" in await told(api, who)
        reviewed = "('specialist.submitted', 'specialist.approved')"
        events = await api.rows(f"select type from event where type in {reviewed} order by id")
        assert [row["type"] for row in events] == ["specialist.submitted", "specialist.approved"]

    async def test_rejected_one_applies_again_in_the_next_round(self, api: Api) -> None:
        own = await path_employer(api)
        who, binding_id = await told_employee(api, own)
        await apply_for(own.main.api, binding_id)

        async def without_words() -> None:
            assert codes(await verdict(api, approve=False)) == ["REASON_REQUIRED"]

        assert await api.changes(without_words, besides=("account", "session")) == set()
        assert codes(await verdict(api, approve=False, reason="No proof of work.")) == []
        assert await state_of(api, binding_id) == "SPECIALIST_REJECTED"
        assert "specialist_rejected" in await told(api, own.main)
        assert await told(api, who) == {"specialist_invited", "specialist_welcome"}
        assert outcomes(await apply_for(own.main.api, binding_id)) == ["SPECIALIST_REVIEW"]
        rounds = await api.rows("select round, state from review_case where kind = 'SPECIALIST' order by round")
        assert [(row["round"], row["state"]) for row in rounds] == [(1, "REJECTED"), (2, "SUBMITTED")]

    async def test_a_path_that_is_being_left_is_none_to_apply_for(self, api: Api) -> None:
        own = await path_employer(api)
        _, binding_id = await told_employee(api, own)
        superuser, given = api.database.superuser, [await paper(own.main.api)]
        async with superuser.transaction():
            await superuser.execute("select from partner where id = $1 for no key update", own.partner_id)
            asked = asyncio.ensure_future(apply_for(own.main.api, binding_id, documentIds=given))
            while not asked.done() and not await superuser.fetchval("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0.01)
            left = "update path_enrollment set state = 'EXITED', ended_at = $2 where partner_id = $1"
            await superuser.execute(left, own.partner_id, api.clock())
        assert codes(await asked) == ["PATH_REQUIRED"]
        assert await state_of(api, binding_id) == "BOUND"

    async def test_where_a_person_is_based_its_partner_knows_until_the_end(self, api: Api) -> None:
        own, vendor = await path_employer(api), await staff(api, Role.ECO_MANAGER)
        who, binding_id = await told_employee(api, own)
        assert outcomes(await apply_for(own.main.api, binding_id)) == ["SPECIALIST_REVIEW"]
        assert codes(await verdict(api, approve=False, reason="No proof of work.")) == []
        look = "{ %s { nodes { applications { baseLocation } } } }"

        async def shown(to: Person, field: str = "specialistBindings") -> str | None:
            [binding] = (await to.api.send(look % field)).data[field]["nodes"]
            [application] = binding["applications"]
            location: str | None = application["baseLocation"]
            return location

        assert await shown(own.main) == "杭州"
        assert codes(await unbind(own.main.api, binding_id)) == []
        assert await shown(own.main) is None
        assert (await shown(vendor), await shown(who, "mySpecialistBindings")) == ("杭州", "杭州")

    async def test_several_at_once_each_with_its_own_result(self, api: Api) -> None:
        own, other = await path_employer(api), await path_employer(api)
        (_, one), (_, two), (_, three) = [await told_employee(api, own) for _ in range(3)]
        (_, silent), (_, strangers) = await bound(api, own), await told_employee(api, other)
        assert outcomes(await apply_for(own.main.api, one)) == ["SPECIALIST_REVIEW"]
        done = await apply_for(own.main.api, one, two, silent, strangers, three, two)
        assert outcomes(done) == [
            ["STATE_CONFLICT"], "SPECIALIST_REVIEW", ["BASE_LOCATION_MISSING"], ["NOT_FOUND"], "SPECIALIST_REVIEW",
            ["REPEATED"],
        ]  # fmt: skip
        assert done["results"][2]["userErrors"][0]["path"] == ["input", "ids", "2"]
        assert await api.value("select count(*) from review_case where kind = 'SPECIALIST'") == 3

    async def test_what_an_application_must_say(self, api: Api) -> None:
        own, pathless = await path_employer(api), await employer(api)
        _, binding_id = await told_employee(api, own)
        _, other_id = await told_employee(api, pathless)
        file, theirs = await paper(own.main.api), await paper(pathless.main.api)
        slot = (await open_slot(own.main.api))["upload"]["id"]

        async def refused() -> None:
            assert codes(await apply_for(pathless.main.api, other_id)) == ["PATH_REQUIRED"]
            assert codes(await apply_for(own.main.api, binding_id, documentIds=[])) == ["REQUIRED"]
            assert codes(await apply_for(own.main.api, binding_id, documentIds=[file] * 11)) == ["TOO_MANY"]
            assert codes(await apply_for(own.main.api, binding_id, deployMode="NATIONAL")) == ["OUT_OF_RANGE"]
            wrong = await apply_for(own.main.api, binding_id, documentIds=[file, theirs, slot])
            assert [(one["code"], one["path"][-1]) for one in wrong["userErrors"]] == [
                ("NOT_FOUND", "1"), ("UPLOAD_NOT_RECEIVED", "2")
            ]  # fmt: skip

        assert await api.changes(refused) == set()

    async def test_the_service_path_says_how_its_people_are_sent(self, api: Api) -> None:
        own = await service_employer(api)
        _, one = await told_employee(api, own)
        _, two = await told_employee(api, own)

        async def refused() -> None:
            assert codes(await apply_for(own.main.api, one, path="SERVICE")) == ["REQUIRED"]
            assert codes(await apply_for(own.main.api, one)) == ["PATH_REQUIRED"]
            assert codes(await apply_for(own.main.api, one, path="DISTRIBUTOR")) == ["PATH_REQUIRED"]

        assert await api.changes(refused) == set()
        for binding_id, mode in ((one, "NATIONAL"), (two, "STATIONED")):
            sent = {"path": "SERVICE", "deployMode": mode}
            assert outcomes(await apply_for(own.main.api, binding_id, **sent)) == ["SPECIALIST_REVIEW"]
        modes = await api.rows("select deploy_mode from specialist_application order by id")
        assert [row["deploy_mode"] for row in modes] == ["NATIONAL", "STATIONED"]

    async def test_the_administrators_apply_and_nobody_without_the_permission(self, api: Api) -> None:
        own = await path_employer(api)
        _, binding_id = await told_employee(api, own)
        clerk, administrator = await member(api, own, Role.OPERATIONS), await member(api, own, Role.SYSTEM_ADMIN)
        document = "mutation($input: ApplyForSpecialistsInput!) { applyForSpecialists(input: $input) { __typename } }"
        given = {"ids": [binding_id], "path": "SI", "documentIds": [], "idempotencyKey": key()}

        async def refused() -> None:
            assert (await clerk.api.send(document, input=given)).error["reason"] == "PERMISSION_DENIED"

        assert await api.changes(refused) == set()
        assert outcomes(await apply_for(administrator.api, binding_id)) == ["SPECIALIST_REVIEW"]
        assert codes(await verdict(api)) == []
        wanted = {"name": "People", "permissions": ["specialists:apply"], "idempotencyKey": key()}
        role = (await own.main.api.do("addRole", "role { id }", **wanted))["role"]["id"]
        given = {"id": clerk.id, "roles": ["OPERATIONS"], "customRoleIds": [role], "idempotencyKey": key()}
        assert codes(await own.main.api.do("changeMemberRoles", "member { id }", **given)) == []
        assert codes(await ask_cancellation(clerk.api, binding_id)) == []

    @pytest.mark.parametrize("crowd", [1, pytest.param(100, marks=pytest.mark.long)])
    async def test_administrators_at_once_are_one_case(self, api: Api, crowd: int) -> None:
        own = await path_employer(api)
        administrator = await member(api, own, Role.SYSTEM_ADMIN)
        _, binding_id = await told_employee(api, own)
        callers = [own.main, administrator] * crowd
        for who in (own.main, administrator):
            await paper(who.api)
        answers = await asyncio.gather(*(apply_for(who.api.patient, binding_id) for who in callers))
        told = sorted(str(outcomes(answer)) for answer in answers)
        assert told == ["['SPECIALIST_REVIEW']"] + ["[['STATE_CONFLICT']]"] * (2 * crowd - 1)
        assert await api.value("select count(*) from review_case where kind = 'SPECIALIST'") == 1


class TestCancelling:
    async def test_a_specialist_leaves_in_two_steps(self, api: Api) -> None:
        own = await path_employer(api)
        who, binding_id = await specialist(api, own)

        async def too_early() -> None:
            assert codes(await unbind(own.main.api, binding_id)) == ["SPECIALIST_MUST_BE_CANCELLED"]

        assert await api.changes(too_early) == set()
        asked = await ask_cancellation(own.main.api, binding_id)
        assert (codes(asked), asked["binding"]["state"]) == ([], "CANCEL_REVIEW")
        assert await api.changes(too_early) == set()
        assert codes(await verdict(api)) == []
        assert await state_of(api, binding_id) == "CANCELLED"
        assert "specialist_cancelled" in await told(api, own.main)
        assert "specialist_dismissed" in await told(api, who)
        assert codes(await apply_for(own.main.api, binding_id, dryRun=True)) == []
        assert codes(await unbind(own.main.api, binding_id)) == []
        profiles = await own.main.api.send("{ specialistBindings { nodes { state profile { id } } } }")
        assert profiles.data["specialistBindings"]["nodes"] == [{"state": "UNBOUND", "profile": None}]
        mine = await who.api.send("{ mySpecialistBindings { nodes { cancellations { reason byVendor } } } }")
        assert mine.data["mySpecialistBindings"]["nodes"] == [
            {"cancellations": [{"reason": "New tasks.", "byVendor": False}]}
        ]

    async def test_refused_or_withdrawn_the_person_stays_a_specialist(self, api: Api) -> None:
        own = await path_employer(api)
        _, binding_id = await specialist(api, own)
        assert codes(await ask_cancellation(own.main.api, binding_id)) == []
        assert codes(await verdict(api, approve=False, reason="A project is running.")) == []
        assert await state_of(api, binding_id) == "SPECIALIST"
        assert "specialist_cancellation_rejected" in await told(api, own.main)
        assert codes(await ask_cancellation(own.main.api, binding_id)) == []
        back = await withdraw_cancellation(own.main.api, binding_id)
        assert (codes(back), back["binding"]["state"]) == ([], "SPECIALIST")
        rows = await api.rows("select state from review_case where kind = 'SPECIALIST_CANCELLATION' order by round")
        assert [row["state"] for row in rows] == ["REJECTED", "WITHDRAWN"]

        async def twice() -> None:
            assert codes(await withdraw_cancellation(own.main.api, binding_id)) == ["STATE_CONFLICT"]

        assert await api.changes(twice) == set()

    async def test_only_a_specialist_is_cancelled_and_with_words(self, api: Api) -> None:
        own = await path_employer(api)
        _, plain = await told_employee(api, own)
        _, binding_id = await specialist(api, own)
        slot = (await open_slot(own.main.api))["upload"]["id"]

        async def refused() -> None:
            assert codes(await ask_cancellation(own.main.api, plain)) == ["STATE_CONFLICT"]
            assert codes(await ask_cancellation(own.main.api, binding_id, reason=" ")) == ["REASON_REQUIRED"]
            assert codes(await ask_cancellation(own.main.api, binding_id, documentId=slot)) == ["UPLOAD_NOT_RECEIVED"]

        assert await api.changes(refused) == set()

    async def test_the_vendor_cancels_by_itself(self, api: Api) -> None:
        own = await path_employer(api)
        who, binding_id = await specialist(api, own)
        manager = await staff(api, Role.ECO_MANAGER)
        given = {"id": binding_id, "reason": "False certificates."}

        async def without_words() -> None:
            told = {**given, "reason": " ", "idempotencyKey": key()}
            assert codes(await manager.api.do("cancelSpecialist", BINDING, **told)) == ["REASON_REQUIRED"]

        assert await api.changes(without_words) == set()
        done = await manager.api.do("cancelSpecialist", BINDING, **given, idempotencyKey=key())
        assert (codes(done), done["binding"]["state"]) == ([], "VENDOR_CANCELLED")
        for one in (own.main, who):
            assert "specialist_vendor_cancelled" in await told(api, one)

        async def twice() -> None:
            again = await manager.api.do("cancelSpecialist", BINDING, **given, idempotencyKey=key())
            assert codes(again) == ["STATE_CONFLICT"]

        assert await api.changes(twice) == set()
        assert outcomes(await apply_for(own.main.api, binding_id)) == ["SPECIALIST_REVIEW"]

    @pytest.mark.parametrize("approve", [True, False])
    async def test_withdrawn_and_decided_at_once_is_one_of_both(self, api: Api, approve: bool) -> None:
        own = await path_employer(api)
        _, binding_id = await specialist(api, own)
        assert codes(await ask_cancellation(own.main.api, binding_id)) == []
        reviewer, case_id = await waiting_case(api)
        back, decided = await asyncio.gather(
            withdraw_cancellation(own.main.api.patient, binding_id),
            decide(reviewer.api.patient, case_id, approve=approve, reason="Because."),
        )
        assert sorted([codes(back), codes(decided)]) == [[], ["STATE_CONFLICT"]]
        state = await state_of(api, binding_id)
        assert state == ("CANCELLED" if approve and not codes(decided) else "SPECIALIST")


class TestWhatItNeverWas:
    async def test_only_the_vendor_decides_and_only_what_waits(self, api: Api) -> None:
        own = await path_employer(api)
        _, binding_id = await told_employee(api, own)
        assert outcomes(await apply_for(own.main.api, binding_id)) == ["SPECIALIST_REVIEW"]
        reviewer, case_id = await waiting_case(api)
        document = "mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
        asked: dict[str, dict[str, object]] = {
            "decideReview": {"id": case_id, "approve": True},
            "cancelSpecialist": {"id": binding_id, "reason": "Because."},
        }

        async def refused() -> None:
            for name, given in asked.items():
                text = document.format(kind=name[0].upper() + name[1:] + "Input", name=name)
                answer = await own.main.api.send(text, input={**given, "idempotencyKey": key()})
                assert answer.error["reason"] == "PERMISSION_DENIED", name
            assert codes(await unbind(own.main.api, binding_id)) == ["STATE_CONFLICT"]
            assert codes(await ask_cancellation(own.main.api, binding_id)) == ["STATE_CONFLICT"]
            assert codes(await withdraw_cancellation(own.main.api, binding_id)) == ["STATE_CONFLICT"]

        assert await api.changes(refused) == set()
        assert codes(await decide(reviewer.api, case_id)) == []

        async def again() -> None:
            assert codes(await decide(reviewer.api, case_id, approve=False, reason="Because.")) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()

    async def test_a_known_version_that_is_not_the_present_one(self, api: Api) -> None:
        own = await path_employer(api)
        _, binding_id = await specialist(api, own)
        manager = await staff(api, Role.ECO_MANAGER)

        async def refused() -> None:
            old = {"expectedVersion": 1}
            assert codes(await ask_cancellation(own.main.api, binding_id, **old)) == ["CONFLICT"]
            assert codes(await withdraw_cancellation(own.main.api, binding_id, **old)) == ["CONFLICT"]
            given = {"id": binding_id, "reason": "Because.", "idempotencyKey": key(), **old}
            assert codes(await manager.api.do("cancelSpecialist", BINDING, **given)) == ["CONFLICT"]

        assert await api.changes(refused) == set()


async def test_actions_say_what_stands_against_an_application(api: Api) -> None:
    own, pathless = await path_employer(api), await employer(api)
    shown = "{ specialistBindings { nodes { id actions { action blockers { code } } } } }"

    async def against(who: Person) -> list[list[str]]:
        nodes = (await who.api.send(shown)).data["specialistBindings"]["nodes"]
        steps = [one for node in nodes for one in node["actions"] if one["action"] == "APPLY"]
        return [[blocker["code"] for blocker in one["blockers"]] for one in steps]

    await bound(api, pathless)
    assert await against(pathless.main) == [["PATH_REQUIRED", "BASE_LOCATION_MISSING"]]
    who, binding_id = await bound(api, own)
    assert await against(own.main) == [["BASE_LOCATION_MISSING"]]
    assert outcomes(await apply_for(own.main.api, binding_id)) == [["BASE_LOCATION_MISSING"]]
    assert codes(await save_employment(who.api)) == []
    assert await against(own.main) == [[]]
    assert outcomes(await apply_for(own.main.api, binding_id)) == ["SPECIALIST_REVIEW"]
    assert await against(own.main) == [["STATE_CONFLICT"]]


async def test_actions_say_what_the_commands_would(api: Api) -> None:
    own = await path_employer(api)
    _, binding_id = await specialist(api, own)
    document = "query($id: ID!) { node(id: $id) { ... on SpecialistBinding { actions { action allowed } } } }"

    async def allowed(who: Person) -> set[str]:
        found = await who.api.send(document, id=binding_id)
        return {one["action"] for one in found.data["node"]["actions"] if one["allowed"]}

    assert await allowed(own.main) == {"REQUEST_CANCELLATION"}
    assert await allowed(await staff(api, Role.ECO_MANAGER)) == {"CANCEL"}
    assert codes(await ask_cancellation(own.main.api, binding_id)) == []
    assert await allowed(own.main) == {"WITHDRAW_CANCELLATION"}
