"""Whose qualifications, experts and lists an actor sees, and how a command gets at one of them."""

from functools import partial
from uuid import UUID

from tortoise.queryset import QuerySet

from models.experts import Expert, ExpertIncentive, ExpertIncentiveLine, ExpertQualification
from models.partners import Partner
from resolvers.context import Context
from resolvers.locking import access_with_partner, lock_with_partner
from resolvers.nodes import findable, own_rows
from resolvers.paths.facts import stages_of
from rules.access import Permission
from rules.errors import ErrorCode, refuse
from rules.experts import (
    SCHEMES,
    ExpertQualificationState,
    ExpertScheme,
    ExpertSchemeCode,
    ListFacts,
    ListTotal,
    schemes_of,
)
from rules.paths import PathStage
from rules.sites import Site


def visible_qualifications(ctx: Context) -> QuerySet[ExpertQualification]:
    """The vendor sees every qualification, a partner's people its own."""
    return own_rows(ctx, ExpertQualification)


def visible_experts(ctx: Context) -> QuerySet[Expert]:
    """The vendor sees every expert, a partner's people its own."""
    return own_rows(ctx, Expert)


def visible(ctx: Context) -> QuerySet[ExpertIncentive]:
    """The vendor sees every list, a partner's people its own."""
    return own_rows(ctx, ExpertIncentive)


def visible_lines(ctx: Context) -> QuerySet[ExpertIncentiveLine]:
    """Those of the lists that the actor sees."""
    return own_rows(ctx, ExpertIncentiveLine)


findable(ExpertQualification, Permission.EXPERTS_READ, visible_qualifications)
findable(Expert, Permission.EXPERTS_READ, visible_experts)
findable(ExpertIncentive, Permission.EXPERTS_READ, visible)
findable(ExpertIncentiveLine, Permission.EXPERTS_READ, visible_lines)


async def lock_partner(partner_id: UUID | None) -> Partner:
    """The partner, locked: before anything of it that belongs to this domain."""
    return await Partner.filter(id=partner_id).select_for_update(no_key=True).get()


async def is_qualified(own: Partner, scheme: ExpertSchemeCode) -> bool:
    """Whether the partner is qualified for a scheme."""
    qualified = ExpertQualificationState.QUALIFIED
    return await ExpertQualification.exists(partner_id=own.id, scheme=scheme, state=qualified)


async def stage_for(own: Partner, scheme: ExpertScheme) -> PathStage | None:
    """The stage that the partner has reached on the scheme's path; None off the path."""
    return (await stages_of([own.id]))[own.id].get(scheme.path)


access_expert = partial(access_with_partner, Expert)
"""The partner and the expert, both locked; NOT_FOUND when the actor may not see it."""


access_list = partial(access_with_partner, ExpertIncentive)
"""The partner and the list, both locked; NOT_FOUND when the actor may not see it."""


lock_list = partial(lock_with_partner, ExpertIncentive)
"""The partner and the list, both locked."""


def scheme_at(own: Partner, code: ExpertSchemeCode) -> ExpertScheme:
    """The scheme as the partner's site has it; NOT_FOUND where it has none of this code."""
    scheme = SCHEMES[code]
    if scheme not in schemes_of(Site(own.site)):
        raise refuse(ErrorCode.NOT_FOUND, "input", "scheme")
    return scheme


def facts_of(row: ExpertIncentive) -> ListFacts:
    """What the rules ask about a list."""
    return ListFacts(row.status, row.deadline, ListTotal(row.head_count, row.amount))
