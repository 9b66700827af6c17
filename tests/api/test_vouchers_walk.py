"""Quotas and vouchers against a plain dictionary, ten thousand steps far: every outcome foretold, every balance kept.

The use cases are called inside commands of one to thirty steps: what HTTP adds is the matter of other tests.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from core import db
from core.scope import EVERYTHING
from models.base import Row
from resolvers import vouchers
from resolvers.batch import Batch
from resolvers.context import Context
from rules.access import SYSTEM, Actor
from rules.customers import AssociationType
from rules.errors import ErrorCode, Rejected, refuse
from rules.partners import PartnerKind
from rules.vouchers import QuotaChange
from tasks.vouchers import expire
from tests import world
from tests.api.test_ledger_model import Dice
from tests.api.voucher_book import Book, Quota, Use, Voucher
from tests.client import Api
from tests.ledger import acting_for, attempt
from tests.vouchers import reseller

E = ErrorCode
CHANGES = {
    QuotaChange.FREEZE: {"NORMAL": "FROZEN"},
    QuotaChange.UNFREEZE: {"FROZEN": "NORMAL"},
    QuotaChange.INVALIDATE: {"NORMAL": "INVALID", "FROZEN": "INVALID"},
}
EVENTS = (
    *("voucher_quota.granted", "voucher_quota.issued", "voucher_quota.state_changed"),
    *("voucher.issued", "voucher.recalled", "voucher.used", "voucher.refunded"),
)
MOST = 60
"""So many quotas, vouchers and uses are in play at a time: the newest."""

Found = set[ErrorCode] | list[set[ErrorCode]]
"""What a step came to: the codes against the whole, or against each entry."""


@dataclass
class Walk:
    """A distributor, two resellers and their customers; and the book beside them."""

    api: Api
    dice: Dice
    book: Book = field(default_factory=Book)
    outcomes: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    distributor: UUID = UUID(int=0)
    resellers: list[UUID] = field(default_factory=list)
    customers: dict[UUID, list[UUID]] = field(default_factory=dict)
    referred: set[UUID] = field(default_factory=set)
    orders: int = 0

    async def begin(self) -> None:
        """Everybody moves in."""
        self.distributor, _ = await world.admitted_partner(self.api, kind=PartnerKind.DISTRIBUTOR)
        self.resellers = [(await reseller(self.api, self.distributor))[0] for _ in range(2)]
        for partner in (self.distributor, *self.resellers):
            types = (AssociationType.RESALE,) * 5 + (AssociationType.REFERRAL,)
            made = [(await world.associated_customer(self.api, partner, type=type))[1] for type in types]
            self.customers[partner] = made
            self.referred.add(made[-1])

    async def go(self, steps: int) -> None:
        """Commands of one to thirty steps, one in ten rolled back at its end; time passes in between."""
        await self.begin()
        while steps > 0:
            actor = self.dice.one_of((None, self.distributor, self.distributor, *self.resellers))
            steps -= await self._command(actor, min(steps, 1 + self.dice.below(30)), refused=self.dice.below(10) == 0)
            if self.dice.below(4) == 0:
                steps -= await self._pass_time()
            if self.dice.below(5) == 0:
                await self._compare()
        await self._compare()

    async def _command(self, partner: UUID | None, length: int, *, refused: bool) -> int:
        before, done = self.book.copy() if refused else None, 0
        ways = ["grant", "use", "use", "use", "refund", "change"]
        if partner is not None:
            ways = ["issue", "issue", "recall"] + (["quota", "recall_quotas"] if partner == self.distributor else [])

        async def work(ctx: Context) -> None:
            nonlocal done
            for _ in range(length):
                if done < length:
                    done += await self._step(ctx, self.dice.one_of(ways))
            if refused:
                raise refuse(E.NOT_FOUND)

        actor: Actor = SYSTEM if partner is None else acting_for(partner)
        outcome = await attempt(self.api, work, actor, emits=EVENTS)
        assert bool(outcome.violations) == refused
        if before is not None:
            self.book = before
        return done

    async def _step(self, ctx: Context, way: str) -> int:
        """One use case; how many steps it was: as many as a batch has entries, one if it is refused as a whole."""
        expected, act = getattr(self, f"_{way}")(ctx)
        if act is None:
            return 0
        mark, made = ctx.work.mark(), None
        found: Found = set()
        try:
            async with db.savepoint():
                made = await act
        except Rejected as refusal:
            found = {violation.code for violation in refusal.violations}
            ctx.work.back_to(mark)
        if isinstance(made, Batch):
            found = [{violation.code for violation in item.violations} for item in made.items]
        wanted = expected(made)
        assert found == wanted, (way, found, wanted)
        entries = found if isinstance(found, list) else [found]
        for codes in entries:
            self.outcomes[f"{way} {'+'.join(sorted(codes)) or 'done'}"] += 1
        return len(entries)

    def _some(self, rows: dict[UUID, Any], **wanted: object) -> UUID | None:
        """One of the newest."""
        newest = list(rows)[-MOST:]
        fitting = [key for key in newest if all(getattr(rows[key], name) == value for name, value in wanted.items())]
        return self.dice.one_of(fitting) if fitting else None

    def _grant(self, ctx: Context) -> Any:
        value, ends = 20_000 + self.dice.below(80_000), ctx.now + timedelta(minutes=30 + self.dice.below(600))

        def expected(made: Row) -> Found:
            self.book.quotas[made.id] = Quota(self.distributor, None, value, ends)
            self.book.totals["VENDOR_POOL"] -= value
            return set()

        given: dict[str, Any] = {"partner_id": self.distributor, "value": _money(value), "expires_at": ends}
        return expected, vouchers.grant_quota(ctx, **given)

    def _change(self, ctx: Context) -> Any:
        name = self._some(self.book.quotas)
        change = self.dice.one_of((*(QuotaChange.FREEZE, QuotaChange.UNFREEZE) * 3, QuotaChange.INVALIDATE))
        if name is None:
            return None, None
        quota = self.book.quotas[name]

        def expected(_made: Row | None) -> Found:
            target = CHANGES[change].get(quota.status)
            if target is None:
                return {E.STATE_CONFLICT}
            if target == "INVALID":
                self.book.end_quota(quota, target, ctx.now)
            quota.status = target
            return set()

        return expected, vouchers.set_quota_state(ctx, quota_id=name, change=change)

    def _issue(self, ctx: Context) -> Any:
        partner = ctx.actor.partner_id
        assert partner is not None
        name = self._some(self.book.quotas) if self.dice.below(20) == 0 else self._some(self.book.quotas, owner=partner)
        if name is None:
            return None, None
        quota, face = self.book.quotas[name], 1 + self.dice.below(3_000)
        everybody = [one for of in self.customers.values() for one in of]
        known = everybody if self.dice.below(10) == 0 else self.customers[partner]
        asked = [self.dice.one_of(known) for _ in range(1 + self.dice.below(10))]
        ends = ctx.now + timedelta(minutes=self.dice.below(300)) if self.dice.below(3) else None

        def expected(made: Batch[Any] | None) -> Found:
            if quota.owner != partner:
                return {E.NOT_FOUND}
            wrong = self.book.usable(quota, max(1, face * len(set(asked))), ctx.now)
            if ends is not None and not ctx.now < ends <= quota.ends:
                wrong |= {E.OUT_OF_RANGE}
            return wrong or self._issued(made, name, face, ends or quota.ends, asked)

        given: dict[str, Any] = {"quota_id": name, "customer_ids": asked, "face_value": _money(face)}
        return expected, vouchers.issue_vouchers(ctx, **given, expires_at=ends)

    def _issued(
        self, made: Batch[Any] | None, name: UUID, face: int, ends: datetime, asked: Sequence[UUID]
    ) -> list[set[ErrorCode]]:
        assert made is not None
        quota, found = self.book.quotas[name], []
        for place, (customer, item) in enumerate(zip(asked, made.items, strict=True)):
            if customer in asked[:place]:
                found.append({E.REPEATED})
            elif customer not in self.customers[quota.owner]:
                found.append({E.NOT_FOUND})
            else:
                found.append(set())
                assert item.result is not None
                quota.balance -= face
                referred = customer in self.referred
                self.book.vouchers[item.result.id] = Voucher(name, quota.owner, face, ends, referred)
        return found

    def _quota(self, ctx: Context) -> Any:
        name = self._some(self.book.quotas, owner=self.distributor)
        if name is None:
            return None, None
        quota, amount = self.book.quotas[name], 1 + self.dice.below(15_000)
        asked = [*self.resellers, self.distributor][: 1 + self.dice.below(3)]

        def expected(made: Batch[Any] | None) -> Found:
            wrong = self.book.usable(quota, amount * len(asked), ctx.now)
            if wrong:
                return wrong
            assert made is not None
            for partner, item in zip(asked, made.items, strict=True):
                if partner != self.distributor:
                    assert item.result is not None
                    quota.balance -= amount
                    self.book.quotas[item.result.id] = Quota(partner, name, amount, quota.ends)
            return [{E.NOT_FOUND} if partner == self.distributor else set() for partner in asked]

        given: dict[str, Any] = {"quota_id": name, "reseller_ids": asked, "amount": _money(amount)}
        return expected, vouchers.issue_quota_to_resellers(ctx, **given)

    def _recall(self, ctx: Context) -> Any:
        own = {} if self.dice.below(10) == 0 else {"owner": ctx.actor.partner_id}
        names = [self._some(self.book.vouchers, **own) for _ in range(1 + self.dice.below(6))]
        asked = [name for name in names if name is not None]
        if not asked:
            return None, None

        def expected(_made: Batch[Any] | None) -> Found:
            found = []
            for place, name in enumerate(asked):
                wrong = {E.REPEATED} if name in asked[:place] else self._against_recall(name, ctx)
                found.append(wrong)
                if not wrong:
                    self.book.end_voucher(self.book.vouchers[name], "RECALLED", ctx.now)
            return found

        return expected, vouchers.recall_vouchers(ctx, voucher_ids=asked)

    def _against_recall(self, name: UUID, ctx: Context) -> set[ErrorCode]:
        voucher = self.book.vouchers[name]
        if voucher.owner != ctx.actor.partner_id:
            return {E.NOT_FOUND}
        over = voucher.status == "USABLE" and ctx.now >= voucher.ends
        wrong = {E.NOT_RECALLABLE_REFERRAL} if voucher.referred else set()
        if over or voucher.status in ("EXPIRED", "RECALLED"):
            return wrong | {E.ALREADY_EXPIRED_OR_RECALLED}
        return wrong | ({E.STATE_CONFLICT} if voucher.status == "USED" else set())

    def _recall_quotas(self, ctx: Context) -> Any:
        names = [self._some(self.book.quotas) for _ in range(1 + self.dice.below(3))]
        asked = [name for name in names if name is not None]
        if not asked:
            return None, None

        def expected(_made: Batch[Any] | None) -> Found:
            found: list[set[ErrorCode]] = []
            for place, name in enumerate(asked):
                quota = self.book.quotas[name]
                if name in asked[:place]:
                    found.append({E.REPEATED})
                elif quota.parent is None:
                    found.append({E.NOT_FOUND})
                elif quota.status != "NORMAL" or ctx.now >= quota.ends:
                    found.append({E.STATE_CONFLICT})
                else:
                    found.append(set())
                    self.book.end_quota(quota, "RECALLED", ctx.now)
            return found

        return expected, vouchers.recall_quotas(ctx, quota_ids=asked)

    def _use(self, ctx: Context) -> Any:
        name = self._some(self.book.vouchers)
        if name is None:
            return None, None
        voucher = self.book.vouchers[name]
        amount = voucher.balance if self.dice.below(3) == 0 and voucher.balance else 1 + self.dice.below(3_000)
        self.orders += 1

        def expected(made: Row | None) -> Found:
            wrong = {E.VOUCHER_NOT_USABLE} if voucher.status != "USABLE" or ctx.now >= voucher.ends else set()
            wrong |= {E.VOUCHER_INSUFFICIENT} if amount > voucher.balance else set()
            if not wrong:
                assert made is not None
                voucher.balance -= amount
                voucher.status = "USABLE" if voucher.balance else "USED"
                self.book.totals["USED"] += amount
                self.book.uses[made.id] = Use(name, amount)
            return wrong

        given: dict[str, Any] = {"voucher_id": name, "amount": _money(amount), "order_amount": "1000.00"}
        return expected, vouchers.record_voucher_use(ctx, order_ref=f"order-{self.orders}", **given)

    def _refund(self, ctx: Context) -> Any:
        name = self._some(self.book.uses)
        if name is None:
            return None, None
        use = self.book.uses[name]
        voucher = self.book.vouchers[use.voucher]

        def expected(_made: Row | None) -> Found:
            if use.refunded:
                return {E.VOUCHER_REFUNDED}
            use.refunded = True
            self.book.totals["USED"] -= use.amount
            if voucher.status in ("USABLE", "USED") and ctx.now < voucher.ends:
                voucher.balance, voucher.status = voucher.balance + use.amount, "USABLE"
            else:
                self.book.give_back(voucher.quota, use.amount, ctx.now)
            return set()

        return expected, vouchers.refund_voucher_use(ctx, use_id=name)

    async def _pass_time(self) -> int:
        """Minutes pass; every other time the schedule ends what is over. How much that was."""
        now = self.api.clock.advance(minutes=1 + self.dice.below(20))
        if self.dice.below(2):
            return 0
        over = [one for one in self.book.vouchers.values() if one.status == "USABLE" and now >= one.ends]
        ended = [one for one in self.book.quotas.values() if one.status in ("NORMAL", "FROZEN") and now >= one.ends]
        for voucher in over:
            self.book.end_voucher(voucher, "EXPIRED", now)
        for quota in ended:
            self.book.end_quota(quota, "INVALID", now)
        assert await expire(self.api.settings, self.api.clock) == len(over) + len(ended)
        self.outcomes["expire done"] += len(over) + len(ended)
        return len(over) + len(ended)

    async def _compare(self) -> None:
        """Every state and balance, and that nothing was gained or lost."""
        book = self.book
        owned: dict[UUID, Quota | Voucher] = {**book.quotas, **book.vouchers}
        async with db.read(EVERYTHING):
            found = await db.fetch(_HELD)
            totals = await db.fetch(_TOTALS)
        assert {row["id"]: (row["status"], row["balance"]) for row in found} == {
            key: (row.status, row.balance) for key, row in owned.items()
        }
        assert {kind: 0 for kind in book.totals} | {row["kind"]: row["sum"] for row in totals} == book.totals
        assert sum(row.balance for row in owned.values()) + sum(book.totals.values()) == 0


_HELD = """
    select o.id, o.status, a.balance from ledger_account a join (
      select id, account_id, status from voucher_quota union all select id, account_id, status from voucher
    ) o on o.account_id = a.id"""
_TOTALS = "select kind, sum(balance)::bigint from ledger_account where owner_id is null group by kind"


def _money(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


async def walk(api: Api, seed: int, steps: int) -> dict[str, int]:
    """Goes that far and tells how often each outcome was met."""
    made = Walk(api, Dice(seed))
    await made.go(steps)
    print(seed, dict(sorted(made.outcomes.items())))
    return made.outcomes


DONE = {f"{way} done" for way in ("grant", "issue", "quota", "recall", "recall_quotas", "use", "refund", "change")}
MET = DONE | {
    "expire done",
    "issue QUOTA_INSUFFICIENT",
    "issue QUOTA_NOT_IN_FORCE",
    "issue QUOTA_NOT_USABLE",
    "issue OUT_OF_RANGE",
    "issue NOT_FOUND",
    "issue REPEATED",
    "quota QUOTA_INSUFFICIENT",
    "recall ALREADY_EXPIRED_OR_RECALLED",
    "recall NOT_RECALLABLE_REFERRAL",
    "recall STATE_CONFLICT",
    "recall_quotas STATE_CONFLICT",
    "use VOUCHER_INSUFFICIENT",
    "use VOUCHER_NOT_USABLE",
    "refund VOUCHER_REFUNDED",
    "change STATE_CONFLICT",
}
"""What ten thousand steps come upon, whatever the seed."""


@pytest.mark.parametrize("seed", range(2))
async def test_quotas_and_vouchers_do_what_a_dictionary_does(api: Api, seed: int) -> None:
    assert "issue done" in await walk(api, seed, 400)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
async def test_quotas_and_vouchers_do_what_a_dictionary_does_for_long(api: Api, seed: int) -> None:
    assert set(await walk(api, seed, 10_000)) >= MET
