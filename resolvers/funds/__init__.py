"""Market development funds: quotas by line and year, activities applied for, and what time does to them."""

from resolvers.funds.applying import cancel_mdf_case, create_mdf_case, submit_mdf_case, update_mdf_case
from resolvers.funds.claiming import save_mdf_claim, start_mdf_event, submit_mdf_claim
from resolvers.funds.lasting import due_mdf_cases, pass_mdf_time
from resolvers.funds.quotas import change_mdf_quota, open_mdf_quota
from resolvers.funds.reading import (
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
from resolvers.funds.settling import decide_mdf_invoice, late_mdf_invoices, notice_mdf_invoice, send_mdf_invoice
from resolvers.funds.violations import (
    end_mdf_case,
    ended_mdf_suspensions,
    lift_mdf_suspension,
    record_mdf_finding,
    record_mdf_violation,
)
from resolvers.funds.yearly import follow_mdf_quota, unfollowed_mdf_quotas

__all__ = [
    "actions_of",
    "adjustments_of",
    "cancel_mdf_case",
    "cases_of",
    "change_mdf_quota",
    "create_mdf_case",
    "decide_mdf_invoice",
    "due_mdf_cases",
    "end_mdf_case",
    "ended_mdf_suspensions",
    "follow_mdf_quota",
    "late_mdf_invoices",
    "lift_mdf_suspension",
    "mdf_cases",
    "mdf_lines",
    "mdf_quotas",
    "mdf_violations",
    "notice_mdf_invoice",
    "open_mdf_quota",
    "partners_of",
    "pass_mdf_time",
    "quotas_of",
    "record_mdf_finding",
    "record_mdf_violation",
    "save_mdf_claim",
    "send_mdf_invoice",
    "start_mdf_event",
    "submit_mdf_case",
    "submit_mdf_claim",
    "unfollowed_mdf_quotas",
    "update_mdf_case",
]
