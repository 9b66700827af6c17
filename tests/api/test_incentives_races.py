"""Many at once: one confirmation, one payout, one set of incentives, and the money says so."""

import asyncio

import pytest

from rules.access import Role
from tasks.incentives import pass_deadlines
from tests.client import Api
from tests.earning import (
    REFERRAL,
    RESALE,
    balances,
    confirm,
    confirmed,
    generate_for,
    generated,
    pay_out,
    sheet_of,
    stage,
)
from tests.factories import key
from tests.world import member


async def test_a_month_made_final_five_times_on_three_workers_gives_one_result(api: Api) -> None:
    on = await stage(api)
    sheet = await sheet_of(api, on, (RESALE, 4_000_000), (REFERRAL, 200_000))

    made = await asyncio.gather(*(generate_for(api, sheet) for _ in range(15)))

    assert sorted(map(len, made)) == [0] * 14 + [2]
    assert await api.value("select count(*) from incentive") == 2
    assert await api.value("select count(*) from event where type = 'incentive.generated'") == 2


async def test_ten_members_confirm_at_once(api: Api) -> None:
    await race_confirmations(api, 10)


@pytest.mark.long
async def test_two_hundred_confirm_at_once(api: Api, patience: None) -> None:
    await race_confirmations(api, 200)


async def race_confirmations(api: Api, callers: int) -> None:
    """Twenty of each member at most: a member has a budget of requests."""
    on = await stage(api)
    ids = await generated(api, on, (RESALE, 100_000), (REFERRAL, 200_000))
    clerks = [(await member(api, on.partner_id, Role.FINANCE)).client for _ in range(max(2, callers // 20))]
    answers = await asyncio.gather(*(confirm(clerks[number % len(clerks)], *ids) for number in range(callers)))

    done = [result for answer in answers for result in answer["results"] if not result["userErrors"]]
    assert len(done) == 2
    assert await balances(api) == {"VENDOR_POOL": -17_000, "INCENTIVE_PAYABLE": 17_000}


async def test_ten_members_request_payout_at_once(api: Api) -> None:
    await race_payouts(api, 10)


@pytest.mark.long
async def test_two_hundred_request_payout_at_once(api: Api, patience: None) -> None:
    await race_payouts(api, 200)


async def race_payouts(api: Api, callers: int) -> None:
    """Whatever method and order of the ids: one payout."""
    on = await stage(api)
    ids = await confirmed(api, on, (REFERRAL, 200_000), (RESALE, 100_000))
    attempts = []
    for number in range(callers):
        caller, chosen = (on.clerk, ids) if number % 2 else (on.world.main.client, ids[::-1])
        attempts.append(pay_out(caller, *chosen))
    answers = await asyncio.gather(*attempts)

    won = [answer for answer in answers if not answer["userErrors"]]
    lost = {error["code"] for answer in answers for error in answer["userErrors"]}
    assert len(won) == 1
    assert lost <= {"PAYOUT_METHOD_LOCKED"}
    assert await api.value("select count(*) from payout_request") == 1
    assert await balances(api) == {"VENDOR_POOL": -17_000, "PARTNER_QUOTA": 17_000}


async def test_a_confirmation_against_the_deadline(api: Api) -> None:
    """Both confirm; the amount is credited once."""
    on = await stage(api)
    for month in range(1, 6):
        [incentive] = await generated(api, on, (RESALE, 100_000), period=f"2025-0{month}")
        await api.database.superuser.execute(
            "update incentive set generated_at = $1, confirm_deadline = $2 where status = 'PENDING_CONFIRM'",
            api.clock().replace(hour=1),
            api.clock(),
        )
        await asyncio.gather(confirm(on.clerk, incentive), pass_deadlines(api.settings, api.clock))
        assert await balances(api) == {"VENDOR_POOL": -5_000 * month, "INCENTIVE_PAYABLE": 5_000 * month}


async def test_finance_completes_and_rejects_at_once(api: Api) -> None:
    on = await stage(api)
    for month in range(1, 6):
        [incentive] = await confirmed(api, on, (REFERRAL, 200_000), period=f"2025-0{month}")
        asked = await pay_out(on.clerk, incentive, method="ACCOUNT")
        payout = asked["payout"]["id"]
        completed, rejected = await asyncio.gather(
            on.finance.do("completePayout", "payout { status }", id=payout, idempotencyKey=key()),
            on.finance.do("rejectPayout", "payout { status }", id=payout, reason="x", idempotencyKey=key()),
        )
        assert sorted(bool(answer["userErrors"]) for answer in (completed, rejected)) == [False, True]
        paid = await api.value("select count(*) from payout_request where status = 'COMPLETED'")
        assert (await balances(api)).get("CASH", 0) == 12_000 * paid


async def test_one_key_many_times_is_one_payout(api: Api) -> None:
    on = await stage(api)
    ids = await confirmed(api, on, (RESALE, 100_000))
    same = {"idempotencyKey": key()}
    answers = await asyncio.gather(*(pay_out(on.clerk, *ids, **same) for _ in range(10)))

    assert {code for answer in answers for code in map(lambda error: error["code"], answer["userErrors"])} <= {
        "IDEMPOTENCY_IN_PROGRESS"
    }
    assert (await pay_out(on.clerk, *ids, **same))["payout"]["status"] == "COMPLETED"
    assert await balances(api) == {"VENDOR_POOL": -5_000, "PARTNER_QUOTA": 5_000}
