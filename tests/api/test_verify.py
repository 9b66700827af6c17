"""`cosell verify`: everything that must hold is asked for, and whatever was tampered with is found."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
import structlog

from core import db
from core.scope import EVERYTHING
from core.urls import parse_url
from resolvers.command import Options
from resolvers.context import Context
from resolvers.verify import INVARIANTS, in_order, invariant, verify
from resolvers.wallets import ledger
from resolvers.wallets.ledger import Leg
from rules.wallets import AccountKind, Posting
from tasks.outbox.topics import Job
from tasks.schedules import TOPIC, Schedules
from tasks.sequencer import sequence_once, verify_audit
from tasks.verify_cli import Unsound, register, told, verify_nightly
from tests.client import Api
from tests.contracts.population import unchecked
from tests.ledger import attempt, carry_out, fund, open_pool, partner_row, transfer
from tests.world import World, world

ROOT = Path(__file__).resolve().parents[2]
FIRST = "(select id from ledger_entry where kind = 'QUOTA_ISSUE' order by amount limit 1)"

DAMAGE: list[tuple[str, str]] = [
    ("I1", f"update ledger_entry set amount = amount - 1 where id = {FIRST}"),
    ("I1", f"delete from ledger_entry where id = {FIRST}"),
    ("I2", "update ledger_entry set amount = amount - 1, balance_after = balance_after - 1 where kind = 'SETTLEMENT'"),
    ("I2", "delete from ledger_entry where kind = 'SETTLEMENT'"),
    ("I2", f"update ledger_entry set kind = 'VOUCHER_USE' where id = {FIRST}"),
    ("I2", f"update ledger_entry set occurred_at = occurred_at + interval '1 ms' where id = {FIRST}"),
    ("I2", f"update ledger_entry set currency = 'USD' where id = {FIRST}"),
    ("I2", "update ledger_entry set partner_id = null where partner_id is not null"),
    ("I2", "update ledger_transaction set partner_id = null, other_partner_id = null where kind = 'SETTLEMENT'"),
    ("I2", "update ledger_transaction set customer_id = null"),
    (
        "I2",
        "update ledger_transaction set reverses_id = (select id from ledger_transaction where kind = 'SETTLEMENT')"
        " where kind = 'REVERSAL'",
    ),
    ("I3", "update ledger_account set balance = balance + 1 where kind = 'CASH'"),
    ("I3", "update ledger_account set held = held + 1 where kind = 'CASH'"),
    ("I3", "update ledger_hold set amount = amount + 1 where state = 'HELD'"),
    ("I3", "update ledger_hold set state = 'HELD', ended_at = null where state = 'RELEASED'"),
    ("I4", "update ledger_account set held = balance + 1 where kind = 'CASH'"),
    ("I4", "update ledger_account set may_overdraw = false"),
    ("I7", "delete from audit where operation = 'move_money'"),
    ("I7", "update ledger_transaction set audit_id = id"),
    ("I10", f"update ledger_entry set seq = 70 where id = {FIRST}"),
    ("I10", f"update ledger_entry set balance_after = balance_after + 1 where id = {FIRST}"),
    ("I10", "update ledger_account set last_seq = last_seq + 1"),
    ("I11", "delete from outbox_attempt"),
    ("I12", "update customer set partner_id = null"),
    (
        "I12",
        "insert into customer_association select (jsonb_populate_record(a,"
        " jsonb_build_object('id', gen_random_uuid()))).* from customer_association a limit 1",
    ),
    (
        "I13",
        "insert into reseller_link (id, reseller_id, distributor_id, membership_id, company_name, status, began_at,"
        " created_at, updated_at) select gen_random_uuid(), p.id, gen_random_uuid(), gen_random_uuid(), 'x', 'ACTIVE',"
        " now(), now(), now() from partner p, generate_series(1, 2)",
    ),
    ("I14", "update idempotency set outcome = jsonb_set(outcome, '{id}', to_jsonb(gen_random_uuid()))"),
    ("I14", "update idempotency set outcome = jsonb_set(outcome, '{typename}', '\"Nothing\"')"),
    ("I15", "update audit set detail = '{\"changed\": true}' where seq = 1"),
    ("I15", "update audit set seq = seq + 1"),
    ("I15", "update audit set previous_hash = 'x' where seq = 1"),
    ("I15", "update audit set occurred_at = occurred_at + interval '1 microsecond' where seq = 1"),
]
"""(invariant, what breaks it): done to a database in which everything holds."""


@pytest.fixture
async def history(api: Api) -> World:
    """A little of everything that the invariants speak of."""
    stage = await world(api)

    async def live(ctx: Context) -> None:
        partner = await partner_row(stage.partner_id)
        cash = await ledger.open_account(ctx, AccountKind.CASH, currency="CNY", owner=partner)
        voucher = await ledger.open_account(
            ctx,
            AccountKind.CUSTOMER_VOUCHER,
            currency="CNY",
            owner=partner,
            customer_id=stage.customer_id,
        )
        await fund(ctx, cash, 10_000, partner)
        moved = await transfer(ctx, cash, voucher, 100, partner)
        legs = [Leg(cash, 100), Leg(voucher, -100)]
        await ledger.post(ctx, Posting.REVERSAL, legs, subject=partner, reverses=moved)
        for end in (ledger.settle, ledger.release):
            hold = await ledger.hold(ctx, cash, voucher, 50, subject=partner, expires_at=None)
            await end(ctx, hold)
        await ledger.hold(ctx, cash, voucher, 25, subject=partner, expires_at=ctx.now + timedelta(days=1))

    await carry_out(api, live)
    given = {"customerId": stage.customer_gid, "reason": "项目结束", "acknowledged": True}
    asked = await stage.main.client.do("requestUnbind", "request { id }", idempotencyKey="verify-0001", **given)
    assert asked["userErrors"] == []
    await api.deliver()
    await sequence_once()
    assert await api.database.offences() == []
    return stage


async def broken() -> set[str]:
    """Names of the invariants that do not hold."""
    return {finding.invariant.name for finding in await verify() if finding.count}


@pytest.mark.tampers
@pytest.mark.parametrize(("name", "statement"), DAMAGE)
async def test_tampering_is_found(api: Api, history: World, name: str, statement: str) -> None:
    async with unchecked(api.database, unique=False):
        done = await api.database.superuser.execute(statement)
        assert not done.endswith(" 0"), "nothing was tampered with"
        assert name in await broken()
        assert any(offence.startswith(f"{name}: ") for offence in await api.database.offences())


def test_every_invariant_is_tampered_with() -> None:
    """Here, or in a test of its own domain, which names it."""
    texts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "api").glob("test_*.py"))
    assert [name for name in INVARIANTS if f'"{name}"' not in texts] == []


@pytest.mark.tampers
async def test_a_tampering_owner_has_to_silence_the_triggers_first(api: Api, history: World) -> None:
    statement = f"update ledger_entry set amount = amount - 1 where id = {FIRST}"
    owner = await asyncpg.connect(**parse_url(api.database.owner_url))
    try:
        with pytest.raises(asyncpg.RestrictViolationError):
            await owner.execute(statement)
        await owner.execute("alter table ledger_entry disable trigger user")
        await owner.execute(statement)
        await owner.execute("alter table ledger_entry enable trigger user")
    finally:
        await owner.close()
    assert {"I1", "I2", "I3", "I10"} <= await broken()


@pytest.mark.tampers
@pytest.mark.parametrize(("hours", "cleared", "names"), [(11, False, set()), (12, False, {"I9"}), (12, True, set())])
async def test_a_clearing_account_is_empty_at_the_end_of_its_day(
    api: Api, history: World, hours: int, cleared: bool, names: set[str]
) -> None:
    """It is noon in Shanghai: the day is over in twelve hours, once anybody posts on the next one."""

    async def begin(ctx: Context) -> tuple[UUID, UUID]:
        partner = await partner_row(history.partner_id)
        clearing = await ledger.open_account(ctx, AccountKind.CLEARING, currency="CNY", owner=partner)
        pool = await open_pool(ctx)
        await transfer(ctx, pool, clearing, 7, partner, Posting.VOUCHER_USE)
        return pool, clearing

    pool, clearing = await carry_out(api, begin)

    async def end(ctx: Context) -> None:
        await transfer(ctx, clearing, pool, 7, await partner_row(history.partner_id), Posting.VOUCHER_USE)

    if cleared:
        await carry_out(api, end)
    api.clock.advance(hours=hours)

    async def go_on(ctx: Context) -> None:
        partner = await partner_row(history.partner_id)
        cash = await ledger.open_account(ctx, AccountKind.CASH, currency="CNY", owner=partner)
        await fund(ctx, cash, 1, partner)

    await carry_out(api, go_on)

    assert await broken() == names


async def test_the_audit_is_chained_as_the_sequencer_says(api: Api, history: World) -> None:
    """Texts that JSON writes in a way of its own, in a row numbered by the sequencer."""

    async def odd(ctx: Context) -> None:
        ctx.audit(reason='tab\t"quoted" \\ back/slash 引号“” \u007f \u2028 \x1b end\n')
        ctx.request_id = 'req "\\\t\x01'

    await attempt(api, odd, options=Options())
    await sequence_once()

    assert await verify_audit(None) == []
    assert await broken() == set()


async def test_a_long_question_has_a_time_of_its_own(api: Api) -> None:
    with pytest.raises(db.TimedOut):
        async with db.transaction(EVERYTHING):
            await db.fetch("set local statement_timeout = '50ms'")
            assert len(await db.fetch_patiently("select pg_sleep(0.2)", seconds=5)) == 1
            await db.fetch_patiently("select pg_sleep(1)", seconds=0.1)


def test_a_name_is_given_once() -> None:
    with pytest.raises(ValueError, match="two invariants"):
        invariant("I1", "again", "select 'x'")


def test_they_come_in_the_order_of_their_numbers() -> None:
    names = [one.name for one in in_order()]
    assert names.index("I2") < names.index("I10") < names.index("I11")


class TestNightly:
    async def test_is_silent_when_all_holds(self, api: Api, history: World) -> None:
        with structlog.testing.capture_logs() as logs:
            await verify_nightly()
        assert logs == []

    @pytest.mark.tampers
    async def test_raises_the_alarm(self, api: Api, history: World) -> None:
        await api.database.superuser.execute("update ledger_account set balance = balance + 1 where kind = 'CASH'")
        slot = "insert into schedule_run (id, job, slot, state) values (gen_random_uuid(), 'verify', $1, 'due')"
        await api.database.superuser.execute(slot, api.clock())
        schedules = Schedules()
        register(schedules)
        job = Job(1, TOPIC, "verify", {"job": "verify", "slot": api.clock().isoformat()}, attempt=1, fence=1)

        with structlog.testing.capture_logs() as logs, pytest.raises(Unsound, match="I3"):
            await schedules.carry_out(job)

        assert await api.value("select state from schedule_run where job = 'verify'") == "failed"
        [told_of] = logs
        assert (told_of["log_level"], told_of["invariant"], told_of["count"]) == ("error", "I3", 1)
        assert "balance 9951, entries 9950" in told_of["examples"][0]


class TestCommand:
    async def run(self, api: Api) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "cli.py"),
            "verify",
            env={**os.environ, "DATABASE_URL": api.database.app_url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    @pytest.mark.tampers
    async def test_says_of_each_invariant_whether_it_holds(self, api: Api, history: World) -> None:
        findings = await verify()
        assert await self.run(api) == (0, "".join(f"{line}\n" for line in told(findings)))

        await api.database.superuser.execute("update ledger_account set balance = balance + 1 where kind = 'CASH'")

        code, output = await self.run(api)
        assert code == 1
        assert "I3   1 broken   an account's balance is the sum of its entries" in output
        assert "balance 9951, entries 9950" in output
        assert output.count("  holds  ") == len(INVARIANTS) - 1
