"""Licences read over a real HTTP server: what is sent, what is read, and how every other answer is classified."""

import base64
import json
import logging
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from core.settings import RecognitionProvider, Settings
from gateways.delivery import DeliveryFailure, TerminalFailure, TransientFailure, key_digest
from gateways.recognition import ADAPTERS, HttpRecognition, Picture
from rules.partners.licences import Licence
from rules.sites import Site
from tests.gateways.servers import Provider, http, raw_server
from tests.recognition import (
    ADDRESS,
    CODE,
    NAME,
    PERSON,
    aliyun_answer,
    aliyun_error,
    ok,
    tencent_answer,
    tencent_error,
)
from tests.uploads import PDF, image

TENCENT, ALIYUN = RecognitionProvider.TENCENT, RecognitionProvider.ALIYUN
BOTH = [TENCENT, ALIYUN]
ANSWERS = {TENCENT: tencent_answer, ALIYUN: aliyun_answer}
LICENCE = Licence(NAME, CODE, PERSON, ADDRESS)
PICTURE = Picture(image("PNG"), "image/png", Site.CN)


async def attempt(
    script: Provider, provider: RecognitionProvider = TENCENT, picture: Picture = PICTURE, **more: Any
) -> Licence | None:
    async with raw_server(script) as port:
        chosen = Settings(
            recognition_endpoint=f"http://127.0.0.1:{port}",
            recognition_access_id="AKIDexample",
            recognition_access_secret=SecretStr("secret"),
            **{"recognition_timeout": 10.0, **more},
        )
        gateway = HttpRecognition(ADAPTERS[provider](chosen), chosen)
        try:
            return await gateway.read(picture, key="upload.read:1")
        finally:
            await gateway.aclose()


async def test_tencent_reads() -> None:
    script = Provider(ok(tencent_answer()))
    assert await attempt(script) == LICENCE
    [request] = script.seen
    assert (request.method, request.target) == ("POST", "/")
    assert json.loads(request.content) == {"ImageBase64": base64.b64encode(PICTURE.content).decode()}
    assert request.headers["authorization"].startswith("TC3-HMAC-SHA256 Credential=AKIDexample/")


async def test_aliyun_reads() -> None:
    script = Provider(ok(aliyun_answer()))
    assert await attempt(script, ALIYUN) == LICENCE
    [request] = script.seen
    assert (request.method, request.target, request.content) == ("POST", "/", PICTURE.content)
    assert request.headers["content-type"] == "application/octet-stream"
    assert request.headers["x-acs-action"] == "RecognizeBusinessLicense"


@pytest.mark.parametrize(
    ("provider", "content", "expected"),
    [
        (TENCENT, tencent_answer(Person=None, Address=7), Licence(NAME, CODE)),
        (TENCENT, tencent_answer(Name="", RegNum="", Person="", Address=""), Licence("", "", "", "")),
        (ALIYUN, aliyun_answer(legalPerson=None, businessAddress=["x"]), Licence(NAME, CODE)),
        (ALIYUN, aliyun_answer(companyName="", legalPerson=""), Licence("", CODE, "", ADDRESS)),
    ],
)  # fmt: skip
async def test_what_is_no_text_was_not_read(provider: RecognitionProvider, content: bytes, expected: Licence) -> None:
    assert await attempt(Provider(ok(content)), provider) == expected


