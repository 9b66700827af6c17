"""The words of customer development: facts, association types, states of reports, invitations and attempts."""

from enum import StrEnum

from rules.transitions import machine


class AssociationType(StrEnum):
    """Who pays the vendor: the customer (referral), or the partner out of what it allots to the customer (resale)."""

    REFERRAL = "REFERRAL"
    RESALE = "RESALE"


class CustomerFact(StrEnum):
    """What the vendor records about a customer because a rule asks for it; absent means that it is not so.

    A master is an enterprise account with members below it. A unified member is paid for by its master, a non-unified
    one keeps accounts of its own.
    """

    OTHER_SITE = "OTHER_SITE"
    OTHER_COUNTRY = "OTHER_COUNTRY"
    INTERNAL_ACCOUNT = "INTERNAL_ACCOUNT"
    CONSUMER_CLOUD_USER = "CONSUMER_CLOUD_USER"
    SIGNED_CONTRACT = "SIGNED_CONTRACT"
    SPECIAL_CONTRACT = "SPECIAL_CONTRACT"
    PROFESSIONAL_SERVICE_CONTRACT = "PROFESSIONAL_SERVICE_CONTRACT"
    CASH_CONSUMPTION = "CASH_CONSUMPTION"
    FOLLOWED_BY_DIRECT_SALES = "FOLLOWED_BY_DIRECT_SALES"
    REPORTED_BY_VENDOR = "REPORTED_BY_VENDOR"
    ONLINE_SALES_TEAM = "ONLINE_SALES_TEAM"
    SUPPORT_CENTRE = "SUPPORT_CENTRE"
    KEY_ACCOUNT = "KEY_ACCOUNT"
    REFERRAL_REWARD_PLAN = "REFERRAL_REWARD_PLAN"
    SUBSIDY_PLAN = "SUBSIDY_PLAN"
    UNIFIED_MEMBER = "UNIFIED_MEMBER"
    NON_UNIFIED_MEMBER = "NON_UNIFIED_MEMBER"
    MASTER_WITH_UNIFIED_MEMBERS = "MASTER_WITH_UNIFIED_MEMBERS"
    MASTER_WITH_NON_UNIFIED_MEMBERS = "MASTER_WITH_NON_UNIFIED_MEMBERS"
    ARREARS = "ARREARS"
    UNSETTLED_BILL = "UNSETTLED_BILL"
    OWED_INVOICE = "OWED_INVOICE"
    STORED_VALUE_CARD = "STORED_VALUE_CARD"
    GIFT_BALANCE = "GIFT_BALANCE"
    CREDIT_ACCOUNT = "CREDIT_ACCOUNT"
    RESERVED_INSTANCE = "RESERVED_INSTANCE"
    SUPPORT_PLAN = "SUPPORT_PLAN"
    MEMBERS_WITH_SUPPORT_PLAN = "MEMBERS_WITH_SUPPORT_PLAN"
    ORDERS_AWAIT_PAYMENT = "ORDERS_AWAIT_PAYMENT"
    FROZEN_BY_HAND = "FROZEN_BY_HAND"
    FROZEN_WITH_RESOURCES = "FROZEN_WITH_RESOURCES"
    NO_CURRENCY = "NO_CURRENCY"


class ReportStatus(StrEnum):
    """Where a report stands. A customer who needs a review has no report until somebody applies for it."""

    PENDING_REVIEW = "PENDING_REVIEW"
    REPORTED = "REPORTED"
    REJECTED = "REJECTED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    RELEASED = "RELEASED"
    ASSOCIATED = "ASSOCIATED"


class InvitationChannel(StrEnum):
    """How an invitation reaches the customer: a mail about one report, or a general link or code handed over."""

    ONLINE_MAIL = "ONLINE_MAIL"
    OFFLINE_LINK = "OFFLINE_LINK"
    OFFLINE_QR = "OFFLINE_QR"


class InvitationState(StrEnum):
    """Whether an invitation still opens the door; only one sent online is used up by its customer."""

    ACTIVE = "ACTIVE"
    USED = "USED"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class AttemptState(StrEnum):
    """How one customer's try to associate by an invitation ended; a further try is a further attempt."""

    PENDING = "PENDING"
    ASSOCIATED = "ASSOCIATED"
    FAILED = "FAILED"


R = ReportStatus
REPORT = machine(
    "customer_report",
    ReportStatus,
    (R.REPORTED, R.PENDING_REVIEW),
    "B 2.3",
    (R.PENDING_REVIEW, "approve", "vendor", R.REPORTED),
    (R.PENDING_REVIEW, "reject", "vendor", R.REJECTED),
    (R.PENDING_REVIEW, "withdraw", "partner", R.WITHDRAWN),
    (R.REPORTED, "associate", "customer", R.ASSOCIATED),
    (R.REPORTED, "expire", "system", R.EXPIRED),
    (R.REPORTED, "release", "vendor", R.RELEASED),
    (R.REPORTED, "cancel", "partner", R.CANCELLED),
)

V = InvitationState
INVITATION = machine(
    "invitation",
    InvitationState,
    (V.ACTIVE,),
    "B 3.1",
    (V.ACTIVE, "use", "customer", V.USED),
    (V.ACTIVE, "expire", "system", V.EXPIRED),
    (V.ACTIVE, "revoke", "partner", V.REVOKED),
)

A = AttemptState
ATTEMPT = machine(
    "association_attempt",
    AttemptState,
    (A.PENDING,),
    "B 3.4",
    (A.PENDING, "associate", "customer", A.ASSOCIATED),
    (A.PENDING, "fail", "customer", A.FAILED),
)
