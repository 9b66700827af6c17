"""Logging: one line per event, JSON in production, and no personal data or secret in it whoever wrote the line.

Our own lines and those of the libraries pass the same processors: values are masked by type (`Personal`), by key
(password, token …) and by pattern (numbers, addresses, tokens, codes, query strings). Start uvicorn with
`log_config=None`, or it takes its own lines back.
"""

import logging
import re
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core.settings import Env, Settings


class Personal:
    """A value that may not reach a log: text, format and repr show a place-holder; `reveal()` gives the value.

    Not a `str` on purpose: nothing stores or sends the place-holder, or the value, by accident.
    """

    __slots__ = ("_value",)
    shown = "[personal]"

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the gateway or the rule that needs it."""
        return self._value

    def __repr__(self) -> str:
        return self.shown

    def __str__(self) -> str:
        return self.shown

    def __format__(self, spec: str) -> str:
        return format(self.shown, spec)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._value == self._value

    def __hash__(self) -> int:
        return hash((type(self), self._value))

    def __reduce__(self) -> Any:
        raise TypeError(f"{type(self).__name__} is not to be pickled: pass an id instead")


class PhoneStr(Personal):
    """A telephone number."""

    __slots__ = ()
    shown = "[phone]"


class EmailStr(Personal):
    """An e-mail address."""

    __slots__ = ()
    shown = "[email]"


class SecretStr(Personal):
    """A password, code, token or key."""

    __slots__ = ()
    shown = "[secret]"


_SECRET_WORDS = frozenset(
    {"password", "passwd", "pwd", "otp", "token", "authorization", "secret", "cookie", "credential", "credentials"}
)
_SECRET_LAST_WORDS = frozenset({"code", "pin", "proof", "variables", "apikey"})
_HARMLESS_KEYS = frozenset({"error_code", "status_code", "exit_code", "country_code", "upstream_code", "close_code"})
_KEY_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")

# The order matters: what holds others in it comes first. Each takes linear time on hostile text (a test measures it).
_LOCAL = r"[\w.!#$&*+=^`{|}~%-]"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"cos_[a-z]{2,4}_[\w-]{20,}"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 [token]"),
    (re.compile(r"(://)[^/\s@'\"]{0,100}:[^/\s'\"]{0,200}@"), r"\1[secret]@"),
    (re.compile(r"(/[^\s?'\"/]{0,300})\?[^\s'\"]*"), r"\1"),
    (re.compile(rf"(?<!{_LOCAL}){_LOCAL}+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"(?:\+|%2B|＋)\d(?:[\s()-]{0,2}\d){6,14}"), "[phone]"),
    (re.compile(r"(?<!\d)(?:(?:00)?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)"), "[phone]"),
    (re.compile(r"(?<![A-Za-z0-9_.])\d{6}(?![A-Za-z0-9_]|\.\d)"), "[code]"),
)
_HARMLESS = re.compile(r"[A-Za-z.]{1,64}|[0-9a-f]{32}|[0-9a-f]{64}")
"""Words, and the ids and hashes that we make ourselves: most values of most lines."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_MULTILINE_KEYS = frozenset({"exception", "stack"})
_PLAIN_TYPES = (int, float, bool, type(None))
_TIME_TYPES = (datetime, date, time)

# Below these levels the libraries write SQL with its values, or the arguments and results of jobs.
_LEAST_LEVELS = {
    "tortoise": logging.INFO,
    "asyncpg": logging.WARNING,
    "arq": logging.WARNING,
    "asyncio": logging.INFO,
    "uvicorn.asgi": logging.INFO,
    "websockets": logging.INFO,
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,
    "aiosmtplib": logging.INFO,
    "tencentcloud": logging.WARNING,
}


def mask(text: str) -> str:
    """`text` with telephone numbers, e-mail addresses, tokens, six-digit codes and query strings taken out."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


@lru_cache(maxsize=1024)
def is_secret_key(key: str) -> bool:
    """Whether values under this key are dropped: it speaks of a password, token, authorization …, or ends in `code`."""
    if key.lower() in _HARMLESS_KEYS:
        return False
    words = [word.lower() for word in _KEY_WORDS.findall(key)]
    return not _SECRET_WORDS.isdisjoint(words) or (bool(words) and words[-1] in _SECRET_LAST_WORDS)


def mask_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The processor that makes a line harmless: drops secret keys, masks every other value, at any depth."""
    return {
        key: value if key.startswith("_") else _masked(value, multiline=key in _MULTILINE_KEYS)
        for key, value in event.items()
        if key != "color_message" and not is_secret_key(key)
    }


