"""Custom roles: made, changed, given to members and deleted, through the API."""

import asyncio
from typing import Any

import pytest

from core.ids import decode_id, encode_id, uuid7
from rules.access import GRANTABLE, Role
from tests.client import Api, Client, codes, told
from tests.factories import Admitted, Person, add_member, admitted_partner, key, member, sign_in, staff

ROLE = "role { id name version permissions { code title } actions { action allowed blockers { code } } }"


async def add(who: Client, called: str = "Clerk", *permissions: str, **more: Any) -> dict[str, Any]:
    """A custom role of the caller's partner."""
    given = {"name": called, "permissions": list(permissions or ("customers:read",)), "idempotencyKey": key()}
    return await who.do("addRole", ROLE, **{**given, **more})


async def change(who: Client, call: str, role_id: str, /, **more: Any) -> dict[str, Any]:
    """A mutation about one custom role."""
    return await who.do(call, ROLE, id=role_id, idempotencyKey=key(), **more)


async def custom(partner: Admitted, *permissions: str, name: str = "Clerk") -> str:
    """The id of a custom role with these permissions."""
    made = await add(partner.main.api, name, *permissions)
    assert codes(made) == [], made
    return str(made["role"]["id"])


async def give(partner: Admitted, who: Person, roles: list[Role], *custom_ids: str) -> dict[str, Any]:
    """Gives a member these roles and no others."""
    given = {"id": who.id, "roles": [role.value for role in roles], "customRoleIds": list(custom_ids)}
    selection = "member { id roles customRoles { id name } version }"
    return await partner.main.api.do("changeMemberRoles", selection, **given, idempotencyKey=key())


async def reason(who: Client, document: str) -> str | None:
    """Why a document was refused; None when it was not."""
    answer = await who.send(document)
    return None if "errors" not in answer.body else str(answer.error["reason"])


async def events(api: Api, kind: str) -> int:
    return int(await api.value("select count(*) from event where type = $1", kind))


