"""Carries out what business transactions put into the outbox: at least once, in order per aggregate, with patience."""

from tasks.outbox.runner import Runner
from tasks.outbox.topics import DEFAULT, Handler, Job, OnDead, Postponed, Registry, Topic, topic

__all__ = ["DEFAULT", "Handler", "Job", "OnDead", "Postponed", "Registry", "Runner", "Topic", "topic"]
