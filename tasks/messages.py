"""Sends what the outbox says: codes derived anew for each send, notices with the contact as it is at that moment."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core import db
from core.clock import Clock
from core.i18n import translate
from core.ids import uuid7
from core.scope import EVERYTHING
from core.settings import Settings
from core.templates import Templates
from gateways import build_email, build_settlement, build_sms
from gateways.delivery import Receipt, Recorded, TerminalFailure
from gateways.email import EmailGateway, Mail
from gateways.settlement import SettlementGateway
from gateways.sms import Sms, SmsGateway
from models.accounts import Account
from models.base import Row
from models.messages import MessageContact
from models.partners import Partner
from models.registry import model_named
from models.verifications import Verification
from resolvers.codes import SEND_ATTEMPTS, code_policy, derive, destination
from resolvers.context import NOTICE_ATTEMPTS
from resolvers.messages import TEMPLATES, written
from resolvers.messages.addressing import Addressee, address, recipients, time_to_wait
from resolvers.messages.footers import footer
from rules.accounts import AccountKind, AccountStatus
from rules.messages import TYPE_OF, MessageChannel
from rules.policy import Policy
from rules.verifications import DISCREET_SCENES, Channel, CodeState, Scene
from tasks.outbox import Job, Postponed, Registry

CODE_LEASE = 20.0
CODE_TIMEOUT = 15.0
"""Seconds of one try, within its lease: what takes longer has failed and is marked so."""
NOTICE_LEASE = 60.0

_CODE_TEMPLATES = {
    Scene.SIGN_UP: "code_sign_up",
    Scene.SIGN_IN: "code_sign_in",
    Scene.RESET_PASSWORD: "code_reset_password",
    Scene.RESET_MEMBER_PASSWORD: "code_reset_password",
    Scene.CHANGE_CONTACT: "code_change_contact",
    Scene.RESTORE_ACCOUNT: "code_restore_account",
    Scene.CONFIRM_CONTACT: "code_confirm_contact",
    Scene.SENSITIVE_OPERATION: "code_sensitive_operation",
}


@dataclass(frozen=True, slots=True)
class Post:
    """The gateways and texts of this process."""

    sms: SmsGateway
    email: EmailGateway
    templates: Templates
    secret: bytes
    settlement: SettlementGateway

    async def send(
        self,
        channel: Channel,
        to: str,
        template: str,
        locale: str,
        parameters: dict[str, str],
        key: str,
        *,
        of_partner: bool = False,
    ) -> Receipt:
        """Renders and sends one message; `of_partner` says that a partner's settings decide who gets it."""
        if channel is Channel.SMS:
            text = self.templates.sms(template, locale, parameters)
            return await self.sms.send(Sms(to, template, text.parameters, locale, text.text), key=key)
        mail = self.templates.mail(template, locale, parameters, footer(template, locale, of_partner=of_partner))
        return await self.email.send(Mail(to, mail.subject, mail.text, mail.html, locale, template), key=key)


def open_post(settings: Settings) -> Post:
    """The gateways the settings choose; recorded messages go into the inbox table."""
    return Post(
        sms=build_sms(settings, record),
        email=build_email(settings, record),
        templates=TEMPLATES,
        secret=settings.secret_key.get_secret_value().encode(),
        settlement=build_settlement(settings, record),
    )


async def record(message: Recorded) -> None:
    """Keeps a message in the development inbox; a redelivery appears once."""
    topic, _, _ = message.key.partition(":")
    async with db.transaction(EVERYTHING):
        await db.fetch(
            "insert into recorded_message (id, channel, recipient, subject, body, html, template, locale, topic, key)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
            uuid7(),
            message.channel.value,
            message.recipient,
            message.subject,
            message.body,
            message.html,
            message.template,
            message.locale,
            topic,
            message.key,
        )


def register(post: Post, settings: Settings, clock: Clock, registry: Registry) -> None:
    """Makes `post` carry out the topics of this module; working hours are looked up on `clock`."""
    for channel in Channel:
        registry.topic(
            f"code.{channel.lower()}", lease=CODE_LEASE, max_attempts=SEND_ATTEMPTS, base=2, cap=10, concurrency=8
        )(_handler(send_code, post))
    hours = clock if settings.keeps_quiet_hours else None

    @registry.topic("notice", lease=NOTICE_LEASE, max_attempts=NOTICE_ATTEMPTS)
    async def _notice(job: Job) -> Receipt | None:
        return await send_notice(post, job, hours)


def _handler(send: Callable[[Post, Job], Awaitable[Receipt | None]], post: Post) -> Any:
    async def handle(job: Job) -> Receipt | None:
        return await send(post, job)

    return handle


async def send_code(post: Post, job: Job) -> Receipt | None:
    """Sends a code that still counts; a superseded, used or silent one is done without a message."""
    async with db.read(EVERYTHING):
        code = await Verification.get(id=UUID(job.payload["verification_id"]))
        policy = await code_policy(code)
        whereto = await destination(code)
    if code.state is not CodeState.PENDING or code.used_at is not None:
        return Receipt("superseded")
    if code.silent:
        await _mark(code, CodeState.SENT)
        return Receipt("silent")
    if whereto is None:
        raise TerminalFailure("the recipient is gone")
    template, parameters = code_text(code, policy, post.secret)
    try:
        async with asyncio.timeout(CODE_TIMEOUT):
            receipt = await post.send(*whereto, template, code.locale, parameters, job.key)
    except Exception as failure:
        # Where an unknown contact is sent nothing, the code stays pending: what fails shows nowhere.
        if (job.last or isinstance(failure, TerminalFailure)) and code.scene not in DISCREET_SCENES:
            await _mark(code, CodeState.SEND_FAILED)
        raise
    await _mark(code, CodeState.SENT)
    return receipt


