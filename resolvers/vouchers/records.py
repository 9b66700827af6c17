"""The records of every operation on quotas and vouchers, and how amounts are told."""

from uuid import UUID

from models.vouchers import QuotaRecord, Voucher, VoucherQuota, VoucherRecord
from resolvers.context import Context
from rules.money import format_amount
from rules.vouchers import Destination, QuotaOperation, VoucherOperation


def told(amount: int, currency: str) -> str:
    """As effects and messages say it: 100.00 CNY."""
    return f"{format_amount(amount)} {currency}"


async def record_quota(
    ctx: Context,
    quota: VoucherQuota,
    operation: QuotaOperation,
    *,
    amount: int = 0,
    destination: Destination | None = None,
    transaction_id: UUID | None = None,
    remark: str | None = None,
) -> None:
    """Adds a line to the quota records. B 12.7."""
    await QuotaRecord.create(
        quota_id=quota.id,
        parent_quota_id=quota.parent_id,
        partner_id=quota.owner_partner_id,
        issuer_partner_id=quota.issuer_partner_id,
        operation=operation,
        amount_minor=amount,
        currency=quota.currency,
        destination=destination,
        remark=remark,
        actor=ctx.actor.name,
        at=ctx.now,
        transaction_id=transaction_id,
    )


async def record_voucher(
    ctx: Context,
    voucher: Voucher,
    operation: VoucherOperation,
    *,
    amount: int,
    destination: Destination,
    transaction_id: UUID,
) -> None:
    """Adds a line to the voucher records. B 12.5."""
    await VoucherRecord.create(
        voucher_id=voucher.id,
        quota_id=voucher.quota_id,
        partner_id=voucher.partner_id,
        customer_id=voucher.customer_id,
        operation=operation,
        amount_minor=amount,
        currency=voucher.currency,
        destination=destination,
        actor=ctx.actor.name,
        at=ctx.now,
        transaction_id=transaction_id,
    )
