"""Opportunities about the same thing: found before submitting, refused after one is verified, never named."""

from typing import Any

import pytest

from core.ids import encode_id
from rules.access import Role
from tests import opportunities as po
from tests import world
from tests.client import Api, Client, codes
from tests.opportunities import Desk, desk, done

NAME, CODE = "钱塘港务有限公司", "91330100MA27X0000Q"


async def check(client: Client, opportunity: str) -> Any:
    document = "query($id: ID!) { opportunityDuplicates(id: $id) { duplicate matches } }"
    return (await client.send(document, id=opportunity)).data["opportunityDuplicates"]


def about(**changes: Any) -> dict[str, Any]:
    """The same customer by its name alone, unless told otherwise."""
    return {"customerCompany": NAME, "customerAccount": None, **changes}


class TestFinding:
    async def test_only_a_verified_one_stands_in_the_way(self, api: Api) -> None:
        at = await desk(api)
        other = await po.another(api, at)
        rival = await po.verifying(api, other, **about())
        mine = await po.drafted(at.main.client, **about())
        assert await check(at.main.client, mine) == {"duplicate": False, "matches": []}

        await done(await po.verify(at.psm.client, rival))

        assert await check(at.main.client, mine) == {"duplicate": True, "matches": ["NAME"]}

        async def attempt() -> None:
            refused = await po.submit(at.main.client, mine)
            assert codes(refused) == ["PO_DUPLICATE_VERIFIED"]
            assert rival not in str(refused)

        assert await api.changes(attempt) == set()

    async def test_whoever_does_not_see_it_learns_nothing(self, api: Api) -> None:
        at = await desk(api)
        other = await po.another(api, at)
        await po.verified(api, other, **about())
        mine = await po.drafted(at.main.client, **about())
        for asked in (mine, encode_id("acc", at.main.id), "nonsense"):
            assert await check(other.main.client, asked) is None

    @pytest.mark.parametrize(
        ("first", "second", "match"),
        [
            ({}, {"customerCompany": " 钱塘 港务有限公司"}, "NAME"),
            ({}, {"customerCompany": "钱塘航运有限公司"}, None),
            (
                {"customerAccount": "qiantang"},
                {"customerAccount": "qiantang", "customerCompany": "钱塘集团"},
                "ACCOUNT",
            ),
            ({"customerAccount": "qiantang"}, {"customerAccount": "qiantang-2"}, None),
            ({"customerAccount": "qiantang"}, {}, "NAME"),
            ({"cloudServices": ["AI"]}, {"cloudServices": ["IOT"]}, None),
            ({"cloudServices": ["AI", "IOT"]}, {"cloudServices": ["IOT"]}, "NAME"),
            ({"cloudServices": ["AI"]}, {"cloudServices": []}, None),
            ({"expectedSignOn": "2026-03-02"}, {}, "NAME"),
        ],
    )
    async def test_what_is_the_same(self, api: Api, first: Any, second: Any, match: str | None) -> None:
        at = await desk(api)
        await po.verified(api, await po.another(api, at), **about(**first))
        mine = await po.drafted(at.main.client, **about(**second))
        assert await check(at.main.client, mine) == {
            "duplicate": match is not None,
            "matches": [] if match is None else [match],
        }

    async def test_credit_codes_go_before_names(self, api: Api) -> None:
        from tests.factories import cn_credit_code

        at = await desk(api)
        one, two = cn_credit_code(1), cn_credit_code(2)
        await po.verified(api, await po.another(api, at), **about(customerCreditCode=one))
        same = await po.drafted(at.main.client, **about(customerCreditCode=one, customerCompany="Qiantang Port"))
        other = await po.drafted(at.main.client, **about(customerCreditCode=two))
        assert (await check(at.main.client, same))["matches"] == ["CREDIT_CODE"]
        assert (await check(at.main.client, other))["matches"] == []

    async def test_nothing_named_on_either_side_is_the_same_need(self, api: Api) -> None:
        at = await desk(api)
        rival = await po.submitted(api, await po.another(api, at), **about(cloudServices=[]))
        await done(await po.audit(at.manager.client, rival, vendorBusiness=True))
        await done(await po.verify(at.psm.client, rival))
        mine = await po.drafted(at.main.client, **about(cloudServices=[]))
        assert (await check(at.main.client, mine))["matches"] == ["NAME"]

    async def test_a_shared_offering_is_the_same_need(self, api: Api) -> None:
        at = await desk(api)
        offering = await po.offering(api)
        given = about(cloudServices=["AI"], offeringIds=[offering])
        await po.verified(api, await po.another(api, at), **given)
        mine = await po.drafted(at.main.client, **{**given, "cloudServices": ["IOT"]})
        assert (await check(at.main.client, mine))["matches"] == ["NAME"]

    async def test_the_same_customer_of_ones_own(self, api: Api) -> None:
        at = await desk(api)
        _, customer_id, _ = await world.associated_customer(api, at.partner_id)
        given = about(customerId=encode_id("cus", customer_id))
        await po.verified(api, at, **given)
        again = await po.drafted(at.main.client, **{**given, "customerCompany": "Another name"})
        assert (await check(at.main.client, again))["matches"] == ["ACCOUNT"]

    async def test_what_is_over_leaves_room(self, api: Api) -> None:
        at = await desk(api)
        rival = await po.verified(api, await po.another(api, at), **about())
        await done(await po.cancel(at.psm.client, rival))
        mine = await po.drafted(at.main.client, **about())
        assert (await check(at.main.client, mine))["duplicate"] is False

    async def test_what_was_to_be_signed_before_leaves_room(self, api: Api) -> None:
        at = await desk(api)
        await po.verified(api, await po.another(api, at), **about(expectedSignOn="2026-03-05"))
        at = await po.later(api, at, days=3)
        mine = await po.drafted(at.main.client, **about())
        assert (await check(at.main.client, mine))["duplicate"] is True
        at = await po.later(api, at, days=1)
        assert (await check(at.main.client, mine))["duplicate"] is False


