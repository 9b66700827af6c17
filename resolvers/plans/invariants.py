"""What must hold of memberships of plans."""

from resolvers.verify import invariant

invariant(
    "I16",
    "an application for a tier waits exactly as long as its review, and only in a membership in force",
    """
    select format('application %s for a tier waits in a membership that is %s', u.id, m.state) from tier_upgrade u
    join plan_membership m on m.id = u.membership_id
    where u.state = 'IN_REVIEW' and m.state <> 'JOINED'
    union all
    select format('application %s for a tier is %s, its review %s', u.id, u.state, coalesce(r.state, 'not there'))
    from tier_upgrade u left join lateral (
      select c.state from review_case c where c.kind = 'PLAN_TIER' and c.subject_id = u.id order by c.round desc limit 1
    ) r on true
    where r.state is distinct from replace(u.state, 'IN_REVIEW', 'SUBMITTED')
    """,
)
