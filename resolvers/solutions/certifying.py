"""Solutions from the draft to the verdict, and the end of their certifications."""

from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.scope import EVERYTHING
from models.partners import Partner
from models.solutions import Solution, SolutionShare
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.paths.certifying import follow_achievements, follow_lapse
from resolvers.paths.facts import stages_of
from resolvers.reviews import engine as reviews
from resolvers.solutions.scope import access_solution, lock_solution
from resolvers.system import near_end
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.paths import PathCode
from rules.policy import SOLUTIONS_RECERTIFICATION_WINDOW
from rules.reviews import ReviewKind, check_reason
from rules.solutions import (
    SOLUTION,
    SolutionFields,
    SolutionForm,
    SolutionKind,
    SolutionState,
    check_may_create,
    check_submission,
    compute_certified_until,
    compute_due_event,
    compute_rejection,
)

BATCH = 500


@command(permission=Permission.SOLUTIONS_EDIT, refuses=(ErrorCode.SOFTWARE_PATH_REQUIRED,), emits=("solution.created",))
async def create_solution(
    ctx: Context,
    *,
    kind: SolutionKind,
    form: SolutionForm,
    name: str,
    description: str | None = None,
    industry: str | None = None,
    services: list[str] | None = None,
    contact_name: str | None = None,
    contact_mobile: str | None = None,
    contact_email: str | None = None,
) -> Solution:
    """Begins a solution as a draft; only partners on the software path have them. What is missing may come later."""
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    require(check_may_create((await stages_of([own.id]))[own.id].get(PathCode.SOFTWARE)))
    row = await Solution.insert(
        now=ctx.now,
        partner_id=own.id,
        company_id=own.company_id,
        kind=kind,
        form=form,
        state=SolutionState.DRAFT,
        name=name,
        description=description or "",
        industry=industry or "",
        services=services or [],
        contact_name=contact_name or "",
        contact_mobile=contact_mobile or "",
        contact_email=contact_email or "",
    )
    ctx.event("solution.created", row, partner_id=own.id, kind=kind.value)
    ctx.effect("solution.created", row)
    return row


@command(permission=Permission.SOLUTIONS_EDIT, refuses=(ErrorCode.STATE_CONFLICT,), emits=("solution.changed",))
async def update_solution(
    ctx: Context,
    *,
    solution_id: UUID,
    name: str | None = None,
    description: str | None = None,
    industry: str | None = None,
    services: list[str] | None = None,
    contact_name: str | None = None,
    contact_mobile: str | None = None,
    contact_email: str | None = None,
    expected_version: int | None = None,
) -> Solution:
    """Changes what a solution says while nobody reviews it; what is not given stays."""
    own, row = await access_solution(ctx, solution_id)
    expect_version(row, expected_version)
    require(SOLUTION.check(row.state, "change"))
    given = {
        "name": name,
        "description": description,
        "industry": industry,
        "services": services,
        "contact_name": contact_name,
        "contact_mobile": contact_mobile,
        "contact_email": contact_email,
    }
    await row.change(now=ctx.now, **{column: value for column, value in given.items() if value is not None})
    ctx.event("solution.changed", row, partner_id=own.id)
    ctx.effect("solution.changed", row)
    return row


@command(
    permission=Permission.SOLUTIONS_EDIT,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.REQUIRED,
        ErrorCode.MOBILE_INVALID,
        ErrorCode.MOBILE_NOT_OF_SITE,
        ErrorCode.EMAIL_INVALID,
        ErrorCode.SOFTWARE_PATH_REQUIRED,
    ),
    emits=("solution.submitted",),
)
async def submit_solution(ctx: Context, *, solution_id: UUID, expected_version: int | None = None) -> Solution:
    """Submits a solution for certification, or a certified one near its end for the next; the old certification keeps
    until its end.
    """
    own, row = await access_solution(ctx, solution_id)
    expect_version(row, expected_version)
    stage = (await stages_of([own.id]))[own.id].get(PathCode.SOFTWARE)
    require(check_submission(row.state, fields_of(row), policy=ctx.policy_of(own)) + check_may_create(stage))
    await row.change(now=ctx.now, state=SOLUTION.after(row.state, "submit"), reason=None)
    await reviews.submit(ctx, ReviewKind.SOLUTION, row, own)
    ctx.event("solution.submitted", row, partner_id=own.id)
    ctx.effect("solution.submitted", row)
    return row


