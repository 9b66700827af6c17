"""The SQL functions that write the ledger, and the triggers that keep it append-only and balanced.

The application's role has no right to write these tables. The functions run with their owner's rights, so they are the
only way; each refuses a transaction whose scope owns none of the accounts it is given. Accounts are locked in the order
of their ids, always and everywhere: two postings can wait for each other but never in a circle.
"""

from rules.wallets import OVERDRAWN, SHARDS, HoldState, Posting

_DEFINER = "language plpgsql security definer set search_path = pg_catalog, public, pg_temp"
_OVERDRAWN = ", ".join(f"'{kind.value}'" for kind in sorted(OVERDRAWN))

# `owns` is the condition of row-level security on ledger_account, made from the model's scope.
_LOCK = """
    create or replace function ledger_lock(of_accounts uuid[]) returns void {definer} as $$
    begin
      if not exists (select from ledger_account where id = any (of_accounts) and ({owns})) then
        raise exception 'none of these accounts is in the scope' using errcode = 'insufficient_privilege';
      end if;
      perform from ledger_account where id = any (of_accounts) order by id for no key update;
    end $$
"""

# The shard of an account without owner follows the connection: two transactions that run at the same time have two.
_OPEN = f"""
    create or replace function ledger_open(
      new_id uuid, of_kind text, of_currency text, of_owner_type text, of_owner uuid, of_partner uuid, of_issuer uuid,
      of_customer uuid, at_instant timestamptz
    ) returns uuid {_DEFINER} as $$
    declare
      known uuid;
      of_shard int := case when of_owner is null then pg_backend_pid() % {SHARDS} else 0 end;
    begin
      if coalesce(current_setting('app.kind', true), '') not in ('all', 'partner', 'customer') then
        raise exception 'nobody opens an account here' using errcode = 'insufficient_privilege';
      end if;
      for attempt in 1..2 loop
        if of_owner is null then
          select id into known from ledger_account
            where kind = of_kind and currency = of_currency and shard = of_shard and owner_id is null;
        else
          select id into known from ledger_account
            where owner_id = of_owner and kind = of_kind and currency = of_currency;
        end if;
        exit when known is not null;
        insert into ledger_account (id, kind, currency, owner_type, owner_id, partner_id, issuer_id, customer_id, shard,
                                    may_overdraw, balance, held, last_seq, opened_at)
          values (new_id, of_kind, of_currency, of_owner_type, of_owner, of_partner, of_issuer, of_customer, of_shard,
                  of_kind in ({_OVERDRAWN}), 0, 0, 0, at_instant)
          on conflict do nothing returning id into known;
        exit when known is not null;
      end loop;
      return known;
    end $$
"""  # noqa: S608

_POST = f"""
    create or replace function ledger_post(
      new_id uuid, of_kind text, at_instant timestamptz, of_subject_type text, of_subject uuid, of_reversed uuid,
      of_audit uuid, of_entries uuid[], of_accounts uuid[], of_amounts bigint[]
    ) returns void {_DEFINER} as $$
    declare
      is_own boolean;
      partners uuid[];
      customers uuid[];
      written int;
    begin
      select bool_or({{owns}}), array_agg(distinct partner_id) filter (where partner_id is not null),
             array_agg(distinct customer_id) filter (where customer_id is not null)
        into is_own, partners, customers
        from (select * from ledger_account where id = any (of_accounts) order by id for no key update) locked;
      if is_own is not true then
        raise exception 'none of these accounts is in the scope' using errcode = 'insufficient_privilege';
      elsif cardinality(partners) > 2 or cardinality(customers) > 1 then
        raise exception 'a transaction concerns two partners and one customer at most'
          using errcode = 'check_violation', constraint = 'ledger_transaction_parties';
      end if;
      insert into ledger_transaction (id, kind, occurred_at, subject_type, subject_id, reverses_id, audit_id,
                                      partner_id, other_partner_id, customer_id)
        values (new_id, of_kind, at_instant, of_subject_type, of_subject, of_reversed, of_audit,
                partners[1], partners[2], customers[1]);
      with moved as (
        update ledger_account account set balance = account.balance + leg.amount, last_seq = account.last_seq + 1
        from unnest(of_entries, of_accounts, of_amounts) as leg (entry_id, account_id, amount)
        where account.id = leg.account_id
        returning leg.entry_id, leg.amount, account.id, account.last_seq, account.balance, account.currency,
                  account.partner_id, account.customer_id
      )
      insert into ledger_entry (id, transaction_id, account_id, seq, amount, balance_after, currency, kind, occurred_at,
                                partner_id, customer_id)
        select entry_id, new_id, id, last_seq, amount, balance, currency, of_kind, at_instant, partner_id, customer_id
        from moved;
      get diagnostics written = row_count;
      if written <> cardinality(of_accounts) then
        raise exception 'an account is missing, or named twice'
          using errcode = 'check_violation', constraint = 'ledger_transaction_accounts';
      end if;
      if of_reversed is not null and exists (
        select from (select account_id, amount from ledger_entry where transaction_id = of_reversed) as done
          full join (select account_id, amount from ledger_entry where transaction_id = new_id) as undone
            on undone.account_id = done.account_id and undone.amount = -done.amount
        where done.account_id is null or undone.account_id is null
      ) then
        raise exception 'a reversal takes back every entry of its transaction and nothing else'
          using errcode = 'check_violation', constraint = 'ledger_transaction_negates';
      end if;
    end $$
"""  # noqa: S608

