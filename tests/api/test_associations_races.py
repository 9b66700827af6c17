"""Many at once: exactly one wins, and the tables say which."""

import asyncio

import pytest

from tests.api.leaving import KEYS, REQUEST, leave, unbind
from tests.client import Api, codes
from tests.world import world


async def test_an_answer_against_a_withdrawal(api: Api) -> None:
    await race_answer_and_withdrawal(api, rounds=4)


@pytest.mark.long
async def test_an_answer_against_a_withdrawal_often(api: Api) -> None:
    await race_answer_and_withdrawal(api, rounds=50)


async def test_twenty_requests_at_once_make_one(api: Api) -> None:
    await race_requests(api, 20)


@pytest.mark.long
async def test_two_hundred_requests_at_once_make_one(api: Api) -> None:
    await race_requests(api, 200)


async def race_requests(api: Api, callers: int) -> None:
    stage = await world(api)
    answers = await asyncio.gather(*(unbind(stage.main.client.patient, stage) for _ in range(callers)))

    made = [payload for payload in answers if not payload["userErrors"]]
    assert len(made) == 1
    assert await api.value("select count(*) from association_request") == 1
    assert await api.value("select count(*) from event") == 1


async def race_answer_and_withdrawal(api: Api, rounds: int) -> None:
    """Exactly one of them wins, and the tables say which."""
    for _ in range(rounds):
        api.clock.advance(hours=1)  # a network gets a limited number of codes in an hour
        stage = await world(api)
        request = (await leave(api, stage))["request"]["id"]
        approval = stage.main.client.patient.do(
            "answerLeaveRequest", REQUEST, id=request, approve=True, idempotencyKey=next(KEYS)
        )
        withdrawal = stage.customer.client.patient.do(
            "withdrawAssociationRequest", REQUEST, id=request, idempotencyKey=next(KEYS)
        )
        approved, withdrawn = await asyncio.gather(approval, withdrawal)

        winners = [payload for payload in (approved, withdrawn) if not payload["userErrors"]]
        assert len(winners) == 1
        loser = withdrawn if winners[0] is approved else approved
        assert codes(loser) == ["STATE_CONFLICT"]
        ended = await api.value("select status from customer_association where id = $1", stage.association_id)
        assert (ended == "ENDED") == (winners[0] is approved)
