"""Development paths: the catalogue with its requirements, choosing and leaving, stages, the yearly review."""

from resolvers.paths.annual import (
    due_enrollments,
    pass_path_year,
    submit_annual_review,
    withdraw_path_application,
)
from resolvers.paths.certificates import PathCertificate, certificates_of
from resolvers.paths.certifying import apply_differentiation, apply_role_validation, follow_achievements
from resolvers.paths.choosing import (
    accept_path_invitation,
    exit_path,
    expire_path_invitation,
    invite_to_path,
    overdue_path_invitations,
    record_path_exit,
    select_path,
)
from resolvers.paths.facts import enrolled_paths, stages_of
from resolvers.paths.reading import (
    PathOffer,
    actions_of,
    eligibility_of,
    ho_eligibility,
    partners_of,
    path_enrollments,
    paths,
)
from resolvers.paths.recording import set_path_record
from resolvers.paths.scope import visible

__all__ = [
    "PathCertificate",
    "PathOffer",
    "accept_path_invitation",
    "actions_of",
    "apply_differentiation",
    "apply_role_validation",
    "certificates_of",
    "due_enrollments",
    "eligibility_of",
    "enrolled_paths",
    "exit_path",
    "expire_path_invitation",
    "follow_achievements",
    "ho_eligibility",
    "invite_to_path",
    "overdue_path_invitations",
    "partners_of",
    "pass_path_year",
    "path_enrollments",
    "paths",
    "record_path_exit",
    "select_path",
    "set_path_record",
    "stages_of",
    "submit_annual_review",
    "visible",
    "withdraw_path_application",
]
