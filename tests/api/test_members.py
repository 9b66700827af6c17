"""A partner's members: added, given roles, disabled and enabled, through the API."""

import asyncio
from typing import Any

import pytest

from core import db
from core.ids import decode_id, encode_id, uuid7
from rules.access import Role
from tests.client import Api, Client, codes
from tests.factories import Person, add_member, admitted_partner, key, member, person, sign_in, staff

PASSWORD = "Tea-house-99"


async def change(who: Client, name: str, member_id: str, **more: Any) -> dict[str, Any]:
    """A mutation about one member."""
    selection = "member { id status roles version }"
    return await who.do(name, selection, id=member_id, idempotencyKey=key(), **more)


async def forbidden(who: Client, name: str, **given: Any) -> str:
    kind = name[0].upper() + name[1:] + "Input"
    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}"
    return str((await who.send(document, input={"idempotencyKey": key(), **given})).error["reason"])


async def events(api: Api) -> list[str]:
    rows = await api.rows("select type from event where type like 'member.%' order by id")
    return [row["type"] for row in rows]


class TestAdding:
    async def test_the_member_is_told_sets_a_password_and_signs_in(self, api: Api) -> None:
        partner = await admitted_partner(api)

        added = await add_member(partner, Role.FINANCE, Role.MARKETING, mobile="138 1234 5678", email=None)

        assert added["userErrors"] == []
        assert [effect["kind"] for effect in added["effects"]] == ["member.added"]
        made = added["member"]
        assert (made["kind"], made["status"], made["roles"]) == ("IAM_USER", "ACTIVE", ["FINANCE", "MARKETING"])
        event = (await api.rows("select * from event where type = 'member.added'"))[0]
        assert event["partner_id"] == partner.partner_id
        told = await api.inbox("+8613812345678")
        assert [message["template"] for message in told] == ["member_added"]
        assert partner.company.legal_name in told[0]["body"]
        asked = await api.anonymous.do(
            "requestCode", "challenge { id }", scene="RESET_PASSWORD", site="CN", mobile="138 1234 5678"
        )
        reset = {"verificationId": asked["challenge"]["id"], "code": await api.code("+8613812345678")}
        assert codes(await api.anonymous.do("resetPassword", "account { id }", **reset, newPassword=PASSWORD)) == []
        signed = await api.anonymous.do(
            "signIn", "accessToken account { id }", site="CN", mobile="13812345678", password=PASSWORD
        )
        own = api.anonymous.as_(signed["accessToken"])
        assert (await own.send("{ partner { id } }")).data["partner"] == {"id": partner.id}

    async def test_by_mail_where_there_is_an_address(self, api: Api) -> None:
        partner = await admitted_partner(api)

        await add_member(partner, Role.FINANCE, email="Wang.Fang@Example.com")

        assert [row["template"] for row in await api.inbox("wang.fang@example.com")] == ["member_added"]

    async def test_a_system_administrator_may_and_other_members_may_not(self, api: Api) -> None:
        partner = await admitted_partner(api)
        admin, clerk = await member(api, partner, Role.SYSTEM_ADMIN), await member(api, partner, Role.OPERATIONS)
        given = {"username": "li.lei", "fullName": "李雷", "roles": ["FINANCE"], "email": "li@example.com"}

        assert await forbidden(clerk.api, "addMember", **given) == "ADMIN_ONLY"
        added = await admin.api.do("addMember", "member { id }", **given, idempotencyKey=key())
        assert added["userErrors"] == []
        assert (await clerk.api.send("{ members { nodes { id } } }")).error["code"] == "FORBIDDEN"

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"roles": []}, [("ROLE_COUNT", "roles")]),
            ({"roles": ["FINANCE", "OPERATIONS", "MARKETING", "SA_SPECIALIST"]}, [("ROLE_COUNT", "roles")]),
            ({"roles": ["SYSTEM_ADMIN", "FINANCE"]}, [("ROLE_EXCLUSIVE_ADMIN", "roles")]),
            ({"roles": ["ACCOUNT_MANAGER", "ACCOUNT_DIRECTOR"]}, [("ROLE_CONFLICT", "roles")]),
            ({"roles": ["VENDOR_ADMIN"]}, [("ROLE_UNKNOWN", "roles")]),
            ({"roles": ["MAIN_ACCOUNT"]}, [("ROLE_UNKNOWN", "roles")]),
            ({"username": "7up"}, [("USERNAME_INVALID", "username")]),
            ({"fullName": " "}, [("REQUIRED", "fullName")]),
            ({"mobile": None, "email": None}, [("CONTACT_REQUIRED", "mobile")]),
            ({"mobile": "12345", "email": None}, [("MOBILE_INVALID", "mobile")]),
            ({"mobile": "+12025550123"}, [("MOBILE_NOT_OF_SITE", "mobile")]),
            ({"email": "nobody"}, [("EMAIL_INVALID", "email")]),
            (
                {"roles": [], "username": "ü", "email": "@", "mobile": "1"},
                [
                    ("MOBILE_INVALID", "mobile"),
                    ("EMAIL_INVALID", "email"),
                    ("USERNAME_INVALID", "username"),
                    ("ROLE_COUNT", "roles"),
                ],
            ),
        ],
    )
    async def test_refused(self, api: Api, changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
        partner = await admitted_partner(api)

        async def attempt() -> None:
            refused = await add_member(partner, Role.FINANCE, **changes)
            assert [(error["code"], error["path"][1]) for error in refused["userErrors"]] == expected

        assert await api.changes(attempt) == set()

    async def test_names_and_contacts_of_others(self, api: Api) -> None:
        partner, stranger = await admitted_partner(api), await person(api)
        await add_member(partner, Role.FINANCE, username="wang.fang")

        async def attempt() -> None:
            refused = await add_member(
                partner, Role.FINANCE, username="wang.fang", mobile=stranger.mobile, email=stranger.email
            )
            assert [(error["code"], error["path"][1]) for error in refused["userErrors"]] == [
                ("USERNAME_TAKEN", "username"),
                ("CONTACT_TAKEN", "mobile"),
                ("CONTACT_TAKEN", "email"),
            ]

        assert await api.changes(attempt) == {"sign_in_guard"}

    async def test_another_partner_may_use_the_same_name(self, api: Api) -> None:
        one, other = await admitted_partner(api), await admitted_partner(api)
        for partner in (one, other):
            assert codes(await add_member(partner, Role.FINANCE, username="wang.fang")) == []

    async def test_ten_at_once_make_one(self, api: Api) -> None:
        partner = await admitted_partner(api)

        answers = await asyncio.gather(*(add_member(partner, Role.FINANCE, username="wang.fang") for _ in range(10)))

        assert sorted(map(codes, answers)) == [[]] + [["USERNAME_TAKEN"]] * 9

    async def test_retry_and_dry_run(self, api: Api) -> None:
        partner, same = await admitted_partner(api), key()
        given: dict[str, Any] = {"username": "wang.fang", "mobile": "13812345678", "email": None}

        async def try_only() -> None:
            tried = await add_member(partner, Role.FINANCE, **given, dryRun=True)
            assert [effect["kind"] for effect in tried["effects"]] == ["member.added"]

        assert await api.changes(try_only) == set()
        first = await add_member(partner, Role.FINANCE, **given, idempotencyKey=same)

        async def again() -> None:
            repeated = await add_member(partner, Role.FINANCE, **given, idempotencyKey=same)
            assert repeated["member"] == first["member"]

        assert await api.changes(again) == set()


class TestRoles:
    async def test_they_count_from_the_next_request_on(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.OPERATIONS)
        assert (await clerk.api.send("{ members { nodes { id } } }")).error["code"] == "FORBIDDEN"

        changed = await change(partner.main.api, "changeMemberRoles", clerk.id, roles=["SYSTEM_ADMIN"])

        assert changed["userErrors"] == []
        assert changed["member"]["roles"] == ["SYSTEM_ADMIN"]
        nodes = (await clerk.api.send("{ members { nodes { id roles } } }")).data["members"]["nodes"]
        assert nodes == [{"id": clerk.id, "roles": ["SYSTEM_ADMIN"]}]
        event = (await api.rows("select changes from event where type = 'member.roles_changed'"))[0]
        assert '"before": ["OPERATIONS"]' in event["changes"]
        await change(partner.main.api, "changeMemberRoles", clerk.id, roles=["OPERATIONS"])
        assert await forbidden(clerk.api, "changeMemberRoles", id=clerk.id, roles=["SYSTEM_ADMIN"]) == "ADMIN_ONLY"

    @pytest.mark.parametrize(
        ("roles", "expected"),
        [
            ([], "ROLE_COUNT"),
            (["SYSTEM_ADMIN", "FINANCE"], "ROLE_EXCLUSIVE_ADMIN"),
            (["ACCOUNT_MANAGER", "ACCOUNT_DIRECTOR"], "ROLE_CONFLICT"),
            (["CUSTOMER"], "ROLE_UNKNOWN"),
        ],
    )
    async def test_refused(self, api: Api, roles: list[str], expected: str) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.OPERATIONS)

        async def attempt() -> None:
            assert codes(await change(partner.main.api, "changeMemberRoles", clerk.id, roles=roles)) == [expected]

        assert await api.changes(attempt) == set()

    async def test_the_version_that_was_read(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.OPERATIONS)
        main = partner.main.api
        assert codes(await change(main, "changeMemberRoles", clerk.id, roles=["FINANCE"], expectedVersion=1)) == []

        async def attempt() -> None:
            late = await change(main, "changeMemberRoles", clerk.id, roles=["MARKETING"], expectedVersion=1)
            assert codes(late) == ["CONFLICT"]
            late = await change(main, "setMemberStatus", clerk.id, status="DISABLED", expectedVersion=1)
            assert codes(late) == ["CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_nobody_but_ones_own_members(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        theirs = await member(api, other, Role.OPERATIONS)
        strangers = [theirs.id, partner.main.id, (await person(api)).id, encode_id("acc", uuid7())]

        async def attempt() -> None:
            for stranger in strangers:
                roles = await change(partner.main.api, "changeMemberRoles", stranger, roles=["FINANCE"])
                status = await change(partner.main.api, "setMemberStatus", stranger, status="DISABLED")
                assert (codes(roles), codes(status)) == (["NOT_FOUND"], ["NOT_FOUND"])

        assert await api.changes(attempt) == set()


class TestStatus:
    async def test_disabling_ends_every_session_for_good(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.OPERATIONS)
        elsewhere = await sign_in(api, clerk.account_id)

        disabled = await change(partner.main.api, "setMemberStatus", clerk.id, status="DISABLED")

        assert disabled["userErrors"] == []
        assert disabled["member"]["status"] == "DISABLED"
        for session in (clerk, elsewhere):
            assert (await session.api.send("{ viewer { id } }")).error["code"] == "UNAUTHENTICATED"
        ended = await api.rows("select revoked_at from session where account_id = $1", clerk.account_id)
        assert [row["revoked_at"] for row in ended] == [api.clock()] * 2
        refused = await api.anonymous.do(
            "signIn", "accessToken", site="CN", mobile=clerk.mobile, password=await self.password(api, clerk)
        )
        assert codes(refused) == ["ACCOUNT_FROZEN"]
        enabled = await change(partner.main.api, "setMemberStatus", clerk.id, status="ACTIVE")
        assert enabled["member"]["status"] == "ACTIVE"
        assert (await clerk.api.send("{ viewer { id } }")).error["code"] == "UNAUTHENTICATED"
        again = await sign_in(api, clerk.account_id)
        assert (await again.api.send("{ viewer { id } }")).data["viewer"]["id"] == clerk.id
        assert await events(api) == ["member.added", "member.status_changed", "member.status_changed"]

    async def password(self, api: Api, clerk: Person) -> str:
        """Gives the member the password of the other people of the factories."""
        other = await person(api)
        await api.database.superuser.execute(
            "update account set password_hash = (select password_hash from account where id = $2) where id = $1",
            clerk.account_id,
            other.account_id,
        )
        return "Tea-house-88"

    @pytest.mark.parametrize(("now", "wanted"), [("ACTIVE", "ACTIVE"), ("DISABLED", "DISABLED"), ("FROZEN", "ACTIVE")])
    async def test_not_to_what_it_is_nor_against_the_vendor(self, api: Api, now: str, wanted: str) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.OPERATIONS)
        await api.database.superuser.execute("update account set status = $2 where id = $1", clerk.account_id, now)

        async def attempt() -> None:
            refused = await change(partner.main.api, "setMemberStatus", clerk.id, status=wanted)
            assert codes(refused) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_only_administrators(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.ACCOUNT_DIRECTOR)

        assert await forbidden(clerk.api, "setMemberStatus", id=clerk.id, status="DISABLED") == "ADMIN_ONLY"
        vendor = await staff(api, Role.VENDOR_ADMIN)
        assert await forbidden(vendor.api, "setMemberStatus", id=clerk.id, status="DISABLED") == "ADMIN_ONLY"


