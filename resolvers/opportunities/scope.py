"""Whose opportunities, offices and offerings an actor sees, and fetching one of them for a command."""

from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from core.rows import read_values
from models.opportunities import Offering, OfficeMember, Opportunity, OpportunityUpdate, RepOffice
from models.partners import Partner
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from rules.access import VENDOR_ROLES, Permission, Role
from rules.errors import ErrorCode, refuse
from rules.opportunities import OfferingLead, OfficeDuty, OpportunityState

_NONE = Q(id__in=[])
_FIELD_ROLES = frozenset({Role.PSM, Role.ECO_MANAGER})


def visible_opportunities(ctx: Context) -> QuerySet[Opportunity]:
    """A partner's own; of those submitted, a PSM's office's and an ecosystem manager's partners'; for the rest of the
    vendor all that were submitted.
    """
    if not ctx.actor.roles & VENDOR_ROLES:
        return Opportunity.filter(partner_id=ctx.actor.partner_id)
    rows = Opportunity.exclude(state=OpportunityState.DRAFT)
    return rows if ctx.actor.roles & (VENDOR_ROLES - _FIELD_ROLES) else rows.filter(in_charge(ctx))


def in_charge(ctx: Context) -> Q:
    """The opportunities of the actor's offices, and of the partners it is the ecosystem manager of."""
    return at_offices(ctx) | managed(ctx)


def at_offices(ctx: Context) -> Q:
    """The opportunities of the offices that a PSM belongs to."""
    if Role.PSM not in ctx.actor.roles:
        return _NONE
    return Q(rep_office_id__in=Subquery(_memberships(ctx).values("office_id")))


def managed(ctx: Context) -> Q:
    """The opportunities of partners that an ecosystem manager answers for."""
    if Role.ECO_MANAGER not in ctx.actor.roles:
        return _NONE
    return Q(partner_id__in=Subquery(_answered_for(ctx).values("id")))


def _memberships(ctx: Context) -> QuerySet[OfficeMember]:
    return OfficeMember.filter(account_id=ctx.actor.account_id)


def _answered_for(ctx: Context) -> QuerySet[Partner]:
    """Its own, and those nobody answers for."""
    return Partner.filter(Q(eco_manager_id=ctx.actor.account_id) | Q(eco_manager_id__isnull=True))


async def waiting_opportunities(ctx: Context) -> QuerySet[Opportunity]:
    """Of those that the actor sees what waits for it: submitted ones of its partners to audit, those of its offices to
    verify; all for the vendor's administrator.

    Which partners and offices, is asked first: with their ids the oldest that wait come out of an index.
    """
    audit, verify = OpportunityState.SUBMITTED, OpportunityState.VERIFYING
    if Role.VENDOR_ADMIN in ctx.actor.roles:
        return Opportunity.filter(state__in=(audit, verify))
    waiting = []
    if Role.ECO_MANAGER in ctx.actor.roles:
        waiting.append(Q(state=audit, partner_id__in=await read_values(_answered_for(ctx), "id")))
    if Role.PSM in ctx.actor.roles:
        waiting.append(Q(state=verify, rep_office_id__in=await read_values(_memberships(ctx), "office_id")))
    return Opportunity.filter(Q(*waiting, join_type=Q.OR) if waiting else _NONE)


def visible_updates(ctx: Context) -> QuerySet[OpportunityUpdate]:
    """The timeline entries of the opportunities that the actor sees."""
    return OpportunityUpdate.filter(opportunity_id__in=Subquery(visible_opportunities(ctx).values("id")))


def visible_offices(ctx: Context) -> QuerySet[RepOffice]:
    """Every office of the actor's site; offices are no secret."""
    return RepOffice.filter(site=ctx.actor.site)


def visible_members(ctx: Context) -> QuerySet[OfficeMember]:
    """The people of the offices, for the vendor."""
    if sees_all(ctx):
        return OfficeMember.all()
    return OfficeMember.filter(account_id=ctx.actor.account_id)


def visible_offerings(ctx: Context) -> QuerySet[Offering]:
    """The site's offerings: for a partner the vendor's and its own, for the vendor all of them."""
    rows = Offering.filter(site=ctx.actor.site)
    if sees_all(ctx):
        return rows
    return rows.filter(Q(lead=OfferingLead.VENDOR) | Q(owner_partner_id=ctx.actor.partner_id))


findable(Opportunity, Permission.OPPORTUNITIES_READ, visible_opportunities)
findable(OpportunityUpdate, Permission.OPPORTUNITIES_READ, visible_updates)
findable(RepOffice, Permission.OPPORTUNITIES_READ, visible_offices)
findable(OfficeMember, Permission.OPPORTUNITIES_REVIEW, visible_members)
findable(Offering, Permission.OPPORTUNITIES_READ, visible_offerings)


async def access_opportunity(ctx: Context, opportunity_id: UUID, *, lock: bool = True) -> Opportunity:
    """The opportunity, locked unless told otherwise; NOT_FOUND where the actor does not see it.

    The vendor's people find every submitted one, so that those of another office are told so.
    """
    rows = visible_opportunities(ctx)
    if ctx.actor.roles & VENDOR_ROLES:
        rows = Opportunity.exclude(state=OpportunityState.DRAFT)
    rows = rows.filter(id=opportunity_id)
    row = await (rows.select_for_update(no_key=True) if lock else rows).first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row


async def duties(ctx: Context) -> dict[UUID, OfficeDuty]:
    """Office → what the actor does there."""
    if Role.PSM not in ctx.actor.roles:
        return {}
    return {row.office_id: row.duty for row in await _memberships(ctx)}
