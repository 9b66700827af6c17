"""The second journey, as its people live it: an opportunity, vouchers, incentives, and the money's way through them."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.journey import cast
from tests.journey.town import Busy, Town

SHANGHAI = ZoneInfo("Asia/Shanghai")
BEGINNING = datetime(2023, 8, 14, 10, tzinfo=SHANGHAI)
"""A Monday: the first month is settled before the day from which resale needs no invoice, the second after it."""
PO = "opportunity { id state version }"
QUOTAS = "results { quota { id balance { amount } } userErrors { code path upstreamCode } }"
VOUCHERS = "results { voucher { id status balance { amount } } userErrors { code path upstreamCode } }"
LINES = "results { line { id period } userErrors { code } }"
INCENTIVE = "id period status amount { amount } payoutMethods"


async def test_from_the_opportunity_to_the_incentive_in_vouchers(town: Town, tmp_path: Path) -> None:
    town.be_at(BEGINNING)
    vendor = await cast.vendor(town)
    main = await cast.partner(vendor["admin"], "上海云杉软件有限公司", 1)
    await cast.joins(main, "CO_SELL")
    unanswered = await opportunities(town, vendor, main)
    distributor, reseller, other = await distribution(town, vendor)
    bailian = await cast.customer(main, "百联生鲜连锁有限公司", 1)
    await cast.customer(main, "东方智造装备股份有限公司", 2)
    lanhu = await cast.customer(reseller, "蓝湖物流有限公司", 3)

    await quotas(vendor["ops"], distributor, reseller, other, main)
    customers = [
        await cast.customer_id(main, "百联生鲜"),
        await cast.customer_id(reseller, "蓝湖物流"),
        await cast.customer_id(main, "东方智造"),
    ]
    await vouchers(town, vendor["ops"], main, customers)
    await resellers_voucher(reseller, lanhu, customers[1])
    await consumption(town, vendor["ops"], customers, tmp_path / "august.csv")

    town.be_at(datetime(2023, 8, 31, 10, tzinfo=SHANGHAI))
    await town.jobs_run("opportunities.pass_time", "vouchers.expire")
    await sign_in_again(vendor["eco"], vendor["ops"], main, reseller, bailian)
    await time_has_ended(main, unanswered)
    await customer_changes_hands(main, bailian, reseller, vendor["eco"], customers[0])
    renewal = line(town, "RENEWAL-1", customers[0], "5000.00", billType="RENEW")
    assert await imports(vendor["ops"], renewal) == ["2023-08"]

    town.be_at(datetime(2023, 9, 4, 10, tzinfo=SHANGHAI))
    await town.jobs_run("bills.close_months")
    await sign_in_again(vendor["ops"], vendor["finance"], main)
    await audits(vendor["ops"], "2023-08", {"159880.00", "5000.00"})
    await incentive_by_bank_transfer(vendor, main)
    await late_line_goes_to_the_open_month(town, vendor["ops"], customers[2])

    town.be_at(datetime(2023, 10, 9, 10, tzinfo=SHANGHAI))
    await town.jobs_run("incentives.pass_deadlines", "bills.close_months")
    await sign_in_again(vendor["ops"], main, reseller)
    earned = await reseller.sees(f"incentives {{ nodes {{ {INCENTIVE} }} }}")
    assert [(row["status"], row["amount"]["amount"]) for row in earned["nodes"]] == [("CONFIRMED", "250.00")]
    await audits(vendor["ops"], "2023-09", {"11000.00"})
    quota = await incentive_in_vouchers(main)
    await moneys_way(main, quota)
    assert " broken " not in town.cosell("verify")


async def opportunities(town: Town, vendor: dict[str, Busy], main: Busy) -> str:
    """One from the draft to its delivery, and one for a customer without an account, which nobody verifies."""
    admin, eco, first, second = (vendor[name] for name in ("admin", "eco", "psm.an", "psm.bai"))
    made = await admin.does_once("addRepOffice", "office { id }", name="杭州代表处", regions=["330100"])
    for psm in (first, second):
        account = (await psm.sees("viewer { id }"))["id"]
        seat = {"officeId": made["office"]["id"], "accountId": account, "duty": "PSM"}
        await admin.does_once("setOfficeMember", "member { id }", **seat)

    # What is missing or unreasonable is told at once, each with its field and its rule.
    hollow = {"budget": "Some.", "need": None, "contactName": None, "expectedRevenue": "10.00"}
    drafted = await main.does("saveOpportunityDraft", PO, **{**cast.OPPORTUNITY, **hollow})
    ident = drafted["opportunity"]["id"]
    refused = await main.is_refused("submitOpportunity", id=ident)
    assert {(reason["code"], *reason["path"], reason["rule"]["id"]) for reason in refused} == {
        ("PO_FIELD_REQUIRED", "opportunity", "contactName", "opportunities.complete"),
        ("PO_BANT_INCOMPLETE", "opportunity", "budget", "opportunities.bant"),
        ("PO_BANT_INCOMPLETE", "opportunity", "need", "opportunities.bant"),
        ("PO_REVENUE_TOO_SMALL", "opportunity", "expectedRevenue", "opportunities.revenue"),
    }
    await main.does("saveOpportunityDraft", PO, id=ident, **{name: cast.OPPORTUNITY[name] for name in hollow})
    await main.does_once("submitOpportunity", PO, id=ident)
    assert "Port analytics" in await eco.reads_about("opportunity_submitted")

    # Before the verification nothing is added to it; the audit tells every PSM of the customer's office.
    news = {"id": ident, "text": "The customer has asked for a workshop."}
    assert [reason["code"] for reason in await main.is_refused("updateOpportunityProgress", **news)] == [
        "PO_NOT_VERIFIED"
    ]
    audited = await eco.does_once("auditOpportunity", PO, id=ident, approve=True)
    assert audited["opportunity"]["state"] == "VERIFYING"
    for psm in (first, second):
        await psm.reads_about("opportunity_to_verify")
        await reads_message(psm, "opportunity_to_verify", ident)

    # The first of them decides, the other is told that it is done.
    assert (await first.does_once("verifyOpportunity", PO, id=ident, approve=True))["opportunity"][
        "state"
    ] == "VERIFIED"
    late = await second.is_refused("verifyOpportunity", id=ident, approve=False, reason="VAGUE", note="What?")
    assert [reason["code"] for reason in late] == ["PO_ALREADY_PROCESSED"]
    await second.reads_about("opportunity_decided")
    await reads_message(main, "opportunity_verified", ident)
    await main.does_once("updateOpportunityProgress", PO, **news)
    await first.reads_about("opportunity_updated")
    today = f"{town.now.astimezone(SHANGHAI):%Y-%m-%d}"
    signed = {"id": ident, "signedOn": today, "amount": "450000.00", "contractRef": "C-2023-17"}
    await main.does_once("markOpportunitySigned", PO, **signed)
    delivered = await main.does_once("markOpportunityDelivered", PO, id=ident, deliveredOn=today, acceptanceRef="A-17")
    assert delivered["opportunity"]["state"] == "DELIVERED"

    # A customer without an account may go to the public pool: a warning, which stands in nobody's way.
    other = {
        **cast.OPPORTUNITY,
        "name": "Bridge sensors",
        "customerCompany": "之江桥梁有限公司",
        "customerAccount": None,
    }
    unanswered = (await main.does("saveOpportunityDraft", PO, **other))["opportunity"]["id"]
    submitted = await main.does_once("submitOpportunity", "opportunity { warnings { code } }", id=unanswered)
    assert "W_NO_ACCOUNT_REPORT" in [effect["kind"] for effect in submitted["effects"]]
    assert "W_NO_ACCOUNT_REPORT" in [warning["code"] for warning in submitted["opportunity"]["warnings"]]
    await eco.does_once("auditOpportunity", PO, id=unanswered, approve=True)
    return str(unanswered)


async def reads_message(person: Busy, template: str, subject: str) -> None:
    """Finds what it was told in the product, and marks it as read."""
    page = "messages(unreadOnly: true) { unreadCount { value } nodes { id template subjectId text { title } } }"

    async def looks() -> tuple[dict[str, Any], dict[str, Any]] | None:
        before = await person.sees(page)
        told = (node for node in before["nodes"] if (node["template"], node["subjectId"]) == (template, subject))
        return next(((before, node) for node in told), None)

    before, message = await person.town.until(looks)
    assert message["text"]["title"]
    assert (await person.does("markMessageRead", "marked", ids=[message["id"]]))["marked"] == 1
    assert (await person.sees(page))["unreadCount"]["value"] == before["unreadCount"]["value"] - 1


async def distribution(town: Town, vendor: dict[str, Busy]) -> tuple[Busy, Busy, Busy]:
    """A distributor that the vendor has invited, and two companies that apply to it and become its resellers."""
    admin, eco = vendor["admin"], vendor["eco"]
    distributor = await cast.partner(admin, "深圳华海数码分销有限公司", 2)
    ident = await cast.partner_id(distributor)
    await eco.does_once("inviteToPlan", "membership { id }", partnerId=ident, plan="DISTRIBUTOR")
    await cast.joins(distributor, "DISTRIBUTOR", eco)
    resellers = [
        await cast.partner(admin, "成都蓝鲸云计算有限公司", 3),
        await cast.partner(admin, "武汉山河网络技术有限公司", 4),
    ]
    for one in resellers:
        await cast.joins(one, "RESELLER", eco, distributorId=ident)
    waiting = (await distributor.sees("resellerApplications { nodes { id } }"))["nodes"]
    answer = {"ids": [row["id"] for row in waiting], "approve": True}
    decided = await distributor.does_once("decideResellerApplications", "results { application { status } }", **answer)
    assert [row["application"]["status"] for row in decided["results"]] == ["ASSOCIATED", "ASSOCIATED"]
    return distributor, resellers[0], resellers[1]


async def quotas(ops: Busy, distributor: Busy, reseller: Busy, other: Busy, main: Busy) -> None:
    """The vendor grants; the distributor issues to resellers, each with its own result."""
    for person, value in ((distributor, "1000.00"), (main, "2000.00")):
        given = {"partnerId": await cast.partner_id(person), "value": value, "expiresAt": "2024-01-01T00:00:00+08:00"}
        await ops.does_once("grantQuota", "quota { id }", **given)
    ids = [await cast.partner_id(person) for person in (reseller, main, other)]
    issued = await distributor.does_once(
        "issueQuotaToResellers", QUOTAS, quotaId=await quota_of(distributor), resellerIds=ids, amount="300.00"
    )
    assert outcomes(issued, "quota") == ["300.00", "NOT_FOUND", "300.00"]
    assert issued["results"][1]["userErrors"][0]["upstreamCode"] == "CBC.99000037"
    left = await distributor.sees("voucherQuotas { nodes { value { amount } balance { amount } } }")
    assert left["nodes"] == [{"value": {"amount": "1000.00"}, "balance": {"amount": "400.00"}}]


async def quota_of(person: Busy) -> str:
    """The public id of the partner's newest quota."""
    return str((await person.sees("voucherQuotas { nodes { id } }"))["nodes"][0]["id"])


