"""Rising on a path: applications for a stage, what solutions bring about by themselves, the vendor's verdicts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from core.i18n import Locale, translate
from models.partners import Partner
from models.paths import PathEnrollment
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.paths.facts import Facts, facts, requirements_of
from resolvers.paths.scope import access_enrollment
from resolvers.paths.telling import tell
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.paths import (
    ANNUAL,
    LIVE,
    PATH,
    PATHS,
    AnnualState,
    PathStage,
    PathState,
    check_stage,
    compute_automatic,
    compute_certificate_no,
    compute_due_after_rejection,
    compute_valid_until,
    is_at_risk,
)
from rules.reviews import ReviewKind, check_reason
from rules.sites import Site

REVIEWS = {
    PathState.ROLE_REVIEW: ReviewKind.PATH_ROLE,
    PathState.DIFFERENTIATION_REVIEW: ReviewKind.PATH_DIFFERENTIATION,
}
"""The review that is open in a state."""


async def reach(ctx: Context, own: Partner, row: PathEnrollment, state: PathState, known: Facts) -> None:
    """Takes an enrollment to a certified state: a new certificate, the event, the message. What the stage rests on may
    have ended since it was applied for.
    """
    next_one = certificate(ctx, own, row, "settle", since=ctx.now)
    if state is PathState.DIFFERENTIATED:
        await row.change(now=ctx.now, state=state, differentiated_at=ctx.now, **next_one)
        tell(ctx, "path.differentiated", row)
        ctx.effect("path.differentiated", row, path=row.path.value)
    else:
        await row.change(now=ctx.now, state=state, certified_at=ctx.now, **next_one)
        tell(ctx, "path.certified", row)
        ctx.effect("path.certified", row, path=row.path.value)
    stage = {locale.value: translate(f"enums.PathState.{state.value}", locale) for locale in Locale}
    ctx.notify(
        "path_stage_reached",
        own,
        about=row,
        facts={"path": PATHS[row.path].titles, "stage": stage, "number": str(row.certificate_no)},
        instants={"until": row.valid_until or ctx.now},
    )
    await weigh(ctx, own, row, known)


async def weigh(ctx: Context, own: Partner, row: PathEnrollment, known: Facts) -> None:
    """Puts a stage at risk that rests on what is over, and tells the partner; takes away what is no risk any more."""
    danger = is_at_risk(PATHS[row.path], row.state, known.of(row), policy=ctx.policy_of(own))
    if danger is row.at_risk:
        return
    await row.change(now=ctx.now, at_risk=danger)
    if danger:
        tell(ctx, "path.endangered", row)
        ctx.effect("path.endangered", row, path=row.path.value)
        ctx.notify("path_at_risk", own, about=row, facts={"path": PATHS[row.path].titles})


def certificate(ctx: Context, own: Partner, row: PathEnrollment, event: str, *, since: datetime) -> dict[str, Any]:
    """The columns of the next certificate, which holds a year from `since`; `event` ends the yearly review with it."""
    serial = row.certificates + 1
    return {
        "certificates": serial,
        "certificate_no": compute_certificate_no(PATHS[row.path], Site(own.site), row.id, serial),
        "valid_until": compute_valid_until(since, policy=ctx.policy_of(own)),
        "annual_state": ANNUAL.after(row.annual_state, event),
        "annual_due_at": None,
        "reason": None,
    }


async def follow_achievements(ctx: Context, own: Partner) -> None:
    """Lets a partner rise, without a review, as far as its solutions carry it, and takes risks away that are none any
    more. The partner is locked already.
    """
    known, policy = await facts(ctx, own), ctx.policy_of(own)
    for row in await PathEnrollment.filter(partner_id=own.id, state__in=LIVE).select_for_update().order_by("id"):
        if row.at_risk and not is_at_risk(PATHS[row.path], row.state, known.of(row), policy=policy):
            await row.change(now=ctx.now, at_risk=False)
        for event in compute_automatic(PATHS[row.path], row.state, known.of(row), policy=policy):
            if row.state in REVIEWS:
                await reviews.withdraw(ctx, REVIEWS[row.state], row)
            if row.annual_state is AnnualState.IN_REVIEW:
                await reviews.withdraw(ctx, ReviewKind.PATH_ANNUAL, row)
            await reach(ctx, own, row, PATH.after(row.state, event), known)


async def follow_lapse(ctx: Context, own: Partner) -> None:
    """Puts stages at risk that rested on a certification or label which is over, when no other one carries them. They
    stay until the yearly review. The partner is locked already.
    """
    known = await facts(ctx, own)
    rows = PathEnrollment.filter(partner_id=own.id, state__in=LIVE, at_risk=False)
    for row in await rows.select_for_update().order_by("id"):
        await weigh(ctx, own, row, known)


_APPLICATION_REFUSALS = (ErrorCode.STATE_CONFLICT, ErrorCode.REQUIREMENTS_NOT_MET)


@command(
    permission=Permission.PATHS_CHOOSE,
    refuses=_APPLICATION_REFUSALS,
    emits=("path.role_applied", "path.certified", "path.differentiated"),
)
async def apply_role_validation(
    ctx: Context, *, enrollment_id: UUID, case_materials: str | None = None, expected_version: int | None = None
) -> PathEnrollment:
    """Applies for the validation of a path's role, once all its requirements are met. Handed-in case materials are kept
    for a later try. Where a certified solution is all that is asked, the role is certified without a review.
    """
    own, row = await access_enrollment(ctx, enrollment_id)
    expect_version(row, expected_version)
    known, stage = await facts(ctx, own), PathStage.CERTIFIED
    _require_stage(ctx, own, row, stage, known, case_materials=case_materials)
    if compute_automatic(PATHS[row.path], row.state, known.of(row), policy=ctx.policy_of(own)):
        await follow_achievements(ctx, own)
        return await PathEnrollment.get(id=row.id)
    await _submit(ctx, own, row, "apply_role", case_materials=case_materials or row.case_materials)
    tell(ctx, "path.role_applied", row)
    ctx.effect("path.role_applied", row, path=row.path.value)
    return row


@command(
    permission=Permission.PATHS_CHOOSE,
    refuses=(*_APPLICATION_REFUSALS, ErrorCode.PATH_NO_DIFFERENTIATION),
    emits=("path.differentiation_applied",),
)
async def apply_differentiation(
    ctx: Context, *, enrollment_id: UUID, business_plan: str | None = None, expected_version: int | None = None
) -> PathEnrollment:
    """Applies for the highest stage of a path, once all its requirements are met. A handed-in business plan is kept for
    a later try. A yearly review that is due stays due: taken back, the application has put nothing off.
    """
    own, row = await access_enrollment(ctx, enrollment_id)
    expect_version(row, expected_version)
    _require_stage(ctx, own, row, PathStage.DIFFERENTIATED, await facts(ctx, own), business_plan=business_plan)
    await _submit(
        ctx,
        own,
        row,
        "apply_differentiation",
        business_plan=business_plan or row.business_plan,
    )
    tell(ctx, "path.differentiation_applied", row)
    ctx.effect("path.differentiation_applied", row, path=row.path.value)
    return row


def _require_stage(
    ctx: Context, own: Partner, row: PathEnrollment, stage: PathStage, known: Facts, **documents: str | None
) -> None:
    asked = requirements_of(row, stage, known, policy=ctx.policy_of(own), **documents)
    require(check_stage(PATHS[row.path], row.state, row.annual_state, stage, asked))


async def _submit(ctx: Context, own: Partner, row: PathEnrollment, event: str, **more: Any) -> None:
    state = PATH.after(row.state, event)
    await row.change(now=ctx.now, state=state, reason=None, **more)
    await reviews.submit(ctx, REVIEWS[state], row, own)


async def decide_path_stage(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> PathEnrollment:
    """The verdict on an application for a stage; the partner is told. A rejected one may be corrected and repeated."""
    own, row = await access_enrollment(ctx, subject_id)
    event = "approve" if approve else "reject"
    require(PATH.check(row.state, event) + check_reason(approve, reason))
    await reviews.settle(ctx, REVIEWS[row.state], row, approve, reason)
    state = PATH.after(row.state, event)
    if approve:
        await reach(ctx, own, row, state, await facts(ctx, own))
        return row
    due, policy = row.annual_due_at, ctx.policy_of(own)
    later = compute_due_after_rejection(row.annual_state, due, now=ctx.now, policy=policy)
    await row.change(now=ctx.now, state=state, reason=str(reason).strip(), annual_due_at=later)
    tell(ctx, "path.stage_rejected", row)
    ctx.effect("path.stage_rejected", row, path=row.path.value)
    ctx.notify("path_stage_rejected", own, about=row, facts={"path": PATHS[row.path].titles, "reason": str(row.reason)})
    if later is not None and later != due:
        ctx.notify("path_annual_due", own, about=row, facts={"path": PATHS[row.path].titles}, instants={"due": later})
    return row
