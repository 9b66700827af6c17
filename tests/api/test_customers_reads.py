"""Reading customers, reports, invitations: whose, filtered how, masked, with their actions; in how many statements."""

from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.ids import encode_id
from rules.access import Role
from rules.customers import AssociationType
from tests import world
from tests.client import NOON, Api, Client, codes
from tests.development import (
    CORRECTED,
    accept,
    associated_customer,
    general_token,
    invite,
    key,
    link,
    mailed_token,
    of,
    prospect,
    report,
    reported_customer,
    signed_in_again,
    staff,
)

LISTS = """{ customers { nodes { id } } customerReports { nodes { id } } customerInvitations { nodes { id } }
    associationAttempts { nodes { id } } }"""


async def ids(client: Client, field: str, arguments: str = "") -> list[str]:
    document = f"{{ {field}{arguments} {{ nodes {{ id }} }} }}"
    return [node["id"] for node in (await client.send(document)).data[field]["nodes"]]


async def row_ids(api: Api, table: str, prefix: str) -> list[str]:
    """Public ids of a table's rows, newest first."""
    return [encode_id(prefix, row["id"]) for row in await api.rows(f"select id from {table} order by id desc")]


class TestWhose:
    async def test_a_partner_sees_its_own_and_nothing_of_others(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        await associated_customer(api, main)
        await link(main.client)

        own, foreign = (await main.client.send(LISTS)).data, (await other.client.send(LISTS)).data

        assert [len(own[name]["nodes"]) for name in own] == [1, 1, 2, 1]
        assert [len(foreign[name]["nodes"]) for name in foreign] == [0, 0, 0, 0]
        for node in (own["customers"], own["customerReports"], own["customerInvitations"], own["associationAttempts"]):
            found = await other.client.send("query($id: ID!) { node(id: $id) { id } }", id=node["nodes"][0]["id"])
            assert found.data["node"] is None

    async def test_the_vendor_sees_all(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        await associated_customer(api, main)
        await associated_customer(api, other)
        clerk = await staff(api, Role.PSM)

        assert await ids(clerk.client, "customers") == await row_ids(api, "customer", "cus")

    async def test_an_account_manager_alone_sees_its_own(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        manager = await world.member(api, partner_id, Role.ACCOUNT_MANAGER)
        both = await world.member(api, partner_id, Role.ACCOUNT_MANAGER, Role.OPERATIONS)
        await associated_customer(api, main)
        await associated_customer(api, manager)

        seen = {name: len(rows["nodes"]) for name, rows in (await manager.client.send(LISTS)).data.items()}
        everything = {name: len(rows["nodes"]) for name, rows in (await both.client.send(LISTS)).data.items()}

        assert set(seen.values()) == {1}
        assert set(everything.values()) == {2}
        mine = await api.value("select customer_id from customer_association where account_manager_id = $1", manager.id)
        assert await ids(manager.client, "customers") == [encode_id("cus", mine)]
        assert await ids(
            main.client, "customers", f'(filter: {{ accountManager: "{encode_id("acc", manager.id)}" }})'
        ) == [encode_id("cus", mine)]

    async def test_nor_does_it_touch_a_colleagues_report(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        manager = await world.member(api, partner_id, Role.ACCOUNT_MANAGER)
        booked = await reported_customer(api, main)

        async def attempt() -> None:
            assert codes(await invite(manager.client, booked.id)) == ["NOT_FOUND"]
            cancelled = await manager.client.do("cancelReport", CORRECTED, id=booked.id, idempotencyKey=key())
            assert codes(cancelled) == ["NOT_FOUND"]

        assert await api.changes(attempt) == set()


class TestFilters:
    async def test_customers_by_name_and_type(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        sold = await associated_customer(api, main)
        await associated_customer(api, main, AssociationType.REFERRAL)
        await api.database.superuser.execute("update customer set name = 'Alpha 100%' where account_id = $1", sold.id)
        newest, oldest = await row_ids(api, "customer", "cus")

        for arguments, expected in (
            ("", [newest, oldest]),
            ("(filter: {})", [newest, oldest]),
            ("(filter: { associationType: RESALE })", [oldest]),
            ("(filter: { associationType: REFERRAL })", [newest]),
            ('(filter: { nameStartsWith: "alpha" })', [oldest]),
            ('(filter: { nameStartsWith: "lpha" })', []),
            ('(filter: { nameStartsWith: "%" })', []),
            ('(filter: { nameStartsWith: "Alpha 100%", associationType: REFERRAL })', []),
            ('(filter: { accountManager: "nobody" })', []),
        ):
            assert await ids(main.client, "customers", arguments) == expected, arguments

    async def test_reports_by_name_contact_and_status(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        one, two = prospect(), prospect()
        first = (await report(main.client, one, customerName="Alpha"))["report"]["id"]
        second = (await report(main.client, two, customerName="Beta"))["report"]["id"]
        await main.client.do("cancelReport", CORRECTED, id=first, idempotencyKey=key())

        for arguments, expected in (
            ('(filter: { nameStartsWith: "be" })', [second]),
            (f'(filter: {{ mobile: "{one.mobile.removeprefix("+86")}" }})', [first]),
            (f'(filter: {{ email: "{two.email.upper()}" }})', [second]),
            ('(filter: { mobile: "1" })', []),
            ('(filter: { email: "1" })', []),
            ("(filter: { status: [CANCELLED] })", [first]),
            ("(filter: { status: [CANCELLED, REPORTED] })", [second, first]),
            ("(filter: { status: [] })", []),
        ):
            assert await ids(main.client, "customerReports", arguments) == expected, arguments

    async def test_invitations_by_state_and_channel(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        await reported_customer(api, main, sendInvite=True)
        made = (await link(main.client))["invitation"]["id"]

        assert await ids(main.client, "customerInvitations", "(channel: OFFLINE_LINK)") == [made]
        assert len(await ids(main.client, "customerInvitations", "(state: ACTIVE)")) == 2
        assert await ids(main.client, "customerInvitations", "(state: USED)") == []

    async def test_a_cursor_is_good_for_its_filter_only(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        for _ in range(2):
            await report(main.client, prospect())
        document = (
            "query($after: Cursor) { customerReports(first: 1, after: $after FILTER) { pageInfo { endCursor } } }"
        )
        plain, filtered = document.replace("FILTER", ""), document.replace("FILTER", ", filter: { status: [REPORTED] }")
        cursor = (await main.client.send(plain)).data["customerReports"]["pageInfo"]["endCursor"]

        assert (await main.client.send(plain, after=cursor)).data["customerReports"]["pageInfo"]["endCursor"]
        assert (await main.client.send(filtered, after=cursor)).error["code"] == "BAD_QUERY"

    async def test_one_customer_by_id_or_reference(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        booked = await reported_customer(api, main, externalRef="crm-7")
        await accept(booked.person.client, await general_token(main.client))
        [customer_id] = await row_ids(api, "customer", "cus")
        document = "query($id: ID, $ref: String) { customer(id: $id, externalRef: $ref) { id } }"

        for given, expected in (
            ({"id": customer_id}, customer_id),
            ({"ref": "crm-7"}, customer_id),
            ({"ref": "crm-8"}, None),
            ({"id": booked.id}, None),
            ({"id": "nonsense"}, None),
            ({}, None),
        ):
            found = (await main.client.send(document, **given)).data["customer"]
            assert (found and found["id"]) == expected, given
            assert (await other.client.send(document, **given)).data["customer"] is None

    async def test_texts_that_the_database_cannot_hold_find_nothing_or_are_refused(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)

        for document in (
            '{ customer(externalRef: "a\\u0000") { id } }',
            '{ customers(filter: { nameStartsWith: "a\\u0000" }) { nodes { id } } }',
            '{ customerReports(filter: { nameStartsWith: "a\\u0000" }) { nodes { id } } }',
            '{ invitation(token: "a\\u0000") { partnerName } }',
        ):
            answer = await main.client.send(document)
            found = [error["extensions"]["code"] for error in answer.body.get("errors", ())]
            assert set(found) <= {"BAD_QUERY"}, answer.body


class TestPersonalData:
    async def test_it_is_masked_for_the_partner(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await associated_customer(api, main)
        document = (
            """{ customers { nodes { name mobile email } } customerReports { nodes { customerName mobile email } } }"""
        )

        answer = await main.client.send(document)

        [row], [booked] = answer.data["customers"]["nodes"], answer.data["customerReports"]["nodes"]
        for shown in (row, booked):
            assert shown["mobile"] == f"{customer.mobile[:6]}****{customer.mobile[-4:]}"
            assert shown["email"] == f"{customer.email[0]}***@example.com"
        assert booked["customerName"] == "钱**"

    @pytest.mark.parametrize("argument", ["customerId", "reportId"])
    async def test_it_is_shown_on_request_and_the_reason_kept(self, api: Api, argument: str) -> None:
        _, main = await world.admitted_partner(api)
        customer = await associated_customer(api, main)
        table, prefix = {"customerId": ("customer", "cus"), "reportId": ("customer_report", "rep")}[argument]
        [row_id] = await row_ids(api, table, prefix)
        given = {argument: row_id, "reason": "Calling about the invoice.", "idempotencyKey": key()}

        shown = await main.client.do("revealContact", "contact { name mobile email }", **given)
        again = await main.client.do("revealContact", "contact { name mobile email }", **given)

        assert codes(shown) == []
        assert (shown["contact"]["mobile"], shown["contact"]["email"]) == (customer.mobile, customer.email)
        assert "*" not in shown["contact"]["name"]
        assert again["contact"] == shown["contact"]
        [audit] = await api.rows("select subject_id, detail from audit where operation = 'reveal_contact'")
        assert encode_id(prefix, audit["subject_id"]) == row_id
        assert "Calling about the invoice." in audit["detail"]
        assert customer.mobile not in audit["detail"]

    async def test_not_without_a_reason_nor_of_others(self, api: Api) -> None:
        (_, main), (_, other) = await world.admitted_partner(api), await world.admitted_partner(api)
        await associated_customer(api, main)
        [customer_id] = await row_ids(api, "customer", "cus")
        [report_id] = await row_ids(api, "customer_report", "rep")

        async def attempt() -> None:
            for expected, who, given in (
                (["REASON_REQUIRED"], main, {"customerId": customer_id, "reason": " "}),
                (["OUT_OF_RANGE"], main, {"customerId": customer_id, "reason": "x" * 501}),
                (["REQUIRED"], main, {"reason": "x"}),
                (["REQUIRED"], main, {"reason": "x", "customerId": customer_id, "reportId": report_id}),
                (["NOT_FOUND"], other, {"reason": "x", "customerId": customer_id}),
                (["NOT_FOUND"], other, {"reason": "x", "reportId": report_id}),
            ):
                payload = await who.client.do("revealContact", "contact { name }", **given)
                assert codes(payload) == expected, given

        assert await api.changes(attempt) == set()

    async def test_only_administrators(self, api: Api) -> None:
        partner_id, _ = await world.admitted_partner(api)
        clerk = await world.member(api, partner_id, Role.OPERATIONS)
        document = "mutation($input: RevealContactInput!) { revealContact(input: $input) { contact { name } } }"

        answer = await clerk.client.send(document, input={"reason": "x"})

        assert answer.error["code"] == "FORBIDDEN"


class TestActions:
    ACTIONS = "actions { action allowed blockers { code } }"

    async def states(self, client: Client, row_id: str, kind: str) -> dict[str, list[str]]:
        document = f"query($id: ID!) {{ node(id: $id) {{ ... on {kind} {{ {self.ACTIONS} }} }} }}"
        found = (await client.send(document, id=row_id)).data["node"]["actions"]
        return {state["action"]: [blocker["code"] for blocker in state["blockers"]] for state in found}

    async def test_of_a_report_they_say_what_the_mutations_would(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        clerk = await world.member(api, partner_id, Role.MARKETING)
        booked = await reported_customer(api, main)
        assert await self.states(main.client, booked.id, "CustomerReport") == {
            "INVITE": [],
            "CORRECT": [],
            "CANCEL": [],
            "WITHDRAW": ["STATE_CONFLICT"],
            "DECIDE": ["PERMISSION_DENIED"],
        }
        denied = await self.states(clerk.client, booked.id, "CustomerReport")
        assert set(map(tuple, denied.values())) == {("PERMISSION_DENIED",)}

        assert codes(await invite(main.client, booked.id)) == []
        after = await self.states(main.client, booked.id, "CustomerReport")
        assert after["INVITE"] == ["INVITATION_STILL_VALID"] == codes(await invite(main.client, booked.id))

        api.clock.at = NOON + timedelta(days=15)
        main = await signed_in_again(api, main)
        over = await self.states(main.client, booked.id, "CustomerReport")
        assert over["INVITE"] == ["INVITATION_NOT_REPORTED"] == codes(await invite(main.client, booked.id))
        assert over["CANCEL"] == over["CORRECT"] == ["STATE_CONFLICT"]

    async def test_of_an_invitation(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        made = (await link(main.client))["invitation"]["id"]
        assert await self.states(main.client, made, "CustomerInvitation") == {"REVOKE": []}

        await main.client.do("revokeInvitation", "invitation { id }", id=made, idempotencyKey=key())

        assert await self.states(main.client, made, "CustomerInvitation") == {"REVOKE": ["STATE_CONFLICT"]}


class TestStatements:
    DOCUMENT = """{
        customers { nodes { id association { type } report { id } } }
        customerReports { nodes { id customer { id } partner { id } invitations { id report { id } actions { allowed } }
            actions { allowed } } }
        associationAttempts { nodes { id invitation { id } failures { cause } } }
    }"""

    async def test_a_list_takes_the_same_number_for_one_and_for_many(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        counts = []
        for more in (1, 3):
            for _ in range(more):
                await associated_customer(api, main)
            with db.observed() as statements:
                answer = await main.client.send(self.DOCUMENT)
            assert "errors" not in answer.body
            counts.append(len(statements))

        assert counts[0] == counts[1]
        print("customers, reports and attempts with everything below them:", counts[0])

    async def test_of_the_mutations(self, api: Api) -> None:
        _, main = await world.admitted_partner(api)
        customer = await world.person(api)
        counts: dict[str, int] = {}

        async def counted(name: str, work: Any) -> Any:
            with db.observed() as statements:
                done = await work
            counts[name] = len(statements)
            return done

        made = await counted("report_customer", report(main.client, of(customer)))
        report_id = made["report"]["id"]
        await counted("invite_customer", invite(main.client, report_id))
        token = await mailed_token(api, customer.email)
        await counted("accept_invitation", accept(customer.client, token))
        await counted("create_invitation_link", link(main.client))
        print(counts)

        assert counts == {
            "report_customer": 11,
            "invite_customer": 10,
            "accept_invitation": 19,
            "create_invitation_link": 8,
        }
