"""Waiting for a lock in a test that holds one: what comes next in a race is then known."""

import asyncio
from typing import Any


async def until_waiting(superuser: Any, *asked: asyncio.Future[Any]) -> None:
    """Returns when as many statements wait for a lock as were asked for, or when one of them need not wait."""
    waiting = "select count(*) from pg_locks where not granted"
    while await superuser.fetchval(waiting) < len(asked) and not any(one.done() for one in asked):
        await asyncio.sleep(0.01)
