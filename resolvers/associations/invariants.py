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
