"""What people decide: forms passed on, letters after a difference from the supplier register, and who decides which."""

from datetime import timedelta
from typing import Any

import pytest

from rules.access import Role
from rules.business_info import ENTITIES
from rules.sites import Site
from tasks.reviews import escalate_overdue
from tests import factories
from tests.business_info import (
    ACCOUNT,
    RECORD,
    SUPPLIER,
    awake,
    checked,
    decide,
    enter_supplier,
    expire,
    in_auto_check,
    letter_required,
    name_of,
    queue,
    record_of,
    save,
    send_letter,
    staff,
    submit,
)
from tests.client import Api, codes
from tests.factories import key
from tests.uploads import larger, open_slot, uploaded
from tests.world import world

RELATED: dict[str, Any] = {"relatedSupplier": True, "relatedDetails": "Same owner."}
TOLD = {Role.VENDOR_FINANCE: 1, Role.VENDOR_OPS: 1, Role.VENDOR_ADMIN: 1, Role.VENDOR_REVIEWER: 0}
"""Which of the vendor's people hear of a review of business information that is late."""


async def test_the_reviewer_certifies_what_was_passed_on(api: Api) -> None:
    on = await checked(api, await world(api), **RELATED)
    finance, operations = await staff(api, Role.VENDOR_FINANCE), await staff(api, Role.VENDOR_OPS)
    [case] = await queue(finance)
    assert (case["kind"], case["subject"]["__typename"]) == ("BUSINESS_INFO", "BusinessInfo")
    assert case["dueAt"] == "2026-03-09T16:00:00.000Z"  # five working days
    assert await queue(operations) == []
    assert codes(await decide(operations, case["id"], True)) == ["NOT_FOUND"]

    done = await decide(finance, case["id"], True)

    assert codes(done) == [] and done["review"]["state"] == "APPROVED"
    assert (await record_of(api, on))["state"] == "CERTIFIED"
    assert "business_info_certified" in [row["template"] for row in await api.inbox(on.main.mobile)]
    assert codes(await decide(finance, case["id"], True)) == ["STATE_CONFLICT"]


async def test_rejected_with_a_reason_corrected_and_reviewed_again(api: Api) -> None:
    on = await checked(api, await world(api), **RELATED)
    finance = await staff(api, Role.VENDOR_FINANCE)
    [case] = await queue(finance)

    async def attempt() -> None:
        assert codes(await decide(finance, case["id"], False)) == ["REASON_REQUIRED"]

    assert await api.changes(attempt) == set()
    assert codes(await decide(finance, case["id"], False, reason="Name the owner.")) == []
    shown = await on.main.client.send(f"{{ partner {{ {RECORD} }} }}")
    assert shown.data["partner"]["businessInfo"]["reason"] == "Name the owner."
    assert "Name the owner." in (await api.inbox(on.main.email))[-1]["body"]
    on = await checked(api, on, **{**RELATED, "relatedDetails": "Owned by Li Lei."})
    [again] = await queue(await staff(api, Role.VENDOR_FINANCE))
    assert again["id"] != case["id"]
    assert (await record_of(api, on))["reason"] is None


async def test_a_colleagues_claim_keeps_others_from_deciding(api: Api) -> None:
    await checked(api, await world(api), **RELATED)
    first, second = await staff(api, Role.VENDOR_FINANCE), await staff(api, Role.VENDOR_FINANCE)
    [case] = await queue(first)
    assert codes(await first.do("claimReview", "review { id }", id=case["id"], idempotencyKey=key())) == []

    async def attempt() -> None:
        assert codes(await decide(second, case["id"], True)) == ["REVIEW_CLAIMED"]

    assert await api.changes(attempt) == set()


