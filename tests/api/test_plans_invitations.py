"""Invitations into plans until their end, declined and revoked; applications that are withdrawn from a distributor."""

import asyncio
from datetime import timedelta
from typing import Any

from rules.access import Role
from tests.api.test_plans import change, events, reasons
from tests.api.test_plans_lasting import INSTANT, at, letters, run, seen
from tests.client import Api, codes
from tests.distribution import application_of, decide, distributor, outcomes, vendor_decides
from tests.factories import Admitted, Person, admitted_partner, join, key, member, staff


async def invited(api: Api) -> tuple[Admitted, dict[str, Any], Person]:
    """A partner that is invited to become a distributor, the invitation, and who invited."""
    partner, manager = await admitted_partner(api), await staff(api, Role.ECO_MANAGER)
    return partner, (await invite(manager, partner))["membership"], manager


async def invite(manager: Person, partner: Admitted) -> dict[str, Any]:
    given = {"partnerId": partner.id, "plan": "DISTRIBUTOR", "idempotencyKey": key()}
    return await manager.api.do("inviteToPlan", "membership { id state version }", **given)


class TestInvitation:
    async def test_followed_until_its_last_instant(self, api: Api) -> None:
        partner, membership, _ = await invited(api)
        shown = await seen(partner.main.api, membership, "invitedUntil")
        assert shown == {"invitedUntil": "2026-04-01T04:00:00.000Z"}
        partner = await at(api, api.clock() + timedelta(days=30), partner)

        async def too_late() -> None:
            assert codes(await join(partner, "DISTRIBUTOR")) == ["PLAN_INVITE_ONLY"]
            assert codes(await change(partner.main.api, "declinePlanInvitation", membership)) == ["STATE_CONFLICT"]

        assert await api.changes(too_late) == set()  # though no job has marked it yet
        partner = await at(api, api.clock() - INSTANT, partner)
        assert codes(await join(partner, "DISTRIBUTOR")) == []

    async def test_called_to_mind_ended_and_made_anew(self, api: Api) -> None:
        partner, membership, _ = await invited(api)
        names = ("plan_invitation_expiring", "plan_invitation_expired")
        api.clock.advance(days=23)
        for _ in range(2):
            await run(api)
        assert await letters(api, partner.main, *names) == ["plan_invitation_expiring"]
        partner = await at(api, api.clock() + timedelta(days=7), partner)
        for _ in range(2):
            await run(api)

        assert await letters(api, partner.main, *names) == [*names]
        assert await seen(partner.main.api, membership, "state") == {"state": "EXPIRED"}
        again = (await invite(await staff(api, Role.ECO_MANAGER), partner))["membership"]
        assert again["id"] != membership["id"]
        assert codes(await join(partner, "DISTRIBUTOR")) == []

    async def test_invited_anew_before_the_job_has_marked_the_last_one(self, api: Api) -> None:
        partner, membership, _ = await invited(api)
        partner = await at(api, api.clock() + timedelta(days=30), partner)

        assert codes(await invite(await staff(api, Role.ECO_MANAGER), partner)) == []

        assert await seen(partner.main.api, membership, "state") == {"state": "EXPIRED"}
        assert await events(api) == ["plan.invited", "plan.expired", "plan.invited"]

    async def test_declined(self, api: Api) -> None:
        partner, membership, manager = await invited(api)

        declined = await change(partner.main.api, "declinePlanInvitation", membership)

        assert declined["membership"]["state"] == "DECLINED"
        assert [effect["kind"] for effect in declined["effects"]] == ["plan.declined"]
        assert await letters(api, manager, "plan_invitation_declined") == ["plan_invitation_declined"]
        assert await reasons(partner.main.api, "DISTRIBUTOR") == ["PLAN_INVITE_ONLY"]

        async def again() -> None:
            assert codes(await change(partner.main.api, "declinePlanInvitation", membership)) == ["STATE_CONFLICT"]
            assert codes(await change(manager.api, "revokePlanInvitation", membership)) == ["STATE_CONFLICT"]

        assert await api.changes(again) == set()
        assert codes(await invite(manager, partner)) == []

    async def test_revoked(self, api: Api) -> None:
        partner, membership, manager = await invited(api)

        revoked = await change(manager.api, "revokePlanInvitation", membership)

        assert revoked["membership"]["state"] == "REVOKED"
        assert (await events(api))[-1] == "plan.invitation_revoked"
        assert await letters(api, partner.main, "plan_invitation_revoked") == ["plan_invitation_revoked"]
        assert await reasons(partner.main.api, "DISTRIBUTOR") == ["PLAN_INVITE_ONLY"]

    async def test_of_following_declining_and_revoking_at_once_one_happens(self, api: Api) -> None:
        partner, membership, manager = await invited(api)

        answers = await asyncio.gather(
            join(partner, "DISTRIBUTOR"),
            change(partner.main.api, "declinePlanInvitation", membership),
            change(manager.api, "revokePlanInvitation", membership),
        )

        assert sum(codes(answer) == [] for answer in answers) == 1

    async def test_who_may(self, api: Api) -> None:
        partner, membership, manager = await invited(api)
        clerk = await member(api, partner, Role.MARKETING)
        document = "mutation($input: {0}Input!) {{ {1}(input: $input) {{ __typename }} }}"
        decline = document.format("DeclinePlanInvitation", "declinePlanInvitation")
        revoke = document.format("RevokePlanInvitation", "revokePlanInvitation")
        given = {"id": membership["id"], "idempotencyKey": key()}

        assert (await clerk.api.send(decline, input=given)).error["reason"] == "ADMIN_ONLY"
        assert (await manager.api.send(decline, input=given)).error["reason"] == "ADMIN_ONLY"
        assert (await partner.main.api.send(revoke, input=given)).error["reason"] == "PERMISSION_DENIED"


async def test_a_distributor_hears_that_an_application_is_withdrawn(api: Api) -> None:
    partner, to = await admitted_partner(api), await distributor(api)
    membership = (await join(partner, "RESELLER", distributorId=to.id))["membership"]
    await vendor_decides(api, membership["id"])

    assert codes(await change(partner.main.api, "withdrawPlanApplication", membership)) == []

    assert await letters(api, to.main, "reseller_application_withdrawn") == ["reseller_application_withdrawn"]
    application = await application_of(api, partner)
    assert outcomes(await decide(to.main.api, application)) == [["STATE_CONFLICT"]]


async def test_a_distributor_hears_nothing_of_what_the_vendor_has_not_passed_on(api: Api) -> None:
    partner, to = await admitted_partner(api), await distributor(api)
    membership = (await join(partner, "RESELLER", distributorId=to.id))["membership"]

    assert codes(await change(partner.main.api, "withdrawPlanApplication", membership)) == []

    assert await letters(api, to.main, "reseller_application_withdrawn") == []
