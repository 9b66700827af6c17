"""Tencent Cloud's way of a call: one POST to `/`, signed with TC3-HMAC-SHA256, answered by one object `Response`.

Signature: https://cloud.tencent.com/document/api/382/52072
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from gateways.providers.calls import Call, Request, failure_without_code, read_object

NAME = "tencent"
_CONTENT_TYPE = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True, repr=False)
class TencentApi:
    """One service of Tencent Cloud at one address, and the keys with which it is called."""

    service: str
    version: str
    url: str
    region: str
    identity: str
    secret: SecretStr

    def request(self, action: str, content: bytes, call: Call) -> Request:
        """The signed request of an action whose parameters are the JSON in `content`."""
        host = urlsplit(self.url).netloc
        signed = {"content-type": _CONTENT_TYPE, "host": host, "x-tc-action": action.lower()}
        credentials = (self.identity, self.secret.get_secret_value())
        headers = {
            "Authorization": authorization(credentials, self.service, signed=signed, content=content, at=call.at),
            "Content-Type": _CONTENT_TYPE,
            "Host": host,
            "X-TC-Action": action,
            "X-TC-Region": self.region,
            "X-TC-Timestamp": str(int(call.at.timestamp())),
            "X-TC-Version": self.version,
        }
        return Request("POST", self.url, headers, content)


def read_response(status: int, content: bytes) -> dict[str, Any]:
    """The object `Response` of an answer; raises the failure for its HTTP status where there is none."""
    answer = read_object(content).get("Response")
    if not isinstance(answer, dict):
        raise failure_without_code(NAME, status)
    return answer


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
