"""What an approved request brings about, carried out in the approving transaction, each effect by its own domain."""

from collections.abc import Awaitable, Callable

from models.associations import AssociationRequest, CustomerAssociation
from resolvers.context import Context
from rules.associations import ASSOCIATION, AssociationEffect

Carry = Callable[[Context, CustomerAssociation, AssociationRequest], Awaitable[None]]

_CARRIERS: dict[AssociationEffect, Carry] = {}


def carries(effect: AssociationEffect) -> Callable[[Carry], Carry]:
    """Declares the function that carries out an effect, locks, writes and reports included.

    An effect without one concerns something that no installed domain keeps; it stays on record with the request.
    """

    def declare(function: Carry) -> Carry:
        if effect in _CARRIERS:
            raise ValueError(f"{effect} is carried out twice")
        _CARRIERS[effect] = function
        return function

    return declare


async def carry_out(
    ctx: Context,
    effects: list[AssociationEffect],
    association: CustomerAssociation,
    request: AssociationRequest,
) -> None:
    """Carries out the effects in their order."""
    for effect in effects:
        if effect in _CARRIERS:
            await _CARRIERS[effect](ctx, association, request)


@carries(AssociationEffect.END_ASSOCIATION)
async def _end(ctx: Context, association: CustomerAssociation, request: AssociationRequest) -> None:
    await association.change(now=ctx.now, status=ASSOCIATION.after(association.status, "unbind"), ended_at=ctx.now)
    ctx.effect("association.ended", association)


@carries(AssociationEffect.CHANGE_TYPE)
async def _change_type(ctx: Context, association: CustomerAssociation, request: AssociationRequest) -> None:
    await association.change(now=ctx.now, type=request.target_type)
    ctx.effect("association.switched", association, type=str(request.target_type))
