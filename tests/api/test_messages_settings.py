"""How partners are told: channels by type, and recipients of which one always stays."""

import asyncio
from typing import Any

import pytest

from core import db
from core.ids import encode_id
from core.scope import EVERYTHING
from models.messages import MessageContact
from rules.access import Role
from rules.messages import MessageType
from tests import world
from tests.api.telling import SETTINGS, contact, do, inside, reached, settings, tell
from tests.client import Api, codes, told
from tests.factories import key


async def test_a_partner_that_set_nothing_has_everything_by_every_channel_for_its_administrators(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    found = await settings(main.client)
    assert len(found) == len(MessageType)
    for row in found.values():
        assert (row["onSite"], row["byEmail"], row["bySms"], row["administrators"], row["recipients"]) == (
            True, True, True, True, [],
        )  # fmt: skip
    assert {kind for kind, row in found.items() if row["urgent"]} == {"VERIFICATION", "SECURITY", "INVITATION"}
    assert {kind for kind, row in found.items() if row["fixed"] and not row["personal"]} == {
        "ACCOUNT_CHANGE", "ACCOUNT_BALANCE",
    }  # fmt: skip


async def test_a_channel_that_is_deselected_is_not_taken(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    done = await do(main.client, "setMessageChannels", type="CUSTOMER", byEmail=False)
    assert (done["setting"]["onSite"], done["setting"]["byEmail"], done["setting"]["bySms"]) == (True, False, True)
    await tell(api, partner_id)
    assert (await reached(api), await inside(api)) == (set(), {main.id})

    await do(main.client, "setMessageChannels", type="CUSTOMER", byEmail=True, onSite=False)
    await api.database.superuser.execute("delete from message")
    await tell(api, partner_id)
    assert (await reached(api), await inside(api)) == ({main.email}, set())


async def test_without_mail_a_message_that_has_an_sms_goes_as_one_unless_that_is_deselected_too(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    given = {"names": {}, "facts": {"party": "A"}}
    await do(main.client, "setMessageChannels", type="ASSOCIATION", byEmail=False)
    await tell(api, partner_id, "unbind_done", **given)
    assert await reached(api, "unbind_done") == {main.mobile}
    await api.database.superuser.execute("delete from recorded_message")
    await do(main.client, "setMessageChannels", type="ASSOCIATION", bySms=False)
    await tell(api, partner_id, "unbind_done", **given)
    assert await reached(api, "unbind_done") == set()


async def test_another_partners_settings_and_another_type_change_nothing(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    _, other = await world.admitted_partner(api)
    for client, kind in ((other.client, "CUSTOMER"), (main.client, "PLAN")):
        await do(client, "setMessageChannels", type=kind, byEmail=False, onSite=False)
    await tell(api, partner_id)
    assert (await reached(api), await inside(api)) == ({main.email}, {main.id})
    assert (await settings(main.client))["CUSTOMER"]["byEmail"] is True


async def test_recipients_are_administrators_accounts_by_name_and_contacts(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    director = await world.member(api, partner_id, Role.SYSTEM_ADMIN)
    friend = await contact(api, main.client, email="chen@contact.example", mobile="+8613800138000")
    for given in ({"memberId": encode_id("acc", clerk.id)}, {"contactId": friend}):
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
    friend = await contact(api, main.client)
    for _ in range(2):
        done = await do(main.client, "addMessageRecipient", type="PLAN", contactId=friend)
        assert len(done["setting"]["recipients"]) == 1
    assert (await settings(main.client))["VOUCHER"]["recipients"] == []


async def test_when_nobody_chosen_is_left_it_is_the_administrators_after_all(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    await do(main.client, "addMessageRecipient", type="CUSTOMER", memberId=encode_id("acc", clerk.id))
    await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)
    await api.database.superuser.execute("update account set status = 'DISABLED' where id = $1", clerk.id)
    await tell(api, partner_id)
    assert await reached(api) == {main.email}


async def test_the_last_recipient_of_a_type_stays(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    account, friend = encode_id("acc", clerk.id), await contact(api, main.client)

    async def alone() -> None:
        refused = await do(main.client, "removeMessageRecipient", type="PLAN", administrators=True)
        assert [(e["code"], e["path"]) for e in refused["userErrors"]] == [("LAST_RECIPIENT", ["input"])]
        assert told(refused, "type") == [["PLAN"]]

    assert await api.changes(alone) == set()
    for given in ({"memberId": account}, {"contactId": friend}):
        await do(main.client, "addMessageRecipient", type="PLAN", **given)
    gone: tuple[dict[str, Any], ...] = ({"administrators": True}, {"memberId": account})
    for given in gone:
        assert codes(await do(main.client, "removeMessageRecipient", type="PLAN", **given)) == []
    assert codes(await do(main.client, "removeMessageRecipient", type="PLAN", contactId=friend)) == ["LAST_RECIPIENT"]


async def test_a_disabled_account_is_no_recipient_that_is_left(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    await do(main.client, "addMessageRecipient", type="PLAN", memberId=encode_id("acc", clerk.id))
    await api.database.superuser.execute("update account set status = 'DISABLED' where id = $1", clerk.id)
    refused = await do(main.client, "removeMessageRecipient", type="PLAN", administrators=True)
    assert codes(refused) == ["LAST_RECIPIENT"]


async def test_who_may_not_get_the_type_is_no_recipient_that_is_left(api: Api) -> None:
    """Chosen before the type was one for the main account alone."""
    partner_id, main = await world.admitted_partner(api)
    clerk = await world.member(api, partner_id, Role.FINANCE)
    await do(main.client, "addMessageRecipient", type="PLAN", memberId=encode_id("acc", clerk.id))
    await api.database.superuser.execute("update message_setting set type = 'OPPORTUNITY'")

    async def attempt() -> None:
        refused = await do(main.client, "removeMessageRecipient", type="OPPORTUNITY", administrators=True)
        assert codes(refused) == ["LAST_RECIPIENT"]

    assert await api.changes(attempt) == set()
    await do(main.client, "addMessageRecipient", type="OPPORTUNITY", memberId=encode_id("acc", main.id))
    assert codes(await do(main.client, "removeMessageRecipient", type="OPPORTUNITY", administrators=True)) == []


async def test_a_contact_goes_from_every_type_or_says_of_which_it_is_the_last(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    friend, other = await contact(api, main.client), await contact(api, main.client)
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
    await do(main.client, "addMessageRecipient", type="PLAN", memberId=account)
    wishes: list[dict[str, Any]] = [{"administrators": True}, {"memberId": account}]
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
    friend = await contact(api, main.client)
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
        ("setMessageChannels", {"type": "SECURITY", "bySms": False}, "MESSAGE_CHANNEL_FIXED", ["input", "bySms"]),
        ("setMessageChannels", {"type": "ACCOUNT_BALANCE", "byEmail": False}, "MESSAGE_CHANNEL_FIXED",
         ["input", "byEmail"]),
        ("addMessageRecipient", {"type": "PLAN"}, "REQUIRED", ["input"]),
        ("addMessageRecipient", {"type": "PLAN", "administrators": True, "contactId": "own"}, "INVALID_FORMAT",
         ["input"]),
        ("addMessageRecipient", {"type": "SECURITY", "contactId": "own"}, "MESSAGE_TYPE_PERSONAL", ["input", "type"]),
        ("addMessageRecipient", {"type": "PLAN", "contactId": "other"}, "NOT_FOUND", ["input", "contactId"]),
        ("addMessageRecipient", {"type": "PLAN", "memberId": "stranger"}, "NOT_FOUND", ["input", "memberId"]),
        ("addMessageRecipient", {"type": "PLAN", "memberId": "disabled"}, "NOT_FOUND", ["input", "memberId"]),
        ("removeMessageRecipient", {"type": "PLAN"}, "REQUIRED", ["input"]),
        ("removeMessageRecipient", {"type": "PLAN", "administrators": True, "contactId": "own"}, "INVALID_FORMAT",
         ["input"]),
        ("removeMessageRecipient", {"type": "SECURITY", "administrators": True}, "MESSAGE_TYPE_PERSONAL",
         ["input", "type"]),
        ("removeMessageRecipient", {"type": "PLAN", "contactId": "own"}, "NOT_FOUND", ["input", "contactId"]),
        ("removeMessageRecipient", {"type": "PLAN", "memberId": "main"}, "NOT_FOUND", ["input", "memberId"]),
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
        "own": await contact(api, main.client),
        "other": await contact(api, stranger.client),
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
    await contact(api, main.client)
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
    found = await contact(api, main.client, name="陈静", email="chen@contact.example", mobile="13800138000")
    document = "{ messageContacts { nodes { id name email mobile version } } }"
    assert (await main.client.send(document)).data["messageContacts"]["nodes"] == [
        {"id": found, "name": "陈静", "email": "chen@contact.example", "mobile": "+8613800138000", "version": 3}
    ]
    assert (await other.client.send(document)).data["messageContacts"]["nodes"] == []


async def test_a_dry_run_and_a_replay(api: Api) -> None:
    _, main = await world.admitted_partner(api)

    async def dry() -> None:
        tried = await do(main.client, "setMessageChannels", type="PLAN", bySms=False, dryRun=True)
        assert (tried["setting"], [effect["kind"] for effect in tried["effects"]]) == (
            None,
            ["message_setting.changed"],
        )

    assert await api.changes(dry) == set()
    again = key()
    for _ in range(2):
        done = await do(main.client, "setMessageChannels", type="PLAN", bySms=False, idempotencyKey=again)
        assert (done["setting"]["type"], done["setting"]["bySms"]) == ("PLAN", False)
    events = await api.rows("select changes::text as said from event where type = 'message_setting.changed'")
    assert [row["said"] for row in events] == [
        '{"by_sms": false, "on_site": true, "by_email": true, "message_type": "PLAN"}'
    ]


async def test_a_type_has_so_many_recipients_by_name(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    await api.database.superuser.execute(
        "insert into policy_value (id, site, key, effective_on, value, version, created_at, updated_at)"
        " values (gen_random_uuid(), 'CN', 'messages.recipients_max', '2026-01-01', '1', 1, now(), now())"
    )
    first, second = await contact(api, main.client), await contact(api, main.client)
    assert codes(await do(main.client, "addMessageRecipient", type="PLAN", contactId=first)) == []
    assert codes(await do(main.client, "addMessageRecipient", type="PLAN", contactId=first)) == []
    assert codes(await do(main.client, "addMessageRecipient", type="PLAN", contactId=second)) == ["TOO_MANY"]
    assert await api.value("select count(*) from message_recipient where partner_id = $1", partner_id) == 1
