"""Mutations that move money, each with how its effects are counted: what a distributor does with its quotas."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.clock import system_clock
from core.ids import decode_id, encode_id
from models.partners import Partner
from rules.partners import PartnerKind
from tests import earning
from tests.client import Answer, Api
from tests.faults.apis import ApiProcess, stay_signed_in, token_of
from tests.faults.load import Load, Mutation
from tests.vouchers import Customer, Stage, customer, grant, reseller, stage

RESULTS = "userErrors { code } results { userErrors { code }"
DOCUMENTS = {
    "issueVouchers": f"{RESULTS} voucher {{ id }} }}",
    "recallVouchers": f"{RESULTS} voucher {{ id }} }}",
    "issueQuotaToResellers": f"{RESULTS} quota {{ id }} }}",
    "recallQuotas": f"{RESULTS} quota {{ id }} }}",
    "requestPayout": "userErrors { code } payout { id }",
}


@dataclass(frozen=True)
class MoneyStage:
    """A distributor with two quotas of 1,000,000.00, customers who can use vouchers, and two resellers."""

    made: Stage
    token: str
    quotas: tuple[str, str]
    customers: list[Customer]
    resellers: tuple[UUID, UUID]

    def issue(self, key: str, *to: Customer, quota: int = 0) -> Mutation:
        """A voucher of 1.00 for each of these customers; its memo is the key."""
        given = {"quotaId": self.quotas[quota], "customerIds": [one.gid for one in to], "faceValue": "1.00"}
        counted = ("select count(*) from voucher where memo = $1", key)
        return self._mutation("issueVouchers", key, {**given, "memo": key}, counted, len(to))

    def recall(self, key: str, *vouchers: str) -> Mutation:
        """All of these vouchers taken back."""
        rows = [decode_id(one)[1] for one in vouchers]
        counted = ("select count(*) from voucher_record where operation = 'RECALL' and voucher_id = any($1)", rows)
        return self._mutation("recallVouchers", key, {"voucherIds": list(vouchers)}, counted, len(vouchers))

    def issue_quota(self, key: str, minor: int) -> Mutation:
        """A part of the first quota for both resellers; nobody else takes so many cents."""
        given = {
            "quotaId": self.quotas[0],
            "resellerIds": [encode_id(Partner.prefix, one) for one in self.resellers],
            "amount": f"{minor / 100:.2f}",
        }
        counted = ("select count(*) from voucher_quota where parent_id is not null and value_minor = $1", minor)
        return self._mutation("issueQuotaToResellers", key, given, counted, 2)

    def recall_quotas(self, key: str, *quotas: str) -> Mutation:
        """All of these quotas of resellers taken back; the remark is the key."""
        counted = ("select count(*) from quota_record where operation = 'RECALL' and remark = $1", key)
        return self._mutation("recallQuotas", key, {"quotaIds": list(quotas), "remark": key}, counted, len(quotas))

    def _mutation(self, name: str, key: str, given: dict[str, Any], counted: tuple[str, Any], effects: int) -> Mutation:
        return _mutation(name, self.token, {**given, "idempotencyKey": key}, counted, effects)


def _mutation(name: str, token: str, given: dict[str, Any], counted: tuple[str, Any], effects: int) -> Mutation:
    kind = name[0].upper() + name[1:]
    document = f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {DOCUMENTS[name]} }} }}"
    return Mutation(document, name, token, given, counted, effects)


async def payouts(api: Api, key: str, months: int = 1) -> list[Mutation]:
    """Payouts of 50.00 and 120.00 into voucher quota for each of so many months of a partner."""
    api.clock.at = system_clock()
    on = await earning.stage(api)
    lines = ((earning.RESALE, 100_000), (earning.REFERRAL, 200_000))
    made = [await earning.confirmed(api, on, *lines, period=f"2026-{month:02d}") for month in range(1, months + 1)]
    counted = "select count(*) from payout_item where incentive_id = $1"
    return [
        _mutation(
            "requestPayout",
            token_of(on.clerk),
            {"incentiveIds": [one], "method": "VOUCHER_QUOTA", "idempotencyKey": f"payout-{key}-{number}"},
            (counted, decode_id(one)[1]),
            1,
        )
        for number, one in enumerate(one for ids in made for one in ids)
    ]


async def money_stage(api: Api, customers: int = 2) -> MoneyStage:
    """The stage, now."""
    api.clock.at = system_clock()
    made = await stage(api, "1000000.00", kind=PartnerKind.DISTRIBUTOR)
    second = await grant(api, made.operations, made.partner_id, "1000000.00")
    gate = asyncio.Semaphore(4)

    async def one() -> Customer:
        async with gate:
            return await customer(api, made.partner_id)

    known = list(await asyncio.gather(*(one() for _ in range(customers))))
    resellers = [(await reseller(api, made.partner_id))[0] for _ in range(2)]
    await stay_signed_in(api)
    return MoneyStage(made, token_of(made.client), (made.quota, second), known, (resellers[0], resellers[1]))


def made_by(answer: Answer) -> list[str]:
    """The public ids of what was made or changed; every entry of a batch was carried out."""
    (payload,) = answer.data.values()
    if "payout" in payload:
        return [payload["payout"]["id"]]
    assert all(not one["userErrors"] for one in payload["results"]), payload
    return [(one.get("voucher") or one.get("quota"))["id"] for one in payload["results"]]


async def move(api: Api, front: ApiProcess, name: str, key: str) -> Mutation:
    """The mutation of this name; what it needs to be there is made before."""
    if name == "requestPayout":
        return (await payouts(api, key))[0]
    stage = await money_stage(api)
    if name == "issueVouchers":
        return stage.issue(key, *stage.customers[:2])
    if name == "recallVouchers":
        return stage.recall(key, *made_by(await stage.issue(f"before-{key}", *stage.customers[:2]).insist(front)))
    if name == "issueQuotaToResellers":
        return stage.issue_quota(key, 12_345)
    return stage.recall_quotas(key, *made_by(await stage.issue_quota(f"before-{key}", 12_345).insist(front)))


@dataclass
class MoneyLoad(Load):
    """Clients who issue vouchers and quotas and take them back, until they are stopped; and payouts as they last."""

    stage: MoneyStage | None = None
    payouts: list[Mutation] = field(default_factory=list)

    async def run(self, client: int) -> None:
        """Issues two vouchers and recalls them, issues two quotas and recalls them, and so on."""
        stage, number = self.stage, 0
        assert stage is not None
        while not self.stopped:
            number += 1
            if self.payouts:
                await self.attempt(self.payouts.pop())
            name = f"{self.seed}-{client}-{number}"
            issued = await self.attempt(stage.issue(f"issue-{name}", *stage.customers[:2], quota=client % 2))
            if issued is not None:
                await self.attempt(stage.recall(f"recall-{name}", *made_by(issued)))
            granted = await self.attempt(stage.issue_quota(f"quota-{name}", client * 10_000 + number))
            if granted is not None:
                await self.attempt(stage.recall_quotas(f"back-{name}", *made_by(granted)))
