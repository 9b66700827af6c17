"""Project specialists: inviting employees' personal accounts, binding them, and letting them go."""

from rules.specialists.binding import check_request_unbind, check_unbind
from rules.specialists.inviting import (
    Invitee,
    Link,
    check_choice,
    check_daily_limit,
    check_entitled,
    check_invitable,
    check_link,
    check_person,
    check_resend,
    check_statement,
    compute_invitation_end,
    compute_window_start,
)
from rules.specialists.kinds import (
    BINDING,
    INVITATION,
    BindingState,
    SpecialistInvitationState,
    compute_invitation_state,
)

__all__ = [
    "BINDING",
    "INVITATION",
    "BindingState",
    "Invitee",
    "Link",
    "SpecialistInvitationState",
    "check_choice",
    "check_daily_limit",
    "check_entitled",
    "check_invitable",
    "check_link",
    "check_person",
    "check_request_unbind",
    "check_resend",
    "check_statement",
    "check_unbind",
    "compute_invitation_end",
    "compute_invitation_state",
    "compute_window_start",
]
