"""Micro-deposits: made by the settlement or entered by the vendor, confirmed in three tries, locked and unlocked."""

import asyncio
from datetime import timedelta

import pytest

from rules.access import Role
from rules.sites import Site
from tests.business_info import (
    RECORD,
    another,
    arrived,
    awake,
    confirm,
    entered,
    record_of,
    save,
    staff,
    submit,
    submitted,
)
from tests.client import Api, Client, codes
from tests.factories import key
from tests.world import World, world

DEPOSIT = "microDeposit { id state sentAt overdueFrom reference reason }"


async def deposit_of(on: World) -> str:
    """The newest micro-deposit's public id."""
    found = await on.main.client.send("{ microDeposits(first: 1) { nodes { id } } }")
    return str(found.data["microDeposits"]["nodes"][0]["id"])


async def enter(finance: Client, deposit: str, **outcome: object) -> dict[str, object]:
    """The vendor's entry."""
    return await finance.do("recordMicroDeposit", DEPOSIT, id=deposit, idempotencyKey=key(), **outcome)


@pytest.mark.parametrize("site", Site)
async def test_the_right_amount_leads_to_the_automatic_check(api: Api, site: Site) -> None:
    on = await world(api, site=site)
    await submitted(api, on, site)
    told = [row["template"] for row in await api.inbox(on.main.email)]
    assert told == ["micro_deposit_sent"]

    done = await confirm(on, await arrived(api, on))

    assert codes(done) == []
    assert done["businessInfo"]["state"] == "AUTO_CHECK"
    assert done["businessInfo"]["microDeposit"]["state"] == "CONFIRMED"
    assert (await record_of(api, on))["check_at"] == api.clock() + timedelta(hours=1)


async def test_three_wrong_amounts_lock_and_the_right_one_comes_too_late(api: Api) -> None:
    on = await world(api)
    await submitted(api, on)
    amount = await arrived(api, on)
    for left in (2, 1):
        refused = await confirm(on, another(amount))
        assert codes(refused) == ["AMOUNT_WRONG"]
        assert str(left) in refused["userErrors"][0]["message"]
    assert codes(await confirm(on, another(amount))) == ["BUSINESS_INFO_LOCKED"]

    async def attempt() -> None:
        assert codes(await confirm(on, amount)) == ["BUSINESS_INFO_LOCKED"]
        assert codes(await submit(on)) == ["BUSINESS_INFO_LOCKED"]

    await api.deliver()
    assert await api.changes(attempt) == set()
    assert (await record_of(api, on))["state"] == "LOCKED"
    assert await api.value("select count(*) from event where type = 'business_info.locked'") == 1
    assert "business_info_locked" in [row["template"] for row in await api.inbox(on.main.mobile)]


async def test_what_is_no_amount_is_no_try(api: Api) -> None:
    on = await world(api)
    await submitted(api, on)

    async def attempt() -> None:
        assert codes(await confirm(on, "a cup of tea")) == ["INVALID_FORMAT"]

    assert await api.changes(attempt) == set()


async def test_no_try_before_a_deposit_was_sent(api: Api) -> None:
    on, nothing = await world(api), await world(api)
    await save(api, on)
    await submit(on)

    async def attempt() -> None:
        assert codes(await confirm(on, "1.00")) == ["STATE_CONFLICT"]
        assert codes(await confirm(nothing, "1.00")) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


FEW = 20
"""So many are all served in time."""


async def _race(api: Api, crowd: int) -> None:
    on = await world(api)
    await submitted(api, on)
    amount = await arrived(api, on)
    patient = on.main.client.patient
    answers = await asyncio.gather(
        *(patient.do("confirmMicroDeposit", RECORD, amount=another(amount)) for _ in range(crowd))
    )
    refused = [codes(answer) for answer in answers]
    wrong = refused.count(["AMOUNT_WRONG"])
    # Of a large crowd somebody is told to come back after the guess has counted, and finds the record locked.
    assert wrong == 2 if crowd == FEW else wrong <= 2
    assert refused.count(["BUSINESS_INFO_LOCKED"]) == crowd - wrong
    assert (await record_of(api, on))["wrong_amounts"] == 3
    assert (await record_of(api, on))["state"] == "LOCKED"
    assert await api.value("select count(*) from event where type = 'business_info.locked'") == 1


async def test_many_guesses_at_once_are_three(api: Api) -> None:
    await _race(api, FEW)


@pytest.mark.long
async def test_two_hundred_guesses_at_once_are_three(api: Api) -> None:
    await _race(api, 200)


async def test_the_right_amount_named_twice_at_once_counts_once(api: Api) -> None:
    on = await world(api)
    await submitted(api, on)
    amount = await arrived(api, on)
    answers = await asyncio.gather(*(confirm(on, amount) for _ in range(5)))
    assert [codes(answer) for answer in answers].count([]) == 1
    assert {code for answer in answers for code in codes(answer)} <= {"STATE_CONFLICT", "CONFLICT"}
    assert (await record_of(api, on))["wrong_amounts"] == 0


