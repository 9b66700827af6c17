"""Contacts without an account: confirmed by a code before they get anything, and before they count as recipients."""

from datetime import timedelta
from typing import Any

from core.ids import encode_id, uuid7
from rules.access import Role
from tests import world
from tests.api.telling import added_contact, confirmed, contact, do, inside, reached, tell
from tests.client import Api, Client, codes
from tests.factories import sign_in
from tests.refusing import unsent

MAIL, MOBILE = "chen@contact.example", "+8613800138000"


async def ask(client: Client, contact_id: str, channel: str = "EMAIL", **more: Any) -> dict[str, Any]:
    """Asks for a code."""
    return await do(client, "requestMessageContactCode", "challenge { id }", id=contact_id, channel=channel, **more)


async def confirm(client: Client, challenge: str, code: str) -> dict[str, Any]:
    """Names a code."""
    return await client.do("confirmMessageContact", "contact { id }", verificationId=challenge, code=code)


async def test_a_contact_gets_what_it_has_confirmed_and_no_more(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    made = await added_contact(main.client, email=MAIL, mobile=MOBILE)
    await do(main.client, "addMessageRecipient", type="CUSTOMER", contactId=made["id"])
    await tell(api, partner_id)
    assert await reached(api) == {main.email}

    done = await confirmed(api, main.client, made["id"], "SMS", MOBILE)
    assert (codes(done), done["contact"]["emailConfirmedAt"]) == ([], None)
    assert done["contact"]["mobileConfirmedAt"] is not None
    await tell(api, partner_id)
    assert await reached(api) == {main.email}  # this message has no SMS

    api.clock.advance(minutes=1)
    assert codes(await confirmed(api, main.client, made["id"], "EMAIL", MAIL)) == []
    await tell(api, partner_id)
    assert await reached(api) == {main.email, MAIL}
    mailed = [row["template"] for row in await api.inbox(MAIL)]
    assert mailed == ["code_confirm_contact", "report_released"]


async def test_one_that_no_message_reaches_is_no_last_recipient(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    by_mobile = await contact(api, main.client, email=None, mobile=MOBILE)
    for kind in ("CUSTOMER", "ASSOCIATION"):  # of the first none has an SMS
        await do(main.client, "addMessageRecipient", type=kind, contactId=by_mobile)

    async def alone() -> None:
        refused = await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)
        assert codes(refused) == ["LAST_RECIPIENT"]

    assert await api.changes(alone) == set()
    assert codes(await do(main.client, "removeMessageRecipient", type="ASSOCIATION", administrators=True)) == []


async def test_one_whose_channel_is_off_is_no_last_recipient(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    by_mail = await contact(api, main.client, email=MAIL)
    await do(main.client, "addMessageRecipient", type="CUSTOMER", contactId=by_mail)
    await do(main.client, "setMessageChannels", type="CUSTOMER", byEmail=False)

    async def alone() -> None:
        refused = await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)
        assert codes(refused) == ["LAST_RECIPIENT"]

    assert await api.changes(alone) == set()
    await do(main.client, "setMessageChannels", type="CUSTOMER", byEmail=True)
    assert codes(await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)) == []
    await do(main.client, "setMessageChannels", type="CUSTOMER", byEmail=False)
    await tell(api, partner_id)
    assert (await reached(api), await inside(api)) == (set(), {main.id})


