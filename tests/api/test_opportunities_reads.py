"""Reading opportunities: whose, filtered how, masked, in how many statements; what waits for whom."""

from typing import Any

import pytest

from core import db
from core.ids import encode_id
from rules.access import MEMBER_ROLES, Role
from rules.sites import Site
from tests import opportunities as po
from tests import world
from tests.client import NOON, Api, Client, codes
from tests.opportunities import HANGZHOU, NANJING, desk, done


async def ids(client: Client, field: str = "opportunities", arguments: str = "") -> list[str]:
    answer = await client.send(f"{{ {field}{arguments} {{ nodes {{ id }} }} }}")
    return [node["id"] for node in answer.data[field]["nodes"]]


class TestWhose:
    async def test_a_partner_sees_its_own_and_the_vendor_what_was_submitted(self, api: Api) -> None:
        at, elsewhere = await desk(api), await desk(api, regions=(NANJING,))
        other = await po.another(api, at)
        draft, submitted = await po.drafted(at.main.client), await po.submitted(api, at)
        verifying, theirs = await po.verifying(api, at), await po.verifying(api, other)
        admin = await po.staff(api, Role.VENDOR_ADMIN)

        assert await ids(at.main.client) == [verifying, submitted, draft]
        assert await ids(other.main.client) == [theirs]
        assert await ids(at.manager.client) == [theirs, verifying, submitted]
        assert await ids(at.psm.client) == [theirs, verifying]
        assert await ids(elsewhere.psm.client) == []
        assert await ids(elsewhere.manager.client) == []
        assert await ids(admin.client) == [theirs, verifying, submitted]
        for stranger, hidden in ((other.main, draft), (admin, draft), (elsewhere.psm, verifying)):
            document = "query($id: ID!) { node(id: $id) { id } opportunity(id: $id) { id } }"
            found = (await stranger.client.send(document, id=hidden)).data
            assert found == {"node": None, "opportunity": None}

    @pytest.mark.parametrize("site", Site)
    async def test_of_the_partners_people_the_main_account_alone(self, api: Api, site: Site) -> None:
        region = HANGZHOU if site is Site.CN else "SG"
        at = await desk(api, regions=(region,), site=site)
        opportunity = await po.drafted(at.main.client, customerRegion=region)
        _, customer_id, _ = await world.associated_customer(api, at.partner_id, site=site)
        given = await po.save(at.main.client, id=opportunity, customerId=encode_id("cus", customer_id))
        assert codes(given) == []
        everything = [role for role in Role if role in MEMBER_ROLES]

        async def attempt() -> None:
            for client in members:
                for document in (
                    "{ opportunities { nodes { id } } }",
                    f'{{ opportunity(id: "{opportunity}") {{ id }} }}',
                    "{ repOffices { nodes { id } } }",
                    'mutation { saveOpportunityDraft(input: { name: "Mine" }) { __typename } }',
                    f'mutation {{ deleteOpportunityDraft(input: {{ id: "{opportunity}" }}) {{ __typename }} }}',
                ):
                    error = (await client.send(document)).error
                    assert (error["code"], error["reason"]) == ("FORBIDDEN", "MAIN_ACCOUNT_ONLY")
                found = await client.send(
                    f'{{ node(id: "{opportunity}") {{ id }} partner {{ counters {{ openOpportunities }} }} }}'
                )
                assert found.data == {"node": None, "partner": {"counters": {"openOpportunities": None}}}

        members = [(await world.member(api, at.partner_id, role, site=site)).client for role in everything]
        assert await api.changes(attempt) == set()
        assert await ids(at.main.client) == [opportunity]

    async def test_the_timeline_is_seen_by_those_who_see_the_opportunity(self, api: Api) -> None:
        at, elsewhere = await desk(api), await desk(api, regions=(NANJING,))
        await po.verifying(api, at)
        document = "{ opportunityUpdates { nodes { id } } }"
        for person, entries in ((at.main, 2), (at.psm, 2), (elsewhere.psm, 0), (elsewhere.main, 0)):
            seen = (await person.client.send(document)).data["opportunityUpdates"]["nodes"]
            assert len(seen) == entries


class TestFilters:
    async def test_each_condition(self, api: Api) -> None:
        at = await desk(api)
        _, customer_id, _ = await world.associated_customer(api, at.partner_id)
        manager = await world.member(api, at.partner_id, Role.ACCOUNT_MANAGER)
        customer, owner = encode_id("cus", customer_id), encode_id("acc", manager.id)
        first = await po.drafted(at.main.client, customerId=customer, externalRef="CRM-1")
        api.clock.advance(minutes=1)
        second = await po.submitted(api, at, ownerUserId=owner)
        third = await po.verifying(api, at)
        later = NOON.replace(minute=1).isoformat()

        for condition, found in (
            ("{}", [third, second, first]),
            ("{ states: [DRAFT, SUBMITTED] }", [second, first]),
            ("{ states: [] }", []),
            (f'{{ customer: "{customer}" }}', [first]),
            (f'{{ customer: "{owner}" }}', []),
            (f'{{ office: "{at.office_id}" }}', [third]),
            (f'{{ ownerUser: "{owner}" }}', [second]),
            ('{ externalRef: "CRM-1" }', [first]),
            (f'{{ updatedFrom: "{later}" }}', [third, second]),
            (f'{{ updatedBefore: "{later}" }}', [first]),
            (f'{{ states: [DRAFT], ownerUser: "{owner}" }}', []),
        ):
            assert await ids(at.main.client, arguments=f"(filter: {condition})") == found, condition


