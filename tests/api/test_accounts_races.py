"""Many at once: every limit is counted exactly, every secret opens once, every key stands for one effect."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from models.base import Row
from resolvers.command import COMMANDS, Options, command, run
from resolvers.context import Context
from rules.access import Permission
from tests.api.account_cases import Work, call, challenge, other
from tests.api.contact_cases import asked_to_change
from tests.api.step_up_cases import challenged
from tests.client import Api, codes
from tests.factories import PASSWORD, Person, context_of, email, mobile, person
from tests.locks import until_waiting

pytestmark = pytest.mark.usefixtures("patience")
CROWDS = [20, pytest.param(200, marks=pytest.mark.long)]
SIGN_UP = {"password": PASSWORD, "kind": "PERSONAL", "fullName": "张伟", "termsVersion": "2026-01"}


async def together(calls: Sequence[Awaitable[dict[str, Any]]]) -> Counter[str]:
    """How often each outcome came: `done` or the codes."""
    payloads = await asyncio.gather(*calls)
    return Counter("+".join(codes(payload)) or "done" for payload in payloads)


@pytest.mark.parametrize("crowd", CROWDS)
async def test_wrong_codes_are_counted_exactly(api: Api, crowd: int) -> None:
    main, found, digits = await challenged(api)
    calls = [main.api.do("verifyChallenge", "__typename", id=found, code=other(digits)) for _ in range(crowd)]
    assert await together(calls) == {"CODE_WRONG": 5, "CODE_TOO_MANY_TRIES": crowd - 5}
    assert await api.value("select tries from verification") == 5
    assert await api.value("select failed_codes from account") == 5


@pytest.mark.parametrize("crowd", CROWDS)
async def test_a_right_code_opens_once(api: Api, crowd: int) -> None:
    main, found, digits = await challenged(api)
    calls = [main.api.do("verifyChallenge", "proof", id=found, code=digits) for _ in range(crowd)]
    outcomes = await together(calls)
    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", "CODE_WRONG", "CODE_TOO_MANY_TRIES"}
    assert await api.value("select count(proof_digest) from verification") == 1


@pytest.mark.parametrize("crowd", CROWDS)
async def test_a_proof_opens_once(api: Api, crowd: int) -> None:
    main, found, digits = await challenged(api)
    proof = (await main.api.do("verifyChallenge", "proof", id=found, code=digits))["proof"]
    given = {"enabled": False, "proof": proof}
    calls = [
        main.api.do("setStepUpSwitch", "__typename", **given, idempotencyKey=f"switch-{n:04}") for n in range(crowd)
    ]
    outcomes = await together(calls)
    assert outcomes["done"] == 1
    assert await api.value("select count(*) from event where type = 'partner.step_up_switched'") == 1


@pytest.mark.parametrize("crowd", CROWDS)
async def test_one_contact_makes_one_account(api: Api, crowd: int) -> None:
    number = mobile()
    found, digits = await challenge(api, "SIGN_UP", number)
    calls = [
        api.anonymous.do("signUp", "__typename", verificationId=found, code=digits, **SIGN_UP) for _ in range(crowd)
    ]
    outcomes = await together(calls)
    assert outcomes["done"] == 1
    assert set(outcomes) <= {"done", "CODE_WRONG", "CODE_TOO_MANY_TRIES", "CONTACT_TAKEN"}
    for table in ("account", "session", "event"):
        assert await api.value(f"select count(*) from {table}") == 1, table


@pytest.mark.parametrize("crowd", CROWDS)
async def test_wrong_passwords_are_counted_exactly(api: Api, crowd: int) -> None:
    who = await person(api)
    given = {"site": "CN", "mobile": who.mobile, "password": "Wrong-one-1"}
    outcomes = await together([api.anonymous.do("signIn", "__typename", **given) for _ in range(crowd)])
    assert outcomes == {"SIGN_IN_FAILED": 5, "ACCOUNT_LOCKED": crowd - 5}


@pytest.mark.parametrize("crowd", CROWDS)
async def test_codes_asked_for_at_once_leave_one(api: Api, crowd: int) -> None:
    given = {"scene": "SIGN_UP", "site": "CN", "mobile": mobile()}
    outcomes = await together([api.anonymous.do("requestCode", "__typename", **given) for _ in range(crowd)])
    assert outcomes["done"] == 1
    assert await api.value("select count(*) from outbox") == 1


async def test_an_accounts_own_codes_are_counted_exactly(api: Api) -> None:
    who, crowd, calls = await person(api), 4, []
    for number in range(crowd):
        given = {"email": email(), "idempotencyKey": f"own-codes-{number}"}
        asked = await who.api.do("requestContactChange", "__typename", **given)
        found = asked["userErrors"][0]["challenge"]["id"]
        proof = await who.api.do("verifyChallenge", "proof", id=found, code=await api.code(str(who.mobile)))
        elsewhere = api.at(f"10.{number}.0.1").patient.as_(who.access_token)
        calls.append((elsewhere, {**given, "proof": proof["proof"]}))
        api.clock.advance(minutes=1)
    await api.override("codes.per_account_hour", crowd + 1)
    outcomes = await together([client.do("requestContactChange", "__typename", **given) for client, given in calls])
    assert outcomes == {"done": 1, "CODE_SEND_LIMIT": crowd - 1}


async def _wrong_code(api: Api, who: Person) -> Work:
    found, digits = await challenge(api, "SIGN_IN", str(who.mobile))
    return call(api.anonymous, "signInWithCode", verificationId=found, code=other(digits))


async def _sign_in(api: Api, who: Person) -> Work:
    found, digits = await challenge(api, "SIGN_IN", str(who.mobile))
    return call(api.anonymous, "signInWithCode", verificationId=found, code=digits)


async def _reset(api: Api, who: Person) -> Work:
    found, digits = await challenge(api, "RESET_PASSWORD", str(who.mobile))
    return call(api.anonymous, "resetPassword", verificationId=found, code=digits, newPassword="Green-tea-99")


async def _change(api: Api, who: Person) -> Work:
    found, digits = await asked_to_change(api, who, email=email())
    return call(who.api, "changeContact", verificationId=found, code=digits)


@pytest.mark.parametrize("way", [_wrong_code, _sign_in, _reset, _change])
async def test_who_waits_for_an_account_holds_none_of_its_codes(
    api: Api, way: Callable[[Api, Person], Awaitable[Work]]
) -> None:
    who, superuser = await person(api), api.database.superuser
    work = await way(api, who)
    async with superuser.transaction():
        await superuser.execute("select from account where id = $1 for update", who.account_id)
        asked = asyncio.ensure_future(work())
        await until_waiting(superuser, asked)
        assert not asked.done()
        await superuser.execute("select from verification where account_id = $1 for update nowait", who.account_id)
    assert codes(await asked) == (["CODE_WRONG"] if way is _wrong_code else [])


@pytest.mark.parametrize("crowd", CROWDS)
async def test_a_contact_is_changed_while_codes_are_tried(api: Api, crowd: int) -> None:
    who = await person(api)
    wanted = mobile()
    found, right = await asked_to_change(api, who, mobile=wanted)
    api.clock.advance(minutes=1)
    tried, digits = await challenge(api, "SIGN_IN", str(who.mobile))
    change = call(who.api, "changeContact", verificationId=found, code=right)
    wrong = [
        api.anonymous.do("signInWithCode", "__typename", verificationId=tried, code=other(digits)) for _ in range(crowd)
    ]

    changed, *answers = await asyncio.gather(change(), *wrong)

    outcomes = Counter(codes(answer)[0] for answer in answers)
    assert outcomes.keys() <= {"CODE_WRONG", "CODE_TOO_MANY_TRIES"}
    assert codes(changed) in ([], ["ACCOUNT_LOCKED"])
    assert await api.value("select mobile from account") == (str(who.mobile) if codes(changed) else wanted)
    assert await api.value("select tries from verification where scene = 'SIGN_IN'") <= 5


@pytest.fixture
async def wave() -> AsyncIterator[Any]:
    """A command whose one effect is a row of its own; declared for one test."""

    @command(permission=Permission.PUBLIC_READ, emits=("account.waved",))
    async def wave(ctx: Context, *, greeting: str) -> Row:
        account = await Account.get(id=ctx.actor.account_id)
        ctx.event("account.waved", account, greeting=greeting)
        await db.fetch("select pg_sleep(0.002)")
        return account

    yield wave
    del COMMANDS["wave"]


@pytest.mark.parametrize(("keys", "callers"), [(20, 10), pytest.param(200, 20, marks=pytest.mark.long)])
async def test_as_many_effects_as_keys_though_callers_die(api: Api, wave: Any, keys: int, callers: int) -> None:
    who = await person(api)
    places = asyncio.Semaphore(20)

    async def once(key: str, *, dies: bool) -> None:
        async with places:
            ctx = await context_of(api, who)
            task = asyncio.ensure_future(run(ctx, wave, Options(key=key), greeting=key))
            if dies:
                await asyncio.sleep(secrets.randbelow(20) / 1_000)
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    names = [f"the-key-{number:04}" for number in range(keys)]
    await asyncio.gather(
        *(once(key, dies=secrets.randbelow(10) < 3) for _ in range(callers) for key in names), return_exceptions=False
    )
    for key in names:  # whoever got no answer asks again, and is answered
        outcome = await run(await context_of(api, who), wave, Options(key=key), greeting=key)
        assert outcome.violations == []
        assert outcome.result is not None

    assert await api.value("select count(*) from event") == keys
    assert await api.value("select count(distinct changes->>'greeting') from event") == keys
    assert await api.value("select count(*) from idempotency") == keys
    idle, size = db.pool_idle_and_size()
    assert idle == size
    async with db.transaction(EVERYTHING):
        assert await Account.all().count() == 1
