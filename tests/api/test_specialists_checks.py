"""Whom a partner may invite: every condition, both sides of each boundary, both sites; shown before, asked again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from core import db
from core.http.meter import HourlyMeter
from core.scope import EVERYTHING
from models.accounts import Account
from rules.access import Role
from rules.accounts import AccountKind, RealNameKind
from rules.sites import Site
from tasks.specialists import pass_time
from tests.client import Api, Client, codes
from tests.factories import Admitted, Person, add_member, admitted_partner, company, key, person, staff
from tests.specialists import (
    accept,
    again,
    bound,
    decline,
    employee,
    employer,
    international_employer,
    invite,
    resend,
    set_standing,
    token_sent_to,
    unbind,
)

CHECK = (
    "query($identifier: String!) { checkInvitee(identifier: $identifier) { blockers { code }"
    " invitees { accountId name mobile email blockers { code message } } } }"
)


async def check(client: Client, identifier: str | None) -> dict[str, Any]:
    """What an invitation by this identifier would meet."""
    found: dict[str, Any] = (await client.send(CHECK, identifier=identifier)).data["checkInvitee"]
    return found


def wait_until(api: Api, instant: str) -> None:
    """Lets the time pass that is left."""
    api.clock.advance(seconds=(datetime.fromisoformat(instant) - api.clock()).total_seconds())


async def refused(api: Api, client: Client, identifier: str | None, expected: list[str]) -> None:
    """The invitation and the look before it say the same, and leave nothing."""

    async def attempt() -> None:
        assert codes(await invite(client, identifier)) == expected
        shown = await check(client, identifier)
        told = [*shown["blockers"], *(one for invitee in shown["invitees"] for one in invitee["blockers"])]
        assert [one["code"] for one in told] == expected

    assert await api.changes(attempt) == set()


class TestLookingUp:
    LOOK = """query($identifier: String!) { checkInvitee(identifier: $identifier) {
        blockers { code rule { id } ... on QuotaError { limit resetsAt } } invitees { name } } }"""

    async def test_names_are_not_walked_through(self, api: Api) -> None:
        own, other, who = await employer(api), await employer(api), await employee(api)
        await api.override("specialists.invitee_checks_per_hour", 5)
        assert (await check(own.main.api, who.email))["invitees"]
        aliases = " ".join(f'look{n}: checkInvitee(identifier: "u{n}") {{ blockers {{ code }} }}' for n in range(5))
        told = (await own.main.api.send(f"{{ {aliases} }}")).data
        found = sorted(one["code"] for look in told.values() for one in look["blockers"])
        assert found == ["INVITEE_CHECK_LIMIT", *["INVITEE_NOT_FOUND"] * 4]

        async def attempt() -> None:
            refused = (await own.main.api.send(self.LOOK, identifier=who.email)).data["checkInvitee"]
            assert refused["invitees"] == []
            [blocker] = refused["blockers"]
            assert blocker == {
                "code": "INVITEE_CHECK_LIMIT",
                "rule": {"id": "specialists.invitee_checks"},
                "limit": "5",
                "resetsAt": "2026-03-02T04:12:00.000Z",
            }
            assert codes(await invite(own.main.api, who.email)) == ["INVITEE_CHECK_LIMIT"]

        assert await api.changes(attempt) == set()
        assert (await check(other.main.api, who.email))["invitees"]
        tries = [await invite(other.main.api, f"u{number}", dryRun=True) for number in range(5)]
        assert [codes(one) for one in tries] == [*[["INVITEE_NOT_FOUND"]] * 4, ["INVITEE_CHECK_LIMIT"]]

        api.clock.advance(minutes=12, milliseconds=-1)
        assert codes(await invite(own.main.api, who.email)) == ["INVITEE_CHECK_LIMIT"]
        api.clock.advance(milliseconds=1)
        assert codes(await invite(own.main.api, who.email)) == []

    async def test_an_invitation_is_counted_once_and_outside_of_its_transaction(
        self, api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own, who = await employer(api), await employee(api)
        count, counted = HourlyMeter.count, []

        async def watched(meter: HourlyMeter, name: str, per_hour: int) -> timedelta | None:
            counted.append(db.in_transaction())
            return await count(meter, name, per_hour)

        monkeypatch.setattr(HourlyMeter, "count", watched)
        same = key()
        first, repeated = [await invite(own.main.api, who.email, idempotencyKey=same) for _ in range(2)]
        assert first == repeated and codes(first) == []
        assert counted == [False]

    async def test_who_may_invite_nobody_counts_nothing(self, api: Api) -> None:
        own = await admitted_partner(api)
        await api.override("specialists.invitee_checks_per_hour", 1)
        for _ in range(3):
            shown = await check(own.main.api, "x")
            assert [one["code"] for one in shown["blockers"]] == ["INVITE_NOT_ENTITLED"]


class TestWhoIsInvited:
    async def test_a_free_person_is_shown_masked(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        shown = await check(own.main.api, who.email)
        assert shown["blockers"] == []
        [invitee] = shown["invitees"]
        assert invitee["blockers"] == []
        assert (invitee["accountId"], invitee["name"]) == (who.id, "王**")
        assert str(who.email) not in str(shown)
        assert str(who.mobile) not in str(shown)

    async def test_nobody_on_this_site(self, api: Api) -> None:
        own, abroad = await employer(api), await employee(api, site=Site.INTL)
        worker = await staff(api, Role.VENDOR_OPS)
        for identifier in ("nobody@example.com", abroad.email, worker.email, "王小明"):
            await refused(api, own.main.api, identifier, ["INVITEE_NOT_FOUND"])

    async def test_companies_members_and_partners(self, api: Api) -> None:
        own, other, applicant = await employer(api), await admitted_partner(api), await company(api)
        added = (await add_member(own, Role.OPERATIONS))["member"]
        await refused(api, own.main.api, added["name"], ["INVITEE_NOT_PERSONAL", "INVITEE_REALNAME_REQUIRED"])
        await refused(api, own.main.api, applicant.main.email, ["INVITEE_NOT_PERSONAL", "INVITEE_ENTERPRISE_REALNAME"])
        expected = ["INVITEE_NOT_PERSONAL", "INVITEE_ENTERPRISE_REALNAME", "INVITEE_IS_PARTNER"]
        await refused(api, own.main.api, other.main.email, expected)

    async def test_of_an_account_that_is_no_persons_own_nothing_but_the_reasons(self, api: Api) -> None:
        own, other = await employer(api), await admitted_partner(api)
        added = (await add_member(own, Role.OPERATIONS))["member"]
        contact = {"mobile": None, "email": "clerk@mail.example"}
        assert codes(await add_member(other, Role.OPERATIONS, **contact)) == []
        for identifier in (added["name"], other.main.email, other.main.mobile, contact["email"]):
            [shown] = (await check(own.main.api, identifier))["invitees"]
            assert shown.pop("blockers")[0]["code"] == "INVITEE_NOT_PERSONAL"
            assert set(shown.values()) == {None}

    async def test_another_partners_member_is_not_found_by_its_user_name(self, api: Api) -> None:
        own, other = await employer(api), await employer(api)
        for partner in (own, other, await admitted_partner(api)):
            assert codes(await add_member(partner, Role.OPERATIONS, username="admin")) == []
        for partner in (own, other):
            assert len((await check(partner.main.api, "admin"))["invitees"]) == 1, "its own"
        theirs = (await add_member(other, Role.OPERATIONS, username="their.clerk"))["member"]
        await refused(api, own.main.api, theirs["name"], ["INVITEE_NOT_FOUND"])

    async def test_a_personal_account_real_named_as_a_company(self, api: Api) -> None:
        own, who = await employer(api), await employee(api, real_name=RealNameKind.ENTERPRISE)
        await refused(api, own.main.api, who.email, ["INVITEE_ENTERPRISE_REALNAME"])

    @pytest.mark.parametrize("site", Site)
    async def test_a_real_name_is_asked_for_on_one_site_alone(self, api: Api, site: Site) -> None:
        who = await employee(api, site=site, real_name=None)
        if site is Site.CN:
            await refused(api, (await employer(api)).main.api, who.email, ["INVITEE_REALNAME_REQUIRED"])
            return
        client = await international_employer(api)
        made = await invite(client, who.email)
        assert codes(made) == []
        assert codes(await accept(who.api, id=made["invitation"]["id"])) == []

    async def test_bound_to_another_partner_and_never_which(self, api: Api) -> None:
        own, other = await employer(api), await employer(api)
        who, _ = await bound(api, other)
        await refused(api, own.main.api, who.email, ["INVITEE_BOUND_ELSEWHERE"])
        shown = await check(own.main.api, who.email)
        assert other.company.legal_name not in str(shown)
        assert other.id not in str(shown)

    async def test_bound_to_the_partner_itself(self, api: Api) -> None:
        own = await employer(api)
        who, _ = await bound(api, own)
        await refused(api, own.main.api, who.email, ["ALREADY_BOUND"])

    async def test_several_accounts_of_one_identifier(self, api: Api) -> None:
        own, one, other = await employer(api), await employee(api), await employee(api)
        async with db.transaction(EVERYTHING):
            await Account.filter(id=other.account_id).update(name=one.mobile)
        assert len((await check(own.main.api, one.mobile))["invitees"]) == 2

        async def unclear() -> None:
            assert codes(await invite(own.main.api, one.mobile)) == ["INVITEE_AMBIGUOUS"]
            stranger = await invite(own.main.api, one.mobile, accountId=own.main.id)
            assert codes(stranger) == ["INVITEE_AMBIGUOUS"]
            assert codes(await invite(own.main.api, one.email, accountId=other.id)) == ["INVITEE_NOT_FOUND"]

        assert await api.changes(unclear) == set()
        assert codes(await invite(own.main.api, one.mobile, accountId=other.id)) == []
        assert await api.value("select account_id from specialist_invitation") == other.account_id


class TestThreePartnersInAYear:
    async def history(self, api: Api) -> tuple[Person, Admitted]:
        """Somebody let go by three partners on 2, 3 and 4 March; a fourth partner."""
        who = await employee(api)
        for _ in range(3):
            partner = await employer(api)
            _, binding_id = await bound(api, partner, await again(api, who))
            assert codes(await unbind(partner.main.api, binding_id)) == []
            api.clock.advance(days=1)
        return who, await employer(api)

    async def test_the_fourth_waits_until_the_first_is_a_year_ago(self, api: Api) -> None:
        who, fourth = await self.history(api)
        await refused(api, fourth.main.api, who.email, ["INVITEE_PARTNER_LIMIT"])
        wait_until(api, "2027-03-02T03:59:59.999+00:00")
        main = (await again(api, fourth.main)).api
        await refused(api, main, who.email, ["INVITEE_PARTNER_LIMIT"])
        api.clock.advance(milliseconds=1)
        assert codes(await invite(main, who.email)) == []

    async def test_one_of_the_three_is_refused_too(self, api: Api) -> None:
        who = await employee(api)
        partners = [await employer(api) for _ in range(3)]
        for partner in partners:
            _, binding_id = await bound(api, partner, who)
            assert codes(await unbind(partner.main.api, binding_id)) == []
        await refused(api, partners[0].main.api, who.email, ["INVITEE_PARTNER_LIMIT"])

    async def test_the_same_partner_three_times_is_one(self, api: Api) -> None:
        who, partner = await employee(api), await employer(api)
        for _ in range(3):
            _, binding_id = await bound(api, partner, who)
            assert codes(await unbind(partner.main.api, binding_id)) == []
        assert codes(await invite(partner.main.api, who.email)) == []


class TestHundredADay:
    async def crowd(self, api: Api, own: Admitted, sent: int) -> str:
        """One invitation that was sent this often today; its id."""
        who = await employee(api)
        made = await invite(own.main.api, who.email)
        await api.database.superuser.execute(
            "update specialist_invitation set sent_count = $1, sent_that_day = $1", sent
        )
        return str(made["invitation"]["id"])

    async def test_the_hundred_and_first_waits_for_the_next_day_of_the_site(self, api: Api) -> None:
        own, who, other = await employer(api), await employee(api), await employee(api)
        first = await self.crowd(api, own, 99)
        assert codes(await invite(own.main.api, who.email)) == []
        api.clock.advance(seconds=60)
        await refused(api, own.main.api, other.email, ["INVITE_DAILY_LIMIT"])

        async def once_more() -> None:
            assert codes(await resend(own.main.api, first)) == ["INVITE_DAILY_LIMIT"]

        assert await api.changes(once_more) == set()
        wait_until(api, "2026-03-02T15:59:59.999+00:00")
        main = (await again(api, own.main)).api
        await refused(api, main, other.email, ["INVITE_DAILY_LIMIT"])
        api.clock.advance(milliseconds=1)
        assert codes(await invite(main, other.email)) == []
        assert codes(await resend(main, first)) == []
        assert await api.value("select sum(sent_that_day) from specialist_invitation where sent_on = '2026-03-03'") == 2

    async def test_a_partners_hundred_is_its_own(self, api: Api) -> None:
        own, other, who = await employer(api), await employer(api), await employee(api)
        await self.crowd(api, own, 100)
        assert codes(await invite(other.main.api, who.email)) == []


class TestExpiry:
    async def test_the_job_ends_what_is_over_once(self, api: Api) -> None:
        own, who = await employer(api), await employee(api)
        assert codes(await invite(own.main.api, who.email)) == []
        await api.deliver()
        api.clock.advance(days=7, milliseconds=-1)

        async def early() -> None:
            assert await pass_time(api.settings, api.clock) == 0

        assert await api.changes(early) == set()
        api.clock.advance(milliseconds=1)
        assert await pass_time(api.settings, api.clock) == 1
        assert await api.value("select state from specialist_invitation") == "EXPIRED"
        assert await api.value("select count(*) from event where type = 'specialist_invitation.expired'") == 1
        await api.deliver()
        told = await (await again(api, own.main)).api.send("{ messages { nodes { template text { title } } } }")
        assert told.data["messages"]["nodes"][0] == {
            "template": "specialist_invitation_expired", "text": {"title": "Your invitation to 王** has expired"}
        }  # fmt: skip

        async def twice() -> None:
            assert await pass_time(api.settings, api.clock) == 0

        assert await api.changes(twice) == set()


async def test_an_enterprise_that_applies_for_admission_is_a_partner_already(api: Api) -> None:
    own, who = await employer(api), await person(api, kind=AccountKind.PERSONAL)
    await api.database.superuser.execute(
        "update account set real_name_state = 'PASSED', real_name_kind = 'PERSONAL' where id = $1", who.account_id
    )
    await api.database.superuser.execute(
        "insert into partner (id, version, created_at, updated_at, main_account_id, site, name, credit_code,"
        " admission_state, applied_at, standing) values (gen_random_uuid(), 1, $2, $2, $1, 'CN', 'Applicant', $3,"
        " 'MANUAL_REVIEW', $2, 'ACTIVE')",
        who.account_id,
        api.clock(),
        key(),
    )
    await refused(api, own.main.api, who.email, ["INVITEE_IS_PARTNER"])


async def test_a_partner_whose_account_is_closed_binds_nobody(api: Api) -> None:
    own, who, other = await employer(api), await employee(api), await employee(api)
    made = await invite(own.main.api, who.email)
    await set_standing(api, own, "CLOSED")

    async def attempt() -> None:
        assert codes(await accept(who.api, id=made["invitation"]["id"])) == ["PARTNER_FROZEN"]
        assert codes(await accept(who.api, token=await token_sent_to(api, who.email))) == ["PARTNER_FROZEN"]
        assert codes(await invite(own.main.api, other.email)) == ["PARTNER_FROZEN"]
        assert "PARTNER_FROZEN" in codes(await resend(own.main.api, made["invitation"]["id"]))

    await api.deliver()
    assert await api.changes(attempt) == set()
    await set_standing(api, own, "FROZEN")
    assert codes(await accept(who.api, id=made["invitation"]["id"])) == []


async def test_an_invitation_shows_what_answering_it_or_sending_it_again_meets(api: Api) -> None:
    own, who = await employer(api), await employee(api)
    made = (await invite(own.main.api, who.email))["invitation"]["id"]
    look = "query($id: ID!) { node(id: $id) { ... on SpecialistInvitation { actions { action blockers { code } } } } }"

    async def shown(client: Client, action: str) -> list[str]:
        [found] = [one for one in (await client.send(look, id=made)).data["node"]["actions"] if one["action"] == action]
        return [against["code"] for against in found["blockers"]]

    superuser = api.database.superuser
    await superuser.execute("update account set real_name_kind = 'ENTERPRISE' where id = $1", who.account_id)
    assert await shown(who.api, "ACCEPT") == codes(await accept(who.api, id=made)) == ["INVITEE_ENTERPRISE_REALNAME"]
    assert await shown(who.api, "DECLINE") == []
    await superuser.execute("update plan_membership set state = 'EXITED' where partner_id = $1", own.partner_id)
    refused = codes(await resend(own.main.api, made))
    assert await shown(own.main.api, "RESEND") == refused == ["INVITE_NOT_ENTITLED", "INVITE_TOO_SOON"]
    api.clock.advance(days=7)
    who = await again(api, who)
    for name, answer in (("ACCEPT", accept), ("DECLINE", decline)):
        assert await shown(who.api, name) == codes(await answer(who.api, id=made)) == ["LINK_EXPIRED"]
