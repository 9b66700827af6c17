"""A customer's page: the newest of its opportunities and vouchers, as the lists have them, once for all customers."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, cast

import pytest
from graphql import parse

from core import db
from core.analyser import analyse
from core.analyser.limits import Limits, TooExpensive
from core.execution.errors import RequestError
from core.ids import decode_id, encode_id
from models.customers import Customer
from resolvers.accounts import authenticate
from rules.access import Role
from schema.context import RequestContext
from tests import factories, world
from tests import opportunities as po
from tests import vouchers as vo
from tests.client import Api, Client
from tests.contracts.root_fields import SCHEMA

PAGE = """query($opportunities: Int! = 5, $vouchers: Int! = 5) {
  customers { nodes { id opportunities(first: $opportunities) { id } vouchers(first: $vouchers) { id } } }
}"""


@dataclass(frozen=True)
class Scene:
    """Two partners with the same vendor's people; two customers of the first, one of the second."""

    api: Api
    at: po.Desk
    stage: vo.Stage
    first: vo.Customer
    second: vo.Customer
    other: po.Desk
    others: vo.Customer

    async def staff(self, *roles: Role) -> Client:
        """One of the vendor's staff."""
        return (await po.staff(self.api, *roles)).client

    async def member(self, *roles: Role) -> world.Person:
        """A member of the first partner."""
        return await world.member(self.api, self.at.partner_id, *roles)


async def scene(api: Api) -> Scene:
    other = await po.desk(api)
    stage = await vo.stage(api, columns={"eco_manager_id": other.manager.id})
    await po.join_co_sell(api, stage.partner_id)
    at = po.Desk(stage.partner_id, stage.main, other.manager, other.office_id, other.psm, other.colleague)
    first, second = [await vo.customer(api, at.partner_id) for _ in range(2)]
    return Scene(api, at, stage, first, second, other, await vo.customer(api, other.partner_id))


async def page(client: Client, **first: int) -> dict[str, tuple[list[str], list[str]]]:
    """Customer → ids of its opportunities and of its vouchers, as one page shows them."""
    nodes = (await client.send(PAGE, **first)).data["customers"]["nodes"]
    return {node["id"]: (ids(node["opportunities"]), ids(node["vouchers"])) for node in nodes}


def ids(nodes: list[dict[str, str]]) -> list[str]:
    return [node["id"] for node in nodes]


async def listed(client: Client, field: str, customer: str, first: int) -> list[str]:
    """What the root list answers about one customer; nothing for those who may not ask for it."""
    document = f'{{ {field}(first: {first}, filter: {{ customer: "{customer}" }}) {{ nodes {{ id }} }} }}'
    answer = await client.send(document)
    if "errors" in answer.body:
        assert answer.error["code"] == "FORBIDDEN"
        return []
    return ids(answer.data[field]["nodes"])


async def agrees(client: Client, first: int) -> dict[str, tuple[list[str], list[str]]]:
    """The page, which is what the lists answer one by one."""
    shown = await page(client, opportunities=first, vouchers=first)
    for customer, (opportunities, vouchers) in shown.items():
        assert opportunities == await listed(client, "opportunities", customer, first)
        assert vouchers == await listed(client, "issuedVouchers", customer, first)
    return shown


async def point_at(api: Api, table: str, row: str, customer: vo.Customer) -> None:
    """Makes a row of another partner name the customer, as no command would."""
    await api.database.superuser.execute(
        f"update {table} set customer_id = $1 where id = $2", customer.id, decode_id(row)[1]
    )


