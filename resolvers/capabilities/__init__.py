"""Capability labels: the catalogue, applications with their reviews, the end of labels, badges."""

from resolvers.capabilities.applying import (
    create_capability_application,
    submit_capability_application,
    update_capability_application,
)
from resolvers.capabilities.badges import Badge, badges_of
from resolvers.capabilities.lasting import due_capabilities, pass_capability_time
from resolvers.capabilities.reading import (
    LabelOffer,
    actions_of,
    capability_applications,
    capability_labels,
    partners_of,
)
from resolvers.capabilities.scope import visible

__all__ = [
    "Badge",
    "LabelOffer",
    "actions_of",
    "badges_of",
    "capability_applications",
    "capability_labels",
    "create_capability_application",
    "due_capabilities",
    "partners_of",
    "pass_capability_time",
    "submit_capability_application",
    "update_capability_application",
    "visible",
]
