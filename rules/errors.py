"""The error catalogue: every code a refusal can carry, and the shape of a refusal.

A text for each code stands in locales/*.toml under the code's name. Codes that a published rule stands behind name the
rule's id in `Violation.rule`.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """Why an operation was refused. One enum for the whole API, in sections by domain."""

    # generic: no rule stands behind
    REQUIRED = "REQUIRED"
    INVALID_FORMAT = "INVALID_FORMAT"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    TOO_MANY = "TOO_MANY"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    STATE_CONFLICT = "STATE_CONFLICT"
    STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
    PROOF_INVALID = "PROOF_INVALID"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"

    # access
    ADMIN_ONLY = "ADMIN_ONLY"
    MAIN_ACCOUNT_ONLY = "MAIN_ACCOUNT_ONLY"
    PERMISSION_DENIED = "PERMISSION_DENIED"

    # accounts
    CONTACT_TAKEN = "CONTACT_TAKEN"
    MOBILE_INVALID = "MOBILE_INVALID"
    MOBILE_NOT_OF_SITE = "MOBILE_NOT_OF_SITE"
    EMAIL_INVALID = "EMAIL_INVALID"
    CONTACT_REQUIRED = "CONTACT_REQUIRED"
    TERMS_REQUIRED = "TERMS_REQUIRED"
    REGISTRATION_THROTTLED = "REGISTRATION_THROTTLED"
    PASSWORD_LENGTH = "PASSWORD_LENGTH"
    PASSWORD_CLASSES = "PASSWORD_CLASSES"
    PASSWORD_CONTAINS_CONTACT = "PASSWORD_CONTAINS_CONTACT"
    PASSWORD_REUSED = "PASSWORD_REUSED"
    SIGN_IN_FAILED = "SIGN_IN_FAILED"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    ACCOUNT_FROZEN = "ACCOUNT_FROZEN"
    SESSION_INVALID = "SESSION_INVALID"
    REAL_NAME_ALREADY_PASSED = "REAL_NAME_ALREADY_PASSED"
    REAL_NAME_REQUIRED = "REAL_NAME_REQUIRED"

    # verifications
    CODE_TOO_SOON = "CODE_TOO_SOON"
    CODE_SEND_LIMIT = "CODE_SEND_LIMIT"
    CODE_WRONG = "CODE_WRONG"
    CODE_EXPIRED = "CODE_EXPIRED"
    CODE_TOO_MANY_TRIES = "CODE_TOO_MANY_TRIES"
    CONTACT_NOT_BOUND = "CONTACT_NOT_BOUND"

    # partners
    ALREADY_PARTNER = "ALREADY_PARTNER"
    HCPN_REQUIRED = "HCPN_REQUIRED"
    CREDIT_CODE_INVALID = "CREDIT_CODE_INVALID"
    COMPANY_MISMATCH = "COMPANY_MISMATCH"
    REASON_REQUIRED = "REASON_REQUIRED"
    PARTNER_FROZEN = "PARTNER_FROZEN"
    PARTNER_RESTRICTED = "PARTNER_RESTRICTED"

    # plans
    PLAN_INVITE_ONLY = "PLAN_INVITE_ONLY"
    PLAN_NOT_ELIGIBLE = "PLAN_NOT_ELIGIBLE"
    PLAN_ALREADY_JOINED = "PLAN_ALREADY_JOINED"
    PLAN_EXIT_OFFLINE_ONLY = "PLAN_EXIT_OFFLINE_ONLY"
    AGREEMENT_REQUIRED = "AGREEMENT_REQUIRED"

    # members
    ROLE_COUNT = "ROLE_COUNT"
    ROLE_EXCLUSIVE_ADMIN = "ROLE_EXCLUSIVE_ADMIN"
    ROLE_CONFLICT = "ROLE_CONFLICT"
    USERNAME_TAKEN = "USERNAME_TAKEN"

    # reporting, inviting and associating customers
    REPORT_CONTACT_REQUIRED = "REPORT_CONTACT_REQUIRED"
    REPORT_LIMIT_REACHED = "REPORT_LIMIT_REACHED"
    REPORT_CUSTOMER_OTHER_SITE = "REPORT_CUSTOMER_OTHER_SITE"
    REPORT_CUSTOMER_ALREADY_ASSOCIATED = "REPORT_CUSTOMER_ALREADY_ASSOCIATED"
    REPORT_CUSTOMER_REPORTED_BY_OTHER = "REPORT_CUSTOMER_REPORTED_BY_OTHER"
    REPORT_CUSTOMER_CONSUMER_USER = "REPORT_CUSTOMER_CONSUMER_USER"
    REPORT_CUSTOMER_CONTRACT = "REPORT_CUSTOMER_CONTRACT"
    REPORT_CUSTOMER_CASH_NOT_FOLLOWED = "REPORT_CUSTOMER_CASH_NOT_FOLLOWED"
    REPORT_CUSTOMER_UNIFIED_MEMBER = "REPORT_CUSTOMER_UNIFIED_MEMBER"
    REPORT_CUSTOMER_REFERRAL_PLAN = "REPORT_CUSTOMER_REFERRAL_PLAN"
    REPORT_DUPLICATE_OWN = "REPORT_DUPLICATE_OWN"
    REPORT_REVIEW_REQUIRED = "REPORT_REVIEW_REQUIRED"
    INVITATION_NOT_REPORTED = "INVITATION_NOT_REPORTED"
    INVITATION_EMAIL_REQUIRED = "INVITATION_EMAIL_REQUIRED"
    INVITATION_TYPE_NOT_ALLOWED = "INVITATION_TYPE_NOT_ALLOWED"
    LINK_INVALID = "LINK_INVALID"
    LINK_EXPIRED = "LINK_EXPIRED"
    LINK_USED = "LINK_USED"
    NOTICE_REQUIRED = "NOTICE_REQUIRED"
    ASSOCIATION_OTHER_SITE = "ASSOCIATION_OTHER_SITE"
    ASSOCIATION_ALREADY_ASSOCIATED = "ASSOCIATION_ALREADY_ASSOCIATED"
    ASSOCIATION_CUSTOMER_IS_PARTNER = "ASSOCIATION_CUSTOMER_IS_PARTNER"
    ASSOCIATION_REPORTED_BY_VENDOR = "ASSOCIATION_REPORTED_BY_VENDOR"
    ASSOCIATION_SUBSIDY_PLAN = "ASSOCIATION_SUBSIDY_PLAN"
    ASSOCIATION_REWARD_PLAN = "ASSOCIATION_REWARD_PLAN"
    ASSOCIATION_CONSUMER_USER = "ASSOCIATION_CONSUMER_USER"
    ASSOCIATION_NOT_REPORTED = "ASSOCIATION_NOT_REPORTED"
    ASSOCIATION_ARREARS = "ASSOCIATION_ARREARS"
    ASSOCIATION_UNIFIED_MEMBER = "ASSOCIATION_UNIFIED_MEMBER"
    ASSOCIATION_SPECIAL_CONTRACT = "ASSOCIATION_SPECIAL_CONTRACT"
    ASSOCIATION_RESERVED_INSTANCE = "ASSOCIATION_RESERVED_INSTANCE"
    ASSOCIATION_OWED_INVOICE = "ASSOCIATION_OWED_INVOICE"
    ASSOCIATION_STORED_VALUE_CARD = "ASSOCIATION_STORED_VALUE_CARD"
    ASSOCIATION_MASTER_WITH_MEMBERS = "ASSOCIATION_MASTER_WITH_MEMBERS"
    ASSOCIATION_IS_MEMBER = "ASSOCIATION_IS_MEMBER"
    ASSOCIATION_GIFT_BALANCE = "ASSOCIATION_GIFT_BALANCE"
    ASSOCIATION_CREDIT_ACCOUNT = "ASSOCIATION_CREDIT_ACCOUNT"
    ASSOCIATION_UNSETTLED_BILL = "ASSOCIATION_UNSETTLED_BILL"

    # unbinding and switching of associations
    ACKNOWLEDGEMENT_REQUIRED = "ACKNOWLEDGEMENT_REQUIRED"
    NOT_OWN_CUSTOMER = "NOT_OWN_CUSTOMER"
    SAME_ASSOCIATION_TYPE = "SAME_ASSOCIATION_TYPE"
    CUSTOMER_REQUEST_TOO_RECENT = "CUSTOMER_REQUEST_TOO_RECENT"
    PARTNER_REQUEST_LIMIT = "PARTNER_REQUEST_LIMIT"
    CUSTOMER_REQUEST_LIMIT = "CUSTOMER_REQUEST_LIMIT"
    REQUEST_ALREADY_OPEN = "REQUEST_ALREADY_OPEN"
    UNBIND_MASTER_WITH_MEMBERS = "UNBIND_MASTER_WITH_MEMBERS"
    UNBIND_IS_MEMBER = "UNBIND_IS_MEMBER"
    UNBIND_RESERVED_INSTANCE = "UNBIND_RESERVED_INSTANCE"
    UNBIND_SUPPORT_PLAN = "UNBIND_SUPPORT_PLAN"
    UNBIND_ORDERS_AWAIT_PAYMENT = "UNBIND_ORDERS_AWAIT_PAYMENT"
    UNBIND_ARREARS = "UNBIND_ARREARS"
    UNBIND_SPECIAL_CONTRACT = "UNBIND_SPECIAL_CONTRACT"
    UNBIND_CUSTOMER_FROZEN = "UNBIND_CUSTOMER_FROZEN"
    UNBIND_NO_CURRENCY = "UNBIND_NO_CURRENCY"
    UNBIND_KEY_ACCOUNT = "UNBIND_KEY_ACCOUNT"


ACCESS_CODES = frozenset({ErrorCode.ADMIN_ONLY, ErrorCode.MAIN_ACCOUNT_ONLY, ErrorCode.PERMISSION_DENIED})
"""Reasons of a top-level FORBIDDEN; they appear among `blockers` too, never among a payload's user errors."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One reason to refuse.

    `path` leads to the offending input (`("input", "lines", "3")`), empty for the whole operation; `parameters` fill
    the text; `rule` is the id of the published rule that said no. The rest is set where it helps the caller: when it
    becomes possible, the deadline missed, or the limit met.
    """

    code: ErrorCode
    path: tuple[str, ...] = ()
    rule: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)
    retryable: bool = False
    available_at: datetime | None = None
    deadline: datetime | None = None
    limit: Decimal | None = None
    used: Decimal | None = None
    requested: Decimal | None = None
    resets_at: datetime | None = None


class Rejected(Exception):
    """A command refuses, with every reason at once. Nothing it wrote stays."""

    def __init__(self, violations: list[Violation]) -> None:
        super().__init__(", ".join(violation.code for violation in violations))
        self.violations = violations


def require(violations: list[Violation]) -> None:
    """Raises `Rejected` when there is any violation."""
    if violations:
        raise Rejected(violations)


def refuse(code: ErrorCode, *path: str, **details: Any) -> Rejected:
    """A refusal for one reason, to be raised; `path` as the caller's input, `details` as in `Violation`."""
    return Rejected([Violation(code, path, **details)])


@dataclass(frozen=True, slots=True)
class Conflict(Violation):
    """Somebody else changed the object first; `current` is the row as it stands now."""

    current: object = None
    expected_version: int = 0


@dataclass(frozen=True, slots=True)
class StepUpRequired(Violation):
    """The operation needs a code; `challenge` is the verification that was sent."""

    challenge: object = None
