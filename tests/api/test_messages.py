"""Messages inside the product: who finds them, in which words, marking them as read; never lost, never twice."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from core import db
from core.ids import encode_id, uuid7
from core.scope import EVERYTHING, Scope
from models.accounts import Account
from models.partners import Partner
from resolvers import journal
from resolvers.context import Recipient, Somebody
from rules.access import ANONYMOUS, Role
from tests import development, world
from tests.api import leaving
from tests.client import Api, Client, codes
from tests.factories import Admitted, admitted_partner, context, join, key, member, person, staff

LIST = """{ messages { nodes { id template text { title body } createdAt readAt subjectId }
  unreadCount { value precision } } }"""


async def told(client: Client, document: str = LIST) -> list[dict[str, Any]]:
    """The messages that somebody finds, newest first."""
    found: list[dict[str, Any]] = (await client.send(document)).data["messages"]["nodes"]
    return found


async def unread(client: Client) -> int:
    """How many of them are unread."""
    count: dict[str, Any] = (await client.send(LIST)).data["messages"]["unreadCount"]
    assert count["precision"] == "EXACT"
    return int(count["value"])


async def notify(api: Api, template: str, to: Any, about: Any, **more: Any) -> None:
    """Leaves a notice as a command does."""
    ctx = context(api, ANONYMOUS)
    ctx.notify(template, to, about=about, **more)
    async with db.transaction(EVERYTHING):
        await journal.write_messages(ctx)


async def account_of(who: Any) -> Account:
    """The row of a person's account."""
    async with db.read(EVERYTHING):
        return await Account.get(id=who.account_id)


async def invited_partner(api: Api) -> tuple[Admitted, str]:
    """A partner whose main account was told of an invitation to a plan; the membership's id."""
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    given = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
    invited = await manager.api.do("inviteToPlan", "membership { id }", **given)
    assert codes(invited) == []
    await api.deliver()
    return partner, invited["membership"]["id"]


async def test_a_notice_by_mail_is_also_a_message_of_that_account_alone(api: Api) -> None:
    partner, membership_id = await invited_partner(api)
    other = await admitted_partner(api)
    newest = (await told(partner.main.api))[0]
    assert newest["template"] == "plan_invited"
    assert newest["text"]["title"] == "You are invited to join Distribution plan: distributor"
    assert newest["text"]["body"] == (
        "You are invited to join Distribution plan: distributor. Read the agreement and apply under the partner plans."
    )
    assert (newest["subjectId"], newest["readAt"]) == (membership_id, None)
    assert newest["createdAt"] == "2026-03-02T04:00:00.000Z"
    assert [row["template"] for row in await told(other.main.api)] == ["admission_approved", "real_name_passed"]


async def test_the_words_are_those_of_the_reader_when_it_reads(api: Api) -> None:
    partner, _ = await invited_partner(api)
    await api.database.superuser.execute("update account set locale = null")
    chinese = Client(api.http, partner.main.access_token, "zh-CN")
    newest = (await told(chinese))[0]
    assert newest["text"]["title"] == "邀请您加入经销商计划（总经销商）"
    assert newest["text"]["body"].startswith("邀请您加入经销商计划（总经销商）。")


async def test_both_sides_of_an_association_find_names_and_instants_even_after_it_has_ended(api: Api) -> None:
    on = await world.world(api)
    asked = await leaving.unbind(on.main.client, on)
    await api.deliver()
    [request] = await told(on.customer.client)
    name = await api.value("select name from partner where id = $1", on.partner_id)
    assert request["text"]["title"] == f"{name} asks to end the association with you"
    deadline = await api.value(
        "select to_char(deadline at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI') from association_request"
    )
    assert request["text"]["body"] == f"{name} asks to end its association with you. Answer by {deadline} CST."
    assert codes(await leaving.answer(api, on, asked["request"]["id"])) == []
    await api.deliver()
    customer = await api.value("select name from customer where id = $1", on.customer_id)
    assert (await told(on.main.client))[0]["text"]["title"] == f"Your association with {customer} has ended"
    assert (await told(on.customer.client))[0]["text"]["title"] == f"Your association with {name} has ended"


async def test_a_partners_administrators_are_told_each_by_itself_and_the_others_not(api: Api) -> None:
    partner = await admitted_partner(api)
    administrator, clerk = await member(api, partner, Role.SYSTEM_ADMIN), await member(api, partner, Role.FINANCE)
    async with db.read(EVERYTHING):
        row = await Partner.get(id=partner.partner_id)
    await notify(api, "step_up_on", row, row)
    await api.deliver()
    for reader, expected in ((partner.main, 1), (administrator, 1), (clerk, 0)):
        assert [m["template"] for m in await told(reader.api)].count("step_up_on") == expected


