"""GraphQL of market development funds."""

from schema.funds.fields import FundMutations, FundQueries
from schema.funds.types import MdfCase, MdfQuota, MdfViolation

__all__ = ["FundMutations", "FundQueries", "MdfCase", "MdfQuota", "MdfViolation"]
