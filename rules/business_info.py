"""Business information of a partner: whether it is certified, and as what the partner pays taxes."""

from enum import StrEnum

from rules.errors import ErrorCode, Violation
from rules.registry import rule
from rules.sites import Site


class TaxpayerType(StrEnum):
    """As what a company of the mainland pays value-added tax."""

    GENERAL = "GENERAL"
    SMALL_SCALE = "SMALL_SCALE"


@rule("business_info.taxpayer", "B 17", codes=(ErrorCode.TAXPAYER_TYPE_REQUIRED, ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE))
def check_taxpayer(site: Site, taxpayer_type: TaxpayerType | None, *, certified: bool) -> list[Violation]:
    """A certified company of the mainland has a taxpayer type, one of the other site never has."""
    path = ("input", "taxpayerType")
    if site is Site.CN and certified and taxpayer_type is None:
        return [Violation(ErrorCode.TAXPAYER_TYPE_REQUIRED, path, "business_info.taxpayer")]
    if site is not Site.CN and taxpayer_type is not None:
        return [Violation(ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE, path, "business_info.taxpayer")]
    return []
