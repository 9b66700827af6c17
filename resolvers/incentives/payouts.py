"""Paying out: the partner's request, at once where no invoice is needed, else completed or rejected by the vendor."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from core import db
from core.ids import encode_id, uuid7
from core.tokens import link
from models.experts import ExpertIncentive
from models.incentives import DeferredPayout, Incentive, OwedInvoice, PayoutItem, PayoutRequest
from models.partners import Partner
from resolvers.business_info import is_certified, is_under_way, signing_entity_of
from resolvers.command import StepUp, command, expect_version
from resolvers.context import Context
from resolvers.incentives.confirming import Credit, confirm, credit_of
from resolvers.incentives.scope import access_payout, facts_of, lock_incentives
from resolvers.partners.benefits import benefits_blockers
from resolvers.vouchers.quotas import grant_quota_row
from resolvers.wallets.ledger import Leg, hold, lock, open_account, post, release, settle
from rules.access import Permission
from rules.errors import ErrorCode, Violation, require
from rules.experts import EXPERT_INCENTIVE
from rules.incentives.kinds import INCENTIVE, PAYOUT, DeferredStatus, PayoutMethod, PayoutStatus
from rules.incentives.payout import (
    INVOICED,
    Settlement,
    check_payout,
    compute_first_status,
    compute_quota_expiry,
    compute_settlement,
    is_deferred,
    is_withdrawal,
)
from rules.incentives.reconcile import check_reason, compute_deadline_event
from rules.money import format_amount
from rules.policy import PAYOUTS_OWED_INVOICE_TAX_RATE, Policy
from rules.wallets import AccountKind, Posting

_TARGETS = {
    PayoutMethod.ACCOUNT_OWED_INVOICE: AccountKind.CASH,
    PayoutMethod.ACCOUNT: AccountKind.CASH,
    PayoutMethod.BANK_TRANSFER: AccountKind.BANK,
}


def is_to_the_bank(given: Mapping[str, Any]) -> bool:
    """Whether a request for a payout, by its inputs, takes money out of the product."""
    return is_withdrawal(given["method"])


@command(
    permission=Permission.INCENTIVES_REQUEST_PAYOUT,
    refuses=(
        ErrorCode.REPEATED,
        ErrorCode.BUSINESS_INFO_REQUIRED,
        ErrorCode.BENEFITS_FROZEN,
        ErrorCode.INCENTIVE_NOT_CONFIRMED,
        ErrorCode.INCENTIVE_EXPIRED,
        ErrorCode.INCENTIVE_CLAIM_OVER,
        ErrorCode.INCENTIVE_FROZEN,
        ErrorCode.PAYOUT_METHOD_LOCKED,
        ErrorCode.PAYOUT_METHOD_NOT_ALLOWED,
        ErrorCode.PAYOUT_TOTAL_NOT_POSITIVE,
        ErrorCode.PAYOUT_BELOW_MINIMUM,
    ),
    emits=(
        "incentive.confirmed",
        "payout.requested",
        "payout.completed",
        "voucher_quota.granted",
        "deferred_payout.made",
    ),
    step_up=StepUp.IF_SWITCH_ON,
    step_up_always=is_to_the_bank,
)
async def request_payout(ctx: Context, *, incentive_ids: list[UUID], method: PayoutMethod) -> PayoutRequest:
    """Asks for confirmed incentives, negative ones included, to be paid out by one method, which cannot be changed.

    Into a voucher quota or into the vendor account with an owed invoice it is paid at once; the other methods wait for
    your invoice. A bank transfer takes money out and always asks for a code. While your business information is being
    certified the request is refused and kept: it is made again at 09:00 (UTC+8) of the day after certification, unless
    you take it back with withdrawDeferredPayout. What asks for a code is kept with one alone.
    """
    rows = await lock_incentives(ctx, incentive_ids)
    partner = await Partner.get(id=ctx.actor.partner_id)
    policy = ctx.policy_of(partner)
    places = {row_id: place for place, row_id in reversed(list(enumerate(incentive_ids)))}
    items = {places[row.id]: facts_of(row) for row in rows.values()}
    certified = await is_certified(partner.id)
    against = (
        check_list(incentive_ids, rows)
        + (await benefits_blockers(ctx, partner))[partner.id]
        + check_payout(method, dict(sorted(items.items())), certified=certified, now=ctx.now, policy=policy)
    )
    if is_deferred(against, under_way=not certified and await is_under_way(partner.id)):
        await _defer(ctx, partner, incentive_ids, method)
    require(against)
    return await open_payout(ctx, partner, list(rows.values()), method, policy, requested_by=ctx.actor.account_id)


async def _defer(ctx: Context, partner: Partner, ids: list[UUID], method: PayoutMethod) -> None:
    """Keeps a refused request until the day after the certification that is under way; the same one once, and no code
    is asked for what is kept already.
    """
    content = hashlib.sha256("".join([method.value, *sorted(map(str, ids))]).encode()).digest()
    if not await _is_kept(partner, content):
        ctx.keep(partial(_keep, ctx, partner, ids, method, content))


async def _is_kept(partner: Partner, content: bytes) -> bool:
    return await DeferredPayout.exists(partner_id=partner.id, content=content, status=DeferredStatus.WAITING)


async def _keep(ctx: Context, partner: Partner, ids: list[UUID], method: PayoutMethod, content: bytes) -> None:
    await db.lock_name(f"deferred_payout:{partner.id}")
    if await _is_kept(partner, content):
        return
    row = await DeferredPayout.insert(
        now=ctx.now,
        partner_id=partner.id,
        method=method,
        incentive_ids=[str(one) for one in ids],
        content=content,
        status=DeferredStatus.WAITING,
        requested_by=ctx.actor.account_id,
        requested_at=ctx.now,
    )
    ctx.event("deferred_payout.made", row, partner_id=partner.id, status=row.status.value)
    ctx.notify("payout_deferred", partner, about=row)


def check_list(ids: Sequence[UUID], rows: Collection[UUID]) -> list[Violation]:
    """NOT_FOUND and REPEATED, each at its place."""
    violations = []
    for place, row_id in enumerate(ids):
        path = ("input", "incentiveIds", str(place))
        if row_id not in rows:
            violations.append(Violation(ErrorCode.NOT_FOUND, path))
        elif row_id in ids[:place]:
            violations.append(Violation(ErrorCode.REPEATED, path))
    return violations


async def open_payout(
    ctx: Context,
    partner: Partner,
    rows: list[Incentive],
    method: PayoutMethod,
    policy: Policy,
    *,
    requested_by: UUID | None,
) -> PayoutRequest:
    """Makes the payout of locked incentives against which nothing stands."""
    currency, moved = rows[0].currency, compute_settlement([row.amount for row in rows])
    accounts = await open_accounts(ctx, partner, currency, method)
    for row in rows:
        if compute_deadline_event(facts_of(row), ctx.now) is not None:  # its deadline has confirmed it, unmarked yet
            await confirm(ctx, row, "auto_confirm", accounts.credit)
    payout = await make_payout(ctx, partner, accounts, moved, currency, method, policy, requested_by=requested_by)
    await PayoutItem.bulk_create(
        [PayoutItem(partner_id=partner.id, payout_id=payout.id, incentive_id=row.id, amount=row.amount) for row in rows]
    )
    waits = payout.status is PayoutStatus.WAIT_INVOICE
    await _mark(ctx, rows, "request_payout", *([] if waits else ["pay"]))
    await announce_payout(ctx, partner, payout)
    return payout


@dataclass(frozen=True, slots=True)
class Accounts:
    """What a payout moves money between; `target` is None where it becomes a quota."""

    credit: Credit
    target: UUID | None


async def open_accounts(ctx: Context, partner: Partner, currency: str, method: PayoutMethod) -> Accounts:
    """The accounts of a payout by this method, locked."""
    credit = await credit_of(ctx, partner, currency)
    target = None
    if method in _TARGETS:
        target = await open_account(ctx, _TARGETS[method], currency=currency, owner=partner)
    await lock(ctx, [account for account in (credit.pool, credit.payable, target) if account is not None])
    return Accounts(credit, target)


async def make_payout(
    ctx: Context,
    partner: Partner,
    accounts: Accounts,
    moved: Settlement,
    currency: str,
    method: PayoutMethod,
    policy: Policy,
    *,
    requested_by: UUID | None,
) -> PayoutRequest:
    """The row of a payout, with its money moved or set aside; what it pays for is the caller's to mark."""
    status = compute_first_status(method)
    payout = PayoutRequest(
        id=uuid7(),
        created_at=ctx.now,
        updated_at=ctx.now,
        partner_id=partner.id,
        method=method,
        status=status,
        amount=moved.total,
        netted=moved.netted,
        currency=currency,
        requested_by=requested_by,
        requested_at=ctx.now,
        ended_at=None if status is PayoutStatus.WAIT_INVOICE else ctx.now,
    )
    await _move(ctx, payout, accounts.credit, accounts.target, policy)
    await payout.save(force_create=True)
    if method is PayoutMethod.ACCOUNT_OWED_INVOICE:
        await _owe(ctx, payout, policy)
    return payout


