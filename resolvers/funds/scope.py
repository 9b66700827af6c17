"""Whose quotas and cases an actor sees, one of them for a command, and what a case says."""

from functools import partial
from uuid import UUID

from tortoise.queryset import QuerySet

from models.funds import MdfCase, MdfQuota, MdfViolation
from resolvers.context import Context
from resolvers.locking import access_with_partner, lock_with_partner
from resolvers.nodes import findable, own_rows
from rules.access import Permission
from rules.errors import ErrorCode, refuse
from rules.funds.kinds import MdfEvent, MdfExpense, MdfPlan
from rules.funds.quotas import MdfBalance


def visible(ctx: Context) -> QuerySet[MdfCase]:
    """The vendor sees every case, a partner's people its own."""
    return own_rows(ctx, MdfCase)


def visible_quotas(ctx: Context) -> QuerySet[MdfQuota]:
    """The vendor sees every quota, a partner's people its own."""
    return own_rows(ctx, MdfQuota)


def visible_violations(ctx: Context) -> QuerySet[MdfViolation]:
    """The vendor sees every violation, a partner's people its own."""
    return own_rows(ctx, MdfViolation)


findable(MdfCase, Permission.FUNDS_READ, visible)
findable(MdfQuota, Permission.FUNDS_READ, visible_quotas)
findable(MdfViolation, Permission.FUNDS_READ, visible_violations)


access_case = partial(access_with_partner, MdfCase)
"""The partner and the case, both locked; NOT_FOUND when the actor may not see it."""


lock_case = partial(lock_with_partner, MdfCase)
"""The partner and the case, both locked."""


async def lock_quota(quota_id: UUID) -> MdfQuota:
    """The quota, locked; after its partner and case."""
    return await MdfQuota.filter(id=quota_id).select_for_update().get()


async def access_quota(ctx: Context, quota_id: UUID, *path: str) -> MdfQuota:
    """The quota; NOT_FOUND at `path` when the actor may not see it."""
    quota = await visible_quotas(ctx).filter(id=quota_id).first()
    if quota is None:
        raise refuse(ErrorCode.NOT_FOUND, *path)
    return quota


def balance_of(quota: MdfQuota) -> MdfBalance:
    """What there is of a quota."""
    return MdfBalance(quota.granted, quota.reserved, quota.consumed)


def plan_of(row: MdfCase) -> MdfPlan:
    """What an application says, as the rules take it."""
    return MdfPlan(
        name=row.name,
        activity_type=row.activity_type,
        audience=row.audience,
        department=row.department,
        late_reason=row.late_reason,
        expected_leads=row.expected_leads,
        expected_opportunities=row.expected_opportunities,
        events=tuple(map(MdfEvent.of, row.events)),
        budget=tuple(map(MdfExpense.of, row.budget)),
    )
