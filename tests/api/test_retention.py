"""Codes, sessions and counts of failed sign-ins are deleted so long after their end, and not before."""

from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.scope import EVERYTHING
from core.settings import Settings
from models.accounts import Session, SignInGuard
from models.verifications import Verification
from rules.policy import LOGIN_RESET, MEMBERS_CONTACTS_TAKEN_WINDOW, PolicyKey
from rules.policy_data import PARAMETERS, decode
from rules.sites import Site
from rules.verifications import Channel, CodeState, Scene
from tasks import retention
from tests import world
from tests.client import Api, codes

MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)


async def purge(api: Api) -> None:
    """What the job does, with the shortest time that can be set."""
    settings = Settings(env=api.settings.env, history_days=1)
    await retention.delete_everything_old(settings, api.clock)


async def code(api: Api, target: str, ended: timedelta, proof: timedelta | None = None) -> None:
    """A code that ended so long ago, and its proof."""
    now = api.clock()
    async with db.transaction(EVERYTHING):
        await Verification.insert(
            now=now - max(ended, timedelta(0)) - timedelta(minutes=10),
            site=Site.CN,
            scene=Scene.SENSITIVE_OPERATION,
            channel=Channel.EMAIL,
            target=target,
            locale="en",
            state=CodeState.VERIFIED,
            salt=b"",
            max_tries=5,
            expires_at=now - ended,
            proof_expires_at=None if proof is None else now - proof,
        )


async def test_codes_go_a_time_after_code_and_proof_are_over(api: Api) -> None:
    over = DAY + MOMENT
    await code(api, "gone", over)
    await code(api, "gone-with-its-proof", over, over)
    await code(api, "at-the-boundary", DAY)
    await code(api, "proof-at-the-boundary", over, DAY)
    await code(api, "live", -timedelta(minutes=1))
    await purge(api)
    left = {row["target"] for row in await api.rows("select target from verification")}
    assert left == {"at-the-boundary", "proof-at-the-boundary", "live"}

    async def again() -> None:
        await purge(api)

    assert await api.changes(again) == set()


async def test_limits_of_codes_count_what_is_left(api: Api) -> None:
    """The longest window is a day; what it counts stays, with the shortest time that can be set."""
    who = await world.person(api)
    for _ in range(60):
        await code(api, who.mobile, DAY - timedelta(minutes=15))
    await purge(api)
    given = {"site": "CN", "scene": "RESET_PASSWORD", "mobile": who.mobile}
    assert codes(await api.anonymous.do("requestCode", "__typename", **given)) == ["CODE_SEND_LIMIT"]


async def test_sessions_go_a_time_after_their_refresh_token(api: Api) -> None:
    who = [await world.person(api) for _ in range(3)]
    now = api.clock()
    for person, ended in zip(who, (DAY + MOMENT, DAY, -DAY), strict=True):
        async with db.transaction(EVERYTHING):
            rows = Session.filter(account_id=person.id)
            await rows.update(refresh_expires_at=now - ended, access_expires_at=now - max(ended, DAY))
    await purge(api)
    left = {row["account_id"] for row in await api.rows("select account_id from session")}
    assert left == {who[1].id, who[2].id}


@pytest.mark.parametrize(
    ("first", "locked", "stays"),
    [
        (None, None, False),
        (DAY + MOMENT, None, False),
        (DAY, None, True),
        (DAY + MOMENT, DAY + MOMENT, False),
        (DAY + MOMENT, DAY, True),
        (timedelta(0), -timedelta(hours=1), True),
    ],
)
async def test_counts_of_failures_go_a_time_after_their_end(
    api: Api, first: timedelta | None, locked: timedelta | None, stays: bool
) -> None:
    now = api.clock()
    values: dict[str, Any] = {
        "first_failure_at": None if first is None else now - first,
        "locked_until": None if locked is None else now - locked,
    }
    async with db.transaction(EVERYTHING):
        await SignInGuard.create(site=Site.CN, identifier_digest=b"x", failures=1, **values)
    await purge(api)
    assert await api.value("select count(*) from sign_in_guard") == int(stays)


@pytest.mark.parametrize("key", [LOGIN_RESET, MEMBERS_CONTACTS_TAKEN_WINDOW])
def test_no_count_can_be_set_to_last_longer_than_it_may_be_kept(key: PolicyKey[timedelta]) -> None:
    parameter = PARAMETERS[key.name]
    assert parameter.bounds is not None
    assert decode(parameter, parameter.bounds[1]) == timedelta(**{parameter.unit: float(parameter.bounds[1])}) <= DAY


async def test_more_than_one_batch(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        await code(api, f"gone{number}", DAY + MOMENT)
    await purge(api)
    assert await api.value("select count(*) from verification") == 0
