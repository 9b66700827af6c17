"""GraphQL of voucher quotas and vouchers."""

from schema.vouchers.fields import VoucherMutations, VoucherQueries
from schema.vouchers.types import QuotaRecord, Voucher, VoucherQuota, VoucherRecord, VoucherUse

__all__ = [
    "QuotaRecord",
    "Voucher",
    "VoucherMutations",
    "VoucherQueries",
    "VoucherQuota",
    "VoucherRecord",
    "VoucherUse",
]
