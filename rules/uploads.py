"""Files that are handed in: which are taken, what their content must be, when one may be used, how long it is kept."""

import hashlib
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from io import BytesIO

from PIL import Image

from rules.documents import Document, check_document
from rules.errors import ErrorCode, Violation
from rules.policy import (
    UPLOADS_DAILY_MAX,
    UPLOADS_PIXELS_MAX,
    UPLOADS_QUARANTINE_LIFE,
    UPLOADS_SLOT_LIFE,
    UPLOADS_UNUSED_LIFE,
    Policy,
)
from rules.registry import rule
from rules.transitions import machine

DAY = timedelta(days=1)
OPENS_FOR = timedelta(minutes=5)
"""How long an address for reading a file opens it."""

_PDF = b"%PDF-"
_IMAGES = {"image/bmp": "BMP", "image/jpeg": "JPEG", "image/png": "PNG"}

# Only heads are read here, and how large an image may be is policy: the library's own warning has nothing to say.
Image.MAX_IMAGE_PIXELS = None

E = ErrorCode


class UploadState(StrEnum):
    """Where a file stands that is handed in."""

    OPEN = "OPEN"
    RECEIVED = "RECEIVED"
    CLEAN = "CLEAN"
    QUARANTINED = "QUARANTINED"
    EXPIRED = "EXPIRED"
    ERASED = "ERASED"


class UploadPurpose(StrEnum):
    """What a file shows, where what it says is to be read."""

    LICENCE = "LICENCE"


class ReadingState(StrEnum):
    """What became of reading a file."""

    WAITING = "WAITING"
    READ = "READ"
    NOT_READ = "NOT_READ"
    FAILED = "FAILED"
    OFF = "OFF"


S = UploadState
UPLOAD = machine(
    "upload",
    UploadState,
    (S.OPEN,),
    "A 5.2",
    (S.OPEN, "receive", "uploader", S.RECEIVED),
    (S.OPEN, "expire", "system", S.EXPIRED),
    (S.RECEIVED, "clear", "system", S.CLEAN),
    (S.RECEIVED, "quarantine", "system", S.QUARANTINED),
    (S.RECEIVED, "erase", "system", S.ERASED),
    (S.CLEAN, "erase", "system", S.ERASED),
    (S.QUARANTINED, "erase", "system", S.ERASED),
)
R = ReadingState
READING = machine(
    "licence_reading",
    ReadingState,
    (R.WAITING, R.OFF),
    "A 5.1",
    (R.WAITING, "read", "system", R.READ),
    (R.WAITING, "pass_over", "system", R.NOT_READ),
    (R.WAITING, "give_up", "system", R.FAILED),
    (R.WAITING, "switch_off", "system", R.OFF),
)
USABLE = (S.RECEIVED, S.CLEAN)
"""What may be handed in with something: content that has arrived and that nothing speaks against."""


@rule("uploads.slot", "A 5.2", policy=(UPLOADS_DAILY_MAX,), codes=(E.UPLOAD_LIMIT,))
def check_slot(document: Document, opened: int, oldest: datetime | None, *, policy: Policy) -> list[Violation]:
    """All reasons against one more slot: those against the document, and UPLOAD_LIMIT when the account has opened as
    many as it may within a day; `oldest` is the first of these `opened`.
    """
    violations = check_document(document, policy=policy, path=("input",))
    most = policy[UPLOADS_DAILY_MAX]
    if opened >= most and oldest is not None:
        violations.append(
            Violation(
                E.UPLOAD_LIMIT,
                rule="uploads.slot",
                parameters={"most": most},
                retryable=True,
                limit=Decimal(most),
                used=Decimal(opened),
                resets_at=oldest + DAY,
            )
        )
    return violations


@rule(
    "uploads.content",
    "A 5.2",
    policy=(UPLOADS_PIXELS_MAX,),
    codes=(E.UPLOAD_CONTENT_DIFFERS, E.UPLOAD_TYPE_DIFFERS, E.UPLOAD_PIXELS),
)
def check_content(document: Document, content: bytes, *, policy: Policy) -> list[Violation]:
    """UPLOAD_CONTENT_DIFFERS for another size or digest than declared; UPLOAD_TYPE_DIFFERS for content that is not of
    the declared media type; UPLOAD_PIXELS for an image whose unpacking would fill a reader's memory.
    """
    if len(content) != document.size or hashlib.sha256(content).hexdigest() != document.sha256:
        return [Violation(E.UPLOAD_CONTENT_DIFFERS, rule="uploads.content")]
    other = Violation(E.UPLOAD_TYPE_DIFFERS, rule="uploads.content", parameters={"type": document.media_type})
    if document.media_type not in _IMAGES:
        return [] if content.startswith(_PDF) else [other]
    pixels, most = _pixels(content, _IMAGES[document.media_type]), policy[UPLOADS_PIXELS_MAX]
    if pixels is None:
        return [other]
    if pixels > most:
        return [Violation(E.UPLOAD_PIXELS, rule="uploads.content", parameters={"most": most})]
    return []


def _pixels(content: bytes, format: str) -> int | None:
    """Width times height as the head of an image of this format says; None for what is none. Nothing is unpacked."""
    try:
        with Image.open(BytesIO(content), formats=(format,)) as image:
            return image.width * image.height
    except (OSError, ValueError, SyntaxError):
        return None


@rule("uploads.read", "A 5.1")
def is_to_be_read(state: UploadState, reading: ReadingState | None) -> bool:
    """Whether a file may be shown to whoever reads licences: it waits for that, and the scanner has found nothing."""
    return state is S.CLEAN and reading is R.WAITING


@rule("uploads.usable", "A 5.2", codes=(E.UPLOAD_NOT_RECEIVED, E.UPLOAD_QUARANTINED, E.NOT_FOUND))
def check_usable(state: UploadState, *, path: tuple[str, ...]) -> list[Violation]:
    """UPLOAD_NOT_RECEIVED before the content has arrived, UPLOAD_QUARANTINED for content that is held back, NOT_FOUND
    for what is no longer there.
    """
    if state in USABLE:
        return []
    codes = {S.OPEN: E.UPLOAD_NOT_RECEIVED, S.QUARANTINED: E.UPLOAD_QUARANTINED}
    return [Violation(codes.get(state, E.NOT_FOUND), path, "uploads.usable")]


@rule("uploads.kept", "A 5.2", policy=(UPLOADS_SLOT_LIFE, UPLOADS_UNUSED_LIFE, UPLOADS_QUARANTINE_LIFE))
def compute_end(state: UploadState, *, now: datetime, policy: Policy) -> datetime:
    """Until when a file is kept that enters `state` now: a slot for its content, content until something refers to it,
    and what is held back until it was looked at.
    """
    lives = {S.OPEN: UPLOADS_SLOT_LIFE, S.QUARANTINED: UPLOADS_QUARANTINE_LIFE}
    return now + policy[lives.get(state, UPLOADS_UNUSED_LIFE)]
