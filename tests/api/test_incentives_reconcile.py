"""Confirming, deadlines, offsets and freezing through the API and the schedule."""

from datetime import UTC, datetime, timedelta

from core.ids import decode_id
from rules.access import Role
from rules.sites import Site
from tasks.incentives import pass_deadlines, settle_deadlines
from tests.client import Api, codes
from tests.earning import (
    INCENTIVE,
    REFERRAL,
    RESALE,
    awake,
    balances,
    confirm,
    confirmed,
    generated,
    stage,
)
from tests.factories import key
from tests.world import member

DEADLINE = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
NOBODY = "inc_01JZZZZZZZZZZZZZZZZZZZZZZZ"


async def statuses(api: Api) -> list[tuple[str, int]]:
    """(status, amount) of every incentive, oldest first."""
    return [
        (row["status"], row["amount"]) for row in await api.rows("select status, amount from incentive order by id")
    ]


class TestConfirming:
    async def test_confirmed_amounts_are_credited(self, api: Api) -> None:
        on = await stage(api)
        ids = await generated(api, on, (RESALE, 100_000), (REFERRAL, 200_000))

        done = await confirm(on.clerk, *ids)

        assert codes(done) == []
        assert [result["incentive"]["status"] for result in done["results"]] == ["CONFIRMED", "CONFIRMED"]
        assert [effect["kind"] for effect in done["effects"]] == ["incentive.confirmed"] * 2
        assert await balances(api) == {"VENDOR_POOL": -17_000, "INCENTIVE_PAYABLE": 17_000}
        kinds = await api.rows("select kind, subject_type from ledger_transaction")
        assert [tuple(row.values()) for row in kinds] == [("INCENTIVE_CONFIRMATION", "Incentive")] * 2
        by = await api.rows("select confirmed_by, confirmed_at from incentive")
        assert [tuple(row.values()) for row in by] == [(on.clerk_id, api.clock())] * 2

    async def test_a_negative_one_is_confirmed_without_moving_money(self, api: Api) -> None:
        on = await stage(api)
        [resale] = await generated(api, on, (RESALE, -100_000))
        assert codes(await confirm(on.clerk, resale)) == []
        assert await balances(api) == {}

    async def test_each_has_its_own_result(self, api: Api) -> None:
        on, other = await stage(api), await stage(api)
        first, second = await generated(api, on, (RESALE, 100_000), (REFERRAL, 200_000))
        [foreign] = await generated(api, other, (RESALE, 100_000))
        await confirm(on.clerk, first)

        done = await confirm(on.clerk, first, foreign, second, second, NOBODY)

        assert [[error["code"] for error in result["userErrors"]] for result in done["results"]] == [
            ["STATE_CONFLICT"],
            ["NOT_FOUND"],
            [],
            ["REPEATED"],
            ["NOT_FOUND"],
        ]
        assert done["results"][0]["userErrors"][0]["path"] == ["input", "incentiveIds", "0"]
        assert await statuses(api) == [("CONFIRMED", 5_000), ("CONFIRMED", 12_000), ("PENDING_CONFIRM", 5_000)]
        assert await balances(api) == {"VENDOR_POOL": -17_000, "INCENTIVE_PAYABLE": 17_000}

    async def test_a_batch_refused_in_every_entry_leaves_nothing(self, api: Api) -> None:
        on = await stage(api)
        ids = await confirmed(api, on, (RESALE, 100_000))

        async def again() -> None:
            refused = await confirm(on.clerk, *ids, NOBODY)
            assert [len(result["userErrors"]) for result in refused["results"]] == [1, 1]

        assert await api.changes(again) == set()

    async def test_a_dry_run_and_a_replay(self, api: Api) -> None:
        on = await stage(api)
        ids = await generated(api, on, (RESALE, 100_000))

        async def dry() -> None:
            shown = await confirm(on.clerk, *ids, dryRun=True)
            assert [effect["kind"] for effect in shown["effects"]] == ["incentive.confirmed"]

        assert await api.changes(dry) == set()
        first = await confirm(on.clerk, *ids, idempotencyKey="confirm-once")

        async def repeat() -> None:
            again = await confirm(on.clerk, *ids, idempotencyKey="confirm-once")
            assert again["results"] == first["results"]

        assert await api.changes(repeat) == set()

    async def test_who_confirms(self, api: Api) -> None:
        on = await stage(api)
        ids = await generated(api, on, (RESALE, 100_000))
        document = """mutation($input: ConfirmIncentivesInput!)
          { confirmIncentives(input: $input) { userErrors { code } } }"""
        marketing = (await member(api, on.partner_id, Role.MARKETING)).client

        async def attempts() -> None:
            for caller in (marketing, on.operations, on.finance, on.world.customer.client):
                given = {"incentiveIds": ids, "idempotencyKey": key()}
                assert (await caller.send(document, input=given)).error["code"] == "FORBIDDEN"

        assert await api.changes(attempts) == set()
        administrator = (await member(api, on.partner_id, Role.SYSTEM_ADMIN)).client
        assert (await confirm(administrator, *ids))["results"][0]["userErrors"] == []

    async def test_the_last_millisecond_and_the_first_too_late(self, api: Api) -> None:
        on = await stage(api)
        first, second = await generated(api, on, (RESALE, 100_000), (REFERRAL, 200_000))
        api.clock.at = DEADLINE - timedelta(milliseconds=1)
        on = await awake(api, on)
        assert (await confirm(on.clerk, first))["results"][0]["userErrors"] == []

        api.clock.at = DEADLINE

        async def too_late() -> None:
            refused = await confirm(on.clerk, second)
            assert [error["code"] for error in refused["results"][0]["userErrors"]] == ["STATE_CONFLICT"]

        assert await api.changes(too_late) == set()

    async def test_what_expires_is_told_apart(self, api: Api) -> None:
        on = await stage(api)
        [referral] = await generated(api, on, (REFERRAL, 200_000))
        await api.database.superuser.execute("update incentive set on_deadline = 'EXPIRE'")
        api.clock.at = DEADLINE
        on = await awake(api, on)

        async def too_late() -> None:
            refused = await confirm(on.clerk, referral)
            assert [error["code"] for error in refused["results"][0]["userErrors"]] == ["INCENTIVE_EXPIRED"]

        assert await api.changes(too_late) == set()

    async def test_the_international_site_confirms_a_month_together(self, api: Api) -> None:
        on = await stage(api, Site.INTL)
        first, second = await generated(api, on, (RESALE, 100_000), (REFERRAL, 200_000), currency="USD")
        [earlier] = await generated(api, on, (RESALE, 100_000), currency="USD", period="2026-01")

        async def apart() -> None:
            refused = await confirm(on.clerk, first)
            assert (codes(refused), refused["results"]) == (["INCENTIVE_CONFIRM_TOGETHER"], [])
            seen = await on.clerk.send(
                f'{{ node(id: "{first}") {{ ... on Incentive {{ actions {{ action blockers {{ code }} }} }} }} }}'
            )
            shown = {row["action"]: [one["code"] for one in row["blockers"]] for row in seen.data["node"]["actions"]}
            assert shown["CONFIRM"] == ["INCENTIVE_CONFIRM_TOGETHER"]

        assert await api.changes(apart) == set()
        for ids in ([earlier], [second, first]):
            done = await confirm(on.clerk, *ids)
            assert [result["userErrors"] for result in done["results"]] == [[]] * len(ids)


