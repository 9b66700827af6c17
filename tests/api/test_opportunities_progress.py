"""After the verification: one timeline for both sides, signing, delivery, loss, cancellation."""

from typing import Any

from tests import opportunities as po
from tests.client import Api, codes
from tests.opportunities import NANJING, desk, done


def places(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["path"]) for error in payload["userErrors"]]


class TestTimeline:
    async def test_support_is_asked_for_and_answered(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verified(api, at)
        request = {"kind": "SUPPORT_REQUEST", "supportNeed": "BUSINESS_DEMO", "text": "A demo in April?"}
        asked = await done(await po.progress(at.main.client, opportunity, **request))
        entry = asked["opportunity"]["updates"][0]

        answer = {"kind": "SUPPORT_ANSWER", "answersId": entry["id"], "text": "On the 14th."}
        answered = await done(await po.progress(at.psm.client, opportunity, **answer))

        newest = answered["opportunity"]["updates"][0]
        assert (entry["kind"], entry["side"], entry["supportNeed"]) == ("SUPPORT_REQUEST", "PARTNER", "BUSINESS_DEMO")
        assert (newest["kind"], newest["side"], newest["answersId"]) == ("SUPPORT_ANSWER", "VENDOR", entry["id"])
        assert "opportunity_updated" in await po.told(api, at.psm)
        assert "opportunity_updated" in await po.told(api, at.main)

    async def test_each_entry_is_told_and_counts_as_a_change(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verified(api, at)
        before = await api.value("select version from opportunity")
        for _ in range(2):
            await done(await po.progress(at.main.client, opportunity))
        told = [row["template"] for row in await api.inbox(at.psm.email)]
        assert told.count("opportunity_updated") == 2
        assert await api.value("select version from opportunity") == before + 2

    async def test_what_does_not_belong_together(self, api: Api) -> None:
        at, other = await desk(api), await desk(api, regions=(NANJING,))
        opportunity, second = await po.verified(api, at), await po.verified(api, at)
        request = {"kind": "SUPPORT_REQUEST", "supportNeed": "BUSINESS_DEMO"}
        elsewhere = await done(await po.progress(at.main.client, second, **request))
        answer = {"kind": "SUPPORT_ANSWER", "answersId": elsewhere["opportunity"]["updates"][0]["id"]}

        async def attempt() -> None:
            for client, given, expected in (
                (at.main.client, {"kind": "SUPPORT_REQUEST"}, [("REQUIRED", ["input", "supportNeed"])]),
                (at.psm.client, request, [("OUT_OF_RANGE", ["input", "kind"])]),
                (at.psm.client, answer, [("REQUIRED", ["input", "answersId"])]),
                (at.main.client, {"text": " "}, [("REQUIRED", ["input", "text"])]),
                (other.psm.client, {}, [("NOT_OFFICE_PSM", [])]),
                (other.main.client, {}, [("NOT_FOUND", ["input", "id"])]),
            ):
                assert places(await po.progress(client, opportunity, **given)) == expected

        assert await api.changes(attempt) == set()

    async def test_nothing_before_the_verification(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verifying(api, at)

        async def attempt() -> None:
            for answer in (
                await po.progress(at.main.client, opportunity),
                await po.progress(at.psm.client, opportunity),
                await po.sign(at.main.client, opportunity),
                await po.deliver(at.main.client, opportunity),
                await po.lose(at.main.client, opportunity),
                await po.cancel(at.psm.client, opportunity),
            ):
                assert codes(answer) == ["PO_NOT_VERIFIED"]

        assert await api.changes(attempt) == set()

    async def test_the_newest_twenty_come_with_it_and_all_by_themselves(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verified(api, at)
        for number in range(20):
            await done(await po.progress(at.main.client, opportunity, text=f"Week {number}."))
        document = """query($id: ID!) { opportunity(id: $id) { updates { text } }
            opportunityUpdates(opportunity: $id, first: 50) { nodes { text kind } totalCount { value } } }"""

        seen = (await at.psm.client.send(document, id=opportunity)).data

        assert [one["text"] for one in seen["opportunity"]["updates"]] == [f"Week {n}." for n in range(19, -1, -1)]
        assert seen["opportunityUpdates"]["totalCount"] == {"value": 23}
        assert seen["opportunityUpdates"]["nodes"][-1] == {"text": None, "kind": "SUBMITTED"}


class TestSigning:
    async def test_the_contract_is_of_today_at_the_latest_and_worth_something(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verified(api, at)

        async def attempt() -> None:
            for given, expected in (
                ({"signedOn": "2026-03-03"}, [("OUT_OF_RANGE", ["input", "signedOn"])]),
                ({"signedOn": "2026-03-01"}, [("OUT_OF_RANGE", ["input", "signedOn"])]),
                ({"amount": "0"}, [("OUT_OF_RANGE", ["input", "amount"])]),
                ({"amount": "1,5"}, [("INVALID_FORMAT", ["input", "amount"])]),
                ({"contractRef": " "}, [("REQUIRED", ["input", "contractRef"])]),
                ({"expectedVersion": 1}, [("CONFLICT", ["input", "expectedVersion"])]),
            ):
                assert places(await po.sign(at.main.client, opportunity, **given)) == expected
            assert codes(await po.deliver(at.main.client, opportunity)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_delivered_after_it_was_signed_and_then_all_is_over(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verified(api, at)
        at = await po.later(api, at, days=3)
        await done(await po.sign(at.main.client, opportunity, signedOn="2026-03-04"))

        async def attempt() -> None:
            for given, expected in (
                ({"deliveredOn": "2026-03-03"}, [("OUT_OF_RANGE", ["input", "deliveredOn"])]),
                ({"deliveredOn": "2026-03-06"}, [("OUT_OF_RANGE", ["input", "deliveredOn"])]),
                ({"acceptanceRef": " "}, [("REQUIRED", ["input", "acceptanceRef"])]),
                ({"expectedVersion": 1}, [("CONFLICT", ["input", "expectedVersion"])]),
            ):
                on = {"deliveredOn": "2026-03-05", **given}
                assert places(await po.deliver(at.main.client, opportunity, **on)) == expected
            assert codes(await po.lose(at.main.client, opportunity)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        await done(await po.deliver(at.main.client, opportunity, deliveredOn="2026-03-04"))

        async def again() -> None:
            for answer in (
                await po.progress(at.main.client, opportunity),
                await po.sign(at.main.client, opportunity, signedOn="2026-03-04"),
                await po.cancel(at.psm.client, opportunity),
            ):
                assert codes(answer) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()


class TestEnding:
    async def test_lost_with_a_reason(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verified(api, at)

        async def attempt() -> None:
            assert codes(await po.lose(at.main.client, opportunity, reason=" ")) == ["REASON_REQUIRED"]
            assert codes(await po.lose(at.main.client, opportunity, expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()
        lost = await done(await po.lose(at.main.client, opportunity))
        assert lost["opportunity"]["state"] == "LOST"
        assert await api.value("select closing_reason from opportunity") == "They chose another supplier."

    async def test_a_partner_cannot_cancel_whatever_the_state(self, api: Api) -> None:
        at = await desk(api)
        opportunities = [await po.submitted(api, at), await po.verifying(api, at), await po.verified(api, at)]

        async def attempt() -> None:
            for opportunity in opportunities:
                assert codes(await po.cancel(at.main.client, opportunity)) == ["PO_CANNOT_CANCEL"]

        assert await api.changes(attempt) == set()

    async def test_the_office_and_the_partners_ecosystem_manager_can(self, api: Api) -> None:
        at, other = await desk(api), await desk(api, regions=(NANJING,))
        first, second = await po.verified(api, at), await po.verified(api, at)

        async def attempt() -> None:
            for stranger in (other.psm, other.manager):
                assert codes(await po.cancel(stranger.client, first)) == ["NOT_OFFICE_PSM"]
            assert codes(await po.cancel(at.psm.client, first, reason=" ")) == ["REASON_REQUIRED"]
            assert codes(await po.cancel(at.psm.client, first, expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()
        await done(await po.cancel(at.colleague.client, first))
        await done(await po.sign(at.main.client, second))
        cancelled = await done(await po.cancel(at.manager.client, second))
        assert cancelled["opportunity"]["state"] == "CANCELLED"
        assert "served directly" in (await po.told(api, at.main))["opportunity_cancelled"]
