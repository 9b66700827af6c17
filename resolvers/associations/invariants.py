"""What must hold of associations."""

from resolvers.verify import invariant

invariant(
    "I12",
    "a customer has one active association at most, and belongs to its partner",
    """
    select format('customer %s has %s active associations', customer_id, count(*)) from customer_association
    where status = 'ACTIVE' group by customer_id having count(*) > 1
    union all
    select format('customer %s belongs to a partner it is not associated with', c.id) from customer c
    where c.partner_id is distinct from (
      select a.partner_id from customer_association a where a.customer_id = c.id and a.status = 'ACTIVE' limit 1)
    """,
)

# The end of an association leaves both as they were.
invariant(
    "I17",
    "the account manager that an association names is the one that is in charge of the customer",
    """
    select format('association %s names account manager %s, in charge is %s', a.id, a.account_manager_id,
      open.account_manager_id)
    from customer_association a
    left join customer_assignment open on open.association_id = a.id and open.ended_at is null
    where (open.account_manager_id, coalesce(open.partner_id, a.partner_id))
      is distinct from (a.account_manager_id, a.partner_id)
    """,
)
