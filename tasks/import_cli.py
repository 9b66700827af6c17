"""`cosell import consumption FILE`: takes a file of consumption over, however long, chunk by chunk.

The file is read twice and never held: once for its digest, which names the chunks' idempotency keys, and once for its
lines. Cut off at any point, the same command goes on: chunks that are done are passed over. Refused lines do not stop
the others and are written to FILE.refused.jsonl. Exit codes: 0 all lines are there, 1 some were refused, 2 wrong usage
or a file that cannot be read, 3 the database failed; run it again.
"""

import argparse
import asyncio
import csv
import hashlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import orjson

from rules.bills import FILE_COLUMNS, LINES_MOST, GivenLine
from rules.errors import ErrorCode, Violation

if TYPE_CHECKING:
    from core.clock import Clock
    from core.settings import Settings
    from models.bills import ConsumptionLine
    from resolvers.batch import Batch
    from resolvers.context import Context

LONGEST = 64 * 1024
"""Most characters of one line of a file."""
TRIES = 6
FIRST_WAIT = 0.5
_TELL_EVERY = 2.0
_LISTS = frozenset({"flags"})


class Unreadable(Exception):
    """The file is not one of consumption lines; the message says where and why."""


class NotDone(Exception):
    """The database could not do a chunk for long enough; what was done stays done."""


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the file: its number from 1, and what it gives or what is wrong with its form."""

    number: int
    given: GivenLine
    violations: list[Violation] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """What came of the lines so far."""

    accepted: int = 0
    duplicates: int = 0
    refused: int = 0

    def __str__(self) -> str:
        total = self.accepted + self.duplicates + self.refused
        return f"{total} lines: {self.accepted} new, {self.duplicates} there already, {self.refused} refused"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds `consumption`."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    consumption = kinds.add_parser("consumption", help="lines of consumption from the vendor's billing")
    consumption.add_argument("file", type=Path, help="CSV with a header, or one JSON object a line")
    consumption.add_argument("--format", choices=("csv", "jsonl"), help="by default what the file's name ends with")
    consumption.epilog = f"Columns: {', '.join(FILE_COLUMNS)}. Several flags of a CSV are separated by spaces."


def run(arguments: argparse.Namespace) -> int:
    """Carries out the parsed command and returns the exit code."""
    return asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> int:
    from core import db
    from core.clock import system_clock
    from core.settings import get_settings
    from models.config import tortoise_config

    settings = get_settings()
    await db.open_database(tortoise_config(settings.database_url, pool_size=1))
    try:
        return await perform(arguments, settings, system_clock)
    finally:
        await db.close_database()


async def perform(arguments: argparse.Namespace, settings: "Settings", clock: "Clock") -> int:
    """The command on the open database."""
    path: Path = arguments.file
    report = path.with_name(f"{path.name}.refused.jsonl")
    try:
        digest = digest_of(path)
        with path.open(encoding="utf-8-sig", newline="") as file, report.open("wb") as refusals:
            tally = await _take_over(read(file, arguments.format or path.suffix[1:]), digest, refusals, settings, clock)
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        report.unlink(missing_ok=True)
        _tell(f"{path}: {error}")
        return 2
    except NotDone as error:
        _tell(f"{error}. What is done stays done: run the same command again.")
        return 3
    if tally.refused:
        _tell(f"refused lines: {report}")
        return 1
    report.unlink()
    return 0


async def _take_over(
    records: Iterator[Record], digest: str, refusals: IO[bytes], settings: "Settings", clock: "Clock"
) -> Tally:
    from resolvers.system import system_context

    ctx = await system_context(settings, clock())
    ctx.via = "cli"
    tally, told = Tally(), time.monotonic()
    for number, chunk in enumerate(_chunks(records)):
        key = f"consumption-{digest[:40]}-{number}"
        sound = [record.given for record in chunk if not record.violations]
        batch = (await _done(key) or await _persist(replace(ctx, now=clock()), key, sound)) if sound else None
        _count(chunk, batch, tally, refusals)
        if time.monotonic() - told > _TELL_EVERY:
            _tell(str(tally))
            told = time.monotonic()
    _tell(str(tally))
    return tally


def _chunks(records: Iterator[Record]) -> Iterator[list[Record]]:
    while chunk := list(islice(records, LINES_MOST)):
        yield chunk


async def _done(key: str) -> "Batch[Any] | None":
    """What the chunk came to in an earlier run; its key stands for the file's bytes, so the lines are the same."""
    from core import db
    from core.scope import EVERYTHING
    from resolvers.bills import import_consumption
    from resolvers.keys import SYSTEM_CALLER, items_of

    async with db.read(EVERYTHING):
        return await items_of(SYSTEM_CALLER, key, import_consumption.spec.name)


