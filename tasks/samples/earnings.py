"""What the sample data's partners earned: two closed months of consumption, their incentives and payouts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core import db
from core.ids import encode_id
from core.scope import EVERYTHING
from models.bills import AccountingMonth
from models.incentives import Incentive
from models.performance import PerformanceSheet
from resolvers import bills, business_info
from resolvers.incentives import confirming, deadlines, freezing, payouts, performance
from resolvers.incentives import performance_months as months
from rules.bills import BillType, ChargingMode, GivenLine, compute_month, compute_month_after, compute_month_start
from rules.business_info import TaxpayerType
from rules.incentives.kinds import PayoutMethod
from rules.sites import Site
from tasks.samples.forms import check_forms, prove_account
from tasks.samples.partners import partner_of, staff
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story
from tasks.samples.vouchers import customer_of

AUDITED_AFTER = timedelta(days=2)
"""How long the vendor's operations take to audit the first month; the second one is audited the day before today."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What a customer pays every month."""

    customer: str
    product: str
    cash: int
    """In units of the currency."""
    bill: BillType = BillType.NEW
    voucher: int = 0
    mode: ChargingMode = ChargingMode.YEARLY_MONTHLY


SALES = (
    Sale("bailian", "GAUSSDB", 5_100_000),
    Sale("dongfang", "ECS-S6", 42_000, voucher=320),
    Sale("dongfang", "OBS-STD", 3_600, BillType.USAGE, mode=ChargingMode.PAY_PER_USE),
    Sale("tianmu", "CDN-FLOW", 18_500, BillType.MONTHLY_PAY, voucher=800),
    Sale("haoche", "RDS-MYSQL", 9_400, BillType.RENEW),
    Sale("heyi", "ECS-S6", 2_750, BillType.RENEW),
    Sale("baosteel", "CCE-NODE", 26_000),
    Sale("kuaidi", "GAUSSDB", 12_300, BillType.RENEW),
    Sale("zhihui", "ECS-C7", 31_000),
    Sale("shuangxi", "ECS-S6", 8_000, voucher=0),
)


def closing_months(stage: Stage, days: int) -> tuple[str, str]:
    """The two newest months that had ended, and been closed in the night after, two days before the story's end."""
    last = compute_month(stage.on(days) - timedelta(days=32), Site.CN)
    while compute_month_start(compute_month_after(compute_month_after(last)), Site.CN) < stage.on(days - 2):
        last = compute_month_after(last)
    before = compute_month(compute_month_start(last, Site.CN) - timedelta(days=1), Site.CN)
    return before, last


def closed_at(period: str) -> datetime:
    """When the job of the night closes a month."""
    return compute_month_start(compute_month_after(period), Site.CN) + timedelta(hours=2)


def first_audit(stage: Stage, days: int) -> datetime:
    """When the first sheets are final."""
    return closed_at(closing_months(stage, days)[0]) + AUDITED_AFTER


async def earnings(stage: Stage, days: int) -> Story:
    """Consumption of two months, closed, audited, and what the partners did with their incentives."""
    first, second = closing_months(stage, days)
    for period in (first, second):
        yield compute_month_start(period, Site.CN) + timedelta(days=19, hours=3)
        await consume(stage, period)
        yield closed_at(period)
        await close(stage, period)
        if period == first:
            yield first_audit(stage, days)
            await audit(stage, period)
            async for instant in first_month(stage):
                yield instant
    async for instant in questions(stage, second):
        yield instant
    yield max(stage.on(days - 1), stage.later(hours=1))
    await audit(stage, second, leaving="lanjing")
    frozen = await incentives(stage, "xingchen", second)
    why = {"incentive_id": frozen[0].id, "reason": "客户的一笔款项仍在核对。"}
    await stage.do(staff(stage, "ops", Site.CN), freezing.freeze_incentive, **why)


async def consume(stage: Stage, period: str) -> None:
    """The month's lines, as the vendor's billing sends them a while after they were paid."""
    lines = [await _line(stage, period, number, sale) for number, sale in enumerate(SALES)]
    await stage.do(staff(stage, "ops", Site.CN), bills.import_consumption, lines=lines)


