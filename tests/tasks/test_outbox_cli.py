"""`cosell outbox` as people and scripts use it."""

import argparse
from datetime import timedelta
from typing import Any

import orjson
import pytest

from core import db
from core.scope import EVERYTHING
from resolvers import outbox
from tasks import outbox_cli
from tasks.outbox import Postponed
from tests.tasks.running import Handlers, is_in, until, working
from tests.tasks.tables import attempts, put, row, sql

pytestmark = pytest.mark.usefixtures("tables")


async def cosell(*words: str) -> int:
    """Parses and performs `cosell outbox …`."""
    parser = argparse.ArgumentParser()
    outbox_cli.add_arguments(parser)
    return await outbox_cli.perform(parser.parse_args(words))


async def test_ls_filters_by_state_topic_and_age(capsys: pytest.CaptureFixture[str]) -> None:
    old, dead, other = await put("sms", "a"), await put("sms", "b"), await put("mail", "c")
    await sql("update outbox set state = 'dead' where id = $1", dead)
    await sql("update outbox set created_at = now() - interval '3 hours' where id = $1", old)

    async def ids(*words: str) -> list[int]:
        assert await cosell("ls", "--json", *words) == 0
        return [orjson.loads(line)["id"] for line in capsys.readouterr().out.splitlines()]

    assert await ids() == [old, dead, other]
    assert await ids("--state", "dead") == [dead]
    assert await ids("--topic", "sms") == [old, dead]
    assert await ids("--older-than", "2h") == [old]
    assert await ids("--older-than", "4h") == []
    assert await ids("--first", "1", "--after", str(old)) == [dead]


async def test_ls_shows_a_table_and_no_payload(capsys: pytest.CaptureFixture[str]) -> None:
    assert await cosell("ls") == 0
    assert capsys.readouterr().out == ""
    await put("sms", "code:1", payload={"secret": "x"})
    await sql("update outbox set run_at = now() - interval '90 seconds'")
    assert await cosell("ls") == 0
    head, line = capsys.readouterr().out.splitlines()
    assert head.split() == ["id", "topic", "dedup_key", "state", "attempts", "late", "last_error"]
    assert line.split()[1:] == ["sms", "code:1", "ready", "0", "90s", "-"]


async def test_show_tells_payload_and_tries(capsys: pytest.CaptureFixture[str]) -> None:
    job = await put("sms", "a", payload={"id": 7})
    await sql("insert into outbox_attempt (outbox_id, number, started_at, outcome) values ($1, 1, now(), 'retry')", job)
    assert await cosell("show", str(job)) == 0
    shown = orjson.loads(capsys.readouterr().out)
    assert shown["payload"] == {"id": 7}
    assert [one["outcome"] for one in shown["tries"]] == ["retry"]
    assert await cosell("show", str(job + 1)) == 1
    assert capsys.readouterr().err == f"{job + 1}: missing\n"


@pytest.mark.tampers
@pytest.mark.parametrize(
    ("state", "retried", "cancelled"),
    [
        ("ready", "done", "done"),
        ("dead", "done", "done"),
        ("cancelled", "done", "wrong_state"),
        ("leased", "wrong_state", "wrong_state"),
        ("done", "wrong_state", "wrong_state"),
    ],
)
async def test_which_states_can_be_retried_and_cancelled(state: str, retried: str, cancelled: str) -> None:
    for wish, answer, after in ((outbox.retry, retried, "ready"), (outbox.cancel, cancelled, "cancelled")):
        job = await put("sms", f"{answer}-{after}", run_in=600)
        await sql(
            "update outbox set state = $2::text, attempts = 5, crashes = 2,"
            " lease_until = case when $2::text = 'leased' then now() end where id = $1",
            job,
            state,
        )
        async with db.transaction(EVERYTHING):
            assert await wish(job) == answer
        found: dict[str, Any] = await row(job)
        assert found["state"] == (after if answer == "done" else state)
        if wish is outbox.retry and answer == "done":
            assert (found["attempts"], found["crashes"], found["wait"] <= 0) == (0, 0, True)


async def test_what_has_expired_cannot_be_retried(capsys: pytest.CaptureFixture[str]) -> None:
    stale, fresh = await put("sms", "a", expires_in=-1.0), await put("sms", "b", expires_in=60.0)
    await sql("update outbox set state = 'dead'")
    assert await cosell("retry", str(stale), str(fresh)) == 1
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == (f"{fresh}\n", f"{stale}: expired\n")
    assert [(await row(job))["state"] for job in (stale, fresh)] == ["dead", "ready"]


async def test_who_is_retried_after_defects_has_all_its_tries_before_it() -> None:
    defect, wait = ValueError("ours"), Postponed(0)
    test = Handlers(defect, defect, defect, defect, wait, defect, wait, wait, defect, base=0.001, cap=0.001)
    job = await put("test", "a")
    async with working(test.runner):
        await until(lambda: is_in(job, "dead"))
        assert await cosell("retry", str(job)) == 0
        await until(lambda: is_in(job, "dead"))
    assert [number for number, outcome in await attempts(job) if outcome != "postponed"] == [1, 2, 3, 1, 2, 3]
    assert [outcome for _, outcome in await attempts(job) if outcome != "postponed"] == ["error", "error", "dead"] * 2


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("15m", 900), ("2h", 7200), ("3d", 259_200)])
def test_ages(text: str, seconds: int) -> None:
    assert outbox_cli.age(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "5", "h", "-1h", "1w", "1.5h"])
async def test_bad_ages_are_wrong_usage(text: str) -> None:
    with pytest.raises(SystemExit) as ended:
        await cosell("ls", f"--older-than={text}")
    assert ended.value.code == 2


async def test_the_relays_age_is_that_of_the_youngest_sign_of_life() -> None:
    assert await outbox.relay_age() is None
    await sql(
        "insert into worker_beat values ('a', now(), now() - interval '9 s'), ('b', now(), now() - interval '3 s')"
    )
    age = await outbox.relay_age()
    assert age is not None
    assert 3 <= age < 5
