"""SMS against a real HTTP server: what is sent, and how every answer and silence is classified."""

import asyncio
import json
import logging
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from core.clock import SettableClock
from core.settings import Settings, SmsProvider
from gateways.delivery import DeliveryFailure, Receipt, TerminalFailure, TransientFailure, key_digest
from gateways.providers.http import retry_after
from gateways.sms import ADAPTERS, HttpSms, Sms
from gateways.sms.adapter import SmsAdapter
from tests.gateways.conftest import Tls
from tests.gateways.servers import Provider, http, raw_server

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SMS = Sms("+8613900000000", "code_sign_up", {"code": "482913", "minutes": "10"}, "zh-CN", "验证码482913")
BOTH = [SmsProvider.TENCENT, SmsProvider.ALIYUN]


def settings(port: int, scheme: str = "http", **more: Any) -> Settings:
    return Settings(
        sms_endpoint=f"{scheme}://127.0.0.1:{port}",
        sms_access_id="AKIDexample",
        sms_access_secret=SecretStr("secret"),
        sms_sign_name="云伙伴",
        sms_templates={"code_sign_up": "1110"},
        **{"sms_connect_timeout": 10.0, "sms_timeout": 10.0, **more},
    )


async def attempt(
    script: Provider, provider: SmsProvider = SmsProvider.TENCENT, key: str = "sms:1", **more: Any
) -> Receipt:
    async with raw_server(script) as port:
        chosen = settings(port, **more)
        gateway = HttpSms(ADAPTERS[provider](chosen), chosen, clock=SettableClock(NOW))
        try:
            return await gateway.send(SMS, key=key)
        finally:
            await gateway.aclose()


def tencent_answer(code: str, serial: str = "") -> bytes:
    entry = {"SerialNo": serial, "PhoneNumber": SMS.to, "Fee": 1, "Code": code, "Message": f"about {SMS.to}"}
    return json.dumps({"Response": {"SendStatusSet": [entry], "RequestId": "req-1"}}).encode()


def tencent_error(code: str) -> bytes:
    return json.dumps({"Response": {"Error": {"Code": code, "Message": SMS.to}, "RequestId": "req-1"}}).encode()


def aliyun_answer(code: str, **more: str) -> bytes:
    return json.dumps({"Code": code, "Message": f"about {SMS.to}", "RequestId": "req-1", **more}).encode()


async def test_tencent_accepts() -> None:
    script = Provider(http("200 OK", tencent_answer("Ok", "5000:1045710669157053657849499619")))
    assert await attempt(script) == Receipt("5000:1045710669157053657849499619")
    [request] = script.seen
    assert (request.method, request.target) == ("POST", "/")
    assert request.headers["authorization"].startswith("TC3-HMAC-SHA256 Credential=AKIDexample/2026-11-22/sms/")
    assert request.headers["accept-encoding"] == "identity"
    sent = json.loads(request.content)
    assert (sent["PhoneNumberSet"], sent["TemplateParamSet"]) == ([SMS.to], ["482913", "10"])
    assert sent["SessionContext"] == key_digest("sms:1")


async def test_aliyun_accepts_and_the_signed_query_arrives_letter_by_letter() -> None:
    script = Provider(http("200 OK", aliyun_answer("OK", BizId="9006197469364984^0")))
    assert await attempt(script, SmsProvider.ALIYUN) == Receipt("9006197469364984^0")
    [request] = script.seen
    assert request.target == (
        f"/?OutId={key_digest('sms:1')}&PhoneNumbers=8613900000000&SignName=%E4%BA%91%E4%BC%99%E4%BC%B4"
        "&TemplateCode=1110&TemplateParam=%7B%22code%22%3A%22482913%22%2C%22minutes%22%3A%2210%22%7D"
    )
    assert request.headers["x-acs-action"] == "SendSms"
    assert request.headers["host"].startswith("127.0.0.1:")


