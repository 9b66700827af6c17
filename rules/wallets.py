"""The words of money inside: kinds of accounts, what a posting is for, and the life of a hold."""

from enum import StrEnum

from rules.transitions import machine


class AccountKind(StrEnum):
    """What an account of the ledger holds."""

    VENDOR_POOL = "VENDOR_POOL"
    PARTNER_QUOTA = "PARTNER_QUOTA"
    RESELLER_QUOTA = "RESELLER_QUOTA"
    CUSTOMER_VOUCHER = "CUSTOMER_VOUCHER"
    INCENTIVE_PAYABLE = "INCENTIVE_PAYABLE"
    CASH = "CASH"
    BANK = "BANK"
    CLEARING = "CLEARING"
    USED = "USED"
    EXPIRED = "EXPIRED"


OVERDRAWN = frozenset({AccountKind.VENDOR_POOL})
"""Kinds whose balance may fall below zero: the vendor's money enters the ledger from there."""

SHARDS = 8
"""How many accounts of one kind and currency stand for one without an owner, so that no row is everybody's lock."""


class Posting(StrEnum):
    """What a transaction of the ledger is for."""

    QUOTA_GRANT = "QUOTA_GRANT"
    QUOTA_ISSUE = "QUOTA_ISSUE"
    QUOTA_RECALL = "QUOTA_RECALL"
    QUOTA_EXPIRY = "QUOTA_EXPIRY"
    VOUCHER_ISSUE = "VOUCHER_ISSUE"
    VOUCHER_RECALL = "VOUCHER_RECALL"
    VOUCHER_USE = "VOUCHER_USE"
    VOUCHER_EXPIRY = "VOUCHER_EXPIRY"
    VOUCHER_REFUND = "VOUCHER_REFUND"
    INCENTIVE_CONFIRMATION = "INCENTIVE_CONFIRMATION"
    INCENTIVE_PAYOUT = "INCENTIVE_PAYOUT"
    INCENTIVE_NETTING = "INCENTIVE_NETTING"
    INCENTIVE_LAPSE = "INCENTIVE_LAPSE"
    SETTLEMENT = "SETTLEMENT"
    REVERSAL = "REVERSAL"


class HoldState(StrEnum):
    """Where money that waits for its posting stands."""

    HELD = "HELD"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"
    EXPIRED = "EXPIRED"


H = HoldState
HOLD = machine(
    "ledger_hold",
    HoldState,
    (H.HELD,),
    "B 16.6",
    (H.HELD, "settle", "system", H.SETTLED),
    (H.HELD, "release", "system", H.RELEASED),
    (H.HELD, "expire", "system", H.EXPIRED),
)
