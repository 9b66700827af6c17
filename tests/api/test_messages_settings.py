"""How partners are told: channels by type, recipients of which one always stays, language and time zone."""

import asyncio
from typing import Any

import pytest

from core import db
from core.ids import decode_id, encode_id, uuid7
from core.scope import EVERYTHING
from models.messages import MessageContact
from models.partners import Partner
from resolvers import journal
from rules.access import ANONYMOUS, Role
from rules.sites import Site
from tests import world
from tests.client import Api, Client, codes
from tests.factories import context, key

SETTINGS = """{ messageSettings { type fixed personal urgent site email sms administrators
  recipients { account { id } contact { id name email mobile } } } }"""
SETTING = "setting { type site email sms administrators recipients { account { id } contact { id } } }"


async def settings(client: Client) -> dict[str, dict[str, Any]]:
    """The partner's settings by type."""
    return {row["type"]: row for row in (await client.send(SETTINGS)).data["messageSettings"]}


async def do(client: Client, name: str, selection: str = SETTING, /, **given: Any) -> dict[str, Any]:
    """One mutation of this domain."""
    return await client.do(name, selection, **{"idempotencyKey": key(), **given})


async def contact(client: Client, **given: Any) -> str:
    """Adds a contact; its id."""
    values = {"name": "陈静", "email": f"c{uuid7().hex[-8:]}@contact.example", **given}
    added = await do(client, "addMessageContact", "contact { id name email mobile }", **values)
    assert codes(added) == []
    found: str = added["contact"]["id"]
    return found


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


