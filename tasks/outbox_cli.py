"""`cosell outbox`: what waits, what died and why, for people and for scripts.

Exit codes: 0 done, 1 refused or not found, 2 wrong usage.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import orjson

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SHOWN = ("id", "topic", "dedup_key", "state", "attempts", "late", "last_error")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `ls`, `show`, `retry` and `cancel`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    ls = actions.add_parser("ls", help="list messages and jobs, oldest first")
    ls.add_argument("--state", choices=("ready", "leased", "done", "dead", "cancelled"))
    ls.add_argument("--topic")
    ls.add_argument("--older-than", type=age, metavar="AGE", help="created at least so long ago: 90s, 15m, 2h, 3d")
    ls.add_argument("--after", type=int, default=0, metavar="ID", help="go on behind this row")
    ls.add_argument("--first", type=int, default=50, metavar="N", help="at most so many rows")
    ls.add_argument("--json", action="store_true", help="one JSON object a line")
    for name, help_text in (
        ("show", "one row with its payload and tries, as JSON"),
        ("retry", "make rows due now, with all their tries before them"),
        ("cancel", "call rows off"),
    ):
        action = actions.add_parser(name, help=help_text)
        action.add_argument("id", type=int, nargs="+" if name != "show" else None)


def age(text: str) -> timedelta:
    """`90s`, `15m`, `2h`, `3d`; ValueError otherwise (argparse makes a usage error of it)."""
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isdecimal():
        raise ValueError(text)
    return timedelta(seconds=int(number) * _UNITS[unit])


def run(arguments: argparse.Namespace) -> int:
    """Carries out the parsed command and returns the exit code."""
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    from core import db
    from core.settings import get_settings
    from models.config import tortoise_config

    await db.open_database(tortoise_config(get_settings().database_url, pool_size=1))
    try:
        return await perform(arguments)
    finally:
        await db.close_database()


async def perform(arguments: argparse.Namespace) -> int:
    """The command on the open database."""
    from resolvers import outbox

    if arguments.action == "ls":
        rows = await outbox.list_rows(
            state=arguments.state,
            topic=arguments.topic,
            older_than=arguments.older_than,
            after=arguments.after,
            first=arguments.first,
        )
        _write([_json(row) for row in rows] if arguments.json else table(rows))
        return 0
    if arguments.action == "show":
        found = await outbox.show(arguments.id)
        if found is None:
            return _refuse(arguments.id, "missing")
        _write([_json(found, indent=True)])
        return 0
    return await _change(arguments.id, outbox.retry if arguments.action == "retry" else outbox.cancel)


async def _change(ids: Sequence[int], change: Callable[[int], Awaitable[str]]) -> int:
    from core import db
    from core.scope import EVERYTHING

    code = 0
    for row_id in ids:
        async with db.transaction(EVERYTHING):
            answer = await change(row_id)
        if answer == "done":
            _write([str(row_id)])
        else:
            code = _refuse(row_id, answer)
    return code


def _refuse(row_id: int, reason: str) -> int:
    sys.stderr.write(f"{row_id}: {reason}\n")
    return 1


def _write(lines: Sequence[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _json(row: Any, *, indent: bool = False) -> str:
    return orjson.dumps(row, default=str, option=orjson.OPT_INDENT_2 if indent else None).decode()


def table(rows: Sequence[Any]) -> list[str]:
    """The rows as aligned columns under a headline; nothing for no rows."""
    if not rows:
        return []
    cells = [_SHOWN, *(tuple(_cell(row[name]) for name in _SHOWN) for row in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(_SHOWN))]
    return ["  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in cells]


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.0f}s"
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
