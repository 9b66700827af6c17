"""What must hold of quotas and vouchers, and of what the ledger says of them."""

from resolvers.verify import invariant

invariant(
    "I5",
    "what was issued is live, used, recalled or expired; what has ended holds nothing",
    """
    select format('quota %s began with %s, the ledger says %s', q.id, q.value_minor, e.amount) from voucher_quota q
    left join ledger_entry e on e.account_id = q.account_id and e.seq = 1
    where e.amount is distinct from q.value_minor
    union all
    select format('quota %s: faces %s, posted %s', q.id, coalesce(v.sum, 0), coalesce(e.sum, 0)) from voucher_quota q
    left join (select quota_id, sum(face_minor) from voucher group by quota_id) v on v.quota_id = q.id
    left join (select account_id, -sum(amount) as sum from ledger_entry where kind = 'VOUCHER_ISSUE' and amount < 0
               group by account_id) e on e.account_id = q.account_id
    where coalesce(v.sum, 0) <> coalesce(e.sum, 0)
    union all
    select format('quota %s: issued %s, posted %s', q.id, coalesce(c.sum, 0), coalesce(e.sum, 0)) from voucher_quota q
    left join (select parent_id, sum(value_minor) from voucher_quota group by parent_id) c on c.parent_id = q.id
    left join (select account_id, -sum(amount) as sum from ledger_entry where kind = 'QUOTA_ISSUE' and amount < 0
               group by account_id) e on e.account_id = q.account_id
    where coalesce(c.sum, 0) <> coalesce(e.sum, 0)
    union all
    select format('quota %s is %s and holds %s', q.id, q.status, a.balance) from voucher_quota q
    join ledger_account a on a.id = q.account_id
    where q.status in ('INVALID', 'RECALLED') and a.balance <> 0
    union all
    select format('voucher %s: face %s, left %s, used %s, returned %s', v.id, v.face_minor, a.balance,
                  coalesce(u.sum, 0), coalesce(r.sum, 0))
    from voucher v join ledger_account a on a.id = v.account_id
    left join (select voucher_id, sum(amount_minor) from voucher_use
               where refunded_to is distinct from 'VOUCHER' group by voucher_id) u on u.voucher_id = v.id
    left join (select voucher_id, sum(amount_minor) from voucher_record
               where operation not in ('ISSUE', 'REFUND') group by voucher_id) r on r.voucher_id = v.id
    where v.face_minor <> a.balance + coalesce(u.sum, 0) + coalesce(r.sum, 0)
      or (v.status = 'USABLE') <> (a.balance > 0)
    """,
)

invariant(
    "I6",
    "every voucher has one issuing transaction and one record of it, every record its transaction",
    """
    select format('voucher %s: %s transactions, %s records', v.id, t.count, r.count) from voucher v,
      lateral (select count(*) from ledger_transaction t where t.subject_id = v.id and t.kind = 'VOUCHER_ISSUE') t,
      lateral (select count(*) from voucher_record r where r.voucher_id = v.id and r.operation = 'ISSUE') r
    where t.count <> 1 or r.count <> 1
    union all
    select format('record %s: transaction %s', r.id, r.transaction_id) from voucher_record r
    where not exists (select from ledger_transaction t where t.id = r.transaction_id)
    """,
)
