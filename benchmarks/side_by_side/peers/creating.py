"""Creating an opportunity by hand: the product's checks and the product's rows, in one round trip.

Checked: the form of amount, day and region; that the customer is the partner's; that the partner is in the plan; that
the key is new. Written: the opportunity, its event, the audit row, the key with its outcome. The product writes no row
of the outbox for a draft.
"""

import hashlib
import re
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from benchmarks.side_by_side.peers.asgi import Caller
from core.ids import decode_id, uuid7

CREATE = """
with permitted as (
  select c.id from customer c where c.id = $4 and c.partner_id = $2 and exists (
    select from plan_membership m where m.partner_id = $2 and m.plan = 'CO_SELL' and m.state = 'JOINED')
), claimed as (
  insert into idempotency (id, caller_id, key, operation, fingerprint, outcome, created_at, expires_at)
  select $12, $3, $10, 'save_opportunity_draft', $11, jsonb_build_object('typename', 'Opportunity', 'id', $1::uuid),
         now(), now() + interval '7 days' from permitted
  on conflict do nothing returning id
), made as (
  insert into opportunity (id, partner_id, site, created_by, owner_user_id, state, name, customer_id, customer_region,
    industry, need, expected_revenue_minor, expected_revenue_currency, expected_sign_on, pre_sales, cloud_services,
    support_needs, need_tags, created_at, updated_at)
  select $1, $2, 'CN', $3, $3, 'DRAFT', $5, permitted.id, $6, $7, $8, $9, 'CNY', $13, '[]', '[]', '[]', '[]', now(),
         now() from permitted, claimed
  returning id, name, state, industry, customer_region, expected_revenue_minor, created_at, customer_id
), told as (
  insert into event (id, partner_id, type, subject_type, subject_id, subject_version, actor, request_id, changes,
    occurred_at)
  select $14, $2, 'opportunity.saved', 'Opportunity', $1, 1, 'account:' || $3::uuid, $15, '{"state": "DRAFT"}', now()
  from made
), noted as (
  insert into audit (id, tenant_id, occurred_at, actor, via, operation, subject_type, subject_id, detail, request_id,
    address)
  select $16, $2, now(), 'account:' || $3::uuid, 'api', 'save_opportunity_draft', 'Opportunity', $1,
         '{"effects": ["opportunity.saved"]}', $15, '127.0.0.1' from made
)
"""
_AMOUNT = re.compile(r"\d{1,13}(\.\d{1,2})?", re.ASCII)
_REGION = re.compile(r"\d{6}")


def arguments(caller: Caller, given: dict[str, Any]) -> list[Any]:
    """The statement's parameters; `ValueError` for an input whose form is wrong."""
    amount, region = given["expectedRevenue"], given["customerRegion"]
    if not _AMOUNT.fullmatch(amount) or not _REGION.fullmatch(region) or not 8 <= len(given["idempotencyKey"]) <= 255:
        raise ValueError("the input is malformed")
    fingerprint = hashlib.sha256(orjson.dumps(given, option=orjson.OPT_SORT_KEYS)).digest()
    ids = [uuid7() for _ in range(4)]
    return [
        ids[0],
        caller.partner_id,
        caller.account_id,
        customer_id(given),
        given["name"].strip(),
        region,
        given["industry"],
        given["need"].strip(),
        int(Decimal(amount) * 100),
        given["idempotencyKey"],
        fingerprint,
        ids[1],
        date.fromisoformat(given["expectedSignOn"]),
        ids[2],
        ids[0].hex,
        ids[3],
    ]


def customer_id(given: dict[str, Any]) -> UUID:
    """The product's typed id; peers take it too, so that all get the same body."""
    return decode_id(given["customerId"])[1]
