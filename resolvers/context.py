"""What a use case knows of its call: who, when, in which words; and what it leaves behind besides its rows."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from core.ids import uuid7
from core.settings import Settings
from models.base import Row
from rules.access import Actor
from rules.money import format_amount
from rules.policy import Policy, PolicyBook
from rules.sites import Site

NOTICE_ATTEMPTS = 12


class Wakeup(Protocol):
    """Tells a worker, on a best effort, that there is something to do."""

    async def wake(self) -> None:
        """Returns quickly and never raises."""


class Meter(Protocol):
    """Counts what may be done so many times an hour, without a write to the database; a count may be lost."""

    async def count(self, key: str, per_hour: int) -> timedelta | None:
        """Counts one; None, or uncounted how long until there is one again."""


class Unmetered:
    """Counts nothing: for the system's own work."""

    async def count(self, key: str, per_hour: int) -> timedelta | None:
        """There is always one."""
        return None


class Sited(Protocol):
    """A row that belongs to a site."""

    site: Any


@dataclass(frozen=True, slots=True)
class Effect:
    """One consequence of a command, as reported by a real run and by a dry run alike."""

    kind: str
    subject_type: str | None = None
    subject_id: UUID | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    amount: str | None = None
    currency: str | None = None

    def data(self) -> dict[str, Any]:
        """The JSON form kept with an idempotency key."""
        return {
            "kind": self.kind,
            "subject_type": self.subject_type,
            "subject_id": None if self.subject_id is None else str(self.subject_id),
            "parameters": self.parameters,
            "amount": self.amount,
            "currency": self.currency,
        }

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Effect":
        """The inverse of `data`."""
        subject = data["subject_id"]
        return cls(**{**data, "subject_id": None if subject is None else UUID(subject)})


@dataclass(frozen=True, slots=True)
class Somebody:
    """Whom to notify, known by id alone: a row of Account, Customer or Partner that the actor need not see."""

    model: type[Row]
    id: UUID


Recipient = Row | Somebody


@dataclass(slots=True)
class Work:
    """What one command leaves behind; written by the pipeline in the business transaction.

    The ledger sets `moved_money`: such a command's idempotency key is kept for ever. `audit_id` is the id of the audit
    row that will be written, for rows that point at it.
    """

    effects: list[Effect] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    audited: dict[str, Any] = field(default_factory=dict)
    tenant_id: UUID | None = None
    moved_money: bool = False
    afterwards: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    kept: Callable[[], Awaitable[None]] | None = None
    _audit_id: UUID | None = None

    @property
    def audit_id(self) -> UUID:
        """Given out at the first asking: the rows of commands that do not ask keep the order of their ends."""
        self._audit_id = self._audit_id or uuid7()
        return self._audit_id

    def mark(self) -> "Work":
        """Where the work stands, for `back_to`."""
        return replace(
            self,
            effects=[*self.effects],
            messages=[*self.messages],
            events=[*self.events],
            audited={**self.audited},
        )

    def back_to(self, mark: "Work") -> None:
        """Forgets what came after `mark`, but for what must outlive a refusal."""
        self.effects, self.messages, self.events = mark.effects, mark.messages, mark.events
        self.audited, self.tenant_id, self.moved_money = mark.audited, mark.tenant_id, mark.moved_money


