"""Which invitations and bindings an actor sees, and fetching them for a command."""

from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from models.specialists import SpecialistBinding, SpecialistInvitation
from resolvers.context import Context
from resolvers.nodes import findable
from rules.access import VENDOR_ROLES, Permission, may
from rules.errors import ErrorCode, refuse

R = TypeVar("R", SpecialistInvitation, SpecialistBinding)


def visible_invitations(ctx: Context) -> QuerySet[SpecialistInvitation]:
    """A partner's administrators see its own, a person those to it, the vendor all."""
    return _seen(ctx, SpecialistInvitation.all())


def visible_bindings(ctx: Context) -> QuerySet[SpecialistBinding]:
    """A partner's administrators see its own, a person its own, the vendor all; ended ones included."""
    return _seen(ctx, SpecialistBinding.all())


def _seen(ctx: Context, rows: QuerySet[R]) -> QuerySet[R]:
    if ctx.actor.roles & VENDOR_ROLES:
        return rows
    mine = Q(account_id=ctx.actor.account_id)
    if ctx.actor.partner_id is not None and may(ctx.actor, Permission.SPECIALISTS_READ):
        mine |= Q(partner_id=ctx.actor.partner_id)
    return rows.filter(mine)


findable(SpecialistInvitation, Permission.NODES_READ, visible_invitations)
findable(SpecialistBinding, Permission.NODES_READ, visible_bindings)


async def access_invitation(ctx: Context, invitation_id: UUID) -> SpecialistInvitation:
    """The acting partner's invitation, locked until the transaction ends; NOT_FOUND for one of strangers."""
    return await _locked(SpecialistInvitation.filter(id=invitation_id, partner_id=ctx.actor.partner_id))


async def access_binding(ctx: Context, binding_id: UUID) -> SpecialistBinding:
    """The acting partner's binding, locked until the transaction ends; NOT_FOUND for one of strangers."""
    return await _locked(SpecialistBinding.filter(id=binding_id, partner_id=ctx.actor.partner_id))


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