async def test_what_does_not_reach_the_only_one_goes_to_the_administrators(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    by_mobile = await contact(api, main.client, email=None, mobile=MOBILE)
    await do(main.client, "addMessageRecipient", type="ASSOCIATION", contactId=by_mobile)
    await do(main.client, "removeMessageRecipient", type="ASSOCIATION", administrators=True)
    for template, target in (("unbind_done", MOBILE), ("unbind_withdrawn", main.email)):
        await tell(api, partner_id, template, names={}, facts={"party": "A"})
        assert await reached(api, template) == {target}


async def test_one_that_is_not_confirmed_is_no_last_recipient(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    made = await added_contact(main.client, email=MAIL)
    await do(main.client, "addMessageRecipient", type="CUSTOMER", contactId=made["id"])

    async def alone() -> None:
        refused = await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)
        assert codes(refused) == ["LAST_RECIPIENT"]

    assert await api.changes(alone) == set()
    assert codes(await confirmed(api, main.client, made["id"], "EMAIL", MAIL)) == []
    assert codes(await do(main.client, "removeMessageRecipient", type="CUSTOMER", administrators=True)) == []
    await tell(api, partner_id)
    assert await reached(api) == {MAIL}


async def test_what_keeps_a_code_from_being_sent(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    _, stranger = await world.admitted_partner(api)
    made = await added_contact(main.client, email=MAIL)
    ready = await contact(api, main.client)
    for who, given, code, path in (
        (main, {"contact_id": made["id"], "channel": "SMS"}, "CONTACT_NOT_BOUND", ["input", "channel"]),
        (main, {"contact_id": ready}, "MESSAGE_CONTACT_CONFIRMED", ["input", "channel"]),
        (main, {"contact_id": encode_id("mco", uuid7())}, "NOT_FOUND", ["input", "id"]),
        (stranger, {"contact_id": made["id"]}, "NOT_FOUND", ["input", "id"]),
    ):

        async def attempt(who: Any = who, given: Any = given, code: str = code, path: Any = path) -> None:
            refused = await ask(who.client, **given)
            assert [(one["code"], one["path"]) for one in refused["userErrors"]] == [(code, path)]

        assert await api.changes(attempt) == set()

    assert codes(await ask(main.client, made["id"])) == []

    async def at_once() -> None:
        assert codes(await ask(main.client, made["id"])) == ["CODE_TOO_SOON"]

    assert await api.changes(at_once) == set()
    api.clock.advance(seconds=60)
    await api.override("codes.per_target_hour", 1)
    assert codes(await ask(main.client, made["id"])) == ["CODE_SEND_LIMIT"]


async def test_what_keeps_a_code_from_confirming(api: Api) -> None:
    partner_id, main = await world.admitted_partner(api)
    colleague = await sign_in(api, (await world.member(api, partner_id, Role.SYSTEM_ADMIN)).id)
    made = await added_contact(main.client, email=MAIL)
    challenge = (await ask(main.client, made["id"]))["challenge"]["id"]
    digits = await api.code(MAIL)

    async def refused() -> None:
        assert codes(await confirm(colleague.api, challenge, digits)) == ["CODE_WRONG"]
        assert codes(await confirm(main.client, challenge, "000000")) == ["CODE_WRONG"]

    assert await api.changes(refused, besides=("verification", "account")) == set()
    api.clock.advance(minutes=10)
    assert codes(await confirm(main.client, challenge, digits)) == ["CODE_EXPIRED"]

    again = (await sign_in(api, main.id)).api
    challenge = (await ask(again, made["id"]))["challenge"]["id"]
    digits = await api.code(MAIL)
    api.clock.at += timedelta(minutes=10) - timedelta(milliseconds=1)
    assert codes(await confirm(again, challenge, digits)) == []
    assert codes(await confirm(again, challenge, digits)) == ["CODE_WRONG"]


async def test_after_the_last_try_even_the_right_code_confirms_nothing(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    made = await added_contact(main.client, email=MAIL)
    challenge = (await ask(main.client, made["id"]))["challenge"]["id"]
    digits = await api.code(MAIL)
    await api.override("codes.account_failures_max", 50)
    for _ in range(5):
        await confirm(main.client, challenge, "000000")

    assert codes(await confirm(main.client, challenge, digits)) == ["CODE_TOO_MANY_TRIES"]


async def test_a_code_that_could_not_be_sent_confirms_nothing_and_another_is_sent_at_once(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    made = await added_contact(main.client, email=MAIL)
    challenge = (await ask(main.client, made["id"]))["challenge"]["id"]
    await unsent(api)

    async def refused() -> None:
        assert codes(await confirm(main.client, challenge, "000000")) == ["CODE_SEND_FAILED"]

    assert await api.changes(refused) == set()
    challenge = (await ask(main.client, made["id"]))["challenge"]["id"]
    assert codes(await confirm(main.client, challenge, await api.code(MAIL))) == []


async def test_a_contact_that_is_gone_is_confirmed_no_more(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    made = await added_contact(main.client, email=MAIL)
    challenge = (await ask(main.client, made["id"]))["challenge"]["id"]
    digits = await api.code(MAIL)
    assert codes(await do(main.client, "removeMessageContact", "contact { id }", id=made["id"])) == []

    async def refused() -> None:
        assert codes(await confirm(main.client, challenge, digits)) == ["NOT_FOUND"]

    assert await api.changes(refused, besides=("verification",)) == set()
