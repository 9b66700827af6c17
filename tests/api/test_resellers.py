"""Companies become a distributor's resellers by application: the vendor first, then the distributor, one or many."""

from typing import Any

import pytest

from core.ids import decode_id, encode_id, uuid7
from rules.access import Role
from tests.client import Api, codes
from tests.distribution import (
    application_of,
    applied,
    decide,
    distributor,
    outcomes,
    reseller,
    uuid,
    vendor_decides,
)
from tests.factories import Admitted, add_member, admitted_partner, join, key, member, staff

LISTED = "{ resellerApplications { nodes { id companyName mobile email status actions { action allowed } } } }"


async def listed(who: Admitted, document: str = LISTED) -> list[dict[str, Any]]:
    """What a partner finds under the applications of resellers."""
    found: list[dict[str, Any]] = (await who.main.api.send(document)).data["resellerApplications"]["nodes"]
    return found


async def events(api: Api, of: Admitted) -> list[str]:
    """What the partner's feed says about resellers and plans."""
    rows = await api.rows(
        "select type from event where partner_id = $1 and (type like 'reseller%' or type like 'plan%') order by id",
        of.partner_id,
    )
    return [row["type"] for row in rows]


class TestApplying:
    async def test_the_distributor_sees_it_when_the_vendor_has_approved(self, api: Api) -> None:
        chosen, other = await distributor(api), await distributor(api)
        company = await admitted_partner(api)
        asked = await join(company, "RESELLER", distributorId=chosen.id)
        assert asked["membership"]["state"] == "IN_REVIEW"
        assert await listed(chosen) == []
        assert not [row for row in await api.inbox(str(chosen.main.email)) if "reseller" in row["template"]]

        done = await vendor_decides(api, asked["membership"]["id"])

        assert done["membership"]["state"] == "DISTRIBUTOR_REVIEW"
        [application] = await listed(chosen)
        assert application["companyName"] == company.company.legal_name
        assert application["status"] == "DISTRIBUTOR_REVIEW"
        assert "*" in application["mobile"] and "*" in application["email"]
        assert {state["action"]: state["allowed"] for state in application["actions"]} == {
            "APPROVE": True, "REJECT": True
        }  # fmt: skip
        assert await listed(other) == []
        assert await listed(company) == []  # the list is the distributor's; its own progress is with the plan
        mail = (await api.inbox(str(chosen.main.email)))[-1]
        assert (mail["template"], company.company.legal_name in mail["subject"]) == (
            "reseller_application_waiting",
            True,
        )
        told = (await chosen.main.api.send("{ messages { nodes { template text { body } } } }")).data["messages"]
        assert told["nodes"][0]["template"] == "reseller_application_waiting"
        assert company.company.legal_name in told["nodes"][0]["text"]["body"]

    async def test_the_applicant_finds_its_application_and_whom_it_named(self, api: Api) -> None:
        chosen = await distributor(api)
        company, application = await applied(api, chosen, passed_on=False)
        document = "query($id: ID!) { node(id: $id) { ... on ResellerApplication { status distributor { name } } } }"
        found = await company.main.api.send(document, id=application)
        assert found.data["node"] == {
            "status": "VENDOR_REVIEW", "distributor": {"name": chosen.company.legal_name}
        }  # fmt: skip
        assert (await chosen.main.api.send(document, id=application)).data["node"] is None

    @pytest.mark.parametrize(
        ("plan", "names", "refused"),
        [
            ("RESELLER", None, "DISTRIBUTOR_REQUIRED"),
            ("RESELLER", "itself", "NOT_FOUND"),
            ("RESELLER", "no distributor", "NOT_FOUND"),
            ("RESELLER", "nobody", "NOT_FOUND"),
            ("CO_SELL", "a distributor", "NOT_FOUND"),
            ("RESELLER", "frozen", "PARTNER_FROZEN"),
        ],
    )
    async def test_a_distributor_is_named_where_the_plan_has_one_decide(
        self, api: Api, plan: str, names: str | None, refused: str
    ) -> None:
        company = await admitted_partner(api)
        ids = {
            "itself": company.id,
            "no distributor": (await admitted_partner(api)).id,
            "nobody": encode_id("par", uuid7()),
            "a distributor": (await distributor(api)).id,
            "frozen": (await distributor(api)).id,
        }
        frozen = "update partner set standing = 'FROZEN' where id = $1"
        await api.database.superuser.execute(frozen, decode_id(ids["frozen"])[1])

        async def attempt() -> None:
            asked = await join(company, plan, distributorId=None if names is None else ids[names])
            assert [(error["code"], error["path"]) for error in asked["userErrors"]] == [
                (refused, ["input", "distributorId"])
            ]

        assert await api.changes(attempt) == set()

    async def test_the_vendors_no_ends_it_and_the_company_applies_anew(self, api: Api) -> None:
        first, second = await distributor(api), await distributor(api)
        company = await admitted_partner(api)
        asked = await join(company, "RESELLER", distributorId=first.id)
        refused = await vendor_decides(api, asked["membership"]["id"], approve=False, reason="No licence.")
        assert refused["membership"]["state"] == "REJECTED"
        assert await api.rows("select status, reason from reseller_application") == [
            {"status": "REJECTED", "reason": "No licence."}
        ]
        again = await join(company, "RESELLER", distributorId=second.id)
        assert codes(await vendor_decides(api, again["membership"]["id"])) == []
        assert (await listed(first), len(await listed(second))) == ([], 1)

    @pytest.mark.parametrize("passed_on", [False, True])
    async def test_the_company_withdraws_before_anybody_has_decided_for_good(self, api: Api, passed_on: bool) -> None:
        chosen = await distributor(api)
        company, application = await applied(api, chosen, passed_on=passed_on)
        membership_id = await api.value("select id from plan_membership where partner_id = $1", company.partner_id)
        given = {"id": encode_id("pms", membership_id), "idempotencyKey": key()}
        assert codes(await company.main.api.do("withdrawPlanApplication", "membership { id }", **given)) == []
        assert await api.value("select status from reseller_application") == "WITHDRAWN"
        if passed_on:
            assert outcomes(await decide(chosen.main.api, application)) == [["STATE_CONFLICT"]]