async def test_the_list_has_ones_own_members_only(api: Api) -> None:
    partner, other = await admitted_partner(api), await admitted_partner(api)
    one, two = await member(api, partner, Role.FINANCE), await member(api, partner, Role.MARKETING)
    await member(api, other, Role.FINANCE)
    await change(partner.main.api, "setMemberStatus", one.id, status="DISABLED")
    listing = "query($status: AccountStatus) { members(status: $status) { nodes { id name roles } } }"

    async def seen(**filters: str) -> list[str]:
        answer = await partner.main.api.send(listing, **filters)
        return [node["id"] for node in answer.data["members"]["nodes"]]

    with db.observed() as statements:
        assert await seen() == [two.id, one.id]
    assert len(statements) == 2  # token, members
    assert await seen(status="ACTIVE") == [two.id]
    assert await seen(status="DISABLED") == [one.id]


async def test_an_administrator_finds_a_member_by_its_id(api: Api) -> None:
    partner, other = await admitted_partner(api), await admitted_partner(api)
    clerk = await member(api, partner, Role.FINANCE)
    colleague = await member(api, partner, Role.MARKETING)
    look = f'{{ node(id: "{clerk.id}") {{ id }} }}'

    assert (await partner.main.api.send(look)).data["node"] == {"id": clerk.id}
    assert (await colleague.api.send(look)).data["node"] is None
    assert (await other.main.api.send(look)).data["node"] is None
    assert decode_id(clerk.id)[1] == clerk.account_id