class TestOpportunities:
    async def test_the_newest_of_each_customer_as_the_list_has_them(self, api: Api) -> None:
        on = await scene(api)
        main = on.at.main.client
        about_first = [await po.drafted(main, customerId=on.first.gid) for _ in range(6)]
        about_second = [await po.submitted(api, on.at, customerId=on.second.gid)]
        await po.drafted(main)

        shown = await page(main)
        assert shown[on.first.gid][0] == about_first[:0:-1]
        assert shown[on.second.gid][0] == about_second
        assert (await page(main, opportunities=2))[on.first.gid][0] == [about_first[5], about_first[4]]
        assert (await agrees(main, 20))[on.first.gid][0] == about_first[::-1]

    async def test_each_sees_of_them_what_it_sees_in_the_list(self, api: Api) -> None:
        on = await scene(api)
        manager = await on.member(Role.ACCOUNT_MANAGER)
        draft = await po.drafted(on.at.main.client, customerId=on.first.gid)
        given = await po.drafted(on.at.main.client, customerId=on.first.gid, ownerUserId=encode_id("acc", manager.id))
        submitted = await po.submitted(api, on.at, customerId=on.first.gid)
        verifying = await po.verifying(api, on.at, customerId=on.first.gid)
        planted = await po.verifying(api, on.other, customerId=on.others.gid)
        await point_at(api, "opportunity", planted, on.first)
        await world.put_in_charge(api, manager.id, on.first.association_id)
        elsewhere = await po.desk(api, regions=(po.NANJING,))

        for client, seen in (
            (on.at.main.client, [verifying, submitted, given, draft]),
            (manager.client, []),
            ((await on.member(Role.SYSTEM_ADMIN)).client, []),
            (await on.staff(Role.VENDOR_ADMIN), [planted, verifying, submitted]),
            (on.at.manager.client, [planted, verifying, submitted]),
            (on.at.psm.client, [planted, verifying]),
            (elsewhere.psm.client, []),
        ):
            assert (await agrees(client, 20))[on.first.gid][0] == seen
        assert on.first.gid not in await agrees(on.other.main.client, 20)

    async def test_a_customer_sees_none(self, api: Api) -> None:
        on = await scene(api)
        await po.verifying(api, on.at, customerId=on.first.gid)
        document = "{ myPartner { customer { id opportunities { id } } } }"
        seen = (await on.first.person.client.send(document)).data["myPartner"]["customer"]
        assert seen == {"id": on.first.gid, "opportunities": []}


class TestVouchers:
    async def test_each_sees_of_them_what_it_sees_in_the_list(self, api: Api) -> None:
        on = await scene(api)
        of_first = [await vo.voucher(on.stage, on.first, "10.00") for _ in range(6)]
        of_second = [await vo.voucher(on.stage, on.second, "10.00")]
        await vo.recall(on.stage, of_first[5])
        both = {on.first.gid: of_first[::-1], on.second.gid: of_second}

        for client in (on.stage.client, (await on.member(Role.FINANCE)).client):
            assert {key: seen for key, (_, seen) in (await agrees(client, 20)).items()} == both
        assert (await page(on.stage.client))[on.first.gid][1] == of_first[:0:-1]
        assert (await page(on.stage.client, vouchers=1))[on.second.gid][1] == of_second
        vendor = await agrees(await on.staff(Role.VENDOR_OPS), 20)
        assert {key: seen for key, (_, seen) in vendor.items()} == {**both, on.others.gid: []}

    async def test_a_member_without_vouchers_gets_none(self, api: Api) -> None:
        on = await scene(api)
        await vo.voucher(on.stage, on.first, "10.00")
        assert (await agrees((await on.member(Role.MARKETING)).client, 20))[on.first.gid] == ([], [])

    async def test_a_customer_sees_its_own_as_in_its_list(self, api: Api) -> None:
        on = await scene(api)
        own = [await vo.voucher(on.stage, on.first, "10.00") for _ in range(3)]
        await vo.voucher(on.stage, on.second, "10.00")
        customer = on.first.person.client
        document = "{ myPartner { customer { vouchers(first: 2) { id } } } myVouchers(first: 2) { nodes { id } } }"
        seen = (await customer.send(document)).data
        assert ids(seen["myPartner"]["customer"]["vouchers"]) == ids(seen["myVouchers"]["nodes"]) == own[:0:-1]

    @pytest.mark.tampers
    async def test_another_partners_voucher_is_not_shown(self, api: Api) -> None:
        on = await scene(api)
        own = await vo.voucher(on.stage, on.first, "10.00")
        operations = await po.staff(api, Role.VENDOR_OPS)
        quota = await vo.grant(api, operations.client, on.other.partner_id)
        stranger = vo.Stage(on.other.partner_id, on.other.main, operations.client, quota)
        planted = await vo.voucher(stranger, on.others, "10.00")
        await point_at(api, "voucher", planted, on.first)

        assert (await agrees(on.stage.client, 20))[on.first.gid][1] == [own]
        assert (await agrees(operations.client, 20))[on.first.gid][1] == [planted, own]


