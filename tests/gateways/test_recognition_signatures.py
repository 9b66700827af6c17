"""What is asked of those who read licences: the documented request, signed as the providers' own SDKs sign it."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from alibabacloud_openapi_util.client import Client as AlibabaSigner
from pydantic import SecretStr
from Tea.request import TeaRequest
from tencentcloud.common.abstract_client import AbstractClient

from core.settings import Env, RecognitionProvider, Settings, production_problems
from gateways.providers import tencent as tc3
from gateways.providers.calls import Call
from gateways.recognition import ADAPTERS, HttpRecognition, Picture, open_recognition
from gateways.recognition.aliyun import AliyunRecognition
from gateways.recognition.tencent import TencentRecognition
from rules.sites import Site

CALLS = [
    Call(key="k" * 64, at=datetime(2026, 2, 28, 23, 59, 59, 999_000, tzinfo=UTC), nonce="n" * 32),
    Call(key="k" * 64, at=datetime(2026, 3, 1, 7, 59, 59, tzinfo=timezone(timedelta(hours=8))), nonce="n" * 32),
    Call(key="0" * 64, at=datetime(2026, 3, 1, tzinfo=UTC), nonce="3156853299f313e23d1673dc12e1703d"),
]
PICTURES = [
    Picture(b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "image/png", Site.CN),
    Picture(b"\xff\xd8\xff", "image/jpeg", Site.CN),
]
SETTINGS = Settings(recognition_access_id="AKIDexample", recognition_access_secret=SecretStr("secret/+="))


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("call", CALLS)
def test_tc3_matches_the_sdk(picture: Picture, call: Call) -> None:
    """The SDK signs two headers where the documentation signs three: both signatures are looked at."""
    built = TencentRecognition(SETTINGS).build(picture, call)
    timestamp, date = str(int(call.at.timestamp())), call.at.astimezone(UTC).strftime("%Y-%m-%d")
    headers = {"Content-Type": "application/json", "Host": "ocr.tencentcloudapi.com", "X-TC-Timestamp": timestamp}
    request = SimpleNamespace(method="POST", uri="/", header=headers, data=built.content)
    theirs = AbstractClient._get_tc3_signature(None, {}, request, date, "ocr", "secret/+=")
    two = {"content-type": "application/json", "host": "ocr.tencentcloudapi.com"}
    ours = tc3.authorization(("AKIDexample", "secret/+="), "ocr", signed=two, content=built.content, at=call.at)
    assert ours.split("Signature=")[1] == theirs
    three = {"content-type": built.headers["Content-Type"], "host": built.headers["Host"]}
    three["x-tc-action"] = "bizlicenseocr"
    assert built.headers["Authorization"] == tc3.authorization(
        ("AKIDexample", "secret/+="), "ocr", signed=three, content=built.content, at=call.at
    )


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("call", CALLS)
def test_acs3_matches_the_sdk(picture: Picture, call: Call) -> None:
    built = AliyunRecognition(SETTINGS).build(picture, call)
    request = TeaRequest()
    request.method, request.pathname, request.query = "POST", "/", {}
    request.headers = {name: value for name, value in built.headers.items() if name != "Authorization"}
    theirs = AlibabaSigner.get_authorization(
        request, "ACS3-HMAC-SHA256", hashlib.sha256(picture.content).hexdigest(), "AKIDexample", "secret/+="
    )
    assert built.headers["Authorization"] == theirs


def test_tencent_gets_the_picture_in_base64() -> None:
    request = TencentRecognition(SETTINGS).build(PICTURES[0], CALLS[0])
    assert json.loads(request.content) == {"ImageBase64": base64.b64encode(PICTURES[0].content).decode()}
    assert (request.method, request.url) == ("POST", "https://ocr.tencentcloudapi.com")
    assert request.headers["X-TC-Action"] == "BizLicenseOCR"
    assert request.headers["X-TC-Version"] == "2018-11-19"
    assert request.headers["X-TC-Region"] == "ap-guangzhou"
    assert request.headers["X-TC-Timestamp"] == "1772323199"
    assert "/2026-02-28/ocr/tc3_request" in request.headers["Authorization"]


def test_aliyun_gets_the_picture_as_it_is() -> None:
    request = AliyunRecognition(SETTINGS).build(PICTURES[0], CALLS[0])
    assert (request.method, request.url) == ("POST", "https://ocr-api.cn-hangzhou.aliyuncs.com/")
    assert request.content == PICTURES[0].content
    assert request.headers["content-type"] == "application/octet-stream"
    assert request.headers["x-acs-action"] == "RecognizeBusinessLicense"
    assert request.headers["x-acs-version"] == "2021-07-07"
    assert request.headers["x-acs-date"] == "2026-02-28T23:59:59Z"
    assert request.headers["x-acs-content-sha256"] == hashlib.sha256(PICTURES[0].content).hexdigest()


def test_the_largest_picture_that_tencent_takes_fits_once_it_is_base64() -> None:
    most = TencentRecognition.most
    assert len(base64.b64encode(bytes(most))) == 7 * 1024 * 1024
    assert AliyunRecognition.most == 10 * 1024 * 1024


@pytest.mark.parametrize("provider", list(ADAPTERS))
async def test_the_settings_choose_who_reads(provider: RecognitionProvider) -> None:
    assert open_recognition(Settings()) is None
    chosen = open_recognition(SETTINGS.model_copy(update={"recognition_provider": provider}))
    assert isinstance(chosen, HttpRecognition)
    await chosen.aclose()


def test_every_provider_has_an_adapter_and_none_shows_a_picture() -> None:
    assert {*ADAPTERS, RecognitionProvider.NONE} == set(RecognitionProvider)
    assert repr(PICTURES[0]) == "Picture(media_type='image/png', size=264)"


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({}, set()),
        ({"recognition_provider": "aliyun"}, {"RECOGNITION_PROVIDER has no keys"}),
        ({"recognition_provider": "tencent", "recognition_access_id": "a"}, {"RECOGNITION_PROVIDER has no keys"}),
        ({"recognition_provider": "tencent", "recognition_access_id": "a", "recognition_access_secret": "b"}, set()),
        ({"recognition_endpoint": "http://127.0.0.1"}, {"RECOGNITION_ENDPOINT is without TLS"}),
        ({"recognition_endpoint": "https://127.0.0.1"}, set()),
    ],
)
def test_production_refuses_a_provider_without_keys(changes: dict[str, Any], problems: set[str]) -> None:
    found = set(production_problems(Settings(env=Env.TEST, **changes)))
    assert {problem for problem in found if problem.startswith("RECOGNITION")} == problems
