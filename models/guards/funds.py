"""What may be asked about market development funds of other accounts of a company."""

from rules.funds.kinds import NEVER_FUNDED

_NEVER = ", ".join(f"'{state}'" for state in sorted(NEVER_FUNDED))

GUARDS: tuple[str, ...] = (
    # Whether the companies of these cases' partners have others at the same time, also of accounts that the partner
    # does not see: `OTHER_LINE` for the same activity paid by another line of benefits, `SIMILAR` for the same one once
    # more, or one for the same people at the same places.
    f"""
    create or replace function guard_mdf_likeness(of_cases uuid[]) returns table (case_id uuid, known text[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      with asked as (
        select c.*, q.line, p.company_id from mdf_case c join mdf_quota q on q.id = c.quota_id
          join partner p on p.id = c.partner_id
        where c.id = any (of_cases) and c.starts_on is not null
      ), told (id, code) as (
        select asked.id,
               case when other.name_key = asked.name_key and quota.line <> asked.line then 'OTHER_LINE'
                    else 'SIMILAR' end
        from asked
          join partner p on p.company_id = asked.company_id
          join mdf_case other on other.partner_id = p.id and other.id <> asked.id
          join mdf_quota quota on quota.id = other.quota_id
        where other.state not in ({_NEVER})
          and other.starts_on <= asked.ends_on and other.ends_on >= asked.starts_on
          and (other.name_key = asked.name_key
               or (other.audience_key = asked.audience_key and other.place_key = asked.place_key))
      )
      select told.id, array_agg(distinct told.code order by told.code) from told group by told.id
    $$
    """,  # noqa: S608
    "revoke all on function guard_mdf_likeness(uuid[]) from public",
)
