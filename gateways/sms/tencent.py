"""Tencent Cloud SMS: SendSms 2021-01-11, signed with TC3-HMAC-SHA256.

Request and answer: https://cloud.tencent.com/document/api/382/55981
Signature:          https://cloud.tencent.com/document/api/382/52072
Error codes:        https://cloud.tencent.com/document/api/382/59177 and https://cloud.tencent.com/document/api/382/52075
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson

from core.settings import Settings
from gateways.delivery import Receipt
from gateways.sms.adapter import (
    Call,
    Codes,
    Sms,
    SmsRequest,
    failure_without_code,
    read_object,
    receipt,
    template_id,
)

_SERVICE = "sms"
_ACTION = "SendSms"
_VERSION = "2021-01-11"
_ENDPOINT = "https://sms.tencentcloudapi.com"
_REGION = "ap-guangzhou"
_CONTENT_TYPE = "application/json; charset=utf-8"

# Terminal: the number, the template, the signature shown, the parameters or the text are refused, or the request is
# malformed. Credentials, balance and allow lists are not here: an operator mends them without touching the message.
CODES = Codes(
    terminal=frozenset(
        {
            "FailedOperation.ContainSensitiveWord",
            "FailedOperation.FailResolvePacket",
            "FailedOperation.JsonParseFail",
            "FailedOperation.MissingSignatureList",
            "FailedOperation.MissingTemplateList",
            "FailedOperation.PhoneNumberInBlacklist",
            "FailedOperation.PhoneNumberOnBlacklist",
            "FailedOperation.PhoneNumberParseFail",
            "FailedOperation.SignatureIncorrectOrUnapproved",
            "FailedOperation.TemplateIncorrectOrUnapproved",
            "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
            "FailedOperation.TemplateUnapprovedOrNotExist",
            "InternalError.RestApiInterfaceNotExist",
            "InvalidAction",
            "InvalidParameter",
            "InvalidParameter.DirtyWordFound",
            "InvalidParameter.InvalidParameters",
            "InvalidParameterValue",
            "InvalidParameterValue.ContentLengthLimit",
            "InvalidParameterValue.IncorrectPhoneNumber",
            "InvalidParameterValue.InvalidTemplateFormat",
            "InvalidParameterValue.ProhibitedUseUrlInTemplateParameter",
            "InvalidParameterValue.SdkAppIdNotExist",
            "InvalidParameterValue.TemplateParameterFormatError",
            "InvalidParameterValue.TemplateParameterLengthLimit",
            "InvalidParameterValue.TemplateWithDirtyWords",
            "MissingParameter",
            "MissingParameter.EmptyPhoneNumberSet",
            "NoSuchVersion",
            "UnknownParameter",
            "UnsupportedOperation",
            "UnsupportedOperation.ContainDomesticAndInternationalPhoneNumber",
            "UnsupportedOperation.UnsuportedRegion",  # the provider's own spelling
        }
    ),
    transient={
        "LimitExceeded.PhoneNumberThirtySecondLimit": 30.0,
        "LimitExceeded.PhoneNumberOneHourLimit": 3_600.0,
        "LimitExceeded.PhoneNumberDailyLimit": 3_600.0,
        "LimitExceeded.PhoneNumberSameContentDailyLimit": 3_600.0,
        "LimitExceeded.AppDailyLimit": 3_600.0,
        "LimitExceeded.DailyLimit": 3_600.0,
        "LimitExceeded.DeliveryFrequencyLimit": 30.0,
        "RequestLimitExceeded": 1.0,
    },
)


class TencentSms:
    """The adapter. `sms_endpoint` may be another Tencent address; `sms_region` is Guangzhou unless set."""

    name = "tencent"

    def __init__(self, settings: Settings) -> None:
        self._url = settings.sms_endpoint or _ENDPOINT
        self._host = urlsplit(self._url).netloc
        self._region = settings.sms_region or _REGION
        self._id = settings.sms_access_id
        self._secret = settings.sms_access_secret
        self._app = settings.sms_app_id
        self._sign_name = settings.sms_sign_name
        self._templates = settings.sms_templates

    def build(self, sms: Sms, call: Call) -> SmsRequest:
        """The key travels as SessionContext; Tencent returns it but does not suppress repetitions."""
        content = orjson.dumps(
            {
                "PhoneNumberSet": [sms.to],
                "SmsSdkAppId": self._app,
                "SignName": self._sign_name,
                "TemplateId": template_id(self._templates, sms),
                "TemplateParamSet": list(sms.parameters.values()),
                "SessionContext": call.key,
            }
        )
        signed = {"content-type": _CONTENT_TYPE, "host": self._host, "x-tc-action": _ACTION.lower()}
        credentials = (self._id, self._secret.get_secret_value())
        headers = {
            "Authorization": authorization(credentials, _SERVICE, signed=signed, content=content, at=call.at),
            "Content-Type": _CONTENT_TYPE,
            "Host": self._host,
            "X-TC-Action": _ACTION,
            "X-TC-Region": self._region,
            "X-TC-Timestamp": str(int(call.at.timestamp())),
            "X-TC-Version": _VERSION,
        }
        return SmsRequest("POST", self._url, headers, content)

    def read(self, status: int, content: bytes) -> Receipt:
        """The answer is HTTP 200 with either `Error` or one entry of `SendStatusSet`."""
        answer = read_object(content).get("Response")
        if not isinstance(answer, dict):
            raise failure_without_code(self.name, status)
        outcome = _outcome(answer)
        code = outcome.get("Code")
        if not isinstance(code, str):
            raise failure_without_code(self.name, status)
        if code != "Ok":
            raise CODES.failure(self.name, code)
        return receipt(outcome.get("SerialNo"), answer.get("RequestId"))


def _outcome(answer: dict[str, Any]) -> dict[str, Any]:
    entries = answer.get("SendStatusSet")
    first = entries[0] if isinstance(entries, list) and entries else None
    outcome = answer.get("Error") or first
    return outcome if isinstance(outcome, dict) else {}


def authorization(
    credentials: tuple[str, str], service: str, *, signed: Mapping[str, str], content: bytes, at: datetime
) -> str:
    """The Authorization header of a POST to `/`: `credentials` are (id, secret), `signed` the lower-case headers."""
    identity, secret = credentials
    names = ";".join(sorted(signed))
    headers = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = f"POST\n/\n\n{headers}\n{names}\n{_sha256(content)}"
    date = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    to_sign = f"TC3-HMAC-SHA256\n{int(at.timestamp())}\n{scope}\n{_sha256(canonical.encode())}"
    key = f"TC3{secret}".encode()
    for part in (date, service, "tc3_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    return f"TC3-HMAC-SHA256 Credential={identity}/{scope}, SignedHeaders={names}, Signature={signature}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
