"""How fast `cosell import consumption` is, and that its memory does not grow with the file.

    python -m benchmarks.import_consumption [LINES …]

Starts a PostgreSQL of its own with durable commits, makes partners with associated customers, writes a CSV for each
number of lines and runs the real command on it in a process of its own, whose peak memory is measured; then once more,
to see what going on behind a file that is done costs. In the end the month of all these lines is closed by the worker's
job, and counted once more.
"""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

import asyncpg

from core import db
from core.clock import system_clock
from core.ids import encode_id
from core.migrate import migrate
from core.scope import EVERYTHING
from core.servers import PostgresServer
from core.settings import get_settings
from core.urls import parse_url
from models.config import APP_ROLE, DATABASE, OWNER_ROLE, surface, tortoise_config
from resolvers.incentives.performance_months import recompute
from rules.sites import Site
from tasks.bills import close_months

ROOT = Path(__file__).resolve().parents[1]
PARTNERS = 200
CUSTOMERS = 2_000
_PEOPLE = """
    set session_replication_role = replica;
    insert into partner (id, company_id, main_account_id, site, name, credit_code, admission_state, standing,
                         applied_at, admitted_at, kind, may_develop, may_refer, created_at, updated_at)
    select gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'CN', 'Partner ' || n, 'C' || n, 'JOINED', 'ACTIVE',
           now(), now(), 'SOLUTION_PROVIDER', true, true, now(), now() from generate_series(1, %(partners)s) n;
    insert into customer (id, account_id, site, name, registered_at, facts, created_at, updated_at)
    select gen_random_uuid(), gen_random_uuid(), 'CN', 'Customer ' || n, now(), '[]', now(), now()
    from generate_series(1, %(customers)s) n;
    insert into customer_association (id, partner_id, customer_id, type, status, source, started_at, created_at,
                                      updated_at)
    select gen_random_uuid(), p.id, c.id, case when c.n %% 3 = 0 then 'REFERRAL' else 'RESALE' end, 'ACTIVE', 'REPORT',
           now() - interval '2 years', now(), now()
    from (select id, row_number() over () as n from customer) c
    join (select id, row_number() over () as n from partner) p on p.n = c.n %% %(partners)s + 1;
    set session_replication_role = origin;
    analyze;
"""
_HEADER = (
    "reference,customerId,orderRef,billType,serviceCode,productCode,chargingMode,region,paidAt,officialAmount,"
    "discountAmount,cashAmount,voucherAmount\n"
)


async def prepare(server: PostgresServer) -> list[str]:
    """Migrates, makes the people; the customers' public ids."""
    await migrate(server.url(OWNER_ROLE, DATABASE), server.url(APP_ROLE, DATABASE), surface())
    connection = await asyncpg.connect(**parse_url(server.url("postgres", DATABASE)))
    try:
        await connection.execute(_PEOPLE % {"partners": PARTNERS, "customers": CUSTOMERS})
        return [encode_id("cus", row["id"]) for row in await connection.fetch("select id from customer order by id")]
    finally:
        await connection.close()


def write(path: Path, lines: int, customers: list[str]) -> None:
    """A file of last month's lines."""
    with path.open("w") as file:
        file.write(_HEADER)
        for number in range(lines):
            moment = f"2026-03-{number % 28 + 1:02}T{number % 24:02}:{number % 60:02}:00.000+08:00"
            file.write(
                f"{path.stem}-{number:08},{customers[number * 7 % len(customers)]},CS{number // 3:010},USAGE,"
                f"hws.service.type.ec2,ECS-S{number % 9},PAY_PER_USE,cn-north-4,{moment},"
                f"{number % 90 + 10}.00,1.50,{number % 90 + 7}.00,1.50\n"
            )


def measure(path: Path, url: str) -> tuple[float, float]:
    """Seconds and peak MiB of one run of the command."""
    command = [sys.executable, str(ROOT / "cli.py"), "import", "consumption", str(path)]
    before = time.monotonic()
    child = os.posix_spawn(command[0], command, {**os.environ, "DATABASE_URL": url})
    _, status, usage = os.wait4(child, 0)
    assert status == 0, f"exit status {status}"
    return time.monotonic() - before, usage.ru_maxrss / 1024


async def close(url: str) -> tuple[float, float, int]:
    """Seconds of closing the month and of counting it again, and how many lines it has."""
    settings = get_settings()
    await db.open_database(tortoise_config(url, pool_size=2))
    try:
        before = time.monotonic()
        await close_months(settings, system_clock)
        closed = time.monotonic()
        async with db.read(EVERYTHING):
            lines = sum([part.count(b"\n") async for _, _, part in recompute(Site.CN, "2026-03")])
        return closed - before, time.monotonic() - closed, lines
    finally:
        await db.close_database()


def main(sizes: list[int]) -> None:
    """Prints one row for each size."""
    with tempfile.TemporaryDirectory(prefix="cosell-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = PostgresServer.start(folder / "postgres", database=DATABASE, owner=OWNER_ROLE)
        try:
            customers = asyncio.run(prepare(server))
            print("| lines | seconds | lines/s | peak MiB | again: seconds | peak MiB |\n|---|---|---|---|---|---|")
            for lines in sizes:
                path = folder / f"f{lines}.csv"
                write(path, lines, customers)
                (seconds, peak), (again, second_peak) = (measure(path, server.url(APP_ROLE, DATABASE)) for _ in "12")
                rate = lines / seconds
                print(f"| {lines} | {seconds:.1f} | {rate:.0f} | {peak:.0f} | {again:.1f} | {second_peak:.0f} |")
            closing, counting, lines = asyncio.run(close(server.url(APP_ROLE, DATABASE)))
            print(f"month of {lines} lines: closed in {closing:.1f} s, counted again in {counting:.1f} s")
        finally:
            server.stop()


if __name__ == "__main__":
    main([int(text) for text in sys.argv[1:]] or [20_000, 200_000])
