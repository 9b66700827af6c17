"""Confirming incentives: by the partner, in a batch with a result for each, or by their deadline."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from models.incentives import Incentive
from models.partners import Partner
from resolvers.batch import Batch, each
from resolvers.command import command
from resolvers.context import Context
from resolvers.incentives.scope import facts_of, lock_incentives, visible
from resolvers.wallets.ledger import Leg, lock, open_account, post
from rules.access import Permission
from rules.errors import ErrorCode, refuse, require
from rules.incentives.kinds import INCENTIVE, IncentiveStatus
from rules.incentives.reconcile import check_confirm, check_together
from rules.wallets import AccountKind, Posting


@command(
    permission=Permission.INCENTIVES_CONFIRM,
    refuses=(
        ErrorCode.STATE_CONFLICT,
        ErrorCode.INCENTIVE_EXPIRED,
        ErrorCode.INCENTIVE_CLAIM_OVER,
        ErrorCode.INCENTIVE_CONFIRM_TOGETHER,
        ErrorCode.REPEATED,
    ),
    emits=("incentive.confirmed",),
    sensitive=True,
)
async def confirm_incentives(ctx: Context, *, incentive_ids: list[UUID]) -> Batch[Incentive]:
    """Confirms incentives before their deadline, each with a result of its own. What is confirmed can be paid out.

    On the international site the incentives of a month are confirmed all together.
    """
    rows = await lock_incentives(ctx, incentive_ids)
    if rows:
        policy = ctx.policy_of(next(iter(rows.values())))  # a partner has incentives on its own site alone
        require(check_together(await _left_out(ctx, rows.values()), "input", "incentiveIds", policy=policy))
    credit = await open_credit(ctx, rows.values())

    async def one(incentive_id: UUID, place: tuple[str, ...]) -> Incentive:
        row = rows.get(incentive_id)
        if row is None:
            raise refuse(ErrorCode.NOT_FOUND, *place)
        require(check_confirm(facts_of(row), *place, now=ctx.now))
        await confirm(ctx, row, "confirm", credit)
        return row

    return await each(ctx, incentive_ids, one, "input", "incentiveIds")


async def _left_out(ctx: Context, chosen: Collection[Incentive]) -> int:
    """How many pending incentives of the same months are not among those chosen."""
    pending = visible(ctx).filter(
        status=IncentiveStatus.PENDING_CONFIRM,
        partner_id__in={row.partner_id for row in chosen},
        period__in={row.period for row in chosen},
        confirm_deadline__gt=ctx.now,
    )
    return await pending.exclude(id__in=[row.id for row in chosen]).count()


@dataclass(frozen=True, slots=True)
class Credit:
    """The vendor's pool, and what is payable to the partner: between them confirmed amounts move."""

    pool: UUID
    payable: UUID


async def open_credit(ctx: Context, rows: Collection[Incentive]) -> Credit | None:
    """The accounts that confirming these incentives of one partner will move, locked; None where nothing will move."""
    earned = next((row for row in rows if row.amount > 0 and row.status is IncentiveStatus.PENDING_CONFIRM), None)
    if earned is None:
        return None
    credit = await credit_of(ctx, await Partner.get(id=earned.partner_id), earned.currency)
    await lock(ctx, [credit.pool, credit.payable])
    return credit


async def credit_of(ctx: Context, partner: Partner, currency: str) -> Credit:
    """The two accounts, not locked yet."""
    return Credit(
        pool=await open_account(ctx, AccountKind.VENDOR_POOL, currency=currency, owner=None),
        payable=await open_account(ctx, AccountKind.INCENTIVE_PAYABLE, currency=currency, owner=partner),
    )


async def confirm(ctx: Context, row: Incentive, event: str, credit: Credit | None) -> None:
    """Marks an incentive confirmed and credits a positive amount to the partner; the rules have been asked.

    A negative amount is taken off what is paid out together with it: there may be nothing to take it from now.
    """
    await row.change(
        now=ctx.now,
        status=INCENTIVE.after(row.status, event),
        confirmed_at=ctx.now,
        confirmed_by=None if event == "auto_confirm" else ctx.actor.account_id,
    )
    if row.amount > 0:
        assert credit is not None
        legs = [Leg(credit.pool, -row.amount), Leg(credit.payable, row.amount)]
        await post(ctx, Posting.INCENTIVE_CONFIRMATION, legs, subject=row)
    ctx.event("incentive.confirmed", row, partner_id=row.partner_id, period=row.period, status=row.status.value)
    ctx.effect("incentive.confirmed", row, money=(row.amount, row.currency))