class TestDeciding:
    async def rivals(self, api: Api) -> tuple[Desk, str, str]:
        at = await desk(api)
        mine = await po.verifying(api, at, **about())
        theirs = await po.verifying(api, await po.another(api, at), **about())
        return at, mine, theirs

    async def test_of_two_that_were_submitted_one_is_verified(self, api: Api) -> None:
        at, mine, theirs = await self.rivals(api)
        await done(await po.verify(at.psm.client, theirs))

        async def attempt() -> None:
            refused = await po.verify(at.psm.client, mine)
            assert codes(refused) == ["PO_DUPLICATE_VERIFIED"]

        assert await api.changes(attempt) == set()

    async def test_a_duplicate_is_rejected_with_the_verified_one_named_to_the_vendor(self, api: Api) -> None:
        at, mine, theirs = await self.rivals(api)
        given = {"reason": "DUPLICATE", "note": "Known already.", "duplicateOfId": theirs}

        async def attempt() -> None:
            refused = await po.verify(at.psm.client, mine, approve=False, **given)
            assert codes(refused) == ["NOT_FOUND"]
            itself = await po.verify(at.psm.client, mine, approve=False, **{**given, "duplicateOfId": mine})
            assert codes(itself) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        await done(await po.verify(at.psm.client, theirs))
        await done(await po.verify(at.psm.client, mine, approve=False, **given))
        document = (
            "query($id: ID!) { opportunity(id: $id) { verdictReason repeatsAnother duplicateCandidates { id } } }"
        )
        answer = await at.main.client.send(document, id=mine)
        assert answer.data["opportunity"] == {
            "verdictReason": "DUPLICATE",
            "repeatsAnother": True,
            "duplicateCandidates": None,
        }

    async def test_the_office_sees_the_rivals_likeliest_first(self, api: Api) -> None:
        at, mine, theirs = await self.rivals(api)
        other_need = await po.verifying(api, await po.another(api, at), **about(cloudServices=["IOT"]))
        await po.verifying(api, await po.another(api, at), **about(customerCompany="Somebody else"))
        document = "query($id: ID!) { opportunity(id: $id) { duplicateCandidates { id customerCompany } } }"

        seen = (await at.psm.client.send(document, id=mine)).data["opportunity"]["duplicateCandidates"]

        assert [rival["id"] for rival in seen] == [theirs, other_need]
        assert {rival["customerCompany"] for rival in seen} == {NAME}
        admin = await po.staff(api, Role.VENDOR_ADMIN)
        assert len((await admin.client.send(document, id=theirs)).data["opportunity"]["duplicateCandidates"]) == 2
