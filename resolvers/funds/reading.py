"""Reads about the market development fund: lines, quotas, cases, and what may be done with each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.queryset import QuerySet

from models.funds import MdfAdjustment, MdfCase, MdfQuota, MdfViolation
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.business_info import certified_among
from resolvers.context import Context
from resolvers.funds.applying import cancel_mdf_case, submit_mdf_case, update_mdf_case
from resolvers.funds.claiming import claim_blockers, save_mdf_claim, start_mdf_event, submit_mdf_claim
from resolvers.funds.facts import standings_of, surroundings_of, suspensions_of
from resolvers.funds.quotas import open_mdf_quota
from resolvers.funds.scope import visible, visible_quotas, visible_violations
from resolvers.funds.settling import decide_mdf_invoice, send_mdf_invoice
from resolvers.funds.violations import end_mdf_case, record_mdf_finding
from resolvers.nodes import own_rows
from resolvers.partners.benefits import benefits_blockers
from resolvers.per_parent import newest_of
from resolvers.query import query
from resolvers.related import WHOLE, Selection, to_one
from rules.access import Permission
from rules.calendar import day_of
from rules.funds.applying import check_cancellation
from rules.funds.claiming import check_over
from rules.funds.kinds import MDF_CASE, MdfLine, MdfState
from rules.funds.quotas import check_opening, compute_entitlement
from rules.sites import Site
from rules.statements import StatementCode, present


@dataclass(frozen=True, slots=True)
class LineOffer:
    """A line as the acting partner sees it: what it gives a year in minor units, this year's quota, until when
    nothing can be applied for.
    """

    line: MdfLine
    amount: int
    currency: str
    quota: MdfQuota | None
    suspended_until: datetime | None
    actions: list[ActionState]


@query(permission=Permission.FUNDS_READ)
async def mdf_lines(ctx: Context) -> list[LineOffer]:
    """Every line of the fund: what it gives your partner, and whether this year's quota can be opened."""
    own = await Partner.get_or_none(id=ctx.actor.partner_id) if ctx.actor.partner_id else None
    if own is None:
        return [LineOffer(line, 0, ctx.actor.site.currency, None, None, []) for line in MdfLine]
    site, policy = Site(own.site), ctx.policy_of(own)
    standing = (await standings_of([own]))[own.id]
    rows = await MdfQuota.filter(partner_id=own.id, year=day_of(ctx.now, site).year)
    quotas = {row.line: row for row in rows}
    frozen = (await benefits_blockers(ctx, own))[own.id]
    suspended = (await suspensions_of(ctx, [own.id]))[own.id]
    return [
        LineOffer(
            line,
            compute_entitlement(line, standing, policy=policy),
            site.currency,
            quotas.get(line),
            suspended,
            [
                action(
                    ctx,
                    "OPEN",
                    open_mdf_quota,
                    check_opening(line, standing, opened=line in quotas, policy=policy) + frozen,
                )
            ],
        )
        for line in MdfLine
    ]


@query(permission=Permission.FUNDS_READ)
def mdf_quotas(ctx: Context, *, line: MdfLine | None = None, year: int | None = None) -> QuerySet[MdfQuota]:
    """Every quota that the actor sees."""
    wanted = {"line": line, "year": year}
    return visible_quotas(ctx).filter(**{name: value for name, value in wanted.items() if value is not None})


@query(permission=Permission.FUNDS_READ)
def mdf_cases(ctx: Context, *, state: MdfState | None = None) -> QuerySet[MdfCase]:
    """Every case that the actor sees."""
    return visible(ctx) if state is None else visible(ctx).filter(state=state)


@query(permission=Permission.FUNDS_READ)
def mdf_violations(ctx: Context) -> QuerySet[MdfViolation]:
    """Every violation that the actor sees."""
    return visible_violations(ctx)


async def adjustments_of(
    ctx: Context, parents: Sequence[MdfQuota], *, first: int, selection: Selection = WHOLE
) -> list[list[MdfAdjustment]]:
    """What changed each quota, the newest first."""
    return await newest_of(ctx, own_rows(ctx, MdfAdjustment), "quota_id", parents, first=first, selection=selection)


async def actions_of(ctx: Context, parents: Sequence[MdfCase]) -> list[list[ActionState]]:
    """What the actor may do with each case, by the guards of the commands."""
    around = await surroundings_of(ctx, parents)
    certified, agreement = await certified_among(around.partners), present(StatementCode.MDF_PAYMENT).version
    found = []
    for row in parents:
        own = around.partners[row.partner_id]
        today = day_of(ctx.now, Site(own.site))
        claim = claim_blockers(ctx, own, row, certified=own.id in certified) + around.frozen[own.id]
        saving = MDF_CASE.check(row.state, "prepare_claim") + (check_over(row.ends_on, today) if row.ends_on else [])
        submission = around.check_submission(ctx, row, agreement=agreement, similar_confirmed=True)
        found.append(
            [
                action(ctx, "CHANGE", update_mdf_case, MDF_CASE.check(row.state, "change")),
                action(ctx, "SUBMIT", submit_mdf_case, submission),
                action(ctx, "CANCEL", cancel_mdf_case, check_cancellation(row.state, row.starts_on, today)),
                action(ctx, "START", start_mdf_event, MDF_CASE.check(row.state, "start")),
                action(ctx, "SAVE_CLAIM", save_mdf_claim, saving),
                action(ctx, "CLAIM", submit_mdf_claim, claim),
                action(ctx, "MONITOR", record_mdf_finding, MDF_CASE.check(row.state, "monitor")),
                action(ctx, "VOID", end_mdf_case, MDF_CASE.check(row.state, "void")),
                action(ctx, "SEND_INVOICE", send_mdf_invoice, MDF_CASE.check(row.state, "send_invoice")),
                action(ctx, "PAY", decide_mdf_invoice, MDF_CASE.check(row.state, "pay") + around.frozen[own.id]),
                action(ctx, "RETURN_INVOICE", decide_mdf_invoice, MDF_CASE.check(row.state, "return_invoice")),
            ]
        )
    return found


partners_of = to_one("partner_id", Partner)
"""The partner of each quota, case or violation."""
cases_of = to_one("case_id", MdfCase)
"""The case of each violation."""
quotas_of = to_one("quota_id", MdfQuota)
"""The quota of each case."""
