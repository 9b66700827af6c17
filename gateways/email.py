"""Mail through SMTP: one connection per mail, a deadline for the whole call, the same Message-ID over retries."""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr
from typing import Protocol

import aiosmtplib

from core.clock import Clock, system_clock
from core.log import get_logger
from core.settings import Settings, SmtpSecurity
from gateways.delivery import DeliveryFailure, Receipt, TerminalFailure, TransientFailure, key_digest

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_POLICY = SMTP_POLICY.clone(cte_type="7bit")  # not every server offers 8BITMIME
_QUIT_TIMEOUT = 1.0

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, repr=False)
class Mail:
    """One mail to one address. `html` is an alternative to `text`; `template` names it in logs and in the inbox."""

    to: str
    subject: str
    text: str
    html: str | None
    locale: str
    template: str = ""

    def __repr__(self) -> str:
        return f"Mail(template={self.template!r}, locale={self.locale!r})"


class EmailGateway(Protocol):
    """Hands one mail over. `key` names the effect: equal keys are the same mail, sent again after a failure."""

    async def send(self, message: Mail, *, key: str) -> Receipt:
        """The receipt; raises `TransientFailure` or `TerminalFailure`."""
        ...


class SmtpEmail:
    """The real gateway. `deadline` bounds a call, in seconds; the polite QUIT after it adds at most one."""

    def __init__(self, settings: Settings, *, tls: ssl.SSLContext | None = None, clock: Clock = system_clock) -> None:
        """`tls` replaces the system's trusted authorities; `settings.email_sender` must be one address."""
        self._settings = settings
        self._tls = tls or ssl.create_default_context()
        self._clock = clock
        name, address = parseaddr(settings.email_sender)
        self._sender = Address(name, addr_spec=address)
        self.deadline = settings.smtp_connect_timeout + settings.smtp_timeout

    async def send(self, message: Mail, *, key: str) -> Receipt:
        """Delivers to the configured server.

        What the server says about this mail decides: 4xx is transient, 5xx terminal. A refused connection, greeting,
        STARTTLS or login says nothing about the mail and is transient, as is every time-out and disconnection.
        """
        facts = {"channel": "email", "template": message.template, "key": key_digest(key)}
        try:
            receipt = await self._deliver(self.compose(message, key=key), message.to)
        except DeliveryFailure as failure:
            log.warning("message not sent", outcome=type(failure).__name__, reason=failure.reason, **facts)
            raise
        log.info("message sent", outcome="accepted", **facts)
        return receipt

    def compose(self, message: Mail, *, key: str) -> EmailMessage:
        """The MIME message; `TerminalFailure` when the address or the subject could forge a header."""
        if _CONTROL.search(message.to):
            raise TerminalFailure("control character in the address")
        if _CONTROL.search(message.subject):
            raise TerminalFailure("control character in the subject")
        mime = EmailMessage(policy=_POLICY)
        mime["To"] = _one_address(message.to)
        mime["From"] = self._sender
        mime["Subject"] = message.subject
        mime["Date"] = format_datetime(self._clock())
        mime["Message-ID"] = f"<{key_digest(key)}@{self._sender.domain}>"
        mime["Content-Language"] = message.locale
        mime["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
        mime.set_content(message.text)
        if message.html is not None:
            mime.add_alternative(message.html, subtype="html")
        return mime

    async def _deliver(self, mime: EmailMessage, to: str) -> Receipt:
        client = self._client()
        try:
            async with asyncio.timeout(self.deadline):
                await _connect(client, self._settings.smtp_connect_timeout)
                await _hand_over(client, mime, sender=self._sender.addr_spec, to=to)
            # The mail is the server's from here on: how the session ends changes nothing.
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=_QUIT_TIMEOUT)
        except TimeoutError:
            raise TransientFailure("deadline passed; outcome unknown") from None
        finally:
            client.close()
        return Receipt(str(mime["Message-ID"]))

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            local_hostname=self._sender.domain,
            timeout=settings.smtp_timeout,
            use_tls=settings.smtp_security is SmtpSecurity.TLS,
            start_tls=settings.smtp_security is SmtpSecurity.STARTTLS,
            tls_context=None if settings.smtp_security is SmtpSecurity.NONE else self._tls,
            username=settings.smtp_user or None,
            password=settings.smtp_password.get_secret_value() or None,
        )


def _one_address(text: str) -> Address:
    try:
        address = Address(addr_spec=text)
    except (MessageError, ValueError, IndexError):  # the parser's own index error: an empty address or domain
        raise TerminalFailure("not one address") from None
    if address.addr_spec != text:  # it held a comment, which the envelope would keep
        raise TerminalFailure("not one address")
    return address


async def _connect(client: aiosmtplib.SMTP, timeout: float) -> None:
    try:
        await client.connect(timeout=timeout)
    except aiosmtplib.SMTPResponseException as refusal:
        raise TransientFailure(f"no session: {type(refusal).__name__} {refusal.code}") from None
    except (aiosmtplib.SMTPException, OSError) as problem:
        raise TransientFailure(f"no session: {type(problem).__name__}") from None


async def _hand_over(client: aiosmtplib.SMTP, mime: EmailMessage, *, sender: str, to: str) -> None:
    try:
        await client.send_message(mime, sender=sender, recipients=[to])
    except aiosmtplib.SMTPRecipientsRefused as refusal:
        raise _refused(refusal.recipients[0].code, "recipient") from None
    except aiosmtplib.SMTPResponseException as refusal:
        raise _refused(refusal.code, "mail") from None
    except (aiosmtplib.SMTPNotSupported, ValueError):
        raise TerminalFailure("the server cannot take this address") from None
    except (aiosmtplib.SMTPException, OSError) as problem:
        raise TransientFailure(f"{type(problem).__name__}; outcome unknown") from None


def _refused(code: int, what: str) -> DeliveryFailure:
    reason = f"{what} refused: {code}"
    return TerminalFailure(reason) if 500 <= code <= 599 else TransientFailure(reason)
