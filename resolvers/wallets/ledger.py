"""Moves money: the one way into the ledger, for the commands of every domain. Inside the caller's transaction.

A command that posts several times calls `lock` first with every account it knows of: postings of one transaction keep
their locks until it ends, and only one order for all of them keeps two commands from waiting for each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core import db
from core.ids import uuid7
from core.rows import read_rows
from models.base import Row
from models.partners import Partner
from models.wallets import LedgerAccount
from resolvers.context import Context
from rules.errors import ErrorCode, refuse
from rules.wallets import HOLD, AccountKind, HoldState, Posting

_OPEN = "select ledger_open($1, $2, $3, $4, $5, $6, $7, $8, $9) as id"
_POST = "select ledger_post($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
_HOLD = "select ledger_hold($1, $2, $3, $4, $5, $6, $7, $8)"
_END_HOLD = "select ledger_end_hold($1, $2, $3, $4, $5, $6) as state"


@dataclass(frozen=True, slots=True)
class Leg:
    """What one account gets (or gives, below zero) in minor units of its currency."""

    account_id: UUID
    amount: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has in minor units, and how much of it is held."""

    balance: int
    held: int
    currency: str

    @property
    def available(self) -> int:
        """What may be spent."""
        return self.balance - self.held


async def open_account(
    ctx: Context,
    kind: AccountKind,
    *,
    currency: str,
    owner: Row | None,
    partner_id: UUID | None = None,
    customer_id: UUID | None = None,
    issuer_id: UUID | None = None,
) -> UUID:
    """The account of this kind and currency that `owner` has, made if it has none. One statement.

    `partner_id` and `customer_id` are whose money it is, `issuer_id` a second partner that sees the account; they are
    fixed when it is opened. A partner as owner is its own `partner_id`. Without owner: the system's own, in shards.
    """
    of_partner = owner.id if isinstance(owner, Partner) else partner_id
    row = await db.fetch_one(
        _OPEN,
        uuid7(),
        kind.value,
        currency,
        None if owner is None else type(owner).__name__,
        None if owner is None else owner.id,
        of_partner,
        issuer_id,
        customer_id,
        ctx.now,
    )
    assert row is not None
    account_id: UUID = row["id"]
    return account_id


async def lock(ctx: Context, account_ids: Collection[UUID]) -> None:
    """Locks the accounts in the one order that all postings keep, until the transaction ends. One statement."""
    await db.fetch("select ledger_lock($1)", sorted(set(account_ids)))


async def post(ctx: Context, kind: Posting, legs: Sequence[Leg], *, subject: Row, reverses: UUID | None = None) -> UUID:
    """Writes one transaction; the id. Legs sum to zero in each currency, those of one account are one entry.

    `subject` is what it is about. `reverses` names a transaction whose entries are all taken back by these legs. One
    statement; refused with INSUFFICIENT_BALANCE when an account would have less than nothing, or less than is held.
    """
    amounts: dict[UUID, int] = {}
    for leg in legs:
        amounts[leg.account_id] = amounts.get(leg.account_id, 0) + leg.amount
    moved = {account_id: amount for account_id, amount in amounts.items() if amount != 0}
    if not moved or sum(moved.values()) != 0:
        raise ValueError(f"the legs of {kind} move nothing or do not sum to zero")
    transaction_id = uuid7()
    ctx.work.moved_money = True
    await db.fetch(
        _POST,
        transaction_id,
        kind.value,
        ctx.now,
        type(subject).__name__,
        subject.id,
        reverses,
        ctx.work.audit_id,
        [uuid7() for _ in moved],
        list(moved),
        list(moved.values()),
    )
    return transaction_id


async def hold(
    ctx: Context, source: UUID, target: UUID, amount: int, *, subject: Row, expires_at: datetime | None
) -> UUID:
    """Sets `amount` minor units of `source` aside for `target`; the hold's id. One statement.

    The balance stays, what is available shrinks; from `expires_at` on it cannot be settled and is given back by itself.
    Refused with INSUFFICIENT_BALANCE.
    """
    hold_id = uuid7()
    ctx.work.moved_money = True
    await db.fetch(_HOLD, hold_id, source, target, amount, type(subject).__name__, subject.id, expires_at, ctx.now)
    return hold_id


async def settle(ctx: Context, hold_id: UUID) -> UUID:
    """Posts what was held; the transaction's id. Refused with STATE_CONFLICT when the hold has ended. One statement."""
    transaction_id = uuid7()
    await _end(ctx, hold_id, "settle", transaction_id)
    return transaction_id


async def release(ctx: Context, hold_id: UUID) -> None:
    """Gives back what was held. Refused with STATE_CONFLICT when the hold has ended. One statement."""
    await _end(ctx, hold_id, "release")


async def expire(ctx: Context, hold_id: UUID) -> None:
    """Gives back what was held too long; as `release`."""
    await _end(ctx, hold_id, "expire")


async def _end(ctx: Context, hold_id: UUID, event: str, transaction_id: UUID | None = None) -> None:
    target = HOLD.after(HoldState.HELD, event)
    ctx.work.moved_money = True
    row = await db.fetch_one(
        _END_HOLD, hold_id, target.value, ctx.now, transaction_id, ctx.work.audit_id, [uuid7(), uuid7()]
    )
    if row is None or row["state"] is None:
        raise refuse(ErrorCode.NOT_FOUND)
    HOLD.after(HoldState(row["state"]), event)


async def balances(ctx: Context, account_ids: Collection[UUID]) -> dict[UUID, Balance]:
    """Account id → what it has, for those the actor may see. One statement for all."""
    rows, names = LedgerAccount.filter(id__in=list(account_ids)), ("id", "balance", "held", "currency")
    found = await read_rows(rows, sort=(), limit=len(account_ids), names=names)
    return {row.id: Balance(row.balance, row.held, row.currency) for row in found}
