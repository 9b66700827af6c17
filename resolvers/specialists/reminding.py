"""Once a month a partner is told to look after what its bound employees have told of themselves."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import Q, Subquery

from core import db
from core.scope import EVERYTHING
from models.partners import Partner
from models.specialists import SpecialistBinding
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission
from rules.calendar import day_of
from rules.partners import Standing
from rules.sites import Site
from rules.specialists import compute_last_reminder

BATCH = 500


async def partners_to_remind(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Partners with people bound before the last reminder was due, and not reminded since then; none `without`."""
    found: list[UUID] = []
    async with db.read(EVERYTHING):
        for site in Site:
            due = compute_last_reminder(ctx.now, policy=ctx.policies.at(site, ctx.now))
            bound = SpecialistBinding.filter(unbound_at__isnull=True, bound_at__lt=due).values("partner_id")
            rows = Partner.filter(
                Q(specialists_reminded_at__isnull=True) | Q(specialists_reminded_at__lt=due),
                site=site,
                id__in=Subquery(bound),
            )
            open_ones = rows.exclude(standing=Standing.CLOSED).exclude(id__in=list(without)).order_by("id")
            found += [row.id for row in await open_ones.limit(BATCH).only("id")]
    return found


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("partner.specialists_reminded",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def remind_of_specialists(ctx: Context, *, partner_id: UUID) -> Partner | None:
    """Tells a partner's administrators how many people are bound, and how many of these have not told their work."""
    partner = await Partner.filter(id=partner_id).select_for_update(no_key=True).get()
    due = compute_last_reminder(ctx.now, policy=ctx.policy_of(partner))
    bound = SpecialistBinding.filter(partner_id=partner.id, unbound_at__isnull=True)
    reminded = partner.specialists_reminded_at
    if (reminded is not None and reminded >= due) or not await bound.filter(bound_at__lt=due).exists():
        return None
    people = await bound.count()
    silent = await bound.filter(profile__base_location__isnull=True).count()
    await partner.change(now=ctx.now, specialists_reminded_at=ctx.now)
    ctx.event("partner.specialists_reminded", partner, partner_id=partner.id, people=people, silent=silent)
    ctx.effect("partner.specialists_reminded", partner, people=str(people))
    ctx.notify(
        "specialist_data_due",
        partner,
        about=partner,
        occasion=day_of(due, Site(partner.site)).isoformat(),
        facts={"people": str(people), "silent": str(silent)},
    )
    return partner
