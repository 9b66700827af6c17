"""`python -m benchmarks.side_by_side`: the product beside its peers on one machine, on one database.

Loads the data set once, starts PostgreSQL, Redis and every server, compares the answers, loads one after the other with
wrk, and writes `benchmarks/results/side_by_side.md`.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from graphql import build_schema, parse, validate

from benchmarks.side_by_side import answers, install, report, rounds
from benchmarks.side_by_side.bed import Bed, prepared_bed
from benchmarks.side_by_side.dataset import ROOT, Sizes
from benchmarks.side_by_side.load import LoadFailed
from benchmarks.side_by_side.operations import OPERATIONS, Operation
from benchmarks.side_by_side.servers import SERVERS, Server, running_servers
from core.servers import ServerError
from core.supervisor import Stop, stopping_on_signals

Named = TypeVar("Named", Operation, Server)
RESULTS = ROOT / "benchmarks" / "results" / "side_by_side.md"


def main(argv: Sequence[str] | None = None) -> int:
    """The command."""
    arguments = _arguments(argv)
    try:
        with stopping_on_signals(), ExitStack() as stack:
            install.require_tools()
            _require_two_cores()
            install.install(server.needs for server in arguments.servers)
            _compare(arguments, stack.enter_context(prepared_bed(Sizes())))
    except Stop:
        print("stopped; nothing was left running", file=sys.stderr)
        return 130
    except (answers.Differs, install.NotInstalled, LoadFailed, ServerError) as error:
        print(f"side by side: {error}", file=sys.stderr)
        return 1
    return 0


def _compare(arguments: argparse.Namespace, bed: Bed) -> None:
    plan = rounds.Plan(arguments.rounds, arguments.seconds, arguments.warm_up, arguments.connections)
    operations = [operation for operation in arguments.only if _is_known(operation)]
    with running_servers(arguments.servers, bed.world, bed.folder) as servers:
        sizes = answers.require_same(servers, operations, bed.callers)
        say(f"{len(servers)} servers give the same answers to {len(operations)} operations")
        if arguments.check:
            return
        results = rounds.measure(
            servers,
            operations,
            bed.callers,
            plan,
            folder=bed.folder,
            database_pid=bed.cluster.server.pid,
            sizes=sizes,
            say=say,
        )
    version = asyncio.run(bed.version())
    page = report.write(arguments.to, results, operations, arguments.servers, report.about(plan, bed.sizes, version))
    say(f"\n{page}\nwritten to {arguments.to}")


def _is_known(operation: Operation) -> bool:
    """Whether the product's schema has what the operation asks for; told when not."""
    schema = build_schema((ROOT / "schema.graphql").read_text(encoding="utf-8"), assume_valid=True)
    wrong = validate(schema, parse(operation.document))
    if wrong:
        say(f"{operation.name} is left out: {wrong[0].message}")
    return not wrong


def _require_two_cores() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        raise install.NotInstalled("two cores are needed: one for the servers, one for the load and PostgreSQL")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="side_by_side", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="measured, of each operation on each server in a round")
    parser.add_argument("--warm-up", type=int, default=1)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--only", type=_operations, default=list(OPERATIONS), metavar="Q1,Q2,…", help="operations")
    parser.add_argument("--servers", type=_servers, default=list(SERVERS), metavar="NAME,…", help=_names(SERVERS))
    parser.add_argument("--check", action="store_true", help="compare the answers and measure nothing")
    parser.add_argument("--to", type=Path, default=RESULTS, help="the page to write; JSON goes beside it")
    return parser.parse_args(argv)


def _operations(text: str) -> list[Operation]:
    return [_one(OPERATIONS, name) for name in text.split(",")]


def _servers(text: str) -> list[Server]:
    """Those named; the product is always among them, for the others are compared with it."""
    chosen = [_one(SERVERS, name) for name in text.split(",")]
    return chosen if any(one.is_product for one in chosen) else [SERVERS[0], *chosen]


def _one(known: Sequence[Named], name: str) -> Named:
    found = next((one for one in known if one.name == name), None)
    if found is None:
        raise argparse.ArgumentTypeError(f"{name} is none of {_names(known)}")
    return found


def _names(known: Sequence[Operation] | Sequence[Server]) -> str:
    return ", ".join(one.name for one in known)


def say(text: str) -> None:
    """At once, also into a file."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
