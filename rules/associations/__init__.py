"""Associations of customers with partners, and the requests of either side to end or change them."""

from rules.associations.checks import ACCOUNT_CHECKS, AccountCheck, check_account
from rules.associations.effects import compute_beginning, compute_effects
from rules.associations.kinds import (
    ASSOCIATION,
    OPEN_STATUSES,
    REQUEST,
    AssociationEffect,
    AssociationFacts,
    AssociationSource,
    AssociationStatus,
    PendingRequest,
    Purpose,
    RequestInitiator,
    RequestKind,
    RequestStatus,
)
from rules.associations.requests import (
    REASON_LENGTH,
    RequestForm,
    check_answer,
    check_opening,
    check_request,
    check_withdraw,
    compute_deadline,
    compute_first_status,
)
from rules.associations.windows import RequestHistory, check_open, check_windows, compute_free_at, compute_window_start

__all__ = [
    "ACCOUNT_CHECKS",
    "ASSOCIATION",
    "OPEN_STATUSES",
    "REASON_LENGTH",
    "REQUEST",
    "AccountCheck",
    "AssociationEffect",
    "AssociationFacts",
    "AssociationSource",
    "AssociationStatus",
    "PendingRequest",
    "Purpose",
    "RequestForm",
    "RequestHistory",
    "RequestInitiator",
    "RequestKind",
    "RequestStatus",
    "check_account",
    "check_answer",
    "check_open",
    "check_opening",
    "check_request",
    "check_windows",
    "check_withdraw",
    "compute_beginning",
    "compute_deadline",
    "compute_effects",
    "compute_first_status",
    "compute_free_at",
    "compute_window_start",
]
