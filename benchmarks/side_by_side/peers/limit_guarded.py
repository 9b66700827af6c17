"""(f3) The flat rows behind what the product does for every request: the account behind the token, looked up in the
database; the points of the request budget, taken and given back; one line of the log.
"""

from time import perf_counter
from typing import Any

import asyncpg
from redis.asyncio import Redis

from benchmarks.side_by_side.peers import limit_rows
from benchmarks.side_by_side.peers.asgi import Caller, application, header
from benchmarks.side_by_side.product import RATE
from core.clock import system_clock
from core.http.budget import Budget
from core.log import configure_logging, get_logger
from core.settings import get_settings
from core.tokens import digest

POINTS = 60
"""About what the product asks for a page of fifty."""
WHO = """
select account.id, account.partner_id, account.site, account.kind, account.is_main, account.roles, account.status
from session join account on account.id = session.account_id
left join partner on partner.id = account.partner_id and partner.admission_state = 'JOINED'
where session.access_digest = $1 and session.revoked_at is null and session.rotated_at is null
  and session.access_expires_at > $2
"""
_settings = get_settings()
configure_logging(_settings)
_log = get_logger(__name__)
_budget = Budget(Redis.from_url(str(_settings.redis_url)), rate=RATE, prefix="guarded:")


async def identify(pool: asyncpg.Pool, headers: list[tuple[bytes, bytes]]) -> Caller:
    """The account behind the bearer token; an error for a token that opens nothing."""
    token = header(headers, b"authorization").removeprefix("Bearer ")
    row = await pool.fetchrow(WHO, digest(token), system_clock())
    if row is None or row["status"] != "ACTIVE":
        raise PermissionError
    return Caller(row["id"], row["partner_id"])


async def answer(pool: asyncpg.Pool, operation: str, caller: Caller, given: dict[str, Any]) -> bytes:
    """What the flat rows answer, paid for and written down."""
    started = perf_counter()
    charge = await _budget.charge(f"account:{caller.account_id}", POINTS)
    if not charge.allowed:
        raise PermissionError
    octets = await limit_rows.answer(pool, operation, caller, given)
    await _budget.refund(charge, octets.count(b'{"'))
    milliseconds = round((perf_counter() - started) * 1_000, 1)
    _log.info("operation", name=operation, status=200, milliseconds=milliseconds, document="-")
    return octets


app = application(answer, limit_rows.texts, identify)
