"""GraphQL of partners' opportunities, representative offices and offerings."""

from schema.opportunities.fields import OpportunityMutations, OpportunityQueries
from schema.opportunities.offices import Offering, OfficeMember, OfficeMutations, OfficeQueries, RepOffice
from schema.opportunities.types import Opportunity, OpportunityUpdate

__all__ = [
    "Offering",
    "OfficeMember",
    "OfficeMutations",
    "OfficeQueries",
    "Opportunity",
    "OpportunityMutations",
    "OpportunityQueries",
    "OpportunityUpdate",
    "RepOffice",
]
