"""Spending vouchers: what the vendor's ordering reports, and its refunds."""

from uuid import UUID

from core import db
from models.vouchers import Voucher, VoucherUse
from models.wallets import LedgerEntry
from resolvers.command import command
from resolvers.context import Context
from resolvers.vouchers.facts import homes, left, voucher_facts
from resolvers.vouchers.quotas import amounts
from resolvers.vouchers.records import record_voucher
from resolvers.vouchers.scope import bonds
from resolvers.wallets.ledger import Leg, open_account, post
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.vouchers import (
    VOUCHER,
    Destination,
    Spending,
    SpendingPurpose,
    SubscriptionType,
    VoucherOperation,
    check_refund,
    check_use,
    is_refunded_to_customer,
)
from rules.wallets import AccountKind, Posting

E = ErrorCode


@command(
    permission=Permission.VOUCHERS_RECORD_USE,
    refuses=(
        E.INVALID_FORMAT,
        E.OUT_OF_RANGE,
        E.VOUCHER_NOT_USABLE,
        E.VOUCHER_INSUFFICIENT,
        E.VOUCHER_ORDER_TOO_SMALL,
        E.VOUCHER_ONE_PER_ORDER,
        E.VOUCHER_BEFORE_CASH,
        E.VOUCHER_NOT_FOR_ARREARS,
        E.VOUCHER_NOT_FOR_MARKETPLACE,
        E.VOUCHER_OUTSIDE_RANGE,
    ),
    emits=("voucher.used",),
    sensitive=True,
)
async def record_voucher_use(
    ctx: Context,
    *,
    voucher_id: UUID,
    order_ref: str,
    amount: str,
    order_amount: str,
    service: str | None = None,
    product: str | None = None,
    subscription: SubscriptionType | None = None,
    purpose: SpendingPurpose = SpendingPurpose.PURCHASE,
) -> VoucherUse:
    """Records what a voucher pays of an order. One voucher an order, before any cash coupon; the rest is paid in cash.

    What is left of the voucher can be spent until it ends.
    """
    money = amounts({"amount": amount, "orderAmount": order_amount})
    voucher = await Voucher.filter(id=voucher_id).select_for_update().first()
    if voucher is None:
        raise refuse(E.NOT_FOUND, "input", "voucherId")
    balance = (await left(ctx, [voucher]))[voucher.id]
    # What pays for one order comes one after the other: each counts what the others have paid.
    await db.lock_name(f"order:{voucher.customer_id}:{order_ref}")
    before = await VoucherUse.filter(customer_id=voucher.customer_id, order_ref=order_ref, refunded_at=None)
    spending = Spending(
        amount=money["amount"] or 0,
        order_amount=money["orderAmount"] or 0,
        service=service,
        product=product,
        subscription=subscription,
        purpose=purpose,
        before=[use.kind for use in before],
        paid=sum(use.amount_minor for use in before),
    )
    require(check_use(voucher_facts(voucher, balance), spending, now=ctx.now))
    return await _spend(ctx, voucher, spending, order_ref, used_up=spending.amount == balance)


async def _spend(ctx: Context, voucher: Voucher, spending: Spending, order_ref: str, *, used_up: bool) -> VoucherUse:
    used = await open_account(ctx, AccountKind.USED, currency=voucher.currency, owner=None)
    legs = [Leg(voucher.account_id, -spending.amount), Leg(used, spending.amount)]
    transaction = await post(ctx, Posting.VOUCHER_USE, legs, subject=voucher)
    use = await VoucherUse.insert(
        now=ctx.now,
        voucher_id=voucher.id,
        partner_id=voucher.partner_id,
        customer_id=voucher.customer_id,
        kind=voucher.kind,
        order_ref=order_ref,
        order_amount_minor=spending.order_amount,
        amount_minor=spending.amount,
        currency=voucher.currency,
        service=spending.service,
        product=spending.product,
        subscription=spending.subscription,
        purpose=spending.purpose,
        used_at=ctx.now,
        transaction_id=transaction,
    )
    event = "use_up" if used_up else "use"
    await voucher.change(
        now=ctx.now, status=VOUCHER.after(voucher.status, event), ended_at=ctx.now if used_up else None
    )
    ctx.event(
        "voucher.used",
        voucher,
        partner_id=voucher.partner_id,
        customer_id=voucher.customer_id,
        status=voucher.status.value,
        use_id=str(use.id),
    )
    ctx.effect("voucher.used", use, money=(spending.amount, voucher.currency))
    return use


