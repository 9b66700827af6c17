"""Who may assess an application for a capability label, and what of it an assessor sees, as long as it does."""

from datetime import timedelta
from typing import Any

import pytest

from core import db
from core.rows import Sort, read_rows
from core.scope import EVERYTHING, Scope
from models.capabilities import CapabilityApplication, CapabilityAssessment
from models.specialists import SpecialistBinding, SpecialistInvitation
from rules.access import Role
from rules.accounts import AccountKind
from rules.calendar import add_working_days
from rules.sites import Site
from rules.specialists import BindingState, SpecialistInvitationState
from tasks.capabilities import pass_time
from tests import factories, world
from tests.api.test_paths import refresh
from tests.capabilities import LABEL, ask, assessments, assessor, case, give, listed, may, revoke, stop
from tests.client import Api, Client, codes
from tests.factories import Person
from tests.paths import Walker, sibling, walker

SECOND = timedelta(seconds=1)


class TestIndependence:
    async def test_neither_bound_to_the_partner_nor_to_its_company(self, api: Api) -> None:
        on = await case(api)
        other = await sibling(api, on.who)
        far = await walker(api)
        for to, expected in ((far, []), (on.who, TIED), (other, TIED)):
            third = await assessor(api)
            binding = await bind(api, third, to)
            answer = await ask(on.vendor.api, on.application, third.email, dryRun=True)
            assert codes(answer) == expected
            await api.database.superuser.execute(LET_GO, binding, api.clock())
            assert codes(await ask(on.vendor.api, on.application, third.email, dryRun=True)) == []

    async def test_nor_invited_until_the_invitation_is_over(self, api: Api) -> None:
        on, third = await case(api), await assessor(api)
        until = api.clock() + timedelta(hours=1)
        await invite(api, third, on.who, valid_until=until)
        for at, expected in ((until - SECOND, TIED), (until, [])):
            api.clock.at = at
            await refresh(api)
            assert codes(await ask(on.vendor.api, on.application, third.email, dryRun=True)) == expected

    async def test_nor_a_partner_a_company_or_a_member(self, api: Api) -> None:
        on = await case(api)
        rival, firm = await walker(api), await factories.person(api, kind=AccountKind.ENTERPRISE)

        async def attempt() -> None:
            main = await ask(on.vendor.api, on.application, on.who.main.email)
            assert codes(main) == ["INVITEE_NOT_PERSONAL", "INVITEE_IS_PARTNER", *TIED]
            foreign = await ask(on.vendor.api, on.application, rival.main.email)
            assert codes(foreign) == ["INVITEE_NOT_PERSONAL", "INVITEE_IS_PARTNER"]
            assert codes(await ask(on.vendor.api, on.application, firm.email)) == ["INVITEE_NOT_PERSONAL"]
            # Of the vendor's own people, and of the other site, nobody is found.
            abroad = await assessor(api, Site.INTL)
            for one in (on.vendor, abroad):
                assert codes(await ask(on.vendor.api, on.application, one.email)) == ["INVITEE_NOT_FOUND"]

        assert await api.changes(attempt, besides=("account", "session")) == set()

    @pytest.mark.parametrize(
        ("status", "expected"), [("FROZEN", "ACCOUNT_FROZEN"), ("CLOSED_RETAINED", "INVITEE_NOT_FOUND")]
    )
    async def test_nor_one_that_cannot_sign_in(self, api: Api, status: str, expected: str) -> None:
        on = await case(api)
        await stop(api, on.third, status)
        assert codes(await ask(on.vendor.api, on.application, on.third.email)) == [expected]

    async def test_it_is_asked_again_when_the_assessment_is_given(self, api: Api) -> None:
        on = await case(api)
        asked = await on.asked()
        binding = await bind(api, on.third, on.who)
        [mine] = await assessments(on.third.api)
        assert may(mine, "GIVE") == TIED

        async def attempt() -> None:
            assert codes(await give(on.third.api, asked)) == TIED

        assert await api.changes(attempt) == set()
        await api.database.superuser.execute(LET_GO, binding, api.clock())
        [mine] = await assessments(on.third.api)
        assert may(mine, "GIVE") == []
        assert codes(await give(on.third.api, asked)) == []


TIED = ["ASSESSOR_NOT_INDEPENDENT"]
LET_GO = "update specialist_binding set state = 'UNBOUND', unbound_at = $2 where id = $1"


async def invite(api: Api, person: Person, to: Walker, **changes: Any) -> SpecialistInvitation:
    """The partner's invitation to the person, whatever leads to it."""
    given = {
        "state": SpecialistInvitationState.INVITED,
        "valid_until": api.clock() + timedelta(days=1),
        "invited_by": to.main.id,
        "partner_name": "A partner",
        "masked_name": "周**",
        "nonce": b"",
        "token_digest": person.account_id.bytes + to.partner_id.bytes,
        "sent_at": api.clock(),
        "sent_on": api.clock().date(),
        "sent_count": 1,
        "sent_that_day": 1,
    }
    of = {"partner_id": to.partner_id, "account_id": person.account_id}
    async with db.transaction(EVERYTHING):
        return await SpecialistInvitation.insert(now=api.clock(), **of, **{**given, **changes})


async def bind(api: Api, person: Person, to: Walker) -> Any:
    """The person is bound to the partner, whatever leads to it; the binding's id."""
    over = {"state": SpecialistInvitationState.ACCEPTED, "answered_at": api.clock()}
    invitation = await invite(api, person, to, **over)
    async with db.transaction(EVERYTHING):
        binding = await SpecialistBinding.insert(
            now=api.clock(),
            partner_id=to.partner_id,
            account_id=person.account_id,
            invitation_id=invitation.id,
            partner_name="A partner",
            masked_name="周**",
            state=BindingState.BOUND,
            bound_at=api.clock(),
            statement_version="1.0",
        )
    return binding.id


