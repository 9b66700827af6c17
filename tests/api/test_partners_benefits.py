"""Benefits while bills are overdue: the vendor's entry, the freeze, what it refuses, and its end."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from rules.partners import PartnerKind
from rules.sites import Site
from tasks.partners import refresh_all_benefits
from tests.client import Api, codes
from tests.earning import Stage, stage
from tests.factories import key
from tests.world import admitted_partner

BILLS = """partner { benefitsFrozenSince
  overdueBills { number amount { amount currency } overdueSince clearedAt } }"""
OWN = "{ partner { benefitsFrozenSince overdueBills { number amount { amount currency } } } }"
SINCE = "2026-02-28T16:00:00.000Z"
SECOND = timedelta(seconds=1)


def bill(number: str = "B-1", amount: str = "120.50", since: str = SINCE) -> dict[str, str]:
    return {"number": number, "amount": amount, "overdueSince": since}


async def record(on: Stage, *bills: dict[str, str], **more: Any) -> dict[str, Any]:
    given = {"partnerId": on.partner_gid, "bills": list(bills or (bill(),)), "idempotencyKey": key()}
    return await on.operations.do("recordOverdueBills", BILLS, **{**given, **more})


async def clear(on: Stage, *numbers: str, **more: Any) -> dict[str, Any]:
    given = {"partnerId": on.partner_gid, "numbers": list(numbers or ("B-1",)), "idempotencyKey": key()}
    return await on.operations.do("clearOverdueBills", BILLS, **{**given, **more})


async def payout(on: Stage) -> list[str]:
    """The codes of asking for a payout of nothing, with the reasons against any payout."""
    given = {"incentiveIds": [], "method": "VOUCHER_QUOTA", "idempotencyKey": key()}
    return codes(await on.clerk.do("requestPayout", "payout { id }", **given))


async def told(api: Api, on: Stage) -> list[str]:
    mails = await api.inbox(on.world.main.email)
    return sorted(mail["template"] for mail in mails if mail["template"].startswith("benefits_"))


async def test_overdue_it_freezes_and_paid_it_releases(api: Api) -> None:
    on = await stage(api)
    before = await payout(on)
    assert "BENEFITS_FROZEN" not in before

    recorded = await record(on, bill(), bill("B-2", "7"))

    assert codes(recorded) == []
    assert recorded["partner"]["benefitsFrozenSince"] == SINCE
    own = (await on.clerk.send(OWN)).data["partner"]
    assert own["overdueBills"] == [
        {"number": "B-2", "amount": {"amount": "7.00", "currency": "CNY"}},
        {"number": "B-1", "amount": {"amount": "120.50", "currency": "CNY"}},
    ]
    assert await payout(on) == ["BENEFITS_FROZEN", *before]
    assert codes(await clear(on, "B-1")) == []
    assert "BENEFITS_FROZEN" in await payout(on)
    released = await clear(on, "B-2")
    assert released["partner"] == {"benefitsFrozenSince": None, "overdueBills": []}
    assert await payout(on) == before
    assert await told(api, on) == ["benefits_frozen", "benefits_released"]
    events = await api.rows("select type from event where type like 'partner.%' order by id")
    assert [row["type"].removeprefix("partner.") for row in events] == [
        *("bills_recorded", "benefits_frozen", "bills_cleared", "bills_cleared", "benefits_released")
    ]


async def test_a_bill_entered_again_counts_once_with_what_is_said_now(api: Api) -> None:
    on = await stage(api)
    await record(on)

    async def again() -> None:
        assert codes(await record(on)) == []

    touched = await api.changes(again)
    assert "overdue_bill" not in touched and "partner" not in touched
    changed = await record(on, bill(amount="20"))
    assert [one["amount"]["amount"] for one in changed["partner"]["overdueBills"]] == ["20.00"]
    assert await api.value("select count(*) from overdue_bill") == 1
    assert await told(api, on) == ["benefits_frozen"]


async def test_refusals_leave_no_trace(api: Api) -> None:
    on, other = await stage(api), await stage(api)
    await record(other, bill("B-9"))
    await record(on, bill("B-8"))
    await clear(on, "B-8")

    async def attempt() -> None:
        wrong = [bill(amount="much"), bill("B-2", "0"), bill("B-3"), bill("B-3"), bill("B-9"), bill("B-8")]
        refused = await record(on, *wrong)
        assert [(error["code"], error["path"][2]) for error in refused["userErrors"]] == [
            ("INVALID_FORMAT", "0"),
            ("OUT_OF_RANGE", "1"),
            ("REPEATED", "3"),
            ("OVERDUE_BILL_OF_OTHER", "4"),
            ("OVERDUE_BILL_CLEARED", "5"),
        ]
        assert codes(await clear(on, "B-9")) == ["NOT_FOUND"]
        for unnamed in (await record(on, bills=[]), await clear(on, numbers=[])):
            [error] = unnamed["userErrors"]
            assert (error["code"], error["rule"]["id"]) == ("REQUIRED", "partners.named_bills")
        assert codes(await record(on, partnerId="par_01JZZZZZZZZZZZZZZZZZZZZZZZ")) == ["NOT_FOUND"]

    assert await api.changes(attempt) == set()


async def test_only_the_vendor_enters_bills(api: Api) -> None:
    on = await stage(api)
    document = "mutation($i: RecordOverdueBillsInput!) { recordOverdueBills(input: $i) { userErrors { code } } }"
    given = {"partnerId": on.partner_gid, "bills": [bill()], "idempotencyKey": key()}

    async def attempt() -> None:
        for who in (on.clerk, on.world.main.client):
            assert (await who.send(document, i=given)).error["code"] == "FORBIDDEN"

    assert await api.changes(attempt) == set()


async def test_nobody_else_sees_the_bills(api: Api) -> None:
    on, (_, other) = await stage(api), await admitted_partner(api)
    await record(on)
    row = (await on.operations.send("{ partners { nodes { id overdueBills { id } benefitsFrozenSince } } }")).data
    [seen] = [one for one in row["partners"]["nodes"] if one["id"] == on.partner_gid]
    assert len(seen["overdueBills"]) == 1 and seen["benefitsFrozenSince"] == SINCE
    asked = "query($id: ID!) { node(id: $id) { id } }"
    for who, found in ((other.client, None), (on.clerk, {"id": seen["overdueBills"][0]["id"]})):
        assert (await who.send(asked, id=seen["overdueBills"][0]["id"])).data["node"] == found
    shown = "{ myPartner { partner { overdueBills { id } benefitsFrozenSince } } }"
    customers = (await on.world.customer.client.send(shown)).data["myPartner"]["partner"]
    assert customers == {"overdueBills": None, "benefitsFrozenSince": None}


async def test_the_daily_job_freezes_on_the_day_and_not_before_and_once(api: Api) -> None:
    on = await stage(api)
    due = api.clock() + timedelta(days=1)
    recorded = await record(on, bill(since=due.strftime("%Y-%m-%dT%H:%M:%SZ")))
    assert recorded["partner"]["benefitsFrozenSince"] is None
    api.clock.at = due - SECOND
    assert await refresh_all_benefits(api.settings, api.clock) == 0
    api.clock.at = due

    assert [await refresh_all_benefits(api.settings, api.clock) for _ in range(2)] == [1, 0]

    assert await told(api, on) == ["benefits_frozen"]
    assert await api.value("select benefits_frozen_since from partner where id = $1", on.partner_id) == due


async def test_the_rule_asks_the_bills_and_not_the_job(api: Api) -> None:
    on = await stage(api)
    due = api.clock() + timedelta(minutes=5)
    await record(on, bill(since=due.strftime("%Y-%m-%dT%H:%M:%SZ")))
    assert "BENEFITS_FROZEN" not in await payout(on)
    api.clock.at = due
    assert "BENEFITS_FROZEN" in await payout(on)


@pytest.mark.parametrize("site", Site)
async def test_bills_are_in_the_sites_currency(api: Api, site: Site) -> None:
    on = await stage(api, site)
    recorded = await record(on)
    assert recorded["partner"]["overdueBills"][0]["amount"]["currency"] == site.currency


async def test_a_reseller_is_released_by_the_job_when_it_becomes_one(api: Api) -> None:
    on = await stage(api)
    await record(on)
    await api.database.superuser.execute(
        "update partner set kind = $2 where id = $1", on.partner_id, PartnerKind.RESELLER.value
    )
    assert await refresh_all_benefits(api.settings, api.clock) == 1
    assert await told(api, on) == ["benefits_frozen", "benefits_released"]


@pytest.mark.parametrize("many", [6, pytest.param(200, marks=pytest.mark.long)])
async def test_of_many_entries_of_one_bill_at_once_one_row_and_one_notice(api: Api, many: int) -> None:
    on = await stage(api)

    answers = await asyncio.gather(*(record(on) for _ in range(many)))

    assert [codes(answer) for answer in answers] == [[]] * many
    assert await api.value("select count(*) from overdue_bill") == 1
    assert await told(api, on) == ["benefits_frozen"]
