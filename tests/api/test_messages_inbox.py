"""The development inbox: a mail is kept as text and as HTML, and shown where it can do no harm."""

import httpx2
from starlette.applications import Starlette

from core.ids import uuid7
from schema.inbox import inbox_routes
from tests import world
from tests.api.telling import tell
from tests.client import Api

PAGES = httpx2.ASGITransport(Starlette(routes=inbox_routes()))
MARKUP = "<img src=x onerror=alert(1)><b>A&B</b>"


def pages() -> httpx2.AsyncClient:
    """The inbox as a browser reaches it."""
    return httpx2.AsyncClient(transport=PAGES, base_url="http://testserver")


async def test_a_mail_is_kept_in_both_forms_and_a_name_with_markup_stays_a_name(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    await api.database.superuser.execute("update partner set name = $1 where id = $2", MARKUP, partner_id)
    await tell(api, partner_id)
    [mail] = await api.inbox(main.email)
    assert MARKUP in mail["body"]
    assert mail["html"].startswith("<!doctype html>")
    assert "&lt;img src=x onerror=alert(1)&gt;&lt;b&gt;A&amp;B&lt;/b&gt;" in mail["html"]
    assert "<img" not in mail["html"]
    for form in (mail["body"], mail["html"]):
        assert "您收到本邮件，是因为您是“客户报备”类消息的接收人。" in form


async def test_the_page_shows_it_in_a_sandbox_of_no_origin(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    await tell(api, partner_id)
    [mail] = await api.inbox(main.email)
    async with pages() as browser:
        [listed] = (await browser.get("/inbox/messages")).json()
        shown = await browser.get(f"/inbox/messages/{mail['id']}")
        script = (await browser.get("/inbox/inbox.js")).text
    assert (listed["id"], listed["has_html"]) == (str(mail["id"]), True)
    assert (shown.status_code, shown.text) == (200, mail["html"])
    policy = {part.strip() for part in shown.headers["content-security-policy"].split(";")}
    assert policy == {"sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'"}
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert 'setAttribute("sandbox", "")' in script
    assert "innerHTML" not in script


async def test_an_sms_has_no_html_and_a_stranger_id_finds_nothing(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    await api.anonymous.do("requestCode", "challenge { id }", scene="SIGN_IN", site="CN", mobile=main.mobile)
    [sms] = await api.inbox(main.mobile)
    assert sms["html"] is None
    async with pages() as browser:
        answers = [await browser.get(f"/inbox/messages/{one}") for one in (sms["id"], uuid7())]
    assert [answer.status_code for answer in answers] == [404, 404]


async def test_messages_are_found_by_recipient_or_template_and_paged(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    for scene in ("SIGN_IN", "RESET_PASSWORD"):
        await api.anonymous.do("requestCode", "challenge { id }", scene=scene, site="CN", mobile=main.mobile)
        api.clock.advance(minutes=2)
    sent = {one["template"]: str(one["id"]) for one in await api.inbox(main.mobile)}
    entry, reset = sent["code_sign_in"], sent["code_reset_password"]
    newest = sorted((entry, reset), reverse=True)
    async with pages() as browser:

        async def ids(**wanted: str) -> list[str]:
            return [one["id"] for one in (await browser.get("/inbox/messages", params=wanted)).json()]

        assert await ids() == newest
        assert await ids(about="code_RESET") == [reset]
        assert await ids(about=main.mobile[-4:]) == newest
        assert await ids(about="%") == []
        assert await ids(before=newest[0]) == newest[1:]
        assert await ids(before=newest[1]) == []
        wrong = await browser.get("/inbox/messages", params={"before": "yesterday"})
    assert (wrong.status_code, wrong.text) == (400, "before: not the id of a message")
