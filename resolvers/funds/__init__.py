"""Market development funds: quotas by line and year, activities applied for, and what time does to them."""

from resolvers.funds.applying import cancel_mdf_case, create_mdf_case, submit_mdf_case, update_mdf_case
from resolvers.funds.forms import GivenEvent, GivenExpense
from resolvers.funds.lasting import due_mdf_cases, pass_mdf_time
from resolvers.funds.quotas import change_mdf_quota, open_mdf_quota
from resolvers.funds.reading import (
    LineOffer,
    actions_of,
    adjustments_of,
    cases_of,
    mdf_cases,
    mdf_lines,
    mdf_quotas,
    mdf_violations,
    partners_of,
    quotas_of,
)

__all__ = [
    "GivenEvent",
    "GivenExpense",
    "LineOffer",
    "actions_of",
    "adjustments_of",
    "cancel_mdf_case",
    "cases_of",
    "change_mdf_quota",
    "create_mdf_case",
    "due_mdf_cases",
    "mdf_cases",
    "mdf_lines",
    "mdf_quotas",
    "mdf_violations",
    "open_mdf_quota",
    "partners_of",
    "pass_mdf_time",
    "quotas_of",
    "submit_mdf_case",
    "update_mdf_case",
]
