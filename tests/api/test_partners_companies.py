"""A company's information: who reads and keeps it, its changes through review, and what another name leads to."""

import asyncio
from hashlib import sha256
from typing import Any

import pytest

from core.ids import encode_id, uuid7
from rules.access import Role
from rules.sites import Site
from tests.client import Api, codes
from tests.companies import (
    CONTACT,
    PROFILE,
    decide,
    earlier_rounds,
    in_review,
    open_case,
    profile,
    sibling,
    submit,
    withdraw,
)
from tests.factories import Person, admitted_partner, application_in_review, company, key, member, staff
from tests.uploads import PDF, larger
from tests.world import world

NAME = "东湖智能科技有限公司"
DOCUMENT = "mutation($input: SubmitCompanyChangeInput!) { submitCompanyChange(input: $input) { userErrors { code } } }"


class TestReading:
    async def test_the_first_account_keeps_it_and_is_its_first_contact(self, api: Api) -> None:
        partner = await admitted_partner(api)

        found = await profile(partner.main.api)

        assert found["contacts"] == [
            {
                "name": partner.main.name,
                "position": None,
                "mobile": partner.main.mobile,
                "email": partner.main.email,
            }
        ]
        assert found["actions"] == [{"action": "CHANGE", "allowed": True, "blockers": []}]
        assert found["changes"] == []
        shown = await api.rows("select files -> 0 -> 'file' ->> 'name' as name from real_name_case")
        assert found["licence"]["name"] == shown[0]["name"], "the licence by which its real name was shown"

    async def test_another_companys_licence_is_not_taken_over(self, api: Api) -> None:
        applicant, waiting = await application_in_review(api)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        decision = {"id": waiting, "approve": True, "idempotencyKey": key()}
        assert codes(await reviewer.api.do("decideAdmission", "partner { id }", **decision)) == []
        assert (await profile(applicant.main.api))["licence"] is None

    async def test_other_accounts_of_the_company_see_it_and_whom_to_ask(self, api: Api) -> None:
        partner = await admitted_partner(api)
        other, clerk = await sibling(api, partner), await member(api, partner, Role.FINANCE)
        own, seen, clerks = [await profile(one.api) for one in (partner.main, other.main, clerk)]

        assert own["id"] == seen["id"] == clerks["id"]
        assert seen["keeper"]["name"] == partner.main.name
        assert "****" in seen["keeper"]["mobile"] and seen["keeper"]["email"].startswith("p***@")
        assert [one["code"] for one in seen["actions"][0]["blockers"]] == ["COMPANY_KEPT_BY_OTHER"]
        assert [one["code"] for one in clerks["actions"][0]["blockers"]] == ["MAIN_ACCOUNT_ONLY"]
        assert clerks["contacts"][0]["mobile"] != partner.main.mobile
        assert "****" in clerks["contacts"][0]["mobile"]

    async def test_strangers_and_customers_do_not(self, api: Api) -> None:
        partner, other, on = await admitted_partner(api), await admitted_partner(api), await world(api)
        own = await profile(partner.main.api)
        found = "query($id: ID!) { node(id: $id) { id } }"
        assert (await other.main.api.send(found, id=own["id"])).data["node"] is None
        assert (await partner.main.api.send(found, id=own["id"])).data["node"] == {"id": own["id"]}
        seen = "{ myPartner { partner { company { name profile { id } } ecoManager { name } overdueBills { id } } } }"
        asked = (await on.customer.client.send(seen)).data["myPartner"]["partner"]
        assert asked["company"]["profile"] is None and asked["ecoManager"] is None and asked["overdueBills"] is None

    async def test_the_home_page_names_the_vendors_contact(self, api: Api) -> None:
        partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
        asked = "{ partner { ecoManager { name email } repOffice { name } } }"
        assert (await partner.main.api.send(asked)).data["partner"]["ecoManager"] is None
        given = {"id": partner.id, "ecoManagerId": manager.id, "idempotencyKey": key()}
        assert codes(await manager.api.do("assignPartner", "partner { id }", **given)) == []
        found = (await partner.main.api.send(asked)).data["partner"]
        assert found["ecoManager"] == {"name": manager.name, "email": manager.email}

    async def test_one_legal_entity_on_two_sites_is_two_companies(self, api: Api) -> None:
        here, there = await world(api), await world(api, site=Site.INTL)
        await api.database.superuser.execute("update company set credit_code = 'SAME'")
        seen = [(await on.main.client.send("{ partner { site company { id } } }")).data for on in (here, there)]
        assert len({one["partner"]["company"]["id"] for one in seen}) == 2

    async def test_who_has_joined_is_told_that_there_is_no_leaving(self, api: Api) -> None:
        partner = await admitted_partner(api)
        asked = "{ partner { actions { action blockers { code } } } }"
        actions = (await partner.main.api.send(asked)).data["partner"]["actions"]
        assert {"action": "LEAVE_NETWORK", "blockers": [{"code": "HCPN_NOT_LEAVABLE"}]} in actions


