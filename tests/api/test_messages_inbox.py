"""The development inbox: a mail is kept as text and as HTML, and shown where it can do no harm."""

from core.ids import uuid7
from tests import world
from tests.api.telling import tell
from tests.client import Api

MARKUP = "<img src=x onerror=alert(1)><b>A&B</b>"


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
        assert (
            "You get this mail as a recipient of the messages “Reported customers”." in form or mail["locale"] != "en"
        )


async def test_the_page_shows_it_in_a_sandbox_of_no_origin(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    await tell(api, partner_id)
    [mail] = await api.inbox(main.email)
    [listed] = (await api.http.get("/inbox/messages")).json()
    assert (listed["id"], listed["has_html"]) == (str(mail["id"]), True)
    shown = await api.http.get(f"/inbox/messages/{mail['id']}")
    assert (shown.status_code, shown.text) == (200, mail["html"])
    policy = {part.strip() for part in shown.headers["content-security-policy"].split(";")}
    assert policy == {"sandbox", "default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'"}
    assert shown.headers["x-content-type-options"] == "nosniff"
    script = (await api.http.get("/inbox/inbox.js")).text
    assert 'setAttribute("sandbox", "")' in script
    assert "innerHTML" not in script


async def test_an_sms_has_no_html_and_a_stranger_id_finds_nothing(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    await api.anonymous.do("requestCode", "challenge { id }", scene="SIGN_IN", site="CN", mobile=main.mobile)
    [sms] = await api.inbox(main.mobile)
    assert sms["html"] is None
    for message_id in (sms["id"], uuid7()):
        assert (await api.http.get(f"/inbox/messages/{message_id}")).status_code == 404
