"""Applying for project specialists and for their cancellation; the vendor's verdicts on both."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from uuid import UUID

from models.accounts import Account
from models.partners import Partner
from models.specialists import SpecialistApplication, SpecialistBinding, SpecialistCancellation
from resolvers import uploads
from resolvers.batch import Batch, each
from resolvers.command import command, expect_version
from resolvers.context import Context, Somebody
from resolvers.members.scope import access_member
from resolvers.paths.facts import enrolled_paths
from resolvers.reviews import engine as reviews
from resolvers.reviews.flows import Flow
from resolvers.specialists.facts import base_locations
from resolvers.specialists.scope import access_any_binding, access_binding
from rules.access import Permission, Role
from rules.accounts import AccountStatus
from rules.documents import Document
from rules.errors import ErrorCode, refuse, require
from rules.members import QUALIFIED_ROLES
from rules.paths import PathCode
from rules.reviews import ReviewKind, check_reason
from rules.specialists import (
    BINDING,
    DeployMode,
    Form,
    check_apply,
    check_assign,
    check_cancel,
    check_form,
)


@command(
    permission=Permission.SPECIALISTS_APPLY,
    refuses=(
        ErrorCode.PATH_REQUIRED,
        ErrorCode.REQUIRED,
        ErrorCode.OUT_OF_RANGE,
        ErrorCode.TOO_MANY,
        *uploads.REFUSALS,
        ErrorCode.REPEATED,
        ErrorCode.STATE_CONFLICT,
        ErrorCode.BASE_LOCATION_MISSING,
    ),
    emits=("specialist.submitted",),
    sensitive=True,
)
async def apply_for_specialists(
    ctx: Context,
    *,
    binding_ids: list[UUID],
    path: PathCode,
    deploy_mode: DeployMode | None = None,
    upload_ids: Sequence[UUID],
) -> Batch[SpecialistBinding]:
    """Applies for bound employees as project specialists of a path that your partner is on. The vendor reviews each.

    Everybody's base location is taken from what the person tells of its employment. The service path asks for a deploy
    mode. Each person has its own result.
    """
    # Locked, as whoever leaves a path has it: the paths must not change until the applications are made.
    own = await Partner.filter(id=ctx.actor.partner_id).select_for_update(no_key=True).get()
    documents, wrong = await uploads.find_documents(ctx, upload_ids, "input", "documentIds")
    form = Form(path, deploy_mode, documents)
    require(wrong + check_form(form, await enrolled_paths(own.id), handed_in=len(upload_ids)))
    rows = SpecialistBinding.filter(id__in=binding_ids, partner_id=own.id).select_for_update(no_key=True).order_by("id")
    held = {row.id: row for row in await rows}
    locations = await base_locations(held.values())

    async def one(binding_id: UUID, place: tuple[str, ...]) -> SpecialistBinding:
        binding = held.get(binding_id)
        if binding is None:
            raise refuse(ErrorCode.NOT_FOUND, *place)
        location = locations.get(binding.account_id)
        require(check_apply(binding.state, location, place=place))
        return await _submit(ctx, own, binding, form, str(location))

    return await each(ctx, binding_ids, one, "input", "ids")


async def _submit(
    ctx: Context, own: Partner, binding: SpecialistBinding, form: Form, base_location: str
) -> SpecialistBinding:
    await SpecialistApplication.insert(
        now=ctx.now,
        binding_id=binding.id,
        partner_id=own.id,
        account_id=binding.account_id,
        path=form.path,
        deploy_mode=form.deploy_mode,
        base_location=base_location,
        documents=[asdict(one) for one in form.documents],
        applied_by=ctx.actor.account_id,
    )
    await binding.change(now=ctx.now, state=BINDING.after(binding.state, "apply"))
    await reviews.submit(ctx, ReviewKind.SPECIALIST, binding, own)
    await _hold_roles(ctx, binding, QUALIFIED_ROLES)
    ctx.event("specialist.submitted", binding, path=form.path.value)
    ctx.effect("specialist.submitted", binding)
    return binding


async def _hold_roles(ctx: Context, binding: SpecialistBinding, roles: Collection[Role] = ()) -> None:
    """From now on the member that the person is keeps these roles, and none but these for the review's sake.

    One that was removed has none to keep.
    """
    if binding.member_id is None:
        return
    member = await Account.filter(id=binding.member_id).select_for_update(no_key=True).get()
    if member.status is not AccountStatus.DELETED:
        await member.change(now=ctx.now, roles_in_review=sorted(role.value for role in roles))


@command(
    permission=Permission.SPECIALISTS_APPLY,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.REASON_REQUIRED,
        *uploads.REFUSALS,
    ),
    emits=("specialist.cancellation_requested",),
    sensitive=True,
)
async def request_specialist_cancellation(
    ctx: Context, *, binding_id: UUID, reason: str, upload_id: UUID, expected_version: int | None = None
) -> SpecialistBinding:
    """Asks the vendor to cancel a project specialist, who stays one until the vendor has agreed."""
    binding = await access_binding(ctx, binding_id)
    expect_version(binding, expected_version)
    file, wrong = await uploads.find_document(ctx, upload_id, "input", "documentId")
    require(wrong + check_cancel(binding.state, reason))
    own = await Partner.get(id=binding.partner_id)
    await _record_cancellation(ctx, binding, reason, file)
    await binding.change(now=ctx.now, state=BINDING.after(binding.state, "request_cancellation"))
    await reviews.submit(ctx, ReviewKind.SPECIALIST_CANCELLATION, binding, own)
    ctx.event("specialist.cancellation_requested", binding)
    ctx.effect("specialist.cancellation_requested", binding)
    return binding


async def _record_cancellation(ctx: Context, binding: SpecialistBinding, reason: str, file: Document | None) -> None:
    await SpecialistCancellation.insert(
        now=ctx.now,
        binding_id=binding.id,
        partner_id=binding.partner_id,
        account_id=binding.account_id,
        by_vendor=file is None,
        reason=reason.strip(),
        document=None if file is None else asdict(file),
        requested_by=ctx.actor.account_id,
    )


@command(
    permission=Permission.SPECIALISTS_APPLY,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("specialist.cancellation_withdrawn",),
)
async def withdraw_specialist_cancellation(
    ctx: Context, *, binding_id: UUID, expected_version: int | None = None
) -> SpecialistBinding:
    """Takes a request to cancel a project specialist back, before the vendor has decided."""
    binding = await access_binding(ctx, binding_id)
    expect_version(binding, expected_version)
    require(BINDING.check(binding.state, "withdraw_cancellation"))
    await reviews.withdraw(ctx, ReviewKind.SPECIALIST_CANCELLATION, binding)
    await binding.change(now=ctx.now, state=BINDING.after(binding.state, "withdraw_cancellation"))
    ctx.event("specialist.cancellation_withdrawn", binding)
    ctx.effect("specialist.cancellation_withdrawn", binding)
    return binding


@command(
    permission=Permission.SPECIALISTS_DECIDE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED),
    emits=("specialist.cancelled",),
    sensitive=True,
)
async def cancel_specialist(
    ctx: Context, *, binding_id: UUID, reason: str, expected_version: int | None = None
) -> SpecialistBinding:
    """Cancels a project specialist by the vendor's own decision; the account stays bound. Both sides are told why."""
    binding = await access_any_binding(ctx, binding_id)
    expect_version(binding, expected_version)
    partner = await Partner.get(id=binding.partner_id)
    require(check_cancel(binding.state, reason, by_vendor=True))
    await _record_cancellation(ctx, binding, reason, None)
    await binding.change(now=ctx.now, state=BINDING.after(binding.state, "cancel_by_vendor"))
    ctx.audit(reason=reason.strip())
    ctx.event("specialist.cancelled", binding, partner_id=partner.id, state=binding.state.value)
    ctx.effect("specialist.cancelled", binding)
    told = (partner, Somebody(Account, binding.account_id))
    facts = {"reason": reason.strip()}
    ctx.notify("specialist_vendor_cancelled", told, about=binding, names={"person": binding}, facts=facts)
    return binding


