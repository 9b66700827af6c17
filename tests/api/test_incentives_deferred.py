"""Payouts refused during certification: kept, and asked for again at nine o'clock of the day after it."""

from datetime import UTC, datetime, timedelta

import pytest

from rules.sites import Site
from tasks.business_info import check_due
from tasks.incentives import resubmit_payouts
from tests.business_info import in_auto_check, submitted
from tests.client import Api, Client, codes
from tests.earning import PAYOUT, REFERRAL, RESALE, Stage, awake, confirmed, pay_out, stage, transfer
from tests.factories import key

DEFERRED = "{ deferredPayouts(first: 9) { nodes { id status codes incentiveIds method payout { status } } } }"
NINE = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai of the day after the clock's first."""


async def waiting(api: Api, site: Site = Site.CN) -> tuple[Stage, list[str]]:
    """A payout that was refused while the form was under way."""
    on = await stage(api, site, certified=False)
    currency = "CNY" if site is Site.CN else "USD"
    ids = await confirmed(api, on, (RESALE, 100_000_00), currency=currency)
    await in_auto_check(api, on.world, site)
    assert codes(await pay_out(on.clerk, *ids)) == ["BUSINESS_INFO_REQUIRED"]
    return on, ids


async def certified_in_an_hour(api: Api) -> None:
    """The automatic check."""
    api.clock.advance(hours=1)
    assert await check_due(api.settings, api.clock) == 1


async def deferred(on: Client) -> list[dict[str, object]]:
    """What the partner sees."""
    return list((await on.send(DEFERRED)).data["deferredPayouts"]["nodes"])


@pytest.mark.parametrize("site", Site)
async def test_asked_for_again_at_nine_of_the_next_day(api: Api, site: Site) -> None:
    on, ids = await waiting(api, site)
    await certified_in_an_hour(api)
    api.clock.at = NINE - timedelta(milliseconds=1)
    assert await resubmit_payouts(api.settings, api.clock) == 0
    api.clock.at = NINE
    on = await awake(api, on)

    assert await resubmit_payouts(api.settings, api.clock) == 1

    [row] = await deferred(on.clerk)
    assert row == {**row, "status": "RESUBMITTED", "incentiveIds": ids, "payout": {"status": "COMPLETED"}, "codes": []}
    assert await api.value("select requested_by from payout_request") == on.clerk_id
    told = [one["template"] for one in await api.inbox(on.world.main.email)]
    assert {"payout_deferred", "payout_resubmitted", "payout_completed"} <= set(told)

    async def again() -> None:
        assert await resubmit_payouts(api.settings, api.clock) == 0

    assert await api.changes(again) == set()


async def test_the_same_request_is_kept_once(api: Api) -> None:
    on, ids = await waiting(api)

    async def attempt() -> None:
        assert codes(await pay_out(on.clerk, *ids)) == ["BUSINESS_INFO_REQUIRED"]

    assert await api.changes(attempt) == set()
    await pay_out(on.clerk, *ids, method="ACCOUNT_OWED_INVOICE")
    assert len(await deferred(on.clerk)) == 2


async def to_the_bank(api: Api) -> tuple[Stage, dict[str, object]]:
    """What may go to the bank while the form is under way; a request for it."""
    on = await stage(api, certified=False)
    ids = await confirmed(api, on, (REFERRAL, 200_000))
    await in_auto_check(api, on.world, Site.CN)
    return on, {"incentiveIds": ids, "method": "BANK_TRANSFER", "idempotencyKey": key()}


async def test_to_the_bank_nothing_is_kept_without_a_code(api: Api) -> None:
    on, given = await to_the_bank(api)

    async def attempt() -> None:
        assert codes(await on.clerk.do("requestPayout", PAYOUT, **given)) == ["STEP_UP_REQUIRED"]
        invalid = await on.clerk.do("requestPayout", PAYOUT, **given, proof="cos_prf_" + "A" * 43)
        assert codes(invalid) == ["PROOF_INVALID"]

    assert await api.changes(attempt) == {"verification", "outbox"}
    assert await deferred(on.clerk) == []
    await certified_in_an_hour(api)
    api.clock.at = NINE
    assert await resubmit_payouts(api.settings, api.clock) == 0


