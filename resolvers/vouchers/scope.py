"""Whose quotas and vouchers an actor sees, and fetching one to act upon, locked.

Locks are taken in one order everywhere: reseller link < association < quota < voucher < ledger account, each by id.
Associations come before quotas, because unbinding holds the association when it recalls the customer's vouchers.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core import db
from models.base import Row
from models.vouchers import QuotaRecord, Voucher, VoucherQuota, VoucherRecord, VoucherUse
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from rules.access import Permission, may
from rules.customers import AssociationType
from rules.errors import ErrorCode, refuse

L = TypeVar("L", bound=Row)
R = TypeVar("R", VoucherQuota, Voucher, VoucherUse, QuotaRecord, VoucherRecord)

_LOCK_ASSOCIATIONS = """
    select id, partner_id, customer_id, type from customer_association
    where customer_id = any($1::uuid[]) and partner_id = any($2::uuid[]) and status = 'ACTIVE'
    order by id for share
"""


def _of_quotas(ctx: Context, rows: QuerySet[R], owner: str) -> QuerySet[R]:
    """Quotas and their records: the owner's and the issuing distributor's, all for the vendor; no customer's."""
    if sees_all(ctx):
        return rows
    if ctx.actor.partner_id is None or not may(ctx.actor, Permission.VOUCHERS_READ):
        return rows.filter(id__in=[])
    return rows.filter(
        Q(**{owner: ctx.actor.partner_id})  # type: ignore[arg-type]
        | Q(issuer_partner_id=ctx.actor.partner_id)
    )


def _of_vouchers(ctx: Context, rows: QuerySet[R]) -> QuerySet[R]:
    """Vouchers, uses and records: the issuing partner's, the customer's own, all for the vendor."""
    if sees_all(ctx):
        return rows
    if may(ctx.actor, Permission.VOUCHERS_READ):
        return rows.filter(partner_id=ctx.actor.partner_id)
    if ctx.actor.customer_id is None:
        return rows.filter(id__in=[])
    own = rows.filter(customer_id=ctx.actor.customer_id)
    # One that acts for a partner too has that partner's scope.
    return own if ctx.actor.partner_id is None else own.filter(partner_id=ctx.actor.partner_id)


def visible_quotas(ctx: Context) -> QuerySet[VoucherQuota]:
    """The quotas the actor may see: its own, and those it issued."""
    return _of_quotas(ctx, VoucherQuota.all(), "owner_partner_id")


def visible_vouchers(ctx: Context) -> QuerySet[Voucher]:
    """The vouchers the actor may see."""
    return _of_vouchers(ctx, Voucher.all())


def visible_uses(ctx: Context) -> QuerySet[VoucherUse]:
    """What was paid with the vouchers the actor may see."""
    return _of_vouchers(ctx, VoucherUse.all())


def visible_quota_records(ctx: Context) -> QuerySet[QuotaRecord]:
    """The records of the quotas the actor may see."""
    return _of_quotas(ctx, QuotaRecord.all(), "partner_id")


def visible_voucher_records(ctx: Context) -> QuerySet[VoucherRecord]:
    """The records of the vouchers the actor may see."""
    return _of_vouchers(ctx, VoucherRecord.all())


findable(VoucherQuota, Permission.NODES_READ, visible_quotas)
findable(Voucher, Permission.NODES_READ, visible_vouchers)
findable(VoucherUse, Permission.NODES_READ, visible_uses)
findable(QuotaRecord, Permission.NODES_READ, visible_quota_records)
findable(VoucherRecord, Permission.NODES_READ, visible_voucher_records)


async def access_own_quota(ctx: Context, quota_id: UUID, *path: str) -> VoucherQuota:
    """A quota of the acting partner, locked; NOT_FOUND at `path` otherwise."""
    rows = VoucherQuota.filter(id=quota_id, owner_partner_id=ctx.actor.partner_id)
    quota = await rows.select_for_update().first()
    if quota is None:
        raise refuse(ErrorCode.NOT_FOUND, *path, upstream_code="CBC.99000012")
    return quota


async def locked(rows: QuerySet[L]) -> dict[UUID, L]:
    """The rows by id, locked in the order of their ids. One statement."""
    return {row.id: row for row in await rows.order_by("id").select_for_update()}


@dataclass(frozen=True, slots=True)
class Bond:
    """An association in force, kept from ending or changing its type until the transaction ends."""

    id: UUID
    type: AssociationType


async def bonds(customer_ids: Collection[UUID], partner_ids: Sequence[UUID | None]) -> dict[tuple[UUID, UUID], Bond]:
    """(partner, customer) → their association, for those that are associated now. One statement."""
    rows = await db.fetch(_LOCK_ASSOCIATIONS, list(customer_ids), list(partner_ids))
    return {(row["partner_id"], row["customer_id"]): Bond(row["id"], AssociationType(row["type"])) for row in rows}
