"""GraphQL of money inside: accounts, their statements, and what stands behind an entry."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from tortoise.queryset import QuerySet

from core.analyser.limits import Cost
from core.ids import encode_id
from models.registry import model_named
from resolvers.context import Context
from resolvers.wallets import reads
from resolvers.wallets.reads import TRACED, EntryFilter
from rules.wallets import AccountKind, Posting
from schema.columns import looks_at
from schema.context import Info
from schema.fields import amount_of, query, relation
from schema.nodes import Node, OfRow
from schema.pages import Order, connection

strawberry.enum(AccountKind, name="LedgerAccountKind", description="What an account of the ledger holds.")
strawberry.enum(Posting, description="What a transaction of the ledger is for.")

if TYPE_CHECKING:
    from schema.partners import Partner

PartnerType = Annotated["Partner", strawberry.lazy("schema.partners")]
TransactionType = Annotated["LedgerTransaction", strawberry.lazy("schema.wallets")]

Kinds = Annotated[list[AccountKind] | None, strawberry.argument(description="Only accounts of these kinds.")]
PartnerId = Annotated[strawberry.ID | None, strawberry.argument(description="Only accounts of this partner.")]
AccountId = Annotated[strawberry.ID, strawberry.argument(description="The account.")]
TracedId = Annotated[
    strawberry.ID, strawberry.argument(description="Id of an entry, a transaction, or an object of the business.")
]


@strawberry.type(description="Money of one kind, owner and currency.")
class LedgerAccount(Node, OfRow):
    """The source object is a LedgerAccount row."""

    kind: AccountKind = strawberry.field(description="What it holds.")
    currency: str = strawberry.field(description="ISO 4217.")
    opened_at: datetime = strawberry.field(description="When it was first used.")
    partner = relation(
        reads.partners_of_accounts, PartnerType | None, "Whose it is; null for others' and the system's."
    )

    balance = amount_of("balance", "Everything on it.")
    held = amount_of("held", "What of it waits for a posting of its own and cannot be spent.")
    available = amount_of(
        "available", "What may be spent: the balance without what is held.", looks=("balance", "held")
    )

    @strawberry.field(
        description="The quota, voucher or partner whose money it is; null for the system's own.",
        metadata=looks_at("owner_type", "owner_id"),
    )
    def owner_id(self) -> strawberry.ID | None:
        """The typed id of the owner."""
        row: Any = self
        return None if row.owner_id is None else _typed_id(row.owner_type, row.owner_id)


@strawberry.type(description="One account's part of a transaction.")
class LedgerEntry(Node, OfRow):
    """The source object is a LedgerEntry row."""

    seq: int = strawberry.field(description="Counts up without gaps within the account.")
    kind: Posting = strawberry.field(description="What the transaction is for.")
    occurred_at: datetime = strawberry.field(description="When, in business time.")
    account = relation(reads.accounts_of_entries, LedgerAccount, "The account.")
    transaction = relation(reads.transactions_of_entries, TransactionType, "The whole transaction.")

    amount = amount_of("amount", "What the account got; below zero what it gave.")
    balance_after = amount_of("balance_after", "The account's balance after it.")


@strawberry.type(description="A command that was carried out, as the audit trail has it.")
class Audit(OfRow):
    """The source object is an Audit row."""

    seq: int | None = strawberry.field(
        name="number", description="Counts up without gaps within the partner; null for a second after the command."
    )
    operation: str = strawberry.field(description="The command.")
    actor: str = strawberry.field(description="system, or account: and its UUID.")
    occurred_at: datetime = strawberry.field(description="When, in business time.")


@strawberry.type(description="Entries that belong together and sum to zero in each currency. Never changed.")
class LedgerTransaction(Node, OfRow):
    """The source object is a LedgerTransaction row."""

    kind: Posting = strawberry.field(description="What it is for.")
    occurred_at: datetime = strawberry.field(description="When, in business time.")
    entries = relation(
        reads.entries_of_transactions, list[LedgerEntry], "Its entries on accounts of yours.", columns=("id",)
    )
    reverses = relation(reads.reversed_of, TransactionType | None, "The transaction that it takes back.")
    reversed_by = relation(
        reads.reversed_by, TransactionType | None, "The transaction that took it back.", columns=("id",)
    )
    audit = relation(reads.audits_of, Audit | None, "The command behind it; null for another's.", columns=("audit_id",))

    @strawberry.field(description="The object that it is about.", metadata=looks_at("subject_type", "subject_id"))
    def subject_id(self) -> strawberry.ID:
        """The typed id of the subject."""
        row: Any = self
        return _typed_id(row.subject_type, row.subject_id)


def _typed_id(type_name: str, row_id: Any) -> strawberry.ID:
    return strawberry.ID(encode_id(model_named(type_name).prefix, row_id))


@strawberry.input
class LedgerEntryFilter:
    """Which entries of a statement; what is left out or null filters nothing."""

    kinds: list[Posting] | None = strawberry.field(default=None, description="Only of these kinds, 100 at most.")
    since: datetime | None = strawberry.field(default=None, description="Only from this instant on.")
    until: datetime | None = strawberry.field(default=None, description="Only before this instant.")

    def of(self) -> EntryFilter:
        """As the use case takes it."""
        return EntryFilter(None if self.kinds is None else tuple(self.kinds), self.since, self.until)


@strawberry.type
class WalletQueries:
    """Root reads of this domain."""

    @connection(reads.wallets, LedgerAccount)
    def wallets(self, ctx: Context, kinds: Kinds = None, partner_id: PartnerId = None) -> QuerySet[Any]:
        """Accounts of the ledger with balance, held and available money: own and issued ones; newest first."""
        return reads.wallets(ctx, kinds=kinds, partner=partner_id)

    @connection(reads.ledger_entries, LedgerEntry, order=Order("seq"))
    def ledger_entries(
        self, ctx: Context, ledger_account_id: AccountId, filter: LedgerEntryFilter | None = None
    ) -> QuerySet[Any]:
        """The statement of an account: its entries with the balance after each, newest first."""
        chosen = EntryFilter() if filter is None else filter.of()
        return reads.ledger_entries(ctx, account=ledger_account_id, filter=chosen)

    @query(reads.trace, cost=Cost(multiplier=TRACED))
    async def trace(self, info: Info, id: TracedId) -> list[LedgerTransaction]:
        """From an entry, a transaction or an object to its transactions, at most the newest 100, newest first."""
        return await reads.trace(info.context.ctx, id=id)  # type: ignore[return-value]
