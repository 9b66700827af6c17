"""The payment of approved claims: the partner's invoice, the vendor's finance, and the notice of a late one."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.funds import MdfCase
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from resolvers.funds.scope import access_case, lock_case
from resolvers.partners.benefits import benefits_blockers
from resolvers.reviews.reviewers import staff_of
from rules.access import ACCESS, Permission
from rules.errors import ErrorCode, require
from rules.funds.kinds import MDF_CASE, MdfState
from rules.funds.settling import check_invoice, check_payment, is_invoice_late
from rules.funds.timing import compute_invoice_deadline
from rules.money import format_amount

_BATCH = 500


@command(
    permission=Permission.FUNDS_APPLY,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REQUIRED, ErrorCode.MDF_INVOICE_USED),
    emits=("mdf_case.invoice_sent",),
)
async def send_mdf_invoice(ctx: Context, *, case_id: UUID, number: str, expected_version: int | None = None) -> MdfCase:
    """Says that the invoice for an approved claim is on its way, by its number; one invoice is for one case."""
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    require(check_invoice(row.state, number))
    await row.change(
        now=ctx.now,
        state=MDF_CASE.after(row.state, "send_invoice"),
        invoice_number=number.strip(),
        invoiced_at=ctx.now,
        due_at=None,
        noticed_days=None,
        reason=None,
    )
    ctx.event("mdf_case.invoice_sent", row, partner_id=own.id)
    ctx.effect("mdf_case.invoice_sent", row)
    return row


@command(
    permission=Permission.FUNDS_SETTLE,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.BENEFITS_FROZEN),
    emits=("mdf_case.paid", "mdf_case.invoice_returned"),
)
async def decide_mdf_invoice(
    ctx: Context, *, case_id: UUID, approve: bool, reason: str | None = None, expected_version: int | None = None
) -> MdfCase:
    """Accepts an invoice, which pays the claim, or returns it with a reason; then another one is awaited. Nothing is
    paid while the partner's benefits are frozen.
    """
    own, row = await access_case(ctx, case_id)
    expect_version(row, expected_version)
    frozen = (await benefits_blockers(ctx, own))[own.id] if approve else []
    require(check_payment(row.state, approve=approve, reason=reason) + frozen)
    names, amount = {"activity": row}, row.claimed or 0
    if approve:
        await row.change(now=ctx.now, state=MDF_CASE.after(row.state, "pay"), paid_at=ctx.now)
        ctx.event("mdf_case.paid", row, partner_id=own.id, amount=amount)
        ctx.effect("mdf_case.paid", row, money=(amount, row.currency))
        facts = {"amount": f"{format_amount(amount)} {row.currency}"}
        ctx.notify("mdf_case_paid", own, about=row, names=names, facts=facts)
        return row
    ctx.audit(reason=str(reason).strip())
    given, until = str(reason).strip(), compute_invoice_deadline(ctx.now, policy=ctx.policy_of(own))
    await row.change(now=ctx.now, state=MDF_CASE.after(row.state, "return_invoice"), reason=given, due_at=until)
    ctx.event("mdf_case.invoice_returned", row, partner_id=own.id)
    ctx.effect("mdf_case.invoice_returned", row)
    instants, facts = {"until": until}, {"reason": given}
    ctx.notify("mdf_invoice_returned", own, about=row, names=names, instants=instants, facts=facts)
    return row


async def late_mdf_invoices(ctx: Context) -> list[UUID]:
    """Approved claims whose invoice is late and of which nobody has been told."""
    async with db.read(EVERYTHING):
        rows = MdfCase.filter(state=MdfState.CLAIM_APPROVED, due_at__lte=ctx.now, noticed_days__isnull=True)
        return [row.id for row in await rows.order_by("due_at", "id").limit(_BATCH).only("id")]


@command(permission=Permission.RUN_SCHEDULES, emits=("mdf_case.invoice_missed",), key=Key.OPTIONAL, as_system=True)
async def notice_mdf_invoice(ctx: Context, *, case_id: UUID) -> MdfCase | None:
    """Tells the partner and the vendor's finance, once, that the invoice of an approved claim has not come in time."""
    own, row = await lock_case(case_id)
    if not is_invoice_late(row.state, row.due_at, row.noticed_days, now=ctx.now):
        return None
    await row.change(now=ctx.now, noticed_days=0)
    ctx.event("mdf_case.invoice_missed", row, partner_id=own.id)
    ctx.effect("mdf_case.invoice_missed", row)
    ctx.notify("mdf_invoice_late", own, about=row, names={"activity": row})
    finance = await staff_of(own.site, ACCESS[Permission.FUNDS_SETTLE].roles)
    ctx.notify("mdf_invoice_missing", finance, about=row, names={"activity": row, "partner": own})
    return row
