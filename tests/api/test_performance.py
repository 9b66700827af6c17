"""Performance as people see it: sheets, lines with their reasons, questions, answers and the audit."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core import db
from rules.access import Role
from tests import world
from tests.client import Api, codes
from tests.consumption import imported, line, operations
from tests.factories import key
from tests.performance import AFTER_MARCH, MARCH, drafted, estimate, feedback, sheet_id, stage
from tests.tasks.tables import sql

SHEET = "sheet { id status version auditedAt digest total { amount currency } }"


async def audit(client: Any, sheet: str, **more: Any) -> dict[str, Any]:
    """The payload of an audit."""
    payload: dict[str, Any] = await client.do("auditPerformance", SHEET, id=sheet, idempotencyKey=key(), **more)
    return payload


async def test_the_partner_sees_what_counts_and_why_the_rest_does_not(api: Api) -> None:
    made = await stage(api)
    other = await stage(api)
    await imported(
        api,
        line(made, MARCH, cashAmount="60", voucherAmount="40"),
        line(made, MARCH, flags=["CARD_PURCHASE"]),
        line(other, MARCH),
    )
    await estimate(api)
    client = (await world.member(api, made.partner_id, Role.FINANCE)).client
    answer = await client.send(
        "{ performanceSheets { nodes { id period status lineCount digest total { amount currency } partner { id } } } }"
    )
    [sheet] = answer.data["performanceSheets"]["nodes"]
    assert sheet["partner"]["id"].startswith("par_")
    assert {name: sheet[name] for name in ("period", "status", "lineCount", "digest", "total")} == {
        "period": "2026-03",
        "status": "ESTIMATE",
        "lineCount": 2,
        "digest": None,
        "total": {"amount": "60.00", "currency": "CNY"},
    }
    document = """
      query($sheet: ID!, $counted: Boolean) { performanceLines(sheet: $sheet, counted: $counted) { nodes {
        amount { amount } leftOut { reason amount { amount } explanation }
        consumption { reference } customer { id } } } }
    """
    answer = await client.send(document, sheet=sheet["id"])
    lines = answer.data["performanceLines"]["nodes"]
    assert [one["leftOut"] for one in lines] == [
        [
            {
                "reason": "CARD_PURCHASE",
                "amount": {"amount": "100.00"},
                "explanation": "Using a stored-value card counts, buying one does not.",
            }
        ],
        [{"reason": "VOUCHER", "amount": {"amount": "40.00"}, "explanation": "Vouchers are no cash."}],
    ]
    assert {one["customer"]["id"] for one in lines} == {made.customer_gid}
    for counted, amount in ((True, "60.00"), (False, "0.00")):
        answer = await client.send(document, sheet=sheet["id"], counted=counted)
        assert [one["amount"]["amount"] for one in answer.data["performanceLines"]["nodes"]] == [amount]
    for foreign in (await sheet_id(api, other), "nonsense", made.customer_gid):
        answer = await client.send(document, sheet=foreign)
        assert answer.data["performanceLines"]["nodes"] == []


async def test_an_audited_sheet_is_final_and_the_partner_is_told(api: Api) -> None:
    made = await stage(api)
    sheet = await drafted(api, made)
    vendor = await operations(api)
    done = await audit(vendor, sheet)
    assert codes(done) == []
    assert done["sheet"]["status"] == "FINAL"
    assert done["sheet"]["total"] == {"amount": "100.00", "currency": "CNY"}
    assert len(done["sheet"]["digest"]) == 64
    assert [effect["kind"] for effect in done["effects"]] == ["performance_sheet.finalised", "incentive.generated"]
    assert await api.value("select count(*) from event where type = 'performance_sheet.finalised'") == 1
    await api.deliver()
    assert await api.value("select count(*) from message where template = 'performance_final'") == 1


async def test_only_a_draft_is_audited_and_by_its_version(api: Api) -> None:
    made = await stage(api)
    await imported(api, line(made, MARCH))
    await estimate(api)
    vendor, sheet = await operations(api), await sheet_id(api, made)

    async def refuse(code: str, **more: Any) -> None:
        async def work() -> None:
            assert codes(await audit(vendor, sheet, **more)) == [code]

        assert await api.changes(work) == set()

    await refuse("STATE_CONFLICT")
    await drafted(api, made)
    vendor = await operations(api)
    version = await api.value("select version from performance_sheet")
    await refuse("CONFLICT", expectedVersion=version - 1)
    assert codes(await audit(vendor, sheet, expectedVersion=version)) == []
    await refuse("STATE_CONFLICT")
    assert codes(await audit(vendor, made.customer_gid)) == ["NOT_FOUND"]


async def test_a_partner_asks_about_a_draft_and_the_vendor_answers(api: Api) -> None:
    made = await stage(api)
    sheet = await drafted(api, made)
    finance = await world.member(api, made.partner_id, Role.FINANCE)
    line_id = await finance.client.send(
        "query($sheet: ID!) { performanceLines(sheet: $sheet) { nodes { id } } }", sheet=sheet
    )
    [only] = line_id.data["performanceLines"]["nodes"]
    given = {"id": sheet, "lineId": only["id"], "text": " Why so little? ", "idempotencyKey": key()}
    asked = await finance.client.do("givePerformanceFeedback", "feedback { id status text line { id } }", **given)
    assert codes(asked) == []
    assert asked["feedback"] == {
        "id": asked["feedback"]["id"],
        "status": "OPEN",
        "text": "Why so little?",
        "line": {"id": only["id"]},
    }
    vendor = await operations(api)
    waiting = "{ performanceFeedback(status: OPEN) { nodes { id sheet { id } actions { action allowed } } } }"
    [found] = (await vendor.send(waiting)).data["performanceFeedback"]["nodes"]
    assert found["sheet"]["id"] == sheet
    assert found["actions"] == [{"action": "ANSWER", "allowed": True}]
    reply = {"id": found["id"], "answer": "It was a voucher.", "idempotencyKey": key()}
    answered = await vendor.do("answerPerformanceFeedback", "feedback { status answer answeredAt }", **reply)
    assert answered["feedback"]["status"] == "ANSWERED"
    await api.deliver()
    assert await api.value("select count(*) from message where template = 'performance_answered'") == 1

    async def again() -> None:
        twice = await vendor.do("answerPerformanceFeedback", "feedback { id }", **{**reply, "idempotencyKey": key()})
        assert codes(twice) == ["STATE_CONFLICT"]

    assert await api.changes(again) == set()
    assert (await vendor.send(waiting)).data["performanceFeedback"]["nodes"] == []
    assert await api.value("select status from performance_sheet") == "DRAFT"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "  "}, "REQUIRED"),
        ({"text": "x" * 501}, "OUT_OF_RANGE"),
        ({"lineId": "prl_01j00000000000000000000000"}, "NOT_FOUND"),
        ({"id": "prs_01j00000000000000000000000"}, "NOT_FOUND"),
    ],
)
async def test_a_question_that_cannot_be_asked_leaves_nothing(api: Api, change: dict[str, str], code: str) -> None:
    made = await stage(api)
    sheet = await drafted(api, made)
    finance = await world.member(api, made.partner_id, Role.FINANCE)
    given = {"id": sheet, "text": "Why?", "idempotencyKey": key()}

    async def refuse() -> None:
        refused = await finance.client.do("givePerformanceFeedback", "feedback { id }", **{**given, **change})
        assert codes(refused) == [code]

    assert await api.changes(refuse) == set()
    longest = await finance.client.do("givePerformanceFeedback", "feedback { id }", **{**given, "text": "x" * 500})
    assert codes(longest) == []


async def test_nobody_asks_about_an_estimate_or_a_final_sheet_or_answers_with_nothing(api: Api) -> None:
    made = await stage(api)
    await imported(api, line(made, MARCH))
    await estimate(api)
    fresh = await world.member(api, made.partner_id, Role.FINANCE)
    sheet = await sheet_id(api, made)
    asking = {"id": sheet, "text": "Why?"}
    early = await fresh.client.do("givePerformanceFeedback", "feedback { id }", **asking, idempotencyKey=key())
    assert codes(early) == ["STATE_CONFLICT"]
    await drafted(api, made)
    fresh, vendor = await world.member(api, made.partner_id, Role.FINANCE), await operations(api)
    asked = await fresh.client.do("givePerformanceFeedback", "feedback { id }", **asking, idempotencyKey=key())
    empty = {"id": asked["feedback"]["id"], "answer": " ", "idempotencyKey": key()}
    assert codes(await vendor.do("answerPerformanceFeedback", "feedback { id }", **empty)) == ["REQUIRED"]
    nobodys = {**empty, "id": "pfb_01j00000000000000000000000", "answer": "Yes."}
    assert codes(await vendor.do("answerPerformanceFeedback", "feedback { id }", **nobodys)) == ["NOT_FOUND"]
    await audit(vendor, sheet)
    late = await fresh.client.do("givePerformanceFeedback", "feedback { id }", **asking, idempotencyKey=key())
    assert codes(late) == ["STATE_CONFLICT"]


async def test_what_may_be_done_is_what_succeeds(api: Api) -> None:
    made = await stage(api)
    sheet = await drafted(api, made)
    vendor, finance = await operations(api), await world.member(api, made.partner_id, Role.FINANCE)
    document = "{ performanceSheets { nodes { actions { action allowed blockers { code } } } } }"

    async def shown(client: Any) -> dict[str, list[str]]:
        [node] = (await client.send(document)).data["performanceSheets"]["nodes"]
        return {one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in node["actions"]}

    assert await shown(vendor) == {"AUDIT": [], "GIVE_FEEDBACK": ["PERMISSION_DENIED"]}
    assert await shown(finance.client) == {"AUDIT": ["PERMISSION_DENIED"], "GIVE_FEEDBACK": []}
    await audit(vendor, sheet)
    assert (await shown(vendor))["AUDIT"] == ["STATE_CONFLICT"]
    assert (await shown(finance.client))["GIVE_FEEDBACK"] == ["STATE_CONFLICT"]


async def test_an_account_manager_does_not_see_performance(api: Api) -> None:
    made = await stage(api)
    manager = await world.member(api, made.partner_id, Role.ACCOUNT_MANAGER)
    answer = await manager.client.send("{ performanceSheets { nodes { id } } }")
    assert answer.error["reason"] == "PERMISSION_DENIED"


async def test_two_audits_at_once_settle_a_sheet_once(api: Api) -> None:
    made = await stage(api)
    sheet = await drafted(api, made)
    vendors = [await operations(api) for _ in range(5)]
    payloads = await asyncio.gather(*(audit(vendor, sheet) for vendor in vendors))
    assert sorted(map(tuple, map(codes, payloads))) == [(), *[("STATE_CONFLICT",)] * 4]
    assert await api.value("select count(*) from event where type = 'performance_sheet.finalised'") == 1


async def test_the_statements_of_a_months_count_follow_pages_not_lines(api: Api) -> None:
    made = await stage(api)
    counts = []
    for many in (1, 300):
        await imported(api, *(line(made, MARCH) for _ in range(many)))
        with db.observed() as statements:
            await estimate(api)
        counts.append(len(statements))
    assert counts[0] == counts[1]


async def test_the_main_account_asks_too(api: Api) -> None:
    made = await stage(api)
    api.clock.at = AFTER_MARCH - timedelta(minutes=5)
    late = await world.world(api)
    await sql("update customer_association set started_at = $1", MARCH - timedelta(days=30))
    sheet = await drafted(api, late)
    assert codes(await feedback(late, sheet)) == []
    assert made.partner_id != late.partner_id
