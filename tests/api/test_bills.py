"""Taking consumption over: results per line, idempotence, attribution, months, and nothing left by a refusal."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core import db
from rules.sites import Site
from tests import world
from tests.api import leaving
from tests.client import NOON, Api, codes
from tests.consumption import RESULTS, imported, line, operations, send
from tests.factories import key
from tests.tasks.tables import sql

BEFORE = NOON - timedelta(hours=1)


async def stage(api: Api, **more: Any) -> world.World:
    """A partner whose customer is associated since the beginning of the month."""
    api.clock.at = NOON - timedelta(days=1)
    made = await world.world(api, **more)
    api.clock.at = NOON
    return made


async def rows(api: Api) -> list[dict[str, Any]]:
    """Every line, oldest reference first."""
    return await api.rows("select * from consumption_line order by reference")


async def test_lines_are_taken_over_for_the_partner_at_payment(api: Api) -> None:
    made, vendor = await stage(api), await operations(api)
    first = line(made, BEFORE, flags=["PAID_BY_PARTNER"], region="cn-north-4", orderRef="CS1")
    second = line(made, BEFORE, cashAmount="60.50", voucherAmount="30", discountAmount="9.4", roundingAmount="0.10")
    payload = await send(vendor, first, second)
    assert codes(payload) == []
    assert [(one["duplicate"], one["userErrors"]) for one in payload["results"]] == [(False, [])] * 2
    assert [effect["kind"] for effect in payload["effects"]] == ["consumption.imported"]
    stored = await rows(api)
    assert [row["reference"] for row in stored] == [first["reference"], second["reference"]]
    assert {row["partner_id"] for row in stored} == {made.partner_id}
    assert {row["association_id"] for row in stored} == {made.association_id}
    assert [row["association_type"] for row in stored] == ["RESALE"] * 2
    assert [row["period"] for row in stored] == ["2026-03"] * 2
    assert [row["currency"] for row in stored] == ["CNY"] * 2
    amounts = [stored[1][f"{name}_amount"] for name in ("official", "cash", "voucher", "discount", "rounding")]
    assert amounts == [10_000, 6_050, 3_000, 940, 10]
    assert (stored[0]["order_ref"], stored[0]["region"]) == ("CS1", "cn-north-4")
    [audit] = await api.rows("select detail from audit where operation = 'import_consumption'")
    assert '"accepted":2' in audit["detail"].replace(" ", "")


async def test_a_line_sent_again_is_a_duplicate_and_with_other_content_refused(api: Api) -> None:
    made, vendor = await stage(api), await operations(api)
    given = line(made, BEFORE)
    await send(vendor, given)
    again = await send(vendor, given, line(made, BEFORE))
    assert [result["duplicate"] for result in again["results"]] == [True, False]
    assert again["results"][0]["line"]["reference"] == given["reference"]
    for change in ({"paidAt": NOON.isoformat()}, {"region": "cn-north-1"}, {"productCode": "ECS-S7"}):
        changed = await send(vendor, {**given, **change}, errorPolicy="SKIP_REFUSED")
        [error] = changed["results"][0]["userErrors"]
        assert (error["code"], error["path"]) == ("CONSUMPTION_LINE_CHANGED", ["input", "lines", "0", "reference"])
    assert len(await rows(api)) == 2


async def test_a_line_twice_in_one_call_is_new_once(api: Api) -> None:
    made, vendor = await stage(api), await operations(api)
    given = line(made, BEFORE)
    changed = {**given, "officialAmount": "1", "cashAmount": "1"}
    payload = await send(vendor, given, given, changed, errorPolicy="SKIP_REFUSED")
    assert [result["duplicate"] for result in payload["results"]] == [False, True, False]
    assert payload["results"][0]["line"] == payload["results"][1]["line"]
    assert [error["code"] for error in payload["results"][2]["userErrors"]] == ["CONSUMPTION_LINE_CHANGED"]
    assert len(await rows(api)) == 1


UNKNOWN = "cus_01j00000000000000000000000"
WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"customerId": UNKNOWN}, "NOT_FOUND", "customerId"),
    ({"customerId": "nobody"}, "NOT_FOUND", "customerId"),
    ({"reference": ""}, "REQUIRED", "reference"),
    ({"reference": "x" * 65}, "OUT_OF_RANGE", "reference"),
    ({"serviceCode": "x" * 65}, "OUT_OF_RANGE", "serviceCode"),
    ({"region": "a\nb"}, "INVALID_FORMAT", "region"),
    ({"currency": "yuan"}, "INVALID_FORMAT", "currency"),
    ({"paidAt": (NOON + timedelta(milliseconds=1)).isoformat()}, "CONSUMPTION_PAID_IN_FUTURE", "paidAt"),
    ({"officialAmount": "1e3"}, "INVALID_FORMAT", "officialAmount"),
    ({"officialAmount": ""}, "REQUIRED", "officialAmount"),
    ({"cashAmount": "99.99"}, "CONSUMPTION_AMOUNTS_UNBALANCED", "officialAmount"),
    ({"cashAmount": "100.001"}, "INVALID_FORMAT", "cashAmount"),
    ({"billType": "REFUND"}, "CONSUMPTION_AMOUNT_SIGN", "officialAmount"),
    ({"officialAmount": "-1", "cashAmount": "-1"}, "CONSUMPTION_AMOUNT_SIGN", "officialAmount"),
]


@pytest.mark.parametrize(("change", "code", "where"), WRONG, ids=[f"{code}-{where}" for _, code, where in WRONG])
async def test_a_wrong_line_is_refused_alone_or_refuses_all(
    api: Api, change: dict[str, Any], code: str, where: str
) -> None:
    made, vendor = await stage(api), await operations(api)
    good, wrong = line(made, BEFORE), line(made, BEFORE, **change)
    refused: dict[str, Any] = {}

    async def refuse() -> None:
        refused.update(await send(vendor, good, wrong))

    assert await api.changes(refuse) == set()
    found = {(error["code"], tuple(error["path"])) for error in refused["userErrors"]}
    assert (code, ("input", "lines", "1", where)) in found
    assert refused["results"] == []
    skipped = await send(vendor, good, wrong, errorPolicy="SKIP_REFUSED")
    assert skipped["userErrors"] == []
    assert skipped["results"][0]["userErrors"] == []
    assert {(error["code"], tuple(error["path"])) for error in skipped["results"][1]["userErrors"]} == found
    assert [row["reference"] for row in await rows(api)] == [good["reference"]]


async def test_the_latest_moment_to_have_paid_is_now(api: Api) -> None:
    made, vendor = await stage(api), await operations(api)
    assert codes(await send(vendor, line(made, NOON))) == []


async def test_a_call_of_nothing_or_of_too_much_leaves_nothing(api: Api) -> None:
    made, vendor = await stage(api), await operations(api)
    given = line(made, BEFORE)

    async def refuse() -> None:
        assert codes(await send(vendor)) == ["REQUIRED"]
        assert codes(await send(vendor, *[given] * 501)) == ["TOO_MANY"]
        assert codes(await send(vendor, line(made, BEFORE, customerId=UNKNOWN), errorPolicy="SKIP_REFUSED")) == []

    assert await api.changes(refuse) == set()


async def test_a_dry_run_says_what_would_come_of_each_line(api: Api) -> None:
    made, vendor = await stage(api), await operations(api)
    lines = line(made, BEFORE), line(made, BEFORE, customerId=UNKNOWN)
    shown: dict[str, Any] = {}

    async def try_it() -> None:
        shown.update(await send(vendor, *lines, errorPolicy="SKIP_REFUSED", dryRun=True))

    assert await api.changes(try_it) == set()
    assert [result["line"] for result in shown["results"]] == [None, None]
    assert [[error["code"] for error in result["userErrors"]] for result in shown["results"]] == [[], ["NOT_FOUND"]]


async def test_a_call_repeated_with_its_key_is_replayed(api: Api) -> None:
    made, vendor = await stage(api), await operations(api)
    lines, once = [line(made, BEFORE), line(made, BEFORE, customerId=UNKNOWN)], key()
    first = await send(vendor, *lines, idempotencyKey=once, errorPolicy="SKIP_REFUSED")
    again = await send(vendor, *lines, idempotencyKey=once, errorPolicy="SKIP_REFUSED")
    assert again == first
    assert codes(await send(vendor, *lines, idempotencyKey=once)) == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_line_belongs_to_the_partner_at_the_moment_of_payment(api: Api) -> None:
    made = await stage(api)
    second, _ = await world.admitted_partner(api)
    await sql(
        "update customer_association set started_at = $2, status = 'ENDED', ended_at = $3 where id = $1",
        made.association_id,
        NOON - timedelta(days=20),
        NOON - timedelta(days=10),
    )
    await sql(
        "insert into customer_association (id, partner_id, customer_id, type, status, source, started_at, created_at,"
        " updated_at) values (gen_random_uuid(), $1, $2, 'REFERRAL', 'ACTIVE', 'REPORT', $3, $3, $3)",
        second,
        made.customer_id,
        NOON - timedelta(days=5),
    )
    moments = {
        timedelta(days=20, milliseconds=1): (None, None),
        timedelta(days=20): (made.partner_id, "RESALE"),
        timedelta(days=10, milliseconds=1): (made.partner_id, "RESALE"),
        timedelta(days=10): (None, None),
        timedelta(days=5, milliseconds=1): (None, None),
        timedelta(days=5): (second, "REFERRAL"),
    }
    await imported(api, *(line(made, NOON - ago) for ago in moments))
    assert [(row["partner_id"], row["association_type"]) for row in await rows(api)] == list(moments.values())


async def test_a_line_has_the_type_of_association_of_its_payment(api: Api) -> None:
    made = await world.world(api)
    wish = {"customerId": made.customer_gid, "targetType": "REFERRAL", "reason": "As agreed.", "acknowledged": True}
    asked = await made.main.client.do("requestSwitch", "request { id }", **wish, idempotencyKey=key())
    api.clock.advance(minutes=1)
    await leaving.answer(api, made, asked["request"]["id"])
    switched = await api.value("select processed_at from association_request")
    assert switched > NOON
    api.clock.advance(minutes=1)
    moments = [NOON, switched - timedelta(milliseconds=1), switched]
    await imported(api, *(line(made, moment) for moment in moments))
    assert [row["association_type"] for row in await rows(api)] == ["RESALE", "RESALE", "REFERRAL"]


@pytest.mark.parametrize(
    ("site", "last", "first"),
    [("CN", "2026-02-28T15:59:59.999+00:00", "2026-02-28T16:00:00+00:00"),
     ("INTL", "2026-02-28T23:59:59.999+00:00", "2026-03-01T00:00:00+00:00")],
)  # fmt: skip
async def test_a_month_begins_at_midnight_of_the_site(api: Api, site: str, last: str, first: str) -> None:
    made = await stage(api, site=Site(site))
    await imported(api, line(made, last), line(made, first))
    assert [row["period"] for row in await rows(api)] == ["2026-02", "2026-03"]


async def test_a_line_that_comes_too_late_for_its_month_counts_in_the_first_open_one(api: Api) -> None:
    made, abroad = await stage(api), await stage(api, site=Site.INTL)
    for period in ("2026-01", "2025-12"):
        await api.rows(
            "insert into accounting_month (id, site, period, closed_at, terms)"
            " values (gen_random_uuid(), 'CN', $1, now(), '{}')",
            period,
        )
    january = datetime(2026, 1, 15, tzinfo=UTC)
    await imported(api, line(made, january), line(made, january + timedelta(days=20)), line(abroad, january))
    assert [row["period"] for row in await rows(api)] == ["2026-02", "2026-02", "2026-01"]


async def test_the_number_of_statements_does_not_depend_on_the_number_of_lines(api: Api) -> None:
    made, vendor = await stage(api), await operations(api)
    counts = []
    for many in (1, 50, 500):
        lines = [line(made, BEFORE) for _ in range(many)]
        given = {"lines": lines, "idempotencyKey": key()}
        with db.observed() as statements:
            await vendor.do("importConsumption", RESULTS, **given)
        counts.append(len(statements))
    print(counts)
    assert len(set(counts)) == 1
    assert counts[0] <= 9, "four of its own, the rest the pipeline's"
