"""Texts for people in the locale they read: negotiation of the locale, and the catalogues in locales/*.toml.

Catalogues are read and compared at import: a text that one locale lacks, or that names other parameters there, stops
the start. What a caller gets wrong later is logged and fails no request; `use_strict_texts` makes tests fail on it.
"""

import logging
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import Any

CATALOGUES = Path(__file__).parent.parent / "locales"

_HEADER_LIMIT = 500
_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)
_NAME = re.compile(r"[a-z][a-z_]*")
_WORDS = re.compile(r"[A-Za-z_]+(\.[A-Za-z_]+)*")
_NAMED_PLACE = re.compile(r"\{([a-z_]+):[^{}]*\}")
_log = logging.getLogger(__name__)


class Locale(StrEnum):
    """A language people can choose; also the name of its catalogue's file."""

    EN = "en"
    ZH_CN = "zh-CN"


_BY_TAG = {locale.value: locale for locale in Locale}


class TextError(ValueError):
    """A catalogue, or a use of it, is wrong; the message names the text."""


Catalogue = Mapping[str, str]
"""Texts of one locale by dotted key (`errors.NOT_FOUND`), with `{parameter}` places.

`{plan:enums.PlanCode}` is the place of a code, or of a list of codes, which stand there by their own texts of the
table `enums.PlanCode`, without the full stop.
"""


def names_language(accept_language: str | None) -> bool:
    """Whether an Accept-Language header names one of ours."""
    return negotiate(accept_language, default=Locale.EN) is negotiate(accept_language, default=Locale.ZH_CN)


def negotiate(accept_language: str | None, preference: str | None = None, default: Locale = Locale.EN) -> Locale:
    """The account's `preference` if it is one of ours, else the best of an Accept-Language header, else `default`.

    Any `zh…` is answered in zh-CN and any `en…` in en; `*` stands for the default. Parts that are malformed are passed
    over, and only the header's first 500 characters count.
    """
    if preference is not None and preference in _BY_TAG:
        return _BY_TAG[preference]
    best, best_quality = default, 0.0
    for tag, quality in _ranges(accept_language or ""):
        locale = default if tag == "*" else _nearest(tag)
        if locale is not None and quality > best_quality:
            best, best_quality = locale, quality
    return best


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header[:_HEADER_LIMIT].split(","):
        match = _RANGE.fullmatch(part)
        if match:
            yield match[1].lower(), float(match[2] or 1)


def _nearest(tag: str) -> Locale | None:
    language = tag.partition("-")[0]
    return next((locale for locale in Locale if locale.partition("-")[0] == language), None)


def load_catalogues(folder: Path) -> Mapping[Locale, Catalogue]:
    """Reads `<folder>/<locale>.toml` of every locale; `TextError` names all differences between them."""
    catalogues = {locale: dict(_flatten(_read(folder / f"{locale}.toml"))) for locale in Locale}
    problems = [
        problem
        for locale in Locale
        for key in sorted(set().union(*catalogues.values()))
        for problem in _problems(key, catalogues[locale].get(key), catalogues[Locale.EN].get(key), locale)
    ]
    problems += sorted(_unknown_tables(catalogues[Locale.EN]))
    if problems:
        raise TextError("; ".join(problems))
    return MappingProxyType({locale: MappingProxyType(texts) for locale, texts in catalogues.items()})


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from _flatten(value, f"{key}.")
        elif isinstance(value, str) and value.strip():
            yield key, value
        else:
            raise TextError(f"{key} is not a text")


def _problems(key: str, text: str | None, reference: str | None, locale: Locale) -> Iterator[str]:
    if text is None:
        yield f"{key} has no text in {locale}"
    elif reference is not None and places_of(text) != places_of(reference):
        yield f"{key} has other parameters in {locale}"


def _unknown_tables(texts: Catalogue) -> set[str]:
    tables = {key.rpartition(".")[0] for key in texts}
    named = {words for text in texts.values() for _, words in places_of(text) if words}
    return {f"there are no texts {words}" for words in named - tables}


