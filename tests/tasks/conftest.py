"""The worker's fixtures, under their names here."""

from tests.faults.workers import broker, tables

__all__ = ["broker", "tables"]
