"""Step-up: the challenge, the proof and what they are bound to; the partner's switch."""

from typing import Any

import pytest

from core import db
from core.scope import EVERYTHING
from models.accounts import Account
from resolvers.accounts.sessions import authenticate
from resolvers.command import asks_code
from resolvers.verifications import set_step_up_switch
from rules.access import SYSTEM
from rules.accounts import check_lock
from tests.api.account_cases import main_account, other
from tests.api.step_up_cases import ask, challenged
from tests.client import Api, codes
from tests.factories import Person, context, context_of, person, sign_in

OFF = {"enabled": False, "idempotencyKey": "switch-off-1"}


async def proof_of(api: Api, main: Person, found: str, digits: str) -> str:
    payload = await main.api.do("verifyChallenge", "proof challenge { state }", id=found, code=digits)
    assert codes(payload) == []
    assert payload["challenge"] == {"state": "VERIFIED"}
    return str(payload["proof"])


async def switch_off(main: Person, **more: Any) -> dict[str, Any]:
    return await main.api.do("setStepUpSwitch", "switch { enabled }", **{**OFF, **more})


class TestSwitch:
    async def test_on_is_free_and_off_needs_a_code(self, api: Api) -> None:
        main = await main_account(api)
        on = await main.api.do("setStepUpSwitch", "switch { enabled }", enabled=True, idempotencyKey="switch-on-1")
        assert (codes(on), on["switch"]) == ([], {"enabled": True})
        found = await ask(main)

        proof = await proof_of(api, main, found, await api.code(str(main.mobile)))
        off = await switch_off(main, proof=proof)

        assert (codes(off), off["switch"]) == ([], {"enabled": False})
        assert [effect["kind"] for effect in off["effects"]] == ["step_up.off"]
        changes = [row["changes"] for row in await api.rows("select changes::text from event order by id")]
        assert changes == ['{"enabled": true}', '{"enabled": false}']
        assert [mail["template"] for mail in await api.inbox(str(main.email))] == ["step_up_on", "step_up_off"]

    async def test_the_switch_can_be_read_and_counts_on_the_next_request(self, api: Api) -> None:
        main = await main_account(api)
        for enabled in (False, True):
            assert (await main.api.send("{ stepUpSwitch { enabled } }")).data["stepUpSwitch"] == {"enabled": enabled}
            actor, _ = await authenticate(main.access_token, api.clock())
            assert actor is not None
            assert actor.step_up_enabled is enabled
            if not enabled:
                await main.api.do("setStepUpSwitch", "__typename", enabled=True, idempotencyKey="switch-on-1")

    async def test_members_do_not_move_it(self, api: Api) -> None:
        main, member = await main_account(api), await person(api)
        async with db.transaction(EVERYTHING):
            partner_id = (await Account.get(id=main.account_id)).partner_id
            await Account.filter(id=member.account_id).update(partner_id=partner_id, roles=["SYSTEM_ADMIN"])
        document = "mutation($input: SetStepUpSwitchInput!) { setStepUpSwitch(input: $input) { __typename } }"
        answer = await member.api.send(document, input={"enabled": True, "idempotencyKey": "switch-on-1"})
        assert answer.error["reason"] == "MAIN_ACCOUNT_ONLY"

    async def test_the_system_is_asked_for_nothing(self, api: Api) -> None:
        assert not asks_code(context(api, SYSTEM), set_step_up_switch.spec, {"enabled": False})


