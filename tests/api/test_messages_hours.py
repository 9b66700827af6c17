"""Working hours: what is not urgent waits in the outbox for its recipient's, codes and security mails never do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import db
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING
from models.accounts import Account
from models.partners import Partner
from resolvers import journal
from rules.access import ANONYMOUS, Role
from rules.sites import Site
from tasks.outbox import leases
from tests import world
from tests.api.telling import do, keeping_hours, reached, tell, wait_over
from tests.client import Api, codes
from tests.factories import context, key

EVENING = datetime(2026, 3, 3, 15, tzinfo=UTC)
"""Tuesday, 23:00 in Shanghai; there it is 09:00 again ten hours later."""
MS = timedelta(milliseconds=1)


@pytest.fixture
def quiet(api: Api) -> Api:
    """The API with a worker that keeps quiet hours, on a Tuesday evening in Shanghai."""
    api.clock.at = EVENING
    return keeping_hours(api)


async def waiting(api: Api) -> list[dict[str, Any]]:
    """The rows of the outbox that wait, with the hours to go by the database's clock."""
    return await api.rows(
        "select topic, attempts, state, extract(epoch from run_at - now()) / 3600 as hours from outbox"
        " where state = 'ready' order by id"
    )


async def sent(api: Api) -> int:
    """Mails and SMS so far."""
    return int(await api.value("select count(*) from recorded_message"))


async def test_a_message_at_eleven_in_the_evening_waits_for_the_morning(quiet: Api) -> None:
    partner_id, main = await world.admitted_partner(quiet)
    await tell(quiet, partner_id)
    assert await sent(quiet) == 0
    [row] = await waiting(quiet)
    assert (row["topic"], row["attempts"]) == ("notice", 0)
    assert 9.99 < row["hours"] <= 10
    assert len((await main.client.send("{ messages { nodes { id } } }")).data["messages"]["nodes"]) == 1

    quiet.clock.advance(hours=10)
    await wait_over(quiet)
    assert await sent(quiet) == 1
    assert await waiting(quiet) == []
    tries = await quiet.rows("select outcome from outbox_attempt order by id")
    assert [row["outcome"] for row in tries] == ["done", "postponed", "done"]


async def test_a_worker_that_comes_too_early_or_again_sends_nothing_twice(quiet: Api) -> None:
    partner_id, _ = await world.admitted_partner(quiet)
    await tell(quiet, partner_id)
    for _ in range(3):
        await wait_over(quiet)
        [row] = await waiting(quiet)
        assert row["attempts"] == 0
    quiet.clock.advance(hours=10)
    await wait_over(quiet)
    await quiet.database.superuser.execute("update outbox set state = 'ready', finished_at = null")
    await quiet.deliver()
    assert await sent(quiet) == 1
    assert await quiet.value("select count(*) from message") == 1


async def test_a_worker_that_dies_while_it_puts_off_changes_nothing(quiet: Api) -> None:
    partner_id, _ = await world.admitted_partner(quiet)
    await tell(quiet, partner_id)
    await quiet.database.superuser.execute(
        "update outbox set state = 'leased', lease_until = now() - interval '1 second', lease_owner = 'dead',"
        " attempts = attempts + 1 where state = 'ready'"
    )
    assert [state for _, state in await leases.rescue()] == ["ready"]
    await quiet.deliver()
    [row] = await waiting(quiet)
    assert 9.99 < row["hours"] <= 10
    assert await sent(quiet) == 0


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        (None, datetime(2026, 3, 4, 1, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 3, 4, 17, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 3, 9, 13, tzinfo=UTC)),  # the clocks changed the day before
        ("Asia/Kathmandu", datetime(2026, 3, 4, 3, 15, tzinfo=UTC)),
        ("Pacific/Kiritimati", datetime(2026, 3, 3, 19, tzinfo=UTC)),
    ],
)
async def test_both_sides_of_the_morning_in_the_recipients_zone(quiet: Api, zone: str | None, start: datetime) -> None:
    partner_id, main = await world.admitted_partner(quiet)
    if zone is not None:
        given = {"timeZone": zone, "idempotencyKey": key()}
        assert codes(await main.client.do("setOwnPreferences", "account { timeZone }", **given)) == []
    quiet.clock.at = start - MS
    await tell(quiet, partner_id)
    assert await sent(quiet) == 0
    quiet.clock.at = start
    await wait_over(quiet)
    assert await sent(quiet) == 1


async def test_both_sides_of_the_evening(quiet: Api) -> None:
    partner_id, _ = await world.admitted_partner(quiet)
    end = datetime(2026, 3, 3, 10, tzinfo=UTC)  # 18:00 in Shanghai
    quiet.clock.at = end - MS
    await tell(quiet, partner_id)
    assert await sent(quiet) == 1
    quiet.clock.at = end
    await tell(quiet, partner_id)
    assert await sent(quiet) == 1