async def announce_payout(ctx: Context, partner: Partner, payout: PayoutRequest) -> None:
    """What follows for the world from a payout that has just been made."""
    method, status = payout.method, payout.status
    ctx.event("payout.requested", payout, partner_id=partner.id, method=method.value, status=status.value)
    ctx.effect("payout.requested", payout, money=(payout.amount, payout.currency))
    if status is PayoutStatus.COMPLETED:
        _tell_completed(ctx, partner, payout)
    else:
        await _ask_invoice(ctx, partner, payout)


async def _ask_invoice(ctx: Context, partner: Partner, payout: PayoutRequest) -> None:
    """D 1: by mail always, for it carries the list's link and the address to which the invoice goes; SMS besides."""
    entity = await signing_entity_of(partner)
    page = link(ctx.settings.public_url, "invoice-list", encode_id(PayoutRequest.prefix, payout.id))
    for channel in ("EMAIL", "SMS"):
        ctx.notify(
            "payout_invoice_awaited",
            partner,
            about=payout,
            channel=channel,
            facts={**_facts(payout), "link": page, "entity": entity.titles, "address": entity.invoices_to},
        )


async def _move(ctx: Context, payout: PayoutRequest, credit: Credit, target: UUID | None, policy: Policy) -> None:
    """Moves the money, or sets it aside until the invoice is there; the accounts are locked."""
    if payout.method in INVOICED:
        assert target is not None
        payout.hold_id = await hold(ctx, credit.payable, target, payout.amount, subject=payout, expires_at=None)
        return
    await _net(ctx, payout, credit)
    if payout.method is PayoutMethod.VOUCHER_QUOTA:
        quota = await grant_quota_row(
            ctx,
            partner_id=payout.partner_id,
            value=payout.amount,
            currency=payout.currency,
            expires_at=compute_quota_expiry(ctx.now, policy),
            source=credit.payable,
            reason=Posting.INCENTIVE_PAYOUT,
        )
        payout.quota_id = quota.id
        return
    assert target is not None
    legs = [Leg(credit.payable, -payout.amount), Leg(target, payout.amount)]
    await post(ctx, Posting.INCENTIVE_PAYOUT, legs, subject=payout)


