"""What must hold of resellers."""

from resolvers.verify import invariant

invariant(
    "I13",
    "a reseller has one distributor at most",
    """
    select format('reseller %s has %s distributors', reseller_id, count(*)) from reseller_link
    where status <> 'ENDED' group by reseller_id having count(*) > 1
    """,
)
