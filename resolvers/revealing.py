"""Personal data in clear are shown for a reason, and never without a trace."""

from resolvers.context import Context
from rules.customers import check_reveal
from rules.errors import ErrorCode, require

REASON_REFUSALS = (ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE)
"""Codes of a reason that is missing or too long."""


def keep_reason(ctx: Context, reason: str) -> None:
    """Refuses without a reason, and keeps it with who asked."""
    require(check_reveal(reason))
    ctx.audit(reason=reason.strip())
