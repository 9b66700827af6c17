"""Files that are handed in: slots, contents over HTTP, the scanner's verdict, and the end of what nobody uses."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.ids import decode_id
from gateways.storage import ObjectStorage, open_storage
from rules.access import Role
from tasks.outbox import Job
from tasks.uploads import pass_time, scan
from tests.client import FILES, Api, Client, codes
from tests.factories import Person, admitted_partner, key, member, person, sign_in
from tests.uploads import PDF, SLOT, declared, image, open_slot, put, uploaded

MINE = "{ uploads { nodes { id state fileName url usedAt } } }"


async def sender(api: Api) -> Person:
    """A partner's main account that has sent nothing yet: the picture of its company's licence is forgotten."""
    partner = await admitted_partner(api)
    await api.database.superuser.execute("delete from upload where account_id = $1", partner.main.account_id)
    return partner.main


def stored(upload_id: str) -> Path:
    """Where the content lies."""
    return Path(FILES.name) / str(decode_id(upload_id)[1])


class Finds:
    """A scanner that has made up its mind."""

    def __init__(self, finding: str | None) -> None:
        self.finding = finding

    async def scan(self, content: bytes) -> str | None:
        """Whatever it was told."""
        assert content
        return self.finding


async def scanned(api: Api, upload_id: str, finding: str | None) -> None:
    """Lets the scanner look, twice."""
    payload = {"upload_id": str(decode_id(upload_id)[1])}
    for attempt in (1, 2):
        job = Job(1, "upload.scan", payload["upload_id"], payload, attempt=attempt, fence=1)
        await scan(open_storage(api.settings), Finds(finding), api.settings, api.clock, job)


async def reading_url(who: Client, upload_id: str) -> str:
    """Where a licence with this file can be read, once a change of the company's information refers to it."""
    selection = "change { licence { url } }"
    sent = await who.do("submitCompanyChange", selection, licenceId=upload_id, idempotencyKey=key())
    assert codes(sent) == [], sent
    return str(sent["change"]["licence"]["url"])


async def mine(who: Client) -> list[dict[str, Any]]:
    """The caller's files."""
    found: list[dict[str, Any]] = (await who.send(MINE)).data["uploads"]["nodes"]
    return found


class TestSlot:
    async def test_a_declared_file_gets_a_slot_that_takes_its_content(self, api: Api) -> None:
        who = await sender(api)
        opened = await open_slot(who.api, name=" ../../licence.pdf ")
        slot = opened["upload"]
        assert (slot["state"], slot["fileName"], slot["size"]) == ("OPEN", "../../licence.pdf", len(PDF))
        assert slot["expiresAt"] == "2026-03-02T05:00:00.000Z"

        assert (await put(who.api, slot["url"])).status_code == 204
        again = await put(who.api, slot["url"])

        assert again.status_code == 204, "the same content again does no harm"
        assert stored(slot["id"]).read_bytes() == PDF
        [shown] = await mine(who.api)
        assert (shown["state"], shown["url"]) == ("RECEIVED", None)
        types = await api.rows("select type from event where type like 'upload.%' order by id")
        assert [row["type"] for row in types] == ["upload.opened", "upload.received"]

    async def test_refused_with_all_reasons(self, api: Api) -> None:
        who = await sender(api)

        async def attempt() -> None:
            wrong = await open_slot(who.api, mediaType="image/svg+xml", size=0, sha256="g" * 64, name=" ")
            assert [(one["code"], one["path"][-1]) for one in wrong["userErrors"]] == [
                ("REQUIRED", "name"),
                ("INVALID_FORMAT", "mediaType"),
                ("OUT_OF_RANGE", "size"),
                ("INVALID_FORMAT", "sha256"),
            ]

        assert await api.changes(attempt) == set()

    async def test_so_many_within_a_day(self, api: Api) -> None:
        who = await sender(api)
        for _ in range(3):
            await open_slot(who.api)
        await api.database.superuser.execute(
            "insert into upload (id, version, created_at, updated_at, account_id, file_name, media_type, size, sha256,"
            " state, expires_at) select gen_random_uuid(), 1, created_at, updated_at, account_id, file_name,"
            " media_type, size, sha256, state, expires_at from upload, generate_series(1, 66) limit 197"
        )

        async def attempt() -> None:
            assert codes(await open_slot(who.api)) == ["UPLOAD_LIMIT"]

        assert await api.changes(attempt) == set()
        api.clock.advance(days=1)
        assert codes(await open_slot((await sign_in(api, who.account_id)).api)) == []

    async def test_a_person_of_no_partner_sends_files_that_nobody_else_sees(self, api: Api) -> None:
        who, other = await person(api), await sender(api)
        upload_id = await uploaded(who.api)
        assert [one["id"] for one in await mine(who.api)] == [upload_id]
        assert await mine(other.api) == []
        assert (await other.api.send(f'{{ node(id: "{upload_id}") {{ id }} }}')).data["node"] is None


