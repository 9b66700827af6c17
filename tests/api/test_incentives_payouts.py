"""Paying out: every method on both sides of the table's day, money on the ledger, locks, the vendor's part."""

from datetime import UTC, datetime, timedelta

import pytest

from core.ids import decode_id
from rules.access import Role
from rules.business_info import ENTITIES
from rules.sites import Site
from tests.client import Api, codes
from tests.earning import (
    PAYOUT,
    REFERRAL,
    RESALE,
    Stage,
    awake,
    balances,
    certify,
    confirmed,
    generated,
    pay_out,
    stage,
    transfer,
)
from tests.factories import key
from tests.world import admitted_partner, member

FIRST = datetime(2023, 9, 30, 16, 0, tzinfo=UTC)
"""2023-10-01 00:00 in Shanghai."""
LAST = FIRST - timedelta(milliseconds=1)
METHODS = ("VOUCHER_QUOTA", "ACCOUNT_OWED_INVOICE", "ACCOUNT", "BANK_TRANSFER")
AFTER, BEFORE = {"VOUCHER_QUOTA", "ACCOUNT_OWED_INVOICE"}, {"VOUCHER_QUOTA", "ACCOUNT", "BANK_TRANSFER"}
NOBODY = "inc_01JZZZZZZZZZZZZZZZZZZZZZZZ"


async def waiting(api: Api, on: Stage, method: str = "BANK_TRANSFER") -> str:
    """A payout of 120.00 that waits for its invoice; its public id."""
    ids = await confirmed(api, on, (REFERRAL, 200_000))
    asked = await (transfer(api, on, *ids) if method == "BANK_TRANSFER" else pay_out(on.clerk, *ids, method=method))
    assert codes(asked) == [], asked
    return str(asked["payout"]["id"])


async def told_of_invoice(api: Api, on: Stage, payout: str) -> None:
    """Mail and SMS say that the invoice is awaited; the mail carries the list's link and the address of its site."""
    [mail] = [row for row in await api.inbox(on.world.main.email) if row["template"] == "payout_invoice_awaited"]
    assert f"/invoice-list#{payout}" in mail["body"]
    assert ENTITIES["CLOUD_CN"].invoices_to["zh-CN"] in mail["body"] and "120.00 CNY" in mail["body"]
    [sms] = [row for row in await api.inbox(on.world.main.mobile) if row["template"] == "payout_invoice_awaited"]
    assert "120.00 CNY" in sms["body"]


