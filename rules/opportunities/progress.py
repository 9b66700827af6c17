"""After the verification: updates of both sides, signing, delivery, loss, and the vendor's cancellation."""

from dataclasses import dataclass
from datetime import date

from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.opportunities.kinds import OPPORTUNITY, UNVERIFIED, OfficeDuty, OpportunityState, ProgressKind, Side
from rules.opportunities.offices import check_office_psm
from rules.opportunities.review import NOTE_LENGTH
from rules.registry import rule

TEXT_LENGTH = 2000
"""Longest entry of the timeline, in characters."""

EVIDENCE_LENGTH = 200
"""Longest name or number of a contract or acceptance document, in characters."""

_CANCEL_PAGE = "https://huaweicloud.com/s/JeWNjuS4uuS6kei0puWPt-WumOe9kSU/t_30_p_49/JeWQiOS9nOS8meS8tOS4reW_gyU"


@dataclass(frozen=True, slots=True)
class Author:
    """Who acts on a verified opportunity: the partner itself, or the vendor's staff with a duty at its office."""

    side: Side
    duty: OfficeDuty | None = None
    is_manager: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """An entry as typed. `need_named`: which support is asked for; `answers_request`: it names a request."""

    kind: ProgressKind
    text: str
    need_named: bool = False
    answers_request: bool = False


def check_progress(state: OpportunityState, author: Author, progress: Progress) -> list[Violation]:
    """All reasons against an entry in the timeline."""
    return [*check_author(state, author, "update"), *_check_entry(author, progress)]


@rule("opportunities.verified", "B 6.5", codes=(ErrorCode.PO_NOT_VERIFIED,))
def check_author(state: OpportunityState, author: Author, event: str) -> list[Violation]:
    """PO_NOT_VERIFIED before the verification has passed, STATE_CONFLICT when all is over; NOT_OFFICE_PSM."""
    violations = [] if author.side is Side.PARTNER else check_office_psm(author.duty)
    if state in UNVERIFIED:
        parameters = {"state": state.value}
        violations.append(Violation(ErrorCode.PO_NOT_VERIFIED, rule="opportunities.verified", parameters=parameters))
        return violations
    return violations + OPPORTUNITY.check(state, event)


@rule("opportunities.timeline", "D 2", codes=(ErrorCode.REQUIRED, ErrorCode.OUT_OF_RANGE))
def _check_entry(author: Author, progress: Progress) -> list[Violation]:
    """The partner asks for support and names which; the vendor answers, and names the request."""
    name = "opportunities.timeline"
    violations = check_text(progress.text, "input", "text", rule=name, longest=TEXT_LENGTH)
    asks, answers = progress.kind is ProgressKind.SUPPORT_REQUEST, progress.kind is ProgressKind.SUPPORT_ANSWER
    if (asks and author.side is not Side.PARTNER) or (answers and author.side is not Side.VENDOR):
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "kind"), name))
    if asks != progress.need_named:
        violations.append(_misplaced("supportNeed", wanted=asks))
    if answers != progress.answers_request:
        violations.append(_misplaced("answersId", wanted=answers))
    return violations


def _misplaced(field: str, *, wanted: bool) -> Violation:
    code = ErrorCode.REQUIRED if wanted else ErrorCode.OUT_OF_RANGE
    return Violation(code, ("input", field), "opportunities.timeline")


@rule("opportunities.signing", "B 6.5", codes=(ErrorCode.OUT_OF_RANGE, ErrorCode.REQUIRED))
def check_signing(
    state: OpportunityState, *, signed_on: date, amount_minor: int, evidence: str, submitted_on: date, today: date
) -> list[Violation]:
    """All reasons against marking it signed: the contract is dated after the submission and not ahead, and is worth
    something.
    """
    name = "opportunities.signing"
    violations = check_author(state, Author(Side.PARTNER), "sign")
    violations += _check_day("signedOn", signed_on, submitted_on, today, rule_id=name)
    if amount_minor <= 0:
        violations.append(Violation(ErrorCode.OUT_OF_RANGE, ("input", "amount"), name, {"min": "0.01", "max": None}))
    return violations + check_text(evidence, "input", "contractRef", rule=name, longest=EVIDENCE_LENGTH)


@rule("opportunities.delivery", "B 6.5", codes=(ErrorCode.OUT_OF_RANGE, ErrorCode.REQUIRED))
def check_delivery(
    state: OpportunityState, *, delivered_on: date, evidence: str, signed_on: date | None, today: date
) -> list[Violation]:
    """All reasons against marking it delivered: not before it was signed and not ahead, with the acceptance."""
    name = "opportunities.delivery"
    violations = check_author(state, Author(Side.PARTNER), "deliver")
    violations += _check_day("deliveredOn", delivered_on, signed_on or date.min, today, rule_id=name)
    return violations + check_text(evidence, "input", "acceptanceRef", rule=name, longest=EVIDENCE_LENGTH)


def _check_day(field: str, day: date, earliest: date, latest: date, *, rule_id: str) -> list[Violation]:
    if earliest <= day <= latest:
        return []
    parameters = {"min": earliest.isoformat(), "max": latest.isoformat()}
    return [Violation(ErrorCode.OUT_OF_RANGE, ("input", field), rule_id, parameters)]


@rule("opportunities.loss", "B 6.5", codes=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE))
def check_loss(state: OpportunityState, reason: str) -> list[Violation]:
    """All reasons against marking it lost, which needs a word why."""
    violations = check_author(state, Author(Side.PARTNER), "lose")
    return violations + _check_reason(reason, rule_id="opportunities.loss")


@rule(
    "opportunities.cancellation",
    "B 6.5",
    codes=(ErrorCode.PO_CANNOT_CANCEL, ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE),
    page=_CANCEL_PAGE,
)
def check_cancellation(state: OpportunityState, author: Author, reason: str) -> list[Violation]:
    """All reasons against a cancellation: a partner never cancels, whatever the state."""
    violations = check_may_cancel(state, author)
    return violations + _check_reason(reason, rule_id="opportunities.cancellation")


def check_may_cancel(state: OpportunityState, author: Author) -> list[Violation]:
    """PO_CANNOT_CANCEL for a partner; the vendor's office or the partner's ecosystem manager, once it is verified."""
    if author.side is Side.PARTNER:
        return [Violation(ErrorCode.PO_CANNOT_CANCEL, rule="opportunities.cancellation")]
    present = Author(author.side, author.duty or (OfficeDuty.BD if author.is_manager else None))
    return check_author(state, present, "cancel")


def _check_reason(reason: str, *, rule_id: str) -> list[Violation]:
    missing = ErrorCode.REASON_REQUIRED
    return check_text(reason, "input", "reason", rule=rule_id, longest=NOTE_LENGTH, missing=missing)
