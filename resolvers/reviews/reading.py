"""Reads about reviews: the vendor's queue, a partner's or an account's own cases, what may be done with one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core import db
from core.ids import InvalidId, decode_id
from core.rows import Sort, read_rows
from core.scope import EVERYTHING
from models.base import Row
from models.partners import Partner
from models.registry import model_of_id
from models.reviews import ReviewCase
from resolvers.actions import ActionState, action
from resolvers.context import Context
from resolvers.nodes import findable, rows_at
from resolvers.query import query
from resolvers.related import to_one
from resolvers.reviews.deciding import FLOWS, claim_review, decide_review, kinds_of, release_review
from rules.access import VENDOR_ROLES, Permission, may
from rules.errors import Violation
from rules.reviews import REVIEW, ReviewKind, ReviewState, check_turn, compute_lapsed
from rules.sites import Site


def visible(ctx: Context) -> QuerySet[ReviewCase]:
    """Reviewers see the kinds that they decide, a partner's people what their partner has submitted, everybody what is
    their own account's.
    """
    if _is_reviewer(ctx):
        return ReviewCase.filter(kind__in=kinds_of(ctx))
    mine = Q(account_id=ctx.actor.account_id)
    if ctx.actor.partner_id is not None and may(ctx.actor, Permission.REVIEWS_READ):
        mine |= Q(partner_id=ctx.actor.partner_id)
    return ReviewCase.filter(mine)


def _is_reviewer(ctx: Context) -> bool:
    return bool(ctx.actor.roles & VENDOR_ROLES)


findable(ReviewCase, Permission.NODES_READ, visible)


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which of what waits; None for any. `claimed` asks whether a claim holds, `mine` for those of the actor also when
    their time is over and colleagues may take them.
    """

    kinds: tuple[ReviewKind, ...] | None = None
    site: Site | None = None
    claimed: bool | None = None
    mine: bool = False
    overdue: bool = False


@query(permission=Permission.REVIEWS_READ)
def reviews(
    ctx: Context, *, kind: ReviewKind | None = None, state: ReviewState | None = None, subject: str | None = None
) -> QuerySet[ReviewCase]:
    """Every round of the actor's partner, or that the actor may decide, also those that have ended; of one subject by
    its public id.
    """
    wanted: dict[str, object] = {"kind": kind, "state": state}
    if subject is not None:
        try:
            wanted |= {"subject_type": model_of_id(subject).__name__, "subject_id": decode_id(subject)[1]}
        except InvalidId:
            return ReviewCase.filter(id__in=[])
    seen = visible(ctx) if _is_reviewer(ctx) else ReviewCase.filter(partner_id=ctx.actor.partner_id)
    return seen.filter(**{name: value for name, value in wanted.items() if value is not None})


@query(permission=Permission.ACCOUNTS_SUBMIT_REAL_NAME)
def my_reviews(ctx: Context) -> QuerySet[ReviewCase]:
    """Every round that is the actor's own account's and not its partner's."""
    return ReviewCase.filter(account_id=ctx.actor.account_id)


@query(permission=Permission.REVIEWS_DECIDE)
def review_queue(ctx: Context, *, filter: QueueFilter = QueueFilter()) -> QuerySet[ReviewCase]:
    """What waits for a verdict of the actor's."""
    rows = ReviewCase.filter(state=ReviewState.SUBMITTED, kind__in=filter.kinds or kinds_of(ctx))
    if filter.kinds:
        rows = rows.filter(kind__in=kinds_of(ctx))
    if filter.site is not None:
        rows = rows.filter(site=filter.site)
    if filter.claimed is not None:
        rows = rows.filter(_claimed(ctx, filter.claimed))
    if filter.mine:
        rows = rows.filter(claimed_by=ctx.actor.account_id)
    return rows.filter(due_at__lte=ctx.now) if filter.overdue else rows


def _claimed(ctx: Context, wanted: bool) -> Q:
    """Those whose claim keeps colleagues out, or all others; how long it does is a number of each site."""
    lapsed = {site: compute_lapsed(ctx.now, policy=ctx.policies.at(site, ctx.now)) for site in Site}
    held = Q(*(Q(site=site, claimed_at__gt=at) for site, at in lapsed.items()), join_type=Q.OR)
    return held if wanted else Q(claimed_at__isnull=True) | ~held


async def actions_of(ctx: Context, parents: Sequence[ReviewCase]) -> list[list[ActionState]]:
    """What the actor may do with each case, by the guards of the commands."""
    against = await _against(ctx, parents)
    return [_actions(ctx, row, against.get(row.subject_id, ())) for row in parents]


async def _against(ctx: Context, parents: Sequence[ReviewCase]) -> dict[UUID, Sequence[Violation]]:
    """What stands against a verdict on subjects that wait for one, by their ids; asked of the kinds that know such, and
    for those alone who may decide.
    """
    found: dict[UUID, Sequence[Violation]] = {}
    if not may(ctx.actor, Permission.REVIEWS_DECIDE):
        return found
    for kind, ask in ((flow.kind, flow.against) for flow in FLOWS.values()):
        waiting = [row.subject_id for row in parents if row.kind is kind and row.state is ReviewState.SUBMITTED]
        if ask is not None and waiting:
            found |= await ask(ctx, waiting)
    return found


def _actions(ctx: Context, row: ReviewCase, against: Sequence[Violation]) -> list[ActionState]:
    policy = ctx.policy_of(row)
    by_other = row.claimed_by != ctx.actor.account_id
    turn = check_turn(row.claimed_at, by_other=by_other, now=ctx.now, policy=policy)
    steps = (
        ("CLAIM", claim_review, "claim", turn),
        ("RELEASE", release_review, "release", turn),
        ("APPROVE", decide_review, "approve", [*turn, *against]),
        ("REJECT", decide_review, "reject", [*turn, *against]),
    )
    return [action(ctx, name, step, REVIEW.check(row.state, event) + more) for name, step, event, more in steps]


partners_of = to_one("partner_id", Partner)
"""The partner of each case; None of an account's own."""


async def subjects_of(ctx: Context, parents: Sequence[ReviewCase]) -> list[Row | None]:
    """What each case is about, as far as the actor sees it."""
    return await rows_at(ctx, [(row.subject_type, row.subject_id) for row in parents])


async def overdue_reviews(ctx: Context, *, limit: int = 500) -> list[UUID]:
    """Open reviews that are late and of which nobody has been told, the latest of all first. Kind by kind, as the queue
    is read: an index of all kinds would be taken for it too, and searched to its end for a kind of which nothing waits.
    """
    open_cases = ReviewCase.filter(kind__in=list(ReviewKind), state=ReviewState.SUBMITTED)
    late = open_cases.filter(due_at__lte=ctx.now, escalated_at__isnull=True)
    async with db.read(EVERYTHING):
        found = await read_rows(late, sort=(Sort("due_at"), Sort("id")), limit=limit, names=("id", "due_at"))
        return [row.id for row in found]
