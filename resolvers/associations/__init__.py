"""Customer relations: unbinding and switching in both directions, their requests and records."""

import resolvers.associations.invariants  # noqa: F401 - registered by being imported
from resolvers.associations.answers import answer_leave_request, answer_partner_request, withdraw_association_request
from resolvers.associations.assigning import assign_customers
from resolvers.associations.expiry import expire_association_request, overdue_requests
from resolvers.associations.reads import (
    assignments_of,
    association_actions,
    association_of_requests,
    association_records,
    association_requests,
    customers_of,
    managers_of,
    my_partner,
    open_requests_of,
    partners_of,
    request_actions,
    requests_of,
)
from resolvers.associations.requests import request_leave, request_switch, request_unbind

__all__ = [
    "answer_leave_request",
    "answer_partner_request",
    "assign_customers",
    "assignments_of",
    "association_actions",
    "association_of_requests",
    "association_records",
    "association_requests",
    "customers_of",
    "expire_association_request",
    "managers_of",
    "my_partner",
    "open_requests_of",
    "overdue_requests",
    "partners_of",
    "request_actions",
    "request_leave",
    "request_switch",
    "request_unbind",
    "requests_of",
    "withdraw_association_request",
]
