"""A partner's employees with personal accounts: states of invitations and of bindings."""

from datetime import datetime
from enum import StrEnum

from rules.transitions import machine


class SpecialistInvitationState(StrEnum):
    """What became of an invitation to a personal account."""

    INVITED = "INVITED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class BindingState(StrEnum):
    """How a personal account belongs to a partner, and whether its holder is a project specialist."""

    BOUND = "BOUND"
    SPECIALIST_REVIEW = "SPECIALIST_REVIEW"
    SPECIALIST_REJECTED = "SPECIALIST_REJECTED"
    SPECIALIST = "SPECIALIST"
    CANCEL_REVIEW = "CANCEL_REVIEW"
    CANCELLED = "CANCELLED"
    VENDOR_CANCELLED = "VENDOR_CANCELLED"
    UNBOUND = "UNBOUND"


S, B = SpecialistInvitationState, BindingState
INVITATION = machine(
    "specialist_invitation",
    SpecialistInvitationState,
    (S.INVITED,),
    "A 11.4",
    (S.INVITED, "resend", "main account", S.INVITED),
    (S.INVITED, "accept", "person", S.ACCEPTED),
    (S.INVITED, "decline", "person", S.DECLINED),
    (S.INVITED, "revoke", "main account", S.REVOKED),
    (S.INVITED, "expire", "time", S.EXPIRED),
)
BINDING = machine(
    "specialist_binding",
    BindingState,
    (B.BOUND,),
    "A 11.4",
    (B.BOUND, "apply", "administrator", B.SPECIALIST_REVIEW),
    (B.SPECIALIST_REJECTED, "apply", "administrator", B.SPECIALIST_REVIEW),
    (B.CANCELLED, "apply", "administrator", B.SPECIALIST_REVIEW),
    (B.VENDOR_CANCELLED, "apply", "administrator", B.SPECIALIST_REVIEW),
    (B.SPECIALIST_REVIEW, "approve_application", "vendor", B.SPECIALIST),
    (B.SPECIALIST_REVIEW, "reject_application", "vendor", B.SPECIALIST_REJECTED),
    (B.SPECIALIST, "request_cancellation", "administrator", B.CANCEL_REVIEW),
    (B.CANCEL_REVIEW, "withdraw_cancellation", "administrator", B.SPECIALIST),
    (B.CANCEL_REVIEW, "approve_cancellation", "vendor", B.CANCELLED),
    (B.CANCEL_REVIEW, "reject_cancellation", "vendor", B.SPECIALIST),
    (B.SPECIALIST, "cancel_by_vendor", "vendor", B.VENDOR_CANCELLED),
    (B.BOUND, "unbind", "main account", B.UNBOUND),
    (B.SPECIALIST_REJECTED, "unbind", "main account", B.UNBOUND),
    (B.CANCELLED, "unbind", "main account", B.UNBOUND),
    (B.VENDOR_CANCELLED, "unbind", "main account", B.UNBOUND),
)


def compute_invitation_state(
    state: SpecialistInvitationState, valid_until: datetime, *, now: datetime
) -> SpecialistInvitationState:
    """The state that counts now: an invitation past its end is EXPIRED, also before the schedule has marked it."""
    return S.EXPIRED if state is S.INVITED and now >= valid_until else state
