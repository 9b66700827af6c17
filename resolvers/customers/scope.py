"""Whose customers, reports, invitations and attempts an actor sees, and fetching one of them for a command."""

from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from models.associations import CustomerAssociation
from models.base import Row
from models.customers import AssociationAttempt, Customer, CustomerInvitation, CustomerReport
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from rules.access import Permission
from rules.associations import AssociationStatus
from rules.errors import ErrorCode, refuse
from rules.members import compute_managers_seen

R = TypeVar("R", bound=Row)


def visible_customers(ctx: Context) -> QuerySet[Customer]:
    """A partner's present customers (those of the account managers seen), a customer itself, all for the vendor."""
    if sees_all(ctx):
        return Customer.all()
    if ctx.actor.partner_id is None:
        return Customer.filter(account_id=ctx.actor.account_id)
    rows = Customer.filter(partner_id=ctx.actor.partner_id)
    managers = compute_managers_seen(ctx.actor)
    if managers is None:
        return rows
    own = CustomerAssociation.filter(status=AssociationStatus.ACTIVE, account_manager_id__in=list(managers))
    return rows.filter(id__in=Subquery(own.values("customer_id")))


def visible_reports(ctx: Context) -> QuerySet[CustomerReport]:
    """A partner's reports (those of the account managers seen), all for the vendor."""
    return _made(ctx, CustomerReport.all())


def visible_invitations(ctx: Context) -> QuerySet[CustomerInvitation]:
    """A partner's invitations (those of the account managers seen), all for the vendor."""
    return _made(ctx, CustomerInvitation.all())


def visible_attempts(ctx: Context) -> QuerySet[AssociationAttempt]:
    """Attempts to associate with a partner (by invitations of the account managers seen), all for the vendor."""
    if sees_all(ctx):
        return AssociationAttempt.all()
    rows = AssociationAttempt.filter(partner_id=ctx.actor.partner_id)
    managers = compute_managers_seen(ctx.actor)
    if managers is None:
        return rows
    return rows.filter(
        invitation_id__in=Subquery(CustomerInvitation.filter(created_by__in=list(managers)).values("id"))
    )


def _made(ctx: Context, rows: QuerySet[R]) -> QuerySet[R]:
    if sees_all(ctx):
        return rows
    rows = rows.filter(partner_id=ctx.actor.partner_id)
    managers = compute_managers_seen(ctx.actor)
    return rows if managers is None else rows.filter(created_by__in=list(managers))


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
