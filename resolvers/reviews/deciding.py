"""The reviewers' own steps: taking a case up, giving it back, deciding it; and the clock's."""

from uuid import UUID

from core.i18n import Locale, translate
from models.partners import Partner
from models.reviews import ReviewCase
from resolvers.accounts.real_name import decide_real_name
from resolvers.business_info import reviewing
from resolvers.business_info.lateness import OVERSEERS
from resolvers.capabilities.reviewing import CAPABILITY_FLOW
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.experts.materials import MATERIALS_FLOW
from resolvers.experts.qualifying import QUALIFICATION_FLOW
from resolvers.funds.reviewing import FUND_FLOWS
from resolvers.partners import decide_admission, renaming
from resolvers.paths.reviewing import PATH_FLOWS
from resolvers.plans.deciding import decide_plan_application
from resolvers.plans.rising import TIER_FLOW
from resolvers.reviews.flows import Flow
from resolvers.reviews.reviewers import reviewers_of
from resolvers.solutions.reviewing import SOLUTION_FLOW
from resolvers.specialists.qualifying import SPECIALIST_FLOWS
from rules.access import ACCESS, Permission, may
from rules.errors import ErrorCode, refuse, require
from rules.reviews import REVIEW, ReviewKind, ReviewState, check_turn

FLOWS = {
    flow.kind: flow
    for flow in (
        Flow.of(ReviewKind.ADMISSION, decide_admission, "partner_id"),
        Flow.of(ReviewKind.PLAN, decide_plan_application, "membership_id"),
        Flow.of(ReviewKind.REAL_NAME, decide_real_name, "case_id"),
        TIER_FLOW,
        Flow(
            ReviewKind.COMPANY_CHANGE,
            Permission.PARTNERS_DECIDE,
            renaming.decide_company_change,
            renaming.REFUSES,
            renaming.EMITS,
            renaming.decide_company_change,
        ),
        *PATH_FLOWS,
        *(
            Flow(kind, permission, decide, reviewing.REFUSES, reviewing.EMITS, decide, overseers=OVERSEERS)
            for kind, permission, decide in (
                (ReviewKind.BUSINESS_INFO, Permission.BUSINESS_INFO_REVIEW, reviewing.decide_business_info),
                (ReviewKind.BANK_LETTER, Permission.BUSINESS_INFO_DECIDE_LETTER, reviewing.decide_business_info),
            )
        ),
        SOLUTION_FLOW,
        CAPABILITY_FLOW,
        *FUND_FLOWS,
        *SPECIALIST_FLOWS,
        QUALIFICATION_FLOW,
        MATERIALS_FLOW,
    )
}
"""Every kind of review by its kind."""

_TAKE_UPS = {kind: flow.take_up for kind, flow in FLOWS.items()}
_PERMISSIONS = {kind: flow.permission for kind, flow in FLOWS.items()}
_OVERSEERS = {kind: flow.overseers for kind, flow in FLOWS.items()}
_REFUSALS = tuple(sorted(frozenset[ErrorCode]().union(*(flow.refuses for flow in FLOWS.values()))))
_EVENTS = tuple(sorted({event for flow in FLOWS.values() for event in flow.emits}))


def kinds_of(ctx: Context) -> list[ReviewKind]:
    """The kinds that the actor may decide."""
    return [kind for kind, permission in _PERMISSIONS.items() if may(ctx.actor, permission)]


async def access_review(ctx: Context, review_id: UUID, *, taken: bool) -> ReviewCase:
    """The case, locked, with what being taken up or given back means to its subject done before; NOT_FOUND for one of
    a kind that the actor does not decide.
    """
    found = await ReviewCase.filter(id=review_id, kind__in=kinds_of(ctx)).first()
    if found is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    follow = _TAKE_UPS[found.kind]
    if follow is not None:
        await follow(ctx, found.subject_id, taken=taken)
    return await ReviewCase.filter(id=review_id).select_for_update().get()


