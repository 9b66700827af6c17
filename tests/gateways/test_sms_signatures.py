"""Signatures against the providers' published examples and against their own SDKs."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import pytest
from alibabacloud_openapi_util.client import Client as AlibabaSigner
from pydantic import SecretStr
from Tea.request import TeaRequest
from tencentcloud.common.abstract_client import AbstractClient

from core.settings import Settings
from gateways.delivery import TerminalFailure
from gateways.providers import aliyun as acs3
from gateways.providers import tencent as tc3
from gateways.providers.calls import Call
from gateways.sms import aliyun, tencent
from gateways.sms.adapter import Sms, SmsAdapter

PAYLOADS = [
    {"code": "482913", "minutes": "10"},
    {"partner": "云启科技 (上海) & Söhne", "deadline": "2026-11-22 18:00"},
    {"reason": "a+b=c; 100% ~*'!()\"\\/?#[]@\u20ac\U0001f600"},
    {},
]
CALLS = [
    Call(key="k" * 64, at=datetime(2026, 2, 28, 23, 59, 59, 999_000, tzinfo=UTC), nonce="n" * 32),
    Call(key="k" * 64, at=datetime(2026, 3, 1, 7, 59, 59, tzinfo=timezone(timedelta(hours=8))), nonce="n" * 32),
    Call(key="0" * 64, at=datetime(2026, 3, 1, tzinfo=UTC), nonce="3156853299f313e23d1673dc12e1703d"),
]
SETTINGS = Settings(
    sms_access_id="AKIDexample",
    sms_access_secret=SecretStr("secret/+="),
    sms_app_id="1400006666",
    sms_sign_name="云伙伴",
    sms_templates={"code_sign_up": "1110", "code_sign_up.en": "2220"},
)


def sms(parameters: dict[str, str], locale: str = "zh-CN") -> Sms:
    return Sms("+8613900000000", "code_sign_up", parameters, locale, "text")


def test_tc3_matches_the_published_example() -> None:
    """Step by step at https://cloud.tencent.com/document/api/213/30654, where id and secret are asterisks."""
    content = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    signed = {
        "content-type": "application/json; charset=utf-8",
        "host": "cvm.tencentcloudapi.com",
        "x-tc-action": "describeinstances",
    }
    assert tc3.authorization(
        ("AKID" + "*" * 32, "*" * 32), "cvm", signed=signed, content=content, at=datetime.fromtimestamp(1551113065, UTC)
    ) == (
        "TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )


def test_acs3_matches_the_published_example() -> None:
    """The fixed parameters at https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature."""
    query = acs3.canonical_query(
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    )
    signed = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    assert acs3.authorization(("YourAccessKeyId", "YourAccessKeySecret"), query=query, signed=signed) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


@pytest.mark.parametrize("parameters", PAYLOADS)
@pytest.mark.parametrize("call", CALLS)
def test_tc3_matches_the_sdk(parameters: dict[str, str], call: Call) -> None:
    """The SDK signs two headers where the documentation signs three, so ours signs the SDK's two here."""
    content = tencent.TencentSms(SETTINGS).build(sms(parameters), call).content
    timestamp, date = str(int(call.at.timestamp())), call.at.astimezone(UTC).strftime("%Y-%m-%d")
    headers = {"Content-Type": "application/json", "Host": "sms.tencentcloudapi.com", "X-TC-Timestamp": timestamp}
    request = SimpleNamespace(method="POST", uri="/", header=headers, data=content)
    theirs = AbstractClient._get_tc3_signature(None, {}, request, date, "sms", "secret/+=")
    signed = {"content-type": "application/json", "host": "sms.tencentcloudapi.com"}
    ours = tc3.authorization(("id", "secret/+="), "sms", signed=signed, content=content, at=call.at)
    assert ours.split("Signature=")[1] == theirs


@pytest.mark.parametrize("parameters", PAYLOADS)
@pytest.mark.parametrize("call", CALLS)
def test_acs3_matches_the_sdk(parameters: dict[str, str], call: Call) -> None:
    built = aliyun.AliyunSms(SETTINGS).build(sms(parameters), call)
    request = TeaRequest()
    request.method, request.pathname = "POST", "/"
    request.query = dict(parse_qsl(urlsplit(built.url).query, keep_blank_values=True))
    request.headers = {name: value for name, value in built.headers.items() if name != "Authorization"}
    theirs = AlibabaSigner.get_authorization(
        request, "ACS3-HMAC-SHA256", hashlib.sha256(b"").hexdigest(), "AKIDexample", "secret/+="
    )
    assert built.headers["Authorization"] == theirs


@pytest.mark.parametrize("parameters", PAYLOADS)
def test_tencent_gets_the_parameters_in_order_and_the_key(parameters: dict[str, str]) -> None:
    request = tencent.TencentSms(SETTINGS).build(sms(parameters), CALLS[0])
    assert json.loads(request.content) == {
        "PhoneNumberSet": ["+8613900000000"],
        "SmsSdkAppId": "1400006666",
        "SignName": "云伙伴",
        "TemplateId": "1110",
        "TemplateParamSet": list(parameters.values()),
        "SessionContext": "k" * 64,
    }
    assert request.url == "https://sms.tencentcloudapi.com"
    assert request.headers["X-TC-Action"] == "SendSms"
    assert request.headers["X-TC-Version"] == "2021-01-11"
    assert request.headers["X-TC-Region"] == "ap-guangzhou"
    assert request.headers["X-TC-Timestamp"] == "1772323199"
    assert "/2026-02-28/sms/tc3_request" in request.headers["Authorization"]


@pytest.mark.parametrize("parameters", PAYLOADS)
def test_aliyun_gets_the_parameters_by_name_and_the_key(parameters: dict[str, str]) -> None:
    request = aliyun.AliyunSms(SETTINGS).build(sms(parameters, "en"), CALLS[0])
    address = urlsplit(request.url)
    query = dict(parse_qsl(address.query, strict_parsing=True))
    assert (address.scheme, address.netloc, address.path) == ("https", "dysmsapi.aliyuncs.com", "/")
    assert json.loads(query.pop("TemplateParam")) == parameters
    assert query == {
        "PhoneNumbers": "8613900000000",
        "SignName": "云伙伴",
        "TemplateCode": "2220",
        "OutId": "k" * 64,
    }
    assert request.headers["x-acs-date"] == "2026-02-28T23:59:59Z"
    assert request.content == b""


def test_the_date_that_is_signed_is_utc() -> None:
    utc, shanghai = CALLS[0], CALLS[1]
    for adapter in (tencent.TencentSms(SETTINGS), aliyun.AliyunSms(SETTINGS)):
        assert adapter.build(sms({}), utc).headers == adapter.build(sms({}), shanghai).headers


def test_a_region_and_an_endpoint_choose_the_address() -> None:
    def host(adapter: Callable[[Settings], SmsAdapter], **more: str) -> tuple[str, str]:
        request = adapter(SETTINGS.model_copy(update=more)).build(sms({}), CALLS[0])
        return urlsplit(request.url).netloc, request.headers.get("Host", request.headers.get("host", ""))

    singapore = "dysmsapi.ap-southeast-1.aliyuncs.com"
    assert host(aliyun.AliyunSms, sms_region="ap-southeast-1") == (singapore, singapore)
    assert host(aliyun.AliyunSms, sms_endpoint="http://127.0.0.1:9") == ("127.0.0.1:9", "127.0.0.1:9")
    assert host(tencent.TencentSms, sms_endpoint="http://127.0.0.1:9") == ("127.0.0.1:9", "127.0.0.1:9")


@pytest.mark.parametrize("adapter", [tencent.TencentSms(SETTINGS), aliyun.AliyunSms(SETTINGS)])
def test_a_message_without_provider_template_is_terminal(adapter: SmsAdapter) -> None:
    with pytest.raises(TerminalFailure, match="no provider template for account_locked"):
        adapter.build(Sms("+8613900000000", "account_locked", {}, "en", "text"), CALLS[0])
