"""What the kernel says of processes: their children, the time they had, the core they may use."""

import os
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

SERVER_CORE = 0
LOAD_CORE = 1
_TICKS = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = defaultdict(list)
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                children[int(_stat(int(folder.name))[1])].append(int(folder.name))
    found = [pid]
    for parent in found:
        found += children[parent]
    return found


def cpu_seconds(pid: int) -> float:
    """Time that the process and its children had, those included that have ended and been waited for."""
    ticks = 0
    for one in tree(pid):
        with suppress(OSError):
            stat = _stat(one)
            ticks += sum(map(int, stat[11:15]))
    return ticks / _TICKS


def pin(pids: Iterable[int], core: int) -> None:
    """Keeps the processes, and what they start from now on, on one core."""
    for pid in pids:
        with suppress(OSError):
            os.sched_setaffinity(pid, {core})


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the name: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