async def _net(ctx: Context, payout: PayoutRequest, credit: Credit) -> None:
    """What the positive incentives pay for the negative ones goes back to the vendor."""
    if payout.netted:
        legs = [Leg(credit.payable, -payout.netted), Leg(credit.pool, payout.netted)]
        await post(ctx, Posting.INCENTIVE_NETTING, legs, subject=payout)


async def _owe(ctx: Context, payout: PayoutRequest, policy: Policy) -> None:
    """B 16.7: what was paid without an invoice is owed one."""
    await OwedInvoice.insert(
        now=ctx.now,
        partner_id=payout.partner_id,
        payout_id=payout.id,
        amount=payout.amount,
        remaining=payout.amount,
        currency=payout.currency,
        tax_rate=policy[PAYOUTS_OWED_INVOICE_TAX_RATE],
        incurred_at=ctx.now,
    )


async def _mark(ctx: Context, rows: list[Incentive], *events: str) -> None:
    for row in rows:
        status = row.status
        for event in events:
            status = INCENTIVE.after(status, event)
        await row.change(now=ctx.now, status=status)


def _tell_completed(ctx: Context, partner: Partner, payout: PayoutRequest) -> None:
    ctx.event("payout.completed", payout, partner_id=partner.id, method=payout.method.value, status=payout.status.value)
    ctx.effect("payout.completed", payout, money=(payout.amount, payout.currency))
    ctx.notify("payout_completed", partner, about=payout, facts=_facts(payout))


