"""What may be asked about other partners: siblings of a company, distributors, certifications."""

GUARDS: tuple[str, ...] = (
    # What holds of partners that look at a plan and that they cannot see themselves: plans that other accounts of the
    # company have joined or applied for (`SIBLING_<plan>`), that they are a distributor's (`LINKED`), and their main
    # account's life as a customer (`ASSOCIATED`, values of `CustomerFact`).
    """
    create or replace function guard_candidates(of_partners uuid[]) returns table (partner_id uuid, known text[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      with asked as (
        select p.id, p.company_id, p.main_account_id from partner p where p.id = any (of_partners)
      ), told (id, code) as (
        select asked.id, 'SIBLING_' || m.plan from asked
          join partner other on other.company_id = asked.company_id and other.id <> asked.id
          join plan_membership m on m.partner_id = other.id
          where m.state in ('IN_REVIEW', 'DISTRIBUTOR_REVIEW', 'JOINED')
        union select asked.id, 'LINKED' from asked
          join reseller_link link on link.reseller_id = asked.id where link.status <> 'ENDED'
        union select asked.id, 'ASSOCIATED' from asked
          join customer c on c.account_id = asked.main_account_id where c.partner_id is not null
        union select asked.id, jsonb_array_elements_text(c.facts) from asked
          join customer c on c.account_id = asked.main_account_id
      )
      select told.id, array_agg(told.code order by told.code) from told group by told.id
    $$
    """,
    "revoke all on function guard_candidates(uuid[]) from public",
    # Which paths other accounts of these partners' companies are on.
    """
    create or replace function guard_sibling_paths(of_partners uuid[])
    returns table (partner_id uuid, paths text[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select p.id, array_agg(distinct e.path order by e.path)
      from partner p join path_enrollment e on e.company_id = p.company_id and e.partner_id <> p.id
      where p.id = any (of_partners) and e.state not in ('INVITED', 'EXPIRED', 'EXITED')
      group by p.id
    $$
    """,
    "revoke all on function guard_sibling_paths(uuid[]) from public",
    # In which paths some account of these partners' companies has a validated role.
    """
    create or replace function guard_validated_roles(of_partners uuid[])
    returns table (partner_id uuid, paths text[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select p.id, array_agg(distinct e.path order by e.path)
      from partner p join path_enrollment e on e.company_id = p.company_id
      where p.id = any (of_partners) and e.state in ('CERTIFIED', 'DIFFERENTIATION_REVIEW', 'DIFFERENTIATED')
      group by p.id
    $$
    """,
    "revoke all on function guard_validated_roles(uuid[]) from public",
    # How many valid certifications of each kind these partners rest on: their own, and those that they share.
    """
    create or replace function guard_certifications(of_partners uuid[], at_instant timestamptz)
    returns table (partner_id uuid, kind text, held bigint)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select held_by, kind, count(*) from (
        select s.partner_id as held_by, s.kind from solution s
          where s.partner_id = any (of_partners) and s.valid_until > at_instant
        union all select share.partner_id, s.kind from solution_share share join solution s on s.id = share.solution_id
          where share.partner_id = any (of_partners) and s.valid_until > at_instant
      ) known group by held_by, kind
    $$
    """,
    "revoke all on function guard_certifications(uuid[], timestamptz) from public",
    # How many certificates of each kind the real-named project specialists of these partners hold on a day of each: a
    # partner's people do not see who of them is real-named.
    """
    create or replace function guard_specialist_certificates(of_partners uuid[], on_days date[])
    returns table (partner_id uuid, kind text, held bigint)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select b.partner_id, c.kind, count(*)
      from unnest(of_partners, on_days) as asked (id, today)
        join specialist_binding b on b.partner_id = asked.id and b.state in ('SPECIALIST', 'CANCEL_REVIEW')
        join account a on a.id = b.account_id and a.real_name_state = 'PASSED' and a.real_name_kind = 'PERSONAL'
        join specialist_certificate c on c.account_id = a.id and c.removed_at is null
          and (c.expires_on is null or c.expires_on >= asked.today)
      group by b.partner_id, c.kind
    $$
    """,
    "revoke all on function guard_specialist_certificates(uuid[], date[]) from public",
    # Valid certifications of the other accounts of a partner's company, not shared yet: the partner sees none of them.
    """
    create or replace function guard_sharable_certifications(of_partner uuid, at_instant timestamptz)
    returns table (solution_id uuid, kind text, name text, partner_name text, valid_until timestamptz)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select s.id, s.kind, s.name, owner.name, s.valid_until
      from partner own join solution s on s.company_id = own.company_id and s.partner_id <> own.id
        join partner owner on owner.id = s.partner_id
      where own.id = of_partner and s.valid_until > at_instant
        and not exists (select from solution_share share where share.solution_id = s.id and share.partner_id = own.id)
      order by s.valid_until, s.id
    $$
    """,
    "revoke all on function guard_sharable_certifications(uuid, timestamptz) from public",
    # What a partner may learn of one certification that it wants to share; of another company's nothing but that.
    """
    create or replace function guard_certification(of_partner uuid, of_solution uuid, at_instant timestamptz)
    returns table (same_company boolean, valid boolean, kind text, name text, partner_id uuid)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select s.company_id = own.company_id, coalesce(s.valid_until > at_instant, false), s.kind, s.name, s.partner_id
      from solution s join partner own on own.id = of_partner
      where s.id = of_solution and s.partner_id <> own.id
    $$
    """,
    "revoke all on function guard_certification(uuid, uuid, timestamptz) from public",
    # Whether a partner is a distributor of the site: an applicant for the reseller plan names one it does not see.
    """
    create or replace function guard_intended_distributor(of_partner uuid, of_site text) returns text
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select standing from partner where id = of_partner and site = of_site and kind = 'DISTRIBUTOR'
    $$
    """,
    "revoke all on function guard_intended_distributor(uuid, text) from public",
    "drop function if exists guard_distributor(uuid, text)",
    # How the distributor of each of these resellers stands: their customers do not see it.
    """
    create or replace function guard_distributor_standings(of_resellers uuid[])
    returns table (reseller_id uuid, standing text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select link.reseller_id, partner.standing
      from reseller_link link join partner on partner.id = link.distributor_id
      where link.reseller_id = any (of_resellers) and link.status <> 'ENDED'
    $$
    """,
    "revoke all on function guard_distributor_standings(uuid[]) from public",
    # What a distributor's link offers to whoever holds its token.
    """
    create or replace function guard_reseller_invitation(of_token bytea)
    returns table (distributor_name text, site text, state text, valid_until timestamptz)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select partner.name, partner.site, invitation.state, invitation.valid_until
      from reseller_invitation invitation join partner on partner.id = invitation.distributor_id
      where invitation.token_digest = of_token and partner.kind = 'DISTRIBUTOR'
    $$
    """,
    "revoke all on function guard_reseller_invitation(bytea) from public",
    # Which account keeps a company's information: the other accounts of the company are told whom to ask.
    """
    create or replace function guard_company_keepers(of_companies uuid[])
    returns table (company_id uuid, account_name text, mobile text, email text)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select profile.company_id, coalesce(a.name, a.full_name), a.mobile, a.email
      from company_profile profile join partner p on p.id = profile.main_partner_id
        join account a on a.id = p.main_account_id
      where profile.company_id = any (of_companies)
    $$
    """,
    "revoke all on function guard_company_keepers(uuid[]) from public",
)
