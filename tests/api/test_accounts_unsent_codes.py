"""Codes that could not be sent: whoever asked learns it after the last try, unless that told who has an account."""

from typing import Any

import pytest

from gateways.delivery import TransientFailure
from tests.api.account_cases import challenge
from tests.api.step_up_cases import ask, challenged
from tests.api.telling import wait_over
from tests.client import Api, codes
from tests.factories import mobile, person
from tests.refusing import broken, unsent

SHOWN = "query($id: ID!) { node(id: $id) { ... on Challenge { state } } }"


@pytest.mark.parametrize("failure", [TransientFailure("HTTP 503"), TimeoutError(), ValueError("a defect")])
async def test_it_has_failed_with_the_last_try_and_not_before(api: Api, failure: Exception) -> None:
    main, found, _ = await challenged(api, sent=False)
    broken(api, failure)
    for tried in (1, 2, 3):
        await wait_over(api)
        state = (await main.api.send(SHOWN, id=found)).data["node"]["state"]
        assert (tried, state) == (tried, "SEND_FAILED" if tried == 3 else "PENDING")
    assert await api.value("select state from outbox where topic = 'code.sms'") == "dead"

    assert codes(await main.api.do("verifyChallenge", "__typename", id=found, code="000000")) == ["CODE_SEND_FAILED"]


async def test_the_same_input_gets_another_code_at_once(api: Api) -> None:
    main, found, _ = await challenged(api, sent=False)
    await unsent(api)
    again = await ask(main)
    assert again != found
    digits = await api.code(str(main.mobile))
    assert codes(await main.api.do("verifyChallenge", "proof", id=again, code=digits)) == []


async def test_a_resend_after_a_failure_waits_for_nothing(api: Api) -> None:
    main, found, _ = await challenged(api, sent=False)
    await unsent(api)
    sent = await main.api.do("resendChallenge", "challenge { state }", id=found)
    assert (codes(sent), sent["challenge"]) == ([], {"state": "PENDING"})


@pytest.mark.parametrize(
    ("scene", "name", "given"),
    [
        ("SIGN_IN", "signInWithCode", {}),
        ("RESET_PASSWORD", "resetPassword", {"newPassword": "Green-tea-99"}),
        ("RESTORE_ACCOUNT", "restoreAccount", {}),
    ],
)
async def test_where_nobody_is_sent_nothing_a_failure_shows_nowhere(
    api: Api, scene: str, name: str, given: dict[str, Any]
) -> None:
    """Known or not: the same answers to a wrong code, and to asking again within the gap."""
    numbers = {"known": str((await person(api)).mobile), "unknown": mobile()}
    asked = {who: (await challenge(api, scene, number, sent=False))[0] for who, number in numbers.items()}
    await unsent(api)
    assert await api.value("select count(*) from outbox where state = 'dead'") == 1
    seen = {}
    for who, number in numbers.items():
        refused = await api.anonymous.do(name, "__typename", verificationId=asked[who], code="000000", **given)
        again = await api.anonymous.do("requestCode", "__typename", scene=scene, site="CN", mobile=number)
        seen[who] = [codes(refused), codes(again)]
    assert seen["known"] == seen["unknown"] == [["CODE_WRONG"], ["CODE_TOO_SOON"]]
