"""Micro-deposits: having one made, what came of it, and the partner's tries at its amount."""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from core import db
from core.ids import uuid7
from core.settings import Settings
from core.tokens import draw, equal
from models.business_info import BusinessInfo, BusinessInfoForm, MicroDeposit
from models.partners import Partner
from models.schedules import calendar_entries
from resolvers.business_info.records import cancel_deposits, move, reject, tell
from resolvers.business_info.scope import (
    access_own,
    access_record,
    lock_of_partner,
    open_account,
    open_amount,
    seal_amount,
    visible_deposits,
)
from resolvers.command import Key, command, expect_version
from resolvers.context import Context
from rules.access import Permission
from rules.business_info import (
    BUSINESS_INFO,
    MICRO_DEPOSIT,
    BusinessInfoState,
    MicroDepositState,
    Try,
    check_amount,
    check_missing,
    check_reason,
    compute_deposit_most,
)
from rules.calendar import add_working_days
from rules.errors import ErrorCode, Violation, refuse, require
from rules.money import parse_amount
from rules.policy import BUSINESS_INFO_AUTO_CHECK, BUSINESS_INFO_DEPOSIT_DAYS, BUSINESS_INFO_TRIES
from rules.sites import Site

TOPIC = "micro_deposit"
PAY_ATTEMPTS = 8

_COUNT = """
    update business_info set wrong_amounts = wrong_amounts + 1
    where partner_id = $1 and state = 'AMOUNT_PENDING' and wrong_amounts < $2 returning wrong_amounts
"""


async def request_deposit(ctx: Context, record: BusinessInfo, form: BusinessInfoForm) -> MicroDeposit:
    """Has a sum that nobody can foretell sent to the form's account, once the transaction commits."""
    partner, deposit_id = await Partner.get(id=record.partner_id), uuid7()
    amount = draw(compute_deposit_most(ctx.policy_of(partner)))
    deposit = await MicroDeposit.insert(
        now=ctx.now,
        id=deposit_id,
        partner_id=record.partner_id,
        form_id=form.id,
        state=MicroDepositState.REQUESTED,
        amount_sealed=seal_amount(ctx, deposit_id, amount),
        currency=form.currency,
        requested_at=ctx.now,
    )
    ctx.enqueue(TOPIC, str(deposit.id), max_attempts=PAY_ATTEMPTS, deposit_id=str(deposit.id))
    return deposit


@dataclass(frozen=True, slots=True, repr=False)
class DepositOrder:
    """What whoever makes a micro-deposit has to know: the account in clear, and the amount in minor units."""

    subject: MicroDeposit
    form: BusinessInfoForm
    account_number: str
    amount: int


async def order_of(settings: Settings, deposit: MicroDeposit) -> DepositOrder:
    """Opens what is sealed of a micro-deposit."""
    form = await BusinessInfoForm.get(id=deposit.form_id)
    account = open_account(settings, form)
    assert account is not None
    return DepositOrder(deposit, form, account, open_amount(settings, deposit))


@command(permission=Permission.BUSINESS_INFO_TRANSFER, refuses=(ErrorCode.STATE_CONFLICT,), key=Key.NONE)
async def reveal_micro_deposit(ctx: Context, *, deposit_id: UUID) -> DepositOrder:
    """Shows the account number and the amount of a micro-deposit that is still to be made. Who asked is kept."""
    deposit = await visible_deposits(ctx).get_or_none(id=deposit_id)
    if deposit is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    require(MICRO_DEPOSIT.check(deposit.state, "send"))
    ctx.effect("micro_deposit.revealed", deposit)
    return await order_of(ctx.settings, deposit)


