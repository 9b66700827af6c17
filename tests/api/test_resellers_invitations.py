"""Companies become a distributor's resellers by invitation: a link by mail, seven days, once, for one address."""

from dataclasses import replace
from typing import Any

import pytest

from core.ids import encode_id
from core.tokens import TokenKind, new_token
from rules.access import Role
from tests.client import Api, codes
from tests.distribution import accept, applied, distributor, invite, reseller, token_sent_to
from tests.factories import Admitted, admitted_partner, company, email, join, key, person, sign_in, staff

OFFER = "query($token: String!) { resellerInvitation(token: $token) { distributorName agreementVersion } }"


async def invited(api: Api) -> tuple[Admitted, Admitted, str]:
    """A distributor, a company it has invited, and the token that reached it."""
    chosen, guest = await distributor(api), await admitted_partner(api)
    assert codes(await invite(chosen.main.api, str(guest.main.email))) == []
    return chosen, guest, await token_sent_to(api, guest.main.email)


async def freeze(api: Api, partner: Admitted) -> None:
    """The vendor freezes a partner."""
    operations = await staff(api, Role.VENDOR_OPS)
    given = {"id": partner.id, "standing": "FROZEN", "reason": "Overdue.", "idempotencyKey": key()}
    assert codes(await operations.api.do("setPartnerStanding", "partner { id }", **given)) == []


async def signed_in_again(api: Api, partner: Admitted) -> Admitted:
    """The same partner, days later."""
    return replace(partner, main=await sign_in(api, partner.main.account_id))


