"""What keeps a seller in its plan: what nobody has brought to an end yet."""

from datetime import timedelta
from typing import Any

from core import db
from core.ids import encode_id
from rules.access import Role
from tests import funds, tiers, vouchers
from tests.client import Api, Client, codes
from tests.factories import admitted_partner, join, key, staff
from tests.opportunities import done

CASES = "query($id: ID!) { node(id: $id) { ... on PlanMembership { actions { action blockers { code } } } } }"


async def leave(client: Client, membership: str) -> dict[str, Any]:
    """The vendor records that a partner has left."""
    return await client.do("recordPlanExit", "membership { state }", id=membership, idempotencyKey=key())


def kinds(answer: dict[str, Any]) -> list[str]:
    """The codes and texts of a refusal."""
    return [f"{error['code']} {error['message']}" for error in answer["userErrors"]]


async def test_quotas_and_vouchers_are_used_up_recalled_or_over_first(api: Api) -> None:
    who = await tiers.member(api)
    operations = (await staff(api, Role.VENDOR_OPS)).api
    quota = await vouchers.grant(api, operations, who.partner_id, "100.00")
    made = vouchers.Stage(who.partner_id, who.main, operations, quota)
    voucher = await vouchers.voucher(made, await vouchers.customer(api, who.partner_id), face="60.00")

    async def attempt() -> None:
        refused = await leave(who.manager.client, who.id)
        assert kinds(refused) == [
            "PLAN_EXIT_BLOCKED Still open: voucher quotas (1).",
            "PLAN_EXIT_BLOCKED Still open: vouchers (1).",
        ]

    assert await api.changes(attempt) == set()
    shown = (await who.manager.client.send(CASES, id=who.id)).data["node"]["actions"]
    blockers = {one["action"]: [against["code"] for against in one["blockers"]] for one in shown}
    assert blockers["RECORD_EXIT"] == ["PLAN_EXIT_BLOCKED"] * 2
    rest = await vouchers.voucher(made, await vouchers.customer(api, who.partner_id), face="40.00")
    assert kinds(await leave(who.manager.client, who.id)) == ["PLAN_EXIT_BLOCKED Still open: vouchers (2)."]
    for one, amount in ((voucher, "60.00"), (rest, "40.00")):
        assert codes(await vouchers.use(made, one, amount)) == []
    assert codes(await leave(who.manager.client, who.id)) == []


async def test_of_a_plan_that_makes_nobody_a_seller_no_case_is_asked_for(api: Api) -> None:
    partner, who = await admitted_partner(api), await tiers.member(api)
    ways = (await join(partner, "CO_SELL"))["membership"]["id"]

    for client, membership, asked in ((partner.main.api, ways, False), (who.manager.client, who.id, True)):
        with db.observed() as statements:
            assert (await client.send(CASES, id=membership)).data["node"]["actions"]
        assert any("voucher_quota" in statement for statement in statements) is asked


async def test_a_quota_past_its_end_holds_nobody(api: Api) -> None:
    who = await tiers.member(api)
    end = api.clock() + timedelta(minutes=10)
    operations = (await staff(api, Role.VENDOR_OPS)).api
    await vouchers.grant(api, operations, who.partner_id, "100.00", expiresAt=end.isoformat())
    api.clock.at = end - timedelta(milliseconds=1)
    assert codes(await leave(who.manager.client, who.id)) == ["PLAN_EXIT_BLOCKED"]
    api.clock.at = end
    assert codes(await leave(who.manager.client, who.id)) == []


async def test_a_distributor_answers_those_who_have_applied(api: Api) -> None:
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    given = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
    assert codes(await manager.api.do("inviteToPlan", "membership { id }", **given)) == []
    membership = (await join(partner, "DISTRIBUTOR"))["membership"]["id"]
    decision = {"id": membership, "approve": True, "idempotencyKey": key()}
    assert codes(await manager.api.do("decidePlanApplication", "membership { id }", **decision)) == []
    company = await admitted_partner(api)
    applied = await join(company, "RESELLER", distributorId=partner.id)
    assert codes(applied) == []

    refused = await leave(manager.api, membership)
    assert kinds(refused) == ["PLAN_EXIT_BLOCKED Still open: applications of resellers (1)."]

    withdrawal = {"id": applied["membership"]["id"], "idempotencyKey": key()}
    assert codes(await company.main.api.do("withdrawPlanApplication", "membership { id }", **withdrawal)) == []
    assert codes(await leave(manager.api, membership)) == []
    assert await api.value("select kind from partner where id = $1", partner.partner_id) is None


async def test_cases_of_the_fund_that_the_tier_gave_are_brought_to_an_end_first(api: Api) -> None:
    who = await funds.funded(api)
    await funds.in_provider_plan(api, who, "BASIC")
    membership = encode_id("pms", await api.value("select id from plan_membership where plan = 'SOLUTION_PROVIDER'"))
    case = await funds.submitted(api, who)
    draft = await funds.drafted(api, who, name="Harbour day")
    dry = {"id": membership, "dryRun": True, "idempotencyKey": key()}
    assert codes(await who.manager.client.do("recordPlanExit", "membership { state }", **dry)) == []
    await api.rows("update mdf_quota set line = 'SOLUTION_PROVIDER' returning id")

    async def attempt() -> None:
        refused = await leave(who.manager.client, membership)
        assert kinds(refused) == ["PLAN_EXIT_BLOCKED Still open: market development fund cases (1)."]

    for approve in (False, True):
        if approve:
            assert codes(await funds.decide(who, case)) == []
        assert await api.changes(attempt) == set()
    await done(await funds.step(who.api, "cancelMdfCase", case))
    assert (await funds.shown(who, draft))["state"] == "DRAFT"
    assert codes(await leave(who.manager.client, membership)) == []
