"""Making a request to unbind or switch, answering it, taking it back."""

from dataclasses import dataclass
from datetime import datetime

from rules.associations.checks import check_account
from rules.associations.kinds import (
    ASSOCIATION,
    OPEN_STATUSES,
    REQUEST,
    AssociationFacts,
    PendingRequest,
    Purpose,
    RequestInitiator,
    RequestStatus,
)
from rules.associations.windows import RequestHistory, check_open, check_windows
from rules.customers import AssociationType
from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.policy import ASSOCIATIONS_REQUEST_LIFE, Policy
from rules.registry import rule

REASON_LENGTH = 500
"""Longest reason for a request or for its rejection, in characters."""

_GUARDS_PAGE = "https://huaweicloud.com/s/JXZzY29kZSDlh73mlbDosIPnlKjlhbPns7sl/t_30_p_2/JeWQiOS9nOS8meS8tOS4reW_gyU"
_REQUEST_PAGE = "https://support.huaweicloud.com/eu/usermanual-bpconsole/dp_050101.html"
_ANSWER_PAGE = "https://support.huaweicloud.com/intl/tr-tr/bpconsole_faq/faq_dp_030009.html"


@dataclass(frozen=True, slots=True)
class RequestForm:
    """What the asking side enters beside the purpose."""

    reason: str | None
    acknowledged: bool


def check_request(
    purpose: Purpose,
    form: RequestForm,
    facts: AssociationFacts,
    history: RequestHistory,
    *,
    now: datetime,
    policy: Policy,
) -> list[Violation]:
    """All reasons against making a request; who is an administrator is asked by the access table, not here."""
    return _check_form(purpose, form) + check_opening(purpose, facts, history, now=now, policy=policy)


def check_opening(
    purpose: Purpose, facts: AssociationFacts, history: RequestHistory, *, now: datetime, policy: Policy
) -> list[Violation]:
    """All reasons that do not depend on what is entered: what `actions` shows before the attempt."""
    return [
        *ASSOCIATION.check(facts.status, purpose.kind.value.lower()),
        *_check_own(purpose, facts),
        *_check_target(purpose, facts),
        *check_windows(purpose, history, now=now, policy=policy),
        *check_open(history),
        *check_account(purpose, facts, site=policy.site),
    ]


@rule(
    "associations.request",
    "B 4.1",
    codes=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE, ErrorCode.ACKNOWLEDGEMENT_REQUIRED),
    page=_REQUEST_PAGE,
)
def _check_form(purpose: Purpose, form: RequestForm) -> list[Violation]:
    """A partner says why, a customer may; both confirm that they have read the notes."""
    violations = []
    name = "associations.request"
    if not form.acknowledged:
        violations.append(Violation(ErrorCode.ACKNOWLEDGEMENT_REQUIRED, ("input", "acknowledged"), name))
    if purpose.initiator is RequestInitiator.PARTNER or form.reason:
        violations += _check_reason(form.reason, rule=name)
    return violations


def _check_reason(reason: str | None, *, rule: str) -> list[Violation]:
    missing = ErrorCode.REASON_REQUIRED
    return check_text(reason, "input", "reason", rule=rule, longest=REASON_LENGTH, missing=missing)


@rule("associations.own_customer", "B 4.2", codes=(ErrorCode.NOT_OWN_CUSTOMER,))
def _check_own(purpose: Purpose, facts: AssociationFacts) -> list[Violation]:
    if facts.own or purpose.initiator is RequestInitiator.CUSTOMER:
        return []
    return [Violation(ErrorCode.NOT_OWN_CUSTOMER, rule="associations.own_customer")]


@rule(
    "associations.switch",
    "B 4.1",
    codes=(ErrorCode.SAME_ASSOCIATION_TYPE, ErrorCode.INVITATION_TYPE_NOT_ALLOWED),
    page=_GUARDS_PAGE,
)
def _check_target(purpose: Purpose, facts: AssociationFacts) -> list[Violation]:
    """A switch leads to another type, and to one that the partner may offer a new customer, too."""
    path, name = ("input", "targetType"), "associations.switch"
    violations = []
    if purpose.target is facts.type:
        violations.append(Violation(ErrorCode.SAME_ASSOCIATION_TYPE, path, name))
    if purpose.target is AssociationType.REFERRAL and not facts.may_refer:
        violations.append(Violation(ErrorCode.INVITATION_TYPE_NOT_ALLOWED, path, name))
    return violations


@rule(
    "associations.answer",
    "B 4.3",
    codes=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE),
    page=_ANSWER_PAGE,
)
def check_answer(
    request: PendingRequest,
    facts: AssociationFacts,
    *,
    side: RequestInitiator,
    approve: bool,
    reason: str | None,
    now: datetime,
    policy: Policy,
) -> list[Violation]:
    """All reasons against an answer by `side`. To approve, the account check must pass again; the windows are not asked
    again. A partner that rejects gives a reason.
    """
    violations = _check_turn(request, "approve" if approve else "reject", side, now=now)
    if approve:
        violations += ASSOCIATION.check(facts.status, request.purpose.kind.value.lower())
        return violations + check_account(request.purpose, facts, site=policy.site)
    if side is RequestInitiator.PARTNER or reason:
        violations += _check_reason(reason, rule="associations.answer")
    return violations


def check_withdraw(request: PendingRequest, *, side: RequestInitiator, now: datetime) -> list[Violation]:
    """STATE_CONFLICT unless `side` made the request and it is still open. A request taken back stays counted."""
    return _check_turn(request, "withdraw", side, now=now)


def _check_turn(request: PendingRequest, event: str, side: RequestInitiator, *, now: datetime) -> list[Violation]:
    """Whether it is for `side` to do `event` now; past its deadline a request is over, marked or not."""
    over = request.status in OPEN_STATUSES and now >= request.deadline
    status = RequestStatus.EXPIRED if over else request.status
    needed = [row.source for row in REQUEST.transitions if row.event == event and row.by == side.value.lower()]
    if status in needed:
        return []
    parameters = {"event": event, "state": status.value, "allowed": needed}
    deadline = request.deadline if status is RequestStatus.EXPIRED else None
    return [Violation(ErrorCode.STATE_CONFLICT, rule=REQUEST.rule, parameters=parameters, deadline=deadline)]


@rule("associations.deadline", "B 4.3", policy=(ASSOCIATIONS_REQUEST_LIFE,))
def compute_deadline(submitted_at: datetime, policy: Policy) -> datetime:
    """The first instant at which the other side can answer no more."""
    return submitted_at + policy[ASSOCIATIONS_REQUEST_LIFE]


def compute_first_status(initiator: RequestInitiator) -> RequestStatus:
    """A new request waits for the side that did not make it."""
    by_partner = initiator is RequestInitiator.PARTNER
    return RequestStatus.PENDING_CUSTOMER if by_partner else RequestStatus.PENDING_PARTNER
