"""The ledger: postings, holds and reversals, whose they are, and that nothing else can write or change them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core import db
from core.ids import uuid7
from resolvers.command import Options, Outcome
from resolvers.context import Context
from resolvers.wallets import ledger
from resolvers.wallets.ledger import Leg
from rules.errors import ErrorCode
from rules.wallets import SHARDS, AccountKind, Posting
from tests.client import Api
from tests.ledger import Stage, attempt, carry_out, fund, open_pool, transfer, two_partners

CROWDS = [20, pytest.param(200, marks=pytest.mark.long)]


@pytest.fixture(name="stage")
async def _stage(api: Api) -> Stage:
    return await two_partners(api)


async def amounts(api: Api, *account_ids: UUID) -> list[tuple[int, int]]:
    """(balance, held) of each account."""
    rows = {row["id"]: (row["balance"], row["held"]) for row in await api.rows("select * from ledger_account")}
    return [rows[account_id] for account_id in account_ids]


def refused(outcome: Any) -> list[ErrorCode]:
    return [violation.code for violation in outcome.violations]


class TestPosting:
    async def test_moves_money_and_says_why(self, api: Api, stage: Stage) -> None:
        source, target = stage.accounts

        moved = await carry_out(api, lambda ctx: transfer(ctx, source, target, 30_001, stage.subject))

        assert await amounts(api, source, target) == [(69_999, 0), (30_001, 0)]
        entries = await api.rows(
            "select account_id, seq, amount, balance_after, currency, kind, occurred_at, partner_id"
            " from ledger_entry where transaction_id = $1 order by amount",
            moved,
        )
        common = {"currency": "CNY", "kind": "QUOTA_ISSUE", "occurred_at": api.clock()}
        assert entries == [
            {"account_id": source, "seq": 2, "amount": -30_001, "balance_after": 69_999, **common}
            | {"partner_id": stage.partners[0]},
            {"account_id": target, "seq": 1, "amount": 30_001, "balance_after": 30_001, **common}
            | {"partner_id": stage.partners[1]},
        ]
        [row] = await api.rows("select * from ledger_transaction where id = $1", moved)
        assert (row["subject_type"], row["subject_id"], row["reverses_id"]) == ("Partner", stage.subject.id, None)
        assert {row["partner_id"], row["other_partner_id"]} == set(stage.partners)
        audited = await api.value("select operation from audit where id = $1", row["audit_id"])
        assert audited == "move_money"

    async def test_takes_one_statement(self, api: Api, stage: Stage) -> None:
        source, target = stage.accounts

        async def count(ctx: Context) -> int:
            with db.observed() as statements:
                await transfer(ctx, source, target, 1, stage.subject)
            return len(statements)

        assert await carry_out(api, count) == 1

    async def test_legs_of_one_account_are_one_entry(self, api: Api, stage: Stage) -> None:
        source, target = stage.accounts
        legs = [Leg(source, -10), Leg(target, 4), Leg(source, -5), Leg(target, 11)]

        moved = await carry_out(api, lambda ctx: ledger.post(ctx, Posting.QUOTA_ISSUE, legs, subject=stage.subject))

        found = await api.rows("select amount from ledger_entry where transaction_id = $1 order by amount", moved)
        assert [row["amount"] for row in found] == [-15, 15]

    @pytest.mark.parametrize("amount", [100_000, 100_001])
    async def test_gives_all_there_is_and_no_more(self, api: Api, stage: Stage, amount: int) -> None:
        source, target = stage.accounts
        outcome: Any = None

        async def give() -> None:
            nonlocal outcome
            outcome = await attempt(api, lambda ctx: transfer(ctx, source, target, amount, stage.subject))

        changed = await api.changes(give)

        if amount == 100_000:
            assert await amounts(api, source, target) == [(0, 0), (100_000, 0)]
        else:
            assert refused(outcome) == [ErrorCode.INSUFFICIENT_BALANCE]
            assert changed == set()

    @pytest.mark.parametrize("legs", [[], [0, 0], [5, 5], [5, -4]])
    async def test_what_does_not_sum_to_zero_is_a_defect(self, api: Api, stage: Stage, legs: list[int]) -> None:
        given = [Leg(account, amount) for account, amount in zip(stage.accounts, legs, strict=False)]
        with pytest.raises(ValueError, match="sum to zero"):
            await carry_out(api, lambda ctx: ledger.post(ctx, Posting.REVERSAL, given, subject=stage.subject))

    async def test_each_currency_sums_to_zero(self, api: Api, stage: Stage) -> None:
        async def mix(ctx: Context) -> None:
            dollars = await open_pool(ctx, "USD")
            await transfer(ctx, stage.accounts[0], dollars, 5, stage.subject)

        with pytest.raises(db.ConstraintViolated, match="ledger_transaction_balanced"):
            await carry_out(api, mix)

    async def test_an_account_that_is_not_there_is_a_defect(self, api: Api, stage: Stage) -> None:
        with pytest.raises(db.ConstraintViolated, match="ledger_transaction_accounts"):
            await carry_out(api, lambda ctx: transfer(ctx, stage.accounts[0], uuid7(), 5, stage.subject))

    async def test_a_key_of_moved_money_is_kept_for_ever(self, api: Api, stage: Stage) -> None:
        source, target = stage.accounts
        await attempt(
            api, lambda ctx: transfer(ctx, source, target, 5, stage.subject), options=Options(key="money-moves-1")
        )
        assert await api.value("select expires_at from idempotency") is None


class TestAccounts:
    async def test_an_owner_has_one_of_each_kind_and_currency(self, api: Api, stage: Stage) -> None:
        async def again(ctx: Context) -> list[UUID]:
            return [
                await ledger.open_account(ctx, kind, currency=currency, owner=stage.subject)
                for kind, currency in (
                    (AccountKind.CASH, "CNY"),
                    (AccountKind.CASH, "USD"),
                    (AccountKind.INCENTIVE_PAYABLE, "CNY"),
                )
            ]

        first, second = await carry_out(api, again), await carry_out(api, again)

        assert first == second
        assert len({*first}) == 3
        assert first[0] == stage.accounts[0]

    async def test_callers_at_once_get_the_same_one(self, api: Api, stage: Stage) -> None:
        async def open_one(ctx: Context) -> UUID:
            return await ledger.open_account(ctx, AccountKind.CLEARING, currency="CNY", owner=stage.subject)

        opened = await asyncio.gather(*(carry_out(api, open_one) for _ in range(10)))

        assert len(set(opened)) == 1

    async def test_the_pool_is_as_many_accounts_as_connections_use_it(self, api: Api, stage: Stage) -> None:
        async def draw(ctx: Context) -> UUID:
            await asyncio.sleep(0.05)  # so that all have a connection of their own
            return await fund(ctx, stage.accounts[0], 1, stage.subject)

        await asyncio.gather(*(carry_out(api, draw) for _ in range(2 * SHARDS)))

        pools = await api.rows("select shard, balance from ledger_account where kind = 'VENDOR_POOL'")
        assert len(pools) > 1
        assert all(0 <= pool["shard"] < SHARDS for pool in pools)
        assert sum(pool["balance"] for pool in pools) == -100_000 - 2 * SHARDS

    async def test_balances_of_several_take_one_statement(self, api: Api, stage: Stage) -> None:
        async def look(ctx: Context) -> Any:
            with db.observed() as statements:
                found = await ledger.balances(ctx, stage.accounts)
            return found, len(statements)

        found, statements = await carry_out(api, look)

        assert statements == 1
        assert found == {
            stage.accounts[0]: ledger.Balance(100_000, 0, "CNY"),
            stage.accounts[1]: ledger.Balance(0, 0, "CNY"),
        }


class TestReversal:
    async def reverse(self, ctx: Context, stage: Stage, transaction_id: UUID, amount: int) -> UUID:
        legs = [Leg(stage.accounts[0], amount), Leg(stage.accounts[1], -amount)]
        return await ledger.post(ctx, Posting.REVERSAL, legs, subject=stage.subject, reverses=transaction_id)

    async def test_takes_everything_back_once(self, api: Api, stage: Stage) -> None:
        moved = await carry_out(api, lambda ctx: transfer(ctx, *stage.accounts, 700, stage.subject))

        await carry_out(api, lambda ctx: self.reverse(ctx, stage, moved, 700))
        await carry_out(api, lambda ctx: transfer(ctx, *stage.accounts, 700, stage.subject))
        with_money_there: Any = None

        async def again() -> None:
            nonlocal with_money_there
            with_money_there = await attempt(api, lambda ctx: self.reverse(ctx, stage, moved, 700))

        assert await api.changes(again) == set()
        assert refused(with_money_there) == [ErrorCode.CONFLICT]
        assert await amounts(api, *stage.accounts) == [(99_300, 0), (700, 0)]

    @pytest.mark.parametrize("amount", [699, 701, -700])
    async def test_anything_else_is_a_defect(self, api: Api, stage: Stage, amount: int) -> None:
        moved = await carry_out(api, lambda ctx: transfer(ctx, *stage.accounts, 700, stage.subject))
        await carry_out(api, lambda ctx: transfer(ctx, *stage.accounts, 700, stage.subject))
        with pytest.raises(db.ConstraintViolated, match="ledger_transaction_negates"):
            await carry_out(api, lambda ctx: self.reverse(ctx, stage, moved, amount))


class TestHolds:
    async def held(self, api: Api, stage: Stage, amount: int = 400, **until: float) -> UUID:
        expires_at = api.clock() + timedelta(**until) if until else None
        return await carry_out(
            api, lambda ctx: ledger.hold(ctx, *stage.accounts, amount, subject=stage.subject, expires_at=expires_at)
        )

    async def test_held_money_is_there_and_cannot_be_spent(self, api: Api, stage: Stage) -> None:
        await self.held(api, stage, 99_999)

        assert await amounts(api, *stage.accounts) == [(100_000, 99_999), (0, 0)]
        too_much = await attempt(api, lambda ctx: transfer(ctx, *stage.accounts, 2, stage.subject))
        assert refused(too_much) == [ErrorCode.INSUFFICIENT_BALANCE]
        await carry_out(api, lambda ctx: transfer(ctx, *stage.accounts, 1, stage.subject))

    @pytest.mark.parametrize(("amount", "codes"), [(100_000, []), (100_001, [ErrorCode.INSUFFICIENT_BALANCE])])
    async def test_no_more_is_held_than_there_is(
        self, api: Api, stage: Stage, amount: int, codes: list[ErrorCode]
    ) -> None:
        outcome = await attempt(
            api, lambda ctx: ledger.hold(ctx, *stage.accounts, amount, subject=stage.subject, expires_at=None)
        )
        assert refused(outcome) == codes

    @pytest.mark.parametrize("amount", [0, -1])
    async def test_nothing_and_less_cannot_be_held(self, api: Api, stage: Stage, amount: int) -> None:
        with pytest.raises(db.ConstraintViolated, match=r"ledger_(hold_amount|account_held)"):
            await self.held(api, stage, amount)

    async def test_settling_posts_it(self, api: Api, stage: Stage) -> None:
        hold = await self.held(api, stage)

        posted = await carry_out(api, lambda ctx: ledger.settle(ctx, hold))

        assert await amounts(api, *stage.accounts) == [(99_600, 0), (400, 0)]
        [row] = await api.rows("select * from ledger_hold")
        assert (row["state"], row["transaction_id"], row["ended_at"]) == ("SETTLED", posted, api.clock())
        assert await api.value("select kind from ledger_transaction where id = $1", posted) == "SETTLEMENT"

    async def test_releasing_gives_it_back(self, api: Api, stage: Stage) -> None:
        hold = await self.held(api, stage)
        await carry_out(api, lambda ctx: ledger.release(ctx, hold))
        assert await amounts(api, *stage.accounts) == [(100_000, 0), (0, 0)]

    @pytest.mark.parametrize("first", [ledger.settle, ledger.release, ledger.expire])
    @pytest.mark.parametrize("then", [ledger.settle, ledger.release, ledger.expire])
    async def test_a_hold_ends_once(
        self,
        api: Api,
        stage: Stage,
        first: Callable[[Context, UUID], Awaitable[Any]],
        then: Callable[[Context, UUID], Awaitable[Any]],
    ) -> None:
        hold = await self.held(api, stage)
        await carry_out(api, lambda ctx: first(ctx, hold))
        outcome: Any = None

        async def again() -> None:
            nonlocal outcome
            outcome = await attempt(api, lambda ctx: then(ctx, hold))

        assert await api.changes(again) == set()
        assert refused(outcome) == [ErrorCode.STATE_CONFLICT]

    @pytest.mark.parametrize("callers", CROWDS)
    async def test_many_at_once_settle_or_release_it_once(
        self, api: Api, patience: None, stage: Stage, callers: int
    ) -> None:
        hold = await self.held(api, stage)

        async def end(number: int) -> Outcome[object]:
            way: Callable[[Context, UUID], Awaitable[object]] = (ledger.settle, ledger.release)[number % 2]
            return await attempt(api, lambda ctx: way(ctx, hold))

        outcomes = await asyncio.gather(*(end(number) for number in range(callers)))
        assert sum(not outcome.violations for outcome in outcomes) == 1
        assert {code for outcome in outcomes for code in refused(outcome)} == {ErrorCode.STATE_CONFLICT}

    @pytest.mark.parametrize(("early", "codes"), [(1, []), (0, [ErrorCode.STATE_CONFLICT])])
    async def test_it_can_be_settled_until_its_end(
        self, api: Api, stage: Stage, early: int, codes: list[ErrorCode]
    ) -> None:
        hold = await self.held(api, stage, hours=1)
        api.clock.advance(hours=1, milliseconds=-early)
        assert refused(await attempt(api, lambda ctx: ledger.settle(ctx, hold))) == codes

    async def test_one_that_is_not_there_is_not_found(self, api: Api, stage: Stage) -> None:
        assert refused(await attempt(api, lambda ctx: ledger.settle(ctx, uuid7()))) == [ErrorCode.NOT_FOUND]
        assert refused(await attempt(api, lambda ctx: ledger.release(ctx, uuid7()))) == [ErrorCode.NOT_FOUND]

    async def test_it_waits_for_an_account_of_its_currency(self, api: Api, stage: Stage) -> None:
        async def mix(ctx: Context) -> UUID:
            dollars = await open_pool(ctx, "USD")
            return await ledger.hold(ctx, stage.accounts[0], dollars, 5, subject=stage.subject, expires_at=None)

        with pytest.raises(db.ConstraintViolated, match="ledger_hold_accounts"):
            await carry_out(api, mix)


class TestCrossing:
    @pytest.mark.parametrize("callers", CROWDS)
    async def test_as_many_get_something_as_there_is_for(
        self, api: Api, patience: None, stage: Stage, callers: int
    ) -> None:
        left, right = stage.accounts
        share = 100_000 // (callers // 5)
        outcomes = await asyncio.gather(
            *(attempt(api, lambda ctx: transfer(ctx, left, right, share, stage.subject)) for _ in range(callers))
        )

        assert sum(not outcome.violations for outcome in outcomes) == callers // 5
        assert {code for outcome in outcomes for code in refused(outcome)} == {ErrorCode.INSUFFICIENT_BALANCE}
        assert await amounts(api, left, right) == [(0, 0), (100_000, 0)]

    @pytest.mark.parametrize("callers", CROWDS)
    async def test_transfers_that_cross_both_end(self, api: Api, patience: None, stage: Stage, callers: int) -> None:
        left, right = stage.accounts
        await carry_out(api, lambda ctx: transfer(ctx, left, right, 50_000, stage.subject))

        def there(ctx: Context) -> Awaitable[UUID]:
            return transfer(ctx, left, right, 3, stage.subject)

        def back(ctx: Context) -> Awaitable[UUID]:
            return transfer(ctx, right, left, 3, stage.subject)

        outcomes = await asyncio.gather(*(attempt(api, way) for way in (there, back) * (callers // 2)))

        assert [outcome.violations for outcome in outcomes] == [[]] * callers
        assert await amounts(api, left, right) == [(50_000, 0), (50_000, 0)]

    async def test_several_postings_at_once_do_not_wait_in_a_circle(self, api: Api, stage: Stage) -> None:
        """Each command posts to both accounts one after the other, half of them in the other order, after `lock`."""
        tries = 0

        async def both(ctx: Context, *order: UUID) -> None:
            nonlocal tries
            tries += 1
            pool = await open_pool(ctx)
            await ledger.lock(ctx, [pool, *order])
            for account in order:
                await transfer(ctx, pool, account, 1, stage.subject)
                await asyncio.sleep(0)

        left, right = stage.accounts
        ways = [lambda ctx: both(ctx, left, right), lambda ctx: both(ctx, right, left)]
        outcomes = await asyncio.gather(*(attempt(api, way) for way in ways * 10))

        assert [outcome.violations for outcome in outcomes] == [[]] * 20
        assert tries == 20, "nobody had to begin again"
