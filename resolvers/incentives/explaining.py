"""Why an amount is what it is: what a policy would give, what a month may give, and every amount made again."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import db
from core.ids import filter_id
from models.incentives import Incentive, IncentiveOffset
from models.partners import Partner
from models.performance import PerformanceLine, PerformanceSheet
from resolvers.context import Context
from resolvers.incentives.generation import count, explain
from resolvers.incentives.scope import visible
from resolvers.query import query
from rules.access import Permission
from rules.customers import AssociationType
from rules.incentives.explanation import Explanation, compute_digest
from rules.incentives.kinds import Indicator
from rules.incentives.performance import SheetStatus
from rules.incentives.policies import (
    Computation,
    IncentivePolicy,
    Step,
    Totals,
    compute_incentive,
    compute_share,
    policies_in_force,
    policy_of,
)
from rules.sites import Site

MOST_ESTIMATED = 3
"""Months of one partner that can be open at once, with one to spare."""
_RUNNING = """
    select id, of_type, of_sheet from (
      select id, sum(amount) over (partition by sheet_id, association_type order by consumption_line_id) as of_type,
             sum(amount) over (partition by sheet_id order by consumption_line_id) as of_sheet
      from performance_line where sheet_id = any ($1::uuid[])
    ) as running where id = any ($2::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a policy gives for a month, and the numbers it comes from."""

    policy: IncentivePolicy
    period: str
    currency: str
    computed: Computation


@dataclass(frozen=True, slots=True)
class Recomputed:
    """An incentive made again from the sheet it came from: `same` when every number and byte is as it is stored."""

    incentive: Incentive
    reckoning: Reckoning
    digest: bytes

    @property
    def same(self) -> bool:
        """Whether the stored amount stands."""
        stored, made = self.incentive, self.reckoning.computed
        return bytes(stored.digest) == self.digest and stored.computed_amount == made.amount


@dataclass(frozen=True, slots=True)
class Share:
    """What a line of performance has in one incentive; minor units."""

    incentive: Incentive
    amount: int


def reckoning_of(row: Incentive) -> Reckoning:
    """The explanation of a stored amount, from what is stored with it."""
    step = None if row.step_from is None else Step(row.step_from, row.rate)
    policy = policy_of(row.policy_id, row.policy_version, Site(row.site))
    computed = Computation(row.base_value, row.threshold_value, step, row.computed_amount)
    return Reckoning(policy, row.period, row.currency, computed)


@query(permission=Permission.INCENTIVES_READ)
async def explain_incentive(ctx: Context, *, id: str) -> Recomputed | None:
    """Computes an incentive again, from the sheet's lines and the policy's version; None for one not visible."""
    row = await visible(ctx).filter(id=filter_id(Incentive.prefix, id)).select_related("sheet").first()
    if row is None:
        return None
    policy = policy_of(row.policy_id, row.policy_version, Site(row.site))
    explanation = explain(policy, row.sheet, (await count(row.sheet))[row.association_type])
    return Recomputed(row, _reckoning(explanation), compute_digest(explanation))


def _reckoning(explanation: Explanation) -> Reckoning:
    return Reckoning(explanation.policy, explanation.period, explanation.currency, explanation.computed)


@query(permission=Permission.INCENTIVES_READ)
def simulate_incentive(
    ctx: Context,
    *,
    period: str,
    association_type: AssociationType,
    amount: int,
    total: int | None = None,
    customers: int = 1,
) -> list[Reckoning]:
    """What the policies of the caller's site would give for these numbers; minor units. Reads and writes nothing."""
    totals = Totals(amount, amount if total is None else total, customers)
    site = ctx.actor.site
    return [
        Reckoning(policy, period, site.currency, compute_incentive(totals, policy))
        for policy in policies_in_force(site, period)
        if policy.association_type is association_type
    ]


@query(permission=Permission.INCENTIVES_READ)
def incentive_policies(ctx: Context, *, period: str) -> list[IncentivePolicy]:
    """The policies that a month is settled by on the caller's site."""
    return policies_in_force(ctx.actor.site, period)


@query(permission=Permission.INCENTIVES_READ)
async def incentive_estimates(ctx: Context) -> list[Reckoning]:
    """What the acting partner's months that are not final yet would give as they stand now; nothing is stored."""
    if ctx.actor.partner_id is None:
        return []
    partner = await Partner.get(id=ctx.actor.partner_id)
    site = Site(partner.site)
    sheets = PerformanceSheet.filter(partner_id=partner.id, currency=site.currency).exclude(status=SheetStatus.FINAL)
    found = []
    for sheet in await sheets.order_by("-period").limit(MOST_ESTIMATED):
        counted = await count(sheet)
        for policy in policies_in_force(site, sheet.period):
            computed = compute_incentive(counted[policy.association_type].totals, policy)
            found.append(Reckoning(policy, sheet.period, sheet.currency, computed))
    return found


async def shares_of(ctx: Context, parents: Sequence[PerformanceLine]) -> list[list[Share]]:
    """What each line has in the incentives of its sheet. Two statements, however many lines."""
    sheets = list({parent.sheet_id for parent in parents})
    made = await visible(ctx).filter(sheet_id__in=sheets).order_by("id")
    rows = await db.fetch(_RUNNING, sheets, [parent.id for parent in parents]) if made else []
    running = {row["id"]: row for row in rows}
    return [
        [
            _share(row, parent, running[parent.id])
            for row in made
            if row.sheet_id == parent.sheet_id and _counts(row, parent)
        ]
        for parent in parents
    ]


def _counts(row: Incentive, line: PerformanceLine) -> bool:
    """Whether the line is part of the incentive's base."""
    return row.association_type is line.association_type or _base(row) is Indicator.TOTAL_PERFORMANCE


def _base(row: Incentive) -> Indicator:
    return policy_of(row.policy_id, row.policy_version, Site(row.site)).base


def _share(row: Incentive, line: PerformanceLine, running: dict[str, int]) -> Share:
    after = int(running["of_type" if _base(row) is Indicator.TYPE_PERFORMANCE else "of_sheet"])
    return Share(row, compute_share(row.computed_amount, row.base_value, after - line.amount, after))


async def offsets_of(ctx: Context, parents: Sequence[Incentive]) -> list[list[IncentiveOffset]]:
    """What each incentive was offset with by expired ones, oldest first."""
    offsets = IncentiveOffset.filter(negative_id__in=[parent.id for parent in parents]).order_by("id")
    rows = await offsets.select_related("expired")
    return [[row for row in rows if row.negative_id == parent.id] for parent in parents]
