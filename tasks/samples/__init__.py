"""Sample data: fourteen months of a partner network, made by its people through the commands themselves."""

from datetime import datetime, timedelta

from core import db
from core.clock import system_clock
from core.scope import EVERYTHING
from core.settings import Settings, get_settings
from models.config import tortoise_config
from tasks import sequencer
from tasks.samples import (
    accounts_proven,
    applicants,
    capabilities,
    departures,
    experts,
    feeds,
    funds,
    information,
    memberships,
    opportunities,
    paths,
    prospects,
    solutions,
    specialists,
    tiers,
    vouchers,
)
from tasks.samples.customers import relation, relations
from tasks.samples.earnings import earnings
from tasks.samples.partners import CAREERS, career, hire_staff, open_offices
from tasks.samples.signs import sign_ins
from tasks.samples.stage import Stage
from tasks.samples.timeline import play

DAYS = 420


async def load(settings: Settings | None = None) -> list[str]:
    """Fills the empty database that the settings name; the lines that say who can sign in.

    `RuntimeError` for a database that is not empty.
    """
    settings = settings or get_settings()
    config = tortoise_config(settings.database_url, pool_size=2)
    # A crash loses the whole load anyway: no need to wait for the disk at every step of it.
    config["connections"]["default"]["credentials"].setdefault("server_settings", {})["synchronous_commit"] = "off"
    await db.open_database(config)
    try:
        return await fill(settings, system_clock())
    finally:
        await db.close_database()


async def fill(settings: Settings, now: datetime) -> list[str]:
    """As `load`, on the database that is open already; the history ends at `now`."""
    await _require_empty()
    stage = await Stage.open(settings, now - timedelta(days=DAYS))
    await hire_staff(stage)
    await open_offices(stage)
    stories = [career(stage, wanted) for wanted in CAREERS]
    stories += [relation(stage, wanted) for wanted in relations()]
    told = (*applicants.STORIES, *memberships.STORIES, *prospects.STORIES, *information.STORIES, *feeds.STORIES)
    proven = (*accounts_proven.STORIES, *departures.STORIES)
    risen = (*paths.STORIES, *solutions.STORIES, *capabilities.STORIES)
    stories += [story(stage) for story in (*told, *proven, *risen)]
    stories += [*opportunities.stories(stage), *vouchers.stories(stage), *specialists.stories(stage)]
    stories += [*tiers.stories(stage, DAYS), *funds.stories(stage, DAYS), *experts.stories(stage, DAYS)]
    stories += [earnings(stage, DAYS)]
    await play(stage.clock, stories)
    await stage.courier.finish()
    while await sequencer.sequence_once():
        pass
    return sign_ins(stage)


async def _require_empty() -> None:
    async with db.read(EVERYTHING):
        row = await db.fetch_one("select exists (select from account) as taken")
    if row is not None and row["taken"]:
        raise RuntimeError("the database has accounts already; sample data goes into an empty one")