async def test_retries_keep_the_providers_key_but_never_a_nonce() -> None:
    script = Provider(http("200 OK", aliyun_answer("OK", BizId="1")))
    for _ in range(2):
        await attempt(script, SmsProvider.ALIYUN)
    await attempt(script, SmsProvider.ALIYUN, key="sms:2")
    first, second, other = script.seen
    assert first.target == second.target != other.target
    assert len({request.headers["x-acs-signature-nonce"] for request in script.seen}) == 3


@pytest.mark.parametrize(
    ("provider", "answer", "failure", "reason", "wait"),
    [
        (*case[:1], http(case[1], case[2]), *case[3:])
        for case in [
            (BOTH[0], "200 OK", tencent_answer("InvalidParameterValue.IncorrectPhoneNumber"), TerminalFailure,
             "tencent: InvalidParameterValue.IncorrectPhoneNumber", None),
            (BOTH[0], "200 OK", tencent_answer("FailedOperation.TemplateIncorrectOrUnapproved"), TerminalFailure,
             "tencent: FailedOperation.TemplateIncorrectOrUnapproved", None),
            (BOTH[0], "200 OK", tencent_answer("FailedOperation.SignatureIncorrectOrUnapproved"), TerminalFailure,
             "tencent: FailedOperation.SignatureIncorrectOrUnapproved", None),
            (BOTH[0], "200 OK", tencent_answer("LimitExceeded.PhoneNumberThirtySecondLimit"), TransientFailure,
             "tencent: LimitExceeded.PhoneNumberThirtySecondLimit", 30.0),
            (BOTH[0], "200 OK", tencent_answer("FailedOperation.InsufficientBalanceInSmsPackage"), TransientFailure,
             "tencent: FailedOperation.InsufficientBalanceInSmsPackage", None),
            (BOTH[0], "200 OK", tencent_answer("Something.New"), TransientFailure, "tencent: Something.New", None),
            (BOTH[0], "200 OK", tencent_error("RequestLimitExceeded"), TransientFailure,
             "tencent: RequestLimitExceeded", 1.0),
            (BOTH[0], "200 OK", tencent_error("AuthFailure.SignatureFailure"), TransientFailure,
             "tencent: AuthFailure.SignatureFailure", None),
            (BOTH[0], "200 OK", tencent_error(SMS.to), TransientFailure, "tencent: unrecognised code", None),
            (BOTH[1], "200 OK", aliyun_answer("isv.MOBILE_NUMBER_ILLEGAL"), TerminalFailure,
             "aliyun: isv.MOBILE_NUMBER_ILLEGAL", None),
            (BOTH[1], "200 OK", aliyun_answer("isv.SMS_TEMPLATE_ILLEGAL"), TerminalFailure,
             "aliyun: isv.SMS_TEMPLATE_ILLEGAL", None),
            (BOTH[1], "200 OK", aliyun_answer("isv.SMS_SIGNATURE_ILLEGAL"), TerminalFailure,
             "aliyun: isv.SMS_SIGNATURE_ILLEGAL", None),
            (BOTH[1], "200 OK", aliyun_answer("isv.BUSINESS_LIMIT_CONTROL"), TransientFailure,
             "aliyun: isv.BUSINESS_LIMIT_CONTROL", 60.0),
            (BOTH[1], "200 OK", aliyun_answer("isv.AMOUNT_NOT_ENOUGH"), TransientFailure,
             "aliyun: isv.AMOUNT_NOT_ENOUGH", None),
            (BOTH[1], "400 Bad Request", aliyun_answer("Throttling.User"), TransientFailure,
             "aliyun: Throttling.User", 1.0),
            (BOTH[1], "404 Not Found", aliyun_answer("InvalidAccessKeyId.NotFound"), TransientFailure,
             "aliyun: InvalidAccessKeyId.NotFound", None),
            (BOTH[1], "200 OK", aliyun_answer("isv.NEW_ONE"), TransientFailure, "aliyun: isv.NEW_ONE", None),
            (BOTH[1], "200 OK", aliyun_answer("482913"), TransientFailure, "aliyun: unrecognised code", None),
        ]
    ],
)  # fmt: skip
async def test_a_business_code_decides(
    provider: SmsProvider, answer: bytes, failure: type[Exception], reason: str, wait: float | None
) -> None:
    with pytest.raises(failure) as caught:
        await attempt(Provider(answer), provider)
    assert str(caught.value) == reason
    assert getattr(caught.value, "retry_after", None) == wait


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize(
    ("answer", "failure", "wait"),
    [
        (http("429 Too Many Requests", b"{}", Retry_After="7"), TransientFailure, 7.0),
        (http("429 Too Many Requests"), TransientFailure, None),
        (http("503 Busy", Retry_After="Sun, 22 Nov 2026 08:01:30 GMT"), TransientFailure, 90.0),
        (http("500 Oops", b"<html>oops</html>"), TransientFailure, None),
        (http("502 Bad Gateway"), TransientFailure, None),
        (http("408 Request Timeout"), TransientFailure, None),
        (http("400 Bad Request", b"<html>no</html>"), TerminalFailure, None),
        (http("404 Not Found"), TerminalFailure, None),
        (http("301 Moved", Location="/elsewhere"), TerminalFailure, None),
        (http("307 Moved", Location="http://127.0.0.1:1/"), TerminalFailure, None),
        (http("200 OK"), TransientFailure, None),
        (http("200 OK", b"[]"), TransientFailure, None),
        (http("200 OK", b'{"Response": {"SendStatusSet": []}, "Code": 7}'), TransientFailure, None),
        (http("200 OK", b'{"Response": {"Error": [1]}, "Code": null}'), TransientFailure, None),
        (http("200 OK", b"[" * 60_000), TransientFailure, None),
        (http("200 OK", b"\x1f\x8b\x08", Content_Encoding="gzip"), TransientFailure, None),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", TransientFailure, None),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{", TransientFailure, None),
    ],
)
async def test_an_answer_without_a_business_code_is_judged_by_its_status(
    provider: SmsProvider, answer: bytes, failure: type[Exception], wait: float | None
) -> None:
    script = Provider(answer)
    with pytest.raises(failure) as caught:
        await attempt(script, provider, sms_timeout=0.3)
    assert getattr(caught.value, "retry_after", None) == wait
    assert len(script.seen) == 1


