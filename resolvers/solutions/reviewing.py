"""The review of solutions, as the engine decides it."""

from resolvers.reviews.flows import Flow
from resolvers.solutions.certifying import decide_solution
from rules.access import Permission
from rules.errors import ErrorCode
from rules.reviews import ReviewKind

SOLUTION_FLOW = Flow(
    ReviewKind.SOLUTION,
    Permission.SOLUTIONS_DECIDE,
    decide_solution,
    frozenset({ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.REVIEW_CLAIMED}),
    ("solution.certified", "solution.rejected", "path.certified", "path.differentiated"),
    decide_solution,
)