class TestArguments:
    async def test_one_statement_for_all_parents_and_each_number(self, api: Api) -> None:
        on = await scene(api)
        for customer in (on.first, on.second):
            for _ in range(3):
                await po.drafted(on.at.main.client, customerId=customer.gid)

        async def statements(selection: str) -> tuple[int, Any]:
            with db.observed() as found:
                answer = await on.at.main.client.send(f"{{ customers {{ nodes {{ id {selection} }} }} }}")
            return len(found), answer.data["customers"]["nodes"]

        alone, _ = await statements("")
        same = "a: opportunities(first: 2) { id } b: opportunities(first: 2) { id }"
        assert (await statements(same))[0] == alone + 1
        number, nodes = await statements("a: opportunities(first: 1) { id } b: opportunities(first: 3) { id }")
        assert number == alone + 2
        assert {(len(node["a"]), len(node["b"])) for node in nodes} == {(1, 3)}

    @pytest.mark.parametrize("number", [0, 21, -1])
    @pytest.mark.parametrize("field", ["opportunities", "vouchers"])
    async def test_numbers_out_of_bounds_are_refused(self, api: Api, field: str, number: int) -> None:
        on = await scene(api)
        answer = await on.at.main.client.send(PAGE, **{field: number})
        first, *_ = answer.body["errors"]
        assert first["message"] == "The argument first must be from 1 to 20."
        assert (first["extensions"]["code"], first["extensions"]["argument"]) == ("BAD_QUERY", ["first"])
        on.at.main.client.language = "zh-CN"
        answer = await on.at.main.client.send(PAGE, **{field: number})
        assert answer.body["errors"][0]["message"] == "参数 first 必须在 1 到 20 之间。"

    async def test_the_batch_function_takes_them_by_their_python_names(self, api: Api) -> None:
        """An executor that does not go through the field's resolver calls it itself, and is refused the same."""
        on = await scene(api)
        drafts = [await po.drafted(on.at.main.client, customerId=on.first.gid) for _ in range(3)]
        batch = cast("Any", SCHEMA.type_map["Customer"]).fields["opportunities"].extensions["batch"]
        actor, _ = await authenticate(str(on.at.main.client.token), api.clock())
        assert actor is not None
        request = RequestContext(factories.context(api, actor), AsyncExitStack())

        async with db.read(actor.scope):
            parents = await Customer.filter(id__in=[on.first.id, on.second.id]).order_by("id")
            found = await batch(request, parents, first=2)
            assert [[encode_id("opp", row.id) for row in rows] for rows in found] == [drafts[:0:-1], []]
            with pytest.raises(RequestError, match="from 1 to 20"):
                await batch(request, parents, first=21)

    def test_they_are_priced_as_lists_of_that_length(self) -> None:
        def cost(arguments: str) -> int:
            document = f"{{ customers(first: 10) {{ nodes {{ opportunities{arguments} {{ id }} }} }} }}"
            return analyse(SCHEMA, parse(document), Limits())[0].price({}).cost

        assert cost("(first: 20)") - cost("(first: 1)") == 10 * 19
        assert cost("") == cost("(first: 5)")
        with pytest.raises(TooExpensive):
            cost("(first: 1000)")
