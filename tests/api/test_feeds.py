"""Feeds of data files from the draft to the end: topics, places, the check of the bucket, credentials."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from core import db
from core.i18n import translate
from core.ids import decode_id
from core.scope import EVERYTHING
from models.accounts import Account
from models.partners import Partner
from resolvers.accounts.erasure import erase
from resolvers.system import system_context
from rules.access import Role
from rules.partners import PartnerKind
from rules.sites import Site
from tasks.feeds import pass_time
from tests import feeds, world
from tests.client import Api, codes, make_api
from tests.database import Database
from tests.factories import key
from tests.opportunities import staff

CROWDS = [5, pytest.param(200, marks=pytest.mark.long)]


@pytest.fixture
async def guarded(database: Database, pool: None) -> AsyncIterator[Api]:
    """The application as in production: files go over TLS and to the internet alone."""
    made = make_api(database, feed_guard=True)
    yield made
    await made.http.aclose()


class TestTopics:
    @pytest.mark.parametrize("kind", [None, PartnerKind.SOLUTION_PROVIDER, PartnerKind.RESELLER])
    async def test_resellers_are_for_distributors_alone(
        self, api: Api, bucket: feeds.Bucket, kind: PartnerKind | None
    ) -> None:
        _, main = await world.admitted_partner(api, kind=kind)
        offers = (await main.client.send("{ feedTopics { topic columns blockers { code } } }")).data["feedTopics"]
        assert len(offers) == 7
        blocked = {one["topic"]: [error["code"] for error in one["blockers"]] for one in offers if one["blockers"]}
        assert blocked == {"RESELLER_INFO": ["SUBSCRIPTION_NOT_ALLOWED"]}

        async def attempt() -> None:
            refused = await feeds.save(main.client, bucket, "RESELLER_INFO", "PERFORMANCE")
            assert codes(refused) == ["SUBSCRIPTION_NOT_ALLOWED"]
            assert refused["userErrors"][0]["rule"] == {"id": "feeds.distributors_only"}

        assert await api.changes(attempt) == set()
        others = [one["topic"] for one in offers if not one["blockers"]]
        saved = await feeds.save(main.client, bucket, *reversed(others), "INCENTIVE")
        assert (codes(saved), saved["feed"]["topics"]) == ([], others)

    @pytest.mark.parametrize("site", Site)
    async def test_a_distributor_has_every_topic(self, api: Api, bucket: feeds.Bucket, site: Site) -> None:
        _, main = await world.admitted_partner(api, site, PartnerKind.DISTRIBUTOR)
        offers = (await main.client.send("{ feedTopics { topic blockers { code } } }")).data["feedTopics"]
        assert [one["blockers"] for one in offers] == [[]] * 7
        saved = await feeds.save(main.client, bucket, *(one["topic"] for one in offers))
        assert (codes(saved), saved["feed"]["state"]) == ([], "DRAFT")

    async def test_one_at_least_and_no_more_than_the_policy_allows(self, api: Api, bucket: feeds.Bucket) -> None:
        _, main = await world.admitted_partner(api)
        await api.override("feeds.topics_max", 2)

        async def attempt() -> None:
            assert codes(await feeds.save(main.client, bucket, topics=[])) == ["TOPIC_REQUIRED"]
            three = ("CUSTOMER_INFO", "PERFORMANCE", "INCENTIVE")
            assert codes(await feeds.save(main.client, bucket, *three)) == ["TOO_MANY"]

        assert await api.changes(attempt) == set()
        assert codes(await feeds.save(main.client, bucket, "CUSTOMER_INFO", "PERFORMANCE", "PERFORMANCE")) == []


class TestPlace:
    async def test_everything_wrong_is_told_at_once(self, api: Api, bucket: feeds.Bucket) -> None:
        _, main = await world.admitted_partner(api)
        wrong = {"endpoint": "ftp://x", "region": "a b", "bucket": "UPPER", "prefix": "/a", "topics": []}

        async def attempt() -> None:
            refused = await feeds.save(main.client, bucket, **wrong)
            assert [(error["code"], error["path"][-1]) for error in refused["userErrors"]] == [
                *(("INVALID_FORMAT", name) for name in ("endpoint", "region", "bucket", "prefix")),
                ("TOPIC_REQUIRED", "topics"),
            ]

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize("endpoint", ["http://objects.example.com", "https://10.0.0.1", "https://localhost:9000"])
    async def test_only_over_tls_to_the_internet(self, guarded: Api, bucket: feeds.Bucket, endpoint: str) -> None:
        _, main = await world.admitted_partner(guarded)

        async def attempt() -> None:
            refused = await feeds.save(main.client, bucket, endpoint=endpoint)
            assert codes(refused) == ["BUCKET_ADDRESS_NOT_ALLOWED"]

        assert await guarded.changes(attempt) == set()
        assert codes(await feeds.save(main.client, bucket, endpoint="https://objects.example.com:9000")) == []

    async def test_a_name_that_leads_inside_is_found_out_when_it_is_connected_to(
        self, api: Api, bucket: feeds.Bucket
    ) -> None:
        _, main = await world.admitted_partner(api)
        saved = await feeds.save(main.client, bucket, endpoint="https://localhost")
        assert codes(await feeds.check(main.client, saved["feed"])) == []
        await feeds.work(api, feed_guard=True)
        feed = await feeds.shown(main.client)
        assert (feed["state"], feed["problem"]) == ("DRAFT", "ADDRESS_NOT_ALLOWED")

    async def test_one_feed_at_a_time(self, api: Api, bucket: feeds.Bucket) -> None:
        _, main = await world.admitted_partner(api)
        first = (await feeds.save(main.client, bucket))["feed"]

        async def attempt() -> None:
            assert codes(await feeds.save(main.client, bucket)) == ["FEED_EXISTS"]

        assert await api.changes(attempt) == set()
        assert codes(await feeds.step(main.client, "cancelFeed", first)) == []
        assert codes(await feeds.save(main.client, bucket)) == []

    @pytest.mark.usefixtures("patience")
    @pytest.mark.parametrize("crowd", CROWDS)
    async def test_many_at_once_make_one(self, api: Api, bucket: feeds.Bucket, crowd: int) -> None:
        _, main = await world.admitted_partner(api)
        made = await asyncio.gather(*(feeds.save(main.client.patient, bucket) for _ in range(crowd)))
        assert sorted(codes(one) for one in made) == [[], *[["FEED_EXISTS"]] * (crowd - 1)]


class TestCheck:
    @pytest.mark.parametrize("site", Site)
    async def test_a_bucket_that_takes_an_object_makes_the_feed_active(
        self, api: Api, bucket: feeds.Bucket, site: Site
    ) -> None:
        _, main = await world.admitted_partner(api, site)
        feed = (await feeds.save(main.client, bucket))["feed"]
        asked = await feeds.check(main.client, feed)
        assert (codes(asked), asked["feed"]["state"]) == ([], "VERIFYING")
        await feeds.work(api)
        now = await feeds.shown(main.client)
        assert (now["state"], now["problems"], now["problem"]) == ("ACTIVE", [], None)
        # 2 March, noon in Shanghai, 04:00 in UTC: due at the last 06:00 in Shanghai was the day before it.
        assert now["plannedThrough"] == ("2026-03-01" if site is Site.CN else "2026-02-28")
        assert await bucket.get("daily/cosell/.cosell-check") is None
        events = {row["type"] for row in await api.rows("select type from event where type like 'feed.%'")}
        assert events == {"feed.saved", "feed.check_requested", "feed.activated"}

    async def test_one_that_does_not_leaves_a_draft_with_the_reason(self, api: Api, bucket_service: str) -> None:
        _, main = await world.admitted_partner(api)
        nowhere = feeds.Bucket(bucket_service, "nowhere")
        feed = (await feeds.save(main.client, nowhere))["feed"]
        for endpoint, problem in ((None, "NO_SUCH_BUCKET"), ("http://127.0.0.1:9", "UNREACHABLE")):
            if endpoint is not None:
                assert codes(await feeds.step(main.client, "updateFeed", feed, endpoint=endpoint)) == []
            assert codes(await feeds.check(main.client, feed)) == []
            await feeds.work(api)
            now = await feeds.shown(main.client)
            assert (now["state"], now["problem"]) == ("DRAFT", problem)
            [told] = now["problems"]
            assert told["code"] == "BUCKET_CHECK_FAILED"
            assert translate(f"enums.BucketProblem.{problem}", "en") in told["message"]
            assert await sealed(api) == (None, None)

    @pytest.mark.usefixtures("patience")
    @pytest.mark.parametrize("crowd", CROWDS)
    async def test_a_second_check_waits_for_the_first(self, api: Api, bucket: feeds.Bucket, crowd: int) -> None:
        _, main = await world.admitted_partner(api)
        feed = (await feeds.save(main.client, bucket))["feed"]
        made = await asyncio.gather(*(feeds.check(main.client.patient, feed) for _ in range(crowd)))
        assert sorted(codes(one) for one in made) == [[], *[["STATE_CONFLICT"]] * (crowd - 1)]
        for name, more in (("updateFeed", {"bucket": "another"}), ("redeliverFeed", {"day": "2026-03-01"})):
            assert codes(await feeds.step(main.client, name, feed, **more)) == ["STATE_CONFLICT"]
        assert await api.value("select count(*) from outbox where topic = 'feed.check'") == 1

    async def test_so_many_a_day(self, api: Api, bucket_service: str) -> None:
        _, main = await world.admitted_partner(api)
        await api.override("feeds.checks_daily_max", 2)
        feed = (await feeds.save(main.client, feeds.Bucket(bucket_service, "nowhere")))["feed"]
        for _ in range(2):
            assert codes(await feeds.check(main.client, feed)) == []
            await feeds.work(api)
        assert codes(await feeds.step(main.client, "cancelFeed", feed)) == []
        feed = (await feeds.save(main.client, feeds.Bucket(bucket_service, "nowhere")))["feed"]
        api.clock.advance(hours=24)
        api.clock.advance(seconds=-1)
        client = await feeds.back(api, main)

        async def attempt() -> None:
            assert codes(await feeds.check(client, feed)) == ["FEED_CHECK_LIMIT"]

        assert await api.changes(attempt) == set()
        api.clock.advance(seconds=1)
        assert codes(await feeds.check(client, feed)) == []

    async def test_without_an_outcome_it_ends_after_a_quarter_of_an_hour(self, api: Api, bucket: feeds.Bucket) -> None:
        _, main = await world.admitted_partner(api)
        feed = (await feeds.save(main.client, bucket))["feed"]
        await feeds.check(main.client, feed)
        api.clock.advance(minutes=15)
        api.clock.advance(seconds=-1)
        assert await pass_time(api.settings, api.clock) == 0
        api.clock.advance(seconds=1)
        assert [await pass_time(api.settings, api.clock) for _ in range(2)] == [1, 0]
        client = await feeds.back(api, main)
        assert (await feeds.shown(client))["problem"] == "NO_ANSWER"
        await feeds.work(api)  # the outcome of the old check comes after all
        assert (await feeds.shown(client))["state"] == "DRAFT"

    async def test_other_credentials_of_an_active_feed_replace_the_old_ones_only_when_they_open_it(
        self, api: Api, bucket: feeds.Bucket
    ) -> None:
        _, main = await world.admitted_partner(api)
        feed = await feeds.active(api, main.client, bucket)
        before = (await sealed(api))[0]
        await feeds.check(main.client, feed, secretKey="another")
        await feeds.close_bucket(api, feed)
        await feeds.work(api)
        now = await feeds.shown(main.client)
        assert (now["state"], now["problem"]) == ("ACTIVE", "UNREACHABLE")
        assert await sealed(api) == (before, None)


async def sealed(api: Api) -> tuple[Any, Any]:
    """What is kept of the credentials of the newest feed."""
    [row] = await api.rows("select credentials_sealed, offered_sealed from feed order by id desc limit 1")
    return row["credentials_sealed"], row["offered_sealed"]


class TestSecrets:
    async def test_credentials_are_nowhere_to_be_read(
        self, api: Api, bucket: feeds.Bucket, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _, main = await world.admitted_partner(api)
        feed = (await feeds.save(main.client, bucket))["feed"]
        asked = await feeds.check(main.client, feed)
        await feeds.work(api)
        answer = await feeds.shown(main.client)
        kept, _ = await sealed(api)
        assert kept is not None
        names = [row["table_name"] for row in await api.rows(TABLES)]
        stored = [str(await api.rows(f'select t::text as row from "{name}" t')) for name in names]
        for secret in (feeds.ACCESS, feeds.SECRET):
            assert secret not in str([asked, answer]) + "".join(stored) + "".join(capsys.readouterr())
            assert secret.encode().hex() not in "".join(stored)
            assert secret.encode() not in bytes(kept)

    async def test_they_end_with_the_feed(self, api: Api, bucket: feeds.Bucket) -> None:
        _, main = await world.admitted_partner(api)
        feed = await feeds.active(api, main.client, bucket)
        assert (await sealed(api))[0] is not None
        assert codes(await feeds.step(main.client, "cancelFeed", feed)) == []
        assert await sealed(api) == (None, None)

        async def attempt() -> None:
            for name in ("cancelFeed", "updateFeed", "redeliverFeed"):
                more = {"day": "2026-03-01"} if name == "redeliverFeed" else {}
                assert codes(await feeds.step(main.client, name, feed, **more)) == ["STATE_CONFLICT"]
            assert codes(await feeds.check(main.client, feed)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_another_place_takes_none_of_them_along(self, api: Api, bucket: feeds.Bucket) -> None:
        _, main = await world.admitted_partner(api)
        feed = await feeds.active(api, main.client, bucket)
        kept = await feeds.step(main.client, "updateFeed", feed, topics=["INCENTIVE"], bucket=bucket.name)
        assert (kept["feed"]["state"], kept["feed"]["topics"]) == ("ACTIVE", ["INCENTIVE"])
        stale = await feeds.step(main.client, "updateFeed", feed, prefix="", expectedVersion=feed["version"])
        assert codes(stale) == ["CONFLICT"]
        moved = await feeds.step(main.client, "updateFeed", feed, prefix="")
        assert (codes(moved), moved["feed"]["state"], moved["feed"]["prefix"]) == ([], "DRAFT", "")
        assert await sealed(api) == (None, None)


TABLES = """
    select table_name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'feed'
