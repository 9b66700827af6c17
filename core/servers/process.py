"""Child processes that end with this one, and the folders and the account they run in."""

import contextlib
import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple, Self

LOG_LIMIT = 5_000_000
SOCKET_PATH_LIMIT = 100
SHORT_FOLDERS = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServerError(RuntimeError):
    """A server could not be found, prepared or started; the text says what to do."""


class Account(NamedTuple):
    """Numeric user and group a child runs as."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """The account PostgreSQL must use because it refuses root: `nobody`; `None` when this process is not root."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(entry.pw_uid, entry.pw_gid)


def credentials(account: Account | None) -> dict[str, object]:
    """Keyword arguments for `subprocess` that switch to `account`; none to stay who we are."""
    return {} if account is None else {"user": account.uid, "group": account.gid, "extra_groups": []}


def can_enter(folder: Path, account: Account | None) -> bool:
    """Whether a process of `account` can use `folder` as a path (asked of the kernel, so ACLs count)."""
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    done = subprocess.run(command, cwd="/", capture_output=True, check=False, **credentials(account))  # type: ignore[call-overload]  # noqa: S603
    return bool(done.returncode == 0)


def private_folder(folder: Path, account: Account | None) -> Path:
    """Makes `folder` if missing, gives it to `account` and closes it to everybody else."""
    folder.mkdir(parents=True, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
    return folder


def socket_folder(state: Path, account: Account | None) -> Path:
    """A new private folder for Unix sockets, in `state` or, where that path is too long for the kernel, in the first
    of `SHORT_FOLDERS` that may be written to.
    """
    parent = state
    if len(str(state)) >= SOCKET_PATH_LIMIT - 40:
        parent = next((folder for folder in SHORT_FOLDERS if os.access(folder, os.W_OK)), SHORT_FOLDERS[0])
    return private_folder(Path(tempfile.mkdtemp(prefix="sock-", dir=parent)), account)


class FolderLock:
    """Exclusive use of a state folder, given back by the kernel when this process ends in any way.

    It remembers the socket folder in use, so that the next start can remove what a killed process left behind.
    """

    def __init__(self, file: IO[str], state: Path) -> None:
        self._file = file
        self._state = state

    @classmethod
    def acquire(cls, path: Path) -> Self:
        """Takes the lock at once or raises `ServerError`."""
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.close()
            raise ServerError(f"{path.parent} is in use by another process of this checkout") from error
        return cls(file, path.parent)

    def renew_sockets(self, account: Account | None) -> Path:
        """Removes the socket folder of the last run, if it is still there, and makes a new one."""
        self._file.seek(0)
        old = self._file.read().strip()
        if old and Path(old).name.startswith("sock-"):
            shutil.rmtree(old, ignore_errors=True)
        folder = socket_folder(self._state, account)
        self._file.truncate(0)
        self._file.write(str(folder))
        self._file.flush()
        return folder

    def release(self) -> None:
        """Gives the folder back."""
        self._file.close()


def _die_with(parent: int, death_signal: int) -> Callable[[], None]:
    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # the parent died before the request above: nobody would stop us
            os._exit(1)

    return prepare


class Child:
    """One foreground child process.

    On Linux the kernel sends it `death_signal` when the *thread* that started it ends, so start it from a thread that
    lives as long as the child shall. It has a session of its own: Ctrl-C reaches the parent alone, which then decides
    the order in which its children stop.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path | None = None,
        account: Account | None = None,
        environment: Mapping[str, str] | None = None,
        cwd: Path | str = "/",
        death_signal: int = signal.SIGTERM,
    ) -> None:
        output = log.open(_log_mode(log)) if log is not None else None
        try:
            self.process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=cwd,
                env=None if environment is None else dict(environment),
                start_new_session=True,
                preexec_fn=_die_with(os.getpid(), death_signal),
                **credentials(account),
            )
        finally:
            if output is not None:
                output.close()

    @property
    def pid(self) -> int:
        """The process id."""
        return int(self.process.pid)

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, timeout: float, name: str, log: Path) -> None:
        """Waits for `ready()`; `ServerError` with the end of `log` when the child ends first or time runs out."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.running:
                raise ServerError(f"{name} ended with code {self.process.returncode}:\n{tail(log)}")
            if time.monotonic() > deadline:
                raise ServerError(f"{name} was not ready after {timeout:.0f} s:\n{tail(log)}")
            time.sleep(0.01)

    def stop(self, first: int = signal.SIGTERM, *, timeout: float = 10.0) -> int:
        """Sends `first`, after `timeout` seconds SIGKILL, and returns the exit code; its own children end too."""
        if self.running:
            self.process.send_signal(first)
        return self.finish(timeout)

    def finish(self, timeout: float) -> int:
        """Waits `timeout` seconds for an end that was asked for, then enforces it for the child's whole session."""
        try:
            self.process.wait(max(0.0, timeout))
        except subprocess.TimeoutExpired:
            self.process.kill()
        code = int(self.process.wait())
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        return code


def tail(log: Path, size: int = 1500) -> str:
    """The last `size` characters of a log file; empty when there is none."""
    try:
        return log.read_text(encoding="utf-8", errors="replace")[-size:].strip()
    except OSError:
        return ""


def _log_mode(log: Path) -> str:
    return "wb" if log.exists() and log.stat().st_size > LOG_LIMIT else "ab"
