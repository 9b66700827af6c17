"""The ledger against a plain dictionary: thousands of steps, with the same outcomes and balances in both."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest

from core import db
from core.scope import EVERYTHING
from models.base import Row
from resolvers.context import Context
from resolvers.wallets import ledger
from resolvers.wallets.ledger import Leg
from rules.errors import ErrorCode, Rejected, refuse
from rules.wallets import AccountKind, Posting
from tasks.wallets import expire_holds
from tests.client import Api
from tests.ledger import attempt, carry_out, open_pool, partner_row
from tests.world import admitted_partner

T = TypeVar("T")
NEWEST = 60
"""So many holds and transactions are chosen from: the newest, some of which have ended."""
KINDS = (AccountKind.CASH, AccountKind.BANK, AccountKind.PARTNER_QUOTA)
CODES = {
    "ledger_account_funded": ErrorCode.INSUFFICIENT_BALANCE,
    "ledger_transaction_reversed_once": ErrorCode.CONFLICT,
}


class Dice:
    """Numbers that look random and are the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.seed, self.count = seed, 0

    def below(self, limit: int) -> int:
        """0 to limit - 1."""
        self.count += 1
        octets = hashlib.sha256(f"{self.seed}:{self.count}".encode()).digest()
        return int.from_bytes(octets[:8], "big") % limit

    def one_of(self, things: Sequence[T]) -> T:
        """Any of them."""
        return things[self.below(len(things))]


@dataclass
class Held:
    """A hold of the model."""

    source: UUID
    target: UUID
    amount: int
    expires_at: datetime | None
    stands: bool = True


