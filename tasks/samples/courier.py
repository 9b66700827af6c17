"""Carries the sample data's messages out at the stage's time: written by the real handlers, sent to nobody."""

from datetime import datetime
from typing import Any, NamedTuple

import orjson

from core import db
from core.clock import SettableClock
from core.ids import uuid7
from core.scope import EVERYTHING
from core.settings import Settings
from core.templates import load_templates
from gateways.delivery import Recorded
from gateways.recording import RecordingEmail, RecordingSms
from gateways.settlement import RecordingSettlement
from models.verifications import Verification
from rules.policy import Policy
from tasks.messages import Post, code_text
from tasks.outbox import Job, Registry
from tasks.samples.specimens import send_specimens
from tasks.schedules import Schedules
from tasks.wiring import register_all

SHOWN = 120
"""Newest notices that are written out, beside the newest of each template."""
_LATER = ("notice", "invitation.email")
_READY = "select id, topic, dedup_key, payload::text as payload from outbox where state = 'ready' order by id"
_DONE = """
    with done as (
      update outbox set state = 'done', attempts = 1, finished_at = now(), provider_ref = 'sample'
      where state = 'ready' returning id
    )
    insert into outbox_attempt (outbox_id, number, started_at, ended_at, outcome)
    select id, 1, now(), now(), 'done' from done
"""
_KEEP = """
    insert into recorded_message
      (id, channel, recipient, subject, body, html, template, locale, topic, key, sent_at, created_at)
    select id, channel, recipient, subject, body, html, template, locale, topic, key, sent_at, sent_at
    from jsonb_to_recordset($1::jsonb) as row
      (id uuid, channel text, recipient text, subject text, body text, html text, template text, locale text,
       topic text, key text, sent_at timestamptz)
    on conflict do nothing
"""


class _Sent(NamedTuple):
    at: datetime
    message: Recorded


class Courier:
    """The worker of the sample data. Whatever gateways the settings name, its messages end in the inbox."""

    def __init__(self, settings: Settings, clock: SettableClock) -> None:
        self._clock = clock
        self._letters: list[tuple[datetime, Job]] = []
        self._sent: list[_Sent] = []
        self._registry = Registry()
        self.secret = settings.secret_key.get_secret_value().encode()
        self._post = Post(
            RecordingSms(self._keep),
            RecordingEmail(self._keep),
            load_templates(),
            self.secret,
            RecordingSettlement(self._keep),
        )
        at_once = settings.model_copy(update={"quiet_hours": False})
        register_all(self._registry, Schedules(), self._post, at_once, clock)

    async def wake(self) -> None:
        """Not needed: the stage hands over what a command leaves."""

    async def take(self, messages: list[dict[str, Any]]) -> None:
        """Carries out the jobs among a command's messages, and keeps the letters until `finish`."""
        for message in messages:
            job = Job(0, message["topic"], message["dedup_key"], message["payload"], attempt=1, fence=1)
            if job.topic in _LATER:
                self._letters.append((self._clock(), job))
            elif not job.topic.startswith("code."):
                await self._registry.topics[job.topic].handler(job)

    async def hand_over(self, code: Verification, policy: Policy) -> str:
        """Sends a code; the digits, as its recipient reads them."""
        template, parameters = code_text(code, policy, self.secret)
        key = f"code.{code.channel.lower()}:{code.id}"
        await self._post.send(code.channel, code.target, template, code.locale, parameters, key)
        return parameters["code"]

    async def finish(self) -> None:
        """Marks everything as sent and writes the newest messages into the inbox, each at its instant."""
        await self._mark()
        for at, job in self._shown():
            self._clock.at = at
            await self._registry.topics[job.topic].handler(job)
            if job.payload.get("to", [""])[0] == "Partner":
                await self._tell_administrators()
        await self._send_specimens()
        self._sent.sort(key=lambda sent: sent.at)
        async with db.transaction(EVERYTHING):
            await db.fetch(_KEEP, orjson.dumps([_row(*sent) for sent in self._sent], default=str).decode())

    def _shown(self) -> list[tuple[datetime, Job]]:
        """The notices that are written out, in their order."""
        newest = {job.payload.get("template", job.topic): number for number, (_, job) in enumerate(self._letters)}
        latest = range(max(0, len(self._letters) - SHOWN), len(self._letters))
        return [self._letters[number] for number in sorted({*newest.values(), *latest})]

    async def _send_specimens(self) -> None:
        """What the history did not need, as old as its oldest message."""
        self._clock.at = min(sent.at for sent in self._sent)
        sent = {(one.message.template, one.message.channel.value, one.message.locale) for one in self._sent}
        await send_specimens(self._post, sent)

    async def _tell_administrators(self) -> None:
        async with db.read(EVERYTHING):
            rows = await db.fetch(_READY)
        for row in rows:
            job = Job(row["id"], row["topic"], row["dedup_key"], orjson.loads(row["payload"]), attempt=1, fence=1)
            await self._registry.topics[job.topic].handler(job)
        await self._mark()

    async def _mark(self) -> None:
        async with db.transaction(EVERYTHING):
            await db.fetch(_DONE)

    async def _keep(self, message: Recorded) -> None:
        self._sent.append(_Sent(self._clock(), message))


def _row(at: datetime, message: Recorded) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "channel": message.channel.value,
        "recipient": message.recipient,
        "subject": message.subject,
        "body": message.body,
        "html": message.html,
        "template": message.template,
        "locale": message.locale,
        "topic": message.key.partition(":")[0],
        "key": message.key,
        "sent_at": at,
    }
