"""Files for tests: a slot opened, its content put, what the scanner says of it."""

import hashlib
from io import BytesIO
from typing import Any

import httpx2
from PIL import Image

from tests.client import Api, Client, codes
from tests.factories import key

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
SLOT = "upload { id state url fileName mediaType size sha256 expiresAt usedAt }"


def image(format: str = "PNG", *, width: int = 3, height: int = 2) -> bytes:
    """A picture of one colour."""
    made = BytesIO()
    Image.new("1", (width, height)).save(made, format)
    return made.getvalue()


def declared(content: bytes = PDF, **changes: Any) -> dict[str, Any]:
    """What is said of a content before it is sent."""
    digest = hashlib.sha256(content).hexdigest()
    given = {"name": "licence.pdf", "mediaType": "application/pdf", "size": len(content), "sha256": digest}
    return {**given, "idempotencyKey": key(), **changes}


async def open_slot(who: Client, content: bytes = PDF, **changes: Any) -> dict[str, Any]:
    """The payload of an opened slot."""
    return await who.do("openUpload", SLOT, **declared(content, **changes))


async def put(who: Client, url: str, content: bytes = PDF, **headers: str) -> httpx2.Response:
    """Content sent to an address, as a PDF unless told otherwise."""
    given = {"content-type": "application/pdf", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return await who.http.put(url, content=content, headers=given)


async def uploaded(who: Client, content: bytes = PDF, **changes: Any) -> str:
    """The id of an upload whose content has arrived."""
    opened = await open_slot(who, content, **changes)
    assert codes(opened) == [], opened
    kind = changes.get("mediaType", "application/pdf")
    answer = await put(who, opened["upload"]["url"], content, content_type=kind)
    assert answer.status_code == 204, answer.text
    return str(opened["upload"]["id"])


_PAPERS: dict[str | None, str] = {}


async def paper(who: Client) -> str:
    """The id of a file of the caller's: the same as long as it is signed in."""
    if who.token not in _PAPERS:
        _PAPERS[who.token] = await uploaded(who, name="contract.pdf")
    return _PAPERS[who.token]


async def larger(api: Api, who: Client, size: int) -> str:
    """The id of an upload that is said to have so many bytes."""
    upload_id = await uploaded(who)
    await api.database.superuser.execute("update upload set size = $1 where used_at is null", size)
    return upload_id
