"""What must hold of accounts."""

from resolvers.verify import invariant

invariant(
    "I18",
    "a real name is in review exactly as long as its review waits",
    """
    select format('real name %s is in review, and nothing waits', c.id) from real_name_case c
    where c.state = 'IN_REVIEW' and not exists (
      select from review_case r where r.kind = 'REAL_NAME' and r.subject_id = c.id and r.state = 'SUBMITTED')
    union all
    select format('review %s waits, its real name is %s', r.id, coalesce(c.state, 'not there'))
    from review_case r left join real_name_case c on c.id = r.subject_id
    where r.kind = 'REAL_NAME' and r.state = 'SUBMITTED' and c.state is distinct from 'IN_REVIEW'
    """,
)
