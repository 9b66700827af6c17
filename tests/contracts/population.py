"""People of every role, and rows of every table made from the columns alone, for tests over whole registries."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from itertools import count
from typing import Any
from uuid import UUID

import orjson
from tortoise import fields
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from core.ids import uuid7
from core.tokens import TokenKind, digest, new_token
from models.accounts import Account, Session
from models.customers import Customer
from models.members import CustomRole, MemberRole
from models.partners import Company, Partner
from models.registry import MODELS
from rules.access import MEMBER_ROLES, VENDOR_ROLES, Permission, Role
from rules.accounts import AccountKind
from rules.partners import AdmissionState
from tests.client import NOON
from tests.database import Database

LATER = NOON.replace(year=NOON.year + 1)
_numbers = count(1)
CANARY = 24
"""The shortest text column that gets a canary."""


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in, with an access token for the API."""

    role: Role
    account_id: UUID | None
    partner_id: UUID | None
    customer_id: UUID | None
    token: str | None


@dataclass(frozen=True)
class Tenant:
    """A partner with its people and one customer; `mark` is in every text of its rows."""

    mark: str
    partner_id: UUID
    main: Person
    customer: Person


async def insert(database: Database, model: type[Model], mark: str, **values: Any) -> dict[str, Any]:
    """Writes one row of `model` as the superuser: the given columns, the rest made from their types and `mark`."""
    row = {**_made_up(model, mark), **values}
    columns = [name for name in row if name in model._meta.fields_db_projection]
    names = ", ".join(f'"{model._meta.fields_db_projection[name]}"' for name in columns)
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    found = await database.superuser.fetchrow(
        f'insert into "{model._meta.db_table}" ({names}) values ({places}) returning *',
        *[_stored(model, name, row[name]) for name in columns],
    )
    return dict(found)


