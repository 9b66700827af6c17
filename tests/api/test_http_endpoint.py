"""The endpoint's promises: statuses, masks, contexts, deadlines, admission, budgets, cross-origin rules, health."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from core.execution.documents import document_hash
from core.http.admission import Admission
from core.http.budget import Budget, Rate
from schema.http import EndpointLimits
from tests.api.http_harness import EXCEPTIONS, GRAPHQL_JSON, SECRET, Harness, make_harness


@pytest.fixture(scope="module")
def harness() -> Harness:
    return make_harness()


def code_of(answer: httpx2.Response) -> str:
    code: str = answer.json()["errors"][0]["extensions"]["code"]
    return code


@pytest.mark.parametrize(
    ("query", "json_status", "graphql_status"),
    [
        ("{ echo }", 200, 200),
        ("{ boom }", 200, 200),
        ("{ boomNonNull }", 200, 200),
        ("{", 200, 400),
        ("{ nope }", 200, 400),
        ("query ($v: Int!) { number(i: $v) }", 200, 400),
        ("{ page(first: 9999) { nodes { id } } }", 200, 400),
    ],
)
async def test_statuses_by_media_type(harness: Harness, query: str, json_status: int, graphql_status: int) -> None:
    plain = await harness.post({"query": query}, accept="application/json")
    modern = await harness.post({"query": query})
    assert (plain.status_code, modern.status_code) == (json_status, graphql_status)
    assert plain.headers["content-type"] == "application/json; charset=utf-8"
    assert modern.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"
    assert ("data" in plain.json()) == (graphql_status == 200)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/graphql-response+json, application/json", GRAPHQL_JSON),
        ("application/json, application/graphql-response+json", "application/json"),
        ("application/json;q=0.8, application/graphql-response+json;q=0.9", GRAPHQL_JSON),
        ("application/graphql-response+json, */*", GRAPHQL_JSON),
        ("application/json;q=0, */*", GRAPHQL_JSON),
        ("application/graphql-response+json; charset=utf-8", GRAPHQL_JSON),
        ("APPLICATION/GRAPHQL-RESPONSE+JSON", GRAPHQL_JSON),
    ],
)
async def test_the_answers_type_follows_accept(harness: Harness, accept: str | None, expected: str) -> None:
    async with harness.client() as client:
        client.headers.pop("accept")
        headers = {} if accept is None else {"accept": accept}
        answer = await client.post("/graphql", json={"query": "{ echo }"}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(expected)


@pytest.mark.parametrize(
    "query",
    ["{ boom }", "{ boomNonNull }", "{ plainGraphQLError }", "{ badInt }", "{ kids { boom } }", "{ huge }"],
)
async def test_unexpected_errors_are_masked_here_and_in_the_log(
    harness: Harness, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await harness.post({"query": query, "variables": {"unused": SECRET}})
    error = answer.json()["errors"][0]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    assert SECRET not in answer.text and "Unexpected" not in answer.text
    logged = [record for record in caplog.records if record.name == "core.failures"]
    assert logged and answer.headers["x-request-id"] in logged[0].getMessage()
    for record in caplog.records:
        assert SECRET not in record.getMessage() and query not in record.getMessage()
        assert record.exc_info is None


@pytest.mark.parametrize("kind", EXCEPTIONS)
async def test_no_kind_of_exception_tells_anything(
    harness: Harness, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    query = "query ($kind: String!) { raises(kind: $kind) }"
    with caplog.at_level(logging.DEBUG):
        answer = await harness.post({"query": query, "variables": {"kind": kind}})
    assert answer.status_code in (200, 500)
    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["INTERNAL"]
    for word in (SECRET, "hunter2", kind, "Traceback", ".py"):
        assert word not in answer.text
    assert all(SECRET not in record.getMessage() and "hunter2" not in str(record.args) for record in caplog.records)
    assert harness.seen.open == 0


async def test_the_log_names_the_exceptions_type_and_our_own_places(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    await harness.post({"query": "{ boom }"})
    message = next(record.getMessage() for record in caplog.records if record.name == "core.failures")
    assert "tests.api.http_harness.Unexpected" in message
    assert "tests.api.http_harness" in message.partition(" at ")[2] and "_boom" in message
    assert "graphql.execution" not in message
    assert document_hash("{ boom }") in message


async def test_our_own_errors_pass_with_their_reason(harness: Harness) -> None:
    answer = await harness.post({"query": "{ forbidden echo(s: 1) }".replace("(s: 1)", '(s: "x")')})
    assert answer.status_code == 200
    assert answer.json()["data"] == {"forbidden": None, "echo": "x"}
    error = answer.json()["errors"][0]
    assert error["path"] == ["forbidden"]
    assert error["message"] == "Only administrators may."
    assert error["extensions"] | {"requestId": ""} == {
        "code": "FORBIDDEN",
        "requestId": "",
        "retryable": False,
        "retryAfterMs": None,
        "reason": "ADMIN_ONLY",
    }


async def test_wrong_variables_are_told_with_their_path(harness: Harness) -> None:
    query = "query ($it: Filter, $n: Int!) { input(it: $it) number(i: $n) }"
    answer = await harness.post({"query": query, "variables": {"it": {"name": "a", "deep": {"name": 1}}, "n": "x"}})
    errors = answer.json()["errors"]
    assert answer.status_code == 400
    assert [error["extensions"]["path"] for error in errors] == [
        ["variables", "it", "deep", "name"],
        ["variables", "n"],
    ]
    assert {error["extensions"]["code"] for error in errors} == {"BAD_QUERY"}


async def test_bad_characters_are_told_with_their_path(harness: Harness) -> None:
    answer = await harness.post({"query": "{echo}", "variables": {"a": [{"b": "x\x00"}]}})
    assert answer.json()["errors"][0]["extensions"]["path"] == ["variables", "a", 0, "b"]


async def test_the_dearest_paths_are_named(harness: Harness) -> None:
    answer = await harness.post({"query": "{ page(first: 5000) { nodes { id } } }"})
    extensions = answer.json()["errors"][0]["extensions"]
    assert extensions["code"] == "QUERY_TOO_EXPENSIVE"
    assert (extensions["limit"], extensions["maximum"], extensions["actual"]) == ("cost", 5000, 5001)
    assert extensions["costliest"] == [{"path": "page", "cost": 5001}, {"path": "page.nodes", "cost": 5000}]


async def test_credentials(harness: Harness) -> None:
    for headers, status, who in (
        ({}, 200, "anonymous"),
        ({"authorization": "Bearer user-7"}, 200, "user-7"),
        ({"authorization": "bearer user-7"}, 200, "user-7"),
        ({"authorization": "Bearer expired"}, 401, None),
    ):
        for accept in ("application/json", GRAPHQL_JSON):
            answer = await harness.post({"query": "{ who }"}, accept=accept, **headers)
            assert answer.status_code == status
            assert answer.json().get("data") == ({"who": who} if who else None)
            assert ("www-authenticate" in answer.headers) == (status == 401)
    assert harness.seen.open == 0


async def test_the_context_sees_the_request(harness: Harness) -> None:
    answer = await harness.post(
        {"query": "query A { who } mutation B { m { id } }", "operationName": "B"},
        **{"authorization": "Bearer user-1", "accept-language": "zh-CN"},
    )
    info = harness.seen.infos[-1]
    assert (info.is_query, info.operation_name, info.cost) == (False, "B", 1)
    assert info.request_id == answer.headers["x-request-id"]
    assert info.headers["accept-language"] == "zh-CN"
    assert info.document_hash == document_hash("query A { who } mutation B { m { id } }")
    assert answer.json()["extensions"]["note"] == 1


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [("breaks", 500, "INTERNAL"), ("user-breaks-at-the-end", 500, "INTERNAL"), ("hangs", 504, "TIMEOUT")],
)
async def test_a_context_that_fails_is_masked_too(
    caplog: pytest.LogCaptureFixture, token: str, status: int, code: str
) -> None:
    harness = make_harness(endpoint_limits=EndpointLimits(timeout=0.2))
    answer = await harness.post({"query": "{ echo }"}, authorization=f"Bearer {token}")
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert "data" not in answer.json()
    assert SECRET not in answer.text
    assert all(SECRET not in record.getMessage() for record in caplog.records)
    assert harness.seen.open == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("abcdefgh", True),
        ("0190a5b2-7c4e-7d2a-9f10-1234567890ab", True),
        ("short", False),
        ("x" * 129, False),
        ("with space", False),
        ("new\tline-in-id", False),
        ("-starts-wrong", False),
    ],
)
async def test_request_ids(harness: Harness, given: str, kept: bool) -> None:
    answer = await harness.post({"query": "{ echo }"}, **{"x-request-id": given})
    assert (answer.headers["x-request-id"] == given) is kept
    assert len(answer.headers["x-request-id"]) >= 8


async def test_an_operation_that_takes_too_long_is_stopped() -> None:
    harness = make_harness(endpoint_limits=EndpointLimits(timeout=0.2))
    answer = await asyncio.wait_for(harness.post({"query": "{ slow(seconds: 30) }"}), 5)
    assert answer.status_code == 504
    assert code_of(answer) == "TIMEOUT"
    assert answer.json()["errors"][0]["extensions"]["retryable"] is True
    assert harness.seen.open == 0
    assert (await harness.post({"query": "{ slow(seconds: 0.01) }"})).json()["data"] == {"slow": "done"}


async def test_a_body_that_does_not_come_is_given_up() -> None:
    harness = make_harness(endpoint_limits=EndpointLimits(body_timeout=0.2))

    async def trickle() -> AsyncIterator[bytes]:
        for letter in b'{"query":"{echo}"}':
            yield bytes([letter])
            await asyncio.sleep(0.05)

    async with harness.client() as client:
        answer = await client.post("/graphql", content=trickle(), headers={"content-type": "application/json"})
    assert answer.status_code == 408
    assert code_of(answer) == "TIMEOUT"
    assert answer.headers["connection"] == "close"


async def test_admission_answers_503_at_once_and_after_the_wait() -> None:
    harness = make_harness(admission=Admission(limit=2, queue=1, wait=0.2))
    slow = {"query": "{ slow(seconds: 0.6) }"}
    running = [asyncio.create_task(harness.post(slow)) for _ in range(2)]
    await asyncio.sleep(0.1)
    waiting = asyncio.create_task(harness.post(slow))
    await asyncio.sleep(0.02)
    refused = await harness.post(slow)
    assert not waiting.done(), "the queue was full: refused at once, before the wait of the one in it is over"
    for answer in (refused, await waiting):
        assert answer.status_code == 503
        assert code_of(answer) == "UNAVAILABLE"
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["errors"][0]["extensions"]["retryAfterMs"] == 1_000
    assert [answer.status_code for answer in await asyncio.gather(*running)] == [200, 200]
    assert (await harness.post(slow)).status_code == 200


async def test_a_place_in_the_queue_is_used() -> None:
    harness = make_harness(admission=Admission(limit=1, queue=5, wait=2.0))
    answers = await asyncio.gather(*(harness.post({"query": "{ slow(seconds: 0.05) }"}) for _ in range(6)))
    assert [answer.status_code for answer in answers] == [200] * 6


async def test_cost_is_charged_and_refunded() -> None:
    harness = make_harness(budget=Budget(rate=Rate(1_000, 1)))
    answer = await harness.post({"query": "{ page(first: 100) { nodes { id } } }"}, authorization="Bearer user-1")
    cost = answer.json()["extensions"]["cost"]
    assert cost["requested"] == 101
    assert cost["actual"] == 4
    assert 996 <= cost["remaining"] <= 997
    assert (cost["capacity"], cost["refillPerSecond"]) == (1_000, 1)
    assert answer.headers["ratelimit-policy"] == '"points";q=1000;w=1000'
    assert answer.headers["ratelimit"] == f'"points";r={cost["remaining"]};t={1_000 - cost["remaining"]}'


async def test_declared_surcharges_are_not_refunded() -> None:
    harness = make_harness(budget=Budget(rate=Rate(1_000, 1)))
    answer = await harness.post({"query": "{ surcharge { id } }"})
    assert answer.json()["extensions"]["cost"] | {"remaining": 0} == {
        "requested": 50, "actual": 50, "remaining": 0, "capacity": 1_000, "refillPerSecond": 1,
    }  # fmt: skip


async def test_an_empty_bucket_answers_429_and_other_clients_go_on() -> None:
    harness = make_harness(budget=Budget(rate=Rate(100, 1)))
    query = {"query": "{ surcharge { id } }"}
    statuses = [(await harness.post(query, authorization="Bearer user-1")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    for accept in ("application/json", GRAPHQL_JSON):
        refused = await harness.post(query, accept=accept, authorization="Bearer user-1")
        assert refused.status_code == 429
        extensions = refused.json()["errors"][0]["extensions"]
        assert extensions["code"] == "THROTTLED" and extensions["retryable"] is True
        assert 40_000 < extensions["retryAfterMs"] <= 50_000
        assert int(refused.headers["retry-after"]) == -(-extensions["retryAfterMs"] // 1_000)
        assert refused.headers["ratelimit"].startswith('"points";r=0;')
    assert (await harness.post(query, authorization="Bearer user-2")).status_code == 200
    assert harness.seen.open == 0


async def test_new_documents_are_paid_for_by_the_address() -> None:
    harness = make_harness(budget=Budget(rate=Rate(20, 1)))
    bad = [await harness.post({"query": "{ nope } #" + str(number) + "x" * 1_000}) for number in range(4)]
    assert [answer.status_code for answer in bad] == [400, 400, 400, 429]
    assert (await harness.post({"query": "{ nope } #0" + "x" * 1_000})).status_code == 400


async def test_get_and_trusted_documents() -> None:
    text = "query Echo($s: String) { echo(s: $s) }"
    name = document_hash(text)
    harness = make_harness(trusted={name: text}, trusted_only=True)
    async with harness.client(headers={"accept": GRAPHQL_JSON}) as client:
        first = await client.get("/graphql", params={"documentId": f"sha256:{name}", "variables": '{"s":"a"}'})
        assert first.json()["data"] == {"echo": "a"}
        params = {"extensions": json.dumps({"persistedQuery": {"version": 1, "sha256Hash": name}})}
        persisted = await client.get("/graphql", params=params)
        assert persisted.json()["data"] == {"echo": None}
        assert persisted.headers["etag"] != first.headers["etag"]
        again = await client.get("/graphql", params=params, headers={"if-none-match": persisted.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        posted = await client.post("/graphql", json={"documentId": name})
        assert posted.json()["data"] == {"echo": None} and "etag" not in posted.headers
        by_text = await client.get("/graphql", params={"query": text})
        assert by_text.status_code == 200
        other = await client.get("/graphql", params={"query": "{ echo }"})
        assert other.status_code == 400
        assert other.json()["errors"][0]["extensions"]["reason"] == "DOCUMENT_NOT_TRUSTED"


async def test_only_trusted_documents_get_an_etag(harness: Harness) -> None:
    async with harness.client() as client:
        answer = await client.get("/graphql", params={"query": "{ echo }"})
        mutation = await client.get("/graphql", params={"query": "mutation { m { id } }"})
    assert "etag" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert (mutation.status_code, mutation.headers["allow"]) == (405, "POST")


async def test_every_answer_carries_the_security_headers(harness: Harness) -> None:
    async with harness.client() as client:
        answers = [
            await client.post("/graphql", json={"query": "{ echo }"}),
            await client.post("/graphql", content=b"x"),
            await client.put("/graphql"),
        ]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"


async def test_a_client_that_leaves_is_not_answered(harness: Harness) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "headers": [(b"content-type", b"application/json")],
        "query_string": b"",
        "client": ("::1", 1),
    }
    await harness.app(scope, receive, send)
    assert sent == []
