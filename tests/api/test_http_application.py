"""The application around the endpoint: health, readiness, the explorer, settings, cross-origin rules."""

import asyncio
import gc
import json
from typing import Any

import httpx2
from graphql import FieldNode, OperationDefinitionNode, parse

from app import COLLECTIONS, Parts, create_app, real_parts
from core.analyser import Limits
from core.execution.documents import Documents
from core.settings import Env, Settings
from schema import schema
from schema.explorer_tabs import TABS
from tests.api.http_harness import SECRET, make_harness


def make_client(parts: Parts | None = None, **settings: Any) -> httpx2.AsyncClient:
    app = create_app(Settings(env=Env.TEST, **settings), parts)
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://testserver")


async def test_health_and_readiness() -> None:
    asked: list[str] = []

    async def good() -> None:
        asked.append("good")

    async def bad() -> None:
        raise RuntimeError(SECRET)

    async def hangs() -> None:
        await asyncio.sleep(30)

    for checks, hints, status, shown in (
        ({"database": good}, {}, 200, "ok"),
        ({"database": good}, {"redis": bad}, 200, "degraded"),
        ({"database": bad}, {}, 503, "unready"),
        ({"database": hangs}, {"redis": good}, 503, "unready"),
    ):
        async with make_client(Parts(checks=checks, hints=hints)) as client:
            ready = await client.get("/readyz")
            assert (ready.status_code, ready.json()["status"]) == (status, shown)
            assert SECRET not in ready.text
            asked.clear()
            assert (await client.get("/healthz")).json() == {"status": "ok"}
            assert asked == []


async def test_a_process_that_serves_collects_seldom() -> None:
    before = gc.get_threshold()
    tunes = real_parts(Settings(env=Env.TEST, redis_url="redis://127.0.0.1:1/0")).hooks[-1]
    try:
        async with tunes():
            assert gc.get_threshold() == COLLECTIONS
            assert gc.get_freeze_count() > 100_000
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


async def test_unknown_addresses_and_methods_get_json() -> None:
    async with make_client() as client:
        for method, path, status in (("GET", "/nope", 404), ("POST", "/healthz", 405), ("GET", "/graphql/x", 404)):
            answer = await client.request(method, path)
            assert answer.status_code == status
            assert answer.json()["errors"][0]["extensions"]["requestId"] == answer.headers["x-request-id"]


async def test_the_explorer_is_for_browsers_and_can_be_switched_off() -> None:
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    async with make_client() as client:
        page = await client.get("/graphql", headers=browser)
        assert page.status_code == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert "http://" not in page.text and "https://" not in page.text
        for name in ("explorer.js", "explorer.css", "graphiql.min.js", "react-dom.production.min.js"):
            assert name in page.text
            assert (await client.get(f"/graphql/static/{name}")).status_code == 200
        assert (await client.get("/graphql/static/../app.py")).status_code == 404
        queried = await client.get("/graphql", params={"query": "{ __typename }"}, headers=browser)
        assert queried.json()["data"] == {"__typename": "Query"}
    async with make_client(explorer=False) as client:
        assert (await client.get("/graphql", headers=browser)).status_code == 400
        assert (await client.get("/graphql/static/explorer.js")).status_code == 404


def test_every_tab_of_the_explorer_is_a_valid_document() -> None:
    documents = Documents(schema._schema, Limits())
    for tab in TABS:
        assert documents.by_text(tab.query).errors == []
        for text in (tab.variables, tab.headers):
            assert not text or isinstance(json.loads(text), dict)


async def test_introspection_follows_its_setting() -> None:
    known = next(iter(schema._schema.type_map["Query"].fields))  # type: ignore[attr-defined]
    for enabled in (True, False):
        async with make_client(introspection=enabled) as client:
            answer = await client.post("/graphql", json={"query": "{ __schema { queryType { name } } }"})
            assert ("data" in answer.json()) is enabled
            unknown = await client.post("/graphql", json={"query": f"{{ {known}x }}"})
            assert ("Did you mean" in unknown.text) is enabled


async def test_cross_origin_rules_compare_exactly() -> None:
    harness = make_harness(origins=["https://app.example"])
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    async with harness.client() as client:
        for origin, allowed in (
            ("https://app.example", True),
            ("https://app.example.evil", False),
            ("http://app.example", False),
            ("https://APP.example", False),
            ("null", False),
        ):
            preflight = await client.options("/graphql", headers={"origin": origin, **asked})
            assert preflight.status_code == (204 if allowed else 403)
            failing = await client.post("/graphql", json={"nope": 1}, headers={"origin": origin})
            assert failing.status_code == 400
            for answer in (preflight, failing):
                expected = origin if allowed else None
                assert answer.headers.get("access-control-allow-origin") == expected
                assert "access-control-allow-credentials" not in answer.headers
                assert "Origin" in answer.headers["vary"]
        plain = await client.options("/graphql")
        assert (plain.status_code, plain.headers["allow"]) == (204, "GET, POST, OPTIONS")


def test_the_tabs_walk_through_each_domain_of_a_partners_life() -> None:
    shown = {field for tab in TABS for field in root_fields(tab.query)}
    assert shown >= {
        *("planCatalogue", "joinedPlans", "paths", "hoEligibility", "solutions", "sharableCertifications"),
        *("capabilityLabels", "capabilityApplications", "members", "roles", "specialistOverview", "checkInvitee"),
        *("specialistInvitations", "specialistBindings", "partner", "businessInfoOptions", "todos", "messages"),
        *("messageSettings", "reviewQueue", "openUpload", "uploads", "cancellationPrecheck"),
        *("mdfLines", "mdfQuotas", "openMdfQuota", "createMdfCase", "submitMdfCase", "mdfCases", "submitMdfClaim"),
        *("decideReview", "expertSchemes", "experts", "expertIncentives", "confirmExpertIncentive"),
    }


def root_fields(document: str) -> set[str]:
    """The fields that a document asks the API itself for."""
    operations = [one for one in parse(document).definitions if isinstance(one, OperationDefinitionNode)]
    fields = [field for one in operations for field in one.selection_set.selections]
    return {field.name.value for field in fields if isinstance(field, FieldNode)}