class TestDeciding:
    async def test_an_approved_company_is_the_distributors_reseller(self, api: Api) -> None:
        chosen = await distributor(api)
        company, application = await applied(api, chosen)
        await api.deliver()

        done = await decide(chosen.main.api, application)

        assert (codes(done), outcomes(done)) == ([], ["ASSOCIATED"])
        assert {effect["kind"] for effect in done["effects"]} == {"reseller.associated", "plan.joined"}
        mine = (
            await company.main.api.send(
                "{ myDistributor { status companyName distributor { name standing } } partner { kind tier } }"
            )
        ).data
        assert mine == {
            "myDistributor": {
                "status": "ACTIVE",
                "companyName": company.company.legal_name,
                "distributor": {"name": chosen.company.legal_name, "standing": None},
            },
            "partner": {"kind": "RESELLER", "tier": "SELECT"},
        }
        theirs = await chosen.main.api.send("{ resellers { nodes { reseller { name } mobile } } myDistributor { id } }")
        [node] = theirs.data["resellers"]["nodes"]
        assert node["reseller"] == {"name": company.company.legal_name}
        assert theirs.data["myDistributor"] is None
        assert await events(api, chosen) == [
            "plan.invited", "plan.applied", "plan.joined", "reseller.associated"
        ]  # fmt: skip
        assert await events(api, company) == ["plan.applied", "plan.passed_on", "reseller.associated", "plan.joined"]
        sent = {row["template"] for row in await api.inbox(str(company.main.email))}
        assert {"reseller_associated", "plan_joined"} <= sent
        assert "reseller_associated" in {row["template"] for row in await api.inbox(str(company.main.mobile))}

    async def test_a_rejected_company_reads_why_and_may_apply_to_another(self, api: Api) -> None:
        chosen, other = await distributor(api), await distributor(api)
        company, application = await applied(api, chosen)

        done = await decide(chosen.main.api, application, approve=False, reason=" Too small. ")

        assert outcomes(done) == ["REJECTED"]
        assert done["results"][0]["application"]["reason"] == "Too small."
        assert (await company.main.api.send("{ myDistributor { id } }")).data["myDistributor"] is None
        requested = (await company.main.api.send("{ planApplications { nodes { state reason } } }")).data
        assert requested["planApplications"]["nodes"] == [{"state": "REJECTED", "reason": "Too small."}]
        mails = [row for row in await api.inbox(str(company.main.email)) if "reseller" in row["template"]]
        assert [row["template"] for row in mails] == ["reseller_application_rejected"]
        assert "Too small." in mails[0]["body"]
        assert "reseller_application.rejected" in await events(api, chosen)
        assert (await events(api, company))[-2:] == ["reseller_application.rejected", "plan.rejected"]
        assert codes(await join(company, "RESELLER", distributorId=other.id)) == []

    async def test_a_batch_has_a_result_for_each(self, api: Api) -> None:
        chosen, other = await distributor(api), await distributor(api)
        (_, first), (_, second) = await applied(api, chosen), await applied(api, chosen)
        _, strangers = await applied(api, other)
        _, unseen = await applied(api, chosen, passed_on=False)
        assert outcomes(await decide(chosen.main.api, second)) == ["ASSOCIATED"]
        nobody = encode_id("rsa", uuid7())

        done = await decide(chosen.main.api, first, second, first, strangers, unseen, nobody)

        assert outcomes(done) == [
            "ASSOCIATED",
            ["STATE_CONFLICT", "PLAN_HAS_DISTRIBUTOR"],
            ["REPEATED"],
            *[["NOT_FOUND"]] * 3,
        ]
        assert [r["userErrors"][0]["path"] for r in done["results"][1:]] == [
            ["input", "ids", str(n)] for n in range(1, 6)
        ]
        assert await api.value("select count(*) from reseller_link") == 2

    async def test_the_same_key_replays_the_results(self, api: Api) -> None:
        chosen = await distributor(api)
        _, application = await applied(api, chosen)
        again = key()
        first = await decide(chosen.main.api, application, idempotencyKey=again)

        async def repeat() -> None:
            assert (await decide(chosen.main.api, application, idempotencyKey=again))["results"] == first["results"]

        assert await api.changes(repeat) == set()

    async def test_a_dry_run_writes_nothing(self, api: Api) -> None:
        chosen = await distributor(api)
        _, application = await applied(api, chosen)

        async def attempt() -> None:
            dry = await decide(chosen.main.api, application, dryRun=True)
            assert {effect["kind"] for effect in dry["effects"]} == {"reseller.associated", "plan.joined"}

        assert await api.changes(attempt) == set()


