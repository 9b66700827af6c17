"""What must hold of the ledger."""

from resolvers.verify import invariant
from rules.sites import Site

invariant(
    "I1",
    "all entries of a currency sum to zero",
    "select format('%s: %s', currency, sum(amount)) from ledger_entry group by currency having sum(amount) <> 0",
)

invariant(
    "I2",
    "each transaction balances, is told the same by its entries, and is negated by its reversal",
    """
    select format('transaction %s: %s %s', transaction_id, sum(amount), currency)
    from ledger_entry group by transaction_id, currency having sum(amount) <> 0
    union all
    select format('transaction %s has no entries', t.id) from ledger_transaction t
    where not exists (select from ledger_entry e where e.transaction_id = t.id)
    union all
    select format('entry %s is not told as its transaction and account', e.id) from ledger_entry e
    join ledger_transaction t on t.id = e.transaction_id join ledger_account a on a.id = e.account_id
    where (e.kind, e.occurred_at, e.currency) <> (t.kind, t.occurred_at, a.currency)
      or (e.partner_id, e.customer_id) is distinct from (a.partner_id, a.customer_id)
      or (e.partner_id is not null and (e.partner_id in (t.partner_id, t.other_partner_id)) is not true)
      or (e.customer_id is not null and e.customer_id is distinct from t.customer_id)
    union all
    select format('transaction %s does not negate what it reverses', r.id) from ledger_transaction r
    where r.reverses_id is not null and exists (
      select account_id, sum(amount) from ledger_entry where transaction_id in (r.id, r.reverses_id)
      group by account_id having sum(amount) <> 0)
    """,
)

invariant(
    "I3",
    "an account's balance is the sum of its entries, what is held the sum of its holds",
    """
    select format('account %s: balance %s, entries %s, held %s, holds %s', a.id, a.balance, coalesce(e.sum, 0), a.held,
                  coalesce(h.sum, 0))
    from ledger_account a
    left join (select account_id, sum(amount) from ledger_entry group by account_id) e on e.account_id = a.id
    left join (select source_id, sum(amount) from ledger_hold where state = 'HELD' group by source_id) h
      on h.source_id = a.id
    where a.balance <> coalesce(e.sum, 0) or a.held <> coalesce(h.sum, 0)
    """,
)

invariant(
    "I4",
    "no account has less than nothing that may not",
    "select format('account %s: %s', id, balance - held) from ledger_account where balance < held and not may_overdraw",
)

invariant(
    "I7",
    "no money moves without an audit row",
    """
    select format('transaction %s', t.id) from ledger_transaction t
    where not exists (select from audit a where a.id = t.audit_id)
    """,
)

_ZONE = " ".join(f"when '{site.currency}' then '{site.zone.key}'" for site in Site)

# A day is over for an account once anything at all was posted on a later one: the data alone says what time it is.
invariant(
    "I9",
    "nothing stays on a clearing account over the end of a day",
    f"""
    select format('account %s: %s at the end of %s', account_id, balance_after, day) from (
      select e.account_id, e.balance_after, (e.occurred_at at time zone zone)::date as day,
             (lead(e.occurred_at, 1, (select max(occurred_at) from ledger_transaction)) over (
               partition by e.account_id order by e.seq) at time zone zone)::date as next_day
      from ledger_entry e join ledger_account a on a.id = e.account_id,
           lateral (select case e.currency {_ZONE} else 'UTC' end as zone) place
      where a.kind = 'CLEARING'
    ) cleared where balance_after <> 0 and day < next_day
    """,  # noqa: S608 - names of zones
)

invariant(
    "I10",
    "the entries of an account are numbered without gaps, each goes on where the one before ended",
    """
    select format('entry %s of account %s', seq, account_id) from (
      select account_id, seq, amount, balance_after, row_number() over account as place,
             lag(balance_after, 1, 0::bigint) over account as balance_before
      from ledger_entry window account as (partition by account_id order by seq)
    ) counted where seq <> place or balance_after <> balance_before + amount
    union all
    select format('account %s counts %s', id, last_seq) from ledger_account a
    where last_seq <> (select count(*) from ledger_entry e where e.account_id = a.id)
    """,
)