def fields_of(row: Solution) -> SolutionFields:
    """The form's fields as the rule takes them."""
    contact = (row.contact_name, row.contact_mobile, row.contact_email)
    return SolutionFields(row.name, row.description, row.industry, tuple(row.services), *contact)


async def decide_solution(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> Solution:
    """The verdict on a solution; a certified one lets its partner rise on the software path, and those that share it
    already. Its company's other accounts may share it.
    """
    own, row = await access_solution(ctx, subject_id)
    event = "approve" if approve else compute_rejection(row.valid_until, now=ctx.now)
    require(SOLUTION.check(row.state, event) + check_reason(approve, reason))
    await reviews.settle(ctx, ReviewKind.SOLUTION, row, approve, reason)
    state = SOLUTION.after(row.state, event)
    if not approve:
        await row.change(now=ctx.now, state=state, reason=str(reason).strip())
        ctx.event("solution.rejected", row, partner_id=own.id)
        ctx.effect("solution.rejected", row)
        told = {"reason": str(reason).strip()}
        ctx.notify("solution_rejected", own, about=row, names={"solution": row}, facts=told)
        return row
    until = compute_certified_until(ctx.now, policy=ctx.policy_of(own))
    await row.change(now=ctx.now, state=state, reason=None, certified_at=ctx.now, valid_until=until, lapsed_at=None)
    ctx.event("solution.certified", row, partner_id=own.id, kind=row.kind.value)
    ctx.effect("solution.certified", row)
    ctx.notify("solution_certified", own, about=row, names={"solution": row}, instants={"until": until})
    sharers = await _lock_sharers(row)
    for partner in (own, *sharers):
        await follow_achievements(ctx, partner)
    await _offer_to_siblings(ctx, own, row, sharers)
    return row


async def _lock_sharers(row: Solution) -> list[Partner]:
    """The partners that rest on the certification of another one's solution, locked in the order of their ids."""
    shares = await SolutionShare.filter(solution_id=row.id).only("partner_id")
    rows = Partner.filter(id__in=[share.partner_id for share in shares]).order_by("id")
    return await rows.select_for_update(no_key=True)


async def _offer_to_siblings(ctx: Context, own: Partner, row: Solution, sharers: list[Partner]) -> None:
    siblings = await Partner.filter(company_id=own.company_id).exclude(id__in=[own.id, *(one.id for one in sharers)])
    ctx.notify("solution_sharable", siblings, about=row, names={"solution": row, "partner": own})


async def due_solutions(ctx: Context) -> list[UUID]:
    """Certifications to which time does something: those near their end, and those over that nobody has dealt with."""
    window = near_end(ctx, "valid_until", lambda policy: policy[SOLUTIONS_RECERTIFICATION_WINDOW])
    near = Q(window, state=SolutionState.CERTIFIED)
    over = Q(valid_until__lte=ctx.now, lapsed_at__isnull=True)
    async with db.read(EVERYTHING):
        return [row.id for row in await Solution.filter(near | over).order_by("valid_until").limit(BATCH).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("solution.near_end_noticed", "solution.expired", "path.endangered"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def pass_solution_time(ctx: Context, *, solution_id: UUID) -> Solution | None:
    """Tells a partner that a certification nears its end; ends it, and puts at risk the stages of all that rest on it
    and on nothing else.
    """
    own, row = await lock_solution(solution_id)
    if compute_due_event(row.state, row.valid_until, now=ctx.now, policy=ctx.policy_of(own)) == "near_end":
        await row.change(now=ctx.now, state=SOLUTION.after(row.state, "near_end"))
        ctx.event("solution.near_end_noticed", row, partner_id=own.id)
        ctx.effect("solution.near_end_noticed", row)
        until = row.valid_until or ctx.now
        ctx.notify("solution_expiring", own, about=row, names={"solution": row}, instants={"until": until})
    if row.valid_until is None or ctx.now < row.valid_until or row.lapsed_at is not None:
        return row
    state = SOLUTION.target(row.state, "expire") or row.state
    await row.change(now=ctx.now, state=state, lapsed_at=ctx.now)
    ctx.event("solution.expired", row, partner_id=own.id)
    ctx.effect("solution.expired", row)
    for partner in (own, *await _lock_sharers(row)):
        ctx.notify("solution_expired", partner, about=row, names={"solution": row})
        await follow_lapse(ctx, partner)
    return row