class TestMethods:
    async def test_into_a_quota_of_vouchers_at_once(self, api: Api) -> None:
        on = await stage(api)
        ids = await confirmed(api, on, (RESALE, 100_000), (REFERRAL, 200_000))

        paid = await pay_out(on.clerk, *ids)

        assert codes(paid) == []
        assert paid["payout"]["status"] == "COMPLETED"
        assert paid["payout"]["amount"] == {"amount": "170.00", "currency": "CNY"}
        assert [effect["kind"] for effect in paid["effects"]][-2:] == ["payout.requested", "payout.completed"]
        assert await balances(api) == {"VENDOR_POOL": -17_000, "PARTNER_QUOTA": 17_000}
        assert {row["status"] for row in await api.rows("select status from incentive")} == {"PAID"}
        assert await api.value("select count(*) from owed_invoice") == 0
        told = [row["template"] for row in await api.inbox(on.world.main.email)]
        assert "payout_completed" in told

    async def test_into_the_account_with_an_owed_invoice_at_once(self, api: Api) -> None:
        on = await stage(api)
        ids = await confirmed(api, on, (RESALE, 100_000))

        paid = await pay_out(on.clerk, *ids, method="ACCOUNT_OWED_INVOICE")

        assert paid["payout"]["status"] == "COMPLETED"
        assert await balances(api) == {"VENDOR_POOL": -5_000, "CASH": 5_000}
        seen = await on.clerk.send("{ owedInvoices { nodes { amount { amount } remaining { amount } taxRate } } }")
        assert seen.data["owedInvoices"]["nodes"] == [
            {"amount": {"amount": "50.00"}, "remaining": {"amount": "50.00"}, "taxRate": "0.06"}
        ]

    @pytest.mark.parametrize(("method", "account"), [("ACCOUNT", "CASH"), ("BANK_TRANSFER", "BANK")])
    async def test_against_an_invoice_the_amount_is_held_until_finance_completes(
        self, api: Api, method: str, account: str
    ) -> None:
        on = await stage(api)
        payout = await waiting(api, on, method)
        assert await balances(api) == {"VENDOR_POOL": -12_000, "INCENTIVE_PAYABLE": 12_000}
        assert await api.value("select held from ledger_account where kind = 'INCENTIVE_PAYABLE'") == 12_000
        assert await api.value("select status from incentive") == "PAYING_OUT"
        await told_of_invoice(api, on, payout)

        done = await on.finance.do("completePayout", PAYOUT, id=payout, expectedVersion=1, idempotencyKey=key())

        assert codes(done) == []
        assert (done["payout"]["status"], done["payout"]["endedAt"]) == ("COMPLETED", "2026-03-02T04:00:00.000Z")
        assert await balances(api) == {"VENDOR_POOL": -12_000, account: 12_000}
        assert await api.value("select status from incentive") == "PAID"
        assert await api.value("select count(*) from outbox where payload ->> 'template' = 'payout_completed'") == 1

    @pytest.mark.parametrize(("type", "at"), [(RESALE, LAST), (RESALE, FIRST), (REFERRAL, LAST), (REFERRAL, FIRST)])
    async def test_the_table_on_both_sides_of_its_day(self, api: Api, type: object, at: datetime) -> None:
        api.clock.at = at
        on = await stage(api)
        kind = RESALE if type is RESALE else REFERRAL
        ids = [(await confirmed(api, on, (kind, 200_000), period=f"2023-0{month}"))[0] for month in range(1, 5)]
        allowed = AFTER if kind is RESALE and at == FIRST else BEFORE

        for method, incentive in zip(METHODS, ids, strict=True):
            bank = method == "BANK_TRANSFER"
            asked = await (transfer(api, on, incentive) if bank else pay_out(on.clerk, incentive, method=method))
            assert codes(asked) == ([] if method in allowed else ["PAYOUT_METHOD_NOT_ALLOWED"]), method

    async def test_negative_ones_are_taken_off(self, api: Api) -> None:
        on = await stage(api)
        ids = await confirmed(api, on, (RESALE, 100_000))
        ids += await confirmed(api, on, (RESALE, -40_000), period="2026-01")
        assert await balances(api) == {"VENDOR_POOL": -5_000, "INCENTIVE_PAYABLE": 5_000}

        paid = await pay_out(on.clerk, *ids, method="ACCOUNT_OWED_INVOICE")

        assert paid["payout"]["amount"]["amount"] == "30.00"
        assert await balances(api) == {"VENDOR_POOL": -3_000, "CASH": 3_000}
        seen = await on.clerk.send("{ payoutRequests { nodes { items { amount { amount } incentive { period } } } } }")
        assert seen.data["payoutRequests"]["nodes"][0]["items"] == [
            {"amount": {"amount": "50.00"}, "incentive": {"period": "2026-02"}},
            {"amount": {"amount": "-20.00"}, "incentive": {"period": "2026-01"}},
        ]

    async def test_negative_ones_are_taken_off_when_an_invoice_comes(self, api: Api) -> None:
        on = await stage(api)
        ids = await confirmed(api, on, (REFERRAL, 200_000))
        ids += await confirmed(api, on, (REFERRAL, -100_000), period="2026-01")
        asked = await transfer(api, on, *ids)
        assert asked["payout"]["amount"]["amount"] == "60.00"

        await on.finance.do("completePayout", PAYOUT, id=asked["payout"]["id"], idempotencyKey=key())

        assert await balances(api) == {"VENDOR_POOL": -6_000, "BANK": 6_000}

    async def test_what_its_deadline_has_confirmed_unmarked_is_paid_out(self, api: Api) -> None:
        on = await stage(api)
        [resale] = await generated(api, on, (RESALE, 100_000))
        api.clock.at = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
        on = await awake(api, on)

        assert codes(await pay_out(on.clerk, resale)) == []

        assert await balances(api) == {"VENDOR_POOL": -5_000, "PARTNER_QUOTA": 5_000}