@command(
    permission=Permission.BUSINESS_INFO_TRANSFER,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED),
    emits=("micro_deposit.sent", "micro_deposit.failed", "business_info.rejected"),
)
async def record_micro_deposit(
    ctx: Context, *, deposit_id: UUID, sent: bool, reference: str | None = None, reason: str | None = None
) -> MicroDeposit:
    """Records that a micro-deposit was sent, or that the bank did not take it or has returned it, with the reason.

    The partner is told to look at its account; after a failure its form is rejected and can be corrected.
    """
    deposit, record = await _open(ctx, deposit_id)
    event = "send" if sent else "fail"
    require(MICRO_DEPOSIT.check(deposit.state, event) + ([] if sent else check_reason(reason)))
    state = MICRO_DEPOSIT.after(deposit.state, event)
    if not sent:
        await deposit.change(now=ctx.now, state=state, reason=str(reason).strip())
        ctx.event("micro_deposit.failed", deposit, partner_id=deposit.partner_id, state=state.value)
        ctx.effect("micro_deposit.failed", deposit)
        await reject(ctx, record, "deposit_failed", str(reason).strip())
        return deposit
    partner = await Partner.get(id=deposit.partner_id)
    site, days = Site(partner.site), ctx.policy_of(partner)[BUSINESS_INFO_DEPOSIT_DAYS]
    overdue = add_working_days(ctx.now, days, site, await calendar_entries(site)).at
    await deposit.change(now=ctx.now, state=state, sent_at=ctx.now, overdue_from=overdue, reference=reference)
    await move(ctx, record, "deposit_sent")
    ctx.event("micro_deposit.sent", deposit, partner_id=deposit.partner_id, state=state.value)
    ctx.effect("micro_deposit.sent", deposit)
    ctx.notify("micro_deposit_sent", partner, about=deposit)
    return deposit


async def _open(ctx: Context, deposit_id: UUID) -> tuple[MicroDeposit, BusinessInfo]:
    """The deposit and its partner's record, both locked, the record first."""
    found = await visible_deposits(ctx).get_or_none(id=deposit_id)
    if found is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    record = await lock_of_partner(found.partner_id)
    assert record is not None
    return await MicroDeposit.filter(id=deposit_id).select_for_update().get(), record


async def _try_amount(ctx: Context, *, amount: str) -> Try | Violation:
    """Counts a try, then compares; in a transaction of its own, so that no refusal can take the count back.

    An amount that is none is no try. The right one takes its count back itself, while the row is still locked.
    """
    given, most = parse_amount(amount, "input", "amount"), ctx.policy[BUSINESS_INFO_TRIES]
    if isinstance(given, Violation):
        return given
    async with db.transaction(ctx.actor.scope):
        counted = await db.fetch_one(_COUNT, ctx.actor.partner_id, most)
        record = await BusinessInfo.get_or_none(partner_id=ctx.actor.partner_id)
        if record is None:
            return Violation(ErrorCode.NOT_FOUND, ("input",))
        if counted is None:
            spent = record.state is BusinessInfoState.AMOUNT_PENDING
            return Try(BusinessInfoState.LOCKED if spent else record.state, counted=False, locks=spent)
        deposit = await MicroDeposit.get(partner_id=record.partner_id, state=MicroDepositState.SENT)
        if equal(str(open_amount(ctx.settings, deposit)), str(given)):
            await BusinessInfo.filter(id=record.id).update(wrong_amounts=record.wrong_amounts - 1)
            return Try(record.state, counted=True, right=True)
    left = most - record.wrong_amounts
    return Try(record.state if left else BusinessInfoState.LOCKED, counted=True, left=left, locks=not left)


