"""What time does to approved activities, and what they stand in the way of; through the API and the jobs."""

from datetime import timedelta

import pytest

from rules.sites import Site
from tasks.funds import pass_time
from tests.api.test_paths import refresh
from tests.client import Api, codes
from tests.funds import Funded, approved, at_day, drafted, expense, funded, left, shown, step
from tests.opportunities import done
from tests.paths import mails, offers
from tests.paths import step as path_step

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


async def notices(api: Api, who: Funded) -> int:
    """How many times the partner was told that the time of a claim ends."""
    return len([row for row in await api.inbox(str(who.main.email)) if row["template"] == "mdf_claim_ending"])


@pytest.mark.parametrize("site", Site)
async def test_its_partner_is_told_twice_and_after_ninety_days_it_is_over(api: Api, site: Site) -> None:
    who = await funded(api, site)
    case = await approved(api, who)
    waiting = await drafted(api, who)
    ends = (await shown(who, case))["dueAt"]
    assert ends == {Site.CN: "2026-06-28T16:00:00.000Z", Site.INTL: "2026-06-29T00:00:00.000Z"}[site]
    end = api.clock().replace(month=6, day=28, hour=16) + (timedelta(hours=8) if site is Site.INTL else timedelta())

    for at, told in ((end - 30 * DAY - SECOND, 0), (end - 30 * DAY, 1), (end - 10 * DAY - SECOND, 1)):
        api.clock.at = at
        await refresh(api)
        assert await pass_time(api.settings, api.clock) == (at == end - 30 * DAY)
        assert await pass_time(api.settings, api.clock) == 0
        assert await notices(api, who) == told
    api.clock.at = end - SECOND
    await refresh(api)
    assert await pass_time(api.settings, api.clock) == 1
    assert await notices(api, who) == 2
    assert (await left(who))[0] == "4000.00"

    api.clock.at = end
    await refresh(api)
    assert await pass_time(api.settings, api.clock) == 1
    assert (await shown(who, case))["state"] == "CLAIM_EXPIRED"
    assert (await left(who))[0] == "0.00"
    assert "mdf_claim_expired" in await mails(api, who)

    async def again() -> None:
        assert await pass_time(api.settings, api.clock) == 0

    assert await api.changes(again) == set()
    assert (await shown(who, waiting))["state"] == "DRAFT"


async def test_a_missed_notice_is_not_given_beside_a_later_one(api: Api) -> None:
    who = await funded(api)
    await approved(api, who)
    api.clock.advance(days=28 + 85)
    await refresh(api)
    assert await pass_time(api.settings, api.clock) == 1
    assert await notices(api, who) == 1


async def test_what_is_not_settled_keeps_a_partner_on_its_path_and_its_account_open(api: Api) -> None:
    who = await funded(api)
    draft = await drafted(api, who)

    async def blockers() -> list[str]:
        return [one["kind"] for one in (await offers(who))["SI"]["exitBlockers"]]

    async def precheck() -> set[str]:
        found = (await who.api.send("{ cancellationPrecheck { blockers { code } } }")).data["cancellationPrecheck"]
        return {one["code"] for one in found["blockers"]}

    assert (await blockers(), await precheck()) == (["ROLE_VALIDATED"], {"PATH_EXIT_REQUIRED"})
    await done(await step(who.api, "submitMdfCase", draft, agreementVersion="1.0"))
    assert await blockers() == ["ROLE_VALIDATED", "MDF"]
    assert await precheck() == {"PATH_EXIT_REQUIRED", "CLOSE_REVIEW_OPEN"}
    await done(await step(who.api, "cancelMdfCase", draft))
    await done(await step(who.api, "updateMdfCase", draft, name="Cloud day again"))
    assert await blockers() == ["ROLE_VALIDATED", "MDF"], "what was submitted once stays on record"
    await done(await step(who.api, "submitMdfCase", draft, agreementVersion="1.0"))
    held = (await offers(who))["SI"]["enrollment"]
    assert codes(await path_step(who.api, "exitPath", held)) == ["PATH_EXIT_BLOCKED"] * 2
    await approved(api, who, name="Cloud week", audience="Partners")
    assert await precheck() == {"PATH_EXIT_REQUIRED", "CLOSE_REVIEW_OPEN", "CLOSE_BENEFITS_UNPAID"}
    await done(await step(who.api, "cancelMdfCase", draft))
    assert await precheck() == {"PATH_EXIT_REQUIRED", "CLOSE_BENEFITS_UNPAID"}
    assert await blockers() == ["ROLE_VALIDATED", "MDF"]


async def test_of_an_activity_without_a_share_nothing_is_lost_and_nobody_told(api: Api) -> None:
    who = await funded(api)
    case = await approved(api, who, budget=[expense(fundAmount="0.00")])
    await at_day(api, 29)
    todos = (await who.api.send("{ todos(kinds: [MDF_CLAIM]) { kind } }")).data["todos"]
    precheck = (await who.api.send("{ cancellationPrecheck { blockers { code } } }")).data["cancellationPrecheck"]
    assert (todos, precheck["blockers"]) == ([], [{"code": "PATH_EXIT_REQUIRED"}])
    for number in (28 + 89, 28 + 91):
        await at_day(api, number)
        await pass_time(api.settings, api.clock)
    assert (await shown(who, case))["state"] == "CLAIM_EXPIRED"
    assert not {"mdf_claim_ending", "mdf_claim_expired"} & set(await mails(api, who))
