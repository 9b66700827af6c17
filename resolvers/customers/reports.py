"""Reporting a customer, directly or by way of a review; correcting, withdrawing and cancelling a report."""

from typing import Any
from uuid import UUID

from models.customers import CustomerReport
from models.partners import Partner
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.customers.facts import (
    facts_of,
    lock_contact,
    locked_partner,
    minor_units,
    open_contacts,
    prospect_of,
    reporter_of,
    shares,
    stored_contact,
)
from resolvers.customers.invitations import end_invitations, issue_online
from resolvers.customers.scope import access_report, visible_reports
from rules.access import Permission
from rules.customers import (
    OPEN_STATUSES,
    REPORT,
    REPORT_REFUSALS,
    AssociationType,
    Contact,
    ReportDraft,
    ReportFacts,
    ReportStatus,
    ReviewApplication,
    Trait,
    check_correction,
    check_report,
    check_review_application,
    check_still_reported,
    compute_report_status,
    compute_report_validity,
)
from rules.errors import ErrorCode, refuse, require

PROSPECT_REFUSALS = tuple(dict.fromkeys(refusal.code for refusal in REPORT_REFUSALS))
_FORM_REFUSALS = (
    ErrorCode.REQUIRED,
    ErrorCode.OUT_OF_RANGE,
    ErrorCode.MOBILE_INVALID,
    ErrorCode.MOBILE_NOT_OF_SITE,
    ErrorCode.EMAIL_INVALID,
    ErrorCode.INVITATION_EMAIL_REQUIRED,
    ErrorCode.REPORT_DUPLICATE_OWN,
)
_REPORT_REFUSALS = (
    *_FORM_REFUSALS,
    *PROSPECT_REFUSALS,
    ErrorCode.REPORT_CONTACT_REQUIRED,
    ErrorCode.REPORT_LIMIT_REACHED,
    ErrorCode.DEVELOPMENT_NOT_ALLOWED,
    ErrorCode.INVITATION_TYPE_NOT_ALLOWED,
    ErrorCode.PARTNER_FROZEN,
    ErrorCode.STATE_CONFLICT,
)


@command(
    permission=Permission.CUSTOMERS_REPORT,
    refuses=(*_REPORT_REFUSALS, ErrorCode.REPORT_REVIEW_REQUIRED),
    emits=(
        "customer_report.reported",
        "customer_report.corrected",
        "customer_invitation.sent",
        "customer_invitation.revoked",
    ),
    sensitive=True,
)
async def report_customer(
    ctx: Context,
    *,
    customer_name: str,
    send_invite: bool,
    mobile: str | None = None,
    email: str | None = None,
    association_type: AssociationType | None = None,
    external_ref: str | None = None,
) -> CustomerReport:
    """Books a prospect for your partner for 15 days, so that nobody else may report it.

    Nothing is stored when the customer needs a manual review: then apply with applyForReportReview. With sendInvite the
    invitation goes out by mail at once. An externalRef that an open report has already corrects that report instead.
    """
    partner = await locked_partner(ctx)
    contact = stored_contact(ctx, mobile, email)
    prior = await _reference_holder(ctx, external_ref)
    if prior is not None:
        return await _correct(ctx, prior, contact, customer_name)
    draft = ReportDraft(customer_name, contact.mobile, contact.email, send_invite, association_type)
    facts = await facts_of(ctx, partner, draft)
    require(check_report(facts, policy=ctx.policy))
    report = await _book(
        ctx,
        partner,
        facts,
        status=ReportStatus.REPORTED,
        reported_at=ctx.now,
        valid_until=compute_report_validity(ctx.now, ctx.policy),
        external_ref=external_ref,
    )
    tell_reported(ctx, report, "customer_report.reported")
    if send_invite:
        await issue_online(ctx, report)
    return report


def tell_reported(ctx: Context, report: CustomerReport, event: str) -> None:
    """The event and effects of a report that begins to hold, with the warning when its customer has no account."""
    assert report.valid_until is not None
    ctx.event(event, report, partner_id=report.partner_id, valid_until=report.valid_until.isoformat())
    ctx.effect("customer_report.reported", report)
    if not report.had_account:
        ctx.effect("W_NO_ACCOUNT", report)


@command(
    permission=Permission.CUSTOMERS_REPORT,
    refuses=(*_REPORT_REFUSALS, ErrorCode.INVALID_FORMAT),
    emits=("customer_report.review_requested",),
)
async def apply_for_report_review(
    ctx: Context,
    *,
    customer_name: str,
    send_invite: bool,
    expected_spend: str,
    expected_months: int,
    project_detail: str,
    customer_account: str,
    communication_log: str,
    mobile: str | None = None,
    email: str | None = None,
    association_type: AssociationType | None = None,
    external_ref: str | None = None,
) -> CustomerReport:
    """Asks the vendor to review a customer that cannot be reported directly. Counts towards the limit at once."""
    partner = await locked_partner(ctx)
    contact = stored_contact(ctx, mobile, email)
    spend_minor = minor_units(expected_spend, "input", "expectedSpend")
    if await _reference_holder(ctx, external_ref) is not None:
        raise refuse(ErrorCode.REPORT_DUPLICATE_OWN, "input", "externalRef", rule="reports.own")
    draft = ReportDraft(customer_name, contact.mobile, contact.email, send_invite, association_type)
    application = ReviewApplication(
        expected_spend_minor=spend_minor,
        expected_months=expected_months,
        project_detail=project_detail,
        customer_account=customer_account,
        communication_log=communication_log,
    )
    facts = await facts_of(ctx, partner, draft)
    require(check_review_application(application, facts, policy=ctx.policy))
    report = await _book(
        ctx,
        partner,
        facts,
        status=ReportStatus.PENDING_REVIEW,
        expected_spend_minor=spend_minor,
        expected_spend_currency=ctx.actor.site.currency,
        expected_months=expected_months,
        project_detail=project_detail.strip(),
        customer_account=customer_account.strip(),
        communication_log=communication_log.strip(),
        external_ref=external_ref,
    )
    ctx.event("customer_report.review_requested", report)
    ctx.effect("customer_report.review_requested", report)
    return report


