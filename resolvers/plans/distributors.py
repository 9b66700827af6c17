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
from rules.funds.kinds import OPEN as OPEN_CASES
from rules.funds.kinds import MdfLine
from rules.partners import Standing
from rules.plans import PLANS, Leaving, OpenCase, Plan
from rules.resellers import AFTER_PLAN, APPLICATION, LIVE, OPEN, ApplicationStatus, check_intended_distributor
from rules.vouchers import ALIVE, VoucherStatus

_STANDING = "select guard_intended_distributor($1, $2) as standing"

# A quota out of which everything has gone is no case any more.
_CASES = """
    select quota.owner_partner_id as partner_id, 'VOUCHER_QUOTA' as kind, count(*)::int as count
    from voucher_quota quota join ledger_account account on account.id = quota.account_id
    where quota.owner_partner_id = any($1) and quota.status = any($3) and quota.expires_at > $2
      and account.balance > 0
    group by 1
    union all
    select partner_id, 'VOUCHER', count(*)::int from voucher
    where partner_id = any($1) and status = $4 and expires_at > $2 group by 1
    union all
    select distributor_id, 'RESELLER_APPLICATION', count(*)::int from reseller_application
    where distributor_id = any($1) and status = any($5) group by 1
    union all
    select activity.partner_id, 'MDF_CASE', count(*)::int
    from mdf_case activity join mdf_quota quota on quota.id = activity.quota_id
    where activity.partner_id = any($1) and activity.state = any($6) and quota.line = $7 group by 1
    order by 2 desc
"""


async def require_distributor(own: Partner, plan: Plan, distributor_id: UUID | None) -> None:
    """Refuses unless a distributor of the site that is not frozen is named exactly where the plan asks for one."""
    named = distributor_id is not None
    row = await db.fetch_one(_STANDING, distributor_id, own.site) if named and distributor_id != own.id else None
    standing = None if row is None or row["standing"] is None else Standing(row["standing"])
    require(check_intended_distributor(plan, named=named, standing=standing))


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


async def leaving_of(ctx: Context, memberships: Iterable[PlanMembership]) -> dict[UUID, Leaving]:
    """What the partner of each membership still has that keeps it in the plan, by the partner's id: nothing where the
    plan makes it no seller. Two statements, or none.
    """
    asked = list(memberships)
    wanted = {row.partner_id for row in asked if PLANS[row.plan].kind is not None}
    found = {row.partner_id: Leaving() for row in asked}
    if not wanted:
        return found
    rows = ResellerLink.filter(Q(distributor_id__in=wanted) | Q(reseller_id__in=wanted), status__in=LIVE)
    linked = await rows.values_list("distributor_id", "reseller_id")
    cases: dict[UUID, dict[OpenCase, int]] = {one: {} for one in wanted}
    given = (ctx.now, ALIVE, VoucherStatus.USABLE, OPEN, OPEN_CASES, MdfLine.SOLUTION_PROVIDER)
    for row in await db.fetch(_CASES, list(wanted), *given):
        cases[row["partner_id"]][OpenCase(row["kind"])] = row["count"]
    return found | {one: Leaving(sum(one in pair for pair in linked), cases[one]) for one in wanted}
