"""What ends vouchers and quotas by itself: the customer's leaving or switching, and time."""

from datetime import timedelta

from rules.customers import AssociationType
from rules.partners import PartnerKind
from tasks.outbox import Registry
from tasks.schedules import Schedules
from tasks.vouchers import expire
from tasks.wiring import register_all
from tests.api.leaving import KEYS, REQUEST, with_code
from tests.api.test_vouchers_uses import spent, unbind
from tests.client import NOON, Api, codes
from tests.vouchers import Stage, customer, issue_quota, left, lost, recall, recall_quotas, reseller, stage, voucher


async def records(api: Api, operation: str) -> list[tuple[int, str]]:
    rows = await api.rows(
        "select amount_minor, destination from voucher_record where operation = $1 order by id", operation
    )
    return [(row["amount_minor"], row["destination"]) for row in rows]


class TestLeaving:
    async def test_unbinding_takes_back_what_is_unspent_with_the_approval(self, api: Api) -> None:
        made = await stage(api)
        someone, other = await customer(api, made.partner_id), await customer(api, made.partner_id)
        partly, whole, gone, used = [await voucher(made, someone) for _ in range(4)]
        kept = await voucher(made, other)
        await spent(made, partly, "30.00")
        await spent(made, used, "100.00")
        await recall(made, gone)

        await unbind(api, made, someone)  # the customer approves: everything happens in the customer's scope

        rows = await api.rows("select id, status from voucher order by id")
        assert [row["status"] for row in rows] == ["RECALLED", "RECALLED", "RECALLED", "USED", "USABLE"]
        assert await records(api, "UNBIND_RECALL") == [(7_000, "QUOTA"), (10_000, "QUOTA")]
        assert await left(api, made.quota) == 77_000
        assert await left(api, kept) == 10_000
        assert await api.value("select count(*) from event where type = 'voucher.recalled'") == 3
        assert whole

    async def test_the_partners_approval_of_a_customers_wish_does_the_same(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id, type=AssociationType.REFERRAL)
        await voucher(made, someone)
        asked = await with_code(api, someone.person.client, someone.person.mobile, "requestLeave", acknowledged=True)

        done = await made.client.do(
            "answerLeaveRequest", REQUEST, id=asked["request"]["id"], approve=True, idempotencyKey=next(KEYS)
        )

        assert [effect["kind"] for effect in done["effects"]] == [
            "association_request.done",
            "voucher.recalled",
            "association.ended",
        ]
        assert await records(api, "UNBIND_RECALL") == [(10_000, "QUOTA")]

    async def test_a_switch_has_its_own_record(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        one = await voucher(made, someone)
        asked = await made.client.do(
            "requestSwitch",
            REQUEST,
            customerId=someone.gid,
            targetType="REFERRAL",
            reason="As agreed.",
            acknowledged=True,
            idempotencyKey=next(KEYS),
        )

        async def answered() -> None:
            payload = await with_code(
                api,
                someone.person.client,
                someone.person.mobile,
                "answerPartnerRequest",
                id=asked["request"]["id"],
                approve=True,
            )
            assert codes(payload) == []

        await answered()
        assert await records(api, "SWITCH_RECALL") == [(10_000, "QUOTA")]
        assert (await left(api, one), await left(api, made.quota)) == (0, 100_000)

    async def test_a_rejected_request_leaves_the_vouchers_alone(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        await voucher(made, someone)
        asked = await with_code(api, someone.person.client, someone.person.mobile, "requestLeave", acknowledged=True)
        await made.client.do(
            "answerLeaveRequest",
            REQUEST,
            id=asked["request"]["id"],
            approve=False,
            reason="Stay.",
            idempotencyKey=next(KEYS),
        )
        assert await api.value("select status from voucher") == "USABLE"

    async def test_a_resellers_customer_returns_its_vouchers_to_whoever_still_has_a_quota(self, api: Api) -> None:
        made = await stage(api, kind=PartnerKind.DISTRIBUTOR)
        reseller_id, main = await reseller(api, made.partner_id)
        child = (await issue_quota(made, reseller_id))["results"][0]["quota"]["id"]
        theirs = Stage(reseller_id, main, made.operations, child)
        someone = await customer(api, reseller_id)
        await voucher(theirs, someone, "40.00")
        await recall_quotas(made, child)

        await unbind(api, theirs, someone)

        assert await records(api, "UNBIND_RECALL") == [(4_000, "QUOTA")]
        assert await left(api, made.quota) == 100_000


class TestTime:
    async def test_a_voucher_past_its_end_returns_what_is_left(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        end = NOON + timedelta(minutes=90)
        over = await voucher(made, someone, expiresAt=end.isoformat())
        later = await voucher(made, someone)
        await spent(made, over, "25.00")
        api.clock.at = end - timedelta(milliseconds=1)
        assert await expire(api.settings, api.clock) == 0
        api.clock.advance(milliseconds=1)

        assert await expire(api.settings, api.clock) == 1

        assert await records(api, "EXPIRY") == [(7_500, "QUOTA")]
        assert await left(api, made.quota) == 87_500
        assert await api.value("select count(*) from event where type = 'voucher.expired'") == 1
        assert await expire(api.settings, api.clock) == 0
        assert await left(api, later) == 10_000

    async def test_a_quota_past_its_end_and_its_vouchers_go_back_to_the_vendor(self, api: Api) -> None:
        made = await stage(api, kind=PartnerKind.DISTRIBUTOR)
        reseller_id, _ = await reseller(api, made.partner_id)
        child = (await issue_quota(made, reseller_id))["results"][0]["quota"]["id"]
        one = await voucher(made, await customer(api, made.partner_id))
        api.clock.at = NOON + timedelta(days=30)

        assert await expire(api.settings, api.clock) == 3

        assert await records(api, "EXPIRY") == [(10_000, "EXPIRED")]
        assert [await left(api, account) for account in (made.quota, child, one)] == [0, 0, 0]
        assert await lost(api) == 100_000
        rows = await api.rows("select status from voucher_quota")
        assert {row["status"] for row in rows} == {"INVALID"}
        operations = await api.rows("select amount_minor, destination from quota_record where operation = 'EXPIRE'")
        assert sorted(row["amount_minor"] for row in operations) == [10_000, 80_000]
        assert {row["destination"] for row in operations} == {"EXPIRED"}

    async def test_one_that_fails_does_not_stop_the_others(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        end = (NOON + timedelta(minutes=1)).isoformat()
        for _ in range(3):
            await voucher(made, someone, expiresAt=end)
        stuck = await api.value("select id from voucher order by id limit 1")
        owner = api.database.superuser
        await owner.execute(
            f"alter table voucher add constraint stuck check (id <> '{stuck}' or status <> 'EXPIRED') not valid"
        )
        api.clock.advance(minutes=1)
        try:
            failure = None
            try:
                await expire(api.settings, api.clock)
            except Exception as raised:
                failure = raised
            assert failure is not None
            statuses = await api.rows("select status from voucher order by id")
            assert [row["status"] for row in statuses] == ["USABLE", "EXPIRED", "EXPIRED"]
        finally:
            await owner.execute("alter table voucher drop constraint stuck")
        assert await expire(api.settings, api.clock) == 1

    async def test_the_worker_knows_the_job(self, api: Api) -> None:
        schedules = Schedules()
        register_all(Registry(), schedules, api.post, api.settings, api.clock)
        made = await stage(api)
        await voucher(made, await customer(api, made.partner_id))
        api.clock.at = NOON + timedelta(days=30)

        await schedules.jobs["vouchers.expire"].run(api.clock())

        assert await api.value("select status from voucher") == "EXPIRED"
