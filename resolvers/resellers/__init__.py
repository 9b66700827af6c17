"""Distributors and resellers: applications, invitations, links, and parting."""

import resolvers.resellers.invariants  # noqa: F401 - registered by being imported
from resolvers.resellers.inviting import (
    SEND_ATTEMPTS,
    TOPIC,
    invite_reseller,
    link_of,
    revoke_reseller_invitation,
    state_of,
)
from resolvers.resellers.linking import (
    Offer,
    accept_reseller_invitation,
    decide_reseller_applications,
    reseller_invitation,
)
from resolvers.resellers.parting import end_reseller_exit, start_reseller_exit
from resolvers.resellers.reading import (
    ResellerFilter,
    application_actions,
    distributors_of,
    invitation_actions,
    link_actions,
    my_distributor,
    reseller_applications,
    reseller_invitations,
    resellers,
    resellers_of,
)

__all__ = [
    "SEND_ATTEMPTS",
    "TOPIC",
    "Offer",
    "ResellerFilter",
    "accept_reseller_invitation",
    "application_actions",
    "decide_reseller_applications",
    "distributors_of",
    "end_reseller_exit",
    "invitation_actions",
    "invite_reseller",
    "link_actions",
    "link_of",
    "my_distributor",
    "reseller_applications",
    "reseller_invitation",
    "reseller_invitations",
    "resellers",
    "resellers_of",
    "revoke_reseller_invitation",
    "start_reseller_exit",
    "state_of",
]
