"""Personal data in clear: shown on request, with a reason, and never without a trace."""

from collections.abc import Callable
from typing import Any

from tortoise.queryset import QuerySet

from core.ids import InvalidId, decode_id
from models.base import Row
from models.customers import Customer, CustomerReport
from models.registry import model_of_id
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.customers.scope import visible_customers, visible_reports
from rules.access import Permission
from rules.customers import REASON_LENGTH
from rules.customers.forms import check_text
from rules.errors import ErrorCode, refuse, require

_REVEALED: dict[type[Row], Callable[[Context], QuerySet[Any]]] = {
    Customer: visible_customers,
    CustomerReport: visible_reports,
}


@command(
    permission=Permission.CUSTOMERS_REVEAL_CONTACT,
    refuses=(ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE),
    key=Key.OPTIONAL,
)
async def reveal_contact(ctx: Context, *, id: str, reason: str) -> Customer | CustomerReport:
    """Shows name, mobile number and e-mail address of a customer or a reported customer. Who asked and why is kept."""
    require(
        check_text(
            reason,
            "input",
            "reason",
            rule="customers.reveal",
            longest=REASON_LENGTH,
            missing=ErrorCode.REASON_REQUIRED,
        )
    )
    row = await _find(ctx, id)
    if row is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    ctx.audit(reason=reason.strip())
    ctx.effect("customer.contact_revealed", row)
    return row


async def _find(ctx: Context, public_id: str) -> Customer | CustomerReport | None:
    try:
        model, (_, row_id) = model_of_id(public_id), decode_id(public_id)
    except InvalidId:
        return None
    if model not in _REVEALED:
        return None
    found: Customer | CustomerReport | None = await _REVEALED[model](ctx).filter(id=row_id).first()
    return found
