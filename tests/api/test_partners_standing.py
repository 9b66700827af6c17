"""What a partner and the vendor see of a partner, and what the vendor does with it later on, through the API."""

from typing import Any

import pytest

from core import db
from core.ids import decode_id
from rules.access import Role
from tests import modes
from tests.client import Api, Client, codes
from tests.factories import (
    Admitted,
    add_member,
    admitted_partner,
    application_in_review,
    apply,
    company,
    join,
    key,
    member,
    person,
    real_name_case,
    sign_in,
    staff,
)
from tests.world import associated_customer

OWN = "{ partner { id } }"


class TestStanding:
    async def set(self, who: Client, partner_id: str, standing: str, **more: Any) -> dict[str, Any]:
        given = {"id": partner_id, "standing": standing, "reason": "Unpaid bills.", "idempotencyKey": key(), **more}
        return await who.do("setPartnerStanding", "partner { standing version }", **given)

    async def test_restricted_frozen_and_restored(self, api: Api) -> None:
        partner, ops = await admitted_partner(api), await staff(api, Role.VENDOR_OPS)

        for standing in ("RESTRICTED", "FROZEN", "RESTRICTED", "ACTIVE", "FROZEN", "ACTIVE"):
            done = await self.set(ops.api, partner.id, standing)
            assert done["userErrors"] == []
            assert done["partner"]["standing"] == standing
        changed = await api.rows("select changes, partner_id from event where type = 'partner.standing_changed'")
        assert len(changed) == 6
        assert {row["partner_id"] for row in changed} == {partner.partner_id}
        detail = await api.value("select detail from audit where operation = 'set_partner_standing' limit 1")
        assert "Unpaid bills." in detail

    @pytest.mark.parametrize("standing", ["ACTIVE", "RESTRICTED", "FROZEN"])
    async def test_not_to_what_it_is(self, api: Api, standing: str) -> None:
        partner, ops = await admitted_partner(api), await staff(api, Role.VENDOR_OPS)
        await self.set(ops.api, partner.id, standing)

        async def attempt() -> None:
            assert codes(await self.set(ops.api, partner.id, standing)) == ["STATE_CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_the_reason_may_not_be_blank(self, api: Api) -> None:
        partner, ops = await admitted_partner(api), await staff(api, Role.VENDOR_OPS)

        async def attempt() -> None:
            assert codes(await self.set(ops.api, partner.id, "FROZEN", reason="  ")) == ["REASON_REQUIRED"]
            assert codes(await self.set(ops.api, partner.id, "FROZEN", expectedVersion=1)) == ["CONFLICT"]

        assert await api.changes(attempt) == set()

    async def test_only_operations(self, api: Api) -> None:
        partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
        document = (
            "mutation($input: SetPartnerStandingInput!) { setPartnerStanding(input: $input) { effects { kind } } }"
        )
        given = {"id": partner.id, "standing": "FROZEN", "reason": "x", "idempotencyKey": key()}

        for caller in (partner.main, manager):
            assert (await caller.api.send(document, input=given)).error["reason"] == "PERMISSION_DENIED"


class TestReading:
    async def test_who_has_none_sees_none(self, api: Api) -> None:
        somebody, vendor = await person(api), await staff(api, Role.PSM)

        assert (await somebody.api.send(OWN)).data["partner"] is None
        assert (await vendor.api.send(OWN)).data["partner"] is None
        assert (await api.anonymous.send(OWN)).error["code"] == "UNAUTHENTICATED"

    async def test_members_see_their_partner_and_others_do_not(self, api: Api) -> None:
        one, other = await admitted_partner(api), await admitted_partner(api)
        clerk = await member(api, one, Role.FINANCE)

        assert (await clerk.api.send(OWN)).data["partner"]["id"] == one.id
        look = f'{{ node(id: "{one.id}") {{ id }} }}'
        assert (await clerk.api.send(look)).data["node"] == {"id": one.id}
        assert (await other.main.api.send(look)).data["node"] is None

    async def test_the_credit_code_is_for_the_vendor_and_the_main_account(self, api: Api) -> None:
        partner, applicant = await admitted_partner(api), await company(api)
        clerk = await member(api, partner, Role.FINANCE)
        asked = "{ partner { creditCode } }"
        await apply(applicant)

        for who, code in ((partner.main, partner.company.credit_code), (applicant.main, applicant.credit_code)):
            assert (await who.api.send(asked)).data["partner"]["creditCode"] == code
        look = f'{{ node(id: "{partner.id}") {{ ... on Partner {{ creditCode }} }} }}'
        psm = await staff(api, Role.PSM)
        assert (await psm.api.send(look)).data["node"]["creditCode"] == partner.company.credit_code
        seen = (await clerk.api.send(asked)).data["partner"]["creditCode"]
        assert "*" in seen and seen != partner.company.credit_code

    async def test_the_vendors_list(self, api: Api) -> None:
        joined = await admitted_partner(api)
        applied = (await apply(await company(api)))["partner"]["id"]
        psm = await staff(api, Role.PSM)
        listing = "query($state: AdmissionState, $site: Site) { partners(admissionState: $state, site: $site)"
        listing += " { nodes { id creditCode company { id } joinedPlans { id } actions { action } } } }"

        async def seen(**filters: str) -> list[str]:
            answer = await psm.api.send(listing, **filters)
            return [node["id"] for node in answer.data["partners"]["nodes"]]

        assert await seen() == [applied, joined.id]
        assert await seen(state="JOINED") == [joined.id]
        assert await seen(state="SUBMITTED", site="CN") == [applied]
        assert await seen(site="INTL") == []
        assert (await joined.main.api.send(listing)).error["code"] == "FORBIDDEN"

    @modes.plans
    async def test_the_list_costs_the_same_for_any_number(self, api: Api) -> None:
        psm = await staff(api, Role.PSM)
        listing = "{ partners { nodes { id company { id } joinedPlans { id } actions { action } } } }"
        counts = []
        for _ in range(2):
            await admitted_partner(api)
            with db.observed() as statements:
                await psm.api.send(listing)
            counts.append(len(statements))

        assert counts == [3, 3], statements  # token, partners with companies, joined plans


ACTIONS = "actions { action allowed blockers { code } }"


async def actions(who: Client, partner_id: str) -> dict[str, list[str]]:
    """Action → the codes against it, empty when it is allowed."""
    answer = await who.send(f'{{ node(id: "{partner_id}") {{ ... on Partner {{ {ACTIONS} }} }} }}')
    found = answer.data["node"]["actions"]
    assert all(one["allowed"] == (not one["blockers"]) for one in found)
    return {one["action"]: [blocker["code"] for blocker in one["blockers"]] for one in found}


class TestActions:
    async def test_in_manual_review(self, api: Api) -> None:
        applicant, partner_id = await application_in_review(api)
        admin = await staff(api, Role.VENDOR_ADMIN)

        assert await actions(applicant.main.api, partner_id) == {
            "APPLY_FOR_ADMISSION": ["ALREADY_PARTNER"],
            "DECIDE_ADMISSION": ["PERMISSION_DENIED"],
            "ASSIGN": ["PERMISSION_DENIED"],
            "TAG": ["PERMISSION_DENIED"],
            "RESTRICT": ["PERMISSION_DENIED"],
            "FREEZE": ["PERMISSION_DENIED"],
            "RESTORE": ["PERMISSION_DENIED"],
            "LEAVE_NETWORK": ["HCPN_REQUIRED"],
        }
        assert await actions(admin.api, partner_id) == {
            "APPLY_FOR_ADMISSION": ["MAIN_ACCOUNT_ONLY"],
            "DECIDE_ADMISSION": [],
            "ASSIGN": ["STATE_CONFLICT"],
            "TAG": [],
            "RESTRICT": [],
            "FREEZE": [],
            "RESTORE": ["STATE_CONFLICT"],
            "LEAVE_NETWORK": ["HCPN_REQUIRED"],
        }

    async def test_joined_and_frozen(self, api: Api) -> None:
        partner, admin = await admitted_partner(api), await staff(api, Role.VENDOR_ADMIN)
        await TestStanding().set(admin.api, partner.id, "FROZEN")

        seen = await actions(admin.api, partner.id)

        assert seen["DECIDE_ADMISSION"] == ["STATE_CONFLICT"]
        assert (seen["RESTRICT"], seen["FREEZE"], seen["RESTORE"]) == ([], ["STATE_CONFLICT"], [])


async def test_the_main_account_administers_from_its_next_request_on(api: Api) -> None:
    applicant = await company(api)
    before = await sign_in(api, applicant.main.account_id)
    partner = await admitted_partner(api, applicant)

    added = await add_member(partner, Role.FINANCE)

    assert added["userErrors"] == []
    assert (await before.api.send("{ members { nodes { id } } }")).data["members"]["nodes"] != []


async def test_what_is_between_the_partner_and_the_vendor_is_not_for_its_customers(api: Api) -> None:
    partner = await admitted_partner(api)
    customer, _, _ = await associated_customer(api, partner.partner_id)
    inside = "standing repOffice { name } rejectionReason stepUpEnabled externalRef joinedPlans { id }"

    seen = (await customer.client.send(f"{{ myPartner {{ partner {{ name {inside} }} }} }}")).data["myPartner"]

    own = (await partner.main.api.send(f"{{ partner {{ name {inside} }} }}")).data["partner"]
    assert seen["partner"].pop("name") == own["name"]
    assert set(seen["partner"].values()) == {None}
    assert (own["standing"], own["stepUpEnabled"], own["joinedPlans"]) == ("ACTIVE", False, [])


async def test_a_real_name_case_is_decided_by_the_vendor_once(api: Api) -> None:
    somebody, reviewer = await person(api), await staff(api, Role.VENDOR_REVIEWER)
    case = await real_name_case(api, somebody)
    look = f'{{ node(id: "{case}") {{ ... on RealNameCase {{ {ACTIONS} }} }} }}'

    async def blockers(who: Client) -> list[str]:
        (decide,) = (await who.send(look)).data["node"]["actions"]
        return [decide["action"], *(blocker["code"] for blocker in decide["blockers"])]

    assert await blockers(reviewer.api) == ["DECIDE"]
    assert await blockers(somebody.api) == ["DECIDE", "PERMISSION_DENIED"]
    await reviewer.api.do("decideRealName", "case { id }", id=case, approve=True, idempotencyKey=key())
    assert await blockers(reviewer.api) == ["DECIDE", "STATE_CONFLICT"]


async def test_statements_of_the_mutations(api: Api) -> None:
    """Printed on failure: a number that grew is a statement somebody added."""
    applicant, ops = await company(api), await staff(api, Role.VENDOR_OPS)
    counts: dict[str, int] = {}

    async def count(name: str, work: Any) -> Any:
        with db.observed() as statements:
            done = await work
        assert codes(done) == []
        counts[name] = len(statements)
        return done

    applied = await count("apply", apply(applicant))
    await api.deliver()
    partner = Admitted(decode_id(applied["partner"]["id"])[1], applied["partner"]["id"], applicant, applicant.main)
    await count("standing", TestStanding().set(ops.api, partner.id, "RESTRICTED"))
    joined = await count("join", join(partner, "CO_SELL"))
    await count("exit", exit_plan(partner, joined["membership"]["id"]))
    added = await count("member", add_member(partner, Role.FINANCE))
    given = {"id": added["member"]["id"], "roles": ["OPERATIONS"], "idempotencyKey": key()}
    await count("roles", partner.main.api.do("changeMemberRoles", "member { id }", **given))

    assert counts == {"apply": 8, "standing": 6, "join": 15, "exit": 10, "member": 11, "roles": 7}


async def exit_plan(partner: Admitted, membership_id: str) -> dict[str, Any]:
    given = {"id": membership_id, "idempotencyKey": key()}
    return await partner.main.api.do("exitPlan", "membership { id }", **given)
