"""Many at once on one quota or one voucher: exactly what fits succeeds; and how many statements a batch takes."""

import asyncio
from typing import Any

import pytest

from core import db
from rules.partners import PartnerKind
from tests.api.leaving import KEYS, REQUEST, with_code
from tests.client import Api, codes
from tests.vouchers import (
    Customer,
    Stage,
    customer,
    grant,
    issue,
    issue_quota,
    left,
    outcomes,
    recall,
    recall_quotas,
    refund,
    reseller,
    stage,
    use,
    voucher,
)


async def test_issues_at_once_give_what_the_quota_holds(api: Api, patience: None) -> None:
    await race_issues(api, callers=20, fit=4)


@pytest.mark.long
async def test_fifty_issues_of_a_hundred_at_once_from_a_thousand(api: Api, patience: None) -> None:
    await race_issues(api, callers=50, fit=10)


async def race_issues(api: Api, callers: int, fit: int) -> None:
    """Each asks for 100.00 of a quota that holds `fit` times as much."""
    made = await stage(api, f"{fit * 100}.00")
    customers = [await customer(api, made.partner_id) for _ in range(callers)]

    answers = await asyncio.gather(*(issue(made, one) for one in customers))

    done = [answer for answer in answers if not codes(answer)]
    assert len(done) == fit
    assert {code for answer in answers for code in codes(answer)} == {"QUOTA_INSUFFICIENT"}
    assert await left(api, made.quota) == 0
    assert await api.value("select count(*) from voucher") == fit
    assert await api.value("select count(*) from voucher_record") == fit
    assert await api.value("select count(*) from event where type = 'voucher.issued'") == fit


async def test_a_count_limit_holds_against_a_crowd(api: Api, patience: None) -> None:
    made = await stage(api, countMax=3)
    someone = await customer(api, made.partner_id)

    answers = await asyncio.gather(*(issue(made, someone, face="1.00") for _ in range(8)))

    assert len([answer for answer in answers if not codes(answer)]) == 3
    assert {code for answer in answers for code in codes(answer)} == {"VOUCHER_COUNT_LIMIT"}


async def test_quota_goes_to_resellers_once_however_many_ask(api: Api, patience: None) -> None:
    made = await stage(api, "300.00", kind=PartnerKind.DISTRIBUTOR)
    resellers = [(await reseller(api, made.partner_id))[0] for _ in range(2)]

    answers = await asyncio.gather(*(issue_quota(made, *resellers, amount="50.00") for _ in range(8)))

    assert len([answer for answer in answers if not codes(answer)]) == 3
    assert await left(api, made.quota) == 0


async def test_a_use_against_a_recall(api: Api, patience: None) -> None:
    """Whichever comes first: the money is spent or returned, never both."""
    made = await stage(api)
    someone = await customer(api, made.partner_id)
    for _ in range(5):
        one = await voucher(made, someone)
        before = await left(api, made.quota)
        used, recalled = await asyncio.gather(use(made, one, "100.00"), recall(made, one))
        if codes(used):
            assert codes(used) == ["VOUCHER_NOT_USABLE", "VOUCHER_INSUFFICIENT"]
            assert outcomes(recalled) == ["voucher"]
            assert await left(api, made.quota) == before + 10_000
        else:
            assert outcomes(recalled) == [["STATE_CONFLICT"]]
            assert await left(api, made.quota) == before


async def test_coupons_at_once_pay_an_order_once(api: Api, patience: None) -> None:
    made = await stage(api)
    someone = await customer(api, made.partner_id)
    quota = await grant(api, made.operations, made.partner_id, kind="CASH")
    coupons = [(await issue(made, someone, quotaId=quota))["results"][0]["voucher"]["id"] for _ in range(5)]
    order = {"orderRef": "order-1", "orderAmount": "25.00"}

    answers = await asyncio.gather(*(use(made, one, "10.00", **order) for one in coupons))

    assert sorted(codes(answer) for answer in answers) == [[], [], *([["OUT_OF_RANGE"]] * 3)]
    assert await api.value("select sum(amount_minor) from voucher_use") == 2_000


