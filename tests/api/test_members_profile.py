"""What members change of themselves, and whom of them the partner's customers see."""

import asyncio
from typing import Any

import pytest

from core import db
from core.ids import encode_id
from core.scope import NOTHING, Scope
from rules.access import Role
from tests.client import Api, Client, codes
from tests.factories import admitted_partner, key, member, person, staff
from tests.world import member as colleague
from tests.world import world

CONTACT = "customerContact { name mobile email isAdministrator }"


async def update(who: Client, **given: Any) -> dict[str, Any]:
    return await who.do("updateProfile", "member { fullName position locale version }", **given)


async def choose(who: Client, member_id: str | None, **more: Any) -> list[str]:
    """The partner's contact for customers."""
    given = {"memberId": member_id, "idempotencyKey": key(), **more}
    return codes(await who.do("setCustomerContact", "partner { id }", **given))


class TestProfile:
    async def test_a_member_changes_what_is_its_own(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.MARKETING)

        changed = await update(clerk.api, fullName=" 王小芳 ", position="Head of sales", locale="zh-CN")

        assert codes(changed) == []
        assert changed["member"] == {
            "fullName": "王小芳",
            "position": "Head of sales",
            "locale": "zh-CN",
            "version": 2,
        }
        kept = await update(clerk.api, position="Chief of sales")
        assert (kept["member"]["fullName"], kept["member"]["locale"]) == ("王小芳", "zh-CN")
        event = await api.value("select changes from event where type = 'member.profile_changed' order by id limit 1")
        assert "王小芳" not in event

    async def test_refused(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.MARKETING)

        async def attempt() -> None:
            refused = await update(clerk.api, fullName="  ", locale="fr")
            assert [(error["code"], error["path"][1]) for error in refused["userErrors"]] == [
                ("REQUIRED", "fullName"),
                ("INVALID_FORMAT", "locale"),
            ]
            assert codes(await update(clerk.api, position="Chief", expectedVersion=9)) == ["CONFLICT"]
            document = "mutation { updateProfile(input: {}) { __typename } }"
            for other in (partner.main, vendor, somebody):
                assert (await other.api.send(document)).error["reason"] == "PERMISSION_DENIED"

        vendor, somebody = await staff(api, Role.VENDOR_ADMIN), await person(api)
        assert await api.changes(attempt) == set()


class TestContactOfCustomers:
    async def test_whoever_waits_for_the_partner_keeps_no_member_from_others(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk, superuser = await member(api, partner, Role.MARKETING), api.database.superuser
        async with superuser.transaction():
            await superuser.execute("select from partner where id = $1 for update", partner.partner_id)
            asked = asyncio.ensure_future(choose(partner.main.api, clerk.id))
            while not asked.done() and not await superuser.fetchval("select count(*) from pg_locks where not granted"):
                await asyncio.sleep(0.01)
            await superuser.execute("select from account where id = $1 for update nowait", clerk.account_id)
        assert await asked == []

    async def test_the_main_account_until_a_member_is_chosen_and_while_it_may_not_work(self, api: Api) -> None:
        stage = await world(api)
        clerk = await colleague(api, stage.partner_id, Role.ACCOUNT_MANAGER)
        chosen = encode_id("acc", clerk.id)

        async def shown() -> dict[str, Any]:
            answer = await stage.customer.client.send(f"{{ myPartner {{ partner {{ {CONTACT} }} }} }}")
            found: dict[str, Any] = answer.data["myPartner"]["partner"]["customerContact"]
            return found

        assert (await shown())["mobile"] == stage.main.mobile
        assert (await shown())["isAdministrator"] is True
        assert await choose(stage.main.client, chosen) == []
        assert (await shown()) == {
            "name": (await shown())["name"],
            "mobile": clerk.mobile,
            "email": clerk.email,
            "isAdministrator": False,
        }
        given = {"id": chosen, "status": "DISABLED", "idempotencyKey": key()}
        await stage.main.client.do("setMemberStatus", "__typename", **given)
        assert (await shown())["mobile"] == stage.main.mobile
        again = {**given, "status": "ACTIVE", "idempotencyKey": key()}
        await stage.main.client.do("setMemberStatus", "__typename", **again)
        assert (await shown())["mobile"] == clerk.mobile
        assert await choose(stage.main.client, None) == []
        assert (await shown())["mobile"] == stage.main.mobile
        assert await api.value("select count(*) from event where type = 'partner.customer_contact_set'") == 2

    async def test_who_else_sees_it(self, api: Api) -> None:
        stage, other = await world(api), await world(api)
        vendor = await staff(api, Role.VENDOR_OPS)
        look = f'{{ node(id: "{encode_id("par", stage.partner_id)}") {{ ... on Partner {{ {CONTACT} }} }} }}'
        for inside in (stage.member.client, vendor.api):
            assert (await inside.send(look)).data["node"]["customerContact"]["mobile"] == stage.main.mobile

        async def told(scope: Scope) -> int:
            async with db.read(scope):
                return len(await db.fetch("select * from guard_customer_contacts($1)", [stage.partner_id]))

        own = Scope("customer", (stage.customer_id,))
        others = (Scope("customer", (other.customer_id,)), Scope("partner", (other.partner_id,)), NOTHING)
        assert await told(own) == 1
        assert [await told(scope) for scope in others] == [0, 0, 0]
        left = "update customer_association set status = 'ENDED', ended_at = now() where customer_id = $1"
        await api.database.superuser.execute(left, stage.customer_id)
        await api.database.superuser.execute("update customer set partner_id = null where id = $1", stage.customer_id)
        assert await told(own) == 0

    @pytest.mark.parametrize("status", ["DISABLED", "FROZEN"])
    async def test_refused(self, api: Api, status: str) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        clerk, theirs = await member(api, partner, Role.FINANCE), await member(api, other, Role.FINANCE)
        idle = await member(api, partner, Role.FINANCE)
        await api.database.superuser.execute("update account set status = $2 where id = $1", idle.account_id, status)

        async def attempt() -> None:
            assert await choose(partner.main.api, idle.id) == ["STATE_CONFLICT"]
            for stranger in (theirs.id, partner.main.id):
                assert await choose(partner.main.api, stranger) == ["NOT_FOUND"]
            assert await choose(partner.main.api, clerk.id, dryRun=True) == []
            document = "mutation($input: SetCustomerContactInput!) { setCustomerContact(input: $input) { __typename } }"
            refused = await clerk.api.send(document, input={"memberId": clerk.id, "idempotencyKey": key()})
            assert refused.error["reason"] == "ADMIN_ONLY"

        assert await api.changes(attempt) == set()
