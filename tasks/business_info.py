"""Business information's clock and post: micro-deposits, the automatic check, and warnings of late ones."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from core import db
from core.clock import Clock
from core.scope import EVERYTHING
from core.settings import Settings
from gateways.delivery import Receipt, TerminalFailure, TransientFailure
from gateways.settlement import Deposit
from models.business_info import MicroDeposit
from resolvers import business_info
from resolvers.command import Outcome, run
from resolvers.context import Context
from resolvers.system import system_context
from rules.business_info import MicroDepositState
from tasks.due import Due, carry_out
from tasks.messages import Post
from tasks.outbox import Job, Registry
from tasks.schedules import CatchUp, Schedules

PAY_LEASE = 60.0
CHECK_EVERY = timedelta(minutes=5)
WARN_EVERY = timedelta(hours=1)
_TO_CHECK = Due(business_info.due_checks, business_info.check_business_info, "record_id")
_LATE = Due(business_info.late_records, business_info.warn_of_late_record, "record_id", drains=True)


async def make_deposit(post: Post, settings: Settings, clock: Clock, job: Job) -> Receipt | None:
    """Has a micro-deposit paid that still counts, and records what the settlement says of it at once."""
    ctx = await system_context(settings, clock())
    async with db.read(EVERYTHING):
        deposit = await MicroDeposit.get(id=UUID(job.payload["deposit_id"]))
        order = await business_info.order_of(settings, deposit)
    if deposit.state is not MicroDepositState.REQUESTED:
        return Receipt("no longer wanted")
    form = order.form
    assert form.account_holder is not None and form.bank_name is not None
    wanted = Deposit(
        form.account_holder, form.bank_name, order.account_number, order.amount, deposit.currency, ctx.locale
    )
    try:
        receipt = await post.settlement.pay(wanted, key=job.key)
    except TerminalFailure as failure:
        await _record(ctx, deposit, sent=False, reason=failure.reason)
        raise
    if receipt is not None:
        await _record(ctx, deposit, sent=True, reference=receipt.provider_ref)
    return receipt


async def _record(ctx: Context, deposit: MicroDeposit, **outcome: Any) -> None:
    done: Outcome[Any] = await run(ctx, business_info.record_micro_deposit, deposit_id=deposit.id, **outcome)
    if done.violations:  # the vendor has entered something in the same moment
        raise TransientFailure(", ".join(violation.code.value for violation in done.violations))


async def check_due(settings: Settings, clock: Clock) -> int:
    """Checks every form whose time has come, one command each; how many there were."""
    return len(await carry_out(settings, clock, _TO_CHECK))


async def warn_of_late(settings: Settings, clock: Clock) -> int:
    """Warns the vendor's people of what waits too long for them; how many there were."""
    return len(await carry_out(settings, clock, _LATE))


def register(post: Post, settings: Settings, clock: Clock, registry: Registry, schedules: Schedules) -> None:
    """The micro-deposits, the check every five minutes, the warnings every hour."""

    @registry.topic(business_info.TOPIC, lease=PAY_LEASE, max_attempts=business_info.PAY_ATTEMPTS)
    async def _pay(job: Job) -> Receipt | None:
        return await make_deposit(post, settings, clock, job)

    @schedules.scheduled("business_info.check", every=CHECK_EVERY, catch_up=CatchUp.LATEST)
    async def _check(_slot: object) -> None:
        await check_due(settings, clock)

    @schedules.scheduled("business_info.warn_of_late", every=WARN_EVERY, catch_up=CatchUp.LATEST)
    async def _warn(_slot: object) -> None:
        await warn_of_late(settings, clock)
