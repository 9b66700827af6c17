"""Admission to the partner network: applying, the automatic check, the vendor's decision, through the API."""

import asyncio
from typing import Any

import pytest

from core.ids import encode_id, uuid7
from rules.access import Role
from rules.sites import Site
from tests.client import Api, Client, codes
from tests.factories import (
    OTHER_CODE,
    Company,
    admitted_partner,
    application_in_review,
    apply,
    company,
    key,
    member,
    person,
    real_name_case,
    staff,
)
from tests.opportunities import office

OWN = "{ partner { id name admissionState rejectionReason company { name } actions { action allowed } } }"


async def state(api: Api) -> str:
    return str(await api.value("select admission_state from partner"))


async def decide(reviewer: Client, partner_id: str, approve: bool = True, **more: Any) -> dict[str, Any]:
    given = {"id": partner_id, "approve": approve, "idempotencyKey": key(), **more}
    selection = "partner { admissionState repOffice { name } rejectionReason }"
    return await reviewer.do("decideAdmission", selection, **given)


async def events(api: Api) -> list[str]:
    rows = await api.rows("select type from event where type like 'partner.%' order by id")
    return [row["type"] for row in rows]


class TestAutomaticAdmission:
    async def test_an_application_that_says_what_the_real_name_says_is_admitted(self, api: Api) -> None:
        applicant = await company(api)

        applied = await apply(applicant)

        assert applied["userErrors"] == []
        assert applied["partner"]["admissionState"] == "SUBMITTED"
        assert [effect["kind"] for effect in applied["effects"]] == ["partner.applied"]
        told = await api.inbox(str(applicant.main.email))
        assert told[-1]["template"] == "admission_approved"
        own = (await applicant.main.api.send(OWN)).data["partner"]
        assert own["admissionState"] == "JOINED"
        assert own["company"] == {"name": applicant.legal_name}
        assert await events(api) == ["partner.applied", "partner.admitted"]
        account = (await api.rows("select partner_id, is_main from account where partner_id is not null"))[0]
        assert encode_id("par", account["partner_id"]) == own["id"]
        assert account["is_main"]
        audit = await api.rows("select operation, actor, via from audit order by id desc limit 1")
        assert audit == [{"operation": "check_admission", "actor": "system", "via": "worker"}]

    async def test_spelling_does_not_matter(self, api: Api) -> None:
        applicant = await company(api)

        wide = applicant.credit_code.lower().translate({48 + digit: 0xFF10 + digit for digit in range(10)})
        await apply(applicant, companyName=f" {applicant.legal_name} ", creditCode=wide)
        await api.deliver()

        assert await state(api) == "JOINED"
        assert await api.value("select credit_code from company") == applicant.credit_code

    @pytest.mark.parametrize("changes", [{"companyName": "东湖科技有限公司"}, {"creditCode": OTHER_CODE}])
    async def test_other_data_than_the_real_name_go_to_manual_review(self, api: Api, changes: dict[str, Any]) -> None:
        await apply(await company(api), **changes)
        await api.deliver()

        assert await state(api) == "MANUAL_REVIEW"
        assert await events(api) == ["partner.applied", "partner.review_requested"]
        assert await api.rows("select id from company") == []

    async def test_policy_may_want_every_application_reviewed(self, api: Api) -> None:
        await api.database.superuser.execute(
            "insert into policy_value (id, site, key, effective_on, value, created_at, updated_at)"
            " values ($1, 'CN', 'partners.automatic_admission', '2026-01-01', 'false', now(), now())",
            uuid7(),
        )

        await apply(await company(api))
        await api.deliver()

        assert await state(api) == "MANUAL_REVIEW"

    async def test_a_second_account_of_a_company_finds_the_company(self, api: Api) -> None:
        first = await admitted_partner(api)
        code, name = first.company.credit_code, first.company.legal_name
        await admitted_partner(api, await company(api, legal_name=name, credit_code=code))

        assert await api.value("select count(*) from company") == 1
        assert await api.value("select count(distinct company_id) from partner") == 1

    async def test_the_check_done_twice_changes_nothing(self, api: Api) -> None:
        await admitted_partner(api)
        await api.database.superuser.execute(
            "update outbox set state = 'ready', run_at = now() where topic = 'admission.check'"
        )

        assert await api.changes(api.deliver, besides=("outbox", "outbox_attempt", "audit")) == set()


