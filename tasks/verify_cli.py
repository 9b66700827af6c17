"""`cosell verify` and the nightly job behind it: asks every invariant and says which ones do not hold."""

import asyncio
import sys
from collections.abc import Sequence

from core import db
from core.log import get_logger
from core.settings import get_settings
from models.config import tortoise_config
from resolvers.verify import PATIENCE, Finding, verify
from tasks.schedules import CatchUp, Schedules

log = get_logger("cosell.verify")


class Unsound(Exception):
    """Something that must hold does not."""


def run() -> int:
    """The subcommand: one line for each invariant; 1 when any is broken."""
    return asyncio.run(_run())


async def _run() -> int:
    settings = get_settings()
    await db.open_database(tortoise_config(settings.database_url, pool_size=1, command_timeout=PATIENCE))
    try:
        findings = await verify()
    finally:
        await db.close_database()
    sys.stdout.write("".join(f"{line}\n" for line in told(findings)))
    return 1 if any(finding.count for finding in findings) else 0


def told(findings: Sequence[Finding]) -> list[str]:
    """A line for each invariant, its offences indented below it."""
    lines = []
    for finding in findings:
        verdict = f"{finding.count} broken" if finding.count else "holds"
        lines.append(f"{finding.invariant.name:<4} {verdict:<10} {finding.invariant.says}")
        lines += [f"       {example}" for example in finding.examples]
    return lines


async def verify_nightly() -> None:
    """Logs an error for each broken invariant and fails, so that the slot stands as failed and the job as dead."""
    broken = [finding for finding in await verify() if finding.count]
    for finding in broken:
        log.error(
            "invariant broken",
            invariant=finding.invariant.name,
            says=finding.invariant.says,
            count=finding.count,
            examples=list(finding.examples),
        )
    if broken:
        raise Unsound(", ".join(finding.invariant.name for finding in broken))


def register(schedules: Schedules) -> None:
    """Every night, after the accounting day of the mainland site has begun."""

    @schedules.scheduled("verify", daily="00:30", catch_up=CatchUp.LATEST)
    async def _verify(_slot: object) -> None:
        await verify_nightly()
