"""The guard of closing an account: one function that asks every domain what the account still has."""

CLOSING: tuple[str, ...] = (
    # What stands against closing the asking account (values of `Obstacle` and `CustomerFact`): while it acts for its
    # partner it does not see its life as a customer.
    """
    create or replace function guard_closing(of_account uuid) returns text[]
    language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
      with own as (
        select a.id, a.partner_id, c.id as customer_id, c.partner_id as associated_with,
               coalesce(c.facts, '[]'::jsonb) as facts
        from account a left join customer c on c.account_id = a.id
        where a.id = of_account and (current_setting('app.kind', true) = 'all'
              or a.id = nullif(current_setting('app.account', true), '')::uuid)
      ), firm as (
        select p.* from partner p join own on p.main_account_id = own.id
      ), known (code) as (
        select jsonb_array_elements_text(facts) from own
        union select 'ASSOCIATED' from own where associated_with is not null
        union select 'BALANCE' from own join ledger_account l
            on l.customer_id = own.customer_id or l.partner_id = own.partner_id
          where l.balance <> 0 and l.kind <> 'BANK'
        union select 'REVIEW' from real_name_case r join own on r.account_id = own.id where r.state = 'IN_REVIEW'
        union select 'REVIEW' from firm where admission_state in ('SUBMITTED', 'MANUAL_REVIEW')
        union select 'REVIEW' from review_case r join firm on r.partner_id = firm.id
          where r.state = 'SUBMITTED' and r.kind <> 'PLAN'
        union select 'REVIEW' from business_info b join firm on b.partner_id = firm.id
          where b.state in ('SUBMITTED', 'AUTO_CHECK', 'MANUAL_REVIEW', 'LETTER_REVIEW')
        union select 'REVIEW' from customer_report r join firm on r.partner_id = firm.id
          where r.status = 'PENDING_REVIEW'
        union select 'PARTNER_' || standing from firm where standing in ('FROZEN', 'RESTRICTED')
        union select 'SALES_PARTNER' from firm where kind is not null
        union select 'SALES_PARTNER' from reseller_link r join firm on firm.id in (r.reseller_id, r.distributor_id)
          where r.status <> 'ENDED'
        union select 'MARKETPLACE_PARTNER' from plan_membership m join firm on m.partner_id = firm.id
          where m.state = 'JOINED' and m.plan in ('MARKETPLACE_SELLER', 'MARKETPLACE_SALES')
        union select 'PLAN_APPLICATION' from plan_membership m join firm on m.partner_id = firm.id
          where m.state in ('IN_REVIEW', 'DISTRIBUTOR_REVIEW')
        union select 'PATH_' || e.path from path_enrollment e join firm on e.partner_id = firm.id
          where e.path in ('SOFTWARE', 'SERVICE', 'SI', 'LEARNING') and e.state not in ('INVITED', 'EXPIRED', 'EXITED')
        union select 'CUSTOMERS' from customer_association a join firm
            on firm.id = a.partner_id or firm.id = a.indirect_partner_id
          where a.status = 'ACTIVE'
        union select 'SPECIALISTS' from specialist_binding b join firm on b.partner_id = firm.id
          where b.state <> 'UNBOUND'
        union select 'BOUND' from specialist_binding b join own on b.account_id = own.id where b.state <> 'UNBOUND'
        union select 'OPPORTUNITIES' from opportunity o join firm on o.partner_id = firm.id
          where o.state in ('SUBMITTED', 'VERIFYING', 'VERIFIED', 'SIGNED')
        union select 'INCENTIVES' from incentive i join firm on i.partner_id = firm.id
          where i.status in ('PENDING_CONFIRM', 'CONFIRMED', 'PAYING_OUT')
        union select 'INCENTIVES' from expert_incentive l join firm on l.partner_id = firm.id
          where l.status not in ('EXPIRED', 'PAID')
        union select 'PAYOUTS' from payout_request p join firm on p.partner_id = firm.id where p.status = 'WAIT_INVOICE'
        union select 'MDF_CASES' from mdf_case m join firm on m.partner_id = firm.id
          where m.state in ('CLAIM_APPROVED', 'INVOICED')
             or (m.reserved > 0 and m.state in ('USE_APPROVED', 'EVENT_RUNNING', 'CLAIM_DRAFT', 'CLAIM_REJECTED'))
        union select 'OWED_INVOICE' from owed_invoice w join firm on w.partner_id = firm.id where w.remaining > 0
      )
      select coalesce(array_agg(code order by code), '{}') from known
    $$
    """,
    "revoke all on function guard_closing(uuid) from public",
)
