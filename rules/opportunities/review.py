"""The vendor's part: the ecosystem manager's audit, the claim, the verification and its deadline."""

from dataclasses import dataclass
from datetime import datetime

from rules.calendar import NO_ENTRIES, Deadline, Entries, add_working_days
from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.opportunities.kinds import (
    AUDIT_REASONS,
    OPPORTUNITY,
    VERIFICATION_REASONS,
    DuplicateMatch,
    OfficeDuty,
    OpportunityState,
    VerdictReason,
)
from rules.opportunities.offices import check_office_psm
from rules.opportunities.submission import (
    Content,
    check_content,
    check_duplicate,
    check_plan,
    check_vendor_business,
)
from rules.policy import OPPORTUNITIES_REMINDER_DAYS, OPPORTUNITIES_VERIFICATION_DAYS, Policy
from rules.registry import rule

NOTE_LENGTH = 500
"""Longest explanation of a verdict, of a loss or of a cancellation, in characters."""

_DEADLINE_PAGE = "https://huaweicloud.com/s/JeWNjuS4uuS6kei0puWPt-WumOe9kSU/t_30_p_49/JeWQiOS9nOS8meS8tOS4reW_gyU"
_VALIDITY_PAGE = "https://huaweicloud.com/s/Jei0reS5sOiKgueCuSU/t_30_p_4/JeWQiOS9nOS8meS8tOS4reW_gyU"
_OFFICE_PAGE = "https://huaweicloud.com/s/JeS8muiuruWupOmihOe6pueuoeeQhuezu-e7nyU/t_30_p_16/JeWQiOS9nOS8meS8tOS4reW_gyU"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision as entered. `duplicate_named`: which other opportunity it repeats was named."""

    approve: bool
    reason: VerdictReason | None = None
    note: str | None = None
    duplicate_named: bool = False


@dataclass(frozen=True, slots=True)
class Audit:
    """An opportunity in the audit. `is_manager`: the actor is the ecosystem manager who answers for the partner.

    `has_office`: an office with a partner sales manager covers the customer's region.
    """

    state: OpportunityState
    is_manager: bool
    in_plan: bool
    has_office: bool
    content: Content


@dataclass(frozen=True, slots=True)
class Verification:
    """An opportunity in the verification. `duty` is the actor's at its office; `duplicates` as in `Standing`."""

    state: OpportunityState
    duty: OfficeDuty | None
    deadline: datetime | None
    duplicates: tuple[DuplicateMatch, ...] = ()


def check_audit(audit: Audit, verdict: Verdict, *, vendor_business: bool, policy: Policy) -> list[Violation]:
    """All reasons against a verdict of the audit."""
    violations = check_auditor(audit.state, is_manager=audit.is_manager)
    if not verdict.approve:
        return violations + _check_verdict(verdict, AUDIT_REASONS)
    return violations + check_audit_pass(audit, vendor_business=vendor_business, policy=policy)


def check_auditor(state: OpportunityState, *, is_manager: bool) -> list[Violation]:
    """Who audits, and when."""
    return OPPORTUNITY.check(state, "audit_pass") + check_eco_manager(is_manager)


def check_audit_pass(audit: Audit, *, vendor_business: bool, policy: Policy) -> list[Violation]:
    """Completeness, reasonableness and an office to go to."""
    return [
        *check_plan(audit.in_plan),
        *check_content(audit.content, policy=policy),
        *check_vendor_business(audit.content, ticked=vendor_business),
        *_check_office(audit.has_office),
    ]


@rule("opportunities.auditor", "B 6.5", codes=(ErrorCode.NOT_PARTNERS_ECO_MANAGER,))
def check_eco_manager(is_manager: bool) -> list[Violation]:
    """NOT_PARTNERS_ECO_MANAGER for all but the one who answers for the partner; any one where nobody does."""
    return [] if is_manager else [Violation(ErrorCode.NOT_PARTNERS_ECO_MANAGER, rule="opportunities.auditor")]


@rule("opportunities.routing", "B 6.5", codes=(ErrorCode.PO_OFFICE_MISSING,), page=_OFFICE_PAGE)
def _check_office(has_office: bool) -> list[Violation]:
    return [] if has_office else [Violation(ErrorCode.PO_OFFICE_MISSING, rule="opportunities.routing")]


