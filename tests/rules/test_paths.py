"""Development paths: the catalogue, requirements, certificates, the yearly window, the vendor's opportunities."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models.paths import PathEnrollment
from rules.errors import ErrorCode
from rules.partners import AdmissionState
from rules.paths import (
    ENROLLED,
    LIVE,
    ONE_PER_COMPANY,
    PATHS,
    Achievements,
    AnnualState,
    Delivery,
    PathCode,
    PathExitBlocker,
    PathRecordKind,
    PathStage,
    PathState,
    RequirementKind,
    Ties,
    Traveller,
    check_select,
    compute_annual_due,
    compute_automatic,
    compute_certificate_no,
    compute_exit_blockers,
    compute_ho_eligibility,
    compute_requirements,
    compute_valid_until,
    is_carried,
    stage_of,
)
from rules.plans import JoinMode
from rules.policy import Policy
from rules.sites import Site
from tests.rules.outcomes import codes

S, A, E, K = PathState, AnnualState, ErrorCode, PathRecordKind
POLICY = Policy.at(Site.CN, date(2026, 3, 2))
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SOFTWARE, SERVICE = PATHS[PathCode.SOFTWARE], PATHS[PathCode.SERVICE]


class Differentiating:
    """Operations let an advanced solution differentiate."""

    site, key, effective_on, value = Site.CN, "paths.advanced_differentiates", date(2026, 1, 1), True


class CountedOnly:
    """Operations count only deliveries that name an offering."""

    site, key, effective_on, value = Site.CN, "paths.ho_counted_only", date(2026, 1, 1), True


def test_three_of_five_paths_are_by_invitation() -> None:
    assert set(PATHS) == set(PathCode)
    assert {code for code, path in PATHS.items() if path.join is JoinMode.INVITE} == {"LEARNING", "SI", "DISTRIBUTOR"}


def test_the_constraints_of_the_table_name_what_the_catalogue_says() -> None:
    conditions = {one.name: str(one.condition) for one in PathEnrollment._meta.constraints if hasattr(one, "condition")}
    taken = conditions["path_enrollment_one_per_company"]
    assert {code for code in PathCode if f"'{code.value}'" in taken.partition("AND")[0]} == ONE_PER_COMPANY
    assert {state for state in S if f"'{state.value}'" not in taken.partition("AND")[2]} == ENROLLED
    assert {state for state in S if f"'{state.value}'" not in conditions["path_enrollment_one_live"]} == LIVE


def test_every_requirement_of_the_catalogue_is_computed() -> None:
    for path in PATHS.values():
        for stage in PathStage:
            asked = compute_requirements(path, stage, Achievements(), policy=POLICY)
            assert [one.kind for one in asked] == list(path.requirements.get(stage, ()))
            assert not any(one.met for one in asked)


@pytest.mark.parametrize(
    ("associate", "professional", "met"),
    [(2, 2, (True, True)), (1, 2, (False, True)), (1, 3, (True, True)), (0, 4, (True, True)), (9, 1, (True, False))],
)
def test_higher_certificates_that_are_left_over_replace_lower_ones(
    associate: int, professional: int, met: tuple[bool, bool]
) -> None:
    has = Achievements(records={K.ASSOCIATE_CERTIFICATES: associate, K.PROFESSIONAL_CERTIFICATES: professional})
    asked = {one.kind: one.met for one in compute_requirements(SERVICE, PathStage.CERTIFIED, has, policy=POLICY)}
    assert (
        asked[RequirementKind.ASSOCIATE_CERTIFICATES],
        asked[RequirementKind.PROFESSIONAL_CERTIFICATES],
    ) == met


@pytest.mark.parametrize(
    ("held", "have"),
    [
        ({}, (1, 1)),
        ({1: 1, 2: 1}, (1, 1)),
        ({1: 2}, (2, 1)),
        ({2: 1, 3: 1}, (1, 2)),
        ({3: 3}, (2, 3)),
        ({0: 9}, (1, 1)),
    ],
)
def test_what_specialists_hold_counts_where_it_is_more_than_the_record(
    held: dict[int, int], have: tuple[int, int]
) -> None:
    known = {K.ASSOCIATE_CERTIFICATES: 1, K.PROFESSIONAL_CERTIFICATES: 1}
    has = Achievements(records=known, certificates=held)
    asked = {one.kind: one.have for one in compute_requirements(SERVICE, PathStage.CERTIFIED, has, policy=POLICY)}
    assert have == (
        asked[RequirementKind.ASSOCIATE_CERTIFICATES],
        asked[RequirementKind.PROFESSIONAL_CERTIFICATES],
    )


def test_all_reasons_against_a_choice_at_once() -> None:
    held = Traveller(None, {PathCode.SI: S.INVITED}, frozenset({PathCode.SI}))
    found = codes(check_select(held, PATHS[PathCode.SI]))
    assert found == [E.HCPN_REQUIRED, E.PATH_TAKEN_BY_SIBLING, E.PATH_INVITE_ONLY, E.PATH_ALREADY_CHOSEN]
    assert check_select(Traveller(AdmissionState.JOINED, {}, frozenset({PathCode.SOFTWARE})), SOFTWARE) == []


def test_ten_blockers_in_the_order_of_the_manual() -> None:
    everything = Ties(1, 1, 1, dict.fromkeys(K, 1), frozenset({PathStage.DIFFERENTIATED}))
    assert compute_exit_blockers(everything) == list(PathExitBlocker)
    assert compute_exit_blockers(Ties(stages=frozenset({PathStage.SELECTED}))) == []


def test_a_role_on_another_path_holds_as_well() -> None:
    elsewhere = Ties(stages=frozenset({PathStage.SELECTED, PathStage.CERTIFIED}))
    assert compute_exit_blockers(elsewhere) == [PathExitBlocker.ROLE_VALIDATED]


@pytest.mark.parametrize(
    ("state", "certified", "advanced", "differentiating", "events"),
    [
        (S.SELECTED, 0, 0, True, []),
        (S.SELECTED, 1, 0, True, ["certify"]),
        (S.ROLE_REVIEW, 1, 0, False, ["certify"]),
        (S.SELECTED, 0, 1, False, ["certify"]),
        (S.SELECTED, 0, 1, True, ["certify", "differentiate"]),
        (S.CERTIFIED, 1, 1, True, ["differentiate"]),
        (S.CERTIFIED, 1, 1, False, []),
        (S.DIFFERENTIATED, 1, 1, True, []),
        (S.INVITED, 1, 1, True, []),
    ],
)
def test_what_solutions_bring_about(
    state: PathState, certified: int, advanced: int, differentiating: bool, events: list[str]
) -> None:
    policy = Policy.at(Site.CN, date(2026, 3, 2), [Differentiating()] if differentiating else [])
    has = Achievements(certified_solutions=certified, advanced_solutions=advanced)
    assert compute_automatic(SOFTWARE, state, has, policy=policy) == events
    assert compute_automatic(SERVICE, state, has, policy=policy) == []


@pytest.mark.parametrize("differentiating", [False, True])
@pytest.mark.parametrize("advanced", [0, 1])
@pytest.mark.parametrize("certified", [0, 1])
@pytest.mark.parametrize("state", PathState)
def test_valid_solutions_carry_what_they_bring_about(
    state: PathState, certified: int, advanced: int, differentiating: bool
) -> None:
    policy = Policy.at(Site.CN, date(2026, 3, 2), [Differentiating()] if differentiating else [])
    has = Achievements(certified_solutions=certified, advanced_solutions=advanced)
    role = state is S.CERTIFIED and bool(certified + advanced)
    top = state is S.DIFFERENTIATED and differentiating and bool(advanced)
    assert is_carried(SOFTWARE, state, has, policy=policy) == (role or top)
    assert not is_carried(SERVICE, state, has, policy=policy)


def test_a_certificate_is_valid_for_a_year_and_has_a_number() -> None:
    leap, after = datetime(2028, 2, 29, 4, tzinfo=UTC), datetime(2029, 2, 28, 4, tzinfo=UTC)
    assert compute_valid_until(leap, policy=POLICY) == after
    ident = PathEnrollment().id
    first, second = (compute_certificate_no(SERVICE, Site.CN, ident, serial) for serial in (1, 2))
    assert first.startswith("SV-CN-")
    assert first.endswith("-01")
    assert first != second


@pytest.mark.parametrize("state", [S.CERTIFIED, S.DIFFERENTIATED])
def test_the_yearly_window(state: PathState) -> None:
    end = NOW + 60 * DAY

    def due(now: datetime, annual: AnnualState = A.NOT_DUE) -> datetime | None:
        return compute_annual_due(state, annual, end, now=now, policy=POLICY)

    assert due(NOW - SECOND) is None
    assert due(NOW) == due(end - SECOND) == end
    assert due(end) == end + 60 * DAY
    assert due(NOW, A.DUE) is due(NOW, A.IN_REVIEW) is None


@pytest.mark.parametrize("state", set(S) - {S.CERTIFIED, S.DIFFERENTIATED})
def test_no_yearly_review_without_a_settled_stage(state: PathState) -> None:
    assert compute_annual_due(state, A.NOT_DUE, NOW, now=NOW, policy=POLICY) is None


@pytest.mark.parametrize(
    ("stages", "days", "co_sell", "expected"),
    [
        ({PathStage.DIFFERENTIATED}, [], True, []),
        ({PathStage.DIFFERENTIATED}, [], False, [E.PCE_NOT_JOINED]),
        (set(), [NOW.date()] * 3, True, [E.HO_STAGE_REQUIRED]),
        ({PathStage.SELECTED}, [NOW.date()] * 3, False, [E.PCE_NOT_JOINED, E.HO_STAGE_REQUIRED]),
        ({PathStage.CERTIFIED}, [NOW.date()] * 2, True, [E.HO_DELIVERIES_REQUIRED]),
        ({PathStage.CERTIFIED}, [NOW.date()] * 3, True, []),
        ({PathStage.CERTIFIED}, [date(2025, 3, 2)] * 3, True, []),
        ({PathStage.CERTIFIED}, [date(2025, 3, 1), NOW.date(), NOW.date()], True, [E.HO_DELIVERIES_REQUIRED]),
        ({PathStage.CERTIFIED}, [date(2026, 3, 3), NOW.date(), NOW.date()], True, [E.HO_DELIVERIES_REQUIRED]),
        ({PathStage.CERTIFIED, PathStage.DIFFERENTIATED}, [], True, []),
    ],
)
def test_whom_the_vendor_shares_with(
    stages: set[PathStage], days: list[date], co_sell: bool, expected: list[ErrorCode]
) -> None:
    deliveries = [Delivery(day, counted=False) for day in days]
    found = compute_ho_eligibility(stages, deliveries, co_sell=co_sell, now=NOW, policy=POLICY)
    assert codes(found.reasons) == expected
    assert found.eligible == (not expected)


def test_the_policy_may_count_only_what_names_an_offering() -> None:
    policy = Policy.at(Site.CN, date(2026, 3, 2), [CountedOnly()])
    stages = {PathStage.CERTIFIED}
    for counted, have in ((True, 3), (False, 0)):
        deliveries = [Delivery(NOW.date(), counted)] * 3
        found = compute_ho_eligibility(stages, deliveries, co_sell=True, now=NOW, policy=policy)
        assert (found.deliveries, found.eligible) == (have, counted)


def test_the_stage_that_counts() -> None:
    assert {state for state in S if stage_of(state) is not None} == ENROLLED
