"""Customers are put in charge of account managers, or of nobody, by the partner's administrators."""

from uuid import UUID

from models.accounts import Account
from models.associations import CustomerAssociation
from resolvers.associations.tenures import assign
from resolvers.batch import Batch, each
from resolvers.command import command
from resolvers.context import Context
from resolvers.members.scope import access_member, colleague
from rules.access import Permission
from rules.associations import AssociationStatus
from rules.errors import ErrorCode, refuse, require
from rules.members import check_assignment, check_manager


@command(
    permission=Permission.ASSOCIATIONS_ASSIGN,
    refuses=(ErrorCode.NOT_ACCOUNT_MANAGER, ErrorCode.ALREADY_ASSIGNED, ErrorCode.REPEATED),
    emits=("association.assigned",),
)
async def assign_customers(
    ctx: Context, *, customer_ids: list[UUID], account_manager_id: UUID | None = None
) -> Batch[CustomerAssociation]:
    """Puts an account manager in charge of customers of the partner, or takes them from whoever is.

    What a customer pays from now on belongs to its new account manager, who sees it from now on; what it paid before
    stays with the one before. Each customer has its own result.
    """
    manager = None if account_manager_id is None else await access_member(ctx, account_manager_id, "accountManagerId")
    if manager is not None:
        require(check_manager(colleague(manager), path=("input", "accountManagerId")))
    own = CustomerAssociation.filter(partner_id=ctx.actor.partner_id, status=AssociationStatus.ACTIVE)
    rows = own.filter(customer_id__in=customer_ids).order_by("id").select_for_update(no_key=True)
    present = {row.customer_id: row for row in await rows}

    async def one(customer_id: UUID, place: tuple[str, ...]) -> CustomerAssociation:
        association = present.get(customer_id)
        if association is None:
            raise refuse(ErrorCode.NOT_FOUND, *place)
        require(check_assignment(association.account_manager_id, account_manager_id, path=place))
        await assign(ctx, association, account_manager_id)
        tell_assigned(ctx, association)
        return association

    batch = await each(ctx, customer_ids, one, "input", "customerIds")
    if manager is not None:
        _tell(ctx, manager, batch.results)
    return batch


def tell_assigned(ctx: Context, association: CustomerAssociation) -> None:
    """The partner's feed hears who is in charge of the customer now."""
    manager_id = association.account_manager_id
    ctx.event(
        "association.assigned",
        association,
        partner_id=association.partner_id,
        account_manager_id=None if manager_id is None else str(manager_id),
    )
    ctx.effect("association.assigned" if manager_id else "association.unassigned", association)


def _tell(ctx: Context, manager: Account, taken: list[CustomerAssociation]) -> None:
    if taken:
        ctx.notify("customers_assigned", manager, about=taken[0], facts={"count": str(len(taken))})