"""


class TestWho:
    async def test_administrators_manage_and_the_vendors_operations_look_on(
        self, api: Api, bucket: feeds.Bucket
    ) -> None:
        partner_id, main = await world.admitted_partner(api)
        feed = (await feeds.save(main.client, bucket))["feed"]
        admin = await world.member(api, partner_id, Role.SYSTEM_ADMIN)
        clerk = await world.member(api, partner_id, Role.FINANCE)
        operations, reviewer = await staff(api, Role.VENDOR_OPS), await staff(api, Role.VENDOR_REVIEWER)
        stranger = (await world.admitted_partner(api))[1]
        assert codes(await feeds.step(admin.client, "updateFeed", feed, prefix="other")) == []
        for other in (clerk, operations):
            document = "mutation($input: CancelFeedInput!) { cancelFeed(input: $input) { feed { id } } }"
            refused = await other.client.send(document, input={"id": feed["id"], "idempotencyKey": key()})
            assert refused.error["reason"] == "ADMIN_ONLY"
        assert codes(await feeds.step(stranger.client, "cancelFeed", feed)) == ["NOT_FOUND"]
        listed = "{ feeds { nodes { id partner { id } actions { action allowed } } } }"
        [seen] = (await operations.client.send(listed)).data["feeds"]["nodes"]
        assert (seen["id"], {one["allowed"] for one in seen["actions"]}) == (feed["id"], {False})
        assert (await stranger.client.send(listed)).data["feeds"]["nodes"] == []
        for other in (clerk, reviewer):
            assert (await other.client.send(listed)).error["reason"] == "PERMISSION_DENIED"
        own = await feeds.shown(admin.client)
        allowed = {one["action"]: one["allowed"] for one in own["actions"]}
        assert allowed == {"CHANGE": True, "CHECK": True, "REDELIVER": False, "CANCEL": True}


async def test_with_the_accounts_data_its_feed_ends(api: Api, bucket: feeds.Bucket) -> None:
    partner_id, main = await world.admitted_partner(api)
    feed = await feeds.active(api, main.client, bucket)
    ctx = await system_context(api.settings, api.clock())
    async with db.transaction(EVERYTHING):
        await erase(ctx, [await Account.get(id=main.id)], await Partner.get(id=partner_id))
    assert "feed.cancelled" in {event["type"] for event in ctx.work.events}
    [row] = await api.rows("select state, credentials_sealed from feed where id = $1", decode_id(feed["id"])[1])
    assert (row["state"], row["credentials_sealed"]) == ("CANCELLED", None)
