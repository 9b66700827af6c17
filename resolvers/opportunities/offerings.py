"""The list of offerings as marketplace operations keep it: versions from a day on, a past that nobody changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from models.opportunities import Offering, OfferingVersion
from models.partners import Partner
from resolvers.command import command
from resolvers.context import Context
from resolvers.opportunities.facts import holding, versions_of
from resolvers.opportunities.scope import visible_offerings
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, refuse, require
from rules.opportunities import (
    OfferingKind,
    OfferingLead,
    Track,
    Validity,
    check_offering,
    check_removal,
)


@dataclass(frozen=True, slots=True)
class OfferingFilter:
    """Which of the offerings; None for any. `holds_on`: those that hold on the day."""

    kind: OfferingKind | None = None
    lead: OfferingLead | None = None
    holds_on: date | None = None


@query(permission=Permission.OPPORTUNITIES_READ)
def offerings(ctx: Context, *, filter: OfferingFilter = OfferingFilter()) -> QuerySet[Offering]:
    """The offerings that the actor may name, or for the vendor all of the site's."""
    rows = visible_offerings(ctx)
    if filter.kind is not None:
        rows = rows.filter(kind=filter.kind)
    if filter.lead is not None:
        rows = rows.filter(lead=filter.lead)
    if filter.holds_on is not None:
        until = Q(ends_on__gt=filter.holds_on) | Q(ends_on__isnull=True)
        holds = OfferingVersion.filter(until, begins_on__lte=filter.holds_on).values("offering_id")
        rows = rows.filter(id__in=Subquery(holds))
    return rows


async def versions_of_offerings(ctx: Context, rows: Sequence[Offering]) -> list[list[OfferingVersion]]:
    """The versions of each, oldest first."""
    found = await versions_of({row.id for row in rows})
    return [found[row.id] for row in rows]


async def current_versions(ctx: Context, rows: Sequence[Offering]) -> list[OfferingVersion | None]:
    """The version of each that holds today."""
    found, today = await versions_of({row.id for row in rows}), day_of(ctx.now, ctx.actor.site)
    return [holding(found[row.id], today) for row in rows]


owners_of_offerings = to_one("owner_partner_id", Partner)
"""The partner of each that has one, where the actor may see it."""


@command(
    permission=Permission.OPPORTUNITIES_MANAGE_OFFERINGS,
    refuses=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE),
    emits=("offering.added",),
)
async def add_offering(
    ctx: Context,
    *,
    kind: OfferingKind,
    lead: OfferingLead,
    reference: str,
    name: str,
    track: Track,
    begins_on: date,
    for_partner_id: UUID | None = None,
) -> Offering:
    """Puts a solution or good on the list, from a day on. One led by a partner belongs to that partner alone."""
    today = day_of(ctx.now, ctx.actor.site)
    require(check_offering(name, begins_on, lead=lead, has_owner=for_partner_id is not None, today=today))
    if for_partner_id is not None and not await Partner.exists(id=for_partner_id, site=ctx.actor.site):
        raise refuse(ErrorCode.NOT_FOUND, "input", "forPartnerId")
    made = await Offering.insert(
        now=ctx.now,
        site=ctx.actor.site,
        kind=kind,
        lead=lead,
        reference=reference.strip(),
        owner_partner_id=for_partner_id,
    )
    await OfferingVersion.create(offering_id=made.id, number=1, name=name.strip(), track=track, begins_on=begins_on)
    ctx.event("offering.added", made, partner_id=for_partner_id, begins_on=begins_on.isoformat())
    ctx.effect("offering.added", made)
    return made


@command(
    permission=Permission.OPPORTUNITIES_MANAGE_OFFERINGS,
    refuses=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE),
    emits=("offering.changed",),
)
async def change_offering(ctx: Context, *, offering_id: UUID, name: str, track: Track, begins_on: date) -> Offering:
    """Gives an offering a new version from a day on, today or later; puts a removed one on the list again."""
    held, last = await _access_offering(ctx, offering_id)
    today = day_of(ctx.now, ctx.actor.site)
    known = Validity(last.begins_on, last.ends_on)
    owned = held.owner_partner_id is not None
    require(check_offering(name, begins_on, lead=held.lead, has_owner=owned, today=today, last=known))
    if last.ends_on is None or begins_on < last.ends_on:
        await OfferingVersion.filter(id=last.id).update(ends_on=begins_on)
    await OfferingVersion.create(
        offering_id=held.id, number=last.number + 1, name=name.strip(), track=track, begins_on=begins_on
    )
    await held.change(now=ctx.now)
    ctx.event("offering.changed", held, partner_id=held.owner_partner_id, begins_on=begins_on.isoformat())
    ctx.effect("offering.changed", held)
    return held


@command(
    permission=Permission.OPPORTUNITIES_MANAGE_OFFERINGS,
    refuses=(ErrorCode.OUT_OF_RANGE, ErrorCode.STATE_CONFLICT),
    emits=("offering.removed",),
)
async def remove_offering(ctx: Context, *, offering_id: UUID, ends_on: date) -> Offering:
    """Takes an offering off the list from a day on, today or later. What it held before stays as it was."""
    held, last = await _access_offering(ctx, offering_id)
    today = day_of(ctx.now, ctx.actor.site)
    require(check_removal(Validity(last.begins_on, last.ends_on), ends_on, today=today))
    await OfferingVersion.filter(id=last.id).update(ends_on=ends_on)
    await held.change(now=ctx.now)
    ctx.event("offering.removed", held, partner_id=held.owner_partner_id, ends_on=ends_on.isoformat())
    ctx.effect("offering.removed", held)
    return held


async def _access_offering(ctx: Context, offering_id: UUID) -> tuple[Offering, OfferingVersion]:
    """The offering, locked, with its last version; NOT_FOUND for one of the other site."""
    held = await visible_offerings(ctx).filter(id=offering_id).select_for_update(no_key=True).first()
    if held is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return held, (await versions_of({held.id}))[held.id][-1]
