"""What an opportunity must say, who decides on it and what may follow: every reason, both sides of every boundary."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from rules.errors import ErrorCode, Violation
from rules.opportunities import (
    AUDIT_REASONS,
    BANT,
    EDITABLE,
    OPPORTUNITY,
    VERIFICATION_REASONS,
    Audit,
    Content,
    DuplicateMatch,
    NamedOffering,
    OfficeDuty,
    OpportunityState,
    OpportunityWarning,
    Standing,
    Verdict,
    VerdictReason,
    Verification,
    check_audit,
    check_auditor,
    check_claim,
    check_delete,
    check_edit,
    check_submission,
    check_turn,
    check_verification,
    compute_deadline,
    compute_reminder,
    compute_state,
    compute_warnings,
)
from rules.policy import Policy, PolicyBook
from rules.sites import Site
from tests.rules.outcomes import codes

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
TODAY = date(2026, 3, 2)
E, S, V = ErrorCode, OpportunityState, VerdictReason
POLICY: Policy = PolicyBook().at(Site.CN, NOW)
DESCRIBED = {
    "budget": "Two million for this year.",
    "authority": "The CIO decides alone here.",
    "need": "One place for all our data.",
    "timeline": "Signed before the summer.",
}
WHOLE = Content(
    today=TODAY,
    required={"name": "Data lake", "preSales": ["CUSTOMER_MEETING"], "expectedRevenue": True},
    described=DESCRIBED,
    has_contact=True,
    revenue_minor=1_000_000,
    solution="Our lake house.",
    cloud_services=1,
    expected_sign_on=TODAY,
    expected_delivery_on=TODAY,
    consent_confirmed=True,
    consent_statement="A letter.",
)
IN_PLAN = Standing(S.DRAFT, in_plan=True)


def places(violations: list[Violation]) -> list[tuple[ErrorCode, tuple[str, ...]]]:
    """Codes with their paths."""
    return list(zip(codes(violations), [violation.path for violation in violations], strict=True))


class TestSubmission:
    def test_a_whole_one(self) -> None:
        assert check_submission(WHOLE, IN_PLAN, policy=POLICY) == []

    def test_an_empty_one_is_told_everything_at_once(self) -> None:
        empty = Content(today=TODAY, required={"name": " ", "preSales": [], "expectedRevenue": False})
        standing = Standing(S.VERIFYING, in_plan=False, duplicates=(DuplicateMatch.NAME,))

        found = places(check_submission(empty, standing, policy=POLICY))

        assert found == [
            (E.PO_NOT_EDITABLE, ()),
            (E.PCE_NOT_JOINED, ()),
            (E.PO_FIELD_REQUIRED, ("opportunity", "name")),
            (E.PO_FIELD_REQUIRED, ("opportunity", "preSales")),
            (E.PO_FIELD_REQUIRED, ("opportunity", "expectedRevenue")),
            (E.PO_FIELD_REQUIRED, ("opportunity", "contactMobile")),
            *((E.PO_BANT_INCOMPLETE, ("opportunity", part)) for part in BANT),
            (E.PO_SOLUTION_REQUIRED, ("opportunity", "solutionDescription")),
            (E.PO_CONSENT_REQUIRED, ("opportunity", "consentConfirmed")),
            (E.PO_CONSENT_REQUIRED, ("opportunity", "consentStatement")),
            (E.PO_DUPLICATE_VERIFIED, ()),
        ]

    @pytest.mark.parametrize("part", BANT)
    @pytest.mark.parametrize(("text", "ok"), [("a" * 9, False), ("a" * 10, True), (f" {'a' * 9} ", False), ("", False)])
    def test_each_part_of_the_description_has_ten_characters(self, part: str, text: str, ok: bool) -> None:
        content = replace(WHOLE, described={**DESCRIBED, part: text})
        expected = [] if ok else [(E.PO_BANT_INCOMPLETE, ("opportunity", part))]
        assert places(check_submission(content, IN_PLAN, policy=POLICY)) == expected

    def test_no_part_repeats_another_in_other_clothes(self) -> None:
        described = {**DESCRIBED, "timeline": "  TWO million for ｔｈｉｓ year. "}
        found = check_submission(replace(WHOLE, described=described), IN_PLAN, policy=POLICY)
        assert places(found) == [(E.PO_BANT_INCOMPLETE, ("opportunity", "timeline"))]

    @pytest.mark.parametrize(("minor", "ok"), [(0, False), (-1, False), (999_999, False), (1_000_000, True)])
    def test_the_revenue_is_worth_it(self, minor: int, ok: bool) -> None:
        found = check_submission(replace(WHOLE, revenue_minor=minor), IN_PLAN, policy=POLICY)
        assert codes(found) == ([] if ok else [E.PO_REVENUE_TOO_SMALL])
        assert [violation.parameters for violation in found] == ([] if ok else [{"min": "10000.00"}])

    @pytest.mark.parametrize(
        ("sign", "deliver", "fields"),
        [
            (TODAY - timedelta(1), TODAY, ["expectedSignOn"]),
            (TODAY, TODAY - timedelta(1), ["expectedDeliveryOn"]),
            (TODAY + timedelta(2), TODAY + timedelta(1), ["expectedDeliveryOn"]),
            (TODAY + timedelta(2), TODAY + timedelta(2), []),
            (None, TODAY - timedelta(1), ["expectedDeliveryOn"]),
        ],
    )
    def test_the_project_lies_ahead(self, sign: date | None, deliver: date | None, fields: list[str]) -> None:
        content = replace(WHOLE, expected_sign_on=sign, expected_delivery_on=deliver)
        expected = [(E.OUT_OF_RANGE, ("opportunity", name)) for name in fields]
        assert places(check_submission(content, IN_PLAN, policy=POLICY)) == expected

    def test_an_own_offering_is_an_own_solution_and_the_vendors_is_not(self) -> None:
        own, vendors = NamedOffering(True, False, True), NamedOffering(False, True, True)
        silent = replace(WHOLE, solution=None)
        assert check_submission(replace(silent, offerings=(own,)), IN_PLAN, policy=POLICY) == []
        found = check_submission(replace(silent, offerings=(vendors,)), IN_PLAN, policy=POLICY)
        assert codes(found) == [E.PO_SOLUTION_REQUIRED]

    @pytest.mark.parametrize(
        ("own", "vendor_led", "holds", "ok"),
        [
            (True, False, True, True),
            (False, True, True, True),
            (False, False, True, False),
            (True, False, False, False),
        ],
    )
    def test_offerings_named(self, own: bool, vendor_led: bool, holds: bool, ok: bool) -> None:
        fine = NamedOffering(True, False, True)
        content = replace(WHOLE, offerings=(fine, NamedOffering(own, vendor_led, holds)))
        expected = [] if ok else [(E.PO_OFFERING_NOT_OWNED, ("opportunity", "offeringIds", "1"))]
        assert places(check_submission(content, IN_PLAN, policy=POLICY)) == expected

    @pytest.mark.parametrize("state", S)
    def test_only_the_partners_own_states_are_edited(self, state: OpportunityState) -> None:
        assert codes(check_edit(state)) == ([] if state in EDITABLE else [E.PO_NOT_EDITABLE])
        assert codes(check_delete(state)) == ([] if state is S.DRAFT else [E.PO_NOT_EDITABLE])
        assert (OPPORTUNITY.target(state, "submit") is not None) == (state in EDITABLE)
        assert (OPPORTUNITY.target(state, "edit") is not None) == (state in EDITABLE)

    def test_warnings_stand_in_nobodys_way(self) -> None:
        assert compute_warnings(has_account=True, offerings=1, vendor_business=True) == []
        assert compute_warnings(has_account=False, offerings=0, vendor_business=False) == list(OpportunityWarning)


AUDIT = Audit(S.SUBMITTED, is_manager=True, in_plan=True, has_office=True, content=WHOLE)
PASS, REJECT = Verdict(True), Verdict(False, V.VAGUE, "What do they buy?")


class TestAudit:
    def audit(self, verdict: Verdict = PASS, *, ticked: bool = False, **changes: Any) -> list[ErrorCode]:
        return codes(check_audit(replace(AUDIT, **changes), verdict, vendor_business=ticked, policy=POLICY))

    def test_passes_and_rejects(self) -> None:
        assert self.audit() == []
        assert self.audit(REJECT) == []

    def test_all_reasons_at_once(self) -> None:
        bare = replace(WHOLE, cloud_services=0, revenue_minor=1)
        found = self.audit(state=S.VERIFYING, is_manager=False, in_plan=False, has_office=False, content=bare)
        assert found == [
            E.STATE_CONFLICT,
            E.NOT_PARTNERS_ECO_MANAGER,
            E.PCE_NOT_JOINED,
            E.PO_REVENUE_TOO_SMALL,
            E.PO_NOT_VENDOR_BUSINESS,
            E.PO_OFFICE_MISSING,
        ]

    def test_the_reviewer_may_state_that_it_is_the_vendors_business(self) -> None:
        bare = replace(WHOLE, cloud_services=0)
        assert self.audit(content=bare) == [E.PO_NOT_VENDOR_BUSINESS]
        assert self.audit(content=bare, ticked=True) == []
        assert self.audit(content=replace(bare, offerings=(NamedOffering(True, False, True),))) == []
        assert self.audit(REJECT, content=bare) == []

    @pytest.mark.parametrize("reason", V)
    def test_a_rejection_has_a_reason_of_its_stage(self, reason: VerdictReason) -> None:
        assert self.audit(Verdict(False, reason, "Why.", True)) == ([] if reason in AUDIT_REASONS else [E.OUT_OF_RANGE])

    @pytest.mark.parametrize("state", S)
    def test_only_what_was_submitted(self, state: OpportunityState) -> None:
        expected = [] if state is S.SUBMITTED else [E.STATE_CONFLICT]
        assert codes(check_auditor(state, is_manager=True)) == expected


DEADLINE = NOW + timedelta(days=14)
WAITING = Verification(S.VERIFYING, OfficeDuty.PSM, DEADLINE)


class TestVerification:
    @pytest.mark.parametrize("state", S)
    def test_the_first_decides(self, state: OpportunityState) -> None:
        found = codes(check_turn(replace(WAITING, state=state), now=NOW))
        before = {S.DRAFT, S.SUBMITTED, S.AUDIT_REJECTED}
        assert found == (
            [] if state is S.VERIFYING else [E.STATE_CONFLICT if state in before else E.PO_ALREADY_PROCESSED]
        )

    @pytest.mark.parametrize(("offset", "ok"), [(-timedelta(milliseconds=1), True), (timedelta(0), False)])
    def test_until_the_deadline(self, offset: timedelta, ok: bool) -> None:
        found = check_verification(WAITING, PASS, now=DEADLINE + offset)
        assert codes(found) == ([] if ok else [E.PO_ALREADY_PROCESSED])
        assert [violation.deadline for violation in found] == ([] if ok else [DEADLINE])
        expected = S.VERIFYING if ok else S.VERIFY_REJECTED
        assert compute_state(S.VERIFYING, DEADLINE, now=DEADLINE + offset) is expected
        assert compute_state(S.VERIFIED, DEADLINE, now=DEADLINE + offset) is S.VERIFIED

    def test_only_the_office(self) -> None:
        assert codes(check_turn(replace(WAITING, duty=None), now=NOW)) == [E.NOT_OFFICE_PSM]
        assert check_turn(replace(WAITING, duty=OfficeDuty.BD), now=NOW) == []

    def test_a_duplicate_of_a_verified_one_cannot_pass(self) -> None:
        twin = replace(WAITING, duplicates=(DuplicateMatch.ACCOUNT,))
        assert codes(check_verification(twin, PASS, now=NOW)) == [E.PO_DUPLICATE_VERIFIED]
        assert check_verification(twin, Verdict(False, V.DUPLICATE, "See there.", True), now=NOW) == []

    @pytest.mark.parametrize("reason", V)
    def test_a_rejection_has_a_reason_of_its_stage(self, reason: VerdictReason) -> None:
        found = codes(check_verification(WAITING, Verdict(False, reason, "Why.", True), now=NOW))
        assert found == ([] if reason in VERIFICATION_REASONS else [E.OUT_OF_RANGE])

    def test_a_rejection_without_words(self) -> None:
        found = places(check_verification(WAITING, Verdict(False), now=NOW))
        assert found == [(E.REASON_REQUIRED, ("input", "reason")), (E.REASON_REQUIRED, ("input", "note"))]
        long = codes(check_verification(WAITING, Verdict(False, V.VAGUE, "x" * 501), now=NOW))
        assert long == [E.OUT_OF_RANGE]
        nameless = places(check_verification(WAITING, Verdict(False, V.DUPLICATE, "Twice."), now=NOW))
        assert nameless == [(E.REQUIRED, ("input", "duplicateOfId"))]

    def test_one_claim_at_a_time(self) -> None:
        assert check_claim(WAITING, claimed_by_other=False, now=NOW) == []
        assert codes(check_claim(WAITING, claimed_by_other=True, now=NOW)) == [E.STATE_CONFLICT]

    def test_ten_and_seven_working_days(self) -> None:
        # Monday 2 March 2026: five working days a week until the Tomb-Sweeping festival.
        assert compute_deadline(NOW, POLICY).at == datetime(2026, 3, 16, 16, tzinfo=UTC)
        assert compute_reminder(NOW, POLICY).at == datetime(2026, 3, 11, 16, tzinfo=UTC)
