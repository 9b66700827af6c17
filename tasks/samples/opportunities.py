"""Opportunities of the sample data: what is offered, and an opportunity in every state."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from resolvers import opportunities
from rules.calendar import day_of
from rules.opportunities import (
    CloudService,
    Industry,
    OfferingKind,
    OfferingLead,
    OpportunityState,
    PreSalesActivity,
    SupportNeed,
    Track,
    VerdictReason,
)
from rules.sites import Site
from tasks.samples.partners import partner_of, staff
from tasks.samples.stage import Person, Stage
from tasks.samples.timeline import Story

HANGZHOU = "330100"
S = OpportunityState


@dataclass(frozen=True, slots=True)
class Lead:
    """An opportunity: whose, about whom, since when, and how far it has come."""

    name: str
    company: str
    partner: str
    day: int
    state: OpportunityState
    account: str | None = None
    """The customer's account; without one the opportunity carries the public pool's warning."""
    expires: bool = False
    """Rejected by itself, because nobody verified it."""
    changes: dict[str, Any] = field(default_factory=dict)


LEADS = (
    Lead("港口数据湖", "钱塘港务有限公司", "yunshan", 338, S.DELIVERED, "qiantang-port"),
    Lead("商圈客流分析", "武林商业管理有限公司", "yunshan", 352, S.SIGNED, "wulin-retail"),
    Lead("桥梁监测平台", "之江桥梁有限公司", "yunshan", 360, S.VERIFIED),
    Lead("茶园物联网", "龙井茶业有限公司", "yunshan", 364, S.LOST, "longjing-tea"),
    Lead("医院影像云", "西溪医院管理有限公司", "xingchen", 366, S.CANCELLED, "xixi-hospital"),
    Lead("校园网升级", "良渚教育集团有限公司", "xingchen", 372, S.VERIFY_REJECTED, "liangzhu-edu"),
    Lead("仓储机器人", "萧山仓储有限公司", "yunshan", 380, S.VERIFY_REJECTED, expires=True),
    Lead("智慧灯杆", "滨江城市照明有限公司", "yunshan", 417, S.VERIFYING, "binjiang-light"),
    Lead("公交调度", "余杭公交有限公司", "xingchen", 418, S.VERIFYING, "yuhang-bus"),
    Lead("会员中台", "湖滨百货有限公司", "yunshan", 416, S.AUDIT_REJECTED, "hubin-store"),
    Lead("视频审核", "天目视频科技有限公司", "xingchen", 419, S.SUBMITTED, "tianmu-video"),
    Lead("质检一体机", "临平制造有限公司", "yunshan", 419, S.DRAFT, changes={"need": "少。", "contact_name": None}),
)


async def offerings(stage: Stage) -> Story:
    """What can be offered: the vendor's, and a partner's own."""
    yield stage.on(200, "03:00")
    for reference, name, lead, owner in (
        ("BL-2101", "湖仓一体基线方案", OfferingLead.VENDOR, None),
        ("BL-2102", "云杉设备数据接入", OfferingLead.PARTNER, "yunshan"),
    ):
        await stage.do(
            staff(stage, "ops", Site.CN),
            opportunities.add_offering,
            kind=OfferingKind.BASELINE,
            lead=lead,
            reference=reference,
            name=name,
            track=Track.DATA_AND_AI,
            begins_on=day_of(stage.clock(), Site.CN),
            for_partner_id=None if owner is None else await partner_of(stage.people[owner]),
        )


def description(stage: Stage, lead: Lead, number: int) -> dict[str, Any]:
    """All that a submission asks for."""
    today = day_of(stage.clock(), Site.CN)
    return {
        "name": lead.name,
        "customer_company": lead.company,
        "customer_account": lead.account,
        "customer_region": HANGZHOU,
        "industry": Industry.TRANSPORT,
        "budget": "今年预算两百万元，董事会已经批准。",
        "authority": "由信息总监一人决定，总经理签字。",
        "need": "把各个系统的数据放到一处，按小时更新。",
        "timeline": "下个季度招标，年底之前上线运行。",
        "solution_description": "自研湖仓平台，带行业连接器。",
        "expected_revenue": f"{180_000 + 20_000 * number}.00",
        "expected_sign_on": today + timedelta(days=60),
        "expected_delivery_on": today + timedelta(days=150),
        "pre_sales": [PreSalesActivity.CUSTOMER_MEETING, PreSalesActivity.SOLUTION_TALK],
        "cloud_services": [CloudService.BIG_DATA, CloudService.STORAGE],
        "support_needs": [SupportNeed.TECHNICAL_CONSULTING],
        "contact_name": "李伟",
        "contact_title": "信息总监",
        "contact_mobile": f"+86137200{number:05}",
        "contact_email": f"it{number}@customer.example",
        "partner_contact_name": "周敏",
        "partner_contact_mobile": "+8613710000001",
        "partner_contact_email": "zhou.min@yunshan.example",
        "consent_confirmed": True,
        "consent_statement": "客户已书面同意。",
        **lead.changes,
    }


async def story(stage: Stage, lead: Lead, number: int) -> Story:
    """An opportunity from its draft to where it stands today."""
    yield stage.on(lead.day, "05:10")
    main = stage.people[lead.partner]
    draft = await stage.do(main, opportunities.save_opportunity_draft, **description(stage, lead, number))
    if lead.state is S.DRAFT:
        return
    yield stage.later(minutes=40)
    await stage.do(main, opportunities.submit_opportunity, opportunity_id=draft.id)
    if lead.state is S.SUBMITTED:
        return
    yield stage.later(hours=3)
    eco, passes = staff(stage, "eco", Site.CN), lead.state is not S.AUDIT_REJECTED
    why = {} if passes else {"reason": VerdictReason.VAGUE, "note": "请写清客户买什么、什么时候买。"}
    await stage.do(eco, opportunities.audit_opportunity, opportunity_id=draft.id, approve=passes, **why)
    if lead.state not in (S.AUDIT_REJECTED, S.VERIFYING):
        async for instant in _verified(stage, lead, draft.id, main):
            yield instant


async def _verified(stage: Stage, lead: Lead, ident: UUID, main: Person) -> Story:
    if lead.expires:
        yield stage.on(lead.day + 25)
        await stage.do(None, opportunities.expire_verification, opportunity_id=ident)
        return
    yield stage.later(days=2)
    psm, passes = staff(stage, "psm", Site.CN), lead.state is not S.VERIFY_REJECTED
    why = {} if passes else {"reason": VerdictReason.NO_INCREMENT, "note": "客户已经直接采购。"}
    await stage.do(psm, opportunities.verify_opportunity, opportunity_id=ident, approve=passes, **why)
    if not passes:
        return
    yield stage.later(days=6)
    await _followed(stage, lead, ident, main)
    if lead.state is S.DELIVERED:
        yield stage.later(days=40)
        given = {"delivered_on": day_of(stage.clock(), Site.CN), "acceptance_ref": f"YS-{lead.day}"}
        await stage.do(main, opportunities.mark_opportunity_delivered, opportunity_id=ident, **given)


async def _followed(stage: Stage, lead: Lead, ident: UUID, main: Person) -> None:
    """What the two sides did about a verified opportunity."""
    text = "客户上周开过方案会，反馈很好。"
    await stage.do(main, opportunities.update_opportunity_progress, opportunity_id=ident, text=text)
    if lead.state in (S.SIGNED, S.DELIVERED):
        given = {"signed_on": day_of(stage.clock(), Site.CN), "amount": "450000.00", "contract_ref": f"HT-{lead.day}"}
        await stage.do(main, opportunities.mark_opportunity_signed, opportunity_id=ident, **given)
    elif lead.state is S.LOST:
        await stage.do(main, opportunities.mark_opportunity_lost, opportunity_id=ident, reason="客户选了别家。")
    elif lead.state is S.CANCELLED:
        psm = staff(stage, "psm", Site.CN)
        await stage.do(psm, opportunities.cancel_opportunity, opportunity_id=ident, reason="由直销团队服务。")


def stories(stage: Stage) -> list[Story]:
    """What is offered first, then every opportunity."""
    return [offerings(stage), *(story(stage, lead, number) for number, lead in enumerate(LEADS))]
