"""Personal data in clear: shown on request, with a reason, and never without a trace."""

from uuid import UUID

from models.customers import Customer, CustomerReport
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.customers.scope import visible_customers, visible_reports
from resolvers.revealing import REASON_REFUSALS, keep_reason
from rules.access import Permission
from rules.errors import ErrorCode, refuse


@command(
    permission=Permission.CUSTOMERS_REVEAL_CONTACT,
    refuses=(ErrorCode.REQUIRED, *REASON_REFUSALS),
    key=Key.OPTIONAL,
)
async def reveal_contact(
    ctx: Context, *, reason: str, customer_id: UUID | None = None, report_id: UUID | None = None
) -> Customer | CustomerReport:
    """Shows name, mobile number and e-mail address of a customer or a reported customer. Who asked and why is kept.

    Give exactly one of the two ids.
    """
    if (customer_id is None) == (report_id is None):
        raise refuse(ErrorCode.REQUIRED, "input")
    keep_reason(ctx, reason)
    row: Customer | CustomerReport | None
    if report_id is not None:
        row = await visible_reports(ctx).filter(id=report_id).first()
    else:
        row = await visible_customers(ctx).filter(id=customer_id).first()
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "customerId" if report_id is None else "reportId")
    ctx.effect("customer.contact_revealed", row)
    return row