@command(
    permission=Permission.REVIEWS_DECIDE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REVIEW_CLAIMED),
    emits=("review.claimed",),
)
async def claim_review(ctx: Context, *, review_id: UUID, expected_version: int | None = None) -> ReviewCase:
    """Takes a review up: until you release it, decide it or the claim's time is over nobody else can decide it."""
    case = await access_review(ctx, review_id, taken=True)
    expect_version(case, expected_version)
    by_other = case.claimed_by != ctx.actor.account_id
    policy = ctx.policy_of(case)
    require(
        REVIEW.check(case.state, "claim") + check_turn(case.claimed_at, by_other=by_other, now=ctx.now, policy=policy)
    )
    await case.change(now=ctx.now, claimed_by=ctx.actor.account_id, claimed_at=ctx.now)
    ctx.event("review.claimed", case, partner_id=case.partner_id, kind=case.kind.value)
    ctx.effect("review.claimed", case)
    return case


@command(
    permission=Permission.REVIEWS_DECIDE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REVIEW_CLAIMED),
    emits=("review.released",),
)
async def release_review(ctx: Context, *, review_id: UUID, expected_version: int | None = None) -> ReviewCase:
    """Gives a review back to the queue. A colleague's claim is left alone while it holds."""
    case = await access_review(ctx, review_id, taken=False)
    expect_version(case, expected_version)
    by_other = case.claimed_by != ctx.actor.account_id
    policy = ctx.policy_of(case)
    require(
        REVIEW.check(case.state, "release") + check_turn(case.claimed_at, by_other=by_other, now=ctx.now, policy=policy)
    )
    await case.change(now=ctx.now, claimed_by=None, claimed_at=None)
    ctx.event("review.released", case, partner_id=case.partner_id, kind=case.kind.value)
    ctx.effect("review.released", case)
    return case


@command(permission=Permission.REVIEWS_DECIDE, refuses=_REFUSALS, emits=_EVENTS)
async def decide_review(
    ctx: Context, *, review_id: UUID, approve: bool, reason: str | None = None, expected_version: int | None = None
) -> ReviewCase:
    """Approves or rejects whatever waits, with what follows from that for its subject; who submitted it is told.

    Each kind is decided by those who hold the permission of its domain. Where a decision can say more than yes, no and
    why (a tier, an office in charge), the domain has a mutation of its own for it; this one is the same without.
    """
    case = await ReviewCase.filter(id=review_id, kind__in=kinds_of(ctx)).first()
    if case is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    expect_version(case, expected_version)
    event = "approve" if approve else "reject"
    require(REVIEW.check(case.state, event))
    await FLOWS[case.kind].decide(ctx, case.subject_id, approve=approve, reason=reason)
    settled = await ReviewCase.get(id=case.id)
    if settled.state is ReviewState.WITHDRAWN:
        # Taken back and sent again in this very moment: the verdict was on what the reviewer had seen.
        require(REVIEW.check(settled.state, event))
    return settled


@command(permission=Permission.RUN_SCHEDULES, emits=("review.overdue_noticed",), key=Key.OPTIONAL, as_system=True)
async def escalate_review(ctx: Context, *, review_id: UUID) -> ReviewCase | None:
    """Tells whose claim of a late review holds, else all who may decide it, and their overseers: once a round."""
    case = await ReviewCase.filter(id=review_id).select_for_update().first()
    if case is None or case.escalated_at is not None or case.due_at > ctx.now or REVIEW.check(case.state, "escalate"):
        return None
    await case.change(now=ctx.now, escalated_at=ctx.now)
    ctx.event("review.overdue_noticed", case, partner_id=case.partner_id, kind=case.kind.value)
    ctx.effect("review.overdue_noticed", case)
    # Who asks for a real name is no partner yet, and its name is not for a mail.
    partner = None if case.partner_id is None else await Partner.get(id=case.partner_id)
    facts = {"kind": _in_each_language(f"enums.ReviewKind.{case.kind.value}")}
    ctx.notify(
        "review_overdue",
        await reviewers_of(ctx, case, ACCESS[_PERMISSIONS[case.kind]].roles, overseers=_OVERSEERS[case.kind]),
        about=case,
        names={} if partner is None else {"partner": partner},
        instants={"due": case.due_at},
        facts={**facts, "partner": _in_each_language("reviews.of_account")} if partner is None else facts,
    )
    return case


def _in_each_language(key: str) -> dict[str, str]:
    return {locale.value: translate(key, locale) for locale in Locale}
