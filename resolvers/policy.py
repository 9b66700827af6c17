"""The policy in force from the stored overrides: a bad one is passed over and reported, it stops no request."""

from collections.abc import Iterable

from core.log import get_logger
from rules.policy import Override, PolicyBook, check_override

_REPORTED_AT_MOST = 1_000
_log = get_logger("cosell.policy")
_reported: set[tuple[str, str, str]] = set()


def open_book(overrides: Iterable[Override]) -> PolicyBook:
    """The book of those overrides that their parameters may take; the shipped number stands in for the others."""
    return PolicyBook([row for row in overrides if _is_sound(row)])


def _is_sound(row: Override) -> bool:
    problems = check_override(row.key, row.value)
    if not problems:
        return True
    place = (row.site, row.key, row.effective_on.isoformat())
    if place not in _reported and len(_reported) < _REPORTED_AT_MOST:
        _reported.add(place)
        _log.error("a stored policy value is passed over", site=row.site, key=row.key, reason=problems[0].code.value)
    return False
