"""JSON as RFC 8259 has it, and stricter: what reads two ways, or cannot be stored, is refused with its place."""

import json
from typing import Any, NamedTuple

from core.http.problems import bad_request

_MAXIMUM_DEPTH = 32
_MAXIMUM_ITEMS = 1000
_INTEGER_DIGITS = 20
_INTEGERS = range(-(2**63), 2**63)


class _Refused(NamedTuple):
    """Stands in the place of a value that is refused, until the walk finds out where that is."""

    reason: str


class _Place(NamedTuple):
    """A value's place: the way to it is only written out when there is something to say."""

    parent: "_Place | None"
    key: str | int
    depth: int


def parse_object(body: bytes, *, path: tuple[str, ...] = ()) -> dict[str, Any]:
    """The JSON object in `body`; a 400 `Problem`, with the path where there is one, for anything else.

    Refused are: text that is not UTF-8 or has a byte order mark, NaN and infinities, repeated keys, integers beyond 64
    bits, numbers beyond a double, more than 32 levels, lists of more than 1,000 items, and strings with NUL or half a
    surrogate pair.
    """
    try:
        value = _DECODER.decode(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise bad_request("The body is not UTF-8.", path=list(path)) from None
    except (ValueError, RecursionError):
        raise bad_request("The body is not JSON.", path=list(path)) from None
    if not isinstance(value, dict):
        reason = value.reason if isinstance(value, _Refused) else "A JSON object is expected."
        raise bad_request(reason, path=list(path))
    _check(value, path)
    return value


def _check(root: dict[str, Any], prefix: tuple[str, ...]) -> None:
    stack: list[tuple[Any, _Place | None, int]] = [(root, None, 1)]
    while stack:
        value, place, depth = stack.pop()
        if isinstance(value, dict):
            for key in value:
                _check_text(key, place, prefix)
            below = [(item, _Place(place, key, depth), depth + 1) for key, item in value.items()]
        elif isinstance(value, list):
            _check_length(value, place, prefix)
            below = [(item, _Place(place, index, depth), depth + 1) for index, item in enumerate(value)]
        elif isinstance(value, str):
            _check_text(value, place, prefix)
            continue
        elif isinstance(value, _Refused):
            raise bad_request(value.reason, path=_path(place, prefix))
        else:
            continue
        if depth > _MAXIMUM_DEPTH:
            raise bad_request(f"The value is nested more than {_MAXIMUM_DEPTH} levels deep.", path=_path(place, prefix))
        stack.extend(below)


def _check_length(items: list[Any], place: _Place | None, prefix: tuple[str, ...]) -> None:
    if len(items) > _MAXIMUM_ITEMS:
        raise bad_request(f"A list has at most {_MAXIMUM_ITEMS} items.", path=_path(place, prefix))


def _check_text(text: str, place: _Place | None, prefix: tuple[str, ...]) -> None:
    if "\x00" in text:
        raise bad_request("The text holds a NUL character.", path=_path(place, prefix))
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise bad_request("The text holds half a surrogate pair.", path=_path(place, prefix))


def _path(place: _Place | None, prefix: tuple[str, ...]) -> list[str | int]:
    keys: list[str | int] = []
    while place is not None:
        keys.append(place.key.encode(errors="replace").decode() if isinstance(place.key, str) else place.key)
        place = place.parent
    return [*prefix, *reversed(keys)][:_MAXIMUM_DEPTH]


def _object(pairs: list[tuple[str, Any]]) -> Any:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Refused("The object has the same key twice.")


def _integer(text: str) -> Any:
    if len(text) <= _INTEGER_DIGITS and (number := int(text)) in _INTEGERS:
        return number
    return _Refused("The integer is out of range.")


def _number(text: str) -> Any:
    number = float(text)
    return _Refused("The number is out of range.") if number in (float("inf"), float("-inf")) else number


def _constant(text: str) -> Any:
    return _Refused(f"{text} is not JSON.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_number, parse_constant=_constant
)
