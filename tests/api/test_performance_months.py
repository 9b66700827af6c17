"""Counting months: what counts, what closing settles, and that counting again gives the same bytes whatever happens."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from core import db
from core.scope import EVERYTHING
from resolvers.incentives.performance_months import recompute
from rules.sites import Site
from tests import world
from tests.client import Api
from tests.consumption import imported, line
from tests.performance import AFTER_MARCH, MARCH, close, drafted, estimate, stage
from tests.tasks.tables import sql

APRIL = datetime(2026, 4, 15, 4, tzinfo=UTC)


async def sheets(api: Api) -> list[dict[str, Any]]:
    """Every sheet's essentials."""
    return await api.rows(
        "select period, currency, status, total, line_count from performance_sheet order by period, currency"
    )


async def record(site: Site = Site.CN, period: str = "2026-03") -> bytes:
    """The month's record, counted again."""
    async with db.read(EVERYTHING):
        return b"".join([lines async for _, _, lines in recompute(site, period)])


async def other_partner(api: Api, made: world.World, since: datetime, until: datetime) -> None:
    """Another partner had the customer before."""
    partner_id, _ = await world.admitted_partner(api)
    await sql(
        "insert into customer_association (id, partner_id, customer_id, type, status, source, started_at, ended_at,"
        " created_at, updated_at) values (gen_random_uuid(), $1, $2, 'REFERRAL', 'ENDED', 'REPORT', $3, $4, $3, $4)",
        partner_id,
        made.customer_id,
        since,
        until,
    )


async def rule(api: Api, key: str, value: object, effective_on: datetime) -> None:
    """Operations set a number of the policy."""
    await api.rows(
        "insert into policy_value (id, site, key, effective_on, value, created_at, updated_at)"
        " values (gen_random_uuid(), 'CN', $1, $2, $3::jsonb, now(), now())",
        key,
        effective_on.date(),
        orjson.dumps(value).decode(),
    )


async def closed_as_the_rules_count(api: Api) -> None:
    """The database counts a month by a statement of its own; counted by the rules the digest is the same."""
    api.clock.at = AFTER_MARCH
    await close(api)
    assert await api.value("select digest from performance_sheet") == hashlib.sha256(await record()).digest()


PARTS: list[tuple[dict[str, Any], int, dict[str, int]]] = [
    ({"cashAmount": "70", "creditAmount": "30"}, 10_000, {}),
    ({"cashAmount": "70", "cashCouponAmount": "10", "cardAmount": "20"}, 10_000, {}),
    ({"cashAmount": "70", "voucherAmount": "30"}, 7_000, {"VOUCHER": 3_000}),
    ({"cashAmount": "70", "noPerformanceCouponAmount": "30"}, 7_000, {"COUPON_WITHOUT_PERFORMANCE": 3_000}),
    ({"cashAmount": "70", "bonusAmount": "10", "debtAmount": "20"}, 7_000, {"GIFT_MONEY": 1_000, "NOT_PAID": 2_000}),
    ({"cashAmount": "70", "writeOffAmount": "30"}, 7_000, {"WRITTEN_OFF": 3_000}),
    ({"cashAmount": "70", "discountAmount": "29.5", "roundingAmount": "0.5"}, 7_000, {}),
    ({"flags": ["PAID_BY_PARTNER"]}, 10_000, {}),
    ({"flags": ["CARD_PURCHASE"]}, 0, {"CARD_PURCHASE": 10_000}),
    (
        {"flags": ["NO_PERFORMANCE"], "cashAmount": "70", "voucherAmount": "30"},
        0,
        {"PRODUCT_WITHOUT_PERFORMANCE": 7_000, "VOUCHER": 3_000},
    ),
    ({"billType": "REFUND", "officialAmount": "-100", "cashAmount": "-100"}, -10_000, {}),
]


async def test_what_counts_and_what_does_not_and_why(api: Api) -> None:
    made = await stage(api)
    for change, _, _ in PARTS:
        await imported(api, line(made, MARCH, **change))
    await estimate(api)
    found = await api.rows(
        "select amount, left_out::text as left_out from performance_line join consumption_line c"
        " on c.id = consumption_line_id order by c.reference"
    )
    assert [(row["amount"], orjson.loads(row["left_out"])) for row in found] == [(a, left) for _, a, left in PARTS]
    total = sum(amount for _, amount, _ in PARTS)
    assert await sheets(api) == [
        {"period": "2026-03", "currency": "CNY", "status": "ESTIMATE", "total": total, "line_count": len(PARTS)}
    ]
    await closed_as_the_rules_count(api)


async def test_an_estimate_follows_the_lines_and_changes_nothing_when_nothing_came(api: Api) -> None:
    made = await stage(api)
    await imported(api, line(made, MARCH))
    await estimate(api)
    assert await api.changes(lambda: estimate(api), besides=("audit",)) == set()
    await imported(api, line(made, MARCH), line(made, MARCH, currency="USD"))
    await estimate(api)
    assert [(row["currency"], row["total"]) for row in await sheets(api)] == [("CNY", 20_000), ("USD", 10_000)]


@pytest.mark.parametrize(("site", "last"), [("CN", "2026-03-31T16:00:00"), ("INTL", "2026-04-01T00:00:00")])
async def test_a_month_is_closed_once_it_is_over_on_its_site(api: Api, site: str, last: str) -> None:
    made = await stage(api, site=Site(site))
    await imported(api, line(made, MARCH))
    api.clock.at = datetime.fromisoformat(last).replace(tzinfo=UTC) - timedelta(milliseconds=1)
    assert await close(api) == 0
    assert await api.rows("select * from accounting_month") == []
    api.clock.at += timedelta(milliseconds=1)
    assert await close(api) == 1
    [sheet] = await sheets(api)
    assert (sheet["status"], sheet["total"]) == ("DRAFT", 10_000)
    assert await api.value("select period from accounting_month where site = $1", site) == "2026-03"
    events = await api.rows("select type, partner_id from event where type like 'performance%'")
    assert events == [{"type": "performance_sheet.closed", "partner_id": made.partner_id}]


