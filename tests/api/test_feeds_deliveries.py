"""The day's files of feeds: when they are due, what lies in the bucket, what is tried again, given up and asked for."""

import asyncio
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from core.ids import encode_id
from rules.partners import PartnerKind
from rules.sites import Site
from tasks.feeds import pass_time
from tests import feeds, world
from tests.client import Api, codes

SECOND = timedelta(seconds=1)
CROWDS = [5, pytest.param(200, marks=pytest.mark.long)]


class TestSchedule:
    @pytest.mark.parametrize(("site", "day"), [(Site.CN, "2026-03-02"), (Site.INTL, "2026-03-01")])
    async def test_the_day_before_is_due_at_six_in_shanghai(
        self, api: Api, bucket: feeds.Bucket, site: Site, day: str
    ) -> None:
        made = await world.world(api, site=site)
        await feeds.active(api, made.main.client, bucket, "CUSTOMER_INFO")
        api.clock.at = api.clock().replace(hour=22, minute=0) - SECOND

        async def too_early() -> None:
            assert await feeds.plan(api) == 0

        assert await api.changes(too_early) == set()
        api.clock.at += SECOND
        assert [await feeds.plan(api) for _ in range(2)] == [1, 0]
        client = await feeds.back(api, made.main)
        [due] = await feeds.deliveries(client)
        assert (due["day"], due["state"], due["attempts"]) == (day, "DUE", 0)
        await feeds.work(api)
        [done] = await feeds.deliveries(client)
        partner = encode_id("par", made.partner_id)
        assert done["objectKey"] == f"daily/cosell/customer-info/{partner}/{day}.csv"
        content = await bucket.get(done["objectKey"])
        assert content is not None
        assert (done["state"], done["rows"], done["problem"]) == ("DELIVERED", 1, None)
        assert done["sha256"] == hashlib.sha256(content).hexdigest()
        manifest = await bucket.manifest(done["objectKey"])
        assert {name: manifest[name] for name in ("topic", "day", "rows", "sha256", "bytes")} == {
            "topic": "CUSTOMER_INFO",
            "day": day,
            "rows": 1,
            "sha256": done["sha256"],
            "bytes": len(content),
        }
        assert content.decode().splitlines()[0].split(",") == manifest["columns"]

    async def test_days_on_which_no_worker_ran_are_made_up_for(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        await feeds.active(api, made.main.client, bucket)
        api.clock.advance(days=3)
        assert await feeds.plan(api) == 3
        found = await feeds.deliveries(await feeds.back(api, made.main))
        assert [one["day"] for one in found] == ["2026-03-02", "2026-03-03", "2026-03-04"]

    async def test_two_jobs_at_once_plan_a_day_once_and_two_workers_deliver_it_once(
        self, api: Api, bucket: feeds.Bucket
    ) -> None:
        made = await world.world(api)
        await feeds.active(api, made.main.client, bucket, "CUSTOMER_INFO", "INCENTIVE")
        api.clock.advance(days=1)
        await asyncio.gather(*(feeds.plan(api) for _ in range(3)))
        await asyncio.gather(*(feeds.run_worker(api) for _ in range(3)))
        found = await feeds.deliveries(await feeds.back(api, made.main))
        assert [(one["state"], one["attempts"]) for one in found] == [("DELIVERED", 1)] * 2
        assert await api.value("select count(*) from event where type = 'feed.delivered'") == 2

    async def test_nothing_is_planned_for_a_draft_or_a_cancelled_feed(self, api: Api, bucket: feeds.Bucket) -> None:
        one, other = await world.world(api), await world.world(api)
        await feeds.save(one.main.client, bucket)
        feed = await feeds.active(api, other.main.client, bucket)
        assert codes(await feeds.step(other.main.client, "cancelFeed", feed)) == []
        api.clock.advance(days=1)
        assert await feeds.plan(api) == 0

    async def test_what_is_due_when_the_feed_ends_is_withheld(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket)
        await feeds.next_morning(api)
        client = await feeds.back(api, made.main)
        assert codes(await feeds.step(client, "cancelFeed", feed)) == []
        await feeds.work(api)
        [one] = await feeds.deliveries(client)
        assert (one["state"], one["withheld"], one["objectKey"]) == ("WITHHELD", "FEED_NOT_ACTIVE", None)

    async def test_while_a_partner_is_closed_its_files_wait(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        await feeds.active(api, made.main.client, bucket)
        await feeds.next_morning(api)
        await api.database.superuser.execute("update partner set standing = 'CLOSED'")
        await feeds.work(api)
        await feeds.next_morning(api)
        await api.database.superuser.execute("update partner set standing = 'ACTIVE'")
        client = await feeds.back(api, made.main)
        assert [one["withheld"] for one in await feeds.deliveries(client)] == ["FEED_NOT_ACTIVE"]
        assert await feeds.plan(api) == 1
        await feeds.work(api)
        assert [one["state"] for one in await feeds.deliveries(client)] == ["WITHHELD", "DELIVERED"]


class TestNoDistributorAnyMore:
    async def test_its_topic_stops_with_a_reason_and_the_others_go_on(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api, kind=PartnerKind.DISTRIBUTOR)
        await feeds.active(api, made.main.client, bucket, "RESELLER_INFO", "CUSTOMER_INFO")
        await feeds.next_morning(api)
        # ceases to be one between the plan of the day and its delivery
        await api.database.superuser.execute("update partner set kind = null where id = $1", made.partner_id)
        await feeds.work(api)
        for _ in range(2):
            await feeds.next_morning(api)
            await feeds.work(api)
        client = await feeds.back(api, made.main)
        found = [
            (one["day"][-2:], one["topic"], one["state"], one["withheld"]) for one in await feeds.deliveries(client)
        ]
        assert found == [
            entry
            for day in ("02", "03", "04")
            for entry in (
                (day, "CUSTOMER_INFO", "DELIVERED", None),
                (day, "RESELLER_INFO", "WITHHELD", "NOT_A_DISTRIBUTOR"),
            )
        ]
        feed = await feeds.shown(client)
        assert (feed["state"], [one["code"] for one in feed["problems"]]) == ("ACTIVE", ["SUBSCRIPTION_NOT_ALLOWED"])
        told = [row for row in await api.inbox(made.main.email) if row["template"] == "feed_withheld"]
        assert len(told) == 1

        async def attempt() -> None:
            refused = await feeds.step(client, "redeliverFeed", feed, day="2026-03-03")
            assert codes(refused) == ["SUBSCRIPTION_NOT_ALLOWED"]

        assert await api.changes(attempt) == set()


class TestFailures:
    async def test_a_file_is_tried_again_and_arrives(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket)
        await feeds.close_bucket(api, feed)
        await feeds.next_morning(api)
        await feeds.work(api)
        client = await feeds.back(api, made.main)
        [one] = await feeds.deliveries(client)
        assert (one["state"], one["attempts"], one["problem"]) == ("DUE", 1, "UNREACHABLE")
        assert await api.value("select run_at > now() from outbox where topic = 'feed.deliver'") is True
        await feeds.open_bucket(api, feed)
        await feeds.work(api)
        [one] = await feeds.deliveries(client)
        assert (one["state"], one["attempts"], one["problem"]) == ("DELIVERED", 2, None)

    async def test_the_third_failed_day_in_a_row_breaks_the_feed(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket, "CUSTOMER_INFO", "INCENTIVE")
        await feeds.close_bucket(api, feed)
        states = []
        for _ in range(3):
            await feeds.next_morning(api)
            await feeds.work_until_given_up(api)
            states.append((await feeds.shown(await feeds.back(api, made.main)))["state"])
        assert states == ["ACTIVE", "ACTIVE", "BROKEN"]
        client = await feeds.back(api, made.main)
        broken = await feeds.shown(client)
        assert (broken["problem"], [one["code"] for one in broken["problems"]]) == (
            "UNREACHABLE",
            ["BUCKET_CHECK_FAILED"],
        )
        assert await api.value("select credentials_sealed from feed") is None
        found = await feeds.deliveries(client)
        assert {(one["state"], one["withheld"]) for one in found} <= {("FAILED", None), ("WITHHELD", "FEED_NOT_ACTIVE")}
        told = [row for row in await api.inbox(made.main.email) if row["template"] == "feed_broken"]
        assert len(told) == 1
        assert bucket.name in told[0]["body"]
        assert await todo(client) == ["checkFeed"]
        await feeds.next_morning(api)
        assert len(await feeds.deliveries(await feeds.back(api, made.main))) == len(found)

        client = await feeds.back(api, made.main)

        async def attempt() -> None:
            refused = await feeds.step(client, "redeliverFeed", feed, day="2026-03-02")
            assert codes(refused) == ["STATE_CONFLICT", "BUCKET_CHECK_FAILED"]

        assert await api.changes(attempt) == set()
        assert codes(await feeds.check(client, feed)) == []
        await feeds.work(api)
        assert ((await feeds.shown(client))["state"], await todo(client)) == ("BROKEN", ["checkFeed"])
        await feeds.open_bucket(api, feed)
        assert codes(await feeds.check(client, feed)) == []
        await feeds.work(api)
        assert ((await feeds.shown(client))["state"], await todo(client)) == ("ACTIVE", [])
        for day in ("2026-03-02", "2026-03-05"):  # failed, and left out while it was broken
            assert codes(await feeds.step(client, "redeliverFeed", feed, day=day)) == []
        await feeds.work(api)
        after = {(one["day"], one["topic"]): one["state"] for one in await feeds.deliveries(client)}
        assert {state for (day, _), state in after.items() if day in ("2026-03-02", "2026-03-05")} == {"DELIVERED"}

    async def test_a_day_that_arrives_between_keeps_it_alive(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket)
        for opened in (False, False, True, False, False):
            await (feeds.open_bucket if opened else feeds.close_bucket)(api, feed)
            await feeds.next_morning(api)
            await feeds.work_until_given_up(api)
        assert (await feeds.shown(await feeds.back(api, made.main)))["state"] == "ACTIVE"

    async def test_without_an_outcome_it_is_given_up_after_a_day(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        await feeds.active(api, made.main.client, bucket)
        await feeds.next_morning(api)
        api.clock.advance(hours=24)
        api.clock.at -= SECOND
        assert await pass_time(api.settings, api.clock) == 0
        api.clock.at += SECOND
        assert [await pass_time(api.settings, api.clock) for _ in range(2)] == [1, 0]
        [one] = await feeds.deliveries(await feeds.back(api, made.main))
        assert (one["state"], one["problem"]) == ("FAILED", "NO_ANSWER")

    async def test_old_deliveries_are_forgotten(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        await feeds.active(api, made.main.client, bucket)
        await feeds.next_morning(api)
        await feeds.work(api)
        api.clock.advance(days=180)
        assert await pass_time(api.settings, api.clock) == 0
        api.clock.at += SECOND
        assert await pass_time(api.settings, api.clock) == 1
        assert await api.value("select count(*) from feed_delivery") == 0


async def todo(client: Any) -> list[str]:
    """The steps about feeds that wait for the caller."""
    groups = (await client.send("{ todos { kind mutation } }")).data["todos"]
    return [group["mutation"] for group in groups if group["kind"] == "FEED_CHECK"]


class TestRedelivery:
    async def test_a_day_once_more_with_what_holds_now(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket, "CUSTOMER_INFO", "INCENTIVE")
        await feeds.next_morning(api)
        await feeds.work(api)
        await world.associated_customer(api, made.partner_id)
        client = await feeds.back(api, made.main)
        again = await feeds.step(client, "redeliverFeed", feed, day="2026-03-02", topics=["CUSTOMER_INFO"])
        assert codes(again) == []

        async def attempt() -> None:
            refused = await feeds.step(client, "redeliverFeed", feed, day="2026-03-02")
            assert codes(refused) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()
        await feeds.work(api)
        customers, incentives = await feeds.deliveries(client)
        assert (customers["rows"], incentives["rows"]) == (2, 0)
        assert len(await bucket.table(customers["objectKey"])) == 2

    async def test_only_days_that_were_due_and_not_too_long_ago(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket)
        client = made.main.client

        async def attempt() -> None:
            for day in ("2026-03-02", "2026-01-29"):
                refused = await feeds.step(client, "redeliverFeed", feed, day=day, topics=["INCENTIVE"])
                assert [(one["code"], one["path"][1]) for one in refused["userErrors"]] == [
                    ("OUT_OF_RANGE", "day"),
                    ("TOPIC_REQUIRED", "topics"),  # none of the feed's
                ]

        assert await api.changes(attempt) == set()
        for day in ("2026-03-01", "2026-01-30"):
            assert codes(await feeds.step(client, "redeliverFeed", feed, day=day)) == []

    async def test_so_often_and_no_more(self, api: Api, bucket: feeds.Bucket) -> None:
        await api.override("feeds.rounds_max", 2)
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket)
        client = made.main.client
        for _ in range(2):
            assert codes(await feeds.step(client, "redeliverFeed", feed, day="2026-03-01")) == []
            await feeds.work(api)

        async def attempt() -> None:
            refused = await feeds.step(client, "redeliverFeed", feed, day="2026-03-01")
            assert codes(refused) == ["FEED_REDELIVERY_LIMIT"]

        assert await api.changes(attempt) == set()

    async def test_a_day_that_is_due_and_was_asked_for_before_the_job_ran(self, api: Api, bucket: feeds.Bucket) -> None:
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket, "CUSTOMER_INFO", "INCENTIVE")
        api.clock.advance(days=1)
        client = await feeds.back(api, made.main)
        given = {"day": "2026-03-02", "topics": ["CUSTOMER_INFO"]}
        assert codes(await feeds.step(client, "redeliverFeed", feed, **given)) == []
        assert [await feeds.plan(api) for _ in range(2)] == [1, 0]
        await feeds.work(api)
        found = [(one["topic"], one["state"], one["attempts"]) for one in await feeds.deliveries(client)]
        assert found == [("CUSTOMER_INFO", "DELIVERED", 1), ("INCENTIVE", "DELIVERED", 1)]

    @pytest.mark.usefixtures("patience")
    @pytest.mark.parametrize("crowd", CROWDS)
    async def test_asked_at_once_it_comes_once(self, api: Api, bucket: feeds.Bucket, crowd: int) -> None:
        made = await world.world(api)
        feed = await feeds.active(api, made.main.client, bucket)
        client = made.main.client.patient
        asked = await asyncio.gather(
            *(feeds.step(client, "redeliverFeed", feed, day="2026-03-01") for _ in range(crowd))
        )
        assert sorted(codes(one) for one in asked) == [[], *[["STATE_CONFLICT"]] * (crowd - 1)]
        assert await api.value("select count(*) from outbox where topic = 'feed.deliver'") == 1
