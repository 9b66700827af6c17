"""Partner plans: the catalogue with its reasons, joining and leaving, how long it lasts, the vendor's decisions."""

import resolvers.plans.invariants  # noqa: F401 - registered by being imported
from resolvers.plans.actions import actions_of, upgrade_actions_of
from resolvers.plans.certificates import Certificate, certificates_of
from resolvers.plans.deciding import decide_plan_application, record_plan_exit
from resolvers.plans.declaring import declare_relations, relation_declarations, relations_of
from resolvers.plans.inviting import decline_plan_invitation, invite_to_plan, revoke_plan_invitation
from resolvers.plans.joining import exit_plan, join_plan, withdraw_plan_application
from resolvers.plans.lasting import (
    accept_plan_agreement,
    announce_expiry,
    ending_memberships,
    expire_membership,
    overdue_memberships,
    renew_plan,
)
from resolvers.plans.reading import (
    PlanOffer,
    joined_of,
    joined_plans,
    memberships_of,
    partners_of,
    plan_agreements,
    plan_applications,
    plan_applications_in_review,
    plan_catalogue,
    visible,
)
from resolvers.plans.rising import propose_tier, tier_upgrades, upgrade_tier, withdraw_tier_upgrade
from resolvers.plans.upgrades import TierOffer, higher_tiers_of

__all__ = [
    "Certificate",
    "PlanOffer",
    "TierOffer",
    "accept_plan_agreement",
    "actions_of",
    "announce_expiry",
    "certificates_of",
    "decide_plan_application",
    "declare_relations",
    "decline_plan_invitation",
    "ending_memberships",
    "exit_plan",
    "expire_membership",
    "higher_tiers_of",
    "invite_to_plan",
    "join_plan",
    "joined_of",
    "joined_plans",
    "memberships_of",
    "overdue_memberships",
    "partners_of",
    "plan_agreements",
    "plan_applications",
    "plan_applications_in_review",
    "plan_catalogue",
    "propose_tier",
    "record_plan_exit",
    "relation_declarations",
    "relations_of",
    "renew_plan",
    "revoke_plan_invitation",
    "tier_upgrades",
    "upgrade_actions_of",
    "upgrade_tier",
    "visible",
    "withdraw_plan_application",
    "withdraw_tier_upgrade",
]
