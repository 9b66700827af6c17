"""Which invitations and bindings an actor sees, and fetching them for a command."""

from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from models.specialists import (
    SpecialistApplication,
    SpecialistBinding,
    SpecialistCancellation,
    SpecialistCertificate,
    SpecialistInvitation,
    SpecialistProfile,
    SpecialistProject,
    SpecialistTraining,
)
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from rules.access import Permission, may
from rules.errors import ErrorCode, refuse

R = TypeVar("R", SpecialistInvitation, SpecialistBinding, SpecialistApplication, SpecialistCancellation)
P = TypeVar("P", SpecialistProfile, SpecialistCertificate, SpecialistTraining, SpecialistProject)


def visible_invitations(ctx: Context) -> QuerySet[SpecialistInvitation]:
    """A partner's administrators see its own, a person those to it, the vendor all."""
    return _seen(ctx, SpecialistInvitation.all())


def visible_bindings(ctx: Context) -> QuerySet[SpecialistBinding]:
    """A partner's administrators see its own, a person its own, the vendor all; ended ones included."""
    return _seen(ctx, SpecialistBinding.all())


def _seen(ctx: Context, rows: QuerySet[R]) -> QuerySet[R]:
    if sees_all(ctx):
        return rows
    mine = Q(account_id=ctx.actor.account_id)
    if ctx.actor.partner_id is not None and may(ctx.actor, Permission.SPECIALISTS_READ):
        mine |= Q(partner_id=ctx.actor.partner_id)
    return rows.filter(mine)


def visible_applications(ctx: Context) -> QuerySet[SpecialistApplication]:
    """Those for bindings that the actor sees."""
    return _seen(ctx, SpecialistApplication.all())


def visible_cancellations(ctx: Context) -> QuerySet[SpecialistCancellation]:
    """Those of bindings that the actor sees."""
    return _seen(ctx, SpecialistCancellation.all())


def visible_profiles(ctx: Context) -> QuerySet[SpecialistProfile]:
    """One's own; a partner's administrators see those of persons bound to it now, the vendor all."""
    return _told(ctx, SpecialistProfile.all())


def visible_certificates(ctx: Context) -> QuerySet[SpecialistCertificate]:
    """Those of profiles that the actor sees, but for what was removed."""
    return _told(ctx, SpecialistCertificate.filter(removed_at=None))


def visible_trainings(ctx: Context) -> QuerySet[SpecialistTraining]:
    """Those of profiles that the actor sees, but for what was removed."""
    return _told(ctx, SpecialistTraining.filter(removed_at=None))


def visible_projects(ctx: Context) -> QuerySet[SpecialistProject]:
    """Those of profiles that the actor sees, but for what was removed."""
    return _told(ctx, SpecialistProject.filter(removed_at=None))


def _told(ctx: Context, rows: QuerySet[P]) -> QuerySet[P]:
    if sees_all(ctx):
        return rows
    mine = Q(account_id=ctx.actor.account_id)
    if ctx.actor.partner_id is not None and may(ctx.actor, Permission.SPECIALISTS_READ):
        bound = SpecialistBinding.filter(partner_id=ctx.actor.partner_id, unbound_at=None)
        mine |= Q(account_id__in=Subquery(bound.values("account_id")))
    return rows.filter(mine)


findable(SpecialistApplication, Permission.NODES_READ, visible_applications)
findable(SpecialistCancellation, Permission.NODES_READ, visible_cancellations)
findable(SpecialistProfile, Permission.NODES_READ, visible_profiles)
findable(SpecialistCertificate, Permission.NODES_READ, visible_certificates)
findable(SpecialistTraining, Permission.NODES_READ, visible_trainings)
findable(SpecialistProject, Permission.NODES_READ, visible_projects)
findable(SpecialistInvitation, Permission.NODES_READ, visible_invitations)
findable(SpecialistBinding, Permission.NODES_READ, visible_bindings)


async def access_invitation(ctx: Context, invitation_id: UUID) -> SpecialistInvitation:
    """The acting partner's invitation, locked until the transaction ends; NOT_FOUND for one of strangers."""
    return await _locked(SpecialistInvitation.filter(id=invitation_id, partner_id=ctx.actor.partner_id))


async def access_binding(ctx: Context, binding_id: UUID) -> SpecialistBinding:
    """The acting partner's binding, locked until the transaction ends; NOT_FOUND for one of strangers."""
    return await _locked(SpecialistBinding.filter(id=binding_id, partner_id=ctx.actor.partner_id))


async def access_any_binding(ctx: Context, binding_id: UUID) -> SpecialistBinding:
    """A binding that the vendor decides about, locked until the transaction ends; NOT_FOUND for none."""
    return await _locked(visible_bindings(ctx).filter(id=binding_id))


async def access_own_binding(ctx: Context, binding_id: UUID) -> SpecialistBinding:
    """The acting person's binding, locked until the transaction ends; NOT_FOUND for anybody else's."""
    return await _locked(SpecialistBinding.filter(id=binding_id, account_id=ctx.actor.account_id))


async def access_own_invitation(ctx: Context, invitation_id: UUID) -> SpecialistInvitation:
    """The invitation to the acting person, locked until the transaction ends; NOT_FOUND for anybody else's."""
    return await _locked(SpecialistInvitation.filter(id=invitation_id, account_id=ctx.actor.account_id))


async def _locked(rows: QuerySet[R]) -> R:
    row = await rows.select_for_update(no_key=True).first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return row
