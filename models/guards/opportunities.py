"""What may be asked about others' opportunities, and who of the vendor is in charge."""

GUARDS: tuple[str, ...] = (
    # Which opportunities are about the same customer as the given ones while both are under way, by what they are, and
    # whether they are about the same need. Runs as its caller: staff see every rival, a partner only its own.
    """
    create or replace function opportunity_rivals(of_opportunities uuid[], at_instant timestamptz, zones jsonb)
    returns table (opportunity_id uuid, rival_id uuid, matched text, same_need boolean, confirmed boolean)
    language sql stable set search_path = pg_catalog, public, pg_temp as $$
      with mine as (
        select o.*, coalesce(o.submitted_at, at_instant) as began_at from opportunity o
        where o.id = any (of_opportunities) and o.customer_name_key is not null and o.expected_sign_on is not null
      ), paired as (
        select mine.id as mine_id, rival.id as rival_id, mine.need_tags as mine_tags, rival.need_tags as rival_tags,
          mine.cloud_services as mine_services, rival.cloud_services as rival_services,
          rival.state in ('VERIFIED', 'SIGNED', 'DELIVERED') as confirmed,
          case
            when coalesce(mine.customer_id::text, mine.customer_account) is not null
              and coalesce(rival.customer_id::text, rival.customer_account) is not null
            then case when coalesce(mine.customer_id::text, mine.customer_account)
              = coalesce(rival.customer_id::text, rival.customer_account) then 'ACCOUNT' end
            when mine.customer_credit_code is not null and rival.customer_credit_code is not null
            then case when mine.customer_credit_code = rival.customer_credit_code then 'CREDIT_CODE' end
            when mine.customer_name_key = rival.customer_name_key then 'NAME'
          end as matched
        from mine join opportunity rival on rival.site = mine.site and rival.id <> mine.id
          and (rival.customer_name_key = mine.customer_name_key
            or rival.customer_credit_code = mine.customer_credit_code
            or rival.customer_account = mine.customer_account
            or rival.customer_id = mine.customer_id)
        where rival.state in ('SUBMITTED', 'VERIFYING', 'VERIFIED', 'SIGNED', 'DELIVERED')
          and (rival.submitted_at at time zone (zones ->> mine.site))::date <= mine.expected_sign_on
          and (mine.began_at at time zone (zones ->> mine.site))::date <= rival.expected_sign_on
      )
      select mine_id, rival_id, matched,
        (mine_tags = '[]' and rival_tags = '[]' and mine_services = '[]' and rival_services = '[]')
        or exists (
          select jsonb_array_elements_text(mine_tags) intersect select jsonb_array_elements_text(rival_tags))
        or exists (
          select jsonb_array_elements_text(mine_services) intersect select jsonb_array_elements_text(rival_services))
        or exists (
          select a.offering_id from opportunity_offering a join opportunity_offering b using (offering_id)
          where a.opportunity_id = mine_id and b.opportunity_id = paired.rival_id),
        confirmed
      from paired where matched is not null
    $$
    """,
    "revoke all on function opportunity_rivals(uuid[], timestamptz, jsonb) from public",
    # What a partner may learn of others about its opportunities: by what one is a duplicate of a verified one, never of
    # which; and whether the customer behind it has an account, which ends the warning that it may be released.
    """
    create or replace function guard_opportunities(of_opportunities uuid[], at_instant timestamptz, zones jsonb)
    returns table (opportunity_id uuid, duplicates text[], has_account boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select o.id,
        array(select distinct rival.matched from opportunity_rivals(array[o.id], at_instant, zones) rival
          where rival.same_need and rival.confirmed order by 1),
        o.customer_id is not null or exists (
          select from account a where a.site = o.site and a.status not in ('CLOSED_RETAINED', 'DELETED')
            and (a.name = o.customer_account or a.mobile = o.contact_mobile or a.email = o.contact_email))
      from opportunity o where o.id = any (of_opportunities)
    $$
    """,
    "revoke all on function guard_opportunities(uuid[], timestamptz, jsonb) from public",
    # Whom of the vendor's people a partner's opportunity concerns, by id alone: the ecosystem managers who may audit it
    # (the partner's own, else all of its site), and the partner sales managers of an office.
    """
    create or replace function guard_eco_managers(of_partner uuid) returns uuid[]
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select array(
        select a.id from account a join partner p on p.site = a.site
        where p.id = of_partner and a.kind = 'STAFF' and a.status = 'ACTIVE' and a.roles ? 'ECO_MANAGER'
          and (p.eco_manager_id is null or p.eco_manager_id = a.id)
        order by a.id)
    $$
    """,
    "revoke all on function guard_eco_managers(uuid) from public",
    """
    create or replace function guard_office_psms(of_office uuid) returns uuid[]
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select array(
        select a.id from office_member m join account a on a.id = m.account_id
        where m.office_id = of_office and m.duty = 'PSM' and a.status = 'ACTIVE' and a.roles ? 'PSM'
        order by a.id)
    $$
    """,
    "revoke all on function guard_office_psms(uuid) from public",
    # Who of the vendor looks after a partner: its home page names the ecosystem manager, whose account it cannot see.
    """
    create or replace function guard_managers(of_accounts uuid[])
    returns table (account_id uuid, full_name text, mobile text, email text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select a.id, a.full_name, a.mobile, a.email from account a
      where a.id = any (of_accounts) and a.kind = 'STAFF' and a.status = 'ACTIVE'
    $$
    """,
    "revoke all on function guard_managers(uuid[]) from public",
)
