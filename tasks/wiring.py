"""Joins the domains' topics and jobs to a worker: the one list of what a worker can do."""

from core.clock import Clock
from core.settings import Settings
from tasks import (
    accounts,
    associations,
    bills,
    business_info,
    capabilities,
    customers,
    experts,
    feeds,
    funds,
    incentives,
    messages,
    opportunities,
    partners,
    paths,
    plans,
    resellers,
    retention,
    reviews,
    seals,
    solutions,
    specialists,
    uploads,
    verify_cli,
    vouchers,
    wallets,
)
from tasks.outbox import Registry
from tasks.schedules import Schedules


def register_all(
    registry: Registry, schedules: Schedules, post: messages.Post, settings: Settings, clock: Clock
) -> None:
    """Every topic into `registry`, every job into `schedules`; business time comes from `clock`."""
    messages.register(post, settings, clock, registry)
    accounts.register(post, settings, clock, registry, schedules)
    partners.register(settings, clock, registry, schedules)
    resellers.register(post, settings, registry)
    associations.register(settings, clock, schedules)
    incentives.register(settings, clock, schedules)
    experts.register(settings, clock, schedules)
    opportunities.register(settings, clock, schedules)
    customers.register(post, settings, clock, registry, schedules)
    specialists.register(post, settings, clock, registry, schedules)
    plans.register(settings, clock, schedules)
    vouchers.register(settings, clock, schedules)
    business_info.register(post, settings, clock, registry, schedules)
    bills.register(settings, clock, schedules)
    wallets.register(settings, clock, schedules)
    paths.register(settings, clock, schedules)
    solutions.register(settings, clock, schedules)
    capabilities.register(settings, clock, schedules)
    funds.register(settings, clock, schedules)
    reviews.register(settings, clock, schedules)
    uploads.register(settings, clock, registry, schedules)
    feeds.register(settings, clock, registry, schedules)
    seals.register(settings, clock, schedules)
    retention.register(settings, clock, schedules)
    verify_cli.register(schedules)
