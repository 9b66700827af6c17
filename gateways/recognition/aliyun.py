"""Alibaba Cloud OCR (ocr-api): RecognizeBusinessLicense 2021-07-07.

Request and answer: https://help.aliyun.com/document_detail/294579.htm
Error codes:        https://help.aliyun.com/document_detail/294601.html
"""

from core.settings import Settings
from gateways.providers.aliyun import NAME, AliyunApi
from gateways.providers.calls import Call, Codes, Request, failure_without_code, read_object
from gateways.recognition.adapter import Picture, text_of
from rules.partners.licences import Licence
from rules.sites import Site

_ACTION = "RecognizeBusinessLicense"
_VERSION = "2021-07-07"
_ENDPOINT = "https://ocr-api.cn-hangzhou.aliyuncs.com"
_FIELDS = ("companyName", "creditCode", "legalPerson", "businessAddress")

# What the picture is, and no failure: asked again, the answer would be the same.
UNREADABLE = frozenset(
    {
        "exceededImageContent",
        "illegalImageContent",
        "illegalImageSize",
        "illegalImageType",
        "unmatchedImageType",
        "unsupportedImageFormat",
    }
)
# Terminal: the request is malformed. Credentials, balance and a service that is not opened are not here: an operator
# mends them without touching the file.
CODES = Codes(
    terminal=frozenset({"InvalidAction.NotFound", "InvalidVersion", "MissingImageUrl", "UnsupportedHTTPMethod"}),
    transient={"Throttling": 1.0, "Throttling.Api": 1.0, "Throttling.User": 1.0},
)


class AliyunRecognition:
    """The adapter. `recognition_endpoint` may be another address of Alibaba Cloud's."""

    name = NAME
    sites = frozenset({Site.CN})
    media_types = frozenset({"image/bmp", "image/jpeg", "image/png"})
    most = 10 * 1024 * 1024

    def __init__(self, settings: Settings) -> None:
        url = (settings.recognition_endpoint or _ENDPOINT).rstrip("/")
        self._api = AliyunApi(_VERSION, url, settings.recognition_access_id, settings.recognition_access_secret)

    def build(self, picture: Picture, call: Call) -> Request:
        """The picture is the body; Alibaba Cloud has no place for a key."""
        return self._api.request(_ACTION, {}, call, content=picture.content)

    def read(self, status: int, content: bytes) -> Licence | None:
        """The answer has either `Data`, a JSON text whose `data` are the fields, or `Code`."""
        answer = read_object(content)
        code, fields = answer.get("Code"), read_object(text_of(answer.get("Data")) or "").get("data")
        if isinstance(fields, dict):
            return Licence(*(text_of(fields.get(name)) for name in _FIELDS))
        if not isinstance(code, str) or not code:
            raise failure_without_code(self.name, status)
        if code in UNREADABLE:
            return None
        raise CODES.failure(self.name, code)
