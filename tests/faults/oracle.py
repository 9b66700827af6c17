"""What must hold in the tables after any fault, beside the invariants that always hold.

As a program: `python -m tests.faults.oracle DATABASE_URL`.

Each check is a statement that finds what may not be there. The sequencer runs first, so that the logs are numbered.
"""

import asyncio
import sys

import tasks.wiring
from core import db
from core.scope import EVERYTHING
from models.config import tortoise_config
from models.registry import model_named
from resolvers.verify import verify
from tasks.sequencer import sequence_once, verify_audit

assert tasks.wiring  # the domains, each with its invariants

PATIENCE = 5.0
"""Seconds in which transactions that were open may end and the logs be numbered to their ends."""

_OPEN = "('PENDING_CUSTOMER', 'PENDING_PARTNER')"
_CLOSING = "('DONE', 'REJECTED', 'WITHDRAWN', 'EXPIRED')"

CHECKS = {
    "an association has two open requests": f"""
        select association_id as id from association_request where status in {_OPEN}
        group by association_id having count(*) > 1""",
    "a customer has two active associations": """
        select customer_id as id from customer_association where status = 'ACTIVE'
        group by customer_id having count(*) > 1""",
    "a request has no record of its start, or two": """
        select r.id from association_request r left join association_record s
          on s.request_id = r.id and s.result = 'REQUESTED'
        group by r.id having count(s.id) <> 1""",
    "a closed request has no record of its end, or an open one has one": f"""
        select r.id from association_request r left join association_record s
          on s.request_id = r.id and s.result in {_CLOSING}
        group by r.id, r.status having count(s.id) <> (r.status in {_CLOSING})::int""",
    "a request's event is missing or there twice": """
        select r.id from association_request r left join event e on e.subject_id = r.id and e.type like '%_requested'
        group by r.id having count(e.id) <> 1""",
    "an approved request to unbind left the association": """
        select r.id from association_request r join customer_association a on a.id = r.association_id
        where r.kind = 'UNBIND' and r.status = 'DONE' and a.status <> 'ENDED'""",
    "an event has no audit row of its request": """
        select e.id from event e where not exists (select from audit a where a.request_id = e.request_id)""",
    "an outcome has no audit row of its operation": """
        select i.id from idempotency i where i.outcome ->> 'id' is not null and not exists (
          select from audit a where a.operation = i.operation and a.subject_id = (i.outcome ->> 'id')::uuid)""",
    "a code has no outbox row": """
        select v.id from verification v where not exists (
          select from outbox o where o.topic in ('code.sms', 'code.email') and o.dedup_key = v.id::text)""",
    "an outbox row is done without an attempt that did it": """
        select o.id from outbox o where o.state = 'done' and not exists (
          select from outbox_attempt a where a.outbox_id = o.id and a.outcome in ('done', 'late'))""",
    "a message was recorded that no outbox row asked for": """
        select m.id from recorded_message m where not exists (
          select from outbox o where m.key = o.topic || ':' || o.dedup_key)""",
    "the events of a partner are not numbered without a gap": """
        select partner_id as id from event group by partner_id
        having count(sequence) <> count(*) or max(sequence) <> count(*)""",
    "the audit of a tenant is not numbered without a gap": """
        select tenant_id as id from audit group by tenant_id
        having count(seq) <> count(*) or max(seq) <> count(*)""",
    "a transaction was left open": """
        select pid as id from pg_stat_activity where usename = current_user and datname = current_database()
          and state like 'idle in transaction%' and state_change < clock_timestamp() - interval '1 second'""",
}


async def problems() -> list[str]:
    """Everything that is wrong, in words with the ids; empty when all holds. Uses this process's pool."""
    await _number()
    found = []
    for name, query in CHECKS.items():
        async with db.read(EVERYTHING):
            rows = await db.fetch(query)
        if rows:
            found.append(f"{name}: {', '.join(str(row['id']) for row in rows[:5])} ({len(rows)})")
    broken = [f"{one.invariant.name}: {', '.join(one.examples)}" for one in await verify() if one.count]
    return found + await _lost_outcomes() + await _broken_chains() + broken


async def assert_whole() -> None:
    """Fails with every problem there is."""
    found = await problems()
    assert not found, "\n".join(found)


async def _number() -> None:
    """Runs the sequencer until nothing is left without a number; whoever else numbers may hold it up for a moment."""
    unnumbered = """
        select exists (select from event where sequence is null) or exists (select from audit where seq is null) as rest
    """
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while asyncio.get_running_loop().time() < deadline:
        await sequence_once()
        async with db.read(EVERYTHING):
            row = await db.fetch_one(unnumbered)
        if row is None or not row["rest"]:
            return
        await asyncio.sleep(0.05)


async def _lost_outcomes() -> list[str]:
    """Keys whose outcome names a row that is not there."""
    async with db.read(EVERYTHING):
        kinds = await db.fetch("select distinct outcome ->> 'typename' as name from idempotency")
        found = []
        for kind in filter(None, (row["name"] for row in kinds)):
            table = model_named(kind)._meta.db_table
            rows = await db.fetch(
                "select id from idempotency i where outcome ->> 'typename' = $1 and not exists ("
                f"select from \"{table}\" t where t.id = (i.outcome ->> 'id')::uuid)",
                kind,
            )
            found += [f"the outcome {row['id']} names a {kind} that is not there" for row in rows]
    return found


async def _broken_chains() -> list[str]:
    async with db.read(EVERYTHING):
        tenants = [row["tenant_id"] for row in await db.fetch("select distinct tenant_id from audit")]
    return [f"audit of {tenant}: {problem}" for tenant in tenants for problem in await verify_audit(tenant)]


async def main(url: str) -> int:
    """Examines the database at `url`; 1 when something is wrong."""
    await db.open_database(tortoise_config(url, pool_size=2))
    try:
        found = await problems()
    finally:
        await db.close_database()
    print("\n".join(found) or "everything holds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1])))
