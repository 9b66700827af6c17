"""Tencent Cloud SMS: SendSms 2021-01-11.

Request and answer: https://cloud.tencent.com/document/api/382/55981
Error codes:        https://cloud.tencent.com/document/api/382/59177 and https://cloud.tencent.com/document/api/382/52075
"""

from typing import Any

import orjson

from core.settings import Settings
from gateways.delivery import Receipt
from gateways.providers.calls import Call, Codes, Request, failure_without_code
from gateways.providers.tencent import NAME, TencentApi, read_response
from gateways.sms.adapter import Sms, receipt, template_id

_SERVICE = "sms"
_ACTION = "SendSms"
_VERSION = "2021-01-11"
_ENDPOINT = "https://sms.tencentcloudapi.com"
_REGION = "ap-guangzhou"

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

    name = NAME

    def __init__(self, settings: Settings) -> None:
        self._api = TencentApi(
            _SERVICE,
            _VERSION,
            settings.sms_endpoint or _ENDPOINT,
            settings.sms_region or _REGION,
            settings.sms_access_id,
            settings.sms_access_secret,
        )
        self._app = settings.sms_app_id
        self._sign_name = settings.sms_sign_name
        self._templates = settings.sms_templates

    def build(self, sms: Sms, call: Call) -> Request:
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
        return self._api.request(_ACTION, content, call)

    def read(self, status: int, content: bytes) -> Receipt:
        """The answer is HTTP 200 with either `Error` or one entry of `SendStatusSet`."""
        answer = read_response(status, content)
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