async def test_a_difference_from_the_supplier_fails_until_the_letter_is_approved(api: Api) -> None:
    on = await letter_required(api)
    record = await record_of(api, on)
    assert (record["state"], record["check_reasons"]) == ("LETTER_REQUIRED", '["SUPPLIER_ACCOUNT_DIFFERS"]')
    assert "business_info_letter_requested" in [row["template"] for row in await api.inbox(on.main.mobile)]
    [mail] = [one for one in await api.inbox(on.main.email) if one["template"] == "business_info_letter_requested"]
    assert "银行账号与供应商系统不一致。" in mail["body"] and "签约主体" not in mail["body"]
    assert "95588000" not in mail["body"] and ACCOUNT[Site.CN] not in mail["body"]
    await save(api, on)
    assert codes(await submit(on)) == ["BANK_LETTER_REQUIRED"]

    sent = await send_letter(on)

    assert codes(sent) == []
    assert sent["businessInfo"] == {
        "state": "LETTER_REVIEW",
        "form": {"letter": {"document": {"name": "letter.pdf", "mediaType": "application/pdf"}}},
    }
    finance, operations = await staff(api, Role.VENDOR_FINANCE), await staff(api, Role.VENDOR_OPS)
    assert await queue(finance) == []
    [case] = await queue(operations)
    assert case["kind"] == "BANK_LETTER"
    assert codes(await decide(operations, case["id"], True)) == []
    assert (await record_of(api, on))["state"] == "CERTIFIED"
    assert codes(await send_letter(on)) == ["STATE_CONFLICT"]


async def test_a_letters_review_has_a_clock_of_its_own(api: Api) -> None:
    await api.override("business_info.letter_working_days", 3)
    on, operations = await letter_required(api), await factories.staff(api, Role.VENDOR_OPS)
    assert codes(await send_letter(on)) == []
    [case] = await queue(operations.api)
    assert case["dueAt"] == "2026-03-05T16:00:00.000Z"  # three working days after a Monday
    due = await api.value("select due_at from review_case where kind = 'BANK_LETTER'")
    for at, late in ((due - timedelta(milliseconds=1), 0), (due, 1), (due, 0)):
        api.clock.at = at
        assert await escalate_overdue(api.settings, api.clock) == late
    assert [row["template"] for row in await api.inbox(str(operations.email))] == ["review_overdue"]


async def test_the_letter_is_written_from_the_form_for_the_bank_to_fill_in(api: Api) -> None:
    on = await letter_required(api)
    shown = await on.main.client.send("{ partner { businessInfo { form { letterTemplate } } } }")
    letter = shown.data["partner"]["businessInfo"]["form"]["letterTemplate"]
    english, chinese = letter.split("\n\n")
    assert english.startswith("Letter of Account Confirmation") and chinese.startswith("银行账户证明函")
    for text in (english, chinese):
        assert await name_of(api, on) in text and "中国工商银行" in text and "CNY" in text
        assert "5702" in text and ACCOUNT[Site.CN] not in text
    assert ENTITIES["CLOUD_CN"].titles["en"] in english and ENTITIES["CLOUD_CN"].titles["zh-CN"] in chinese


async def test_a_letter_is_turned_down(api: Api) -> None:
    on = await letter_required(api)
    await send_letter(on)
    operations = await staff(api, Role.VENDOR_OPS)
    [case] = await queue(operations)
    assert codes(await decide(operations, case["id"], False, reason="Not stamped.")) == []
    assert (await record_of(api, on))["state"] == "REJECTED"


async def test_a_letter_of_ten_mebibytes_is_accepted_and_no_larger_one(api: Api) -> None:
    on = await letter_required(api)
    most = 10 * 1024 * 1024
    over = await larger(api, on.main.client, most + 1)

    async def attempt() -> None:
        assert codes(await send_letter(on, uploadId=over)) == ["BANK_LETTER_NOT_ACCEPTED"]

    assert await api.changes(attempt) == set()
    assert codes(await send_letter(on, uploadId=await larger(api, on.main.client, most))) == []


async def test_a_file_that_has_not_arrived_or_is_somebody_elses_is_no_letter(api: Api) -> None:
    on, other = await letter_required(api), await world(api)
    opened = await open_slot(on.main.client)
    theirs = await uploaded(other.main.client)

    async def attempt() -> None:
        assert codes(await send_letter(on, uploadId=opened["upload"]["id"])) == ["UPLOAD_NOT_RECEIVED"]
        assert codes(await send_letter(on, uploadId=theirs)) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


