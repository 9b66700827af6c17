"""Runs the official GraphQL-over-HTTP audits (Node.js) against a server of its own; says so where there is no Node."""

import argparse
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("graphql-http@1.23.1", "graphql@16")


def main() -> int:
    """`make audit`; `make audit args=--url=…` audits a server that is already running."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="audit this endpoint instead of starting a server")
    url = parser.parse_args().url
    if not (shutil.which("node") and shutil.which("npm")):
        print("audit: skipped, Node.js and npm are not installed; the suite carries the same audits in Python")
        return 0
    folder = install()
    if url:
        return audit(folder, url)
    with own_server() as found:
        return audit(folder, found)


def install() -> Path:
    """Installs the audits' package outside the sources and copies the script beside it, where it finds the package."""
    folder = ROOT / ".run" / "audit"
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES]
    subprocess.run(command, check=True)
    shutil.copy(ROOT / "scripts" / "audit.mjs", folder)
    return folder


def audit(folder: Path, url: str) -> int:
    """The exit code of the audits: 0 when all passed."""
    return subprocess.run(["node", "audit.mjs", url], cwd=folder, check=False).returncode


@contextmanager
def own_server() -> Iterator[str]:
    """A development server on a state folder of its own; yields its GraphQL address."""
    state = Path(tempfile.mkdtemp(prefix="cosell-audit-"))
    command = [sys.executable, str(ROOT / "cli.py"), "dev", "--state", str(state)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        for line in server.stdout:
            match = re.search(r"http://\S+/graphql", line)
            if match:
                yield match[0]
                break
        else:
            raise SystemExit("audit: the server did not start")
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate()
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