@rule(
    "opportunities.verdict",
    "B 6.3",
    codes=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE, ErrorCode.REQUIRED),
    page=_VALIDITY_PAGE,
)
def _check_verdict(verdict: Verdict, allowed: frozenset[VerdictReason]) -> list[Violation]:
    """A rejection has a reason of its stage and a word of explanation; that of a duplicate names the other one."""
    name, violations = "opportunities.verdict", []
    if verdict.reason is None:
        violations.append(Violation(ErrorCode.REASON_REQUIRED, ("input", "reason"), name))
    elif verdict.reason not in allowed:
        parameters = {"allowed": sorted(allowed)}
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "reason"), name, parameters))
    violations += check_text(
        verdict.note, "input", "note", rule=name, longest=NOTE_LENGTH, missing=ErrorCode.REASON_REQUIRED
    )
    if verdict.reason is VerdictReason.DUPLICATE and not verdict.duplicate_named:
        violations.append(Violation(ErrorCode.REQUIRED, ("input", "duplicateOfId"), name))
    return violations


def check_verification(verification: Verification, verdict: Verdict, *, now: datetime) -> list[Violation]:
    """All reasons against a verdict of the verification. The first one to act decides."""
    violations = check_turn(verification, now=now)
    if not verdict.approve:
        return violations + _check_verdict(verdict, VERIFICATION_REASONS)
    return violations + check_duplicate(verification.duplicates)


@rule("opportunities.first", "B 6.5", codes=(ErrorCode.PO_ALREADY_PROCESSED,), page=_DEADLINE_PAGE)
def check_turn(verification: Verification, *, now: datetime) -> list[Violation]:
    """Whether somebody of the office may still decide: PO_ALREADY_PROCESSED when somebody else, or the time, has."""
    violations = check_office_psm(verification.duty)
    before = (OpportunityState.DRAFT, OpportunityState.SUBMITTED, OpportunityState.AUDIT_REJECTED)
    if verification.state in before:
        return violations + OPPORTUNITY.check(verification.state, "verify_pass")
    if compute_state(verification.state, verification.deadline, now=now) is not OpportunityState.VERIFYING:
        code = ErrorCode.PO_ALREADY_PROCESSED
        violations.append(Violation(code, rule="opportunities.first", deadline=verification.deadline))
    return violations


def check_claim(verification: Verification, *, claimed_by_other: bool, now: datetime) -> list[Violation]:
    """A claim tells the others that somebody is at it; it binds nobody, and there is one at a time."""
    return check_turn(verification, now=now) + _check_unclaimed(claimed_by_other)


@rule("opportunities.claim", "D 1", codes=(ErrorCode.STATE_CONFLICT,))
def _check_unclaimed(claimed_by_other: bool) -> list[Violation]:
    if not claimed_by_other:
        return []
    parameters = {"event": "claim", "state": "CLAIMED", "allowed": "UNCLAIMED"}
    return [Violation(ErrorCode.STATE_CONFLICT, rule="opportunities.claim", parameters=parameters)]


@rule("opportunities.deadline", "B 6.5", policy=(OPPORTUNITIES_VERIFICATION_DAYS,), page=_DEADLINE_PAGE)
def compute_deadline(audited_at: datetime, policy: Policy, entries: Entries = NO_ENTRIES) -> Deadline:
    """The first instant too late to verify: the end of the tenth working day after the audit."""
    return add_working_days(audited_at, policy[OPPORTUNITIES_VERIFICATION_DAYS], policy.site, entries)


@rule("opportunities.reminder", "B 6.5", policy=(OPPORTUNITIES_REMINDER_DAYS,), page=_DEADLINE_PAGE)
def compute_reminder(audited_at: datetime, policy: Policy, entries: Entries = NO_ENTRIES) -> Deadline:
    """When the office is reminded of an opportunity that nobody has decided."""
    return add_working_days(audited_at, policy[OPPORTUNITIES_REMINDER_DAYS], policy.site, entries)


def compute_state(state: OpportunityState, deadline: datetime | None, *, now: datetime) -> OpportunityState:
    """The state that counts now: what nobody verified in time is rejected, also before the schedule has marked it."""
    over = state is OpportunityState.VERIFYING and deadline is not None and now >= deadline
    return OpportunityState.VERIFY_REJECTED if over else state
