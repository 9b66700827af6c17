"""A partner's counters: what each of its people and the vendor's would count in the lists, in one statement."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.ids import encode_id
from core.scope import EVERYTHING
from rules.access import Role
from rules.opportunities import OPPORTUNITY
from rules.partners import PartnerKind
from tests import earning, world
from tests import opportunities as po
from tests import vouchers as vo
from tests.client import NOON, Api, Client
from tests.earning import REFERRAL, RESALE

NAMES = ("customers", "openOpportunities", "activeVouchers", "incentivesToConfirm", "members")
COUNTERS = f"counters {{ {' '.join(NAMES)} }}"
OPEN = ", ".join(OPPORTUNITY.open_states())
LISTS = dict(
    zip(
        NAMES,
        (
            "customers",
            f"opportunities(filter: {{ states: [{OPEN}] }})",
            "issuedVouchers(filter: { status: [USABLE] })",
            "incentives(status: PENDING_CONFIRM)",
            "members",
        ),
        strict=True,
    )
)
Counters = dict[str, int | None]


@dataclass(frozen=True)
class Scene:
    """A partner with something of everything, and another one with as much."""

    api: Api
    stage: earning.Stage
    at: po.Desk
    other: po.Desk

    @property
    def gid(self) -> str:
        """The partner's public id."""
        return self.stage.partner_gid

    async def member(self, *roles: Role) -> world.Person:
        """A member of the partner."""
        return await world.member(self.api, self.at.partner_id, *roles)

    async def counters(self, client: Client) -> Counters | None:
        """The partner's counters as somebody sees them."""
        document = f"query($id: ID!) {{ node(id: $id) {{ ... on Partner {{ {COUNTERS} }} }} }}"
        found: Counters | None = (await client.send(document, id=self.gid)).data["node"]["counters"]
        return found


async def scene(api: Api) -> Scene:
    other = await po.desk(api)
    stage = await earning.stage(api, eco_manager_id=other.manager.id)
    await po.join_co_sell(api, stage.partner_id)
    at = replace(other, partner_id=stage.partner_id, main=stage.world.main)
    for desk in (at, other):
        await _opportunities(api, desk)
        await _vouchers(api, desk)
    await earning.generated(api, stage, (RESALE, 4_000_000), (REFERRAL, 1_000_001))
    await earning.confirmed(api, stage, (RESALE, 5_000_000), period="2026-01")
    another = await earning.stage(api)
    await earning.generated(api, another, (RESALE, 4_000_000))
    return Scene(api, stage, at, other)


async def _opportunities(api: Api, at: po.Desk) -> None:
    """One in each state that has not ended, and one in each that has."""
    main = at.main.client
    await po.drafted(main)
    await po.submitted(api, at)
    rejected = await po.submitted(api, at)
    await po.done(await po.audit(at.manager.client, rejected, approve=False))
    await po.verifying(api, at)
    refused = await po.verifying(api, at)
    await po.done(await po.verify(at.psm.client, refused, approve=False))
    _, lost, cancelled, signed, delivered = [await po.verified(api, at) for _ in range(5)]
    await po.done(await po.lose(main, lost))
    await po.done(await po.cancel(at.manager.client, cancelled))
    for opportunity in (signed, delivered):
        await po.done(await po.sign(main, opportunity))
    await po.done(await po.deliver(main, delivered))


async def _vouchers(api: Api, at: po.Desk) -> None:
    """Three vouchers of a customer, two of them usable."""
    operations = (await po.staff(api, Role.VENDOR_OPS)).client
    stage = vo.Stage(at.partner_id, at.main, operations, await vo.grant(api, operations, at.partner_id))
    customer = await vo.customer(api, at.partner_id)
    *_, recalled = [await vo.voucher(stage, customer, "10.00") for _ in range(3)]
    await vo.recall(stage, recalled)


async def listed(client: Client) -> Counters:
    """What the root lists count, one by one; None for those that may not be asked for."""
    found: Counters = {}
    for name, field in LISTS.items():
        answer = await client.send(f"{{ it: {field} {{ totalCount {{ value }} }} }}")
        if "errors" in answer.body:
            assert answer.error["code"] == "FORBIDDEN"
        found[name] = None if "errors" in answer.body else answer.data["it"]["totalCount"]["value"]
    return found


def test_a_counter_says_which_states_are_open() -> None:
    """Those of the table with a way out; a reader of the SDL is told the others."""
    assert set(OPEN.split(", ")) == {"DRAFT", "SUBMITTED", "AUDIT_REJECTED", "VERIFYING", "VERIFIED", "SIGNED"}


