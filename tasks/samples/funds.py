"""Market development funds: a year's quotas, an activity in each of its states, and a partner that broke the rules."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from core import db
from core.scope import EVERYTHING
from models.funds import MdfCase, MdfQuota, MdfViolation
from resolvers import business_info, funds
from rules.calendar import day_of
from rules.funds.kinds import (
    MdfActivityType,
    MdfEvent,
    MdfEventForm,
    MdfExpenseCategory,
    MdfLine,
    MdfViolationKind,
)
from rules.sites import Site
from rules.statements import StatementCode, present
from tasks.samples.expenses import Expense, HeldEvent, paid
from tasks.samples.files import hand_in
from tasks.samples.partners import partner_of, staff
from tasks.samples.paths import settle
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story

_T, _E, _F, _L = MdfActivityType, MdfExpenseCategory, MdfEventForm, MdfLine


@dataclass(frozen=True, slots=True)
class Activity:
    """What a partner plans: the day of its application, the first one of the activity, and what becomes of it, each
    step on its day.
    """

    name: str
    kind: MdfActivityType
    audience: str
    place: str
    day: int
    held: int
    budget: tuple[Expense, ...]
    steps: "tuple[tuple[int, Step], ...]" = ()
    days: int = 1
    form: MdfEventForm = _F.ON_SITE
    line: MdfLine = _L.SOFTWARE
    partner: str = "yunshan"
    late_reason: str | None = None


Step = Callable[[Stage, Activity, MdfCase], Awaitable[object]]


async def submit(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The partner applies, under the payment agreement."""
    await _submit(stage, one, row, confirm_similar=False)


