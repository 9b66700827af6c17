"""Vouchers spent and refunded, as the vendor's ordering reports it."""

from datetime import timedelta

from rules.access import Role
from rules.customers import AssociationType
from tests.api.leaving import KEYS, REQUEST, with_code
from tests.client import NOON, Api, codes
from tests.factories import key, staff
from tests.vouchers import (
    Customer,
    Stage,
    customer,
    grant,
    issue,
    left,
    lost,
    outcomes,
    recall,
    refund,
    stage,
    use,
    voucher,
)


async def spent(made: Stage, one: str, amount: str, **given: object) -> str:
    done = await use(made, one, amount, **given)
    assert codes(done) == [], done
    return str(done["use"]["id"])


async def unbind(api: Api, made: Stage, someone: Customer) -> None:
    """The partner asks, the customer agrees."""
    asked = await made.client.do(
        "requestUnbind",
        REQUEST,
        customerId=someone.gid,
        reason="It is over.",
        acknowledged=True,
        idempotencyKey=next(KEYS),
    )
    assert codes(asked) == []
    done = await with_code(
        api,
        someone.person.client,
        someone.person.mobile,
        "answerPartnerRequest",
        id=asked["request"]["id"],
        approve=True,
    )
    assert codes(done) == []


class TestUse:
    async def test_a_voucher_is_spent_until_nothing_is_left(self, api: Api) -> None:
        made = await stage(api)
        one = await voucher(made, await customer(api, made.partner_id))

        first = await use(made, one, "30.00")
        assert first["use"]["voucher"] == {"id": one, "status": "USABLE", "balance": {"amount": "70.00"}}
        assert [effect["kind"] for effect in first["effects"]] == ["voucher.used"]
        assert codes(await use(made, one, "70.01")) == ["VOUCHER_INSUFFICIENT"]
        last = await use(made, one, "70.00")
        assert last["use"]["voucher"]["status"] == "USED"
        assert codes(await use(made, one, "0.01")) == ["VOUCHER_NOT_USABLE", "VOUCHER_INSUFFICIENT"]
        assert await api.value("select sum(balance) from ledger_account where kind = 'USED'") == 10_000
        found = "select changes ->> 'status' as status from event where type = 'voucher.used' order by id"
        events = await api.rows(found)
        assert [row["status"] for row in events] == ["USABLE", "USED"]

    async def test_every_reason_at_once_and_nothing_left_behind(self, api: Api) -> None:
        made = await stage(api, services=["ecs"])
        one = await voucher(made, await customer(api, made.partner_id), minOrderAmount="50.00")

        async def attempt() -> None:
            refused = await use(
                made, one, "100.01", orderAmount="49.99", service="obs", purpose="ARREARS", product="anything"
            )
            assert [(error["code"], error["path"][1]) for error in refused["userErrors"]] == [
                ("OUT_OF_RANGE", "amount"),
                ("VOUCHER_INSUFFICIENT", "amount"),
                ("VOUCHER_ORDER_TOO_SMALL", "orderAmount"),
                ("VOUCHER_NOT_FOR_ARREARS", "purpose"),
                ("VOUCHER_OUTSIDE_RANGE", "service"),
            ]
            assert codes(await use(made, one, "1.00", purpose="MARKETPLACE", service="ecs")) == [
                "VOUCHER_NOT_FOR_MARKETPLACE"
            ]
            assert codes(await use(made, one, "ten", orderAmount="x")) == ["INVALID_FORMAT"] * 2
            assert codes(await use(made, made.quota, "1.00")) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()

    async def test_one_voucher_an_order(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        first, second = await voucher(made, someone), await voucher(made, someone)
        await spent(made, first, "10.00", orderRef="order-1")

        assert codes(await use(made, second, "10.00", orderRef="order-1")) == ["VOUCHER_ONE_PER_ORDER"]
        assert codes(await use(made, second, "10.00", orderRef="order-2")) == []

    async def test_cash_coupons_stack_and_come_after_the_voucher(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        quota = await grant(api, made.operations, made.partner_id, kind="CASH")
        first, second = [(await issue(made, someone, quotaId=quota))["results"][0]["voucher"]["id"] for _ in range(2)]
        one, other = await voucher(made, someone), await voucher(made, someone)
        await spent(made, one, "10.00", orderRef="order-1")
        await spent(made, first, "10.00", orderRef="order-1")
        await spent(made, second, "10.00", orderRef="order-1")

        assert codes(await use(made, other, "10.00", orderRef="order-1")) == [
            "VOUCHER_ONE_PER_ORDER",
            "VOUCHER_BEFORE_CASH",
        ]

    async def test_together_they_pay_no_more_than_the_order(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        quota = await grant(api, made.operations, made.partner_id, kind="CASH")
        coupon = (await issue(made, someone, quotaId=quota))["results"][0]["voucher"]["id"]
        order = {"orderRef": "order-1", "orderAmount": "25.00"}
        await spent(made, await voucher(made, someone), "10.00", **order)

        async def attempt() -> None:
            refused = await use(made, coupon, "15.01", **order)
            assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [
                ("OUT_OF_RANGE", ["input", "amount"])
            ]

        assert await api.changes(attempt) == set()
        await spent(made, coupon, "15.00", **order)

    async def test_only_while_it_is_in_force(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        start, end = NOON + timedelta(minutes=1), NOON + timedelta(minutes=2)
        one = await voucher(made, someone, validFrom=start.isoformat(), expiresAt=end.isoformat())
        for at, wanted in (
            (start - timedelta(milliseconds=1), ["VOUCHER_NOT_USABLE"]),
            (start, []),
            (end - timedelta(milliseconds=1), []),
            (end, ["VOUCHER_NOT_USABLE"]),
        ):
            api.clock.at = at
            assert codes(await use(made, one, "1.00")) == wanted

    async def test_only_the_vendor_records_what_was_spent(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        document = "mutation($i: RecordVoucherUseInput!) { recordVoucherUse(input: $i) { userErrors { code } } }"
        given = {
            "voucherId": await voucher(made, someone),
            "orderRef": "mine",
            "amount": "1.00",
            "orderAmount": "1.00",
            "idempotencyKey": key(),
        }
        for caller in (made.client, someone.person.client):
            assert (await caller.send(document, i=given)).error["code"] == "FORBIDDEN"


class TestRefund:
    async def test_it_goes_back_onto_the_voucher(self, api: Api) -> None:
        made = await stage(api)
        one = await voucher(made, await customer(api, made.partner_id))
        paid = await spent(made, one, "100.00", orderRef="order-1")

        done = await refund(made, paid)

        assert done["use"]["refundedTo"] == "VOUCHER"
        assert done["use"]["voucher"] == {"id": one, "status": "USABLE", "balance": {"amount": "100.00"}}
        [record] = await api.rows("select amount_minor, destination from voucher_record where operation = 'REFUND'")
        assert tuple(record.values()) == (10_000, "VOUCHER")
        assert await api.value("select sum(balance) from ledger_account where kind = 'USED'") == 0
        assert codes(await use(made, one, "5.00", orderRef="order-1")) == []  # the order may be paid anew

    async def test_once_and_whole(self, api: Api) -> None:
        made = await stage(api)
        one = await voucher(made, await customer(api, made.partner_id))
        paid = await spent(made, one, "40.00")
        await refund(made, paid)

        async def attempt() -> None:
            assert codes(await refund(made, paid)) == ["VOUCHER_REFUNDED"]
            assert codes(await refund(made, one)) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()

    async def test_to_the_partner_when_the_customer_has_left(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        one = await voucher(made, someone)
        paid = await spent(made, one, "100.00")
        await unbind(api, made, someone)

        done = await refund(made, paid)

        assert (done["use"]["refundedTo"], done["use"]["voucher"]["status"]) == ("QUOTA", "USED")
        assert await left(api, made.quota) == 100_000

    async def test_to_the_partner_when_the_voucher_is_over_and_to_the_vendor_when_the_quota_is(self, api: Api) -> None:
        made = await stage(api)
        someone = await customer(api, made.partner_id)
        end = NOON + timedelta(minutes=1)
        over, late = [await voucher(made, someone, expiresAt=end.isoformat()), await voucher(made, someone)]
        first, second = await spent(made, over, "10.00"), await spent(made, late, "20.00")
        api.clock.at = end
        assert (await refund(made, first))["use"]["refundedTo"] == "QUOTA"

        api.clock.at = NOON + timedelta(days=30)
        made = Stage(made.partner_id, made.main, (await staff(api, Role.VENDOR_OPS)).api, made.quota)
        assert (await refund(made, second))["use"]["refundedTo"] == "EXPIRED"
        assert await lost(api) == 2_000

    async def test_a_recalled_voucher_gets_nothing_back(self, api: Api) -> None:
        made = await stage(api)
        one = await voucher(made, await customer(api, made.partner_id))
        paid = await spent(made, one, "60.00")
        assert outcomes(await recall(made, one)) == ["voucher"]

        assert (await refund(made, paid))["use"]["refundedTo"] == "QUOTA"
        assert await left(api, made.quota) == 100_000


async def test_a_referral_customer_spends_too(api: Api) -> None:
    made = await stage(api)
    someone = await customer(api, made.partner_id, type=AssociationType.REFERRAL)
    paid = await spent(made, await voucher(made, someone), "10.00")
    assert (await refund(made, paid))["use"]["refundedTo"] == "VOUCHER"
