"""Business information of a partner: what its form asks, how the bank account is proved, who certifies it."""

from rules.business_info.catalogue import BANKS, ENTITIES, PRIVACY_STATEMENT, Bank, SigningEntity
from rules.business_info.checking import (
    Answers,
    Settlement,
    check_letter,
    compute_differences,
    compute_doubts,
)
from rules.business_info.deposits import Try, check_amount, check_missing, check_reason, compute_deposit_most
from rules.business_info.form import (
    Content,
    check_form,
    check_new_entity,
    check_privacy,
    check_submittable,
    check_supplier,
    check_taxpayer,
    folded_name,
    normalise_answer,
    normalise_rate,
)
from rules.business_info.kinds import (
    BUSINESS_INFO,
    MICRO_DEPOSIT,
    OPEN,
    UNDER_WAY,
    BusinessInfoState,
    CheckReason,
    MicroDepositState,
    TaxpayerType,
)

__all__ = [
    "BANKS",
    "BUSINESS_INFO",
    "ENTITIES",
    "MICRO_DEPOSIT",
    "OPEN",
    "PRIVACY_STATEMENT",
    "UNDER_WAY",
    "Answers",
    "Bank",
    "BusinessInfoState",
    "CheckReason",
    "Content",
    "MicroDepositState",
    "Settlement",
    "SigningEntity",
    "TaxpayerType",
    "Try",
    "check_amount",
    "check_form",
    "check_letter",
    "check_missing",
    "check_new_entity",
    "check_privacy",
    "check_reason",
    "check_submittable",
    "check_supplier",
    "check_taxpayer",
    "compute_deposit_most",
    "compute_differences",
    "compute_doubts",
    "folded_name",
    "normalise_answer",
    "normalise_rate",
]
