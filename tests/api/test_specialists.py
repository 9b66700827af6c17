"""Employees' personal accounts: invited by a partner's main account, bound with their consent, and unbound."""

from core.tokens import TokenKind, new_token
from rules.access import Role
from tests.client import Api, codes
from tests.factories import Person, admitted_partner, email, key, member
from tests.specialists import (
    accept,
    again,
    bound,
    decline,
    employee,
    employer,
    invite,
    resend,
    revoke,
    set_state,
    token_sent_to,
    unbind,
    wish_to_leave,
)

OFFER = "query($token: String!) { specialistInvitation(token: $token) { partnerName state } }"
OVERVIEW = (
    "{ specialistOverview { invited declined expired revoked bound specialistReview specialistRejected specialist"
    " cancelReview cancelled vendorCancelled unbound } }"
)
MESSAGES = "{ messages { nodes { template text { title } } } }"


async def told(api: Api, who: Person) -> list[str]:
    """The templates of a person's messages, newest first."""
    await api.deliver()
    found = await who.api.send(MESSAGES)
    return [node["template"] for node in found.data["messages"]["nodes"]]


class TestInviting:
    async def test_the_person_is_told_and_the_link_opens_for_seven_days(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        made = await invite(own.main.api, str(who.email).upper())
        assert codes(made) == []
        assert made["invitation"] == {
            "id": made["invitation"]["id"], "state": "INVITED", "maskedName": "王**",
            "validUntil": "2026-03-09T04:00:00.000Z", "sentCount": 1, "version": 1,
        }  # fmt: skip
        token = await token_sent_to(api, who.email)
        assert (await told(api, who))[0] == "specialist_invited"
        assert not await api.rows("select id from specialist_invitation where encode(nonce, 'escape') like $1", token)
        offer = {"specialistInvitation": {"partnerName": own.company.legal_name, "state": "INVITED"}}
        api.clock.advance(days=7, milliseconds=-1)
        who = await again(api, who)
        assert (await who.api.send(OFFER, token=token)).data == offer
        api.clock.advance(milliseconds=1)
        assert (await who.api.send(OFFER, token=token)).data == {"specialistInvitation": None}

    async def test_nobody_else_learns_what_a_link_leads_to(self, api: Api) -> None:
        own, who, other = await employer(api), await employee(api), await employee(api)
        assert codes(await invite(own.main.api, who.email)) == []
        token = await token_sent_to(api, who.email)
        for stranger in (other, own.main):
            assert (await stranger.api.send(OFFER, token=token)).data == {"specialistInvitation": None}

    async def test_by_mobile_number_and_whoever_has_no_address_gets_an_sms(self, api: Api) -> None:
        own, who = await employer(api), await employee(api, with_email=False)
        assert codes(await invite(own.main.api, who.mobile)) == []
        sent = [row for row in await api.inbox(str(who.mobile)) if row["template"] == "specialist_invitation"]
        assert [own.company.legal_name in row["body"] for row in sent] == [True]
        assert "cos_inv_" not in sent[0]["body"]
        found = await who.api.send("{ mySpecialistInvitations(state: INVITED) { nodes { id partnerName } } }")
        [waiting] = found.data["mySpecialistInvitations"]["nodes"]
        assert waiting["partnerName"] == own.company.legal_name
        assert codes(await accept(who.api, id=waiting["id"])) == []

    async def test_a_second_invitation_waits_for_the_end_of_the_first(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        assert codes(await invite(own.main.api, who.email)) == []
        api.clock.advance(days=7, milliseconds=-1)
        main = (await again(api, own.main)).api

        async def too_early() -> None:
            refused = await invite(main, who.email)
            assert [(one["code"], one["availableAt"]) for one in refused["userErrors"]] == [
                ("ALREADY_INVITED", "2026-03-09T04:00:00.000Z")
            ]

        assert await api.changes(too_early) == set()
        api.clock.advance(milliseconds=1)
        assert codes(await invite(main, who.email)) == []
        states = await api.rows("select state from specialist_invitation order by id")
        assert [row["state"] for row in states] == ["EXPIRED", "INVITED"]
        assert await api.value("select count(*) from event where type = 'specialist_invitation.expired'") == 1
        assert "specialist_invitation_expired" in await told(api, await again(api, own.main))

    async def test_sent_again_the_old_link_is_dead(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        made = await invite(own.main.api, who.email)
        old = await token_sent_to(api, who.email)
        api.clock.advance(seconds=60, milliseconds=-1)

        async def too_soon() -> None:
            refused = await resend(own.main.api, made["invitation"]["id"])
            assert [(one["code"], one["availableAt"]) for one in refused["userErrors"]] == [
                ("INVITE_TOO_SOON", "2026-03-02T04:01:00.000Z")
            ]

        assert await api.changes(too_soon) == set()
        api.clock.advance(milliseconds=1)
        done = await resend(own.main.api, made["invitation"]["id"])
        assert (codes(done), done["invitation"]["sentCount"]) == ([], 2)
        assert done["invitation"]["validUntil"] == "2026-03-09T04:01:00.000Z"
        fresh = await token_sent_to(api, who.email)
        assert fresh != old

        async def by_the_old_one() -> None:
            assert codes(await accept(who.api, token=old)) == ["LINK_INVALID"]

        assert await api.changes(by_the_old_one) == set()
        assert codes(await accept(who.api, token=fresh)) == []

    async def test_an_invitation_sent_again_before_the_first_mail_went_is_mailed_once(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        await api.deliver()
        made = await invite(own.main.api, who.email)
        api.clock.advance(seconds=60)
        assert codes(await resend(own.main.api, made["invitation"]["id"])) == []
        sent = [row for row in await api.inbox(str(who.email)) if row["template"] == "specialist_invitation"]
        assert len(sent) == 1
        assert codes(await accept(who.api, token=await token_sent_to(api, who.email))) == []

    async def test_a_revoked_link_is_as_one_that_never_was(self, api: Api) -> None:
        own, other, who = await employer(api), await employer(api), await employee(api)
        made = await invite(own.main.api, who.email)
        invitation_id, token = made["invitation"]["id"], await token_sent_to(api, who.email)

        async def by_strangers() -> None:
            assert codes(await revoke(other.main.api, invitation_id)) == ["NOT_FOUND"]
            assert codes(await resend(other.main.api, invitation_id)) == ["NOT_FOUND"]

        assert await api.changes(by_strangers) == set()
        done = await revoke(own.main.api, invitation_id)
        assert (codes(done), done["invitation"]["state"]) == ([], "REVOKED")
        api.clock.advance(seconds=60)

        async def over() -> None:
            assert codes(await revoke(own.main.api, invitation_id)) == ["STATE_CONFLICT"]
            assert codes(await resend(own.main.api, invitation_id)) == ["STATE_CONFLICT"]
            assert codes(await accept(who.api, token=token)) == ["LINK_INVALID"]
            assert codes(await accept(who.api, id=invitation_id)) == ["LINK_INVALID"]

        assert await api.changes(over) == set()
        assert codes(await invite(own.main.api, who.email)) == []

    async def test_the_main_account_alone_invites_and_unbinds(self, api: Api) -> None:
        own = await employer(api)
        _, binding_id = await bound(api, own)
        waiting = (await invite(own.main.api, (await employee(api)).email))["invitation"]["id"]
        asked = {
            "inviteSpecialist": {"identifier": email()},
            "resendSpecialistInvitation": {"id": waiting},
            "revokeSpecialistInvitation": {"id": waiting},
            "unbindSpecialist": {"id": binding_id},
        }
        administrator = await member(api, own, Role.SYSTEM_ADMIN)
        clerk = await member(api, own, Role.OPERATIONS, Role.SA_SPECIALIST)

        async def attempts() -> None:
            for who in (administrator, clerk):
                for name, given in asked.items():
                    kind = name[0].upper() + name[1:] + "Input"
                    document = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ __typename }} }}"
                    answer = await who.api.send(document, input={**given, "idempotencyKey": key()})
                    assert answer.error["reason"] == "ADMIN_ONLY", name
                answer = await who.api.send('{ checkInvitee(identifier: "x") { __typename } }')
                assert answer.error["reason"] == "ADMIN_ONLY"

        assert await api.changes(attempts) == set()
        shown = "{ specialistBindings { nodes { actions { action blockers { code } } } } }"
        found = (await administrator.api.send(shown)).data["specialistBindings"]["nodes"]
        unbinding = next(one for one in found[0]["actions"] if one["action"] == "UNBIND")
        assert unbinding["blockers"] == [{"code": "ADMIN_ONLY"}]


