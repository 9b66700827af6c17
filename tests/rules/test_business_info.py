"""Who has a taxpayer type."""

from itertools import product

import pytest

from rules.business_info import TaxpayerType, check_taxpayer
from rules.errors import ErrorCode
from rules.sites import Site
from tests.rules.outcomes import codes

CASES = {
    (Site.CN, False, True): [ErrorCode.TAXPAYER_TYPE_REQUIRED],
    (Site.INTL, True, True): [ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE],
    (Site.INTL, True, False): [ErrorCode.TAXPAYER_TYPE_NOT_OF_SITE],
}


@pytest.mark.parametrize(("site", "given", "certified"), list(product(Site, [True, False], [True, False])))
def test_taxpayer_type(site: Site, given: bool, certified: bool) -> None:
    for kind in TaxpayerType if given else (None,):
        assert codes(check_taxpayer(site, kind, certified=certified)) == CASES.get((site, given, certified), [])