@pytest.mark.parametrize(
    ("provider", "picture", "asked"),
    [
        (TENCENT, Picture(PDF, "application/pdf", Site.CN), 0),
        (ALIYUN, Picture(PDF, "application/pdf", Site.CN), 0),
        (TENCENT, Picture(image("BMP"), "image/bmp", Site.CN), 0),
        (ALIYUN, Picture(image("BMP"), "image/bmp", Site.CN), 1),
        (TENCENT, Picture(image("JPEG"), "image/jpeg", Site.CN), 1),
        (TENCENT, Picture(image("JPEG"), "image/jpeg", Site.INTL), 0),
        (ALIYUN, Picture(image("JPEG"), "image/jpeg", Site.INTL), 0),
        (TENCENT, Picture(bytes(7 * 1024 * 1024 // 4 * 3), "image/png", Site.CN), 1),
        (TENCENT, Picture(bytes(7 * 1024 * 1024 // 4 * 3 + 1), "image/png", Site.CN), 0),
        (ALIYUN, Picture(bytes(10 * 1024 * 1024), "image/png", Site.CN), 1),
        (ALIYUN, Picture(bytes(10 * 1024 * 1024 + 1), "image/png", Site.CN), 0),
    ],
)
async def test_only_what_the_provider_takes_is_sent(
    provider: RecognitionProvider, picture: Picture, asked: int
) -> None:
    script = Provider(ok(ANSWERS[provider]()))
    assert await attempt(script, provider, picture) == (LICENCE if asked else None)
    assert len(script.seen) == asked


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        (TENCENT, ok(tencent_error("FailedOperation.NoBizLicense"))),
        (TENCENT, ok(tencent_error("FailedOperation.ImageBlur"))),
        (TENCENT, ok(tencent_error("LimitExceeded.TooLargeFileError"))),
        (ALIYUN, http("400 Bad Request", aliyun_error("unmatchedImageType"))),
        (ALIYUN, ok(aliyun_error("unmatchedImageType"))),
        (ALIYUN, http("415 Unsupported", aliyun_error("unsupportedImageFormat"))),
        (ALIYUN, http("416 Range", aliyun_error("illegalImageSize"))),
    ],
)
async def test_a_picture_of_no_licence_is_no_failure(provider: RecognitionProvider, answer: bytes) -> None:
    assert await attempt(Provider(answer), provider) is None


@pytest.mark.parametrize(
    ("provider", "answer", "failure", "reason", "wait"),
    [
        (TENCENT, ok(tencent_error("MissingParameter")), TerminalFailure, "tencent: MissingParameter", None),
        (TENCENT, ok(tencent_error("RequestLimitExceeded")), TransientFailure, "tencent: RequestLimitExceeded", 1.0),
        (TENCENT, ok(tencent_error("FailedOperation.UnOpenError")), TransientFailure,
         "tencent: FailedOperation.UnOpenError", None),
        (TENCENT, ok(tencent_error("Something.New")), TransientFailure, "tencent: Something.New", None),
        (TENCENT, ok(tencent_error(CODE)), TransientFailure, "tencent: unrecognised code", None),
        (ALIYUN, http("401 No", aliyun_error("ocrServiceNotOpen")), TransientFailure,
         "aliyun: ocrServiceNotOpen", None),
        (ALIYUN, http("404 No", aliyun_error("InvalidAction.NotFound")), TerminalFailure,
         "aliyun: InvalidAction.NotFound", None),
        (ALIYUN, http("400 No", aliyun_error("Throttling.User")), TransientFailure, "aliyun: Throttling.User", 1.0),
        (ALIYUN, ok(aliyun_error(NAME)), TransientFailure, "aliyun: unrecognised code", None),
    ],
)  # fmt: skip
async def test_a_business_code_decides(
    provider: RecognitionProvider, answer: bytes, failure: type[Exception], reason: str, wait: float | None
) -> None:
    with pytest.raises(failure) as caught:
        await attempt(Provider(answer), provider)
    assert str(caught.value) == reason
    assert getattr(caught.value, "retry_after", None) == wait


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (http("429 Too Many Requests", b"{}", Retry_After="7"), TransientFailure),
        (http("503 Busy", b'{"Code": "algorithmError"}'), TransientFailure),
        (http("500 Oops", b"<html>oops</html>"), TransientFailure),
        (http("400 Bad Request", b"<html>no</html>"), TerminalFailure),
        (http("301 Moved", Location="/elsewhere"), TerminalFailure),
        (http("307 Moved", Location="http://127.0.0.1:1/"), TerminalFailure),
        (http("200 OK"), TransientFailure),
        (http("200 OK", b"[]"), TransientFailure),
        (http("200 OK", b'{"Response": {}, "Data": ""}'), TransientFailure),
        (http("200 OK", b'{"Response": {"Error": 1}, "Data": {"data": {}}, "Code": ""}'), TransientFailure),
        (http("200 OK", b'{"Response": {"Error": {"Code": 1}}, "Data": "[1]", "Code": 7}'), TransientFailure),
        (http("200 OK", b'{"Response": null, "Data": "{"}'), TransientFailure),
        (http("200 OK", b"[" * 60_000), TransientFailure),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{", TransientFailure),
    ],
)
async def test_an_answer_without_a_business_code_is_judged_by_its_status(
    provider: RecognitionProvider, answer: bytes, failure: type[Exception]
) -> None:
    script = Provider(answer)
    with pytest.raises(failure):
        await attempt(script, provider, recognition_timeout=0.3)
    assert len(script.seen) == 1, "nobody is sent elsewhere, and one try asks once"


@pytest.mark.parametrize("provider", BOTH)
async def test_so_much_of_an_answer_is_read_and_no_more(provider: RecognitionProvider) -> None:
    body = ANSWERS[provider]()
    assert await attempt(Provider(ok(body.ljust(262_144))), provider) == LICENCE
    with pytest.raises(TransientFailure, match="larger than 256 KiB"):
        await attempt(Provider(ok(body.ljust(262_145))), provider)
    script = Provider(http("200 OK", b"x" * 10_485_760))
    with pytest.raises(TransientFailure, match="larger than 256 KiB"):
        await attempt(script, provider)
    assert script.sent < 10_485_760


async def test_a_silent_provider_costs_the_time_out() -> None:
    with pytest.raises(TransientFailure, match="outcome unknown"):
        await attempt(Provider(hang=True), recognition_timeout=0.2)


@pytest.mark.parametrize("provider", BOTH)
async def test_no_log_line_and_no_reason_tells_what_was_read(
    provider: RecognitionProvider, caplog: pytest.LogCaptureFixture
) -> None:
    answers = [ok(ANSWERS[provider]()), ok(tencent_error(NAME)), ok(aliyun_error(PERSON)), ok(ADDRESS.encode())]
    caplog.set_level(logging.DEBUG)
    told = []
    with structlog.testing.capture_logs() as lines:
        for answer in answers:
            try:
                told.append(repr(await attempt(Provider(answer), provider)))
            except DeliveryFailure as failure:
                told.append(repr(failure))
    assert len(lines) == 4
    assert {line["key"] for line in lines} == {key_digest("upload.read:1")}
    written = repr(lines) + caplog.text + repr(told)
    assert not any(secret in written for secret in (NAME, CODE, PERSON, ADDRESS, "secret"))