async def test_unlocked_with_another_deposit_or_for_correction(api: Api) -> None:
    on, operations = await world(api), await staff(api, Role.VENDOR_OPS)
    record = await submitted(api, on)
    amount = await arrived(api, on)
    given = {"id": record["id"], "reason": "The clerk misread it.", "idempotencyKey": key()}
    assert codes(await operations.do("unlockBusinessInfo", RECORD, **given)) == ["STATE_CONFLICT"]
    for _ in range(3):
        await confirm(on, another(amount))
    wordless = {**given, "reason": "  ", "idempotencyKey": key()}
    assert codes(await operations.do("unlockBusinessInfo", RECORD, **wordless)) == ["REASON_REQUIRED"]

    unlocked = await operations.do("unlockBusinessInfo", RECORD, **given)

    assert codes(unlocked) == [] and unlocked["businessInfo"]["state"] == "SUBMITTED"
    await api.deliver()
    fresh = await arrived(api, on)
    for _ in range(3):
        await confirm(on, another(fresh))
    again = {**given, "reopen": True, "idempotencyKey": key()}
    reopened = await operations.do("unlockBusinessInfo", RECORD, **again)
    assert reopened["businessInfo"]["state"] == "NONE"
    assert codes(await save(api, on)) == []
    assert codes(await submit(on)) == []
    told = [row["template"] for row in await api.inbox(on.main.email)]
    assert told.count("business_info_unlocked") == 2


async def test_a_deposit_that_does_not_arrive(api: Api) -> None:
    on = await world(api)
    record = await submitted(api, on)
    amount = await arrived(api, on)
    await confirm(on, another(amount))
    missing = {"idempotencyKey": key()}

    async def attempt() -> None:
        early = await on.main.client.do("reportMissingMicroDeposit", RECORD, **missing)
        assert codes(early) == ["DEPOSIT_NOT_OVERDUE"]
        assert early["userErrors"][0]["availableAt"] == "2026-03-05T16:00:00.000Z"

    api.clock.advance(days=3, hours=11, minutes=59)
    on = await awake(api, on)
    assert await api.changes(attempt) == set()
    api.clock.advance(minutes=1)
    done = await on.main.client.do("reportMissingMicroDeposit", RECORD, **missing)
    assert codes(done) == [] and done["businessInfo"]["state"] == "SUBMITTED"
    await api.deliver()
    assert (await record_of(api, on))["wrong_amounts"] == 1
    states = await api.rows("select state from micro_deposit order by id")
    assert [row["state"] for row in states] == ["MISSED", "SENT"]
    assert codes(await confirm(on, await arrived(api, on))) == []
    assert record["id"] == done["businessInfo"]["id"]
    late = await on.main.client.do("reportMissingMicroDeposit", RECORD, idempotencyKey=key())
    assert codes(late) == ["STATE_CONFLICT"]


async def test_the_vendor_enters_what_it_paid(api: Api) -> None:
    entered(api)
    on, finance = await world(api), await staff(api, Role.VENDOR_FINANCE)
    await submitted(api, on)
    deposit = await deposit_of(on)
    assert (await record_of(api, on))["state"] == "SUBMITTED"
    order = "order { accountNumber amount { amount currency } form { bankName } microDeposit { id } }"
    shown = await finance.do("revealMicroDeposit", order, id=deposit)
    assert shown["order"]["accountNumber"] == "6222021001116245702"
    audit = await api.rows("select operation, detail::text as detail from audit order by id desc limit 1")
    assert audit[0]["operation"] == "reveal_micro_deposit" and "6222" not in audit[0]["detail"]

    done = await enter(finance, deposit, sent=True, reference="BANK-7")

    assert codes(done) == []
    assert done["microDeposit"]["reference"] == "BANK-7"  # type: ignore[index]
    assert codes(await finance.do("revealMicroDeposit", order, id=deposit)) == ["STATE_CONFLICT"]
    assert codes(await enter(finance, deposit, sent=True)) == ["STATE_CONFLICT"]
    assert codes(await confirm(on, shown["order"]["amount"]["amount"])) == []


async def test_a_deposit_that_the_bank_refuses_rejects_the_form(api: Api) -> None:
    on, finance = await world(api), await staff(api, Role.VENDOR_FINANCE)
    await submitted(api, on)
    deposit = await deposit_of(on)

    async def attempt() -> None:
        assert codes(await enter(finance, deposit, sent=False)) == ["REASON_REQUIRED"]
        assert codes(await enter(finance, "mdp_01JZZZZZZZZZZZZZZZZZZZZZZZ", sent=True)) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()
    returned = await enter(finance, deposit, sent=False, reason="No such account.")
    assert codes(returned) == []
    record = await record_of(api, on)
    assert (record["state"], record["reason"]) == ("REJECTED", "No such account.")
    mails = await api.inbox(on.main.email)
    assert "No such account." in mails[-1]["body"]
    assert "business_info_rejected" in [row["template"] for row in await api.inbox(on.main.mobile)]
    assert codes(await save(api, on)) == [] and codes(await submit(on)) == []


async def test_a_job_carried_out_twice_pays_once(api: Api) -> None:
    on = await world(api)
    await submitted(api, on)
    await api.database.superuser.execute(
        "update outbox set state = 'ready', finished_at = null where topic = $1", "micro_deposit"
    )

    async def attempt() -> None:
        await api.deliver()

    assert await api.changes(attempt, besides=("outbox", "outbox_attempt")) == set()


async def test_who_enters_and_who_unlocks(api: Api) -> None:
    on = await world(api)
    record = await submitted(api, on)
    deposit = await deposit_of(on)
    calls = {
        "recordMicroDeposit": {"id": deposit, "sent": True, "idempotencyKey": key()},
        "revealMicroDeposit": {"id": deposit},
        "unlockBusinessInfo": {"id": record["id"], "reason": "x", "idempotencyKey": key()},
    }
    for name, given in calls.items():
        kind = name[0].upper() + name[1:]
        document = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
        wrong = Role.VENDOR_FINANCE if name == "unlockBusinessInfo" else Role.VENDOR_OPS
        for caller in (on.main.client, await staff(api, wrong)):
            assert (await caller.send(document, input=given)).error["code"] == "FORBIDDEN"