class TestRefusals:
    async def refused(self, api: Api, who: Any, application: str, expected: list[Any], **given: Any) -> None:
        """Nothing is decided, nothing changes, nothing is sent."""

        async def attempt() -> None:
            answered = await decide(who, application, **given)
            assert (codes(answered) or outcomes(answered)[0]) == expected

        assert await api.changes(attempt) == set()

    @pytest.mark.parametrize("reason", [None, "  "])
    async def test_a_rejection_needs_words(self, api: Api, reason: str | None) -> None:
        chosen = await distributor(api)
        _, application = await applied(api, chosen)
        await self.refused(api, chosen.main.api, application, ["REASON_REQUIRED"], approve=False, reason=reason)

    async def test_a_frozen_distributor_approves_nobody_but_may_reject(self, api: Api) -> None:
        chosen = await distributor(api)
        _, application = await applied(api, chosen)
        operations = await staff(api, Role.VENDOR_OPS)
        given = {"id": chosen.id, "standing": "FROZEN", "reason": "Overdue.", "idempotencyKey": key()}
        assert codes(await operations.api.do("setPartnerStanding", "partner { id }", **given)) == []
        [shown] = await listed(chosen)
        assert {state["action"]: state["allowed"] for state in shown["actions"]} == {"APPROVE": False, "REJECT": True}
        await self.refused(api, chosen.main.api, application, ["PARTNER_FROZEN"])
        assert outcomes(await decide(chosen.main.api, application, approve=False, reason="Closed.")) == ["REJECTED"]

    @pytest.mark.tampers
    async def test_a_company_that_belongs_to_a_distributor_by_now(self, api: Api) -> None:
        """Not reachable by the ways there are, which exclude each other; the guard holds all the same."""
        chosen, other = await distributor(api), await distributor(api)
        company, application = await applied(api, chosen)
        _, link = await reseller(api, other)
        await api.database.superuser.execute(
            "update reseller_link set reseller_id = $1 where id = $2", company.partner_id, uuid(link)
        )
        await self.refused(api, chosen.main.api, application, ["PLAN_HAS_DISTRIBUTOR"])

    async def test_the_applicant_does_not_decide_its_own_application(self, api: Api) -> None:
        chosen = await distributor(api)
        company, application = await applied(api, chosen)
        await self.refused(api, company.main.api, application, ["NOT_A_DISTRIBUTOR"])
        document = "query($id: ID!) { node(id: $id) { ... on ResellerApplication { actions { allowed } } } }"
        shown = await company.main.api.send(document, id=application)
        assert {state["allowed"] for state in shown.data["node"]["actions"]} == {False}

    async def test_members_without_the_right_do_not_decide(self, api: Api) -> None:
        chosen = await distributor(api)
        _, application = await applied(api, chosen)
        clerk = await member(api, chosen, Role.OPERATIONS)
        document = "mutation($input: DecideResellerApplicationsInput!) { decideResellerApplications(input: $input) "
        given = {"ids": [application], "approve": True, "idempotencyKey": key()}
        answer = await clerk.api.send(document + "{ __typename } }", input=given)
        assert answer.error["reason"] == "PERMISSION_DENIED"
        added = await add_member(chosen, Role.SYSTEM_ADMIN)
        assert codes(added) == []