class TestRefusals:
    async def test_every_reason_at_once(self, api: Api) -> None:
        on = await stage(api, certified=False)
        [pending] = await generated(api, on, (REFERRAL, -200_000))
        [frozen] = await confirmed(api, on, (RESALE, 100_000), period="2026-01")
        await api.database.superuser.execute(
            "update incentive set frozen = true, freeze_reason = 'x' where id = $1", decode_id(frozen)[1]
        )

        async def attempt() -> None:
            refused = await pay_out(on.clerk, pending, frozen, NOBODY, frozen, method="ACCOUNT")
            assert sorted((error["code"], "".join(error["path"][2:])) for error in refused["userErrors"]) == [
                ("BUSINESS_INFO_REQUIRED", ""),
                ("INCENTIVE_FROZEN", "1"),
                ("INCENTIVE_NOT_CONFIRMED", "0"),
                ("NOT_FOUND", "2"),
                ("PAYOUT_METHOD_NOT_ALLOWED", "1"),
                ("PAYOUT_TOTAL_NOT_POSITIVE", ""),
                ("REPEATED", "3"),
            ]

        assert await api.changes(attempt) == set()

    async def test_certified_after_all(self, api: Api) -> None:
        on = await stage(api, certified=False)
        ids = await confirmed(api, on, (RESALE, 100_000))
        assert codes(await pay_out(on.clerk, *ids)) == ["BUSINESS_INFO_REQUIRED"]
        await certify(api, on)
        assert codes(await pay_out(on.clerk, *ids, dryRun=True)) == []
        await certify(api, on, certified=False)
        assert codes(await pay_out(on.clerk, *ids)) == ["BUSINESS_INFO_REQUIRED"]

    async def test_once_chosen_the_method_is_locked(self, api: Api) -> None:
        on = await stage(api)
        paying = await confirmed(api, on, (REFERRAL, 200_000))
        await transfer(api, on, *paying)
        paid = await confirmed(api, on, (RESALE, 100_000), period="2026-01")
        await pay_out(on.clerk, *paid)

        async def attempt() -> None:
            for ids in (paying, paid):
                assert codes(await pay_out(on.clerk, *ids)) == ["PAYOUT_METHOD_LOCKED"]

        assert await api.changes(attempt) == set()

    async def test_what_has_expired(self, api: Api) -> None:
        on = await stage(api)
        [referral] = await generated(api, on, (REFERRAL, 200_000))
        await api.database.superuser.execute("update incentive set on_deadline = 'EXPIRE'")
        api.clock.at = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)
        on = await awake(api, on)

        async def attempt() -> None:
            assert codes(await pay_out(on.clerk, referral)) == ["INCENTIVE_EXPIRED"]

        assert await api.changes(attempt) == set()

    async def test_the_international_minimum(self, api: Api) -> None:
        on = await stage(api, Site.INTL)
        ids = await confirmed(api, on, (REFERRAL, 124_975), currency="USD")  # 99.98

        async def attempt() -> None:
            assert codes(await transfer(api, on, *ids)) == ["PAYOUT_BELOW_MINIMUM"]

        assert await api.changes(attempt) == set()
        assert codes(await pay_out(on.clerk, *ids)) == []
        enough = await confirmed(api, on, (REFERRAL, 125_000), currency="USD", period="2026-01")
        assert codes(await transfer(api, on, *enough)) == []

    async def test_another_partners_incentive_is_not_found(self, api: Api) -> None:
        on, other = await stage(api), await stage(api)
        ids = await confirmed(api, on, (RESALE, 100_000))

        async def attempt() -> None:
            assert "NOT_FOUND" in codes(await pay_out(other.clerk, *ids))

        assert await api.changes(attempt) == set()

    async def test_who_requests(self, api: Api) -> None:
        on = await stage(api)
        ids = await confirmed(api, on, (RESALE, 100_000))
        document = "mutation($input: RequestPayoutInput!) { requestPayout(input: $input) { userErrors { code } } }"
        marketing = (await member(api, on.partner_id, Role.MARKETING)).client
        for caller in (marketing, on.operations, on.finance, on.world.customer.client):
            given = {"incentiveIds": ids, "method": "VOUCHER_QUOTA", "idempotencyKey": key()}
            assert (await caller.send(document, input=given)).error["code"] == "FORBIDDEN"


