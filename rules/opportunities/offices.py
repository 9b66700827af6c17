"""Representative offices: regions, which office an opportunity goes to, and who belongs to an office."""

import re

from rules.access import Role
from rules.accounts import AccountKind
from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.opportunities.kinds import OfficeDuty
from rules.registry import rule
from rules.sites import Site

OFFICE_NAME_LENGTH = 64
"""Longest name of a representative office, in characters."""

REGION_LENGTH = 6
"""Longest region code, in characters."""

_PAGE = "https://huaweicloud.com/s/JeS8muiuruWupOmihOe6pueuoeeQhuezu-e7nyU/t_30_p_16/JeWQiOS9nOS8meS8tOS4reW_gyU"
_PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82"
_FORMS = {
    Site.CN: re.compile(rf"(?:{'|'.join(_PROVINCES.split())})\d{{2}}00", re.ASCII),
    Site.INTL: re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?", re.ASCII),
}


@rule("opportunities.region", "B 6.2", codes=(ErrorCode.INVALID_FORMAT,), page=_PAGE)
def check_region(code: str, site: Site, *path: str) -> list[Violation]:
    """INVALID_FORMAT unless it is a region of the site.

    CN: six digits of GB/T 2260, a province (`330000`) or a city (`330100`). INTL: ISO 3166, a country (`SG`) or one of
    its subdivisions (`MY-10`).
    """
    return [] if _FORMS[site].fullmatch(code) else [Violation(ErrorCode.INVALID_FORMAT, path, "opportunities.region")]


@rule("opportunities.office_form", "B 6.2", codes=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE))
def check_office_name(name: str) -> list[Violation]:
    """An office has a name."""
    return check_text(name, "input", "name", rule="opportunities.office_form", longest=OFFICE_NAME_LENGTH)


@rule("opportunities.office", "B 6.2", page=_PAGE)
def compute_covering_regions(code: str, site: Site) -> tuple[str, ...]:
    """The regions whose office takes an opportunity of this region, the nearest first: the city's, else the province's.

    The customer's location as the partner entered it decides, for every opportunity; whose customer it is does not.
    """
    wider = f"{code[:2]}0000" if site is Site.CN else code[:2]
    return tuple(dict.fromkeys((code, wider)))


@rule("opportunities.office_member", "B 6.2", codes=(ErrorCode.NOT_FOUND,))
def check_office_member(kind: AccountKind, roles: frozenset[str], *, same_site: bool) -> list[Violation]:
    """NOT_FOUND unless the account is of the vendor's partner sales on the office's site."""
    if kind is AccountKind.STAFF and Role.PSM.value in roles and same_site:
        return []
    return [Violation(ErrorCode.NOT_FOUND, ("input", "accountId"), "opportunities.office_member")]


@rule("opportunities.office_psm", "B 6.5", codes=(ErrorCode.NOT_OFFICE_PSM,), page=_PAGE)
def check_office_psm(duty: OfficeDuty | None) -> list[Violation]:
    """NOT_OFFICE_PSM for those who have no duty at the opportunity's office."""
    return [] if duty is not None else [Violation(ErrorCode.NOT_OFFICE_PSM, rule="opportunities.office_psm")]
