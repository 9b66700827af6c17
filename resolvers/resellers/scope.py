"""Whose applications, invitations and links an actor sees, and fetching them for a command."""

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.base import Row
from models.partners import Partner
from models.resellers import ResellerApplication, ResellerInvitation, ResellerLink
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from rules.access import Permission
from rules.errors import ErrorCode, refuse

R = TypeVar("R", bound=Row)


def visible_applications(ctx: Context) -> QuerySet[ResellerApplication]:
    """An applicant's own, a distributor's from the vendor's approval on, all for the vendor."""
    if sees_all(ctx):
        return ResellerApplication.all()
    mine = Q(partner_id=ctx.actor.partner_id)
    return ResellerApplication.filter(mine | applied_to(ctx))


def applied_to(ctx: Context) -> Q:
    """Applications that the vendor has passed on to the acting distributor."""
    return Q(distributor_id=ctx.actor.partner_id, vendor_approved_at__isnull=False)


def visible_invitations(ctx: Context) -> QuerySet[ResellerInvitation]:
    """A distributor's own, all for the vendor."""
    if sees_all(ctx):
        return ResellerInvitation.all()
    return ResellerInvitation.filter(distributor_id=ctx.actor.partner_id)


def visible_links(ctx: Context) -> QuerySet[ResellerLink]:
    """Those that the partner is one side of, all for the vendor."""
    if sees_all(ctx):
        return ResellerLink.all()
    partner_id = ctx.actor.partner_id
    return ResellerLink.filter(Q(distributor_id=partner_id) | Q(reseller_id=partner_id))


findable(ResellerApplication, Permission.RESELLERS_READ, visible_applications)
findable(ResellerInvitation, Permission.RESELLERS_READ, visible_invitations)
findable(ResellerLink, Permission.RESELLERS_READ, visible_links)


async def access_invitation(ctx: Context, invitation_id: UUID) -> ResellerInvitation:
    """The invitation, locked until the transaction ends; NOT_FOUND where the actor does not see it."""
    return await _locked(visible_invitations(ctx).filter(id=invitation_id))


async def access_link(ctx: Context, link_id: UUID) -> ResellerLink:
    """The link, locked until the transaction ends; NOT_FOUND for one of strangers."""
    return await _locked(visible_links(ctx).filter(id=link_id))


async def access_linked(ctx: Context, link_id: UUID) -> tuple[Partner, Partner, ResellerLink]:
    """The distributor, the reseller and their link, locked in this order; NOT_FOUND for a link of strangers.

    Needs the scope of everything: a partner does not lock the other side's row.
    """
    found = await visible_links(ctx).filter(id=link_id).first()
    if found is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    both = await locked_partners({found.distributor_id, found.reseller_id})
    return both[found.distributor_id], both[found.reseller_id], await access_link(ctx, link_id)


async def _locked(rows: QuerySet[R]) -> R:
    row = await rows.select_for_update(no_key=True).first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row


async def locked_partners(ids: Collection[UUID]) -> dict[UUID, Partner]:
    """These partners by their ids, locked in the order that everybody keeps."""
    rows = await Partner.filter(id__in=list(ids)).select_for_update(no_key=True).order_by("id")
    return {row.id: row for row in rows}
