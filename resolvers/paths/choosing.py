"""Taking a path: the vendor's invitation, its acceptance, choosing by oneself; and leaving it again."""

from uuid import UUID

from core import db
from core.ids import encode_id
from core.scope import EVERYTHING
from core.tokens import link
from models.partners import Partner
from models.paths import PathEnrollment
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.partners.scope import access_partner
from resolvers.paths.certifying import follow_achievements
from resolvers.paths.facts import facts
from resolvers.paths.scope import access_enrollment
from resolvers.paths.telling import tell
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.paths import (
    ANNUAL,
    PATH,
    PATHS,
    AnnualState,
    PathCode,
    PathState,
    check_accept,
    check_path_exit,
    check_path_invite,
    check_recorded_exit,
    check_select,
    compute_invited_until,
)
from rules.reviews import ReviewKind

BATCH = 500


@command(
    permission=Permission.PATHS_INVITE,
    refuses=(ErrorCode.PATH_NOT_INVITABLE, ErrorCode.PATH_ALREADY_CHOSEN, ErrorCode.HCPN_REQUIRED),
    emits=("path.invited", "path.invitation_expired"),
    sensitive=True,
)
async def invite_to_path(ctx: Context, *, partner_id: UUID, path: PathCode) -> PathEnrollment:
    """Invites a partner to a path that is taken by invitation only. Its administrators are told; the invitation opens
    for some weeks.
    """
    invited = await access_partner(ctx, partner_id, "input", "partnerId")
    await _expire_overdue(ctx, invited, path)
    require(check_path_invite((await facts(ctx, invited)).traveller, PATHS[path]))
    until = compute_invited_until(ctx.now, policy=ctx.policy_of(invited))
    enrollment = await PathEnrollment.insert(
        now=ctx.now,
        partner_id=invited.id,
        company_id=invited.company_id,
        path=path,
        state=PathState.INVITED,
        annual_state=AnnualState.NOT_DUE,
        invited_at=ctx.now,
        invited_until=until,
    )
    tell(ctx, "path.invited", enrollment)
    ctx.effect("path.invited", enrollment, path=path.value)
    page = link(ctx.settings.public_url, "path-invitation", encode_id(PathEnrollment.prefix, enrollment.id))
    ctx.notify(
        "path_invited",
        invited,
        about=enrollment,
        facts={"path": PATHS[path].titles, "link": page},
        instants={"until": until},
    )
    return enrollment


async def _expire_overdue(ctx: Context, invited: Partner, path: PathCode) -> None:
    """An invitation that opens no more must not keep the next one away until the clock has had its turn."""
    rows = PathEnrollment.filter(
        partner_id=invited.id, path=path, state=PathState.INVITED, invited_until__lte=ctx.now
    ).select_for_update()
    for row in await rows:
        await expire(ctx, row)


async def expire(ctx: Context, row: PathEnrollment) -> None:
    """Ends an invitation that was not accepted in time; the partner is told."""
    await row.change(now=ctx.now, state=PATH.after(row.state, "expire"), ended_at=ctx.now)
    tell(ctx, "path.invitation_expired", row)
    ctx.effect("path.invitation_expired", row, path=row.path.value)
    partner = await Partner.get(id=row.partner_id)
    ctx.notify("path_invitation_expired", partner, about=row, facts={"path": PATHS[row.path].titles})


@command(
    permission=Permission.PATHS_CHOOSE,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.PATH_INVITATION_EXPIRED,
        ErrorCode.HCPN_REQUIRED,
        ErrorCode.PATH_TAKEN_BY_SIBLING,
    ),
    emits=("path.selected", "path.certified", "path.differentiated"),
)
async def accept_path_invitation(
    ctx: Context, *, enrollment_id: UUID, expected_version: int | None = None
) -> PathEnrollment:
    """Takes the path that the vendor has invited to."""
    own, row = await access_enrollment(ctx, enrollment_id)
    expect_version(row, expected_version)
    known = await facts(ctx, own)
    require(check_accept(row.state, row.invited_until, known.traveller, PATHS[row.path], now=ctx.now))
    await row.change(now=ctx.now, state=PATH.after(row.state, "accept"), selected_at=ctx.now)
    return await _enter(ctx, own, row)


