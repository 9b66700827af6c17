"""What must hold of distributors and resellers."""

from resolvers.verify import invariant

invariant(
    "I13",
    "a reseller has one distributor and is in the reseller plan exactly as long",
    """
    select format('reseller %s has %s distributors', reseller_id, count(*)) from reseller_link
    where status <> 'ENDED' group by reseller_id having count(*) > 1
    union all
    select format('link %s is not one of a member of the reseller plan', link.id) from reseller_link link
    join plan_membership m on m.id = link.membership_id
    where link.status <> 'ENDED'
      and (m.partner_id, m.plan, m.state) is distinct from (link.reseller_id, 'RESELLER'::text, 'JOINED'::text)
    union all
    select format('membership %s of the reseller plan has no distributor', m.id) from plan_membership m
    where m.plan = 'RESELLER' and m.state = 'JOINED' and not exists (
      select from reseller_link link where link.membership_id = m.id and link.status <> 'ENDED')
    """,
)
