"""Acceptance scenarios 10, 13 and 14: business information, an incentive's time, and codes for what costs money."""

from collections.abc import Awaitable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.ids import decode_id, encode_id
from rules.access import Role
from rules.sites import Site
from tasks.business_info import check_due
from tasks.experts import generate
from tasks.experts import pass_time as pass_lists
from tasks.incentives import pass_deadlines, resubmit_payouts
from tests import business_info, earning, experts, performance, vouchers, world
from tests.api.account_cases import other
from tests.api.test_incentives_month import audited
from tests.api.test_paths import refresh
from tests.business_info import another, arrived, enter_supplier, queue, record_of, send_letter
from tests.client import Api, codes
from tests.consumption import line
from tests.earning import REFERRAL, RESALE, awake, confirm, stage
from tests.factories import key, staff
from tests.vouchers import customer, issue, outcomes, recall, voucher

NINE = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai, on either site, of the day after the clock's first."""
MS = timedelta(milliseconds=1)
LAST = datetime(2026, 5, 18, 16, 0, tzinfo=UTC)
"""The end of the thirtieth working day after 1 April on the mainland site."""
EXPERTS_LAST = {
    (Site.CN, False): datetime(2026, 4, 27, 16, 0, tzinfo=UTC),
    (Site.CN, True): datetime(2026, 4, 29, 16, 0, tzinfo=UTC),
    (Site.INTL, False): datetime(2026, 4, 25, 0, 0, tzinfo=UTC),
    (Site.INTL, True): datetime(2026, 4, 29, 0, 0, tzinfo=UTC),
}
"""The end of the thirtieth working day after the fifteenth of March, without and with two more days off."""
LISTED = "{ incentives { nodes { id explanation { policy { code } } } } }"
CURRENCY = {Site.CN: "CNY", Site.INTL: "USD"}


@pytest.mark.parametrize("site", Site)
async def test_10_three_wrong_amounts_lock_until_the_vendor_unlocks(api: Api, site: Site) -> None:
    on = (await stage(api, site, certified=False)).world
    record = await business_info.submitted(api, on, site)
    amount = await arrived(api, on)
    answers = [codes(await business_info.confirm(on, another(amount))) for _ in range(3)]
    assert answers == [["AMOUNT_WRONG"], ["AMOUNT_WRONG"], ["BUSINESS_INFO_LOCKED"]]
    assert codes(await business_info.confirm(on, amount)) == ["BUSINESS_INFO_LOCKED"]

    given = {"id": record["id"], "reason": "The clerk misread it.", "idempotencyKey": key()}
    operations = await business_info.staff(api, Role.VENDOR_OPS, site)
    assert codes(await operations.do("unlockBusinessInfo", "businessInfo { state }", **given)) == []
    await api.deliver()
    assert codes(await business_info.confirm(on, await arrived(api, on))) == []


@pytest.mark.parametrize("site", Site)
async def test_10_a_supplier_that_differs_asks_for_a_letter_and_the_payout_comes_the_next_day(
    api: Api, site: Site
) -> None:
    on = await stage(api, site, certified=False)
    earned = await earning.confirmed(api, on, (RESALE, 100_000_00), currency=CURRENCY[site])
    assert codes(await enter_supplier(api, on.world, site)) == []
    await business_info.in_auto_check(api, on.world, site)
    api.clock.advance(hours=1)
    assert await check_due(api.settings, api.clock) == 1
    on = await awake(api, on)
    assert (await record_of(api, on.world))["state"] == "LETTER_REQUIRED"

    assert codes(await send_letter(on.world)) == []
    assert codes(await earning.pay_out(on.clerk, *earned)) == ["BUSINESS_INFO_REQUIRED"]
    [case] = await queue(on.operations)
    assert codes(await business_info.decide(on.operations, case["id"], True)) == []
    assert (await record_of(api, on.world))["state"] == "CERTIFIED"

    for at, asked_again in ((NINE - MS, 0), (NINE, 1), (NINE, 0)):
        api.clock.at = at
        assert await resubmit_payouts(api.settings, api.clock) == asked_again
    assert await api.value("select status from payout_request") == "COMPLETED"


async def listed(api: Api) -> tuple[world.World, str]:
    """A month in which two customers of a partner bought: its one incentive that is lost unless confirmed in time."""
    made = await performance.stage(api, type=REFERRAL)
    api.clock.at = performance.MARCH - timedelta(days=20)
    _, second, _ = await world.associated_customer(api, made.partner_id, type=REFERRAL)
    api.clock.at = performance.MARCH
    bought = [line(who, performance.MARCH) for who in (made, encode_id("cus", second))]
    sheet = await performance.drafted(api, made, *bought)
    assert await performance.close(api) == 0
    await audited(api, sheet)
    operations = (await staff(api, Role.VENDOR_OPS)).api
    again = await operations.do("auditPerformance", "sheet { id }", id=sheet, idempotencyKey=key())
    assert codes(again) == ["STATE_CONFLICT"]
    await refresh(api)
    [found] = (await made.main.client.send(LISTED)).data["incentives"]["nodes"]
    assert found["explanation"]["policy"]["code"] == "REFERRAL_REACH"
    return made, found["id"]