async def _line(stage: Stage, period: str, number: int, sale: Sale) -> GivenLine:
    paid_at = compute_month_start(period, Site.CN) + timedelta(days=10, hours=number)
    return GivenLine(
        reference=f"{period}-{number:04}",
        customer_id=encode_id("cus", await customer_of(stage, sale.customer)),
        bill_type=sale.bill.value,
        service_code="hws.service.type.ec2",
        product_code=sale.product,
        charging_mode=sale.mode.value,
        paid_at=paid_at.isoformat(),
        official_amount=f"{sale.cash + sale.voucher}.00",
        cash_amount=f"{sale.cash}.00",
        voucher_amount=f"{sale.voucher}.00",
    )


async def close(stage: Stage, period: str) -> None:
    """What the job of the night does."""
    await stage.do(None, months.close_month, site=Site.CN, period=period)
    async with db.read(EVERYTHING):
        assert await AccountingMonth.exists(site=Site.CN.value, period=period)
    await stage.do(None, months.close_performance, site=Site.CN, period=period)


async def audit(stage: Stage, period: str, *, leaving: str | None = None) -> None:
    """The vendor's operations make the month's sheets final, but for one partner's; incentives come of it."""
    async with db.read(EVERYTHING):
        drafted = PerformanceSheet.filter(period=period).order_by("id")
        if leaving is not None:
            drafted = drafted.exclude(partner_id=await partner_of(stage.people[leaving]))
        sheets = await drafted
    for sheet in sheets:
        await stage.do(staff(stage, "ops", Site.CN), performance.audit_performance, sheet_id=sheet.id)


async def incentives(stage: Stage, partner: str, period: str) -> Sequence[Incentive]:
    """A partner's incentives for a month."""
    owner = await partner_of(stage.people[partner])
    async with db.read(EVERYTHING):
        return await Incentive.filter(partner_id=owner, period=period).order_by("id")


async def questions(stage: Stage, period: str) -> Story:
    """Two partners ask about their performance; the vendor has answered one of them."""
    asked = {"yunshan": "请核实本月OBS按需用量是否已全部计入。", "lanjing": "一笔续费订单的关联时间早于下单，请核实。"}
    given = {}
    for partner, text in asked.items():
        yield stage.later(hours=2)
        main = stage.people[partner]
        async with db.read(EVERYTHING):
            sheet = (
                await PerformanceSheet.filter(partner_id=await partner_of(main), period=period).order_by("id").first()
            )
        assert sheet is not None
        given[partner] = await stage.do(main, performance.give_performance_feedback, sheet_id=sheet.id, text=text)
    yield stage.later(hours=3)
    answer = {"feedback_id": given["yunshan"].id, "answer": "已核对，本月用量已全部计入。"}
    await stage.do(staff(stage, "ops", Site.CN), performance.answer_performance_feedback, **answer)


async def first_month(stage: Stage) -> Story:
    """One partner is paid out in vouchers at once; of the other, an incentive waits for its invoice."""
    async with db.read(EVERYTHING):
        rows = await Incentive.all().order_by("id")
    await prove_account(stage, "lanjing", related_supplier=True, related_details="同一实际控制人。")
    given = {"partner_id": await partner_of(stage.people["xingchen"]), "taxpayer_type": TaxpayerType.GENERAL}
    await stage.do(staff(stage, "ops", Site.CN), business_info.record_business_info, certified=True, **given)
    yield stage.later(hours=1)
    await check_forms(stage)
    yield stage.later(days=1)
    mine = await ids_of(stage, "yunshan", rows)
    main = stage.people["yunshan"]
    await stage.do(main, confirming.confirm_incentives, incentive_ids=mine)
    given = {"incentive_ids": mine, "method": PayoutMethod.VOUCHER_QUOTA}
    await stage.do(main, payouts.request_payout, **given)
    yield max(row.confirm_deadline for row in rows)
    for row in rows:
        await stage.do(None, deadlines.close_incentive, incentive_id=row.id)
    theirs = [row for row in rows if row.id in await ids_of(stage, "xingchen", rows)]
    referral = [row.id for row in theirs if row.association_type == "REFERRAL"]
    if referral:
        given = {"incentive_ids": referral, "method": PayoutMethod.BANK_TRANSFER}
        await stage.do(stage.people["xingchen"], payouts.request_payout, **given)


async def ids_of(stage: Stage, partner: str, rows: Sequence[Incentive]) -> list[UUID]:
    """Which of the incentives are this partner's."""
    owner = await partner_of(stage.people[partner])
    return [row.id for row in rows if row.partner_id == owner]
