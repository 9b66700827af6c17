"""Verdicts on applications for the market development fund, and taking them back; through the API."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.funds import (
    actions,
    approved,
    decide,
    event,
    expense,
    funded,
    left,
    refused,
    review_of,
    shown,
    step,
    submit,
    submitted,
)
from tests.opportunities import done, key
from tests.paths import mails


class TestReview:
    async def test_submitted_it_holds_its_share_and_approved_it_has_ninety_days_to_be_claimed(self, api: Api) -> None:
        who = await funded(api)
        case = await submitted(api, who)
        assert (case["state"], case["reserved"]["amount"]) == ("USE_REVIEW", "4000.00")
        assert await left(who) == ("4000.00", "0.00", "46000.00")
        await done(await decide(who, case))
        now = await shown(who, case)
        assert (now["state"], now["dueAt"]) == ("USE_APPROVED", "2026-06-28T16:00:00.000Z")
        assert now["hostName"] is not None
        assert await left(who) == ("4000.00", "0.00", "46000.00")
        assert "mdf_case_approved" in await mails(api, who)

    async def test_rejected_it_frees_its_share_and_is_submitted_again(self, api: Api) -> None:
        who = await funded(api)
        case = await submitted(api, who)

        async def attempt() -> None:
            assert codes(await decide(who, case, approve=False)) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        await done(await decide(who, case, approve=False, reason="Too vague."))
        now = await shown(who, case)
        assert (now["state"], now["reason"], now["reserved"]["amount"]) == ("USE_REJECTED", "Too vague.", "0.00")
        assert await left(who) == ("0.00", "0.00", "50000.00")
        assert "mdf_case_rejected" in await mails(api, who)
        emptied = (await done(await step(who.api, "updateMdfCase", case, events=[], budget=[])))["case"]
        assert (emptied["state"], emptied["startsOn"]) == ("DRAFT", None)
        await refused(api, lambda: submit(who, case), "REQUIRED", "REQUIRED")
        whole = {"audience": "Customers in logistics", "events": [event(api)], "budget": [expense()]}
        await done(await step(who.api, "updateMdfCase", case, **whole))
        again = (await done(await submit(who, case)))["case"]
        assert (again["state"], again["reason"]) == ("USE_REVIEW", None)
        assert await api.value("select max(round) from review_case where kind = 'MDF_APPLICATION'") == 2

    async def test_what_has_begun_cannot_be_approved_any_more(self, api: Api) -> None:
        who = await funded(api)
        case = await submitted(api, who)
        start = api.clock() + timedelta(days=28) - timedelta(hours=12)
        for at, expected in ((start, ["MDF_RETROACTIVE"]), (start - timedelta(seconds=1), [])):
            api.clock.at = at
            await refresh(api)
            assert codes(await decide(who, case, dryRun=True)) == expected
        api.clock.at = start
        await refused(api, lambda: decide(who, case), "MDF_RETROACTIVE")
        api.clock.at = start - timedelta(seconds=1)
        await done(await decide(who, case, approve=False, reason="Too late."))

    async def test_two_verdicts_at_once_leave_one(self, api: Api) -> None:
        who = await funded(api)
        case = await submitted(api, who)
        review = await review_of(who, case)

        async def verdict(approve: bool) -> dict[str, Any]:
            given = {"id": review, "approve": approve, "reason": "As agreed.", "idempotencyKey": key()}
            return await who.manager.client.do("decideReview", "review { id }", **given)

        answers = await asyncio.gather(*(verdict(number % 2 == 0) for number in range(4)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("STATE_CONFLICT",)] * 3]
        held = (await shown(who, case))["state"] == "USE_APPROVED"
        assert await left(who) == (("4000.00", "0.00", "46000.00") if held else ("0.00", "0.00", "50000.00"))


class TestCancellation:
    async def test_before_its_first_day_it_is_taken_back_and_changed(self, api: Api) -> None:
        who = await funded(api)
        waiting = await submitted(api, who)
        await done(await step(who.api, "cancelMdfCase", waiting))
        assert await left(who) == ("0.00", "0.00", "50000.00")
        assert await api.value("select state from review_case where kind = 'MDF_APPLICATION'") == "WITHDRAWN"
        assert codes(await step(who.api, "cancelMdfCase", waiting)) == ["STATE_CONFLICT"]
        changed = (await done(await step(who.api, "updateMdfCase", waiting, name="Cloud week")))["case"]
        assert changed["state"] == "DRAFT"
        case = await approved(api, who)
        start = api.clock() + timedelta(days=28) - timedelta(hours=12)
        api.clock.at = start
        await refresh(api)

        async def attempt() -> None:
            assert codes(await step(who.api, "cancelMdfCase", case)) == ["MDF_ACTIVITY_STARTED"]

        assert await api.changes(attempt) == set()
        assert actions(await shown(who, case))["CANCEL"] == ["MDF_ACTIVITY_STARTED"]
        api.clock.at = start - timedelta(seconds=1)
        await done(await step(who.api, "cancelMdfCase", case))
        assert (await shown(who, case))["dueAt"] is None
        assert await left(who) == ("0.00", "0.00", "50000.00")
