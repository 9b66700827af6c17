"""What must hold of performance, incentives and payouts: whatever was tampered with is found."""

import pytest

from tests import performance
from tests.client import Api, codes
from tests.contracts.population import unchecked
from tests.earning import REFERRAL, RESALE, confirmed, pay_out, stage

DAMAGE = [
    ("I8", "update payout_request set amount = amount + 1"),
    ("I8", "delete from ledger_transaction where kind = 'INCENTIVE_PAYOUT'"),
    ("I82", "update payout_request set status = 'WAIT_INVOICE'"),
    ("I81", "update incentive set status = 'PENDING_CONFIRM' where status = 'PAID'"),
    ("I81", "delete from ledger_transaction where kind = 'INCENTIVE_CONFIRMATION'"),
    ("I82", "delete from payout_item"),
    ("I82", "update payout_item set amount = amount - 1"),
    ("I82", "update incentive set status = 'PAYING_OUT' where status = 'PAID'"),
    ("I83", "update ledger_account set balance = balance + 1 where kind = 'INCENTIVE_PAYABLE'"),
    ("I83", "update incentive set status = 'CONFIRMED' where status = 'PAID'"),
    ("I84", "update incentive set computed_amount = computed_amount + 1"),
]
"""(invariant, what breaks it): done after two confirmed incentives, of which one is paid out."""


@pytest.mark.tampers
@pytest.mark.parametrize(("name", "statement"), DAMAGE)
async def test_tampering_with_incentives_is_found(api: Api, name: str, statement: str) -> None:
    on = await stage(api)
    paid, _ = await confirmed(api, on, (RESALE, 100_000), (REFERRAL, 200_000))
    assert codes(await pay_out(on.clerk, paid)) == []
    assert await api.database.offences() == []

    async with unchecked(api.database, unique=False):
        done = await api.database.superuser.execute(statement)
        assert not done.endswith(" 0"), "nothing was tampered with"
        assert name in {offence.split(":")[0] for offence in await api.database.offences()}


@pytest.mark.tampers
@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("P1", "update performance_sheet set total = total + 1"),
        ("P1", "delete from performance_line"),
        ("P2", "update performance_line set product_code = product_code || 'x'"),
        ("P2", "update performance_sheet set digest = 'x'"),
    ],
)
async def test_tampering_with_a_closed_month_is_found(api: Api, name: str, statement: str) -> None:
    await performance.drafted(api, await performance.stage(api))
    assert await api.database.offences() == []

    async with unchecked(api.database, unique=False):
        done = await api.database.superuser.execute(statement)
        assert not done.endswith(" 0"), "nothing was tampered with"
        assert name in {offence.split(":")[0] for offence in await api.database.offences()}
