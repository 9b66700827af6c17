"""Setting how a partner is told, telling it something, and whom that reached."""

from dataclasses import replace
from typing import Any

from core import db
from core.ids import uuid7
from core.scope import EVERYTHING
from models.partners import Partner
from resolvers import journal
from rules.access import ANONYMOUS
from tasks.outbox import Registry
from tasks.schedules import Schedules
from tasks.wiring import register_all
from tests.client import Api, Client, codes
from tests.factories import context, key

SETTINGS = """{ messageSettings { type fixed personal urgent onSite byEmail bySms administrators
  recipients { account { id } contact { id name email mobile } } } }"""
SETTING = "setting { type onSite byEmail bySms administrators recipients { account { id } contact { id } } }"


async def settings(client: Client) -> dict[str, dict[str, Any]]:
    """The partner's settings by type."""
    return {row["type"]: row for row in (await client.send(SETTINGS)).data["messageSettings"]}


async def do(client: Client, name: str, selection: str = SETTING, /, **given: Any) -> dict[str, Any]:
    """One mutation of this domain."""
    return await client.do(name, selection, **{"idempotencyKey": key(), **given})


async def added_contact(client: Client, **given: Any) -> dict[str, Any]:
    """Adds a contact, which gets nothing yet."""
    values = {"name": "陈静", "email": f"c{uuid7().hex[-8:]}@contact.example", **given}
    added = await do(client, "addMessageContact", "contact { id name email mobile }", **values)
    assert codes(added) == []
    found: dict[str, Any] = added["contact"]
    return found


async def confirmed(api: Api, client: Client, contact_id: str, channel: str, target: str) -> dict[str, Any]:
    """Confirms a contact with the code that came there."""
    asked = await do(client, "requestMessageContactCode", "challenge { id }", id=contact_id, channel=channel)
    assert codes(asked) == [], asked
    given = {"verificationId": asked["challenge"]["id"], "code": await api.code(target)}
    return await client.do("confirmMessageContact", "contact { id mobileConfirmedAt emailConfirmedAt }", **given)


async def contact(api: Api, client: Client, **given: Any) -> str:
    """Adds a contact that is confirmed by each of its ways; its id."""
    made = await added_contact(client, **given)
    for channel, target in (("EMAIL", made["email"]), ("SMS", made["mobile"])):
        if target is not None:
            assert codes(await confirmed(api, client, made["id"], channel, target)) == []
    return str(made["id"])


async def tell(api: Api, partner_id: Any, template: str = "report_released", **more: Any) -> None:
    """A notice to the partner, delivered."""
    async with db.read(EVERYTHING):
        partner = await Partner.get(id=partner_id)
    ctx = context(api, ANONYMOUS)
    given = {"names": {"customer": partner}} if template == "report_released" else {}
    ctx.notify(template, partner, about=partner, occasion=uuid7().hex, **{**given, **more})
    async with db.transaction(EVERYTHING):
        await journal.write_messages(ctx)
    await api.deliver()


async def reached(api: Api, template: str = "report_released") -> set[str]:
    """Where mails and SMS of this template went."""
    found = await api.rows("select recipient from recorded_message where template = $1", template)
    return {row["recipient"] for row in found}


async def inside(api: Api, template: str = "report_released") -> set[Any]:
    """Which accounts found it inside the product."""
    return {row["account_id"] for row in await api.rows("select account_id from message where template = $1", template)}


def keeping_hours(api: Api) -> Api:
    """The API with a worker that keeps quiet hours."""
    registry, settings = Registry(), api.settings.model_copy(update={"quiet_hours": True})
    register_all(registry, Schedules(), api.post, settings, api.clock)
    return replace(api, registry=registry)


async def wait_over(api: Api) -> None:
    """The database's time has come for what waits; business time stands where it is."""
    await api.database.superuser.execute("update outbox set run_at = now() where state = 'ready'")
    await api.deliver()