@dataclass
class Book:
    """The ledger as a plain dictionary would keep it."""

    currencies: dict[UUID, str] = field(default_factory=dict)
    pools: set[UUID] = field(default_factory=set)
    balance: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    entries: dict[UUID, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    transactions: dict[UUID, dict[UUID, int]] = field(default_factory=dict)
    reversed: set[UUID] = field(default_factory=set)
    holds: dict[UUID, Held] = field(default_factory=dict)

    def copy(self) -> "Book":
        """As it is now; for a command that will be rolled back."""
        kept = Book(dict(self.currencies), set(self.pools), reversed=set(self.reversed))
        kept.balance.update(self.balance)
        kept.held.update(self.held)
        kept.entries.update({account: list(entries) for account, entries in self.entries.items()})
        kept.transactions.update(self.transactions)
        kept.holds.update({name: Held(**vars(hold)) for name, hold in self.holds.items()})
        return kept

    def of_currency(self, currency: str) -> list[UUID]:
        """Accounts of one currency, in the order they were opened."""
        return [account for account, of in self.currencies.items() if of == currency]

    def can_give(self, account: UUID, amount: int) -> bool:
        """Whether the account has that much that is not held."""
        return account in self.pools or self.balance[account] - self.held[account] >= amount

    def post(self, legs: dict[UUID, int]) -> ErrorCode | None:
        """Moves the money, or says why not."""
        if not all(self.can_give(account, -amount) for account, amount in legs.items()):
            return ErrorCode.INSUFFICIENT_BALANCE
        for account, amount in legs.items():
            self.balance[account] += amount
            self.entries[account].append((amount, self.balance[account]))
        return None

    def end(self, hold: Held) -> None:
        """Gives back what was held."""
        hold.stands = False
        self.held[hold.source] -= hold.amount


@dataclass
class Walk:
    """A walk through the ledger and the book side by side."""

    api: Api
    dice: Dice
    partners: list[Row]
    book: Book = field(default_factory=Book)
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    async def open(self, ctx: Context) -> None:
        """The accounts of both partners in two currencies."""
        for currency in ("CNY", "USD"):
            for partner in self.partners:
                for kind in KINDS:
                    opened = await ledger.open_account(ctx, kind, currency=currency, owner=partner)
                    self.book.currencies[opened] = currency

    async def go(self, steps: int) -> None:
        """Commands of one to twenty steps, one in eight of them refused at its end; then everything is compared."""
        await carry_out(self.api, self.open)
        while steps > 0:
            length = min(steps, 1 + self.dice.below(20))
            steps -= length
            await self._command(length, refused=self.dice.below(8) == 0)
            if self.dice.below(5) == 0:
                await self._pass_time()
            await self._compare()
        await self._compare_entries()

    async def _command(self, length: int, *, refused: bool) -> None:
        before = self.book.copy() if refused else None

        async def work(ctx: Context) -> None:
            for currency in ("CNY", "USD"):
                pool = await open_pool(ctx, currency)
                self.book.currencies.setdefault(pool, currency)
                self.book.pools.add(pool)
            for _ in range(length):
                await self._step(ctx)
            if refused:
                raise refuse(ErrorCode.NOT_FOUND)

        outcome = await attempt(self.api, work)
        assert bool(outcome.violations) == refused
        if before is not None:
            self.book = before

    async def _step(self, ctx: Context) -> None:
        way = self.dice.one_of(("transfer",) * 5 + ("hold",) * 2 + ("settle", "release", "reverse"))
        expected, act = getattr(self, f"_{way}")(ctx)
        if act is None:
            return
        try:
            async with db.savepoint():
                made = await act
            code = None
        except db.ConstraintViolated as violated:
            code = CODES[violated.name]
        except Rejected as refusal:
            code = refusal.violations[0].code
        wanted = expected(None if code else made)
        assert code == wanted, (way, code, wanted)
        self.outcomes[f"{way} {code or 'done'}"] += 1

    def _transfer(self, ctx: Context) -> Any:
        accounts = self.book.of_currency(self.dice.one_of(("CNY", "CNY", "USD")))
        legs: dict[UUID, int] = defaultdict(int)
        for _ in range(1 + self.dice.below(3)):
            amount = 1 + self.dice.below(400)
            pools = [account for account in accounts if account in self.book.pools]
            # As often out of the pools as into them: nobody grows so rich that nothing is refused any more.
            givers, takers = ((pools, accounts), (accounts, pools), (accounts, accounts))[self.dice.below(3)]
            legs[self.dice.one_of(givers)] -= amount
            legs[self.dice.one_of(takers)] += amount
        moved = {account: amount for account, amount in legs.items() if amount}
        if not moved:
            return None, None
        given = [Leg(account, amount) for account, amount in legs.items()]

        def expected(made: UUID | None) -> ErrorCode | None:
            code = self.book.post(moved)
            if made is not None:
                self.book.transactions[made] = moved
            return code

        return expected, ledger.post(ctx, self.dice.one_of(list(Posting)), given, subject=self.partners[0])

    def _hold(self, ctx: Context) -> Any:
        accounts = self.book.of_currency("CNY")
        source, target = self.dice.one_of(accounts), self.dice.one_of(accounts)
        amount, minutes = 1 + self.dice.below(200), self.dice.below(90)
        if source == target:
            return None, None
        expires_at = None if minutes == 0 else ctx.now + timedelta(minutes=minutes)

        def expected(made: UUID | None) -> ErrorCode | None:
            if not self.book.can_give(source, amount):
                return ErrorCode.INSUFFICIENT_BALANCE
            self.book.held[source] += amount
            assert made is not None
            self.book.holds[made] = Held(source, target, amount, expires_at)
            return None

        return expected, ledger.hold(ctx, source, target, amount, subject=self.partners[1], expires_at=expires_at)

    def _settle(self, ctx: Context) -> Any:
        if not self.book.holds:
            return None, None
        name = self.dice.one_of(list(self.book.holds)[-NEWEST:])
        hold = self.book.holds[name]

        def expected(made: UUID | None) -> ErrorCode | None:
            overdue = hold.expires_at is not None and hold.expires_at <= ctx.now
            if not hold.stands or overdue:
                return ErrorCode.STATE_CONFLICT
            self.book.end(hold)
            legs = {hold.source: -hold.amount, hold.target: hold.amount}
            assert self.book.post(legs) is None
            assert made is not None
            self.book.transactions[made] = legs
            return None

        return expected, ledger.settle(ctx, name)

    def _release(self, ctx: Context) -> Any:
        if not self.book.holds:
            return None, None
        name = self.dice.one_of(list(self.book.holds)[-NEWEST:])
        hold = self.book.holds[name]

        def expected(_made: None) -> ErrorCode | None:
            if not hold.stands:
                return ErrorCode.STATE_CONFLICT
            self.book.end(hold)
            return None

        return expected, ledger.release(ctx, name)

    def _reverse(self, ctx: Context) -> Any:
        if not self.book.transactions:
            return None, None
        name = self.dice.one_of(list(self.book.transactions)[-NEWEST:])
        legs = {account: -amount for account, amount in self.book.transactions[name].items()}

        def expected(made: UUID | None) -> ErrorCode | None:
            if name in self.book.reversed:
                return ErrorCode.CONFLICT
            code = self.book.post(legs)
            if code is None and made is not None:
                self.book.reversed.add(name)
                self.book.transactions[made] = legs
            return code

        given = [Leg(account, amount) for account, amount in legs.items()]
        return expected, ledger.post(ctx, Posting.REVERSAL, given, subject=self.partners[0], reverses=name)

    async def _pass_time(self) -> None:
        now = self.api.clock.advance(minutes=1 + self.dice.below(30))
        overdue = [
            hold
            for hold in self.book.holds.values()
            if hold.stands and hold.expires_at is not None and hold.expires_at <= now
        ]
        assert await expire_holds(self.api.settings, self.api.clock) == len(overdue)
        for hold in overdue:
            self.book.end(hold)

    async def _compare(self) -> None:
        async with db.read(EVERYTHING):
            rows = await db.fetch("select id, balance, held, last_seq from ledger_account")
        book = self.book
        wanted = {
            account: (book.balance[account], book.held[account], len(book.entries[account]))
            for account in book.currencies
        }
        found = {row["id"]: (row["balance"], row["held"], row["last_seq"]) for row in rows}
        assert found == wanted

    async def _compare_entries(self) -> None:
        async with db.read(EVERYTHING):
            rows = await db.fetch("select account_id, amount, balance_after from ledger_entry order by account_id, seq")
        found: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
        for row in rows:
            found[row["account_id"]].append((row["amount"], row["balance_after"]))
        assert found == {account: entries for account, entries in self.book.entries.items() if entries}


async def walk(api: Api, seed: int, steps: int) -> dict[str, int]:
    """Goes that far and tells how often each outcome was met."""
    partners = [(await admitted_partner(api))[0] for _ in range(2)]

    async def rows(_ctx: Context) -> list[Row]:
        return [await partner_row(partner_id) for partner_id in partners]

    made = Walk(api, Dice(seed), await carry_out(api, rows))
    await made.go(steps)
    print(seed, dict(sorted(made.outcomes.items())))
    return made.outcomes


ALL_OUTCOMES = {
    "transfer done",
    "transfer INSUFFICIENT_BALANCE",
    "hold done",
    "hold INSUFFICIENT_BALANCE",
    "settle done",
    "settle STATE_CONFLICT",
    "release done",
    "release STATE_CONFLICT",
    "reverse done",
    "reverse INSUFFICIENT_BALANCE",
    "reverse CONFLICT",
}


@pytest.mark.parametrize("seed", range(2))
async def test_the_ledger_does_what_a_dictionary_does(api: Api, seed: int) -> None:
    assert set(await walk(api, seed, 300)) <= ALL_OUTCOMES


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
async def test_the_ledger_does_what_a_dictionary_does_for_long(api: Api, seed: int) -> None:
    assert set(await walk(api, seed, 10_000)) == ALL_OUTCOMES