class TestStepUp:
    async def test_a_code_when_the_switch_is_on_bound_to_what_is_paid(self, api: Api) -> None:
        on = await stage(api, step_up_enabled=True)
        first, second = await confirmed(api, on, (RESALE, 100_000), (REFERRAL, 200_000))
        once = {"idempotencyKey": key()}
        asked = await pay_out(on.clerk, first, **once)
        assert codes(asked) == ["STEP_UP_REQUIRED"]
        assert await api.value("select count(*) from payout_request") == 0
        mobile = await api.value("select mobile from account where id = $1", on.clerk_id)
        challenge = asked["userErrors"][0]["challenge"]["id"]
        verified = await on.clerk.do("verifyChallenge", "proof", id=challenge, code=await api.code(mobile))

        other = await pay_out(on.clerk, second, proof=verified["proof"])
        assert codes(other) == ["PROOF_INVALID"]

        done = await pay_out(on.clerk, first, proof=verified["proof"], **once)
        assert codes(done) == []

    async def test_to_the_bank_always_with_a_code(self, api: Api) -> None:
        on = await stage(api)
        bank = await confirmed(api, on, (REFERRAL, 200_000))
        account = await confirmed(api, on, (REFERRAL, 200_000), period="2026-01")

        async def attempt() -> None:
            assert codes(await pay_out(on.clerk, *bank, method="BANK_TRANSFER")) == ["STEP_UP_REQUIRED"]

        assert await api.changes(attempt) == {"verification", "outbox"}
        assert codes(await transfer(api, on, *bank)) == []
        assert codes(await pay_out(on.clerk, *account, method="ACCOUNT")) == []

    async def test_no_code_for_what_is_refused_anyway(self, api: Api) -> None:
        on = await stage(api, certified=False, step_up_enabled=True)
        ids = await confirmed(api, on, (RESALE, 100_000))

        async def attempt() -> None:
            assert codes(await pay_out(on.clerk, *ids)) == ["BUSINESS_INFO_REQUIRED"]

        assert await api.changes(attempt) == set()


class TestTheVendorsPart:
    async def test_a_rejected_payout_gives_everything_back(self, api: Api) -> None:
        on = await stage(api)
        payout = await waiting(api, on)
        given = {"id": payout, "reason": "The invoice is of another company.", "idempotencyKey": key()}

        rejected = await on.finance.do("rejectPayout", PAYOUT, **given)

        assert (rejected["payout"]["status"], rejected["payout"]["reason"]) == (
            "REJECTED",
            "The invoice is of another company.",
        )
        assert await api.value("select held from ledger_account where kind = 'INCENTIVE_PAYABLE'") == 0
        assert await api.value("select status from incentive") == "CONFIRMED"
        [told] = [row for row in await api.inbox(on.world.main.email) if row["template"] == "payout_rejected"]
        assert "The invoice is of another company." in told["body"]
        [again] = await api.rows("select id from incentive")
        seen = await on.clerk.send("{ incentives { nodes { id payout { id } } } }")
        [incentive] = seen.data["incentives"]["nodes"]
        assert incentive["payout"] is None and again["id"] == decode_id(incentive["id"])[1]
        assert codes(await pay_out(on.clerk, incentive["id"])) == []
        assert await balances(api) == {"VENDOR_POOL": -12_000, "PARTNER_QUOTA": 12_000}

    async def test_refusals_leave_no_trace(self, api: Api) -> None:
        on = await stage(api)
        payout = await waiting(api, on)

        async def badly() -> None:
            for reason, expected in ((" ", ["REASON_REQUIRED"]), ("x" * 501, ["OUT_OF_RANGE"])):
                given = {"id": payout, "reason": reason, "idempotencyKey": key()}
                assert codes(await on.finance.do("rejectPayout", PAYOUT, **given)) == expected
            stale = await on.finance.do("completePayout", PAYOUT, id=payout, expectedVersion=2, idempotencyKey=key())
            assert codes(stale) == ["CONFLICT"]
            given = {"id": on.partner_gid, "idempotencyKey": key()}
            assert codes(await on.finance.do("completePayout", PAYOUT, **given)) == ["NOT_FOUND"]

        assert await api.changes(badly) == set()
        await on.finance.do("completePayout", PAYOUT, id=payout, idempotencyKey=key())

        async def twice() -> None:
            given = {"id": payout, "idempotencyKey": key()}
            assert codes(await on.finance.do("completePayout", PAYOUT, **given)) == ["STATE_CONFLICT"]
            given = {"id": payout, "reason": "x", "idempotencyKey": key()}
            assert codes(await on.finance.do("rejectPayout", PAYOUT, **given)) == ["STATE_CONFLICT"]

        assert await api.changes(twice) == set()

    async def test_only_finance_completes(self, api: Api) -> None:
        on = await stage(api)
        payout = await waiting(api, on)
        document = "mutation($input: CompletePayoutInput!) { completePayout(input: $input) { userErrors { code } } }"
        for caller in (on.clerk, on.world.main.client, on.operations):
            given = {"id": payout, "idempotencyKey": key()}
            assert (await caller.send(document, input=given)).error["code"] == "FORBIDDEN"


