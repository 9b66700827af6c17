"""Whose applications for capability labels and assessments an actor sees, one of them for a command, what it says."""

from functools import partial

from tortoise.expressions import Subquery
from tortoise.queryset import QuerySet

from models.capabilities import CapabilityApplication, CapabilityAssessment
from resolvers.context import Context
from resolvers.locking import access_with_partner, lock_with_partner
from resolvers.nodes import findable, own_rows, sees_all
from rules.access import Permission
from rules.capabilities import LABELS, AssessmentState, CapabilityForm
from rules.documents import Document


def visible(ctx: Context) -> QuerySet[CapabilityApplication]:
    """The vendor sees every application, a partner's people its own, an assessor those that wait for its assessment."""
    if sees_all(ctx) or ctx.actor.partner_id is not None:
        return own_rows(ctx, CapabilityApplication)
    waiting = waiting_assessments(ctx).values("application_id")
    return CapabilityApplication.filter(id__in=Subquery(waiting))


def visible_assessments(ctx: Context) -> QuerySet[CapabilityAssessment]:
    """The vendor sees every assessment, everybody those asked of its own account; their applicants see none."""
    if sees_all(ctx):
        return CapabilityAssessment.all()
    return CapabilityAssessment.filter(assessor_id=ctx.actor.account_id)


def waiting_assessments(ctx: Context) -> QuerySet[CapabilityAssessment]:
    """Those that the acting account may still give."""
    mine = CapabilityAssessment.filter(assessor_id=ctx.actor.account_id, state=AssessmentState.REQUESTED)
    return mine.filter(due_at__gt=ctx.now)


findable(CapabilityApplication, Permission.CAPABILITIES_READ, visible)
findable(CapabilityAssessment, Permission.CAPABILITIES_READ_ASSESSMENTS, visible_assessments)


access_capability = partial(access_with_partner, CapabilityApplication)
"""The partner and the application, both locked; NOT_FOUND when the actor may not see it."""


lock_capability = partial(lock_with_partner, CapabilityApplication)
"""The partner and the application, both locked."""


def form_of(row: CapabilityApplication) -> CapabilityForm:
    """What an application says, as the rules take it."""
    files = tuple(Document(**stored) for stored in row.evidence)
    return CapabilityForm(row.level1, tuple(row.level2), row.self_check, files)


def titles_of(row: CapabilityApplication | CapabilityAssessment) -> dict[str, str]:
    """The label's names; its code where the catalogue has it no more."""
    label = LABELS.get(row.level1)
    return {"en": row.level1, "zh-CN": row.level1} if label is None else dict(label.titles)
