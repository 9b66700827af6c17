"""Tencent Cloud OCR: BizLicenseOCR 2018-11-19.

Request and answer: https://cloud.tencent.com/document/api/866/36215
Error codes:        https://cloud.tencent.com/document/product/866/45470
"""

import base64

import orjson

from core.settings import Settings
from gateways.providers.calls import Call, Codes, Request, failure_without_code
from gateways.providers.tencent import NAME, TencentApi, read_response
from gateways.recognition.adapter import Picture, text_of
from rules.partners.licences import Licence
from rules.sites import Site

_SERVICE = "ocr"
_ACTION = "BizLicenseOCR"
_VERSION = "2018-11-19"
_ENDPOINT = "https://ocr.tencentcloudapi.com"
_REGION = "ap-guangzhou"
_FIELDS = ("Name", "RegNum", "Person", "Address")

# What the picture is, and no failure: asked again, the answer would be the same.
UNREADABLE = frozenset(
    {
        "FailedOperation.EmptyImageError",
        "FailedOperation.ImageBlur",
        "FailedOperation.ImageDecodeFailed",
        "FailedOperation.ImageNoText",
        "FailedOperation.ImageSizeTooLarge",
        "FailedOperation.MultiCardError",
        "FailedOperation.NoBizLicense",
        "InvalidParameter.EngineImageDecodeFailed",
        "LimitExceeded.TooLargeFileError",
    }
)
# Terminal: the request is malformed. Credentials, balance and a service that is not opened are not here: an operator
# mends them without touching the file.
CODES = Codes(
    terminal=frozenset(
        {
            "InvalidAction",
            "InvalidParameter",
            "InvalidParameterValue",
            "InvalidParameterValue.InvalidParameterValueLimit",
            "MissingParameter",
            "NoSuchVersion",
            "RequestSizeLimitExceeded",
            "UnknownParameter",
            "UnsupportedOperation",
            "UnsupportedRegion",
        }
    ),
    transient={"RequestLimitExceeded": 1.0},
)


class TencentRecognition:
    """The adapter. `recognition_endpoint` may be another address of Tencent's."""

    name = NAME
    sites = frozenset({Site.CN})
    media_types = frozenset({"image/jpeg", "image/png"})
    most = 7 * 1024 * 1024 // 4 * 3  # 7 MiB once it is Base64

    def __init__(self, settings: Settings) -> None:
        self._api = TencentApi(
            _SERVICE,
            _VERSION,
            settings.recognition_endpoint or _ENDPOINT,
            _REGION,
            settings.recognition_access_id,
            settings.recognition_access_secret,
        )

    def build(self, picture: Picture, call: Call) -> Request:
        """The picture goes into the request; Tencent has no place for a key."""
        image = base64.b64encode(picture.content).decode()
        return self._api.request(_ACTION, orjson.dumps({"ImageBase64": image}), call)

    def read(self, status: int, content: bytes) -> Licence | None:
        """The answer is HTTP 200 with either `Error` or the fields, of which those that are missing are empty."""
        answer = read_response(status, content)
        error = answer.get("Error")
        if error is None and "RegNum" in answer:
            return Licence(*(text_of(answer.get(name)) for name in _FIELDS))
        code = error.get("Code") if isinstance(error, dict) else None
        if not isinstance(code, str):
            raise failure_without_code(self.name, status)
        if code in UNREADABLE:
            return None
        raise CODES.failure(self.name, code)
