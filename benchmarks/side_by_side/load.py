"""wrk: one thread, sixteen connections, the callers of an operation in turn."""

import json
import random  # noqa: TID251 - the order of the callers, the same in every run
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.side_by_side.answers import body
from benchmarks.side_by_side.callers import Caller
from benchmarks.side_by_side.operations import Operation
from benchmarks.side_by_side.processes import LOAD_CORE, cpu_seconds
from benchmarks.side_by_side.servers import Running
from core.ids import uuid7

SCRIPT = Path(__file__).parent / "load.lua"
IDLE_TIMEOUT = 20.0


class LoadFailed(RuntimeError):
    """wrk itself did not work."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One run of wrk: rates per second, times in milliseconds; CPU is that of one request."""

    requests: int
    rate: float
    p50: float
    p99: float
    bytes_each: float
    refused: int
    broken: int
    server_cpu: float
    database_cpu: float


def prepare(folder: Path, running: Running, operation: Operation, callers: Sequence[Caller]) -> Path:
    """Writes the requests of everybody who asks, in an order that has nothing to do with the partners' sizes."""
    lines = [f"{running.server.header(caller)}\t{body(running.server, operation, caller)}\n" for caller in callers]
    random.Random(operation.name).shuffle(lines)
    path = folder / f"{running.server.name}-{operation.name}.requests"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def run(running: Running, requests: Path, *, seconds: int, connections: int, database_pid: int) -> Measured:
    """Loads the server for so long, and waits until it has done what was still under way.

    CPU is divided by all that the server was given: those requests too for whose answer wrk no longer waited.
    """
    before = cpu_seconds(running.child.pid), cpu_seconds(database_pid)
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s"]
    command += ["-s", str(SCRIPT), running.address, "--", str(requests), uuid7().hex]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as child:
        try:
            output, _ = child.communicate(timeout=seconds + 60)
        except BaseException:
            child.kill()
            raise
    wait_until_idle(running.child.pid, database_pid)
    after = cpu_seconds(running.child.pid), cpu_seconds(database_pid)
    found = _result(output)
    given = found["requests"] + connections
    server, database = ((late - early) / given * 1_000 for early, late in zip(before, after, strict=True))
    return Measured(
        requests=int(found["requests"]),
        rate=found["requests"] / found["microseconds"] * 1e6,
        p50=found["p50"] / 1_000,
        p99=found["p99"] / 1_000,
        bytes_each=found["bytes"] / max(1, found["requests"]),
        refused=int(found["refused"]),
        broken=int(found["broken"]),
        server_cpu=server,
        database_cpu=database,
    )


def wait_until_idle(*pids: int) -> None:
    """Returns when the processes have nothing left to do: the next server shall have the core for itself."""
    deadline = time.monotonic() + IDLE_TIMEOUT
    while time.monotonic() < deadline:
        before = [cpu_seconds(pid) for pid in pids]
        time.sleep(0.1)
        if all(cpu_seconds(pid) - early <= 0.02 for pid, early in zip(pids, before, strict=True)):
            return


def _result(output: str) -> dict[str, float | int]:
    with suppress(ValueError, IndexError):
        found: dict[str, float | int] = json.loads(output.rpartition("RESULT ")[2].splitlines()[0])
        return found
    raise LoadFailed(f"wrk said:\n{output[-1500:]}")
