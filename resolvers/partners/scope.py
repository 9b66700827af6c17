"""Whose partners and companies an actor sees, and fetching a partner for a command."""

from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.partners import Company, Partner
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from rules.access import VENDOR_ROLES, Permission
from rules.errors import ErrorCode, refuse, require
from rules.partners import Standing, check_applicant


def visible(ctx: Context) -> QuerySet[Partner]:
    """The vendor sees every partner, others the one they belong to or have applied for."""
    if sees_all(ctx):
        return Partner.all()
    own = Q(main_account_id=ctx.actor.account_id)
    return Partner.filter(own if ctx.actor.partner_id is None else own | Q(id=ctx.actor.partner_id))


findable(Partner, Permission.PARTNERS_READ, visible)


def visible_companies(ctx: Context) -> QuerySet[Company]:
    """The vendor sees every company, a partner's people their own."""
    if sees_all(ctx):
        return Company.all()
    return Company.filter(partners__id__in=[ctx.actor.partner_id] if ctx.actor.partner_id else [])


findable(Company, Permission.PARTNERS_READ, visible_companies)


async def access_partner(ctx: Context, partner_id: UUID, *path: str) -> Partner:
    """The partner, locked; NOT_FOUND at `path` for one the actor may not see."""
    partner = await visible(ctx).filter(id=partner_id).select_for_update().first()
    if partner is None:
        raise refuse(ErrorCode.NOT_FOUND, *path)
    return partner


async def lock_own_open(ctx: Context) -> Partner:
    """The actor's partner, locked against the closing of its account; STATE_CONFLICT once that is closed."""
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update(no_key=True).get()
    require(check_applicant(own.standing is not Standing.CLOSED))
    return own


def is_inside(ctx: Context, row: Partner) -> bool:
    """Whether the actor is the vendor's or one of the partner's own people; its customers see less of it."""
    own = row.id == ctx.actor.partner_id or row.main_account_id == ctx.actor.account_id
    return own or bool(ctx.actor.roles & VENDOR_ROLES)
