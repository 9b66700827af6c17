"""Whose customers, reports, invitations and attempts an actor sees, and fetching one of them for a command."""

from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from models.associations import CustomerAssociation
from models.base import Row
from models.customers import AssociationAttempt, Customer, CustomerInvitation, CustomerReport
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from rules.access import Permission
from rules.associations import AssociationStatus
from rules.errors import ErrorCode, refuse
from rules.members import is_limited_to_own_customers

R = TypeVar("R", bound=Row)


def visible_customers(ctx: Context) -> QuerySet[Customer]:
    """A partner's present customers (an account manager's own ones), a customer itself, all for the vendor."""
    if sees_all(ctx):
        return Customer.all()
    if ctx.actor.partner_id is None:
        return Customer.filter(account_id=ctx.actor.account_id)
    rows = Customer.filter(partner_id=ctx.actor.partner_id)
    if not _is_limited(ctx):
        return rows
    own = CustomerAssociation.filter(status=AssociationStatus.ACTIVE, account_manager_id=ctx.actor.account_id)
    return rows.filter(id__in=Subquery(own.values("customer_id")))


def visible_reports(ctx: Context) -> QuerySet[CustomerReport]:
    """A partner's reports (an account manager's own ones), all for the vendor."""
    return _owned(ctx, CustomerReport.all())


def visible_invitations(ctx: Context) -> QuerySet[CustomerInvitation]:
    """A partner's invitations (an account manager's own ones), all for the vendor."""
    return _owned(ctx, CustomerInvitation.all())


def visible_attempts(ctx: Context) -> QuerySet[AssociationAttempt]:
    """Attempts to associate with a partner (an account manager: by its own invitations), all for the vendor."""
    invitations = CustomerInvitation.filter(created_by=ctx.actor.account_id)
    return _owned(ctx, AssociationAttempt.all(), Q(invitation_id__in=Subquery(invitations.values("id"))))


def _owned(ctx: Context, rows: QuerySet[R], own: Q | None = None) -> QuerySet[R]:
    if sees_all(ctx):
        return rows
    rows = rows.filter(partner_id=ctx.actor.partner_id)
    return rows.filter(own or Q(created_by=ctx.actor.account_id)) if _is_limited(ctx) else rows


def _is_limited(ctx: Context) -> bool:
    return is_limited_to_own_customers(ctx.actor)


findable(Customer, Permission.CUSTOMERS_READ, visible_customers)
findable(CustomerReport, Permission.CUSTOMERS_READ, visible_reports)
findable(CustomerInvitation, Permission.CUSTOMERS_READ, visible_invitations)
findable(AssociationAttempt, Permission.CUSTOMERS_READ, visible_attempts)


async def access_report(ctx: Context, report_id: UUID) -> CustomerReport:
    """The report, locked until the transaction ends; NOT_FOUND where the actor does not see it."""
    return await _locked(visible_reports(ctx).filter(id=report_id))


async def access_invitation(ctx: Context, invitation_id: UUID) -> CustomerInvitation:
    """The invitation, locked until the transaction ends; NOT_FOUND where the actor does not see it."""
    return await _locked(visible_invitations(ctx).filter(id=invitation_id))


async def _locked(rows: QuerySet[R]) -> R:
    row = await rows.select_for_update(no_key=True).first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row
