"""How an approved claim is paid: the invoice for it, its acceptance or return, and what happens when it is late."""

from datetime import datetime

from rules.errors import ErrorCode, Violation
from rules.funds.kinds import MDF_CASE, MdfState
from rules.registry import rule
from rules.reviews import check_reason

_CLAIM_PAGE = "https://support.huaweicloud.com/intl/en-us/usermanual-bpconsole/apb_060002.html"

E = ErrorCode


@rule("funds.invoice", "A 13.4", codes=(E.REQUIRED,), page=_CLAIM_PAGE)
def check_invoice(state: MdfState, number: str) -> list[Violation]:
    """All reasons against sending the invoice of an approved claim: STATE_CONFLICT, REQUIRED without its number."""
    violations = MDF_CASE.check(state, "send_invoice")
    if not number.strip():
        violations.append(Violation(E.REQUIRED, ("input", "number"), "funds.invoice"))
    return violations


@rule("funds.payment", "A 13.4", codes=(E.REASON_REQUIRED,), page=_CLAIM_PAGE)
def check_payment(state: MdfState, *, approve: bool, reason: str | None) -> list[Violation]:
    """All reasons against accepting an invoice or returning it: STATE_CONFLICT, REASON_REQUIRED for a return."""
    return MDF_CASE.check(state, "pay" if approve else "return_invoice") + check_reason(approve, reason)


@rule("funds.late_invoice", "A 13.4")
def is_invoice_late(state: MdfState, due_at: datetime | None, noticed: int | None, *, now: datetime) -> bool:
    """Whether partner and vendor are to be told now that the invoice of an approved claim has not come; once."""
    return state is MdfState.CLAIM_APPROVED and due_at is not None and now >= due_at and noticed is None
