"""Declarations of relations: every text, every number, both sides of the end."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rules.errors import ErrorCode as E
from rules.plans import PLANS, Condition, Plan, RelationKind, check_relations, compute_declaration_end
from rules.plans.relations import NAME_LENGTH, RELATIONS_MOST
from rules.policy import Policy
from rules.sites import Site

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Given:
    """A relation as it comes from the API."""

    kind: RelationKind = RelationKind.SPOUSE
    person_name: str = "王芳"
    person_position: str = "Sales director"
    vendor_person_name: str = "李雷"
    vendor_department: str = "Partner sales"


@pytest.mark.parametrize("name", ["person_name", "person_position", "vendor_person_name", "vendor_department"])
def test_every_text_is_there_and_not_too_long(name: str) -> None:
    for value, expected in (
        ("x" * NAME_LENGTH, []),
        ("x" * (NAME_LENGTH + 1), [E.OUT_OF_RANGE]),
        (" ", [E.REQUIRED]),
    ):
        texts: dict[str, Any] = {name: value}
        found = check_relations([replace(Given(), **texts)])
        assert [violation.code for violation in found] == expected
        assert all(violation.path[:3] == ("input", "relations", "0") for violation in found)


def test_none_at_all_is_a_declaration_too() -> None:
    assert check_relations([]) == []


@pytest.mark.parametrize(("number", "refused"), [(RELATIONS_MOST, False), (RELATIONS_MOST + 1, True)])
def test_as_many_as_there_is_room_for(number: int, refused: bool) -> None:
    found = check_relations([replace(Given(), person_name=f"Person {place}") for place in range(number)])
    assert [(one.code, one.parameters) for one in found] == [(E.TOO_MANY, {"max": RELATIONS_MOST})] * refused


def test_the_same_relation_once() -> None:
    again, other = replace(Given(), vendor_department="Another"), replace(Given(), kind=RelationKind.SHAREHOLDER)
    found = check_relations([Given(), other, again])
    assert [(one.code, one.path) for one in found] == [(E.REPEATED, ("input", "relations", "2"))]


@pytest.mark.parametrize("site", Site)
def test_it_holds_for_a_year(site: Site) -> None:
    policy = Policy.at(site, date(2026, 3, 2))
    assert compute_declaration_end(NOON, policy=policy) == NOON + timedelta(days=365)


@pytest.mark.parametrize("plan", PLANS.values(), ids=lambda plan: plan.code.value)
def test_plans_of_sellers_ask_for_it_on_both_sites(plan: Plan) -> None:
    asked = [Condition.RELATIONS_DECLARED in conditions for conditions in plan.conditions.values()]
    assert asked == [plan.kind is not None] * 2
