"""Applying for specialists and cancelling them: all reasons at once, on every path, in every state."""

import pytest

from rules.documents import Document
from rules.errors import ErrorCode
from rules.paths import PathCode
from rules.specialists import (
    BindingState,
    DeployMode,
    Form,
    check_apply,
    check_assign,
    check_cancel,
    check_form,
    check_on_path,
)
from tests.rules.outcomes import codes

E, B, P = ErrorCode, BindingState, PathCode
FILE = Document("contract.pdf", "application/pdf", 1024, "a" * 64)
WITH_SPECIALISTS = {P.SERVICE, P.SI, P.LEARNING}
FREE = {B.BOUND, B.SPECIALIST_REJECTED, B.CANCELLED, B.VENDOR_CANCELLED}


@pytest.mark.parametrize("path", PathCode)
def test_three_paths_know_specialists(path: PathCode) -> None:
    mode = DeployMode.NATIONAL if path is P.SERVICE else None
    expected = [] if path in WITH_SPECIALISTS else [E.PATH_REQUIRED]
    assert codes(check_form(Form(path, mode, [FILE]), {path}, handed_in=1)) == expected
    assert codes(check_form(Form(path, mode, [FILE]), set(P) - {path}, handed_in=1)) == [E.PATH_REQUIRED]
    assert codes(check_on_path({path})) == expected


def test_on_no_path_at_all() -> None:
    [violation] = check_on_path([])
    assert violation.parameters == {"path": ["LEARNING", "SERVICE", "SI"]}


@pytest.mark.parametrize("mode", [*DeployMode, None])
def test_the_service_path_alone_sends_people(mode: DeployMode | None) -> None:
    served = check_form(Form(P.SERVICE, mode, [FILE]), {P.SERVICE}, handed_in=1)
    assert codes(served) == ([] if mode else [E.REQUIRED])
    learned = check_form(Form(P.LEARNING, mode, [FILE]), {P.LEARNING}, handed_in=1)
    assert codes(learned) == ([E.OUT_OF_RANGE] if mode else [])


@pytest.mark.parametrize(("many", "expected"), [(0, [E.REQUIRED]), (1, []), (10, []), (11, [E.TOO_MANY])])
def test_one_to_ten_documents(many: int, expected: list[ErrorCode]) -> None:
    found = check_form(Form(P.SI, None, [FILE] * many), {P.SI}, handed_in=many)
    assert codes(found) == expected


def test_all_reasons_against_a_form_at_once() -> None:
    found = check_form(Form(P.SERVICE, None, []), set(), handed_in=0)
    assert codes(found) == [E.PATH_REQUIRED, E.REQUIRED, E.REQUIRED]
    assert [one.path[-1] for one in found] == ["path", "deployMode", "documentIds"]


@pytest.mark.parametrize("state", BindingState)
def test_who_is_applied_for(state: BindingState) -> None:
    expected = [] if state in FREE else [E.STATE_CONFLICT]
    assert codes(check_apply(state, "杭州")) == expected
    for nowhere in (None, ""):
        found = check_apply(state, nowhere, place=("input", "ids", "3"))
        assert codes(found) == [*expected, E.BASE_LOCATION_MISSING]
        assert {one.path for one in found} == {("input", "ids", "3")}


@pytest.mark.parametrize("by_vendor", [True, False])
@pytest.mark.parametrize("state", BindingState)
def test_a_specialist_alone_is_cancelled(state: BindingState, by_vendor: bool) -> None:
    expected = [] if state is B.SPECIALIST else [E.STATE_CONFLICT]
    assert codes(check_cancel(state, "Because.", by_vendor=by_vendor)) == expected
    assert codes(check_cancel(state, " ", by_vendor=by_vendor)) == [*expected, E.REASON_REQUIRED]


@pytest.mark.parametrize("state", BindingState)
def test_who_is_known_as_a_member(state: BindingState) -> None:
    expected = [E.STATE_CONFLICT] if state in (B.SPECIALIST_REVIEW, B.UNBOUND) else []
    assert codes(check_assign(state)) == expected
    assert codes(check_assign(state, taken=True)) == [*expected, E.MEMBER_ASSIGNED]
