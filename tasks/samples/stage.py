"""The stage on which the sample data's people act: they sign up, act through the commands, and read their codes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import count
from typing import Any, TypeVar, cast
from uuid import UUID

from core import db
from core.clock import SettableClock
from core.ids import uuid7
from core.passwords import hash_password
from core.scope import EVERYTHING
from core.settings import Settings
from models.accounts import Account
from models.customers import CustomerInvitation
from models.verifications import Verification
from resolvers import accounts, codes
from resolvers.accounts.sessions import SignedIn, authenticate, open_session
from resolvers.accounts.signing import Prepared
from resolvers.accounts.staff import add_staff
from resolvers.batch import Batch
from resolvers.command import Command, Options, Outcome, run
from resolvers.context import Context
from resolvers.verifications import verify_challenge
from rules.access import ANONYMOUS, SYSTEM, Actor, Role
from rules.accounts import AccountKind
from rules.errors import StepUpRequired, Violation
from rules.policy import Policy, PolicyBook
from rules.sites import Site
from rules.verifications import Scene
from tasks.samples.courier import Courier

PASSWORD = "Tea-house-88"  # noqa: S105 - everybody's in the sample data, shown at the start
TERMS = "2026-01"
T = TypeVar("T")


class NotAsWritten(RuntimeError):
    """A command of the sample data was refused: the rules have moved on and the story must follow."""


@dataclass(slots=True)
class Person:
    """Somebody who acts: the account, how it is reached, and what it may do since it signed in last."""

    account_id: UUID
    site: Site
    full_name: str
    mobile: str | None
    email: str | None
    actor: Actor
    address: str
    signed_in_at: datetime
    token: str = ""

    @property
    def contact(self) -> str:
        """What this person signs in with."""
        return self.email or self.mobile or ""


class Stage:
    """Time, people and what they know, for the stories."""

    def __init__(self, settings: Settings, clock: SettableClock, password_hash: str) -> None:
        self.settings = settings
        self.clock = clock
        self.courier = Courier(settings, clock)
        self.start = clock()
        self.people: dict[str, Person] = {}
        self.offices: dict[Site, UUID] = {}
        self.links: dict[str, CustomerInvitation] = {}
        self._book = PolicyBook()
        self._sign_up = _with_hash(password_hash)
        self._addresses = count(1)

    @classmethod
    async def open(cls, settings: Settings, start: datetime) -> "Stage":
        """An empty stage at `start`."""
        return cls(settings, SettableClock(start), await hash_password(PASSWORD))

    def on(self, day: int, at: str = "02:00") -> datetime:
        """An instant, counted in days from the start, at a time of the day in UTC."""
        return datetime.combine((self.start + timedelta(days=day)).date(), time.fromisoformat(at), self.start.tzinfo)

    def later(self, **delta: float) -> datetime:
        """An instant counted from now."""
        return self.clock() + timedelta(**delta)

    def policy(self, site: Site) -> Policy:
        """The numbers of the site now."""
        return self._book.at(site, self.clock())

    async def do(self, who: Person | None, command: Command[..., T], **inputs: Any) -> T:
        """What comes of a command of which nothing may be refused; a code that is asked for is read and given."""
        outcome = await self.attempt(who, command, **inputs)
        refused = [*outcome.violations, *(outcome.result.violations if isinstance(outcome.result, Batch) else [])]
        if refused:
            raise NotAsWritten(f"{command.spec.name}: {_codes(refused)}")
        return cast("T", outcome.result)

    async def attempt(self, who: Person | None, command: Command[..., T], **inputs: Any) -> Outcome[T]:
        """Runs a command for somebody (None: the system), and has its messages delivered."""
        outcome = await self._run(who, command, Options(), **inputs)
        asked = next((one for one in outcome.violations if isinstance(one, StepUpRequired)), None)
        if who is None or asked is None:
            return outcome
        challenge = cast("Verification", asked.challenge)
        proof = await self.do(who, verify_challenge, challenge_id=challenge.id, code=await self._read(challenge))
        return await self._run(who, command, Options(proof=proof.proof), **inputs)

    async def do_alone(self, command: Command[..., T], who: Person | None = None, **inputs: Any) -> T:
        """What comes of a command whose jobs nobody carries out: the world outside did not answer."""
        outcome = await run(self._context(who), command, Options(), **inputs)
        if outcome.violations:
            raise NotAsWritten(f"{command.spec.name}: {_codes(outcome.violations)}")
        return cast("T", outcome.result)

    async def _run(self, who: Person | None, command: Command[..., T], options: Options, **inputs: Any) -> Outcome[T]:
        ctx = self._context(who)
        outcome = await run(ctx, command, options, **inputs)
        await self.courier.take(ctx.work.messages)
        return outcome

    def _context(self, who: Person | None) -> Context:
        actor = SYSTEM if who is None else who.actor
        return Context(
            actor=actor,
            now=self.clock(),
            locale=actor.locale or actor.site.locale,
            request_id=f"sample-{uuid7().hex}",
            policies=self._book,
            settings=self.settings,
            wakeup=self.courier,
            via="worker" if who is None else "api",
            address=None if who is None else who.address,
            user_agent="sample data",
        )

    async def _read(self, code: Verification) -> str:
        return await self.courier.hand_over(code, self._book.at(Site(code.site), code.created_at))

    async def sign_up(
        self,
        full_name: str,
        *,
        site: Site,
        mobile: str | None = None,
        email: str | None = None,
        kind: AccountKind = AccountKind.ENTERPRISE,
    ) -> Person:
        """A new account: a code is asked for, read and given. With both contacts it signs up with the mobile number."""
        visitor = self._visitor(uuid7(), site, full_name, mobile, email)
        to = {"mobile": mobile} if mobile else {"email": email}
        code = await self.do(visitor, accounts.request_code, scene=Scene.SIGN_UP, site=site, **to)
        opened = await self.do(
            visitor,
            self._sign_up,
            verification_id=code.id,
            code=await self._read(code),
            password=PASSWORD,
            kind=kind,
            full_name=full_name,
            terms_version=TERMS,
        )
        person = replace(visitor, account_id=opened.account.id, token=opened.access_token)
        if mobile and email:
            await self._bind(person, email)
        await self.renew(person)
        return person

    async def _bind(self, person: Person, email: str) -> None:
        """The second contact: what binding it with a code will do once there is a command for it."""
        async with db.transaction(EVERYTHING):
            account = await Account.get(id=person.account_id)
            await account.change(now=self.clock(), email=email)

    async def hire(self, full_name: str, role: Role, *, site: Site, email: str, has_password: bool = False) -> Person:
        """One of the vendor's staff, let in by an operator."""
        account = await self.do(None, add_staff, site=site, email=email, full_name=full_name, roles=(role,))
        if has_password:
            await self.give_password(self._visitor(account.id, site, full_name, None, email))
        return await self.enter(account)

    async def enter(self, account: Account) -> Person:
        """An account that exists already (a member, one of the staff) signs in."""
        person = self._visitor(account.id, Site(account.site), account.full_name, account.mobile, account.email)
        async with db.transaction(EVERYTHING):
            opened = await open_session(self._context(person), account)
        person.token = opened.access_token
        await self.renew(person)
        return person

    async def renew(self, *people: Person) -> None:
        """Asks again what people may do, after something has changed about them."""
        for person in people:
            actor, _ = await authenticate(person.token, person.signed_in_at)
            assert actor is not None
            person.actor = actor

    async def give_password(self, person: Person) -> None:
        """The first password of a member or one of the staff, chosen with a code."""
        contact = {"mobile": person.mobile} if person.mobile else {"email": person.email}
        code = await self.do(person, accounts.request_code, scene=Scene.RESET_PASSWORD, site=person.site, **contact)
        digits = await self._read(code)
        await self.do(person, accounts.reset_password, verification_id=code.id, code=digits, new_password=PASSWORD)

    def _visitor(self, account_id: UUID, site: Site, full_name: str, mobile: str | None, email: str | None) -> Person:
        """Somebody not signed in yet, at an address nobody else has, out of those reserved for documentation."""
        nobody = replace(ANONYMOUS, site=site)
        address = f"2001:db8:{next(self._addresses):x}::1"
        return Person(account_id, site, full_name, mobile, email, nobody, address, self.clock())


def _with_hash(password_hash: str) -> Command[..., SignedIn]:
    """Sign-up as it is, but for one thing: the hash of the one password is not computed anew for each person."""

    async def prepare(ctx: Context, *, verification_id: UUID, code: str, **_: object) -> Prepared:
        return Prepared(await codes.attempt(ctx, verification_id, Scene.SIGN_UP, code), password_hash)

    async def sign_up(ctx: Context, **inputs: Any) -> SignedIn:
        return await accounts.sign_up(ctx, **inputs)

    prepared = cast("Command[..., SignedIn]", sign_up)
    prepared.spec = replace(accounts.sign_up.spec, secret=prepare)
    return prepared


def _codes(violations: Iterable[Violation]) -> str:
    return ", ".join(violation.code.value for violation in violations)
