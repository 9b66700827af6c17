"""Reading the ledger: accounts, the statement of one, and the trace from an entry or an object to the postings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from core.ids import InvalidId, decode_id, filter_id
from models.audit import Audit
from models.partners import Partner
from models.registry import model_of_id
from models.wallets import LedgerAccount, LedgerEntry, LedgerTransaction
from resolvers.context import Context
from resolvers.nodes import findable, sees_all
from resolvers.query import query
from resolvers.related import to_one
from rules.access import VENDOR_ROLES, Permission, may
from rules.wallets import AccountKind, Posting

R = TypeVar("R", LedgerAccount, LedgerTransaction, LedgerEntry)
TRACED = 100
"""Most transactions that a trace shows."""


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries of a statement; None for any. From `since` on, before `until`."""

    kinds: tuple[Posting, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


def _own(ctx: Context, rows: QuerySet[R], *partner_columns: str) -> QuerySet[R]:
    """All rows for the vendor, a partner's by any of the columns, a customer's own, none for others."""
    if sees_all(ctx):
        return rows
    if ctx.actor.partner_id is not None:
        own: dict[str, Any] = dict.fromkeys(partner_columns, ctx.actor.partner_id)
        return rows.filter(Q(join_type="OR", **own))
    return rows.filter(customer_id__in=[ctx.actor.customer_id] if ctx.actor.customer_id else [])


def visible_accounts(ctx: Context) -> QuerySet[LedgerAccount]:
    """Own accounts, and those that the partner has issued to another one; of its money alone for those who see no more
    than the balance.
    """
    rows = _own(ctx, LedgerAccount.all(), "partner_id", "issuer_id")
    return rows if may(ctx.actor, Permission.WALLETS_READ) else rows.filter(kind=AccountKind.CASH)


def visible_transactions(ctx: Context) -> QuerySet[LedgerTransaction]:
    """Transactions that move own accounts."""
    return _own(ctx, LedgerTransaction.all(), "partner_id", "other_partner_id")


def visible_entries(ctx: Context) -> QuerySet[LedgerEntry]:
    """Entries of own accounts: the other side's balances are not shown."""
    return _own(ctx, LedgerEntry.all(), "partner_id")


findable(LedgerAccount, Permission.WALLETS_READ_BALANCE, visible_accounts)
findable(LedgerTransaction, Permission.WALLETS_READ, visible_transactions)
findable(LedgerEntry, Permission.WALLETS_READ, visible_entries)


@query(permission=Permission.WALLETS_READ_BALANCE)
def wallets(
    ctx: Context, *, kinds: Sequence[AccountKind] | None = None, partner: str | None = None
) -> QuerySet[LedgerAccount]:
    """The ledger's accounts with what they hold; `partner` is a public id."""
    rows = visible_accounts(ctx)
    rows = rows if kinds is None else rows.filter(kind__in=list(kinds))
    return rows if partner is None else rows.filter(partner_id=filter_id(Partner.prefix, partner))


@query(permission=Permission.WALLETS_READ)
def ledger_entries(ctx: Context, *, account: str, filter: EntryFilter = EntryFilter()) -> QuerySet[LedgerEntry]:
    """The statement of one account; nothing for one the actor does not see. `account` is a public id."""
    rows = visible_entries(ctx).filter(account_id=filter_id(LedgerAccount.prefix, account))
    if filter.kinds is not None:
        rows = rows.filter(kind__in=filter.kinds)
    if filter.since is not None:
        rows = rows.filter(occurred_at__gte=filter.since)
    return rows if filter.until is None else rows.filter(occurred_at__lt=filter.until)


@query(permission=Permission.WALLETS_READ)
async def trace(ctx: Context, *, id: str) -> list[LedgerTransaction]:
    """What the ledger knows of an entry, of a transaction, or of any object that transactions are about; newest first.

    `id` is a public id.
    """
    try:
        model, (_, row_id) = model_of_id(id), decode_id(id)
    except InvalidId:
        return []
    way = {LedgerEntry: "entries__id", LedgerTransaction: "id"}.get(model, "subject_id")
    return await visible_transactions(ctx).filter(**{way: row_id}).order_by("-id").limit(TRACED)


partners_of_accounts = to_one("partner_id", Partner)
"""For each account the partner whose it is, where the actor may see it."""


accounts_of_entries = to_one("account_id", LedgerAccount)
"""For each entry its account; both have the same owner."""


transactions_of_entries = to_one("transaction_id", LedgerTransaction)
"""For each entry its transaction, which every owner of an entry sees."""


async def entries_of_transactions(ctx: Context, transactions: Sequence[LedgerTransaction]) -> list[list[LedgerEntry]]:
    """For each transaction the entries of own accounts, gifts before receipts."""
    rows = await visible_entries(ctx).filter(transaction_id__in=[row.id for row in transactions]).order_by("amount")
    return [[row for row in rows if row.transaction_id == transaction.id] for transaction in transactions]


async def reversed_by(ctx: Context, transactions: Sequence[LedgerTransaction]) -> list[LedgerTransaction | None]:
    """For each transaction the one that reversed it."""
    rows = await visible_transactions(ctx).filter(reverses_id__in=[row.id for row in transactions])
    found = {row.reverses_id: row for row in rows}
    return [found.get(row.id) for row in transactions]


reversed_of = to_one("reverses_id", LedgerTransaction)
"""For each transaction the one that it reverses."""


async def audits_of(ctx: Context, transactions: Sequence[LedgerTransaction]) -> list[Audit | None]:
    """For each transaction the audit row of its command; None for another tenant's."""
    rows = Audit.filter(id__in=[row.audit_id for row in transactions])
    if not ctx.actor.roles & VENDOR_ROLES:
        rows = rows.filter(tenant_id__in=[ctx.actor.partner_id] if ctx.actor.partner_id else [])
    found = {row.id: row for row in await rows}
    return [found.get(row.audit_id) for row in transactions]
