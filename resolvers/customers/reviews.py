"""The vendor's part: its queue of reports in review, its decisions, what its CRM knows and releases."""

from uuid import UUID

from tortoise.queryset import QuerySet

from models.accounts import Account
from models.customers import Customer, CustomerReport
from models.partners import Partner
from resolvers.command import command
from resolvers.context import Context
from resolvers.customers.acceptance import customer_of
from resolvers.customers.facts import lock_contact, prospect_of
from resolvers.customers.invitations import end_invitations, issue_online
from resolvers.customers.reports import PROSPECT_REFUSALS, status_of, tell_reported
from resolvers.customers.scope import access_report, visible_reports
from resolvers.query import query
from rules.access import Permission
from rules.customers import (
    REPORT,
    Contact,
    CustomerFact,
    ReportStatus,
    Trait,
    check_release,
    check_report_decision,
    compute_report_validity,
)
from rules.errors import ErrorCode, refuse, require
from rules.sites import Site


@query(permission=Permission.CUSTOMERS_DECIDE_REPORT)
def report_review_queue(ctx: Context) -> QuerySet[CustomerReport]:
    """Reports that wait for the vendor's decision."""
    return visible_reports(ctx).filter(status=ReportStatus.PENDING_REVIEW)


@command(
    permission=Permission.CUSTOMERS_DECIDE_REPORT,
    refuses=(*PROSPECT_REFUSALS, ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE),
    emits=("customer_report.approved", "customer_report.rejected", "customer_invitation.sent"),
)
async def decide_report_review(
    ctx: Context, *, report_id: UUID, approve: bool, reason: str | None = None
) -> CustomerReport:
    """Approves or rejects a report in review. What forbids any report is asked again; a rejection needs a reason.

    An approved report holds from now on, and its invitation goes out if the partner asked for that.
    """
    report = await access_report(ctx, report_id)
    contact = Contact(report.mobile, report.email)
    await lock_contact(report.site, contact)
    prospect = await prospect_of(ctx, report.site, report.partner_id, contact)
    site = Site(report.site)
    require(check_report_decision(report.status, approve=approve, reason=reason, prospect=prospect, site=site))
    decided = {"reviewed_by": ctx.actor.account_id, "reviewed_at": ctx.now}
    partner = await Partner.get(id=report.partner_id)
    if not approve:
        assert reason is not None
        status = REPORT.after(report.status, "reject")
        await report.change(now=ctx.now, status=status, reject_reason=reason.strip(), **decided)
        ctx.event("customer_report.rejected", report, partner_id=report.partner_id)
        ctx.effect("customer_report.rejected", report)
        ctx.notify(
            "report_rejected", partner, about=report, names={"customer": report}, facts={"reason": reason.strip()}
        )
        return report
    valid_until = compute_report_validity(ctx.now, ctx.policies.at(site, ctx.now))
    await report.change(
        now=ctx.now,
        status=REPORT.after(report.status, "approve"),
        reported_at=ctx.now,
        valid_until=valid_until,
        had_account=Trait.HAS_ACCOUNT in prospect,
        **decided,
    )
    tell_reported(ctx, report, "customer_report.approved")
    ctx.notify("report_approved", partner, about=report, names={"customer": report}, instants={"deadline": valid_until})
    if report.send_invite:
        await issue_online(ctx, report)
    return report


@command(
    permission=Permission.CUSTOMERS_RECORD_FACTS,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("customer_report.released", "customer_invitation.revoked"),
)
async def record_report_release(ctx: Context, *, report_id: UUID) -> CustomerReport:
    """Records that the vendor's CRM released a reported customer without an account to the public pool.

    Sent again for a report released already, it changes nothing. The partner is told.
    """
    report = await access_report(ctx, report_id)
    if report.status is ReportStatus.RELEASED:
        return report
    prospect = await prospect_of(ctx, report.site, report.partner_id, Contact(report.mobile, report.email))
    require(check_release(status_of(ctx, report), prospect))
    await report.change(now=ctx.now, status=REPORT.after(report.status, "release"))
    await end_invitations(ctx, report, "revoke")
    partner = await Partner.get(id=report.partner_id)
    ctx.event("customer_report.released", report, partner_id=report.partner_id)
    ctx.effect("customer_report.released", report)
    ctx.notify("report_released", partner, about=report, names={"customer": report})
    return report


@command(
    permission=Permission.CUSTOMERS_RECORD_FACTS,
    refuses=(ErrorCode.REQUIRED,),
    emits=("customer.facts_recorded",),
)
async def record_customer_facts(
    ctx: Context, *, facts: list[CustomerFact], customer_id: UUID | None = None, account_id: UUID | None = None
) -> Customer:
    """Records what the vendor knows of a customer, or of an account that may become one: the whole list, not additions.

    Rules of reporting, associating and unbinding ask for these facts. Give exactly one of the two ids.
    """
    account = await _account(customer_id, account_id)
    customer = await customer_of(ctx, account)
    await customer.change(now=ctx.now, facts=sorted({fact.value for fact in facts}))
    ctx.event("customer.facts_recorded", customer, partner_id=customer.partner_id, customer_id=customer.id)
    ctx.effect("customer.facts_recorded", customer)
    return customer


async def _account(customer_id: UUID | None, account_id: UUID | None) -> Account:
    """The account meant, locked."""
    if (customer_id is None) == (account_id is None):
        raise refuse(ErrorCode.REQUIRED, "input")
    name = "accountId"
    if customer_id is not None:
        customer = await Customer.get_or_none(id=customer_id)
        account_id, name = (None if customer is None else customer.account_id), "customerId"
    account = await Account.filter(id=account_id).select_for_update(no_key=True).first()
    if account is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", name)
    return account
