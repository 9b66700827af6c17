"""Company information and frozen benefits: both sides of every boundary, all reasons at once."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from rules.documents import Document
from rules.errors import ErrorCode as E
from rules.partners import AdmissionState, PartnerKind, check_leave
from rules.partners.benefits import DueBill, RecordedBill, check_benefits, check_bill, check_named, compute_frozen_since
from rules.partners.companies import (
    COMPANY_CHANGE,
    CompanyChangeState,
    CompanyContact,
    Heir,
    check_difference,
    check_editor,
    check_holds,
    check_licence,
    check_none_open,
    compute_difference,
    compute_keeper,
    read_contacts,
)
from rules.policy import PARTNERS_CONTACTS_MAX, PARTNERS_LICENCE_SIZE_MAX, Policy
from rules.sites import Site
from tests.rules.outcomes import codes

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
POLICY = Policy.at(Site.CN, date(2026, 3, 2))
K = PartnerKind
LICENCE = {"name": "licence.pdf"}


@dataclass(frozen=True)
class Given:
    """A contact as typed."""

    name: str = "李明"
    position: str | None = None
    mobile: str | None = "138 1234 5678"
    email: str | None = None


class TestContacts:
    def test_they_are_stored_in_one_form(self) -> None:
        found = read_contacts([Given(" 李明 ", " ", "138 1234 5678", "Li@Example.com")], policy=POLICY, path=())
        assert found == [CompanyContact("李明", None, "+8613812345678", "li@example.com")]
        assert isinstance(found[0], CompanyContact) and CompanyContact.of(found[0].data()) == found[0]

    def test_one_at_least_and_so_many_at_most(self) -> None:
        most = POLICY[PARTNERS_CONTACTS_MAX]
        assert [one.code for one in read_contacts([], policy=POLICY, path=())] == [E.REQUIRED]  # type: ignore[union-attr]
        assert len(read_contacts([Given()] * most, policy=POLICY, path=())) == most
        [refused] = read_contacts([Given()] * (most + 1), policy=POLICY, path=("contacts",))
        assert refused == refused and refused.code is E.TOO_MANY  # type: ignore[union-attr]

    def test_every_mistake_at_its_place(self) -> None:
        given = [Given(" ", mobile=None), Given(mobile="12", email="nobody")]
        found = read_contacts(given, policy=POLICY, path=("input", "contacts"))
        assert [(one.code, one.path[2:]) for one in found] == [  # type: ignore[union-attr]
            (E.REQUIRED, ("0", "name")),
            (E.CONTACT_REQUIRED, ("0",)),
            (E.MOBILE_INVALID, ("1", "mobile")),
            (E.EMAIL_INVALID, ("1", "email")),
        ]


class TestChange:
    def test_only_what_differs_is_changed(self) -> None:
        present = {"name": "A", "address": None, "headcount": 3}
        assert compute_difference(present, {"name": "A", "address": "B", "headcount": None}) == (
            {"address": None, "headcount": 3},
            {"address": "B", "headcount": None},
        )

    @pytest.mark.parametrize(
        ("after", "expected"),
        [
            ({}, [E.COMPANY_UNCHANGED]),
            ({"address": None}, []),
            ({"headcount": 1}, []),
            ({"headcount": None}, []),
            ({"headcount": 0}, [E.OUT_OF_RANGE]),
            ({"name": "B", "licence": LICENCE}, []),
            ({"name": "B"}, [E.COMPANY_LICENCE_REQUIRED]),
            ({"name": None}, [E.REQUIRED]),
            ({"name": None, "licence": None, "headcount": -1}, [E.REQUIRED, E.REQUIRED, E.OUT_OF_RANGE]),
        ],
    )
    def test_what_stands_against_a_change(self, after: dict[str, Any], expected: list[E]) -> None:
        assert codes(check_difference(after)) == expected

    def test_what_it_started_from_must_still_hold(self) -> None:
        present = {"name": "A", "address": "B"}
        assert check_holds({"name": "A"}, present) == []
        [moved] = check_holds({"name": "A", "address": None}, present)
        assert (moved.code, moved.parameters) == (E.COMPANY_MOVED_ON, {"fields": ["ADDRESS"]})

    def test_who_keeps_it_and_one_at_a_time(self) -> None:
        assert check_editor(True) == check_none_open(False) == []
        assert codes(check_editor(False) + check_none_open(True)) == [E.COMPANY_KEPT_BY_OTHER, E.COMPANY_CHANGE_OPEN]

    def test_what_came_to_nothing_can_be_sent_again(self) -> None:
        again = {state for state in CompanyChangeState if COMPANY_CHANGE.target(state, "resubmit")}
        assert again == {CompanyChangeState.REJECTED, CompanyChangeState.WITHDRAWN}

    def test_a_licence_has_a_largest_size(self) -> None:
        most = POLICY[PARTNERS_LICENCE_SIZE_MAX] * 1024
        for size, expected in ((1, []), (most, []), (most + 1, [E.OUT_OF_RANGE]), (10**9, [E.OUT_OF_RANGE])):
            licence = Document("licence.pdf", "application/pdf", size, "0a" * 32)
            assert codes(check_licence(licence, policy=POLICY, path=())) == expected

    def test_nobody_leaves_the_network(self) -> None:
        assert codes(check_leave(AdmissionState.JOINED)) == [E.HCPN_NOT_LEAVABLE]
        assert codes(check_leave(AdmissionState.REJECTED)) == [E.HCPN_REQUIRED]


class TestBenefits:
    @pytest.mark.parametrize(
        ("kind", "since", "frozen"),
        [
            (K.SOLUTION_PROVIDER, NOW, True),
            (K.DISTRIBUTOR, NOW - MILLISECOND, True),
            (K.DISTRIBUTOR, NOW + MILLISECOND, False),
            (K.RESELLER, NOW, False),
            (None, NOW, False),
        ],
    )
    def test_from_the_instant_at_which_a_bill_is_overdue(
        self, kind: PartnerKind | None, since: datetime, frozen: bool
    ) -> None:
        bills = [DueBill("B-1", since)]
        assert compute_frozen_since(kind, bills, NOW) == (since if frozen else None)
        assert codes(check_benefits(kind, bills, NOW)) == [E.BENEFITS_FROZEN] * frozen

    def test_the_oldest_bill_counts_and_all_overdue_ones_are_named(self) -> None:
        bills = [DueBill("B-2", NOW), DueBill("B-1", NOW - MILLISECOND), DueBill("B-3", NOW + MILLISECOND)]
        assert compute_frozen_since(K.DISTRIBUTOR, bills, NOW) == NOW - MILLISECOND
        [refused] = check_benefits(K.DISTRIBUTOR, bills, NOW)
        assert refused.parameters == {"bills": ["B-1", "B-2"]}
        assert compute_frozen_since(K.DISTRIBUTOR, [], NOW) is None

    @pytest.mark.parametrize(
        ("amount", "known", "repeated", "expected"),
        [
            (1, None, False, []),
            (0, None, False, [E.OUT_OF_RANGE]),
            (1, RecordedBill(is_own=True, cleared=False), False, []),
            (1, RecordedBill(is_own=True, cleared=True), False, [E.OVERDUE_BILL_CLEARED]),
            (1, RecordedBill(is_own=False, cleared=True), False, [E.OVERDUE_BILL_OF_OTHER]),
            (-1, None, True, [E.OUT_OF_RANGE, E.REPEATED]),
        ],
    )
    def test_what_stands_against_a_bill(
        self, amount: int, known: RecordedBill | None, repeated: bool, expected: list[E]
    ) -> None:
        assert codes(check_bill(amount, known, repeated=repeated)) == expected

    def test_bills_are_named(self) -> None:
        assert codes(check_named(0, "input", "bills")) == [E.REQUIRED]
        assert check_named(1, "input", "bills") == []


_LATER = NOW + timedelta(days=1)
_FIRST, _SECOND = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("heirs", "expected"),
    [
        ([], None),
        ([Heir(_FIRST, NOW, open=False)], _FIRST),
        ([Heir(_FIRST, _LATER, open=True), Heir(_SECOND, NOW, open=True)], _SECOND),
        ([Heir(_FIRST, NOW, open=False), Heir(_SECOND, _LATER, open=True)], _SECOND),
        ([Heir(_SECOND, NOW, open=True), Heir(_FIRST, NOW, open=True)], _FIRST),
    ],
)
def test_the_oldest_open_account_follows_the_keeper(heirs: list[Heir], expected: UUID | None) -> None:
    found = compute_keeper(heirs)
    assert (None if found is None else found.id) == expected
