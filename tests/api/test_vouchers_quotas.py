"""Quotas through the API: granting, changing their state, issuing them to resellers and taking them back."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from core import db
from core.ids import decode_id, encode_id
from core.scope import EVERYTHING
from models.vouchers import VoucherQuota
from resolvers.command import Outcome, run
from resolvers.context import Context
from resolvers.vouchers import grant_quota_row
from resolvers.wallets.ledger import open_account
from rules.access import SYSTEM
from rules.partners import PartnerKind
from rules.resellers import LinkStatus
from rules.wallets import AccountKind, Posting
from tests import ledger, world
from tests.client import Api, codes
from tests.factories import context, key
from tests.vouchers import (
    QUOTA,
    Stage,
    customer,
    grant,
    issue_quota,
    left,
    lost,
    outcomes,
    recall,
    recall_quotas,
    reseller,
    stage,
    voucher,
)


async def distributor(api: Api, value: str = "1000.00", **limits: Any) -> Stage:
    return await stage(api, value, kind=PartnerKind.DISTRIBUTOR, **limits)


async def change(made: Stage, quota: str, what: str, **given: Any) -> dict[str, Any]:
    values = {"quotaId": quota, "change": what, "idempotencyKey": key()}
    return await made.operations.do("setQuotaState", QUOTA, **{**values, **given})


class TestGrant:
    async def test_the_money_comes_from_the_vendors_pool(self, api: Api) -> None:
        made = await stage(api, "1234.56", kind=PartnerKind.SOLUTION_PROVIDER, remark="for March")

        assert await left(api, made.quota) == 123_456
        assert await api.value("select sum(balance) from ledger_account where kind = 'VENDOR_POOL'") == -123_456
        [record] = await api.rows("select operation, amount_minor, currency, remark from quota_record")
        assert tuple(record.values()) == ("GRANT", 123_456, "CNY", "for March")
        [event] = await api.rows("select type, partner_id from event where type like 'voucher_quota%'")
        assert tuple(event.values()) == ("voucher_quota.granted", made.partner_id)

    async def test_a_payout_becomes_a_quota(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)

        async def work(ctx: Context) -> VoucherQuota:
            partner = await ledger.partner_row(partner_id)
            source = await open_account(ctx, AccountKind.INCENTIVE_PAYABLE, currency="CNY", owner=partner)
            await ledger.fund(ctx, source, 5_000, partner)
            return await grant_quota_row(
                ctx,
                partner_id=partner_id,
                value=5_000,
                currency="CNY",
                expires_at=api.clock().replace(year=2027),
                source=source,
                reason=Posting.INCENTIVE_PAYOUT,
            )

        quota = await pay_out(api, work)

        assert await left(api, encode_id("vqt", quota.id)) == 5_000
        kinds = await api.rows("select kind from ledger_transaction where subject_id = $1", quota.id)
        assert [row["kind"] for row in kinds] == ["INCENTIVE_PAYOUT"]
        seen = await main.client.send("{ voucherQuotas { nodes { value { amount } limits { services ownUse } } } }")
        assert seen.data["voucherQuotas"]["nodes"] == [
            {"value": {"amount": "50.00"}, "limits": {"services": [], "ownUse": False}}
        ]


async def pay_out(api: Api, work: Callable[[Context], Awaitable[VoucherQuota]]) -> VoucherQuota:
    """Runs work as a command that may say that a quota was granted."""

    async def of_test(ctx: Context) -> VoucherQuota:
        return await work(ctx)

    declared: Any = of_test
    declared.spec = replace(ledger._SPEC, name="pay_out", emits=("voucher_quota.granted",))
    outcome: Outcome[VoucherQuota] = await run(context(api, SYSTEM), declared)
    assert outcome.violations == []
    assert outcome.result is not None
    return outcome.result


class TestState:
    @pytest.mark.parametrize(
        ("there", "back", "status"), [("FREEZE", "UNFREEZE", "FROZEN"), ("ADJUST", "RESUME", "ADJUSTING")]
    )
    async def test_a_quota_is_stopped_and_goes_on(self, api: Api, there: str, back: str, status: str) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)

        stopped = await change(made, made.quota, there, remark="a look at it")
        assert stopped["quota"]["status"] == status
        refused = await made.client.do(
            "issueVouchers",
            "__typename",
            quotaId=made.quota,
            customerIds=[someone.gid],
            faceValue="1.00",
            idempotencyKey=key(),
        )
        assert codes(refused) == ["QUOTA_NOT_USABLE"]
        assert codes(await change(made, made.quota, there)) == ["STATE_CONFLICT"]

        assert (await change(made, made.quota, back))["quota"]["status"] == "NORMAL"
        await voucher(made, someone)
        operations = await api.rows("select operation, remark, amount_minor from quota_record order by id")
        assert [tuple(row.values()) for row in operations] == [
            ("GRANT", None, 100_000),
            (there, "a look at it", 0),
            (back, None, 0),
        ]

    async def test_what_is_left_of_an_invalid_quota_goes_back_to_the_vendor(self, api: Api) -> None:
        made = await stage(api)
        one = await voucher(made, await customer(api, made.partner_id))

        done = await change(made, made.quota, "INVALIDATE", expectedVersion=1)

        assert (done["quota"]["status"], done["quota"]["balance"]["amount"]) == ("INVALID", "0.00")
        assert await lost(api) == 90_000
        assert await left(api, one) == 10_000
        assert outcomes(await recall(made, one)) == ["voucher"]  # stays good, and its quota is gone
        assert await lost(api) == 100_000
        for what in ("INVALIDATE", "FREEZE", "UNFREEZE", "ADJUST", "RESUME"):
            assert codes(await change(made, made.quota, what)) == ["STATE_CONFLICT"]

    async def test_a_version_that_has_passed_and_a_quota_that_is_none(self, api: Api) -> None:
        made = await stage(api)
        await change(made, made.quota, "FREEZE")

        async def attempt() -> None:
            assert codes(await change(made, made.quota, "UNFREEZE", expectedVersion=1)) == ["CONFLICT"]
            assert codes(await change(made, encode_id("vqt", UUID(int=1)), "FREEZE")) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()


class TestIssue:
    async def test_resellers_get_quotas_with_the_same_limits_and_validity(self, api: Api) -> None:
        made = await distributor(api, faceMax="20.00", services=["ecs"])
        (first, main), (second, _) = [await reseller(api, made.partner_id) for _ in range(2)]
        stranger, _ = await world.admitted_partner(api)

        done = await issue_quota(made, first, stranger, second, second, amount="300.00")

        assert outcomes(done) == ["quota", ["NOT_FOUND"], "quota", ["REPEATED"]]
        assert done["results"][1]["userErrors"][0]["upstreamCode"] == "CBC.99000037"
        assert await left(api, made.quota) == 40_000
        seen = await main.client.send(
            "{ voucherQuotas { nodes { value { amount } balance { amount } expiresAt"
            " limits { faceMax { amount } services } parent { id } issuer { id } owner { id } } } }"
        )
        [child] = seen.data["voucherQuotas"]["nodes"]
        assert child["balance"] == child["value"] == {"amount": "300.00"}
        assert child["limits"] == {"faceMax": {"amount": "20.00"}, "services": ["ecs"]}
        assert child["expiresAt"] == "2026-04-01T04:00:00.000Z"
        assert (child["parent"], child["owner"]["id"]) == (None, encode_id("par", first))
        records = await api.rows("select operation, partner_id, issuer_partner_id, parent_quota_id from quota_record")
        assert {tuple(row.values()) for row in records if row["operation"] == "ISSUE"} == {
            ("ISSUE", one, made.partner_id, decode_id(made.quota)[1]) for one in (first, second)
        }

    async def test_a_reseller_that_is_leaving_gets_none(self, api: Api) -> None:
        made = await distributor(api)
        staying, _ = await reseller(api, made.partner_id)
        leaving, _ = await reseller(api, made.partner_id, LinkStatus.EXITING)
        gone, _ = await reseller(api, made.partner_id, LinkStatus.ENDED)

        done = await issue_quota(made, leaving, staying, gone)

        assert outcomes(done) == [["RESELLER_LEAVING"], "quota", ["NOT_FOUND"]]
        assert done["results"][0]["userErrors"][0]["upstreamCode"] == "CBC.50010105"

    async def test_the_quota_must_hold_the_amount_for_all(self, api: Api) -> None:
        made = await distributor(api, "100.00")
        resellers = [(await reseller(api, made.partner_id))[0] for _ in range(2)]

        async def attempt() -> None:
            refused = await issue_quota(made, *resellers, amount="50.01")
            assert codes(refused) == ["QUOTA_INSUFFICIENT"]
            assert codes(await issue_quota(made, *resellers, amount="0.00")) == ["OUT_OF_RANGE"]
            assert codes(await issue_quota(made, *resellers, amount="x")) == ["INVALID_FORMAT"]
            assert codes(await issue_quota(made, amount="1.00")) == ["REQUIRED"]

        assert await api.changes(attempt) == set()
        assert outcomes(await issue_quota(made, *resellers, amount="50.00")) == ["quota", "quota"]

    async def test_a_quota_for_named_customers_goes_to_those_who_have_one(self, api: Api) -> None:
        made = await distributor(api)
        (first, _), (second, _) = [await reseller(api, made.partner_id) for _ in range(2)]
        named = await customer(api, first)
        quota = await grant(api, made.operations, made.partner_id, designatedCustomerIds=[named.gid])

        done = await issue_quota(made, first, second, quotaId=quota)

        assert outcomes(done) == ["quota", ["DESIGNATED_OF_OTHERS"]]

    async def test_only_a_distributor_issues_to_resellers(self, api: Api) -> None:
        made = await stage(api)
        someone, _ = await reseller(api, made.partner_id)

        async def attempt() -> None:
            assert codes(await issue_quota(made, someone)) == ["NOT_A_DISTRIBUTOR"]

        assert await api.changes(attempt) == set()

    async def test_a_stopped_or_ended_quota_is_not_issued(self, api: Api) -> None:
        made = await distributor(api)
        someone, _ = await reseller(api, made.partner_id)
        await change(made, made.quota, "FREEZE")
        refused = await issue_quota(made, someone)
        assert codes(refused) == ["QUOTA_NOT_USABLE"]
        await change(made, made.quota, "INVALIDATE")
        assert codes(await issue_quota(made, someone)) == ["QUOTA_NOT_USABLE", "QUOTA_INSUFFICIENT"]

    async def test_another_partners_quota_is_not_found(self, api: Api) -> None:
        made, other = await distributor(api), await distributor(api)
        someone, _ = await reseller(api, made.partner_id)

        async def attempt() -> None:
            assert codes(await issue_quota(made, someone, quotaId=other.quota)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()


class TestRecall:
    async def test_all_that_is_left_goes_back_to_the_parent(self, api: Api) -> None:
        made = await distributor(api)
        (first, main), (second, _) = [await reseller(api, made.partner_id) for _ in range(2)]
        children = [one["quota"]["id"] for one in (await issue_quota(made, first, second))["results"]]
        theirs = Stage(first, main, made.operations, children[0])
        someone = await customer(api, first)
        out = await voucher(theirs, someone, "30.00")

        done = await recall_quotas(made, *children, remark="year's end")

        assert outcomes(done) == ["quota", "quota"]
        assert [one["quota"]["status"] for one in done["results"]] == ["RECALLED"] * 2
        assert await left(api, made.quota) == 97_000
        records = await api.rows(
            "select amount_minor, destination, remark from quota_record where operation = 'RECALL' order by id"
        )
        assert [tuple(row.values()) for row in records] == [
            (7_000, "QUOTA", "year's end"),
            (10_000, "QUOTA", "year's end"),
        ]
        listed = await made.client.send("{ issuedQuotas { nodes { status } } }")
        assert listed.data["issuedQuotas"]["nodes"] == [{"status": "RECALLED"}] * 2
        # The reseller's voucher stays good; what comes back of it goes to the distributor.
        assert await left(api, out) == 3_000
        assert outcomes(await recall(theirs, out)) == ["voucher"]
        assert await left(api, made.quota) == 100_000

    async def test_only_a_valid_one_that_you_issued(self, api: Api) -> None:
        made, other = await distributor(api), await distributor(api)
        someone, _ = await reseller(api, made.partner_id)
        good, frozen, gone = [(await issue_quota(made, someone))["results"][0]["quota"]["id"] for _ in range(3)]
        await change(made, frozen, "FREEZE")
        await recall_quotas(made, gone)

        done = await recall_quotas(made, frozen, gone, made.quota, other.quota, good, good)

        assert outcomes(done) == [
            ["STATE_CONFLICT"],
            ["STATE_CONFLICT"],
            ["NOT_FOUND"],
            ["NOT_FOUND"],
            "quota",
            ["REPEATED"],
        ]

    async def test_ten_at_once(self, api: Api) -> None:
        made = await distributor(api)
        someone, _ = await reseller(api, made.partner_id)
        quotas = [(await issue_quota(made, someone, amount="1.00"))["results"][0]["quota"]["id"] for _ in range(11)]

        async def attempt() -> None:
            assert codes(await recall_quotas(made, *quotas)) == ["TOO_MANY"]
            assert codes(await recall_quotas(made)) == ["REQUIRED"]
            assert codes(await recall_quotas(made, quotas[0], remark="x" * 257)) == ["OUT_OF_RANGE"]

        assert await api.changes(attempt) == set()
        assert outcomes(await recall_quotas(made, *quotas[:10], remark="x" * 256)) == ["quota"] * 10

    async def test_a_reseller_does_not_recall_its_own(self, api: Api) -> None:
        made = await distributor(api)
        someone, main = await reseller(api, made.partner_id)
        child = (await issue_quota(made, someone))["results"][0]["quota"]["id"]

        async def attempt() -> None:
            theirs = Stage(someone, main, made.operations, child)
            assert outcomes(await recall_quotas(theirs, child)) == [["NOT_FOUND"]]

        assert await api.changes(attempt) == set()

    async def test_an_invalid_child_gives_its_rest_to_a_parent_that_lives(self, api: Api) -> None:
        made = await distributor(api)
        someone, _ = await reseller(api, made.partner_id)
        first, second = [(await issue_quota(made, someone))["results"][0]["quota"]["id"] for _ in range(2)]

        await change(made, first, "INVALIDATE")
        assert (await left(api, made.quota), await lost(api)) == (90_000, 0)
        await change(made, made.quota, "INVALIDATE")
        await change(made, second, "INVALIDATE")
        assert await lost(api) == 100_000


async def test_a_quota_of_the_database_is_never_of_its_own_issuer(api: Api) -> None:
    made = await stage(api)
    with pytest.raises(db.ConstraintViolated, match="voucher_quota_issued_from_parent"):
        async with db.transaction(EVERYTHING):
            await db.fetch("update voucher_quota set issuer_partner_id = owner_partner_id")
    assert made.quota