async def submit_another(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The partner applies, and says that the activity is another one than that which it is like."""
    await _submit(stage, one, row, confirm_similar=True)


async def _submit(stage: Stage, one: Activity, row: MdfCase, *, confirm_similar: bool) -> None:
    version = present(StatementCode.MDF_PAYMENT).version
    given = {"case_id": row.id, "agreement_version": version, "confirm_similar": confirm_similar}
    await stage.do(stage.people[one.partner], funds.submit_mdf_case, **given)


async def approve(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The vendor finds application or claim in order."""
    await settle(stage, stage.people[one.partner].site, row.id)


async def reject(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The vendor will not pay for the activity."""
    await settle(stage, Site.CN, row.id, approve=False, reason="活动受众与申报产品无关，请调整方案。")


async def reject_claim(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The vendor misses something in the claim."""
    await settle(stage, Site.CN, row.id, approve=False, reason="现场照片未体现主题与标识，请补充。")


async def cancel(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The partner has thought better of it."""
    await stage.do(stage.people[one.partner], funds.cancel_mdf_case, case_id=row.id)


async def start(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The doors are open."""
    await stage.do(stage.people[one.partner], funds.start_mdf_event, case_id=row.id)


async def look_in(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The vendor's ecosystem manager was there."""
    given = {"case_id": row.id, "note": "首日到场 86 人，展位标识符合规范。"}
    await stage.do(staff(stage, "eco", Site.CN), funds.record_mdf_finding, **given)


async def prepare_claim(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The partner puts the claim together: what was planned is what it cost."""
    main = stage.people[one.partner]
    assert row.starts_on is not None and row.ends_on is not None
    proof = await hand_in(stage, main, "proofs", "Photos and sealed receipts")
    invoice = await hand_in(stage, main, "invoice", "Invoice of the expenses")
    chinese = main.site is Site.CN
    await stage.do(
        main,
        funds.save_mdf_claim,
        case_id=row.id,
        summary="到场八十余人，收集线索二十条。" if chinese else "Eighty guests, twenty leads.",
        leads=20,
        opportunities=3,
        events=[HeldEvent(row.starts_on, row.ends_on, (proof,))],
        lines=[paid(expense, row.ends_on, proof) for expense in one.budget],
        invoice_id=invoice,
        invoice_title=row.host_name,
        invoice_amount=f"{sum(expense.units for expense in one.budget)}.00",
    )


async def claim(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The partner claims what it has put together."""
    await stage.do(stage.people[one.partner], funds.submit_mdf_claim, case_id=row.id)


async def invoice(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The partner sends its invoice; each time another one."""
    number = f"{one.partner.upper()}-{stage.clock():%y%m%d}"
    await stage.do(stage.people[one.partner], funds.send_mdf_invoice, case_id=row.id, number=number)


async def return_invoice(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The vendor's finance cannot book it."""
    given = {"case_id": row.id, "approve": False, "reason": "发票金额与核销金额不一致。"}
    await stage.do(staff(stage, "finance", Site.CN), funds.decide_mdf_invoice, **given)


async def pay(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The vendor's finance pays."""
    finance = staff(stage, "finance", stage.people[one.partner].site)
    await stage.do(finance, funds.decide_mdf_invoice, case_id=row.id, approve=True)


async def pass_time(stage: Stage, one: Activity, row: MdfCase) -> None:
    """What the clock does about a claim that does not come."""
    await stage.do(None, funds.pass_mdf_time, case_id=row.id)


async def miss_invoice(stage: Stage, one: Activity, row: MdfCase) -> None:
    """What the clock does about an invoice that does not come."""
    await stage.do(None, funds.notice_mdf_invoice, case_id=row.id)


async def end(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The vendor will not pay for this one any more."""
    given = {"case_id": row.id, "reason": "Ended together with the suspension."}
    await stage.do(staff(stage, "eco", Site.INTL), funds.end_mdf_case, **given)


async def suspend(stage: Stage, one: Activity, row: MdfCase) -> None:
    """The vendor's ecosystem manager found out about the receipts; what the partner has begun is void with it."""
    penalty = "No applications until the end of the year."
    given = {"case_id": row.id, "kind": MdfViolationKind.MDF_FALSE_EXPENSE, "penalty": penalty}
    await stage.do(staff(stage, "eco", Site.INTL), funds.record_mdf_violation, **given)


ACTIVITIES = (
    Activity(
        *("制造业上云论坛", _T.JOINT_MARKETING, "制造企业信息部门", "苏州国际博览中心", 140, 175),
        budget=(
            Expense(_E.VENUE, 9_000, 4_500, "苏州国际博览中心"),
            Expense(_E.CATERING, 4_800, 1_800, "园区会议餐饮服务有限公司"),
            Expense(_E.GIFTS, 6_000, 2_700, "润物礼品有限公司", "定制水杯", 100),
        ),
        steps=(
            *((140, submit), (145, approve), (180, prepare_claim), (183, claim), (190, approve), (206, miss_invoice)),
            *((207, invoice), (211, return_invoice), (214, invoice), (219, pay)),
        ),
        days=2,
    ),
    Activity(
        *("数据库迁移沙龙", _T.CUSTOMER_COMMUNICATION, "数据库管理员", "南京软件谷", 150, 185),
        budget=(Expense(_E.CONFERENCE_SERVICE, 5_200, 2_600, "金陵会务有限公司"),),
        steps=((150, submit), (153, approve), (246, pass_time), (266, pass_time), (276, pass_time)),
    ),
    Activity(
        *("云上研发训练营", _T.PARTNER_TRAINING, "合作伙伴研发人员", "上海张江", 300, 340),
        budget=(Expense(_E.LECTURERS, 12_000, 6_000, "启明培训有限公司"),),
        steps=(
            *((300, submit), (305, approve), (350, prepare_claim), (352, claim)),
            *((398, approve), (407, invoice)),
        ),
        days=3,
    ),
    Activity(
        *("零售数字化巡展", _T.JOINT_MARKETING, "零售企业负责人", "宁波会展中心", 340, 378),
        budget=(Expense(_E.VENUE, 9_600, 4_800, "宁波会展中心"),),
        steps=((340, submit), (345, approve), (382, prepare_claim), (384, claim), (411, approve)),
    ),
    Activity(
        *("工业软件客户日", _T.CUSTOMER_VISIT, "工业软件客户", "无锡", 345, 380),
        budget=(Expense(_E.TRANSPORT, 3_600, 1_600, "顺行客运有限公司"), Expense(_E.LODGING, 4_000, 1_600, "太湖酒店")),
        steps=((345, submit), (350, approve), (386, prepare_claim), (390, claim), (408, reject_claim)),
    ),
    Activity(
        *("行业媒体推广", _T.DIGITAL_MARKETING, "制造业读者", "线上", 352, 390),
        budget=(
            Expense(_E.MEDIA, 4_000, 2_000, "云上传媒有限公司"),
            Expense(_E.MEDIA, 3_000, 1_500, "云上传媒有限公司"),
        ),
        steps=((352, submit), (357, approve), (400, prepare_claim), (413, claim)),
        days=5,
        form=_F.ONLINE,
    ),
    Activity(
        *("云原生开发者大会展位", _T.JOINT_MARKETING, "云原生开发者", "杭州国际博览中心", 370, 408),
        budget=(Expense(_E.SPONSORSHIP, 8_000, 4_000, "开发者大会组委会"),),
        steps=((370, submit), (376, approve), (415, prepare_claim)),
        days=2,
    ),
    Activity(
        *("智能制造周", _T.JOINT_MARKETING, "装备制造企业", "合肥滨湖会展中心", 378, 418),
        budget=(Expense(_E.VENUE, 10_000, 5_000, "合肥滨湖会展中心"),),
        steps=((378, submit), (384, approve), (418, start), (419, look_in)),
        days=4,
    ),
    Activity(
        *("备件行业研讨会", _T.CUSTOMER_COMMUNICATION, "备件经销商", "常州", 386, 440),
        budget=(Expense(_E.CATERING, 3_000, 1_500, "龙城餐饮有限公司"),),
        steps=((386, submit), (392, approve), (410, cancel)),
    ),
    Activity(
        *("高尔夫客户答谢", _T.CUSTOMER_VISIT, "重点客户", "崇明", 396, 407),
        budget=(Expense(_E.VENUE, 20_000, 10_000, "崇明球会"),),
        steps=((396, submit), (403, reject)),
        late_reason="客户高层行程临时确定。",
    ),
    Activity(
        *("新产品发布会", _T.JOINT_MARKETING, "存量客户", "上海展览中心", 398, 455),
        budget=(Expense(_E.VENUE, 6_000, 3_000, "上海展览中心"),),
        steps=((398, submit), (406, approve)),
    ),
    Activity(
        *("伙伴招募说明会", _T.PARTNER_RECRUITING, "存量客户", "上海展览中心", 416, 455),
        budget=(Expense(_E.CONFERENCE_SERVICE, 12_000, 6_000, "申城会务有限公司"),),
        steps=((416, submit_another),),
        line=_L.SOLUTION_PROVIDER,
    ),
    Activity(
        *("Partner Roadshow Lima", _T.JOINT_MARKETING, "Retail chains", "Lima Convention Centre", 240, 276),
        budget=(Expense(_E.VENUE, 3_000, 1_500, "Lima Convention Centre"),),
        steps=(
            *((240, submit), (246, approve), (281, prepare_claim), (284, claim), (291, approve)),
            *((296, invoice), (303, pay), (405, suspend)),
        ),
        line=_L.SI,
        partner="andina",
    ),
    Activity(
        *("Cloud Migration Workshop", _T.CUSTOMER_COMMUNICATION, "Banks", "Santiago", 388, 430),
        budget=(Expense(_E.LECTURERS, 2_000, 1_000, "Cordillera Training"),),
        steps=((388, submit), (394, approve), (406, end)),
        line=_L.SI,
        partner="andina",
    ),
    Activity(
        *("Retail Breakfast", _T.CUSTOMER_VISIT, "Retail chains", "Cusco", 399, 437),
        budget=(Expense(_E.CATERING, 1_200, 600, "Valle Catering"),),
        line=_L.SI,
        partner="andina",
    ),
)
"""In the states that they rest in: paid, expired, invoiced; the claim approved, rejected, in review, begun; running,
cancelled, rejected, approved, in review. Then those of a partner that is suspended.
"""


async def activity(stage: Stage, one: Activity) -> Story:
    """An activity from its plan to today."""
    yield stage.on(one.day, "02:40")
    row = await draft(stage, one)
    for day, step in one.steps:
        yield stage.on(day, "06:40")
        async with db.read(EVERYTHING):
            row = await MdfCase.get(id=row.id)
        await step(stage, one, row)


async def draft(stage: Stage, one: Activity) -> MdfCase:
    """The partner writes down what it plans."""
    main = stage.people[one.partner]
    first, last = (day_of(stage.on(day), main.site) for day in (one.held, one.held + one.days - 1))
    return await stage.do(
        main,
        funds.create_mdf_case,
        quota_id=(await _quota(stage, one.partner, one.line)).id,
        name=one.name,
        activity_type=one.kind,
        audience=one.audience,
        department="华东市场部" if main.site is Site.CN else "Regional marketing",
        late_reason=one.late_reason,
        expected_leads=20,
        expected_opportunities=4,
        events=[MdfEvent(one.name, first, last, one.place, one.form)],
        budget=list(one.budget),
    )


async def _quota(stage: Stage, partner: str, line: MdfLine) -> MdfQuota:
    """The partner's quota of the present year, opened when it has none."""
    main = stage.people[partner]
    owner, year = await partner_of(main), day_of(stage.clock(), main.site).year
    async with db.read(EVERYTHING):
        found = await MdfQuota.get_or_none(partner_id=owner, line=line, year=year)
    return await stage.do(main, funds.open_mdf_quota, line=line) if found is None else found


async def is_raised(stage: Stage) -> Story:
    """The ecosystem manager gives more for the year than the stage does."""
    yield stage.on(232, "03:25")
    quota = await _quota(stage, "yunshan", _L.SOFTWARE)
    given = {"quota_id": quota.id, "amount": "30000.00", "reason": "新增两场区域巡展。"}
    await stage.do(staff(stage, "eco", Site.CN), funds.change_mdf_quota, **given)


async def is_not_finished(stage: Stage) -> Story:
    """An idea that has a name alone."""
    yield stage.on(417, "08:30")
    quota = await _quota(stage, "yunshan", _L.SOFTWARE)
    await stage.do(stage.people["yunshan"], funds.create_mdf_case, quota_id=quota.id, name="年度客户大会")


async def may_apply(stage: Stage) -> Story:
    """Known to the vendor's purchasing, so that it may open its quota."""
    yield stage.on(232, "04:25")
    given = {"partner_id": await partner_of(stage.people["andina"]), "certified": True}
    await stage.do(staff(stage, "ops", Site.INTL), business_info.record_business_info, **given)


async def serves_its_time(stage: Stage, until: datetime) -> Story:
    """The suspension's end, where the year has ended since."""
    yield stage.on(405, "07:40")
    async with db.read(EVERYTHING):
        violation = await MdfViolation.get(partner_id=await partner_of(stage.people["andina"]))
    if violation.suspended_until < until:
        yield violation.suspended_until
        await stage.do(None, funds.lift_mdf_suspension, violation_id=violation.id)


def stories(stage: Stage, days: int) -> list[Story]:
    """Everything about market development funds, in a history of so many days."""
    told = [is_raised(stage), is_not_finished(stage), may_apply(stage), serves_its_time(stage, stage.on(days, "00:00"))]
    return [*told, *(activity(stage, one) for one in ACTIVITIES)]
