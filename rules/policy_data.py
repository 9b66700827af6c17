"""The data behind the policy: policy.toml read and checked, and what a value set over it may be."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

from rules.errors import ErrorCode
from rules.sites import Site

Bound = int | Decimal
DATA = Path(__file__).with_name("policy.toml")


class Kind(StrEnum):
    """What a parameter's value is. A number is never a float; a duration is a whole number of the parameter's unit."""

    INT = "int"
    DECIMAL = "decimal"
    BOOL = "bool"
    TEXT = "text"
    TEXTS = "texts"
    DURATION = "duration"
    OPTIONAL_DURATION = "duration?"


@dataclass(frozen=True, slots=True)
class Dated:
    """`value` holds from the beginning of `day` in the site's zone until the next dated value."""

    day: date
    value: object


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number or switch: what it is, where it comes from, what it may be and what it has been.

    `titles` maps `en` and `zh-CN` to one line; `rule` is the rule book's chapter; `pages` has each site's public manual
    page where there is one. `bounds` are inclusive and count `unit`; `allowed` and `pattern` limit texts.
    """

    key: str
    kind: Kind
    unit: str
    titles: Mapping[str, str]
    rule: str
    pages: Mapping[Site, str]
    bounds: tuple[Bound, Bound] | None
    allowed: tuple[str, ...]
    pattern: str | None
    history: Mapping[Site, tuple[Dated, ...]]


class InvalidPolicy(ValueError):
    """The shipped data or a stored override breaks the parameter's type or bounds; the message says which."""


class BadValue(ValueError):
    """A value of the wrong kind or out of bounds; `code` says which."""

    def __init__(self, code: ErrorCode) -> None:
        super().__init__(code)
        self.code = code


def decode(parameter: Parameter, raw: object) -> object:
    """JSON or TOML value → the value handed out; `BadValue` when type or bounds are broken."""
    return _DECODERS[parameter.kind](parameter, raw)


def decode_or_fail(parameter: Parameter, raw: object) -> object:
    """As `decode`, for what nobody has just typed: `InvalidPolicy`."""
    try:
        return decode(parameter, raw)
    except BadValue as problem:
        raise InvalidPolicy(f"{parameter.key}: {problem.code} for {raw!r}") from None


def _decode_int(parameter: Parameter, raw: object) -> int:
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise BadValue(ErrorCode.INVALID_FORMAT)
    _require_bounds(parameter, raw)
    return raw


def _decode_decimal(parameter: Parameter, raw: object) -> Decimal:
    if not isinstance(raw, str):
        raise BadValue(ErrorCode.INVALID_FORMAT)
    try:
        value = Decimal(raw)
    except InvalidOperation:
        raise BadValue(ErrorCode.INVALID_FORMAT) from None
    if not value.is_finite():
        raise BadValue(ErrorCode.INVALID_FORMAT)
    _require_bounds(parameter, value)
    return value


def _decode_bool(_: Parameter, raw: object) -> bool:
    if not isinstance(raw, bool):
        raise BadValue(ErrorCode.INVALID_FORMAT)
    return raw


def _decode_text(parameter: Parameter, raw: object) -> str:
    if not isinstance(raw, str) or (parameter.pattern and not re.fullmatch(parameter.pattern, raw)):
        raise BadValue(ErrorCode.INVALID_FORMAT)
    if parameter.allowed and raw not in parameter.allowed:
        raise BadValue(ErrorCode.OUT_OF_RANGE)
    return raw


def _decode_texts(parameter: Parameter, raw: object) -> tuple[str, ...]:
    if not isinstance(raw, list):
        raise BadValue(ErrorCode.INVALID_FORMAT)
    return tuple(_decode_text(parameter, item) for item in raw)


def _decode_duration(parameter: Parameter, raw: object) -> timedelta:
    return timedelta(**{parameter.unit: _decode_int(parameter, raw)})


def _decode_optional_duration(parameter: Parameter, raw: object) -> timedelta | None:
    return None if raw in (None, "none") else _decode_duration(parameter, raw)


_DECODERS: Mapping[Kind, Callable[[Parameter, object], object]] = {
    Kind.INT: _decode_int,
    Kind.DECIMAL: _decode_decimal,
    Kind.BOOL: _decode_bool,
    Kind.TEXT: _decode_text,
    Kind.TEXTS: _decode_texts,
    Kind.DURATION: _decode_duration,
    Kind.OPTIONAL_DURATION: _decode_optional_duration,
}


def _require_bounds(parameter: Parameter, value: Bound) -> None:
    if parameter.bounds is None:
        return
    low, high = parameter.bounds
    if not low <= value <= high:
        raise BadValue(ErrorCode.OUT_OF_RANGE)


def load(path: Path) -> Mapping[str, Parameter]:
    """Reads and checks the data file; `InvalidPolicy` names the first parameter that is wrong."""
    sections: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    pages = sections.pop("pages")
    parameters = (
        _parameter(f"{section}.{name}", facts, pages)
        for section, entries in sections.items()
        for name, facts in entries.items()
    )
    return MappingProxyType({parameter.key: parameter for parameter in parameters})


def _parameter(key: str, facts: dict[str, Any], pages: Mapping[str, str]) -> Parameter:
    page = facts.get("page", {})
    cited = {site: page for site in Site} if isinstance(page, str) else {Site(name): tag for name, tag in page.items()}
    low_high = [Decimal(bound) if isinstance(bound, str) else bound for bound in facts.get("bounds", ())]
    parameter = Parameter(
        key=key,
        kind=Kind(facts["type"]),
        unit=facts.get("unit", ""),
        titles={"en": facts["title"]["en"], "zh-CN": facts["title"]["zh"]},
        rule=facts["rule"],
        pages={site: pages[tag] for site, tag in cited.items()},
        bounds=(low_high[0], low_high[1]) if low_high else None,
        allowed=tuple(facts.get("allowed", ())),
        pattern=facts.get("pattern"),
        history={},
    )
    if ("value" in facts) == any(site in facts for site in Site):
        raise InvalidPolicy(f"{key}: either one value for both sites or one for each")
    history = {site: _history(parameter, facts.get("value", facts.get(site))) for site in Site}
    return replace(parameter, history=history)


def _history(parameter: Parameter, raw: object) -> tuple[Dated, ...]:
    dated = isinstance(raw, list) and bool(raw) and isinstance(raw[0], dict)
    entries: list[dict[str, Any]] = cast(list[dict[str, Any]], raw) if dated else [{"value": raw}]
    history = tuple(Dated(entry.get("from", date.min), decode_or_fail(parameter, entry["value"])) for entry in entries)
    days = [entry.day for entry in history]
    if days[0] != date.min or days != sorted(set(days)):
        raise InvalidPolicy(f"{parameter.key}: the first value has no day, the others are in order of theirs")
    return history


PARAMETERS: Mapping[str, Parameter] = load(DATA)
"""Every parameter by name, in the order of the data file: what the documentation and the `rules` query publish."""
