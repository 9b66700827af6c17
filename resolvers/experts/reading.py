"""Reads about experts: the schemes as a partner sees them, qualifications, persons, lists, and what may be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.experts import Expert, ExpertIncentive, ExpertIncentiveLine, ExpertQualification
from models.incentives import PayoutRequest
from models.partners import Partner
from models.specialists import SpecialistBinding
from resolvers.actions import ActionState, action
from resolvers.business_info import certified_among
from resolvers.context import Context
from resolvers.experts.confirming import answer_expert_dispute, confirm_expert_incentive, dispute_expert_incentive
from resolvers.experts.entering import remove_expert
from resolvers.experts.generating import request_expert_incentive
from resolvers.experts.materials import submit_expert_materials
from resolvers.experts.paying import payout_gates, request_expert_payout
from resolvers.experts.qualifying import apply_for_expert_scheme
from resolvers.experts.scope import (
    facts_of,
    visible,
    visible_experts,
    visible_lines,
    visible_qualifications,
)
from resolvers.incentives.scope import visible_payouts
from resolvers.paths.facts import stages_of
from resolvers.per_parent import newest_of
from resolvers.query import query
from resolvers.related import WHOLE, Selection, to_one
from resolvers.specialists.scope import visible_bindings
from rules.access import Permission
from rules.errors import Violation
from rules.experts import (
    EXPERT_INCENTIVE,
    WAITING,
    ExpertIncentiveStatus,
    ExpertLevel,
    ExpertQualificationState,
    ExpertScheme,
    ExpertSchemeCode,
    check_entered,
    check_qualification,
    check_request,
    check_step,
    period_of,
    schemes_of,
)
from rules.incentives.payout import check_business_info
from rules.sites import Site

R = TypeVar("R", Expert, ExpertIncentive, ExpertQualification)


@dataclass(frozen=True, slots=True)
class SchemeOffer:
    """A scheme of the site as the acting partner sees it; where no partner acts, the catalogue's part alone.

    `amounts` are what each level gives, in minor units; None for a partner that is not qualified.
    """

    scheme: ExpertScheme
    site: Site
    amounts: Mapping[ExpertLevel, int] | None
    qualification: ExpertQualification | None
    actions: list[ActionState]


@query(permission=Permission.EXPERTS_READ)
async def expert_schemes(ctx: Context) -> list[SchemeOffer]:
    """Every scheme of the caller's site: your partner's qualification, and whether it may apply or ask for a list."""
    own = await Partner.get_or_none(id=ctx.actor.partner_id) if ctx.actor.partner_id else None
    if own is None:
        site = ctx.actor.site
        return [SchemeOffer(scheme, site, scheme.amounts[site], None, []) for scheme in schemes_of(site)]
    site, period = Site(own.site), period_of(ctx.now)
    stages = (await stages_of([own.id]))[own.id]
    held = {row.scheme: row for row in await ExpertQualification.filter(partner_id=own.id)}
    listed = {row.scheme for row in await ExpertIncentive.filter(partner_id=own.id, period=period).only("id", "scheme")}
    offers = []
    for scheme in schemes_of(site):
        row, stage = held.get(scheme.code), stages.get(scheme.path)
        qualified = row is not None and row.state is ExpertQualificationState.QUALIFIED
        asking = check_request(scheme, stage, qualified=qualified, there=scheme.code in listed)
        applying = check_qualification(scheme, stage, None if row is None else row.state)
        actions = [
            action(ctx, "APPLY", apply_for_expert_scheme, applying),
            action(ctx, "REQUEST", request_expert_incentive, asking),
        ]
        amounts = scheme.amounts[site] if qualified else None
        offers.append(SchemeOffer(scheme, site, amounts, row, actions))
    return offers


@query(permission=Permission.EXPERTS_READ)
def expert_qualifications(
    ctx: Context, *, scheme: ExpertSchemeCode | None = None, state: ExpertQualificationState | None = None
) -> QuerySet[ExpertQualification]:
    """Every qualification that the actor sees."""
    return _wanted(visible_qualifications(ctx), scheme=scheme, state=state)


@query(permission=Permission.EXPERTS_READ)
def experts(ctx: Context, *, scheme: ExpertSchemeCode | None = None, ended: bool | None = None) -> QuerySet[Expert]:
    """Every person that the actor sees as an expert; `ended`: only those that are entered no more, or still are."""
    rows = _wanted(visible_experts(ctx), scheme=scheme)
    return rows if ended is None else rows.filter(ended_at__isnull=not ended)


@query(permission=Permission.EXPERTS_READ)
def expert_incentives(
    ctx: Context,
    *,
    scheme: ExpertSchemeCode | None = None,
    period: str | None = None,
    status: ExpertIncentiveStatus | None = None,
) -> QuerySet[ExpertIncentive]:
    """Every list that the actor sees. One past its time is EXPIRED."""
    rows = _wanted(visible(ctx), scheme=scheme, period=period)
    over = Q(status__in=WAITING)
    if status is ExpertIncentiveStatus.EXPIRED:
        return rows.filter(Q(status=status) | Q(over, deadline__lte=ctx.now))
    if status is None:
        return rows
    return rows.filter(~over | Q(deadline__gt=ctx.now), status=status)


def _wanted(rows: QuerySet[R], **given: object) -> QuerySet[R]:
    return rows.filter(**{name: value for name, value in given.items() if value is not None})


partners_of = to_one("partner_id", Partner)
"""The partner of each."""
bindings_of = to_one("binding_id", SpecialistBinding, visible=visible_bindings)
"""As what each expert belongs to its partner, for those who see it."""
payouts_of = to_one("payout_id", PayoutRequest, visible=visible_payouts)
"""The payout that each list is in."""
experts_of = to_one("expert_id", Expert)
"""The expert of each line."""


async def lines_of(
    ctx: Context, parents: Sequence[ExpertIncentive], *, first: int, selection: Selection = WHOLE
) -> list[list[ExpertIncentiveLine]]:
    """The experts on each list. One statement."""
    return await newest_of(ctx, visible_lines(ctx), "incentive_id", parents, first=first, selection=selection)


async def expert_actions(ctx: Context, parents: Sequence[Expert]) -> list[list[ActionState]]:
    """What the actor may do with each expert."""
    return [[action(ctx, "REMOVE", remove_expert, check_entered(row.ended_at))] for row in parents]


async def actions_of(ctx: Context, parents: Sequence[ExpertIncentive]) -> list[list[ActionState]]:
    """What the actor may do with each list, by the guards of the commands."""
    certified = await certified_among({row.partner_id for row in parents})
    paying = await payout_gates(ctx, parents, certified)
    return [_actions(ctx, row, row.partner_id in certified, paying[row.id]) for row in parents]


def _actions(ctx: Context, row: ExpertIncentive, certified: bool, paying: list[Violation]) -> list[ActionState]:
    facts = facts_of(row)
    submitting = check_step(facts, "submit", now=ctx.now) + check_business_info(certified)
    return [
        action(ctx, "CONFIRM", confirm_expert_incentive, check_step(facts, "confirm", now=ctx.now)),
        action(ctx, "DISPUTE", dispute_expert_incentive, check_step(facts, "dispute", now=ctx.now)),
        action(ctx, "ANSWER_DISPUTE", answer_expert_dispute, EXPERT_INCENTIVE.check(row.status, "answer")),
        action(ctx, "SUBMIT_MATERIALS", submit_expert_materials, submitting),
        action(ctx, "REQUEST_PAYOUT", request_expert_payout, paying),
    ]


def standing_of(ctx: Context, row: ExpertIncentive) -> ExpertIncentiveStatus:
    """Where a list stands now, marked or not."""
    return facts_of(row).standing(ctx.now)


async def lists_of_payouts(ctx: Context, parents: Sequence[PayoutRequest]) -> list[list[ExpertIncentive]]:
    """The lists of experts in each payout. One statement."""
    rows = await visible(ctx).filter(payout_id__in=[parent.id for parent in parents]).order_by("id")
    return [[row for row in rows if row.payout_id == parent.id] for parent in parents]