class TestQueue:
    async def test_what_waits_for_whom_oldest_first(self, api: Api) -> None:
        at, elsewhere = await desk(api), await desk(api, regions=(NANJING,))
        waiting = await po.submitted(api, at)
        to_verify, taken = await po.verifying(api, at), await po.verifying(api, at)
        decided = await po.verified(api, at)
        other = await po.verifying(api, elsewhere, customerRegion=NANJING)
        await done(await po.claim(at.colleague.client, taken))
        admin = await po.staff(api, Role.VENDOR_ADMIN)
        both = await po.staff(api, Role.PSM, Role.ECO_MANAGER)

        assert await ids(at.manager.client, "opportunityQueue") == [waiting]
        assert await ids(at.psm.client, "opportunityQueue") == [to_verify, taken]
        assert await ids(at.psm.client, "opportunityQueue", "(filter: { claimed: false })") == [to_verify]
        assert await ids(at.psm.client, "opportunityQueue", "(filter: { claimed: true })") == [taken]
        assert await ids(elsewhere.psm.client, "opportunityQueue") == [other]
        assert await ids(admin.client, "opportunityQueue") == [waiting, to_verify, taken, other]
        assert await ids(both.client, "opportunityQueue") == []
        assert decided

    async def test_tracks_and_industries_filter_and_forbid_nothing(self, api: Api) -> None:
        at = await desk(api)
        offering = await po.offering(api, track="IOT")
        energy = await po.verifying(api, at, industry="ENERGY", offeringIds=[offering])
        transport = await po.verifying(api, at)
        seller = await po.office_member(api, at.office_id, tracks=["IOT"], industries=["ENERGY", "RETAIL"])
        open_minded = await po.office_member(api, at.office_id)

        for condition, found in (
            ("{}", [energy, transport]),
            ("{ tracks: [IOT, SECURITY] }", [energy]),
            ("{ tracks: [SECURITY] }", []),
            ("{ industries: [TRANSPORT] }", [transport]),
            ("{ industries: [TRANSPORT], tracks: [IOT] }", []),
            ("{ byProfile: true }", [energy]),
        ):
            assert await ids(seller.client, "opportunityQueue", f"(filter: {condition})") == found, condition
        assert await ids(open_minded.client, "opportunityQueue", "(filter: { byProfile: true })") == [energy, transport]
        admin = await po.staff(api, Role.VENDOR_ADMIN)
        assert await ids(admin.client, "opportunityQueue", "(filter: { byProfile: true })") == []
        assert codes(await po.verify(seller.client, transport)) == []


PERSONAL = """customerCompany customerCreditCode customerAccount contactName contactMobile contactEmail
    partnerContactName partnerContactMobile partnerContactEmail"""


class TestPersonalData:
    async def clear(self, client: Client, opportunity: str) -> dict[str, Any]:
        document = f"query($id: ID!) {{ opportunity(id: $id) {{ {PERSONAL} }} }}"
        found: dict[str, Any] = (await client.send(document, id=opportunity)).data["opportunity"]
        return found

    async def test_it_is_masked_but_for_those_who_review(self, api: Api) -> None:
        at = await desk(api)
        opportunity = await po.verifying(api, at, contactMobile="+8613712345678", contactEmail="li.wei@example.com")
        finance = await po.staff(api, Role.VENDOR_FINANCE)
        for person in (at.main, finance):
            seen = await self.clear(person.client, opportunity)
            assert seen["contactName"] == "李*"
            assert seen["contactMobile"] == "+86137****5678"
            assert seen["contactEmail"] == "l***@example.com"
            assert seen["partnerContactMobile"] == "+86137****1111"
            assert "*" in seen["customerCompany"] and "*" in seen["customerAccount"]
        for person in (at.psm, at.manager):
            seen = await self.clear(person.client, opportunity)
            assert (seen["contactName"], seen["contactMobile"]) == ("李伟", "+8613712345678")

    async def test_it_is_shown_for_a_reason_that_is_kept(self, api: Api) -> None:
        at = await desk(api)
        other = await po.another(api, at)
        opportunity = await po.drafted(at.main.client, contactMobile="+8613712345678")
        given = {"id": opportunity, "reason": "To call back."}

        async def attempt() -> None:
            name, selection = "revealOpportunityContact", "contact { contactName }"
            assert codes(await at.main.client.do(name, selection, **{**given, "reason": " "})) == ["REASON_REQUIRED"]
            assert codes(await other.main.client.do(name, selection, **given)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        shown = await done(await at.main.client.do("revealOpportunityContact", "contact { contactMobile }", **given))
        assert shown["contact"] == {"contactMobile": "+8613712345678"}
        detail = await api.value("select detail from audit where operation = 'reveal_opportunity_contact'")
        assert "To call back." in detail


class TestStatements:
    FIELDS = """id state actions { action allowed } warnings { code } updates { text } offerings { id }
        partner { name } repOffice { name } duplicateCandidates { id }"""

    async def test_a_list_takes_as_many_for_one_as_for_many(self, api: Api) -> None:
        at = await desk(api)
        await po.verifying(api, at, offeringIds=[await po.offering(api)])
        document = f"{{ opportunityQueue {{ nodes {{ {self.FIELDS} }} }} }}"
        counts = []
        for _ in range(2):
            with db.observed() as statements:
                answer = await at.psm.client.send(document)
            assert answer.data["opportunityQueue"]["nodes"]
            counts.append(len(statements))
            for _ in range(3):
                await po.verifying(api, at, offeringIds=[await po.offering(api)])
        assert counts[0] == counts[1]