async def decide_application(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> SpecialistBinding:
    """The vendor's verdict on an application: a project specialist, or the reason why not."""
    binding = await access_any_binding(ctx, subject_id)
    event = "approve_application" if approve else "reject_application"
    require(BINDING.check(binding.state, event) + check_reason(approve, reason))
    await reviews.settle(ctx, ReviewKind.SPECIALIST, binding, approve, reason)
    await _hold_roles(ctx, binding)
    return await _tell_verdict(ctx, binding, event, reason)


async def decide_cancellation(
    ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None
) -> SpecialistBinding:
    """The vendor's verdict on a cancellation: a specialist no longer, or one as before."""
    binding = await access_any_binding(ctx, subject_id)
    event = "approve_cancellation" if approve else "reject_cancellation"
    require(BINDING.check(binding.state, event) + check_reason(approve, reason))
    await reviews.settle(ctx, ReviewKind.SPECIALIST_CANCELLATION, binding, approve, reason)
    return await _tell_verdict(ctx, binding, event, reason)


async def _tell_verdict(ctx: Context, binding: SpecialistBinding, event: str, reason: str | None) -> SpecialistBinding:
    happened, template = {
        "approve_application": ("specialist.approved", "specialist_approved"),
        "reject_application": ("specialist.rejected", "specialist_rejected"),
        "approve_cancellation": ("specialist.cancelled", "specialist_cancelled"),
        "reject_cancellation": ("specialist.cancellation_rejected", "specialist_cancellation_rejected"),
    }[event]
    await binding.change(now=ctx.now, state=BINDING.after(binding.state, event))
    partner = await Partner.get(id=binding.partner_id)
    ctx.event(happened, binding, partner_id=partner.id, state=binding.state.value)
    ctx.effect(happened, binding)
    facts = {} if event.startswith("approve") else {"reason": str(reason).strip()}
    ctx.notify(template, partner, about=binding, names={"person": binding}, facts=facts)
    told = {"approve_application": "specialist_appointed", "approve_cancellation": "specialist_dismissed"}.get(event)
    if told is not None:
        ctx.notify(told, Somebody(Account, binding.account_id), about=binding, names={"partner": partner})
    return binding


@command(
    permission=Permission.SPECIALISTS_APPLY,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.MEMBER_ASSIGNED),
    emits=("specialist.member_assigned",),
)
async def assign_specialist_member(
    ctx: Context, *, binding_id: UUID, member_id: UUID | None = None, expected_version: int | None = None
) -> SpecialistBinding:
    """Says which member of your partner a bound person is; without one, that it is none. Not while it is in review.

    A member cannot lose the roles ACCOUNT_MANAGER and SA_SPECIALIST, nor be removed with one of them, as long as its
    application as a project specialist is in review.
    """
    binding = await access_binding(ctx, binding_id)
    expect_version(binding, expected_version)
    taken = False
    if member_id is not None:
        await access_member(ctx, member_id, "memberId")
        others = SpecialistBinding.filter(partner_id=binding.partner_id, member_id=member_id, unbound_at=None)
        taken = await others.exclude(id=binding.id).exists()
    require(check_assign(binding.state, taken=taken))
    await binding.change(now=ctx.now, member_id=member_id)
    ctx.event("specialist.member_assigned", binding, member_id=None if member_id is None else str(member_id))
    ctx.effect("specialist.member_assigned", binding)
    return binding


_REFUSED = frozenset({ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.REVIEW_CLAIMED})
SPECIALIST_FLOWS = (
    Flow(
        ReviewKind.SPECIALIST,
        Permission.SPECIALISTS_DECIDE,
        decide_application,
        _REFUSED,
        ("specialist.approved", "specialist.rejected"),
        decide_application,
    ),
    Flow(
        ReviewKind.SPECIALIST_CANCELLATION,
        Permission.SPECIALISTS_DECIDE,
        decide_cancellation,
        _REFUSED,
        ("specialist.cancelled", "specialist.cancellation_rejected"),
        decide_cancellation,
    ),
)
"""What the vendor reviews about specialists."""
