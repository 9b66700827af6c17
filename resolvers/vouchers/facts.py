"""What the rules of vouchers ask for, from rows and balances; and where money returns to."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core import db
from models.vouchers import Voucher, VoucherQuota
from resolvers.context import Context
from resolvers.wallets.ledger import balances
from rules.vouchers import (
    QuotaFacts,
    QuotaLimits,
    SubscriptionType,
    VoucherFacts,
    VoucherRange,
)

_HOMES = "select quota_id, account_id from guard_quota_homes($1, $2)"
_DESIGNATED = "select reseller_id, customers from guard_designated_customers($1, $2)"
_ASSOCIATED_BEFORE = "select guard_associated_before($1) as customer_id"


def quota_facts(quota: VoucherQuota, balance: int) -> QuotaFacts:
    """A quota with its balance in minor units."""
    return QuotaFacts(
        status=quota.status,
        balance=balance,
        effective_at=quota.effective_at,
        expires_at=quota.expires_at,
        limits=QuotaLimits.of(quota.limits),
    )


def voucher_facts(voucher: Voucher, balance: int) -> VoucherFacts:
    """A voucher with its balance in minor units."""
    return VoucherFacts(
        status=voucher.status,
        kind=voucher.kind,
        balance=balance,
        valid_from=voucher.valid_from,
        expires_at=voucher.expires_at,
        min_order=voucher.min_order_minor,
        range=VoucherRange(
            tuple(voucher.services),
            tuple(voucher.products),
            tuple(SubscriptionType(name) for name in voucher.subscriptions),
        ),
        marketplace=voucher.marketplace,
    )


async def left(ctx: Context, rows: Sequence[VoucherQuota] | Sequence[Voucher]) -> dict[UUID, int]:
    """Row id → what is left of it in minor units; nothing for one whose account the actor does not see."""
    found = await balances(ctx, {row.account_id for row in rows})
    return {row.id: found[row.account_id].balance if row.account_id in found else 0 for row in rows}


@dataclass(frozen=True, slots=True)
class Homes:
    """Quota id → the ledger account that takes what comes back from it; absent: it is lost to the vendor."""

    accounts: dict[UUID, UUID]

    def of(self, quota_id: UUID | None) -> UUID | None:
        """The account for what comes back from this quota."""
        return None if quota_id is None else self.accounts.get(quota_id)


async def homes(ctx: Context, quota_ids: Collection[UUID]) -> Homes:
    """Of each quota the first that lives of it and those it was issued from; they are kept from ending meanwhile.

    Asked of a guard: a customer sees no quota, and a reseller not its distributor's.
    """
    rows = await db.fetch(_HOMES, list(quota_ids), ctx.now) if quota_ids else []
    return Homes({row["quota_id"]: row["account_id"] for row in rows})


async def designated_customers(reseller_ids: Collection[UUID], limits: QuotaLimits) -> dict[UUID, frozenset[UUID]]:
    """Reseller → those of the quota's designated customers that are its own."""
    if not limits.designated:
        return {}
    rows: list[dict[str, Any]] = await db.fetch(_DESIGNATED, list(reseller_ids), list(limits.designated))
    return {row["reseller_id"]: frozenset(row["customers"]) for row in rows}


async def associated_before(customer_ids: Collection[UUID], limits: QuotaLimits) -> frozenset[UUID]:
    """The customers that had been associated with any partner before they were with this one."""
    if not limits.first_association_only:
        return frozenset()
    return frozenset(row["customer_id"] for row in await db.fetch(_ASSOCIATED_BEFORE, list(customer_ids)))
