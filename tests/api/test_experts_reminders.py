"""Reminders of incentives of either kind, some working days before it is too late; through the API."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.ids import decode_id
from resolvers.incentives import reminding
from rules.calendar import add_working_days
from rules.sites import Site
from tasks import experts as clock
from tasks.incentives import remind
from tests import earning
from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.experts import FIFTEENTH, at, confirm, generated, mails, stage, status_of, step

DAY = timedelta(days=1)
LISTED = "expert_list_reminder"
LEFT = re.compile(r"(\d+) 个工作日")
COPY = """
    insert into expert_incentive select (row).* from (
      select jsonb_populate_record(
        one, jsonb_build_object('id', $1::uuid, 'period', $2::text, 'reminded', 1, 'deadline', one.deadline)
      ) as row from expert_incentive one where id = $3
    ) copied
"""
"""The same list of another month, reminded of for the last time, before it in every order."""
THIRTIETH = datetime(2026, 4, 27, 16, 0, tzinfo=UTC)
"""The end of the thirtieth working day after Sunday 15 March on the mainland site."""


class TestReminders:
    async def test_ten_five_and_one_working_days_before(self, api: Api) -> None:
        on = await stage(api)
        await generated(api, on, "SENIOR")
        reminded = []
        day = FIFTEENTH + timedelta(hours=7)
        while day < THIRTIETH:
            await at(api, day)
            for _ in range(2):
                reminded += [f"{day:%m-%d}"] * await clock.remind(api.settings, api.clock)
            day += timedelta(days=1)
        assert reminded == ["04-13", "04-20", "04-24"]
        told = [row["body"] for row in await api.inbox(str(on.partner.main.email)) if row["template"] == LISTED]
        assert sorted(int(LEFT.findall(body)[0]) for body in told) == [1, 5, 10]

    async def test_who_is_reminded_late_is_told_what_is_left(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await at(api, datetime(2026, 4, 16, 1, tzinfo=UTC))
        assert await clock.remind(api.settings, api.clock) == 1
        reminded = "select reminded from expert_incentive where id = $1"
        assert await api.value(reminded, decode_id(made["id"])[1]) == 10
        await at(api, THIRTIETH - timedelta(hours=1))
        assert await clock.remind(api.settings, api.clock) == 1
        told = [row["body"] for row in await api.inbox(str(on.partner.main.email)) if row["template"] == LISTED]
        assert sorted(int(LEFT.findall(body)[0]) for body in told) == [0, 7]

    async def test_those_reminded_before_keep_nobody_from_being_reminded(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reminding, "BATCH", 2)
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        own = decode_id(made["id"])[1]
        for number in range(1, 6):
            await api.database.superuser.execute(COPY, UUID(int=number), f"2025-0{number}", own)
        await at(api, THIRTIETH - timedelta(hours=15))
        assert await clock.remind(api.settings, api.clock) == 1
        assert await api.value("select reminded from expert_incentive where period = '2026-03'") == 1
        assert await clock.remind(api.settings, api.clock) == 0

    async def test_a_long_time_ahead_is_reminded_of_as_the_policy_says(self, api: Api) -> None:
        await api.override("incentives.reminder_working_days", ["60"])
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        later = "update expert_incentive set deadline = $1"
        sixtieth = add_working_days(FIFTEENTH + 9 * DAY, 60, Site.CN).at
        await api.database.superuser.execute(later, sixtieth)
        for day, found in ((8, 0), (9, 1), (10, 0)):
            await at(api, FIFTEENTH + day * DAY)
            assert await clock.remind(api.settings, api.clock) == found, day
        assert await status_of(api, made) == "PENDING_CONFIRM"

    async def test_a_confirmed_list_is_reminded_of_its_materials(self, api: Api) -> None:
        on = await stage(api)
        made = await generated(api, on, "SENIOR")
        await at(api, THIRTIETH - timedelta(hours=15))
        assert await clock.remind(api.settings, api.clock) == 1
        done = await confirm(on.api, made)
        until = datetime.fromisoformat(done["incentive"]["deadline"])
        assert await clock.remind(api.settings, api.clock) == 0
        await at(api, until - timedelta(hours=15))
        assert await clock.remind(api.settings, api.clock) == 1
        assert "expert_materials_reminder" in await mails(api, on)
        await at(api, until)
        assert await clock.remind(api.settings, api.clock) == 0
        assert codes(await step(on.api, "submitExpertMaterials", made))[0] == "INCENTIVE_EXPIRED"


async def test_incentives_for_sales_are_reminded_of_too(api: Api) -> None:
    on = await earning.stage(api)
    [made] = await earning.generated(api, on, (earning.RESALE, 1_000_000_00))
    until = await api.value("select confirm_deadline from incentive where id = $1", decode_id(made)[1])
    api.clock.at = until - timedelta(hours=15) - 4 * DAY
    assert await remind(api.settings, api.clock) == 0
    # Its five working days are the reminder's: only the last one is left.
    for _ in range(2):
        api.clock.at = until - timedelta(hours=15)
        await refresh(api)
        await remind(api.settings, api.clock)
    main = await api.value("select email from account where id = $1", on.world.main.id)
    assert [row["template"] for row in await api.inbox(main)].count("incentive_reminder") == 1
    assert await api.value("select reminded from incentive where id = $1", decode_id(made)[1]) == 1
    assert await api.value("select count(*) from event where type = 'incentive.reminded'") == 1
