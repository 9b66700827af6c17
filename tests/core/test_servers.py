"""The embedded servers: kept data, exclusive use, clear refusals, and nothing left behind however their parent ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
import redis

from core.servers import Child, PostgresServer, RedisServer, ServerError
from core.servers.postgres import find_bindir, server_major, usable_bindir
from core.servers.process import SHORT_FOLDERS, Account, can_enter, server_account, socket_folder
from core.servers.redis import find_program
from core.urls import parse_url
from tests.core.processes import alive, eventually

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = [find_bindir(), *sorted(Path("/usr/lib/postgresql").glob("*/bin"))]
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="another account is only used when root starts the server")


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="cosell-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


async def run(server: PostgresServer, *statements: str) -> object:
    connection = await asyncpg.connect(**parse_url(server.url("keeper", "shop")))
    try:
        return [await connection.fetchval(statement) for statement in statements][-1]
    finally:
        await connection.close()


@pytest.mark.parametrize("bindir", INSTALLED, ids=str)
async def test_data_survives_a_restart(folder: Path, bindir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", str(bindir))
    (folder / "data.new").mkdir()  # an attempt that was interrupted
    (folder / "data.new" / "PG_VERSION").write_text("0")
    first = PostgresServer.start(folder / "data", durable=False, database="shop", owner="keeper")
    try:
        with pytest.raises(ServerError, match="in use by another process"):
            PostgresServer.start(folder / "data")
        await run(first, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('é')")
        facts = "SELECT current_setting('TimeZone') || current_setting('server_encoding') || lower('É') || ('a' < 'B')"
        assert await run(first, facts) == "UTCUTF8éfalse"
    finally:
        first.stop()
    assert not alive(first.pid)
    assert not first.sockets.exists()
    second = PostgresServer.start(folder / "data", durable=True)
    try:
        assert await run(second, "SELECT word FROM kept") == "é"
        assert await run(second, "SHOW fsync") == "on"
        owned = "SELECT rolcreaterole AND NOT rolsuper AND NOT rolbypassrls FROM pg_roles WHERE rolname = 'keeper'"
        assert await run(second, owned) is True
    finally:
        second.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="death signals are Linux's")
async def test_nothing_outlives_a_killed_parent(folder: Path) -> None:
    command = [sys.executable, "-m", "tests.core.run_servers", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        told = json.loads(parent.stdout.readline())
        sockets = Path(parse_qs(urlsplit(told["postgres"]).query)["host"][0])
        connection = await asyncpg.connect(**parse_url(told["postgres"]))
        await connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
        assert all(alive(pid) for pid in told["pids"])
        connection.terminate()
        parent.kill()
    assert eventually(lambda: not any(alive(pid) for pid in told["pids"]))
    again = PostgresServer.start(folder / "postgres", durable=False)
    try:
        assert not sockets.exists(), "the next start removes what the killed one left"
        assert await run(again, "SELECT n FROM kept") == 7
    finally:
        again.stop()


@pytest.mark.parametrize(
    ("made_by", "words"),
    [("9", "was made by PostgreSQL 9, found is"), ("99", "remove the folder or set PG_BINDIR")],
)
def test_data_of_another_version_is_refused(folder: Path, made_by: str, words: str) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "PG_VERSION").write_text(made_by)
    with pytest.raises(ServerError, match=words):
        PostgresServer.start(folder / "data")


def test_a_given_folder_without_binaries_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", str(folder))
    with pytest.raises(ServerError, match="has no initdb and postgres"):
        PostgresServer.start(folder / "data")


def test_an_old_server_is_refused_before_anything_is_made(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bindir = fake_binaries(folder / "old", 'echo "postgres (PostgreSQL) 14.9"')
    monkeypatch.setenv("PG_BINDIR", str(bindir))
    assert server_major(bindir) == 14
    with pytest.raises(ServerError, match="PostgreSQL 15 or newer is needed"):
        PostgresServer.start(folder / "data")
    assert not (folder / "data").exists()


@pytest.mark.parametrize("name", ["Shop", "shop; DROP", "1shop", "a b"])
def test_names_that_would_need_quoting_are_refused(folder: Path, name: str) -> None:
    with pytest.raises(ServerError, match="not a plain lower-case name"):
        PostgresServer.start(folder / "data", database=name)


def fake_binaries(package: Path, script: str) -> Path:
    bindir = package / "pginstall" / "bin"
    bindir.mkdir(parents=True)
    for program in ("initdb", "postgres"):
        (bindir / program).write_text(f"#!/bin/sh\n{script}\n")
        (bindir / program).chmod(0o700)
    return bindir


@root_only
def test_binaries_in_a_closed_folder_are_copied_to_an_open_one(folder: Path) -> None:
    closed = folder / "home"
    bindir = fake_binaries(closed / "package", "exit 0")
    closed.chmod(0o700)
    account = server_account()
    copied = usable_bindir(bindir, folder, account)
    assert copied.is_relative_to(folder / "postgresql-binaries")
    assert usable_bindir(bindir, folder, account) == copied
    assert usable_bindir(bindir, folder, None) == bindir, "our own account needs no copy"
    assert closed.stat().st_mode & 0o777 == 0o700, "nobody's folder was opened"


@root_only
def test_a_closed_state_folder_is_refused(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o700)
    assert not can_enter(folder / "closed", Account(65534, 65534))
    with pytest.raises(ServerError, match="who may not enter"):
        PostgresServer.start(folder / "closed" / "data")


@pytest.mark.parametrize(("depth", "inside"), [(10, True), (90, False)])
def test_a_socket_folder_is_short_and_private(folder: Path, depth: int, inside: bool) -> None:
    state = folder / ("x" * depth)
    state.mkdir()
    made = socket_folder(state, None)
    try:
        assert made.parent in ((state,) if inside else SHORT_FOLDERS)
        assert made.stat().st_mode & 0o777 == 0o700
    finally:
        made.rmdir()


def test_redis_starts_empty_and_forgets(folder: Path) -> None:
    for _ in range(2):
        server = RedisServer.start(folder / "redis")
        try:
            with redis.Redis.from_url(server.url) as client:
                assert client.get("word") is None
                client.set("word", "x")
                assert client.config_get("port")["port"] == "0", "it is on no network"
            with pytest.raises(ServerError, match="in use"):
                RedisServer.start(folder / "redis")
        finally:
            server.stop()
        assert not alive(server.pid)
        assert not server.socket.exists()


def test_without_redis_the_message_says_what_to_do(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    with pytest.raises(ServerError, match="install redis-server or valkey-server, or set REDIS_URL"):
        find_program()
    program = folder / "valkey-server"
    program.touch(mode=0o755)
    assert find_program() == program


def test_a_child_that_ends_early_shows_its_last_words(folder: Path) -> None:
    log = folder / "log"
    child = Child(["/bin/sh", "-c", "echo broken pipes; exit 3"], log=log)
    with pytest.raises(ServerError, match=r"it ended with code 3:\nbroken pipes"):
        child.wait_until(lambda: False, timeout=10, name="it", log=log)


def test_a_child_that_is_never_ready_is_not_waited_for_long(folder: Path) -> None:
    child = Child(["/bin/sleep", "60"])
    try:
        with pytest.raises(ServerError, match="was not ready after 0 s"):
            child.wait_until(lambda: False, timeout=0.1, name="it", log=folder / "none")
    finally:
        assert child.stop() == -signal.SIGTERM


def test_a_child_that_will_not_stop_is_killed(folder: Path) -> None:
    ready = folder / "ready"
    child = Child(["/bin/sh", "-c", f"trap '' TERM; touch {ready}; while :; do sleep 0.05; done"])
    assert eventually(ready.exists)
    assert child.stop(timeout=0.2) == -signal.SIGKILL


def test_what_a_child_started_ends_with_it(folder: Path) -> None:
    note = folder / "pid"
    child = Child(["/bin/sh", "-c", f"sleep 60 & echo $! > {note}.new; mv {note}.new {note}; wait"])
    assert eventually(note.exists)
    child.stop()
    assert eventually(lambda: not alive(int(note.read_text())), timeout=2)