class TestInviting:
    async def test_the_link_goes_by_mail_and_opens_for_seven_days(self, api: Api) -> None:
        chosen, to = await distributor(api), email()
        made = await invite(chosen.main.api, to.upper())
        assert codes(made) == []
        assert made["invitation"]["validUntil"] == "2026-03-09T04:00:00.000Z"
        assert (made["invitation"]["state"], made["invitation"]["email"][0]) == ("ACTIVE", to[0])
        assert "*" in made["invitation"]["email"]
        [mail] = await api.inbox(to)
        assert mail["subject"] == f"{chosen.company.legal_name}邀请您成为其云经销商"
        token = await token_sent_to(api, to)
        assert not await api.rows("select id from reseller_invitation where encode(nonce, 'escape') like $1", token)
        offer = await api.anonymous.send(OFFER, token=token)
        assert offer.data["resellerInvitation"] == {
            "distributorName": chosen.company.legal_name, "agreementVersion": "1.0"
        }  # fmt: skip
        assert await api.value("select count(*) from message where template = 'reseller_invitation'") == 0

        api.clock.advance(days=7, milliseconds=-1)
        assert (await api.anonymous.send(OFFER, token=token)).data["resellerInvitation"] is not None
        api.clock.advance(milliseconds=1)
        assert (await api.anonymous.send(OFFER, token=token)).data["resellerInvitation"] is None

    async def test_one_link_to_an_address_at_a_time(self, api: Api) -> None:
        chosen, other, to = await distributor(api), await distributor(api), email()
        assert codes(await invite(chosen.main.api, to)) == []
        assert codes(await invite(other.main.api, to)) == []
        api.clock.advance(days=7, milliseconds=-1)
        chosen = await signed_in_again(api, chosen)

        async def again() -> None:
            refused = await invite(chosen.main.api, to)
            assert [(e["code"], e["path"], e["availableAt"]) for e in refused["userErrors"]] == [
                ("INVITATION_STILL_VALID", ["input", "email"], "2026-03-09T04:00:00.000Z")
            ]

        assert await api.changes(again) == set()
        api.clock.advance(milliseconds=1)
        assert codes(await invite(chosen.main.api, to)) == []
        document = "{ old: resellerInvitations(state: EXPIRED) { nodes { id } } all: resellerInvitations "
        found = await chosen.main.api.send(document + "{ nodes { state actions { action allowed } } } }")
        assert len(found.data["old"]["nodes"]) == 1
        assert found.data["all"]["nodes"] == [
            {"state": "ACTIVE", "actions": [{"action": "REVOKE", "allowed": True}]},
            {"state": "EXPIRED", "actions": [{"action": "REVOKE", "allowed": False}]},
        ]

    @pytest.mark.parametrize("state", ["ACTIVE", "EXPIRED", "REVOKED", None])
    async def test_the_list_follows_the_state_that_counts_now(self, api: Api, state: str | None) -> None:
        chosen = await distributor(api)
        assert codes(await invite(chosen.main.api, email())) == []
        document = "{ resellerInvitations%s { nodes { state } } }" % ("" if state is None else f"(state: {state})")

        async def shown() -> list[str]:
            found = await chosen.main.api.send(document)
            return [node["state"] for node in found.data["resellerInvitations"]["nodes"]]

        assert await shown() == (["ACTIVE"] if state in ("ACTIVE", None) else [])
        api.clock.advance(days=7)
        chosen = await signed_in_again(api, chosen)
        assert await shown() == (["EXPIRED"] if state in ("EXPIRED", None) else [])

    async def test_only_distributors_that_are_not_frozen_invite(self, api: Api) -> None:
        chosen, plain = await distributor(api), await admitted_partner(api)
        await freeze(api, chosen)
        for who, expected in ((plain, ["NOT_A_DISTRIBUTOR"]), (chosen, ["PARTNER_FROZEN"])):

            async def attempt(who: Admitted = who, expected: list[str] = expected) -> None:
                assert codes(await invite(who.main.api, email())) == expected

            assert await api.changes(attempt) == set()

    async def test_an_address_that_is_none(self, api: Api) -> None:
        chosen = await distributor(api)

        async def attempt() -> None:
            assert codes(await invite(chosen.main.api, "nobody")) == ["EMAIL_INVALID"]

        assert await api.changes(attempt) == set()

    async def test_a_revoked_link_is_as_one_that_never_was(self, api: Api) -> None:
        chosen, guest, token = await invited(api)
        [row] = await api.rows("select id from reseller_invitation")
        given = {"id": encode_id("rsi", row["id"])}
        done = await chosen.main.api.do(
            "revokeResellerInvitation", "invitation { state }", **given, idempotencyKey=key()
        )
        assert (codes(done), done["invitation"]) == ([], {"state": "REVOKED"})

        async def attempt() -> None:
            again = await chosen.main.api.do(
                "revokeResellerInvitation", "invitation { state }", **given, idempotencyKey=key()
            )
            assert codes(again) == ["STATE_CONFLICT"]
            strangers = await guest.main.api.do(
                "revokeResellerInvitation", "invitation { state }", **given, idempotencyKey=key()
            )
            assert codes(strangers) == ["NOT_FOUND"]
            assert codes(await accept(guest.main.api, token)) == ["LINK_INVALID"]

        assert await api.changes(attempt) == set()

    async def test_a_link_revoked_before_the_mail_went_is_not_sent(self, api: Api) -> None:
        chosen, to = await distributor(api), email()
        await api.deliver()
        made = await invite(chosen.main.api, to)
        given = {"id": made["invitation"]["id"], "idempotencyKey": key()}
        assert codes(await chosen.main.api.do("revokeResellerInvitation", "invitation { id }", **given)) == []
        assert await api.inbox(to) == []


