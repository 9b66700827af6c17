"""GraphQL of partner plans: the catalogue, memberships and their progress, joining, leaving and deciding, tiers."""

from schema.plans.fields import PlanMutations, PlanQueries
from schema.plans.relations import RelationMutations, RelationQueries
from schema.plans.types import PlanMembership

__all__ = ["PlanMembership", "PlanMutations", "PlanQueries", "RelationMutations", "RelationQueries"]
