"""What time does to reports and invitations, with the clock moved by hand and the jobs run as the worker runs them."""

from datetime import timedelta

from tasks.customers import pass_time
from tasks.outbox import Registry
from tasks.schedules import Schedules
from tasks.wiring import register_all
from tests import world
from tests.client import NOON, Api, codes
from tests.development import (
    CORRECTED,
    invite,
    key,
    of,
    prospect,
    report,
    reported_customer,
    signed_in_again,
)


async def statuses(api: Api) -> list[str]:
    return [row["status"] for row in await api.rows("select status from customer_report order by id")]


async def test_a_report_ends_after_fifteen_days_with_its_links_and_the_partner_is_told_once(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    made = await report(main.client, prospect())
    api.clock.at = NOON + timedelta(days=14)
    main = await signed_in_again(api, main)
    await invite(main.client, made["report"]["id"])
    await pass_time(api.settings, api.clock)  # the warning
    api.clock.at = NOON + timedelta(days=15, milliseconds=-1)
    assert await pass_time(api.settings, api.clock) == 0

    api.clock.advance(milliseconds=1)

    assert await pass_time(api.settings, api.clock) == 1
    assert await statuses(api) == ["EXPIRED"]
    assert await api.value("select state from customer_invitation") == "EXPIRED"
    assert await pass_time(api.settings, api.clock) == 0
    told = [row["template"] for row in await api.inbox(main.email)]
    assert sorted(told) == ["report_expired", "report_expiring"]
    assert await api.value("select count(*) from event where type = 'customer_report.expired'") == 1


async def test_a_partner_is_warned_three_days_before_once(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    made = await report(main.client, prospect())
    api.clock.at = NOON + timedelta(days=12, milliseconds=-1)
    assert await pass_time(api.settings, api.clock) == 0

    api.clock.advance(milliseconds=1)

    assert await pass_time(api.settings, api.clock) == 1
    assert await pass_time(api.settings, api.clock) == 0
    main, who = await signed_in_again(api, main), prospect()
    corrected = await main.client.do(
        "updateReportContact",
        CORRECTED,
        id=made["report"]["id"],
        mobile=who.mobile,
        email=who.email,
        idempotencyKey=key(),
    )
    assert codes(corrected) == []
    assert await pass_time(api.settings, api.clock) == 0  # the correction is no reason to warn again
    [told] = await api.inbox(main.email)
    assert told["template"] == "report_expiring"
    assert "2026-03-17 12:00 CST" in told["body"]
    assert "钱塘数据有限公司" in told["body"]


async def test_a_mail_s_link_is_marked_when_it_ends(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    await report(main.client, prospect(), sendInvite=True)
    api.clock.at = NOON + timedelta(days=7, milliseconds=-1)
    assert await pass_time(api.settings, api.clock) == 0

    api.clock.advance(milliseconds=1)

    assert await pass_time(api.settings, api.clock) == 1
    assert await api.value("select state from customer_invitation") == "EXPIRED"
    assert await statuses(api) == ["REPORTED"]


async def test_one_that_fails_does_not_stop_the_others(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    for _ in range(3):
        await report(main.client, prospect())
    owner = api.database.superuser
    stuck = await api.value("select id from customer_report order by id limit 1")
    await owner.execute(
        f"alter table customer_report add constraint stuck check (id <> '{stuck}' or status <> 'EXPIRED') not valid"
    )
    api.clock.at = NOON + timedelta(days=15)
    try:
        failure = None
        try:
            await pass_time(api.settings, api.clock)
        except Exception as raised:
            failure = raised
        assert failure is not None  # so that the run is marked as failed and seen
        assert await statuses(api) == ["REPORTED", "EXPIRED", "EXPIRED"]
    finally:
        await owner.execute("alter table customer_report drop constraint stuck")

    assert await pass_time(api.settings, api.clock) == 1
    assert await statuses(api) == ["EXPIRED"] * 3


async def test_what_is_over_is_found_by_its_end_alone(api: Api) -> None:
    """A customer that has associated, or a report given up, is left alone."""
    _, main = await world.admitted_partner(api)
    kept, given_up = await reported_customer(api, main), await reported_customer(api, main)
    await main.client.do("cancelReport", CORRECTED, id=given_up.id, idempotencyKey=key())
    api.clock.at = NOON + timedelta(days=15)

    assert await pass_time(api.settings, api.clock) == 1

    assert await statuses(api) == ["EXPIRED", "CANCELLED"]
    main = await signed_in_again(api, main)
    assert codes(await report(main.client, of(kept.person))) == ["REPORT_REVIEW_REQUIRED"]  # the account has aged


async def test_the_worker_knows_the_job(api: Api) -> None:
    schedules = Schedules()
    register_all(Registry(), schedules, api.post, api.settings, api.clock)
    _, main = await world.admitted_partner(api)
    await report(main.client, prospect())
    api.clock.at = NOON + timedelta(days=15)

    await schedules.jobs["customers.pass_time"].run(api.clock())

    assert await statuses(api) == ["EXPIRED"]