def outcomes(payload: dict[str, Any], name: str) -> list[str]:
    """For each result the balance of its object, or the code against it."""
    return [
        result[name]["balance"]["amount"] if result[name] else result["userErrors"][0]["code"]
        for result in payload["results"]
    ]


async def vouchers(town: Town, ops: Busy, main: Busy, customers: list[str]) -> None:
    """Issued to a list of customers with a code, used in part, recalled by batch."""
    await main.does_once("setStepUpSwitch", "switch { enabled }", enabled=True)
    quota = {"quotaId": await quota_of(main)}
    asked = {**quota, "customerIds": customers, "faceValue": "300.00"}
    issued = await main.confirms("issueVouchers", VOUCHERS, **asked)
    assert outcomes(issued, "voucher") == ["300.00", "NOT_FOUND", "300.00"]
    first = issued["results"][0]["voucher"]["id"]
    order = {"orderRef": "ORDER-1", "amount": "120.00", "orderAmount": "100000.00"}
    used = await ops.does_once("recordVoucherUse", "use { voucher { balance { amount } } }", voucherId=first, **order)
    assert used["use"]["voucher"]["balance"]["amount"] == "180.00"

    own = [customers[0], customers[2]]
    soon = (town.now + timedelta(days=3)).isoformat(timespec="seconds")
    await main.confirms("issueVouchers", VOUCHERS, **quota, customerIds=own, faceValue="50.00", expiresAt=soon)
    mistaken = await main.confirms("issueVouchers", VOUCHERS, **quota, customerIds=own, faceValue="20.00")
    ids = [result["voucher"]["id"] for result in mistaken["results"]]
    recalled = await main.confirms("recallVouchers", VOUCHERS, voucherIds=[*ids, customers[0]])
    assert outcomes(recalled, "voucher") == ["0.00", "0.00", "NOT_FOUND"]
    left = await main.sees("voucherQuotas { nodes { balance { amount } } }")
    assert left["nodes"][0]["balance"]["amount"] == "1300.00"


