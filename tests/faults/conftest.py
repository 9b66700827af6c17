"""The fixtures of API and worker processes, under their names here."""

from tests.faults.apis import front, front_broker, post, shared_front, victim
from tests.faults.workers import broker, crew, tables

__all__ = ["broker", "crew", "front", "front_broker", "post", "shared_front", "tables", "victim"]
