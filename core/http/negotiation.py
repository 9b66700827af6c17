"""Which media type a body has and which one the answer gets."""

from collections.abc import Iterator
from functools import lru_cache

from core.http.problems import Problem, bad_request

JSON_TYPE = "application/json"
GRAPHQL_TYPE = "application/graphql-response+json"
_MAXIMUM_LENGTH = 1_000


def check_content_type(value: str | None) -> None:
    """Passes `application/json`, alone or with `charset=utf-8`; 415 for everything else."""
    essence, *parameters = (value or "").split(";")
    allowed = {"charset=utf-8", 'charset="utf-8"'}
    if essence.strip().lower() != JSON_TYPE or any(part.strip().lower() not in allowed for part in parameters):
        raise bad_request("Content-Type must be application/json, in UTF-8.", status=415)


@lru_cache(maxsize=256)
def answer_type(accept: str | None) -> str:
    """The answer's media type by `Accept`: the better liked of the two we have, `application/json` without a word.

    406 when neither is acceptable.
    """
    if accept is None or not accept.strip():
        return JSON_TYPE
    ranges = list(_ranges(accept[:_MAXIMUM_LENGTH]))
    ranked = [(_quality(name, ranges), _named(name, ranges), name) for name in (JSON_TYPE, GRAPHQL_TYPE)]
    quality, _, name = max(ranked, key=lambda entry: entry[:2])
    if quality <= 0:
        message = f"The answer can be {GRAPHQL_TYPE} or {JSON_TYPE}."
        raise Problem(406, "BAD_QUERY", message)
    return name


def accepts_html(accept: str | None) -> bool:
    """Whether a browser asks for a page: `text/html` is named."""
    return any(name == "text/html" and quality > 0 for name, quality in _ranges((accept or "")[:_MAXIMUM_LENGTH]))


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key == "q":
                quality = _parsed_quality(value)
            elif key == "charset" and value.strip('"') != "utf-8":
                quality = 0.0
        if name:
            yield name, quality


def _parsed_quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _quality(name: str, ranges: list[tuple[str, float]]) -> float:
    for pattern in (name, "application/*", "*/*"):
        found = [quality for given, quality in ranges if given == pattern]
        if found:
            return max(found)
    return 0.0


def _named(name: str, ranges: list[tuple[str, float]]) -> int:
    """How early a type is named, for ties; unnamed types come last, and among them the first asked stays first."""
    names = [given for given, _ in ranges]
    return -names.index(name) if name in names else -len(names)