@pytest.mark.parametrize("status", ["200 OK", "500 Oops"])
async def test_a_huge_answer_is_left_unread(status: str) -> None:
    script = Provider(http(status, b"x" * 10_485_760))
    with pytest.raises(TransientFailure, match="larger than 64 KiB"):
        await attempt(script)
    assert script.sent < 10_485_760


async def test_sixty_four_kibibytes_are_read_and_one_more_is_not() -> None:
    body = tencent_answer("Ok", "serial")
    assert await attempt(Provider(http("200 OK", body.ljust(65_536)))) == Receipt("serial")
    with pytest.raises(TransientFailure, match="larger than 64 KiB"):
        await attempt(Provider(http("200 OK", body.ljust(65_537))))


async def test_a_hanging_provider_costs_the_time_out_and_the_outcome_is_unknown() -> None:
    started = asyncio.get_running_loop().time()
    with pytest.raises(TransientFailure, match="outcome unknown"):
        await attempt(Provider(hang=True), sms_connect_timeout=5.0, sms_timeout=0.2)
    assert 0.2 <= asyncio.get_running_loop().time() - started < 1.0


async def test_a_dripping_provider_meets_the_deadline_of_the_whole_call() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with raw_server(drip) as port:
        chosen = settings(port, sms_connect_timeout=0.2, sms_timeout=0.3)
        gateway = HttpSms(ADAPTERS[SmsProvider.TENCENT](chosen), chosen)
        started = asyncio.get_running_loop().time()
        with pytest.raises(TransientFailure, match="deadline passed; outcome unknown"):
            await gateway.send(SMS, key="sms:1")
        took = asyncio.get_running_loop().time() - started
        await gateway.aclose()
    assert gateway.deadline == pytest.approx(0.5)
    assert 0.5 <= took < 1.0


