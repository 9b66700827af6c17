"""Offerings: which ones there are when, whose they are, and which of them an opportunity may name."""

from dataclasses import dataclass
from datetime import date

from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.opportunities.kinds import OfferingLead
from rules.registry import rule

OFFERING_NAME_LENGTH = 128
"""Longest name of an offering, in characters."""

_PAGE = "https://huaweicloud.com/s/JWV1bGVyb3MgbGludXgl/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"


@dataclass(frozen=True, slots=True)
class Validity:
    """From which day on a version of an offering holds, and the first day on which it no longer does, if any."""

    begins_on: date
    ends_on: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it holds on `day`."""
        return self.begins_on <= day and (self.ends_on is None or day < self.ends_on)


@rule("opportunities.offering_owner", "B 6.6", codes=(ErrorCode.PO_OFFERING_NOT_OWNED,), page=_PAGE)
def check_named_offering(*, usable: bool, holds: bool, path: tuple[str, ...]) -> list[Violation]:
    """PO_OFFERING_NOT_OWNED unless the offering is the partner's own or the vendor's, and holds today."""
    if usable and holds:
        return []
    return [Violation(ErrorCode.PO_OFFERING_NOT_OWNED, path, "opportunities.offering_owner")]


@rule("opportunities.offering", "D 2", codes=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE))
def check_offering(
    name: str, begins_on: date, *, lead: OfferingLead, has_owner: bool, today: date, last: Validity | None = None
) -> list[Violation]:
    """All reasons against a version of an offering that begins on a day.

    REQUIRED: a partner's offering without its partner; OUT_OF_RANGE: a version that would change what has held already
    (`last` is the version before it), or a vendor's offering with an owner.
    """
    name_rule = "opportunities.offering"
    violations = check_text(name, "input", "name", rule=name_rule, longest=OFFERING_NAME_LENGTH)
    if lead is OfferingLead.PARTNER and not has_owner:
        violations.append(Violation(ErrorCode.REQUIRED, ("input", "forPartnerId"), name_rule))
    if lead is OfferingLead.VENDOR and has_owner:
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "forPartnerId"), name_rule))
    earliest = today if last is None else max(today, last.begins_on)
    if last is not None and begins_on < earliest:
        violations.append(_too_early("beginsOn", earliest))
    return violations


@rule("opportunities.offering_end", "D 2", codes=(ErrorCode.OUT_OF_RANGE, ErrorCode.STATE_CONFLICT))
def check_removal(last: Validity, ends_on: date, *, today: date) -> list[Violation]:
    """A removal leaves the past as it was: OUT_OF_RANGE for a day before today; STATE_CONFLICT when it has ended."""
    if last.ends_on is not None and last.ends_on <= today:
        parameters = {"event": "remove", "state": "ENDED", "allowed": "VALID"}
        return [Violation(ErrorCode.STATE_CONFLICT, rule="opportunities.offering_end", parameters=parameters)]
    earliest = max(today, last.begins_on)
    return [] if ends_on >= earliest else [_too_early("endsOn", earliest, rule_id="opportunities.offering_end")]


def _too_early(field: str, earliest: date, rule_id: str = "opportunities.offering") -> Violation:
    parameters = {"min": earliest.isoformat(), "max": None}
    return Violation(ErrorCode.OUT_OF_RANGE, ("input", field), rule_id, parameters)
