"""Messages that were given up, for operations: of which kind, to whom by id, why and when; no contact, no words. They
may be sent once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core import db
from core.scope import EVERYTHING
from resolvers import outbox
from resolvers.accounts import CONTACT_TOPIC, LINK_TOPIC, SIBLING_TOPIC
from resolvers.command import command
from resolvers.context import Context
from resolvers.customers.invitations import TOPIC as CUSTOMER_INVITATION
from resolvers.query import query
from resolvers.resellers.inviting import TOPIC as RESELLER_INVITATION
from resolvers.specialists.inviting import TOPIC as SPECIALIST_INVITATION
from rules.access import Permission
from rules.errors import ErrorCode, refuse
from rules.messages import TYPE_OF, MessageType

MOST = 100
CODES = ("code.sms", "code.email")
TOPICS: Mapping[str, MessageType | None] = {
    "notice": None,
    **dict.fromkeys(CODES, MessageType.VERIFICATION),
    CONTACT_TOPIC: MessageType.SECURITY,
    LINK_TOPIC: MessageType.SECURITY,
    SIBLING_TOPIC: MessageType.INVITATION,
    CUSTOMER_INVITATION: MessageType.INVITATION,
    RESELLER_INVITATION: MessageType.INVITATION,
    SPECIALIST_INVITATION: MessageType.INVITATION,
}
"""The outbox's topics that are messages, with the type of all of a topic; a notice's is that of its template. The
others are jobs.
"""

_FAILED = """
    select id, topic, payload::text as payload, attempts, last_error, finished_at from outbox
    where state = 'dead' and topic = any ($1::text[]) and ($2::bigint is null or id < $2)
      and ($3::text[] is null or topic = any ($3::text[]) or payload ->> 'template' = any ($4::text[]))
    order by id desc limit $5
"""

_ONE = "select topic, state from outbox where id = $1 and topic = any ($2::text[]) for update"


@dataclass(frozen=True, slots=True)
class FailedMessage:
    """One message that nobody will send any more. `number` is its place in the outbox, as `cosell outbox` names it.

    `template` and the two ends are None for codes and invitations, whose rows say less. `failed_at` is the database's
    own time.
    """

    number: int
    topic: str
    template: str | None
    kind: MessageType | None
    recipient: tuple[str, UUID] | None
    subject: tuple[str, UUID] | None
    reason: str
    attempts: int
    failed_at: datetime


@query(permission=Permission.MESSAGES_READ_FAILURES)
async def failed_messages(
    ctx: Context, *, type: MessageType | None = None, before: int | None = None
) -> list[FailedMessage]:
    """The newest hundred that were given up, those of one type or all, older than `before` where it is given."""
    topics = None if type is None else [name for name, kind in TOPICS.items() if kind is type]
    of_type = [name for name, kind in TYPE_OF.items() if kind is type]
    async with db.read(EVERYTHING):
        rows = await db.fetch(_FAILED, list(TOPICS), before, topics, of_type, MOST)
    return [_failed(row) for row in rows]


def _failed(row: Mapping[str, Any]) -> FailedMessage:
    payload = orjson.loads(row["payload"])
    template = payload.get("template")
    return FailedMessage(
        number=row["id"],
        topic=row["topic"],
        template=template,
        kind=TOPICS[row["topic"]] or TYPE_OF.get(template),
        recipient=_end(payload.get("to")),
        subject=_end(payload.get("about")),
        reason=row["last_error"] or "",
        attempts=row["attempts"],
        failed_at=row["finished_at"],
    )


def _end(named: list[str] | None) -> tuple[str, UUID] | None:
    return None if named is None else (named[0], UUID(named[1]))


@command(permission=Permission.MESSAGES_RETRY_FAILURES, refuses=(ErrorCode.STATE_CONFLICT,))
async def retry_failed_message(ctx: Context, *, number: int) -> int:
    """Sends a message that was given up once more, with all its tries before it; what its provider has taken already is
    not sent twice. Refused where it is not given up any more, where it is too late for it, and for a code: one that
    could not be sent counts no longer, and another is asked for.
    """
    row = await db.fetch_one(_ONE, number, list(TOPICS))
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "number")
    if row["topic"] in CODES or row["state"] != "dead" or await outbox.retry(number) is not outbox.Answer.DONE:
        raise refuse(ErrorCode.STATE_CONFLICT, "input", "number")
    ctx.audit(number=number)
    ctx.effect("message.retried")
    return number