def code_text(code: Verification, policy: Policy, secret: bytes) -> tuple[str, dict[str, str]]:
    """The template of a code's message and what is filled in; the owner of a known contact is only warned."""
    if code.known:
        return "code_known_contact", {}
    parameters = {"minutes": _minutes(code), "code": derive(secret, code, policy)}
    if code.scene is Scene.SENSITIVE_OPERATION:
        parameters["operation"] = translate(f"operations.{code.operation}", code.locale)
    return _CODE_TEMPLATES[code.scene], parameters


def _minutes(code: Verification) -> str:
    return str(round((code.expires_at - code.created_at).total_seconds() / 60))


async def _mark(code: Verification, state: CodeState) -> None:
    async with db.transaction(EVERYTHING):
        await Verification.filter(id=code.id, state=CodeState.PENDING).update(state=state)


async def send_notice(post: Post, job: Job, hours: Clock | None = None) -> Receipt | None:
    """Tells an account, a customer or a contact something in its language: inside the product where the template allows
    it, then by the channel asked or the best it has. With `hours` what is not urgent waits there for working hours.

    A notice to a partner becomes one for each of its recipients, so that each is tried by itself. Messages inside
    the product are written here and not with the business rows: only here it is known who the recipients are, the
    writer need not see the readers, and the outbox does not lose a notice, nor does `message_once` let it be doubled.
    """
    payload, kind = job.payload, TYPE_OF[job.payload["template"]]
    async with db.read(EVERYTHING):
        row = await _row(payload["to"])
        if row is None and payload["to"][0] == MessageContact.__name__:
            return Receipt("the contact was removed meanwhile")
        if row is None:
            raise TerminalFailure("the recipient is gone")
        names = {name: await _name(which) for name, which in payload["names"].items()}
        to = None if isinstance(row, Partner) else await address(row, kind)
        partner = await _left_by(row, payload)
    if partner is not None:
        return await _fan_out(partner, payload.get("fanned", job.dedup_key), payload)
    if isinstance(row, Account) and row.kind is AccountKind.IAM_USER and row.status is not AccountStatus.ACTIVE:
        return Receipt("the account was stopped meanwhile")
    assert to is not None
    template = post.templates.get(payload["template"], to.locale)
    if "app" in template.channels and to.account_id is not None and MessageChannel.SITE in to.channels:
        await _keep(to.account_id, payload)
    channel, target = _contact(to, payload["channel"], template.channels)
    if target is None:
        return Receipt("no contact for the channel")
    if hours is not None and (wait := await time_to_wait(to, kind, hours())):
        raise Postponed(wait.total_seconds())
    parameters = written(payload, names, to.locale, to.zone)
    return await post.send(channel, target, template.name, to.locale, parameters, job.key, of_partner=to.of_partner)


async def _keep(account_id: UUID, payload: dict[str, Any]) -> None:
    """The message in the account's hands; a redelivery, or the same notice by another channel, finds it there."""
    subject_type, subject_id = payload["about"]
    async with db.transaction(EVERYTHING):
        await db.fetch(
            "insert into message (id, account_id, template, subject_type, subject_id, occasion, parameters, created_at)"
            " values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8) on conflict do nothing",
            uuid7(),
            account_id,
            payload["template"],
            subject_type,
            UUID(subject_id),
            payload["occasion"],
            orjson.dumps({part: payload[part] for part in ("names", "instants", "facts")}).decode(),
            datetime.fromisoformat(payload["at"]),
        )


async def _row(which: list[str]) -> Row | None:
    name, row_id = which
    return await model_named(name).get_or_none(id=UUID(row_id))


async def _name(which: list[str]) -> str:
    row = await _row(which)
    return "–" if row is None or row.named_by is None else str(getattr(row, row.named_by))


async def _left_by(row: Row, payload: dict[str, Any]) -> Partner | None:
    """The partner whose recipients are to be told: the one that a notice is to, and of a recipient that waited until it
    was one no longer, its partner. Whoever has been told is not told again.
    """
    if isinstance(row, Partner) or "fanned" not in payload:
        return row if isinstance(row, Partner) else None
    partner = await Partner.get(id=UUID(payload["partner"]))
    told = await recipients(partner, payload["template"])
    return None if any(one.id == row.id for one in told) else partner


async def _fan_out(partner: Partner, key: str, notice: dict[str, Any]) -> Receipt:
    async with db.transaction(EVERYTHING):
        told = await recipients(partner, notice["template"])
        for row in told:
            to = {"to": [type(row).__name__, str(row.id)], "partner": str(partner.id), "fanned": key}
            payload = {**notice, **to}
            await db.fetch(
                "insert into outbox (topic, dedup_key, payload, max_attempts, run_at, created_at)"
                " values ('notice', $1, $2::jsonb, $3, now(), now()) on conflict do nothing",
                f"{key}:{row.id}",
                orjson.dumps(payload).decode(),
                NOTICE_ATTEMPTS,
            )
    return Receipt(f"told {len(told)} recipients")


def _contact(to: Addressee, asked: str, channels: frozenset[str]) -> tuple[Channel, str | None]:
    """`any` prefers mail; SMS is taken where there is no address, and where the template goes by no mail."""
    email = to.email if "email" in channels and MessageChannel.EMAIL in to.channels else None
    mobile = to.mobile if "sms" in channels and MessageChannel.SMS in to.channels else None
    if asked == Channel.EMAIL or (asked == "any" and email is not None):
        return Channel.EMAIL, email
    return Channel.SMS, mobile