class TestContent:
    @pytest.mark.parametrize(
        ("content", "kind", "status", "code"),
        [
            (PDF[:-1] + b"x", "application/pdf", 422, "UPLOAD_CONTENT_DIFFERS"),
            (PDF[:-1], "application/pdf", 422, "UPLOAD_CONTENT_DIFFERS"),
            (b"", "application/pdf", 422, "UPLOAD_CONTENT_DIFFERS"),
            (PDF + b"x", "application/pdf", 413, "BAD_QUERY"),
            (PDF, "image/png", 415, "UPLOAD_TYPE_DIFFERS"),
            (PDF, "multipart/form-data; boundary=x", 415, "UPLOAD_TYPE_DIFFERS"),
        ],
    )
    async def test_other_content_is_refused(self, api: Api, content: bytes, kind: str, status: int, code: str) -> None:
        who = await sender(api)
        slot = (await open_slot(who.api))["upload"]

        async def attempt() -> None:
            answer = await put(who.api, slot["url"], content, content_type=kind)
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)

        assert await api.changes(attempt) == set()
        assert not stored(slot["id"]).exists()
        assert (await put(who.api, slot["url"])).status_code == 204, "the slot is still open"

    @pytest.mark.parametrize("content", [b"<svg onload='x()'/>", b"PK\x03\x04" + PDF, b"GIF89a" + bytes(30)])
    async def test_what_is_not_of_the_declared_type_is_refused(self, api: Api, content: bytes) -> None:
        who = await sender(api)
        for kind in ("application/pdf", "image/png", "image/jpeg"):
            slot = (await open_slot(who.api, content, mediaType=kind))["upload"]
            answer = await put(who.api, slot["url"], content, content_type=kind, accept_language="zh-CN")
            assert answer.status_code == 415
            assert kind in answer.json()["errors"][0]["message"]
            assert not stored(slot["id"]).exists()

    async def test_pictures_are_taken(self, api: Api) -> None:
        who = await sender(api)
        for format, kind in (("PNG", "image/png"), ("JPEG", "image/jpeg")):
            await uploaded(who.api, image(format), mediaType=kind)

    async def test_a_body_without_length_is_cut_off_at_the_declared_size(self, api: Api) -> None:
        who = await sender(api)
        slot, sent = (await open_slot(who.api))["upload"], 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(10_000):
                sent += 1024
                yield bytes(1024)

        headers = {"content-type": "application/pdf"}
        answer = await who.api.http.put(slot["url"], content=endless(), headers=headers)
        assert (answer.status_code, stored(slot["id"]).exists()) == (413, False)

    async def test_another_address_opens_nothing(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        slot, theirs = [(await open_slot(one.main.api))["upload"] for one in (partner, other)]
        path, _, query = slot["url"].partition("?")
        until, seal = (part.partition("=")[2] for part in query.split("&"))
        wrong = [
            path,
            f"{path}?until={until}",
            f"{path}?until={until}&seal=",
            f"{path}?until={int(until) + 1}&seal={seal}",
            f"{path}?until=9{until}999&seal={seal}",
            f"{path}?until=x&seal={seal}",
            f"{theirs['url'].partition('?')[0]}?{query}",
            f"/uploads/{partner.id}?{query}",
            f"/uploads/..%2F..%2Fetc?{query}",
        ]

        async def attempt() -> None:
            for url in wrong:
                answer = await put(partner.main.api, url)
                assert answer.status_code == 404, url
            assert (await partner.main.api.http.get(slot["url"])).status_code == 404, (
                "an address for sending reads nothing"
            )

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize(("minutes", "status"), [(60, 404), (59.99, 204)])
    async def test_a_slot_is_open_for_an_hour(self, api: Api, minutes: float, status: int) -> None:
        who = await sender(api)
        slot = (await open_slot(who.api))["upload"]
        api.clock.advance(minutes=minutes)
        assert (await put(who.api, slot["url"])).status_code == status

    @pytest.mark.parametrize("crowd", [5, pytest.param(200, marks=pytest.mark.long)])
    async def test_many_that_send_the_same_at_once(self, api: Api, crowd: int) -> None:
        who = await sender(api)
        slot = (await open_slot(who.api))["upload"]
        answers = await asyncio.gather(*(put(who.api, slot["url"]) for _ in range(crowd)))
        assert {answer.status_code for answer in answers} <= {204, 503}
        assert 204 in {answer.status_code for answer in answers}
        assert await api.value("select count(*) from event where type = 'upload.received'") == 1
        assert stored(slot["id"]).read_bytes() == PDF


class TestScan:
    async def test_what_is_clean_can_be_opened_for_some_minutes(self, api: Api) -> None:
        who = await sender(api)
        upload_id = await uploaded(who.api, name="营业执照.pdf")
        url = await reading_url(who.api, upload_id)
        early = await who.api.http.get(url)
        assert (early.status_code, early.json()["errors"][0]["extensions"]["retryable"]) == (409, True)

        await api.deliver()

        answer = await who.api.http.get(url)
        assert (answer.status_code, answer.content) == (200, PDF)
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%E8%90%A5")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-store"
        assert "sandbox" in answer.headers["content-security-policy"]
        api.clock.advance(minutes=5)
        assert (await who.api.http.get(url)).status_code == 404

    async def test_what_the_scanner_finds_is_held_back_and_its_sender_told(self, api: Api) -> None:
        who = await sender(api)
        upload_id = await uploaded(who.api)
        url = await reading_url(who.api, upload_id)

        await scanned(api, upload_id, "Eicar-Signature")

        answer = await who.api.http.get(url)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "UPLOAD_QUARANTINED")
        told = [row for row in await api.inbox(str(who.email)) if row["template"] == "upload_quarantined"]
        assert len(told) == 1 and "licence.pdf" in told[0]["body"]
        assert [one["state"] for one in await mine(who.api)] == ["QUARANTINED"]

        async def attempt() -> None:
            given = {"licenceId": upload_id, "idempotencyKey": key()}
            again = await who.api.do("submitCompanyChange", "change { id }", **given)
            assert "UPLOAD_QUARANTINED" in codes(again)

        assert await api.changes(attempt) == set()

    async def test_the_first_verdict_stands(self, api: Api) -> None:
        who = await sender(api)
        upload_id = await uploaded(who.api)
        await scanned(api, upload_id, None)
        await scanned(api, upload_id, "Eicar-Signature")
        assert [one["state"] for one in await mine(who.api)] == ["CLEAN"]