@command(
    permission=Permission.BUSINESS_INFO_SUBMIT,
    refuses=(
        ErrorCode.INVALID_FORMAT,
        ErrorCode.STATE_CONFLICT,
        ErrorCode.AMOUNT_WRONG,
        ErrorCode.BUSINESS_INFO_LOCKED,
    ),
    emits=("business_info.amount_confirmed", "business_info.locked"),
    secret=_try_amount,
)
async def confirm_micro_deposit(ctx: Context, *, amount: str) -> BusinessInfo:
    """Names the amount that has arrived, which proves that the account is yours; the automatic check follows.

    A wrong amount counts, over all micro-deposits; after the third even the right one is refused, until the vendor
    unlocks.
    """
    verdict: Try | Violation = ctx.verdict
    if isinstance(verdict, Violation):
        require([verdict])
    assert isinstance(verdict, Try)
    if verdict.locks:
        ctx.afterwards(partial(_lock, ctx))
    require(check_amount(verdict))
    record = await access_own(ctx)
    require(BUSINESS_INFO.check(record.state, "confirm"))
    deposit = await MicroDeposit.filter(partner_id=record.partner_id, state=MicroDepositState.SENT).get()
    await deposit.change(now=ctx.now, state=MICRO_DEPOSIT.after(deposit.state, "confirm"))
    await move(ctx, record, "confirm", wrong_amounts=0, check_at=ctx.now + ctx.policy[BUSINESS_INFO_AUTO_CHECK])
    ctx.event("business_info.amount_confirmed", record, partner_id=record.partner_id, state=record.state.value)
    ctx.effect("business_info.amount_confirmed", record)
    return record


async def _lock(ctx: Context) -> None:
    """What becomes of a form when its last try was wrong; it outlives the refusal."""
    record = await access_own(ctx)
    if record.state is not BusinessInfoState.AMOUNT_PENDING:
        return
    await cancel_deposits(ctx, record.partner_id)
    await move(ctx, record, "lock")
    ctx.event("business_info.locked", record, partner_id=record.partner_id, state=record.state.value)
    await tell(ctx, record, "business_info_locked")


@command(
    permission=Permission.BUSINESS_INFO_SUBMIT,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.DEPOSIT_NOT_OVERDUE),
    emits=("micro_deposit.missed",),
)
async def report_missing_micro_deposit(ctx: Context) -> BusinessInfo:
    """Says that the sum has not arrived though it should have; another one is sent. Wrong tries stay counted."""
    record = await access_own(ctx)
    require(BUSINESS_INFO.check(record.state, "deposit_missed"))
    sent = MicroDeposit.filter(partner_id=record.partner_id, state=MicroDepositState.SENT)
    deposit = await sent.select_for_update().get()
    require(check_missing(deposit.overdue_from, now=ctx.now))
    await deposit.change(now=ctx.now, state=MICRO_DEPOSIT.after(deposit.state, "miss"))
    await move(ctx, record, "deposit_missed")
    await _again(ctx, record)
    ctx.event("micro_deposit.missed", deposit, partner_id=record.partner_id, state=deposit.state.value)
    ctx.effect("micro_deposit.missed", deposit)
    return record


async def _again(ctx: Context, record: BusinessInfo) -> None:
    await request_deposit(ctx, record, await BusinessInfoForm.get(id=record.form_id))


@command(
    permission=Permission.BUSINESS_INFO_UNLOCK,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED),
    emits=("business_info.unlocked",),
)
async def unlock_business_info(
    ctx: Context, *, record_id: UUID, reason: str, reopen: bool = False, expected_version: int | None = None
) -> BusinessInfo:
    """Unlocks business information after too many wrong amounts: another micro-deposit is made, or, with reopen, the
    partner corrects its form first. The partner is told.
    """
    record = await access_record(ctx, record_id)
    expect_version(record, expected_version)
    event = "reopen" if reopen else "unlock"
    require(BUSINESS_INFO.check(record.state, event) + check_reason(reason))
    await move(ctx, record, event, wrong_amounts=0)
    if not reopen:
        await _again(ctx, record)
    ctx.audit(reason=reason.strip())
    ctx.event("business_info.unlocked", record, partner_id=record.partner_id, state=record.state.value)
    ctx.effect("business_info.unlocked", record)
    await tell(ctx, record, "business_info_unlocked")
    return record
