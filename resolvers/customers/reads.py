"""Reading customers, reports, invitations and attempts; what may be done with them now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.queryset import QuerySet

from core.ids import find_id
from models.accounts import Account
from models.associations import CustomerAssociation
from models.customers import AssociationAttempt, Customer, CustomerInvitation, CustomerReport
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.customers.invitations import invite_customer, invited, revoke_invitation, state_of
from resolvers.customers.reports import cancel_report, status_of, update_report_contact, withdraw_report
from resolvers.customers.reviews import decide_report_review
from resolvers.customers.scope import (
    visible_attempts,
    visible_customers,
    visible_invitations,
    visible_reports,
)
from resolvers.partners import standings_of
from resolvers.per_parent import newest_one_of
from resolvers.query import query
from resolvers.related import WHOLE, Selection, to_one
from rules.access import Permission
from rules.associations import AssociationStatus
from rules.contacts import normalise_email, normalise_mobile
from rules.customers import (
    INVITATION,
    REPORT,
    AssociationType,
    AttemptState,
    InvitationChannel,
    InvitationState,
    InviteFacts,
    Reporter,
    ReportStatus,
    check_invite,
    check_still_reported,
)
from rules.errors import Violation
from rules.partners import Standing


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """Which of the customers; None for any."""

    name_starts_with: str | None = None
    association_type: AssociationType | None = None
    account_manager_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which of the reports; None for any. Contacts as typed."""

    name_starts_with: str | None = None
    mobile: str | None = None
    email: str | None = None
    status: tuple[ReportStatus, ...] | None = None


@query(permission=Permission.CUSTOMERS_READ)
def customers(ctx: Context, *, filter: CustomerFilter = CustomerFilter()) -> QuerySet[Customer]:
    """The partner's present customers."""
    rows = visible_customers(ctx)
    if filter.name_starts_with is not None:
        rows = rows.filter(name__istartswith=filter.name_starts_with)
    current: dict[str, object] = {}
    if filter.association_type is not None:
        current["associations__type"] = filter.association_type
    if filter.account_manager_id is not None:
        current["associations__account_manager_id"] = filter.account_manager_id
    return rows.filter(associations__status=AssociationStatus.ACTIVE, **current) if current else rows


@query(permission=Permission.CUSTOMERS_READ)
async def customer(ctx: Context, *, id: str | None = None, external_ref: str | None = None) -> Customer | None:
    """One customer by its id or by what the partner's own system calls it; None for one that is not the partner's."""
    rows = visible_customers(ctx)
    if id is not None:
        row_id = find_id(Customer.prefix, id)
        return None if row_id is None else await rows.filter(id=row_id).first()
    if external_ref is None:
        return None
    return await rows.filter(
        associations__status=AssociationStatus.ACTIVE, associations__external_user_id=external_ref
    ).first()


@query(permission=Permission.CUSTOMERS_READ)
def customer_reports(ctx: Context, *, filter: ReportFilter = ReportFilter()) -> QuerySet[CustomerReport]:
    """The partner's reports of customers, whatever became of them. A contact that cannot be one finds nothing."""
    rows = visible_reports(ctx)
    if filter.name_starts_with is not None:
        rows = rows.filter(customer_name__istartswith=filter.name_starts_with)
    if filter.mobile is not None:
        mobile = normalise_mobile(filter.mobile, policy=ctx.policy)
        rows = rows.filter(id__in=[]) if isinstance(mobile, Violation) else rows.filter(mobile=mobile)
    if filter.email is not None:
        email = normalise_email(filter.email)
        rows = rows.filter(id__in=[]) if isinstance(email, Violation) else rows.filter(email=email)
    return rows if filter.status is None else rows.filter(status__in=filter.status)


@query(permission=Permission.CUSTOMERS_READ)
def customer_invitations(
    ctx: Context, *, state: InvitationState | None = None, channel: InvitationChannel | None = None
) -> QuerySet[CustomerInvitation]:
    """The partner's invitations, by mail and general ones."""
    rows = visible_invitations(ctx)
    rows = rows if state is None else rows.filter(state=state)
    return rows if channel is None else rows.filter(channel=channel)


