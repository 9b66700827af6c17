"""Licences that are handed in are read by a provider: what is suggested, to whom, and when nobody is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from core.ids import decode_id
from gateways.delivery import TransientFailure
from gateways.recognition import Picture, open_recognition
from gateways.storage import open_storage
from rules.access import Role
from rules.partners.licences import Licence
from rules.sites import Site
from tasks.outbox import Job
from tasks.uploads import pass_time, read
from tests.api.test_uploads import scanned
from tests.client import Api, Client, codes, make_api
from tests.database import Database
from tests.factories import admitted_partner, key, member, person, sign_in, staff
from tests.gateways.servers import Provider, http, raw_server
from tests.recognition import (
    ADDRESS,
    CODE,
    NAME,
    PERSON,
    aliyun_answer,
    ok,
    tencent_answer,
    tencent_error,
)
from tests.uploads import PDF, image, open_slot, uploaded

pytestmark = pytest.mark.usefixtures("pool")

READING = "reading { state name creditCode legalRepresentative address }"
NOTHING = {"name": None, "creditCode": None, "legalRepresentative": None, "address": None}
LICENCE = {"name": NAME, "creditCode": CODE, "legalRepresentative": PERSON, "address": ADDRESS}
PICTURE = image("PNG", width=30, height=20)
BUSY = ok(tencent_error("InternalError"))


@asynccontextmanager
async def asking(database: Database, script: Provider, provider: str = "tencent") -> AsyncIterator[Api]:
    """The application whose provider answers by the script."""
    async with raw_server(script) as port:
        made = _application(database, port, provider)
        yield made
        await made.http.aclose()


def _application(database: Database, port: int, provider: str = "tencent") -> Api:
    return make_api(
        database,
        recognition_provider=provider,
        recognition_endpoint=f"http://127.0.0.1:{port}",
        recognition_access_id="AKIDexample",
        recognition_access_secret="secret",
    )


async def handed_in(who: Client, content: bytes = PICTURE, **changes: Any) -> str:
    """The id of a licence whose content has arrived; a picture unless told otherwise."""
    given = {"name": "licence.png", "mediaType": "image/png", "purpose": "LICENCE", **changes}
    return await uploaded(who, content, **given)


async def reading(who: Client, upload_id: str) -> dict[str, Any] | None:
    """What the caller sees of the reading."""
    found = (await who.send(f'{{ node(id: "{upload_id}") {{ ... on Upload {{ purpose {READING} }} }} }}')).data["node"]
    assert found["purpose"] == "LICENCE"
    shown: dict[str, Any] | None = found["reading"]
    return shown


async def deliver_again(api: Api) -> None:
    """Lets the worker try now what it would try later."""
    await api.database.superuser.execute("update outbox set run_at = now() where state = 'ready'")
    await api.deliver()


def job_of(upload_id: str, attempt: int = 1, *, last: bool = False) -> Job:
    """A try at reading a file."""
    bare = str(decode_id(upload_id)[1])
    return Job(1, "upload.read", bare, {"upload_id": bare}, attempt=attempt, fence=1, last=last)


class TestRead:
    @pytest.mark.parametrize(("provider", "answer"), [("tencent", tencent_answer()), ("aliyun", aliyun_answer())])
    async def test_what_it_says_is_a_suggestion_for_the_form(
        self, database: Database, provider: str, answer: bytes
    ) -> None:
        script = Provider(ok(answer))
        async with asking(database, script, provider) as api:
            who = (await admitted_partner(api)).main
            slot = (await open_slot(who.api, PICTURE, mediaType="image/png", purpose="LICENCE"))["upload"]
            assert await reading(who.api, slot["id"]) == {"state": "WAITING", **NOTHING}
            upload_id = await handed_in(who.api)
            assert await reading(who.api, upload_id) == {"state": "WAITING", **NOTHING}
            assert script.seen == [], "nobody is asked before the scanner has looked"

            await api.deliver()

            assert await reading(who.api, upload_id) == {"state": "READ", **LICENCE}
            assert len(script.seen) == 1
            told = await api.rows("select changes from event where type = 'upload.reading_ended'")
            assert [str(row["changes"]) for row in told] == ['{"state": "READ"}']
            # corrected by hand: what is submitted is what the form says
            given = {"name": f"{NAME}分公司", "licenceId": upload_id, "idempotencyKey": key()}
            sent = await who.api.do("submitCompanyChange", "change { fields { field after } }", **given)
            assert codes(sent) == []
            assert {"field": "NAME", "after": f"{NAME}分公司"} in sent["change"]["fields"]
            assert await reading(who.api, upload_id) == {"state": "READ", **LICENCE}

    async def test_what_was_read_is_asked_no_second_time(self, database: Database) -> None:
        script = Provider(ok(tencent_answer()))
        async with asking(database, script) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await api.deliver()
            recognition = open_recognition(api.settings)
            assert recognition is not None

            async def attempt() -> None:
                for number in (2, 3):
                    again = job_of(upload_id, number)
                    await read(open_storage(api.settings), recognition, api.settings, api.clock, again)
                await scanned(api, upload_id, None)
                await deliver_again(api)

            assert await api.changes(attempt, besides=("outbox",)) == set()
            assert len(script.seen) == 1
            await recognition.aclose()

    async def test_two_tries_at_once_leave_one_answer(self, database: Database) -> None:
        script = Provider(ok(tencent_answer()))
        async with asking(database, script) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await scanned(api, upload_id, None)
            recognition, storage = open_recognition(api.settings), open_storage(api.settings)
            assert recognition is not None
            await asyncio.gather(
                *(read(storage, recognition, api.settings, api.clock, job_of(upload_id, one)) for one in (1, 2))
            )
            await recognition.aclose()
            assert await api.value("select count(*) from event where type = 'upload.reading_ended'") == 1
            assert await reading(who.api, upload_id) == {"state": "READ", **LICENCE}

    async def test_a_misread_credit_code_is_not_suggested(self, database: Database) -> None:
        async with asking(database, Provider(ok(tencent_answer(RegNum=CODE[:-1] + "7", Person=None)))) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await api.deliver()
            left = {**LICENCE, "creditCode": None, "legalRepresentative": None}
            assert await reading(who.api, upload_id) == {"state": "READ", **left}

    async def test_only_who_sent_it_sees_it(self, database: Database) -> None:
        async with asking(database, Provider(ok(tencent_answer()))) as api:
            partner, other = await admitted_partner(api), await admitted_partner(api)
            clerk, reviewer = await member(api, partner, Role.OPERATIONS), await staff(api, Role.VENDOR_REVIEWER)
            upload_id = await handed_in(partner.main.api)
            await api.deliver()
            for who in (other.main, clerk, reviewer):
                shown = await who.api.send(
                    f'{{ node(id: "{upload_id}") {{ id }} uploads {{ nodes {{ {READING} }} }} }}'
                )
                assert shown.data["node"] is None
                assert not any(one["reading"] for one in shown.data["uploads"]["nodes"])
            listed = (await partner.main.api.send(f"{{ uploads {{ nodes {{ {READING} }} }} }}")).data["uploads"][
                "nodes"
            ]
            assert listed[0]["reading"] == {"state": "READ", **LICENCE}

    async def test_nothing_of_it_is_in_the_log_or_among_the_records(
        self, database: Database, capfd: pytest.CaptureFixture[str]
    ) -> None:
        async with asking(database, Provider(ok(tencent_answer()))) as api:
            await handed_in((await person(api)).api)
            await api.deliver()
            for table in ("event", "audit", "outbox", "outbox_attempt", "idempotency"):
                assert NAME not in repr(await api.rows(f"select * from {table}"))
        out, err = capfd.readouterr()
        assert not any(word in out + err for word in (NAME, CODE, PERSON, ADDRESS))


class TestNotRead:
    async def test_a_file_of_no_purpose_is_shown_to_nobody(self, database: Database) -> None:
        script = Provider(ok(tencent_answer()))
        async with asking(database, script) as api:
            who = await person(api)
            await uploaded(who.api, PICTURE, mediaType="image/png")
            await api.deliver()
            listed = (await who.api.send(f"{{ uploads {{ nodes {{ purpose {READING} }} }} }}")).data["uploads"]["nodes"]
            assert listed == [{"purpose": None, "reading": None}]
            assert script.seen == []

    async def test_where_nobody_reads_the_form_is_filled_in_by_hand(self, api: Api) -> None:
        who = await person(api)
        upload_id = await handed_in(who.api)
        await api.deliver()
        assert await reading(who.api, upload_id) == {"state": "OFF", **NOTHING}
        assert await api.value("select count(*) from outbox where topic = 'upload.read'") == 0

    async def test_who_was_switched_off_meanwhile_is_asked_nothing(self, database: Database, api: Api) -> None:
        script = Provider(ok(tencent_answer()))
        async with asking(database, script) as before:
            who = await person(before)
            upload_id = await handed_in(who.api)
            await api.deliver()
            assert await reading(who.api, upload_id) == {"state": "OFF", **NOTHING}
            assert script.seen == []

    async def test_what_is_held_back_is_never_sent(self, database: Database) -> None:
        script = Provider(ok(tencent_answer()))
        async with asking(database, script) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await read(open_storage(api.settings), Untouched(), api.settings, api.clock, job_of(upload_id))
            assert await reading(who.api, upload_id) == {"state": "WAITING", **NOTHING}
            await scanned(api, upload_id, "Eicar-Signature")
            await read(open_storage(api.settings), Untouched(), api.settings, api.clock, job_of(upload_id))
            await api.deliver()
            assert await reading(who.api, upload_id) == {"state": "NOT_READ", **NOTHING}
            assert script.seen == []

    async def test_on_the_international_site_nothing_is_sent(self, database: Database) -> None:
        script = Provider(ok(tencent_answer()))
        async with asking(database, script) as api:
            who = await person(api, site=Site.INTL)
            upload_id = await handed_in(who.api)
            await api.deliver()
            assert await reading(who.api, upload_id) == {"state": "NOT_READ", **NOTHING}
            assert script.seen == []

    @pytest.mark.parametrize(
        ("answer", "content", "kind", "asked"),
        [
            (tencent_answer(), PDF, "application/pdf", 0),
            (tencent_answer(), image("BMP"), "image/bmp", 0),
            (tencent_error("FailedOperation.NoBizLicense"), PICTURE, "image/png", 1),
            (tencent_answer(RegNum="?", Name="", Person=" ", Address="路" * 501), PICTURE, "image/png", 1),
        ],
    )
    async def test_what_cannot_be_read(
        self, database: Database, answer: bytes, content: bytes, kind: str, asked: int
    ) -> None:
        script = Provider(ok(answer))
        async with asking(database, script) as api:
            who = await person(api)
            upload_id = await handed_in(who.api, content, mediaType=kind)
            await api.deliver()
            assert await reading(who.api, upload_id) == {"state": "NOT_READ", **NOTHING}
            assert len(script.seen) == asked
            assert await api.value("select state from outbox where topic = 'upload.read'") == "done"


class Untouched:
    """Who may not be asked."""

    async def read(self, picture: Picture, *, key: str) -> Licence | None:
        """Fails."""
        raise AssertionError("was asked")

    async def aclose(self) -> None:
        """Nothing is held open."""


class TestFailed:
    @pytest.mark.parametrize(
        "answer", [BUSY, ok(b"x" * 300_000), http("503 Busy", Connection="close"), ok(b"{}"), ok(tencent_error(NAME))]
    )
    async def test_a_provider_that_does_not_answer_is_asked_so_often(self, database: Database, answer: bytes) -> None:
        script = Provider(answer)
        async with asking(database, script) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await api.deliver()
            for asked in range(1, 6):
                assert len(script.seen) == asked
                assert await reading(who.api, upload_id) == {"state": "WAITING", **NOTHING}
                await deliver_again(api)
            assert await reading(who.api, upload_id) == {"state": "FAILED", **NOTHING}
            await deliver_again(api)
            assert len(script.seen) == 6
            row = (await api.rows("select state, last_error from outbox where topic = 'upload.read'"))[0]
            assert row["state"] == "dead"
            assert NAME not in row["last_error"]

    async def test_one_that_cannot_be_reached(self, database: Database) -> None:
        async with raw_server(Provider()) as port:
            pass
        api = _application(database, port)
        who = await person(api)
        upload_id = await handed_in(who.api)
        for _ in range(6):
            assert await reading(who.api, upload_id) == {"state": "WAITING", **NOTHING}
            await deliver_again(api)
        assert await reading(who.api, upload_id) == {"state": "FAILED", **NOTHING}
        await api.http.aclose()

    @pytest.mark.parametrize(
        "answer", [ok(tencent_error("MissingParameter")), http("302 Found", Location="http://127.0.0.1:1/")]
    )
    async def test_a_refusal_is_not_repeated(self, database: Database, answer: bytes) -> None:
        script = Provider(answer)
        async with asking(database, script) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await api.deliver()
            assert await reading(who.api, upload_id) == {"state": "FAILED", **NOTHING}
            await deliver_again(api)
            assert len(script.seen) == 1

    async def test_the_answer_to_a_later_try_counts(self, database: Database) -> None:
        script = Provider(BUSY)
        async with asking(database, script) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await api.deliver()
            script.answer = ok(tencent_answer())
            await deliver_again(api)
            assert await reading(who.api, upload_id) == {"state": "READ", **LICENCE}

    async def test_a_content_that_is_not_there_is_waited_for(self, database: Database) -> None:
        async with asking(database, Provider(ok(tencent_answer()))) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await scanned(api, upload_id, None)
            storage = open_storage(api.settings)
            await storage.delete(str(decode_id(upload_id)[1]))
            for last, state in ((False, "WAITING"), (True, "FAILED")):
                with pytest.raises(TransientFailure):
                    await read(storage, Untouched(), api.settings, api.clock, job_of(upload_id, last=last))
                assert await reading(who.api, upload_id) == {"state": state, **NOTHING}


class TestEnd:
    async def test_what_was_read_goes_with_the_file(self, database: Database) -> None:
        async with asking(database, Provider(ok(tencent_answer()))) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await api.deliver()
            api.clock.advance(days=1)
            assert await pass_time(api.settings, api.clock) == 1
            assert await reading((await sign_in(api, who.account_id)).api, upload_id) is None
            row = (await api.rows("select * from upload"))[0]
            assert {name: row[name] for name in row if name.startswith("licence_")} == {
                f"licence_{name}": None for name in ("name", "credit_code", "legal_representative", "address")
            }

    @pytest.mark.parametrize("state", ["EXPIRED", "ERASED"])
    async def test_the_slot_or_file_that_ended_before_is_shown_to_nobody(self, database: Database, state: str) -> None:
        script = Provider(ok(tencent_answer()))
        async with asking(database, script) as api:
            who = await person(api)
            given = {"mediaType": "image/png", "purpose": "LICENCE"}
            opened = state == "EXPIRED"
            upload_id = (
                (await open_slot(who.api, PICTURE, **given))["upload"]["id"] if opened else await handed_in(who.api)
            )
            api.clock.advance(days=1)
            assert await pass_time(api.settings, api.clock) == 1
            assert await reading((await sign_in(api, who.account_id)).api, upload_id) is None
            await api.deliver()
            assert await api.value("select state from upload") == state
            assert script.seen == []

    async def test_an_answer_about_a_file_that_ended_meanwhile_is_not_kept(self, database: Database) -> None:
        async with asking(database, Provider(ok(tencent_answer()))) as api:
            who = await person(api)
            upload_id = await handed_in(who.api)
            await scanned(api, upload_id, None)

            class Slow(Untouched):
                async def read(self, picture: Picture, *, key: str) -> Licence | None:
                    api.clock.advance(days=1)
                    assert await pass_time(api.settings, api.clock) == 1
                    return Licence(name=NAME)

            await read(open_storage(api.settings), Slow(), api.settings, api.clock, job_of(upload_id))
            assert await reading((await sign_in(api, who.account_id)).api, upload_id) is None
            assert await api.value("select licence_name from upload") is None
