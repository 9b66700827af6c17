"""The worker's fixtures, under their names here."""

from tests.faults.workers import broker, crew, pool, tables

__all__ = ["broker", "crew", "pool", "tables"]
