"""Reads about paths: the catalogue as a partner sees it, enrollments, and whether the vendor shares opportunities."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.queryset import QuerySet

from models.opportunities import Opportunity, OpportunityOffering
from models.partners import Partner
from models.paths import PathEnrollment
from models.plans import PlanMembership
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.paths.annual import submit_annual_review, withdraw_path_application
from resolvers.paths.certifying import apply_differentiation, apply_role_validation
from resolvers.paths.choosing import accept_path_invitation, exit_path, record_path_exit, select_path
from resolvers.paths.facts import Facts, facts, facts_of, requirements_of, stages_of
from resolvers.paths.scope import visible
from resolvers.query import query
from resolvers.related import to_one
from rules.access import VENDOR_ROLES, Permission
from rules.opportunities import OpportunityState
from rules.paths import (
    ANNUAL,
    LIVE,
    PATH,
    PATHS,
    AnnualState,
    Delivery,
    DevelopmentPath,
    HoEligibility,
    PathCode,
    PathExitBlocker,
    PathStage,
    PathState,
    Requirement,
    check_accept,
    check_annual,
    check_path_exit,
    check_select,
    check_stage,
    compute_exit_blockers,
    compute_ho_eligibility,
    compute_ho_since,
    compute_kept_requirements,
    compute_requirements,
    stage_of,
)
from rules.plans import MembershipState, PlanCode


@dataclass(frozen=True, slots=True)
class PathOffer:
    """One path as the acting partner sees it; where no partner acts, only the catalogue's part is filled."""

    path: DevelopmentPath
    enrollment: PathEnrollment | None
    requirements: list[tuple[PathStage, Requirement]]
    exit_blockers: list[PathExitBlocker]
    actions: list[ActionState]


@query(permission=Permission.PATHS_READ)
async def paths(ctx: Context) -> list[PathOffer]:
    """Every path in the catalogue's order: your stage on it, what the stages ask for, what you may do."""
    own = await Partner.get_or_none(id=ctx.actor.partner_id) if ctx.actor.partner_id else None
    if own is None:
        return [PathOffer(path, None, [], [], []) for path in PATHS.values()]
    known = await facts(ctx, own)
    live = {row.path: row for row in await PathEnrollment.filter(partner_id=own.id, state__in=LIVE)}
    return [_offer(ctx, own, path, live.get(path.code), known) for path in PATHS.values()]


def _offer(ctx: Context, own: Partner, path: DevelopmentPath, row: PathEnrollment | None, known: Facts) -> PathOffer:
    has = known.achievements if row is None else known.of(row)
    policy = ctx.policy_of(own)
    asked = [(stage, one) for stage in PathStage for one in compute_requirements(path, stage, has, policy=policy)]
    on = row is not None and stage_of(row.state) is not None
    select = action(ctx, "SELECT", select_path, check_select(known.traveller, path))
    return PathOffer(
        path,
        row,
        asked,
        compute_exit_blockers(known.ties) if row is not None and on else [],
        [select, *([] if row is None else _actions(ctx, own, row, known))],
    )


@query(permission=Permission.PATHS_READ)
def path_enrollments(
    ctx: Context, *, path: PathCode | None = None, state: PathState | None = None, partner_id: UUID | None = None
) -> QuerySet[PathEnrollment]:
    """Every way along a path that the actor sees, also those that have ended."""
    wanted = {"path": path, "state": state, "partner_id": partner_id}
    return visible(ctx).filter(**{name: value for name, value in wanted.items() if value is not None})


async def actions_of(ctx: Context, parents: Sequence[PathEnrollment]) -> list[list[ActionState]]:
    """What the actor may do with each enrollment, by the guards of the commands."""
    owners = {row.id: row for row in await Partner.filter(id__in={parent.partner_id for parent in parents})}
    known = await facts_of(ctx, owners.values())
    return [_actions(ctx, owners[row.partner_id], row, known[row.partner_id]) for row in parents]


def _actions(ctx: Context, own: Partner, row: PathEnrollment, known: Facts) -> list[ActionState]:
    path, policy = PATHS[row.path], ctx.policy_of(own)
    kept = compute_kept_requirements(path, row.state, known.of(row), policy=policy)
    asked = {one: requirements_of(row, one, known, policy=policy) for one in PathStage}
    in_review = row.annual_state is AnnualState.IN_REVIEW
    return [
        action(
            ctx,
            "ACCEPT",
            accept_path_invitation,
            check_accept(row.state, row.invited_until, known.traveller, path, now=ctx.now),
        ),
        *(
            action(ctx, name, command, check_stage(path, row.state, row.annual_state, one, asked[one]))
            for name, command, one in (
                ("APPLY_ROLE", apply_role_validation, PathStage.CERTIFIED),
                ("APPLY_DIFFERENTIATION", apply_differentiation, PathStage.DIFFERENTIATED),
            )
        ),
        action(
            ctx,
            "SUBMIT_ANNUAL_REVIEW",
            submit_annual_review,
            check_annual(row.state, row.annual_state, row.annual_due_at, kept, now=ctx.now),
        ),
        action(
            ctx,
            "WITHDRAW",
            withdraw_path_application,
            ANNUAL.check(row.annual_state, "withdraw") if in_review else PATH.check(row.state, "withdraw"),
        ),
        action(ctx, "EXIT", exit_path, check_path_exit(row.state, known.ties)),
        action(ctx, "RECORD_EXIT", record_path_exit, PATH.check(row.state, "exit")),
    ]


partners_of = to_one("partner_id", Partner)
"""The partner of each enrollment."""


@query(permission=Permission.PATHS_READ)
async def ho_eligibility(ctx: Context, *, partner_id: UUID | None = None) -> HoEligibility | None:
    """Whether the vendor may share its opportunities with the acting partner, or with the one that its staff name; None
    where there is none such.
    """
    wanted = partner_id if ctx.actor.roles & VENDOR_ROLES else ctx.actor.partner_id
    own = None if wanted is None or partner_id not in (None, wanted) else await Partner.get_or_none(id=wanted)
    return None if own is None else await eligibility_of(ctx, own)


async def eligibility_of(ctx: Context, own: Partner) -> HoEligibility:
    """The verdict of the rule on one partner as things stand now; what shares opportunities asks this."""
    stages = (await stages_of([own.id]))[own.id]
    co_sell = PlanMembership.filter(partner_id=own.id, plan=PlanCode.CO_SELL, state=MembershipState.JOINED)
    policy = ctx.policy_of(own)
    delivered = Opportunity.filter(partner_id=own.id, state=OpportunityState.DELIVERED)
    rows = await delivered.filter(delivered_on__gte=compute_ho_since(ctx.now, policy)).only("id", "delivered_on")
    named = OpportunityOffering.filter(opportunity_id__in=[row.id for row in rows])
    counted = {row.opportunity_id for row in await named.only("opportunity_id")} if rows else set()
    return compute_ho_eligibility(
        set(stages.values()),
        [Delivery(row.delivered_on, row.id in counted) for row in rows if row.delivered_on is not None],
        co_sell=await co_sell.exists(),
        now=ctx.now,
        policy=policy,
    )
