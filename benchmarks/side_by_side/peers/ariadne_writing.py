"""Creating an opportunity with asyncpg: a statement for each check and each row, in one transaction."""

import hashlib
import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import asyncpg

from core.ids import decode_id, uuid7

_AMOUNT, _REGION = re.compile(r"\d{1,13}(\.\d{1,2})?", re.ASCII), re.compile(r"\d{6}")
_OPERATION = "save_opportunity_draft"
_KNOWN = "select 1 from idempotency where caller_id = $1 and key = $2"
_OWN = "select 1 from customer where id = $1 and partner_id = $2"
_JOINED = "select 1 from plan_membership where partner_id = $1 and plan = 'CO_SELL' and state = 'JOINED'"
_OPPORTUNITY = """
    insert into opportunity (id, partner_id, site, created_by, owner_user_id, state, name, customer_id, customer_region,
      industry, need, expected_revenue_minor, expected_revenue_currency, expected_sign_on, pre_sales, cloud_services,
      support_needs, need_tags, created_at, updated_at)
    values ($1, $2, 'CN', $3, $3, 'DRAFT', $4, $5, $6, $7, $8, $9, 'CNY', $10, '[]', '[]', '[]', '[]', now(), now())
    returning *
"""
_EVENT = """
    insert into event (id, partner_id, type, subject_type, subject_id, subject_version, actor, request_id, changes,
      occurred_at)
    values ($1, $2, 'opportunity.saved', 'Opportunity', $3, 1, $4, $5, '{"state": "DRAFT"}', now())
"""
_AUDIT = """
    insert into audit (id, tenant_id, occurred_at, actor, via, operation, subject_type, subject_id, detail, request_id)
    values ($1, $2, now(), $3, 'api', $4, 'Opportunity', $5, '{"effects": ["opportunity.saved"]}', $6)
"""
_KEY = """
    insert into idempotency (id, caller_id, key, operation, fingerprint, outcome, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, now(), now() + interval '7 days')
"""


async def create(pool: asyncpg.Pool, account: str, partner: str, given: dict[str, Any]) -> Any:
    """The rows that the product writes; None where it would refuse."""
    if not _AMOUNT.fullmatch(given["expected_revenue"]) or not _REGION.fullmatch(given["customer_region"]):
        return None
    customer, row_id, key = decode_id(given["customer_id"])[1], uuid7(), given["idempotency_key"]
    async with pool.acquire() as on, on.transaction():
        if await on.fetchval(_KNOWN, account, key):
            return None
        if not await on.fetchval(_OWN, customer, partner) or not await on.fetchval(_JOINED, partner):
            return None
        made = await on.fetchrow(
            _OPPORTUNITY,
            row_id,
            partner,
            account,
            given["name"],
            customer,
            given["customer_region"],
            given["industry"],
            given["need"],
            int(Decimal(given["expected_revenue"]) * 100),
            date.fromisoformat(given["expected_sign_on"]),
        )
        actor = f"account:{account}"
        await on.execute(_EVENT, uuid7(), partner, row_id, actor, row_id.hex)
        await on.execute(_AUDIT, uuid7(), partner, actor, _OPERATION, row_id, row_id.hex)
        fingerprint = hashlib.sha256(json.dumps(given, sort_keys=True).encode()).digest()
        outcome = json.dumps({"typename": "Opportunity", "id": str(row_id)})
        await on.execute(_KEY, uuid7(), account, key, _OPERATION, fingerprint, outcome)
    return dict(made)