class TestDeadlines:
    async def test_the_deadline_confirms_by_itself(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 100_000))
        api.clock.at = DEADLINE - timedelta(milliseconds=1)
        assert await pass_deadlines(api.settings, api.clock) == 0
        api.clock.at = DEADLINE
        assert await pass_deadlines(api.settings, api.clock) == 1

        assert await statuses(api) == [("CONFIRMED", 5_000)]
        assert await api.value("select confirmed_by from incentive") is None
        assert await balances(api) == {"VENDOR_POOL": -5_000, "INCENTIVE_PAYABLE": 5_000}
        assert await api.value("select count(*) from outbox where payload ->> 'template' = 'incentive_confirmed'") == 1
        assert await pass_deadlines(api.settings, api.clock) == 0

    async def test_what_expires_is_gone_and_the_partner_told(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (REFERRAL, 200_000))
        await api.database.superuser.execute("update incentive set on_deadline = 'EXPIRE'")
        api.clock.at = DEADLINE

        await pass_deadlines(api.settings, api.clock)

        assert await statuses(api) == [("EXPIRED", 12_000)]
        assert await balances(api) == {}
        told = [row["template"] for row in await api.inbox(on.world.main.email)]
        assert sorted(told) == ["incentive_expired", "incentive_pending"]

    async def test_what_expires_is_offset_with_negative_ones(self, api: Api) -> None:
        """200 expires, -600 exists: -400 is left."""
        on = await stage(api)
        await generated(api, on, (RESALE, -1_200_000))
        await generated(api, on, (REFERRAL, 333_333), period="2026-01")
        await api.database.superuser.execute("update incentive set on_deadline = 'EXPIRE'")
        api.clock.at = DEADLINE

        await pass_deadlines(api.settings, api.clock)

        assert await statuses(api) == [("CONFIRMED", -40_000), ("EXPIRED", 20_000)]
        on = await awake(api, on)
        asked = """{ incentives(associationType: RESALE) { nodes { amount { amount } computedAmount { amount }
                     offsets { amount { amount } at expired { period } } } } }"""
        assert (await on.clerk.send(asked)).data["incentives"]["nodes"] == [
            {
                "amount": {"amount": "-400.00"},
                "computedAmount": {"amount": "-600.00"},
                "offsets": [
                    {"amount": {"amount": "200.00"}, "at": "2026-03-09T16:00:00.000Z", "expired": {"period": "2026-01"}}
                ],
            }
        ]

    async def test_a_negative_one_that_comes_later_has_nothing_to_use(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (REFERRAL, 333_333), period="2026-01")
        await api.database.superuser.execute("update incentive set on_deadline = 'EXPIRE'")
        api.clock.at = DEADLINE
        await pass_deadlines(api.settings, api.clock)
        await generated(api, on, (RESALE, -1_200_000))

        api.clock.advance(days=30)
        await pass_deadlines(api.settings, api.clock)

        assert await statuses(api) == [("EXPIRED", 20_000), ("CONFIRMED", -60_000)]

    async def test_a_deadline_over_unpublished_days_is_counted_anew(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, (RESALE, 100_000))
        await api.database.superuser.execute("update incentive set deadline_provisional = true")
        await api.database.superuser.execute(
            "insert into working_day (id, site, day, is_working) values (gen_random_uuid(), 'CN', '2026-03-03', false)"
        )

        assert await settle_deadlines(api.settings, api.clock) == 1

        rows = await api.rows("select confirm_deadline, deadline_provisional from incentive")
        assert [tuple(row.values()) for row in rows] == [(DEADLINE + timedelta(days=1), False)]
        assert await settle_deadlines(api.settings, api.clock) == 0


