"""What must hold of incentives and their payouts."""

from resolvers.verify import invariant

# The notice is the row that tells the partner; those of its administrators follow from it. Outbox rows are kept for a
# while only: a payout older than the oldest of them has lost its own.
invariant(
    "I8",
    "each payout is one transaction of the ledger for its amount, and one notice in the outbox",
    """
    select format('payout %s: %s transactions of its amount, %s notices', id, transactions, notices) from (
      select p.id, p.ended_at, (
        select count(*) from ledger_transaction t
        join ledger_entry e on e.transaction_id = t.id and e.amount = p.amount and e.currency = p.currency
        where t.kind in ('INCENTIVE_PAYOUT', 'SETTLEMENT') and t.subject_id in (p.id, p.quota_id)
      ) as transactions, (
        select count(*) from outbox o
        where o.topic = 'notice' and o.dedup_key like format('payout_completed:%s:%%:%s:any', p.id, p.partner_id)
      ) as notices
      from payout_request p where p.status = 'COMPLETED'
    ) paid
    where transactions <> 1 or notices > 1
      or (notices = 0 and ended_at > (select min(created_at) from outbox))
    union all
    select format('payout %s: transactions though nothing was paid', p.id) from payout_request p
    where p.status <> 'COMPLETED' and exists (select from ledger_transaction t where t.subject_id = p.id)
    """,
)

invariant(
    "I81",
    "each confirmed positive incentive was credited once, by its amount; no other ever; what lapsed was taken back",
    """
    select format('incentive %s: credited %s of %s', i.id, coalesce(sum(e.amount), 0), i.amount) from incentive i
    left join ledger_transaction t on t.subject_id = i.id and t.kind = 'INCENTIVE_CONFIRMATION'
    left join ledger_entry e on e.transaction_id = t.id and e.amount > 0
    group by i.id having coalesce(sum(e.amount), 0)
      <> case when i.status in ('CONFIRMED', 'PAYING_OUT', 'PAID', 'LAPSED') and i.confirmed_at is not null
         then greatest(i.amount, 0) else 0 end
    union all
    select format('incentive %s: %s of %s taken back', i.id, coalesce(sum(e.amount), 0), i.amount) from incentive i
    left join ledger_transaction t on t.subject_id = i.id and t.kind = 'INCENTIVE_LAPSE'
    left join ledger_entry e on e.transaction_id = t.id and e.amount > 0
    group by i.id having coalesce(sum(e.amount), 0)
      <> case when i.status = 'LAPSED' and i.confirmed_at is not null then i.amount else 0 end
    """,
)

invariant(
    "I82",
    "a payout is the sum of its incentives, which are where it is",
    """
    select format('payout %s: %s, its incentives %s', p.id, p.amount, sum(i.amount)) from payout_request p
    join payout_item i on i.payout_id = p.id group by p.id having p.amount <> sum(i.amount)
    union all
    select format('incentive %s is %s in a payout that is %s', n.id, n.status, p.status) from payout_item i
    join incentive n on n.id = i.incentive_id join payout_request p on p.id = i.payout_id
    where not i.released
      and n.status <> case p.status when 'COMPLETED' then 'PAID' when 'WAIT_INVOICE' then 'PAYING_OUT' else n.status end
    union all
    select format('incentive %s is %s without a payout', n.id, n.status) from incentive n
    where n.status in ('PAYING_OUT', 'PAID')
      and not exists (select from payout_item i where i.incentive_id = n.id and not i.released)
    """,
)

invariant(
    "I83",
    "what is payable to a partner is what it has confirmed and not been paid",
    """
    select format('account %s: %s, confirmed %s', a.id, a.balance, coalesce(c.sum, 0)) from ledger_account a
    left join (
      select partner_id, currency, sum(amount) from (
        select partner_id, currency, amount from incentive where status in ('CONFIRMED', 'PAYING_OUT') and amount > 0
        union all
        select partner_id, currency, amount from expert_incentive where status in ('PAYABLE', 'PAYING_OUT')
      ) owed group by partner_id, currency
    ) c on c.partner_id = a.partner_id and c.currency = a.currency
    where a.kind = 'INCENTIVE_PAYABLE' and a.balance <> coalesce(c.sum, 0)
    """,
)

invariant(
    "I84",
    "an incentive is what was computed, less its offsets",
    """
    select format('incentive %s: %s of %s', i.id, i.amount, i.computed_amount) from incentive i
    where i.amount <> i.computed_amount + coalesce(
      (select sum(o.amount) from incentive_offset o where o.negative_id = i.id), 0)
    """,
)

invariant(
    "I85",
    "a list of experts is credited once when it is payable, and is where its payout is",
    """
    select format('list %s: credited %s of %s', l.id, coalesce(sum(e.amount), 0), l.amount) from expert_incentive l
    left join ledger_transaction t on t.subject_id = l.id and t.kind = 'INCENTIVE_CONFIRMATION'
    left join ledger_entry e on e.transaction_id = t.id and e.amount > 0
    group by l.id having coalesce(sum(e.amount), 0)
      <> case when l.status in ('PAYABLE', 'PAYING_OUT', 'PAID') then l.amount else 0 end
    union all
    select format('payout %s: %s, its lists %s', p.id, p.amount, sum(l.amount)) from payout_request p
    join expert_incentive l on l.payout_id = p.id group by p.id having p.amount <> sum(l.amount)
    union all
    select format('list %s is %s in a payout that is %s', l.id, l.status, p.status) from expert_incentive l
    join payout_request p on p.id = l.payout_id
    where l.status <> case p.status when 'COMPLETED' then 'PAID' else 'PAYING_OUT' end or p.status = 'REJECTED'
    """,
)