class TestAccepting:
    async def test_the_company_is_a_reseller_at_once(self, api: Api) -> None:
        chosen, guest, token = await invited(api)

        done = await accept(guest.main.api, token)

        assert codes(done) == []
        assert (done["link"]["status"], done["link"]["companyName"]) == ("ACTIVE", guest.company.legal_name)
        found = await guest.main.api.send("{ partner { kind } joinedPlans { plan } myDistributor { id } }")
        assert found.data == {
            "partner": {"kind": "RESELLER"},
            "joinedPlans": [{"plan": "RESELLER"}],
            "myDistributor": {"id": done["link"]["id"]},
        }
        await api.deliver()
        told = (await chosen.main.api.send("{ messages { nodes { template text { title } } } }")).data["messages"]
        assert told["nodes"][0] == {
            "template": "reseller_joined", "text": {"title": f"{guest.company.legal_name} has become your reseller"}
        }  # fmt: skip
        types = await api.rows("select type, partner_id from event where type = 'reseller.associated'")
        assert {row["partner_id"] for row in types} == {chosen.partner_id, guest.partner_id}
        assert await api.rows("select state, used_by from reseller_invitation") == [
            {"state": "USED", "used_by": guest.partner_id}
        ]

    async def refused(self, api: Api, who: Any, token: str, expected: list[str], **given: Any) -> None:
        """The link is not used up, nothing is written or sent."""

        async def attempt() -> None:
            assert codes(await accept(who, token, **given)) == expected

        assert await api.changes(attempt) == set()

    async def test_the_link_is_used_up(self, api: Api) -> None:
        _, guest, token = await invited(api)
        assert codes(await accept(guest.main.api, token)) == []
        await self.refused(api, guest.main.api, token, ["LINK_USED"])

    @pytest.mark.parametrize(("late", "expected"), [(False, []), (True, ["LINK_EXPIRED"])])
    async def test_the_link_ends_to_the_millisecond(self, api: Api, late: bool, expected: list[str]) -> None:
        _, guest, token = await invited(api)
        api.clock.advance(days=7, milliseconds=0 if late else -1)
        guest = await signed_in_again(api, guest)
        if late:
            await self.refused(api, guest.main.api, token, expected)
        else:
            assert codes(await accept(guest.main.api, token)) == expected

    async def test_it_opens_for_the_invited_address_alone(self, api: Api) -> None:
        _, _, token = await invited(api)
        other = await admitted_partner(api)
        await self.refused(api, other.main.api, token, ["LINK_INVALID"])
        await self.refused(api, other.main.api, new_token(TokenKind.INVITATION), ["LINK_INVALID"])
        await self.refused(api, other.main.api, "no token", ["LINK_INVALID"])

    async def test_what_keeps_a_company_out_of_the_plan_keeps_it_from_accepting(self, api: Api) -> None:
        _, guest, token = await invited(api)
        await self.refused(api, guest.main.api, token, ["AGREEMENT_REQUIRED"], agreementVersion="0.9")
        assert codes(await join(guest, "SOLUTION_PROVIDER")) == []
        await self.refused(api, guest.main.api, token, ["PLAN_EXCLUDED"])

    async def test_a_company_that_has_a_distributor_cannot_have_another(self, api: Api) -> None:
        chosen, other = await distributor(api), await distributor(api)
        guest, _ = await reseller(api, other)
        assert codes(await invite(chosen.main.api, str(guest.main.email))) == []
        token = await token_sent_to(api, guest.main.email)
        await self.refused(api, guest.main.api, token, ["PLAN_ALREADY_JOINED", "PLAN_HAS_DISTRIBUTOR"])

    async def test_an_application_under_way_comes_first(self, api: Api) -> None:
        chosen, other = await distributor(api), await distributor(api)
        guest, _ = await applied(api, other)
        assert codes(await invite(chosen.main.api, str(guest.main.email))) == []
        token = await token_sent_to(api, guest.main.email)
        await self.refused(api, guest.main.api, token, ["PLAN_ALREADY_JOINED"])

    async def test_a_distributor_frozen_meanwhile(self, api: Api) -> None:
        chosen, guest, token = await invited(api)
        await freeze(api, chosen)
        await self.refused(api, guest.main.api, token, ["PARTNER_FROZEN"])

    async def test_a_distributor_that_is_none_any_more(self, api: Api) -> None:
        chosen, guest, token = await invited(api)
        membership = await api.value("select id from plan_membership where partner_id = $1", chosen.partner_id)
        manager = await staff(api, Role.ECO_MANAGER)
        given = {"id": encode_id("pms", membership), "idempotencyKey": key()}
        assert codes(await manager.api.do("recordPlanExit", "membership { id }", **given)) == []
        assert (await api.anonymous.send(OFFER, token=token)).data["resellerInvitation"] is None
        await self.refused(api, guest.main.api, token, ["LINK_INVALID"])

    async def test_a_company_outside_the_network_and_a_member_without_the_role(self, api: Api) -> None:
        _, _, token = await invited(api)
        outsider = await company(api)
        document = "mutation($input: AcceptResellerInvitationInput!) { acceptResellerInvitation(input: $input) "
        given = {"token": token, "agreementVersion": "1.0"}
        for who in (outsider.main, await person(api)):
            answer = await who.api.send(document + "{ __typename } }", input=given)
            assert answer.error["reason"] == "ADMIN_ONLY"
