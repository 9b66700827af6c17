"""What time does: ends reports and invitations, and warns of a coming end. One command for each row."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.customers import CustomerInvitation, CustomerReport
from models.partners import Partner
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.customers.invitations import end_invitation, end_invitations, state_of
from resolvers.customers.reports import status_of
from rules.access import Permission
from rules.customers import REPORT, InvitationState, ReportStatus, compute_expiry_notice, is_live
from rules.policy import REPORTS_EXPIRY_NOTICE
from rules.sites import Site

BATCH = 500


async def overdue_reports(ctx: Context) -> list[UUID]:
    """Reports past their end that are still marked as reported, oldest end first."""
    async with db.read(EVERYTHING):
        rows = CustomerReport.filter(status=ReportStatus.REPORTED, valid_until__lte=ctx.now)
        return [row[0] for row in await rows.order_by("valid_until").limit(BATCH).values_list("id")]


async def ending_reports(ctx: Context) -> list[UUID]:
    """Reports about whose coming end the partner has not been told though it is time, earliest end first."""
    found: list[UUID] = []
    async with db.read(EVERYTHING):
        for site in Site:
            rows = CustomerReport.filter(
                site=site,
                status=ReportStatus.REPORTED,
                expiry_told_at=None,
                valid_until__gt=ctx.now,
                valid_until__lte=ctx.now + ctx.policies.at(site, ctx.now)[REPORTS_EXPIRY_NOTICE],
            )
            found += [row[0] for row in await rows.order_by("valid_until").limit(BATCH).values_list("id")]
    return found


async def overdue_invitations(ctx: Context) -> list[UUID]:
    """Invitations past their end that are still marked active, oldest end first."""
    async with db.read(EVERYTHING):
        rows = CustomerInvitation.filter(state=InvitationState.ACTIVE, valid_until__lte=ctx.now)
        return [row[0] for row in await rows.order_by("valid_until").limit(BATCH).values_list("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("customer_report.expired", "customer_invitation.expired"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_report(ctx: Context, *, report_id: UUID) -> CustomerReport | None:
    """Ends an overdue report with its invitations and tells the partner; any partner may report the customer again."""
    report = await CustomerReport.filter(id=report_id, status=ReportStatus.REPORTED).select_for_update().first()
    if report is None or status_of(ctx, report) is not ReportStatus.EXPIRED:
        return None
    await report.change(now=ctx.now, status=REPORT.after(report.status, "expire"))
    await end_invitations(ctx, report, "expire")
    partner = await Partner.get(id=report.partner_id)
    ctx.event("customer_report.expired", report, partner_id=report.partner_id)
    ctx.notify("report_expired", partner, about=report, names={"customer": report})
    return report


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("customer_report.expiring",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def announce_report_end(ctx: Context, *, report_id: UUID) -> CustomerReport | None:
    """Tells the partner, once, that a report will expire soon."""
    report = await CustomerReport.filter(id=report_id, expiry_told_at=None).select_for_update().first()
    if report is None or report.valid_until is None or not is_live(report.status, report.valid_until, now=ctx.now):
        return None
    if ctx.now < compute_expiry_notice(report.valid_until, ctx.policy_of(report)):
        return None
    await report.change(now=ctx.now, expiry_told_at=ctx.now)
    partner = await Partner.get(id=report.partner_id)
    ctx.event("customer_report.expiring", report, partner_id=report.partner_id)
    ctx.notify(
        "report_expiring",
        partner,
        about=report,
        names={"customer": report},
        instants={"deadline": report.valid_until},
    )
    return report


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("customer_invitation.expired",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_invitation(ctx: Context, *, invitation_id: UUID) -> CustomerInvitation | None:
    """Marks an invitation whose link opens no more."""
    rows = CustomerInvitation.filter(id=invitation_id, state=InvitationState.ACTIVE)
    invitation = await rows.select_for_update().first()
    if invitation is None or state_of(ctx, invitation) is not InvitationState.EXPIRED:
        return None
    await end_invitation(ctx, invitation, "expire")
    return invitation
