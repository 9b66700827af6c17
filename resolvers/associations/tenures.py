"""Which member is in charge of a customer since when: written in one place, whoever brings it about."""

from collections.abc import Sequence
from uuid import UUID

from tortoise.expressions import F

from models.associations import CustomerAssignment, CustomerAssociation
from resolvers.context import Context
from rules.associations import AssociationStatus


async def assign(ctx: Context, association: CustomerAssociation, manager_id: UUID | None) -> None:
    """Puts a member in charge of the customer from now on, or nobody; who was before, is no longer.

    The association must be locked.
    """
    await CustomerAssignment.filter(association_id=association.id, ended_at__isnull=True).update(ended_at=ctx.now)
    await association.change(now=ctx.now, account_manager_id=manager_id)
    if manager_id is not None:
        await begin(ctx, association)


async def begin(ctx: Context, association: CustomerAssociation) -> None:
    """Keeps since when the member that the association names is in charge."""
    await CustomerAssignment.create(
        association_id=association.id,
        partner_id=association.partner_id,
        account_manager_id=association.account_manager_id,
        started_at=ctx.now,
    )


async def withdraw_all(ctx: Context, manager_id: UUID) -> Sequence[UUID]:
    """Takes every present customer from a member; the associations concerned, by id. The member must be locked."""
    rows = CustomerAssociation.filter(account_manager_id=manager_id, status=AssociationStatus.ACTIVE)
    held = [row.id for row in await rows.order_by("id").select_for_update(no_key=True)]
    if held:
        left = {"account_manager_id": None, "updated_at": ctx.now, "version": F("version") + 1}
        await CustomerAssociation.filter(id__in=held).update(**left)
        await CustomerAssignment.filter(association_id__in=held, ended_at__isnull=True).update(ended_at=ctx.now)
    return held
