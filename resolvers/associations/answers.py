"""Answering a request, or taking it back. An approval is carried out at once, in the same transaction."""

from uuid import UUID

from models.associations import AssociationRequest, CustomerAssociation
from resolvers.associations.effects import carry_out
from resolvers.associations.facts import Known, gather, pending, purpose_of, side_of
from resolvers.associations.requests import ACCOUNT_REFUSALS, record
from resolvers.command import StepUp, command
from resolvers.context import Context
from rules.access import Permission
from rules.associations import (
    REQUEST,
    RecordResult,
    RequestInitiator,
    RequestKind,
    check_answer,
    check_withdraw,
    compute_effects,
)
from rules.errors import ErrorCode, refuse, require

_ANSWER_REFUSALS = (
    *ACCOUNT_REFUSALS,
    ErrorCode.STATE_CONFLICT,
    ErrorCode.REASON_REQUIRED,
    ErrorCode.OUT_OF_RANGE,
    ErrorCode.PARTNER_FROZEN,
)
_ANSWER_EVENTS = (
    "association.unbound",
    "association.switched",
    "association.request_rejected",
    "voucher.recalled",
)


async def access_request(ctx: Context, request_id: UUID) -> tuple[AssociationRequest, Known]:
    """A request in the actor's scope with its association, both locked (association first); NOT_FOUND otherwise."""
    found = await AssociationRequest.get_or_none(id=request_id)
    if found is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    association = await CustomerAssociation.filter(id=found.association_id).select_for_update().get()
    request = await AssociationRequest.filter(id=request_id).select_for_update().get()
    known = await gather(ctx, [association])
    if association.id not in known:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return request, known[association.id]


@command(
    permission=Permission.ASSOCIATIONS_ANSWER_PARTNER,
    refuses=_ANSWER_REFUSALS,
    emits=_ANSWER_EVENTS,
    step_up=StepUp.ALWAYS,
)
async def answer_partner_request(
    ctx: Context, *, request_id: UUID, approve: bool, reason: str | None = None
) -> AssociationRequest:
    """Answers your partner's request to unbind or switch. Always needs a code; an approval takes effect at once."""
    return await _answer(ctx, request_id, RequestInitiator.CUSTOMER, approve, reason)


@command(
    permission=Permission.ASSOCIATIONS_ANSWER_LEAVE,
    refuses=_ANSWER_REFUSALS,
    emits=_ANSWER_EVENTS,
    step_up=StepUp.IF_SWITCH_ON,
)
async def answer_leave_request(
    ctx: Context, *, request_id: UUID, approve: bool, reason: str | None = None
) -> AssociationRequest:
    """Answers a customer's request to leave. An approval takes effect at once; a rejection needs a reason."""
    return await _answer(ctx, request_id, RequestInitiator.PARTNER, approve, reason)


async def _answer(
    ctx: Context, request_id: UUID, side: RequestInitiator, approve: bool, reason: str | None
) -> AssociationRequest:
    request, known = await access_request(ctx, request_id)
    require(
        check_answer(
            pending(request),
            known.facts,
            side=side,
            approve=approve,
            reason=reason,
            now=ctx.now,
            policy=known.policy,
        )
    )
    if not approve:
        await _close(ctx, request, "reject", reason)
        await record(ctx, request, RecordResult.REJECTED)
        _tell(
            ctx,
            known,
            request,
            "association.request_rejected",
            "unbind_rejected",
            to=request.initiator,
            facts={"reason": reason or "–"},
        )
        return request
    effects = compute_effects(purpose_of(request), known.association.type, site=known.policy.site)
    await _close(ctx, request, "approve", reason)
    await record(ctx, request, RecordResult.DONE, effects=[effect.value for effect in effects])
    _tell_done(ctx, known, request)
    await carry_out(ctx, effects, known.association, request)
    return request


async def _close(ctx: Context, request: AssociationRequest, event: str, reason: str | None = None) -> None:
    await request.change(
        now=ctx.now,
        status=REQUEST.after(request.status, event),
        processed_by=ctx.actor.account_id,
        processed_at=ctx.now,
        decision_reason=reason,
    )
    ctx.effect(f"association_request.{request.status.lower()}", request)


def _tell_done(ctx: Context, known: Known, request: AssociationRequest) -> None:
    """Both sides hear of it at once. B 4.4."""
    if request.kind is RequestKind.UNBIND:
        for side in RequestInitiator:
            _tell(ctx, known, request, "association.unbound", "unbind_done", to=side)
        return
    for side in RequestInitiator:
        _tell(
            ctx,
            known,
            request,
            "association.switched",
            "association_switched",
            to=side,
            facts={"type": str(request.target_type)},
        )


def _tell(
    ctx: Context,
    known: Known,
    request: AssociationRequest,
    event: str,
    template: str,
    *,
    to: RequestInitiator,
    facts: dict[str, str] | None = None,
) -> None:
    """The event once, and a notice to one side that names the other."""
    if not any(told["type"] == event for told in ctx.work.events):
        ctx.event(
            event,
            request,
            partner_id=request.partner_id,
            customer_id=request.customer_id,
            status=request.status.value,
            kind=request.kind.value,
        )
    if to is RequestInitiator.PARTNER:
        ctx.notify(template, known.partner, about=request, names={"party": known.customer}, facts=facts)
        return
    for channel in ("SMS", "EMAIL"):
        ctx.notify(
            template, known.customer, about=request, channel=channel, names={"party": known.partner}, facts=facts
        )


@command(
    permission=Permission.ASSOCIATIONS_WITHDRAW_REQUEST,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("association.request_withdrawn",),
    sensitive=True,
)
async def withdraw_association_request(ctx: Context, *, request_id: UUID) -> AssociationRequest:
    """Takes your own open request back. It still counts for the three months."""
    request, known = await access_request(ctx, request_id)
    side = side_of(ctx)
    require(check_withdraw(pending(request), side=side, now=ctx.now))
    await _close(ctx, request, "withdraw")
    await record(ctx, request, RecordResult.WITHDRAWN)
    other = RequestInitiator.PARTNER if side is RequestInitiator.CUSTOMER else RequestInitiator.CUSTOMER
    _tell(ctx, known, request, "association.request_withdrawn", "unbind_withdrawn", to=other)
    return request


async def expire(ctx: Context, request_id: UUID) -> AssociationRequest | None:
    """Ends an overdue request; None when it is no longer open or not yet overdue."""
    request, known = await access_request(ctx, request_id)
    if REQUEST.target(request.status, "expire") is None or ctx.now < request.deadline:
        return None
    await _close(ctx, request, "expire")
    await record(ctx, request, RecordResult.EXPIRED)
    for side in RequestInitiator:
        _tell(ctx, known, request, "association.request_expired", "unbind_expired", to=side)
    return request
