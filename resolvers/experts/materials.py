"""What shows the experts of a confirmed list: handed in by the partner, reviewed by the vendor."""

from dataclasses import asdict
from uuid import UUID

from models.experts import ExpertIncentive
from models.partners import Partner
from models.schedules import calendar_entries
from resolvers import uploads
from resolvers.business_info import is_certified
from resolvers.command import command, expect_version
from resolvers.context import Context
from resolvers.experts.scope import access_list, facts_of, lock_list
from resolvers.experts.telling import happened, told_of
from resolvers.reviews import engine as reviews
from resolvers.reviews.flows import Flow
from rules.access import Permission
from rules.errors import ErrorCode, require
from rules.experts import (
    EXPERT_INCENTIVE,
    MATERIAL_INPUTS,
    SCHEMES,
    MaterialKind,
    check_materials,
    check_step,
    compute_materials_deadline,
)
from rules.incentives.payout import check_business_info
from rules.reviews import ReviewKind, check_reason
from rules.sites import Site

E, M = ErrorCode, MaterialKind
_COLUMNS = {
    M.EMPLOYMENT: "employment_proofs",
    M.SOCIAL_INSURANCE: "insurance_proofs",
    M.ACCEPTANCE: "acceptance_proofs",
}


@command(
    permission=Permission.EXPERTS_CONFIRM,
    refuses=(
        E.INCENTIVE_EXPIRED,
        E.STATE_CONFLICT,
        E.BUSINESS_INFO_REQUIRED,
        E.REQUIRED,
        E.TOO_MANY,
        *uploads.REFUSALS,
    ),
    emits=("expert_incentive.submitted",),
)
async def submit_expert_materials(
    ctx: Context,
    *,
    incentive_id: UUID,
    employment_ids: list[UUID] | None = None,
    social_insurance_ids: list[UUID] | None = None,
    acceptance_ids: list[UUID] | None = None,
    expected_version: int | None = None,
) -> ExpertIncentive:
    """Hands in the materials of a confirmed list, within its time, and submits it for the vendor's review. Each time
    all of them are handed in. Your business information must be certified.
    """
    own, row = await access_list(ctx, incentive_id)
    expect_version(row, expected_version)
    ids = {
        M.EMPLOYMENT: employment_ids or [],
        M.SOCIAL_INSURANCE: social_insurance_ids or [],
        M.ACCEPTANCE: acceptance_ids or [],
    }
    found, wrong = {}, []
    for kind, given in ids.items():
        found[kind], against = await uploads.find_documents(ctx, given, "input", MATERIAL_INPUTS[kind])
        wrong += against
    require(
        check_step(facts_of(row), "submit", now=ctx.now)
        + check_business_info(await is_certified(own.id))
        + wrong
        + check_materials(SCHEMES[row.scheme], ids, policy=ctx.policy_of(own))
    )
    await row.change(
        now=ctx.now,
        status=EXPERT_INCENTIVE.after(row.status, "submit"),
        submitted_at=ctx.now,
        **{_COLUMNS[kind]: [asdict(file) for file in files] for kind, files in found.items()},
    )
    await reviews.submit(ctx, ReviewKind.EXPERT_INCENTIVE, row, own)
    happened(ctx, "expert_incentive.submitted", row)
    ctx.effect("expert_incentive.submitted", row, money=(row.amount, row.currency))
    return row


async def decide_materials(ctx: Context, subject_id: UUID, *, approve: bool, reason: str | None) -> ExpertIncentive:
    """The verdict on a list's materials: approved, or to be handed in again within a new time."""
    own, row = await lock_list(subject_id)
    event = "approve" if approve else "reject"
    require(EXPERT_INCENTIVE.check(row.status, event) + check_reason(approve, reason))
    await reviews.settle(ctx, ReviewKind.EXPERT_INCENTIVE, row, approve, reason)
    if approve:
        status = EXPERT_INCENTIVE.after(row.status, event)
        await row.change(now=ctx.now, status=status, approved_at=ctx.now, reason=None)
        happened(ctx, "expert_incentive.approved", row)
        ctx.effect("expert_incentive.approved", row, money=(row.amount, row.currency))
        ctx.notify("expert_list_approved", own, about=row, facts=told_of(row))
    else:
        await _send_back(ctx, own, row, str(reason).strip())
    return row


async def _send_back(ctx: Context, own: Partner, row: ExpertIncentive, reason: str) -> None:
    entries = await calendar_entries(Site(own.site))
    deadline = compute_materials_deadline(ctx.now, policy=ctx.policy_of(own), entries=entries)
    await row.change(
        now=ctx.now,
        status=EXPERT_INCENTIVE.after(row.status, "reject"),
        reason=reason,
        waits_since=ctx.now,
        deadline=deadline.at,
        deadline_provisional=deadline.provisional,
        reminded=None,
    )
    happened(ctx, "expert_incentive.rejected", row)
    ctx.effect("expert_incentive.rejected", row, money=(row.amount, row.currency))
    facts = {**told_of(row), "reason": reason}
    ctx.notify("expert_materials_rejected", own, about=row, facts=facts, instants={"deadline": row.deadline})


MATERIALS_FLOW = Flow(
    ReviewKind.EXPERT_INCENTIVE,
    Permission.EXPERTS_DECIDE,
    decide_materials,
    frozenset({E.STATE_CONFLICT, E.REASON_REQUIRED, E.REVIEW_CLAIMED}),
    ("expert_incentive.approved", "expert_incentive.rejected"),
    decide_materials,
)
