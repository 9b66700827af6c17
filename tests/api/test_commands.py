"""The way of every mutation: keys, dry runs, versions, retries, the journal, and what a command must declare."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from models.base import Row
from models.partners import Partner
from resolvers.command import COMMANDS, Options, Outcome, UndeclaredEvent, UndeclaredRefusal, command, run
from resolvers.context import Context
from resolvers.verifications import set_step_up_switch
from rules.access import Actor, Permission, Role
from rules.errors import Conflict, ErrorCode, refuse
from tests.api.account_cases import main_account
from tests.client import Api, codes
from tests.factories import Person, context_of, person

SWITCH = "mutation($input: SetStepUpSwitchInput!) { setStepUpSwitch(input: $input) {"
SWITCH += " switch { enabled version } effects { kind summary } userErrors { code path } } }"
Declared = Callable[..., Any]


@pytest.fixture
def declare() -> Iterator[Declared]:
    """Declares a command for one test only."""
    known = set(COMMANDS)

    def declare_one(**terms: Any) -> Any:
        return command(**{"permission": Permission.PUBLIC_READ, **terms})

    yield declare_one
    for name in set(COMMANDS) - known:
        del COMMANDS[name]


def switch(key: str = "switch-on-1", **more: Any) -> dict[str, Any]:
    return {"enabled": True, "idempotencyKey": key, **more}


class TestKeys:
    async def test_a_repeated_input_replays_the_outcome(self, api: Api) -> None:
        main = await main_account(api)
        first = await main.api.send(SWITCH, input=switch())

        async def repeat() -> None:
            again = await main.api.send(SWITCH, input=switch())
            assert again.data == first.data
            assert again.body["extensions"]["idempotency"] == {"replayed": True}

        assert first.data["setStepUpSwitch"]["switch"] == {"enabled": True, "version": 2}
        assert "idempotency" not in first.body["extensions"]
        assert await api.changes(repeat) == set()
        assert await api.value("select expires_at - created_at from idempotency") == timedelta(days=7)

    async def test_a_replay_shows_the_object_as_it_is_now(self, api: Api) -> None:
        main = await main_account(api)
        await main.api.send(SWITCH, input=switch())
        async with db.transaction(EVERYTHING):
            partner = await Partner.get(main_account_id=main.account_id)
            await partner.change(now=api.clock(), step_up_enabled=False)

        again = await main.api.send(SWITCH, input=switch())

        assert again.data["setStepUpSwitch"]["switch"] == {"enabled": False, "version": 3}
        assert [effect["kind"] for effect in again.data["setStepUpSwitch"]["effects"]] == ["step_up.on"]

    async def test_other_input_with_the_same_key_is_refused(self, api: Api) -> None:
        main = await main_account(api)
        await main.api.send(SWITCH, input=switch())

        other = await main.api.send(SWITCH, input=switch(expectedVersion=2))

        assert codes(other.data["setStepUpSwitch"]) == ["IDEMPOTENCY_KEY_REUSED"]

    async def test_a_key_belongs_to_its_caller(self, api: Api) -> None:
        for main in (await main_account(api), await main_account(api)):
            answer = await main.api.send(SWITCH, input=switch())
            assert codes(answer.data["setStepUpSwitch"]) == []
            assert "idempotency" not in answer.body["extensions"]

    async def test_a_refusal_uses_no_key(self, api: Api) -> None:
        main = await main_account(api, switched_on=True)
        refused = await main.api.send(SWITCH, input=switch())
        async with db.transaction(EVERYTHING):
            await Partner.filter(main_account_id=main.account_id).update(step_up_enabled=False)

        done = await main.api.send(SWITCH, input=switch())

        assert codes(refused.data["setStepUpSwitch"]) == ["STATE_CONFLICT"]
        assert codes(done.data["setStepUpSwitch"]) == []
        assert "idempotency" not in done.body["extensions"]

    @pytest.mark.parametrize(("length", "found"), [(7, ["OUT_OF_RANGE"]), (8, []), (255, []), (256, ["OUT_OF_RANGE"])])
    async def test_a_key_has_8_to_255_characters(self, api: Api, length: int, found: list[str]) -> None:
        main = await main_account(api)
        answer = await main.api.send(SWITCH, input=switch("k" * length))
        assert codes(answer.data["setStepUpSwitch"]) == found


class TestDryRuns:
    async def test_a_dry_run_reports_the_effects_and_leaves_nothing(self, api: Api) -> None:
        main = await main_account(api)

        async def dry() -> None:
            payload = (await main.api.send(SWITCH, input=switch(dryRun=True))).data["setStepUpSwitch"]
            assert payload["switch"] is None
            assert payload["effects"] == [{"kind": "step_up.on", "summary": "Sensitive operations ask for a code"}]
            assert payload["userErrors"] == []

        assert await api.changes(dry) == set()
        assert api.wakeup.calls == 0

    async def test_a_dry_run_leaves_its_key_for_the_real_one(self, api: Api) -> None:
        main = await main_account(api)
        await main.api.send(SWITCH, input=switch(dryRun=True))
        real = await main.api.send(SWITCH, input=switch())
        assert real.data["setStepUpSwitch"]["switch"] == {"enabled": True, "version": 2}
        assert "idempotency" not in real.body["extensions"]

    async def test_a_dry_run_says_every_refusal_but_asks_for_no_code(self, api: Api) -> None:
        main = await main_account(api, switched_on=True)

        async def dry() -> None:
            refused = await main.api.send(SWITCH, input=switch(dryRun=True))
            assert codes(refused.data["setStepUpSwitch"]) == ["STATE_CONFLICT"]
            allowed = await main.api.send(SWITCH, input={**switch("switch-off"), "enabled": False, "dryRun": True})
            assert codes(allowed.data["setStepUpSwitch"]) == []

        assert await api.changes(dry) == set()


class TestVersions:
    async def test_an_expected_version_that_passed_is_a_conflict_with_the_object(self, api: Api) -> None:
        main = await main_account(api)
        outcome = await _switch(api, main, expected_version=7)
        (violation,) = outcome.violations
        assert isinstance(violation, Conflict)
        assert (violation.expected_version, getattr(violation.current, "version", None)) == (7, 1)

    async def test_a_lost_race_of_versions_is_a_conflict_with_the_object(self, api: Api, declare: Declared) -> None:
        main = await main_account(api)

        @declare()
        async def rename_stale(ctx: Context) -> Row:
            account = await Account.get(id=ctx.actor.account_id)
            await Account.filter(id=account.id).update(version=5)
            await account.change(now=ctx.now, full_name="Other")
            return account

        outcome: Outcome[Row] = await run(await context_of(api, main), rename_stale)

        (violation,) = outcome.violations
        assert isinstance(violation, Conflict)
        assert violation.retryable
        assert isinstance(violation.current, Account)
        assert (violation.expected_version, violation.current.version) == (1, 1)  # the 5 was rolled back


class TestDeclarations:
    async def test_an_undeclared_refusal_fails(self, api: Api, declare: Declared) -> None:
        @declare()
        async def refuse_silently(ctx: Context) -> None:
            raise refuse(ErrorCode.TERMS_REQUIRED)

        with pytest.raises(UndeclaredRefusal, match="TERMS_REQUIRED"):
            await run(await context_of(api, await person(api)), refuse_silently)

    async def test_an_undeclared_event_fails_and_nothing_is_written(self, api: Api, declare: Declared) -> None:
        who = await person(api)

        @declare(emits=("account.known",))
        async def announce(ctx: Context) -> None:
            ctx.event("account.unknown", await Account.get(id=ctx.actor.account_id))

        async def announced() -> None:
            with pytest.raises(UndeclaredEvent, match=r"account\.unknown"):
                await run(await context_of(api, who), announce)

        assert await api.changes(announced) == set()

    async def test_who_may_not_is_told_at_the_top(self, api: Api) -> None:
        member = await person(api)
        anonymous = await api.anonymous.send(SWITCH, input=switch())
        assert anonymous.error["code"] == "UNAUTHENTICATED"
        refused = await member.api.send(SWITCH, input=switch())
        assert (refused.error["code"], refused.error["reason"]) == ("FORBIDDEN", "MAIN_ACCOUNT_ONLY")


class TestJournal:
    async def test_a_command_leaves_its_event_its_audit_row_and_its_message(self, api: Api) -> None:
        main = await main_account(api)
        await main.api.send(SWITCH, input=switch())
        partner = await api.value("select id from partner")

        (event,) = await api.rows("select * from event")
        assert (event["type"], event["subject_type"], event["subject_id"]) == (
            "partner.step_up_switched",
            "Partner",
            partner,
        )
        assert (event["subject_version"], event["partner_id"], event["occurred_at"]) == (2, partner, api.clock())
        (audit,) = await api.rows("select *, detail::jsonb as told from audit")
        assert (audit["operation"], audit["via"], audit["actor"]) == (
            "set_step_up_switch",
            "api",
            f"account:{main.account_id}",
        )
        assert (audit["tenant_id"], audit["subject_id"], audit["address"]) == (partner, partner, "203.0.113.9")
        assert audit["request_id"] == event["request_id"]
        assert api.wakeup.calls == 1
        assert [mail["template"] for mail in await api.inbox(str(main.email))] == ["step_up_on"]

    async def test_what_must_outlive_a_refusal_is_journalled_in_its_own_transaction(
        self, api: Api, declare: Declared
    ) -> None:
        who = await person(api)

        @declare(refuses=(ErrorCode.TERMS_REQUIRED,), emits=("account.warned",))
        async def warn(ctx: Context) -> None:
            account = await Account.get(id=ctx.actor.account_id)

            async def warned() -> None:
                ctx.audit(warned="yes")
                ctx.event("account.warned", account)
                ctx.notify("welcome", account, about=account)

            ctx.afterwards(warned)
            ctx.notify("sessions_revoked", account, about=account)
            raise refuse(ErrorCode.TERMS_REQUIRED)

        outcome: Outcome[None] = await run(await context_of(api, who), warn)

        assert [violation.code for violation in outcome.violations] == ["TERMS_REQUIRED"]
        assert await api.rows("select type from event") == [{"type": "account.warned"}]
        assert await api.value("select detail->>'warned' from audit") == "yes"
        assert [mail["template"] for mail in await api.inbox(str(who.email))] == ["welcome"]
        assert api.wakeup.calls == 1


class TestRetries:
    @pytest.mark.parametrize("state", ["40001", "40P01"])
    @pytest.mark.parametrize("failures", [1, 2])
    async def test_contention_is_tried_again_from_the_start(
        self, api: Api, declare: Declared, state: str, failures: int
    ) -> None:
        who, tries = await person(api), []

        @declare(emits=("account.tried",))
        async def contend(ctx: Context) -> Row:
            account = await Account.get(id=ctx.actor.account_id)
            await account.change(now=ctx.now, full_name="Other")
            ctx.effect("session.ended", account)
            ctx.event("account.tried", account)
            ctx.notify("welcome", account, about=account)
            tries.append(1)
            if len(tries) <= failures:
                await db.fetch(f"do $$ begin raise exception 'again' using errcode = '{state}'; end $$")
            return account

        outcome: Outcome[Row] = await run(await context_of(api, who), contend, Options(key="contended-1"))

        assert (len(tries), outcome.violations) == (failures + 1, [])
        assert [effect.kind for effect in outcome.effects] == ["session.ended"]
        assert await api.value("select version from account") == 2
        for table in ("event", "audit", "outbox", "idempotency"):
            assert await api.value(f"select count(*) from {table}") == 1, table

    async def test_after_three_tries_it_is_busy_and_nothing_is_left(self, api: Api, declare: Declared) -> None:
        who, tries = await person(api), []

        @declare()
        async def contend_for_ever(ctx: Context) -> None:
            ctx.afterwards(pytest.fail)  # never reached: what failed is asked for again
            tries.append(1)
            await Account.filter(id=ctx.actor.account_id).update(full_name="Other")
            await db.fetch("do $$ begin raise exception 'again' using errcode = '40001'; end $$")

        async def contended() -> None:
            with pytest.raises(db.Busy):
                await run(await context_of(api, who), contend_for_ever, Options(key="contended-1"))

        assert await api.changes(contended) == set()
        assert len(tries) == 3

    async def test_a_deadlock_lets_both_through(self, api: Api, declare: Declared) -> None:
        pair = [await person(api), await person(api)]
        met = asyncio.Barrier(2)
        first_time = [True, True]

        @declare(emits=("account.renamed",))
        async def rename_both(ctx: Context, *, number: int) -> None:
            for place in (number, 1 - number):
                await Account.filter(id=pair[place].account_id).update(full_name=f"Renamed {number}")
                if first_time[number]:
                    first_time[number] = False
                    await met.wait()

        contexts = [await context_of(api, who) for who in pair]
        for ctx in contexts:
            ctx.actor = _everywhere(ctx.actor)
        outcomes = await asyncio.gather(*(run(ctx, rename_both, number=n) for n, ctx in enumerate(contexts)))

        assert [outcome.violations for outcome in outcomes] == [[], []]
        assert await api.value("select count(*) from audit") == 2
        assert len({row["full_name"] for row in await api.rows("select full_name from account")}) == 1


async def test_a_stored_number_that_cannot_be_stops_no_request(api: Api) -> None:
    insert = "insert into policy_value (id, version, created_at, updated_at, site, key, effective_on, value)"
    for number, (key, value) in enumerate([("codes.max_tries", '"many"'), ("codes.length", "99"), ("gone", "1")]):
        await api.rows(
            f"{insert} values (gen_random_uuid(), 1, now(), now(), 'CN', $1, $2::text::date, $3::text::jsonb)",
            key,
            f"2026-01-0{number + 1}",
            value,
        )
    main = await main_account(api, switched_on=True)
    payload = await main.api.do("setStepUpSwitch", "__typename", enabled=False, idempotencyKey="switch-off-1")
    assert codes(payload) == ["STEP_UP_REQUIRED"]
    assert len(await api.code(str(main.mobile))) == 6


async def test_statements_of_the_keyed_mutation(api: Api) -> None:
    main = await main_account(api)
    with db.observed() as statements:
        await main.api.send(SWITCH, input=switch())
    print(*statements, sep="\n")
    # who calls · lock and look up the key · partner · write · account · journal and key
    assert len(statements) == 7


async def _switch(api: Api, main: Person, **given: Any) -> Outcome[Partner]:
    return await run(await context_of(api, main), set_step_up_switch, Options(), enabled=True, **given)


def _everywhere(actor: Actor) -> Actor:
    return replace(actor, roles=frozenset({Role.VENDOR_ADMIN}))
