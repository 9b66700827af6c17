"""Solutions: the registry, certifications with their ends, sharing them inside a company."""

from resolvers.solutions.certifying import (
    create_solution,
    due_solutions,
    pass_solution_time,
    submit_solution,
    update_solution,
)
from resolvers.solutions.reading import actions_of, partners_of, solutions
from resolvers.solutions.scope import visible
from resolvers.solutions.sharing import SharableCertification, sharable_certifications, share_certification

__all__ = [
    "SharableCertification",
    "actions_of",
    "create_solution",
    "due_solutions",
    "partners_of",
    "pass_solution_time",
    "sharable_certifications",
    "share_certification",
    "solutions",
    "submit_solution",
    "update_solution",
    "visible",
]