@query(permission=Permission.CUSTOMERS_READ)
def association_attempts(ctx: Context, *, state: AttemptState | None = None) -> QuerySet[AssociationAttempt]:
    """Who tried to associate by the partner's invitations, and why it failed."""
    rows = visible_attempts(ctx)
    return rows if state is None else rows.filter(state=state)


async def associations_of(
    ctx: Context, customers: Sequence[Customer], *, selection: Selection = WHOLE
) -> list[CustomerAssociation | None]:
    """For each customer the association it is in, where the actor may see it."""
    rows = CustomerAssociation.filter(status=AssociationStatus.ACTIVE)
    return await newest_one_of(ctx, rows, "customer_id", customers, selection=selection)


async def reports_of(
    ctx: Context, customers: Sequence[Customer], *, selection: Selection = WHOLE
) -> list[CustomerReport | None]:
    """For each customer the partner's report that it came by last, if any."""
    return await newest_one_of(ctx, visible_reports(ctx), "customer_id", customers, selection=selection)


customers_of_reports = to_one("customer_id", Customer, visible=visible_customers)
"""For each report the customer it led to, as long as it is the partner's."""


partners_of_reports = to_one("partner_id", Partner)
"""For each report the partner that made it."""


async def invitations_of(ctx: Context, reports: Sequence[CustomerReport]) -> list[list[CustomerInvitation]]:
    """For each report its invitations, newest first; the life of both keeps them few."""
    rows = await visible_invitations(ctx).filter(report_id__in=[row.id for row in reports]).order_by("-id")
    found: dict[UUID | None, list[CustomerInvitation]] = defaultdict(list)
    for row in rows:
        found[row.report_id].append(row)
    return [found[row.id] for row in reports]


reports_of_invitations = to_one("report_id", CustomerReport, visible=visible_reports)
"""For each invitation the report it is about; None for a general link."""


invitations_of_attempts = to_one("invitation_id", CustomerInvitation)
"""For each attempt the invitation it was made by."""


async def report_actions(ctx: Context, reports: Sequence[CustomerReport]) -> list[list[ActionState]]:
    """For each report what may be done now, by the guards of the mutations themselves.

    Three statements for all, and one more where there are resellers.
    """
    partners = await Partner.in_bulk([row.partner_id for row in reports], "id")
    standings = await standings_of(list(partners.values()))
    account = await Account.get_or_none(id=ctx.actor.account_id)
    rows = await CustomerInvitation.filter(
        report_id__in=[row.id for row in reports], state=InvitationState.ACTIVE
    ).order_by("id")
    last = {row.report_id: row for row in rows}
    reporters = {key: _reporter(partner, standings[key], account) for key, partner in partners.items()}
    return [_report_actions(ctx, row, reporters[row.partner_id], last.get(row.id)) for row in reports]


def _reporter(partner: Partner, standing: Standing, account: Account | None) -> Reporter:
    return Reporter(
        standing=standing,
        may_develop=partner.may_develop,
        may_refer=partner.may_refer,
        has_contact=account is not None and bool(account.mobile or account.email),
    )


def _report_actions(
    ctx: Context, report: CustomerReport, reporter: Reporter, last: CustomerInvitation | None
) -> list[ActionState]:
    status = status_of(ctx, report)
    facts = InviteFacts(
        InvitationChannel.ONLINE_MAIL,
        report.association_type or AssociationType.RESALE,
        reporter,
        invited(report, last),
    )
    return [
        action(ctx, "INVITE", invite_customer, check_invite(facts, now=ctx.now)),
        action(ctx, "CORRECT", update_report_contact, check_still_reported(status)),
        action(ctx, "CANCEL", cancel_report, REPORT.check(status, "cancel")),
        action(ctx, "WITHDRAW", withdraw_report, REPORT.check(status, "withdraw")),
        action(ctx, "DECIDE", decide_report_review, REPORT.check(status, "approve")),
    ]


async def invitation_actions(ctx: Context, invitations: Sequence[CustomerInvitation]) -> list[list[ActionState]]:
    """For each invitation whether it may be revoked now."""
    return [
        [action(ctx, "REVOKE", revoke_invitation, INVITATION.check(state_of(ctx, row), "revoke"))]
        for row in invitations
    ]
