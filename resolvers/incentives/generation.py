"""From a final sheet of performance to incentives: once for each policy in force, never twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core import db
from models.incentives import Incentive
from models.partners import Partner
from models.performance import PerformanceSheet
from models.schedules import WorkingDay
from resolvers.context import Context
from resolvers.incentives.claims import claim_end_of
from rules.customers import AssociationType
from rules.incentives.explanation import Explanation, compute_digest
from rules.incentives.kinds import IncentiveStatus
from rules.incentives.policies import IncentivePolicy, Totals, compute_incentive, policies_in_force
from rules.incentives.reconcile import compute_confirm_deadline
from rules.money import format_amount
from rules.sites import Site

_TOTALS = """
    select association_type, sum(amount)::bigint as amount, count(*) as lines, count(distinct customer_id) as customers
    from performance_line where sheet_id = $1 and amount <> 0 group by association_type
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """The indicators of a sheet for one association type, and how many lines they were counted from."""

    totals: Totals
    lines: int


async def generate(ctx: Context, sheet: PerformanceSheet) -> list[Incentive]:
    """Makes the incentives of a sheet that has just become final, in the same transaction; those made now.

    A policy that gives nothing makes none, a sheet in another currency than its site's has no policy. Called again it
    finds what is there. The caller holds the sheet's lock, and declares the event `incentive.generated`.
    """
    partner = await Partner.get(id=sheet.partner_id)
    site = Site(partner.site)
    if sheet.currency != site.currency:
        return []
    known = {row.policy_id for row in await Incentive.filter(partner_id=partner.id, period=sheet.period)}
    policies = [policy for policy in policies_in_force(site, sheet.period) if policy.id not in known]
    if not policies:
        return []
    counted, entries = await count(sheet), await working_days(site)
    claim_until = await claim_end_of(ctx, partner)
    made = []
    for policy in policies:
        explanation = explain(policy, sheet, counted[policy.association_type])
        if explanation.computed.amount:
            made.append(await _make(ctx, sheet, explanation, entries, claim_until))
    if made:
        _tell(ctx, partner, sheet, made)
    return made


async def count(sheet: PerformanceSheet) -> Mapping[AssociationType, Counted]:
    """The indicators of a sheet by association type. One statement, however many lines."""
    rows = {AssociationType(row["association_type"]): row for row in await db.fetch(_TOTALS, sheet.id)}
    total = sum(row["amount"] for row in rows.values())
    counted = {}
    for kind in AssociationType:
        row = rows.get(kind, {"amount": 0, "lines": 0, "customers": 0})
        counted[kind] = Counted(Totals(row["amount"], total, row["customers"]), row["lines"])
    return counted


def explain(policy: IncentivePolicy, sheet: PerformanceSheet, counted: Counted) -> Explanation:
    """What the policy makes of the sheet, and why."""
    return Explanation(
        policy=policy,
        period=sheet.period,
        currency=sheet.currency,
        sheet_digest=bytes(sheet.digest or b""),
        line_count=counted.lines,
        computed=compute_incentive(counted.totals, policy),
    )


async def working_days(site: Site) -> dict[date, bool]:
    """The days of the site's calendar that operations entered by hand."""
    return {row.day: row.is_working for row in await WorkingDay.filter(site=site.value)}


async def _make(
    ctx: Context,
    sheet: PerformanceSheet,
    explanation: Explanation,
    entries: Mapping[date, bool],
    claim_until: datetime | None,
) -> Incentive:
    policy, computed = explanation.policy, explanation.computed
    deadline = compute_confirm_deadline(ctx.now, policy, entries)
    row = await Incentive.insert(
        now=ctx.now,
        partner_id=sheet.partner_id,
        sheet_id=sheet.id,
        period=sheet.period,
        site=policy.site.value,
        policy_id=policy.id,
        policy_version=policy.version,
        association_type=policy.association_type,
        currency=sheet.currency,
        line_count=explanation.line_count,
        base_value=computed.base,
        threshold_value=computed.threshold,
        step_from=None if computed.step is None else computed.step.start,
        rate=computed.rate,
        computed_amount=computed.amount,
        digest=compute_digest(explanation),
        amount=computed.amount,
        generated_at=ctx.now,
        on_deadline=policy.on_deadline,
        confirm_deadline=deadline.at,
        deadline_provisional=deadline.provisional,
        status=IncentiveStatus.PENDING_CONFIRM,
        claim_until=claim_until,
    )
    ctx.event(
        "incentive.generated",
        row,
        partner_id=row.partner_id,
        period=row.period,
        policy=row.policy_id,
        status=row.status.value,
        deadline=row.confirm_deadline.isoformat(),
    )
    ctx.effect("incentive.generated", row, money=(row.amount, row.currency))
    return row


def _tell(ctx: Context, partner: Partner, sheet: PerformanceSheet, made: list[Incentive]) -> None:
    """One notice for the month, with the first deadline."""
    total = format_amount(sum(row.amount for row in made))
    ctx.notify(
        "incentive_pending",
        partner,
        about=made[0],
        occasion=sheet.period,
        instants={"deadline": min(row.confirm_deadline for row in made)},
        facts={"period": sheet.period, "count": str(len(made)), "total": f"{total} {sheet.currency}"},
    )
