"""The kinds of reviews about paths, as the engine decides them."""

from resolvers.paths.annual import decide_annual_review
from resolvers.paths.certifying import decide_path_stage
from resolvers.reviews.flows import Flow
from rules.access import Permission
from rules.errors import ErrorCode
from rules.reviews import ReviewKind

_REFUSES = frozenset({ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.REVIEW_CLAIMED})
_RISEN = ("path.certified", "path.differentiated", "path.stage_rejected", "path.endangered")
_YEARLY = ("path.annual_review_passed", "path.annual_review_rejected")
_MAY = Permission.PATHS_DECIDE
PATH_FLOWS = (
    Flow(ReviewKind.PATH_ROLE, _MAY, decide_path_stage, _REFUSES, _RISEN, decide_path_stage),
    Flow(ReviewKind.PATH_DIFFERENTIATION, _MAY, decide_path_stage, _REFUSES, _RISEN, decide_path_stage),
    Flow(ReviewKind.PATH_ANNUAL, _MAY, decide_annual_review, _REFUSES, _YEARLY, decide_annual_review),
)
