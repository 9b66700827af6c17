"""What the fund's rules ask of partners and their cases, gathered for many at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import db
from models.funds import MdfCase, MdfQuota, MdfViolation
from models.partners import Partner
from models.plans import PlanMembership
from models.schedules import calendar_entries
from resolvers.business_info import certified_among
from resolvers.context import Context
from resolvers.funds.scope import balance_of, plan_of
from resolvers.partners.benefits import benefits_blockers
from resolvers.paths.facts import stages_of
from rules.calendar import Entries
from rules.errors import Violation
from rules.funds.applying import Application, Likeness, check_application
from rules.funds.quotas import MdfStanding, check_suspension
from rules.plans import MembershipState, PlanCode
from rules.sites import Site

_LIKENESS = "select case_id, known from guard_mdf_likeness($1)"


async def standings_of(partners: Iterable[Partner]) -> dict[UUID, MdfStanding]:
    """What the quotas of each partner rest on, in three statements."""
    wanted = [partner.id for partner in partners]
    tiers: dict[UUID, dict[PlanCode, str | None]] = {one: {} for one in wanted}
    for row in await PlanMembership.filter(partner_id__in=wanted, state=MembershipState.JOINED):
        tiers[row.partner_id][row.plan] = row.tier
    stages, certified = await stages_of(wanted), await certified_among(wanted)
    return {one: MdfStanding(tiers[one], stages[one], one in certified) for one in wanted}


async def suspensions_of(ctx: Context, partner_ids: Iterable[UUID]) -> dict[UUID, datetime | None]:
    """Until when each partner applies for nothing; None for one that may. One statement."""
    found: dict[UUID, datetime | None] = dict.fromkeys(partner_ids)
    for row in await MdfViolation.filter(partner_id__in=list(found), suspended_until__gt=ctx.now):
        found[row.partner_id] = max(found[row.partner_id] or row.suspended_until, row.suspended_until)
    return found


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around some cases: their partners and quotas, what the company else applies for, what bars it."""

    partners: Mapping[UUID, Partner]
    quotas: Mapping[UUID, MdfQuota]
    likeness: Mapping[UUID, frozenset[Likeness]]
    suspended: Mapping[UUID, datetime | None]
    frozen: Mapping[UUID, list[Violation]]
    entries: Mapping[Site, Entries]

    def check_submission(
        self, ctx: Context, row: MdfCase, *, agreement: str | None, similar_confirmed: bool
    ) -> list[Violation]:
        """Everything against submitting the application."""
        own, quota = self.partners[row.partner_id], self.quotas[row.quota_id]
        given = Application(
            row.state, quota.year, balance_of(quota), self.likeness[row.id], agreement, similar_confirmed
        )
        policy = ctx.policy_of(own)
        violations = check_application(
            plan_of(row), given, now=ctx.now, policy=policy, entries=self.entries[Site(own.site)]
        )
        return violations + check_suspension(self.suspended[own.id], now=ctx.now) + self.frozen[own.id]


async def surroundings_of(
    ctx: Context, cases: Iterable[MdfCase], *, quotas: Mapping[UUID, MdfQuota] | None = None
) -> Surroundings:
    """What stands around these cases, in as many statements however many they are; `quotas` where they are locked."""
    rows = list(cases)
    partners = {row.id: row for row in await Partner.filter(id__in={row.partner_id for row in rows})}
    if quotas is None:
        quotas = {row.id: row for row in await MdfQuota.filter(id__in={row.quota_id for row in rows})}
    told = {row["case_id"]: row["known"] for row in await db.fetch(_LIKENESS, [row.id for row in rows])}
    return Surroundings(
        partners,
        quotas,
        {row.id: frozenset(map(Likeness, told.get(row.id, ()))) for row in rows},
        await suspensions_of(ctx, partners),
        await benefits_blockers(ctx, *partners.values()),
        {site: await calendar_entries(site) for site in {Site(partner.site) for partner in partners.values()}},
    )
