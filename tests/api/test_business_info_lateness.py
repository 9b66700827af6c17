"""What waits too long for the vendor: its people are told once, from the instant on that is too late."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from rules.access import Role
from rules.sites import Site
from tasks.business_info import warn_of_late
from tests import factories
from tests.business_info import entered, in_auto_check, locked, record_of, submitted
from tests.client import Api
from tests.factories import Person
from tests.todos import groups
from tests.world import World, world

SECOND = timedelta(seconds=1)
DEPOSIT, CHECK, UNLOCK = "business_info_deposit_late", "business_info_check_late", "business_info_unlock_late"


async def unmade(api: Api, on: World) -> object:
    """A micro-deposit that nobody has made yet."""
    entered(api)
    return await submitted(api, on)


async def told(api: Api, person: Person) -> list[str]:
    """The templates of somebody's mails."""
    return [row["template"] for row in await api.inbox(str(person.email))]


# A Monday, noon in Beijing: one working day is over at midnight of Tuesday, three at that of Thursday.
@pytest.mark.parametrize(
    ("wait", "late", "template", "finance_too"),
    [
        (unmade, datetime(2026, 3, 3, 16, tzinfo=UTC), DEPOSIT, True),
        (in_auto_check, datetime(2026, 3, 2, 7, tzinfo=UTC), CHECK, False),
        (locked, datetime(2026, 3, 5, 16, tzinfo=UTC), UNLOCK, False),
    ],
)
async def test_the_vendors_people_are_told_once(
    api: Api, wait: Callable[[Api, World], Awaitable[object]], late: datetime, template: str, finance_too: bool
) -> None:
    people = {
        role: await factories.staff(api, role)
        for role in (Role.VENDOR_OPS, Role.VENDOR_ADMIN, Role.VENDOR_FINANCE, Role.VENDOR_REVIEWER)
    }
    elsewhere = await factories.staff(api, Role.VENDOR_OPS, site=Site.INTL)
    on = await world(api)
    await wait(api, on)
    assert (await record_of(api, on))["late_from"] == late
    api.clock.at = late - SECOND
    assert await warn_of_late(api.settings, api.clock) == 0
    api.clock.at = late

    assert [await warn_of_late(api.settings, api.clock) for _ in range(2)] == [1, 0]

    reached = {Role.VENDOR_OPS, Role.VENDOR_ADMIN} | ({Role.VENDOR_FINANCE} if finance_too else set())
    assert {role for role, person in people.items() if template in await told(api, person)} == reached
    assert await told(api, elsewhere) == []


async def test_what_is_no_longer_waited_for_is_told_to_nobody(api: Api) -> None:
    on, operations = await world(api), await factories.staff(api, Role.VENDOR_OPS)
    await submitted(api, on)
    assert (await record_of(api, on))["late_from"] is None
    api.clock.advance(days=30)
    assert await warn_of_late(api.settings, api.clock) == 0
    assert await told(api, operations) == []


async def test_a_deposit_to_be_made_is_late_among_the_to_dos_too(api: Api) -> None:
    on = await world(api)
    await unmade(api, on)
    due = (await record_of(api, on))["late_from"]
    for at, late in ((due - SECOND, 0), (due, 1)):
        api.clock.at = at
        finance = await factories.staff(api, Role.VENDOR_FINANCE)
        assert (await groups(finance.api))["MICRO_DEPOSIT_PAYMENT"]["overdue"] == late