class TestChange:
    async def test_it_takes_effect_when_the_vendor_approves(self, api: Api) -> None:
        wanted = {"address": "杭州市", "headcount": 40, "contacts": [CONTACT], "licence": True}
        partner, reviewer, change = await in_review(api, **wanted)
        before = await profile(partner.main.api)
        assert (before["address"], before["headcount"], before["licence"]["name"]) == (None, None, "document.png")
        assert change["state"] == "IN_REVIEW"
        stored = f"{CONTACT['name']}, +8613812345678, li.ming@example.com, {CONTACT['position']}"
        assert {one["field"]: one["after"] for one in change["fields"]} == {
            "ADDRESS": "杭州市",
            "HEADCOUNT": "40",
            "CONTACTS": stored,
            "LICENCE": f"licence.pdf ({sha256(PDF).hexdigest()[:8]})",
        }

        decided = await decide(reviewer, change)

        assert (codes(decided), decided["review"]["state"]) == ([], "APPROVED")
        after = await profile(partner.main.api)
        assert (after["address"], after["headcount"], after["website"]) == ("杭州市", 40, None)
        assert after["licence"] == {"name": "licence.pdf", "size": len(PDF)}
        assert after["contacts"][0]["email"] == "li.ming@example.com"
        assert after["changes"][0]["state"] == "APPROVED"
        assert (await api.inbox(str(partner.main.email)))[-1]["template"] == "company_change_approved"
        types = await api.rows("select type from event where type like 'company.%' order by id")
        assert [row["type"] for row in types] == ["company.change_submitted", "company.changed"]

    async def test_the_reviewer_compares_persons_in_clear_and_other_staff_see_them_masked(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api, contacts=[CONTACT], legalRepresentative="王小明")
        others = [await staff(api, role) for role in (Role.VENDOR_OPS, Role.PSM)]
        asked = "query($id: ID!) { node(id: $id) { ... on CompanyChange { fields { field before after } } } }"

        async def compared(who: Person) -> dict[str, Any]:
            fields = (await who.api.send(asked, id=change["id"])).data["node"]["fields"]
            return {one["field"]: one for one in fields}

        found = await compared(reviewer)
        assert found["LEGAL_REPRESENTATIVE"]["after"] == "王小明"
        assert "+8613812345678, li.ming@example.com" in found["CONTACTS"]["after"]
        assert str(partner.main.mobile) in found["CONTACTS"]["before"]
        for other in others:
            found = await compared(other)
            assert found["LEGAL_REPRESENTATIVE"]["after"] == "王**"
            assert "+86138****5678" in found["CONTACTS"]["after"] and "li.ming" not in found["CONTACTS"]["after"]
            assert str(partner.main.mobile) not in found["CONTACTS"]["before"]

    async def test_who_decides_may_turn_to_the_contacts(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api, contacts=[CONTACT], legalRepresentative="王小明")
        await decide(reviewer, change)
        own = await profile(partner.main.api)
        asked = (
            "query($id: ID!) { node(id: $id) { ... on CompanyProfile { legalRepresentative contacts { mobile } } } }"
        )
        shown = [
            (await who.api.send(asked, id=own["id"])).data["node"]
            for who in (reviewer, await staff(api, Role.VENDOR_OPS))
        ]
        assert shown == [
            {"legalRepresentative": "王小明", "contacts": [{"mobile": "+8613812345678"}]},
            {"legalRepresentative": "王**", "contacts": [{"mobile": "+86138****5678"}]},
        ]

    async def test_rejected_it_is_edited_and_sent_again_as_the_next_round(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api)
        rejected = await decide(reviewer, change, approve=False, reason="Not the registered address.")
        assert (codes(rejected), rejected["review"]["round"]) == ([], 1)
        mail = (await api.inbox(str(partner.main.email)))[-1]
        assert mail["template"] == "company_change_rejected" and "Not the registered address." in mail["body"]
        shown = (await profile(partner.main.api))["changes"][0]
        assert (shown["state"], shown["reason"]) == ("REJECTED", "Not the registered address.")

        again = await submit(partner.main.api, changeId=change["id"], address="杭州市文一路2号")

        assert (codes(again), again["change"]["id"], again["change"]["reason"]) == ([], change["id"], None)
        decided = await decide(reviewer, change)
        assert decided["review"] == {"state": "APPROVED", "round": 2, "reason": None}
        assert (await profile(partner.main.api))["address"] == "杭州市文一路2号"

    async def test_withdrawn_it_waits_no_longer_and_can_be_sent_again(self, api: Api) -> None:
        partner, _, change = await in_review(api)
        taken = await withdraw(partner.main.api, change)
        assert (codes(taken), taken["change"]["state"]) == ([], "WITHDRAWN")
        assert await api.value("select state from review_case where kind = 'COMPANY_CHANGE'") == "WITHDRAWN"
        assert codes(await submit(partner.main.api, changeId=change["id"], website="https://example.com")) == []

    async def test_each_round_keeps_what_it_wanted(self, api: Api) -> None:
        contacts = {"contacts": [CONTACT]}
        partner, reviewer, change = await in_review(api, address="文一路1号", **contacts, licence=True)
        first = api.clock()
        api.clock.advance(minutes=1)
        await decide(reviewer, change, approve=False, reason="Another street.")
        api.clock.advance(minutes=1)
        assert await earlier_rounds(reviewer.api, change) == []
        await submit(partner.main.api, changeId=change["id"], address="文二路2号")
        taken = await withdraw(partner.main.api, change)
        again = await submit(partner.main.api, changeId=change["id"], website="https://example.com")
        assert codes(again) == []
        assert [one["field"] for one in again["change"]["fields"]] == ["WEBSITE"]

        seen, own = [await earlier_rounds(who, change) for who in (reviewer.api, partner.main.api)]

        rejected, withdrawn = seen
        assert (rejected["state"], rejected["reason"], rejected["licence"]["name"]) == (
            "REJECTED", "Another street.", "licence.pdf"
        )  # fmt: skip
        assert rejected["submittedAt"].startswith(first.isoformat()[:19])
        assert rejected["decidedAt"] > rejected["submittedAt"]
        pieces = {one["field"]: (one["before"], one["after"]) for one in rejected["fields"]}
        assert pieces["ADDRESS"] == (None, "文一路1号")
        assert "+8613812345678" in pieces["CONTACTS"][1]
        assert "李明" in {one["field"]: one["after"] for one in own[0]["fields"]}["CONTACTS"]
        assert taken["change"]["state"] == "WITHDRAWN"
        assert (withdrawn["state"], withdrawn["decidedAt"], withdrawn["licence"]) == ("WITHDRAWN", None, None)
        assert withdrawn["fields"] == [{"field": "ADDRESS", "before": None, "after": "文二路2号"}]

    async def test_null_empties_a_field(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api, website="https://example.com")
        await decide(reviewer, change)
        emptied = await submit(partner.main.api, website=None)
        assert emptied["change"]["fields"] == [{"field": "WEBSITE", "before": "https://example.com", "after": None}]

    @pytest.mark.parametrize(
        ("wanted", "expected"),
        [
            ({"website": None}, ["COMPANY_UNCHANGED"]),
            ({"website": "  "}, ["COMPANY_UNCHANGED"]),
            ({"headcount": 0}, ["OUT_OF_RANGE"]),
            ({"name": NAME}, ["COMPANY_LICENCE_REQUIRED"]),
            ({"name": " "}, ["REQUIRED"]),
            ({"contacts": []}, ["REQUIRED"]),
            ({"contacts": [{"name": "李明"}]}, ["CONTACT_REQUIRED"]),
            ({"contacts": [{**CONTACT, "mobile": "12"}]}, ["MOBILE_INVALID"]),
            ({"contacts": [{**CONTACT, "mobile": "+442071838750"}]}, ["MOBILE_NOT_OF_SITE"]),
            ({"contacts": [{**CONTACT, "email": "nobody"}, {**CONTACT, "name": " "}]}, ["EMAIL_INVALID", "REQUIRED"]),
            ({"contacts": [CONTACT] * 11}, ["TOO_MANY"]),
            ({"licenceId": "upl_nothing"}, ["NOT_FOUND"]),
        ],
    )
    async def test_refusals_leave_no_trace(self, api: Api, wanted: dict[str, Any], expected: list[str]) -> None:
        partner = await admitted_partner(api)

        async def attempt() -> None:
            assert codes(await submit(partner.main.api, **wanted)) == expected

        assert await api.changes(attempt) == set()

    async def test_a_licence_may_be_as_large_as_permitted_and_no_larger(self, api: Api) -> None:
        partner, most = await admitted_partner(api), 10_240 * 1024
        over = await larger(api, partner.main.api, most + 1)

        async def attempt() -> None:
            assert codes(await submit(partner.main.api, licenceId=over)) == ["OUT_OF_RANGE"]

        assert await api.changes(attempt) == set()
        exactly = await larger(api, partner.main.api, most)
        assert codes(await submit(partner.main.api, licenceId=exactly)) == []

    async def test_the_reviewer_opens_the_new_licence(self, api: Api) -> None:
        _, reviewer, change = await in_review(api, licence=True)
        await api.deliver()
        asked = "query($id: ID!) { node(id: $id) { ... on CompanyChange { licence { name url } } } }"
        licence = (await reviewer.api.send(asked, id=change["id"])).data["node"]["licence"]
        answer = await reviewer.api.http.get(licence["url"])
        assert (answer.status_code, answer.content, licence["name"]) == (200, PDF, "licence.pdf")
        assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''licence.pdf"

    async def test_only_the_main_account_of_the_account_that_keeps_it(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api)
        other = await sibling(api, partner)
        strangers = [await member(api, partner, role) for role in (Role.SYSTEM_ADMIN, Role.OPERATIONS)]

        async def attempt() -> None:
            for who in strangers:
                refused = await who.api.send(DOCUMENT, input={"address": "x", "idempotencyKey": key()})
                assert refused.error["reason"] == "MAIN_ACCOUNT_ONLY"
            assert codes(await submit(other.main.api)) == ["COMPANY_KEPT_BY_OTHER"]
            assert codes(await withdraw(other.main.api, change)) == ["COMPANY_KEPT_BY_OTHER"]
            refused = await reviewer.api.send(DOCUMENT, input={"address": "x", "idempotencyKey": key()})
            assert refused.error["code"] == "FORBIDDEN"

        assert await api.changes(attempt) == set()

    async def test_one_at_a_time(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api)
        actions = (await profile(partner.main.api))["actions"]
        assert [one["code"] for one in actions[0]["blockers"]] == ["COMPANY_CHANGE_OPEN"]

        async def attempt() -> None:
            assert codes(await submit(partner.main.api)) == ["COMPANY_CHANGE_OPEN"]
            again = await submit(partner.main.api, changeId=change["id"], website="https://example.com")
            assert codes(again) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        await decide(reviewer, change)
        assert codes(await submit(partner.main.api, website="https://example.com")) == []

        async def too_late() -> None:
            assert codes(await withdraw(partner.main.api, change)) == ["STATE_CONFLICT"]
            unknown = await submit(partner.main.api, changeId=encode_id("cch", uuid7()), address="x")
            assert codes(unknown) == ["NOT_FOUND"]
            assert codes(await withdraw(partner.main.api, change, expectedVersion=7)) == ["CONFLICT"]

        assert await api.changes(too_late) == set()

    async def test_a_rejected_one_waits_for_the_one_in_review(self, api: Api) -> None:
        partner, reviewer, rejected = await in_review(api)
        await decide(reviewer, rejected, approve=False, reason="No.")
        waiting = (await submit(partner.main.api, website="https://example.com"))["change"]
        again = {"changeId": rejected["id"], "address": "文三路2号"}
        asked = "query($id: ID!) { node(id: $id) { ... on CompanyChange { actions { action blockers { code } } } } }"
        steps = (await partner.main.api.send(asked, id=rejected["id"])).data["node"]["actions"]
        assert steps[0] == {"action": "RESUBMIT", "blockers": [{"code": "COMPANY_CHANGE_OPEN"}]}

        async def attempt() -> None:
            assert codes(await submit(partner.main.api, **again)) == ["COMPANY_CHANGE_OPEN"]

        assert await api.changes(attempt) == set()
        await decide(reviewer, waiting)
        assert codes(await submit(partner.main.api, **again)) == []

    @pytest.mark.parametrize("many", [8, pytest.param(200, marks=pytest.mark.long)])
    async def test_of_many_at_once_one_is_in_review(self, api: Api, many: int) -> None:
        partner = await admitted_partner(api)

        answers = await asyncio.gather(
            *(submit(partner.main.api.patient, address=f"文三路{number}号") for number in range(many))
        )

        assert sorted(map(codes, answers)) == [[], *[["COMPANY_CHANGE_OPEN"]] * (many - 1)]
        assert await api.value("select count(*) from company_change") == 1

    async def test_of_a_verdict_and_a_withdrawal_at_once_one_counts(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api)

        given = {"id": await open_case(reviewer, change), "approve": True, "idempotencyKey": key()}
        verdict = reviewer.api.do("decideReview", "review { state }", **given)

        taken, decided = await asyncio.gather(withdraw(partner.main.api, change), verdict)

        assert sorted([codes(taken), codes(decided)]) == [[], ["STATE_CONFLICT"]]
        state = await api.value("select state from company_change")
        assert state == ("WITHDRAWN" if codes(taken) == [] else "APPROVED")

    async def test_what_has_moved_on_is_not_overwritten(self, api: Api) -> None:
        _, reviewer, change = await in_review(api)
        await api.database.superuser.execute("update company_profile set address = '上海市'")

        async def attempt() -> None:
            assert codes(await decide(reviewer, change)) == ["COMPANY_MOVED_ON"]
            assert codes(await decide(reviewer, change, approve=False)) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()
        assert codes(await decide(reviewer, change, approve=False, reason="Moved.")) == []


