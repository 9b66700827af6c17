"""Generation of incentives from a final month, and everything that explains an amount."""

from uuid import UUID

import pytest

from core.ids import decode_id
from rules.access import Role
from rules.sites import Site
from tests.client import Api
from tests.earning import REFERRAL, RESALE, generate_for, generated, sheet_of, stage
from tests.world import admitted_partner, member

FIELDS = """
  period associationType status frozen generatedAt confirmDeadline deadlineProvisional onDeadline lineCount
  amount { amount currency } computedAmount { amount } payoutMethods
  explanation { policy { code version name } base { amount } thresholdAmount { amount } thresholdCount
                step { fromAmount { amount } fromCount rate } amount { amount } }
"""


class TestGeneration:
    async def test_each_policy_in_force_gives_one_incentive(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 4_000_000), (REFERRAL, 1_000_001))

        seen = await on.clerk.send(f"{{ incentives {{ nodes {{ {FIELDS} }} }} }}")

        referral, resale = seen.data["incentives"]["nodes"]
        assert resale == {
            "period": "2026-02",
            "associationType": "RESALE",
            "status": "PENDING_CONFIRM",
            "frozen": False,
            "generatedAt": "2026-03-02T04:00:00.000Z",
            "confirmDeadline": "2026-03-09T16:00:00.000Z",
            "deadlineProvisional": False,
            "onDeadline": "AUTO_CONFIRM",
            "lineCount": 1,
            "amount": {"amount": "3000.00", "currency": "CNY"},
            "computedAmount": {"amount": "3000.00"},
            "payoutMethods": ["ACCOUNT_OWED_INVOICE", "VOUCHER_QUOTA"],
            "explanation": {
                "policy": {"code": "RESALE_CONSUMPTION", "version": 2, "name": "Resale consumption incentive"},
                "base": {"amount": "40000.00"},
                "thresholdAmount": {"amount": "50000.01"},
                "thresholdCount": None,
                "step": {"fromAmount": {"amount": "50000.00"}, "fromCount": None, "rate": "0.075"},
                "amount": {"amount": "3000.00"},
            },
        }
        assert referral["amount"] == {"amount": "600.00", "currency": "CNY"}
        assert referral["payoutMethods"] == ["BANK_TRANSFER", "ACCOUNT", "VOUCHER_QUOTA"]

    async def test_the_partner_is_told_once_with_the_first_deadline(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 4_000_000), (REFERRAL, 1_000_001))

        told = [row for row in await api.inbox(on.world.main.email) if row["template"] == "incentive_pending"]

        assert len(told) == 1
        assert "2026-02 账期已生成 2 笔激励" in told[0]["body"]
        assert "3600.00 CNY" in told[0]["body"]
        assert "2026-03-10 00:00 CST" in told[0]["body"]
        events = await api.rows("select type, changes from event where type like 'incentive.%'")
        assert [row["type"] for row in events] == ["incentive.generated"] * 2

    async def test_five_times_gives_one_result(self, api: Api) -> None:
        on = await stage(api)
        sheet = await sheet_of(api, on, (RESALE, 4_000_000), (REFERRAL, 200_000))
        assert len(await generate_for(api, sheet)) == 2

        for _ in range(4):
            assert await generate_for(api, sheet) == []

        assert await api.value("select count(*) from incentive") == 2
        assert await api.value("select count(*) from event where type = 'incentive.generated'") == 2
        assert await api.value("select count(*) from outbox where payload ->> 'template' = 'incentive_pending'") == 1

    async def test_a_policy_that_gives_nothing_makes_nothing(self, api: Api) -> None:
        on = await stage(api)
        assert await generated(api, on, (REFERRAL, 99_999)) == []
        assert await api.value("select count(*) from outbox where payload ->> 'template' = 'incentive_pending'") == 0

    async def test_a_sheet_in_another_currency_has_no_policy(self, api: Api) -> None:
        on = await stage(api)
        assert await generated(api, on, (RESALE, 4_000_000), currency="USD") == []

    async def test_paid_back_more_than_paid_is_negative(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 10_000), (RESALE, -30_000))
        assert [row["amount"] for row in await api.rows("select amount from incentive")] == [-1_000]

    async def test_a_closed_month_keeps_the_version_it_had(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 6_000_000), period="2025-12")
        rows = await api.rows("select policy_version, amount from incentive")
        assert [(row["policy_version"], row["amount"]) for row in rows] == [(1, 300_000)]


