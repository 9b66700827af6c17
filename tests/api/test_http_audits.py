"""The 61 server audits of GraphQL over HTTP (ids and names of graphql-http 1.23.1), written anew in Python."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from app import create_app
from core.settings import Env, Settings

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
SIMPLE = {"query": "{ __typename }"}
UNKNOWN_FIELD = {"query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }"}
COERCE = {"query": "query CoerceFailure($id: ID!){ __typename }", "variables": {"id": None}}
NAMED = {"query": "query Query { __typename }", "operationName": "Query"}
TYPE = "query Type($name: String!) { __type(name: $name) { name } }"
TYPED = {"query": TYPE, "variables": {"name": "sometype"}}
OK = (200, 200)
BAD = (400, 400)
CLIENT = (400, 499)
ANY = (200, 599)


@dataclass(frozen=True)
class Audit:
    """One audit: the request, and what the answer must be."""

    id: str
    name: str
    body: Any = None
    raw: str | None = None
    accept: str | None = None
    content_type: str | None = JSON
    method: str = "POST"
    query: dict[str, str] = field(default_factory=dict)
    status: tuple[int, int] = OK
    media: str | None = None
    absent: str | None = None


def _invalid(prefix: str, name: str, values: list[tuple[str, Any]], **others: Any) -> list[Audit]:
    return [
        Audit(
            f"{prefix}{index}",
            f"MAY use 400 status code on {kind} {{{name}}} parameter",
            {"query": "{ __typename }", **others, name: value},
            status=BAD,
        )
        for index, (kind, value) in enumerate(values)
    ]


_NOT_TEXT: list[tuple[str, Any]] = [("object", {"obj": "ect"}), ("number", 0), ("boolean", False), ("array", ["array"])]
_NOT_MAP: list[tuple[str, Any]] = [("string", "string"), ("number", 0), ("boolean", False), ("array", ["array"])]


def _allowed(graphql_id: str, json_id: str, subject: str, body: Any) -> list[Audit]:
    return [
        Audit(graphql_id, f"SHOULD allow {subject} parameter when accepting {GRAPHQL}", body, accept=GRAPHQL),
        Audit(json_id, f"MUST allow {subject} parameter when accepting {JSON}", body, accept=JSON, absent="errors"),
    ]


def _nulls() -> list[Audit]:
    audits = []
    for index, name in enumerate(("variables", "operationName", "extensions")):
        body = {**SIMPLE, name: None}
        audits.append(
            Audit(
                f"94B{index}",
                f"SHOULD allow null {{{name}}} parameter when accepting {GRAPHQL}",
                body,
                accept=GRAPHQL,
                absent="errors",
            )
        )
        audits.append(
            Audit(
                f"022{index}",
                f"MUST allow null {{{name}}} parameter when accepting {JSON}",
                body,
                accept=JSON,
                absent="errors",
            )
        )
    return audits


def _gets() -> list[Audit]:
    query = {"query": TYPE, "variables": json.dumps({"name": "sometype"})}
    name = "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting "
    return [
        Audit("D6D5", name + GRAPHQL, method="GET", query=query, accept=GRAPHQL, absent="errors"),
        Audit("6A70", name + JSON, method="GET", query=query, accept=JSON, absent="errors"),
    ]


def _failures() -> list[Audit]:
    broken = '{ "not a JSON'
    typo = {"qeury": "{ __typename }"}
    parse = {"query": "{"}
    to_json, to_graphql = f"when accepting {JSON}", f"when accepting {GRAPHQL}"
    parsing, validation = "on document parsing failure", "on document validation failure"
    coercion = "on variable coercion failure"
    on_json = "on JSON parsing failure"
    return [
        Audit(
            "B6DC", f"MAY use 2xx, 4xx, or 5xx status codes {on_json} {to_json}", raw=broken, accept=JSON, status=ANY
        ),
        Audit("BCF8", f"SHOULD use 400 status code {on_json} {to_json}", raw=broken, accept=JSON, status=BAD),
        Audit("B7N8", f"SHOULD use 400 status code {on_json} {to_graphql}", raw=broken, accept=GRAPHQL, status=BAD),
        Audit("8764", "MAY use 4xx or 5xx status codes if parameters are invalid", typo, status=(400, 599)),
        Audit("3E3A", "MAY use 400 status code if parameters are invalid", typo, status=BAD),
        Audit("572B", f"SHOULD use 200 status code {parsing} {to_json}", parse, accept=JSON),
        Audit("FDE2", f"SHOULD use 200 status code {validation} {to_json}", UNKNOWN_FIELD, accept=JSON),
        Audit("7B9B", f"SHOULD use a status code of 200 {coercion} {to_json}", COERCE, accept=JSON),
        Audit(
            "865D",
            f"SHOULD use 4xx or 5xx status codes {parsing} {to_graphql}",
            parse,
            accept=GRAPHQL,
            status=(400, 599),
        ),
        Audit("556A", f"SHOULD use 400 status code {parsing} {to_graphql}", parse, accept=GRAPHQL, status=BAD),
        Audit(
            "D586",
            f"SHOULD not contain the data entry {parsing} {to_graphql}",
            parse,
            accept=GRAPHQL,
            status=ANY,
            absent="data",
        ),
        Audit(
            "51FE",
            f"SHOULD use 4xx or 5xx status codes {validation} {to_graphql}",
            UNKNOWN_FIELD,
            accept=GRAPHQL,
            status=(400, 599),
        ),
        Audit(
            "74FF", f"SHOULD use 400 status code {validation} {to_graphql}", UNKNOWN_FIELD, accept=GRAPHQL, status=BAD
        ),
        Audit(
            "5E5B",
            f"SHOULD not contain the data entry {validation} {to_graphql}",
            UNKNOWN_FIELD,
            accept=GRAPHQL,
            status=ANY,
            absent="data",
        ),
        Audit("86EE", f"SHOULD use a status code of 400 {coercion} {to_graphql}", COERCE, accept=GRAPHQL, status=BAD),
    ]


AUDITS = [
    Audit("22EB", f"SHOULD accept {GRAPHQL} and match the content-type", SIMPLE, accept=GRAPHQL, media=GRAPHQL),
    Audit("4655", f"MUST accept {JSON} and match the content-type", SIMPLE, accept=JSON, media=JSON),
    Audit("47DE", f"SHOULD accept */* and use {JSON} for the content-type", SIMPLE, accept="*/*", media=JSON),
    Audit("80D8", f"SHOULD assume {JSON} content-type when accept is missing", SIMPLE, media=JSON),
    Audit("82A3", "MUST use utf-8 encoding when responding", SIMPLE),
    Audit(
        "BF61",
        "MUST accept utf-8 encoded request",
        {"query": '{ __type(name: "Run🏃Swim🏊") { name } }'},
        content_type="application/json; charset=utf-8",
    ),
    Audit("78D5", "MUST assume utf-8 in request if encoding is unspecified", SIMPLE),
    Audit("2C94", "MUST accept POST requests", SIMPLE),
    Audit("5A70", "MAY accept application/x-www-form-urlencoded formatted GET requests", method="GET", query=SIMPLE),
    Audit(
        "9C48",
        "MAY NOT allow executing mutations on GET requests",
        method="GET",
        query={"query": "mutation { __typename }"},
        accept=GRAPHQL,
        status=CLIENT,
    ),
    Audit(
        "9ABE",
        "SHOULD respond with 4xx status code if content-type is not supplied on POST requests",
        SIMPLE,
        content_type=None,
        status=CLIENT,
    ),
    Audit("03D4", "MUST accept application/json POST requests", SIMPLE),
    Audit("A5BF", "MAY use 400 status code when request body is missing on POST", status=BAD),
    Audit(
        "423L",
        "MAY use 400 status code on missing {query} parameter",
        {"notquery": "{ __typename }"},
        accept=GRAPHQL,
        status=BAD,
    ),
    *_invalid("LKJ", "query", _NOT_TEXT),
    Audit("34A2", f"SHOULD allow string {{query}} parameter when accepting {GRAPHQL}", SIMPLE, accept=GRAPHQL),
    Audit("13EE", f"MUST allow string {{query}} parameter when accepting {JSON}", SIMPLE, accept=JSON, absent="errors"),
    *_invalid("6C0", "operationName", _NOT_TEXT),
    *_allowed("8161", "B8B3", "string {operationName}", NAMED),
    *_nulls(),
    *_invalid("476", "variables", _NOT_MAP),
    *_allowed("2EA1", "28B9", "map {variables}", TYPED),
    *_gets(),
    *_invalid("58B", "extensions", _NOT_MAP),
    *_allowed("428F", "1B7A", "map {extensions}", {**SIMPLE, "extensions": {"some": "value"}}),
    *_failures(),
]


def test_all_61_are_here() -> None:
    assert len(AUDITS) == 61
    assert len({audit.id for audit in AUDITS}) == 61


@pytest.fixture(scope="module")
def transport() -> httpx2.ASGITransport:
    return httpx2.ASGITransport(app=create_app(Settings(env=Env.TEST)))


@pytest.mark.parametrize("audit", AUDITS, ids=lambda audit: f"{audit.id} {audit.name}")
async def test_audit(transport: httpx2.ASGITransport, audit: Audit) -> None:
    content = audit.raw if audit.raw is not None else (json.dumps(audit.body) if audit.body is not None else None)
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        client.headers.pop("accept")
        headers = {"accept": audit.accept} if audit.accept else {}
        if audit.content_type and audit.method == "POST":
            headers["content-type"] = audit.content_type
        answer = await client.request(audit.method, "/graphql", params=audit.query, content=content, headers=headers)
    lowest, highest = audit.status
    assert lowest <= answer.status_code <= highest
    result = json.loads(answer.content.decode("utf-8"))
    if audit.media:
        assert audit.media in answer.headers["content-type"]
    if audit.absent:
        assert audit.absent not in result