def _masked(value: object, *, multiline: bool = False) -> object:
    if type(value) is str:
        return _masked_text(value, multiline)
    if isinstance(value, _PLAIN_TYPES):
        return value
    if isinstance(value, Mapping):
        return {mask(str(key)): _masked(item) for key, item in value.items() if not is_secret_key(str(key))}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(item) for item in value]
    if isinstance(value, _TIME_TYPES):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return f"[{len(value)} bytes]"
    return _masked_text(str(value), multiline)


def _masked_text(text: str, multiline: bool) -> str:
    if _HARMLESS.fullmatch(text):
        return text
    text = mask(text)
    return (_UNPRINTABLE if multiline else _CONTROL).sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    # A line break in a value must not be able to forge a second line.
    return match[0].encode("unicode_escape").decode()


def _tell_of(name: str, error: BaseException | None) -> None:
    sys.stderr.write(f"a line of {name} could not be logged: {type(error).__name__ if error else 'unknown'}\n")


class _Handler(logging.StreamHandler[TextIO]):
    """Writes lines; when one cannot be formatted, says so without the standard handler's dump of its arguments."""

    def handleError(self, record: logging.LogRecord) -> None:
        _tell_of(record.name, sys.exc_info()[1])


class _LeastLevels(logging.Filter):
    """Drops what libraries write below their least level, also when someone lowers the level of their logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        name = record.name
        while name:
            if name in _LEAST_LEVELS:
                return record.levelno >= _LEAST_LEVELS[name]
            name = name.rpartition(".")[0]
        return True


class _Writer:
    """Writes our own lines, past the standard loggers: every request has one."""

    def __init__(self, name: str, handler: "_Handler") -> None:
        self.name = name
        self._handler = handler

    def msg(self, line: str) -> None:
        """One line, whole."""
        with self._handler.lock or nullcontext():
            self._handler.stream.write(line + self._handler.terminator)
            self._handler.flush()

    debug = info = warning = error = critical = exception = msg


class _Rendered:
    """The last processor: our line as text. One that cannot be written is told of, and does not fail its writer."""

    def __init__(self, processors: list[Processor]) -> None:
        self._processors = processors

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        line: Any = event
        try:
            for processor in self._processors:
                line = processor(logger, method, line)
        except Exception as error:
            _tell_of(logger.name, error)
            raise structlog.DropEvent from error
        return str(line)


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Sends every logger's lines to `stream` (standard output): JSON or text, from the settings' level upwards.

    May be called again; the last call counts.
    """
    as_json = settings.env is Env.PRODUCTION if settings.log_json is None else settings.log_json
    level, final = settings.log_level.upper(), _final_processors(as_json)
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
    ]
    handler = _Handler(stream or sys.stdout)
    structlog.configure(
        processors=[*shared, _Rendered(final)],
        logger_factory=lambda name="cosell": _Writer(name, handler),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        cache_logger_on_first_use=False,
    )
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    handler.addFilter(_LeastLevels())
    _take_over(handler, level)


def _final_processors(as_json: bool) -> list[Processor]:
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    return [
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_event,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        renderer,
    ]


def _take_over(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [old for old in root.handlers if not isinstance(old.formatter, structlog.stdlib.ProcessorFormatter)]
    root.addHandler(handler)
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", *_LEAST_LEVELS):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(_LEAST_LEVELS.get(name, logging.NOTSET))


def _to_json(event: EventDict, **_: Any) -> str:
    # Integers beyond 64 bits are what orjson refuses after masking.
    try:
        return orjson.dumps(event, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        return orjson.dumps({key: ascii(value) for key, value in event.items()}).decode()


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """The logger of a module; an event is a short fixed sentence, its facts are keywords."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger


def log_context(**facts: object) -> AbstractContextManager[None]:
    """Puts `facts` (`request_id`, `operation`) on every line written inside, by whomever, in this task and its own."""
    return structlog.contextvars.bound_contextvars(**facts)
