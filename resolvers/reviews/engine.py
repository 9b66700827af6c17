"""What the domains ask of the engine: to submit a subject for review, to take it back, to put the verdict on record.

A domain keeps its subject's state; each of these is called in the same transaction as the subject's own change, with
the subject locked first.
"""

from models.accounts import Account
from models.base import Row
from models.partners import Partner
from models.reviews import ReviewCase
from models.schedules import calendar_entries
from resolvers.context import Context
from rules.access import Role
from rules.errors import require
from rules.reviews import REVIEW, ReviewKind, ReviewState, check_reason, check_turn, compute_due
from rules.sites import Site


async def submit(ctx: Context, kind: ReviewKind, subject: Row, owner: Partner | Account) -> ReviewCase:
    """Opens the next round; its clock starts now. The subject must have none open.

    Rounds are the subject's. What is an account's own is a subject of its own each time: its rounds are the account's.
    """
    site, of_account = Site(owner.site), isinstance(owner, Account)
    earlier = {"account_id": owner.id} if of_account else {"subject_id": subject.id}
    last = await ReviewCase.filter(kind=kind, **earlier).order_by("-round").first().only("round")
    return await ReviewCase.insert(
        now=ctx.now,
        partner_id=None if of_account else owner.id,
        account_id=owner.id if of_account else None,
        site=site,
        kind=kind,
        subject_type=type(subject).__name__,
        subject_id=subject.id,
        round=1 if last is None else last.round + 1,
        state=ReviewState.SUBMITTED,
        submitted_at=ctx.now,
        submitted_by=ctx.actor.account_id,
        due_at=compute_due(kind, ctx.now, policy=ctx.policies.at(site, ctx.now), entries=await calendar_entries(site)),
    )


async def withdraw(ctx: Context, kind: ReviewKind, subject: Row) -> ReviewCase:
    """Ends the subject's open round without a verdict. STATE_CONFLICT was the subject's own machine to say."""
    case = await open_case(kind, subject)
    await case.change(now=ctx.now, state=REVIEW.after(case.state, "withdraw"))
    return case


async def settle(ctx: Context, kind: ReviewKind, subject: Row, approved: bool, reason: str | None = None) -> ReviewCase:
    """Puts the actor's verdict on record; REASON_REQUIRED and REVIEW_CLAIMED refuse it.

    To be asked before the subject changes, with the subject's own guards already passed.
    """
    case = await open_case(kind, subject)
    policy = ctx.policy_of(case)
    by_other = case.claimed_by != ctx.actor.account_id and Role.SYSTEM not in ctx.actor.roles
    require(check_reason(approved, reason) + check_turn(case.claimed_at, by_other=by_other, now=ctx.now, policy=policy))
    await case.change(
        now=ctx.now,
        state=REVIEW.after(case.state, "approve" if approved else "reject"),
        decided_by=ctx.actor.account_id,
        decided_at=ctx.now,
        reason=reason.strip() if reason else None,
    )
    return case


async def open_case(kind: ReviewKind, subject: Row) -> ReviewCase:
    """The subject's open round, locked."""
    rows = ReviewCase.filter(kind=kind, subject_id=subject.id, state=ReviewState.SUBMITTED)
    return await rows.select_for_update().get()