class TestWhose:
    async def test_people_of_the_partner_count_what_they_see_in_the_lists(self, api: Api) -> None:
        on = await scene(api)
        manager = await on.member(Role.ACCOUNT_MANAGER)
        await po.drafted(on.at.main.client)
        customer = await vo.customer(api, on.at.partner_id)
        await world.put_in_charge(api, manager.id, customer.association_id)
        finance = await on.member(Role.FINANCE)
        everything = dict(zip(NAMES, (4, 7, 2, 2, 4), strict=True))

        for client, seen in (
            (on.at.main.client, everything),
            (finance.client, {**everything, "openOpportunities": None, "members": None}),
            (manager.client, dict(zip(NAMES, (1, None, None, None, None), strict=True))),
        ):
            assert await on.counters(client) == seen == await listed(client)

    async def test_the_vendors_people_count_what_they_see_of_it(self, api: Api) -> None:
        on = await scene(api)
        admin = await po.staff(api, Role.VENDOR_ADMIN)
        elsewhere = await po.desk(api, regions=(po.NANJING,))

        for client, opportunities in (
            (admin.client, 5),
            (on.at.manager.client, 5),
            (on.at.psm.client, 3),
            (elsewhere.psm.client, 0),
        ):
            assert await on.counters(client) == dict(zip(NAMES, (3, opportunities, 2, 2, None), strict=True))

    async def test_its_customers_its_distributor_and_its_resellers_get_null(self, api: Api) -> None:
        distributor = await vo.stage(api, kind=PartnerKind.DISTRIBUTOR)
        customer = await vo.customer(api, distributor.partner_id)
        _, reseller = await vo.reseller(api, distributor.partner_id)
        both = "distributor { id counters { customers } } reseller { id counters { customers } }"

        mine = await customer.person.client.send(f"{{ myPartner {{ partner {{ id {COUNTERS} }} }} }}")
        assert mine.data["myPartner"]["partner"] == {"id": distributor.gid, "counters": None}
        above = (await reseller.client.send(f"{{ myDistributor {{ {both} }} }}")).data["myDistributor"]
        assert above["distributor"] == {"id": distributor.gid, "counters": None}
        assert above["reseller"]["counters"] == {"customers": 0}
        below = await distributor.client.send(f"{{ resellers {{ nodes {{ {both} }} }} }}")
        (link,) = below.data["resellers"]["nodes"]
        assert link["distributor"]["counters"] == {"customers": 1}
        assert link["reseller"]["counters"] is None

    async def test_an_applicant_has_counters_of_its_own(self, api: Api) -> None:
        partner_id, main = await world.admitted_partner(api)
        own = (await main.client.send(f"{{ partner {{ id {COUNTERS} }} }}")).data["partner"]
        assert own == {"id": encode_id("par", partner_id), "counters": dict.fromkeys(NAMES, 0)}


class TestWhat:
    async def test_a_customer_that_left_is_not_counted(self, api: Api) -> None:
        on = await scene(api)
        before: Any = await on.counters(on.at.main.client)
        async with db.transaction(EVERYTHING):
            await db.fetch(
                "update customer_association set status = 'ENDED', ended_at = $1 where id = $2",
                NOON,
                on.stage.world.association_id,
            )
        assert await on.counters(on.at.main.client) == {**before, "customers": before["customers"] - 1}

    @pytest.mark.tampers
    async def test_an_incentive_too_late_to_confirm_is_not_counted(self, api: Api) -> None:
        on = await scene(api)
        await api.database.superuser.execute(
            "update incentive set confirm_deadline = $1 where association_type = 'RESALE'", NOON + timedelta(seconds=30)
        )
        api.clock.advance(minutes=1)
        found: Any = await on.counters(on.at.main.client)
        assert found["incentivesToConfirm"] == 1

    @pytest.mark.tampers
    async def test_another_partners_rows_about_its_customers_are_not_counted(self, api: Api) -> None:
        on = await scene(api)
        before = await on.counters(on.at.main.client)
        for table in ("opportunity", "voucher"):
            await api.database.superuser.execute(
                f"update {table} set customer_id = $1 where partner_id = $2",
                on.stage.world.customer_id,
                on.other.partner_id,
            )
        assert await on.counters(on.at.main.client) == before

    async def test_one_statement_counts_for_all_partners(self, api: Api) -> None:
        on = await scene(api)
        admin = (await po.staff(api, Role.VENDOR_ADMIN)).client
        with db.observed() as alone:
            await admin.send("{ partners { nodes { id } } }")
        with db.observed() as counted:
            answer = await admin.send(f"{{ partners {{ nodes {{ id {COUNTERS} }} }} }}")
        assert len(counted) == len(alone) + 1
        shown = {node["id"]: node["counters"] for node in answer.data["partners"]["nodes"]}
        assert len(shown) == 3
        assert shown[on.gid] == await on.counters(admin)
