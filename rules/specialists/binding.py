"""When a binding ends, and when its person may ask for that."""

from datetime import datetime

from rules.errors import ErrorCode, Violation
from rules.registry import rule
from rules.specialists.kinds import BINDING, BindingState

E, B = ErrorCode, BindingState
_UNBIND_PAGE = "https://huaweicloud.com/s/Jee9keermeWQjuWPsOeuoeeQhuWFpeWPoyU/t_30_p_8"


@rule("specialists.unbind", "A 11.4", codes=(E.SPECIALIST_MUST_BE_CANCELLED,), page=_UNBIND_PAGE)
def check_unbind(state: BindingState) -> list[Violation]:
    """SPECIALIST_MUST_BE_CANCELLED for a specialist, also while the cancellation is in review; STATE_CONFLICT unless
    bound, rejected or cancelled.
    """
    if state in (B.SPECIALIST, B.CANCEL_REVIEW):
        return [Violation(E.SPECIALIST_MUST_BE_CANCELLED, rule="specialists.unbind")]
    return BINDING.check(state, "unbind")


@rule("specialists.request_unbind", "A 11.4", codes=(E.STATE_CONFLICT, E.REQUEST_ALREADY_OPEN))
def check_request_unbind(state: BindingState, requested_at: datetime | None) -> list[Violation]:
    """STATE_CONFLICT once the binding has ended, REQUEST_ALREADY_OPEN when the person has asked before."""
    if state is B.UNBOUND:
        parameters = {"event": "request_unbind", "state": state.value, "allowed": "BOUND"}
        return [Violation(E.STATE_CONFLICT, rule="specialists.request_unbind", parameters=parameters)]
    if requested_at is not None:
        return [Violation(E.REQUEST_ALREADY_OPEN, rule="specialists.request_unbind")]
    return []