class TestUse:
    async def test_a_colleague_hands_in_what_one_has_sent_and_nobody_else(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        clerk = await member(api, partner, Role.OPERATIONS)
        upload_id = await uploaded(clerk.api)

        async def attempt() -> None:
            given = {"licenceId": upload_id, "idempotencyKey": key()}
            refused = await other.main.api.do("submitCompanyChange", "change { id }", **given)
            assert codes(refused) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()
        await reading_url(partner.main.api, upload_id)
        [used] = await mine(clerk.api)
        assert used["usedAt"] is not None

    async def test_a_dry_run_uses_nothing(self, api: Api) -> None:
        who = await sender(api)
        upload_id = await uploaded(who.api)

        async def attempt() -> None:
            given = {"licenceId": upload_id, "idempotencyKey": key(), "dryRun": True}
            assert codes(await who.api.do("submitCompanyChange", "change { id }", **given)) == []

        assert await api.changes(attempt) == set()

    async def test_the_same_key_opens_one_slot(self, api: Api) -> None:
        who, given = await sender(api), declared()
        first, second = [await who.api.do("openUpload", SLOT, **given) for _ in range(2)]
        assert first["upload"]["id"] == second["upload"]["id"]


class TestEnd:
    @pytest.mark.parametrize(
        ("received", "used", "late", "ended"),
        [
            (False, False, timedelta(hours=1), ["EXPIRED"]),
            (False, False, timedelta(hours=1, milliseconds=-1), ["OPEN"]),
            (True, False, timedelta(days=1), ["ERASED"]),
            (True, False, timedelta(days=1, milliseconds=-1), ["RECEIVED"]),
            (True, True, timedelta(days=400), ["RECEIVED"]),
        ],
    )
    async def test_what_nobody_uses_goes_in_time(
        self, api: Api, received: bool, used: bool, late: timedelta, ended: list[str]
    ) -> None:
        who = await sender(api)
        upload_id = await uploaded(who.api) if received else (await open_slot(who.api))["upload"]["id"]
        if used:
            await reading_url(who.api, upload_id)
        await api.database.superuser.execute("delete from outbox where topic = 'upload.scan'")
        api.clock.advance(seconds=late.total_seconds())

        done = [await pass_time(api.settings, api.clock) for _ in range(2)]
        await api.deliver()

        states = await api.rows("select state from upload")
        assert [row["state"] for row in states] == ended
        gone = ended[0] in ("EXPIRED", "ERASED")
        assert done == [int(gone), 0]
        assert stored(upload_id).exists() == (received and not gone)

    async def test_what_comes_after_the_slot_has_ended_is_not_kept(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        who = await sender(api)
        slot, keep = (await open_slot(who.api))["upload"], ObjectStorage.put

        async def slow(storage: ObjectStorage, name: str, content: bytes) -> None:
            api.clock.advance(hours=1)
            assert await pass_time(api.settings, api.clock) == 1
            await api.deliver()
            await keep(storage, name, content)
            assert stored(slot["id"]).exists()

        monkeypatch.setattr(ObjectStorage, "put", slow)
        assert (await put(who.api, slot["url"])).status_code == 404
        assert not stored(slot["id"]).exists()

    @pytest.mark.parametrize(("days", "ended"), [(29.999, "QUARANTINED"), (30, "ERASED")])
    async def test_what_is_held_back_is_kept_for_a_month(self, api: Api, days: float, ended: str) -> None:
        who = await sender(api)
        upload_id = await uploaded(who.api)
        await scanned(api, upload_id, "Eicar-Signature")
        api.clock.advance(days=days)
        await pass_time(api.settings, api.clock)
        assert await api.value("select state from upload") == ended

    async def test_what_has_ended_is_found_by_no_address(self, api: Api) -> None:
        who = await sender(api)
        upload_id = await uploaded(who.api)
        url = await reading_url(who.api, upload_id)
        await api.deliver()
        await api.database.superuser.execute("update upload set state = 'ERASED'")
        assert (await who.api.http.get(url)).status_code == 404


async def test_no_digest_no_address_and_no_name_is_in_the_log(api: Api, capfd: pytest.CaptureFixture[str]) -> None:
    who = await sender(api)
    await uploaded(who.api, name="secret-licence.pdf")
    out, err = capfd.readouterr()
    assert "secret-licence" not in out + err
    assert hashlib.sha256(PDF).hexdigest() not in out + err
    assert "seal=" not in out + err
