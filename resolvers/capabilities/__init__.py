"""Capability labels: the catalogue, applications with their reviews and assessments, the end of labels, badges."""

from resolvers.capabilities.applying import (
    create_capability_application,
    submit_capability_application,
    update_capability_application,
)
from resolvers.capabilities.assessing import (
    due_assessments,
    expire_assessment,
    give_assessment,
    request_assessment,
    revoke_assessment,
    state_of,
)
from resolvers.capabilities.badges import Badge, badges_of
from resolvers.capabilities.lasting import due_capabilities, pass_capability_time
from resolvers.capabilities.reading import (
    LabelOffer,
    actions_of,
    applications_of,
    assessment_actions,
    assessments,
    capability_applications,
    capability_labels,
    partners_of,
)
from resolvers.capabilities.scope import visible, waiting_assessments

__all__ = [
    "Badge",
    "LabelOffer",
    "actions_of",
    "applications_of",
    "assessment_actions",
    "assessments",
    "badges_of",
    "capability_applications",
    "capability_labels",
    "create_capability_application",
    "due_assessments",
    "due_capabilities",
    "expire_assessment",
    "give_assessment",
    "partners_of",
    "pass_capability_time",
    "request_assessment",
    "revoke_assessment",
    "state_of",
    "submit_capability_application",
    "update_capability_application",
    "visible",
    "waiting_assessments",
]