async def test_codes_and_mail_to_strangers_are_no_messages(api: Api) -> None:
    _, main = await world.admitted_partner(api)
    await development.reported_customer(api, main, sendInvite=True)
    await api.anonymous.do("requestCode", "challenge { id }", scene="SIGN_IN", site="CN", mobile=main.mobile)
    await api.deliver()
    sent = {row["template"] for row in await api.rows("select template from recorded_message")}
    assert {"customer_invitation", "code_sign_in"} <= sent
    assert await api.value("select count(*) from message where template in ('customer_invitation','code_sign_in')") == 0


async def test_two_channels_and_a_redelivery_are_one_message(api: Api) -> None:
    someone = await person(api)
    account = await account_of(someone)
    for channel in ("SMS", "EMAIL"):
        await notify(api, "step_up_on", account, account, channel=channel)
    await api.deliver()
    await api.database.superuser.execute("update outbox set state = 'ready', finished_at = null")
    await api.deliver()
    assert [row["template"] for row in await told(someone.api)] == ["step_up_on"]
    assert await api.value("select count(*) from recorded_message") == 2

    await notify(api, "step_up_on", account, account, occasion="another")
    await api.deliver()
    assert len(await told(someone.api)) == 2


async def test_an_account_without_any_contact_for_it_still_finds_the_message(api: Api) -> None:
    someone = await person(api, with_email=False)
    account = await account_of(someone)
    await notify(api, "real_name_passed", account, account)  # goes by mail, never by SMS
    assert await api.inbox(someone.mobile or "") == []
    assert [row["template"] for row in await told(someone.api)] == ["real_name_passed"]


async def test_two_hundred_staff_are_told_at_once_each_once(api: Api) -> None:
    office = [await staff(api, Role.PSM) for _ in range(3)]
    accounts: list[Recipient] = [Somebody(Account, one.account_id) for one in office]
    async with db.transaction(EVERYTHING):
        for number in range(197):
            row = await Account.insert(
                now=api.clock(), site="CN", kind="STAFF", email=f"psm{number}@vendor.example", roles=["PSM"]
            )
            accounts.append(row)
    partner = await admitted_partner(api)
    async with db.read(EVERYTHING):
        about = await Partner.get(id=partner.partner_id)
    with db.observed() as statements:
        await notify(api, "step_up_on", accounts, about)
    assert len(statements) == 1
    await api.deliver()
    rows = await api.rows(
        "select count(*) as told, count(distinct account_id) as people from message where template = 'step_up_on'"
    )
    assert rows == [{"told": 200, "people": 200}]
    assert [await unread(one.api) for one in office] == [1, 1, 1]


async def test_staff_reads_its_own_messages_and_no_partners(api: Api) -> None:
    partner, _ = await invited_partner(api)
    reviewer = await staff(api, Role.VENDOR_ADMIN)
    assert await told(reviewer.api) == []
    [theirs, *_] = await told(partner.main.api)
    found = await reviewer.api.send("query($id: ID!) { node(id: $id) { id } }", id=theirs["id"])
    assert found.data["node"] is None
    own = await partner.main.api.send(
        "query($id: ID!) { node(id: $id) { ... on Message { text { title } } } }", id=theirs["id"]
    )
    assert own.data["node"] == {"text": {"title": theirs["text"]["title"]}}


async def mark(client: Client, **given: Any) -> dict[str, Any]:
    """Marks messages as read."""
    return await client.do("markMessageRead", "marked messages { id readAt }", **given)


async def test_marking_some_leaves_the_others_unread(api: Api) -> None:
    partner, _ = await invited_partner(api)
    first, second, oldest = await told(partner.main.api)
    api.clock.advance(minutes=5)
    done = await mark(partner.main.api, ids=[first["id"]])
    assert (done["marked"], done["messages"]) == (1, [{"id": first["id"], "readAt": "2026-03-02T04:05:00.000Z"}])
    assert await unread(partner.main.api) == 2
    document = LIST.replace("messages {", "messages(unreadOnly: true) {", 1)
    assert [row["id"] for row in await told(partner.main.api, document)] == [second["id"], oldest["id"]]

    api.clock.advance(minutes=5)
    again = await mark(partner.main.api, ids=[first["id"], second["id"]])
    assert again["marked"] == 1
    assert [row["readAt"][14:16] for row in again["messages"]] == ["05", "10"]
    assert await unread(partner.main.api) == 1


