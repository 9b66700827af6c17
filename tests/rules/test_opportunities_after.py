"""After the verification, and what stands behind it: entries, signing, delivery, offices, offerings."""

from datetime import date, timedelta
from typing import Any

import pytest

from rules.accounts import AccountKind
from rules.errors import ErrorCode, Violation
from rules.opportunities import (
    OPPORTUNITY,
    UNVERIFIED,
    Author,
    OfferingLead,
    OfficeDuty,
    OpportunityState,
    Progress,
    ProgressKind,
    Side,
    Validity,
    check_author,
    check_cancellation,
    check_delivery,
    check_loss,
    check_may_cancel,
    check_offering,
    check_office_member,
    check_office_name,
    check_progress,
    check_region,
    check_removal,
    check_signing,
    compute_covering_regions,
)
from rules.sites import Site
from tests.rules.outcomes import codes

TODAY = date(2026, 3, 2)
E, S = ErrorCode, OpportunityState


def places(violations: list[Violation]) -> list[tuple[ErrorCode, tuple[str, ...]]]:
    """Codes with their paths."""
    return list(zip(codes(violations), [violation.path for violation in violations], strict=True))


PARTNER, PSM, STRANGER = Author(Side.PARTNER), Author(Side.VENDOR, OfficeDuty.PSM), Author(Side.VENDOR)


class TestAfterwards:
    @pytest.mark.parametrize("event", ["update", "sign", "deliver", "lose", "cancel"])
    @pytest.mark.parametrize("state", S)
    def test_nothing_before_the_verification(self, state: OpportunityState, event: str) -> None:
        found = codes(check_author(state, PARTNER, event))
        if state in UNVERIFIED:
            assert found == [E.PO_NOT_VERIFIED]
        else:
            assert found == ([] if OPPORTUNITY.target(state, event) else [E.STATE_CONFLICT])

    @pytest.mark.parametrize("state", S)
    def test_a_partner_never_cancels(self, state: OpportunityState) -> None:
        assert codes(check_may_cancel(state, PARTNER)) == [E.PO_CANNOT_CANCEL]

    def test_who_of_the_vendor_cancels(self) -> None:
        manager = Author(Side.VENDOR, None, is_manager=True)
        for author in (PSM, Author(Side.VENDOR, OfficeDuty.BD), manager):
            assert check_cancellation(S.VERIFIED, author, "Agreed.") == []
        assert codes(check_cancellation(S.VERIFIED, STRANGER, "Agreed.")) == [E.NOT_OFFICE_PSM]
        assert codes(check_cancellation(S.VERIFIED, PSM, " ")) == [E.REASON_REQUIRED]
        assert codes(check_cancellation(S.DELIVERED, PSM, "Agreed.")) == [E.STATE_CONFLICT]
        assert codes(check_cancellation(S.VERIFYING, PSM, "Agreed.")) == [E.PO_NOT_VERIFIED]

    @pytest.mark.parametrize(
        ("author", "progress", "expected"),
        [
            (PARTNER, Progress(ProgressKind.PROGRESS, "News."), []),
            (PSM, Progress(ProgressKind.PROGRESS, "News."), []),
            (STRANGER, Progress(ProgressKind.PROGRESS, "News."), [(E.NOT_OFFICE_PSM, ())]),
            (PARTNER, Progress(ProgressKind.PROGRESS, " "), [(E.REQUIRED, ("input", "text"))]),
            (PARTNER, Progress(ProgressKind.PROGRESS, "x" * 2001), [(E.OUT_OF_RANGE, ("input", "text"))]),
            (PARTNER, Progress(ProgressKind.SUPPORT_REQUEST, "Help.", need_named=True), []),
            (PARTNER, Progress(ProgressKind.SUPPORT_REQUEST, "Help."), [(E.REQUIRED, ("input", "supportNeed"))]),
            (PARTNER, Progress(ProgressKind.PROGRESS, "News.", True), [(E.OUT_OF_RANGE, ("input", "supportNeed"))]),
            (PSM, Progress(ProgressKind.SUPPORT_REQUEST, "Help.", True), [(E.OUT_OF_RANGE, ("input", "kind"))]),
            (PSM, Progress(ProgressKind.SUPPORT_ANSWER, "Here.", answers_request=True), []),
            (PSM, Progress(ProgressKind.SUPPORT_ANSWER, "Here."), [(E.REQUIRED, ("input", "answersId"))]),
            (PARTNER, Progress(ProgressKind.SUPPORT_ANSWER, "H.", False, True), [(E.OUT_OF_RANGE, ("input", "kind"))]),
            (PSM, Progress(ProgressKind.PROGRESS, "N.", False, True), [(E.OUT_OF_RANGE, ("input", "answersId"))]),
        ],
    )
    def test_entries(self, author: Author, progress: Progress, expected: list[Any]) -> None:
        assert places(check_progress(S.VERIFIED, author, progress)) == expected

    @pytest.mark.parametrize(
        ("signed_on", "amount", "evidence", "fields"),
        [
            (TODAY, 1, "C-1", []),
            (TODAY + timedelta(1), 1, "C-1", ["signedOn"]),
            (TODAY - timedelta(3), 1, "C-1", []),
            (TODAY - timedelta(4), 1, "C-1", ["signedOn"]),
            (TODAY, 0, "C-1", ["amount"]),
            (TODAY, 1, " ", ["contractRef"]),
            (TODAY, 1, "x" * 201, ["contractRef"]),
        ],
    )
    def test_signing(self, signed_on: date, amount: int, evidence: str, fields: list[str]) -> None:
        submitted = TODAY - timedelta(3)
        found = check_signing(
            S.VERIFIED, signed_on=signed_on, amount_minor=amount, evidence=evidence, submitted_on=submitted, today=TODAY
        )
        codes(found)
        assert [violation.path[1] for violation in found] == fields

    @pytest.mark.parametrize(
        ("offset", "evidence", "fields"),
        [
            (0, "A-1", []),
            (1, "A-1", ["deliveredOn"]),
            (-3, "A-1", []),
            (-4, "A-1", ["deliveredOn"]),
            (0, "", ["acceptanceRef"]),
        ],
    )
    def test_delivery(self, offset: int, evidence: str, fields: list[str]) -> None:
        day, signed = TODAY + timedelta(offset), TODAY - timedelta(3)
        found = check_delivery(S.SIGNED, delivered_on=day, evidence=evidence, signed_on=signed, today=TODAY)
        codes(found)
        assert [violation.path[1] for violation in found] == fields

    def test_a_loss_has_a_reason(self) -> None:
        assert check_loss(S.VERIFIED, "Lost.") == []
        assert codes(check_loss(S.SIGNED, " ")) == [E.STATE_CONFLICT, E.REASON_REQUIRED]