async def resellers_voucher(reseller: Busy, customer: Busy, ident: str) -> None:
    """A reseller issues from what its distributor gave it; its customer finds the voucher."""
    given = {"quotaId": await quota_of(reseller), "customerIds": [ident], "faceValue": "100.00"}
    issued = await reseller.does_once("issueVouchers", VOUCHERS, **given)
    assert outcomes(issued, "voucher") == ["100.00"]
    await reads_message(customer, "voucher_issued", issued["results"][0]["voucher"]["id"])
    mine = await customer.sees("myVouchers { nodes { status face { amount } } }")
    assert mine["nodes"] == [{"status": "USABLE", "face": {"amount": "100.00"}}]


def line(town: Town, reference: str, customer: str, amount: str, **more: str) -> dict[str, str]:
    """A line of consumption, paid in cash just now unless told otherwise."""
    return {
        "reference": reference,
        "customerId": customer,
        "billType": "NEW",
        "serviceCode": "hws.service.type.ec2",
        "productCode": "ECS-S6",
        "chargingMode": "YEARLY_MONTHLY",
        "paidAt": (town.now - timedelta(seconds=1)).isoformat(timespec="milliseconds"),
        "officialAmount": amount,
        "cashAmount": amount,
        **more,
    }


async def imports(ops: Busy, *lines: dict[str, str]) -> list[str]:
    """Takes lines over; the month of each."""
    taken = await ops.does_once("importConsumption", LINES, lines=list(lines))
    return [result["line"]["period"] for result in taken["results"]]


