"""What the guard of closing reads in other domains' tables, one fact at a time: there it blocks, gone it does not."""

from typing import Any

from tests import vouchers, world
from tests.api.closing_cases import blockers
from tests.api.test_incentives_payouts import waiting
from tests.client import Api, codes
from tests.earning import RESALE, confirmed, pay_out, stage
from tests.factories import key


async def change(api: Api, statement: str, *values: Any) -> None:
    """Writes as nobody else could."""
    await api.database.superuser.execute(statement, *values)


async def test_a_payout_that_waits_for_its_invoice(api: Api) -> None:
    on = await stage(api)
    payout = await waiting(api, on)
    await change(api, "update incentive set status = 'PAID'")  # so that the payout alone is left
    assert "CLOSE_BENEFITS_UNPAID" in await blockers(on.world.main.client)

    await change(api, "update incentive set status = 'PAYING_OUT'")
    done = await on.finance.do("completePayout", "payout { status }", id=payout, idempotencyKey=key())
    assert codes(done) == []

    assert "CLOSE_BENEFITS_UNPAID" not in await blockers(on.world.main.client)


async def test_an_invoice_that_is_still_owed(api: Api) -> None:
    on = await stage(api)
    ids = await confirmed(api, on, (RESALE, 100_000))
    assert "CLOSE_INVOICE_OWED" not in await blockers(on.world.main.client)
    assert codes(await pay_out(on.clerk, *ids, method="ACCOUNT_OWED_INVOICE")) == []
    assert "CLOSE_INVOICE_OWED" in await blockers(on.world.main.client)

    await change(api, "update owed_invoice set remaining = 0")

    assert "CLOSE_INVOICE_OWED" not in await blockers(on.world.main.client)


async def test_money_on_the_partners_account_and_none_that_its_bank_has(api: Api) -> None:
    on = await stage(api)
    payout = await waiting(api, on)
    assert "CLOSE_BALANCE_LEFT" in await blockers(on.world.main.client)  # confirmed and not paid yet

    done = await on.finance.do("completePayout", "payout { status }", id=payout, idempotencyKey=key())
    assert codes(done) == []

    assert await api.value("select balance from ledger_account where kind = 'BANK'") == 12_000
    assert "CLOSE_BALANCE_LEFT" not in await blockers(on.world.main.client)


async def test_money_on_a_customers_voucher(api: Api) -> None:
    made = await vouchers.stage(api)
    customer = await vouchers.customer(api, made.partner_id)
    assert "CLOSE_BALANCE_LEFT" not in await blockers(customer.person.client)
    await vouchers.voucher(made, customer)
    assert "CLOSE_BALANCE_LEFT" in await blockers(customer.person.client)


async def test_a_distributors_customer_keeps_the_reseller_too_through_which_it_came(api: Api) -> None:
    distributor_id, _ = await world.admitted_partner(api)
    reseller_id, reseller = await world.admitted_partner(api, kind=None)
    _, _, association = await world.associated_customer(api, distributor_id)
    assert await blockers(reseller.client) == []

    await change(api, "update customer_association set indirect_partner_id = $1", reseller_id)
    assert await blockers(reseller.client) == ["CLOSE_CUSTOMERS_ASSOCIATED"]

    await change(api, "update customer_association set status = 'ENDED', ended_at = now() where id = $1", association)
    await change(api, "update customer set partner_id = null")
    assert await blockers(reseller.client) == []
