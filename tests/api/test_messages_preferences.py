"""In which language and time zone people are written to: their own choice, their partner's, their site's."""

from typing import Any

from core import db
from core.ids import decode_id
from core.scope import EVERYTHING
from models.partners import Partner
from rules.sites import Site
from tests import world
from tests.api.telling import contact, do, tell
from tests.client import Api, Client, codes


async def preferences(client: Client, whose: str, **given: Any) -> dict[str, Any]:
    """Chooses language and zone, of an account or a partner."""
    shown = "account" if whose == "Own" else "partner"
    payload = await do(client, f"set{whose}Preferences", f"{shown} {{ locale timeZone version }}", **given)
    assert codes(payload) == []
    found: dict[str, Any] = payload[shown]
    return found


async def last_mail(api: Api, recipient: str) -> dict[str, Any]:
    """The newest mail of a plan's end."""
    return (await api.inbox(recipient))[-1]


async def expiring(api: Api, partner_id: Any) -> None:
    """A notice with an instant in it: 04:00 in Greenwich."""
    async with db.read(EVERYTHING):
        partner = await Partner.get(id=partner_id)
    await tell(api, partner_id, "report_expiring", names={"customer": partner}, instants={"deadline": api.clock()})


async def test_language_and_zone_are_the_accounts_else_the_partners_else_the_sites(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api, Site.INTL)
    await expiring(api, partner_id)
    mail = await last_mail(api, main.email)
    assert (mail["locale"], "2026-03-02 04:00 UTC" in mail["body"]) == ("en", True)

    assert await preferences(main.client, "Partner", locale="zh-CN", timeZone="America/Los_Angeles") == {
        "locale": "zh-CN", "timeZone": "America/Los_Angeles", "version": 2,
    }  # fmt: skip
    await expiring(api, partner_id)
    mail = await last_mail(api, main.email)
    assert (mail["locale"], "2026-03-01 20:00 PST" in mail["body"]) == ("zh-CN", True)

    assert (await preferences(main.client, "Own", timeZone="Asia/Tokyo"))["locale"] is None
    await expiring(api, partner_id)
    mail = await last_mail(api, main.email)
    assert (mail["locale"], "2026-03-02 13:00 JST" in mail["body"]) == ("zh-CN", True)
    texts = (await main.client.send("{ messages { nodes { text { body } } } }")).data["messages"]["nodes"]
    assert all("2026-03-02 13:00 JST" in row["text"]["body"] for row in texts)

    assert await preferences(main.client, "Own", locale="en", timeZone=None) == {
        "locale": "en", "timeZone": None, "version": 3,
    }  # fmt: skip
    await expiring(api, partner_id)
    mail = await last_mail(api, main.email)
    assert (mail["locale"], "2026-03-01 20:00 PST" in mail["body"]) == ("en", True)


async def test_a_contact_is_written_to_as_its_partner_chose(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    friend = await contact(api, main.client, email="chen@contact.example")
    await do(main.client, "addMessageRecipient", type="CUSTOMER", contactId=friend)
    await preferences(main.client, "Partner", locale="en", timeZone="Europe/Berlin")
    await expiring(api, partner_id)
    mail = await last_mail(api, "chen@contact.example")
    assert (mail["locale"], "2026-03-02 05:00 CET" in mail["body"]) == ("en", True)
    assert await api.value("select count(*) from message where account_id = $1", decode_id(friend)[1]) == 0


async def test_the_partners_choice_is_not_shown_to_its_customers(api: Api) -> None:
    on = await world.world(api)
    await preferences(on.main.client, "Partner", locale="en", timeZone="Europe/Berlin")
    document = "{ myPartner { partner { locale timeZone } } }"
    answer = await on.customer.client.send(document)
    assert answer.data["myPartner"]["partner"] == {"locale": None, "timeZone": None}