async def consumption(town: Town, ops: Busy, customers: list[str], file: Path) -> None:
    """One line by call, two by a file, which can be taken over again without harm."""
    voucher = {"cashAmount": "99880.00", "voucherAmount": "120.00"}
    assert await imports(ops, line(town, "BILL-1", customers[0], "100000.00", **voucher)) == ["2023-08"]
    rows = [line(town, f"FILE-{number}", customers[2], "30000.00") for number in range(2)]
    file.write_text("\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)]))
    command = ("import", "consumption", str(file))
    told = town.operator(command, command)
    assert "2 lines: 2 new" in told


async def sign_in_again(*people: Busy) -> None:
    """Sessions do not last for weeks."""
    await asyncio.gather(*(person.signs_in() for person in people))


async def time_has_ended(main: Busy, unanswered: str) -> None:
    """What nobody verified in ten working days is rejected, and what was not spent in time is gone."""
    await reads_message(main, "opportunity_expired", unanswered)
    found = await main.sees(f'node(id: "{unanswered}") {{ ... on Opportunity {{ state deadline }} }}')
    assert found["state"] == "VERIFY_REJECTED"
    assert datetime.fromisoformat(found["deadline"]).astimezone(SHANGHAI).date().isoformat() in (
        "2023-08-28",
        "2023-08-29",
    )
    gone = await main.sees("issuedVouchers(filter: { status: [EXPIRED] }) { nodes { balance { amount } } }")
    assert [node["balance"]["amount"] for node in gone["nodes"]] == ["0.00", "0.00"]


async def customer_changes_hands(main: Busy, person: Busy, to: Busy, eco: Busy, ident: str) -> None:
    """Parting takes back what is unspent of the vouchers, in the same transaction; then another partner is chosen."""
    form = {"customerId": ident, "reason": "The contract has ended.", "acknowledged": True}
    asked = await main.confirms("requestUnbind", "request { id }", **form)
    done = await person.confirms("answerPartnerRequest", "request { status }", id=asked["request"]["id"], approve=True)
    assert [effect["kind"] for effect in done["effects"]] == [
        "association_request.done",
        "voucher.recalled",
        "association.ended",
    ]
    back = await main.sees("voucherRecords(filter: { operation: [UNBIND_RECALL] }) { nodes { amount { amount } } }")
    assert [node["amount"]["amount"] for node in back["nodes"]] == ["180.00"]
    await cast.is_reported_again(to, eco, person, "百联生鲜连锁有限公司")
    await cast.accepts(person)
    to.town.pass_time(minutes=1)


async def audits(ops: Busy, period: str, totals: set[str]) -> None:
    """The vendor audits the drafted sheets of a month; incentives come of it."""
    page = f'performanceSheets(period: "{period}") {{ nodes {{ id status total {{ amount }} }} }}'
    sheets = (await ops.sees(page))["nodes"]
    assert {(sheet["status"], sheet["total"]["amount"]) for sheet in sheets} == {("DRAFT", total) for total in totals}
    for sheet in sheets:
        audited = await ops.does_once("auditPerformance", "sheet { status }", id=sheet["id"])
        assert audited["sheet"]["status"] == "FINAL"


async def pending(main: Busy, amount: str) -> dict[str, Any]:
    """The partner's newest incentive, which waits for its confirmation and says why it is what it is."""
    why = "explanation { policy { code version } base { amount } step { rate } }"
    found: dict[str, Any] = (await main.sees(f"incentives {{ nodes {{ {INCENTIVE} {why} }} }}"))["nodes"][0]
    assert (found["status"], found["amount"]["amount"]) == ("PENDING_CONFIRM", amount)
    assert await main.sees(f'explainIncentive(id: "{found["id"]}") {{ same }}') == {"same": True}
    return found


async def confirms_incentive(main: Busy, ident: str) -> None:
    confirmed = await main.does_once("confirmIncentives", "results { incentive { status } }", incentiveIds=[ident])
    assert [result["incentive"]["status"] for result in confirmed["results"]] == ["CONFIRMED"]


async def incentive_by_bank_transfer(vendor: dict[str, Busy], main: Busy) -> None:
    """Generated before October 2023: by bank transfer against an invoice, and by no other way once that is chosen."""
    found = await pending(main, "12790.40")
    assert found["payoutMethods"] == ["BANK_TRANSFER", "ACCOUNT", "VOUCHER_QUOTA"]
    assert found["explanation"] == {
        "policy": {"code": "RESALE_CONSUMPTION", "version": 1},
        "base": {"amount": "159880.00"},
        "step": {"rate": "0.08"},
    }
    simulated = await main.sees(
        'simulateIncentive(period: "2023-08", associationType: RESALE, amount: "159880.00") { amount { amount } }'
    )
    assert simulated == [{"amount": {"amount": "12790.40"}}]
    await confirms_incentive(main, found["id"])
    form = {"incentiveIds": [found["id"]], "method": "BANK_TRANSFER"}
    assert [reason["code"] for reason in await main.is_refused("requestPayout", **form)] == ["BUSINESS_INFO_REQUIRED"]
    known = {"partnerId": await cast.partner_id(main), "certified": True, "taxpayerType": "GENERAL"}
    await vendor["ops"].does_once("recordBusinessInfo", "businessInfo { certified }", **known)
    payout = (await main.confirms("requestPayout", "payout { id status }", **form))["payout"]
    assert payout["status"] == "WAIT_INVOICE"
    reasons = await main.is_refused("requestPayout", **{**form, "method": "VOUCHER_QUOTA"})
    assert [reason["code"] for reason in reasons] == ["PAYOUT_METHOD_LOCKED"]
    paid = await vendor["finance"].does_once("completePayout", "payout { status }", id=payout["id"])
    assert paid["payout"]["status"] == "COMPLETED"


async def late_line_goes_to_the_open_month(town: Town, ops: Busy, customer: str) -> None:
    """A closed month never changes: what was paid in August and arrives in September counts in September."""
    late = line(town, "LATE-1", customer, "1000.00", paidAt="2023-08-20T12:00:00+08:00")
    assert await imports(ops, late, line(town, "BILL-2", customer, "10000.00")) == ["2023-09", "2023-09"]


async def incentive_in_vouchers(main: Busy) -> str:
    """Generated after October 2023: no invoice any more; the quota is there at once. Its public id."""
    found = await pending(main, "550.00")
    assert found["payoutMethods"] == ["ACCOUNT_OWED_INVOICE", "VOUCHER_QUOTA"]
    await confirms_incentive(main, found["id"])
    form = {"incentiveIds": [found["id"]], "method": "VOUCHER_QUOTA"}
    reasons = await main.is_refused("requestPayout", **{**form, "method": "BANK_TRANSFER"})
    assert [reason["code"] for reason in reasons] == ["PAYOUT_METHOD_NOT_ALLOWED"]
    selection = "payout { status quota { id value { amount } balance { amount } } }"
    payout = (await main.confirms("requestPayout", selection, **form))["payout"]
    assert payout["status"] == "COMPLETED"
    assert (payout["quota"]["value"], payout["quota"]["balance"]) == ({"amount": "550.00"}, {"amount": "550.00"})
    return str(payout["quota"]["id"])


async def moneys_way(main: Busy, quota: str) -> None:
    """From the incentive to the quota on the ledger: the statement of what was owed, and the trace of the quota."""
    accounts = await main.sees("wallets(kinds: [INCENTIVE_PAYABLE]) { nodes { id balance { amount } } }")
    [owed] = accounts["nodes"]
    assert owed["balance"]["amount"] == "0.00"
    page = f'ledgerEntries(ledgerAccountId: "{owed["id"]}") {{ nodes {{ kind amount {{ amount }} }} }}'
    statement = [(entry["kind"], entry["amount"]["amount"]) for entry in (await main.sees(page))["nodes"]]
    assert statement == [
        ("INCENTIVE_PAYOUT", "-550.00"),
        ("INCENTIVE_CONFIRMATION", "550.00"),
        ("SETTLEMENT", "-12790.40"),
        ("INCENTIVE_CONFIRMATION", "12790.40"),
    ]
    entries = "kind entries { account { kind } amount { amount } } audit { operation }"
    [moved] = await main.sees(f'trace(id: "{quota}") {{ {entries} }}')
    assert [(entry["account"]["kind"], entry["amount"]["amount"]) for entry in moved["entries"]] == [
        ("INCENTIVE_PAYABLE", "-550.00"),
        ("PARTNER_QUOTA", "550.00"),
    ]
    assert moved["audit"]["operation"] == "request_payout"