@pytest.mark.parametrize(("days_off", "deadline"), [((), LAST), (("2026-04-02",), LAST + timedelta(days=1))])
async def test_13_one_list_a_month_confirmed_by_the_thirtieth_working_day_or_lost(
    api: Api, days_off: tuple[str, ...], deadline: datetime
) -> None:
    """Incentives for sales, of the mainland site alone: the other one has none that is lost. The month is settled when
    its sheet is audited.
    """
    for day in days_off:
        free = "insert into working_day (id, site, day, is_working) values (gen_random_uuid(), 'CN', $1, false)"
        await api.database.superuser.execute(free, date.fromisoformat(day))
    made, incentive = await listed(api)
    for at, expected in ((deadline, ["INCENTIVE_EXPIRED"]), (deadline - MS, [])):
        api.clock.at = at
        await refresh(api)
        done = await confirm(made.main.client, incentive, dryRun=True)
        assert [error["code"] for error in done["results"][0]["userErrors"]] == expected

    api.clock.at = deadline
    await pass_deadlines(api.settings, api.clock)
    status = "select status from incentive where id = $1"
    assert await api.value(status, decode_id(incentive)[1]) == "EXPIRED"
    await pass_deadlines(api.settings, api.clock)
    assert await api.value("select count(*) from event where type = 'incentive.expired'") == 1


@pytest.mark.parametrize(("site", "holidays"), EXPERTS_LAST)
async def test_13_the_fifteenth_makes_one_list_of_experts_confirmed_by_the_thirtieth_working_day_or_lost(
    api: Api, site: Site, holidays: bool
) -> None:
    for day in ("2026-03-16", "2026-04-27") if holidays else ():
        free = "insert into working_day (id, site, day, is_working) values (gen_random_uuid(), $1, $2, false)"
        await api.database.superuser.execute(free, site.value, date.fromisoformat(day))
    on = await experts.stage(api, site)
    await experts.team(api, on, "SENIOR", "PRINCIPAL")
    for at in (experts.FIFTEENTH - MS, experts.FIFTEENTH, experts.FIFTEENTH):
        await experts.at(api, at)
        await generate(api.settings, api.clock)
        assert len(await experts.listed(on.api)) == (at == experts.FIFTEENTH)

    [made] = await experts.listed(on.api)
    assert made["headCount"] == 2
    deadline = EXPERTS_LAST[site, holidays]
    for at, expected in ((deadline, ["INCENTIVE_EXPIRED"]), (deadline - MS, [])):
        await experts.at(api, at)
        assert codes(await experts.confirm(on.api, made, dryRun=True)) == expected
    await experts.at(api, deadline)
    assert await pass_lists(api.settings, api.clock) == 1
    assert await experts.status_of(api, made) == "EXPIRED"


async def asked(payload: Awaitable[dict[str, Any]]) -> str:
    """The id of the challenge that stands before a step."""
    answer = await payload
    assert codes(answer) == ["STEP_UP_REQUIRED"]
    return str(answer["userErrors"][0]["challenge"]["id"])


@pytest.mark.parametrize("site", Site)
async def test_14_vouchers_are_taken_back_without_a_code_until_the_switch_is_on(api: Api, site: Site) -> None:
    """CODE_TOO_MANY_TRIES is the name of what the chapter calls CODE_ATTEMPTS_EXCEEDED, STEP_UP_REQUIRED that of
    VERIFICATION_REQUIRED.
    """
    made = await vouchers.stage(api, site=site)
    someone = await customer(api, made.partner_id, site=site)
    first, second = await voucher(made, someone), await voucher(made, someone)
    assert outcomes(await recall(made, first)) == ["voucher"]

    switched = await made.client.do("setStepUpSwitch", "switch { enabled }", enabled=True, idempotencyKey=key())
    assert codes(switched) == []
    challenge = await asked(recall(made, second))
    digits = await api.code(made.main.mobile if site is Site.CN else made.main.email)
    for _ in range(5):
        wrong = await made.client.do("verifyChallenge", "proof", id=challenge, code=other(digits))
        assert codes(wrong) == ["CODE_WRONG"]
    right = await made.client.do("verifyChallenge", "proof", id=challenge, code=digits)
    assert codes(right) == ["CODE_TOO_MANY_TRIES"]


@pytest.mark.parametrize("site", Site)
async def test_14_a_code_is_for_one_operation_and_one_amount(api: Api, site: Site) -> None:
    made = await vouchers.stage(api, site=site, columns={"step_up_enabled": True})
    someone = await customer(api, made.partner_id, site=site)
    given = {"idempotencyKey": key()}
    challenge = await asked(issue(made, someone, face="100.00", **given))
    digits = await api.code(made.main.mobile if site is Site.CN else made.main.email)
    verified = await made.client.do("verifyChallenge", "proof", id=challenge, code=digits)
    proof = {"proof": verified["proof"]}
    assert codes(await issue(made, someone, face="100.01", **given, **proof)) == ["PROOF_INVALID"]
    off = {"enabled": False, "idempotencyKey": key()}
    assert codes(await made.client.do("setStepUpSwitch", "__typename", **off, **proof)) == ["PROOF_INVALID"]
    assert outcomes(await issue(made, someone, face="100.00", **given, **proof)) == ["voucher"]


@pytest.mark.parametrize("site", Site)
async def test_14_what_always_asks_does_so_with_the_switch_off(api: Api, site: Site) -> None:
    """Closing the account and changing a contact: no money is withdrawn here yet."""
    _, main = await world.admitted_partner(api, site, kind=None)
    for name, given in (("cancelAccount", {}), ("requestContactChange", {"email": "new@example.com"})):
        payload = await main.client.do(name, "__typename", idempotencyKey=key(), **given)
        assert codes(payload) == ["STEP_UP_REQUIRED"], name
        api.clock.advance(minutes=1)
