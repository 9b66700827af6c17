"""Inputs: the bases of every mutation's input, fields that state their bounds, the way from input to use case."""

import dataclasses
import functools
import hashlib
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from strawberry.types.unset import UNSET

from core.execution.errors import Code, RequestError
from core.ids import find_id
from models.base import Row
from resolvers.command import Options
from rules.errors import ErrorCode, Rejected, Violation

TEXT_MOST = 1_000
"""Longest text of an argument or a field that states no bound of its own."""
LIST_MOST = 100
"""Longest list in an input or an argument that states no bound of its own (`items` in the field's metadata)."""
_OPTIONS = {"idempotency_key", "dry_run", "proof"}
_KEY_TEXT = (
    "Your own name for this request, 8 to 255 characters, kept 7 days: repeating the input with it replays the outcome"
    " instead of doing it again."
)
_DRY_TEXT = "Evaluate every rule and report the effects, but change and send nothing."


@strawberry.input
class SecretInput:
    """Of mutations that check a secret: no key and no dry run, since a try must count."""


@strawberry.input
class CommandInput:
    """Of mutations whose repetition does no harm."""

    idempotency_key: str | None = strawberry.field(
        default=None, description=_KEY_TEXT, metadata={"text": (8, 255), "option": True}
    )
    dry_run: bool = strawberry.field(default=False, description=_DRY_TEXT)


@strawberry.input
class KeyedInput:
    """Of mutations that move money, vouchers, messages or relationships."""

    idempotency_key: str = strawberry.field(description=_KEY_TEXT, metadata={"text": (8, 255), "option": True})
    dry_run: bool = strawberry.field(default=False, description=_DRY_TEXT)


@strawberry.input
class SensitiveInput(KeyedInput):
    """Of mutations that may ask for a code."""

    proof: str | None = strawberry.field(
        default=None,
        description="The proof from verifyChallenge, when the first try answered with a StepUpError.",
        metadata={"text": (1, 100), "option": True},
    )


def text(description: str, *, most: int, least: int = 1, **more: Any) -> Any:
    """A text field of `least` to `most` characters."""
    return strawberry.field(
        description=f"{description} {least} to {most} characters.", metadata={"text": (least, most)}, **more
    )


def ref(model: type[Row], description: str, *, argument: str | None = None, **more: Any) -> Any:
    """An id of a row of `model`; handed to the use case as UUID under `argument` (default: the field's own name).

    Of a list of ids every entry is handed on: what is wrong with one of them is for its own result to say.
    """
    return strawberry.field(description=description, metadata={"ref": (model, argument)}, **more)


def options(given: Any) -> Options:
    """Key, dry run and proof of an input, where it has them."""
    return Options(
        key=getattr(given, "idempotency_key", None),
        dry_run=getattr(given, "dry_run", False),
        proof=getattr(given, "proof", None),
    )


def unpack(given: Any) -> dict[str, Any]:
    """The use case's arguments: ids decoded, texts checked; raises `Rejected` with every offence at once."""
    found: dict[str, Any] = {}
    violations: list[Violation] = []
    for field in dataclasses.fields(given):
        value = getattr(given, field.name)
        if value is UNSET:
            continue
        path = ("input", camel(field.name))
        violations += _offences(field.metadata, value, path)
        if field.name in _OPTIONS:
            continue
        name = field.name
        if "ref" in field.metadata:
            model, argument = field.metadata["ref"]
            name = argument or name
            value = _uuids(model, value, path, violations)
        else:
            _decode_inside(value, path, violations)
        found[name] = value
    if violations:
        raise Rejected(violations)
    return found


def _decode_inside(value: Any, path: tuple[str, ...], violations: list[Violation]) -> None:
    """Puts UUIDs in the place of those ids in nested inputs that name their argument; NOT_FOUND for one that is none of
    its kind. The others are for the use case to read: what is wrong with them is said in the result of their entry.
    """
    if isinstance(value, list):
        for number, one in enumerate(value):
            _decode_inside(one, (*path, str(number)), violations)
    if not dataclasses.is_dataclass(value):
        return
    for field in dataclasses.fields(value):
        inner, where = getattr(value, field.name), (*path, camel(field.name))
        model, argument = field.metadata.get("ref", (None, None))
        if argument is not None:
            setattr(value, field.name, _uuids(model, inner, where, violations))
        elif model is None:
            _decode_inside(inner, where, violations)


def _offences(metadata: Any, value: Any, path: tuple[str, ...]) -> list[Violation]:
    """What is wrong with the texts of one field: its own, those of its list, those of its nested input."""
    if dataclasses.is_dataclass(value):
        nested = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return [wrong for field, one in nested for wrong in _offences(field.metadata, one, (*path, camel(field.name)))]
    if isinstance(value, list):
        most = metadata.get("items", LIST_MOST)
        too_many = [Violation(ErrorCode.TOO_MANY, path)] if len(value) > most else []
        items = enumerate(value[:most])
        return too_many + [wrong for n, one in items for wrong in _offences(metadata, one, (*path, str(n)))]
    if not isinstance(value, str) or isinstance(value, Enum) or "ref" in metadata:
        return []
    least, most = metadata.get("text", (0, TEXT_MOST))
    if not _is_storable(value):
        return [Violation(ErrorCode.INVALID_FORMAT, path)]
    if not least <= len(value) <= most:
        return [Violation(ErrorCode.OUT_OF_RANGE, path, parameters={"min": least, "max": most})]
    return []


def input_codes(input_type: type) -> frozenset[ErrorCode]:
    """What `unpack` may refuse an input of this type with."""
    found = set()
    for field in dataclasses.fields(input_type):
        found |= {ErrorCode.NOT_FOUND} if "ref" in field.metadata else set()
        found |= {ErrorCode.OUT_OF_RANGE} if "text" in field.metadata else set()
        found |= {ErrorCode.TOO_MANY} if "list" in str(field.type).lower() else set()
    return frozenset(found)


def _is_storable(text: str) -> bool:
    """Whether PostgreSQL can keep it: no NUL, no half of a surrogate pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def check_arguments(arguments: dict[str, Any]) -> None:
    """Refuses a query whose arguments hold texts that cannot be stored or are over-long, or over-long lists."""
    for name, value in arguments.items():
        for wrong in _offences({}, value, (camel(name),)):
            raise RequestError(Code.BAD_QUERY, "The argument is not accepted.", extra={"argument": list(wrong.path)})


def _uuids(model: type[Row], value: Any, path: tuple[str, ...], violations: list[Violation]) -> Any:
    """What stands for one id, a list of them, or none."""
    if value is None:
        return None
    return _each_decoded(model, value) if isinstance(value, list) else _decoded(model, value, path, violations)


def _decoded(model: type[Row], value: str, path: tuple[str, ...], violations: list[Violation]) -> UUID | None:
    uuid = find_id(model.prefix, value)
    if uuid is None:
        violations.append(Violation(ErrorCode.NOT_FOUND, path))
    return uuid


def _each_decoded(model: type[Row], values: list[str]) -> list[UUID]:
    """The UUIDs of a list of ids; for one that is none of `model`, a UUID that no row has: its own entry is not found.

    Made from the text, so that two different wrong ids stay different inputs.
    """
    found = []
    for value in values:
        uuid = _decoded(model, value, (), [])
        found.append(uuid or UUID(bytes=hashlib.sha256(value.encode()).digest()[:16]))
    return found


@functools.lru_cache(maxsize=1024)
def camel(name: str) -> str:
    """`idempotency_key` → `idempotencyKey`, as the schema shows it."""
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
