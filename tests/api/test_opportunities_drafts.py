"""Writing an opportunity: piece by piece, by one's own reference, with what is wrong told at once."""

from typing import Any

import pytest

from core.ids import encode_id
from rules.access import Role
from tests import opportunities as po
from tests import world
from tests.client import Api, codes
from tests.opportunities import Desk, desk, done

FIELDS = """opportunity { id name state version externalRef need preSales cloudServices needTags ownerUserId
    expectedRevenue { amount currency } offerings { id } warnings { code message } }"""


def places(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(error["code"], error["path"]) for error in payload["userErrors"]]


async def saved(at: Desk, **given: Any) -> dict[str, Any]:
    payload = await at.main.client.do("saveOpportunityDraft", FIELDS, **given)
    assert codes(payload) == [], payload
    found: dict[str, Any] = payload["opportunity"]
    return found


class TestSaving:
    async def test_a_field_left_out_stays_and_null_empties_it(self, api: Api) -> None:
        at = await desk(api)
        first = await saved(at, name="Data lake", need="One place for all.", expectedRevenue="12000.5")

        second = await saved(at, id=first["id"], need=None, preSales=["QUOTATION", "QUOTATION"])

        assert (first["name"], first["version"]) == ("Data lake", 1)
        assert first["expectedRevenue"] == {"amount": "12000.50", "currency": "CNY"}
        assert (second["name"], second["need"], second["version"]) == ("Data lake", None, 2)
        assert second["preSales"] == ["QUOTATION"]
        cleared = await saved(at, id=first["id"], expectedRevenue=None, preSales=None)
        assert (cleared["expectedRevenue"], cleared["preSales"]) == (None, [])

    async def test_ones_own_reference_finds_it_again(self, api: Api) -> None:
        at = await desk(api)
        first = await saved(at, externalRef="CRM-7", name="Data lake")
        again = await saved(at, externalRef="CRM-7", name="Data ocean")
        assert (again["id"], again["name"]) == (first["id"], "Data ocean")
        renamed = await saved(at, id=first["id"], externalRef="CRM-8")
        assert renamed["externalRef"] == "CRM-8"
        document = '{ opportunity(externalRef: "CRM-8") { id } }'
        assert (await at.main.client.send(document)).data["opportunity"] == {"id": first["id"]}

        other = await po.another(api, at)
        theirs = await saved(other, externalRef="CRM-8", name="Theirs")
        assert theirs["id"] != first["id"]

    async def test_a_reference_that_another_of_yours_has(self, api: Api) -> None:
        at = await desk(api)
        await saved(at, externalRef="CRM-7")
        second = await saved(at, externalRef="CRM-8")

        async def attempt() -> None:
            assert codes(await po.save(at.main.client, id=second["id"], externalRef="CRM-7")) == ["CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_everything_in_a_wrong_form_is_told_at_once(self, api: Api) -> None:
        at = await desk(api)
        given = {
            "contactMobile": "12",
            "partnerContactMobile": "+6591234567",
            "contactEmail": "nobody",
            "customerCreditCode": "91330100",
            "customerRegion": "990000",
            "expectedRevenue": "12,5",
            "customerId": encode_id("cus", at.partner_id),
            "ownerUserId": encode_id("acc", at.psm.id),
            "offeringIds": [encode_id("ofr", at.partner_id)],
        }

        async def attempt() -> None:
            refused = await po.save(at.main.client, **given)
            assert sorted(places(refused)) == [
                ("CREDIT_CODE_INVALID", ["input", "customerCreditCode"]),
                ("EMAIL_INVALID", ["input", "contactEmail"]),
                ("INVALID_FORMAT", ["input", "customerRegion"]),
                ("INVALID_FORMAT", ["input", "expectedRevenue"]),
                ("MOBILE_INVALID", ["input", "contactMobile"]),
                ("MOBILE_NOT_OF_SITE", ["input", "partnerContactMobile"]),
                ("NOT_FOUND", ["input", "customerId"]),
                ("NOT_FOUND", ["input", "offeringIds", "0"]),
                ("NOT_FOUND", ["input", "ownerUserId"]),
            ]

        assert await api.changes(attempt) == set()

    async def test_only_partners_in_the_plan(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        async def attempt() -> None:
            assert codes(await po.save(main.client, name="Data lake")) == ["PCE_NOT_JOINED"]

        assert await api.changes(attempt) == set()

    async def test_not_once_it_is_submitted(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.submitted(api, at, externalRef="CRM-7")

        async def attempt() -> None:
            for given in ({"id": opportunity}, {"externalRef": "CRM-7"}):
                assert codes(await po.save(at.main.client, name="Other", **given)) == ["PO_NOT_EDITABLE"]
            assert codes(await delete(at, opportunity)) == ["PO_NOT_EDITABLE"]
            assert codes(await po.submit(at.main.client, opportunity)) == ["PO_NOT_EDITABLE"]

        assert await api.changes(attempt) == set()

    async def test_nor_an_older_version_or_a_strangers(self, api: Api) -> None:
        at = await desk(api)
        other = await po.another(api, at)
        opportunity = await po.drafted(at.main.client)
        await saved(at, id=opportunity, name="Newer")

        async def attempt() -> None:
            stale = await po.save(at.main.client, id=opportunity, name="Older", expectedVersion=1)
            assert codes(stale) == ["CONFLICT"]
            assert codes(await po.submit(at.main.client, opportunity, expectedVersion=1)) == ["CONFLICT"]
            for answer in (
                await po.save(other.main.client, id=opportunity, name="Mine"),
                await po.submit(other.main.client, opportunity),
                await delete(other, opportunity),
            ):
                assert codes(answer) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()

    async def test_consent_is_kept_with_its_person_and_time(self, api: Api) -> None:
        at = await desk(api)
        draft = await saved(at, consentConfirmed=True)
        [row] = await api.rows("select consent_by, consent_at from opportunity")
        assert tuple(row.values()) == (at.main.id, api.clock())
        first = api.clock()
        api.clock.advance(minutes=5)
        await saved(at, id=draft["id"], consentConfirmed=True)
        assert await api.value("select consent_at from opportunity") == first
        await saved(at, id=draft["id"], consentConfirmed=False)
        [row] = await api.rows("select consent_confirmed, consent_by, consent_at from opportunity")
        assert tuple(row.values()) == (False, None, None)

    async def test_the_member_in_charge(self, api: Api) -> None:
        at = await desk(api)
        manager = await world.member(api, at.partner_id, Role.ACCOUNT_MANAGER)
        draft = await saved(at, name="Data lake", ownerUserId=encode_id("acc", manager.id))
        assert draft["ownerUserId"] == encode_id("acc", manager.id)
        elsewhere = await po.desk(api, regions=(po.NANJING,))
        stranger = await world.member(api, elsewhere.partner_id, Role.ACCOUNT_MANAGER)

        async def attempt() -> None:
            for other in (stranger, elsewhere.main):
                passed_on = await po.save(at.main.client, id=draft["id"], ownerUserId=encode_id("acc", other.id))
                assert places(passed_on) == [("NOT_FOUND", ["input", "ownerUserId"])]

        assert await api.changes(attempt) == set()


async def delete(at: Desk, opportunity: str, **more: Any) -> dict[str, Any]:
    return await at.main.client.do("deleteOpportunityDraft", "deletedId", id=opportunity, **more)


class TestDeleting:
    async def test_a_draft_is_gone_with_what_it_named(self, api: Api) -> None:
        at = await desk(api)
        given = po.content(offeringIds=[await po.offering(api)], idempotencyKey=po.key())
        opportunity = (await done(await po.save(at.main.client, **given)))["opportunity"]["id"]

        assert (await done(await delete(at, opportunity)))["deletedId"] == opportunity

        assert await api.value("select count(*) from opportunity") == 0
        assert await api.value("select count(*) from opportunity_offering") == 0
        assert await api.value("select type from event order by id desc limit 1") == "opportunity.deleted"
        assert codes(await delete(at, opportunity)) == ["NOT_FOUND"]
        again = await po.save(at.main.client, **given)
        assert (codes(again), again["opportunity"]) == ([], None), "the key still stands for what it brought about"

    async def test_an_older_version_is_not(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.drafted(at.main.client)
        await saved(at, id=opportunity, name="Newer")

        async def attempt() -> None:
            assert codes(await delete(at, opportunity, expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()


REQUIRED = (
    "name",
    "customerCompany",
    "customerRegion",
    "industry",
    "expectedRevenue",
    "expectedSignOn",
    "expectedDeliveryOn",
    "preSales",
    "contactName",
    "contactTitle",
    "partnerContactName",
    "partnerContactMobile",
    "partnerContactEmail",
)


class TestSubmitting:
    async def test_an_empty_draft_hears_of_everything(self, api: Api) -> None:
        at = await desk(api)
        draft = await saved(at)

        async def attempt() -> None:
            refused = await po.submit(at.main.client, draft["id"])
            assert places(refused) == [
                *(("PO_FIELD_REQUIRED", ["opportunity", name]) for name in REQUIRED),
                ("PO_FIELD_REQUIRED", ["opportunity", "contactMobile"]),
                *(
                    ("PO_BANT_INCOMPLETE", ["opportunity", name])
                    for name in ("budget", "authority", "need", "timeline")
                ),
                ("PO_SOLUTION_REQUIRED", ["opportunity", "solutionDescription"]),
                ("PO_CONSENT_REQUIRED", ["opportunity", "consentConfirmed"]),
                ("PO_CONSENT_REQUIRED", ["opportunity", "consentStatement"]),
            ]
            assert all(error["rule"] and error["message"] for error in refused["userErrors"])

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"expectedRevenue": "9999.99"}, ("PO_REVENUE_TOO_SMALL", ["opportunity", "expectedRevenue"])),
            ({"expectedRevenue": "0"}, ("PO_REVENUE_TOO_SMALL", ["opportunity", "expectedRevenue"])),
            ({"expectedSignOn": "2026-03-01"}, ("OUT_OF_RANGE", ["opportunity", "expectedSignOn"])),
            ({"expectedDeliveryOn": "2026-06-14"}, ("OUT_OF_RANGE", ["opportunity", "expectedDeliveryOn"])),
            ({"contactMobile": None, "contactEmail": None}, ("PO_FIELD_REQUIRED", ["opportunity", "contactMobile"])),
            ({"timeline": "Two million for this year, approved by the board."}, None),
        ],
    )
    async def test_what_is_unreasonable(self, api: Api, changes: dict[str, Any], expected: Any) -> None:
        at = await desk(api)
        opportunity = await po.drafted(at.main.client, **changes)

        async def attempt() -> None:
            refused = await po.submit(at.main.client, opportunity)
            assert places(refused) == [expected or ("PO_BANT_INCOMPLETE", ["opportunity", "timeline"])]

        assert await api.changes(attempt) == set()

    async def test_at_the_boundary_it_passes(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.drafted(
            at.main.client, expectedRevenue="10000", expectedSignOn="2026-03-02", contactMobile=None, need="a" * 10
        )
        assert codes(await po.submit(at.main.client, opportunity)) == []

    async def test_a_partner_that_has_left_the_plan(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.drafted(at.main.client)
        waiting = await po.submitted(api, at)
        await api.database.superuser.execute("update plan_membership set state = 'EXITED'")

        async def attempt() -> None:
            assert codes(await po.submit(at.main.client, opportunity)) == ["PCE_NOT_JOINED"]
            assert codes(await po.audit(at.manager.client, waiting)) == ["PCE_NOT_JOINED"]

        assert await api.changes(attempt) == set()

    async def test_the_audit_asks_the_content_again(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.submitted(api, at)
        await api.database.superuser.execute(
            "update opportunity set expected_revenue_minor = 1, budget = '-', contact_name = null,"
            " solution_description = null, consent_statement = null, expected_sign_on = '2026-01-01'"
        )

        async def attempt() -> None:
            assert codes(await po.audit(at.manager.client, opportunity)) == [
                "PO_FIELD_REQUIRED",
                "PO_BANT_INCOMPLETE",
                "OUT_OF_RANGE",
                "PO_REVENUE_TOO_SMALL",
                "PO_SOLUTION_REQUIRED",
                "PO_CONSENT_REQUIRED",
            ]

        assert await api.changes(attempt) == set()

    async def test_the_vendors_business_may_be_stated_by_the_auditor(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.drafted(at.main.client, cloudServices=[])
        submitted = await done(await po.submit(at.main.client, opportunity))
        assert "W_NO_VENDOR_PRODUCT" in [effect["kind"] for effect in submitted["effects"]]

        async def attempt() -> None:
            refused = await po.audit(at.manager.client, opportunity)
            assert places(refused) == [("PO_NOT_VENDOR_BUSINESS", ["input", "vendorBusiness"])]

        assert await api.changes(attempt) == set()
        assert codes(await po.audit(at.manager.client, opportunity, vendorBusiness=True)) == []
        assert await api.value("select vendor_business from opportunity")


class TestWarnings:
    async def warned(self, at: Desk, opportunity: str) -> list[str]:
        document = "query($id: ID!) { opportunity(id: $id) { warnings { code message } } }"
        seen = (await at.main.client.send(document, id=opportunity)).data["opportunity"]["warnings"]
        assert all(warning["message"] for warning in seen)
        return [warning["code"] for warning in seen]

    async def test_the_pool_threatens_until_the_customer_has_an_account(self, api: Api) -> None:
        at = await desk(api)
        own = await po.offering(api, at.partner_id)
        opportunity = await po.drafted(at.main.client, contactMobile="+8613512345678", offeringIds=[own])
        submitted = await done(await po.submit(at.main.client, opportunity))
        assert [effect["kind"] for effect in submitted["effects"]] == ["opportunity.submitted", "W_NO_ACCOUNT_REPORT"]
        assert await self.warned(at, opportunity) == ["W_NO_ACCOUNT_REPORT"]

        newcomer = await world.person(api, mobile="+8613512345678")
        assert await self.warned(at, opportunity) == []

        await api.database.superuser.execute("update account set status = 'DELETED' where id = $1", newcomer.id)
        assert await self.warned(at, opportunity) == ["W_NO_ACCOUNT_REPORT"]

    async def test_one_of_the_partners_customers_has_an_account(self, api: Api) -> None:
        at = await desk(api)
        _, customer_id, _ = await world.associated_customer(api, at.partner_id)
        opportunity = await po.drafted(at.main.client, customerId=encode_id("cus", customer_id), customerAccount=None)
        assert await self.warned(at, opportunity) == ["W_NO_OFFERING"]


class TestNaming:
    async def test_own_and_vendors_offerings_tag_the_need(self, api: Api) -> None:
        at = await desk(api)
        own, vendors = await po.offering(api, at.partner_id, track="SECURITY"), await po.offering(api)
        draft = await saved(at, offeringIds=[own, vendors, own])
        assert [one["id"] for one in draft["offerings"]] == [own, vendors]
        assert draft["needTags"] == ["SECURITY", "DATA_AND_AI"]
        assert (await saved(at, id=draft["id"], offeringIds=[vendors]))["needTags"] == ["DATA_AND_AI"]
        assert (await saved(at, id=draft["id"], offeringIds=None))["offerings"] == []

    async def test_anothers_or_an_ended_offering_is_refused(self, api: Api) -> None:
        at = await desk(api)
        other = await po.another(api, at)
        theirs, future = await po.offering(api, other.partner_id), await po.offering(api, beginsOn="2026-03-03")

        async def attempt() -> None:
            refused = await po.save(at.main.client, offeringIds=[theirs, future])
            assert places(refused) == [
                ("PO_OFFERING_NOT_OWNED", ["input", "offeringIds", "0"]),
                ("PO_OFFERING_NOT_OWNED", ["input", "offeringIds", "1"]),
            ]

        assert await api.changes(attempt) == set()

    async def test_one_that_ends_meanwhile_stands_in_the_way_of_submitting(self, api: Api) -> None:
        at = await desk(api)
        ending = await po.offering(api)
        opportunity = await po.drafted(at.main.client, offeringIds=[ending])
        operations = await po.staff(api, Role.VENDOR_OPS)
        removal = {"id": ending, "endsOn": "2026-03-02", "idempotencyKey": po.key()}
        await done(await operations.client.do("removeOffering", "offering { id }", **removal))

        async def attempt() -> None:
            refused = await po.submit(at.main.client, opportunity)
            assert places(refused) == [("PO_OFFERING_NOT_OWNED", ["opportunity", "offeringIds", "0"])]

        assert await api.changes(attempt) == set()