async def test_to_the_bank_it_is_kept_with_a_code_which_is_used_up(api: Api) -> None:
    on, given = await to_the_bank(api)
    asked = await on.clerk.do("requestPayout", PAYOUT, **given)
    challenge = asked["userErrors"][0]["challenge"]["id"]
    mobile = await api.value("select mobile from account where id = $1", on.clerk_id)
    verified = await on.clerk.do("verifyChallenge", "proof", id=challenge, code=await api.code(mobile))
    proven = {**given, "proof": verified["proof"]}

    assert codes(await on.clerk.do("requestPayout", PAYOUT, **proven)) == ["BUSINESS_INFO_REQUIRED"]

    [row] = await deferred(on.clerk)
    assert (row["status"], row["method"]) == ("WAITING", "BANK_TRANSFER")
    assert await api.value("select count(*) from verification where proof_used_at is not null") == 1

    async def again() -> None:
        for once_more in (given, proven):
            assert codes(await on.clerk.do("requestPayout", PAYOUT, **once_more)) == ["BUSINESS_INFO_REQUIRED"]

    assert await api.changes(again) == set()
    given_back = {"id": row["id"], "idempotencyKey": key()}
    assert codes(await on.clerk.do("withdrawDeferredPayout", "deferredPayout { status }", **given_back)) == []
    assert codes(await on.clerk.do("requestPayout", PAYOUT, **proven)) == ["PROOF_INVALID"]
    assert [row["status"] for row in await deferred(on.clerk)] == ["WITHDRAWN"]


async def test_with_the_switch_on_nothing_is_kept_without_a_code(api: Api) -> None:
    on = await stage(api, certified=False, step_up_enabled=True)
    ids = await confirmed(api, on, (RESALE, 100_000))
    await in_auto_check(api, on.world, Site.CN)
    assert codes(await pay_out(on.clerk, *ids)) == ["STEP_UP_REQUIRED"]
    assert await deferred(on.clerk) == []


async def test_nothing_is_kept_in_a_dry_run_or_before_a_form_is_submitted(api: Api) -> None:
    on = await stage(api, certified=False)
    ids = await confirmed(api, on, (RESALE, 100_000))

    async def attempt() -> None:
        assert codes(await pay_out(on.clerk, *ids)) == ["BUSINESS_INFO_REQUIRED"]

    assert await api.changes(attempt) == set()
    await submitted(api, on.world)

    async def dry() -> None:
        assert codes(await pay_out(on.clerk, *ids, dryRun=True)) == ["BUSINESS_INFO_REQUIRED"]
        assert "PAYOUT_METHOD_NOT_ALLOWED" in codes(await transfer(api, on, *ids))

    assert await api.changes(dry) == set()


async def test_what_something_else_stands_against_is_dropped(api: Api) -> None:
    on, ids = await waiting(api)
    await api.database.superuser.execute("update incentive set frozen = true, freeze_reason = 'x'")
    await certified_in_an_hour(api)
    api.clock.at = NINE
    on = await awake(api, on)
    assert await resubmit_payouts(api.settings, api.clock) == 1
    [row] = await deferred(on.clerk)
    assert (row["status"], row["codes"], row["payout"]) == ("DROPPED", ["INCENTIVE_FROZEN"], None)
    assert await api.value("select count(*) from payout_request") == 0
    assert "payout_not_resubmitted" in [one["template"] for one in await api.inbox(on.world.main.email)]
    assert ids == row["incentiveIds"]


async def test_taken_back_by_the_partner(api: Api) -> None:
    on, _ = await waiting(api)
    [row] = await deferred(on.clerk)
    given = {"id": row["id"], "idempotencyKey": key()}
    stranger = await stage(api)
    refused = await stranger.clerk.do("withdrawDeferredPayout", "deferredPayout { status }", **given)
    assert codes(refused) == ["NOT_FOUND"]
    done = await on.clerk.do("withdrawDeferredPayout", "deferredPayout { status }", **given)
    assert done["deferredPayout"]["status"] == "WITHDRAWN"
    given["idempotencyKey"] = key()
    late = await on.clerk.do("withdrawDeferredPayout", "deferredPayout { status }", **given)
    assert codes(late) == ["STATE_CONFLICT"]
    await certified_in_an_hour(api)
    api.clock.at = NINE
    assert await resubmit_payouts(api.settings, api.clock) == 0


async def test_a_rejected_form_leaves_it_waiting(api: Api) -> None:
    on, _ = await waiting(api)
    api.clock.at = NINE + timedelta(days=3)
    assert await resubmit_payouts(api.settings, api.clock) == 0
    on = await awake(api, on)
    assert [row["status"] for row in await deferred(on.clerk)] == ["WAITING"]


async def test_a_form_under_way_keeps_the_vendors_entry_out(api: Api) -> None:
    on = await stage(api, certified=False)
    await submitted(api, on.world)
    given = {"partnerId": on.partner_gid, "certified": True, "taxpayerType": "GENERAL", "idempotencyKey": key()}

    async def attempt() -> None:
        refused = await on.operations.do("recordBusinessInfo", "businessInfo { id }", **given)
        assert codes(refused) == ["STATE_CONFLICT"]

    assert await api.changes(attempt) == set()
