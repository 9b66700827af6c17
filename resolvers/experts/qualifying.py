"""A partner's qualification for a scheme: its application, and the vendor's verdict on it."""

from collections.abc import Mapping
from uuid import UUID

from models.experts import ExpertQualification
from models.partners import Partner
from resolvers.command import command
from resolvers.context import Context
from resolvers.experts.scope import lock_partner, scheme_at, stage_for
from resolvers.experts.telling import title_of
from resolvers.reviews import engine as reviews
from resolvers.reviews.flows import Flow
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.experts import (
    QUALIFICATION,
    ExpertQualificationState,
    ExpertSchemeCode,
    check_agreement,
    check_qualification,
)
from rules.reviews import ReviewKind, check_reason

E, Q = ErrorCode, ExpertQualificationState


@command(
    permission=Permission.EXPERTS_APPLY,
    refuses=(E.STATE_CONFLICT, E.STAGE_TOO_LOW, E.AGREEMENT_REQUIRED),
    emits=("expert_qualification.submitted",),
)
async def apply_for_expert_scheme(
    ctx: Context, *, scheme: ExpertSchemeCode, agreement_version: str
) -> ExpertQualification:
    """Applies for a scheme of the experts' incentive and accepts its agreement. The vendor reviews the application;
    when it has been rejected you can apply again.
    """
    own = await lock_partner(ctx.actor.partner_id)
    asked = scheme_at(own, scheme)
    row = await ExpertQualification.filter(partner_id=own.id, scheme=scheme).select_for_update().first()
    stage = await stage_for(own, asked)
    require(check_qualification(asked, stage, None if row is None else row.state) + check_agreement(agreement_version))
    said = {
        "state": Q.IN_REVIEW if row is None else QUALIFICATION.after(row.state, "apply"),
        "agreement_version": agreement_version,
        "accepted_by": ctx.actor.account_id,
        "submitted_at": ctx.now,
    }
    if row is None:
        row = await ExpertQualification.insert(now=ctx.now, partner_id=own.id, scheme=scheme, **said)
    else:
        await row.change(now=ctx.now, **said, reason=None)
    await reviews.submit(ctx, ReviewKind.EXPERT_QUALIFICATION, row, own)
    ctx.event("expert_qualification.submitted", row, partner_id=own.id, scheme=scheme.value, version=agreement_version)
    ctx.effect("expert_qualification.submitted", row)
    return row


async def decide_qualification(
    ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None
) -> ExpertQualification:
    """The verdict on an application: from now on the partner's experts can be entered, or the reason why not."""
    found = await ExpertQualification.get(id=subject_id)
    own = await lock_partner(found.partner_id)
    row = await ExpertQualification.filter(id=subject_id).select_for_update().get()
    event = "approve" if approve else "reject"
    require(QUALIFICATION.check(row.state, event) + check_reason(approve, reason))
    await reviews.settle(ctx, ReviewKind.EXPERT_QUALIFICATION, row, approve, reason)
    state = QUALIFICATION.after(row.state, event)
    if approve:
        await row.change(now=ctx.now, state=state, qualified_at=ctx.now)
        ctx.event("expert_qualification.approved", row, partner_id=own.id, scheme=row.scheme.value)
        ctx.effect("expert_qualification.approved", row)
        ctx.notify("expert_qualified", own, about=row, facts={"scheme": title_of(row.scheme)})
    else:
        await _reject(ctx, own, row, state, str(reason).strip())
    return row


async def _reject(
    ctx: Context, own: Partner, row: ExpertQualification, state: ExpertQualificationState, reason: str
) -> None:
    await row.change(now=ctx.now, state=state, reason=reason)
    ctx.event("expert_qualification.rejected", row, partner_id=own.id, scheme=row.scheme.value)
    ctx.effect("expert_qualification.rejected", row)
    facts: dict[str, str | Mapping[str, str]] = {"scheme": title_of(row.scheme), "reason": reason}
    ctx.notify("expert_qualification_rejected", own, about=row, facts=facts)


QUALIFICATION_FLOW = Flow(
    ReviewKind.EXPERT_QUALIFICATION,
    Permission.EXPERTS_DECIDE,
    decide_qualification,
    frozenset({E.STATE_CONFLICT, E.REASON_REQUIRED, E.REVIEW_CLAIMED}),
    ("expert_qualification.approved", "expert_qualification.rejected"),
    decide_qualification,
)
