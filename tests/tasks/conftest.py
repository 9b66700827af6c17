"""The worker's fixtures, under their names here."""

from tests.faults.workers import broker, pool, tables

__all__ = ["broker", "pool", "tables"]
