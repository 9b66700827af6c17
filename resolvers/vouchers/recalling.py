"""Taking back what is left of vouchers: by their partner, at the end or the switch of an association, at their end."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from models.associations import AssociationRequest, CustomerAssociation
from models.customers import Customer
from models.partners import Partner
from models.vouchers import Voucher
from resolvers.associations.effects import carries
from resolvers.batch import Batch, each
from resolvers.command import StepUp, command
from resolvers.context import Context
from resolvers.vouchers.facts import Homes, homes, left, voucher_facts
from resolvers.vouchers.records import record_voucher, told
from resolvers.vouchers.scope import bonds, locked, visible_vouchers
from resolvers.wallets.ledger import Leg, lock, open_account, post
from rules.access import Permission
from rules.associations import AssociationEffect, RequestKind
from rules.errors import ErrorCode, refuse, require
from rules.vouchers import VOUCHER, Destination, VoucherOperation, VoucherStatus, check_recall
from rules.wallets import AccountKind, Posting

E = ErrorCode
_EVENTS = {
    VoucherOperation.RECALL: "recall",
    VoucherOperation.UNBIND_RECALL: "unbind",
    VoucherOperation.SWITCH_RECALL: "switch",
    VoucherOperation.EXPIRY: "expire",
}


@dataclass(frozen=True, slots=True)
class Held:
    """Vouchers locked for the transaction, with what is left of each and where it returns to."""

    vouchers: dict[UUID, Voucher]
    left: dict[UUID, int]
    homes: Homes


async def hold_vouchers(ctx: Context, known: Sequence[Voucher]) -> Held:
    """The vouchers, which were seen unlocked, their quotas and accounts locked in the one order. Four statements."""
    found = await homes(ctx, {row.quota_id for row in known})
    vouchers = await locked(Voucher.filter(id__in=[row.id for row in known]))
    if vouchers:
        await lock(ctx, [*(row.account_id for row in vouchers.values()), *found.accounts.values()])
    return Held(vouchers, await left(ctx, list(vouchers.values())), found)


async def take_back(ctx: Context, held: Held, voucher: Voucher, operation: VoucherOperation) -> int:
    """Ends one of the held vouchers and moves what was left of it, which is answered in minor units. Three statements.

    It goes to the quota the voucher was issued from or, where that has ended, to the first one above it that lives;
    else to the vendor. B 12.5.
    """
    amount, home = held.left[voucher.id], held.homes.of(voucher.quota_id)
    target = home or await open_account(ctx, AccountKind.EXPIRED, currency=voucher.currency, owner=None)
    posting = Posting.VOUCHER_EXPIRY if operation is VoucherOperation.EXPIRY else Posting.VOUCHER_RECALL
    transaction = await post(ctx, posting, [Leg(voucher.account_id, -amount), Leg(target, amount)], subject=voucher)
    await voucher.change(now=ctx.now, status=VOUCHER.after(voucher.status, _EVENTS[operation]), ended_at=ctx.now)
    await record_voucher(
        ctx,
        voucher,
        operation,
        amount=amount,
        destination=Destination.EXPIRED if home is None else Destination.QUOTA,
        transaction_id=transaction,
    )
    return amount


def tell_recalled(ctx: Context, voucher: Voucher, amount: int) -> None:
    """Both sides' feeds hear of it."""
    ctx.event(
        "voucher.recalled",
        voucher,
        partner_id=voucher.partner_id,
        customer_id=voucher.customer_id,
        status=voucher.status.value,
    )
    ctx.effect("voucher.recalled", voucher, money=(amount, voucher.currency))


@command(
    permission=Permission.VOUCHERS_RECALL,
    refuses=(
        E.REPEATED,
        E.TOO_MANY,
        E.STATE_CONFLICT,
        E.ALREADY_EXPIRED_OR_RECALLED,
        E.NOT_RECALLABLE_REFERRAL,
    ),
    emits=("voucher.recalled",),
    step_up=StepUp.IF_SWITCH_ON,
)
async def recall_vouchers(ctx: Context, *, voucher_ids: list[UUID]) -> Batch[Voucher]:
    """Takes back all that is left of vouchers of your resale customers, into the quota they were issued from."""
    known = await visible_vouchers(ctx).filter(id__in=voucher_ids)
    held_bonds = await bonds({row.customer_id for row in known}, [ctx.actor.partner_id])
    held = await hold_vouchers(ctx, known)
    customers = {row.id: row for row in await Customer.filter(id__in={row.customer_id for row in known})}
    partner = await Partner.get(id=ctx.actor.partner_id)

    async def one(voucher_id: UUID, place: tuple[str, ...]) -> Voucher:
        voucher = held.vouchers.get(voucher_id)
        if voucher is None:
            raise refuse(E.NOT_FOUND, *place)
        bond = held_bonds.get((voucher.partner_id, voucher.customer_id))
        facts = voucher_facts(voucher, held.left[voucher_id])
        require(check_recall(facts, None if bond is None else bond.type, place, now=ctx.now))
        amount = await take_back(ctx, held, voucher, VoucherOperation.RECALL)
        tell_recalled(ctx, voucher, amount)
        ctx.notify(
            "voucher_recalled",
            customers[voucher.customer_id],
            about=voucher,
            names={"partner": partner},
            facts={"amount": told(amount, voucher.currency)},
        )
        return voucher

    return await each(ctx, voucher_ids, one, "input", "voucherIds")


@carries(AssociationEffect.RECALL_VOUCHERS)
async def _recall_all(ctx: Context, association: CustomerAssociation, request: AssociationRequest) -> None:
    """What the partner issued to the customer and is unspent goes back when they part or switch; in the scope of
    whichever side approves. B 4.4.
    """
    operation = VoucherOperation.UNBIND_RECALL if request.kind is RequestKind.UNBIND else VoucherOperation.SWITCH_RECALL
    known = await Voucher.filter(
        partner_id=association.partner_id, customer_id=association.customer_id, status=VoucherStatus.USABLE
    )
    if not known:
        return
    held = await hold_vouchers(ctx, known)
    for voucher in held.vouchers.values():
        if voucher.status is VoucherStatus.USABLE:
            tell_recalled(ctx, voucher, await take_back(ctx, held, voucher, operation))
