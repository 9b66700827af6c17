"""Documents that are handed in: what a file is declared to be, and what is kept of it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from rules.errors import ErrorCode, Violation
from rules.policy import DOCUMENTS_MEDIA_TYPES, DOCUMENTS_SIZE_MAX, Policy
from rules.registry import rule

NAME_LENGTH = 200
"""Longest name of a file, in characters."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE


@dataclass(frozen=True, slots=True)
class Document:
    """One file; `size` in bytes, `sha256` in lower-case hexadecimal digits, `upload_id` the public id of its content
    (empty as long as it is only declared).
    """

    name: str
    media_type: str
    size: int
    sha256: str
    upload_id: str = ""


E = ErrorCode


@rule(
    "documents.declared",
    "A 11.2",
    policy=(DOCUMENTS_SIZE_MAX, DOCUMENTS_MEDIA_TYPES),
    codes=(E.REQUIRED, E.INVALID_FORMAT, E.OUT_OF_RANGE),
)
def check_document(document: Document, *, policy: Policy, path: tuple[str, ...]) -> list[Violation]:
    """All reasons against a document, at the place of each: REQUIRED for a blank name; INVALID_FORMAT for a media type
    that is not taken, or a digest that is none; OUT_OF_RANGE for an empty or too large file.
    """
    most = policy[DOCUMENTS_SIZE_MAX] * KILOBYTE
    size = {"min": Decimal(1), "max": Decimal(most)}
    reasons: tuple[tuple[bool, ErrorCode, str, dict[str, Any]], ...] = (
        (not document.name.strip(), E.REQUIRED, "name", {}),
        (document.media_type not in policy[DOCUMENTS_MEDIA_TYPES], E.INVALID_FORMAT, "mediaType", {}),
        (not 1 <= document.size <= most, E.OUT_OF_RANGE, "size", size),
        (not _DIGEST.fullmatch(document.sha256), E.INVALID_FORMAT, "sha256", {}),
    )
    return [
        Violation(code, (*path, field), "documents.declared", parameters)
        for hit, code, field, parameters in reasons
        if hit
    ]
