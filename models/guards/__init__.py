"""One-purpose SQL functions for guards that ask about other tenants: they answer a reason code, never a row.

Each runs with its owner's rights, so row-level security does not bind it, and what it answers is all that a caller may
learn. The search path is fixed, and nobody but the application's role may call them.
"""

from datetime import datetime
from uuid import UUID

from core import db
from models.guards import accounts, customers, experts, funds, opportunities, partners

GUARDS: tuple[str, ...] = (
    *customers.GUARDS,
    *accounts.GUARDS,
    *partners.GUARDS,
    *funds.GUARDS,
    *experts.GUARDS,
    *opportunities.GUARDS,
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
