"""Monitoring of events, and breaches of the fund's rules: what they end, and when applying is free again."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.funds import MdfCase, MdfViolation
from models.partners import Partner
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.funds.quotas import release
from resolvers.funds.scope import access_case
from resolvers.locking import lock_with_partner
from resolvers.reviews import engine as reviews
from rules.access import Permission
from rules.calendar import day_of
from rules.errors import ErrorCode, require
from rules.funds.kinds import MDF_CASE, MdfFinding, MdfSignal, MdfState, MdfViolationKind
from rules.funds.quotas import compute_year_end
from rules.funds.violations import ENDED_AT_ONCE, check_finding, check_penalty, check_void, is_over
from rules.reviews import ReviewKind
from rules.sites import Site

_BATCH = 500


@command(
    permission=Permission.FUNDS_DECIDE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REQUIRED),
    emits=("mdf_case.monitored",),
)
async def record_mdf_finding(ctx: Context, *, case_id: UUID, note: str, expected_version: int | None = None) -> MdfCase:
    """Records what was found while an event runs; partner and reviewers see it with the case."""
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    require(check_finding(row.state, note))
    finding = MdfFinding(MdfSignal.MONITORING, note.strip(), ctx.now.isoformat())
    await row.change(now=ctx.now, findings=[*row.findings, finding.data()])
    ctx.event("mdf_case.monitored", row, partner_id=own.id)
    ctx.effect("mdf_case.monitored", row)
    return row


@command(
    permission=Permission.FUNDS_DECIDE,
    refuses=(ErrorCode.REQUIRED,),
    emits=("mdf_violation.recorded", "mdf_case.voided"),
)
async def record_mdf_violation(ctx: Context, *, case_id: UUID, kind: MdfViolationKind, penalty: str) -> MdfViolation:
    """Records a breach of the fund's rules with its penalty: until the end of the calendar year the partner applies for
    nothing, and its drafts and applications in review are void. What was approved stays until you void it too.
    """
    own, row = await access_case(ctx, case_id)
    require(check_penalty(penalty))
    site = Site(own.site)
    today = day_of(ctx.now, site)
    until = compute_year_end(today, site)
    violation = await MdfViolation.insert(
        now=ctx.now,
        partner_id=own.id,
        case_id=row.id,
        kind=kind,
        penalty=penalty.strip(),
        year=today.year,
        decided_by=ctx.actor.account_id,
        decided_at=ctx.now,
        suspended_until=until,
    )
    opened = MdfCase.filter(partner_id=own.id, state__in=ENDED_AT_ONCE)
    for one in await opened.select_for_update().order_by("id"):
        await _void(ctx, own, one)
    ctx.event("mdf_violation.recorded", violation, partner_id=own.id, kind=kind.value)
    ctx.effect("mdf_violation.recorded", violation)
    names, facts = {"activity": row}, {"penalty": penalty.strip()}
    ctx.notify("mdf_violation_recorded", own, about=violation, names=names, instants={"until": until}, facts=facts)
    return violation


@command(
    permission=Permission.FUNDS_DECIDE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED),
    emits=("mdf_case.voided",),
)
async def end_mdf_case(ctx: Context, *, case_id: UUID, reason: str, expected_version: int | None = None) -> MdfCase:
    """Voids a case because of a violation, with a reason; what it held of the quota is free again."""
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    require(check_void(row.state, reason))
    ctx.audit(reason=reason.strip())
    await _void(ctx, own, row, reason.strip())
    ctx.notify("mdf_case_voided", own, about=row, names={"activity": row}, facts={"reason": reason.strip()})
    return row


async def _void(ctx: Context, own: Partner, row: MdfCase, reason: str | None = None) -> None:
    if row.state is MdfState.USE_REVIEW:
        await reviews.withdraw(ctx, ReviewKind.MDF_APPLICATION, row)
    await release(ctx, row)
    state = MDF_CASE.after(row.state, "void")
    await row.change(now=ctx.now, state=state, reserved=0, due_at=None, noticed_days=None, reason=reason)
    ctx.event("mdf_case.voided", row, partner_id=own.id)
    ctx.effect("mdf_case.voided", row)


async def ended_mdf_suspensions(ctx: Context) -> list[UUID]:
    """Violations whose year is over and that are not marked so."""
    async with db.read(EVERYTHING):
        rows = MdfViolation.filter(lifted_at__isnull=True, suspended_until__lte=ctx.now)
        return [row.id for row in await rows.order_by("suspended_until", "id").limit(_BATCH).only("id")]


@command(permission=Permission.RUN_SCHEDULES, emits=("mdf_violation.lifted",), key=Key.OPTIONAL, as_system=True)
async def lift_mdf_suspension(ctx: Context, *, violation_id: UUID) -> MdfViolation | None:
    """Marks a suspension as lifted when its year is over; with the last one its partner is told that it may apply."""
    own, row = await lock_with_partner(MdfViolation, violation_id)
    if not is_over(row.suspended_until, row.lifted_at, now=ctx.now):
        return None
    await row.change(now=ctx.now, lifted_at=ctx.now)
    ctx.event("mdf_violation.lifted", row, partner_id=row.partner_id)
    ctx.effect("mdf_violation.lifted", row)
    if not await MdfViolation.filter(partner_id=own.id, lifted_at__isnull=True).exists():
        ctx.notify("mdf_suspension_lifted", own, about=row)
    return row