async def test_no_letter_is_taken_that_nobody_asked_for(api: Api) -> None:
    on = await world(api)
    await in_auto_check(api, on)
    letter = await uploaded(on.main.client)

    async def attempt() -> None:
        assert codes(await send_letter(on, uploadId=letter)) == ["STATE_CONFLICT"]

    assert await api.changes(attempt) == set()


async def test_a_supplier_that_agrees_or_is_gone_is_no_obstacle(api: Api) -> None:
    agreeing, gone, other = await world(api), await world(api), await world(api)
    await enter_supplier(api, agreeing, accountNumber="6222 0210 0111 6245 702", reference="S-1")
    await enter_supplier(api, gone, reference="S-2")
    await enter_supplier(api, other, reference="S-3", name="Somebody else's company")
    operations = await staff(api, Role.VENDOR_OPS)
    removed = await operations.do("removeSupplier", SUPPLIER, reference="S-2", idempotencyKey=key())
    assert removed["supplier"]["removedAt"] is not None
    again = await operations.do("removeSupplier", SUPPLIER, reference="S-2", idempotencyKey=key())
    assert codes(again) == ["NOT_FOUND"]
    for on in (agreeing, gone, other):
        await checked(api, await awake(api, on))
        assert (await record_of(api, on))["state"] == "CERTIFIED"


async def test_the_register(api: Api) -> None:
    on = await world(api)
    first = await enter_supplier(api, on)
    assert first["supplier"]["accountEnd"] == "8000"
    changed = await enter_supplier(api, on, currency="usd", accountNumber="95588111")
    assert (changed["supplier"]["currency"], changed["supplier"]["accountEnd"]) == ("USD", "8111")
    assert await api.value("select count(*) from supplier") == 1

    async def attempt() -> None:
        wrong: dict[str, Any] = {"accountNumber": "9558?000", "currency": "$$$", "signingEntity": "CLOUD_SG"}
        refused = await enter_supplier(api, on, **wrong)
        assert sorted(codes(refused)) == ["INVALID_FORMAT", "INVALID_FORMAT", "SIGNING_ENTITY_NOT_OF_SITE"]

    assert await api.changes(attempt, besides=("account", "session")) == set()
    asked = '{ supplier(reference: "S-1") { name accountEnd } }'
    operations, elsewhere = await staff(api, Role.VENDOR_OPS), await staff(api, Role.VENDOR_OPS, Site.INTL)
    assert (await operations.send(asked)).data["supplier"]["accountEnd"] == "8111"
    assert (await elsewhere.send(asked)).data["supplier"] is None
    assert (await on.main.client.send(asked)).error["code"] == "FORBIDDEN"
    numbers = await api.value("select count(*) from supplier s where s::text like '%95588111%'")
    assert numbers == 0


@pytest.mark.parametrize("claimed", [False, True])
async def test_a_late_review_is_told_to_those_who_decide_and_to_operations(api: Api, claimed: bool) -> None:
    await checked(api, await world(api), **RELATED)
    people = {role: await factories.staff(api, role) for role in TOLD}
    colleague = await factories.staff(api, Role.VENDOR_FINANCE)
    api.clock.advance(days=7, hours=10)
    if claimed:
        finance = (await factories.sign_in(api, people[Role.VENDOR_FINANCE].account_id)).api
        [case] = await queue(finance)
        assert codes(await finance.do("claimReview", "review { id }", id=case["id"], idempotencyKey=key())) == []
    assert await escalate_overdue(api.settings, api.clock) == 0
    api.clock.advance(hours=1)
    assert await escalate_overdue(api.settings, api.clock) == 1
    told = {role: [row["template"] for row in await api.inbox(str(one.email))] for role, one in people.items()}
    assert told == {role: ["review_overdue"] * reached for role, reached in TOLD.items()}
    assert len(await api.inbox(str(colleague.email))) == (not claimed)


async def test_a_change_of_the_company_ends_the_review_too(api: Api) -> None:
    on = await checked(api, await world(api), **RELATED)
    await expire(api, on)
    assert await api.value("select state from review_case where kind = 'BUSINESS_INFO'") == "WITHDRAWN"
    assert await queue(await staff(api, Role.VENDOR_FINANCE)) == []
    assert (await record_of(api, await awake(api, on)))["state"] == "EXPIRED_BY_CHANGE"
