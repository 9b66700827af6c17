"""Capability labels: the catalogue, applications, validity; every boundary on both sides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from rules.accounts import AccountKind, AccountStatus
from rules.calendar import NO_ENTRIES
from rules.capabilities import (
    ASSESSMENT,
    CAPABILITY,
    LABELS,
    OPEN,
    AssessmentState,
    Assessor,
    CapabilityForm,
    CapabilityState,
    HeldLabel,
    check_assessor,
    check_begin,
    check_capability,
    check_form,
    check_give,
    check_outstanding,
    compute_assessment_due,
    compute_assessment_state,
    compute_badge_no,
    compute_label_until,
    compute_labels,
    is_near_end,
    is_superseded,
)
from rules.documents import Document
from rules.errors import ErrorCode, Violation
from rules.policy import PolicyBook
from rules.sites import Site

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
POLICY = PolicyBook().at(Site.CN, NOW)
DAY, TICK = timedelta(days=1), timedelta(microseconds=1)
FILE = Document("acceptance.pdf", "application/pdf", 1, "c" * 64)
FORM = CapabilityForm("MIGRATION", ("HOSTS", "STORAGE"), "All met.", (FILE,))
E, S = ErrorCode, CapabilityState


def said(violations: list[Violation]) -> list[tuple[ErrorCode, str]]:
    return [(one.code, ".".join(one.path[1:])) for one in violations]


def held(*parts: str, days: int = 200, label: str = "MIGRATION") -> HeldLabel:
    return HeldLabel(label, frozenset(parts), NOW + days * DAY)


def test_the_catalogue_has_a_core_list_and_parts_in_both_languages() -> None:
    assert 0 < sum(label.core for label in LABELS.values()) < len(LABELS)
    for label in LABELS.values():
        assert len(label.parts) > 1
        for titles in (label.titles, *(part.titles for part in label.parts.values())):
            assert all(titles[locale] for locale in ("en", "zh-CN"))


def test_what_is_open_is_what_a_partner_or_the_vendor_still_works_on() -> None:
    assert {S.DRAFT, S.SUBMITTED, S.IN_REVIEW, S.REJECTED} == OPEN
    assert CAPABILITY.target(S.SUBMITTED, "approve") is None


@pytest.mark.parametrize(
    ("level1", "opened", "reasons"),
    [
        ("MIGRATION", (), []),
        ("MIGRATION", ("SECURITY",), []),
        ("MIGRATION", ("SECURITY", "MIGRATION"), [(E.CAPABILITY_ALREADY_OPEN, "level1")]),
        ("BAKING", (), [(E.CAPABILITY_UNKNOWN, "level1")]),
    ],
)
def test_beginning(level1: str, opened: tuple[str, ...], reasons: list[tuple[ErrorCode, str]]) -> None:
    assert said(check_begin(level1, opened=opened)) == reasons


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, []),
        ({"level2": (), "evidence": (), "self_check": ""}, []),
        ({"level2": ("HOSTS", "CONTAINERS")}, [(E.CAPABILITY_UNKNOWN, "level2.1")]),
        ({"level2": ("HOSTS", "HOSTS")}, [(E.REPEATED, "level2.1")]),
        ({"evidence": (FILE,) * 20}, []),
        ({"evidence": (FILE,) * 21}, [(E.TOO_MANY, "evidenceIds")]),
    ],
)
def test_what_an_application_may_say(changes: dict[str, Any], reasons: list[tuple[ErrorCode, str]]) -> None:
    assert said(check_form(replace(FORM, **changes), policy=POLICY)) == reasons


@pytest.mark.parametrize(
    ("state", "form", "has", "reasons"),
    [
        (S.DRAFT, FORM, (), []),
        (S.REJECTED, FORM, (), []),
        (S.SUBMITTED, FORM, (), [E.STATE_CONFLICT]),
        (S.PASSED, FORM, (), [E.STATE_CONFLICT]),
        (S.DRAFT, CapabilityForm("MIGRATION"), (), [E.REQUIRED] * 3),
        (S.DRAFT, replace(FORM, self_check="  "), (), [E.REQUIRED]),
        (S.DRAFT, replace(FORM, level1="BAKING"), (), [E.CAPABILITY_UNKNOWN]),
        (S.DRAFT, replace(FORM, level2=("HOSTS", "CAKES")), (), [E.CAPABILITY_UNKNOWN]),
        (S.DRAFT, FORM, (held("HOSTS"),), []),
        (S.DRAFT, FORM, (held("HOSTS", "STORAGE", label="SECURITY"),), []),
        (S.DRAFT, FORM, (held("HOSTS"), held("STORAGE", "BIG_DATA")), [E.CAPABILITY_ALREADY_HELD]),
        (S.DRAFT, FORM, (held("HOSTS", "STORAGE", days=61),), [E.CAPABILITY_ALREADY_HELD]),
        (S.DRAFT, FORM, (held("HOSTS", "STORAGE", days=60),), []),
        (S.DRAFT, FORM, (held("HOSTS", days=60), held("HOSTS", "STORAGE")), [E.CAPABILITY_ALREADY_HELD]),
        (S.DRAFT, FORM, (held("HOSTS", days=60), held("STORAGE")), []),
    ],
)
def test_submitting(
    state: CapabilityState, form: CapabilityForm, has: tuple[HeldLabel, ...], reasons: list[ErrorCode]
) -> None:
    assert [one.code for one in check_capability(state, form, has, now=NOW, policy=POLICY)] == reasons


def test_what_is_held_says_from_when_on_it_is_applied_for_again() -> None:
    has = (held("HOSTS", days=100), held("HOSTS", "STORAGE", days=90))
    [reason] = check_capability(S.DRAFT, FORM, has, now=NOW, policy=POLICY)
    assert reason.available_at == NOW + 30 * DAY
    assert check_capability(S.DRAFT, FORM, has, now=NOW + 30 * DAY, policy=POLICY) == []
    assert check_capability(S.DRAFT, FORM, has, now=NOW + 30 * DAY - TICK, policy=POLICY) != []


def test_a_label_is_valid_for_a_year_and_near_its_end_sixty_days_before() -> None:
    end = compute_label_until(NOW, policy=POLICY)
    assert end == datetime(2027, 3, 2, 4, tzinfo=UTC)
    assert not is_near_end(end, end - 60 * DAY - TICK, POLICY)
    assert is_near_end(end, end - 60 * DAY, POLICY)


@pytest.mark.parametrize(
    ("others", "superseded"),
    [
        ((), False),
        ((held("HOSTS", "STORAGE"),), False),
        ((held("HOSTS", "STORAGE", "BIG_DATA", days=201),), True),
        ((held("HOSTS", days=201), held("STORAGE", days=300)), True),
        ((held("HOSTS", days=201),), False),
        ((held("HOSTS", "STORAGE", days=201, label="SECURITY"),), False),
    ],
)
def test_later_labels_that_say_as_much_take_its_place(others: tuple[HeldLabel, ...], superseded: bool) -> None:
    assert is_superseded(held("HOSTS", "STORAGE"), others) is superseded


def test_labels_are_counted_once_each_and_the_core_ones_apart() -> None:
    assert compute_labels([]) == (0, 0)
    assert compute_labels([held("HOSTS"), held("STORAGE"), held("HARDENING", label="SECURITY")]) == (2, 1)
    assert compute_labels([held("X", label="GONE")]) == (1, 0)


def test_a_badge_is_numbered_by_its_application() -> None:
    number = UUID("01890000-0000-7000-8000-0123456789ab")
    assert compute_badge_no(Site.INTL, number) == "CL-INTL-0123456789AB"


PERSON = Assessor(AccountKind.PERSONAL, AccountStatus.ACTIVE)


@pytest.mark.parametrize(
    ("assessor", "expected"),
    [
        (PERSON, []),
        (replace(PERSON, is_tied=True), [E.ASSESSOR_NOT_INDEPENDENT]),
        (replace(PERSON, is_partner=True), [E.INVITEE_IS_PARTNER]),
        (replace(PERSON, status=AccountStatus.FROZEN), [E.ACCOUNT_FROZEN]),
        (replace(PERSON, status=AccountStatus.DISABLED), [E.INVITEE_NOT_FOUND]),
        (replace(PERSON, status=AccountStatus.CLOSED_RETAINED), [E.INVITEE_NOT_FOUND]),
        (replace(PERSON, status=AccountStatus.DELETED), [E.INVITEE_NOT_FOUND]),
        *((replace(PERSON, kind=kind), [E.INVITEE_NOT_PERSONAL]) for kind in AccountKind if kind != PERSON.kind),
        (
            Assessor(AccountKind.ENTERPRISE, AccountStatus.FROZEN, is_partner=True, is_tied=True),
            [E.ACCOUNT_FROZEN, E.INVITEE_NOT_PERSONAL, E.INVITEE_IS_PARTNER, E.ASSESSOR_NOT_INDEPENDENT],
        ),
    ],
)
def test_an_assessor_is_a_person_of_its_own(assessor: Assessor, expected: list[ErrorCode]) -> None:
    assert said(check_assessor(assessor)) == [(code, "identifier") for code in expected]
    assert said(check_assessor(assessor, path=())) == [(code, "") for code in expected]


@pytest.mark.parametrize("state", AssessmentState)
def test_only_one_that_is_waited_for_is_given_and_stands_in_the_way(state: AssessmentState) -> None:
    waits = state is AssessmentState.REQUESTED
    assert said(check_outstanding(state)) == ([(E.ASSESSMENT_OUTSTANDING, "")] if waits else [])
    assert said(check_give(state, "All met.")) == ([] if waits else [(E.STATE_CONFLICT, "")])
    assert said(check_give(state, " \n"))[-1] == (E.REQUIRED, "statement")
    assert (ASSESSMENT.open_states() == [state]) is waits


def test_nothing_stands_in_the_way_where_nobody_was_asked() -> None:
    assert check_outstanding(None) == []


def test_somebody_is_asked_while_the_vendor_has_the_application() -> None:
    asked = {state for state in CapabilityState if CAPABILITY.target(state, "request_assessment") is not None}
    assert asked == {S.SUBMITTED, S.IN_REVIEW}


def test_an_assessment_is_due_after_working_days_and_over_then() -> None:
    due = compute_assessment_due(NOW, policy=POLICY, entries=NO_ENTRIES)
    assert due == datetime(2026, 3, 16, 16, tzinfo=UTC)  # a Monday and the ten working days after it, in Beijing
    closed = {datetime(2026, 3, 4, tzinfo=UTC).date(): False}
    assert compute_assessment_due(NOW, policy=POLICY, entries=closed) == due + DAY
    A = AssessmentState
    assert compute_assessment_state(A.REQUESTED, due, now=due - TICK) is A.REQUESTED
    assert compute_assessment_state(A.REQUESTED, due, now=due) is A.EXPIRED
    for ended in (A.GIVEN, A.REVOKED, A.EXPIRED):
        assert compute_assessment_state(ended, due, now=due + DAY) is ended