def _made_up(model: type[Model], mark: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, field in model._meta.fields_map.items():
        if name not in model._meta.fields_db_projection or getattr(field, "generated", False):
            continue
        value = _value(model, name, field, mark)
        if value is not None or not field.null:
            made[name] = value
    return made


_LATE = {"access_expires_at", "refresh_expires_at", "expires_at", "deadline", "valid_until", "valid_to"}
_BY_NAME: dict[str, Any] = {
    "site": "CN",
    "subject_type": "Partner",
    "owner_type": "Partner",
    "period": "2026-02",
    "policy_id": "RESALE_CONSUMPTION",
    "policy_version": 2,
}


def _value(model: type[Model], name: str, field: Any, mark: str) -> Any:
    """A value of the column's type; texts carry the mark, optional references and instants stay empty."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    if isinstance(field, fields.UUIDField):
        return None if field.null else uuid7()
    if isinstance(field, fields.DatetimeField):
        return LATER if name in _LATE else None if field.null else NOON
    if getattr(field, "enum_type", None) is not None:
        return field.default if isinstance(field.default, Enum) else next(iter(field.enum_type))
    if isinstance(field, fields.CharField):
        return _text(model, name, field, mark)
    if field.default is not None:
        return field.default() if callable(field.default) else field.default
    return _plain(field, f"{mark}{model.__name__}{name}{uuid7()}")


def _text(model: type[Model], name: str, field: fields.CharField, mark: str) -> str | None:
    if name.endswith("currency"):
        return "CNY"
    if field.max_length < CANARY or name.endswith("_hash"):
        return None if field.null else str(field.default or "en"[: field.max_length])
    return f"{mark}-{model._meta.db_table}-{name}"[: field.max_length]


def _plain(field: Any, unique: str) -> Any:
    if isinstance(field, fields.BinaryField):
        return hashlib.sha256(unique.encode()).digest()
    if isinstance(field, fields.JSONField):
        return {}
    if isinstance(field, fields.BooleanField):
        return False
    if isinstance(field, fields.DecimalField):
        return Decimal(1)
    if isinstance(field, fields.SmallIntField):
        return next(_numbers) % 2**15  # a long run comes to higher numbers
    return NOON.date() if isinstance(field, fields.DateField) else next(_numbers)


def _stored(model: type[Model], name: str, value: Any) -> Any:
    if isinstance(model._meta.fields_map[name], fields.JSONField):
        return orjson.dumps(value).decode()
    return value.value if isinstance(value, Enum) else value


async def open_person(
    database: Database, role: Role, *, mark: str = "somebody", partner_id: UUID | None = None
) -> Person:
    """An account with exactly this role and a session of its own, written straight into the tables; MEMBER: a member
    without any.
    """
    if role is Role.ANONYMOUS:
        return Person(role, None, None, None, None)
    staff, main = role in VENDOR_ROLES, role is Role.MAIN_ACCOUNT
    member = role in MEMBER_ROLES or role is Role.MEMBER
    kind = AccountKind.STAFF if staff else AccountKind.IAM_USER if member else AccountKind.ENTERPRISE
    account_id = uuid7()
    if member and partner_id is None:
        partner_id = (await open_person(database, Role.MAIN_ACCOUNT, mark=f"{mark}-main")).partner_id
    if main:
        partner_id = await open_partner(database, mark, account_id)
    await insert(
        database,
        Account,
        f"{mark}-{account_id.hex[-6:]}",
        id=account_id,
        kind=kind,
        roles=[role.value] if role in VENDOR_ROLES | MEMBER_ROLES else [],
        partner_id=partner_id,
        is_main=main,
    )
    customer_id = None
    if role is Role.CUSTOMER:
        customer = await insert(database, Customer, mark, account_id=account_id, partner_id=partner_id)
        customer_id = customer["id"]
    own = None if role is Role.CUSTOMER else partner_id
    return Person(role, account_id, own, customer_id, await open_session(database, account_id))


async def open_custom(database: Database, permission: Permission) -> Person:
    """A member with a custom role that holds this permission, and with no other role."""
    person = await open_person(database, Role.MEMBER, mark="custom")
    role = await insert(database, CustomRole, "custom", partner_id=person.partner_id, permissions=[permission.value])
    await insert(
        database, MemberRole, "", partner_id=person.partner_id, account_id=person.account_id, role_id=role["id"]
    )
    return person


async def open_session(database: Database, account_id: UUID) -> str:
    """A signed-in device of the account; its access token."""
    token = new_token(TokenKind.ACCESS)
    await insert(database, Session, "device", account_id=account_id, access_digest=digest(token), user_agent="")
    return token


async def open_partner(database: Database, mark: str, main_account_id: UUID) -> UUID:
    """A joined partner of its own company."""
    company = await insert(database, Company, mark)
    partner = await insert(
        database,
        Partner,
        mark,
        company_id=company["id"],
        main_account_id=main_account_id,
        admission_state=AdmissionState.JOINED,
        admitted_at=NOON,
    )
    found: UUID = partner["id"]
    return found


async def open_tenant(database: Database, mark: str) -> Tenant:
    """A partner with its main account, one member and one customer."""
    main = await open_person(database, Role.MAIN_ACCOUNT, mark=mark)
    await open_person(database, Role.FINANCE, mark=mark, partner_id=main.partner_id)
    assert main.partner_id is not None
    customer = await open_person(database, Role.CUSTOMER, mark=mark, partner_id=main.partner_id)
    return Tenant(mark, main.partner_id, main, customer)


@asynccontextmanager
async def unchecked(database: Database, *, unique: bool = True) -> AsyncIterator[None]:
    """Without CHECK constraints inside: rows made from the columns' types alone need not make business sense.

    With `unique=False` nothing is unique either but the primary keys. Ends with an empty database, all put back.
    """
    connection = database.superuser
    found = await connection.fetch(_CHECKS if unique else f"{_CHECKS} union all {_UNIQUES}")
    await connection.execute("; ".join(row["away"] for row in found))
    try:
        yield
    finally:
        await database.empty()
        await connection.execute("; ".join(row["back"] for row in found))


_CHECKS = """
    select format('alter table %s drop constraint %I', conrelid::regclass, conname) as away,
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as back
    from pg_constraint where contype in ('c', 'x') and connamespace = 'public'::regnamespace
"""
_UNIQUES = """
    select format('alter table %s drop constraint %I', conrelid::regclass, conname),
           format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where contype = 'u' and connamespace = 'public'::regnamespace
    union all
    select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
    from pg_index join pg_class on pg_class.oid = indrelid
    where indisunique and not indisprimary and relnamespace = 'public'::regnamespace
      and not exists (select from pg_constraint where conindid = indexrelid)
"""


def scoped_models() -> list[type[Any]]:
    """Every model whose rows somebody sees: their owner, or everybody."""
    return [model for model in MODELS if model.scope.columns() or model.scope.public]  # type: ignore[attr-defined]


def states(model: type[Model]) -> list[dict[str, Enum]]:
    """Every value but the first of the column that says where a row stands, as columns for `insert`."""
    for name in ("state", "status"):
        enum_type = getattr(model._meta.fields_map.get(name), "enum_type", None)
        if enum_type is not None:
            return [{name: value} for value in list(enum_type)[1:]]
    return []


def foreign_keys(model: type[Model]) -> Mapping[str, type[Model]]:
    """Column → the model it leads to."""
    found: dict[str, type[Model]] = {}
    for name in model._meta.fk_fields | model._meta.o2o_fields:
        field = model._meta.fields_map[name]
        assert isinstance(field, ForeignKeyFieldInstance)
        found[str(field.source_field)] = field.related_model
    return found
