"""The way of an opportunity: draft, audit, verification, signing, delivery; who is told what."""

from typing import Any

from core.ids import decode_id, encode_id
from rules.access import Role
from tests import opportunities as po
from tests import world
from tests.client import Api, codes
from tests.opportunities import HANGZHOU, NANJING, ZHEJIANG, Desk, desk, done

OUTLIVES = ("outbox",)


async def templates(api: Api, email: str) -> list[str]:
    """What was sent to somebody, by name: two notices of one delivery come in either order."""
    return sorted(row["template"] for row in await api.inbox(email))


async def events(api: Api) -> list[str]:
    return [row["type"] for row in await api.rows("select type from event order by id")]


def row_of(opportunity: str) -> Any:
    return decode_id(opportunity)[1]


class TestJourney:
    async def test_from_draft_to_delivery(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.drafted(at.main.client)
        submitted = await done(await po.submit(at.main.client, opportunity))
        audited = await done(await po.audit(at.manager.client, opportunity))
        verified = await done(await po.verify(at.psm.client, opportunity))
        await done(await po.progress(at.main.client, opportunity))
        signed = await done(await po.sign(at.main.client, opportunity))
        delivered = await done(await po.deliver(at.main.client, opportunity))

        states = [one["opportunity"]["state"] for one in (submitted, audited, verified, signed, delivered)]
        assert states == ["SUBMITTED", "VERIFYING", "VERIFIED", "SIGNED", "DELIVERED"]
        [row] = await api.rows("select * from opportunity")
        assert (row["contract_minor"], row["contract_currency"], row["revision"]) == (45_000_000, "CNY", 1)
        assert row["rep_office_id"] == row_of(at.office_id)
        assert row["verified_by"] == at.psm.id
        assert await events(api) == [
            "rep_office.added",
            "office_member.set",
            "office_member.set",
            "opportunity.saved",
            "opportunity.submitted",
            "opportunity.audited",
            "opportunity.verified",
            "opportunity.updated",
            "opportunity.signed",
            "opportunity.delivered",
        ]
        kinds = [one["kind"] for one in await api.rows("select kind from opportunity_update order by id")]
        assert kinds == ["SUBMITTED", "AUDITED", "VERIFIED", "PROGRESS", "SIGNED", "DELIVERED"]

    async def test_everybody_hears_of_it(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verifying(api, at)
        await done(await po.verify(at.psm.client, opportunity))
        await done(await po.progress(at.main.client, opportunity))
        await done(await po.progress(at.psm.client, opportunity))

        assert await templates(api, at.manager.email) == ["opportunity_submitted"]
        assert await templates(api, at.psm.email) == ["opportunity_to_verify", "opportunity_updated"]
        assert await templates(api, at.colleague.email) == ["opportunity_decided", "opportunity_to_verify"]
        assert await templates(api, at.main.email) == ["opportunity_updated", "opportunity_verified"]

    async def test_the_member_in_charge_hears_of_it_too(self, api: Api) -> None:
        at = await desk(api)
        clerk = await world.member(api, at.partner_id, Role.OPERATIONS)
        opportunity = await po.drafted(at.main.client, ownerUserId=encode_id("acc", clerk.id))
        await done(await po.submit(at.main.client, opportunity))
        await done(await po.audit(at.manager.client, opportunity, approve=False))

        assert await templates(api, clerk.email) == ["opportunity_audit_rejected"]
        assert await templates(api, at.main.email) == ["opportunity_audit_rejected"]

    async def test_sent_back_corrected_and_submitted_again(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.submitted(api, at)
        rejected = await done(await po.audit(at.manager.client, opportunity, approve=False))
        assert rejected["opportunity"]["state"] == "AUDIT_REJECTED"
        await done(await po.save(at.main.client, id=opportunity, need="Exactly forty terminals, one data model."))

        again = await done(await po.submit(at.main.client, opportunity))

        assert (again["opportunity"]["state"], again["opportunity"]["revision"]) == ("SUBMITTED", 2)
        [row] = await api.rows("select verdict_reason, verdict_note from opportunity")
        assert set(row.values()) == {None}

    async def test_a_repeated_key_repeats_the_answer_only(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.submitted(api, at)
        first = await po.audit(at.manager.client, opportunity, idempotencyKey="audit-once-0001")
        second = await po.audit(at.manager.client, opportunity, idempotencyKey="audit-once-0001")

        assert first == second
        assert await api.value("select count(*) from audit where operation = 'audit_opportunity'") == 1

    async def test_a_dry_run_tells_everything_and_does_nothing(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.drafted(at.main.client)

        async def attempt() -> None:
            tried = await po.submit(at.main.client, opportunity, dryRun=True)
            assert codes(tried) == []
            assert [effect["kind"] for effect in tried["effects"]] == [
                "opportunity.submitted",
                "W_NO_ACCOUNT_REPORT",
                "W_NO_OFFERING",
            ]

        assert await api.changes(attempt) == set()


class TestRouting:
    async def route(self, api: Api, at: Desk, region: str) -> dict[str, Any]:
        return await po.audit(at.manager.client, await po.submitted(api, at, customerRegion=region))

    async def test_a_city_of_its_own_goes_before_its_province(self, api: Api) -> None:
        at = await desk(api, regions=(ZHEJIANG,))
        city = await po.office(api, regions=(HANGZHOU,))
        psm = await po.office_member(api, city)

        await done(await self.route(api, at, HANGZHOU))
        await done(await self.route(api, at, "330200"))

        found = [row["rep_office_id"] for row in await api.rows("select rep_office_id from opportunity order by id")]
        assert found == [row_of(city), row_of(at.office_id)]
        assert await templates(api, psm.email) == ["opportunity_to_verify"]
        assert await templates(api, at.psm.email) == ["opportunity_to_verify"]

    async def test_without_an_office_or_a_psm_the_audit_cannot_pass(self, api: Api) -> None:
        at = await desk(api)
        empty = await po.office(api, regions=(NANJING,))
        await po.office_member(api, empty, duty="BD")
        uncovered = await po.submitted(api, at, customerRegion="110100")
        unstaffed = await po.submitted(api, at, customerRegion=NANJING)

        async def attempt() -> None:
            for opportunity in (uncovered, unstaffed):
                assert codes(await po.audit(at.manager.client, opportunity)) == ["PO_OFFICE_MISSING"]

        assert await api.changes(attempt) == set()
        await done(await po.audit(at.manager.client, uncovered, approve=False))

    async def test_any_ecosystem_manager_audits_where_none_answers_for_the_partner(self, api: Api) -> None:
        at = await desk(api)
        partner_id, main = await world.admitted_partner(api)
        await po.join_co_sell(api, partner_id)
        stranger = await po.staff(api, Role.ECO_MANAGER)
        opportunity = await po.drafted(main.client)
        await done(await po.submit(main.client, opportunity))
        assert await templates(api, stranger.email) == ["opportunity_submitted"]
        assert await templates(api, at.manager.email) == ["opportunity_submitted"]
        await done(await po.audit(stranger.client, opportunity))

        foreign = await po.submitted(api, at)

        async def attempt() -> None:
            assert codes(await po.audit(stranger.client, foreign)) == ["NOT_PARTNERS_ECO_MANAGER"]

        assert await api.changes(attempt) == set()


class TestVerifying:
    async def test_a_bd_of_the_office_may_verify_too(self, api: Api) -> None:
        at = await desk(api)
        bd = await po.office_member(api, at.office_id, duty="BD")
        opportunity = await po.verifying(api, at)
        assert await templates(api, bd.email) == []

        assert codes(await po.verify(bd.client, opportunity)) == []

    async def test_the_second_comes_too_late(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verified(api, at)

        async def attempt() -> None:
            for approve in (True, False):
                late = await po.verify(at.colleague.client, opportunity, approve=approve)
                assert codes(late) == ["PO_ALREADY_PROCESSED"]
                assert late["userErrors"][0]["rule"] == {"id": "opportunities.first"}
            assert codes(await po.claim(at.colleague.client, opportunity)) == ["PO_ALREADY_PROCESSED"]

        assert await api.changes(attempt) == set()

    async def test_nobody_of_another_office(self, api: Api) -> None:
        at, other = await desk(api), await desk(api, regions=(NANJING,))
        opportunity = await po.verifying(api, at)

        async def attempt() -> None:
            assert codes(await po.verify(other.psm.client, opportunity)) == ["NOT_OFFICE_PSM"]
            assert codes(await po.claim(other.psm.client, opportunity)) == ["NOT_OFFICE_PSM"]

        assert await api.changes(attempt) == set()

    async def test_a_claim_binds_nobody(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verifying(api, at)
        await done(await po.claim(at.psm.client, opportunity))
        await done(await po.claim(at.psm.client, opportunity))

        async def attempt() -> None:
            assert codes(await po.claim(at.colleague.client, opportunity)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        assert codes(await po.verify(at.colleague.client, opportunity)) == []

    async def test_a_rejection_says_why(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verifying(api, at)
        cases: tuple[tuple[dict[str, Any], list[tuple[str, list[str]]]], ...] = (
            (
                {"reason": None, "note": None},
                [("REASON_REQUIRED", ["input", "reason"]), ("REASON_REQUIRED", ["input", "note"])],
            ),
            ({"reason": "INCOMPLETE"}, [("OUT_OF_RANGE", ["input", "reason"])]),
            ({"reason": "DEADLINE_PASSED"}, [("OUT_OF_RANGE", ["input", "reason"])]),
            ({"reason": "DUPLICATE"}, [("REQUIRED", ["input", "duplicateOfId"])]),
        )

        async def attempt() -> None:
            for given, expected in cases:
                refused = await po.verify(at.psm.client, opportunity, approve=False, **given)
                assert [(error["code"], error["path"]) for error in refused["userErrors"]] == expected

        assert await api.changes(attempt) == set()
        rejected = await done(await po.verify(at.psm.client, opportunity, approve=False))
        assert rejected["opportunity"]["state"] == "VERIFY_REJECTED"
        assert "They have bought it already." in (await po.told(api, at.main))["opportunity_rejected"]

    async def test_whoever_knows_an_older_version_is_told(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verifying(api, at)

        async def attempt() -> None:
            refused = await po.verify(at.psm.client, opportunity, expectedVersion=1)
            assert codes(refused) == ["CONFLICT"]

        assert await api.changes(attempt) == set()
        assert codes(await po.verify(at.psm.client, opportunity, expectedVersion=3)) == []
