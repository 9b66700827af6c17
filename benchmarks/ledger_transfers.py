"""Contended transfers per second: `python -m benchmarks.ledger_transfers`. Starts a PostgreSQL of its own.

`whole` is a command: transaction, scope, posting, audit row, commit. `bare` leaves out the audit row. A deadlock or
time-out that reached a caller would be counted; so are tries that had to begin again.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import uvloop

from core import db
from core.clock import system_clock
from core.ids import uuid7
from core.migrate import migrate
from core.scope import EVERYTHING
from core.servers import PostgresServer
from core.settings import get_settings
from models.config import APP_ROLE, DATABASE, OWNER_ROLE, surface, tortoise_config
from models.partners import Company
from resolvers.command import Key, command, run
from resolvers.context import Context
from resolvers.system import system_context
from resolvers.wallets import ledger
from resolvers.wallets.ledger import Leg
from rules.access import Permission
from rules.errors import ErrorCode
from rules.wallets import AccountKind, Posting

CASES = ((2, 8), (10, 8), (10, 20), (2, 20))
"""(accounts, callers at once)."""
SUBJECT = Company(id=uuid7())


@dataclass
class Tally:
    """What came of a run."""

    done: int = 0
    refused: int = 0
    failed: int = 0
    tries: int = 0


tally = Tally()


@command(permission=Permission.RUN_SCHEDULES, refuses=(ErrorCode.INSUFFICIENT_BALANCE,), key=Key.OPTIONAL)
async def transfer(ctx: Context, *, source: UUID, target: UUID) -> None:
    """Moves a cent."""
    tally.tries += 1
    await ledger.post(ctx, Posting.QUOTA_ISSUE, [Leg(source, -1), Leg(target, 1)], subject=SUBJECT)


async def whole(ctx: Context, source: UUID, target: UUID) -> bool:
    """One transfer as every caller makes it; whether it was done."""
    return not (await run(ctx, transfer, source=source, target=target)).violations


async def bare(ctx: Context, source: UUID, target: UUID) -> bool:
    """The transaction and the posting alone."""
    tally.tries += 1
    async with db.transaction(EVERYTHING):
        await ledger.post(ctx, Posting.QUOTA_ISSUE, [Leg(source, -1), Leg(target, 1)], subject=SUBJECT)
    return True


async def accounts(count: int) -> list[UUID]:
    """New accounts with money."""
    ctx = await system_context(get_settings(), system_clock())
    async with db.transaction(EVERYTHING):
        pool = await ledger.open_account(ctx, AccountKind.VENDOR_POOL, currency="CNY", owner=None)
        opened = [
            await ledger.open_account(ctx, AccountKind.CASH, currency="CNY", owner=Company(id=uuid7()))
            for _ in range(count)
        ]
        legs = [Leg(pool, -1_000_000 * count), *(Leg(account, 1_000_000) for account in opened)]
        await ledger.post(ctx, Posting.QUOTA_GRANT, legs, subject=SUBJECT)
    return opened


async def measure(way: Callable[[Context, UUID, UUID], Awaitable[bool]], places: int, callers: int, each: int) -> float:
    """Transfers per second of `callers` at once, back and forth over the same accounts."""
    opened = await accounts(places)

    async def call(number: int) -> None:
        ctx = await system_context(get_settings(), system_clock())
        for step in range(each):
            source, target = (number + step) % places, (number * 3 + step * 7 + 1) % places
            if source == target:
                target = (target + 1) % places
            try:
                done = await way(ctx, opened[source], opened[target])
            except db.DatabaseFailure:
                tally.failed += 1
                continue
            tally.done += done
            tally.refused += not done

    began = time.perf_counter()
    await asyncio.gather(*(call(number) for number in range(callers)))
    return callers * each / (time.perf_counter() - began)


async def compare(runs: int, each: int) -> None:
    """Prints the median of each case."""
    global tally
    print("way    accounts  callers  median/s  lowest/s  highest/s  begun again  refused  failed")
    for name, way in (("whole", whole), ("bare", bare)):
        for places, callers in CASES:
            tally = Tally()
            found = [await measure(way, places, callers, each) for _ in range(runs)]
            again = tally.tries - tally.done - tally.refused - tally.failed
            print(
                f"{name:<6} {places:>8}  {callers:>7}  {statistics.median(found):>8.0f}  {min(found):>8.0f}"
                f"  {max(found):>9.0f}  {again:>11}  {tally.refused:>7}  {tally.failed:>6}"
            )


def main() -> None:
    """Starts the server, migrates, measures, and removes everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--each", type=int, default=100, help="transfers of each caller in a run")
    parser.add_argument("--no-flush", action="store_true", help="commits do not wait for the disk")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="cosell-bench-"))
    folder.chmod(0o711)
    postgres = PostgresServer.start(
        folder / "postgres", durable=not arguments.no_flush, database=DATABASE, owner=OWNER_ROLE
    )
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:  # as the product serves
            loop.run(_measured(postgres, arguments.runs, arguments.each))
    finally:
        postgres.stop()
        shutil.rmtree(folder)


async def _measured(postgres: PostgresServer, runs: int, each: int) -> None:
    application = postgres.url(APP_ROLE, DATABASE)
    await migrate(postgres.url(OWNER_ROLE, DATABASE), application, surface())
    await db.open_database(tortoise_config(application, pool_size=20), acquire_timeout=60)
    try:
        await compare(runs, each)
    finally:
        await db.close_database()


if __name__ == "__main__":
    main()