class TestReading:
    async def test_payouts_in_scope_by_filters(self, api: Api) -> None:
        on, (_, other) = await stage(api), await admitted_partner(api)
        payout = await waiting(api, on)
        for caller, condition, found in (
            (on.clerk, "status: WAIT_INVOICE", 1),
            (on.finance, "method: BANK_TRANSFER", 1),
            (on.clerk, "method: VOUCHER_QUOTA", 0),
            (on.clerk, "status: COMPLETED", 0),
            (other.client, "status: WAIT_INVOICE", 0),
        ):
            seen = await caller.send(f"{{ payoutRequests({condition}) {{ nodes {{ id partner {{ id }} }} }} }}")
            assert len(seen.data["payoutRequests"]["nodes"]) == found
        asked = f'{{ node(id: "{payout}") {{ id }} }}'
        assert (await other.client.send(asked)).data["node"] is None
        assert (await on.clerk.send(asked)).data["node"] == {"id": payout}

    async def test_actions_say_what_the_mutations_do(self, api: Api) -> None:
        on = await stage(api, certified=False)
        [resale] = await generated(api, on, (RESALE, 100_000))
        asked = f"""{{ node(id: "{resale}") {{ ... on Incentive {{
                       actions {{ action allowed blockers {{ code }} }} }} }} }}"""

        async def shown() -> dict[str, list[str]]:
            actions = (await on.clerk.send(asked)).data["node"]["actions"]
            assert all(row["allowed"] == (not row["blockers"]) for row in actions)
            return {row["action"]: [one["code"] for one in row["blockers"]] for row in actions}

        denied = {"FREEZE": ["PERMISSION_DENIED"], "UNFREEZE": ["PERMISSION_DENIED"]}
        wanting = ["BUSINESS_INFO_REQUIRED", "INCENTIVE_NOT_CONFIRMED"]
        assert await shown() == {"CONFIRM": [], "REQUEST_PAYOUT": wanting, **denied}
        assert codes(await pay_out(on.clerk, resale)) == wanting
        given = {"incentiveIds": [resale], "idempotencyKey": key()}
        await on.clerk.do("confirmIncentives", "results { userErrors { code } }", **given)
        await certify(api, on)
        assert await shown() == {"CONFIRM": ["STATE_CONFLICT"], "REQUEST_PAYOUT": [], **denied}
        assert codes(await pay_out(on.clerk, resale)) == []
        assert (await shown())["REQUEST_PAYOUT"] == ["PAYOUT_METHOD_LOCKED"]

    async def test_actions_of_a_payout(self, api: Api) -> None:
        on = await stage(api)
        payout = await waiting(api, on)
        asked = f"""{{ node(id: "{payout}") {{ ... on PayoutRequest {{
                       actions {{ action blockers {{ code }} }} }} }} }}"""
        for caller, blockers in ((on.clerk, ["PERMISSION_DENIED"]), (on.finance, [])):
            actions = (await caller.send(asked)).data["node"]["actions"]
            assert [[one["code"] for one in row["blockers"]] for row in actions] == [blockers, blockers]
        await on.finance.do("completePayout", PAYOUT, id=payout, idempotencyKey=key())
        actions = (await on.finance.send(asked)).data["node"]["actions"]
        assert [[one["code"] for one in row["blockers"]] for row in actions] == [["STATE_CONFLICT"]] * 2
