"""Enums that several domains share, introduced to GraphQL before any of them uses one."""

import strawberry

from rules.access import Role
from rules.customers import AssociationType, InvitationState
from rules.paths import PathCode, PathStage
from rules.sites import Site

strawberry.enum(Site, description="One of the vendor's two sites; accounts of one are unknown to the other.")
strawberry.enum(Role, description="What an actor is; a partner's member has one to three of the partner roles.")
strawberry.enum(AssociationType, description="How a customer buys through its partner.")
strawberry.enum(PathCode, description="A direction in which a partner develops.")
strawberry.enum(PathStage, description="How far a partner has come on a path.")
strawberry.enum(InvitationState, description="Whether an invitation still opens the door.")

__all__ = ["AssociationType", "InvitationState", "PathCode", "PathStage", "Role", "Site"]
