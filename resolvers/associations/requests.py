"""Asking to unbind or to switch: by the partner's administrators, or by the customer with a code."""

from typing import Any
from uuid import UUID

from models.associations import AssociationRecord, AssociationRequest, CustomerAssociation
from resolvers.associations.facts import Known, gather
from resolvers.command import StepUp, command
from resolvers.context import Context
from rules.access import Permission
from rules.associations import (
    ACCOUNT_CHECKS,
    AssociationStatus,
    Purpose,
    RecordAction,
    RecordResult,
    RequestForm,
    RequestInitiator,
    RequestKind,
    check_account,
    check_request,
    compute_deadline,
    compute_first_status,
)
from rules.customers import AssociationType
from rules.errors import ErrorCode, refuse, require

ACCOUNT_REFUSALS = tuple(dict.fromkeys(check.code for check in ACCOUNT_CHECKS))
_FORM_REFUSALS = (ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE, ErrorCode.ACKNOWLEDGEMENT_REQUIRED)
_OPENING_REFUSALS = (
    *_FORM_REFUSALS,
    *ACCOUNT_REFUSALS,
    ErrorCode.STATE_CONFLICT,
    ErrorCode.REQUEST_ALREADY_OPEN,
    ErrorCode.PARTNER_FROZEN,
)
_PARTNER_REFUSALS = (
    *_OPENING_REFUSALS,
    ErrorCode.NOT_OWN_CUSTOMER,
    ErrorCode.CUSTOMER_REQUEST_TOO_RECENT,
    ErrorCode.PARTNER_REQUEST_LIMIT,
)


async def access_association(ctx: Context, *path: str, **which: UUID | None) -> Known:
    """The active association the actor may act upon, locked for the transaction; NOT_FOUND at `path` otherwise."""
    rows = CustomerAssociation.filter(**which, status=AssociationStatus.ACTIVE)
    association = await rows.select_for_update().first()
    if association is not None:
        known = await gather(ctx, [association])
        if association.id in known:
            return known[association.id]
    raise refuse(ErrorCode.NOT_FOUND, *path)


@command(
    permission=Permission.ASSOCIATIONS_REQUEST_UNBIND,
    refuses=_PARTNER_REFUSALS,
    emits=("association.unbind_requested",),
    step_up=StepUp.IF_SWITCH_ON,
)
async def request_unbind(ctx: Context, *, customer_id: UUID, reason: str, acknowledged: bool) -> AssociationRequest:
    """Asks a customer to end its association with you. The customer answers with a code; until then nothing changes.

    One request per customer in three months on CN, three on INTL, whatever comes of it.
    """
    known = await access_association(
        ctx, "input", "customerId", customer_id=customer_id, partner_id=ctx.actor.partner_id
    )
    purpose = Purpose(RequestKind.UNBIND, RequestInitiator.PARTNER)
    return await _submit(ctx, known, purpose, RequestForm(reason, acknowledged))


@command(
    permission=Permission.ASSOCIATIONS_REQUEST_SWITCH,
    refuses=(*_PARTNER_REFUSALS, ErrorCode.SAME_ASSOCIATION_TYPE, ErrorCode.INVITATION_TYPE_NOT_ALLOWED),
    emits=("association.switch_requested",),
    step_up=StepUp.IF_SWITCH_ON,
)
async def request_switch(
    ctx: Context, *, customer_id: UUID, target_type: AssociationType, reason: str, acknowledged: bool
) -> AssociationRequest:
    """Asks a customer to change how it buys through you: REFERRAL or RESALE. It counts like a request to unbind."""
    known = await access_association(
        ctx, "input", "customerId", customer_id=customer_id, partner_id=ctx.actor.partner_id
    )
    purpose = Purpose(RequestKind.SWITCH, RequestInitiator.PARTNER, target_type)
    return await _submit(ctx, known, purpose, RequestForm(reason, acknowledged))


