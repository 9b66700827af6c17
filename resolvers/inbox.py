"""The development inbox: what the recording gateways kept, newest first."""

from typing import Any

from core import db
from core.scope import EVERYTHING

PAGE = 100


async def recorded_messages() -> list[dict[str, Any]]:
    """The newest messages as plain values."""
    async with db.read(EVERYTHING):
        return await db.fetch(
            "select id::text, channel, recipient, subject, body, template, locale,"
            " to_char(created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as created_at"
            " from recorded_message order by id desc limit $1",
            PAGE,
        )
