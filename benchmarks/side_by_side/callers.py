"""Who asks: one signed-in account of each partner, the vendor's sales managers and its ecosystem managers."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg

from core.clock import system_clock
from core.ids import uuid7
from core.tokens import TokenKind, digest, new_token

_ACCOUNTS = """
    select a.id as account_id, a.partner_id, coalesce(a.roles->>0, '') as role, (
        select c.id from customer c where c.partner_id = a.partner_id order by c.id desc limit 1) as customer_id
    from account a
    where a.is_main or a.kind = 'STAFF'
    order by a.id
"""
_SESSION = """
    insert into session (id, account_id, family_id, access_digest, access_expires_at, refresh_digest,
                         refresh_expires_at, user_agent, created_at)
    values ($1, $2, $3, $4, $5, $6, $5, 'bench', $7)
"""
LIFE = timedelta(days=1)
"""Longer than the product's quarter of an hour: a run must not end for its tokens. A check costs the same."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An account and what it proves itself by. `customer_id` is its partner's newest customer."""

    account_id: UUID
    partner_id: UUID | None
    customer_id: UUID | None
    token: str

    @property
    def bearer(self) -> str:
        """The header that the product checks."""
        return f"authorization: Bearer {self.token}"

    @property
    def claim(self) -> str:
        """The header that the peers believe unchecked."""
        return f"x-caller: {self.account_id}:{self.partner_id or ''}"


@dataclass(frozen=True, slots=True)
class Callers:
    """All of them, partners in the order in which they joined."""

    partners: list[Caller]
    sales: list[Caller]
    managers: list[Caller]


async def sign_in(connection: asyncpg.Connection) -> Callers:
    """Opens a session for each with tokens made as the product makes them."""
    now = system_clock()
    callers = Callers([], [], [])
    groups = {"PSM": callers.sales, "ECO_MANAGER": callers.managers, "": callers.partners}
    for row in await connection.fetch(_ACCOUNTS):
        access, refresh = new_token(TokenKind.ACCESS), new_token(TokenKind.REFRESH)
        await connection.execute(
            _SESSION, uuid7(), row["account_id"], uuid7(), digest(access), now + LIFE, digest(refresh), now
        )
        groups[row["role"]].append(Caller(row["account_id"], row["partner_id"], row["customer_id"], access))
    await connection.execute("analyze session")
    return callers