async def test_a_partner_that_set_nothing_has_everything_by_every_channel_for_its_administrators(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    found = await settings(main.client)
    assert len(found) == 13
    for row in found.values():
        assert (row["site"], row["email"], row["sms"], row["administrators"], row["recipients"]) == (
            True, True, True, True, [],
        )  # fmt: skip
    assert {kind for kind, row in found.items() if row["urgent"]} == {"VERIFICATION", "SECURITY", "INVITATION"}
    assert {kind for kind, row in found.items() if row["fixed"] and not row["personal"]} == {
        "ACCOUNT_CHANGE", "ACCOUNT_BALANCE",
    }  # fmt: skip


async def test_a_channel_that_is_deselected_is_not_taken(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    done = await do(main.client, "setMessageChannels", type="CUSTOMER", email=False)
    assert (done["setting"]["site"], done["setting"]["email"], done["setting"]["sms"]) == (True, False, True)
    await tell(api, partner_id)
    assert (await reached(api), await inside(api)) == (set(), {main.id})

    await do(main.client, "setMessageChannels", type="CUSTOMER", email=True, site=False)
    await api.database.superuser.execute("delete from message")
    await tell(api, partner_id)
    assert (await reached(api), await inside(api)) == ({main.email}, set())


async def test_without_mail_a_message_that_has_an_sms_goes_as_one_unless_that_is_deselected_too(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    given = {"names": {}, "facts": {"party": "A"}}
    await do(main.client, "setMessageChannels", type="ASSOCIATION", email=False)
    await tell(api, partner_id, "unbind_done", **given)
    assert await reached(api, "unbind_done") == {main.mobile}
    await api.database.superuser.execute("delete from recorded_message")
    await do(main.client, "setMessageChannels", type="ASSOCIATION", sms=False)
    await tell(api, partner_id, "unbind_done", **given)
    assert await reached(api, "unbind_done") == set()


async def test_another_partners_settings_and_another_type_change_nothing(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    _, other = await world.admitted_partner(api)
    for client, kind in ((other.client, "CUSTOMER"), (main.client, "PLAN")):
        await do(client, "setMessageChannels", type=kind, email=False, site=False)
    await tell(api, partner_id)
    assert (await reached(api), await inside(api)) == ({main.email}, {main.id})
    assert (await settings(main.client))["CUSTOMER"]["email"] is True


async def test_recipients_are_administrators_accounts_by_name_and_contacts(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    director = await world.member(api, partner_id, Role.SYSTEM_ADMIN)
    friend = await contact(main.client, email="chen@contact.example", mobile="+8613800138000")
    for given in ({"accountId": encode_id("acc", clerk.id)}, {"contactId": friend}):
        assert codes(await do(main.client, "addMessageRecipient", type="CUSTOMER", **given)) == []
    await tell(api, partner_id)
    everybody = {main.email, director.email, clerk.email}
    assert await reached(api) == everybody | {"chen@contact.example"}
    assert await inside(api) == {main.id, director.id, clerk.id}

    left = await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)
    assert left["setting"]["administrators"] is False
    assert [bool(row["account"]) for row in left["setting"]["recipients"]] == [True, False]
    await api.database.superuser.execute("delete from recorded_message")
    await tell(api, partner_id)
    assert await reached(api) == {clerk.email, "chen@contact.example"}
    assert codes(await do(main.client, "addMessageRecipient", type="CUSTOMER", administrators=True)) == []
    assert (await settings(main.client))["CUSTOMER"]["administrators"] is True


async def test_a_recipient_is_added_once_and_a_type_of_its_own(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    friend = await contact(main.client)
    for _ in range(2):
        done = await do(main.client, "addMessageRecipient", type="PLAN", contactId=friend)
        assert len(done["setting"]["recipients"]) == 1
    assert (await settings(main.client))["VOUCHER"]["recipients"] == []


async def test_when_nobody_chosen_is_left_it_is_the_administrators_after_all(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    await do(main.client, "addMessageRecipient", type="CUSTOMER", accountId=encode_id("acc", clerk.id))
    await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)
    await api.database.superuser.execute("update account set status = 'DISABLED' where id = $1", clerk.id)
    await tell(api, partner_id)
    assert await reached(api) == {main.email}


async def test_the_last_recipient_of_a_type_stays(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    account, friend = encode_id("acc", clerk.id), await contact(main.client)

    async def alone() -> None:
        refused = await do(main.client, "removeMessageRecipient", type="PLAN", administrators=True)
        assert [(e["code"], e["path"]) for e in refused["userErrors"]] == [("LAST_RECIPIENT", ["input"])]
        assert "PLAN" in refused["userErrors"][0]["message"]

    assert await api.changes(alone) == set()
    for given in ({"accountId": account}, {"contactId": friend}):
        await do(main.client, "addMessageRecipient", type="PLAN", **given)
    for given in ({"administrators": True}, {"accountId": account}):
        assert codes(await do(main.client, "removeMessageRecipient", type="PLAN", **given)) == []
    assert codes(await do(main.client, "removeMessageRecipient", type="PLAN", contactId=friend)) == ["LAST_RECIPIENT"]


async def test_a_disabled_account_is_no_recipient_that_is_left(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    await do(main.client, "addMessageRecipient", type="PLAN", accountId=encode_id("acc", clerk.id))
    await api.database.superuser.execute("update account set status = 'DISABLED' where id = $1", clerk.id)
    refused = await do(main.client, "removeMessageRecipient", type="PLAN", administrators=True)
    assert codes(refused) == ["LAST_RECIPIENT"]


async def test_a_contact_goes_from_every_type_or_says_of_which_it_is_the_last(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    friend, other = await contact(main.client), await contact(main.client)
    for kind in ("PLAN", "VOUCHER", "CUSTOMER"):
        await do(main.client, "addMessageRecipient", type=kind, contactId=friend)
    for kind in ("PLAN", "VOUCHER"):
        await do(main.client, "removeMessageRecipient", type=kind, administrators=True)

    async def stays() -> None:
        refused = await do(main.client, "removeMessageContact", "contact { id }", id=friend)
        assert codes(refused) == ["LAST_RECIPIENT", "LAST_RECIPIENT"]

    assert await api.changes(stays) == set()
    for kind in ("PLAN", "VOUCHER"):
        await do(main.client, "addMessageRecipient", type=kind, contactId=other)
    gone = await do(main.client, "removeMessageContact", "contact { id name }", id=friend)
    assert gone["contact"] == {"id": friend, "name": "陈静"}
    assert await api.value("select count(*) from message_recipient") == 2
    assert codes(await do(main.client, "removeMessageContact", "contact { id }", id=friend)) == ["NOT_FOUND"]


async def remove_two_of_two(api: Api, crowd: int) -> None:
    """Many removals of either of the two recipients at once: one stays."""
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    account = encode_id("acc", clerk.id)
    await do(main.client, "addMessageRecipient", type="PLAN", accountId=account)
    wishes: list[dict[str, Any]] = [{"administrators": True}, {"accountId": account}]
    answers = await asyncio.gather(
        *(
            do(main.client.patient, "removeMessageRecipient", type="PLAN", **wishes[number % 2])
            for number in range(crowd)
        )
    )
    assert [codes(answer) for answer in answers].count([]) >= 1
    assert (
        {"LAST_RECIPIENT"} <= {code for answer in answers for code in codes(answer)} <= {"LAST_RECIPIENT", "NOT_FOUND"}
    )
    left = (await settings(main.client))["PLAN"]
    assert left["administrators"] + len(left["recipients"]) == 1


async def test_of_two_removals_at_once_one_loses(api: Api, patience: None) -> None:
    await remove_two_of_two(api, 2)


@pytest.mark.long
async def test_of_two_hundred_removals_at_once_a_recipient_is_left(api: Api, patience: None) -> None:
    await remove_two_of_two(api, 200)


async def test_a_contacts_removal_and_its_being_made_a_recipient_do_not_cross(api: Api, patience: None) -> None:
    _, main = await world.admitted_partner(api)
    friend = await contact(main.client)
    await asyncio.gather(
        do(main.client, "removeMessageContact", "contact { id }", id=friend),
        do(main.client, "addMessageRecipient", type="PLAN", contactId=friend),
    )
    rows = await api.rows("select r.id from message_recipient r left join message_contact c on c.id = r.contact_id")
    assert rows == []


@pytest.mark.parametrize(
    ("name", "given", "code", "path"),
    [
        ("setMessageChannels", {"type": "PLAN"}, "REQUIRED", ["input"]),
        ("setMessageChannels", {"type": "SECURITY", "sms": False}, "MESSAGE_CHANNEL_FIXED", ["input", "sms"]),
        ("setMessageChannels", {"type": "ACCOUNT_BALANCE", "email": False}, "MESSAGE_CHANNEL_FIXED",
         ["input", "email"]),
        ("addMessageRecipient", {"type": "PLAN"}, "REQUIRED", ["input"]),
        ("addMessageRecipient", {"type": "PLAN", "administrators": True, "contactId": "own"}, "INVALID_FORMAT",
         ["input"]),
        ("addMessageRecipient", {"type": "SECURITY", "contactId": "own"}, "MESSAGE_TYPE_PERSONAL", ["input", "type"]),
        ("addMessageRecipient", {"type": "PLAN", "contactId": "other"}, "NOT_FOUND", ["input", "contactId"]),
        ("addMessageRecipient", {"type": "PLAN", "accountId": "stranger"}, "NOT_FOUND", ["input", "accountId"]),
        ("addMessageRecipient", {"type": "PLAN", "accountId": "disabled"}, "NOT_FOUND", ["input", "accountId"]),
        ("removeMessageRecipient", {"type": "PLAN"}, "REQUIRED", ["input"]),
        ("removeMessageRecipient", {"type": "PLAN", "administrators": True, "contactId": "own"}, "INVALID_FORMAT",
         ["input"]),
        ("removeMessageRecipient", {"type": "SECURITY", "administrators": True}, "MESSAGE_TYPE_PERSONAL",
         ["input", "type"]),
        ("removeMessageRecipient", {"type": "PLAN", "contactId": "own"}, "NOT_FOUND", ["input", "contactId"]),
        ("removeMessageRecipient", {"type": "PLAN", "accountId": "main"}, "NOT_FOUND", ["input", "accountId"]),
        ("addMessageContact", {"name": "A"}, "CONTACT_REQUIRED", ["input"]),
        ("addMessageContact", {"name": " ", "email": "a@b.example"}, "REQUIRED", ["input", "name"]),
        ("addMessageContact", {"name": "A", "email": "nowhere"}, "EMAIL_INVALID", ["input", "email"]),
        ("addMessageContact", {"name": "A", "mobile": "12"}, "MOBILE_INVALID", ["input", "mobile"]),
        ("addMessageContact", {"name": "A", "mobile": "+14155552671"}, "MOBILE_NOT_OF_SITE", ["input", "mobile"]),
        ("removeMessageContact", {"id": "other"}, "NOT_FOUND", ["input", "id"]),
        ("setOwnPreferences", {}, "REQUIRED", ["input"]),
        ("setOwnPreferences", {"locale": "fr"}, "INVALID_FORMAT", ["input", "locale"]),
        ("setOwnPreferences", {"timeZone": "Asia/Nowhere"}, "INVALID_FORMAT", ["input", "timeZone"]),
        ("setOwnPreferences", {"locale": "en", "expectedVersion": 7}, "CONFLICT", ["input", "expectedVersion"]),
        ("setPartnerPreferences", {}, "REQUIRED", ["input"]),
        ("setPartnerPreferences", {"locale": "fr"}, "INVALID_FORMAT", ["input", "locale"]),
        ("setPartnerPreferences", {"timeZone": "CST"}, "INVALID_FORMAT", ["input", "timeZone"]),
        ("setPartnerPreferences", {"locale": "en", "expectedVersion": 7}, "CONFLICT", ["input", "expectedVersion"]),
    ],
)  # fmt: skip
async def test_a_refusal_changes_nothing(
    api: Api, name: str, given: dict[str, Any], code: str, path: list[str]
) -> None:
    partner_id, main = await world.admitted_partner(api)
    _, stranger = await world.admitted_partner(api)
    disabled = await world.member(api, partner_id, Role.FINANCE)
    await api.database.superuser.execute("update account set status = 'DISABLED' where id = $1", disabled.id)
    ids = {
        "own": await contact(main.client),
        "other": await contact(stranger.client),
        "main": encode_id("acc", main.id),
        "stranger": encode_id("acc", stranger.id),
        "disabled": encode_id("acc", disabled.id),
    }
    given = {field: ids.get(value, value) if field.lower().endswith("id") else value for field, value in given.items()}

    async def attempt() -> None:
        refused = await do(main.client, name, "effects { kind }", **given)
        assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [(code, path)]

    assert await api.changes(attempt) == set()


async def test_only_so_many_contacts(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    async with db.transaction(EVERYTHING):
        for number in range(19):
            await MessageContact.insert(now=api.clock(), partner_id=partner_id, name="A", email=f"{number}@c.example")
    await contact(main.client)
    refused = await do(main.client, "addMessageContact", "contact { id }", name="B", email="b@c.example")
    assert codes(refused) == ["TOO_MANY"]
    assert await api.value("select count(*) from message_contact") == 20


@pytest.mark.parametrize("name", ["setMessageChannels", "addMessageRecipient", "removeMessageRecipient"])
async def test_a_member_without_the_role_may_not(api: Api, name: str) -> None:
    partner_id, _ = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    document = f"mutation($i: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $i) {{ effects {{ kind }} }} }}"
    answer = await clerk.client.send(document, i={"type": "PLAN", "idempotencyKey": key()})
    assert (answer.error["code"], answer.error["reason"]) == ("FORBIDDEN", "ADMIN_ONLY")
    assert (await clerk.client.send(SETTINGS)).error["reason"] == "ADMIN_ONLY"


async def test_contacts_are_shown_to_administrators_and_listed(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    _, other = await world.admitted_partner(api)
    found = await contact(main.client, name="陈静", email="chen@contact.example", mobile="13800138000")
    document = "{ messageContacts { nodes { id name email mobile version } } }"
    assert (await main.client.send(document)).data["messageContacts"]["nodes"] == [
        {"id": found, "name": "陈静", "email": "chen@contact.example", "mobile": "+8613800138000", "version": 1}
    ]
    assert (await other.client.send(document)).data["messageContacts"]["nodes"] == []


async def test_a_dry_run_and_a_replay(api: Api) -> None:
    _, main = await world.admitted_partner(api)

    async def dry() -> None:
        tried = await do(main.client, "setMessageChannels", type="PLAN", sms=False, dryRun=True)
        assert (tried["setting"], [effect["kind"] for effect in tried["effects"]]) == (
            None,
            ["message_setting.changed"],
        )

    assert await api.changes(dry) == set()
    again = key()
    for _ in range(2):
        done = await do(main.client, "setMessageChannels", type="PLAN", sms=False, idempotencyKey=again)
        assert (done["setting"]["type"], done["setting"]["sms"]) == ("PLAN", False)
    events = await api.rows("select changes::text as said from event where type = 'message_setting.changed'")
    assert [row["said"] for row in events] == ['{"sms": false, "site": true, "email": true, "message_type": "PLAN"}']


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
    friend = await contact(main.client, email="chen@contact.example")
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
