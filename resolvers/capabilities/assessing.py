"""Assessment by a third party: the vendor asks a person for it and may take that back, the assessor gives it, and time
ends it. The verdict stays the vendor's.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from models.capabilities import CapabilityAssessment
from models.partners import Partner
from models.reviews import ReviewCase
from models.schedules import calendar_entries
from resolvers.capabilities.scope import access_capability, titles_of, visible_assessments
from resolvers.command import Key, command, expect_version
from resolvers.context import Context, Somebody
from resolvers.reviews.reviewers import reviewers_of
from resolvers.specialists.facts import candidates
from rules.access import ACCESS, Permission
from rules.accounts import AccountKind, AccountStatus
from rules.capabilities import (
    ASSESSMENT,
    CAPABILITY,
    AssessmentState,
    Assessor,
    check_assessor,
    check_give,
    check_outstanding,
    compute_assessment_due,
    compute_assessment_state,
)
from rules.contacts import mask_name
from rules.errors import ErrorCode, Rejected, Violation, refuse, require
from rules.reviews import ReviewKind, ReviewState
from rules.sites import Site
from rules.specialists import check_choice

BATCH = 500
E = ErrorCode
_ASSESSOR = "select * from guard_assessor($1, $2, $3)"
_CLOSED = (AccountStatus.CLOSED_RETAINED, AccountStatus.DELETED)
_ASSESSOR_REFUSALS = (
    E.INVITEE_NOT_FOUND,
    E.ACCOUNT_FROZEN,
    E.INVITEE_NOT_PERSONAL,
    E.INVITEE_IS_PARTNER,
    E.ASSESSOR_NOT_INDEPENDENT,
)
"""What is asked of an assessor when it is named, and again when it gives its assessment."""


def state_of(ctx: Context, row: CapabilityAssessment) -> AssessmentState:
    """The state that counts now."""
    return compute_assessment_state(row.state, row.due_at, now=ctx.now)


async def assessor_for(ctx: Context, account_id: UUID, partner_ids: Sequence[UUID]) -> dict[UUID, Assessor]:
    """What the rules ask of an account for each of these partners. One statement for all."""
    rows = await db.fetch(_ASSESSOR, account_id, partner_ids, ctx.now)
    return {
        row["partner_id"]: Assessor(
            AccountKind(row["kind"]), AccountStatus(row["status"]), "PARTNER" in row["known"], "TIED" in row["known"]
        )
        for row in rows
    }


async def open_assessment(application_id: UUID) -> CapabilityAssessment | None:
    """The assessment of a locked application that has not ended, locked; its day may have passed."""
    rows = CapabilityAssessment.filter(application_id=application_id, ended_at__isnull=True)
    return await rows.select_for_update().first()


async def outstanding_of(ctx: Context, application_ids: Sequence[UUID]) -> dict[UUID, list[Violation]]:
    """What an assessment that is waited for keeps from being done with each of these applications. One statement."""
    rows = CapabilityAssessment.filter(application_id__in=list(application_ids), ended_at__isnull=True)
    return {row.application_id: check_outstanding(state_of(ctx, row)) for row in await rows}


async def _end(ctx: Context, row: CapabilityAssessment, step: str, **said: Any) -> None:
    await row.change(now=ctx.now, state=ASSESSMENT.after(row.state, step), ended_at=ctx.now, **said)


async def expire(ctx: Context, row: CapabilityAssessment) -> None:
    """Ends a locked assessment that nobody gave in time. Like all of them its event is no partner's: the applicant
    learns the verdict alone.
    """
    await _end(ctx, row, "expire")
    ctx.event("capability_assessment.expired", row, application_id=str(row.application_id))
    ctx.effect("capability_assessment.expired", row)


@command(
    permission=Permission.CAPABILITIES_DECIDE,
    refuses=(E.STATE_CONFLICT, E.ASSESSMENT_OUTSTANDING, E.INVITEE_AMBIGUOUS, *_ASSESSOR_REFUSALS),
    emits=("capability_assessment.requested", "capability_assessment.expired"),
)
async def request_assessment(
    ctx: Context, *, application_id: UUID, identifier: str, account_id: UUID | None = None
) -> CapabilityAssessment:
    """Asks a third party to assess an application, which authorises it: until the assessment is given or over it reads
    the application and its evidence, and nobody decides.

    The assessor is a person's own account of the partner's site, looked up by its mobile number, e-mail address or
    name; where several match, name the one you mean. It must be independent of the partner and of its company. It is
    told inside the product and by mail.
    """
    own, row = await access_capability(ctx, application_id)
    last = await open_assessment(row.id)
    against = CAPABILITY.check(row.state, "request_assessment")
    against += check_outstanding(state_of(ctx, last) if last else None)
    found = await candidates(ctx, own, identifier)
    wanted = [one for one in found if account_id in (None, one.account_id)]
    if len(wanted) != 1:
        raise Rejected(against + check_choice(len(found)))
    # Locked, so that it does not close meanwhile.
    named = await Account.filter(id=wanted[0].account_id).select_for_update(no_key=True).get()
    require(against + check_assessor((await assessor_for(ctx, named.id, [own.id]))[own.id]))
    if last is not None:
        await expire(ctx, last)
    site, policy = Site(own.site), ctx.policy_of(own)
    asked = await CapabilityAssessment.insert(
        now=ctx.now,
        application_id=row.id,
        assessor_id=named.id,
        partner_id=own.id,
        partner_name=own.name,
        masked_name=mask_name(named.full_name),
        level1=row.level1,
        asked_by=ctx.actor.account_id,
        due_at=compute_assessment_due(ctx.now, policy=policy, entries=await calendar_entries(site)),
        state=AssessmentState.REQUESTED,
    )
    ctx.event("capability_assessment.requested", asked, application_id=str(row.id))
    ctx.effect("capability_assessment.requested", asked)
    _tell_assessor(ctx, "capability_assessment_requested", asked, own, instants={"deadline": asked.due_at})
    return asked


def _tell_assessor(ctx: Context, template: str, row: CapabilityAssessment, own: Partner, **more: Any) -> None:
    to = Somebody(Account, row.assessor_id)
    ctx.notify(template, to, about=row, names={"partner": own}, facts={"label": titles_of(row)}, **more)


@command(
    permission=Permission.CAPABILITIES_DECIDE,
    refuses=(E.STATE_CONFLICT,),
    emits=("capability_assessment.revoked",),
)
async def revoke_assessment(
    ctx: Context, *, assessment_id: UUID, expected_version: int | None = None
) -> CapabilityAssessment:
    """Takes back what a third party was asked for: it reads the application no more, and the verdict can be given. The
    assessor is told.
    """
    row = await _locked(ctx, assessment_id)
    expect_version(row, expected_version)
    require(ASSESSMENT.check(state_of(ctx, row), "revoke"))
    await _end(ctx, row, "revoke")
    ctx.event("capability_assessment.revoked", row, application_id=str(row.application_id))
    ctx.effect("capability_assessment.revoked", row)
    _tell_assessor(ctx, "capability_assessment_revoked", row, await Partner.get(id=row.partner_id))
    return row


async def _locked(ctx: Context, assessment_id: UUID) -> CapabilityAssessment:
    """An assessment that the actor sees, locked until the transaction ends; NOT_FOUND for one of others."""
    row = await visible_assessments(ctx).filter(id=assessment_id).select_for_update().first()
    if row is None:
        raise refuse(E.NOT_FOUND, "input", "id")
    return row


@command(
    permission=Permission.CAPABILITIES_ASSESS,
    refuses=(E.STATE_CONFLICT, E.REQUIRED, *_ASSESSOR_REFUSALS),
    emits=("capability_assessment.given",),
    as_system=True,
)
async def give_assessment(
    ctx: Context, *, assessment_id: UUID, favourable: bool, statement: str, expected_version: int | None = None
) -> CapabilityAssessment:
    """Gives the assessment that the vendor has asked you for: whether you are in favour of the label, and what that
    rests on. The vendor reads it and decides; the partner does not see it, and you read its application no more.

    What was checked when you were asked is checked again.
    """
    row = await _locked(ctx, assessment_id)
    expect_version(row, expected_version)
    assessor = await assessor_for(ctx, row.assessor_id, [row.partner_id])
    require(check_give(state_of(ctx, row), statement) + check_assessor(assessor[row.partner_id], path=()))
    await _end(ctx, row, "give", favourable=favourable, statement=statement.strip())
    ctx.event("capability_assessment.given", row, application_id=str(row.application_id), favourable=favourable)
    ctx.effect("capability_assessment.given", row)
    await _tell_reviewers(ctx, "capability_assessment_given", row)
    return row


async def _tell_reviewers(ctx: Context, template: str, row: CapabilityAssessment) -> None:
    """Whoever has taken the application up, else all who may decide it."""
    case = await ReviewCase.get(kind=ReviewKind.CAPABILITY, subject_id=row.application_id, state=ReviewState.SUBMITTED)
    own = await Partner.get(id=row.partner_id)
    to = await reviewers_of(ctx, case, ACCESS[Permission.CAPABILITIES_DECIDE].roles)
    ctx.notify(template, to, about=row, names={"partner": own, "assessor": row}, facts={"label": titles_of(row)})


async def due_assessments(ctx: Context) -> list[UUID]:
    """Assessments whose day has passed, and those whose assessor has closed its account."""
    over = Q(due_at__lte=ctx.now) | Q(assessor__status__in=_CLOSED)
    async with db.read(EVERYTHING):
        rows = CapabilityAssessment.filter(over, state=AssessmentState.REQUESTED)
        return [row.id for row in await rows.order_by("due_at", "id").limit(BATCH).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("capability_assessment.expired",),
    key=Key.OPTIONAL,
    as_system=True,
)
async def expire_assessment(ctx: Context, *, assessment_id: UUID) -> CapabilityAssessment | None:
    """Ends an assessment that was not given in time, or whose assessor has closed its account; the reviewers are told
    that the verdict waits for nothing more.
    """
    row = await CapabilityAssessment.filter(id=assessment_id).select_for_update().get()
    closed = await Account.filter(id=row.assessor_id, status__in=_CLOSED).exists()
    if row.state is not AssessmentState.REQUESTED or (ctx.now < row.due_at and not closed):
        return None
    await expire(ctx, row)
    await _tell_reviewers(ctx, "capability_assessment_expired", row)
    return row
