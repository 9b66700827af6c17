"""Reminders of incentives of either kind, some working days before it is too late; through the API."""

from datetime import UTC, datetime, timedelta

from core.ids import decode_id
from tasks import experts as clock
from tasks.incentives import remind
from tests import earning
from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.experts import FIFTEENTH, at, confirm, generated, mails, stage, step

DAY = timedelta(days=1)
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
        assert (await mails(api, on)).count("expert_list_reminder") == 3

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