class TestMaking:
    async def test_a_role_of_ones_own(self, api: Api) -> None:
        partner = await admitted_partner(api)

        made = await add(partner.main.api, " Sales clerk ", "customers:read", "bills:read", "bills:read")

        assert codes(made) == []
        assert made["role"]["name"] == "Sales clerk"
        assert [item["code"] for item in made["role"]["permissions"]] == ["customers:read", "bills:read"]
        assert made["role"]["permissions"][1]["title"] == "See what customers consumed"
        assert made["role"]["actions"] == [
            {"action": "CHANGE", "allowed": True, "blockers": []},
            {"action": "DELETE", "allowed": True, "blockers": []},
        ]
        assert [effect["kind"] for effect in made["effects"]] == ["role.added"]
        found = await partner.main.api.send(f'{{ node(id: "{made["role"]["id"]}") {{ id }} }}')
        assert found.data["node"] == {"id": made["role"]["id"]}
        assert await events(api, "role.added") == 1

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"name": " "}, [("REQUIRED", ["input", "name"])]),
            ({"name": "Taken"}, [("ROLE_NAME_TAKEN", ["input", "name"])]),
            ({"name": "ACCOUNT_MANAGER"}, [("ROLE_PRESET", ["input", "name"])]),
            ({"name": "财务"}, [("ROLE_PRESET", ["input", "name"])]),
            ({"permissions": []}, [("REQUIRED", ["input", "permissions"])]),
            (
                {"permissions": ["customers:read", "members:manage", "bills:import", "opportunities:read", "what"]},
                [("PERMISSION_NOT_GRANTABLE", ["input", "permissions", str(place)]) for place in (1, 2, 3, 4)],
            ),
            (
                {"name": "Taken", "permissions": ["plans:join"]},
                [
                    ("ROLE_NAME_TAKEN", ["input", "name"]),
                    ("PERMISSION_NOT_GRANTABLE", ["input", "permissions", "0"]),
                ],
            ),
        ],
    )
    async def test_refused(self, api: Api, given: dict[str, Any], expected: list[tuple[str, list[str]]]) -> None:
        partner = await admitted_partner(api)
        await custom(partner, name="Taken")
        mine = await custom(partner, name="Mine")

        async def attempt() -> None:
            made = await add(partner.main.api, **given)
            assert [(error["code"], error["path"]) for error in made["userErrors"]] == expected
            changed = await change(partner.main.api, "changeRole", mine, **given)
            assert [(error["code"], error["path"]) for error in changed["userErrors"]] == expected

        assert await api.changes(attempt) == set()

    async def test_ten_and_no_more(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        for number in range(9):
            await custom(partner, name=f"Role {number}")

        answers = await asyncio.gather(*(add(partner.main.api, f"Last {number}") for number in range(5)))

        assert sorted(map(codes, answers)) == [[]] + [["ROLE_LIMIT"]] * 4
        assert codes(await add(other.main.api, "Role 1")) == []

        async def attempt() -> None:
            assert codes(await add(partner.main.api, "Eleventh")) == ["ROLE_LIMIT"]

        assert await api.changes(attempt) == set()

    async def test_a_name_is_used_once_however_many_ask_for_it(self, api: Api) -> None:
        partner = await admitted_partner(api)
        one, two = await custom(partner, name="One"), await custom(partner, name="Two")

        answers = await asyncio.gather(
            *(change(partner.main.api, "changeRole", role, name="Same") for role in (one, two, one, two))
        )

        given = [row["name"] for row in await api.rows("select name from custom_role order by name")]
        assert given in (["One", "Same"], ["Same", "Two"])
        assert {code for answer in answers for code in codes(answer)} == {"ROLE_NAME_TAKEN"}

    async def test_administrators_only(self, api: Api) -> None:
        partner = await admitted_partner(api)
        mine = await custom(partner, "members:read")
        clerk, admin = await member(api, partner, Role.FINANCE), await member(api, partner, Role.SYSTEM_ADMIN)
        await give(partner, clerk, [], mine)
        calls: dict[str, dict[str, Any]] = {
            "addRole": {"name": "Other", "permissions": ["customers:read"]},
            "changeRole": {"id": mine, "name": "Other"},
            "deleteRole": {"id": mine},
            "removeMember": {"id": admin.id},
        }

        async def attempt() -> None:
            for name, given in calls.items():
                kind = name[0].upper() + name[1:] + "Input"
                document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}"
                answer = await clerk.api.send(document, input={**given, "idempotencyKey": key()})
                assert answer.error["reason"] == "ADMIN_ONLY"

        assert await api.changes(attempt) == set()
        assert codes(await add(admin.api, "Other")) == []

    async def test_of_ones_own_partner_only(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        theirs, clerk = await custom(other), await member(api, partner, Role.FINANCE)
        strangers = [theirs, encode_id("rol", uuid7())]

        async def attempt() -> None:
            for role in strangers:
                assert codes(await change(partner.main.api, "changeRole", role, name="Mine")) == ["NOT_FOUND"]
                assert codes(await change(partner.main.api, "deleteRole", role)) == ["NOT_FOUND"]
            given = await give(partner, clerk, [Role.FINANCE], *strangers)
            assert [(error["code"], error["path"]) for error in given["userErrors"]] == [
                ("NOT_FOUND", ["input", "customRoleIds", str(place)]) for place in (0, 1)
            ]
            added = await add_member(partner, customRoleIds=[theirs])
            assert codes(added) == ["NOT_FOUND"]
            found = await partner.main.api.send(f'{{ node(id: "{theirs}") {{ id }} }}')
            assert found.data["node"] is None

        assert await api.changes(attempt) == set()

    async def test_retry_dry_run_and_version(self, api: Api) -> None:
        partner, same = await admitted_partner(api), key()

        async def try_only() -> None:
            assert codes(await add(partner.main.api, dryRun=True)) == []

        assert await api.changes(try_only) == set()
        first = await add(partner.main.api, idempotencyKey=same)

        async def again() -> None:
            assert (await add(partner.main.api, idempotencyKey=same))["role"] == first["role"]
            for name, more in (("changeRole", {"name": "Late"}), ("deleteRole", {})):
                late = await change(partner.main.api, name, first["role"]["id"], expectedVersion=7, **more)
                assert codes(late) == ["CONFLICT"]

        assert await api.changes(again) == set()


class TestHaving:
    async def test_what_it_holds_counts_from_the_next_request_on(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.MARKETING)
        listing = "{ members { nodes { id } } }"
        assert await reason(clerk.api, listing) == "PERMISSION_DENIED"

        reader = await custom(partner, "members:read")
        given = await give(partner, clerk, [Role.MARKETING], reader)

        assert given["member"]["roles"] == ["MARKETING"]
        assert given["member"]["customRoles"] == [{"id": reader, "name": "Clerk"}]
        assert await reason(clerk.api, listing) is None
        assert codes(await change(partner.main.api, "changeRole", reader, permissions=["bills:read"])) == []
        assert await reason(clerk.api, listing) == "PERMISSION_DENIED"
        assert codes(await change(partner.main.api, "changeRole", reader, permissions=["members:read"])) == []
        assert await reason(clerk.api, listing) is None
        await give(partner, clerk, [Role.MARKETING])
        assert await reason(clerk.api, listing) == "PERMISSION_DENIED"
        changes = await api.value(
            "select changes from event where type = 'member.roles_changed' order by id desc limit 1"
        )
        assert str(decode_id(reader)[1]) in changes

    async def test_alone_it_comes_with_what_every_member_may(self, api: Api) -> None:
        partner = await admitted_partner(api)
        reader = await custom(partner, "plans:read")
        added = await add_member(partner, customRoleIds=[reader])
        assert codes(added) == []
        clerk = await sign_in(api, decode_id(added["member"]["id"])[1])

        own = await clerk.api.send(
            "{ viewer { roles customRoles { name } } partner { id company { name } } wallets { nodes { id } }"
            " todos { kind } notices { kind } messages { nodes { id } } }"
        )

        assert own.data["viewer"] == {"roles": [], "customRoles": [{"name": "Clerk"}]}
        assert own.data["partner"]["id"] == partner.id
        assert own.data["partner"]["company"]["name"]
        renamed = await clerk.api.do("updateProfile", "member { id }", fullName="王芳芳")
        assert codes(renamed) == []
        assert await reason(clerk.api, "{ customers { nodes { id } } }") == "PERMISSION_DENIED"
        assert await reason(clerk.api, "{ planCatalogue { code } }") is None

    async def test_one_that_can_no_longer_be_granted_gives_nothing(self, api: Api) -> None:
        partner = await admitted_partner(api)
        reader = await custom(partner, "plans:read")
        clerk = await member(api, partner, Role.MARKETING)
        await give(partner, clerk, [], reader)
        await api.database.superuser.execute('update custom_role set permissions = \'["members:manage", "old:one"]\'')

        assert await reason(clerk.api, "{ planCatalogue { code } }") == "PERMISSION_DENIED"
        document = "mutation($input: DeleteRoleInput!) { deleteRole(input: $input) { __typename } }"
        answer = await clerk.api.send(document, input={"id": reader, "idempotencyKey": key()})
        assert answer.error["reason"] == "ADMIN_ONLY"
        (shown,) = (await partner.main.api.send("{ roles { custom { id } permissions { code } } }")).data["roles"][7:]
        assert shown == {"custom": {"id": reader}, "permissions": []}

    @pytest.mark.parametrize(
        ("roles", "customs", "expected"),
        [
            ([], 0, "ROLE_COUNT"),
            ([Role.FINANCE, Role.MARKETING], 2, "ROLE_COUNT"),
            ([], 4, "ROLE_COUNT"),
            ([Role.FINANCE, Role.MARKETING, Role.OPERATIONS, Role.SA_SPECIALIST], 0, "ROLE_COUNT"),
            ([Role.SYSTEM_ADMIN], 1, "ROLE_EXCLUSIVE_ADMIN"),
            ([Role.ACCOUNT_MANAGER, Role.ACCOUNT_DIRECTOR], 1, "ROLE_CONFLICT"),
        ],
    )
    async def test_the_guards_count_both(self, api: Api, roles: list[Role], customs: int, expected: str) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.OPERATIONS)
        ids = [await custom(partner, name=f"Role {number}") for number in range(customs)]

        async def attempt() -> None:
            assert codes(await give(partner, clerk, roles, *ids)) == [expected]
            assert codes(await add_member(partner, *roles, customRoleIds=ids)) == [expected]

        assert await api.changes(attempt) == set()

    async def test_custom_roles_stay_for_who_does_not_know_of_them(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk, reader = await member(api, partner, Role.MARKETING), await custom(partner, "bills:read")
        await give(partner, clerk, [Role.MARKETING], reader, reader)
        given = {"id": clerk.id, "roles": ["FINANCE"], "idempotencyKey": key()}

        kept = await partner.main.api.do("changeMemberRoles", "member { roles customRoles { id } }", **given)

        assert kept["member"] == {"roles": ["FINANCE"], "customRoles": [{"id": reader}]}

    async def test_a_role_in_review_stays(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk = await member(api, partner, Role.SA_SPECIALIST, Role.FINANCE)
        await api.database.superuser.execute(
            "update account set roles_in_review = '[\"SA_SPECIALIST\"]' where id = $1", clerk.account_id
        )

        async def attempt() -> None:
            refused = await give(partner, clerk, [Role.FINANCE])
            assert codes(refused) == ["ROLE_LOCKED_BY_REVIEW"]
            assert told(refused, "role") == [["SA_SPECIALIST"]]
            removed = await partner.main.api.do("removeMember", "__typename", id=clerk.id, idempotencyKey=key())
            assert codes(removed) == ["ROLE_LOCKED_BY_REVIEW"]

        assert await api.changes(attempt) == set()
        assert codes(await give(partner, clerk, [Role.SA_SPECIALIST])) == []

    async def test_the_vendor_and_customers_have_none(self, api: Api) -> None:
        vendor = await staff(api, Role.VENDOR_ADMIN)
        assert await reason(vendor.api, "{ roles { people } }") == "PERMISSION_DENIED"
        assert (await vendor.api.send("{ viewer { customRoles { id } } }")).data["viewer"] == {"customRoles": []}


class TestDeleting:
    async def test_only_without_people(self, api: Api) -> None:
        partner = await admitted_partner(api)
        clerk, role = await member(api, partner, Role.MARKETING), await custom(partner)
        await give(partner, clerk, [], role)
        await partner.main.api.do("setMemberStatus", "__typename", id=clerk.id, status="DISABLED", idempotencyKey=key())

        async def attempt() -> None:
            refused = await change(partner.main.api, "deleteRole", role)
            assert codes(refused) == ["ROLE_IN_USE"]
            found = await partner.main.api.send(
                "query($id: ID!) { node(id: $id) { ... on CustomRole { actions { action blockers { code } } } } }",
                id=role,
            )
            assert found.data["node"]["actions"][1] == {"action": "DELETE", "blockers": [{"code": "ROLE_IN_USE"}]}

        assert await api.changes(attempt) == set()
        await give(partner, clerk, [Role.MARKETING])
        deleted = await change(partner.main.api, "deleteRole", role)
        assert codes(deleted) == []
        assert deleted["role"]["id"] == role
        assert await api.value("select count(*) from custom_role") == 0
        assert await events(api, "role.deleted") == 1

    @pytest.mark.parametrize("crowd", [3, pytest.param(50, marks=pytest.mark.long)])
    async def test_given_and_deleted_at_once(self, api: Api, crowd: int) -> None:
        partner = await admitted_partner(api)
        for number in range(crowd):
            clerk = await member(api, partner, Role.MARKETING)
            role = await custom(partner, name=f"Role {number}")

            deleted, given = await asyncio.gather(
                change(partner.main.api.patient, "deleteRole", role), give(partner, clerk, [], role)
            )

            assert sorted(codes(deleted) + codes(given)) in (["ROLE_IN_USE"], ["NOT_FOUND"])
            await give(partner, clerk, [Role.MARKETING])
            if codes(deleted):
                assert codes(await change(partner.main.api, "deleteRole", role)) == []


class TestReading:
    async def test_the_roles_of_a_partner(self, api: Api) -> None:
        partner, other = await admitted_partner(api), await admitted_partner(api)
        await custom(other, name="Theirs")
        first, second = await custom(partner, "bills:read", name="First"), await custom(partner, name="Second")
        clerk, leaver = await member(api, partner, Role.FINANCE), await member(api, partner, Role.FINANCE)
        await give(partner, clerk, [Role.FINANCE], first)
        await partner.main.api.do("removeMember", "__typename", id=leaver.id, idempotencyKey=key())

        answer = await partner.main.api.send("{ roles { preset custom { id } name people permissions { code } } }")

        shown = answer.data["roles"]
        assert [role["preset"] for role in shown[:7]] == [
            "SYSTEM_ADMIN",
            "ACCOUNT_MANAGER",
            "ACCOUNT_DIRECTOR",
            "SA_SPECIALIST",
            "FINANCE",
            "OPERATIONS",
            "MARKETING",
        ]
        finance = shown[4]
        assert (finance["name"], finance["people"]) == ("Finance", 1)
        assert {"code": "incentives:confirm"} in finance["permissions"]
        assert {"code": "vouchers:issue"} not in finance["permissions"]
        assert shown[7:] == [
            {
                "preset": None,
                "custom": {"id": first},
                "name": "First",
                "people": 1,
                "permissions": [{"code": "bills:read"}],
            },
            {
                "preset": None,
                "custom": {"id": second},
                "name": "Second",
                "people": 0,
                "permissions": [{"code": "customers:read"}],
            },
        ]

    @pytest.mark.parametrize(
        ("language", "title"), [("en", "Issue vouchers to customers"), ("zh-CN", "向客户发放代金券")]
    )
    async def test_what_can_be_granted(self, api: Api, language: str, title: str) -> None:
        partner = await admitted_partner(api)
        await api.database.superuser.execute("update account set locale = $1", language)

        items = (await partner.main.api.send("{ permissionItems { code title } }")).data["permissionItems"]

        assert [item["code"] for item in items] == [permission.value for permission in GRANTABLE]
        assert {"code": "vouchers:issue", "title": title} in items
