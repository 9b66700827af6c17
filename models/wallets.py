"""The double-entry ledger. The application may only read it: the functions of `models/ledger_sql.py` write."""

from datetime import datetime
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import Row, Scoped
from models.customers import Customer
from models.partners import Partner
from rules.errors import ErrorCode
from rules.wallets import AccountKind, HoldState, Posting

CONSTRAINTS = {
    "ledger_account_funded": ErrorCode.INSUFFICIENT_BALANCE,
    "ledger_transaction_reversed_once": ErrorCode.CONFLICT,
}


class LedgerAccount(Row):
    """Money of one kind, owner and currency in minor units. `held` of the balance waits for a posting of its own.

    The owner is the row whose money it is (a quota, a voucher, a partner); accounts of no owner are split into shards.
    `issuer_id` is a second partner that sees the account: the distributor of a reseller's quota.
    """

    prefix = "wal"
    scope = Scoped(partner=("partner_id", "issuer_id"), customer="customer_id", closed=True)

    kind = fields.CharEnumField(AccountKind, max_length=20)
    currency = fields.CharField(max_length=3)
    owner_type = fields.CharField(max_length=40, null=True)
    owner_id = fields.UUIDField(null=True)
    partner: fields.ForeignKeyNullableRelation[Partner] = fields.ForeignKeyField(
        "models.Partner", related_name="ledger_accounts", on_delete=fields.RESTRICT, null=True
    )
    partner_id: UUID | None
    issuer_id: UUID | None = fields.UUIDField(null=True)
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        "models.Customer", related_name="ledger_accounts", on_delete=fields.RESTRICT, null=True
    )
    customer_id: UUID | None
    shard = fields.SmallIntField(default=0)
    may_overdraw = fields.BooleanField()
    balance: int = fields.BigIntField(default=0)
    held: int = fields.BigIntField(default=0)
    last_seq = fields.BigIntField(default=0)
    opened_at = fields.DatetimeField()

    @property
    def available(self) -> int:
        """What may be spent: the balance without what is held."""
        return self.balance - self.held

    class Meta:
        table = "ledger_account"
        indexes = (
            Index(fields=("partner_id", "kind", "id"), name="ledger_account_by_partner"),
            Index(fields=("issuer_id", "id"), name="ledger_account_by_issuer"),
            Index(fields=("customer_id", "id"), name="ledger_account_by_customer"),
        )
        constraints = (
            UniqueConstraint(fields=("owner_id", "kind", "currency"), name="ledger_account_of_owner"),
            UniqueConstraint(
                fields=("kind", "currency", "shard"), name="ledger_account_shard", condition="owner_id IS NULL"
            ),
            CheckConstraint(check="may_overdraw OR balance >= held", name="ledger_account_funded"),
            CheckConstraint(check="held >= 0", name="ledger_account_held"),
            CheckConstraint(check="last_seq >= 0", name="ledger_account_seq"),
            CheckConstraint(check="currency ~ '^[A-Z]{3}$'", name="ledger_account_currency"),
            CheckConstraint(
                check="(owner_type IS NULL) = (owner_id IS NULL) AND (shard = 0 OR owner_id IS NULL)",
                name="ledger_account_owner",
            ),
        )


class LedgerTransaction(Row):
    """Entries that belong together and sum to zero in each currency; never changed, reversed by another one at most.

    `partner_id`, `other_partner_id` and `customer_id` are whose accounts it moves; `audit_id` is the command's row in
    the audit trail, written at the end of the same database transaction.
    """

    prefix = "ltx"
    scope = Scoped(partner=("partner_id", "other_partner_id"), customer="customer_id", closed=True)

    kind = fields.CharEnumField(Posting, max_length=30)
    occurred_at = fields.DatetimeField()
    subject_type = fields.CharField(max_length=40)
    subject_id = fields.UUIDField()
    reverses: fields.ForeignKeyNullableRelation["LedgerTransaction"] = fields.ForeignKeyField(
        "models.LedgerTransaction", related_name="reversals", on_delete=fields.RESTRICT, null=True
    )
    reverses_id: UUID | None
    audit_id = fields.UUIDField()
    partner_id: UUID | None = fields.UUIDField(null=True)
    other_partner_id: UUID | None = fields.UUIDField(null=True)
    customer_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "ledger_transaction"
        indexes = (Index(fields=("subject_id", "id"), name="ledger_transaction_by_subject"),)
        constraints = (UniqueConstraint(fields=("reverses_id",), name="ledger_transaction_reversed_once"),)


class LedgerEntry(Row):
    """One account's part of a transaction. `seq` counts up without gaps within the account.

    What the statement of an account filters by is copied from the transaction, whose money it is from the account;
    `cosell verify` compares the copies.
    """

    prefix = "len"
    scope = Scoped(partner="partner_id", customer="customer_id", closed=True)

    transaction: fields.ForeignKeyRelation[LedgerTransaction] = fields.ForeignKeyField(
        "models.LedgerTransaction", related_name="entries", on_delete=fields.RESTRICT, db_index=True
    )
    transaction_id: UUID
    account: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="entries", on_delete=fields.RESTRICT
    )
    account_id: UUID
    seq = fields.BigIntField()
    amount = fields.BigIntField()
    balance_after = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    kind = fields.CharEnumField(Posting, max_length=30)
    occurred_at = fields.DatetimeField()
    partner_id: UUID | None = fields.UUIDField(null=True)
    customer_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "ledger_entry"
        indexes = (Index(fields=("account_id", "kind", "seq"), name="ledger_entry_by_kind"),)
        constraints = (
            UniqueConstraint(fields=("account_id", "seq"), name="ledger_entry_seq_once"),
            CheckConstraint(check="amount <> 0", name="ledger_entry_moves"),
            CheckConstraint(check="seq > 0", name="ledger_entry_counts"),
        )


class LedgerHold(Row):
    """Money of `source` set aside for `target`: settled by a transaction, released, or expired; once."""

    prefix = "hld"
    scope = Scoped(partner="partner_id", customer="customer_id", closed=True)

    source: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="holds", on_delete=fields.RESTRICT, db_index=True
    )
    source_id: UUID
    target: fields.ForeignKeyRelation[LedgerAccount] = fields.ForeignKeyField(
        "models.LedgerAccount", related_name="awaited", on_delete=fields.RESTRICT, db_index=True
    )
    target_id: UUID
    amount = fields.BigIntField()
    state = fields.CharEnumField(HoldState, max_length=10)
    subject_type = fields.CharField(max_length=40)
    subject_id = fields.UUIDField()
    held_at = fields.DatetimeField()
    expires_at: datetime | None = fields.DatetimeField(null=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)
    transaction: fields.ForeignKeyNullableRelation[LedgerTransaction] = fields.ForeignKeyField(
        "models.LedgerTransaction", related_name="settled", on_delete=fields.RESTRICT, db_index=True, null=True
    )
    transaction_id: UUID | None
    partner_id: UUID | None = fields.UUIDField(null=True)
    customer_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "ledger_hold"
        indexes = (Index(fields=("state", "expires_at"), name="ledger_hold_by_end"),)
        constraints = (
            CheckConstraint(check="amount > 0", name="ledger_hold_amount"),
            CheckConstraint(check="source_id <> target_id", name="ledger_hold_between_two"),
            CheckConstraint(check="expires_at > held_at", name="ledger_hold_end_ahead"),
            CheckConstraint(check="(state = 'HELD') = (ended_at IS NULL)", name="ledger_hold_ended_when"),
            CheckConstraint(check="(state = 'SETTLED') = (transaction_id IS NOT NULL)", name="ledger_hold_settled_by"),
        )
