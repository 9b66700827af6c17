"""The words of incentives: indicators, deadlines' behaviours, ways of being paid, and the two machines."""

from enum import StrEnum

from rules.transitions import machine


class PeriodKind(StrEnum):
    """What a policy's period is; a month is one of the site's calendar."""

    MONTH = "MONTH"


class Indicator(StrEnum):
    """What of a partner's final performance sheet is counted. Amounts are minor units, customers are heads.

    TYPE_PERFORMANCE: the lines of the policy's association type. TOTAL_PERFORMANCE: every line of the sheet. CUSTOMERS:
    distinct customers among the lines of the policy's association type.
    """

    TYPE_PERFORMANCE = "TYPE_PERFORMANCE"
    TOTAL_PERFORMANCE = "TOTAL_PERFORMANCE"
    CUSTOMERS = "CUSTOMERS"


class OnDeadline(StrEnum):
    """What becomes of an incentive that the partner has not confirmed by its deadline."""

    AUTO_CONFIRM = "AUTO_CONFIRM"
    EXPIRE = "EXPIRE"


class IncentiveStatus(StrEnum):
    """Where the reconciliation and payout of an incentive stand. Frozen is a flag beside it."""

    PENDING_CONFIRM = "PENDING_CONFIRM"
    CONFIRMED = "CONFIRMED"
    PAYING_OUT = "PAYING_OUT"
    PAID = "PAID"
    EXPIRED = "EXPIRED"
    LAPSED = "LAPSED"


class PayoutMethod(StrEnum):
    """How incentives are paid out.

    ACCOUNT_OWED_INVOICE: into the partner's vendor account at once, an owed invoice is recorded. ACCOUNT: into the
    vendor account against an invoice. BANK_TRANSFER: to the bank against an invoice. VOUCHER_QUOTA: a quota of vouchers
    at once, without an invoice.
    """

    VOUCHER_QUOTA = "VOUCHER_QUOTA"
    ACCOUNT_OWED_INVOICE = "ACCOUNT_OWED_INVOICE"
    ACCOUNT = "ACCOUNT"
    BANK_TRANSFER = "BANK_TRANSFER"


class PayoutStatus(StrEnum):
    """Where a payout request stands. Methods without an invoice are completed in the moment of the request."""

    WAIT_INVOICE = "WAIT_INVOICE"
    COMPLETED = "COMPLETED"
    REJECTED = "REJECTED"


class DeferredStatus(StrEnum):
    """Where a payout stands that was refused while business information was being certified."""

    WAITING = "WAITING"
    RESUBMITTED = "RESUBMITTED"
    DROPPED = "DROPPED"
    WITHDRAWN = "WITHDRAWN"


S = IncentiveStatus
INCENTIVE = machine(
    "incentive",
    IncentiveStatus,
    (S.PENDING_CONFIRM,),
    "B 16.4",
    (S.PENDING_CONFIRM, "confirm", "partner", S.CONFIRMED),
    (S.PENDING_CONFIRM, "auto_confirm", "system, at the deadline", S.CONFIRMED),
    (S.PENDING_CONFIRM, "expire", "system, at the deadline", S.EXPIRED),
    (S.PENDING_CONFIRM, "freeze", "vendor", S.PENDING_CONFIRM),
    (S.PENDING_CONFIRM, "unfreeze", "vendor", S.PENDING_CONFIRM),
    (S.CONFIRMED, "freeze", "vendor", S.CONFIRMED),
    (S.CONFIRMED, "unfreeze", "vendor", S.CONFIRMED),
    (S.CONFIRMED, "request_payout", "partner", S.PAYING_OUT),
    (S.PENDING_CONFIRM, "lapse", "system, a year after the plan's end", S.LAPSED),
    (S.CONFIRMED, "lapse", "system, a year after the plan's end", S.LAPSED),
    (S.PAYING_OUT, "pay", "system, or vendor finance against an invoice", S.PAID),
    (S.PAYING_OUT, "release", "vendor finance, rejecting the payout", S.CONFIRMED),
)

P = PayoutStatus
PAYOUT = machine(
    "payout",
    PayoutStatus,
    (P.WAIT_INVOICE, P.COMPLETED),
    "B 16.6",
    (P.WAIT_INVOICE, "complete", "vendor finance", P.COMPLETED),
    (P.WAIT_INVOICE, "reject", "vendor finance", P.REJECTED),
)

D = DeferredStatus
DEFERRED = machine(
    "deferred_payout",
    DeferredStatus,
    (D.WAITING,),
    "D 1",
    (D.WAITING, "resubmit", "system, the day after certification", D.RESUBMITTED),
    (D.WAITING, "drop", "system, when something else stands against it now", D.DROPPED),
    (D.WAITING, "withdraw", "partner", D.WITHDRAWN),
)
