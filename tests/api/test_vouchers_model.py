"""Quotas and vouchers against a plain dictionary: random operations, every balance compared after each of them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from core.ids import decode_id
from rules.access import Role
from rules.partners import PartnerKind
from rules.vouchers import QuotaStatus, VoucherStatus
from tasks.vouchers import expire
from tests import world
from tests.client import Api, codes
from tests.factories import sign_in, staff
from tests.seeded import Random
from tests.vouchers import (
    Customer,
    Stage,
    customer,
    grant,
    issue,
    issue_quota,
    lost,
    outcomes,
    recall,
    recall_quotas,
    refund,
    reseller,
    use,
)

Q, V = QuotaStatus, VoucherStatus
GRANTED = 50_000


@dataclass
class ModelQuota:
    """What the dictionary knows of a quota; amounts in minor units."""

    owner: str
    balance: int
    ends: int
    parent: str | None = None
    alive: bool = True


@dataclass
class ModelVoucher:
    """What the dictionary knows of a voucher."""

    quota: str
    owner: str
    balance: int
    ends: int
    status: str = "USABLE"


@dataclass
class Model:
    """The whole of it: `used` was spent, `lost` went back to the vendor; `uses` maps a use to (voucher, amount)."""

    quotas: dict[str, ModelQuota] = field(default_factory=dict)
    vouchers: dict[str, ModelVoucher] = field(default_factory=dict)
    uses: dict[str, tuple[str, int]] = field(default_factory=dict)
    granted: int = 0
    used: int = 0
    lost: int = 0
    hour: int = 0

    def home(self, quota: str | None) -> str | None:
        """The first living quota of this one and those above it."""
        while quota is not None:
            found = self.quotas[quota]
            if found.alive and self.hour < found.ends:
                return quota
            quota = found.parent
        return None

    def give_back(self, quota: str | None, amount: int) -> None:
        """Money that comes back to a quota, or to the vendor."""
        home = self.home(quota)
        if home is None:
            self.lost += amount
        else:
            self.quotas[home].balance += amount

    def total(self) -> int:
        """Everything there is."""
        held = sum(quota.balance for quota in self.quotas.values())
        held += sum(voucher.balance for voucher in self.vouchers.values())
        return held + self.used + self.lost


class Town:
    """A distributor, its reseller, a customer of each, the vendor; and the dictionary beside them."""

    def __init__(self, api: Api, seed: int) -> None:
        self.api, self.random, self.model = api, Random(seed), Model()
        self.partners: dict[str, Stage] = {}
        self.customers: dict[str, Customer] = {}
        self.reseller_id = UUID(int=0)

    async def settle(self) -> None:
        """Everybody moves in."""
        distributor, main = await world.admitted_partner(self.api, kind=PartnerKind.DISTRIBUTOR)
        operations = (await staff(self.api, Role.VENDOR_OPS)).api
        self.partners["distributor"] = Stage(distributor, main, operations, "")
        self.reseller_id, reseller_main = await reseller(self.api, distributor)
        self.partners["reseller"] = Stage(self.reseller_id, reseller_main, operations, "")
        for name, made in self.partners.items():
            self.customers[name] = await customer(self.api, made.partner_id)

    async def step(self) -> None:
        """One random operation, in the town and in the dictionary, and both compared."""
        name = self.random.choice(["grant", "issue", "issue", "issue", "quota", "use", "use", "refund", "recall",
                                   "recall_quota", "invalidate", "hours"])  # fmt: skip
        await getattr(self, name)()
        await self.compare()

    def stage(self, owner: str, quota: str = "") -> Stage:
        """The partner, acting on one of its quotas."""
        made = self.partners[owner]
        return Stage(made.partner_id, made.main, made.operations, quota)

    def some(self, rows: dict[str, Any], **wanted: object) -> str | None:
        """One of the rows with these attributes."""
        fitting = [key for key, row in rows.items() if all(getattr(row, n) == v for n, v in wanted.items())]
        return self.random.choice(fitting) if fitting else None

    async def grant(self) -> None:
        hours = self.random.randint(5, 40)
        made = self.partners["distributor"]
        ends = (self.api.clock() + timedelta(hours=hours)).isoformat()
        quota = await grant(self.api, made.operations, made.partner_id, f"{GRANTED / 100:.2f}", expiresAt=ends)
        self.model.quotas[quota] = ModelQuota("distributor", GRANTED, self.model.hour + hours)
        self.model.granted += GRANTED

    async def issue(self) -> None:
        quota = self.some(self.model.quotas)
        if quota is None:
            return
        known, amount = self.model.quotas[quota], self.random.randint(1, 15_000)
        hours = self.random.randint(1, 30)
        given = {"expiresAt": (self.api.clock() + timedelta(hours=hours)).isoformat()}
        done = await issue(
            self.stage(known.owner, quota), self.customers[known.owner], face=f"{amount / 100:.2f}", **given
        )
        fine = known.alive and self.model.hour < known.ends and amount <= known.balance
        fine = fine and self.model.hour + hours <= known.ends
        assert (codes(done) == []) == fine, (codes(done), known, amount)
        if fine:
            one = done["results"][0]["voucher"]["id"]
            known.balance -= amount
            self.model.vouchers[one] = ModelVoucher(quota, known.owner, amount, self.model.hour + hours)

    async def quota(self) -> None:
        quota = self.some(self.model.quotas, owner="distributor")
        if quota is None:
            return
        known, amount = self.model.quotas[quota], self.random.randint(1, 20_000)
        done = await issue_quota(
            self.stage("distributor", quota),
            self.reseller_id,
            amount=f"{amount / 100:.2f}",
        )
        fine = known.alive and self.model.hour < known.ends and amount <= known.balance
        assert (codes(done) == []) == fine, (codes(done), known, amount)
        if fine:
            child = done["results"][0]["quota"]["id"]
            known.balance -= amount
            self.model.quotas[child] = ModelQuota("reseller", amount, known.ends, parent=quota)

    async def use(self) -> None:
        one = self.some(self.model.vouchers)
        if one is None:
            return
        known, amount = self.model.vouchers[one], self.random.randint(1, 12_000)
        done = await use(self.partners["distributor"], one, f"{amount / 100:.2f}")
        fine = known.status == "USABLE" and self.model.hour < known.ends and amount <= known.balance
        assert (codes(done) == []) == fine, (codes(done), known, amount)
        if fine:
            known.balance -= amount
            known.status = "USABLE" if known.balance else "USED"
            self.model.used += amount
            self.model.uses[done["use"]["id"]] = (one, amount)

    async def refund(self) -> None:
        if not self.model.uses:
            return
        paid = self.random.choice(list(self.model.uses))
        one, amount = self.model.uses.pop(paid)
        known = self.model.vouchers[one]
        assert codes(await refund(self.partners["distributor"], paid)) == []
        self.model.used -= amount
        if known.status in ("USABLE", "USED") and self.model.hour < known.ends:
            known.balance += amount
            known.status = "USABLE"
        else:
            self.model.give_back(known.quota, amount)

    async def recall(self) -> None:
        one = self.some(self.model.vouchers)
        if one is None:
            return
        known = self.model.vouchers[one]
        done = await recall(self.stage(known.owner), one)
        fine = known.status == "USABLE" and self.model.hour < known.ends
        assert (outcomes(done) == ["voucher"]) == fine, (outcomes(done), known)
        if fine:
            self.model.give_back(known.quota, known.balance)
            known.balance, known.status = 0, "RECALLED"

    async def recall_quota(self) -> None:
        quota = self.some(self.model.quotas, owner="reseller")
        if quota is None:
            return
        known = self.model.quotas[quota]
        done = await recall_quotas(self.stage("distributor"), quota)
        fine = known.alive and self.model.hour < known.ends
        assert (outcomes(done) == ["quota"]) == fine, (outcomes(done), known)
        if fine:
            self.end(known)

    async def invalidate(self) -> None:
        quota = self.some(self.model.quotas, alive=True)
        if quota is None or self.random.random() < 0.5:
            return
        operations = self.partners["distributor"].operations
        done = await operations.do(
            "setQuotaState", "quota { id }", quotaId=quota, change="INVALIDATE", idempotencyKey=f"end-{quota}"
        )
        assert codes(done) == []
        self.end(self.model.quotas[quota])

    def end(self, known: ModelQuota) -> None:
        """A quota ends; what is left goes to the one above."""
        known.alive = False
        amount, known.balance = known.balance, 0
        self.model.give_back(known.parent, amount)

    async def hours(self) -> None:
        hours = self.random.randint(1, 4)
        self.api.clock.advance(hours=hours)
        self.model.hour += hours
        await self.sign_in_again()
        await expire(self.api.settings, self.api.clock)
        for one in self.model.vouchers.values():
            if one.status == "USABLE" and self.model.hour >= one.ends:
                self.model.give_back(one.quota, one.balance)
                one.balance, one.status = 0, "EXPIRED"
            elif one.status == "USABLE":
                assert one.balance
        for known in self.model.quotas.values():
            if known.alive and self.model.hour >= known.ends:
                self.end(known)

    async def sign_in_again(self) -> None:
        """New sessions: the clock has outlived the old ones."""
        operations = (await staff(self.api, Role.VENDOR_OPS)).api
        for name, made in self.partners.items():
            person = await sign_in(self.api, made.main.id)
            main = world.Person(made.main.id, person.api, made.main.mobile, made.main.email)
            self.partners[name] = Stage(made.partner_id, main, operations, "")

    async def compare(self) -> None:
        """Every balance of the ledger is the dictionary's, and nothing is gained or lost."""
        rows = await self.api.rows(
            "select owner_type, owner_id, balance from ledger_account where owner_id is not null"
        )
        balances = {row["owner_id"]: row["balance"] for row in rows}
        for table in (self.model.quotas, self.model.vouchers):
            for public_id, known in table.items():
                assert balances[decode_id(public_id)[1]] == known.balance, (public_id, known)
        spent = await self.api.value("select coalesce(sum(balance), 0) from ledger_account where kind = 'USED'")
        assert spent == self.model.used
        assert await lost(self.api) == self.model.lost
        assert self.model.total() == self.model.granted


async def live(api: Api, seed: int, steps: int) -> None:
    """A town lives for so many steps."""
    town = Town(api, seed)
    await town.settle()
    await town.grant()
    for _ in range(steps):
        await town.step()
    statuses = {row["id"]: row["status"] for row in await api.rows("select id, status from voucher")}
    assert {one: statuses[decode_id(one)[1]] for one in town.model.vouchers} == {
        one: known.status for one, known in town.model.vouchers.items()
    }


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_town_keeps_its_books(api: Api, seed: int) -> None:
    await live(api, seed, steps=60)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
async def test_towns_keep_their_books_for_long(api: Api, seed: int) -> None:
    await live(api, 100 + seed, steps=500)
