"""`cosell import consumption`: streamed, in chunks, cut off and gone on with, and what it says of refused lines."""

import argparse
import asyncio
import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from tasks import import_cli
from tests import world
from tests.client import NOON, Api
from tests.consumption import line

ROOT = Path(__file__).resolve().parents[2]


async def cosell(api: Api, *words: str | Path) -> int:
    """Parses and performs `cosell import …` at the test's time."""
    parser = argparse.ArgumentParser()
    import_cli.add_arguments(parser)
    return await import_cli.perform(parser.parse_args([str(word) for word in words]), api.settings, api.clock)


def write_csv(path: Path, lines: Iterable[dict[str, Any]]) -> Path:
    """A CSV of these lines."""
    lines = list(lines)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, sorted({name for one in lines for name in one}))
        writer.writeheader()
        writer.writerows({name: " ".join(v) if name == "flags" else v for name, v in one.items()} for one in lines)
    return path


def write_jsonl(path: Path, lines: Iterable[Any]) -> Path:
    """One JSON value a line; bytes as they are."""
    path.write_bytes(b"".join((one if isinstance(one, bytes) else orjson.dumps(one)) + b"\n" for one in lines))
    return path


def refused(path: Path) -> list[dict[str, Any]]:
    """What stands in the report beside the file."""
    report = path.with_name(f"{path.name}.refused.jsonl")
    return [orjson.loads(one) for one in report.read_bytes().splitlines()] if report.exists() else []


async def content(api: Api) -> list[dict[str, Any]]:
    """Every line without what differs from one import to another."""
    return await api.rows("select site, reference, encode(content, 'hex'), period from consumption_line order by 1, 2")


@pytest.fixture
async def made(api: Api) -> world.World:
    """A partner whose customer has been associated for a day."""
    api.clock.at = NOON - timedelta(days=1)
    made = await world.world(api)
    api.clock.at = NOON
    return made


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_a_file_is_taken_over_through_the_command(
    api: Api, made: world.World, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line(made, NOON, flags=["PAID_BY_PARTNER", "NO_PERFORMANCE"]), *(line(made, NOON) for _ in range(600))]
    write = write_csv if form == "csv" else write_jsonl
    path = write(tmp_path / f"march.{form}", lines)
    assert await cosell(api, "consumption", path) == 0
    assert "601 lines: 601 new, 0 there already, 0 refused" in capsys.readouterr().err
    assert refused(path) == []
    assert await api.value("select count(*) from consumption_line where partner_id = $1", made.partner_id) == 601
    flags = await api.value("select flags::text from consumption_line order by reference limit 1")
    assert flags == '["NO_PERFORMANCE", "PAID_BY_PARTNER"]'
    audits = await api.rows("select actor, via from audit where operation = 'import_consumption'")
    assert audits == [{"actor": "system", "via": "cli"}] * 2
    assert await cosell(api, "consumption", path) == 0
    assert "601 new" in capsys.readouterr().err, "a chunk that is done answers as it did"
    assert await api.value("select count(*) from consumption_line") == 601


async def test_another_file_with_the_same_lines_finds_them_there(
    api: Api, made: world.World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [line(made, NOON) for _ in range(3)]
    await cosell(api, "consumption", write_csv(tmp_path / "march.csv", lines))
    assert await cosell(api, "consumption", write_jsonl(tmp_path / "march.jsonl", [*lines, line(made, NOON)])) == 0
    assert "4 lines: 1 new, 3 there already, 0 refused" in capsys.readouterr().err


async def test_refused_lines_are_told_with_their_number_and_field(
    api: Api, made: world.World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, future = line(made, NOON), line(made, NOON + timedelta(days=1))
    stray = {**line(made, NOON), "colour": "red", "cashAmount": 100.0}
    path = write_jsonl(tmp_path / "march.jsonl", [good, b"{", future, b" ", stray, [1]])
    assert await cosell(api, "consumption", path) == 1
    assert "5 lines: 1 new, 0 there already, 4 refused" in capsys.readouterr().err
    found = [(one["line"], one["reference"], [(e["code"], e["field"]) for e in one["errors"]]) for one in refused(path)]
    assert found == [
        (2, None, [("INVALID_FORMAT", None)]),
        (3, future["reference"], [("CONSUMPTION_PAID_IN_FUTURE", "paidAt")]),
        (5, stray["reference"], [("INVALID_FORMAT", "cashAmount"), ("INVALID_FORMAT", "colour")]),
        (6, None, [("INVALID_FORMAT", None)]),
    ]
    assert [row["reference"] for row in await content(api)] == [good["reference"]]
    again = refused(path)
    assert await cosell(api, "consumption", path) == 1
    assert refused(path) == again


async def test_what_csv_leaves_out_is_refused_line_by_line(api: Api, made: world.World, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "march.csv", [line(made, NOON), line(made, NOON, officialAmount=None)])
    with path.open("a") as file:
        file.write("too,few\n")
    assert await cosell(api, "consumption", path) == 1
    assert [(one["line"], [e["code"] for e in one["errors"]]) for one in refused(path)] == [
        (3, ["REQUIRED"]),
        (4, ["INVALID_FORMAT"]),
    ]


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", b"", "header"),
        ("a.csv", b"reference,colour\n", "header"),
        ("a.csv", b"reference,reference\n", "header"),
        ("a.csv", b'reference\n"open\n', "line 2"),
        ("a.csv", b"reference\n\xff\n", "utf-8"),
        ("a.jsonl", b"x" * 70_000, "line 1 is longer"),
        ("a.xlsx", b"", "--format"),
        ("nowhere.csv", None, "No such file"),
    ],
)
async def test_a_file_that_is_none_of_lines_is_wrong_usage(
    api: Api, tmp_path: Path, name: str, text: bytes | None, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / name).write_bytes(text)

    async def fail() -> None:
        assert await cosell(api, "consumption", tmp_path / name) == 2

    assert await api.changes(fail) == set()
    assert why in capsys.readouterr().err
    assert {file.name for file in tmp_path.iterdir()} <= {name}


async def test_killed_at_any_point_it_goes_on_and_ends_with_the_same_rows(
    api: Api, made: world.World, tmp_path: Path
) -> None:
    moment = NOON - timedelta(hours=3)
    lines = [line(made, moment) for _ in range(5_000)]
    path = write_csv(tmp_path / "march.csv", lines)
    command = [sys.executable, str(ROOT / "cli.py"), "import", "consumption", str(path)]
    environment = {**os.environ, "DATABASE_URL": api.database.app_url, "ENV": "test"}
    for least in (1, 1_500, 3_000):
        process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
        async with asyncio.timeout(60):
            while await api.value("select count(*) from consumption_line") < least and process.poll() is None:
                await asyncio.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert await api.value("select count(*) % 500 from consumption_line") == 0, "whole chunks or nothing of them"
    done = await asyncio.create_subprocess_exec(*command, env=environment, stderr=asyncio.subprocess.PIPE)
    _, said = await done.communicate()
    assert done.returncode == 0, said
    assert b"5000 lines: 5000 new, 0 there already, 0 refused" in said
    assert [row["reference"] for row in await content(api)] == sorted(one["reference"] for one in lines)
    assert await api.value("select count(*) from audit where operation = 'import_consumption'") == 10
