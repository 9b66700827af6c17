"""Mail against a real SMTP server: what is sent, and how each thing that goes wrong is classified."""

import asyncio
import email
import email.policy
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
import structlog

from core.clock import SettableClock
from core.settings import Settings, SmtpSecurity
from gateways.delivery import TerminalFailure, TransientFailure
from gateways.email import Mail, SmtpEmail
from tests.gateways.conftest import Tls
from tests.gateways.servers import Mailbox, raw_server, smtp_server

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
MAIL = Mail(
    to="li@customer.example",
    subject="验证码 – your code",
    text="您的验证码为 482913。\n",
    html="<p>您的验证码为 <b>482913</b>。</p>",
    locale="zh-CN",
    template="code_sign_up",
)


def gateway(
    port: int, tls: ssl.SSLContext | None = None, security: SmtpSecurity = SmtpSecurity.NONE, **more: Any
) -> SmtpEmail:
    settings = Settings(
        smtp_host="127.0.0.1",
        smtp_port=port,
        smtp_security=security,
        email_sender="Cosell 伙伴中心 <no-reply@cosell.example>",
        **{"smtp_connect_timeout": 10.0, "smtp_timeout": 10.0, **more},
    )
    return SmtpEmail(settings, tls=tls, clock=SettableClock(NOW))


def parsed(content: bytes | str | None) -> EmailMessage:
    assert isinstance(content, bytes)
    return email.message_from_bytes(content, policy=email.policy.default)


async def test_both_alternatives_and_the_headers_arrive_over_tls(tls: Tls) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, tls=tls.server) as port:
        receipt = await gateway(port, tls.client, SmtpSecurity.TLS).send(MAIL, key="email:1")
    [envelope] = mailbox.taken
    assert mailbox.secured == [True]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@cosell.example", ["li@customer.example"])
    assert isinstance(envelope.content, bytes)
    assert envelope.content.isascii()
    message = parsed(envelope.content)
    assert message["Subject"] == MAIL.subject
    assert message["To"] == "li@customer.example"
    assert message["From"] == "Cosell 伙伴中心 <no-reply@cosell.example>"
    assert message["Message-ID"] == receipt.provider_ref
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().split() == MAIL.text.split()
    assert html.get_content().strip() == MAIL.html


async def test_starttls_encrypts_before_the_mail_and_the_login(tls: Tls) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, starttls=tls.server, login=True) as port:
        sender = gateway(port, tls.client, SmtpSecurity.STARTTLS, smtp_user="cosell", smtp_password="right")
        await sender.send(MAIL, key="email:1")
    assert mailbox.secured == [True]
    assert mailbox.logins == [b"cosell"]


async def test_a_server_without_starttls_gets_no_mail(tls: Tls) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as port:
        with pytest.raises(TransientFailure, match="no session"):
            await gateway(port, tls.client, SmtpSecurity.STARTTLS).send(MAIL, key="email:1")
    assert mailbox.taken == []


async def test_an_untrusted_certificate_gets_no_mail(tls: Tls) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, tls=tls.server) as port:
        with pytest.raises(TransientFailure, match="no session"):
            await gateway(port, None, SmtpSecurity.TLS).send(MAIL, key="email:1")
    assert mailbox.taken == []


async def test_a_refused_login_is_transient_because_it_says_nothing_about_the_mail(tls: Tls) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox, starttls=tls.server, login=True) as port:
        sender = gateway(port, tls.client, SmtpSecurity.STARTTLS, smtp_user="cosell", smtp_password="wrong")
        with pytest.raises(TransientFailure, match="SMTPAuthenticationError 535"):
            await sender.send(MAIL, key="email:1")
    assert mailbox.taken == []


@pytest.mark.parametrize(
    ("script", "failure", "reason"),
    [
        ({"rcpt": "450 4.2.0 li@customer.example is greylisted"}, TransientFailure, "recipient refused: 450"),
        ({"rcpt": "499 later"}, TransientFailure, "recipient refused: 499"),
        ({"rcpt": "500 no"}, TerminalFailure, "recipient refused: 500"),
        ({"rcpt": "550 5.1.1 li@customer.example unknown"}, TerminalFailure, "recipient refused: 550"),
        ({"data": "452 4.3.1 full"}, TransientFailure, "mail refused: 452"),
        ({"data": "554 5.7.1 spam: 482913"}, TerminalFailure, "mail refused: 554"),
    ],
)
async def test_the_servers_answer_about_the_mail_decides(
    script: dict[str, str], failure: type[Exception], reason: str
) -> None:
    async with smtp_server(Mailbox(**script)) as port:  # type: ignore[arg-type]
        with pytest.raises(failure) as caught:
            await gateway(port).send(MAIL, key="email:1")
    assert str(caught.value) == reason


async def test_a_refusing_greeting_is_transient() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"554 no service here\r\n")
        await writer.drain()

    async with raw_server(refuse) as port:
        with pytest.raises(TransientFailure, match="SMTPConnectResponseError 554"):
            await gateway(port).send(MAIL, key="email:1")


async def test_a_closed_port_is_transient() -> None:
    async with smtp_server(Mailbox()) as port:
        pass
    with pytest.raises(TransientFailure, match="no session: SMTPConnectError"):
        await gateway(port).send(MAIL, key="email:1")