async def test_what_may_be_done_with_a_member_and_what_not(api: Api) -> None:
    partner = await admitted_partner(api)
    clerk, colleague = await member(api, partner, Role.SA_SPECIALIST), await member(api, partner, Role.MARKETING)
    look = (
        f'{{ node(id: "{clerk.id}") {{ ... on Account {{ actions {{ action blockers {{ code }} }} }} }}'
        " members(status: DELETED) { nodes { actions { action blockers { code } } } } }"
    )

    async def shown(kind: str = "node") -> dict[str, list[str]]:
        found = (await partner.main.api.send(look)).data
        actions = found["node"]["actions"] if kind == "node" else found["members"]["nodes"][0]["actions"]
        return {one["action"]: [against["code"] for against in one["blockers"]] for one in actions}

    none = ["NOT_ACCOUNT_MANAGER"]
    nothing: dict[str, list[str]] = {"CHANGE_ROLES": [], "DISABLE": [], "RESET_PASSWORD": [], "REMOVE": []}
    nothing |= {"ASSIGN_DIRECTOR": none}
    conflict = ["STATE_CONFLICT"]
    assert await shown() == {**nothing, "ENABLE": conflict}
    hold = "update account set roles_in_review = $2::text::jsonb where id = $1"
    await api.database.superuser.execute(hold, clerk.account_id, '["SA_SPECIALIST"]')
    assert (await shown())["REMOVE"] == codes(await change(partner.main.api, "removeMember", clerk.id))
    await api.database.superuser.execute(hold, clerk.account_id, "[]")
    await change(partner.main.api, "setMemberStatus", clerk.id, status="DISABLED")
    assert await shown() == {**nothing, "ENABLE": [], "DISABLE": conflict, "RESET_PASSWORD": conflict}
    await change(partner.main.api, "removeMember", clerk.id)
    assert set(map(tuple, (await shown("members")).values())) == {("NOT_FOUND",)}

    own = "{ viewer { actions { blockers { code } } } }"
    actions = (await colleague.api.send(own)).data["viewer"]["actions"]
    assert [one["blockers"] for one in actions] == [[{"code": "ADMIN_ONLY"}]] * 6
    assert (await partner.main.api.send(own)).data["viewer"]["actions"] == []
