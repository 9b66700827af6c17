"""The development inbox: what the recording gateways kept, newest first."""

from typing import Any
from uuid import UUID

from core import db
from core.scope import EVERYTHING

PAGE = 100


async def recorded_messages(about: str = "", before: UUID | None = None) -> list[dict[str, Any]]:
    """The newest messages as plain values: those in whose recipient or template `about` stands, older than `before`."""
    async with db.read(EVERYTHING):
        return await db.fetch(
            "select id::text, channel, recipient, subject, body, html is not null as has_html, template, locale,"
            " to_char(created_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as created_at"
            " from recorded_message where strpos(lower(recipient || ' ' || template), lower($2)) > 0"
            " and ($3::uuid is null or id < $3) order by id desc limit $1",
            PAGE,
            about,
            before,
        )


async def recorded_html(message_id: UUID) -> str | None:
    """A mail as its HTML shows it; None for an SMS, and for what is not there."""
    async with db.read(EVERYTHING):
        row = await db.fetch_one("select html from recorded_message where id = $1", message_id)
    return None if row is None else row["html"]