async def test_without_consumption_no_month_is_closed_and_missed_ones_are_made_up_for(api: Api) -> None:
    made = await stage(api)
    api.clock.at = AFTER_MARCH
    assert await close(api) == 0
    await imported(api, line(made, MARCH - timedelta(days=22)), line(made, MARCH))
    api.clock.at = datetime(2026, 6, 2, tzinfo=UTC)
    assert await close(api) == 4
    closed = await api.rows("select period, lines from accounting_month order by period")
    assert [tuple(row.values()) for row in closed] == [("2026-02", 1), ("2026-03", 1), ("2026-04", 0), ("2026-05", 0)]


async def test_closing_again_changes_nothing(api: Api) -> None:
    made = await stage(api)
    await drafted(api, made)
    assert await api.changes(lambda: close(api)) == set()
    await estimate(api)
    assert [row["status"] for row in await sheets(api)] == ["DRAFT"]


async def test_counting_a_closed_month_again_gives_the_same_bytes_whatever_came_later(api: Api) -> None:
    made = await stage(api)
    await other_partner(api, made, MARCH - timedelta(days=90), MARCH - timedelta(days=60))
    await drafted(api, made, line(made, MARCH), line(made, MARCH, cashAmount="60", voucherAmount="40"))
    before = await record()
    assert len(before.splitlines()) == 2
    digest = hashlib.sha256(before).digest()
    assert await api.value("select digest from performance_sheet") == digest
    assert await api.value("select digest from accounting_month") == hashlib.sha256(digest).digest()
    api.clock.at = APRIL
    await imported(api, line(made, MARCH), line(made, MARCH, flags=["CARD_PURCHASE"]))
    await sql(
        "update customer_association set status = 'ENDED', ended_at = $2 where id = $1", made.association_id, APRIL
    )
    await other_partner(api, made, APRIL, APRIL + timedelta(days=1))
    await rule(api, "performance.rebind_no_incentive_months", 6, MARCH)
    await rule(api, "performance.rebind_no_incentive_from", "2026-01-01", MARCH)
    await estimate(api)
    api.clock.at = datetime(2026, 5, 1, tzinfo=UTC)
    await close(api)
    assert await record() == before
    late = orjson.loads((await record(period="2026-04")).splitlines()[0])
    assert late["left_out"] == {"REBOUND_CUSTOMER": 10_000}, "the later rule holds for the later month"
    assert [(row["period"], row["total"], row["line_count"]) for row in await sheets(api)] == [
        ("2026-03", 16_000, 2),
        ("2026-04", 0, 2),
    ]


REBOUND = datetime(2026, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("started", "paid", "counts"),
    [
        (REBOUND, datetime(2026, 3, 9, 23, 59, 59, 999_000, tzinfo=UTC), False),
        (REBOUND, datetime(2026, 3, 10, tzinfo=UTC), True),
        (datetime(2026, 1, 9, 15, 59, 59, 999_000, tzinfo=UTC), MARCH - timedelta(days=10), True),
        (datetime(2026, 1, 9, 16, tzinfo=UTC), MARCH - timedelta(days=7), False),
    ],
)
async def test_a_customer_that_changed_its_partner_counts_after_the_policys_months(
    api: Api, started: datetime, paid: datetime, counts: bool
) -> None:
    made = await stage(api)
    await rule(api, "performance.rebind_no_incentive_months", 2, REBOUND)
    await rule(api, "performance.rebind_no_incentive_from", "2026-01-10", REBOUND)
    await sql("update customer_association set started_at = $2 where id = $1", made.association_id, started)
    await other_partner(api, made, started - timedelta(days=30), started - timedelta(days=1))
    await imported(api, line(made, paid))
    await estimate(api)
    assert [row["total"] for row in await sheets(api)] == [10_000 if counts else 0]
    await closed_as_the_rules_count(api)


async def test_a_renewal_after_rebinding_earns_for_the_partner_at_payment(api: Api) -> None:
    made = await stage(api)
    second, _ = await world.admitted_partner(api)
    switch = MARCH - timedelta(days=1)
    await sql(
        "update customer_association set status = 'ENDED', ended_at = $2 where id = $1", made.association_id, switch
    )
    await sql(
        "insert into customer_association (id, partner_id, customer_id, type, status, source, started_at, created_at,"
        " updated_at) values (gen_random_uuid(), $1, $2, 'RESALE', 'ACTIVE', 'REPORT', $3, $3, $3)",
        second,
        made.customer_id,
        switch,
    )
    order = {"orderRef": "CS1"}
    await imported(api, line(made, switch - timedelta(days=1), **order), line(made, MARCH, billType="RENEW", **order))
    await estimate(api)
    found = await api.rows("select partner_id, line_count from performance_sheet")
    assert {row["partner_id"]: row["line_count"] for row in found} == {made.partner_id: 1, second: 1}


async def test_what_is_settled_cannot_be_changed_in_the_database_either(api: Api) -> None:
    made = await stage(api)
    await drafted(api, made)
    for statement in (
        "update consumption_line set period = '2026-04'",
        "delete from consumption_line",
        "update performance_line set amount = 0",
        "delete from performance_line",
        "update performance_sheet set total = 0",
        "update accounting_month set digest = null",
    ):
        with pytest.raises(db.ConstraintViolated):
            async with db.transaction(EVERYTHING):
                await db.fetch(statement)
