"""How distributor and reseller part: no more quota, everything taken back, the end; and who may do it."""

from typing import Any

import pytest

from models.resellers import ResellerLink
from resolvers.context import Context
from resolvers.verify import verify
from resolvers.wallets.ledger import Leg, open_account, post
from rules.access import Role
from rules.wallets import AccountKind, Posting
from tests.client import Api, codes
from tests.distribution import distributor, end_exit, reseller, start_exit, uuid
from tests.factories import join, key, member, staff
from tests.ledger import carry_out, fund

LINKS = "{ resellers { nodes { status actions { action allowed blockers { code } } } } }"


async def give_quota(api: Api, link_id: str, amount: int) -> tuple[Any, Any]:
    """Money of the distributor's quotas at the reseller; the accounts it came from and is on."""

    async def work(ctx: Context) -> tuple[Any, Any]:
        link = await ResellerLink.get(id=uuid(link_id))
        source = await open_account(
            ctx, AccountKind.PARTNER_QUOTA, currency="CNY", owner=link, partner_id=link.distributor_id
        )
        target = await open_account(
            ctx,
            AccountKind.RESELLER_QUOTA,
            currency="CNY",
            owner=link,
            partner_id=link.reseller_id,
            issuer_id=link.distributor_id,
        )
        await fund(ctx, source, amount, link)
        await post(ctx, Posting.QUOTA_ISSUE, [Leg(source, -amount), Leg(target, amount)], subject=link)
        return source, target

    return await carry_out(api, work)


async def take_back(api: Api, link_id: str, accounts: tuple[Any, Any], amount: int) -> None:
    """The way back of that money."""

    async def work(ctx: Context) -> None:
        link = await ResellerLink.get(id=uuid(link_id))
        source, target = accounts
        await post(ctx, Posting.QUOTA_RECALL, [Leg(target, -amount), Leg(source, amount)], subject=link)

    await carry_out(api, work)


async def shown(who: Any) -> dict[str, list[str]]:
    """Action → the codes that stand in its way."""
    [node] = (await who.send(LINKS)).data["resellers"]["nodes"]
    return {state["action"]: [blocker["code"] for blocker in state["blockers"]] for state in node["actions"]}


async def test_from_the_beginning_to_the_end(api: Api) -> None:
    chosen = await distributor(api)
    company, link = await reseller(api, chosen)
    assert await shown(chosen.main.api) == {"START_EXIT": [], "END_EXIT": ["STATE_CONFLICT"]}

    begun = await start_exit(chosen.main.api, link)

    assert (codes(begun), begun["link"]["status"]) == ([], "EXITING")
    assert await shown(chosen.main.api) == {"START_EXIT": ["STATE_CONFLICT"], "END_EXIT": []}
    for who, other in ((chosen, company), (company, chosen)):
        [mail] = [row for row in await api.inbox(str(who.main.email)) if row["template"] == "reseller_exit_started"]
        assert other.company.legal_name in mail["subject"]
        assert "The contract ends." in mail["body"]

    done = await end_exit(chosen.main.api, link)

    assert (codes(done), done["link"]["status"]) == ([], "ENDED")
    found = await company.main.api.send("{ myDistributor { id } partner { kind } joinedPlans { id } }")
    assert found.data == {"myDistributor": None, "partner": {"kind": None}, "joinedPlans": []}
    assert await shown(chosen.main.api) == {"START_EXIT": ["STATE_CONFLICT"], "END_EXIT": ["STATE_CONFLICT"]}
    rows = await api.rows("select type, partner_id from event where type in ('reseller.exit_started', 'reseller.left')")
    assert len(rows) == len({(row["type"], row["partner_id"]) for row in rows}) == 4
    other = await distributor(api)
    assert codes(await join(company, "RESELLER", distributorId=other.id)) == []


async def test_not_before_the_quotas_are_taken_back(api: Api) -> None:
    chosen = await distributor(api)
    _, link = await reseller(api, chosen)
    accounts = await give_quota(api, link, 100)
    assert codes(await start_exit(chosen.main.api, link)) == []
    assert await shown(chosen.main.api) == {
        "START_EXIT": ["STATE_CONFLICT"], "END_EXIT": ["RESELLER_HOLDS_QUOTA"]
    }  # fmt: skip
    await take_back(api, link, accounts, 99)

    async def attempt() -> None:
        assert codes(await end_exit(chosen.main.api, link)) == ["RESELLER_HOLDS_QUOTA"]

    assert await api.changes(attempt) == set()
    await take_back(api, link, accounts, 1)
    assert codes(await end_exit(chosen.main.api, link)) == []


