"""The new year of the market development fund: quotas of the year before are followed by those of this year."""

from collections.abc import Sequence
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.funds import MdfQuota
from models.partners import Partner
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.funds.facts import standings_of
from resolvers.funds.quotas import grant, year_of
from resolvers.locking import lock_with_partner
from resolvers.partners.benefits import benefits_blockers
from rules.access import Permission
from rules.calendar import day_of
from rules.funds.quotas import MdfStanding, check_opening
from rules.sites import Site

_BATCH = 500
_LAST_YEARS = """
select q.id from mdf_quota q join partner p on p.id = q.partner_id
where p.site = $1 and q.year = $2::int - 1
  and not exists (select from mdf_quota n where n.partner_id = q.partner_id and n.line = q.line and n.year = $2::int)
"""


async def unfollowed_mdf_quotas(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Quotas of last year that can be followed by one of this year and are not yet, but for those `without`."""
    async with db.read(EVERYTHING):
        found = [row["id"] for site in Site for row in await db.fetch(_LAST_YEARS, site, day_of(ctx.now, site).year)]
        quotas = await MdfQuota.filter(id__in=found).exclude(id__in=list(without)).order_by("id")
        standings = await _standings(ctx, quotas)
    return list(standings)[:_BATCH]


@command(permission=Permission.RUN_SCHEDULES, emits=("mdf_quota.opened",), key=Key.OPTIONAL, as_system=True)
async def follow_mdf_quota(ctx: Context, *, quota_id: UUID) -> MdfQuota | None:
    """Opens this year's quota where a partner had one of the line last year, with what its tier or stage gives now;
    nothing while it could not open one by itself.
    """
    own, last = await lock_with_partner(MdfQuota, quota_id)
    this_year = year_of(ctx, own)
    opened = await MdfQuota.exists(partner_id=own.id, line=last.line, year=this_year)
    standing = (await _standings(ctx, [last])).get(last.id)
    if opened or standing is None or last.year != this_year - 1:
        return None
    return await grant(ctx, own, last.line, standing)


async def _standings(ctx: Context, quotas: Sequence[MdfQuota]) -> dict[UUID, MdfStanding]:
    """Last year's quota → what this year's rests on; without those that their partners could not open now."""
    partners = await Partner.in_bulk({row.partner_id for row in quotas}, "id")
    standings = await standings_of(partners.values())
    frozen = await benefits_blockers(ctx, *partners.values())
    found = {}
    for row in quotas:
        own, standing = partners[row.partner_id], standings[row.partner_id]
        if not check_opening(row.line, standing, opened=False, policy=ctx.policy_of(own)) + frozen[own.id]:
            found[row.id] = standing
    return found
