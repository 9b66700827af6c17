"""Reconciling an incentive: confirming it in time, what its deadline does, freezing, and what expiry is offset with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rules.calendar import NO_ENTRIES, Deadline, Entries, add_working_days
from rules.customers import AssociationType
from rules.customers.forms import check_text
from rules.errors import ErrorCode, Violation
from rules.incentives.kinds import INCENTIVE, IncentiveStatus, OnDeadline
from rules.incentives.policies import IncentivePolicy
from rules.policy import INCENTIVES_CONFIRM_TOGETHER, PLANS_CLAIM_AFTER_EXIT, Policy
from rules.registry import rule

_CONFIRM_PAGE = "https://support.huaweicloud.com/intl/zh-cn/usermanual-bpconsole/dp_061101.html"
_FREEZE_PAGE = "https://support.huaweicloud.com/intl/th-th/usermanual-bpconsole/Dis_000534.html"
_OFFSET_PAGE = "https://support.huaweicloud.com/bpconsole_faq/faq_dp_060009.html"
_CLAIM_PAGE = "https://huaweicloud.com/s/JeaZuuaFp-WNj-WQjOWKnuWFrOW5s-WPsCU/t_30_p_7/JeWQiOS9nOS8meS8tOS4reW_gyU"
REASON_LENGTH = 500
"""Longest reason of the vendor, in characters."""


@dataclass(frozen=True, slots=True)
class IncentiveFacts:
    """What the rules ask about one incentive; `amount` in minor units, after offsets.

    From `claim_until` on it cannot be claimed: its partner has left the plan long ago. None while the partner is in it.
    """

    status: IncentiveStatus
    amount: int
    association_type: AssociationType
    generated_at: datetime
    deadline: datetime
    on_deadline: OnDeadline
    frozen: bool = False
    claim_until: datetime | None = None

    def standing(self, now: datetime) -> IncentiveStatus:
        """The status as it holds at `now`: past the deadline it has changed, marked or not."""
        event = compute_deadline_event(self, now)
        status = self.status if event is None else INCENTIVE.after(self.status, event)
        over = INCENTIVE.target(status, "lapse") is not None and is_claim_over(self, now)
        return IncentiveStatus.LAPSED if over else status


@rule("incentives.deadline", "B 16.4", page=_CONFIRM_PAGE)
def compute_confirm_deadline(
    generated_at: datetime, policy: IncentivePolicy, entries: Entries = NO_ENTRIES
) -> Deadline:
    """The first instant too late for the partner's confirmation, by the working days of the policy's site."""
    return add_working_days(generated_at, policy.confirm_working_days, policy.site, entries)


@rule("incentives.on_deadline", "B 16.4", page=_CONFIRM_PAGE)
def compute_deadline_event(facts: IncentiveFacts, now: datetime) -> str | None:
    """What time does to an incentive: `auto_confirm`, `expire`, or None while there is time or nothing is pending.

    A negative amount never expires: silence must not cancel what the partner owes.
    """
    if facts.status is not IncentiveStatus.PENDING_CONFIRM or now < facts.deadline:
        return None
    return "expire" if facts.on_deadline is OnDeadline.EXPIRE and facts.amount > 0 else "auto_confirm"


@rule("incentives.claim", "A 8.4", policy=(PLANS_CLAIM_AFTER_EXIT,), page=_CLAIM_PAGE)
def compute_claim_end(plan_ended_at: datetime, *, policy: Policy) -> datetime:
    """The first instant at which what was earned in a selling plan that ended then can be claimed no more."""
    return plan_ended_at + policy[PLANS_CLAIM_AFTER_EXIT]


def is_claim_over(facts: IncentiveFacts, now: datetime) -> bool:
    """Whether the time to claim it is over. What a partner owes does not lapse."""
    return facts.amount > 0 and facts.claim_until is not None and now >= facts.claim_until


@rule(
    "incentives.confirm",
    "B 16.4",
    codes=(ErrorCode.INCENTIVE_EXPIRED, ErrorCode.INCENTIVE_CLAIM_OVER, ErrorCode.STATE_CONFLICT),
    page=_CONFIRM_PAGE,
)
def check_confirm(facts: IncentiveFacts, *path: str, now: datetime) -> list[Violation]:
    """INCENTIVE_EXPIRED when its time is over, INCENTIVE_CLAIM_OVER when it has lapsed after the plan's end,
    STATE_CONFLICT when there is nothing to confirm any more.
    """
    status = facts.standing(now)
    if status is IncentiveStatus.PENDING_CONFIRM:
        return []
    code = _TOO_LATE.get(status, ErrorCode.STATE_CONFLICT)
    parameters = {"event": "confirm", "state": status.value, "allowed": IncentiveStatus.PENDING_CONFIRM.value}
    deadline = facts.claim_until if status is IncentiveStatus.LAPSED else facts.deadline
    return [Violation(code, path, "incentives.confirm", parameters, deadline=deadline)]


_TOO_LATE = {
    IncentiveStatus.EXPIRED: ErrorCode.INCENTIVE_EXPIRED,
    IncentiveStatus.LAPSED: ErrorCode.INCENTIVE_CLAIM_OVER,
}


@rule(
    "incentives.confirm_together",
    "B 16.4",
    policy=(INCENTIVES_CONFIRM_TOGETHER,),
    codes=(ErrorCode.INCENTIVE_CONFIRM_TOGETHER,),
    page=_CONFIRM_PAGE,
)
def check_together(left_out: int, *path: str, policy: Policy) -> list[Violation]:
    """INCENTIVE_CONFIRM_TOGETHER where the pending incentives of a month are confirmed all at once and `left_out` of
    them are not among those chosen.
    """
    if not left_out or not policy[INCENTIVES_CONFIRM_TOGETHER]:
        return []
    details = {"left_out": left_out}
    return [Violation(ErrorCode.INCENTIVE_CONFIRM_TOGETHER, path, "incentives.confirm_together", details)]


@rule("incentives.freeze", "B 16.5", codes=(ErrorCode.INCENTIVE_FROZEN,), page=_FREEZE_PAGE)
def check_freeze(facts: IncentiveFacts, *, now: datetime) -> list[Violation]:
    """All reasons against freezing: STATE_CONFLICT once it is expired or being paid, INCENTIVE_FROZEN already."""
    violations = INCENTIVE.check(facts.standing(now), "freeze")
    if facts.frozen:
        violations.append(Violation(ErrorCode.INCENTIVE_FROZEN, rule="incentives.freeze"))
    return violations


@rule("incentives.unfreeze", "B 16.5", codes=(ErrorCode.INCENTIVE_NOT_FROZEN,), page=_FREEZE_PAGE)
def check_unfreeze(facts: IncentiveFacts, *, now: datetime) -> list[Violation]:
    """All reasons against unfreezing: STATE_CONFLICT once it is expired or being paid, INCENTIVE_NOT_FROZEN."""
    violations = INCENTIVE.check(facts.standing(now), "unfreeze")
    if not facts.frozen:
        violations.append(Violation(ErrorCode.INCENTIVE_NOT_FROZEN, rule="incentives.unfreeze"))
    return violations


@rule("incentives.reason", "B 16.5", codes=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE), page=_FREEZE_PAGE)
def check_reason(reason: str | None) -> list[Violation]:
    """The vendor says why: the partner reads it."""
    missing = ErrorCode.REASON_REQUIRED
    return check_text(reason, "input", "reason", rule="incentives.reason", longest=REASON_LENGTH, missing=missing)


@rule("incentives.offset", "B 16.4", page=_OFFSET_PAGE)
def compute_offsets(expiring: int, negatives: Sequence[int]) -> list[int]:
    """What an expiring amount takes off the negative ones that exist, in their order: 200 against -600 gives [200].

    Minor units; each offset is 0 up to what the negative amount owes, together no more than `expiring`.
    """
    offsets = []
    for owed in negatives:
        offset = max(0, min(expiring, -owed))
        expiring -= offset
        offsets.append(offset)
    return offsets
