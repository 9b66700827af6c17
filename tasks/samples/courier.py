"""Carries the sample data's messages out at the stage's time: written by the real handlers, sent to nobody."""

from datetime import datetime
from typing import Any

import orjson

from core import db
from core.clock import Clock
from core.ids import uuid7
from core.scope import EVERYTHING
from core.settings import Settings
from core.templates import load_templates
from gateways.delivery import Recorded
from gateways.recording import RecordingEmail, RecordingSms
from tasks.messages import Post
from tasks.outbox import Job, Registry
from tasks.schedules import Schedules
from tasks.wiring import register_all

_READY = "select id, topic, dedup_key, payload from outbox where state = 'ready' order by id"
_DONE = """
    update outbox set state = 'done', attempts = 1, finished_at = now(), provider_ref = 'sample' where id = any($1)
"""
_KEEP = """
    insert into recorded_message
      (id, channel, recipient, subject, body, template, locale, topic, key, sent_at, created_at)
    select id, channel, recipient, subject, body, template, locale, topic, key, sent_at, sent_at
    from jsonb_to_recordset($1::jsonb) as row
      (id uuid, channel text, recipient text, subject text, body text, template text, locale text, topic text, key text,
       sent_at timestamptz)
    on conflict do nothing
"""


class Courier:
    """The worker of the sample data. Whatever gateways the settings name, its messages end in the inbox."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._kept: list[dict[str, Any]] = []
        self._due = False
        self._registry = Registry()
        secret = settings.secret_key.get_secret_value().encode()
        post = Post(RecordingSms(self._keep), RecordingEmail(self._keep), load_templates(), secret)
        register_all(self._registry, Schedules(), post, settings, clock)

    async def wake(self) -> None:
        """Hears from a command that something waits."""
        self._due = True

    async def deliver(self) -> None:
        """Carries out everything that waits, and what comes of it."""
        while self._due:
            async with db.read(EVERYTHING):
                rows = await db.fetch(_READY)
            self._due = bool(rows)
            for row in rows:
                job = Job(row["id"], row["topic"], row["dedup_key"], _plain(row["payload"]), attempt=1, fence=1)
                await self._registry.topics[job.topic].handler(job)
            async with db.transaction(EVERYTHING):
                await db.fetch(_DONE, [row["id"] for row in rows])

    async def _keep(self, message: Recorded) -> None:
        sent_at: datetime = self._clock()
        self._kept.append(
            {
                "id": uuid7(),
                "channel": message.channel.value,
                "recipient": message.recipient,
                "subject": message.subject,
                "body": message.body,
                "template": message.template,
                "locale": message.locale,
                "topic": message.key.partition(":")[0],
                "key": message.key,
                "sent_at": sent_at,
            }
        )

    async def fill_inbox(self) -> None:
        """Writes what was kept into the development inbox, at the instants it was sent."""
        async with db.transaction(EVERYTHING):
            await db.fetch(_KEEP, orjson.dumps(self._kept, default=str).decode())
        self._kept.clear()


def _plain(payload: Any) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads(payload) if isinstance(payload, str) else payload
    return value
