"""Every code that a command of accounts and step-up declares: reached once, and then nothing changed, nothing sent."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from resolvers import accounts, verifications
from rules.access import Permission, Role
from rules.errors import ErrorCode
from tests.api.account_cases import GENERIC, Case, main_account
from tests.api.real_name_cases import CASES
from tests.client import Api, codes
from tests.factories import person, staff

COMMANDS = {
    spec.name: spec.codes
    for module in (accounts, verifications)
    for spec in (getattr(value, "spec", None) for value in vars(module).values())
    if spec is not None and hasattr(spec, "refuses") and spec.permission is not Permission.RUN_SCHEDULES
}
KEYED: dict[str, dict[str, Any]] = {
    "requestCode": {"scene": "SIGN_UP", "site": "CN", "mobile": "13812345678"},
    "signOut": {},
    "revokeSessions": {},
    "submitRealName": {"kind": "PERSONAL", "legalName": "张伟", "documentNumber": "330101"},
    "decideRealName": {"id": "rnc_00000000000000000000000000", "approve": True},
    "resendChallenge": {"id": "chl_00000000000000000000000000"},
    "setStepUpSwitch": {"enabled": True},
    "requestContactChange": {"mobile": "13812345670"},
    "startQuickRegistration": {},
    "cancelAccount": {},
}


def test_every_declared_code_has_a_case() -> None:
    keyed = {ErrorCode.IDEMPOTENCY_KEY_REUSED, ErrorCode.IDEMPOTENCY_IN_PROGRESS}
    # The pipeline's own: any lost race of versions is CONFLICT, any id out of sight NOT_FOUND.
    for name, declared in COMMANDS.items():
        cased = {case.code for case in CASES if case.command == name}
        assert declared - keyed - GENERIC <= cased, name
        assert cased <= declared | {ErrorCode.NOT_FOUND}, name


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.command}-{case.code}")
async def test_a_refusal_says_why_and_leaves_nothing(api: Api, case: Case) -> None:
    work = await case.prepare(api)
    answers: list[dict[str, Any]] = []
    calls = api.wakeup.calls

    async def refused() -> None:
        answers.append(await work())

    changed = await api.changes(refused, besides=case.besides)

    assert codes(answers[0]) == [case.code]
    assert answers[0]["userErrors"][0]["path"] == case.path
    assert answers[0]["effects"] == []
    assert changed == set()
    assert api.wakeup.calls - calls == (1 if "outbox" in case.besides else 0)


@pytest.mark.parametrize("name", KEYED)
async def test_a_key_stands_for_one_operation(api: Api, name: str) -> None:
    caller = await _caller_of(api, name)
    first = await caller.do("requestCode", "challenge { id }", **KEYED["requestCode"], idempotencyKey="the-same-key")
    assert codes(first) == []
    given = {**KEYED[name], **({"mobile": "13812345679"} if name == "requestCode" else {})}

    changed = await api.changes(_answers(caller, name, given, "IDEMPOTENCY_KEY_REUSED"))

    assert changed == set()


@pytest.mark.parametrize("name", KEYED)
async def test_a_key_in_use_is_refused_at_once(api: Api, name: str) -> None:
    caller = await _caller_of(api, name)
    account = await api.value("select id::text from account order by id limit 1")
    held = "select pg_advisory_xact_lock(hashtextextended($1 || ':the-same-key', 0))"

    async with api.database.superuser.transaction():
        await api.database.superuser.fetchval(held, account)
        payload = await caller.do(name, "__typename", **KEYED[name], idempotencyKey="the-same-key")

    assert codes(payload) == ["IDEMPOTENCY_IN_PROGRESS"]
    assert payload["userErrors"][0]["retryable"] is True
    assert await api.rows("select * from idempotency") == []


def _answers(caller: Any, name: str, given: dict[str, Any], code: str) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        payload = await caller.do(name, "__typename", **given, idempotencyKey="the-same-key")
        assert codes(payload) == [code]
        assert payload["userErrors"][0]["path"] == ["input", "idempotencyKey"]

    return work


async def _caller_of(api: Api, name: str) -> Any:
    if name in ("setStepUpSwitch", "startQuickRegistration"):
        return (await main_account(api)).api
    if name == "decideRealName":
        return (await staff(api, Role.VENDOR_REVIEWER)).api
    return (await person(api)).api
