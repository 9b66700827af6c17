"""Paying lists: a quarter that is final makes its approved months payable; the partner asks for them by a payout."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.experts import ExpertIncentive
from models.incentives import PayoutRequest
from models.partners import Partner
from resolvers.business_info import is_certified
from resolvers.command import Key, StepUp, command
from resolvers.context import Context
from resolvers.experts.scope import facts_of, lock_list, lock_partner, visible
from resolvers.experts.telling import happened, told_of
from resolvers.incentives.confirming import credit_of
from resolvers.incentives.payouts import announce_payout, check_list, is_to_the_bank, make_payout, open_accounts
from resolvers.partners.benefits import benefits_blockers
from resolvers.wallets.ledger import Leg, lock, post
from rules.access import Permission
from rules.errors import ErrorCode, Violation, require
from rules.experts import (
    EXPERT_INCENTIVE,
    ExpertIncentiveStatus,
    ExpertSchemeCode,
    check_invoiced,
    check_list_payable,
    check_quarter,
    months_of,
)
from rules.incentives.kinds import PayoutMethod
from rules.incentives.payout import check_business_info, check_payout_total, compute_settlement
from rules.wallets import Posting

E, S = ErrorCode, ExpertIncentiveStatus
BATCH = 5_000
"""Approved lists that one run looks at; none waits longer than its quarter."""
Months = Mapping[str, ExpertIncentiveStatus]


_FACTS = ("id", "partner_id", "scheme", "period", "status", "deadline", "head_count", "amount")


async def quarters_of(
    ctx: Context, rows: Collection[ExpertIncentive]
) -> dict[tuple[UUID, ExpertSchemeCode], dict[str, ExpertIncentiveStatus]]:
    """How the months of these lists' quarters stand, by partner and scheme. One statement, none for no list."""
    found: dict[tuple[UUID, ExpertSchemeCode], dict[str, ExpertIncentiveStatus]] = {}
    periods = sorted({month for row in rows for month in months_of(row.period)})
    siblings = ExpertIncentive.filter(partner_id__in={row.partner_id for row in rows}, period__in=periods)
    for row in await siblings.only(*_FACTS) if rows else ():
        found.setdefault((row.partner_id, row.scheme), {})[row.period] = facts_of(row).standing(ctx.now)
    return found


async def closable_lists(ctx: Context) -> list[UUID]:
    """Approved lists whose quarter is final, the oldest month first."""
    async with db.read(EVERYTHING):
        approved = ExpertIncentive.filter(status=S.APPROVED).order_by("period", "id").limit(BATCH)
        rows = await approved.only("id", "partner_id", "scheme", "period")
        months = await quarters_of(ctx, rows)
    return [row.id for row in rows if not check_quarter(row.period, months[row.partner_id, row.scheme], now=ctx.now)]


@command(permission=Permission.RUN_SCHEDULES, emits=("expert_incentive.closed",), key=Key.OPTIONAL, as_system=True)
async def close_expert_incentive(ctx: Context, *, incentive_id: UUID) -> ExpertIncentive | None:
    """Makes an approved list payable when its quarter is final, and tells the partner; None when it is not."""
    own, row = await lock_list(incentive_id)
    months = (await quarters_of(ctx, [row]))[own.id, row.scheme]
    if row.status is not S.APPROVED or check_quarter(row.period, months, now=ctx.now):
        return None
    await _close(ctx, own, row)
    ctx.notify("expert_list_payable", own, about=row, facts=told_of(row))
    return row


async def _close(ctx: Context, own: Partner, row: ExpertIncentive) -> None:
    """What is payable is owed from now on: the ledger says so, as of every confirmed incentive."""
    credit = await credit_of(ctx, own, row.currency)
    await lock(ctx, [credit.pool, credit.payable])
    await row.change(now=ctx.now, status=EXPERT_INCENTIVE.after(row.status, "close"))
    legs = [Leg(credit.pool, -row.amount), Leg(credit.payable, row.amount)]
    await post(ctx, Posting.INCENTIVE_CONFIRMATION, legs, subject=row)
    happened(ctx, "expert_incentive.closed", row)
    ctx.effect("expert_incentive.closed", row, money=(row.amount, row.currency))


@command(
    permission=Permission.INCENTIVES_REQUEST_PAYOUT,
    refuses=(
        E.REPEATED,
        E.BUSINESS_INFO_REQUIRED,
        E.BENEFITS_FROZEN,
        E.QUARTER_NOT_FINAL,
        E.STATE_CONFLICT,
        E.PAYOUT_METHOD_NOT_ALLOWED,
        E.PAYOUT_TOTAL_NOT_POSITIVE,
        E.PAYOUT_BELOW_MINIMUM,
    ),
    emits=("expert_incentive.closed", "payout.requested", "payout.completed", "voucher_quota.granted"),
    step_up=StepUp.IF_SWITCH_ON,
    step_up_always=is_to_the_bank,
)
async def request_expert_payout(ctx: Context, *, incentive_ids: list[UUID], method: PayoutMethod) -> PayoutRequest:
    """Asks for the lists of a final quarter to be paid out against an invoice, into the account or to the bank. A bank
    transfer takes money out and always asks for a code.
    """
    own = await lock_partner(ctx.actor.partner_id)
    rows = {row.id: row for row in await visible(ctx).filter(id__in=incentive_ids).order_by("id").select_for_update()}
    months = await quarters_of(ctx, rows.values())
    against = (
        check_list(incentive_ids, rows)
        + (await benefits_blockers(ctx, own))[own.id]
        + check_business_info(await is_certified(own.id))
        + check_invoiced(method)
    )
    for place, row_id in enumerate(incentive_ids):
        if row_id in rows:
            against += _placed(_against(ctx, rows[row_id], months), place)
    policy = ctx.policy_of(own)
    require(against + check_payout_total(method, sum(row.amount for row in rows.values()), policy))
    for row in rows.values():
        if row.status is S.APPROVED:
            await _close(ctx, own, row)
    currency = next(iter(rows.values())).currency  # a partner has lists in the currency of its site alone
    moved = compute_settlement([row.amount for row in rows.values()])
    accounts = await open_accounts(ctx, own, currency, method)
    payout = await make_payout(ctx, own, accounts, moved, currency, method, policy, requested_by=ctx.actor.account_id)
    for row in rows.values():
        await row.change(now=ctx.now, status=EXPERT_INCENTIVE.after(row.status, "request_payout"), payout_id=payout.id)
    await announce_payout(ctx, own, payout)
    return payout


def _against(
    ctx: Context, row: ExpertIncentive, months: Mapping[tuple[UUID, ExpertSchemeCode], Months]
) -> list[Violation]:
    standing = facts_of(row).standing(ctx.now)
    return check_list_payable(standing, row.period, months[row.partner_id, row.scheme], now=ctx.now)


def _placed(violations: list[Violation], place: int) -> list[Violation]:
    path = ("input", "incentiveIds", str(place))
    return [replace(one, path=path) for one in violations]


async def payout_gates(
    ctx: Context, parents: Collection[ExpertIncentive], certified: Collection[UUID]
) -> dict[UUID, list[Violation]]:
    """What stands against paying out each of these lists, by its id. A few statements for all."""
    partners = {row.partner_id for row in parents}
    frozen = await benefits_blockers(ctx, *await Partner.filter(id__in=partners).only("id", "kind"))
    months = await quarters_of(ctx, parents)
    return {
        row.id: frozen[row.partner_id] + check_business_info(row.partner_id in certified) + _against(ctx, row, months)
        for row in parents
    }
