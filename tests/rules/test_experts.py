"""The experts' incentive: schemes, persons, lists and their times; every boundary on both sides."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from rules.calendar import count_working_days
from rules.errors import ErrorCode
from rules.experts import (
    EXPERT_INCENTIVE,
    SCHEMES,
    ExpertIncentiveStatus,
    ExpertLevel,
    ExpertQualificationState,
    ExpertSchemeCode,
    Generation,
    ListFacts,
    ListTotal,
    MaterialKind,
    Person,
    Place,
    Taken,
    can_be_listed,
    check_acknowledged,
    check_agreement,
    check_entry,
    check_invoiced,
    check_list_payable,
    check_materials,
    check_person,
    check_qualification,
    check_quarter,
    check_recount,
    check_removal,
    check_request,
    check_step,
    check_words,
    compute_grants_left,
    compute_last_generation,
    compute_list_deadline,
    compute_list_total,
    compute_materials_deadline,
    compute_quarter_end,
    months_of,
    period_of,
    schemes_of,
)
from rules.incentives.kinds import PayoutMethod
from rules.incentives.reminding import Reminder, compute_reminder, compute_reminder_horizon
from rules.paths import PathCode, PathStage
from rules.policy import Policy, PolicyBook
from rules.sites import Site
from rules.specialists import BindingState, Position
from rules.statements import StatementCode, present
from tests.rules.outcomes import codes

NOW = datetime(2026, 3, 16, 4, tzinfo=UTC)
POLICY = PolicyBook().at(Site.CN, NOW)
TICK = timedelta(microseconds=1)
C, E, S = ExpertSchemeCode, ErrorCode, ExpertIncentiveStatus
CERTIFIED, SERVICE, CCOE, PRESALES = (SCHEMES[code] for code in C)
SPECIALIST = Person(BindingState.SPECIALIST, PathCode.SERVICE, frozenset({"HCIE"}))
SELLER = Person(
    BindingState.SPECIALIST, PathCode.SI, frozenset({"HCIP"}), False, Position.SOLUTION_ARCHITECT, date(2025, 9, 15)
)


def test_every_scheme_has_its_sites_and_names() -> None:
    assert set(SCHEMES) == set(C)
    assert [scheme.code for scheme in schemes_of(Site.INTL)] == [C.CERTIFIED_EXPERT, C.SI_PRESALES]
    assert schemes_of(Site.CN) == list(SCHEMES.values())
    for scheme in SCHEMES.values():
        assert all(scheme.titles[locale] for locale in ("en", "zh-CN"))
        assert scheme.page.startswith("https://")


def test_a_list_comes_to_what_its_levels_give() -> None:
    levels = [ExpertLevel.SENIOR, ExpertLevel.PRINCIPAL, ExpertLevel.SENIOR]
    assert compute_list_total(CERTIFIED, levels, Site.CN) == ListTotal(3, 2 * 12_000_00 + 20_000_00)
    assert compute_list_total(CERTIFIED, [], Site.CN) == ListTotal(0, 0)


@pytest.mark.parametrize(
    ("scheme", "stage", "expected"),
    [
        (CERTIFIED, None, [E.STAGE_TOO_LOW]),
        (CERTIFIED, PathStage.SELECTED, [E.STAGE_TOO_LOW]),
        (CERTIFIED, PathStage.CERTIFIED, []),
        (CERTIFIED, PathStage.DIFFERENTIATED, []),
        (CCOE, PathStage.CERTIFIED, [E.STAGE_TOO_LOW]),
        (CCOE, PathStage.DIFFERENTIATED, []),
    ],
)
def test_a_scheme_asks_for_a_stage(scheme: Any, stage: PathStage | None, expected: list[ErrorCode]) -> None:
    assert codes(check_qualification(scheme, stage, None)) == expected


def test_what_is_in_review_or_has_passed_is_not_applied_for() -> None:
    Q = ExpertQualificationState
    found = {state: codes(check_qualification(CERTIFIED, PathStage.CERTIFIED, state)) for state in Q}
    assert found == {Q.IN_REVIEW: [E.STATE_CONFLICT], Q.QUALIFIED: [E.STATE_CONFLICT], Q.REJECTED: []}
    assert codes(check_agreement("0.9")) == [E.AGREEMENT_REQUIRED]
    assert codes(check_agreement(present(StatementCode.EXPERT_INCENTIVE).version)) == []


@pytest.mark.parametrize(
    ("scheme", "person", "expected"),
    [
        (CERTIFIED, SPECIALIST, []),
        (CERTIFIED, replace(SPECIALIST, state=BindingState.CANCEL_REVIEW), [E.SPECIALIST_REQUIRED]),
        (CERTIFIED, replace(SPECIALIST, path=PathCode.SI), [E.SPECIALIST_REQUIRED]),
        (CERTIFIED, replace(SPECIALIST, path=None), [E.SPECIALIST_REQUIRED]),
        (CERTIFIED, replace(SPECIALIST, certificates=frozenset({"HCCDP"})), [E.EXPERT_NOT_CERTIFIED]),
        (CERTIFIED, replace(SPECIALIST, certificates=frozenset({"HCCDP", "PMP"})), []),
        (CERTIFIED, replace(SPECIALIST, certificates=frozenset(), assessed=True), []),
        (CCOE, SPECIALIST, [E.EXPERT_NOT_CERTIFIED]),
        (CCOE, replace(SPECIALIST, assessed=True), []),
        (CCOE, replace(SPECIALIST, assessed=True, path=PathCode.SI), [E.SPECIALIST_REQUIRED]),
        (PRESALES, replace(SELLER, path=PathCode.SERVICE), [E.SPECIALIST_REQUIRED]),
        (PRESALES, SELLER, []),
        (PRESALES, replace(SELLER, cloud_since=date(2025, 9, 16)), [E.EXPERT_CLOUD_TIME]),
        (PRESALES, replace(SELLER, cloud_since=None), [E.EXPERT_CLOUD_TIME]),
        (PRESALES, replace(SELLER, position=Position.SALES_ENGINEER), [E.EXPERT_POSITION_REQUIRED]),
        (PRESALES, replace(SELLER, certificates=frozenset(), assessed=True), [E.EXPERT_NOT_CERTIFIED]),
        (
            PRESALES,
            Person(BindingState.BOUND, PathCode.SI),
            [E.SPECIALIST_REQUIRED, E.EXPERT_NOT_CERTIFIED, E.EXPERT_POSITION_REQUIRED, E.EXPERT_CLOUD_TIME],
        ),
    ],
)
def test_who_is_an_expert(scheme: Any, person: Person, expected: list[ErrorCode]) -> None:
    assert codes(check_person(scheme, person, now=NOW, site=Site.CN)) == expected


@pytest.mark.parametrize(
    ("scheme", "taken", "given", "expected"),
    [
        (CERTIFIED, Taken(), {}, []),
        (CERTIFIED, Taken(), {"qualified": False}, [E.EXPERT_QUALIFICATION_REQUIRED]),
        (CERTIFIED, Taken([C.CERTIFIED_EXPERT]), {}, [E.EXPERT_ENTERED]),
        (CERTIFIED, Taken([C.CCOE]), {}, [E.PERSON_IN_OTHER_SCHEME]),
        (PRESALES, Taken(), {}, [E.REQUIRED]),
        (PRESALES, Taken(), {"project": " "}, [E.REQUIRED]),
        (PRESALES, Taken(), {"project": "PRJ-1"}, []),
        (PRESALES, Taken(project=True), {"project": "PRJ-1"}, [E.PROJECT_ALREADY_USED]),
    ],
)
def test_who_is_entered(scheme: Any, taken: Taken, given: dict[str, Any], expected: list[ErrorCode]) -> None:
    assert codes(check_entry(scheme, taken, **{"qualified": True, "project": None, **given})) == expected


def test_who_is_removed_once_and_with_a_reason() -> None:
    assert codes(check_removal(None, "Left.")) == []
    assert codes(check_removal(NOW, " ")) == [E.STATE_CONFLICT, E.REASON_REQUIRED]


@pytest.mark.parametrize(
    ("granted", "period", "left"),
    [
        ([], "2026-03", 2),
        (["2025-09", "2025-10"], "2026-03", 0),
        (["2025-08", "2025-10"], "2026-03", 1),
        (["2025-09", "2025-10"], "2026-08", 0),
        (["2025-09", "2025-10"], "2026-09", 2),
        (["2025-10", "2025-10"], "2026-03", 1),
    ],
)
def test_some_schemes_grant_few_months_of_a_funding_year(granted: list[str], period: str, left: int) -> None:
    assert compute_grants_left(PRESALES, date(2024, 9, 20), granted, period) == left
    assert compute_grants_left(CERTIFIED, date(2024, 9, 20), granted, period) is None


@pytest.mark.parametrize(
    ("places", "free"),
    [
        ([], True),
        ([Place(C.SI_PRESALES, "2026-03")], False),
        ([Place(C.CERTIFIED_EXPERT, "2026-03")], False),
        ([Place(C.SI_PRESALES, "2026-02")], True),
        ([Place(C.SI_PRESALES, "2026-01"), Place(C.SI_PRESALES, "2026-02")], False),
        ([Place(C.SI_PRESALES, "2026-01"), Place(C.CERTIFIED_EXPERT, "2026-02")], True),
    ],
)
def test_a_person_is_on_one_list_a_month_and_only_this_schemes_months_count(places: list[Place], free: bool) -> None:
    assert can_be_listed(PRESALES, date(2024, 9, 20), places, "2026-03") is free


@pytest.mark.parametrize(
    ("scheme", "now", "expected"),
    [
        (CERTIFIED, datetime(2026, 3, 14, 18, tzinfo=UTC), datetime(2026, 3, 14, 18, tzinfo=UTC)),
        (CERTIFIED, datetime(2026, 3, 14, 18, tzinfo=UTC) - TICK, datetime(2026, 2, 14, 18, tzinfo=UTC)),
        (CERTIFIED, datetime(2026, 1, 5, tzinfo=UTC), datetime(2025, 12, 14, 18, tzinfo=UTC)),
        (SERVICE, datetime(2026, 3, 31, 18, tzinfo=UTC), datetime(2026, 3, 31, 18, tzinfo=UTC)),
        (SERVICE, datetime(2026, 3, 31, 18, tzinfo=UTC) - TICK, datetime(2026, 2, 28, 18, tzinfo=UTC)),
        (PRESALES, NOW, None),
    ],
)
def test_when_lists_are_made(scheme: Any, now: datetime, expected: datetime | None) -> None:
    assert compute_last_generation(scheme, now, policy=POLICY) == expected


def test_a_list_is_for_the_month_in_beijing() -> None:
    assert period_of(datetime(2026, 3, 31, 16, tzinfo=UTC)) == "2026-04"
    assert period_of(datetime(2026, 3, 31, 16, tzinfo=UTC) - TICK) == "2026-03"


def test_each_generation_has_its_window_and_materials_have_their_own() -> None:
    made = datetime(2026, 3, 1, 18, tzinfo=UTC)
    ends = {}
    for scheme in SCHEMES.values():
        deadline = compute_list_deadline(scheme, made, policy=POLICY, entries={})
        ends[scheme.generation] = deadline and deadline.at
    assert ends == {
        Generation.DAY_OF_MONTH: datetime(2026, 4, 14, 16, tzinfo=UTC),
        Generation.MONTH_START: datetime(2026, 3, 20, 16, tzinfo=UTC),
        Generation.ON_REQUEST: None,
    }
    materials = compute_materials_deadline(made, policy=POLICY, entries={date(2026, 3, 3): False})
    assert materials.at == datetime(2026, 3, 24, 16, tzinfo=UTC)


FACTS = ListFacts(S.PENDING_CONFIRM, NOW, ListTotal(2, 24_000_00))


def test_past_its_time_a_list_has_expired_marked_or_not() -> None:
    assert codes(check_step(FACTS, "confirm", now=NOW - TICK)) == []
    assert codes(check_step(FACTS, "confirm", now=NOW)) == [E.INCENTIVE_EXPIRED]
    assert codes(check_step(replace(FACTS, status=S.EXPIRED), "confirm", now=NOW - TICK)) == [E.INCENTIVE_EXPIRED]
    assert codes(check_step(FACTS, "submit", now=NOW - TICK)) == [E.STATE_CONFLICT]
    for status in (S.DISPUTED, S.IN_REVIEW, S.APPROVED):
        assert replace(FACTS, status=status).standing(NOW) is status
    waits = [status for status in S if EXPERT_INCENTIVE.target(status, "expire")]
    assert waits == [S.PENDING_CONFIRM, S.WAIT_MATERIALS]


def test_both_numbers_are_acknowledged() -> None:
    assert codes(check_acknowledged(FACTS, ListTotal(2, 24_000_00))) == []
    wrong = check_acknowledged(FACTS, ListTotal(3, 24_000_01))
    assert [(one.code, one.path[1], one.parameters["listed"]) for one in wrong] == [
        (E.EXPERT_LIST_DIFFERS, "headCount", "2"),
        (E.EXPERT_LIST_DIFFERS, "total", "24000.00"),
    ]


def test_words_of_both_sides_are_there_and_not_too_long() -> None:
    assert codes(check_words(" ", "objection")) == [E.REASON_REQUIRED]
    assert codes(check_words("x" * 500, "answer")) == []
    assert codes(check_words("x" * 501, "answer")) == [E.OUT_OF_RANGE]
    assert codes(check_recount(ListTotal(0, 0))) == [E.EXPERT_LIST_EMPTY]
    assert codes(check_recount(ListTotal(1, 1))) == []


def test_only_lists_that_do_not_come_by_themselves_are_asked_for_once() -> None:
    top = PathStage.DIFFERENTIATED
    assert codes(check_request(PRESALES, top, qualified=True, there=False)) == []
    assert codes(check_request(PRESALES, top, qualified=True, there=True)) == [E.EXPERT_LIST_THERE]
    assert codes(check_request(CERTIFIED, None, qualified=False, there=True)) == [
        E.EXPERT_LIST_GENERATED,
        E.EXPERT_LIST_THERE,
        E.STAGE_TOO_LOW,
        E.EXPERT_QUALIFICATION_REQUIRED,
    ]


def test_each_kind_of_material_is_there_and_not_too_often() -> None:
    none = check_materials(CERTIFIED, {}, policy=POLICY)
    assert [(one.code, one.path[1]) for one in none] == [
        (E.REQUIRED, "employmentIds"),
        (E.REQUIRED, "socialInsuranceIds"),
        (E.REQUIRED, "acceptanceIds"),
    ]
    files = {kind: range(20) for kind in MaterialKind}
    assert check_materials(CERTIFIED, files, policy=POLICY) == []
    assert codes(check_materials(CERTIFIED, {**files, MaterialKind.ACCEPTANCE: range(21)}, policy=POLICY)) == [
        E.TOO_MANY
    ]
    two = {kind: [1] for kind in PRESALES.materials}
    assert check_materials(PRESALES, two, policy=POLICY) == []


def reminder(now: datetime, reminded: int | None = None, *, begun: datetime | None = None) -> int | None:
    deadline = datetime(2026, 4, 27, 16, tzinfo=UTC)
    since = begun or datetime(2026, 3, 14, 18, tzinfo=UTC)
    due = compute_reminder(since, deadline, reminded, now=now, policy=POLICY, entries={})
    return None if due is None else due.ahead


def test_reminders_are_due_ten_five_and_one_working_days_before() -> None:
    days = {day: reminder(datetime(2026, 4, day, 1, tzinfo=UTC)) for day in (10, 12, 13, 17, 20, 23, 24, 27)}
    assert days == {10: None, 12: None, 13: 10, 17: 10, 20: 5, 23: 5, 24: 1, 27: 1}
    assert reminder(datetime(2026, 4, 27, 16, tzinfo=UTC)) is None
    assert reminder(datetime(2026, 4, 27, 16, tzinfo=UTC) - TICK) == 1


def test_a_reminder_says_how_many_working_days_are_left() -> None:
    begun, deadline = datetime(2026, 3, 14, 18, tzinfo=UTC), datetime(2026, 4, 27, 16, tzinfo=UTC)
    left = {}
    for day in (13, 14, 17, 24, 27):
        now = datetime(2026, 4, day, 1, tzinfo=UTC)
        due = compute_reminder(begun, deadline, None, now=now, policy=POLICY, entries={})
        left[day] = due and (due.ahead, due.left)
    assert left == {13: (10, 10), 14: (10, 9), 17: (10, 6), 24: (1, 1), 27: (1, 0)}


@pytest.mark.parametrize("furthest", ["10", "99"])
def test_nobody_is_reminded_of_a_deadline_beyond_the_horizon(furthest: str) -> None:
    override = SimpleNamespace(
        site="CN", key="incentives.reminder_working_days", effective_on=date(2026, 1, 1), value=[furthest, "1"]
    )
    policy, begun = Policy.at(Site.CN, date(2026, 3, 16), [override]), NOW - timedelta(days=300)
    horizon = compute_reminder_horizon(NOW, policy=policy, entries={})
    found = [
        compute_reminder(begun, deadline, None, now=NOW, policy=policy, entries={})
        for deadline in (horizon - TICK, horizon)
    ]
    assert found == [Reminder(int(furthest), int(furthest)), None]


def test_each_reminder_is_given_once_and_only_the_latest_that_was_missed() -> None:
    at = datetime(2026, 4, 20, 1, tzinfo=UTC)
    assert [reminder(at, reminded) for reminded in (None, 10, 5, 1)] == [5, 5, None, None]


def test_what_lies_before_the_partner_was_first_told_is_left_out() -> None:
    begun = datetime(2026, 4, 20, 1, tzinfo=UTC)
    assert reminder(begun, begun=begun) is None
    assert reminder(begun - TICK, begun=begun) is None
    assert reminder(datetime(2026, 4, 24, 1, tzinfo=UTC), begun=begun) == 1


def test_working_days_left_are_those_after_today() -> None:
    deadline = datetime(2026, 3, 20, 16, tzinfo=UTC)
    assert count_working_days(datetime(2026, 3, 19, 16, tzinfo=UTC), deadline, Site.CN) == 0
    assert count_working_days(datetime(2026, 3, 19, 16, tzinfo=UTC) - TICK, deadline, Site.CN) == 1
    assert count_working_days(NOW, deadline, Site.CN, {date(2026, 3, 18): False}) == 3


APPROVED = {"2026-04": S.APPROVED, "2026-05": S.APPROVED, "2026-06": S.APPROVED}
JULY = datetime(2026, 6, 30, 16, tzinfo=UTC)
"""00:00 in Beijing on 1 July."""


def test_a_quarter_has_three_months_and_ends_in_beijing() -> None:
    for month in ("2026-04", "2026-05", "2026-06"):
        assert months_of(month) == ["2026-04", "2026-05", "2026-06"]
        assert compute_quarter_end(month) == JULY
    assert compute_quarter_end("2026-12") == datetime(2026, 12, 31, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statuses", "now", "open_months"),
    [
        (APPROVED, JULY - TICK, []),
        ({"2026-05": S.APPROVED}, JULY - TICK, ["2026-04", "2026-06"]),
        ({"2026-05": S.APPROVED}, JULY, []),
        ({"2026-05": S.APPROVED, "2026-07": S.IN_REVIEW}, JULY, []),
        ({"2026-05": S.APPROVED, "2026-06": S.EXPIRED}, JULY, []),
        ({"2026-05": S.APPROVED, "2026-06": S.IN_REVIEW}, JULY, ["2026-06"]),
        ({"2026-05": S.APPROVED, "2026-06": S.DISPUTED}, JULY, ["2026-06"]),
    ],
)
def test_when_a_quarter_is_final(
    statuses: dict[str, ExpertIncentiveStatus], now: datetime, open_months: list[str]
) -> None:
    found = check_quarter("2026-05", statuses, now=now)
    assert codes(found) == [E.QUARTER_NOT_FINAL] * len(open_months)
    assert [one.parameters["month"] for one in found] == open_months


def test_what_is_paid_out_is_payable_or_approved_in_a_final_quarter() -> None:
    found = {status: codes(check_list_payable(status, "2026-05", APPROVED, now=JULY)) for status in S}
    free = {status for status, against in found.items() if not against}
    assert free == {S.PAYABLE, S.APPROVED}
    assert codes(check_list_payable(S.APPROVED, "2026-05", {"2026-05": S.APPROVED}, now=JULY - TICK)) == [
        E.QUARTER_NOT_FINAL,
        E.QUARTER_NOT_FINAL,
    ]
    allowed = {method for method in PayoutMethod if not check_invoiced(method)}
    assert allowed == {PayoutMethod.ACCOUNT, PayoutMethod.BANK_TRANSFER}
    assert codes(check_invoiced(PayoutMethod.VOUCHER_QUOTA)) == [E.PAYOUT_METHOD_NOT_ALLOWED]
