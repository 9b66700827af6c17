"""What must hold in the tables at any moment, as named queries that find whatever does not.

Each domain registers its own beside its tables. They run after every test on the database, every night, and by
`cosell verify`; each is one statement, so that it sees one moment.
"""

from dataclasses import dataclass

from core import db
from core.scope import EVERYTHING
from models.base import Row
from models.registry import MODELS

SHOWN = 5
"""How many offences of one invariant are told in words."""
PATIENCE = 600.0
"""Seconds that one query may take."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must hold; `offences` is a query of one column, a text for each thing that breaks it."""

    name: str
    says: str
    offences: str


@dataclass(frozen=True, slots=True)
class Finding:
    """How often an invariant is broken (0: it holds), with the first offences."""

    invariant: Invariant
    count: int
    examples: tuple[str, ...]


INVARIANTS: dict[str, Invariant] = {}
"""Every invariant by its name."""


def invariant(name: str, says: str, offences: str) -> None:
    """Registers one; `ValueError` when the name is taken."""
    if name in INVARIANTS:
        raise ValueError(f"two invariants are called {name}")
    INVARIANTS[name] = Invariant(name, says, offences)


def in_order() -> list[Invariant]:
    """Every invariant by the number in its name."""
    return sorted(INVARIANTS.values(), key=lambda one: (len(one.name), one.name))


async def verify() -> list[Finding]:
    """Asks every invariant, one after the other."""
    findings = []
    for one in in_order():
        async with db.read(EVERYTHING):
            [row] = await db.fetch_patiently(
                f"with found (offence) as ({one.offences})"  # noqa: S608 - our own constants
                f" select count(*) as count, (array_agg(offence))[:{SHOWN}] as examples from found",
                seconds=PATIENCE,
            )
        findings.append(Finding(one, row["count"], tuple(row["examples"] or ())))
    return findings


def everything() -> str:
    """All invariants as one statement of (name, offence); empty when everything holds."""
    return " union all ".join(
        f"select '{one.name}' as name, offence from ({one.offences}) as found (offence)"  # noqa: S608 - as above
        for one in in_order()
    )


invariant(
    "I11",
    "what is done outside has been tried",
    """
    select format('outbox %s is done without an attempt that did it', o.id) from outbox o
    where o.state = 'done' and not exists (
      select from outbox_attempt a where a.outbox_id = o.id and a.outcome in ('done', 'late'))
    """,
)

_LOOKS = " ".join(
    f"when '{model.__name__}' then exists (select from \"{model._meta.db_table}\" where id = named.id)"
    for model in MODELS
    if issubclass(model, Row)
)
DELETING = ("opportunity.deleted", "office_member.removed", "role.deleted", "message_contact.removed")
"""Events of the rows that people may delete."""

invariant(
    "I14",
    "what a key has brought about is there, or the log says that it was deleted",
    f"""
    select format('key %s names a %s that is not there', named.key_id, named.typename) from (
      select id as key_id, outcome ->> 'typename' as typename, (outcome ->> 'id')::uuid as id from idempotency
      where outcome ->> 'id' is not null
      union all
      select key.id, item ->> 'typename', (item ->> 'id')::uuid
      from idempotency key, jsonb_array_elements(nullif(key.outcome -> 'items', 'null')) item
      where item ->> 'id' is not null
    ) named
    where (case named.typename {_LOOKS} end) is not true
      and not exists (
        select from event where event.subject_id = named.id and event.type in ('{"', '".join(DELETING)}'))
    """,  # noqa: S608 - names of our own tables
)

# The row as the sequencer writes it for its hash: JSON with sorted keys and no spaces (tasks/sequencer.py).
_CANONICAL = " || ',' || ".join(
    f"'\"{key}\":' || coalesce(to_json({value})::text, 'null')"
    for key, value in (
        ("actor", "actor"),
        ("address", "address"),
        ("detail", "detail::text"),
        ("id", "id"),
        ("occurred_at", "to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') || '+00:00'"),
        ("operation", "operation"),
        ("request_id", "request_id"),
        ("seq", "seq"),
        ("subject_id", "subject_id"),
        ("subject_type", "subject_type"),
        ("tenant_id", "tenant_id"),
        ("via", "via"),
    )
)
invariant(
    "I15",
    "the audit trail is whole and unchanged",
    f"""
    select format('audit %s of tenant %s', seq, coalesce(tenant_id::text, 'none')) from (
      select tenant_id, seq, previous_hash, hash, row_number() over trail as place,
             lag(hash, 1, decode(repeat('00', 32), 'hex')) over trail as hash_before,
             sha256(previous_hash || convert_to('{{' || {_CANONICAL} || '}}', 'UTF8')) as hash_made
      from audit where seq is not null window trail as (partition by tenant_id order by seq)
    ) numbered
    where seq <> place or previous_hash is distinct from hash_before or hash is distinct from hash_made
    """,  # noqa: S608 - columns of our own table
)
