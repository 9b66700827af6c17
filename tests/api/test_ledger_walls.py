"""Nothing but the ledger's own functions writes it, they write what adds up, and only for those it belongs to."""

from dataclasses import replace

import asyncpg
import pytest

from core import db
from core.scope import EVERYTHING, Scope
from core.urls import parse_url
from resolvers.wallets import ledger
from tests.client import Api
from tests.ledger import Stage, acting_for, carry_out, transfer, two_partners
from tests.world import admitted_partner

TABLES = ("ledger_account", "ledger_transaction", "ledger_entry", "ledger_hold")


@pytest.fixture(name="stage")
async def _stage(api: Api) -> Stage:
    return await two_partners(api)


class TestWalls:
    @pytest.mark.parametrize("table", TABLES)
    @pytest.mark.parametrize(
        "statement",
        [
            "update {table} set id = id",
            "delete from {table}",
            "truncate {table} cascade",
            "insert into {table} default values",
        ],
    )
    async def test_the_application_only_reads(self, api: Api, stage: Stage, table: str, statement: str) -> None:
        application = await asyncpg.connect(**parse_url(api.database.app_url))
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await application.execute(statement.format(table=table))
        finally:
            await application.close()

    @pytest.mark.parametrize("table", ["ledger_transaction", "ledger_entry"])
    @pytest.mark.parametrize(
        "statement", ["update {table} set kind = 'REVERSAL'", "delete from {table}", "truncate {table} cascade"]
    )
    async def test_what_is_written_stays_even_for_the_owner(
        self, api: Api, stage: Stage, table: str, statement: str
    ) -> None:
        owner = await asyncpg.connect(**parse_url(api.database.owner_url))
        try:
            with pytest.raises(asyncpg.RestrictViolationError):
                await owner.execute(statement.format(table=table))
        finally:
            await owner.close()

    async def test_an_entry_that_does_not_follow_is_refused(self, api: Api, stage: Stage) -> None:
        owner = await asyncpg.connect(**parse_url(api.database.owner_url))
        forged = (
            "insert into ledger_entry (id, transaction_id, account_id, seq, amount, balance_after, currency, kind,"
            " occurred_at) select gen_random_uuid(), transaction_id, account_id, seq + {step}, amount,"
            " balance_after + amount + {more}, currency, kind, occurred_at from ledger_entry"
        )
        try:
            for step, more, constraint in (
                (1, 0, "ledger_entry_late"),
                (1, 1, "ledger_entry_follows"),
                (2, 0, "ledger_entry_follows"),
            ):
                with pytest.raises(asyncpg.CheckViolationError) as refusal:
                    await owner.execute(forged.format(step=step, more=more))
                assert refusal.value.constraint_name == constraint
        finally:
            await owner.close()

    async def test_a_partner_moves_its_own_money_to_others_and_takes_none(self, api: Api, stage: Stage) -> None:
        source, target = stage.accounts
        owner, other = (acting_for(partner_id) for partner_id in stage.partners)

        await carry_out(api, lambda ctx: transfer(ctx, source, target, 5, stage.subject), owner)
        stranger = acting_for((await admitted_partner(api))[0])
        for nobody in (stranger, replace(stranger, partner_id=None)):
            with pytest.raises(Exception, match="in the scope"):
                await carry_out(api, lambda ctx: transfer(ctx, source, target, 5, stage.subject), nobody)
        with pytest.raises(Exception, match="in the scope"):
            await carry_out(
                api,
                lambda ctx: ledger.hold(ctx, source, target, 5, subject=stage.subject, expires_at=None),
                other,
            )

    async def test_a_partner_sees_its_own_accounts_and_entries(self, api: Api, stage: Stage) -> None:
        await carry_out(api, lambda ctx: transfer(ctx, *stage.accounts, 5, stage.subject))
        seen = {}
        for partner_id in stage.partners:
            async with db.read(Scope("partner", (partner_id,))):
                seen[partner_id] = [
                    (await db.fetch(f"select count(*) as n from {table}"))[0]["n"] for table in TABLES[:3]
                ]
        assert seen == {stage.partners[0]: [1, 2, 2], stage.partners[1]: [1, 1, 1]}
        async with db.read(EVERYTHING):
            assert (await db.fetch("select count(*) as n from ledger_entry"))[0]["n"] == 4
