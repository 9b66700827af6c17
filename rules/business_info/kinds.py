"""The words of business information: where its certification stands, its micro-deposits, and both machines."""

from enum import StrEnum

from rules.transitions import machine


class TaxpayerType(StrEnum):
    """As what a company of the mainland pays value-added tax."""

    GENERAL = "GENERAL"
    SMALL_SCALE = "SMALL_SCALE"


class BusinessInfoState(StrEnum):
    """Where the certification of a partner's business information stands; it is certified in CERTIFIED alone."""

    NONE = "NONE"
    SUBMITTED = "SUBMITTED"
    AMOUNT_PENDING = "AMOUNT_PENDING"
    LOCKED = "LOCKED"
    AUTO_CHECK = "AUTO_CHECK"
    MANUAL_REVIEW = "MANUAL_REVIEW"
    LETTER_REQUIRED = "LETTER_REQUIRED"
    LETTER_REVIEW = "LETTER_REVIEW"
    CERTIFIED = "CERTIFIED"
    REJECTED = "REJECTED"
    EXPIRED_BY_CHANGE = "EXPIRED_BY_CHANGE"


B = BusinessInfoState

UNDER_WAY = (
    B.SUBMITTED,
    B.AMOUNT_PENDING,
    B.LOCKED,
    B.AUTO_CHECK,
    B.MANUAL_REVIEW,
    B.LETTER_REQUIRED,
    B.LETTER_REVIEW,
)
"""A form has been submitted and is not decided yet: until then nothing is settled."""

OPEN = (B.NONE, B.REJECTED, B.CERTIFIED, B.EXPIRED_BY_CHANGE)
"""A form may be submitted."""

BUSINESS_INFO = machine(
    "business_info",
    BusinessInfoState,
    (B.NONE, B.CERTIFIED),
    "A 12.2",
    *((state, "submit", "partner", B.SUBMITTED) for state in OPEN),
    (B.SUBMITTED, "deposit_sent", "settlement", B.AMOUNT_PENDING),
    (B.SUBMITTED, "deposit_failed", "settlement", B.REJECTED),
    (B.AMOUNT_PENDING, "deposit_failed", "settlement, when the bank returns it", B.REJECTED),
    (B.AMOUNT_PENDING, "deposit_missed", "partner, when it has not arrived in time", B.SUBMITTED),
    (B.AMOUNT_PENDING, "confirm", "partner, with the right amount", B.AUTO_CHECK),
    (B.AMOUNT_PENDING, "lock", "system, after the last wrong amount", B.LOCKED),
    (B.LOCKED, "unlock", "vendor, who has another deposit made", B.SUBMITTED),
    (B.LOCKED, "reopen", "vendor, who lets the partner correct its form", B.NONE),
    (B.CERTIFIED, "open", "vendor, who lets the partner change it once", B.CERTIFIED),
    (B.AUTO_CHECK, "pass", "system", B.CERTIFIED),
    (B.AUTO_CHECK, "refer", "system", B.MANUAL_REVIEW),
    (B.AUTO_CHECK, "ask_letter", "system, when a supplier's record differs", B.LETTER_REQUIRED),
    (B.LETTER_REQUIRED, "send_letter", "partner", B.LETTER_REVIEW),
    (B.MANUAL_REVIEW, "approve", "vendor's business information reviewer", B.CERTIFIED),
    (B.MANUAL_REVIEW, "reject", "vendor's business information reviewer", B.REJECTED),
    (B.LETTER_REVIEW, "approve", "vendor's operations", B.CERTIFIED),
    (B.LETTER_REVIEW, "reject", "vendor's operations", B.REJECTED),
    *(
        (state, "expire", "system, when the company or the signing entity has changed", B.EXPIRED_BY_CHANGE)
        for state in (B.CERTIFIED, *UNDER_WAY)
    ),
    *((state, "record", "vendor, of a partner certified elsewhere", B.CERTIFIED) for state in OPEN),
    *((state, "revoke", "vendor", B.NONE) for state in OPEN),
)


class MicroDepositState(StrEnum):
    """Where a micro-deposit stands. MISSED and CANCELLED ones are no longer asked about."""

    REQUESTED = "REQUESTED"
    SENT = "SENT"
    FAILED = "FAILED"
    MISSED = "MISSED"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


T = MicroDepositState
MICRO_DEPOSIT = machine(
    "micro_deposit",
    MicroDepositState,
    (T.REQUESTED,),
    "A 12.2",
    (T.REQUESTED, "send", "settlement", T.SENT),
    (T.REQUESTED, "fail", "settlement", T.FAILED),
    (T.SENT, "fail", "settlement, when the bank returns it", T.FAILED),
    (T.SENT, "miss", "partner", T.MISSED),
    (T.SENT, "confirm", "partner", T.CONFIRMED),
    (T.SENT, "cancel", "system, when the form is locked or no longer counts", T.CANCELLED),
    (T.REQUESTED, "cancel", "system, when the form no longer counts", T.CANCELLED),
)


class CheckReason(StrEnum):
    """Why the automatic check did not certify by itself."""

    SUPPLIER_ACCOUNT_DIFFERS = "SUPPLIER_ACCOUNT_DIFFERS"
    SUPPLIER_ENTITY_DIFFERS = "SUPPLIER_ENTITY_DIFFERS"
    SUPPLIER_CURRENCY_DIFFERS = "SUPPLIER_CURRENCY_DIFFERS"
    RELATED_SUPPLIER = "RELATED_SUPPLIER"
    BANK_NOT_LISTED = "BANK_NOT_LISTED"
    INTERMEDIARY_BANK = "INTERMEDIARY_BANK"
    AUTOMATIC_OFF = "AUTOMATIC_OFF"