class TestApplying:
    async def test_a_retry_finds_the_first_application(self, api: Api) -> None:
        applicant, same = await company(api), key()
        first = await apply(applicant, idempotencyKey=same)

        async def again() -> None:
            assert (await apply(applicant, idempotencyKey=same))["partner"]["id"] == first["partner"]["id"]

        assert await api.changes(again) == set()

    async def test_a_dry_run_only_tells(self, api: Api) -> None:
        applicant = await company(api)

        async def attempt() -> None:
            tried = await apply(applicant, dryRun=True)
            assert [effect["kind"] for effect in tried["effects"]] == ["partner.applied"]
            assert tried["userErrors"] == []

        assert await api.changes(attempt) == set()

    async def refused(self, api: Api, applicant: Company, expected: list[str], **changes: Any) -> None:
        async def attempt() -> None:
            assert codes(await apply(applicant, **changes)) == expected

        assert await api.changes(attempt) == set()

    async def test_without_a_passed_enterprise_real_name(self, api: Api) -> None:
        nobody = Company(await person(api), "西湖云计算有限公司", OTHER_CODE)
        await self.refused(api, nobody, ["REAL_NAME_REQUIRED"])

        given = {"kind": "ENTERPRISE", "legalName": nobody.legal_name, "documentNumber": OTHER_CODE}
        await real_name_case(api, nobody.main, **given)
        await self.refused(api, nobody, ["REAL_NAME_REQUIRED"])

    async def test_a_personal_real_name_is_not_enough(self, api: Api) -> None:
        applicant = await company(api)
        await api.database.superuser.execute("update account set real_name_kind = 'PERSONAL'")

        await self.refused(api, applicant, ["REAL_NAME_REQUIRED"])

    async def test_while_an_application_is_under_way_and_after_joining(self, api: Api) -> None:
        applicant = await company(api)
        await apply(applicant)
        await self.refused(api, applicant, ["ALREADY_PARTNER"])
        await api.deliver()
        await self.refused(api, applicant, ["ALREADY_PARTNER"])

    async def test_while_in_manual_review(self, api: Api) -> None:
        applicant, _ = await application_in_review(api)

        await self.refused(api, applicant, ["ALREADY_PARTNER"])

    async def test_a_member_is_of_a_partner_already(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = Company(await member(api, partner, Role.FINANCE), "东湖科技有限公司", OTHER_CODE)

        document = "mutation($i: ApplyForAdmissionInput!) { applyForAdmission(input: $i) { userErrors { code } } }"
        given = {"companyName": clerk.legal_name, "creditCode": clerk.credit_code, "idempotencyKey": "key-of-clerk"}

        refused = await clerk.main.api.send(document, i=given)

        assert refused.error["reason"] == "MAIN_ACCOUNT_ONLY"

    async def test_a_code_with_a_wrong_check_character(self, api: Api) -> None:
        wrong = OTHER_CODE[:-1] + ("A" if OTHER_CODE[-1] != "A" else "B")

        await self.refused(api, await company(api), ["CREDIT_CODE_INVALID"], creditCode=wrong)

    async def test_a_code_that_belongs_to_another_name(self, api: Api) -> None:
        first = await admitted_partner(api)

        await self.refused(api, await company(api), ["COMPANY_MISMATCH"], creditCode=first.company.credit_code)

    async def test_every_reason_at_once_each_at_its_input(self, api: Api) -> None:
        nobody = Company(await person(api), "   ", "123")

        payload = await apply(nobody)

        found = {(error["code"], tuple(error["path"])) for error in payload["userErrors"]}
        assert found == {
            ("REAL_NAME_REQUIRED", ()),
            ("REQUIRED", ("input", "companyName")),
            ("CREDIT_CODE_INVALID", ("input", "creditCode")),
        }

    async def test_two_applications_at_once_make_one(self, api: Api) -> None:
        applicant = await company(api)

        answers = await asyncio.gather(*(apply(applicant) for _ in range(10)))

        assert sorted(map(codes, answers)) == [[]] + [["ALREADY_PARTNER"]] * 9
        assert await api.value("select count(*) from partner") == 1

    async def test_staff_and_strangers_cannot_apply(self, api: Api) -> None:
        document = "mutation($input: ApplyForAdmissionInput!) { applyForAdmission(input: $input) { effects { kind } } }"
        given = {"companyName": "x", "creditCode": OTHER_CODE, "idempotencyKey": key()}
        vendor = await staff(api, Role.VENDOR_ADMIN)

        assert (await vendor.api.send(document, input=given)).error["code"] == "FORBIDDEN"
        assert (await api.anonymous.send(document, input=given)).error["code"] == "UNAUTHENTICATED"


class TestDeciding:
    async def test_approved_with_office_and_manager(self, api: Api) -> None:
        applicant, partner_id = await application_in_review(api)
        reviewer, manager = await staff(api, Role.VENDOR_REVIEWER), await staff(api, Role.ECO_MANAGER)

        hangzhou = await office(api, "Hangzhou")

        decided = await decide(reviewer.api, partner_id, repOfficeId=hangzhou, ecoManagerId=manager.id)

        assert decided["userErrors"] == []
        assert decided["partner"]["admissionState"] == "JOINED"
        assert decided["partner"]["repOffice"] == {"name": "Hangzhou"}
        row = (await api.rows("select * from partner"))[0]
        assert row["eco_manager_id"] == manager.account_id
        assert row["decided_by"] == reviewer.account_id
        assert row["decided_at"] == row["admitted_at"] == api.clock()
        assert (await events(api))[-1] == "partner.admitted"
        assert (await api.inbox(str(applicant.main.email)))[-1]["template"] == "admission_approved"

    async def test_rejected_then_corrected_and_admitted(self, api: Api) -> None:
        applicant, partner_id = await application_in_review(api)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)

        decided = await decide(reviewer.api, partner_id, approve=False, reason="Another code.")

        assert decided["userErrors"] == []
        mail = (await api.inbox(str(applicant.main.email)))[-1]
        assert mail["template"] == "admission_rejected"
        assert "Another code." in mail["body"]
        own = (await applicant.main.api.send(OWN)).data["partner"]
        assert own["rejectionReason"] == "Another code."
        assert {"action": "APPLY_FOR_ADMISSION", "allowed": True} in own["actions"]
        again = await apply(applicant)
        assert again["partner"]["id"] == partner_id
        await api.deliver()
        own = (await applicant.main.api.send(OWN)).data["partner"]
        assert own["admissionState"] == "JOINED"
        assert own["rejectionReason"] is None
        assert await events(api) == [
            "partner.applied",
            "partner.review_requested",
            "partner.rejected",
            "partner.applied",
            "partner.admitted",
        ]

    @pytest.mark.parametrize("reason", [None, " "])
    async def test_a_rejection_needs_its_reason(self, api: Api, reason: str | None) -> None:
        _, partner_id = await application_in_review(api)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)

        async def attempt() -> None:
            refused = await decide(reviewer.api, partner_id, approve=False, reason=reason)
            assert codes(refused) == ["REASON_REQUIRED"]

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize("approve", [True, False])
    async def test_only_what_is_in_manual_review(self, api: Api, approve: bool) -> None:
        applied = await apply(await company(api))
        reviewer, partner_id = await staff(api, Role.VENDOR_REVIEWER), applied["partner"]["id"]

        async def attempt() -> None:
            refused = await decide(reviewer.api, partner_id, approve, reason="No.")
            assert codes(refused) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        await api.deliver()
        assert await api.changes(attempt) == set()

    async def test_a_code_taken_by_another_name_meanwhile(self, api: Api) -> None:
        _, partner_id = await application_in_review(api)
        await admitted_partner(api, await company(api, credit_code=OTHER_CODE))
        reviewer = await staff(api, Role.VENDOR_REVIEWER)

        async def attempt() -> None:
            assert codes(await decide(reviewer.api, partner_id)) == ["COMPANY_MISMATCH"]

        assert await api.changes(attempt) == set()

    async def test_the_decision_is_about_the_version_that_was_read(self, api: Api) -> None:
        _, partner_id = await application_in_review(api)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)

        async def attempt() -> None:
            assert codes(await decide(reviewer.api, partner_id, expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()
        assert codes(await decide(reviewer.api, partner_id, expectedVersion=2)) == []

    async def test_the_manager_must_be_one_of_this_site(self, api: Api) -> None:
        _, partner_id = await application_in_review(api)
        reviewer = await staff(api, Role.VENDOR_REVIEWER)
        others = [
            reviewer.id,
            (await staff(api, Role.ECO_MANAGER, site=Site.INTL)).id,
            encode_id("acc", uuid7()),
        ]

        async def attempt() -> None:
            for other in others:
                refused = await decide(reviewer.api, partner_id, ecoManagerId=other)
                assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [
                    ("NOT_FOUND", ["input", "ecoManagerId"])
                ]

        assert await api.changes(attempt) == set()

    async def test_an_account_that_works_no_more_is_admitted_to_nothing(self, api: Api) -> None:
        applied = await apply(await company(api))
        await api.database.superuser.execute("update account set status = 'FROZEN'")
        await api.deliver()
        assert await state(api) == "MANUAL_REVIEW"
        reviewer = await staff(api, Role.VENDOR_REVIEWER)

        async def attempt() -> None:
            assert codes(await decide(reviewer.api, applied["partner"]["id"])) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_an_unknown_partner(self, api: Api) -> None:
        reviewer = await staff(api, Role.VENDOR_REVIEWER)

        assert codes(await decide(reviewer.api, encode_id("par", uuid7()))) == ["NOT_FOUND"]
        assert codes(await decide(reviewer.api, reviewer.id)) == ["NOT_FOUND"]

    async def test_nobody_else_decides(self, api: Api) -> None:
        applicant, partner_id = await application_in_review(api)
        document = "mutation($input: DecideAdmissionInput!) { decideAdmission(input: $input) { effects { kind } } }"
        for caller in (applicant.main, await staff(api, Role.VENDOR_OPS)):
            given = {"id": partner_id, "approve": True, "idempotencyKey": key()}
            assert (await caller.api.send(document, input=given)).error["reason"] == "PERMISSION_DENIED"

    async def test_of_two_reviewers_one_decides(self, api: Api) -> None:
        applicant, partner_id = await application_in_review(api)
        reviewers = [await staff(api, Role.VENDOR_REVIEWER) for _ in range(2)]

        answers = await asyncio.gather(
            *(decide(who.api, partner_id, approve, reason="No.") for who in reviewers for approve in (True, False) * 5)
        )

        assert sorted(map(codes, answers)) == [[]] + [["STATE_CONFLICT"]] * 19
        templates = [message["template"] for message in await api.inbox(str(applicant.main.email))]
        assert len([name for name in templates if name.startswith("admission")]) == 1
