"""Acceptance scenarios 11 and 12: the market development fund from the application on."""

import asyncio

import pytest

from rules.access import Role
from rules.sites import Site
from tests.client import Api, codes
from tests.funds import (
    GIFT,
    at_day,
    drafted,
    event,
    expense,
    funded,
    left,
    line,
    over,
    refused,
    save_claim,
    step,
    submit,
)
from tests.opportunities import done, key, staff
from tests.uploads import paper

pytestmark = pytest.mark.parametrize("site", Site)
CAPS = {Site.CN: "200.00", Site.INTL: "30.00"}
DEAR = {Site.CN: "201.00", Site.INTL: "31.00"}


async def test_11_an_activity_is_applied_for_ten_working_days_before_it_starts(api: Api, site: Site) -> None:
    """The second of March is a Monday; nine working days after it is a Friday."""
    who = await funded(api, site)
    draft = await drafted(api, who, events=[event(api, site, inside=11)])
    await refused(api, lambda: submit(who, draft), "MDF_LATE_REASON_REQUIRED")
    await step(who.api, "updateMdfCase", draft, events=[event(api, site, inside=-1)])
    await refused(api, lambda: submit(who, draft), "MDF_RETROACTIVE")
    gift = {**GIFT, "quantity": 1, "heads": 1, "fundAmount": "30.00"}
    dear = {"events": [event(api, site, inside=14)], "budget": [{**gift, "amount": DEAR[site]}]}
    await step(who.api, "updateMdfCase", draft, **dear)
    await refused(api, lambda: submit(who, draft), *["MDF_GIFT_CAP"] * 2)
    await step(who.api, "updateMdfCase", draft, budget=[{**gift, "amount": CAPS[site]}])
    assert codes(await submit(who, draft)) == []


async def test_11_it_is_claimed_in_ninety_days_with_receipts_and_invoice_that_fit(api: Api, site: Site) -> None:
    who = await funded(api, site)
    case = await over(api, who, budget=[expense(amount="4000.00", fundAmount="3500.00")])
    file = await paper(who.api)
    await done(await save_claim(api, who, case, lines=[line(file, receiptCategory="LODGING")]))
    await refused(api, lambda: step(who.api, "submitMdfClaim", case), "MDF_EXPENSE_CATEGORY_MISMATCH")
    await done(await save_claim(api, who, case, invoiceTitle="Other company"))
    await refused(api, lambda: step(who.api, "submitMdfClaim", case), "MDF_INVOICE_TITLE_MISMATCH")
    await done(await save_claim(api, who, case))
    await api.database.superuser.execute("update partner set kind = 'SOLUTION_PROVIDER'")
    finance = await staff(api, Role.VENDOR_FINANCE, site=site)
    bill = {"number": "B-1", "amount": "10.00", "overdueSince": "2026-03-01T00:00:00.000Z"}
    given = {"partnerId": who.id, "bills": [bill], "idempotencyKey": key()}
    await done(await finance.client.do("recordOverdueBills", "partner { id }", **given))
    await refused(api, lambda: step(who.api, "submitMdfClaim", case), "BENEFITS_FROZEN")
    paid = {"partnerId": who.id, "numbers": ["B-1"], "idempotencyKey": key()}
    await done(await finance.client.do("clearOverdueBills", "partner { id }", **paid))
    await at_day(api, 119)
    await refused(api, lambda: step(who.api, "submitMdfClaim", case), "MDF_CLAIM_LATE")
    await at_day(api, 118)
    await done(await step(who.api, "submitMdfClaim", case))


async def test_12_applications_at_once_never_hold_more_than_the_quota(api: Api, site: Site) -> None:
    who = await funded(api, site)
    half = {Site.CN: "25000.00", Site.INTL: "4000.00"}[site]
    drafts = [
        await drafted(api, who, name=f"Day {n}", audience=f"Town {n}", budget=[expense(amount=half, fundAmount=half)])
        for n in range(5)
    ]
    answers = await asyncio.gather(*(submit(who, draft) for draft in drafts))
    assert sorted(map(tuple, map(codes, answers))) == [(), (), *[("MDF_OVER_QUOTA",)] * 3]
    assert (await left(who))[2] == "0.00"
