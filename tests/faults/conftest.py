"""The worker's fixtures, under their names here."""

from tests.faults.workers import broker, crew, tables

__all__ = ["broker", "crew", "tables"]