@command(
    permission=Permission.ASSOCIATIONS_REQUEST_LEAVE,
    refuses=(*_OPENING_REFUSALS, ErrorCode.CUSTOMER_REQUEST_LIMIT),
    emits=("association.leave_requested",),
    step_up=StepUp.ALWAYS,
)
async def request_leave(ctx: Context, *, acknowledged: bool, reason: str | None = None) -> AssociationRequest:
    """Asks your partner to let you go. Always needs a code; the partner's administrators answer."""
    known = await access_association(ctx, customer_id=ctx.actor.customer_id)
    purpose = Purpose(RequestKind.UNBIND, RequestInitiator.CUSTOMER)
    return await _submit(ctx, known, purpose, RequestForm(reason, acknowledged))


async def _submit(ctx: Context, known: Known, purpose: Purpose, form: RequestForm) -> AssociationRequest:
    require(check_request(purpose, form, known.facts, known.history, now=ctx.now, policy=known.policy))
    association = known.association
    request = await AssociationRequest.insert(
        now=ctx.now,
        association_id=association.id,
        partner_id=association.partner_id,
        customer_id=association.customer_id,
        kind=purpose.kind,
        initiator=purpose.initiator,
        from_type=association.type,
        target_type=purpose.target,
        reason=form.reason,
        acknowledged=form.acknowledged,
        requested_by=ctx.actor.account_id,
        submitted_at=ctx.now,
        deadline=compute_deadline(ctx.now, known.policy),
        check_snapshot=_snapshot(known, purpose),
        status=compute_first_status(purpose.initiator),
    )
    await record(ctx, request, RecordResult.REQUESTED)
    _tell_asked(ctx, known, request)
    return request


def _snapshot(known: Known, purpose: Purpose) -> dict[str, Any]:
    """The account check as it stood when the request was made, kept for disputes."""
    found = check_account(purpose, known.facts, site=known.policy.site)
    return {"type": known.facts.type, "facts": sorted(known.facts.customer), "codes": [each.code for each in found]}


_EVENTS = {
    (RequestKind.UNBIND, RequestInitiator.PARTNER): "association.unbind_requested",
    (RequestKind.SWITCH, RequestInitiator.PARTNER): "association.switch_requested",
    (RequestKind.UNBIND, RequestInitiator.CUSTOMER): "association.leave_requested",
}


def _tell_asked(ctx: Context, known: Known, request: AssociationRequest) -> None:
    """The side that must answer is told by every channel the rule names; both sides' feeds get the event."""
    ctx.event(
        _EVENTS[request.kind, request.initiator],
        request,
        partner_id=request.partner_id,
        customer_id=request.customer_id,
        status=request.status.value,
        deadline=request.deadline.isoformat(),
    )
    ctx.effect(f"association.{request.kind.lower()}_requested", request)
    instants = {"deadline": request.deadline}
    if request.initiator is RequestInitiator.CUSTOMER:
        ctx.notify(
            "unbind_requested_to_partner",
            known.partner,
            about=request,
            names={"customer": known.customer},
            instants=instants,
        )
        return
    template = "unbind_requested_to_customer" if request.kind is RequestKind.UNBIND else "switch_requested_to_customer"
    for channel in ("SMS", "EMAIL"):
        ctx.notify(
            template,
            known.customer,
            about=request,
            channel=channel,
            names={"partner": known.partner},
            instants=instants,
        )


async def record(ctx: Context, request: AssociationRequest, result: RecordResult, **detail: Any) -> None:
    """Adds a line to the association records. B 4.5."""
    await AssociationRecord.create(
        association_id=request.association_id,
        request_id=request.id,
        partner_id=request.partner_id,
        customer_id=request.customer_id,
        action=RecordAction(request.kind.value),
        result=result,
        actor=ctx.actor.name,
        at=ctx.now,
        detail={"initiator": request.initiator.value, **detail},
    )