async def test_marking_all_marks_ones_own_and_nobody_elses(api: Api) -> None:
    one, _ = await invited_partner(api)
    other, _ = await invited_partner(api)
    assert await mark(one.main.api, all=True) | {"effects": []} == {
        "marked": 3,
        "messages": None,
        "effects": [],
        "userErrors": [],
    }
    assert (await unread(one.main.api), await unread(other.main.api)) == (0, 3)
    assert (await mark(one.main.api, all=True))["marked"] == 0


async def test_a_dry_run_and_a_replay_mark_nothing_more(api: Api) -> None:
    partner, _ = await invited_partner(api)

    async def try_it() -> None:
        dry = await mark(partner.main.api, all=True, dryRun=True)
        assert (dry["marked"], [effect["kind"] for effect in dry["effects"]]) == (None, ["messages.marked_read"])

    assert await api.changes(try_it) == set()
    again = key()
    assert (await mark(partner.main.api, all=True, idempotencyKey=again))["marked"] == 3
    replayed = await mark(partner.main.api, all=True, idempotencyKey=again)
    assert (replayed["marked"], codes(replayed)) == (None, [])


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({}, "REQUIRED", ["input", "ids"]),
        ({"ids": []}, "REQUIRED", ["input", "ids"]),
        ({"ids": ["own"], "all": True}, "INVALID_FORMAT", ["input", "all"]),
        ({"ids": ["own", "other"]}, "NOT_FOUND", ["input", "ids", "1"]),
        ({"ids": ["own", "nobody"]}, "NOT_FOUND", ["input", "ids", "1"]),
        ({"ids": ["no id", "own"]}, "NOT_FOUND", ["input", "ids", "0"]),
        ({"ids": ["own"] * 101}, "TOO_MANY", ["input", "ids"]),
    ],
)
async def test_a_refusal_marks_nothing(api: Api, given: dict[str, Any], code: str, path: list[str]) -> None:
    one, _ = await invited_partner(api)
    other, _ = await invited_partner(api)
    ids = {
        "own": (await told(one.main.api))[0]["id"],
        "other": (await told(other.main.api))[0]["id"],
        "nobody": encode_id("msg", uuid7()),
    }
    if "ids" in given:
        given = {**given, "ids": [ids.get(name, name) for name in given["ids"]]}

    async def try_it() -> None:
        refused = await mark(one.main.api, **given)
        assert [(error["code"], error["path"]) for error in refused["userErrors"]] == [(code, path)]

    assert await api.changes(try_it) == set()


async def test_a_message_older_than_its_template_is_still_shown(api: Api) -> None:
    partner, _ = await invited_partner(api)
    await api.database.superuser.execute("update message set parameters = '{}' where template = 'plan_invited'")
    assert (await told(partner.main.api))[0]["text"]["title"] == "You are invited to join –"
    await api.database.superuser.execute("update message set template = 'no_longer_sent'")
    assert {row["text"]["title"] for row in await told(partner.main.api)} == {"–"}


async def test_names_are_told_to_the_messages_own_account_alone(api: Api) -> None:
    on = await world.world(api)
    await leaving.unbind(on.main.client, on)
    await api.deliver()
    [row] = await api.rows("select id, account_id, parameters::text as parameters from message")
    assert on.customer.mobile not in row["parameters"]
    assert set(orjson.loads(row["parameters"])["names"]) == {"partner"}

    async def names(account: UUID, scope: Any) -> list[Any]:
        async with db.read(scope):
            return await db.fetch("select name from guard_message_names($1, $2)", account, [row["id"]])

    assert len(await names(row["account_id"], Scope("customer", (on.customer_id,), row["account_id"]))) == 1
    assert await names(row["account_id"], Scope("partner", (on.partner_id,), on.main.id)) == []
    assert await names(on.main.id, Scope("partner", (on.partner_id,), on.main.id)) == []


async def test_the_list_takes_one_statement_for_all_names(api: Api) -> None:
    partner = await admitted_partner(api)
    assert codes(await join(partner, "CO_SELL")) == []
    async with db.read(EVERYTHING):
        row, account = await Partner.get(id=partner.partner_id), await Account.get(id=partner.main.account_id)
    for number in range(5):
        await notify(api, "member_added", account, row, occasion=str(number), names={"partner": row})
    await api.deliver()
    with db.observed() as statements:
        assert len(await told(partner.main.api)) == 8
    assert len(statements) == 4, statements  # token, page, names, unread
