"""Supervision: what may end is started again, what may not ends everything, and stopping is complete."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.supervisor import Ended, Stop, Supervisor, stopping_on_signals
from tests.core.processes import alive, eventually


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(said.append)
    yield made
    made.stop(5)


def add(supervisor: Supervisor, script: str, folder: Path, *, restart: bool) -> None:
    supervisor.add(
        "it", ["/bin/sh", "-c", script], environment={"PATH": os.environ["PATH"]}, cwd=folder, restart=restart
    )


def test_a_worker_that_ends_is_started_again(supervisor: Supervisor, said: list[str], tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    add(supervisor, "echo started >> log; exit 3", tmp_path, restart=True)
    supervisor.wait_until(lambda: (tmp_path / "log").read_text().count("started") == 3, timeout=20)
    assert said[:2] == [
        "it ended with code 3; starting it again in 0.5 s",
        "it ended with code 3; starting it again in 1 s",
    ]


def test_the_end_of_what_must_run_is_told(supervisor: Supervisor, tmp_path: Path) -> None:
    add(supervisor, "exit 4", tmp_path, restart=False)
    with pytest.raises(Ended, match="it ended with code 4"):
        supervisor.watch()


def test_waiting_has_an_end(supervisor: Supervisor, tmp_path: Path) -> None:
    add(supervisor, "sleep 60", tmp_path, restart=False)
    with pytest.raises(Ended, match="not ready after 0 s"):
        supervisor.wait_until(lambda: False, timeout=0.1)


def test_stopping_asks_all_at_once_and_kills_the_deaf(supervisor: Supervisor, tmp_path: Path) -> None:
    for name in ("one", "two"):
        script = f"trap '' TERM; echo $$ > {name}.new; mv {name}.new {name}; while :; do sleep 0.05; done"
        add(supervisor, script, tmp_path, restart=False)
    assert eventually(lambda: (tmp_path / "one").exists() and (tmp_path / "two").exists())
    pids = [int((tmp_path / name).read_text()) for name in ("one", "two")]
    before = time.monotonic()
    supervisor.stop(1.0)
    assert time.monotonic() - before < 1.9, "the time is for all together"
    assert not any(alive(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_and_the_others_wait(number: signal.Signals) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a script's background job inherits it
    try:
        with stopping_on_signals():
            with pytest.raises(Stop):
                os.kill(os.getpid(), number)
                threading.Event().wait(5)
            os.kill(os.getpid(), number)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