async def test_the_sites_hours_are_its_own(quiet: Api) -> None:
    cn, intl = [(await world.admitted_partner(quiet, site))[0] for site in (Site.CN, Site.INTL)]
    quiet.clock.at = datetime(2026, 3, 3, 12, tzinfo=UTC)  # 20:00 in Shanghai, noon in Greenwich
    for partner_id in (cn, intl):
        await tell(quiet, partner_id)
    assert await sent(quiet) == 1
    async with db.transaction(EVERYTHING):
        await db.fetch(
            "insert into policy_value (id, site, key, effective_on, value, version, created_at, updated_at)"
            " values ($1, 'CN', 'messages.hours_until', '2026-01-01', '24', 1, now(), now())",
            uuid7(),
        )
    await wait_over(quiet)
    assert await sent(quiet) == 2


async def test_a_day_that_operations_declared_free_is_waited_for(quiet: Api) -> None:
    partner_id, _ = await world.admitted_partner(quiet)
    quiet.clock.at = datetime(2026, 3, 4, 2, tzinfo=UTC)  # Wednesday, 10:00 in Shanghai
    await quiet.database.superuser.execute(
        "insert into working_day (id, site, day, is_working) values ($1, 'CN', '2026-03-04', false)", uuid7()
    )
    await tell(quiet, partner_id)
    [row] = await waiting(quiet)
    assert 22.99 < row["hours"] <= 23


async def test_security_mails_and_codes_go_out_at_once(quiet: Api) -> None:
    partner_id, main = await world.admitted_partner(quiet)
    await tell(quiet, partner_id, "step_up_on")
    assert [row["template"] for row in await quiet.inbox(main.email)] == ["step_up_on"]
    asked = {"scene": "SIGN_IN", "site": "CN", "mobile": main.mobile}
    assert codes(await quiet.anonymous.do("requestCode", "challenge { id }", **asked)) == []
    assert [row["template"] for row in await quiet.inbox(main.mobile)] == ["code_sign_in"]


async def test_a_code_to_step_up_goes_out_at_once(quiet: Api) -> None:
    _, main = await world.admitted_partner(quiet)
    for enabled in (True, False):
        given = {"enabled": enabled, "idempotencyKey": key()}
        answer = await main.client.do("setStepUpSwitch", "switch { enabled }", **given)
    assert codes(answer) == ["STEP_UP_REQUIRED"]
    assert [row["template"] for row in await quiet.inbox(main.mobile)] == ["code_sensitive_operation"]


async def test_a_channel_deselected_meanwhile_is_not_taken_after_the_wait(quiet: Api) -> None:
    partner_id, main = await world.admitted_partner(quiet)
    await tell(quiet, partner_id)
    given = {"type": "CUSTOMER", "byEmail": False, "idempotencyKey": key()}
    assert codes(await main.client.do("setMessageChannels", "setting { byEmail }", **given)) == []
    quiet.clock.advance(hours=10)
    await wait_over(quiet)
    assert (await sent(quiet), await waiting(quiet)) == (0, [])


async def test_who_was_stopped_during_the_wait_gets_nothing_and_the_others_do(quiet: Api) -> None:
    partner_id, main = await world.admitted_partner(quiet)
    director = await world.member(quiet, partner_id, Role.SYSTEM_ADMIN)
    await tell(quiet, partner_id)
    await quiet.database.superuser.execute("update account set status = 'DISABLED' where id = $1", director.id)
    quiet.clock.advance(hours=10)
    await wait_over(quiet)
    assert await reached(quiet) == {main.email}
    assert await waiting(quiet) == []


async def test_whoever_was_chosen_instead_during_the_wait_is_told(quiet: Api) -> None:
    partner_id, main = await world.admitted_partner(quiet)
    clerk = await world.member(quiet, partner_id, Role.FINANCE)
    await do(main.client, "addMessageRecipient", type="CUSTOMER", memberId=encode_id("acc", clerk.id))
    await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)
    await tell(quiet, partner_id)
    await quiet.database.superuser.execute("update account set status = 'DISABLED' where id = $1", clerk.id)
    quiet.clock.advance(hours=10)
    await wait_over(quiet)
    assert await reached(quiet) == {main.email}


async def test_a_member_who_was_stopped_during_the_wait_is_not_told_in_person(quiet: Api) -> None:
    partner_id, _ = await world.admitted_partner(quiet)
    people = [await world.member(quiet, partner_id, Role.FINANCE) for _ in range(2)]
    async with db.transaction(EVERYTHING):
        rows = [await Account.get(id=one.id) for one in people]
        ctx = context(quiet, ANONYMOUS)
        ctx.notify("member_added", rows, about=rows[0], names={"partner": await Partner.get(id=partner_id)})
        await journal.write_messages(ctx)
    await quiet.deliver()
    await quiet.database.superuser.execute("update account set status = 'FROZEN' where id = $1", people[0].id)
    quiet.clock.advance(hours=10)
    await wait_over(quiet)
    assert await reached(quiet, "member_added") == {people[1].email}


async def test_without_quiet_hours_everything_goes_out_at_once(api: Api) -> None:
    partner_id, _ = await world.admitted_partner(api)
    api.clock.at = EVENING
    await tell(api, partner_id)
    assert await sent(api) == 1
