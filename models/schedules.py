"""Which slot of which job has run, and the working days operations entered by hand."""

from datetime import date

from tortoise import fields
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.base import SYSTEM_TABLE, Row, Scoped
from rules.sites import Site


class ScheduleRun(Row):
    """One slot of one job. The unique pair makes N workers run it once. Instants are the database's own time."""

    job = fields.CharField(max_length=60)
    slot = fields.DatetimeField()
    state = fields.CharField(max_length=10, default="due", db_default="due")
    started_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)

    scope = SYSTEM_TABLE

    class Meta:
        table = "schedule_run"
        constraints = (
            UniqueConstraint(fields=("job", "slot"), name="schedule_slot_once"),
            CheckConstraint(check="state IN ('due','done','failed','skipped')", name="schedule_state_known"),
        )


class WorkingDay(Row):
    """A day that operations declared working or free for a site, over what the calendar library says."""

    site = fields.CharField(max_length=4)
    day = fields.DateField()
    is_working = fields.BooleanField()
    note = fields.CharField(max_length=200, default="", db_default="")

    scope = Scoped(public=True)

    class Meta:
        table = "working_day"
        constraints = (UniqueConstraint(fields=("site", "day"), name="working_day_once"),)


async def calendar_entries(site: Site) -> dict[date, bool]:
    """The site's days that operations declared working (true) or free, as `rules.calendar` takes them."""
    return {row.day: row.is_working for row in await WorkingDay.filter(site=site)}
