"""Notices above the pages: the other site's account, the vendor's announcements, and not seeing them again."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.ids import encode_id, uuid7
from resolvers.messages import notices as read
from rules.access import Role
from rules.sites import Site
from tests import world
from tests.client import NOON, Api, Client, codes
from tests.factories import Person, context_of, key, person, staff

NOTICES = "query($site: Site) { notices(site: $site) { kind title text targetUrl dismissed announcementId } }"
MS = timedelta(milliseconds=1)


async def notices(client: Client, site: str | None = None) -> list[dict[str, Any]]:
    """What stands above the pages of a site."""
    found: list[dict[str, Any]] = (await client.send(NOTICES, site=site)).data["notices"]
    return found


async def publish(ops: Person, **given: Any) -> dict[str, Any]:
    """Announces something from noon on, for an hour."""
    values = {
        "audience": "EVERYBODY",
        "titleEn": "Maintenance",
        "titleZh": "系统维护",
        "textEn": "On Saturday.",
        "textZh": "周六进行。",
        "startsAt": NOON.isoformat(),
        "endsAt": (NOON + timedelta(hours=1)).isoformat(),
        "idempotencyKey": key(),
    }
    return await ops.api.do(
        "publishAnnouncement", "announcement { id site audience withdrawnAt }", **{**values, **given}
    )


async def dismiss(client: Client, **given: Any) -> dict[str, Any]:
    """Hides a notice."""
    return await client.do("dismissNotice", "kind announcement { id }", **given)


@pytest.mark.parametrize(
    ("own", "shown", "told"), [("CN", "CN", False), ("CN", "INTL", True), ("INTL", "CN", True), ("INTL", None, False)]
)
async def test_who_looks_at_the_other_sites_pages_is_told(api: Api, own: str, shown: str | None, told: bool) -> None:
    _, main = await world.admitted_partner(api, Site(own))
    found = await notices(main.client, shown)
    assert [(one["kind"], one["dismissed"], one["announcementId"]) for one in found] == (
        [("SITE_MISMATCH", False, None)] if told else []
    )
    assert all(one["targetUrl"] == api.settings.public_url for one in found)
    assert (await main.client.send("{ partner { id } }")).data["partner"] is not None


async def test_its_words_are_the_readers(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    [english] = await notices(main.client, "INTL")
    [chinese] = await notices(Client(api.http, main.client.token, "zh-CN"), "INTL")
    assert english["title"] == "Your account belongs to the other site"
    assert english["text"].startswith("You look at the international site, but your account is of the mainland site.")
    assert chinese["title"] == "您的账号属于另一站点"


async def test_a_dismissal_lasts_for_its_user_alone(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    assert (await dismiss(main.client, kind="SITE_MISMATCH"))["kind"] == "SITE_MISMATCH"
    api.clock.advance(minutes=10)
    assert [one["dismissed"] for one in await notices(main.client, "INTL")] == [True]
    assert [one["dismissed"] for one in await notices(clerk.client, "INTL")] == [False]
    assert codes(await dismiss(main.client, kind="SITE_MISMATCH")) == []
    rows = await api.rows("select account_id, notice, dismissed_at from notice_dismissal")
    assert [(row["account_id"], row["notice"], row["dismissed_at"]) for row in rows] == [
        (main.id, "SITE_MISMATCH", NOON)
    ]


async def test_dismissing_many_times_at_once_is_dismissing_once(api: Api, patience: None) -> None:
    _, main = await world.admitted_partner(api)
    answers = await asyncio.gather(*(dismiss(main.client.patient, kind="SITE_MISMATCH") for _ in range(10)))
    assert [codes(answer) for answer in answers] == [[]] * 10
    assert await api.value("select count(*) from notice_dismissal") == 1


async def test_an_announcement_stands_from_its_first_instant_until_its_last(api: Api) -> None:
    ops = await staff(api, Role.VENDOR_OPS)
    _, main = await world.admitted_partner(api)
    made = await publish(ops, link="https://vendor.example/news")
    assert codes(made) == []
    expected = {
        "kind": "ANNOUNCEMENT",
        "title": "Maintenance",
        "text": "On Saturday.",
        "targetUrl": "https://vendor.example/news",
        "dismissed": False,
        "announcementId": made["announcement"]["id"],
    }
    for instant, seen in ((NOON - MS, []), (NOON, [expected]), (NOON + timedelta(hours=1) - MS, [expected])):
        api.clock.at = instant
        await _stay(api)
        assert await notices(main.client) == seen
    api.clock.at = NOON + timedelta(hours=1)
    assert await notices(main.client) == []


async def _stay(api: Api) -> None:
    """Everybody stays signed in, however late it is."""
    await api.database.superuser.execute("update session set access_expires_at = '2027-01-01'")


async def test_each_sees_what_is_for_its_audience_and_site_in_its_language(api: Api) -> None:
    ops = await staff(api, Role.VENDOR_OPS)
    on = await world.world(api)
    _, abroad = await world.admitted_partner(api, Site.INTL)
    for audience in ("EVERYBODY", "PARTNERS", "CUSTOMERS", "STAFF"):
        assert codes(await publish(ops, audience=audience, titleEn=audience)) == []
    assert codes(await publish(ops, audience="PARTNERS", titleEn="ABROAD", site="INTL")) == []
    seen = {
        name: {one["title"] for one in await notices(client)}
        for name, client in (
            ("main", on.main.client), ("member", on.member.client), ("customer", on.customer.client),
            ("ops", ops.api), ("abroad", abroad.client),
        )
    }  # fmt: skip
    assert seen == {
        "main": {"EVERYBODY", "PARTNERS"},
        "member": {"EVERYBODY", "PARTNERS"},
        "customer": {"EVERYBODY", "CUSTOMERS"},
        "ops": {"EVERYBODY", "STAFF"},
        "abroad": {"EVERYBODY", "PARTNERS", "ABROAD"},
    }
    chinese = await notices(Client(api.http, on.customer.client.token, "zh-CN"))
    assert {(one["title"], one["text"]) for one in chinese} == {("系统维护", "周六进行。")}


async def test_an_announcement_is_dismissed_or_withdrawn(api: Api) -> None:
    ops = await staff(api, Role.VENDOR_OPS)
    _, main = await world.admitted_partner(api)
    _, other = await world.admitted_partner(api)
    made = (await publish(ops))["announcement"]["id"]
    hidden = await dismiss(main.client, kind="ANNOUNCEMENT", announcementId=made)
    assert hidden["announcement"] == {"id": made}
    assert [one["dismissed"] for one in await notices(main.client)] == [True]
    assert [one["dismissed"] for one in await notices(other.client)] == [False]

    api.clock.advance(minutes=1)
    gone = await _withdraw(ops, made)
    assert gone["announcement"]["withdrawnAt"] == "2026-03-02T04:01:00.000Z"
    assert await notices(other.client) == []
    assert codes(await _withdraw(ops, made)) == ["STATE_CONFLICT"]
    listed = await ops.api.send("{ announcements { nodes { id withdrawnAt titleZh } } }")
    assert [one["id"] for one in listed.data["announcements"]["nodes"]] == [made]


async def _withdraw(ops: Person, announcement_id: str) -> dict[str, Any]:
    given = {"id": announcement_id, "idempotencyKey": key()}
    return await ops.api.do("withdrawAnnouncement", "announcement { id withdrawnAt }", **given)


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"kind": "ANNOUNCEMENT"}, "REQUIRED", ["input", "announcementId"]),
        ({"kind": "SITE_MISMATCH", "announcementId": "made"}, "INVALID_FORMAT", ["input", "announcementId"]),
        ({"kind": "ANNOUNCEMENT", "announcementId": "nothing"}, "NOT_FOUND", ["input", "announcementId"]),
        ({"kind": "ANNOUNCEMENT", "announcementId": "made"}, "NOT_FOUND", ["input", "announcementId"]),
    ],
)
async def test_a_refused_dismissal_changes_nothing(api: Api, given: dict[str, Any], code: str, path: list[str]) -> None:
    """The announcement that was made is not for partners."""
    ops = await staff(api, Role.VENDOR_OPS)
    _, main = await world.admitted_partner(api)
    ids = {"made": (await publish(ops, audience="STAFF"))["announcement"]["id"], "nothing": encode_id("ann", uuid7())}

    async def attempt() -> None:
        refused = await dismiss(main.client, **{name: ids.get(value, value) for name, value in given.items()})
        assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [(code, path)]

    assert await api.changes(attempt) == set()


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"endsAt": NOON.isoformat()}, [("OUT_OF_RANGE", ["input", "endsAt"])]),
        ({"link": "javascript:alert(1)"}, [("INVALID_FORMAT", ["input", "link"])]),
        ({"titleZh": ""}, [("OUT_OF_RANGE", ["input", "titleZh"])]),
    ],
)
async def test_a_refused_announcement_changes_nothing(api: Api, given: dict[str, Any], expected: list[Any]) -> None:
    ops = await staff(api, Role.VENDOR_OPS)

    async def attempt() -> None:
        refused = await publish(ops, **given)
        assert [(error["code"], error["path"]) for error in refused["userErrors"]] == expected

    assert await api.changes(attempt) == set()


async def test_what_is_over_cannot_be_withdrawn_and_a_stranger_id_is_not_found(api: Api) -> None:
    ops = await staff(api, Role.VENDOR_OPS)
    made = (await publish(ops))["announcement"]["id"]
    assert codes(await _withdraw(ops, encode_id("ann", uuid7()))) == ["NOT_FOUND"]
    api.clock.at = NOON + timedelta(hours=1)
    await _stay(api)
    assert codes(await _withdraw(ops, made)) == ["STATE_CONFLICT"]


async def test_with_addresses_of_its_own_each_site_is_led_to(api: Api) -> None:
    someone = await person(api)
    ctx = await context_of(api, someone)
    settings = api.settings.model_copy(update={"site_urls": {"CN": "https://cn.example"}})
    async with db.read(ctx.actor.scope):
        [notice] = await read(replace(ctx, settings=settings), site=Site.INTL)
    assert notice.target_url == "https://cn.example"
