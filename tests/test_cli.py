"""The command line as people use it: whole processes, real servers, a stand-in for the application."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cli import LOADING
from core.urls import parse_url
from models.config import APP_ROLE, OWNER_ROLE
from tests.core.processes import alive, descendants, eventually
from tests.database import Servers, create_database
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
OWN_VARIABLES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORT", "ENV", "PYTHONPATH")
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OWN_VARIABLES}


def cosell(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Runs a subcommand from a foreign folder."""
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    return subprocess.run(
        command,
        cwd="/",
        env=ENVIRONMENT | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


class Run:
    """A running `cosell dev`."""

    def __init__(self, state: Path, app: str = "tests.core.stand_in:app", **environment: str) -> None:
        command = [sys.executable, str(ROOT / "cli.py"), "dev", "--empty", "--state", str(state), "--app", app]
        self.process = subprocess.Popen(
            command,
            cwd="/",
            env=ENVIRONMENT | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN) and None,
        )
        self.said: list[str] = []

    def address(self) -> str:
        """Waits for the welcome; the address it gives."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            match = re.search(r"(http://127\.0\.0\.1:\d+)/inbox", line)
            if match:
                return match[1]
        raise AssertionError("".join(self.said))

    def end(self, number: int) -> int:
        """Sends the signal and returns the exit code; the output is in `said`."""
        self.process.send_signal(number)
        self.said.append(self.process.communicate(timeout=PATIENCE)[0])
        return self.process.returncode


@pytest.fixture
def state() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="cosell-test-"))
    path.chmod(0o711)
    yield path / "run"
    shutil.rmtree(path)


def ask(address: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}/graphql", timeout=10) as answer:
        return dict(json.load(answer))


def test_dev_brings_everything_up_and_leaves_nothing(state: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = Run(state, PORT=str(port))
        address = run.address()
    assert address.startswith("http://127.0.0.1:")
    assert address != f"http://127.0.0.1:{port}"
    told = ask(address)
    assert told["DATABASE_URL"].startswith(f"postgresql://{APP_ROLE}@/cosell?host=")
    assert told["DATABASE_OWNER_URL"] is None, "the API never learns the owner's address"
    assert told["REDIS_URL"].startswith("unix://")
    assert told["PUBLIC_URL"] == address
    note = state / "env"
    assert f"export DATABASE_URL='{told['DATABASE_URL']}'" in note.read_text()
    assert note.stat().st_mode & 0o777 == 0o600
    family = descendants(run.process.pid)
    assert len(family) > 3
    assert cosell("dev", "--state", str(state)).stderr.startswith("cosell dev: "), "one at a time"
    assert run.end(signal.SIGINT) == 0, "also when SIGINT was inherited ignored"
    assert not [pid for pid in family if alive(pid)]
    assert not note.exists()

    second = Run(state)
    second.address()
    family = descendants(second.process.pid)
    assert second.end(signal.SIGKILL) == -signal.SIGKILL
    assert eventually(lambda: not [pid for pid in family if alive(pid)]), "nothing outlives even a kill -9"


@pytest.mark.long
def test_dev_begins_anew_when_loading_the_sample_data_was_cut_off(state: Path) -> None:
    (state / "postgres").mkdir(parents=True)
    (state / "postgres" / "PG_VERSION").write_text("half of a database")
    (state / LOADING).touch()
    run = Run(state)
    run.address()
    assert run.said[0] == "the sample data was cut off; loading it again\n"
    assert run.end(signal.SIGTERM) == 0
    assert not (state / LOADING).exists()
    mine = {"DATABASE_URL": "postgresql://a@b/c", "DATABASE_OWNER_URL": "postgresql://b@b/c"}
    (state / LOADING).touch()
    assert "empty the database" in cosell("dev", "--state", str(state), environment=mine).stderr, "not ours to remove"


@pytest.mark.long
def test_dev_ends_when_the_api_cannot_start(state: Path) -> None:
    run = Run(state, app="tests.core.nowhere:app")
    output = run.process.communicate(timeout=PATIENCE)[0]
    assert run.process.returncode == 1
    assert "cosell dev: the API ended with code" in output
    assert not alive(run.process.pid)


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (["migrate"], {}, "set DATABASE_URL and DATABASE_OWNER_URL"),
        (["dev"], {"DATABASE_URL": "postgresql://a@b/c"}, "set both DATABASE_URL and DATABASE_OWNER_URL, or neither"),
    ],
)
def test_what_is_missing_is_said(arguments: list[str], environment: dict[str, str], words: str) -> None:
    done = cosell(*arguments, environment=environment)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
async def empty_place(servers: Servers) -> AsyncIterator[tuple[str, str]]:
    """Owner's and application's addresses of an unmigrated database."""
    await create_database(servers, "by_hand")
    yield servers.postgres.url(OWNER_ROLE, "by_hand"), servers.postgres.url("app_by_hand", "by_hand")
    connection = await asyncpg.connect(**parse_url(servers.postgres.url()))
    await connection.execute("DROP DATABASE by_hand WITH (FORCE)")
    await connection.execute("DROP ROLE app_by_hand")
    await connection.close()


async def test_migrate_says_what_it_did(empty_place: tuple[str, str]) -> None:
    owner, application = empty_place
    environment = {"DATABASE_OWNER_URL": owner, "DATABASE_URL": application, "DATABASE_LOCK_TIMEOUT": "1.5"}
    first = cosell("migrate", environment=environment)
    assert (first.returncode, first.stderr) == (0, "")
    assert "created the role app_by_hand" in first.stdout
    assert cosell("migrate", environment=environment).stdout == "applied: nothing, the database was up to date\n"
    connection = await asyncpg.connect(**parse_url(application))
    assert await connection.fetchval("SHOW lock_timeout") == "1500ms"
    await connection.close()


def test_packages_of_the_same_name_elsewhere_do_not_win(tmp_path: Path) -> None:
    for name in ("schema", "models", "core"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('the wrong one')")
    assert "set DATABASE_URL" in cosell("migrate", environment={"PYTHONPATH": str(tmp_path)}).stderr


def test_a_missing_package_is_not_replaced_by_another(tmp_path: Path) -> None:
    shutil.copy(ROOT / "cli.py", tmp_path)
    (tmp_path / "elsewhere" / "core").mkdir(parents=True)
    (tmp_path / "elsewhere" / "core" / "__init__.py").touch()
    done = subprocess.run(
        [sys.executable, str(tmp_path / "cli.py"), "migrate"],
        env=ENVIRONMENT | {"PYTHONPATH": str(tmp_path / "elsewhere")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "the package core would come from" in done.stderr