def parameters_of(text: str) -> frozenset[str]:
    """Names of the `{parameter}` places; `TextError` for anything that is no such place."""
    return frozenset(name for name, _ in places_of(text))


def places_of(text: str) -> frozenset[tuple[str, str]]:
    """Each place's name, with the table whose texts stand for codes there, or with an empty one. `TextError` for
    anything but lower-case names in braces.
    """
    places = set()
    try:
        for _, name, words, conversion in Formatter().parse(text):
            if name is None:
                continue
            if conversion or not _NAME.fullmatch(name) or (words and not _WORDS.fullmatch(words)):
                raise TextError(f"only {{name}} and {{name:table}} places are possible: {text!r}")
            places.add((name, words or ""))
    except ValueError as error:
        raise TextError(f"{error}: {text!r}") from None
    return frozenset(places)


_catalogues = load_catalogues(CATALOGUES)
_strict = False


def use_strict_texts(strict: bool) -> None:
    """Whether a missing text or parameter raises `TextError` (in tests) instead of being logged."""
    global _strict
    _strict = strict


def check_texts(section: str, needed: Mapping[str, frozenset[str]]) -> list[str]:
    """What stands in the way of translating `section.<name>` with the given parameters, for every name; at start-up."""
    texts = _catalogues[Locale.EN]
    problems = [f"{section}.{name} has no text" for name in needed if f"{section}.{name}" not in texts]
    for name, parameters in needed.items():
        lacking = parameters_of(texts.get(f"{section}.{name}", "")) - parameters
        problems += [f"{section}.{name} needs the parameter {parameter}" for parameter in sorted(lacking)]
    return problems


def translate(key: str, locale: str, parameters: Mapping[str, object] | None = None) -> str:
    """The text of `key` with its places filled, in English when the locale is none of ours.

    Parameters that the text does not name are ignored. Lists are joined, dates are written as ISO days and instants as
    UTC to the minute. A missing text comes out as the key's last part, a missing parameter as an ellipsis; each is
    logged as an error.
    """
    chosen = _BY_TAG.get(locale, Locale.EN)
    text = _catalogues[chosen].get(key)
    if text is None:
        _report(f"no text for {key}")
        return key.rpartition(".")[2]
    if "{" not in text and "}" not in text:
        return text
    given = parameters or {}
    values = {name: _Place(given.get(name), chosen) for name in parameters_of(text)}
    for name in values:
        if given.get(name) is None:
            _report(f"no parameter {name} for {key}")
    return text.format(**values)


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands in a place; the table's name comes to it as the format."""

    value: object
    locale: Locale

    def __format__(self, words: str) -> str:
        return _shown(self.value, self.locale, words)


def translate_further(key: str, locale: str, parameters: Mapping[str, object]) -> str:
    """As `translate`, but nothing where there is no such text or one of its parameters is not given."""
    text = _catalogues[_BY_TAG.get(locale, Locale.EN)].get(key)
    return "" if text is None or parameters_of(text) - parameters.keys() else translate(key, locale, parameters)


def pattern(key: str, locale: str = Locale.EN) -> str | None:
    """The text of `key` with its places unfilled, for reference pages and descriptions; None for none."""
    text = _catalogues[_BY_TAG.get(locale, Locale.EN)].get(key)
    return None if text is None else _NAMED_PLACE.sub(r"{\1}", text)


def _report(problem: str) -> None:
    if _strict:
        raise TextError(problem)
    _log.error(problem)


def _shown(value: object, locale: Locale, words: str = "") -> str:
    if value is None:
        return "…"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return ("、" if locale is Locale.ZH_CN else ", ").join(_shown(item, locale, words) for item in value)
    return _worded(f"{words}.{value}", locale) if words else str(value)


def _worded(key: str, locale: Locale) -> str:
    text = _catalogues[locale].get(key)
    if text is None:
        _report(f"no text for {key}")
        return key.rpartition(".")[2]
    return text.rstrip(".。")