class TestRename:
    async def test_every_account_bears_the_name_and_is_to_be_certified_anew(self, api: Api) -> None:
        partner = await admitted_partner(api)
        other, reviewer = await sibling(api, partner), await staff(api, Role.VENDOR_REVIEWER)
        for one in (partner, other):
            given = {"partnerId": one.id, "certified": True, "taxpayerType": "GENERAL", "idempotencyKey": key()}
            assert codes(await reviewer.api.do("recordBusinessInfo", "businessInfo { id }", **given)) == []
        submitted = await submit(partner.main.api, name=NAME, licence=True)

        assert codes(await decide(reviewer, submitted["change"])) == []

        asked = "{ partner { name company { name } businessInfo { certified } } }"
        for one in (partner, other):
            found = (await one.main.api.send(asked)).data["partner"]
            assert found == {"name": NAME, "company": {"name": NAME}, "businessInfo": {"certified": False}}
            assert "company_renamed" in [mail["template"] for mail in await api.inbox(str(one.main.email))]
        latest = await api.rows("select legal_name, state from real_name_case order by id desc limit 2")
        assert {(row["legal_name"], row["state"]) for row in latest} == {(NAME, "PASSED")}
        types = await api.rows("select type from event where type in ('partner.renamed', 'business_info.expired')")
        assert sorted(row["type"] for row in types) == ["business_info.expired"] * 2 + ["partner.renamed"] * 2

    async def test_further_accounts_are_admitted_under_the_new_name(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api, name=NAME, licence=True)
        assert codes(await decide(reviewer, change)) == []
        late = await company(api, legal_name=NAME, credit_code=partner.company.credit_code)
        assert (await admitted_partner(api, late)).company.legal_name == NAME

    async def test_without_another_name_the_certification_stays(self, api: Api) -> None:
        partner, reviewer, change = await in_review(api)
        given = {"partnerId": partner.id, "certified": True, "taxpayerType": "GENERAL", "idempotencyKey": key()}
        await reviewer.api.do("recordBusinessInfo", "businessInfo { id }", **given)
        await decide(reviewer, change)
        found = (await partner.main.api.send("{ partner { businessInfo { certified } } }")).data["partner"]
        assert found["businessInfo"]["certified"] is True


async def test_what_is_shown_can_be_asked_again(api: Api) -> None:
    partner, _, change = await in_review(api)
    shown = (await partner.main.api.send(PROFILE)).data["partner"]["company"]["profile"]["changes"][0]
    assert (shown["id"], shown["fields"]) == (change["id"], change["fields"])