@command(
    permission=Permission.VOUCHERS_RECORD_USE,
    refuses=(E.VOUCHER_REFUNDED,),
    emits=("voucher.refunded",),
    sensitive=True,
)
async def refund_voucher_use(ctx: Context, *, use_id: UUID) -> VoucherUse:
    """Records that an order was refunded: what the voucher had paid goes back, once and whole.

    Onto the voucher while its customer is still the partner's and could spend it; else into the partner's quota, or to
    the vendor where that has ended.
    """
    known = await VoucherUse.filter(id=use_id).select_related("voucher").first()
    if known is None:
        raise refuse(E.NOT_FOUND, "input", "id")
    associated = await bonds([known.customer_id], [known.partner_id])
    found = await homes(ctx, [known.voucher.quota_id])
    voucher = await Voucher.filter(id=known.voucher_id).select_for_update().get()
    use = await VoucherUse.filter(id=use_id).select_for_update().get()
    require(check_refund(use.refunded_at is not None))
    balance = (await left(ctx, [voucher]))[voucher.id]
    facts = voucher_facts(voucher, balance)
    if is_refunded_to_customer(facts, associated=bool(associated), now=ctx.now):
        return await _give_back(ctx, voucher, use)
    return await _give_to_partner(ctx, voucher, use, found.of(voucher.quota_id))


async def _give_back(ctx: Context, voucher: Voucher, use: VoucherUse) -> VoucherUse:
    """The use's own transaction, reversed."""
    entries = await LedgerEntry.filter(transaction_id=use.transaction_id)
    legs = [Leg(entry.account_id, -entry.amount) for entry in entries]
    transaction = await post(ctx, Posting.REVERSAL, legs, subject=use, reverses=use.transaction_id)
    await voucher.change(now=ctx.now, status=VOUCHER.after(voucher.status, "refund"), ended_at=None)
    return await _refunded(ctx, voucher, use, Destination.VOUCHER, transaction)


async def _give_to_partner(ctx: Context, voucher: Voucher, use: VoucherUse, home: UUID | None) -> VoucherUse:
    entries = await LedgerEntry.filter(transaction_id=use.transaction_id)
    used = next(entry.account_id for entry in entries if entry.account_id != voucher.account_id)
    target = home or await open_account(ctx, AccountKind.EXPIRED, currency=use.currency, owner=None)
    legs = [Leg(used, -use.amount_minor), Leg(target, use.amount_minor)]
    transaction = await post(ctx, Posting.VOUCHER_REFUND, legs, subject=use)
    return await _refunded(ctx, voucher, use, Destination.EXPIRED if home is None else Destination.QUOTA, transaction)


async def _refunded(
    ctx: Context, voucher: Voucher, use: VoucherUse, destination: Destination, transaction: UUID
) -> VoucherUse:
    await use.change(now=ctx.now, refunded_at=ctx.now, refunded_to=destination)
    await record_voucher(
        ctx,
        voucher,
        VoucherOperation.REFUND,
        amount=use.amount_minor,
        destination=destination,
        transaction_id=transaction,
    )
    ctx.event(
        "voucher.refunded",
        voucher,
        partner_id=voucher.partner_id,
        customer_id=voucher.customer_id,
        status=voucher.status.value,
        use_id=str(use.id),
        destination=destination.value,
    )
    ctx.effect("voucher.refunded", use, money=(use.amount_minor, use.currency))
    return use
