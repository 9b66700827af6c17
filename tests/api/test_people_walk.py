"""People at random: what `checkInvitee`, `actions` and the precheck of closing foretell is what happens.

Two partners and three persons of each site, members, and the vendor take steps through the API. Before each step its
actor is shown what stands in the way; the mutation must give the same codes, and a refused one moves nothing.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from core.ids import decode_id
from rules.access import Role
from rules.sites import Site
from tasks.specialists import pass_time
from tests import specialists
from tests.api.contact_cases import proved
from tests.api.people_town import (
    CHECK,
    MET,
    OF_BINDING,
    OF_MEMBER,
    OF_PARTNER,
    OF_PERSON,
    OF_VENDOR,
    OVER,
    PATH,
    QUEUE,
    RETENTION,
    ROLES,
    Employee,
    Given,
    House,
    View,
    address,
    blockers,
)
from tests.api.test_ledger_model import Dice
from tests.api.test_paths import refresh
from tests.client import Api, Client, codes
from tests.factories import add_member, key, sign_in, staff
from tests.uploads import paper


@dataclass
class Walk:
    """Everybody, the dice, and how often each outcome was met."""

    api: Api
    dice: Dice
    houses: list[House] = field(default_factory=list)
    people: list[Employee] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    async def begin(self) -> None:
        """Everybody moves in. Two partners within a month are as many as a person may have."""
        for site in Site:
            await self.api.override("specialists.partners_max", 2, site=site.value)
            await self.api.override("specialists.window_months", 1, site=site.value)
            self.houses += [House(await specialists.employer_on(self.api, site), site) for _ in range(2)]
            named = [await specialists.employee(self.api, site=site) for _ in range(2)]
            nameless = await specialists.employee(self.api, site=site, real_name=None)
            self.people += [Employee(one, site) for one in (*named, nameless)]

    async def go(self, steps: int) -> None:
        """One random step after the other; what is not there to be done is no step."""
        await self.begin()
        often: dict[Callable[[], Awaitable[bool]], int] = {
            self.invites: 5,
            self.answers: 5,
            self.goes_on_with_an_invitation: 2,
            self.goes_on_with_a_person: 7,
            self.tells_its_employment: 3,
            self.asks_to_leave: 1,
            self.vendor_cancels: 1,
            self.vendor_decides: 3,
            self.adds_a_member: 1,
            self.changes_a_member: 3,
            self.says_who_is_a_member: 1,
            self.closes: 2,
            self.comes_back: 2,
            self.leaves_or_enters_the_path: 2,
            self.time_passes: 2,
        }
        ways = [way for way, weight in often.items() for _ in range(weight)]
        taken = 0
        while taken < steps:
            taken += await self.dice.one_of(ways)()

    def house(self) -> House:
        """A partner whose account is open."""
        return self.dice.one_of([one for one in self.houses if one.closed_at is None])

    def person(self) -> Employee | None:
        """A person whose account is open."""
        found = [one for one in self.people if one.closed_at is None]
        return self.dice.one_of(found) if found else None

    def live_one_of(self, listed: list[View]) -> View:
        """Any, but seldom one that is over."""
        live = [one for one in listed if one["state"] not in OVER]
        return self.dice.one_of(live if live and self.dice.below(3) else listed)

    async def foretold(
        self, way: str, expected: list[str], who: Client, look: str, step: Callable[[], Awaitable[list[str]]]
    ) -> bool:
        """Takes a step whose outcome is known; a refused one leaves what its actor sees as it was."""
        before = (await who.send(look)).data if expected else None
        found = await step()
        assert sorted(found) == sorted(expected), (way, found, expected)
        if before is not None:
            assert (await who.send(look)).data == before, way
        self.outcomes[f"{way} {'+'.join(sorted(set(found))) or 'done'}"] += 1
        return True

    async def does(self, way: str, expected: list[str], who: Client, look: str, name: str, **given: Any) -> bool:
        """The same for a mutation."""

        async def step() -> list[str]:
            return codes(await who.do(name, "__typename", **given))

        return await self.foretold(way, expected, who, look, step)

    async def hindrances(self, house: House) -> list[str]:
        """What keeps a partner from inviting and binding anybody."""
        if house.closed_at is not None:
            return ["INVITE_NOT_ENTITLED", "PARTNER_FROZEN"]  # it closed without plans and paths
        checked = (await house.main.api.send(CHECK, identifier="nobody at all")).data["checkInvitee"]
        return [one["code"] for one in checked["blockers"] if one["code"] != "INVITEE_NOT_FOUND"]

    async def invites(self) -> bool:
        """By what an account is known here, on the other site, or by nobody; of persons, companies and members."""
        house, own = self.house(), [one.main.email for one in self.houses]
        identifier = self.dice.one_of([one.person.email for one in self.people if one.site is house.site])
        if not self.dice.below(4):
            identifier = self.dice.one_of([*own, *(one.person.email for one in self.people), "nobody@example.com"])
        shown = (await house.main.api.send(CHECK, identifier=identifier)).data["checkInvitee"]
        told = [*shown["blockers"], *(one for invitee in shown["invitees"] for one in invitee["blockers"])]
        expected = [one["code"] for one in told]
        given = {"identifier": identifier, "idempotencyKey": key()}
        return await self.does("INVITE", expected, house.main.api, OF_PARTNER, "inviteSpecialist", **given)

    async def goes_on_with_an_invitation(self) -> bool:
        """The partner sends it again or takes it back."""
        api = self.house().main.api
        listed = (await api.send(OF_PARTNER)).data["invitations"]["nodes"]
        if not listed:
            return False
        one, action = self.live_one_of(listed), self.dice.one_of(("RESEND", "RESEND", "REVOKE"))
        name = {"RESEND": "resendSpecialistInvitation", "REVOKE": "revokeSpecialistInvitation"}[action]
        given = {"id": one["id"], "idempotencyKey": key()}
        return await self.does(action, blockers(one, action), api, OF_PARTNER, name, **given)

    async def answers(self) -> bool:
        """The person says yes or no. What its partner is hindered by, the person is told when it says yes."""
        who = self.person()
        listed = [] if who is None else (await who.person.api.send(OF_PERSON)).data["invitations"]["nodes"]
        if who is None or not listed:
            return False
        one, action = self.live_one_of(listed), self.dice.one_of(("ACCEPT",) * 4 + ("DECLINE",))
        expected, name, given = blockers(one, action), "declineSpecialistInvitation", {"id": one["id"]}
        if action == "ACCEPT":
            name, given["statementVersion"] = "acceptSpecialistInvitation", "1.0"
            if not {code for code in expected if code.startswith("LINK_")}:
                expected += await self.hindrances(await self.inviting(one["id"]))
        return await self.does(action, expected, who.person.api, OF_PERSON, name, **given)

    async def inviting(self, invitation: str) -> House:
        """Whose invitation it is."""
        question = "select partner_id from specialist_invitation where id = $1"
        found = await self.api.value(question, decode_id(invitation)[1])
        [house] = [one for one in self.houses if one.partner.partner_id == found]
        return house

    async def goes_on_with_a_person(self) -> bool:
        """The partner applies for a bound person, has it cancelled, changes its mind, or ends the binding."""
        api = self.house().main.api
        listed = (await api.send(OF_PARTNER)).data["bindings"]["nodes"]
        if not listed:
            return False
        one, action = self.live_one_of(listed), self.dice.one_of(tuple(OF_BINDING))
        able = [name for name in OF_BINDING if name != "UNBIND" and not blockers(one, name)]
        if able and self.dice.below(3):
            action = self.dice.one_of(able)
        expected = blockers(one, action)
        if action == "APPLY":
            # without a path no entry of the batch is looked at
            expected = ["PATH_REQUIRED"] if "PATH_REQUIRED" in expected else expected
            return await self.foretold(action, expected, api, OF_PARTNER, lambda: self.applies(api, one["id"]))
        given: Given = {"id": one["id"], "idempotencyKey": key()}
        if action == "REQUEST_CANCELLATION":
            given |= {"reason": "New tasks.", "documentId": await paper(api)}
        return await self.does(action, expected, api, OF_PARTNER, OF_BINDING[action], **given)

    async def applies(self, api: Client, binding: str) -> list[str]:
        """An application for one person; the codes."""
        payload = await specialists.apply_for(api, binding)
        entries = [error["code"] for one in payload["results"] or () for error in one["userErrors"]]
        return [*codes(payload), *entries]

    async def vendor_cancels(self) -> bool:
        """By its own decision."""
        site = self.dice.one_of(tuple(Site))
        api = (await staff(self.api, Role.ECO_MANAGER, site=site)).api
        listed = (await api.send(OF_VENDOR)).data["bindings"]["nodes"]
        if not listed or self.dice.below(2):
            return False
        one = self.dice.one_of(listed)
        given = {"id": one["id"], "reason": "As it is.", "idempotencyKey": key()}
        return await self.does("CANCEL", blockers(one, "CANCEL"), api, OF_VENDOR, "cancelSpecialist", **given)

    async def vendor_decides(self) -> bool:
        """A verdict on what waits."""
        api = (await staff(self.api, Role.VENDOR_REVIEWER, site=self.dice.one_of(tuple(Site)))).api
        cases = [one["id"] for one in (await api.send(QUEUE)).data["reviewQueue"]["nodes"]]
        if not cases:
            return False
        given = {"id": self.dice.one_of(cases), "approve": self.dice.below(4) > 0, "reason": "Looked at."}
        return await self.does("DECIDE", [], api, OF_VENDOR, "decideReview", **given, idempotencyKey=key())

    async def asks_to_leave(self) -> bool:
        """The person's own wish."""
        who = self.person()
        listed = [] if who is None else (await who.person.api.send(OF_PERSON)).data["bindings"]["nodes"]
        if who is None or not listed:
            return False
        one = self.dice.one_of(listed)
        given = {"id": one["id"], "reason": "I move away.", "idempotencyKey": key()}
        expected = blockers(one, "REQUEST_UNBIND")
        return await self.does("ASK", expected, who.person.api, OF_PERSON, "requestSpecialistUnbind", **given)

    async def tells_its_employment(self) -> bool:
        """Where it is based, which an application asks for."""
        who = self.person()
        if who is None:
            return False
        api = who.person.api
        has_been_bound = (await api.send(OF_PERSON)).data["bindings"]["nodes"]

        async def step() -> list[str]:
            return codes(await specialists.save_employment(api))

        return await self.foretold("TELL", [] if has_been_bound else ["NOT_FOUND"], api, OF_PERSON, step)

    async def adds_a_member(self) -> bool:
        """Six at most of each partner."""
        house = self.house()
        if len((await house.main.api.send(OF_PARTNER)).data["members"]["nodes"]) >= 6:
            return False
        mobile = {} if house.site is Site.CN else {"mobile": None}
        roles = (self.dice.one_of(ROLES[:2]), self.dice.one_of(ROLES[2:]))
        added = await add_member(house.partner, *roles, **mobile)
        assert codes(added) == [], added
        return True

    async def changes_a_member(self) -> bool:
        """Any action; of roles in review each that is taken away is named."""
        api = self.house().main.api
        listed = (await api.send(OF_PARTNER)).data["members"]["nodes"]
        if not listed:
            return False
        one, action = self.dice.one_of(listed), self.dice.one_of(tuple(OF_MEMBER))
        expected, (name, given) = blockers(one, action), OF_MEMBER[action]
        given = {"id": one["id"], "idempotencyKey": key(), **given}
        if action == "CHANGE_ROLES":
            given["roles"] = [self.dice.one_of(ROLES).value]
            expected += ["ROLE_LOCKED_BY_REVIEW" for role in one["lockedRoles"] if role not in given["roles"]]
        if action == "RESET_PASSWORD":
            self.api.clock.advance(hours=2)  # a link is sent only so often
            await refresh(self.api)
        return await self.does(action, expected, api, OF_PARTNER, name, **given)

    async def says_who_is_a_member(self) -> bool:
        """A bound person is one of the members, whose roles its application then holds."""
        api = self.house().main.api
        seen = (await api.send(OF_PARTNER)).data
        if not seen["members"]["nodes"] or not seen["bindings"]["nodes"]:
            return False
        binding, member = self.dice.one_of(seen["bindings"]["nodes"]), self.dice.one_of(seen["members"]["nodes"])
        given = {"id": binding["id"], "memberId": member["id"], "idempotencyKey": key()}
        found = codes(await api.do("assignSpecialistMember", "__typename", **given))
        assert set(found) <= {"STATE_CONFLICT", "MEMBER_ASSIGNED"}
        return True

    async def closes(self) -> bool:
        """A main account or a person, by the precheck; who may is asked for a code, and closes with it."""
        who: House | Employee | None = self.house() if self.dice.below(2) else self.person()
        open_houses = [one for one in self.houses if one.closed_at is None]
        if who is None or (isinstance(who, House) and len(open_houses) < len(self.houses)):
            return False
        account, look = (who.main, OF_PARTNER) if isinstance(who, House) else (who.person, OF_PERSON)
        shown = (await account.api.send(look)).data["cancellationPrecheck"]
        expected = [one["code"] for one in shown["blockers"]]
        assert shown["allowed"] == (not expected)
        if expected:
            given = {"idempotencyKey": key()}
            return await self.does("CLOSE", expected, account.api, look, "cancelAccount", **given)
        self.api.clock.advance(hours=2)
        await refresh(self.api)
        to = address(who.site, account)
        closed = await proved(self.api, account, "cancelAccount", "account { status }", to=to)
        assert (codes(closed), closed["account"]["status"]) == ([], "CLOSED_RETAINED")
        who.closed_at = self.api.clock()
        self.outcomes["CLOSE done"] += 1
        return True

    async def comes_back(self) -> bool:
        """A closed account within its time; what comes too late is replaced by somebody else."""
        everybody: list[House | Employee] = [*self.houses, *self.people]
        closed = [one for one in everybody if one.closed_at is not None]
        if not closed:
            return False
        who = self.dice.one_of(closed)
        account = who.main if isinstance(who, House) else who.person
        self.api.clock.advance(hours=2)
        await refresh(self.api)
        to = address(who.site, account)
        asked = {"scene": "RESTORE_ACCOUNT", "site": who.site.value, "email" if "@" in to else "mobile": to}
        challenge = (await self.api.anonymous.do("requestCode", "challenge { id }", **asked))["challenge"]["id"]
        given = {"verificationId": challenge, "code": await self.api.code(to)}
        restored = codes(await self.api.anonymous.do("restoreAccount", "__typename", **given))
        too_late = who.closed_at is not None and self.api.clock() >= who.closed_at + RETENTION
        assert restored == (["RESTORE_TOO_LATE"] if too_late else [])
        self.outcomes[f"RESTORE {'+'.join(restored) or 'done'}"] += 1
        if isinstance(who, House):
            await self.reopens(who, too_late)
        elif too_late:
            self.people.remove(who)
            self.people.append(Employee(await specialists.employee(self.api, site=who.site), who.site))
        else:
            who.person, who.closed_at = await sign_in(self.api, account.account_id), None
        return True

    async def reopens(self, house: House, too_late: bool) -> None:
        """The partner works again, or another one comes in its place."""
        if too_late:
            self.houses.remove(house)
            self.houses.append(House(await specialists.employer_on(self.api, house.site), house.site))
            return
        main = await sign_in(self.api, house.main.account_id)
        house.partner, house.closed_at = replace(house.partner, main=main), None

    async def leaves_or_enters_the_path(self) -> bool:
        """The path that entitles it to invite: without it, nobody is invited, sent to again, bound or applied for."""
        house = self.house()
        [found] = [one for one in (await house.main.api.send(PATH)).data["paths"] if one["code"] == "SI"]
        if found["enrollment"] is None:
            await self.enters_the_path(house)
            return True
        if self.dice.below(3):
            return False
        given = {"id": found["enrollment"]["id"], "idempotencyKey": key()}
        return await self.does("EXIT", blockers(found, "EXIT"), house.main.api, OF_PARTNER, "exitPath", **given)

    async def enters_the_path(self, house: House) -> None:
        """By the vendor's invitation."""
        manager = await staff(self.api, Role.ECO_MANAGER, site=house.site)
        given = {"partnerId": house.partner.id, "path": "SI", "idempotencyKey": key()}
        invited = await manager.api.do("inviteToPath", "enrollment { id }", **given)
        assert codes(invited) == [], invited
        named = {"id": invited["enrollment"]["id"], "idempotencyKey": key()}
        assert codes(await house.main.api.do("acceptPathInvitation", "__typename", **named)) == []

    async def time_passes(self) -> bool:
        """Minutes to weeks; the schedule runs or does not."""
        self.api.clock.advance(minutes=self.dice.one_of((1, 10, 60, 24 * 60, 7 * 24 * 60, 20 * 24 * 60)))
        if self.dice.below(2):
            self.outcomes["TIME done"] += await pass_time(self.api.settings, self.api.clock)
            assert await pass_time(self.api.settings, self.api.clock) == 0
        await refresh(self.api)
        return True


async def walk(api: Api, seed: int, steps: int) -> Counter[str]:
    """Takes the steps; how often each outcome was met."""
    going = Walk(api, Dice(seed))
    await going.go(steps)
    return going.outcomes


async def test_what_is_shown_foretells_what_happens(api: Api) -> None:
    outcomes = await walk(api, 3, 40)
    assert len(outcomes) >= 10, outcomes


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
async def test_what_is_shown_foretells_what_happens_for_long(api: Api, seed: int) -> None:
    assert set(await walk(api, 100 + seed, 1_000)) >= MET
