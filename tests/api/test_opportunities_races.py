"""Many at once: an opportunity is decided by exactly one, and of two about the same thing one is verified."""

import asyncio
from typing import Any

import pytest

from core.ids import encode_id
from rules.access import Role
from tests import opportunities as po
from tests.client import Api, Client, codes
from tests.opportunities import desk, done


def outcomes(answers: list[dict[str, Any]]) -> list[list[str]]:
    return sorted(codes(payload) for payload in answers)


async def crowd(api: Api, office_id: str, people: int) -> list[Client]:
    """That many partner sales managers of an office."""
    admin = await po.staff(api, Role.VENDOR_ADMIN)
    clients = []
    for _ in range(people):
        seller = await po.staff(api, Role.PSM)
        given = {"officeId": office_id, "accountId": encode_id("acc", seller.id), "duty": "PSM"}
        await done(await admin.client.do("setOfficeMember", "member { id }", **given, idempotencyKey=po.key()))
        clients.append(seller.client.patient)
    return clients


async def race_verification(api: Api, people: int) -> None:
    """That many of one office decide at once, half of them to reject."""
    at = await desk(api)
    clients = await crowd(api, at.office_id, people)
    opportunity = await po.verifying(api, at)

    answers = await asyncio.gather(
        *(po.verify(client, opportunity, approve=place % 2 == 0) for place, client in enumerate(clients))
    )

    assert outcomes(answers) == [[]] + [["PO_ALREADY_PROCESSED"]] * (people - 1)
    assert await api.value("select count(*) from audit where operation = 'verify_opportunity'") == 1
    assert await api.value("select count(*) from event where type like 'opportunity.verif%'") == 1
    told = "select count(*) from outbox where topic = 'notice' and payload->>'template' = 'opportunity_decided'"
    assert await api.value(told) == people + 1  # the two of the desk, too, without the one who decided
    winner = next(answer["opportunity"]["state"] for answer in answers if not answer["userErrors"])
    assert await api.value("select state from opportunity") == winner


async def race_duplicates(api: Api, rivals: int) -> None:
    """That many partners have submitted the same need of one customer; two PSMs verify them all at once."""
    at = await desk(api)
    same = {"customerAccount": None, "customerCompany": "钱塘港务有限公司"}
    opportunities = []
    for _ in range(rivals):
        opportunities.append(await po.verifying(api, await po.another(api, at), **same))

    answers = await asyncio.gather(
        *(po.verify((at.psm, at.colleague)[n % 2].client.patient, one) for n, one in enumerate(opportunities))
    )

    assert outcomes(answers) == [[]] + [["PO_DUPLICATE_VERIFIED"]] * (rivals - 1)
    assert await api.value("select count(*) from opportunity where state = 'VERIFIED'") == 1


async def test_two_psms_at_once(api: Api) -> None:
    await race_verification(api, 2)


async def test_twenty_psms_at_once(api: Api) -> None:
    await race_verification(api, 20)


@pytest.mark.long
async def test_two_hundred_psms_at_once(api: Api, patience: None) -> None:
    await race_verification(api, 200)


async def test_six_partners_with_one_need(api: Api) -> None:
    await race_duplicates(api, 6)


async def test_a_verdict_against_the_deadline(api: Api) -> None:
    """Whoever comes first decides; nobody decides twice."""
    from tasks.opportunities import pass_time

    at = await desk(api)
    opportunity = await po.verifying(api, at)
    deadline = await api.value("select deadline from opportunity")
    api.clock.at = deadline
    at = await po.signed_in_again(api, at)

    late, _ = await asyncio.gather(po.verify(at.psm.client, opportunity), pass_time(api.settings, api.clock))

    assert codes(late) == ["PO_ALREADY_PROCESSED"]
    assert await api.value("select state from opportunity") == "VERIFY_REJECTED"


async def test_twenty_drafts_with_one_reference_make_one(api: Api) -> None:
    at = await desk(api)

    answers = await asyncio.gather(
        *(po.save(at.main.client.patient, externalRef="CRM-1", name=f"Draft {n}") for n in range(20))
    )

    assert set(map(tuple, outcomes(answers))) <= {(), ("CONFLICT",)}
    assert await api.value("select count(*) from opportunity") == 1


async def test_twenty_submissions_make_one(api: Api) -> None:
    at = await desk(api)
    opportunity = await po.drafted(at.main.client)

    answers = await asyncio.gather(*(po.submit(at.main.client.patient, opportunity) for _ in range(20)))

    assert outcomes(answers) == [[]] + [["PO_NOT_EDITABLE"]] * 19
    assert await api.value("select revision from opportunity") == 1
