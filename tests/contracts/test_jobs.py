"""When the worker does what: a job that is no longer registered, or at another time, is seen here."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from core.clock import system_clock
from core.settings import Settings
from tasks.messages import open_post
from tasks.outbox import Registry
from tasks.schedules import CatchUp, Daily, Every, Schedules, Slots
from tasks.wiring import register_all

MINUTE, TEN_MINUTES, HOUR = timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)
BEIJING = ZoneInfo("Asia/Shanghai")
JOBS: dict[str, str | timedelta] = {
    "accounts.purge": "04:30",
    "associations.expire_requests": MINUTE,
    "bills.close_months": "02:00",
    "bills.estimate_months": "05:00",
    "business_info.check": timedelta(minutes=5),
    "business_info.warn_of_late": HOUR,
    "capabilities.pass_time": HOUR,
    "customers.pass_time": MINUTE,
    "experts.close_quarters": HOUR,
    "experts.generate": "02:00",
    "experts.pass_time": TEN_MINUTES,
    "experts.remind": "09:00",
    "experts.settle_deadlines": "00:20",
    "feeds.pass_time": TEN_MINUTES,
    "feeds.plan_days": "06:00",
    "funds.pass_time": HOUR,
    "incentives.lapse_unclaimed": "00:30",
    "incentives.pass_deadlines": MINUTE,
    "incentives.remind": "09:00",
    "incentives.resubmit_payouts": "09:00",
    "incentives.settle_deadlines": "00:20",
    "opportunities.pass_time": MINUTE,
    "opportunities.settle_deadlines": "05:30",
    "partners.refresh_benefits": "00:40",
    "paths.pass_time": HOUR,
    "plans.pass_time": TEN_MINUTES,
    "retention": timedelta(hours=6),
    "reviews.escalate": TEN_MINUTES,
    "seals.renew": HOUR,
    "solutions.pass_time": HOUR,
    "specialists.pass_time": TEN_MINUTES,
    "specialists.remind": HOUR,
    "uploads.pass_time": TEN_MINUTES,
    "verify": "00:30",
    "vouchers.expire": HOUR,
    "wallets.expire_holds": MINUTE,
}
"""How often, or at what time in Beijing every day."""
TOPICS = {
    *("admission.check", "code.email", "code.sms", "contact_change", "feed.check", "feed.deliver", "invitation.email"),
    *("micro_deposit", "notice", "password_reset.link", "quick_registration.email", "reseller_invitation.email"),
    *("specialist_invitation.send", "upload.erase", "upload.read", "upload.scan"),
}


def test_every_job_and_topic_at_its_time() -> None:
    registry, schedules, settings = Registry(), Schedules(), Settings()
    register_all(registry, schedules, open_post(settings), settings, system_clock)
    assert {name: said(one.slots) for name, one in schedules.jobs.items()} == JOBS
    assert {one.catch_up for one in schedules.jobs.values()} == {CatchUp.LATEST}
    assert set(registry.topics) == TOPICS


def said(slots: Slots) -> str | timedelta:
    """The times of a job as the table says them."""
    if isinstance(slots, Daily):
        assert slots.zone == BEIJING
        return f"{slots.at:%H:%M}"
    assert isinstance(slots, Every)
    return slots.interval