async def _book(ctx: Context, partner: Partner, facts: ReportFacts, **values: Any) -> CustomerReport:
    draft = facts.draft
    return await CustomerReport.insert(
        now=ctx.now,
        partner_id=partner.id,
        created_by=ctx.actor.account_id,
        site=partner.site,
        customer_name=draft.customer_name.strip(),
        mobile=draft.mobile,
        email=draft.email,
        send_invite=draft.send_invite,
        association_type=draft.association_type,
        had_account=Trait.HAS_ACCOUNT in facts.prospect,
        **values,
    )


async def _reference_holder(ctx: Context, external_ref: str | None) -> CustomerReport | None:
    """The open report that has the reference already; one that has ended gives it up to the report that follows it."""
    if external_ref is None:
        return None
    holder = await visible_reports(ctx).filter(external_ref=external_ref).select_for_update(no_key=True).first()
    if holder is not None and status_of(ctx, holder) not in OPEN_STATUSES:
        await holder.change(now=ctx.now, external_ref=None)
        return None
    return holder


def status_of(ctx: Context, report: CustomerReport) -> ReportStatus:
    """The status that counts now."""
    return compute_report_status(report.status, report.valid_until, now=ctx.now)


@command(
    permission=Permission.CUSTOMERS_REPORT,
    refuses=(*_FORM_REFUSALS, *PROSPECT_REFUSALS, ErrorCode.REPORT_REVIEW_REQUIRED, ErrorCode.STATE_CONFLICT),
    emits=("customer_report.corrected", "customer_invitation.revoked"),
)
async def update_report_contact(
    ctx: Context,
    *,
    report_id: UUID,
    mobile: str | None = None,
    email: str | None = None,
    expected_version: int | None = None,
) -> CustomerReport:
    """Corrects the mobile number and e-mail address of a report that holds; give both, a missing one is cleared.

    The invitation sent to the old address ends; send another with inviteCustomer. The guards of a new report are asked
    about whatever is new, so that a report never moves to somebody else's customer.
    """
    await locked_partner(ctx)
    report = await access_report(ctx, report_id)
    expect_version(report, expected_version)
    return await _correct(ctx, report, stored_contact(ctx, mobile, email), report.customer_name)


async def _correct(ctx: Context, report: CustomerReport, contact: Contact, name: str) -> CustomerReport:
    old = Contact(report.mobile, report.email)
    if contact == old:
        require(check_still_reported(status_of(ctx, report)))
    else:
        await lock_contact(report.site, contact)
        facts, changed = await _as_corrected(ctx, report, contact, name), _difference(contact, old)
        behind = await prospect_of(ctx, report.site, report.partner_id, changed, reported_at=report.reported_at)
        require(check_correction(status_of(ctx, report), facts, behind, policy=ctx.policy))
        await end_invitations(ctx, report, "revoke")
    await report.change(now=ctx.now, customer_name=name.strip(), mobile=contact.mobile, email=contact.email)
    ctx.event("customer_report.corrected", report)
    ctx.effect("customer_report.corrected", report)
    return report


async def _as_corrected(ctx: Context, report: CustomerReport, contact: Contact, name: str) -> ReportFacts:
    others = await open_contacts(ctx, report.partner_id)
    others.pop(report.id, None)
    partner = await Partner.get(id=report.partner_id)
    return ReportFacts(
        draft=ReportDraft(name, contact.mobile, contact.email, report.send_invite, report.association_type),
        reporter=await reporter_of(ctx, partner, open_reports=len(others)),
        prospect=await prospect_of(ctx, report.site, report.partner_id, contact),
        own_open=any(shares(contact, other) for other in others.values()),
    )


def _difference(contact: Contact, old: Contact) -> Contact:
    return Contact(
        contact.mobile if contact.mobile != old.mobile else None,
        contact.email if contact.email != old.email else None,
    )


@command(
    permission=Permission.CUSTOMERS_REPORT,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("customer_report.withdrawn",),
)
async def withdraw_report(ctx: Context, *, report_id: UUID) -> CustomerReport:
    """Takes back an application for a review before the vendor has decided on it."""
    report = await access_report(ctx, report_id)
    require(REPORT.check(report.status, "withdraw"))
    await report.change(now=ctx.now, status=REPORT.after(report.status, "withdraw"))
    ctx.event("customer_report.withdrawn", report)
    ctx.effect("customer_report.withdrawn", report)
    return report


@command(
    permission=Permission.CUSTOMERS_REPORT,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("customer_report.cancelled", "customer_invitation.revoked"),
)
async def cancel_report(ctx: Context, *, report_id: UUID) -> CustomerReport:
    """Gives up a report that holds; its invitations end, and any partner may report the customer."""
    report = await access_report(ctx, report_id)
    require(REPORT.check(status_of(ctx, report), "cancel"))
    await report.change(now=ctx.now, status=REPORT.after(report.status, "cancel"))
    await end_invitations(ctx, report, "revoke")
    ctx.event("customer_report.cancelled", report)
    ctx.effect("customer_report.cancelled", report)
    return report
