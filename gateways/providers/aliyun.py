"""Alibaba Cloud's way of a call: one POST to `/` with its parameters in the query, signed with ACS3-HMAC-SHA256.

Signature: https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from gateways.providers.calls import Call, Request

NAME = "aliyun"
_BYTES = {"content-type": "application/octet-stream"}


@dataclass(frozen=True, slots=True, repr=False)
class AliyunApi:
    """One service of Alibaba Cloud at one address, and the keys with which it is called."""

    version: str
    url: str
    identity: str
    secret: SecretStr

    def request(self, action: str, parameters: Mapping[str, str], call: Call, *, content: bytes = b"") -> Request:
        """The signed request of an action; `content` is sent as it is, as bytes."""
        query = canonical_query(parameters)
        signed = {
            **(_BYTES if content else {}),
            "host": urlsplit(self.url).netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": hashlib.sha256(content).hexdigest(),
            "x-acs-date": call.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": call.nonce,
            "x-acs-version": self.version,
        }
        credentials = (self.identity, self.secret.get_secret_value())
        headers = {**signed, "Authorization": authorization(credentials, query=query, signed=signed)}
        return Request("POST", f"{self.url}/?{query}" if query else f"{self.url}/", headers, content)


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
