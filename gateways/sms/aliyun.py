"""Alibaba Cloud SMS (Dysmsapi): SendSms 2017-05-25, signed with ACS3-HMAC-SHA256.

Request and answer: https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms
Signature:          https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
Error codes:        https://help.aliyun.com/zh/sms/developer-reference/api-error-codes
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC
from urllib.parse import quote, urlsplit

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

_ACTION = "SendSms"
_VERSION = "2017-05-25"
_ENDPOINT = "https://dysmsapi.aliyuncs.com"
_REGIONAL_ENDPOINT = "https://dysmsapi.{region}.aliyuncs.com"

# Terminal: the number, the template, the signature shown, the parameters or the text are refused, or the request is
# malformed. Credentials, balance and allow lists are not here: an operator mends them without touching the message.
CODES = Codes(
    terminal=frozenset(
        {
            "FILTER",
            "InvalidAction.NotFound",
            "InvalidVersion",
            "isv.BLACK_KEY_CONTROL_LIMIT",
            "isv.DOMESTIC_NUMBER_NOT_SUPPORTED",
            "isv.EXTEND_CODE_ERROR",
            "isv.INVALID_JSON_PARAM",
            "isv.INVALID_PARAMETERS",
            "isv.MOBILE_COUNT_OVER_LIMIT",
            "isv.MOBILE_NUMBER_ILLEGAL",
            "isv.PARAM_LENGTH_LIMIT",
            "isv.PARAM_NOT_SUPPORT_URL",
            "isv.SIGN_NAME_ILLEGAL",
            "isv.SIGN_STATE_ILLEGAL",
            "isv.SMS_CONTENT_ILLEGAL",
            "isv.SMS_CONTENT_MISMATCH_TEMPLATE_TYPE",
            "isv.SMS_SIGNATURE_ILLEGAL",
            "isv.SMS_SIGNATURE_SCENE_ILLEGAL",
            "isv.SMS_SIGN_ILLEGAL",
            "isv.SMS_TEMPLATE_ILLEGAL",
            "isv.SMS_TEST_NUMBER_LIMIT",
            "isv.SMS_TEST_SIGN_TEMPLATE_LIMIT",
            "isv.SMS_TEST_TEMPLATE_PARAMS_ILLEGAL",
            "isv.TEMPLATE_MISSING_PARAMETERS",
            "isv.TEMPLATE_PARAMS_ILLEGAL",
            "isv.UNSUPPORTED_CONTENT",
        }
    ),
    transient={
        "isv.BUSINESS_LIMIT_CONTROL": 60.0,
        "isv.DAY_LIMIT_CONTROL": 3_600.0,
        "isv.MONTH_LIMIT_CONTROL": 3_600.0,
        "VALVE:M_MC": 60.0,
        "VALVE:H_MC": 3_600.0,
        "VALVE:D_MC": 3_600.0,
        "Throttling": 1.0,
        "Throttling.Api": 1.0,
        "Throttling.User": 1.0,
    },
)


class AliyunSms:
    """The adapter. Without `sms_endpoint`, `sms_region` chooses the regional address, empty the Chinese mainland's."""

    name = "aliyun"

    def __init__(self, settings: Settings) -> None:
        regional = _REGIONAL_ENDPOINT.format(region=settings.sms_region) if settings.sms_region else _ENDPOINT
        self._url = (settings.sms_endpoint or regional).rstrip("/")
        self._host = urlsplit(self._url).netloc
        self._id = settings.sms_access_id
        self._secret = settings.sms_access_secret
        self._sign_name = settings.sms_sign_name
        self._templates = settings.sms_templates

    def build(self, sms: Sms, call: Call) -> SmsRequest:
        """The key travels as OutId; Alibaba Cloud returns it in receipts but does not suppress repetitions."""
        query = canonical_query(
            {
                "OutId": call.key,
                "PhoneNumbers": sms.to.removeprefix("+"),
                "SignName": self._sign_name,
                "TemplateCode": template_id(self._templates, sms),
                "TemplateParam": orjson.dumps(sms.parameters).decode(),
            }
        )
        signed = {
            "host": self._host,
            "x-acs-action": _ACTION,
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
            "x-acs-date": call.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": call.nonce,
            "x-acs-version": _VERSION,
        }
        credentials = (self._id, self._secret.get_secret_value())
        headers = {**signed, "Authorization": authorization(credentials, query=query, signed=signed)}
        return SmsRequest("POST", f"{self._url}/?{query}", headers, b"")

    def read(self, status: int, content: bytes) -> Receipt:
        """Every answer is one object with `Code`; the gateway's own refusals have an HTTP status beside it."""
        answer = read_object(content)
        code = answer.get("Code")
        if not isinstance(code, str):
            raise failure_without_code(self.name, status)
        if code != "OK":
            raise CODES.failure(self.name, code)
        return receipt(answer.get("BizId"), answer.get("RequestId"))


def canonical_query(values: Mapping[str, str]) -> str:
    """The query string as it is sent and signed: sorted, everything but letters, digits and `-_.~` escaped."""
    return "&".join(f"{_escape(name)}={_escape(values[name])}" for name in sorted(values))


def authorization(credentials: tuple[str, str], *, query: str, signed: Mapping[str, str]) -> str:
    """The Authorization header of a POST to `/`: `credentials` are (id, secret), `signed` the lower-case headers."""
    identity, secret = credentials
    names = ";".join(sorted(signed))
    headers = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
    canonical = f"POST\n/\n{query}\n{headers}\n{names}\n{signed['x-acs-content-sha256']}"
    to_sign = f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), to_sign.encode(), "sha256").hex()
    return f"ACS3-HMAC-SHA256 Credential={identity},SignedHeaders={names},Signature={signature}"


def _escape(text: str) -> str:
    return quote(text, safe="~")
