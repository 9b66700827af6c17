"""Many at once: one decision, one link, whoever is first."""

import asyncio

import pytest

from rules.access import Role
from tests.client import Api, codes
from tests.distribution import (
    accept,
    applied,
    decide,
    distributor,
    end_exit,
    invite,
    outcomes,
    reseller,
    start_exit,
    token_sent_to,
)
from tests.factories import admitted_partner, member


async def test_two_administrators_decide_one_application(api: Api) -> None:
    await race_decisions(api, rounds=3)


@pytest.mark.long
async def test_two_administrators_decide_one_application_often(api: Api) -> None:
    await race_decisions(api, rounds=50)


async def race_decisions(api: Api, rounds: int) -> None:
    """One approves, one rejects: one wins, one audit row."""
    chosen = await distributor(api)
    administrator = await member(api, chosen, Role.SYSTEM_ADMIN)
    for number in range(1, rounds + 1):
        _, application = await applied(api, chosen)
        answers = await asyncio.gather(
            decide(chosen.main.api, application),
            decide(administrator.api, application, approve=False, reason="Too small."),
        )
        won = [answer for answer in answers if not answer["results"][0]["userErrors"]]
        assert len(won) == 1
        lost = next(answer for answer in answers if answer is not won[0])
        assert outcomes(lost)[0][0] == "STATE_CONFLICT"
        assert await api.value("select count(*) from audit where operation = 'decide_reseller_applications'") == number
        linked = await api.value("select count(*) from reseller_link")
        associated = await api.value("select count(*) from reseller_application where status = 'ASSOCIATED'")
        assert linked == associated


async def test_crossing_batches_do_not_wait_for_each_other_for_ever(api: Api) -> None:
    chosen = await distributor(api)
    administrator = await member(api, chosen, Role.SYSTEM_ADMIN)
    ids = [(await applied(api, chosen))[1] for _ in range(3)]
    answers = await asyncio.gather(decide(chosen.main.api, *ids), decide(administrator.api, *reversed(ids)))
    done = [outcome for answer in answers for outcome in outcomes(answer)]
    assert done.count("ASSOCIATED") == 3
    assert await api.value("select count(*) from reseller_link") == 3


async def test_two_distributors_invitations_are_accepted_at_once(api: Api) -> None:
    for _ in range(3):
        one, other, guest = await distributor(api), await distributor(api), await admitted_partner(api)
        tokens = []
        for who in (one, other):
            assert codes(await invite(who.main.api, str(guest.main.email))) == []
            tokens.append(await token_sent_to(api, guest.main.email))
        answers = await asyncio.gather(*(accept(guest.main.api, token) for token in tokens))
        assert sorted(map(codes, answers)) == [[], ["PLAN_ALREADY_JOINED", "PLAN_HAS_DISTRIBUTOR"]]
        assert await api.value("select count(*) from reseller_link where reseller_id = $1", guest.partner_id) == 1


async def test_an_invitation_and_an_approval_at_once(api: Api) -> None:
    """The company waits for one distributor and opens the other one's link meanwhile: the application stands first."""
    one, other = await distributor(api), await distributor(api)
    guest, application = await applied(api, one)
    assert codes(await invite(other.main.api, str(guest.main.email))) == []
    token = await token_sent_to(api, guest.main.email)
    decided, accepted = await asyncio.gather(decide(one.main.api, application), accept(guest.main.api, token))
    assert outcomes(decided) == ["ASSOCIATED"]
    assert "PLAN_ALREADY_JOINED" in codes(accepted)
    assert await api.value("select count(*) from reseller_link") == 1


async def test_twenty_ends_at_once_are_one(api: Api) -> None:
    chosen = await distributor(api)
    _, link = await reseller(api, chosen)
    assert codes(await start_exit(chosen.main.api, link)) == []
    answers = await asyncio.gather(*(end_exit(chosen.main.api, link) for _ in range(20)))
    assert sorted(map(codes, answers)) == [[]] + [["STATE_CONFLICT"]] * 19
    assert await api.value("select count(*) from audit where operation = 'end_reseller_exit'") == 1
