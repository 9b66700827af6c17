"""Answers of those who read licences, as their public documentation shows them."""

import json
from typing import Any

from tests.gateways.servers import http

NAME, CODE, PERSON, ADDRESS = "上海云启科技有限公司", "914403001922038216", "王小明", "上海市浦东新区世纪大道1号"


def tencent_answer(**changes: Any) -> bytes:
    """The body for a licence; None leaves a field out."""
    fields = {"RegNum": CODE, "Name": NAME, "Person": PERSON, "Address": ADDRESS, "Type": "有限责任公司", "Angle": 0.2}
    given = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    return json.dumps({"Response": {**given, "RequestId": "req-1"}}).encode()


def tencent_error(code: str) -> bytes:
    """The body of a refusal."""
    return json.dumps({"Response": {"Error": {"Code": code, "Message": NAME}, "RequestId": "req-1"}}).encode()


def aliyun_answer(**changes: Any) -> bytes:
    """The body for a licence; None leaves a field out."""
    fields = {"creditCode": CODE, "companyName": NAME, "legalPerson": PERSON, "businessAddress": ADDRESS}
    given = {name: value for name, value in {**fields, **changes}.items() if value is not None}
    data = {"data": given, "figure": [{"type": "round_stamp", "x": 379}], "ftype": 0}
    return json.dumps({"RequestId": "req-1", "Data": json.dumps(data, ensure_ascii=False)}).encode()


def aliyun_error(code: str) -> bytes:
    """The body of a refusal."""
    return json.dumps({"RequestId": "req-1", "HostId": "ocr-api", "Code": code, "Message": NAME}).encode()


def ok(content: bytes) -> bytes:
    """An answer after which the connection is closed."""
    return http("200 OK", content, Connection="close")