async def test_another_resellers_quota_is_no_obstacle(api: Api) -> None:
    chosen = await distributor(api)
    (_, leaving), (_, staying) = await reseller(api, chosen), await reseller(api, chosen)
    await give_quota(api, staying, 100)
    assert codes(await start_exit(chosen.main.api, leaving)) == []
    assert codes(await end_exit(chosen.main.api, leaving)) == []


@pytest.mark.parametrize("role", [Role.ECO_MANAGER, Role.VENDOR_OPS])
async def test_the_vendor_may_part_them(api: Api, role: Role) -> None:
    chosen = await distributor(api)
    _, link = await reseller(api, chosen)
    someone = await staff(api, role)
    assert codes(await start_exit(someone.api, link)) == []
    assert codes(await end_exit(someone.api, link)) == []


async def test_the_reseller_itself_does_not_part(api: Api) -> None:
    chosen = await distributor(api)
    company, link = await reseller(api, chosen)
    document = "{ myDistributor { actions { action blockers { code } } } }"
    states = (await company.main.api.send(document)).data["myDistributor"]["actions"]
    assert {state["action"]: [one["code"] for one in state["blockers"]] for state in states} == {
        "START_EXIT": ["NOT_A_DISTRIBUTOR"],
        "END_EXIT": ["NOT_A_DISTRIBUTOR", "STATE_CONFLICT"],
    }

    async def attempt() -> None:
        assert codes(await start_exit(company.main.api, link)) == ["NOT_A_DISTRIBUTOR"]
        assert codes(await end_exit(company.main.api, link)) == ["NOT_A_DISTRIBUTOR", "STATE_CONFLICT"]

    assert await api.changes(attempt) == set()


async def test_refusals_leave_no_trace(api: Api) -> None:
    chosen, other = await distributor(api), await distributor(api)
    _, link = await reseller(api, chosen)
    clerk = await member(api, chosen, Role.FINANCE)

    async def attempt() -> None:
        assert codes(await start_exit(chosen.main.api, link, reason=" ")) == ["REASON_REQUIRED"]
        assert codes(await start_exit(chosen.main.api, link, expectedVersion=9)) == ["CONFLICT"]
        assert codes(await end_exit(chosen.main.api, link)) == ["STATE_CONFLICT"]
        assert codes(await end_exit(chosen.main.api, link, expectedVersion=9)) == ["CONFLICT"]
        assert codes(await start_exit(other.main.api, link)) == ["NOT_FOUND"]
        assert codes(await end_exit(other.main.api, link)) == ["NOT_FOUND"]
        document = "mutation($input: EndResellerExitInput!) { endResellerExit(input: $input) { __typename } }"
        answer = await clerk.api.send(document, input={"id": link, "idempotencyKey": key()})
        assert answer.error["reason"] == "ADMIN_ONLY"
        dry = await start_exit(chosen.main.api, link, dryRun=True)
        assert [effect["kind"] for effect in dry["effects"]] == ["reseller.exit_started"]

    assert await api.changes(attempt) == set()


async def test_neither_leaves_its_plan_while_they_belong_together(api: Api) -> None:
    chosen = await distributor(api)
    company, link = await reseller(api, chosen)
    manager = await staff(api, Role.ECO_MANAGER)
    for partner in (chosen, company):
        panel = await partner.main.api.send("{ joinedPlans { id } }")
        given = {"id": panel.data["joinedPlans"][0]["id"], "idempotencyKey": key()}

        async def attempt(given: dict[str, str] = given) -> None:
            assert codes(await manager.api.do("recordPlanExit", "membership { id }", **given)) == ["PLAN_STILL_LINKED"]

        assert await api.changes(attempt) == set()
    assert codes(await start_exit(chosen.main.api, link)) == []
    assert codes(await end_exit(chosen.main.api, link)) == []
    panel = await chosen.main.api.send("{ joinedPlans { id actions { action allowed } } }")
    given = {"id": panel.data["joinedPlans"][0]["id"], "idempotencyKey": key()}
    assert codes(await manager.api.do("recordPlanExit", "membership { id }", **given)) == []


@pytest.mark.tampers
@pytest.mark.parametrize(
    "damage",
    [
        "update reseller_link set reseller_id = gen_random_uuid()",
        "update plan_membership set state = 'EXITED' where plan = 'RESELLER'",
        "update plan_membership set plan = 'CO_SELL' where plan = 'RESELLER'",
        "update reseller_link set status = 'ENDED', ended_at = now(), exiting_at = now(), exit_reason = 'Over.'",
    ],
)
async def test_a_link_that_is_not_its_resellers_plan_is_found(api: Api, damage: str) -> None:
    await reseller(api, await distributor(api))
    assert [finding.invariant.name for finding in await verify() if finding.count] == []
    await api.database.superuser.execute(damage)
    assert [finding.invariant.name for finding in await verify() if finding.count] == ["I13"]
