"""Lists of experts after the check: objections and their answers, materials and their review; through the API."""

import asyncio
from datetime import datetime, timedelta

from rules.access import Role
from tasks import experts as clock
from tests.client import Api, codes
from tests.experts import (
    FIFTEENTH,
    answer,
    at,
    certify,
    confirm,
    dispute,
    enter,
    generated,
    hand_in,
    in_review,
    listed,
    mails,
    specialist,
    stage,
    status_of,
)
from tests.factories import key, member
from tests.opportunities import staff
from tests.paths import decide
from tests.uploads import open_slot

DAY, MS = timedelta(days=1), timedelta(milliseconds=1)


class TestDispute:
    async def test_the_clock_stands_still_until_the_vendor_has_answered(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        disputed = await dispute(on.api, made)
        assert (disputed["incentive"]["status"], disputed["incentive"]["objection"]) == (
            "DISPUTED",
            "One expert is missing.",
        )
        await at(api, FIFTEENTH + 60 * DAY)
        assert await clock.pass_time(api.settings, api.clock) == 0
        assert await clock.remind(api.settings, api.clock) == 0

        async def attempt() -> None:
            assert codes(await confirm(on.api, made)) == ["STATE_CONFLICT"]
            assert codes(await dispute(on.api, made)) == ["STATE_CONFLICT"]
            assert codes(await answer(on.operations, made, answer=" ")) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        told = (await answer(on.operations, made))["incentive"]
        assert (told["status"], told["headCount"], told["answer"]) == ("PENDING_CONFIRM", 1, "It is right.")
        assert datetime.fromisoformat(told["deadline"]) > api.clock() + 40 * DAY
        assert "expert_list_recounted" in await mails(api, on)
        assert codes(await confirm(on.api, made)) == []

        async def again() -> None:
            assert codes(await answer(on.operations, made)) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()

    async def test_counted_anew_it_has_those_who_count_now(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await dispute(on.api, made)
        assert codes(await enter(on, await specialist(api, on), level="PRINCIPAL")) == []
        told = (await answer(on.operations, made, recount=True))["incentive"]
        assert (told["headCount"], told["total"]["amount"]) == (2, "32000.00")
        assert [line["level"] for line in told["lines"]] == ["PRINCIPAL", "SENIOR"]

        async def attempt() -> None:
            assert codes(await confirm(on.api, made)) == ["EXPERT_LIST_DIFFERS", "EXPERT_LIST_DIFFERS"]

        assert await api.changes(attempt) == set()
        assert codes(await confirm(on.api, told)) == []

    async def test_there_is_no_list_of_nobody(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await dispute(on.api, made)
        await api.database.superuser.execute("update specialist_binding set state = 'VENDOR_CANCELLED'")

        async def attempt() -> None:
            assert codes(await answer(on.operations, made, recount=True)) == ["EXPERT_LIST_EMPTY"]

        assert await api.changes(attempt) == set()

    async def test_at_the_deadline_it_is_too_late_to_object_and_blanks_are_no_words(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        until = datetime.fromisoformat(made["deadline"])
        await at(api, until)

        async def attempt() -> None:
            assert codes(await dispute(on.api, made, objection=" ")) == ["INCENTIVE_EXPIRED", "REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        await at(api, until - MS)
        assert codes(await dispute(on.api, made)) == []

    async def test_operations_alone_answer(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await dispute(on.api, made)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        document = "mutation($input: AnswerExpertDisputeInput!) { answerExpertDispute(input: $input) { __typename } }"
        given = {"id": made["id"], "answer": "Yes.", "recount": False, "idempotencyKey": key()}
        for client in (on.api, reviewer.client):
            assert (await client.send(document, input=given)).error["reason"] == "PERMISSION_DENIED"


class TestMaterials:
    async def test_all_kinds_are_handed_in_with_certified_business_information(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        slot = (await open_slot(on.api))["upload"]["id"]

        async def early() -> None:
            assert codes(await hand_in(on.api, made, acceptanceIds=[])) == [
                "STATE_CONFLICT",
                "BUSINESS_INFO_REQUIRED",
                "REQUIRED",
            ]
            assert codes(await hand_in(on.api, made, acceptanceIds=[slot]))[-1] == "UPLOAD_NOT_RECEIVED"

        await hand_in(on.api, made)  # the file that the caller keeps has been sent
        assert await api.changes(early) == set()
        await certify(on)
        assert codes(await confirm(on.api, made)) == []
        sent = (await hand_in(on.api, made))["incentive"]
        assert sent["status"] == "IN_REVIEW"
        assert {name: len(sent[name]) for name in ("employmentProofs", "insuranceProofs", "acceptanceProofs")} == {
            "employmentProofs": 1,
            "insuranceProofs": 1,
            "acceptanceProofs": 1,
        }

        async def again() -> None:
            assert codes(await hand_in(on.api, made)) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()

    async def test_no_more_files_of_a_kind_than_the_policy_allows(self, api: Api) -> None:
        await api.override("experts.files_max", 1)
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await certify(on)
        await confirm(on.api, made)
        slots = [(await open_slot(on.api))["upload"]["id"] for _ in range(2)]
        await hand_in(on.api, made, dryRun=True)  # the file that the caller keeps has been sent

        async def attempt() -> None:
            answered = await hand_in(on.api, made, employmentIds=slots)
            assert codes(answered) == ["UPLOAD_NOT_RECEIVED", "UPLOAD_NOT_RECEIVED", "TOO_MANY"]

        assert await api.changes(attempt) == set()

    async def test_the_vendor_approves_or_sends_back_with_a_new_time(self, api: Api) -> None:
        on = await stage(api)
        made = await in_review(api, on, "SENIOR")

        async def attempt() -> None:
            assert codes(await decide(on.walker, "EXPERT_INCENTIVE", approve=False)) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        await at(api, FIFTEENTH + 10 * DAY)
        assert codes(await decide(on.walker, "EXPERT_INCENTIVE", approve=False, reason="No print date.")) == []
        [back] = await listed(on.api)
        assert (back["status"], back["reason"]) == ("WAIT_MATERIALS", "No print date.")
        until = datetime.fromisoformat(back["deadline"])
        assert until > datetime.fromisoformat(made["deadline"])
        await at(api, until - MS)
        assert codes(await hand_in(on.api, back, dryRun=True)) == []
        await at(api, until)

        async def late() -> None:
            assert codes(await hand_in(on.api, back)) == ["INCENTIVE_EXPIRED"]

        await hand_in(on.api, back)
        assert await api.changes(late) == set()
        await at(api, until - DAY)
        assert codes(await hand_in(on.api, back)) == []
        assert codes(await decide(on.walker, "EXPERT_INCENTIVE")) == []
        [done] = await listed(on.api)
        assert (done["status"], done["reason"]) == ("APPROVED", None)
        assert done["approvedAt"] is not None
        assert {"expert_materials_rejected", "expert_list_approved"} <= set(await mails(api, on))
        assert await clock.pass_time(api.settings, api.clock) == 0

    async def test_materials_that_never_come_end_the_list(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        until = datetime.fromisoformat((await confirm(on.api, made))["incentive"]["deadline"])
        api.clock.at = until
        assert await clock.pass_time(api.settings, api.clock) == 1
        assert await status_of(api, made) == "EXPIRED"

    async def test_finance_hands_in_and_a_reviewer_decides(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await certify(on)
        clerk = await member(api, on.partner, Role.FINANCE)
        await confirm(clerk.api, made)
        assert codes(await hand_in(clerk.api, made)) == []
        document = "{ reviewQueue(filter: {kinds: [EXPERT_INCENTIVE]}) { nodes { subject { id } } } }"
        for role, seen in ((Role.VENDOR_FINANCE, []), (Role.VENDOR_REVIEWER, [{"subject": {"id": made["id"]}}])):
            who = await staff(api, role)
            assert (await who.client.send(document)).data["reviewQueue"]["nodes"] == seen

    async def test_two_who_hand_in_at_once_leave_one_review(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await certify(on)
        await confirm(on.api, made)
        await hand_in(on.api, made, dryRun=True)
        answers = await asyncio.gather(*(hand_in(on.api, made) for _ in range(4)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("STATE_CONFLICT",)] * 3]
        assert await api.value("select count(*) from review_case where kind = 'EXPERT_INCENTIVE'") == 1