def _facts(payout: PayoutRequest) -> dict[str, str]:
    return {"amount": f"{format_amount(payout.amount)} {payout.currency}"}


@command(
    permission=Permission.INCENTIVES_COMPLETE_PAYOUT,
    refuses=(ErrorCode.STATE_CONFLICT,),
    emits=("payout.completed",),
    sensitive=True,
)
async def complete_payout(ctx: Context, *, payout_id: UUID, expected_version: int | None = None) -> PayoutRequest:
    """Pays out what waited for the partner's invoice: the money goes into its account or to its bank."""
    payout, rows = await _ending(ctx, payout_id, "complete", expected_version)
    partner = await Partner.get(id=payout.partner_id)
    credit = await credit_of(ctx, partner, payout.currency)
    target = await open_account(ctx, _TARGETS[payout.method], currency=payout.currency, owner=partner)
    await lock(ctx, [credit.pool, credit.payable, target])
    await _net(ctx, payout, credit)
    await settle(ctx, _held(payout))
    await _end(ctx, payout, "complete")
    await _mark(ctx, rows, "pay")
    await _mark_lists(ctx, payout, "pay")
    _tell_completed(ctx, partner, payout)
    return payout


@command(
    permission=Permission.INCENTIVES_COMPLETE_PAYOUT,
    refuses=(ErrorCode.STATE_CONFLICT, ErrorCode.REASON_REQUIRED, ErrorCode.OUT_OF_RANGE),
    emits=("payout.rejected",),
    sensitive=True,
)
async def reject_payout(
    ctx: Context, *, payout_id: UUID, reason: str, expected_version: int | None = None
) -> PayoutRequest:
    """Rejects a payout that waits for its invoice; its incentives can be paid out anew, by another method too."""
    payout, rows = await _ending(ctx, payout_id, "reject", expected_version, check_reason(reason))
    partner = await Partner.get(id=payout.partner_id)
    await release(ctx, _held(payout))
    await _end(ctx, payout, "reject", reason=reason.strip())
    await PayoutItem.filter(payout_id=payout.id).update(released=True)
    await _mark(ctx, rows, "release")
    await _mark_lists(ctx, payout, "release")
    ctx.event("payout.rejected", payout, partner_id=partner.id, method=payout.method.value, status=payout.status.value)
    ctx.effect("payout.rejected", payout, money=(payout.amount, payout.currency))
    ctx.notify("payout_rejected", partner, about=payout, facts={**_facts(payout), "reason": reason.strip()})
    return payout


async def _ending(
    ctx: Context, payout_id: UUID, event: str, expected_version: int | None, more: Sequence[Violation] = ()
) -> tuple[PayoutRequest, list[Incentive]]:
    """The payout and its incentives, locked, when `event` may end it."""
    payout = await access_payout(ctx, payout_id)
    expect_version(payout, expected_version)
    require([*PAYOUT.check(payout.status, event), *more])
    items = await PayoutItem.filter(payout_id=payout.id)
    rows = await lock_incentives(ctx, [item.incentive_id for item in items])
    return payout, list(rows.values())


async def _mark_lists(ctx: Context, payout: PayoutRequest, event: str) -> None:
    """What becomes of the lists of experts in a payout; one that is let go is in none."""
    for row in await ExpertIncentive.filter(payout_id=payout.id).order_by("id").select_for_update():
        status = EXPERT_INCENTIVE.after(row.status, event)
        await row.change(now=ctx.now, status=status, payout_id=payout.id if event == "pay" else None)


async def _end(ctx: Context, payout: PayoutRequest, event: str, **values: Any) -> None:
    status = PAYOUT.after(payout.status, event)
    await payout.change(now=ctx.now, status=status, ended_at=ctx.now, ended_by=ctx.actor.account_id, **values)


def _held(payout: PayoutRequest) -> UUID:
    assert payout.hold_id is not None
    return payout.hold_id
