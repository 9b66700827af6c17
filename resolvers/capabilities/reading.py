"""Reads about capability labels: the catalogue as a partner sees it, applications and assessments of them, and what may
be done with one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core.ids import filter_id
from models.capabilities import CapabilityApplication, CapabilityAssessment
from models.partners import Partner
from resolvers.actions import ActionState, action
from resolvers.capabilities.applying import (
    create_capability_application,
    opened_of,
    submit_capability_application,
    update_capability_application,
)
from resolvers.capabilities.assessing import (
    assessor_for,
    give_assessment,
    outstanding_of,
    request_assessment,
    revoke_assessment,
    state_of,
)
from resolvers.capabilities.scope import form_of, visible, visible_assessments
from resolvers.context import Context
from resolvers.paths.facts import labels_of
from resolvers.query import query
from resolvers.related import to_one
from rules.access import Permission, may
from rules.capabilities import (
    ASSESSMENT,
    CAPABILITY,
    LABELS,
    AssessmentState,
    Assessor,
    CapabilityLabel,
    CapabilityState,
    HeldLabel,
    check_assessor,
    check_begin,
    check_capability,
)


@dataclass(frozen=True, slots=True)
class LabelOffer:
    """A label as the acting partner sees it: what it holds of it; where no partner acts, the catalogue's part alone."""

    label: CapabilityLabel
    held: Sequence[HeldLabel]
    application: CapabilityApplication | None
    actions: list[ActionState]

    def held_until(self, part: str | None = None) -> datetime | None:
        """Until when the label, or one of its parts, is valid; None when it is not held."""
        ends = [one.valid_until for one in self.held if part is None or part in one.level2]
        return max(ends, default=None)


@query(permission=Permission.CAPABILITIES_READ)
async def capability_labels(ctx: Context) -> list[LabelOffer]:
    """Every label of the catalogue: what your partner holds, its open application, whether it may apply."""
    own = await Partner.get_or_none(id=ctx.actor.partner_id) if ctx.actor.partner_id else None
    if own is None:
        return [LabelOffer(label, [], None, []) for label in LABELS.values()]
    held = (await labels_of(ctx, [own.id]))[own.id]
    opened = await opened_of(own)
    return [
        LabelOffer(
            label,
            [one for one in held if one.level1 == code],
            opened.get(code),
            [action(ctx, "APPLY", create_capability_application, check_begin(code, opened=opened))],
        )
        for code, label in LABELS.items()
    ]


@query(permission=Permission.CAPABILITIES_READ)
def capability_applications(
    ctx: Context, *, state: CapabilityState | None = None, level1: str | None = None
) -> QuerySet[CapabilityApplication]:
    """Every application that the actor sees."""
    wanted = {"state": state, "level1": level1}
    return visible(ctx).filter(**{name: value for name, value in wanted.items() if value is not None})


@query(permission=Permission.CAPABILITIES_READ_ASSESSMENTS)
def assessments(
    ctx: Context, *, state: AssessmentState | None = None, application: str | None = None
) -> QuerySet[CapabilityAssessment]:
    """Every assessment that the actor sees; an id that is none finds nothing. One past its due day is EXPIRED."""
    rows = visible_assessments(ctx)
    if application is not None:
        rows = rows.filter(application_id=filter_id(CapabilityApplication.prefix, application))
    if state is AssessmentState.REQUESTED:
        return rows.filter(state=state, due_at__gt=ctx.now)
    if state is AssessmentState.EXPIRED:
        return rows.filter(Q(state=state) | Q(state=AssessmentState.REQUESTED, due_at__lte=ctx.now))
    return rows if state is None else rows.filter(state=state)


async def actions_of(ctx: Context, parents: Sequence[CapabilityApplication]) -> list[list[ActionState]]:
    """What the actor may do with each application, by the guards of the commands."""
    owners = {row.id: row for row in await Partner.filter(id__in={parent.partner_id for parent in parents})}
    held = await labels_of(ctx, owners)
    asks = may(ctx.actor, request_assessment.spec.permission)
    against = await outstanding_of(ctx, [row.id for row in parents]) if asks else {}
    return [
        [
            *_of_applicant(ctx, row, owners.get(row.partner_id), held.get(row.partner_id, ())),
            action(
                ctx,
                "REQUEST_ASSESSMENT",
                request_assessment,
                CAPABILITY.check(row.state, "request_assessment") + against.get(row.id, []),
            ),
        ]
        for row in parents
    ]


def _of_applicant(
    ctx: Context, row: CapabilityApplication, own: Partner | None, held: Sequence[HeldLabel]
) -> list[ActionState]:
    """What the partner does with it; who does not see the partner may do none of that."""
    form = form_of(row)
    submission = [] if own is None else check_capability(row.state, form, held, now=ctx.now, policy=ctx.policy_of(own))
    return [
        action(ctx, "CHANGE", update_capability_application, CAPABILITY.check(row.state, "change")),
        action(ctx, "SUBMIT", submit_capability_application, submission),
    ]


async def assessment_actions(ctx: Context, rows: Sequence[CapabilityAssessment]) -> list[list[ActionState]]:
    """What the actor may do with each assessment, by the guards of the commands."""
    mine = {row.partner_id for row in rows if row.assessor_id == ctx.actor.account_id}
    myself = await assessor_for(ctx, ctx.actor.account_id, sorted(mine)) if ctx.actor.account_id and mine else {}
    return [_of_assessment(ctx, row, myself.get(row.partner_id)) for row in rows]


def _of_assessment(ctx: Context, row: CapabilityAssessment, assessor: Assessor | None) -> list[ActionState]:
    state = state_of(ctx, row)
    unfit = [] if assessor is None else check_assessor(assessor, path=())
    return [
        action(ctx, "GIVE", give_assessment, ASSESSMENT.check(state, "give") + unfit),
        action(ctx, "REVOKE", revoke_assessment, ASSESSMENT.check(state, "revoke")),
    ]


partners_of = to_one("partner_id", Partner)
"""The partner of each application, for those who see it."""
applications_of = to_one("application_id", CapabilityApplication, visible=visible)
"""The application of each assessment, for those who see it."""