@dataclass(slots=True)
class Context:
    """The first argument of every use case.

    `verdict` is what a command's `secret` or `compares` found out; `sent` says that messages were written since the
    last wake-up; `names_language` that the caller did, so that `locale` is no default.
    """

    actor: Actor
    now: datetime
    locale: str
    request_id: str
    policies: PolicyBook
    settings: Settings
    wakeup: Wakeup
    meter: Meter = field(default_factory=Unmetered)
    via: str = "api"
    address: str | None = None
    user_agent: str = ""
    names_language: bool = True
    verdict: Any = None
    sent: bool = False
    work: Work = field(default_factory=Work)

    @property
    def policy(self) -> Policy:
        """The numbers of the actor's site on the day of `now`."""
        return self.policies.at(self.actor.site, self.now)

    def policy_of(self, row: Sited) -> Policy:
        """The numbers of the row's site on the day of `now`."""
        return self.policies.at(Site(row.site), self.now)

    def language_at(self, site: Site) -> str:
        """In which language somebody of the site is written to for the caller, who may have named none."""
        return self.locale if self.names_language else site.locale

    @property
    def secret(self) -> bytes:
        """The installation's key."""
        return self.settings.secret_key.get_secret_value().encode()

    def effect(
        self, kind: str, subject: Row | None = None, *, money: tuple[int, str] | None = None, **parameters: str
    ) -> None:
        """Reports a consequence; its text stands in the locales under `effects.<kind>`.

        `money` is what it moves, in minor units with their currency; the text finds it as `amount`.
        """
        amount, currency = (None, None) if money is None else (format_amount(money[0]), money[1])
        told = {} if money is None else {"amount": f"{amount} {currency}"}
        subject_id = None if subject is None else subject.id
        self.work.effects.append(
            Effect(kind, _type_of(subject), subject_id, {**parameters, **told}, amount=amount, currency=currency)
        )

    def event(
        self,
        type: str,
        subject: Row,
        *,
        partner_id: UUID | None = None,
        customer_id: UUID | None = None,
        **changes: Any,
    ) -> None:
        """Appends to the event log; `type` is `noun.past_verb`. Changes hold ids, states, dates, no personal data."""
        tenant = partner_id or self.actor.partner_id
        self.work.tenant_id = self.work.tenant_id or tenant
        self.work.events.append(
            {
                "type": type,
                "partner_id": tenant,
                "customer_id": customer_id or self.actor.customer_id,
                "subject_type": _type_of(subject),
                "subject_id": subject.id,
                "subject_version": getattr(subject, "version", 1),
                "changes": changes,
            }
        )

    def audit(self, **detail: Any) -> None:
        """Adds to the command's audit row; ids, states and reasons, never a secret."""
        self.work.audited.update(detail)

    def enqueue(
        self,
        topic: str,
        key: str,
        *,
        max_attempts: int,
        expires_in: float | None = None,
        aggregate: str | None = None,
        **payload: Any,
    ) -> None:
        """An outbox row: done once the command is committed. `key` is the effect's business identity within the topic;
        `expires_in` seconds after the commit it is cancelled unsent. The payload holds ids and small facts only.
        """
        self.work.messages.append(
            {
                "topic": topic,
                "dedup_key": key,
                "aggregate": aggregate,
                "payload": payload,
                "max_attempts": max_attempts,
                "expires_in": expires_in,
            }
        )

    def notify(
        self,
        template: str,
        to: Recipient | Iterable[Recipient],
        *,
        about: Row,
        channel: str = "any",
        occasion: str = "",
        names: Mapping[str, Row] | None = None,
        instants: Mapping[str, datetime] | None = None,
        facts: Mapping[str, str | Mapping[str, str]] | None = None,
    ) -> None:
        """Tells each of `to`: an account, a customer, or a partner (all its administrators); `Somebody` stands for one
        that the actor cannot see. One row of the outbox each, all written in one statement: hundreds are no burden.

        Inside the product where the template allows it, and by `channel`: SMS, EMAIL, or `any` for the best one it can
        be reached by. Contact, language and `names` (parameter → the row whose name it is) are looked up when it is
        sent or read, `instants` are written in the recipient's zone; `facts` hold no personal data and are a text, or
        one for each language. The same template about the same row is told once for each `occasion` (its version by
        default).
        """
        occasion = occasion or str(getattr(about, "version", 1))
        content: dict[str, Any] = {
            "template": template,
            "channel": channel,
            "about": [type(about).__name__, str(about.id)],
            "occasion": occasion,
            "at": self.now.isoformat(),
            "names": {name: _named(row) for name, row in (names or {}).items()},
            "instants": {name: instant.isoformat() for name, instant in (instants or {}).items()},
            "facts": {name: fact if isinstance(fact, str) else dict(fact) for name, fact in (facts or {}).items()},
        }
        for one in [to] if isinstance(to, Row | Somebody) else to:
            model = one.model if isinstance(one, Somebody) else type(one)
            self.enqueue(
                "notice",
                f"{template}:{about.id}:{occasion}:{one.id}:{channel}",
                max_attempts=NOTICE_ATTEMPTS,
                to=[model.__name__, str(one.id)],
                **content,
            )

    def afterwards(self, step: Callable[[], Awaitable[None]]) -> None:
        """For what must outlive a refusal: runs `step` in a transaction of its own once this one is committed or rolled
        back, with the events, notices and audit detail it leaves. Dropped in a dry run, and when the database failed:
        then the caller knows nothing either, and the same call meets the same facts.
        """
        self.work.afterwards.append(step)

    def keep(self, step: Callable[[], Awaitable[None]]) -> None:
        """As `afterwards`, for a refused call that is kept and carried out when nobody can be asked for a code: where
        it needs one, `step` runs with a proof alone, which it uses up; without one the caller is asked.
        """
        self.work.kept = step


def _named(row: Row) -> list[str]:
    if row.named_by is None:
        raise TypeError(f"{type(row).__name__} has no column that people know it by: declare named_by")
    return [type(row).__name__, str(row.id)]


def _type_of(subject: Row | None) -> str | None:
    return None if subject is None else type(subject).__name__