async def test_a_closed_port_was_certainly_not_sent() -> None:
    async with raw_server(Provider()) as port:
        pass
    chosen = settings(port)
    gateway = HttpSms(ADAPTERS[SmsProvider.TENCENT](chosen), chosen)
    with pytest.raises(TransientFailure, match="not sent: ConnectError"):
        await gateway.send(SMS, key="sms:1")
    await gateway.aclose()


async def test_twenty_calls_at_once_share_the_gateway() -> None:
    script = Provider(http("200 OK", tencent_answer("Ok", "serial")))
    async with raw_server(script) as port:
        chosen = settings(port)
        gateway = HttpSms(ADAPTERS[SmsProvider.TENCENT](chosen), chosen)
        receipts = await asyncio.gather(*(gateway.send(SMS, key=f"sms:{n}") for n in range(20)))
        await gateway.aclose()
    assert receipts == [Receipt("serial")] * 20
    assert len({json.loads(request.content)["SessionContext"] for request in script.seen}) == 20


async def test_the_providers_certificate_is_checked(tls: Tls) -> None:
    script = Provider(http("200 OK", tencent_answer("Ok", "serial")))

    async def send(trusted: ssl.SSLContext | None, port: int) -> Receipt:
        chosen = settings(port, scheme="https")
        gateway = HttpSms(ADAPTERS[SmsProvider.TENCENT](chosen), chosen, tls=trusted)
        try:
            return await gateway.send(SMS, key="sms:1")
        finally:
            await gateway.aclose()

    async with raw_server(script, tls=tls.server) as port:
        assert await send(tls.client, port) == Receipt("serial")
        with pytest.raises(TransientFailure, match="not sent: ConnectError"):
            await send(None, port)
    assert len(script.seen) == 1


@pytest.mark.parametrize("provider", BOTH)
async def test_no_log_line_and_no_reason_holds_number_code_or_text(
    provider: SmsProvider, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [http("200 OK", b"{}"), http("200 OK", tencent_answer(SMS.to)), http("200 OK", aliyun_answer("OK"))]
    caplog.set_level(logging.DEBUG)
    reasons = [repr(SMS)]
    with structlog.testing.capture_logs() as lines:
        for answer in answers:
            try:
                await attempt(Provider(answer), provider, key=f"sms:{SMS.to}")
            except DeliveryFailure as failure:
                reasons.append(repr(failure))
    assert len(lines) == 3
    assert {line["template"] for line in lines} == {"code_sign_up"}
    written = repr(lines) + caplog.text + repr(reasons)
    assert not any(secret in written for secret in ("13900000000", "482913", "验证码", "secret"))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("3600", 3600.0),
        ("3601", 3600.0),
        ("9" * 400, 3600.0),
        (" 5 ", 5.0),
        ("-5", None),
        ("1.5", None),
        ("\u0665", None),
        ("", None),
        ("soon", None),
        ("Sun, 22 Nov 2026 08:00:10 GMT", 10.0),
        ("Sun, 22 Nov 2026 08:00:10", 10.0),
        ("Sun, 22 Nov 2026 07:59:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 3600.0),
        ("Sun, 99 Nov 2026 08:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_within_bounds(value: str, seconds: float | None) -> None:
    assert retry_after(value, now=NOW) == seconds


@pytest.mark.parametrize("build", list(ADAPTERS.values()))
def test_an_acceptance_with_a_strange_reference_stays_an_acceptance(build: Callable[[Settings], SmsAdapter]) -> None:
    adapter = build(settings(1))
    strange = "x" * 129
    for content in (
        {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": strange}]}, "Code": "OK", "BizId": strange},
        {"Response": {"SendStatusSet": [{"Code": "Ok", "SerialNo": None}]}, "Code": "OK", "BizId": {}},
    ):
        assert adapter.read(200, json.dumps(content).encode()) == Receipt("accepted")
