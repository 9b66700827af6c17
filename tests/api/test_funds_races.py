"""Many applications at once on one quota: exactly what fits is held, and nothing is below zero."""

import asyncio

import pytest

from tests.client import Api, codes
from tests.funds import drafted, event, expense, funded, left, submit


async def test_applications_at_once_hold_what_the_quota_has(api: Api, patience: None) -> None:
    await race(api, callers=12, fit=5)


@pytest.mark.long
async def test_two_hundred_applications_at_once(api: Api, patience: None) -> None:
    await race(api, callers=200, fit=50)


async def race(api: Api, callers: int, fit: int) -> None:
    """Each asks for a share of which `fit` are in the quota."""
    who = await funded(api)
    share = f"{50_000 // fit}.00"
    drafts = [
        await drafted(
            api,
            who,
            name=f"Cloud day {number}",
            audience=f"Customers of harbour {number}",
            events=[event(api)],
            budget=[expense(amount=share, fundAmount=share)],
        )
        for number in range(callers)
    ]

    answers = await asyncio.gather(*(submit(who, draft) for draft in drafts))

    assert sum(not codes(answer) for answer in answers) == fit
    assert {code for answer in answers for code in codes(answer)} == {"MDF_OVER_QUOTA"}
    assert await left(who) == ("50000.00", "0.00", "0.00")
    assert await api.value("select count(*) from mdf_case where state = 'USE_REVIEW'") == fit
    assert await api.value("select sum(reserved) from mdf_case") == 50_000_00
