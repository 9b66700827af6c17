"""Partner plans: the catalogue with its reasons, joining and leaving, the vendor's decisions."""

from resolvers.plans.actions import actions_of
from resolvers.plans.deciding import decide_plan_application, invite_to_plan, record_plan_exit
from resolvers.plans.joining import exit_plan, join_plan, withdraw_plan_application
from resolvers.plans.reading import (
    PlanOffer,
    joined_of,
    joined_plans,
    partners_of,
    plan_applications,
    plan_applications_in_review,
    plan_catalogue,
    visible,
)

__all__ = [
    "PlanOffer",
    "actions_of",
    "decide_plan_application",
    "exit_plan",
    "invite_to_plan",
    "join_plan",
    "joined_of",
    "joined_plans",
    "partners_of",
    "plan_applications",
    "plan_applications_in_review",
    "plan_catalogue",
    "record_plan_exit",
    "visible",
    "withdraw_plan_application",
]
