"""`python -m benchmarks.side_by_side.growth`: what happens to one list as everything around it grows.

The list of opportunities (Q2) at 10,000, 100,000 and 1,000,000 rows with 1 to 64 connections; its first and its 500th
page of 50; answers of 50 entries with 5 to 200 fields, where aliases repeat the fields that there are.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.side_by_side import answers, install, load, report
from benchmarks.side_by_side.bed import Bed, prepared_bed
from benchmarks.side_by_side.callers import Caller
from benchmarks.side_by_side.dataset import GROWING, ROOT
from benchmarks.side_by_side.load import LoadFailed, Measured
from benchmarks.side_by_side.operations import OPERATIONS, Operation
from benchmarks.side_by_side.product import MOST_ALIASES
from benchmarks.side_by_side.rounds import Plan
from benchmarks.side_by_side.servers import SERVERS, Running, Server, running_servers
from core.servers import ServerError
from core.supervisor import Stop, stopping_on_signals

RESULTS = ROOT / "benchmarks" / "results" / "side_by_side_growth.md"
LIST = next(one for one in OPERATIONS if one.name == "Q2")
PAGE, FAR = 50, 500
FIELDS = (5, 20, 50, 100, 200)
_PLAIN = "id version name state industry customerRegion expectedSignOn vendorBusiness submittedAt createdAt updatedAt"
_PAGE = """
query Page($first: Int!, $after: Cursor) {
  opportunities(first: $first, after: $after) {
    nodes { id version name state industry customerRegion expectedRevenue { amount currency } createdAt updatedAt }
    pageInfo { hasNextPage endCursor }
  }
}
"""


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    arguments = _arguments(argv)
    lines: list[str] = []
    try:
        with stopping_on_signals():
            install.require_tools()
            install.install(server.needs for server in arguments.servers)
            for sizes in (one for one in GROWING if one.opportunities in arguments.rows):
                with ExitStack() as stack:
                    bed = stack.enter_context(prepared_bed(sizes))
                    servers = stack.enter_context(running_servers(arguments.servers, bed.world, bed.folder))
                    lines += _grown(arguments, bed, servers)
                    about = report.about(Plan(1, arguments.seconds), sizes, asyncio.run(bed.version()))
    except Stop:
        print("stopped; nothing was left running", file=sys.stderr)
        return 130
    except (answers.Differs, install.NotInstalled, LoadFailed, ServerError) as error:
        print(f"growth: {error}", file=sys.stderr)
        return 1
    _write(arguments.to, about, lines)
    return 0


def _grown(arguments: argparse.Namespace, bed: Bed, servers: Sequence[Running]) -> list[str]:
    """The rows of the table for one size."""
    answers.require_same(servers, [LIST], bed.callers)
    rows = bed.sizes.opportunities
    lines = []
    for connections in arguments.connections:
        for one in servers:
            found = _measure(arguments, bed, one, LIST, bed.callers.partners, connections)
            lines.append(_line(rows, one.server.name, f"list, {connections} connections", found))
    product = next(one for one in servers if one.server.is_product)
    largest = bed.callers.partners[:1]
    for title, operation in (*_pages(product, largest[0]), *_selections()):
        found = _measure(arguments, bed, product, operation, largest, 1)
        lines.append(_line(rows, product.server.name, title, found))
    return lines


def _measure(
    arguments: argparse.Namespace, bed: Bed, one: Running, operation: Operation, callers: list[Caller], connections: int
) -> Measured:
    path = load.prepare(bed.folder, one, operation, callers)
    pid = bed.cluster.server.pid
    plan = Plan(1, arguments.seconds, connections=connections)
    warm = load.run(one, path, seconds=plan.warm_up, connections=connections, database_pid=pid)
    found = load.run(one, path, seconds=plan.long(warm.rate), connections=connections, database_pid=pid)
    if found.refused:
        refused = f"{found.refused} of {found.requests} with {connections} connections"
        raise answers.Differs(f"{one.server.name} refuses {refused}")
    return found


def _pages(product: Running, caller: Caller) -> Iterable[tuple[str, Operation]]:
    """The first page and, where the partner has so many, the 500th of its largest list."""
    yield "page 1", Operation("page-1", "first page", _PAGE, lambda caller: {"first": PAGE})
    after, seen = None, 0
    while seen < PAGE * (FAR - 1):
        step = min(200, PAGE * (FAR - 1) - seen)
        walked = Operation("walk", "walk", _PAGE, _after(after, step))
        data, _ = answers.ask(product, walked, caller)
        connection = data["opportunities"]
        if not connection["pageInfo"]["hasNextPage"]:
            return
        after, seen = connection["pageInfo"]["endCursor"], seen + step
    yield f"page {FAR}", Operation(f"page-{FAR}", "a far page", _PAGE, _after(after, PAGE))


def _after(cursor: str | None, first: int) -> Callable[[Caller], dict[str, Any]]:
    return lambda caller: {"first": first, "after": cursor}


def _selections() -> Iterable[tuple[str, Operation]]:
    names = _PLAIN.split()
    for count in FIELDS:
        chosen = [name if place < len(names) else f"f{place}: {name}" for place, name in _around(names, count)]
        document = f"query Wide($first: Int!) {{ opportunities(first: $first) {{ nodes {{ {' '.join(chosen)} }} }} }}"
        yield f"{count} fields", Operation(f"wide-{count}", "many fields", document, lambda caller: {"first": PAGE})


def _around(names: Sequence[str], count: int) -> Iterable[tuple[int, str]]:
    return ((place, names[place % len(names)]) for place in range(count))


def _line(rows: int, server: str, what: str, found: Measured) -> str:
    return (
        f"| {rows} | {server} | {what} | {found.rate:.0f} | {found.p50:.2f} | {found.p99:.2f} |"
        f" {found.server_cpu:.2f} | {found.database_cpu:.2f} |"
    )


def _write(path: Path, about: dict[str, str], lines: list[str]) -> None:
    kept = {name: value for name, value in about.items() if name != "rows"}
    head = [
        "| rows | server | what | requests/s | p50 ms | p99 ms | server CPU ms | PostgreSQL CPU ms |",
        "|---|---|---|---|---|---|---|---|",
    ]
    page = ["# Growth", "", *(f"* {name}: {value}" for name, value in kept.items()), "", *head, *lines, ""]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(page), encoding="utf-8")
    print("\n".join(page), flush=True)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="growth", description=__doc__)
    parser.add_argument("--rows", type=_numbers, default=[one.opportunities for one in GROWING])
    parser.add_argument("--connections", type=_numbers, default=[1, 4, 16, 64])
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--servers", type=_servers, default=_servers("product,limit_rows"), metavar="NAME,…")
    parser.add_argument("--to", type=Path, default=RESULTS)
    return parser.parse_args(argv)


def _numbers(text: str) -> list[int]:
    return [int(one) for one in text.split(",")]


def _servers(text: str) -> list[Server]:
    wanted = {"product", *text.split(",")}
    chosen = [one for one in SERVERS if one.name in wanted]
    if len(chosen) < len(wanted):
        raise argparse.ArgumentTypeError(f"one of {text} is no server")
    return [replace(one, environment={MOST_ALIASES: "250"}) if one.is_product else one for one in chosen]


if __name__ == "__main__":
    sys.exit(main())
