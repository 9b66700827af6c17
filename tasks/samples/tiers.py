"""Applications for a higher tier in every state, and those for the reseller plan that came to nothing."""

from datetime import timedelta
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.plans import PlanMembership, TierUpgrade
from models.reviews import ReviewCase
from resolvers import plans
from resolvers.plans import rising
from resolvers.reviews.deciding import decide_review
from rules.plans import PlanCode
from rules.reviews import ReviewState
from rules.sites import Site
from tasks.samples.companies import PARTNERS
from tasks.samples.earnings import first_audit
from tasks.samples.partners import join, partner_of, staff
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story


async def _apply(stage: Stage, statement: str) -> TierUpgrade:
    main = stage.people["yunshan"]
    given = {"membership_id": await _membership(stage), "tier": "LEADING", "statement": statement}
    return await stage.do(main, rising.upgrade_tier, **given)


async def _membership(stage: Stage) -> UUID:
    partner_id = await partner_of(stage.people["yunshan"])
    async with db.read(EVERYTHING):
        return (await PlanMembership.get(partner_id=partner_id, plan=PlanCode.SOLUTION_PROVIDER)).id


async def _decide(stage: Stage, upgrade: TierUpgrade, *, approve: bool, reason: str | None = None) -> None:
    async with db.read(EVERYTHING):
        case = await ReviewCase.get(subject_id=upgrade.id, state=ReviewState.SUBMITTED)
    verdict = {"review_id": case.id, "approve": approve, "reason": reason}
    await stage.do(staff(stage, "reviewer", Site.CN), decide_review, **verdict)


async def rises(stage: Stage, days: int) -> Story:
    """Taken back, rejected, approved; and for the highest tier its ecosystem manager applies. Not before it has the
    performance that the tier asks for.
    """
    yield max(stage.on(385, "03:15"), first_audit(stage, days) + timedelta(hours=1))
    hasty = await _apply(stage, "下个月再提交完整材料。")
    yield stage.later(hours=5)
    await stage.do(stage.people["yunshan"], rising.withdraw_tier_upgrade, upgrade_id=hasty.id)
    yield stage.later(days=2)
    thin = await _apply(stage, "制造行业客户持续增长。")
    yield stage.later(days=2)
    await _decide(stage, thin, approve=False, reason="请补充两个客户的上云情况。")
    yield stage.later(days=5)
    whole = await _apply(stage, "制造行业客户持续增长，附两个客户的上云情况。")
    yield stage.later(days=2)
    await _decide(stage, whole, approve=True)
    yield stage.on(416, "02:20")
    given = {"membership_id": await _membership(stage), "tier": "CORE"}
    await stage.do(staff(stage, "eco", Site.CN), rising.propose_tier, **given)


async def applies_again_and_again(stage: Stage) -> Story:
    """Its first application it took back, the second the vendor rejected, the third one waits."""
    yield stage.on(362, "05:50")
    main, huahai = stage.people["qingteng"], PARTNERS["huahai"]
    first = await join(stage, main, PlanCode.RESELLER, huahai)
    yield stage.later(days=1)
    await stage.do(main, plans.withdraw_plan_application, membership_id=first.id)
    yield stage.later(days=8)
    second = await join(stage, main, PlanCode.RESELLER, huahai)
    yield stage.later(days=2)
    verdict = {"membership_id": second.id, "approve": False, "reason": "请先完成企业信息的补充。"}
    await stage.do(staff(stage, "eco", Site.CN), plans.decide_plan_application, **verdict)
    yield stage.on(417, "04:10")
    await join(stage, main, PlanCode.RESELLER, huahai)


def stories(stage: Stage, days: int) -> list[Story]:
    """Everything about tiers, in a history of so many days."""
    return [rises(stage, days), applies_again_and_again(stage)]