class TestFinding:
    async def test_by_name_contact_and_status(self, api: Api) -> None:
        chosen = await distributor(api)
        (one, first), (other, _) = await applied(api, chosen), await applied(api, chosen)
        assert outcomes(await decide(chosen.main.api, first)) == ["ASSOCIATED"]
        document = "{{ resellerApplications({}) {{ nodes {{ companyName }} }} }}"
        for arguments, expected in (
            (f'filter: {{ nameStartsWith: "{one.company.legal_name}" }}', [one]),
            (f'filter: {{ mobile: "{other.main.mobile}" }}', [other]),
            (f'filter: {{ email: "{str(other.main.email).upper()}" }}', [other]),
            ('filter: { mobile: "12" }', []),
            (f'filter: {{ mobile: "{one.main.mobile}", email: "{other.main.email}" }}', []),
            ("status: DISTRIBUTOR_REVIEW", [other]),
            ("status: ASSOCIATED", [one]),
        ):
            found = await listed(chosen, document.format(arguments))
            assert [node["companyName"] for node in found] == [who.company.legal_name for who in expected], arguments
        links = await chosen.main.api.send(
            f'{{ all: resellers {{ nodes {{ id }} }} some: resellers(filter: {{ mobile: "{one.main.mobile}" }}) '
            f"{{ nodes {{ id }} }} none: resellers(status: ENDED) {{ nodes {{ id }} }} }}"
        )
        assert [len(links.data[name]["nodes"]) for name in ("all", "some", "none")] == [1, 1, 0]

    async def test_the_vendor_sees_all_and_decides_none(self, api: Api) -> None:
        one, other = await distributor(api), await distributor(api)
        await applied(api, one)
        company, _ = await applied(api, other, passed_on=False)
        manager = await staff(api, Role.ECO_MANAGER)
        found = await manager.api.send("{ resellerApplications { nodes { status actions { allowed } } } }")
        nodes = found.data["resellerApplications"]["nodes"]
        assert [node["status"] for node in nodes] == ["VENDOR_REVIEW", "DISTRIBUTOR_REVIEW"]
        assert not [state for node in nodes for state in node["actions"] if state["allowed"]]
        assert await application_of(api, company)
