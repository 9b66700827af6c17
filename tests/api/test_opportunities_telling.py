"""Of a partner's people the main account alone hears of opportunities: by message, and in the log of events."""

from typing import Any
from uuid import UUID

from core.ids import encode_id
from rules.access import Role
from tasks.sequencer import sequence_once
from tests import opportunities, world
from tests.api.telling import do, inside
from tests.client import Api, Client, codes

EVENTS = "{ events(first: 50) { nodes { id type subjectId } } }"


async def seen(client: Client) -> dict[str, str]:
    """Type → id of the events that somebody sees."""
    return {node["type"]: node["id"] for node in (await client.send(EVENTS)).data["events"]["nodes"]}


async def test_a_system_administrator_is_told_nothing_of_them(api: Api) -> None:
    at = await opportunities.desk(api)
    administrator = await world.member(api, at.partner_id, Role.SYSTEM_ADMIN)
    made = await opportunities.submitted(api, at)
    rejected: dict[str, Any] = {"approve": False, "reason": "INCOMPLETE", "note": "Say more about the need."}
    assert codes(await opportunities.audit(at.manager.client, made, **rejected)) == []
    await api.deliver()

    assert await inside(api, "opportunity_audit_rejected") == {at.main.id}
    assert await api.inbox(administrator.email) == []


async def test_nor_does_it_find_their_events(api: Api) -> None:
    at = await opportunities.desk(api)
    administrator = await world.member(api, at.partner_id, Role.SYSTEM_ADMIN)
    await opportunities.submitted(api, at)
    await sequence_once()
    main = await seen(at.main.client)
    assert "opportunity.submitted" in main

    others = await seen(administrator.client)

    assert others == {name: row for name, row in main.items() if not name.startswith("opportunity.")}
    node = "query($id: ID!) { node(id: $id) { id } }"
    event = main["opportunity.submitted"]
    assert (await at.main.client.send(node, id=event)).data["node"] == {"id": event}
    assert (await administrator.client.send(node, id=event)).data["node"] is None


async def test_nor_is_it_made_a_recipient_of_them(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    administrator = await world.member(api, partner_id, Role.SYSTEM_ADMIN)

    async def attempt() -> None:
        refused = await add(administrator.client, "OPPORTUNITY", administrator.id)
        assert [(one["code"], one["path"]) for one in refused["userErrors"]] == [
            ("MESSAGE_TYPE_MAIN_ACCOUNT", ["input", "memberId"])
        ]

    assert await api.changes(attempt) == set()
    assert codes(await add(main.client, "OPPORTUNITY", main.id)) == []
    assert codes(await add(administrator.client, "CUSTOMER", administrator.id)) == []


async def add(client: Client, kind: str, account: UUID) -> dict[str, Any]:
    """Makes an account a recipient of a type."""
    return await do(client, "addMessageRecipient", type=kind, memberId=encode_id("acc", account))
