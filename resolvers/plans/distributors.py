"""What an application for the reseller plan is to the distributor it names, and what ties partners to each other."""

from collections.abc import Iterable
from uuid import UUID

from tortoise.expressions import Q

from core import db
from models.accounts import Account
from models.partners import Partner
from models.plans import PlanMembership
from models.resellers import ResellerApplication, ResellerLink
from resolvers.context import Context, Somebody
from rules.errors import require
from rules.plans import Plan
from rules.resellers import AFTER_PLAN, APPLICATION, LIVE, OPEN, ApplicationStatus, check_intended_distributor

_FOUND = "select guard_distributor($1, $2) as found"


async def require_distributor(own: Partner, plan: Plan, distributor_id: UUID | None) -> None:
    """Refuses unless a distributor of the site is named exactly where the plan asks for one."""
    row = None if distributor_id is None else await db.fetch_one(_FOUND, distributor_id, own.site)
    found = row is not None and bool(row["found"]) and distributor_id != own.id
    require(check_intended_distributor(plan, named=distributor_id is not None, found=found))


async def open_application(ctx: Context, own: Partner, membership: PlanMembership, distributor_id: UUID) -> None:
    """The application beside the membership; the distributor hears of it when the vendor has approved it."""
    main = await Account.get(id=own.main_account_id)
    await ResellerApplication.insert(
        now=ctx.now,
        partner_id=own.id,
        distributor_id=distributor_id,
        membership_id=membership.id,
        company_name=own.name,
        mobile=main.mobile,
        email=main.email,
        status=ApplicationStatus.VENDOR_REVIEW,
        applied_at=ctx.now,
    )


async def follow_membership(ctx: Context, applicant: Partner, membership: PlanMembership) -> None:
    """Takes the open application, if there is one, where the membership has gone; a distributor whose turn it is now,
    or is no more, is told.
    """
    rows = ResellerApplication.filter(membership_id=membership.id, status__in=OPEN)
    application = await rows.select_for_update(no_key=True).first()
    if application is None:
        return
    distributor, seen = Somebody(Partner, application.distributor_id), application.vendor_approved_at is not None
    status = APPLICATION.after(application.status, AFTER_PLAN[membership.state])
    if status is not ApplicationStatus.DISTRIBUTOR_REVIEW:
        await application.change(now=ctx.now, status=status, reason=membership.reason)
        if seen:
            ctx.notify("reseller_application_withdrawn", distributor, about=application, names={"company": applicant})
        return
    await application.change(now=ctx.now, status=status, vendor_approved_at=ctx.now)
    ctx.notify("reseller_application_waiting", distributor, about=application, names={"company": applicant})


async def links_of(partner_ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many links, on either side, bind each of these partners; none is left out of a plan while one does."""
    wanted = set(partner_ids)
    if not wanted:
        return {}
    rows = ResellerLink.filter(Q(distributor_id__in=wanted) | Q(reseller_id__in=wanted), status__in=LIVE)
    found = await rows.values_list("distributor_id", "reseller_id")
    return {one: sum(one in pair for pair in found) for one in wanted}
