"""Creating an opportunity through the ORM: a statement for each check and each row, in one transaction."""

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from tortoise.transactions import in_transaction  # noqa: TID251 - as its manual has it

from core.ids import decode_id, uuid7
from models.audit import Audit
from models.customers import Customer
from models.events import Event
from models.idempotency import Idempotency
from models.opportunities import Opportunity
from models.plans import PlanMembership

_OPERATION = "save_opportunity_draft"


async def create(account_id: str, partner_id: str, given: dict[str, Any]) -> Opportunity | None:
    """The rows that the product writes; None where it would refuse."""
    now = datetime.now(UTC)  # noqa: TID251 - a peer has no clock of its own
    customer_id, actor = decode_id(given["customer_id"])[1], f"account:{account_id}"
    async with in_transaction():
        if await Idempotency.exists(caller_id=account_id, key=given["idempotency_key"]):
            return None
        if not await Customer.exists(id=customer_id, partner_id=partner_id):
            return None
        if not await PlanMembership.exists(partner_id=partner_id, plan="CO_SELL", state="JOINED"):
            return None
        made = await _opportunity(UUID(account_id), partner_id, customer_id, given, now)
        about: dict[str, Any] = {
            "subject_type": "Opportunity",
            "subject_id": made.id,
            "request_id": made.id.hex,
            "occurred_at": now,
        }
        await Event.create(
            partner_id=partner_id,
            type="opportunity.saved",
            subject_version=1,
            actor=actor,
            changes={"state": "DRAFT"},
            **about,
        )
        detail = {"effects": ["opportunity.saved"]}
        await Audit.create(
            tenant_id=partner_id, actor=actor, via="api", operation=_OPERATION, detail=detail, address="", **about
        )
        await Idempotency.create(
            caller_id=account_id,
            key=given["idempotency_key"],
            operation=_OPERATION,
            fingerprint=hashlib.sha256(orjson.dumps(given)).digest(),
            outcome={"typename": "Opportunity", "id": str(made.id)},
            created_at=now,
            expires_at=now + timedelta(days=7),
        )
    return made


async def _opportunity(
    account_id: UUID, partner_id: str, customer_id: UUID, given: dict[str, Any], now: datetime
) -> Opportunity:
    return await Opportunity.create(
        id=uuid7(),
        partner_id=partner_id,
        site="CN",
        created_by=account_id,
        owner_user_id=account_id,
        state="DRAFT",
        name=given["name"],
        customer_id=customer_id,
        customer_region=given["customer_region"],
        industry=given["industry"],
        need=given["need"],
        expected_revenue_minor=int(Decimal(given["expected_revenue"]) * 100),
        expected_revenue_currency="CNY",
        expected_sign_on=given["expected_sign_on"],
        created_at=now,
        updated_at=now,
    )
