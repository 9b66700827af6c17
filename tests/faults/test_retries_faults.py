"""Many callers with the same keys, of whom a third dies on the way: as many effects as keys."""

import pytest

from tests.client import Api
from tests.faults.apis import UNBIND, ApiProcess, stage_now, targets
from tests.faults.load import Mutation, crowd
from tests.faults.money import money_stage
from tests.faults.oracle import assert_whole
from tests.vouchers import left


async def unbindings(api: Api, front: ApiProcess, keys: int) -> None:
    stage, token = await stage_now(api)
    stock = await targets(api, stage, keys)

    async def offer(number: int) -> Mutation:
        count = ("select count(*) from association_request where customer_id = $1", stock[number].row_id)
        given = stock[number].unbinding(f"retried-{number:05d}")
        return Mutation(UNBIND, "requestUnbind", token, given, count)

    await crowd(front, keys, offer)
    for table in ("association_request", "idempotency", "audit", "event"):
        assert await api.value(f"select count(*) from {table}") == keys, table
    assert await api.value("select count(*) from outbox") == 2 * keys
    await front.pool_is_whole()
    await assert_whole()


async def issues(api: Api, front: ApiProcess, keys: int) -> None:
    """Vouchers of 1.00, all from one quota."""
    stage = await money_stage(api, customers=20)
    before, posted = await trace(api), await left(api, stage.quotas[0])

    async def offer(number: int) -> Mutation:
        return stage.issue(f"retried-{number:05d}", stage.customers[number % 20])

    answers = await crowd(front, keys, offer)
    made = {answer.data["issueVouchers"]["results"][0]["voucher"]["id"] for answer in answers}
    assert len(made) == keys
    assert await api.value("select count(distinct memo) from voucher") == keys
    assert await trace(api) == {name: count + keys * STEP[name] for name, count in before.items()}
    assert posted - await left(api, stage.quotas[0]) == keys * 100
    assert await api.value("select sum(balance) from ledger_account where kind = 'CUSTOMER_VOUCHER'") == keys * 100
    assert (
        await api.value("select count(*) from idempotency where expires_at is not null and key like 'retried-%'") == 0
    )
    await front.pool_is_whole()
    await assert_whole()


STEP = {
    "voucher": 1,
    "voucher_record": 1,
    "ledger_account": 1,
    "ledger_transaction": 1,
    "ledger_entry": 2,
    "idempotency": 1,
    "audit": 1,
    "event": 1,
    "outbox": 1,
}
"""Rows of a voucher for one customer."""


async def trace(api: Api) -> dict[str, int]:
    return {name: await api.value(f"select count(*) from {name}") for name in STEP}


async def test_ten_keys_with_twenty_callers_of_whom_a_third_dies(api: Api, front: ApiProcess) -> None:
    await unbindings(api, front, 10)


@pytest.mark.long
async def test_a_thousand_keys_with_twenty_callers_of_whom_a_third_dies(api: Api, front: ApiProcess) -> None:
    await unbindings(api, front, 1000)


async def test_ten_keys_that_move_money_with_twenty_callers_of_whom_a_third_dies(api: Api, front: ApiProcess) -> None:
    await issues(api, front, 10)


@pytest.mark.long
async def test_a_thousand_keys_that_move_money_with_twenty_callers_of_whom_a_third_dies(
    api: Api, front: ApiProcess
) -> None:
    await issues(api, front, 1000)
