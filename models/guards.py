"""One-purpose SQL functions for guards that ask about other tenants: they answer a reason code, never a row.

Each runs with its owner's rights, so row-level security does not bind it, and what it answers is all that a caller may
learn. The search path is fixed, and nobody but the application's role may call them.
"""

from datetime import datetime
from uuid import UUID

from core import db

GUARDS: tuple[str, ...] = (
    # What holds of the customer behind a contact, as values of `Trait` and `CustomerFact`. An account of the other site
    # counts only where this site has none; an own report is no obstacle, it is asked about in the partner's own scope.
    """
    create or replace function guard_prospect(
      of_site text, of_mobile text, of_email text, for_partner uuid, at_instant timestamptz, aged_before timestamptz
    ) returns text[] language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      with matching as (
        select a.id, a.site, a.partner_id, coalesce(c.registered_at, a.created_at) as registered_at,
               c.partner_id as associated_with, coalesce(c.facts, '[]'::jsonb) as facts
        from account a left join customer c on c.account_id = a.id
        where a.status not in ('CLOSED_RETAINED', 'DELETED') and (a.mobile = of_mobile or a.email = of_email)
      ), here as (select * from matching where site = of_site), known (code) as (
        select 'HAS_ACCOUNT' from here
        union select 'AGED_ACCOUNT' from here where registered_at < aged_before
        union select 'ASSOCIATED' from here where associated_with is not null
        union select 'IS_PARTNER' from here where partner_id is not null or exists (
          select from partner p where p.main_account_id = here.id and p.admission_state <> 'REJECTED')
        union select 'ON_OTHER_SITE' from matching where not exists (select from here)
        union select 'REPORTED_BY_OTHER' from customer_report r
          where r.site = of_site and r.status = 'REPORTED' and r.partner_id <> for_partner
            and at_instant < r.valid_until and (r.mobile = of_mobile or r.email = of_email)
        union select jsonb_array_elements_text(facts) from here
      )
      select coalesce(array_agg(code order by code), '{}') from known
    $$
    """,
    "revoke all on function guard_prospect(text, text, text, uuid, timestamptz, timestamptz) from public",
    # When these customers asked to leave any partner: a partner waits the window after its customer has asked to leave,
    # also when the customer asked its former partner. Only customers the caller may see are answered for.
    """
    create or replace function guard_leave_requests(of_customers uuid[], since timestamptz)
    returns table (customer_id uuid, submitted_at timestamptz)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select request.customer_id, request.submitted_at from association_request request
      where request.customer_id = any (of_customers) and request.initiator = 'CUSTOMER'
        and request.submitted_at >= since
    $$
    """,
    "revoke all on function guard_leave_requests(uuid[], timestamptz) from public",
    # What a link offers to whoever holds its token: asked before there is anybody to whom the invitation could belong.
    """
    create or replace function guard_invitation(of_token bytea)
    returns table (partner_name text, site text, association_type text, state text, valid_until timestamptz,
                   report_status text, report_valid_until timestamptz)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select partner.name, partner.site, invitation.association_type, invitation.state, invitation.valid_until,
             report.status, report.valid_until
      from customer_invitation invitation join partner on partner.id = invitation.partner_id
      left join customer_report report on report.id = invitation.report_id
      where invitation.token_digest = of_token
    $$
    """,
    "revoke all on function guard_invitation(bytea) from public",
    # A customer's partner follows its active association: neither side could write it under row-level security, since
    # the partner that lets a customer go must not see it any more, and one that gains it does not see it yet.
    """
    create or replace function follow_association() returns trigger
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
    begin
      update customer set partner_id = (
        select a.partner_id from customer_association a where a.customer_id = new.customer_id and a.status = 'ACTIVE'
      ) where id = new.customer_id;
      return null;
    end $$
    """,
    "revoke all on function follow_association() from public",
    """
    create or replace trigger customer_association_followed after insert or update of status, partner_id
      on customer_association for each row execute function follow_association()
    """,
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
    create or replace function guard_distributor(of_partner uuid, of_site text) returns boolean
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select exists (select from partner where id = of_partner and site = of_site and kind = 'DISTRIBUTOR')
    $$
    """,
    "revoke all on function guard_distributor(uuid, text) from public",
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
    # Where money goes that comes back from these quotas: of each the first that lives of it and those it came from.
    # They are kept from ending until the transaction has. A customer sees no quota, a reseller not its distributor's.
    """
    create or replace function guard_quota_homes(of_quotas uuid[], at_instant timestamptz)
    returns table (quota_id uuid, account_id uuid)
    language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
    begin
      perform from voucher_quota quota where quota.id in (
        with recursive line as (
          select asked.id, asked.parent_id from voucher_quota asked where asked.id = any (of_quotas)
          union select parent.id, parent.parent_id from voucher_quota parent join line on line.parent_id = parent.id
        ) select line.id from line
      ) order by quota.id for share;
      return query
        with recursive line as (
          select asked.id as of_quota, asked.id, asked.parent_id, 0 as step from voucher_quota asked
            where asked.id = any (of_quotas)
          union all
          select line.of_quota, parent.id, parent.parent_id, line.step + 1
            from voucher_quota parent join line on line.parent_id = parent.id
        )
        select distinct on (line.of_quota) line.of_quota, quota.account_id
        from line join voucher_quota quota on quota.id = line.id
        where quota.status not in ('INVALID', 'RECALLED') and at_instant < quota.expires_at
        order by line.of_quota, line.step;
    end $$
    """,
    "revoke all on function guard_quota_homes(uuid[], timestamptz) from public",
    # Which of these customers are whose: a distributor does not see its resellers' customers.
    """
    create or replace function guard_designated_customers(of_resellers uuid[], of_customers uuid[])
    returns table (reseller_id uuid, customers uuid[])
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select coalesce(indirect_partner_id, partner_id), array_agg(customer_id) from customer_association
      where status = 'ACTIVE' and customer_id = any (of_customers)
        and coalesce(indirect_partner_id, partner_id) = any (of_resellers)
      group by 1
    $$
    """,
    "revoke all on function guard_designated_customers(uuid[], uuid[]) from public",
    # Which of these customers had a partner before the one they have now: the others are associated for the first time.
    """
    create or replace function guard_associated_before(of_customers uuid[]) returns setof uuid
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select distinct customer_id from customer_association where customer_id = any (of_customers) and status = 'ENDED'
    $$
    """,
    "revoke all on function guard_associated_before(uuid[]) from public",
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
    # Whom a partner shows to its customers: the member it has named, as long as that one may work, else its main
    # account. Answered to its present customers, its own people and the vendor.
    """
    create or replace function guard_customer_contacts(of_partners uuid[])
    returns table (partner_id uuid, full_name text, mobile text, email text, is_administrator boolean)
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      select p.id, shown.full_name, shown.mobile, shown.email, shown.is_main
      from partner p left join account member on member.id = p.customer_contact_id
        and member.partner_id = p.id and member.status = 'ACTIVE'
      join account shown on shown.id = coalesce(member.id, p.main_account_id)
      where p.id = any (of_partners) and (
        current_setting('app.kind', true) = 'all'
        or current_setting('app.kind', true) = 'partner'
          and p.id = any (string_to_array(current_setting('app.ids', true), ',')::uuid[])
        or current_setting('app.kind', true) = 'customer' and exists (
          select from customer c where c.partner_id = p.id
            and c.id = any (string_to_array(current_setting('app.ids', true), ',')::uuid[])))
    $$
    """,
    "revoke all on function guard_customer_contacts(uuid[]) from public",
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
    # Which accounts an inviting partner may mean, and what the rules ask of each: nothing of its partners but
    # whether another one has it now, and how many it had since an instant. Staff of the vendor are not found.
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
        and (a.id = of_account or a.name = of_name or a.mobile = of_mobile or a.email = of_email)
      order by a.id
    $$
    """,
    "revoke all on function guard_invitees(text, uuid, text, text, text, uuid, timestamptz) from public",
)


async def known_of_contact(
    *, site: str, mobile: str | None, email: str | None, partner_id: UUID, now: datetime, aged_before: datetime
) -> list[str]:
    """What holds of the customer behind a contact, as `Prospect.of` takes it. One statement.

    `partner_id` is the partner whose own reports do not count as another's; an account registered before `aged_before`
    is no longer new.
    """
    rows = await db.current().execute_query_dict(
        "select guard_prospect($1, $2, $3, $4, $5, $6) as known", [site, mobile, email, partner_id, now, aged_before]
    )
    known: list[str] = rows[0]["known"]
    return known
