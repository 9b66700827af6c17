"""The words of opportunities: states, verdicts, what a template chooses from, and the machine."""

from enum import StrEnum

from rules.transitions import machine


class OpportunityState(StrEnum):
    """Where a partner's opportunity stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    AUDIT_REJECTED = "AUDIT_REJECTED"
    VERIFYING = "VERIFYING"
    VERIFY_REJECTED = "VERIFY_REJECTED"
    VERIFIED = "VERIFIED"
    SIGNED = "SIGNED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


S = OpportunityState
# Deleting a draft leads to no state; `check_delete` asks for it.
OPPORTUNITY = machine(
    "opportunity",
    OpportunityState,
    (S.DRAFT,),
    "B 6.5",
    (S.DRAFT, "edit", "partner", S.DRAFT),
    (S.AUDIT_REJECTED, "edit", "partner", S.AUDIT_REJECTED),
    (S.DRAFT, "submit", "partner", S.SUBMITTED),
    (S.AUDIT_REJECTED, "submit", "partner", S.SUBMITTED),
    (S.SUBMITTED, "audit_pass", "ecosystem manager", S.VERIFYING),
    (S.SUBMITTED, "audit_reject", "ecosystem manager", S.AUDIT_REJECTED),
    (S.VERIFYING, "claim", "PSM of the office", S.VERIFYING),
    (S.VERIFYING, "verify_pass", "PSM of the office or BD", S.VERIFIED),
    (S.VERIFYING, "verify_reject", "PSM of the office or BD", S.VERIFY_REJECTED),
    (S.VERIFYING, "expire", "system", S.VERIFY_REJECTED),
    (S.VERIFIED, "update", "partner, PSM or BD", S.VERIFIED),
    (S.SIGNED, "update", "partner, PSM or BD", S.SIGNED),
    (S.VERIFIED, "sign", "partner", S.SIGNED),
    (S.SIGNED, "deliver", "partner", S.DELIVERED),
    (S.VERIFIED, "lose", "partner", S.LOST),
    (S.VERIFIED, "cancel", "vendor", S.CANCELLED),
    (S.SIGNED, "cancel", "vendor", S.CANCELLED),
)

EDITABLE = frozenset({S.DRAFT, S.AUDIT_REJECTED})
"""States in which the partner still writes."""

UNVERIFIED = frozenset({S.DRAFT, S.SUBMITTED, S.AUDIT_REJECTED, S.VERIFYING, S.VERIFY_REJECTED})
"""States before, or without, a passed verification."""

CONFIRMED = frozenset({S.VERIFIED, S.SIGNED, S.DELIVERED})
"""Of several opportunities about the same thing one at most is in these states."""


class VerdictReason(StrEnum):
    """Why an opportunity was rejected, in the audit or in the verification."""

    INCOMPLETE = "INCOMPLETE"
    NOT_VENDOR_BUSINESS = "NOT_VENDOR_BUSINESS"
    NO_REVENUE = "NO_REVENUE"
    NOT_OWN_SOLUTION = "NOT_OWN_SOLUTION"
    NO_CONTACT = "NO_CONTACT"
    NO_BUDGET_OR_TIME = "NO_BUDGET_OR_TIME"
    VAGUE = "VAGUE"
    NOT_CONFIRMED_BY_CUSTOMER = "NOT_CONFIRMED_BY_CUSTOMER"
    DEAL_ALREADY_DONE = "DEAL_ALREADY_DONE"
    NO_INCREMENT = "NO_INCREMENT"
    DUPLICATE = "DUPLICATE"
    DEADLINE_PASSED = "DEADLINE_PASSED"


V = VerdictReason
AUDIT_REASONS = frozenset(
    {
        V.INCOMPLETE,
        V.NOT_VENDOR_BUSINESS,
        V.NO_REVENUE,
        V.NOT_OWN_SOLUTION,
        V.NO_CONTACT,
        V.NO_BUDGET_OR_TIME,
        V.NO_INCREMENT,
        V.VAGUE,
    }
)
VERIFICATION_REASONS = frozenset(
    {
        V.NO_CONTACT,
        V.NO_BUDGET_OR_TIME,
        V.NO_INCREMENT,
        V.VAGUE,
        V.NOT_CONFIRMED_BY_CUSTOMER,
        V.DEAL_ALREADY_DONE,
        V.DUPLICATE,
    }
)


class Industry(StrEnum):
    """The final customer's line of business."""

    GOVERNMENT = "GOVERNMENT"
    FINANCE = "FINANCE"
    MANUFACTURING = "MANUFACTURING"
    HEALTHCARE = "HEALTHCARE"
    EDUCATION = "EDUCATION"
    TRANSPORT = "TRANSPORT"
    ENERGY = "ENERGY"
    RETAIL = "RETAIL"
    INTERNET = "INTERNET"
    MEDIA = "MEDIA"
    OTHER = "OTHER"