class TestSight:
    @pytest.mark.parametrize("end", ["given", "revoked", "expired"])
    async def test_the_assessor_reads_as_long_as_it_is_waited_for(self, api: Api, end: str) -> None:
        on = await case(api)
        assert await sight(on.third.api, on.application) == NOTHING
        asked = await on.asked()
        seen = await sight(on.third.api, on.application)
        assert seen == ([on.application["id"]], {"id": on.application["id"]})
        address = (await evidence(api, on.third.api))[0]
        assert (await on.third.api.http.get(address)).status_code == 200
        if end == "expired":
            api.clock.at = add_working_days(api.clock(), 10, Site.CN).at
            await refresh(api)
            await pass_time(api.settings, api.clock)
        else:
            await (give(on.third.api, asked) if end == "given" else revoke(on.vendor.api, asked))

        assert await sight(on.third.api, on.application) == NOTHING
        assert await evidence(api, on.third.api) == []
        api.clock.advance(minutes=5)
        assert (await on.third.api.http.get(address)).status_code == 404
        [mine] = await assessments(on.third.api)
        assert (mine["partnerName"], mine["labelName"], mine["application"]) == (asked["partnerName"], LABEL, None)

    async def test_the_partner_and_other_persons_see_no_assessment(self, api: Api) -> None:
        on = await case(api)
        other = await assessor(api)
        asked = await on.asked()
        assert codes(await give(on.third.api, asked)) == []
        document = "query($id: ID!) { node(id: $id) { id } }"
        for client in (on.who.api, other.api):
            assert (await client.send(document, id=asked["id"])).data["node"] is None
            assert await assessments(client) == []
        clerk = await world.member(api, on.who.partner_id, Role.MARKETING)
        refused = await clerk.client.send("{ assessments { nodes { id } } }")
        assert refused.error["reason"] == "PERMISSION_DENIED"
        for client in (on.third.api, on.vendor.api):
            assert (await client.send(document, id=asked["id"])).data["node"] == {"id": asked["id"]}

    async def test_the_database_says_the_same(self, api: Api) -> None:
        on = await case(api)
        other = await assessor(api)
        asked = await on.asked()
        partner = Scope("partner", (on.who.partner_id,), on.who.main.id)
        third, stranger = (Scope("none", (), one.account_id) for one in (on.third, other))
        assert [await rows(scope) for scope in (partner, third, stranger)] == [(1, 0), (1, 1), (0, 0)]
        async with db.transaction(third):
            assert await CapabilityApplication.all().update(self_check="mine") == 0
        await give(on.third.api, asked)
        assert [await rows(scope) for scope in (partner, third, stranger)] == [(1, 0), (0, 1), (0, 0)]

    async def test_lists_by_state_and_application(self, api: Api) -> None:
        on, second = await case(api), await case(api)
        first = await on.asked()
        assert codes(await give(on.third.api, first)) == []
        waits = await second.asked()
        assert [one["id"] for one in await assessments(on.vendor.api, state="GIVEN")] == [first["id"]]
        assert [one["id"] for one in await assessments(on.vendor.api, state="REQUESTED")] == [waits["id"]]
        found = await assessments(on.vendor.api, application=on.application["id"])
        assert [one["id"] for one in found] == [first["id"]]
        assert await assessments(on.vendor.api, application=first["id"]) == []


NOTHING: tuple[list[str], None] = ([], None)


async def sight(client: Client, application: dict[str, Any]) -> tuple[list[str], dict[str, str] | None]:
    """What somebody sees of applications: in the list, and by this one's id."""
    found = await client.send("query($id: ID!) { node(id: $id) { id } }", id=application["id"])
    return [one["id"] for one in await listed(client)], found.data["node"]


async def evidence(api: Api, client: Client) -> list[str]:
    """The addresses of the files that somebody is shown, once the scanner has looked at them."""
    shown = [one["application"] for one in await assessments(client) if one["application"]]
    await api.deliver()
    return [file["url"] for application in shown for file in application["evidence"]]


async def rows(scope: Scope) -> tuple[int, int]:
    """How many applications and assessments a scope sees, in its transaction and beside it."""
    found, models = [], (CapabilityApplication, CapabilityAssessment)
    model: Any
    for model in models:
        async with db.transaction(scope):
            held = await model.all().count()
        async with db.read(scope):
            assert len(await read_rows(model.all(), sort=(Sort("id"),), limit=9, names=("id",))) == held
        found.append(held)
    return found[0], found[1]


class TestAfterwards:
    async def test_who_becomes_a_partner_reads_and_says_nothing_more(self, api: Api) -> None:
        on, firm = await case(api), await walker(api)
        asked = await on.asked()
        became = "update account set partner_id = $2, is_main = id = $1 where id = $1 or partner_id = $2"
        await api.database.superuser.execute("update account set is_main = false where id = $1", firm.main.id)
        await api.database.superuser.execute(became, on.third.account_id, firm.partner_id)
        [mine] = await assessments(on.third.api)
        assert (mine["application"], may(mine, "GIVE")) == (None, ["INVITEE_IS_PARTNER"])
        assert await sight(on.third.api, on.application) == NOTHING
        assert codes(await give(on.third.api, asked)) == ["INVITEE_IS_PARTNER"]