class TestChallenge:
    async def test_it_goes_to_the_bound_contact_and_names_the_operation(self, api: Api) -> None:
        main = await main_account(api, switched_on=True)
        payload = await switch_off(main)
        (error,) = payload["userErrors"]
        assert (error["__typename"], error["code"]) == ("StepUpError", "STEP_UP_REQUIRED")
        assert error["challenge"]["channel"] == "SMS"
        assert error["challenge"]["sentTo"].endswith(str(main.mobile)[-4:])
        assert error["challenge"]["sentTo"] != main.mobile
        (message,) = await api.inbox(str(main.mobile))
        assert message["template"] == "code_sensitive_operation"

    async def test_the_same_input_finds_its_open_challenge_again(self, api: Api) -> None:
        main = await main_account(api, switched_on=True)
        assert await ask(main) == await ask(main) == await ask(main, key="another-key")
        assert await api.value("select count(*) from verification") == 1
        assert len(await api.inbox(str(main.mobile))) == 1

    async def test_an_expired_or_spent_one_is_followed_by_another(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        api.clock.advance(minutes=10)
        second = await ask(main)
        assert second != found
        digits = await api.code(str(main.mobile))
        for _ in range(5):
            await main.api.do("verifyChallenge", "__typename", id=second, code=other(digits))
        api.clock.advance(minutes=1)
        assert await ask(main) not in (found, second)

    async def test_resending_kills_the_old_code(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        api.clock.advance(seconds=60)
        again = await main.api.do("resendChallenge", "challenge { id resendAfter }", id=found)
        fresh = again["challenge"]["id"]
        assert fresh != found
        assert again["challenge"]["resendAfter"] == "2026-03-02T04:02:00.000Z"
        old = await main.api.do("verifyChallenge", "__typename", id=found, code=digits)
        assert codes(old) == ["CODE_WRONG"]
        await proof_of(api, main, fresh, await api.code(str(main.mobile)))

    async def test_node_finds_it_for_its_own_account_only(self, api: Api) -> None:
        main, found, _ = await challenged(api)
        document = "query($id: ID!) { node(id: $id) { id ... on Challenge { state } } }"
        assert (await main.api.send(document, id=found)).data["node"] == {"id": found, "state": "SENT"}
        assert (await (await person(api)).api.send(document, id=found)).data["node"] is None

    async def test_a_strangers_tries_do_not_count(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        stranger = await person(api)
        for _ in range(6):
            payload = await stranger.api.do("verifyChallenge", "__typename", id=found, code=digits)
            assert codes(payload) == ["CODE_WRONG"]
        assert await api.value("select tries from verification") == 0
        await proof_of(api, main, found, digits)

    async def test_a_code_of_another_scene_is_worthless(self, api: Api) -> None:
        main, _, digits = await challenged(api)
        verification = await api.rows("select id from verification")
        assert len(verification) == 1
        signed = await api.anonymous.do("signInWithCode", "__typename", verificationId=await ask(main), code=digits)
        assert codes(signed) == ["CODE_WRONG"]


class TestProof:
    async def test_it_works_once(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        proof = await proof_of(api, main, found, digits)
        assert codes(await switch_off(main, proof=proof)) == []
        await main.api.do("setStepUpSwitch", "__typename", enabled=True, idempotencyKey="switch-on-1")

        again = await switch_off(main, proof=proof, idempotencyKey="switch-off-2")

        assert codes(again) == ["PROOF_INVALID"]

    async def test_a_code_gives_one_proof(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        await proof_of(api, main, found, digits)
        assert codes(await main.api.do("verifyChallenge", "__typename", id=found, code=digits)) == ["CODE_WRONG"]

    @pytest.mark.parametrize(("milliseconds", "found"), [(299_999, []), (300_000, ["PROOF_INVALID"])])
    async def test_it_lives_five_minutes(self, api: Api, milliseconds: int, found: list[str]) -> None:
        main, challenge, digits = await challenged(api)
        proof = await proof_of(api, main, challenge, digits)
        api.clock.advance(milliseconds=milliseconds)
        assert codes(await switch_off(main, proof=proof)) == found

    @pytest.mark.parametrize(("milliseconds", "found"), [(599_999, []), (600_000, ["CODE_EXPIRED"])])
    async def test_the_code_before_it_lives_ten_minutes(self, api: Api, milliseconds: int, found: list[str]) -> None:
        main, challenge, digits = await challenged(api)
        api.clock.advance(milliseconds=milliseconds)
        assert codes(await main.api.do("verifyChallenge", "__typename", id=challenge, code=digits)) == found

    async def test_it_is_bound_to_the_input(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        proof = await proof_of(api, main, found, digits)
        assert codes(await switch_off(main, proof=proof, expectedVersion=1)) == ["PROOF_INVALID"]
        assert codes(await switch_off(main, proof=proof)) == []

    async def test_it_is_bound_to_the_account(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        thief = await main_account(api, switched_on=True)
        proof = await proof_of(api, main, found, digits)
        assert codes(await switch_off(thief, proof=proof)) == ["PROOF_INVALID"]

    async def test_it_is_good_in_another_session_of_the_account(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        proof = await proof_of(api, main, found, digits)
        assert codes(await switch_off(await sign_in(api, main.account_id), proof=proof)) == []

    async def test_a_refused_input_leaves_it_unused(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        proof = await proof_of(api, main, found, digits)
        async with db.transaction(EVERYTHING):
            await db.fetch("update partner set step_up_enabled = false")
        assert codes(await switch_off(main, proof=proof)) == ["STATE_CONFLICT"]
        assert await api.value("select proof_used_at from verification") is None

    async def test_only_digests_are_stored(self, api: Api) -> None:
        main, found, digits = await challenged(api)
        proof = await proof_of(api, main, found, digits)
        rows = [row["row"] for row in await api.rows("select t::text as row from verification as t")]
        assert all(digits not in row and proof not in row for row in rows)


async def test_consecutive_wrong_codes_lock_the_account_and_tell_it(api: Api) -> None:
    main, found, digits = await challenged(api)
    for number in range(20):
        if number and number % 5 == 0:
            api.clock.advance(minutes=1)
            found = await ask(main)
            digits = await api.code(str(main.mobile))
        await main.api.do("verifyChallenge", "__typename", id=found, code=other(digits))
        locked = await api.value("select locked_until from account")
        assert (locked is None) == (number < 19)
    until = api.clock.at.replace(minute=api.clock.at.minute + 15)
    assert locked == until
    assert [mail["template"] for mail in await api.inbox(str(main.email))] == ["account_locked"]
    assert check_lock(locked, now=api.clock()) != []

    api.clock.advance(minutes=1)
    found = await ask(main)
    right = await main.api.do("verifyChallenge", "__typename", id=found, code=await api.code(str(main.mobile)))
    assert codes(right) == ["ACCOUNT_LOCKED"]
    assert right["userErrors"][0]["availableAt"] == until.isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def test_a_right_code_starts_the_count_anew(api: Api) -> None:
    main, found, digits = await challenged(api)
    for _ in range(4):
        await main.api.do("verifyChallenge", "__typename", id=found, code=other(digits))
    assert await api.value("select failed_codes from account") == 4
    await proof_of(api, main, found, digits)
    assert await api.value("select failed_codes from account") == 0


async def test_statements_of_a_challenge_and_its_answer(api: Api) -> None:
    main = await main_account(api, switched_on=True)
    await context_of(api, main)
    with db.observed() as asked:
        found = await ask(main)
    digits = await api.code(str(main.mobile))
    with db.observed() as answered:
        await proof_of(api, main, found, digits)
    print(*asked, "--", *answered, sep="\n")
    assert (len(asked), len(answered)) == (14, 10)
