"""Keeps a set of child processes running until it is told to stop, and then leaves none behind."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from core.servers.process import Child

STEADY = 10.0
LONGEST_PAUSE = 10.0


class Stop(BaseException):
    """INT, TERM or HUP arrived; raised once, wherever the main thread is."""


class Ended(RuntimeError):
    """A process that must not end has ended."""


@contextmanager
def stopping_on_signals() -> Iterator[None]:
    """The first INT, TERM or HUP raises `Stop`; later ones are ignored, so that the clean-up is not torn.

    The handlers are installed even when this process inherited SIGINT ignored, as a script's background job does.
    """
    told = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        if not told:
            told = True
            raise Stop

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, stop) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


@dataclass
class _Program:
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    cwd: Path
    restart: bool
    child: Child | None = None
    started: float = 0.0
    pause: float = 0.0
    due: float = field(default=0.0)

    def start(self) -> None:
        self.child = Child(self.command, environment=self.environment, cwd=self.cwd)
        self.started = time.monotonic()


class Supervisor:
    """Starts programs, restarts those that may be, and stops all of them together."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report
        self._programs: list[_Program] = []

    def add(
        self, name: str, command: Sequence[str], *, environment: Mapping[str, str], cwd: Path, restart: bool
    ) -> None:
        """Starts a program now. `restart`: start it again when it ends, after pauses of 0.5 s growing to 10 s."""
        program = _Program(name, command, environment, cwd, restart)
        self._programs.append(program)
        program.start()

    def wait_until(self, ready: Callable[[], bool], *, timeout: float) -> None:
        """Watches the programs until `ready()`; `Ended` when one that must run has ended or time is up."""
        deadline = time.monotonic() + timeout
        while not ready():
            self._look_after_all()
            if time.monotonic() > deadline:
                raise Ended(f"not ready after {timeout:.0f} s")
            time.sleep(0.02)

    def watch(self) -> None:
        """Keeps everything running; leaves only by an exception (`Stop`, `Ended`)."""
        while True:
            self._look_after_all()
            time.sleep(0.1)

    def stop(self, timeout: float) -> None:
        """Sends TERM to all at once, waits up to `timeout` seconds for them together, then kills what is left."""
        running = [program.child for program in self._programs if program.child and program.child.running]
        for child in running:
            child.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + timeout
        for child in running:
            child.finish(deadline - time.monotonic())

    def _look_after_all(self) -> None:
        for program in self._programs:
            if program.child is None:
                if time.monotonic() >= program.due:
                    program.start()
            elif not program.child.running:
                self._handle_end(program, int(program.child.process.returncode))

    def _handle_end(self, program: _Program, code: int) -> None:
        if not program.restart:
            raise Ended(f"{program.name} ended with code {code}")
        steady = time.monotonic() - program.started > STEADY
        program.pause = 0.5 if steady or not program.pause else min(program.pause * 2, LONGEST_PAUSE)
        program.due = time.monotonic() + program.pause
        program.child = None
        self._report(f"{program.name} ended with code {code}; starting it again in {program.pause:g} s")