class TestExplanation:
    async def test_an_amount_is_made_again_from_its_lines(self, api: Api) -> None:
        on = await stage(api)
        [resale] = await generated(api, on, (RESALE, 3_333), (RESALE, 1_111))
        asked = f'{{ explainIncentive(id: "{resale}") {{ same digest reckoning {{ amount {{ amount }} }} }} }}'

        first, again = await on.clerk.send(asked), await on.clerk.send(asked)

        assert first.data == again.data
        explained = first.data["explainIncentive"]
        assert (explained["same"], explained["reckoning"]["amount"]["amount"]) == (True, "2.22")
        stored = await api.value("select digest from incentive")
        assert explained["digest"] == stored.hex()

    @pytest.mark.tampers
    async def test_a_line_that_was_tampered_with_is_found(self, api: Api) -> None:
        on = await stage(api)
        [resale] = await generated(api, on, (RESALE, 3_333), (RESALE, 1_111))
        await api.database.superuser.execute("update performance_line set amount = amount + 20")

        explained = await on.clerk.send(f'{{ explainIncentive(id: "{resale}") {{ same }} }}')

        assert explained.data["explainIncentive"]["same"] is False

    async def test_nobody_explains_what_is_not_there_or_not_theirs(self, api: Api) -> None:
        on, (_, other) = await stage(api), await admitted_partner(api)
        [resale] = await generated(api, on, (RESALE, 3_333))
        for caller, asked in ((other.client, resale), (on.clerk, on.partner_gid), (on.clerk, "nonsense")):
            assert (await caller.send(f'{{ explainIncentive(id: "{asked}") {{ same }} }}')).data == {
                "explainIncentive": None
            }

    async def test_a_simulation_gives_what_generation_gives(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 4_000_000), (REFERRAL, 1_000_001))
        asked = """{ simulateIncentive(period: "2026-02", associationType: RESALE, amount: "40000.00",
                     totalAmount: "50000.01") { policy { code version } amount { amount currency } } }"""

        simulated = await on.clerk.send(asked)

        assert simulated.data["simulateIncentive"] == [
            {"policy": {"code": "RESALE_CONSUMPTION", "version": 2}, "amount": {"amount": "3000.00", "currency": "CNY"}}
        ]

    async def test_a_simulation_counts_heads(self, api: Api) -> None:
        on = await stage(api)
        asked = """{ simulateIncentive(period: "2026-02", associationType: REFERRAL, amount: "1000.00", customers: 2)
                     { policy { code } amount { amount } thresholdCount step { fromCount rate } } }"""

        consumption, reach = (await on.clerk.send(asked)).data["simulateIncentive"]

        assert consumption["amount"]["amount"] == "60.00"
        assert reach == {
            "policy": {"code": "REFERRAL_REACH"},
            "amount": {"amount": "10.00"},
            "thresholdCount": 2,
            "step": {"fromCount": 2, "rate": "0.01"},
        }

    async def test_what_is_no_month_or_no_amount_is_told(self, api: Api) -> None:
        on = await stage(api)
        for period, amount, argument in (("2026-2", "1", "period"), ("2026-02", "1.001", "amount")):
            asked = f"""{{ simulateIncentive(period: "{period}", associationType: RESALE, amount: "{amount}")
                         {{ period }} }}"""
            error = (await on.clerk.send(asked)).error
            assert (error["code"], error["argument"]) == ("BAD_QUERY", [argument])

    async def test_an_open_month_is_estimated_and_nothing_stored(self, api: Api) -> None:
        on = await stage(api)
        await sheet_of(api, on, (RESALE, 100_000), period="2026-03")
        await api.database.superuser.execute(
            "update performance_sheet set status = 'ESTIMATE', digest = null, closed_at = null, audited_at = null",
        )

        seen = await on.clerk.send("{ incentiveEstimates { period policy { code } amount { amount } } }")

        amounts = {row["policy"]["code"]: row["amount"]["amount"] for row in seen.data["incentiveEstimates"]}
        assert amounts == {"RESALE_CONSUMPTION": "50.00", "REFERRAL_CONSUMPTION": "0.00", "REFERRAL_REACH": "0.00"}
        assert await api.value("select count(*) from incentive") == 0

    async def test_the_policies_of_a_month_with_their_steps(self, api: Api) -> None:
        on = await stage(api, Site.INTL)
        asked = """{ incentivePolicies(period: "2026-02") { code version validFrom validTo confirmWorkingDays
                     steps { fromAmount { amount currency } rate } } }"""
        resale, _ = (await on.clerk.send(asked)).data["incentivePolicies"]
        assert resale == {
            "code": "RESALE_CONSUMPTION",
            "version": 1,
            "validFrom": "2022-01-01",
            "validTo": None,
            "confirmWorkingDays": 5,
            "steps": [
                {"fromAmount": {"amount": "0.00", "currency": "USD"}, "rate": "0.1"},
                {"fromAmount": {"amount": "10000.00", "currency": "USD"}, "rate": "0.15"},
            ],
        }


