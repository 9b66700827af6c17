"""The automatic check: certifies, passes on to a person, or asks for the bank's letter. One command for each record."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.business_info import BusinessInfo, BusinessInfoForm, Supplier
from models.partners import Partner
from resolvers.business_info.letters import differences_told
from resolvers.business_info.records import REVIEWED, certify, move, tell
from resolvers.business_info.scope import settlement_of
from resolvers.command import Key, command
from resolvers.context import Context
from resolvers.reviews import engine
from rules.access import Permission
from rules.business_info import (
    Answers,
    BusinessInfoState,
    CheckReason,
    compute_differences,
    compute_doubts,
    folded_name,
)

BATCH = 500


async def due_checks(ctx: Context) -> list[UUID]:
    """Records whose automatic check is due, the longest waiting first."""
    async with db.read(EVERYTHING):
        rows = BusinessInfo.filter(state=BusinessInfoState.AUTO_CHECK, check_at__lte=ctx.now)
        return [row.id for row in await rows.order_by("check_at", "id").limit(BATCH).only("id")]


@command(
    permission=Permission.RUN_SCHEDULES,
    emits=("business_info.certified", "business_info.referred", "business_info.letter_requested"),
    key=Key.OPTIONAL,
    as_system=True,
)
async def check_business_info(ctx: Context, *, record_id: UUID) -> BusinessInfo | None:
    """Compares a form with the supplier register and looks for what a person has to see; certifies it otherwise.

    None when it is no longer to be checked.
    """
    record = await BusinessInfo.filter(id=record_id).select_for_update().first()
    if record is None or record.check_at is None or record.check_at > ctx.now:
        return None
    form = await BusinessInfoForm.get(id=record.form_id)
    partner = await Partner.get(id=record.partner_id)
    differences = await _differences(ctx, partner, form)
    if differences:
        await _ask_letter(ctx, record, differences)
        return record
    answers = Answers(
        bank_listed=form.bank_code is not None,
        intermediary=form.intermediary_bank is not None,
        related_supplier=bool(form.related_supplier),
    )
    doubts = compute_doubts(answers, policy=ctx.policy_of(partner))
    if not doubts:
        await certify(ctx, record, "pass")
        return record
    await move(ctx, record, "refer", check_reasons=[doubt.value for doubt in doubts])
    await engine.submit(ctx, REVIEWED[record.state], record, partner)
    ctx.event("business_info.referred", record, partner_id=record.partner_id, state=record.state.value)
    ctx.effect("business_info.referred", record)
    return record


async def _differences(ctx: Context, partner: Partner, form: BusinessInfoForm) -> list[CheckReason]:
    known = Supplier.filter(site=partner.site, name_key=folded_name(partner.name), removed_at=None)
    registered = [settlement_of(ctx.settings, row) for row in await known.order_by("id")]
    return compute_differences(settlement_of(ctx.settings, form), registered)


async def _ask_letter(ctx: Context, record: BusinessInfo, differences: list[CheckReason]) -> None:
    await move(ctx, record, "ask_letter", check_reasons=[reason.value for reason in differences])
    ctx.event("business_info.letter_requested", record, partner_id=record.partner_id, state=record.state.value)
    ctx.effect("business_info.letter_requested", record)
    await tell(ctx, record, "business_info_letter_requested", {"differences": differences_told(differences)})
