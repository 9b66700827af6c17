"""Alibaba Cloud SMS (Dysmsapi): SendSms 2017-05-25.

Request and answer: https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms
Error codes:        https://help.aliyun.com/zh/sms/developer-reference/api-error-codes
"""

import orjson

from core.settings import Settings
from gateways.delivery import Receipt
from gateways.providers.aliyun import NAME, AliyunApi
from gateways.providers.calls import Call, Codes, Request, failure_without_code, read_object
from gateways.sms.adapter import Sms, receipt, template_id

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

    name = NAME

    def __init__(self, settings: Settings) -> None:
        regional = _REGIONAL_ENDPOINT.format(region=settings.sms_region) if settings.sms_region else _ENDPOINT
        url = (settings.sms_endpoint or regional).rstrip("/")
        self._api = AliyunApi(_VERSION, url, settings.sms_access_id, settings.sms_access_secret)
        self._sign_name = settings.sms_sign_name
        self._templates = settings.sms_templates

    def build(self, sms: Sms, call: Call) -> Request:
        """The key travels as OutId; Alibaba Cloud returns it in receipts but does not suppress repetitions."""
        parameters = {
            "OutId": call.key,
            "PhoneNumbers": sms.to.removeprefix("+"),
            "SignName": self._sign_name,
            "TemplateCode": template_id(self._templates, sms),
            "TemplateParam": orjson.dumps(sms.parameters).decode(),
        }
        return self._api.request(_ACTION, parameters, call)

    def read(self, status: int, content: bytes) -> Receipt:
        """Every answer is one object with `Code`; the gateway's own refusals have an HTTP status beside it."""
        answer = read_object(content)
        code = answer.get("Code")
        if not isinstance(code, str):
            raise failure_without_code(self.name, status)
        if code != "OK":
            raise CODES.failure(self.name, code)
        return receipt(answer.get("BizId"), answer.get("RequestId"))