class TestFreezing:
    async def test_freezing_and_unfreezing(self, api: Api) -> None:
        on = await stage(api)
        [resale] = await generated(api, on, (RESALE, 100_000))
        given = {"id": resale, "reason": "A customer on credit has not paid.", "idempotencyKey": key()}

        frozen = await on.operations.do("freezeIncentive", "incentive { frozen freezeReason status }", **given)

        assert frozen["incentive"] == {
            "frozen": True,
            "freezeReason": "A customer on credit has not paid.",
            "status": "PENDING_CONFIRM",
        }
        [told] = [row for row in await api.inbox(on.world.main.email) if row["template"] == "incentive_frozen"]
        assert "A customer on credit has not paid." in told["body"]
        assert (await confirm(on.clerk, resale))["results"][0]["userErrors"] == []
        totals = await on.clerk.send("{ incentiveTotals { frozen { amount } payable { amount } } }")
        assert totals.data["incentiveTotals"] == [{"frozen": {"amount": "50.00"}, "payable": {"amount": "0.00"}}]

        thawed = await on.operations.do(
            "unfreezeIncentive", "incentive { frozen freezeReason }", **{**given, "idempotencyKey": key()}
        )
        assert thawed["incentive"] == {"frozen": False, "freezeReason": None}

    async def test_refusals_leave_no_trace(self, api: Api) -> None:
        on = await stage(api)
        [resale] = await generated(api, on, (RESALE, 100_000))
        _, row_id = decode_id(resale)
        for name, setting, reason, version, expected in (
            ("unfreezeIncentive", "frozen = false", "x", None, ["INCENTIVE_NOT_FROZEN"]),
            (
                "freezeIncentive",
                "frozen = true, freeze_reason = 'x'",
                "  ",
                None,
                ["INCENTIVE_FROZEN", "REASON_REQUIRED"],
            ),
            (
                "freezeIncentive",
                "frozen = false, freeze_reason = null, status = 'EXPIRED'",
                "x",
                None,
                ["STATE_CONFLICT"],
            ),
            ("unfreezeIncentive", "status = 'EXPIRED'", "x", None, ["STATE_CONFLICT", "INCENTIVE_NOT_FROZEN"]),
            ("freezeIncentive", "status = 'PENDING_CONFIRM'", "x", 9, ["CONFLICT"]),
            ("freezeIncentive", "status = 'PENDING_CONFIRM'", "x" * 501, None, ["OUT_OF_RANGE"]),
        ):
            await api.database.superuser.execute(f"update incentive set {setting} where id = $1", row_id)

            async def attempt(
                name: str = name, reason: str = reason, version: int | None = version, expected: list[str] = expected
            ) -> None:
                given = {"id": resale, "reason": reason, "expectedVersion": version, "idempotencyKey": key()}
                assert codes(await on.operations.do(name, INCENTIVE, **given)) == expected

            assert await api.changes(attempt) == set(), name

    async def test_only_the_vendors_operations_freeze(self, api: Api) -> None:
        on = await stage(api)
        [resale] = await generated(api, on, (RESALE, 100_000))
        document = "mutation($input: FreezeIncentiveInput!) { freezeIncentive(input: $input) { userErrors { code } } }"
        given = {"id": resale, "reason": "x", "idempotencyKey": key()}
        for caller in (on.clerk, on.world.main.client, on.finance):
            assert (await caller.send(document, input=given)).error["code"] == "FORBIDDEN"
