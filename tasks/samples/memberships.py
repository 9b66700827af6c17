"""Memberships of plans that end or have ended, and invitations that came to nothing."""

from resolvers import plans
from rules.plans import PlanCode
from rules.sites import Site
from tasks.samples.partners import join, partner_of, staff
from tasks.samples.stage import Stage
from tasks.samples.timeline import Story


async def ends_soon(stage: Stage) -> Story:
    """A membership of a year whose partner has been told twice that it ends, and has not renewed it yet."""
    yield stage.on(69)
    main = stage.people["yunshan"]
    membership = await join(stage, main, PlanCode.MARKETPLACE_SALES)
    yield stage.later(days=1)
    manager = staff(stage, "eco", Site.CN)
    await stage.do(manager, plans.decide_plan_application, membership_id=membership.id, approve=True)
    for day in (376, 406):
        yield stage.on(day)
        await stage.do(None, plans.announce_expiry, membership_id=membership.id)


async def has_ended(stage: Stage) -> Story:
    """A membership of a year that nobody renewed."""
    yield stage.on(22)
    main = stage.people["huahai"]
    membership = await join(stage, main, PlanCode.MARKETPLACE_SALES)
    yield stage.later(days=1)
    manager = staff(stage, "eco", Site.CN)
    await stage.do(manager, plans.decide_plan_application, membership_id=membership.id, approve=True)
    yield stage.on(390)
    await stage.do(None, plans.expire_membership, membership_id=membership.id)


async def was_invited_twice(stage: Stage) -> Story:
    """A partner that declined to become a distributor; a second invitation was taken back."""
    yield stage.on(340)
    manager, main = staff(stage, "eco", Site.CN), stage.people["qingteng"]
    wanted = {"partner_id": await partner_of(main), "plan": PlanCode.DISTRIBUTOR}
    first = await stage.do(manager, plans.invite_to_plan, **wanted)
    yield stage.later(days=3)
    await stage.do(main, plans.decline_plan_invitation, membership_id=first.id)
    yield stage.later(days=7)
    second = await stage.do(manager, plans.invite_to_plan, **wanted)
    yield stage.later(days=2)
    await stage.do(manager, plans.revoke_plan_invitation, membership_id=second.id)


STORIES = (ends_soon, has_ended, was_invited_twice)