class TestAnswering:
    async def test_the_account_is_bound_with_its_consent_on_record(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        await invite(own.main.api, who.email)
        api.clock.advance(days=7, milliseconds=-1)
        who = await again(api, who)
        done = await accept(who.api, token=await token_sent_to(api, who.email))
        assert (codes(done), done["binding"]["state"]) == ([], "BOUND")
        [row] = await api.rows("select * from specialist_binding")
        assert (row["partner_id"], row["account_id"]) == (own.partner_id, who.account_id)
        assert (row["statement_version"], row["consent_address"]) == ("1.0", "203.0.113.9")
        assert row["bound_at"] == api.clock()
        assert (await told(api, who))[0] == "specialist_welcome"
        assert (await told(api, await again(api, own.main)))[0] == "specialist_bound"
        events = await api.rows("select partner_id from event where type = 'specialist.bound'")
        assert [one["partner_id"] for one in events] == [own.partner_id]

    async def test_every_reason_against_an_answer(self, api: Api) -> None:
        own, who, other = await employer(api), await employee(api), await employee(api)
        made = await invite(own.main.api, who.email)
        invitation_id, token = made["invitation"]["id"], await token_sent_to(api, who.email)

        async def refused() -> None:
            assert codes(await accept(who.api)) == ["REQUIRED"]
            assert codes(await accept(who.api, token=token, id=invitation_id)) == ["REQUIRED"]
            assert codes(await accept(who.api, token=new_token(TokenKind.INVITATION))) == ["LINK_INVALID"]
            assert codes(await accept(who.api, token="no token")) == ["LINK_INVALID"]
            assert codes(await accept(other.api, token=token)) == ["LINK_INVALID"]
            assert codes(await accept(other.api, id=invitation_id)) == ["NOT_FOUND"]
            assert codes(await decline(other.api, token=token)) == ["LINK_INVALID"]
            for version in (None, "0.9"):
                assert codes(await accept(who.api, token=token, statementVersion=version)) == ["AGREEMENT_REQUIRED"]

        assert await api.changes(refused) == set()
        api.clock.advance(days=7)
        who = await again(api, who)

        async def late() -> None:
            assert codes(await accept(who.api, token=token)) == ["LINK_EXPIRED"]
            assert codes(await decline(who.api, token=token)) == ["LINK_EXPIRED"]

        assert await api.changes(late) == set()

    async def test_everything_is_checked_again(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        made = await invite(own.main.api, who.email)
        superuser = api.database.superuser
        await superuser.execute("update account set real_name_kind = 'ENTERPRISE' where id = $1", who.account_id)
        await superuser.execute("update plan_membership set state = 'EXITED' where partner_id = $1", own.partner_id)

        async def refused() -> None:
            answered = await accept(who.api, id=made["invitation"]["id"], statementVersion=None)
            assert codes(answered) == ["AGREEMENT_REQUIRED", "INVITEE_ENTERPRISE_REALNAME", "INVITE_NOT_ENTITLED"]

        assert await api.changes(refused) == set()

    async def test_declined_is_declined(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        made = await invite(own.main.api, who.email)
        done = await decline(who.api, token=await token_sent_to(api, who.email))
        assert (codes(done), done["invitation"]["state"]) == ([], "DECLINED")
        assert (await told(api, own.main))[0] == "specialist_invitation_declined"

        async def twice() -> None:
            assert codes(await decline(who.api, id=made["invitation"]["id"])) == ["LINK_USED"]
            assert codes(await accept(who.api, id=made["invitation"]["id"])) == ["LINK_USED"]

        assert await api.changes(twice) == set()
        assert codes(await invite(own.main.api, who.email)) == []


class TestParting:
    async def test_nothing_is_left_but_the_record(self, api: Api) -> None:
        own = await employer(api)
        who, binding_id = await bound(api, own)
        done = await unbind(own.main.api, binding_id, reason="Has left the company.", expectedVersion=1)
        assert (codes(done), done["binding"]["state"]) == ([], "UNBOUND")
        assert done["binding"]["unboundAt"] == "2026-03-02T04:00:00.000Z"
        assert (await told(api, who))[0] == "specialist_released"
        assert (await told(api, own.main))[0] == "specialist_unbound"
        [row] = await api.rows("select detail from audit where operation = 'unbind_specialist'")
        assert "Has left the company." in str(row["detail"])

        async def twice() -> None:
            assert codes(await unbind(own.main.api, binding_id)) == ["STATE_CONFLICT"]

        assert await api.changes(twice) == set()
        assert codes(await invite(own.main.api, who.email)) == []

    async def test_a_specialist_is_cancelled_first(self, api: Api) -> None:
        own, other = await employer(api), await employer(api)
        _, binding_id = await bound(api, own)
        expected = {
            "SPECIALIST": ["SPECIALIST_MUST_BE_CANCELLED"],
            "CANCEL_REVIEW": ["SPECIALIST_MUST_BE_CANCELLED"],
            "SPECIALIST_REVIEW": ["STATE_CONFLICT"],
        }
        for state, refusals in expected.items():
            await set_state(api, binding_id, state)

            async def attempt(refusals: list[str] = refusals) -> None:
                assert codes(await unbind(own.main.api, binding_id)) == refusals
                assert codes(await unbind(other.main.api, binding_id)) == ["NOT_FOUND"]

            assert await api.changes(attempt) == set()
        await set_state(api, binding_id, "CANCELLED")
        assert codes(await unbind(own.main.api, binding_id, dryRun=True)) == []
        assert codes(await unbind(own.main.api, binding_id, expectedVersion=9)) == ["CONFLICT"]
        assert codes(await unbind(own.main.api, binding_id)) == []

    async def test_a_person_asks_to_leave_and_cannot_go_by_itself(self, api: Api) -> None:
        own = await employer(api)
        (who, binding_id), other = await bound(api, own), await employee(api)
        asked = await wish_to_leave(who.api, binding_id)
        assert (codes(asked), asked["binding"]["state"]) == ([], "BOUND")
        assert (await told(api, own.main))[0] == "specialist_unbind_requested"
        found = await own.main.api.send("{ specialistBindings { nodes { unbindWish unbindRequestedAt } } }")
        assert found.data["specialistBindings"]["nodes"] == [
            {"unbindWish": "I have a new employer.", "unbindRequestedAt": "2026-03-02T04:00:00.000Z"}
        ]

        async def refused() -> None:
            assert codes(await wish_to_leave(who.api, binding_id)) == ["REQUEST_ALREADY_OPEN"]
            assert codes(await wish_to_leave(other.api, binding_id)) == ["NOT_FOUND"]

        assert await api.changes(refused) == set()
        assert codes(await unbind(own.main.api, binding_id)) == []

        async def over() -> None:
            assert codes(await wish_to_leave(who.api, binding_id)) == ["STATE_CONFLICT"]

        assert await api.changes(over) == set()


class TestReading:
    async def test_each_account_is_counted_once_with_its_newest_state(self, api: Api) -> None:
        own = await employer(api)
        people = [await employee(api) for _ in range(5)]
        made = [(await invite(own.main.api, who.email))["invitation"]["id"] for who in people]
        assert codes(await accept(people[0].api, id=made[0])) == []
        assert codes(await decline(people[1].api, id=made[1])) == []
        assert codes(await revoke(own.main.api, made[2])) == []
        _, left = await bound(api, own)
        assert codes(await unbind(own.main.api, left)) == []
        nothing = dict.fromkeys(("specialistReview", "specialistRejected", "specialist", "cancelReview"), 0)
        nothing |= {"cancelled": 0, "vendorCancelled": 0}
        expected = {"invited": 2, "declined": 1, "revoked": 1, "bound": 1, "unbound": 1, "expired": 0, **nothing}
        assert (await own.main.api.send(OVERVIEW)).data["specialistOverview"] == expected

        api.clock.advance(days=7)
        main = (await again(api, own.main)).api
        assert codes(await invite(main, people[3].email)) == []
        after = {**expected, "invited": 1, "expired": 1}
        assert (await main.send(OVERVIEW)).data["specialistOverview"] == after

    async def test_lists_follow_the_state_that_counts_now(self, api: Api) -> None:
        own = await employer(api)
        who, binding_id = await bound(api, own)
        assert codes(await invite(own.main.api, (await employee(api)).email)) == []
        document = (
            "{ open: specialistInvitations(state: INVITED) { nodes { state actions { action allowed } } }"
            " over: specialistInvitations(state: EXPIRED) { nodes { state } }"
            " accepted: specialistInvitations(state: ACCEPTED) { nodes { partner { name } } }"
            " all: specialistInvitations { nodes { id } } bound: specialistBindings(state: BOUND) { nodes { id } } }"
        )
        data = (await own.main.api.send(document)).data
        [waiting] = data["open"]["nodes"]
        allowed = {one["action"]: one["allowed"] for one in waiting["actions"]}
        assert allowed["REVOKE"]
        assert not allowed["RESEND"], "too soon"
        assert len(data["all"]["nodes"]) == 2
        assert (data["over"]["nodes"], data["bound"]["nodes"]) == ([], [{"id": binding_id}])
        assert data["accepted"]["nodes"] == [{"partner": {"name": own.company.legal_name}}]

        api.clock.advance(days=7)
        main, who = (await again(api, own.main)).api, await again(api, who)
        data = (await main.send(document)).data
        assert (data["open"]["nodes"], data["over"]["nodes"]) == ([], [{"state": "EXPIRED"}])
        mine = await who.api.send("{ mySpecialistBindings { nodes { partnerName partner { name } } } }")
        names = {"partnerName": own.company.legal_name, "partner": None}
        assert mine.data["mySpecialistBindings"]["nodes"] == [names]

    async def test_a_member_finds_nothing_by_id(self, api: Api) -> None:
        own = await employer(api)
        _, binding_id = await bound(api, own)
        clerk = await member(api, own, Role.OPERATIONS)
        document = "query($id: ID!) { node(id: $id) { id } }"
        assert (await clerk.api.send(document, id=binding_id)).data == {"node": None}
        assert (await own.main.api.send(document, id=binding_id)).data == {"node": {"id": binding_id}}


async def test_a_partner_without_the_plans_invites_nobody(api: Api) -> None:
    plain, who = await admitted_partner(api), await employee(api)

    async def attempt() -> None:
        assert codes(await invite(plain.main.api, who.email)) == ["INVITE_NOT_ENTITLED"]
        assert codes(await invite(plain.main.api, "nobody")) == ["INVITE_NOT_ENTITLED"]

    assert await api.changes(attempt) == set()
    look = "query($who: String!) { checkInvitee(identifier: $who) { blockers { code } invitees { name } } }"
    for identifier in (who.email, who.mobile, "nobody"):
        found = await plain.main.api.send(look, who=identifier)
        assert found.data["checkInvitee"] == {"blockers": [{"code": "INVITE_NOT_ENTITLED"}], "invitees": []}