async def test_a_refund_is_given_once(api: Api, patience: None) -> None:
    made = await stage(api)
    one = await voucher(made, await customer(api, made.partner_id))
    paid = (await use(made, one, "80.00"))["use"]["id"]

    answers = await asyncio.gather(*(refund(made, paid) for _ in range(6)))

    assert sorted(code for answer in answers for code in codes(answer)) == ["VOUCHER_REFUNDED"] * 5
    assert await left(api, one) == 10_000


async def test_an_issue_against_the_customers_leaving(api: Api, patience: None) -> None:
    """A voucher issued before the end is recalled with it; none is issued after it."""
    for _ in range(3):
        api.clock.advance(hours=1)
        await race_issue_and_unbinding(api)


async def race_issue_and_unbinding(api: Api) -> None:
    made = await stage(api)
    someone = await customer(api, made.partner_id)
    await voucher(made, someone)
    approval = made.client.do(
        "answerLeaveRequest",
        REQUEST,
        id=(await leave_request(api, someone))["request"]["id"],
        approve=True,
        idempotencyKey=next(KEYS),
    )

    approved, issued = await asyncio.gather(approval, issue(made, someone))

    assert codes(approved) == []
    assert outcomes(issued) in (["voucher"], [["NOT_FOUND"]])
    statuses = await api.rows("select status from voucher where partner_id = $1", made.partner_id)
    assert {row["status"] for row in statuses} == {"RECALLED"}
    assert await left(api, made.quota) == 100_000


async def leave_request(api: Api, someone: Customer) -> dict[str, Any]:
    """The customer asks to leave, with a code."""
    return await with_code(api, someone.person.client, someone.person.mobile, "requestLeave", acknowledged=True)


async def test_recalling_quotas_against_their_vouchers_recall(api: Api, patience: None) -> None:
    made = await stage(api, kind=PartnerKind.DISTRIBUTOR)
    reseller_id, main = await reseller(api, made.partner_id)
    child = (await issue_quota(made, reseller_id))["results"][0]["quota"]["id"]
    theirs = Stage(reseller_id, main, made.operations, child)
    someone = await customer(api, reseller_id)
    vouchers = [await voucher(theirs, someone, "10.00") for _ in range(4)]

    answers = await asyncio.gather(recall_quotas(made, child), *(recall(theirs, one) for one in vouchers))

    assert [outcomes(answer) for answer in answers] == [["quota"], *[["voucher"]] * 4]
    assert await left(api, made.quota) == 100_000


@pytest.mark.parametrize("crowd", [1, 20])
async def test_issuing_takes_four_statements_a_customer(api: Api, crowd: int) -> None:
    made = await stage(api)
    customers = [await customer(api, made.partner_id) for _ in range(crowd)]

    with db.observed() as statements:
        assert outcomes(await issue(made, *customers, face="1.00")) == ["voucher"] * crowd

    assert len(statements) == ISSUE + 4 * crowd, statements


@pytest.mark.long
async def test_a_hundred_customers_at_four_statements_each(api: Api) -> None:
    await test_issuing_takes_four_statements_a_customer(api, 100)


@pytest.mark.parametrize("crowd", [1, 10])
async def test_recalling_takes_three_statements_a_voucher(api: Api, crowd: int) -> None:
    made = await stage(api)
    someone = await customer(api, made.partner_id)
    vouchers = [await voucher(made, someone, "1.00") for _ in range(crowd)]

    with db.observed() as statements:
        assert outcomes(await recall(made, *vouchers)) == ["voucher"] * crowd

    assert len(statements) == RECALL + 3 * crowd, statements


@pytest.mark.parametrize("crowd", [1, 10])
async def test_issuing_quota_takes_four_statements_a_reseller(api: Api, crowd: int) -> None:
    made = await stage(api, kind=PartnerKind.DISTRIBUTOR)
    resellers = [(await reseller(api, made.partner_id))[0] for _ in range(crowd)]

    with db.observed() as statements:
        assert outcomes(await issue_quota(made, *resellers, amount="1.00")) == ["quota"] * crowd

    assert len(statements) == ISSUE_QUOTA + 4 * crowd, statements


ISSUE, RECALL, ISSUE_QUOTA = 10, 13, 9
"""Statements around the entries: token, key, what the rules ask, journal, key, and the balances shown."""
