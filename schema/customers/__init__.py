"""GraphQL of customer development: reports, invitations, acceptance, customers."""

from schema.customers.fields import CustomerMutations, CustomerQueries
from schema.customers.types import AssociationAttempt, Customer, CustomerInvitation, CustomerReport

__all__ = [
    "AssociationAttempt",
    "Customer",
    "CustomerInvitation",
    "CustomerMutations",
    "CustomerQueries",
    "CustomerReport",
]