_HOLD = f"""
    create or replace function ledger_hold(
      new_id uuid, of_source uuid, of_target uuid, of_amount bigint, of_subject_type text, of_subject uuid,
      until_instant timestamptz, at_instant timestamptz
    ) returns void {_DEFINER} as $$
    begin
      perform ledger_lock(array[of_source]);
      update ledger_account set held = held + of_amount where id = of_source;
      insert into ledger_hold (id, source_id, target_id, amount, state, subject_type, subject_id, held_at, expires_at,
                               partner_id, customer_id)
        select new_id, source.id, target.id, of_amount, '{HoldState.HELD}', of_subject_type, of_subject, at_instant,
               until_instant, source.partner_id, source.customer_id
        from ledger_account source join ledger_account target on target.currency = source.currency
        where source.id = of_source and target.id = of_target;
      if not found then
        raise exception 'the target is missing, or of another currency'
          using errcode = 'check_violation', constraint = 'ledger_hold_accounts';
      end if;
    end $$
"""  # noqa: S608

# Answers the state the hold was in; only from HELD something has happened. What is overdue cannot be settled any more.
_END_HOLD = f"""
    create or replace function ledger_end_hold(
      of_hold uuid, new_state text, at_instant timestamptz, of_transaction uuid, of_audit uuid, of_entries uuid[]
    ) returns text {_DEFINER} as $$
    declare
      kept ledger_hold;
    begin
      select * into kept from ledger_hold where id = of_hold for update;
      if not found then
        return null;
      elsif kept.state <> '{HoldState.HELD}' then
        return kept.state;
      elsif new_state = '{HoldState.SETTLED}' and kept.expires_at <= at_instant then
        return '{HoldState.EXPIRED}';
      end if;
      perform ledger_lock(array[kept.source_id, kept.target_id]);
      update ledger_account set held = held - kept.amount where id = kept.source_id;
      if new_state = '{HoldState.SETTLED}' then
        perform ledger_post(of_transaction, '{Posting.SETTLEMENT}', at_instant, kept.subject_type, kept.subject_id,
                            null, of_audit, of_entries, array[kept.source_id, kept.target_id],
                            array[-kept.amount, kept.amount]);
      end if;
      update ledger_hold set state = new_state, ended_at = at_instant,
        transaction_id = case when new_state = '{HoldState.SETTLED}' then of_transaction end where id = of_hold;
      return kept.state;
    end $$
"""  # noqa: S608

# At the commit: a transaction's entries sum to zero in each currency. They all came in one statement, so that none can
# be added later; and each goes on where the last one of its account ended.
_BALANCED = f"""
    create or replace function ledger_balanced() returns trigger {_DEFINER} as $$
    begin
      if not exists (select from ledger_entry where transaction_id = new.id) or exists (
        select from ledger_entry where transaction_id = new.id group by currency having sum(amount) <> 0
      ) then
        raise exception 'the entries of % do not sum to zero', new.id
          using errcode = 'check_violation', constraint = 'ledger_transaction_balanced';
      end if;
      return null;
    end $$
"""  # noqa: S608
_FOLLOWS = f"""
    create or replace function ledger_entries_follow() returns trigger {_DEFINER} as $$
    begin
      if exists (
        select from added where balance_after - amount is distinct from case when seq = 1 then 0 else (
          select past.balance_after from ledger_entry past
          where past.account_id = added.account_id and past.seq = added.seq - 1) end
      ) then
        raise exception 'an entry does not follow the one before it'
          using errcode = 'check_violation', constraint = 'ledger_entry_follows';
      elsif exists (
        select from added group by transaction_id
        having count(*) <> (select count(*) from ledger_entry known where known.transaction_id = added.transaction_id)
      ) then
        raise exception 'a transaction has its entries from the beginning'
          using errcode = 'check_violation', constraint = 'ledger_entry_late';
      end if;
      return null;
    end $$
"""  # noqa: S608

_SIGNATURES = (
    "ledger_lock(uuid[])",
    "ledger_open(uuid, text, text, text, uuid, uuid, uuid, uuid, timestamptz)",
    "ledger_post(uuid, text, timestamptz, text, uuid, uuid, uuid, uuid[], uuid[], bigint[])",
    "ledger_hold(uuid, uuid, uuid, bigint, text, uuid, timestamptz, timestamptz)",
    "ledger_end_hold(uuid, text, timestamptz, uuid, uuid, uuid[])",
    "ledger_balanced()",
    "ledger_entries_follow()",
)


def statements(owns: str) -> list[str]:
    """Idempotent SQL, run by every migrate; `owns` is the condition under which a scope owns a ledger_account."""
    post = _POST.replace("{owns}", owns)
    lines = [_LOCK.format(definer=_DEFINER, owns=owns), _OPEN, post, _HOLD, _END_HOLD, _BALANCED, _FOLLOWS]
    lines += [f"revoke all on function {signature} from public" for signature in _SIGNATURES]
    lines += [
        f"create or replace trigger {table}_append_only before update or delete or truncate on {table}"
        " for each statement execute function refuse_change()"
        for table in ("ledger_transaction", "ledger_entry")
    ]
    return [
        *lines,
        "drop trigger if exists ledger_transaction_balanced on ledger_transaction",
        "create constraint trigger ledger_transaction_balanced after insert on ledger_transaction"
        " deferrable initially deferred for each row execute function ledger_balanced()",
        "create or replace trigger ledger_entry_follows after insert on ledger_entry referencing new table as added"
        " for each statement execute function ledger_entries_follow()",
    ]
