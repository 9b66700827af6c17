"""What a partner declares about relations of its people with the vendor's."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from rules.customers.forms import check_text
from rules.errors import ErrorCode as E
from rules.errors import Violation
from rules.policy import PLANS_DECLARATION_VALID, Policy
from rules.registry import rule

_PAGE = "https://huaweicloud.com/s/JXMz5Y2P6K6uYXBpJQ/t_30_p_1/JeWQiOS9nOS8meS8tOS4reW_gyU"
NAME_LENGTH = 100
"""Longest name of a person or department, in characters."""
RELATIONS_MOST = 50
"""Most relations in one declaration."""


class RelationKind(StrEnum):
    """What one of the partner's people is to one of the vendor's."""

    SPOUSE = "SPOUSE"
    PARENT = "PARENT"
    CHILD = "CHILD"
    SIBLING = "SIBLING"
    OTHER_RELATIVE = "OTHER_RELATIVE"
    FORMER_COLLEAGUE = "FORMER_COLLEAGUE"
    SHAREHOLDER = "SHAREHOLDER"


class GivenRelation(Protocol):
    """A relation as a caller declares it."""

    @property
    def kind(self) -> RelationKind:
        """What the one is to the other."""

    @property
    def person_name(self) -> str:
        """Who of the partner's people."""

    @property
    def person_position(self) -> str:
        """What that person is at the partner."""

    @property
    def vendor_person_name(self) -> str:
        """Who of the vendor's people."""

    @property
    def vendor_department(self) -> str:
        """Where that person works at the vendor."""


_TEXTS = {
    "person_name": "personName",
    "person_position": "personPosition",
    "vendor_person_name": "vendorPersonName",
    "vendor_department": "vendorDepartment",
}


@rule("plans.relations", "A 8.3", codes=(E.REQUIRED, E.OUT_OF_RANGE, E.TOO_MANY, E.REPEATED), page=_PAGE)
def check_relations(given: Sequence[GivenRelation]) -> list[Violation]:
    """All reasons against a declaration: TOO_MANY relations, REQUIRED and OUT_OF_RANGE of each text, REPEATED for the
    same relation of the same two people. Without any it says that there are none.
    """
    path = ("input", "relations")
    too_many = Violation(E.TOO_MANY, path, "plans.relations", {"max": RELATIONS_MOST})
    violations = [too_many] if len(given) > RELATIONS_MOST else []
    known: set[tuple[RelationKind, str, str]] = set()
    for place, one in enumerate(given):
        for name, shown in _TEXTS.items():
            at = (*path, str(place), shown)
            violations += check_text(getattr(one, name), *at, rule="plans.relations", longest=NAME_LENGTH)
        same = (one.kind, one.person_name.strip(), one.vendor_person_name.strip())
        if same in known:
            violations.append(Violation(E.REPEATED, (*path, str(place)), "plans.relations"))
        known.add(same)
    return violations


@rule("plans.declaration", "A 8.3", policy=(PLANS_DECLARATION_VALID,), page=_PAGE)
def compute_declaration_end(declared_at: datetime, *, policy: Policy) -> datetime:
    """The first instant at which a declaration has to be made anew before one applies for a plan that asks for it."""
    return declared_at + policy[PLANS_DECLARATION_VALID]
