"""GraphQL of the experts' incentive."""

from schema.experts.fields import ExpertMutations, ExpertQueries
from schema.experts.types import Expert, ExpertIncentive, ExpertQualification

__all__ = ["Expert", "ExpertIncentive", "ExpertMutations", "ExpertQualification", "ExpertQueries"]
