"""The yearly review of a reached stage: its window, the submission, the verdict, and the fall when it is not passed."""

from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.scope import EVERYTHING
from models.partners import Partner
from models.paths import PathEnrollment
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.paths.certifying import REVIEWS, certificate, weigh
from resolvers.paths.facts import Facts, facts
from resolvers.paths.scope import access_enrollment, lock_enrollment
from resolvers.paths.telling import tell
from resolvers.reviews import engine as reviews
from resolvers.system import near_end
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.paths import (
    ANNUAL,
    PATH,
    PATHS,
    SETTLED,
    AnnualState,
    PathState,
    check_annual,
    compute_annual_due,
    compute_kept_requirements,
    is_carried,
    is_lapsing,
)
from rules.policy import PATHS_ANNUAL_WINDOW
from rules.reviews import ReviewKind, check_reason

BATCH = 500


@command(
    permission=Permission.PATHS_CHOOSE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.PATH_REVIEW_OVER, ErrorCode.REQUIREMENTS_NOT_MET),
    emits=("path.annual_review_submitted",),
)
async def submit_annual_review(
    ctx: Context, *, enrollment_id: UUID, expected_version: int | None = None
) -> PathEnrollment:
    """Submits the yearly review of the present stage; what it and the role ask for must all be met still."""
    own, row = await access_enrollment(ctx, enrollment_id)
    expect_version(row, expected_version)
    has = (await facts(ctx, own)).of(row)
    asked = compute_kept_requirements(PATHS[row.path], row.state, has, policy=ctx.policy_of(own))
    require(check_annual(row.state, row.annual_state, row.annual_due_at, asked, now=ctx.now))
    await row.change(now=ctx.now, annual_state=ANNUAL.after(row.annual_state, "submit"), reason=None)
    await reviews.submit(ctx, ReviewKind.PATH_ANNUAL, row, own)
    tell(ctx, "path.annual_review_submitted", row)
    ctx.effect("path.annual_review_submitted", row, path=row.path.value)
    return row


async def decide_annual_review(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> PathEnrollment:
    """The verdict on a yearly review: the next certificate joins on to the present one. A rejected one may be submitted
    again until the review is over.
    """
    own, row = await access_enrollment(ctx, subject_id)
    event = "approve" if approve else "reject"
    require(ANNUAL.check(row.annual_state, event) + check_reason(approve, reason))
    await reviews.settle(ctx, ReviewKind.PATH_ANNUAL, row, approve, reason)
    if approve:
        await _pass(ctx, own, row, event)
        return row
    titles = PATHS[row.path].titles
    given = str(reason).strip()
    await row.change(now=ctx.now, annual_state=ANNUAL.after(row.annual_state, event), reason=given)
    tell(ctx, "path.annual_review_rejected", row)
    ctx.effect("path.annual_review_rejected", row, path=row.path.value)
    due = row.annual_due_at or ctx.now
    ctx.notify("path_annual_rejected", own, about=row, facts={"path": titles, "reason": given}, instants={"due": due})
    return row


async def _pass(ctx: Context, own: Partner, row: PathEnrollment, event: str) -> None:
    """The next year begins where this one ends."""
    await row.change(now=ctx.now, **certificate(ctx, own, row, event, since=row.valid_until or ctx.now))
    tell(ctx, "path.annual_review_passed", row)
    ctx.effect("path.annual_review_passed", row, path=row.path.value)
    until = row.valid_until or ctx.now
    ctx.notify("path_annual_passed", own, about=row, facts={"path": PATHS[row.path].titles}, instants={"until": until})


@command(permission=Permission.PATHS_CHOOSE, refuses=(ErrorCode.STATE_CONFLICT,), emits=("path.application_withdrawn",))
async def withdraw_path_application(
    ctx: Context, *, enrollment_id: UUID, expected_version: int | None = None
) -> PathEnrollment:
    """Takes back what is in review: the application for a stage, or the yearly review."""
    _, row = await access_enrollment(ctx, enrollment_id)
    expect_version(row, expected_version)
    if row.annual_state is AnnualState.IN_REVIEW:
        await reviews.withdraw(ctx, ReviewKind.PATH_ANNUAL, row)
        await row.change(now=ctx.now, annual_state=ANNUAL.after(row.annual_state, "withdraw"))
    else:
        state = PATH.after(row.state, "withdraw")
        await reviews.withdraw(ctx, REVIEWS[row.state], row)
        await row.change(now=ctx.now, state=state)
    tell(ctx, "path.application_withdrawn", row)
    ctx.effect("path.application_withdrawn", row, path=row.path.value)
    return row


async def due_enrollments(ctx: Context) -> list[UUID]:
    """Enrollments to whose year something is due: a window that opens, or a review that was not passed in time."""
    window = near_end(ctx, "valid_until", lambda policy: policy[PATHS_ANNUAL_WINDOW])
    opens = Q(window, annual_state=AnnualState.NOT_DUE)
    lapses = Q(annual_state=AnnualState.DUE, annual_due_at__lte=ctx.now)
    async with db.read(EVERYTHING):
        rows = PathEnrollment.filter(Q(opens | lapses), state__in=SETTLED).order_by("valid_until", "id")
        return [row.id for row in await rows.limit(BATCH).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("path.annual_review_opened", "path.annual_review_passed", "path.lapsed", "path.endangered"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def pass_path_year(ctx: Context, *, enrollment_id: UUID) -> PathEnrollment | None:
    """Opens the yearly review when its time has come, or lets a stage lapse whose review was not passed in time. One
    that valid solutions carry by themselves does not lapse: they pass its year.
    """
    own, row = await lock_enrollment(enrollment_id)
    if is_lapsing(row.state, row.annual_state, row.annual_due_at, now=ctx.now):
        known = await facts(ctx, own)
        if is_carried(PATHS[row.path], row.state, known.of(row), policy=ctx.policy_of(own)):
            await _pass(ctx, own, row, "carry")
        else:
            await _lapse(ctx, own, row, known)
        return row
    due = compute_annual_due(row.state, row.annual_state, row.valid_until, now=ctx.now, policy=ctx.policy_of(own))
    if due is None:
        return None
    await row.change(now=ctx.now, annual_state=ANNUAL.after(row.annual_state, "open"), annual_due_at=due)
    tell(ctx, "path.annual_review_opened", row)
    ctx.effect("path.annual_review_opened", row, path=row.path.value)
    ctx.notify("path_annual_due", own, about=row, facts={"path": PATHS[row.path].titles}, instants={"due": due})
    return row


async def _lapse(ctx: Context, own: Partner, row: PathEnrollment, known: Facts) -> None:
    """One stage down: a certified role with a certificate of its own again, or back to the choice without one. The role
    may be at risk, too.
    """
    state, annual = PATH.after(row.state, "lapse"), ANNUAL.after(row.annual_state, "lapse")
    none = {"annual_state": annual, "annual_due_at": None, "certificate_no": None, "valid_until": None}
    left = certificate(ctx, own, row, "lapse", since=ctx.now) if state is PathState.CERTIFIED else none
    await row.change(now=ctx.now, state=state, **left)
    tell(ctx, "path.lapsed", row)
    ctx.effect("path.lapsed", row, path=row.path.value)
    ctx.notify("path_lapsed", own, about=row, facts={"path": PATHS[row.path].titles})
    await weigh(ctx, own, row, known)