class Track(StrEnum):
    """The field of technology an offering belongs to; an opportunity's need tags follow from its offerings."""

    DATA_AND_AI = "DATA_AND_AI"
    APPLICATION_MODERNISATION = "APPLICATION_MODERNISATION"
    MIGRATION = "MIGRATION"
    SECURITY = "SECURITY"
    IOT = "IOT"
    COLLABORATION = "COLLABORATION"
    ENTERPRISE_APPLICATIONS = "ENTERPRISE_APPLICATIONS"
    INDUSTRY_SOLUTIONS = "INDUSTRY_SOLUTIONS"


class CloudService(StrEnum):
    """A family of the vendor's cloud services that a solution may use."""

    COMPUTE = "COMPUTE"
    STORAGE = "STORAGE"
    NETWORK = "NETWORK"
    DATABASE = "DATABASE"
    CONTAINERS = "CONTAINERS"
    MIDDLEWARE = "MIDDLEWARE"
    SECURITY = "SECURITY"
    AI = "AI"
    BIG_DATA = "BIG_DATA"
    IOT = "IOT"
    MEDIA = "MEDIA"
    ENTERPRISE_APPLICATIONS = "ENTERPRISE_APPLICATIONS"


class SupportNeed(StrEnum):
    """What a partner asks of the vendor for an opportunity."""

    ARCHITECTURE_VALIDATION = "ARCHITECTURE_VALIDATION"
    BUSINESS_DEMO = "BUSINESS_DEMO"
    TECHNICAL_CONSULTING = "TECHNICAL_CONSULTING"
    POLICY_SUPPORT = "POLICY_SUPPORT"
    RESOURCE_CONFIGURATION = "RESOURCE_CONFIGURATION"
    VISIBILITY_ONLY = "VISIBILITY_ONLY"


class PreSalesActivity(StrEnum):
    """What the partner has already done with the customer."""

    CUSTOMER_MEETING = "CUSTOMER_MEETING"
    NEED_ALIGNMENT = "NEED_ALIGNMENT"
    SOLUTION_TALK = "SOLUTION_TALK"
    DEMONSTRATION = "DEMONSTRATION"
    PROOF_OF_CONCEPT = "PROOF_OF_CONCEPT"
    QUOTATION = "QUOTATION"


class UpdateKind(StrEnum):
    """What an entry of an opportunity's timeline says."""

    SUBMITTED = "SUBMITTED"
    AUDITED = "AUDITED"
    AUDIT_REJECTED = "AUDIT_REJECTED"
    CLAIMED = "CLAIMED"
    VERIFIED = "VERIFIED"
    VERIFY_REJECTED = "VERIFY_REJECTED"
    PROGRESS = "PROGRESS"
    SUPPORT_REQUEST = "SUPPORT_REQUEST"
    SUPPORT_ANSWER = "SUPPORT_ANSWER"
    SIGNED = "SIGNED"
    DELIVERED = "DELIVERED"
    LOST = "LOST"
    CANCELLED = "CANCELLED"


class ProgressKind(StrEnum):
    """What people themselves add to the timeline; the rest follows from what is done with the opportunity."""

    PROGRESS = "PROGRESS"
    SUPPORT_REQUEST = "SUPPORT_REQUEST"
    SUPPORT_ANSWER = "SUPPORT_ANSWER"


class Side(StrEnum):
    """Who wrote an entry of the timeline."""

    PARTNER = "PARTNER"
    VENDOR = "VENDOR"
    SYSTEM = "SYSTEM"


class OpportunityWarning(StrEnum):
    """What does not stand in the way of an opportunity but may cost the partner."""

    W_NO_ACCOUNT_REPORT = "W_NO_ACCOUNT_REPORT"
    W_NO_OFFERING = "W_NO_OFFERING"
    W_NO_VENDOR_PRODUCT = "W_NO_VENDOR_PRODUCT"


class OfficeDuty(StrEnum):
    """What a member of a representative office does there: every PSM is told of an opportunity to verify."""

    PSM = "PSM"
    BD = "BD"


class OfferingKind(StrEnum):
    """Which list makes an offering count."""

    BASELINE = "BASELINE"
    MARKETPLACE_GOOD = "MARKETPLACE_GOOD"


class OfferingLead(StrEnum):
    """Whose an offering is: the vendor's, for every partner, or one partner's own."""

    VENDOR = "VENDOR"
    PARTNER = "PARTNER"


class DuplicateMatch(StrEnum):
    """By what two opportunities are about the same customer."""

    ACCOUNT = "ACCOUNT"
    CREDIT_CODE = "CREDIT_CODE"
    NAME = "NAME"
