"""Rounds: every server answers every operation once in each, in an order that turns round every other time."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.side_by_side import load
from benchmarks.side_by_side.answers import Differs
from benchmarks.side_by_side.callers import Callers
from benchmarks.side_by_side.load import Measured
from benchmarks.side_by_side.operations import Operation
from benchmarks.side_by_side.processes import LOAD_CORE, pin, tree
from benchmarks.side_by_side.servers import Running

Results = dict[str, dict[str, list[Measured]]]
"""Operation → server → its rounds."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how often, with how many connections."""

    rounds: int = 5
    seconds: int = 3
    warm_up: int = 1
    connections: int = 16

    def long(self, rate: float) -> int:
        """Four times as long for a server so slow that a round would otherwise be a handful of answers."""
        return self.seconds * (4 if rate * self.seconds < 10 * self.connections else 1)


def measure(
    servers: Sequence[Running],
    operations: Sequence[Operation],
    callers: Callers,
    plan: Plan,
    *,
    folder: Path,
    database_pid: int,
    sizes: dict[str, int],
    say: Callable[[str], None],
) -> Results:
    """All rounds. `sizes` are the mean bytes of right answers: a server that fails under load would send others."""
    results: Results = defaultdict(lambda: defaultdict(list))
    requests = {
        (one.server.name, operation.name): load.prepare(folder, one, operation, operation.callers(callers))
        for one in servers
        for operation in operations
    }
    for number in range(plan.rounds):
        for operation in operations:
            for one in servers if number % 2 == 0 else reversed(servers):
                path = requests[one.server.name, operation.name]
                pin(tree(database_pid), LOAD_CORE)
                warm = load.run(
                    one, path, seconds=plan.warm_up, connections=plan.connections, database_pid=database_pid
                )
                found = load.run(
                    one, path, seconds=plan.long(warm.rate), connections=plan.connections, database_pid=database_pid
                )
                _require_sound(one, operation, found, sizes)
                results[operation.name][one.server.name].append(found)
                name = f"{operation.name} {one.server.name:<18}"
                say(f"round {number + 1} {name} {found.rate:9.0f}/s  p50 {found.p50:.2f} ms")
    return results


def _require_sound(one: Running, operation: Operation, found: Measured, sizes: dict[str, int]) -> None:
    """A refused request, or answers of another size than right ones have, would make the number worthless."""
    usual = sizes[f"{one.server.name} {operation.name}"]
    odd = not 0.4 * usual < found.bytes_each < 2.5 * usual + 1_000
    if found.refused or odd:
        raise Differs(
            f"{one.server.name} fails under {operation.name}: {found.refused} of {found.requests} refused,"
            f" {found.bytes_each:.0f} bytes an answer instead of about {usual}"
        )
