"""What may be asked about customers of others: their accounts, requests, invitations, vouchers."""

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
)
