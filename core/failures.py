"""How an unexpected exception is written down: its type and our own code's places, never its text."""

import logging
from traceback import walk_tb
from types import FrameType

_log = logging.getLogger(__name__)
_OWN_PACKAGES = frozenset(
    {"app", "cli", "core", "gateways", "models", "resolvers", "rules", "schema", "tasks", "scripts", "tests"}
)
_SHOWN_FRAMES = 8


def log_unexpected(error: BaseException, request_id: str, document: str = "") -> None:
    """Logs an exception that nobody expected, under the request's id and the document's hash.

    Its arguments are left out, and so is all text of the request: both may hold personal data or secrets.
    """
    frames = [
        f"{frame.f_globals['__name__']}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
        if _is_own(frame)
    ][-_SHOWN_FRAMES:]
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    _log.error(
        "unexpected error: %s; request %s; document %s; at %s",
        kind,
        request_id,
        document or "-",
        " < ".join(reversed(frames)) or "-",
        extra={"request_id": request_id, "error_type": kind, "document": document, "frames": frames},
    )


def _is_own(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in _OWN_PACKAGES
