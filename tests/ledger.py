"""Money for tests: work on the ledger inside a command of its own, and accounts to move it between."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast
from uuid import UUID

from models.base import Row
from models.partners import Partner
from resolvers.command import Command, CommandSpec, Key, Options, Outcome, StepUp, run
from resolvers.context import Context
from resolvers.wallets import ledger
from resolvers.wallets.ledger import Leg
from rules.access import SYSTEM, Actor, Permission, Role
from rules.errors import ErrorCode
from rules.wallets import AccountKind, Posting
from tests.client import Api
from tests.factories import context
from tests.world import admitted_partner

T = TypeVar("T")
_SPEC = CommandSpec(
    name="move_money",
    permission=Permission.PUBLIC_READ,
    refuses=frozenset({ErrorCode.INSUFFICIENT_BALANCE, ErrorCode.STATE_CONFLICT, ErrorCode.NOT_FOUND}),
    emits=(),
    key=Key.OPTIONAL,
    step_up=StepUp.NEVER,
    as_system=False,
    sensitive=False,
    secret=None,
    step_up_if=None,
)


async def attempt(
    api: Api,
    work: Callable[[Context], Awaitable[T]],
    actor: Actor = SYSTEM,
    options: Options = Options(),
    emits: tuple[str, ...] = (),
) -> Outcome[T]:
    """Runs `work` as a command that no registry knows, with its audit row; in `actor`'s scope."""

    async def move_money(ctx: Context) -> T:
        return await work(ctx)

    declared: Any = move_money
    declared.spec = replace(_SPEC, emits=emits)
    use_case: Command[[], T] = declared
    return await run(context(api, actor), use_case, options)


async def carry_out(api: Api, work: Callable[[Context], Awaitable[T]], actor: Actor = SYSTEM) -> T:
    """As `attempt`, for work that is not refused."""
    outcome = await attempt(api, work, actor)
    assert outcome.violations == []
    return cast("T", outcome.result)


def acting_for(partner_id: UUID) -> Actor:
    """Somebody of the partner."""
    return replace(SYSTEM, roles=frozenset({Role.MAIN_ACCOUNT}), partner_id=partner_id)


async def partner_row(partner_id: UUID) -> Partner:
    """The partner, inside a transaction."""
    return await Partner.get(id=partner_id)


async def open_pool(ctx: Context, currency: str = "CNY") -> UUID:
    """The vendor's pool, as this connection's shard."""
    return await ledger.open_account(ctx, AccountKind.VENDOR_POOL, currency=currency, owner=None)


async def fund(ctx: Context, account_id: UUID, amount: int, subject: Row, currency: str = "CNY") -> UUID:
    """Moves money from the pool to an account; the transaction."""
    pool = await open_pool(ctx, currency)
    return await transfer(ctx, pool, account_id, amount, subject, Posting.QUOTA_GRANT)


async def transfer(
    ctx: Context, source: UUID, target: UUID, amount: int, subject: Row, kind: Posting = Posting.QUOTA_ISSUE
) -> UUID:
    """Moves money between two accounts; the transaction."""
    return await ledger.post(ctx, kind, [Leg(source, -amount), Leg(target, amount)], subject=subject)


@dataclass(frozen=True)
class Stage:
    """Two partners with a cash account each; the first one has 1,000.00."""

    partners: tuple[UUID, UUID]
    accounts: tuple[UUID, UUID]
    subject: Partner


async def two_partners(api: Api) -> Stage:
    """Two partners, set up."""
    partners = ((await admitted_partner(api))[0], (await admitted_partner(api))[0])

    async def begin(ctx: Context) -> Stage:
        rows = [await partner_row(partner_id) for partner_id in partners]
        accounts = [await ledger.open_account(ctx, AccountKind.CASH, currency="CNY", owner=row) for row in rows]
        await fund(ctx, accounts[0], 100_000, rows[0])
        return Stage(partners, (accounts[0], accounts[1]), rows[0])

    return await carry_out(api, begin)
