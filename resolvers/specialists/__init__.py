"""Project specialists: inviting employees' personal accounts, binding them, and letting them go."""

from resolvers.specialists.answering import (
    accept_specialist_invitation,
    decline_specialist_invitation,
    specialist_invitation,
)
from resolvers.specialists.expiry import expire_specialist_invitation, overdue_invitations
from resolvers.specialists.inviting import (
    SEND_ATTEMPTS,
    TOPIC,
    CheckedInvitee,
    InviteeCheck,
    check_invitee,
    invite_specialist,
    link_of,
    resend_specialist_invitation,
    revoke_specialist_invitation,
    state_of,
)
from resolvers.specialists.parting import request_specialist_unbind, unbind_specialist
from resolvers.specialists.reading import (
    SpecialistOverview,
    binding_actions,
    invitation_actions,
    my_specialist_bindings,
    my_specialist_invitations,
    partners_of,
    specialist_bindings,
    specialist_invitations,
    specialist_overview,
)

__all__ = [
    "SEND_ATTEMPTS",
    "TOPIC",
    "CheckedInvitee",
    "InviteeCheck",
    "SpecialistOverview",
    "accept_specialist_invitation",
    "binding_actions",
    "check_invitee",
    "decline_specialist_invitation",
    "expire_specialist_invitation",
    "invitation_actions",
    "invite_specialist",
    "link_of",
    "my_specialist_bindings",
    "my_specialist_invitations",
    "overdue_invitations",
    "partners_of",
    "request_specialist_unbind",
    "resend_specialist_invitation",
    "revoke_specialist_invitation",
    "specialist_bindings",
    "specialist_invitation",
    "specialist_invitations",
    "specialist_overview",
    "state_of",
    "unbind_specialist",
]