class TestOffices:
    @pytest.mark.parametrize(
        ("code", "site", "ok"),
        [
            ("330000", Site.CN, True),
            ("330100", Site.CN, True),
            ("330106", Site.CN, False),
            ("990000", Site.CN, False),
            ("33", Site.CN, False),
            ("３３0000", Site.CN, False),
            ("SG", Site.INTL, True),
            ("MY-10", Site.INTL, True),
            ("sg", Site.INTL, False),
            ("330000", Site.INTL, False),
        ],
    )
    def test_regions(self, code: str, site: Site, ok: bool) -> None:
        assert codes(check_region(code, site, "input", "x")) == ([] if ok else [E.INVALID_FORMAT])

    def test_the_nearest_region_first(self) -> None:
        assert compute_covering_regions("330100", Site.CN) == ("330100", "330000")
        assert compute_covering_regions("330000", Site.CN) == ("330000",)
        assert compute_covering_regions("MY-10", Site.INTL) == ("MY-10", "MY")
        assert compute_covering_regions("SG", Site.INTL) == ("SG",)

    @pytest.mark.parametrize(
        ("kind", "roles", "same_site", "ok"),
        [
            (AccountKind.STAFF, {"PSM"}, True, True),
            (AccountKind.STAFF, {"PSM"}, False, False),
            (AccountKind.STAFF, {"ECO_MANAGER"}, True, False),
            (AccountKind.ENTERPRISE, {"PSM"}, True, False),
        ],
    )
    def test_members(self, kind: AccountKind, roles: set[str], same_site: bool, ok: bool) -> None:
        assert codes(check_office_member(kind, frozenset(roles), same_site=same_site)) == ([] if ok else [E.NOT_FOUND])

    def test_names(self) -> None:
        assert check_office_name("Hangzhou") == []
        assert codes(check_office_name(" ")) == [E.REQUIRED]


class TestOfferings:
    def test_validity_has_its_first_day_and_not_its_last(self) -> None:
        validity = Validity(TODAY, TODAY + timedelta(2))
        held = [validity.holds(TODAY + timedelta(offset)) for offset in (-1, 0, 1, 2)]
        assert held == [False, True, True, False]
        assert Validity(TODAY).holds(date.max)

    @pytest.mark.parametrize(
        ("lead", "owned", "expected"),
        [
            (OfferingLead.PARTNER, True, []),
            (OfferingLead.VENDOR, False, []),
            (OfferingLead.PARTNER, False, [E.REQUIRED]),
            (OfferingLead.VENDOR, True, [E.OUT_OF_RANGE]),
        ],
    )
    def test_a_partners_offering_has_its_partner(self, lead: OfferingLead, owned: bool, expected: list[Any]) -> None:
        assert codes(check_offering("Lake", TODAY, lead=lead, has_owner=owned, today=TODAY)) == expected

    @pytest.mark.parametrize(("offset", "ok"), [(-1, False), (0, True), (1, True)])
    def test_a_new_version_changes_nothing_that_held(self, offset: int, ok: bool) -> None:
        last, day = Validity(TODAY - timedelta(30)), TODAY + timedelta(offset)
        found = check_offering("Lake", day, lead=OfferingLead.VENDOR, has_owner=False, today=TODAY, last=last)
        assert codes(found) == ([] if ok else [E.OUT_OF_RANGE])

    @pytest.mark.parametrize(("offset", "ok"), [(-1, False), (0, True), (1, True)])
    def test_a_removal_leaves_the_past(self, offset: int, ok: bool) -> None:
        last = Validity(TODAY - timedelta(30))
        found = check_removal(last, TODAY + timedelta(offset), today=TODAY)
        assert codes(found) == ([] if ok else [E.OUT_OF_RANGE])

    def test_nothing_is_removed_twice(self) -> None:
        gone = Validity(TODAY - timedelta(30), TODAY)
        assert codes(check_removal(gone, TODAY, today=TODAY)) == [E.STATE_CONFLICT]
        going = Validity(TODAY - timedelta(30), TODAY + timedelta(9))
        assert check_removal(going, TODAY + timedelta(3), today=TODAY) == []