async def test_a_silent_server_costs_the_connect_time_out() -> None:
    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    started = asyncio.get_running_loop().time()
    async with raw_server(say_nothing) as port:
        with pytest.raises(TransientFailure, match="SMTPConnectTimeoutError"):
            await gateway(port, smtp_connect_timeout=0.2, smtp_timeout=5.0).send(MAIL, key="email:1")
    assert 0.2 <= asyncio.get_running_loop().time() - started < 1.0


async def test_hanging_after_data_costs_one_answers_time_out() -> None:
    started = asyncio.get_running_loop().time()
    async with smtp_server(Mailbox(hang_on_data=True)) as port:
        with pytest.raises(TransientFailure, match="outcome unknown"):
            await gateway(port, smtp_connect_timeout=5.0, smtp_timeout=0.2).send(MAIL, key="email:1")
    assert 0.2 <= asyncio.get_running_loop().time() - started < 1.5


async def test_a_server_slow_at_every_step_meets_the_deadline_of_the_whole_call() -> None:
    async def crawl(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ready\r\n")
        while await reader.readline():
            await asyncio.sleep(0.3)  # shorter than the wait for one answer
            writer.write(b"250 OK\r\n")

    async with raw_server(crawl) as port:
        sender = gateway(port, smtp_connect_timeout=0.3, smtp_timeout=0.4)
        started = asyncio.get_running_loop().time()
        with pytest.raises(TransientFailure, match="deadline passed; outcome unknown"):
            await sender.send(MAIL, key="email:1")
        took = asyncio.get_running_loop().time() - started
    assert sender.deadline == pytest.approx(0.7)
    assert 0.7 <= took < 1.2


async def test_a_disconnection_after_data_is_transient_and_the_retry_has_the_same_message_id() -> None:
    mailbox = Mailbox(drop_after_data=True)
    async with smtp_server(mailbox) as port:
        with pytest.raises(TransientFailure, match="outcome unknown"):
            await gateway(port).send(MAIL, key="email:1")
        mailbox.drop_after_data = False
        await gateway(port).send(MAIL, key="email:1")
        await gateway(port).send(MAIL, key="email:2")
    lost, again, other = (parsed(envelope.content)["Message-ID"] for envelope in mailbox.taken)
    assert lost == again
    assert other != again


async def test_an_accepted_mail_stays_accepted_when_the_goodbye_hangs() -> None:
    async def no_goodbye(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ready\r\n")
        for answer in (b"250 mail.test\r\n", b"250 OK\r\n", b"250 OK\r\n", b"354 go on\r\n"):
            await reader.readline()
            writer.write(answer)
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 queued\r\n")
        await asyncio.Event().wait()

    async with raw_server(no_goodbye) as port:
        receipt = await gateway(port).send(MAIL, key="email:1")
    assert receipt.provider_ref.endswith("@cosell.example>")


async def test_a_cancelled_call_leaves_no_connection() -> None:
    closed = asyncio.Event()

    async def watch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test ready\r\n")
        while await reader.read(1024):
            pass
        closed.set()

    async with raw_server(watch) as port:
        call = asyncio.create_task(gateway(port, smtp_timeout=30.0).send(MAIL, key="email:1"))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(closed.wait(), 1)


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("li@customer.example\r\nBcc: all@customer.example", "Hello"),
        ("li@customer.example\nRCPT TO:<all@customer.example>", "Hello"),
        ("li@customer.example\x00", "Hello"),
        ("li@customer.example", "Hello\r\nBcc: all@customer.example"),
        ("li@customer.example", "Hello\nBcc: all@customer.example"),
        ("li@customer.example", "Hello\u2028Bcc: all@customer.example"),
        ("li@customer.example, all@customer.example", "Hello"),
        ("group: li@customer.example, all@customer.example;", "Hello"),
        ("Li <li@customer.example>", "Hello"),
        ("<li@customer.example> SIZE=1", "Hello"),
        ("li@customer.example(comment)", "Hello"),
        ("li", "Hello"),
        ("li@", "Hello"),
        ("", "Hello"),
    ],
)
async def test_nothing_that_could_forge_a_header_or_a_command_is_sent(to: str, subject: str) -> None:
    mailbox = Mailbox()
    async with smtp_server(mailbox) as port:
        with pytest.raises(TerminalFailure) as caught:
            await gateway(port).send(Mail(to, subject, "text", None, "en"), key="email:1")
    assert mailbox.taken == []
    assert "customer.example" not in caught.value.reason


async def test_the_log_tells_template_key_and_outcome_but_no_personal_data() -> None:
    async with smtp_server(Mailbox(data="554 li@customer.example 482913")) as port:
        with structlog.testing.capture_logs() as lines, pytest.raises(TerminalFailure):
            await gateway(port).send(MAIL, key="email:li@customer.example")
    [line] = lines
    assert (line["template"], line["outcome"], line["reason"]) == (
        "code_sign_up",
        "TerminalFailure",
        "mail refused: 554",
    )
    assert len(line["key"]) == 64
    assert not any(secret in repr(lines) + repr(MAIL) for secret in ("482913", "customer.example", "验证码"))
