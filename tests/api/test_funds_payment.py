"""The invoice of an approved claim, its acceptance and return, and the notice of a late one; through the API."""

from datetime import timedelta
from typing import Any

from rules.access import Role
from tasks.funds import pass_time
from tests.client import NOON, Api, codes
from tests.funds import CASE, Funded, actions, at_day, claimed, decide, funded, left, shown, step
from tests.opportunities import done, key, staff
from tests.paths import mails
from tests.world import Person


async def claim_approved(api: Api) -> tuple[Funded, dict[str, Any]]:
    """A claim whose invoice is awaited."""
    who = await funded(api)
    case = await claimed(api, who)
    await done(await decide(who, case, "MDF_CLAIM"))
    return who, case


async def settle(finance: Person, case: dict[str, Any], approve: bool, **more: Any) -> dict[str, Any]:
    """The finance's answer to an invoice."""
    given = {"id": case["id"], "approve": approve, "idempotencyKey": key(), **more}
    return await finance.client.do("decideMdfInvoice", CASE, **given)


async def test_an_invoice_is_sent_returned_sent_again_and_paid(api: Api) -> None:
    who, case = await claim_approved(api)
    finance = await staff(api, Role.VENDOR_FINANCE)

    async def attempt() -> None:
        assert codes(await step(who.api, "sendMdfInvoice", case, number="  ")) == ["REQUIRED"]
        assert codes(await settle(finance, case, True)) == ["STATE_CONFLICT"]

    assert await api.changes(attempt) == set()
    sent = (await done(await step(who.api, "sendMdfInvoice", case, number=" 033001 ")))["case"]
    assert (sent["state"], sent["dueAt"]) == ("INVOICED", None)
    assert codes(await step(who.api, "sendMdfInvoice", case, number="033002")) == ["STATE_CONFLICT"]

    async def unsaid() -> None:
        assert codes(await settle(finance, case, False)) == ["REASON_REQUIRED"]

    assert await api.changes(unsaid) == set()
    returned = (await done(await settle(finance, case, False, reason="No stamp.")))["case"]
    assert (returned["state"], returned["reason"]) == ("CLAIM_APPROVED", "No stamp.")
    assert returned["dueAt"] == "2026-04-15T16:00:00.000Z"
    await done(await step(who.api, "sendMdfInvoice", case, number="033001"))
    paid = (await done(await settle(finance, case, True)))["case"]
    assert paid["state"] == "PAID"
    assert codes(await settle(finance, case, True)) == ["STATE_CONFLICT"]
    assert await left(who) == ("0.00", "3500.00", "46500.00")
    assert {"mdf_invoice_returned", "mdf_case_paid"} <= set(await mails(api, who))
    held = actions(await shown(who, case))
    assert held["SEND_INVOICE"] == ["STATE_CONFLICT"]
    assert held["PAY"] == ["PERMISSION_DENIED"]


async def test_one_invoice_is_for_one_case(api: Api) -> None:
    who, case = await claim_approved(api)
    await done(await step(who.api, "sendMdfInvoice", case, number="033001"))
    await at_day(api, 0)
    second = await claimed(api, who, name="Cloud week", audience="Partners")
    await done(await decide(who, second, "MDF_CLAIM"))

    async def attempt() -> None:
        assert codes(await step(who.api, "sendMdfInvoice", second, number="033001")) == ["MDF_INVOICE_USED"]

    assert await api.changes(attempt) == set()


async def test_nothing_is_paid_while_benefits_are_frozen(api: Api) -> None:
    who, case = await claim_approved(api)
    await done(await step(who.api, "sendMdfInvoice", case, number="033001"))
    finance = await staff(api, Role.VENDOR_FINANCE)
    await api.database.superuser.execute("update partner set kind = 'DISTRIBUTOR'")
    bill = {"number": "B-1", "amount": "10.00", "overdueSince": "2026-03-01T00:00:00.000Z"}
    given = {"partnerId": who.id, "bills": [bill], "idempotencyKey": key()}
    await done(await finance.client.do("recordOverdueBills", "partner { id }", **given))

    async def attempt() -> None:
        assert codes(await settle(finance, case, True)) == ["BENEFITS_FROZEN"]

    assert await api.changes(attempt) == set()
    await done(await settle(finance, case, False, reason="Bills first."))


async def test_of_a_late_invoice_partner_and_finance_are_told_once(api: Api) -> None:
    who, case = await claim_approved(api)
    finance = await staff(api, Role.VENDOR_FINANCE)
    end = NOON.replace(month=4, day=15, hour=16)
    await at_day(api, 44)
    for at, told in ((end - timedelta(seconds=1), 0), (end, 1), (end + timedelta(days=3), 0)):
        api.clock.at = at
        assert await pass_time(api.settings, api.clock) == told
    assert "mdf_invoice_late" in await mails(api, who)
    assert "mdf_invoice_missing" in {row["template"] for row in await api.inbox(finance.email)}
    await at_day(api, 50)
    await done(await step(who.api, "sendMdfInvoice", case, number="033001"))
