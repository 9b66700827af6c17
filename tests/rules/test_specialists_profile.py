"""What persons may tell of themselves, and documents as they are declared: both sides of each boundary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rules.documents import Document
from rules.errors import ErrorCode
from rules.policy import PolicyBook
from rules.sites import Site
from rules.specialists import (
    CERTIFICATES,
    Certificate,
    Employment,
    Position,
    Project,
    Training,
    check_certificate,
    check_employment,
    check_project,
    check_room,
    check_training,
)
from tests.rules.outcomes import codes

E = ErrorCode
POLICY = PolicyBook().at(Site.CN, datetime(2026, 3, 2, 4, 0, tzinfo=UTC))
TODAY = date(2026, 3, 2)
TOMORROW = TODAY + timedelta(days=1)
FILE = Document("contract.pdf", "application/pdf", 1024, "a" * 64)


WORK = Employment(Position.SOLUTION_ARCHITECT, "Somebody", TODAY, "Hangzhou", FILE)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"cloud_since": TOMORROW}, [E.OUT_OF_RANGE]),
        ({"employer": " ", "base_location": ""}, [E.REQUIRED, E.REQUIRED]),
    ],
)
def test_present_work(changes: dict[str, Any], expected: list[ErrorCode]) -> None:
    found = check_employment(replace(WORK, **changes), today=TODAY)
    assert codes(found) == expected


PAPER = Certificate("HCIE", "1", TODAY)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"expires_on": TOMORROW}, []),
        ({"expires_on": TODAY}, [E.OUT_OF_RANGE]),
        ({"issued_on": TOMORROW}, [E.OUT_OF_RANGE]),
        ({"kind": "hcie"}, [E.CERTIFICATE_UNKNOWN]),
        ({"number": ""}, [E.REQUIRED]),
    ],
)
def test_a_certificate(changes: dict[str, Any], expected: list[ErrorCode]) -> None:
    found = check_certificate(replace(PAPER, **changes), today=TODAY)
    assert codes(found) == expected


@pytest.mark.parametrize("kind", CERTIFICATES)
def test_every_kind_of_the_catalogue_is_taken(kind: str) -> None:
    assert check_certificate(replace(PAPER, kind=kind), today=TODAY) == []


@pytest.mark.parametrize(
    ("hours", "day", "expected"),
    [
        (1, TODAY, []),
        (10_000, TODAY, []),
        (0, TODAY, [E.OUT_OF_RANGE]),
        (10_001, TODAY, [E.OUT_OF_RANGE]),
        (8, TOMORROW, [E.OUT_OF_RANGE]),
    ],
)
def test_a_training(hours: int, day: date, expected: list[ErrorCode]) -> None:
    assert codes(check_training(Training("Migration", "Academy", day, hours), today=TODAY)) == expected


@pytest.mark.parametrize(
    ("began", "ended", "expected"),
    [
        (TODAY, None, []),
        (TODAY, TODAY, []),
        (TODAY, TODAY - timedelta(days=1), [E.OUT_OF_RANGE]),
        (TODAY, TOMORROW, [E.OUT_OF_RANGE]),
        (TOMORROW, None, [E.OUT_OF_RANGE]),
    ],
)
def test_a_project(began: date, ended: date | None, expected: list[ErrorCode]) -> None:
    assert codes(check_project(Project("Move", "Architect", "All of it.", began, ended), today=TODAY)) == expected


@pytest.mark.parametrize(("kept", "expected"), [(0, []), (99, []), (100, [E.TOO_MANY])])
def test_room_for_a_hundred(kept: int, expected: list[ErrorCode]) -> None:
    assert codes(check_room(kept, policy=POLICY)) == expected
