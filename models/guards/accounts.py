"""What may be asked about accounts of others, and what follows from stopping one."""

GUARDS: tuple[str, ...] = (
    # Which of a name, a mobile number and an e-mail address is taken: the name by a member of the partner, present or
    # past, the others by an account of the site.
    "drop function if exists guard_account(text, text, text, text)",
    """
    create or replace function guard_account(
      of_site text, of_partner uuid, of_name text, of_mobile text, of_email text
    ) returns text[]
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select array_remove(array[
        case when exists (select from account where partner_id = of_partner and name = of_name) then 'NAME' end,
        case when exists (select from account where site = of_site and mobile = of_mobile) then 'MOBILE' end,
        case when exists (select from account where site = of_site and email = of_email) then 'EMAIL' end
      ], null)
    $$
    """,
    "revoke all on function guard_account(text, uuid, text, text, text) from public",
    "drop function if exists guard_failures(text, bytea)",
    # An account that stops being active has no session left, whoever stopped it: an administrator must not see the
    # sessions of members, and a session that outlived a pause would come back to life with it.
    """
    create or replace function end_sessions_of_stopped_account() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
    begin
      update session set revoked_at = new.updated_at where account_id = new.id and revoked_at is null;
      return null;
    end $$
    """,
    "revoke all on function end_sessions_of_stopped_account() from public",
    """
    create or replace trigger account_stopped after update of status on account
      for each row when (old.status = 'ACTIVE' and new.status <> 'ACTIVE')
      execute function end_sessions_of_stopped_account()
    """,
    # Which accounts an inviting partner may mean, and what the rules ask of each: nothing of its partners but
    # whether another one has it now, and how many it had since an instant. Staff of the vendor are not found, and by
    # their user names members of other partners are not: a user name is a partner's own affair.
    """
    create or replace function guard_invitees(
      of_site text, of_account uuid, of_name text, of_mobile text, of_email text, for_partner uuid, since timestamptz
    ) returns table (account_id uuid, full_name text, mobile text, email text, kind text, known text[], partners int)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select a.id, a.full_name, a.mobile, a.email, a.kind,
        array_remove(array[
          case when a.real_name_state = 'PASSED' then 'REAL_NAMED' end,
          case when a.real_name_state = 'PASSED' and a.real_name_kind = 'ENTERPRISE' then 'ENTERPRISE' end,
          case when a.is_main or exists (
            select from partner p where p.main_account_id = a.id and p.admission_state <> 'REJECTED'
          ) then 'PARTNER' end,
          case when exists (
            select from specialist_binding b
            where b.account_id = a.id and b.unbound_at is null and b.partner_id <> for_partner
          ) then 'ELSEWHERE' end
        ], null),
        (select count(distinct b.partner_id)::int from specialist_binding b
          where b.account_id = a.id and (b.unbound_at is null or b.unbound_at > since))
      from account a
      where a.site = of_site and a.kind <> 'STAFF' and a.status not in ('CLOSED_RETAINED', 'DELETED')
        and (
          a.id = of_account or a.mobile = of_mobile or a.email = of_email
          or a.name = of_name and (a.kind <> 'IAM_USER' or a.partner_id = for_partner)
        )
      order by a.id
    $$
    """,
    "revoke all on function guard_invitees(text, uuid, text, text, text, uuid, timestamptz) from public",
    # What the rules ask of an account that assesses applications of these partners: how it stands, whether it is a
    # partner itself, and whether something ties it to the partner or to another account of its company.
    """
    create or replace function guard_assessor(of_account uuid, for_partners uuid[], at_instant timestamptz)
    returns table (partner_id uuid, kind text, status text, known text[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select asked.id, a.kind, a.status, array_remove(array[
        case when a.is_main or exists (
          select from partner p where p.main_account_id = a.id and p.admission_state <> 'REJECTED'
        ) then 'PARTNER' end,
        case when exists (
          select from partner firm
          where (firm.id = asked.id or firm.company_id = asked.company_id) and (
            firm.main_account_id = a.id
            or exists (
              select from specialist_binding b
              where b.partner_id = firm.id and b.account_id = a.id and b.unbound_at is null
            ) or exists (
              select from specialist_invitation i
              where i.partner_id = firm.id and i.account_id = a.id and i.state = 'INVITED'
                and i.valid_until > at_instant
            )
          )
        ) then 'TIED' end
      ], null)
      from partner asked cross join account a
      where asked.id = any (for_partners) and a.id = of_account
    $$
    """,
    "revoke all on function guard_assessor(uuid, uuid[], timestamptz) from public",
)
