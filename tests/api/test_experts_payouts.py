"""Paying lists of experts: quarters that become final, payouts against an invoice; through the API."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from core.ids import decode_id
from resolvers.verify import INVARIANTS
from rules.access import Role
from tasks import experts as clock
from tests.client import Api, codes, told
from tests.earning import PAYOUT
from tests.experts import (
    SECOND_QUARTER,
    Stage,
    ask,
    at,
    certify,
    confirm,
    generated,
    hand_in,
    in_review,
    listed,
    mails,
    stage,
    status_of,
    transfer,
)
from tests.factories import key, staff
from tests.paths import decide

MS = timedelta(milliseconds=1)
SUMS = "select kind, balance from ledger_account where kind in ('INCENTIVE_PAYABLE', 'BANK') order by kind"


async def approved(api: Api, on: Stage) -> dict[str, Any]:
    """The list of March, approved."""
    made = await in_review(api, on, "SENIOR", "PRINCIPAL")
    assert codes(await decide(on.walker, "EXPERT_INCENTIVE")) == []
    return made


async def payable(api: Api, on: Stage) -> dict[str, Any]:
    """The list of March after its quarter."""
    made = await approved(api, on)
    await at(api, SECOND_QUARTER)
    assert await clock.close_quarters(api.settings, api.clock) == 1
    return made


async def verified(api: Api) -> list[Any]:
    """What the books say against themselves."""
    names = ("I8", "I81", "I82", "I83", "I84", "I85")
    return [row for name in names for row in await api.rows(INVARIANTS[name].offences)]


class TestQuarter:
    async def test_it_is_final_when_it_is_over_and_every_list_is_decided(self, api: Api) -> None:
        on = await stage(api)
        made = await approved(api, on)
        await at(api, SECOND_QUARTER - MS)
        assert await clock.close_quarters(api.settings, api.clock) == 0

        async def attempt() -> None:
            refused = await ask(on, made)
            # January and February can still come, as far as the rule knows.
            assert codes(refused) == ["QUARTER_NOT_FINAL", "QUARTER_NOT_FINAL"]
            assert (told(refused, "month"), told(refused, "state")) == ([["2026-01"], ["2026-02"]], [["MISSING"]] * 2)

        assert await api.changes(attempt) == set()
        await at(api, SECOND_QUARTER)
        assert await clock.close_quarters(api.settings, api.clock) == 1
        assert await clock.close_quarters(api.settings, api.clock) == 0
        assert await status_of(api, made) == "PAYABLE"
        assert (await mails(api, on)).count("expert_list_payable") == 1
        assert [row["balance"] for row in await api.rows(SUMS)] == [32_000_00]
        assert await verified(api) == []

    async def test_a_month_in_review_holds_it_open(self, api: Api) -> None:
        on = await stage(api)
        made = await in_review(api, on, "SENIOR")
        await at(api, SECOND_QUARTER)
        assert await clock.close_quarters(api.settings, api.clock) == 0

        async def attempt() -> None:
            assert codes(await ask(on, made)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        assert codes(await decide(on.walker, "EXPERT_INCENTIVE")) == []
        assert codes(await ask(on, made, dryRun=True)) == []
        assert await clock.close_quarters(api.settings, api.clock) == 1

    async def test_two_workers_credit_it_once(self, api: Api) -> None:
        on = await stage(api)
        await approved(api, on)
        await at(api, SECOND_QUARTER)
        await asyncio.gather(*(clock.close_quarters(api.settings, api.clock) for _ in range(4)))
        assert [row["balance"] for row in await api.rows(SUMS)] == [32_000_00]
        assert await api.value("select count(*) from event where type = 'expert_incentive.closed'") == 1


class TestPayout:
    async def test_against_an_invoice_it_is_paid(self, api: Api) -> None:
        on = await stage(api)
        made = await payable(api, on)
        asked = await transfer(api, on, made)
        assert codes(asked) == []
        assert (asked["payout"]["status"], asked["payout"]["amount"]["amount"]) == ("WAIT_INVOICE", "32000.00")
        [one] = await listed(on.api)
        assert one["status"] == "PAYING_OUT"
        assert await verified(api) == []
        finance = await staff(api, Role.VENDOR_FINANCE)
        given = {"id": asked["payout"]["id"], "idempotencyKey": key()}
        selection = "payout { status items { __typename } expertIncentives { id status } }"
        done = await finance.api.do("completePayout", selection, **given)
        assert codes(done) == []
        assert done["payout"] == {
            "status": "COMPLETED",
            "items": [],
            "expertIncentives": [{"id": made["id"], "status": "PAID"}],
        }
        assert {row["kind"]: row["balance"] for row in await api.rows(SUMS)} == {
            "BANK": 32_000_00,
            "INCENTIVE_PAYABLE": 0,
        }
        assert await verified(api) == []
        assert "payout_completed" in await mails(api, on)

        async def again() -> None:
            assert codes(await ask(on, made)) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()

    async def test_to_the_bank_always_with_a_code(self, api: Api) -> None:
        on = await stage(api)
        made = await payable(api, on)

        async def attempt() -> None:
            assert codes(await ask(on, made, method="BANK_TRANSFER")) == ["STEP_UP_REQUIRED"]

        assert await api.changes(attempt) == {"verification", "outbox"}
        assert await status_of(api, made) == "PAYABLE"
        assert codes(await transfer(api, on, made)) == []
        assert await status_of(api, made) == "PAYING_OUT"

    async def test_a_wrong_invoice_lets_it_be_asked_for_again(self, api: Api) -> None:
        on = await stage(api)
        made = await payable(api, on)
        asked = await ask(on, made)
        finance = await staff(api, Role.VENDOR_FINANCE)
        given = {"id": asked["payout"]["id"], "reason": "The title is wrong.", "idempotencyKey": key()}
        assert codes(await finance.api.do("rejectPayout", PAYOUT, **given)) == []
        assert await status_of(api, made) == "PAYABLE"
        assert await verified(api) == []
        assert codes(await transfer(api, on, made)) == []

    async def test_everything_against_it_is_said_at_once(self, api: Api) -> None:
        on = await stage(api)
        made = await payable(api, on)
        await api.database.superuser.execute("update business_info set state = 'EXPIRED_BY_CHANGE'")

        async def attempt() -> None:
            wrong = {"id": on.walker.id}
            refused = await ask(on, made, made, wrong, method="VOUCHER_QUOTA")
            assert codes(refused) == [
                "REPEATED",
                "NOT_FOUND",
                "BUSINESS_INFO_REQUIRED",
                "PAYOUT_METHOD_NOT_ALLOWED",
            ]
            assert codes(await ask(on))[-1] == "PAYOUT_TOTAL_NOT_POSITIVE"

        assert await api.changes(attempt) == set()

    async def test_frozen_benefits_and_a_small_sum_hold_it_back(self, api: Api) -> None:
        on = await stage(api)
        made = await payable(api, on)
        await api.override("payouts.minimum", "40000")

        async def too_little() -> None:
            assert codes(await ask(on, made)) == ["PAYOUT_BELOW_MINIMUM"]

        assert await api.changes(too_little) == set()
        await api.database.superuser.execute("update partner set kind = 'SOLUTION_PROVIDER'")
        bill = {"number": "B-1", "amount": "10.00", "overdueSince": "2026-03-01T00:00:00.000Z"}
        given = {"partnerId": on.walker.id, "bills": [bill], "idempotencyKey": key()}
        assert codes(await on.operations.do("recordOverdueBills", "__typename", **given)) == []

        async def attempt() -> None:
            assert codes(await ask(on, made)) == ["BENEFITS_FROZEN", "PAYOUT_BELOW_MINIMUM"]

        assert await api.changes(attempt) == set()
        [one] = await listed(on.api)
        blocked = next(action for action in one["actions"] if action["action"] == "REQUEST_PAYOUT")
        assert blocked["blockers"] == [{"code": "BENEFITS_FROZEN"}]

    async def test_two_who_ask_at_once_leave_one_payout(self, api: Api) -> None:
        on = await stage(api)
        made = await payable(api, on)
        answers = await asyncio.gather(*(ask(on, made) for _ in range(4)))
        assert sorted(map(tuple, map(codes, answers))) == [(), *[("STATE_CONFLICT",)] * 3]
        assert await api.value("select count(*) from payout_request") == 1
        assert await verified(api) == []

    async def test_while_it_is_unpaid_the_account_is_not_closed(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        precheck = "{ cancellationPrecheck { blockers { code } } }"
        found = (await on.api.send(precheck)).data["cancellationPrecheck"]["blockers"]
        assert {"code": "CLOSE_BENEFITS_UNPAID"} in found
        await api.database.superuser.execute("update expert_incentive set status = 'EXPIRED'")
        found = (await on.api.send(precheck)).data["cancellationPrecheck"]["blockers"]
        assert {"code": "CLOSE_BENEFITS_UNPAID"} not in found
        assert decode_id(made["id"])[0] == "exi"


async def test_what_has_expired_alone_makes_no_quarter(api: Api) -> None:
    on = await stage(api)
    made = await generated(api, on, "SENIOR")
    await certify(on)
    until = datetime.fromisoformat(made["deadline"])
    await at(api, until)
    await clock.pass_time(api.settings, api.clock)
    assert await clock.close_quarters(api.settings, api.clock) == 0
    await hand_in(on.api, made, dryRun=True)  # the file that the caller keeps has been sent

    async def attempt() -> None:
        assert codes(await ask(on, made)) == ["STATE_CONFLICT"]
        assert codes(await confirm(on.api, made)) == ["INCENTIVE_EXPIRED"]
        assert codes(await hand_in(on.api, made))[0] == "INCENTIVE_EXPIRED"

    assert await api.changes(attempt) == set()
