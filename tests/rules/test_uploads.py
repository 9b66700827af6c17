"""What may be handed in: on both sides of each boundary."""

import hashlib
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rules.documents import Document, check_document
from rules.errors import ErrorCode
from rules.policy import DOCUMENTS_SIZE_MAX, UPLOADS_DAILY_MAX, UPLOADS_PIXELS_MAX, PolicyBook
from rules.sites import Site
from rules.uploads import (
    USABLE,
    ReadingState,
    UploadState,
    check_content,
    check_slot,
    check_usable,
    compute_end,
    is_to_be_read,
)
from tests.rules.outcomes import codes
from tests.uploads import PDF, image

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
POLICY = PolicyBook().at(Site.CN, NOW)
MOST = POLICY[DOCUMENTS_SIZE_MAX] * 1024
FILE = Document("licence.pdf", "application/pdf", len(PDF), hashlib.sha256(PDF).hexdigest())
E, S = ErrorCode, UploadState


def of(content: bytes, media_type: str) -> Document:
    return Document("x", media_type, len(content), hashlib.sha256(content).hexdigest())


def png(width: int, height: int) -> bytes:
    """The head of a picture so large."""
    head, parts = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0), b"\x89PNG\r\n\x1a\n"
    for name, data in ((b"IHDR", head), (b"IDAT", b""), (b"IEND", b"")):
        parts += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return parts


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"size": 1}, []),
        ({"size": MOST}, []),
        ({"size": MOST + 1}, [E.OUT_OF_RANGE]),
        ({"size": 0}, [E.OUT_OF_RANGE]),
        ({"media_type": "image/svg+xml"}, [E.INVALID_FORMAT]),
        ({"sha256": "g" * 64}, [E.INVALID_FORMAT]),
        ({"sha256": "a" * 63}, [E.INVALID_FORMAT]),
        ({"sha256": "A" * 64}, [E.INVALID_FORMAT]),
        ({"name": " "}, [E.REQUIRED]),
    ],
)
def test_what_can_be_declared(changes: dict[str, Any], expected: list[ErrorCode]) -> None:
    found = check_document(replace(FILE, **changes), policy=POLICY, path=("input", "document"))
    assert codes(found) == expected
    assert all(one.path[:2] == ("input", "document") for one in found)


def test_how_many_a_day() -> None:
    most = POLICY[UPLOADS_DAILY_MAX]
    assert check_slot(FILE, most - 1, NOW, policy=POLICY) == []
    [limit] = check_slot(FILE, most, NOW, policy=POLICY)
    assert (limit.code, limit.resets_at) == (E.UPLOAD_LIMIT, NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("declared", "content", "expected"),
    [
        (FILE, PDF, []),
        (FILE, PDF + b"\n", [E.UPLOAD_CONTENT_DIFFERS]),
        (FILE, PDF[:-1] + b" ", [E.UPLOAD_CONTENT_DIFFERS]),
        (of(b" " + PDF, "application/pdf"), b" " + PDF, [E.UPLOAD_TYPE_DIFFERS]),
        (of(image("PNG"), "image/png"), image("PNG"), []),
        (of(image("JPEG"), "image/jpeg"), image("JPEG"), []),
        (of(image("JPEG"), "image/png"), image("JPEG"), [E.UPLOAD_TYPE_DIFFERS]),
        (of(image("BMP"), "image/bmp"), image("BMP"), []),
        (of(image("PNG"), "image/bmp"), image("PNG"), [E.UPLOAD_TYPE_DIFFERS]),
        (of(image("GIF"), "image/png"), image("GIF"), [E.UPLOAD_TYPE_DIFFERS]),
        (of(image("PNG")[:20], "image/png"), image("PNG")[:20], [E.UPLOAD_TYPE_DIFFERS]),
        (of(b"<svg/>", "image/jpeg"), b"<svg/>", [E.UPLOAD_TYPE_DIFFERS]),
    ],
)
def test_what_content_is_taken(declared: Document, content: bytes, expected: list[ErrorCode]) -> None:
    assert codes(check_content(declared, content, policy=POLICY)) == expected


def test_a_picture_that_would_fill_the_memory() -> None:
    side = int(POLICY[UPLOADS_PIXELS_MAX] ** 0.5)
    fits, over = png(side, side), png(side, side + 1)
    assert check_content(of(fits, "image/png"), fits, policy=POLICY) == []
    assert codes(check_content(of(over, "image/png"), over, policy=POLICY)) == [E.UPLOAD_PIXELS]


@pytest.mark.parametrize("state", UploadState)
def test_what_can_be_used(state: UploadState) -> None:
    expected = {S.OPEN: [E.UPLOAD_NOT_RECEIVED], S.QUARANTINED: [E.UPLOAD_QUARANTINED]}
    found = codes(check_usable(state, path=("input", "id")))
    assert found == ([] if state in USABLE else expected.get(state, [E.NOT_FOUND]))


@pytest.mark.parametrize(
    ("state", "life"),
    [
        (S.OPEN, timedelta(hours=1)),
        (S.RECEIVED, timedelta(days=1)),
        (S.CLEAN, timedelta(days=1)),
        (S.QUARANTINED, timedelta(days=30)),
    ],
)
def test_how_long_a_file_is_kept(state: UploadState, life: timedelta) -> None:
    assert compute_end(state, now=NOW, policy=POLICY) == NOW + life


@pytest.mark.parametrize("state", UploadState)
@pytest.mark.parametrize("reading", [None, *ReadingState])
def test_only_what_waits_and_is_clean_is_shown_to_whoever_reads(
    state: UploadState, reading: ReadingState | None
) -> None:
    assert is_to_be_read(state, reading) is ((state, reading) == (S.CLEAN, ReadingState.WAITING))
