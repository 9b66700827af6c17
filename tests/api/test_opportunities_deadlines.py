"""What time does: ten working days to verify, counted by the real calendar; the reminder; days not published yet."""

from datetime import UTC, date, datetime, timedelta

from core import db
from core.scope import EVERYTHING
from models.schedules import WorkingDay
from resolvers.opportunities import expire_verification, remind_office
from rules.sites import Site
from tasks.opportunities import pass_time, settle_deadlines
from tests import opportunities as po
from tests.client import Api, codes
from tests.opportunities import Desk, desk, done

BEFORE_SPRING_FESTIVAL = datetime(2026, 2, 9, 4, tzinfo=UTC)
"""Monday noon in Shanghai. Of the days after it 14 and 28 February, both Saturdays, are worked; 16 to 23 are free."""
DEADLINE = datetime(2026, 2, 28, 16, tzinfo=UTC)
REMINDER = datetime(2026, 2, 25, 16, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MUTED = ("session", "outbox")


async def waiting(api: Api) -> tuple[Desk, str]:
    """An opportunity that passed its audit on the Monday before the Spring Festival."""
    api.clock.at = BEFORE_SPRING_FESTIVAL
    at = await desk(api)
    return at, await po.verifying(api, at)


async def at_instant(api: Api, at: Desk, instant: datetime) -> Desk:
    """The same people at another time, with sessions of that time."""
    api.clock.at = instant
    return await po.signed_in_again(api, at)


class TestDeadline:
    async def test_it_is_stored_and_told_when_the_audit_passes(self, api: Api) -> None:
        at, opportunity = await waiting(api)

        document = "query($id: ID!) { opportunity(id: $id) { deadline deadlineProvisional } }"
        seen = (await at.main.client.send(document, id=opportunity)).data["opportunity"]

        assert seen == {"deadline": "2026-02-28T16:00:00.000Z", "deadlineProvisional": False}
        assert "2026-03-01 00:00 CST" in (await po.told(api, at.psm))["opportunity_to_verify"]

    async def test_the_last_millisecond_is_in_time(self, api: Api) -> None:
        at, opportunity = await waiting(api)
        at = await at_instant(api, at, DEADLINE - MILLISECOND)
        assert await pass_time(api.settings, api.clock) == 1  # the reminder
        assert codes(await po.verify(at.psm.client, opportunity)) == []
        api.clock.at = DEADLINE
        assert await pass_time(api.settings, api.clock) == 0
        assert await api.value("select state from opportunity") == "VERIFIED"

    async def test_the_next_one_is_too_late_even_before_the_job_has_run(self, api: Api) -> None:
        at, opportunity = await waiting(api)
        at = await at_instant(api, at, DEADLINE)

        async def attempt() -> None:
            late = await po.verify(at.psm.client, opportunity)
            assert codes(late) == ["PO_ALREADY_PROCESSED"]
            assert late["userErrors"][0]["deadline"] == "2026-02-28T16:00:00.000Z"

        assert await api.changes(attempt) == set()

    async def test_then_it_is_rejected_by_itself_and_everybody_is_told(self, api: Api) -> None:
        at, _ = await waiting(api)
        api.clock.at = DEADLINE

        assert await pass_time(api.settings, api.clock) == 1

        [row] = await api.rows("select state, verdict_reason, verified_by from opportunity")
        assert tuple(row.values()) == ("VERIFY_REJECTED", "DEADLINE_PASSED", None)
        for person in (at.main, at.psm, at.colleague):
            assert "opportunity_expired" in await po.told(api, person)
        [entry] = await api.rows("select side, author_id from opportunity_update where kind = 'VERIFY_REJECTED'")
        assert tuple(entry.values()) == ("SYSTEM", None)
        assert await api.value("select count(*) from audit where operation = 'expire_verification'") == 1
        assert await pass_time(api.settings, api.clock) == 0

    async def test_the_job_leaves_what_somebody_decided_or_is_not_yet_due(self, api: Api) -> None:
        from resolvers.command import run
        from resolvers.system import system_context

        at, opportunity = await waiting(api)
        api.clock.at = DEADLINE - MILLISECOND
        ctx = await system_context(api.settings, api.clock())
        row_id = await api.value("select id from opportunity")
        early = await run(ctx, expire_verification, opportunity_id=row_id)
        assert early.result is None
        at = await at_instant(api, at, BEFORE_SPRING_FESTIVAL + timedelta(hours=1))
        await done(await po.verify(at.psm.client, opportunity))
        api.clock.at = DEADLINE
        ctx = await system_context(api.settings, api.clock())
        for command in (expire_verification, remind_office):
            assert (await run(ctx, command, opportunity_id=row_id)).result is None
        assert await api.value("select state from opportunity") == "VERIFIED"


class TestReminder:
    async def test_after_seven_working_days_the_office_is_reminded_once(self, api: Api) -> None:
        at, _ = await waiting(api)
        api.clock.at = REMINDER - MILLISECOND
        assert await pass_time(api.settings, api.clock) == 0
        api.clock.at = REMINDER
        assert await pass_time(api.settings, api.clock) == 1
        assert await pass_time(api.settings, api.clock) == 0

        for person in (at.psm, at.colleague):
            told = sorted(row["template"] for row in await api.inbox(person.email))
            assert told == ["opportunity_reminder", "opportunity_to_verify"]
        assert await api.value("select count(*) from event where type = 'opportunity.verification_expiring'") == 1


class TestUnpublishedYears:
    NEW_YEAR = datetime(2026, 12, 25, 4, tzinfo=UTC)

    async def test_a_deadline_across_them_is_provisional_until_operations_enter_the_days(self, api: Api) -> None:
        api.clock.at = self.NEW_YEAR
        at = await desk(api)
        dates = {"expectedSignOn": "2027-03-01", "expectedDeliveryOn": "2027-06-01"}
        await po.verifying(api, at, **dates)
        [row] = await api.rows("select deadline, deadline_provisional from opportunity")
        assert tuple(row.values()) == (datetime(2027, 1, 8, 16, tzinfo=UTC), True)

        assert await settle_deadlines(api.settings, api.clock) == 1
        assert await api.value("select deadline_provisional from opportunity")

        first = date(2027, 1, 1)
        async with db.transaction(EVERYTHING):
            for offset in range(31):
                day = first + timedelta(days=offset)
                free = day.weekday() > 4 or offset < 3
                await WorkingDay.create(site=Site.CN, day=day, is_working=not free)
        assert await settle_deadlines(api.settings, api.clock) == 1

        [row] = await api.rows("select deadline, deadline_provisional from opportunity")
        assert tuple(row.values()) == (datetime(2027, 1, 11, 16, tzinfo=UTC), False)
        assert await settle_deadlines(api.settings, api.clock) == 0


class TestOtherSite:
    async def test_the_international_site_counts_its_own_days(self, api: Api) -> None:
        api.clock.at = BEFORE_SPRING_FESTIVAL
        at = await desk(api, regions=("SG",), site=Site.INTL)
        await po.verifying(
            api,
            at,
            customerRegion="SG",
            expectedRevenue="1500.00",
            contactMobile="+6591234567",
            partnerContactMobile="+6591234568",
        )

        [row] = await api.rows("select deadline, expected_revenue_currency from opportunity")

        assert tuple(row.values()) == (datetime(2026, 2, 24, tzinfo=UTC), "USD")