class TestReading:
    async def test_who_reads_incentives(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 100_000))
        marketing = await member(api, on.partner_id, Role.MARKETING)
        _, other = await admitted_partner(api)
        asked = "{ incentives { nodes { id } } }"
        for reader in (on.clerk, on.world.main.client, on.operations, on.finance):
            assert len((await reader.send(asked)).data["incentives"]["nodes"]) == 1
        assert (await other.client.send(asked)).data["incentives"]["nodes"] == []
        assert (await marketing.client.send(asked)).error["code"] == "FORBIDDEN"
        assert (await on.world.customer.client.send(asked)).error["code"] == "FORBIDDEN"

    async def test_filters(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 100_000), (REFERRAL, 200_000))
        await generated(api, on, (RESALE, 100_000), period="2026-01")
        for condition, found in (
            ('period: "2026-01"', 1),
            ("status: PENDING_CONFIRM", 3),
            ("status: PAID", 0),
            ("associationType: REFERRAL", 1),
            ("frozen: true", 0),
            ("frozen: false", 3),
            ('period: "2026-02", associationType: RESALE', 1),
        ):
            seen = await on.clerk.send(f"{{ incentives({condition}) {{ nodes {{ id }} }} }}")
            assert len(seen.data["incentives"]["nodes"]) == found, condition

    async def test_sums_by_where_the_money_stands(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 100_000), (REFERRAL, 200_000))
        asked = "{ incentiveTotals { currency pending { amount } payable { amount } paid { amount } } }"
        assert (await on.clerk.send(asked)).data["incentiveTotals"] == [
            {
                "currency": "CNY",
                "pending": {"amount": "170.00"},
                "payable": {"amount": "0.00"},
                "paid": {"amount": "0.00"},
            }
        ]

    async def test_an_incentive_is_found_again_by_its_id_in_scope_alone(self, api: Api) -> None:
        on, (_, other) = await stage(api), await admitted_partner(api)
        [resale] = await generated(api, on, (RESALE, 100_000))
        asked = f'{{ node(id: "{resale}") {{ id }} }}'
        assert (await on.clerk.send(asked)).data["node"] == {"id": resale}
        assert (await other.client.send(asked)).data["node"] is None
        assert isinstance(decode_id(resale)[1], UUID)
