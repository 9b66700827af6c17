"""Reading associations, requests and records: actions, scope, statements."""

from core import db
from core.ids import encode_id
from rules.access import Role
from rules.customers import CustomerFact
from tests.api.leaving import unbind
from tests.client import Api, Client
from tests.world import World, associated_customer, member, put_in_charge, world


class TestReads:
    ACTIONS = "actions { action allowed blockers { code } }"

    async def test_actions_say_what_the_mutations_would(self, api: Api) -> None:
        stage = await world(api, facts=(CustomerFact.SUPPORT_PLAN,))
        own = f'id: "{encode_id("aso", stage.association_id)}"'
        document = f"{{ node({own}) {{ ... on CustomerAssociation {{ {self.ACTIONS} }} }} }}"

        seen = (await stage.main.client.send(document)).data["node"]["actions"]
        clerk = (await stage.member.client.send(document)).data["node"]["actions"]

        states = {state["action"]: [blocker["code"] for blocker in state["blockers"]] for state in seen}
        assert states == {
            "REQUEST_UNBIND": ["UNBIND_SUPPORT_PLAN"],
            "REQUEST_SWITCH": [],
            "REQUEST_LEAVE": ["PERMISSION_DENIED"],
            "ASSIGN": [],
        }
        assert {state["action"]: state["blockers"] for state in clerk}["REQUEST_UNBIND"] == [{"code": "ADMIN_ONLY"}]

    async def test_a_customer_sees_its_partner_and_the_open_request(self, api: Api) -> None:
        stage = await world(api)
        asked = await unbind(stage.main.client, stage)
        document = f"{{ myPartner {{ type partner {{ name }} openRequest {{ id {self.ACTIONS} }} {self.ACTIONS} }} }}"

        seen = (await stage.customer.client.send(document)).data["myPartner"]

        assert seen["partner"]["name"].startswith("Partner")
        assert seen["openRequest"]["id"] == asked["request"]["id"]
        allowed = {state["action"]: state["allowed"] for state in seen["openRequest"]["actions"]}
        assert allowed == {"APPROVE": True, "REJECT": True, "WITHDRAW": False}

    async def test_requests_and_records_of_others_stay_unseen(self, api: Api) -> None:
        stage, other = await world(api), await world(api)
        await unbind(stage.main.client, stage)
        document = "{ associationRequests { totalCount { value } } associationRecords { nodes { action result } } }"

        own = (await stage.main.client.send(document)).data
        foreign = (await other.main.client.send(document)).data

        assert own["associationRequests"]["totalCount"]["value"] == 1
        assert own["associationRecords"]["nodes"] == [{"action": "UNBIND", "result": "REQUESTED"}]
        assert foreign["associationRequests"]["totalCount"]["value"] == 0
        assert foreign["associationRecords"]["nodes"] == []

    async def test_an_account_manager_alone_sees_only_its_own_customers(self, api: Api) -> None:
        stage = await world(api)
        manager = await member(api, stage.partner_id, Role.ACCOUNT_MANAGER)
        versatile = await member(api, stage.partner_id, Role.ACCOUNT_MANAGER, Role.FINANCE)
        await unbind(stage.main.client, stage)
        document = "{ associationRequests { totalCount { value } } associationRecords { totalCount { value } } }"

        async def counts(client: Client) -> set[int]:
            seen = (await client.send(document)).data
            return {part["totalCount"]["value"] for part in seen.values()}

        assert await counts(manager.client) == {0}
        assert await counts(versatile.client) == {1}
        await put_in_charge(api, manager.id, stage.association_id)
        assert await counts(manager.client) == {1}

    async def test_a_list_takes_the_same_statements_for_one_and_for_many(self, api: Api) -> None:
        stage = await world(api)
        document = f"{{ associationRequests {{ nodes {{ id {self.ACTIONS} association {{ customer {{ id }} }} }} }} }}"
        counts = []
        for _ in range(2):
            await unbind(stage.main.client, stage)
            with db.observed() as statements:
                await stage.main.client.send(document)
            counts.append(len(statements))
            for _ in range(4):
                _, customer_id, association_id = await associated_customer(api, stage.partner_id)
                another = World(stage.partner_id, association_id, customer_id, stage.main, stage.member, stage.customer)
                await unbind(stage.main.client, another)

        assert counts[0] == counts[1]