@command(
    permission=Permission.PATHS_CHOOSE,
    refuses=(
        ErrorCode.PATH_INVITE_ONLY,
        ErrorCode.PATH_ALREADY_CHOSEN,
        ErrorCode.HCPN_REQUIRED,
        ErrorCode.PATH_TAKEN_BY_SIBLING,
    ),
    emits=("path.selected", "path.certified", "path.differentiated"),
)
async def select_path(ctx: Context, *, path: PathCode) -> PathEnrollment:
    """Chooses a path. A partner may be on several; a path with one place for each company is refused while another
    account of the company is on it. With a certified solution the software path's role is certified at once.
    """
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update().get()
    require(check_select((await facts(ctx, own)).traveller, PATHS[path]))
    row = await PathEnrollment.insert(
        now=ctx.now,
        partner_id=own.id,
        company_id=own.company_id,
        path=path,
        state=PathState.SELECTED,
        annual_state=AnnualState.NOT_DUE,
        selected_at=ctx.now,
    )
    return await _enter(ctx, own, row)


async def _enter(ctx: Context, own: Partner, row: PathEnrollment) -> PathEnrollment:
    tell(ctx, "path.selected", row)
    ctx.effect("path.selected", row, path=row.path.value)
    ctx.notify("path_selected", own, about=row, facts={"path": PATHS[row.path].titles})
    await follow_achievements(ctx, own)
    return await PathEnrollment.get(id=row.id)


@command(
    permission=Permission.PATHS_CHOOSE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.PATH_EXIT_BLOCKED),
    emits=("path.exited",),
)
async def exit_path(ctx: Context, *, enrollment_id: UUID, expected_version: int | None = None) -> PathEnrollment:
    """Leaves a path before its role is validated; `exitBlockers` of the path says what stands in the way. The place of
    the company becomes free.
    """
    own, row = await access_enrollment(ctx, enrollment_id)
    expect_version(row, expected_version)
    require(check_path_exit(row.state, (await facts(ctx, own)).ties))
    return await _leave(ctx, own, row, None)


@command(
    permission=Permission.PATHS_DECIDE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED),
    emits=("path.exited",),
)
async def record_path_exit(
    ctx: Context, *, enrollment_id: UUID, reason: str, expected_version: int | None = None
) -> PathEnrollment:
    """Records that a partner has left a path that it cannot leave by itself, as agreed with its ecosystem manager."""
    own, row = await access_enrollment(ctx, enrollment_id)
    expect_version(row, expected_version)
    require(check_recorded_exit(row.state, reason))
    return await _leave(ctx, own, row, reason.strip())


async def _leave(ctx: Context, own: Partner, row: PathEnrollment, reason: str | None) -> PathEnrollment:
    if row.annual_state is AnnualState.IN_REVIEW:
        await reviews.withdraw(ctx, ReviewKind.PATH_ANNUAL, row)
    state, annual = PATH.after(row.state, "exit"), ANNUAL.after(row.annual_state, "exit")
    await row.change(
        now=ctx.now,
        state=state,
        ended_at=ctx.now,
        reason=reason,
        annual_state=annual,
        annual_due_at=None,
        at_risk=False,
    )
    tell(ctx, "path.exited", row)
    ctx.effect("path.exited", row, path=row.path.value)
    ctx.notify("path_exited", own, about=row, facts={"path": PATHS[row.path].titles})
    return row


async def overdue_path_invitations(ctx: Context) -> list[UUID]:
    """Invitations past their end that nobody accepted, oldest end first."""
    async with db.read(EVERYTHING):
        rows = PathEnrollment.filter(state=PathState.INVITED, invited_until__lte=ctx.now)
        return [row.id for row in await rows.order_by("invited_until", "id").limit(BATCH).only("id")]


@command(permission=Permission.RUN_SCHEDULES, emits=("path.invitation_expired",), key=Key.OPTIONAL, as_system=True)
async def expire_path_invitation(ctx: Context, *, enrollment_id: UUID) -> PathEnrollment | None:
    """Marks an invitation to a path that opens no more; the partner is told, and may be invited again."""
    row = await PathEnrollment.filter(id=enrollment_id, state=PathState.INVITED).select_for_update().first()
    if row is None or row.invited_until is None or ctx.now < row.invited_until:
        return None
    await expire(ctx, row)
    return row