async def _persist(ctx: "Context", key: str, lines: list[GivenLine]) -> "Batch[ConsumptionLine]":
    """One chunk, tried again for a while when the database is away or an earlier run still has the key."""
    from core import db
    from resolvers.bills import import_consumption
    from resolvers.command import Options
    from resolvers.command import run as run_command
    from rules.bills import ErrorPolicy

    failure = ""
    for wait in range(TRIES):
        if wait:
            await asyncio.sleep(FIRST_WAIT * 2 ** (wait - 1))
        try:
            outcome = await run_command(
                ctx, import_consumption, Options(key=key), lines=lines, error_policy=ErrorPolicy.SKIP_REFUSED
            )
        except db.DatabaseFailure as error:
            failure = str(error)
            continue
        if outcome.result is not None:
            return outcome.result
        failure = ", ".join(violation.code for violation in outcome.violations)
    raise NotDone(failure)


def _count(chunk: list[Record], batch: "Batch[Any] | None", tally: Tally, refusals: IO[bytes]) -> None:
    items = iter(batch.items if batch is not None else [])
    for record in chunk:
        item = None if record.violations else next(items)
        violations = record.violations if item is None else item.violations
        if violations:
            tally.refused += 1
            refusals.write(_refusal(record, violations) + b"\n")
        elif item is not None and item.note:
            tally.duplicates += 1
        else:
            tally.accepted += 1


def _refusal(record: Record, violations: list[Violation]) -> bytes:
    from rules.errors import message_of

    errors = [
        {
            "code": violation.code.value,
            "field": violation.path[-1] if violation.path else None,
            "message": message_of(violation, "en"),
        }
        for violation in violations
    ]
    return orjson.dumps({"line": record.number, "reference": record.given.reference, "errors": errors})


def digest_of(path: Path) -> str:
    """SHA-256 of the file's bytes, in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(file: IO[str], form: str) -> Iterator[Record]:
    """The records of a file; empty lines are passed over. Raises `Unreadable`."""
    if form not in ("csv", "jsonl"):
        raise Unreadable("say --format csv or --format jsonl")
    lines = _lines(file)
    return _csv(lines) if form == "csv" else _jsonl(lines)


def _lines(file: IO[str]) -> Iterator[str]:
    """The lines, each of bounded length, so that a file without line ends is not read into memory."""
    number = 0
    while line := file.readline(LONGEST + 1):
        number += 1
        if len(line) > LONGEST:
            raise Unreadable(f"line {number} is longer than {LONGEST} characters")
        yield line


def _csv(lines: Iterator[str]) -> Iterator[Record]:
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, [])
        unknown = [name for name in header if name not in FILE_COLUMNS]
        if not header or unknown or len(set(header)) < len(header):
            raise Unreadable(f"the header must name each column once, of: {', '.join(FILE_COLUMNS)}")
        names = [FILE_COLUMNS[name] for name in header]
        for row in reader:
            if row:
                yield _of_csv(reader.line_num, names, row)
    except csv.Error as error:
        raise Unreadable(f"line {reader.line_num}: {error}") from error


def _of_csv(number: int, names: list[str], row: list[str]) -> Record:
    if len(row) != len(names):
        return Record(number, GivenLine(), [Violation(ErrorCode.INVALID_FORMAT)])
    values: dict[str, Any] = {name: value for name, value in zip(names, row, strict=True) if value}
    if "flags" in values:
        values["flags"] = tuple(values["flags"].split())
    return Record(number, GivenLine(**values))


def _jsonl(lines: Iterator[str]) -> Iterator[Record]:
    for number, line in enumerate(lines, 1):
        if not line.isspace():
            yield _of_json(number, line)


def _of_json(number: int, line: str) -> Record:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        return Record(number, GivenLine(), [Violation(ErrorCode.INVALID_FORMAT)])
    values: dict[str, Any] = {}
    wrong: list[Violation] = []
    for name, value in found.items():
        if value is None:
            continue
        if name not in FILE_COLUMNS or not _is_sound(name, value):
            wrong.append(Violation(ErrorCode.INVALID_FORMAT, (name,)))
            continue
        values[FILE_COLUMNS[name]] = tuple(value) if name in _LISTS else value
    return Record(number, GivenLine(**values), wrong)


def _is_sound(name: str, value: object) -> bool:
    """Whether a JSON value is a text, or for a list one of texts; amounts are texts too, so that no digit is lost."""
    if name in _LISTS:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)
    return isinstance(value, str)


def _tell(text: str) -> None:
    sys.stderr.write(f"cosell import: {text}\n")
    sys.stderr.flush()
