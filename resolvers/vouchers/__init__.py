"""Voucher quotas, vouchers, what they pay, and their records."""

import resolvers.vouchers.invariants  # noqa: F401 - registered by being imported
from resolvers.vouchers.expiry import expire_quota, expire_voucher, overdue_quotas, overdue_vouchers
from resolvers.vouchers.issuing import issue_vouchers
from resolvers.vouchers.quotas import grant_quota, grant_quota_row, set_quota_state
from resolvers.vouchers.reads import (
    QuotaFilter,
    QuotaRecordFilter,
    VoucherFilter,
    VoucherRecordFilter,
    balances_of_quotas,
    balances_of_vouchers,
    customers_of,
    issued_quotas,
    issued_vouchers,
    issuers_of,
    my_vouchers,
    owners_of,
    parents_of,
    partners_of,
    quota_actions,
    quota_records,
    quotas_of,
    voucher_actions,
    voucher_quotas,
    voucher_records,
    voucher_uses,
    vouchers_of,
    vouchers_of_customers,
)
from resolvers.vouchers.recalling import recall_vouchers
from resolvers.vouchers.resellers import issue_quota_to_resellers, recall_quotas
from resolvers.vouchers.uses import record_voucher_use, refund_voucher_use

__all__ = [
    "QuotaFilter",
    "QuotaRecordFilter",
    "VoucherFilter",
    "VoucherRecordFilter",
    "balances_of_quotas",
    "balances_of_vouchers",
    "customers_of",
    "expire_quota",
    "expire_voucher",
    "grant_quota",
    "grant_quota_row",
    "issue_quota_to_resellers",
    "issue_vouchers",
    "issued_quotas",
    "issued_vouchers",
    "issuers_of",
    "my_vouchers",
    "overdue_quotas",
    "overdue_vouchers",
    "owners_of",
    "parents_of",
    "partners_of",
    "quota_actions",
    "quota_records",
    "quotas_of",
    "recall_quotas",
    "recall_vouchers",
    "record_voucher_use",
    "refund_voucher_use",
    "set_quota_state",
    "voucher_actions",
    "voucher_quotas",
    "voucher_records",
    "voucher_uses",
    "vouchers_of",
    "vouchers_of_customers",
]
