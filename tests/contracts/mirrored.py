"""Two mirrored tenants with their rows of every table, and everybody who looks at them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tortoise.models import Model

from core.ids import uuid7
from models.opportunities import OfficeMember
from models.registry import MODELS
from rules.access import Role
from tests.client import Api
from tests.contracts.population import (
    Person,
    Tenant,
    foreign_keys,
    insert,
    open_person,
    open_tenant,
    scoped_models,
    states,
    unchecked,
)

TABLES = {model.__name__: model for model in MODELS}
_PERSONAL = ("owner_user_id", "created_by", "account_manager_id")
"""Columns that say which member of the partner a row is the own one of."""


@dataclass(frozen=True)
class World:
    """Two mirrored tenants, their rows of every table, and the people who look at them."""

    tenants: tuple[Tenant, Tenant]
    people: dict[str, Person]
    rows: dict[str, list[dict[str, Any]]]

    def of(self, model: type[Model], mark: str) -> set[UUID]:
        """Ids of the rows of one tenant."""
        return {row["id"] for row in self.rows[model.__name__] if row["mark"] == mark}


@asynccontextmanager
async def mirrored_world(api: Api) -> AsyncIterator[World]:
    """For each tenant and table one row that is wholly the tenant's, one for each column that makes it visible, and one
    that is an account manager's own.
    """
    async with unchecked(api.database, unique=False):
        left, right = await open_tenant(api.database, "canary-left"), await open_tenant(api.database, "canary-right")
        rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
        managers = []
        for tenant in (left, right):
            made: dict[str, Any] = {"Partner": tenant.partner_id, "Customer": tenant.customer.customer_id}
            manager = await open_person(
                api.database, Role.ACCOUNT_MANAGER, mark=tenant.mark, partner_id=tenant.partner_id
            )
            managers.append(manager)
            for model in _parents_first(scoped_models()):
                for row in await _fill(api, model, tenant, made, manager):
                    rows[model.__name__].append({**row, "mark": tenant.mark})
        people = {
            "own partner": left.main,
            "own account manager": managers[0],
            "other partner": right.main,
            "own customer": left.customer,
            "other customer": right.customer,
            "lone account": await open_person(api.database, Role.ACCOUNT, mark="lone"),
            "vendor": await open_person(api.database, Role.VENDOR_ADMIN, mark="vendor"),
            "vendor's sales": await _open_sales(api, rows["RepOffice"][0]["id"]),
            "vendor's ecosystem manager": await open_person(api.database, Role.ECO_MANAGER, mark="vendor-eco"),
            "anonymous": await open_person(api.database, Role.ANONYMOUS),
        }
        for model in (m for m in scoped_models()):
            known = {row["id"] for row in rows[model.__name__]}
            others = await api.rows(f'select * from "{model._meta.db_table}"')
            rows[model.__name__] += [
                {**row, "mark": _mark_of(row, (left, right))} for row in others if row["id"] not in known
            ]
        yield World((left, right), people, rows)


async def _open_sales(api: Api, office_id: UUID) -> Person:
    """Somebody of the vendor's partner sales at this office."""
    person = await open_person(api.database, Role.PSM, mark="vendor-sales")
    await insert(api.database, OfficeMember, "vendor-sales", office_id=office_id, account_id=person.account_id)
    return person


def _parents_first(models: list[type[Any]]) -> list[type[Any]]:
    """Tables in an order in which what a row points at is there."""
    ordered: list[type[Any]] = []
    while len(ordered) < len(models):
        ready = [m for m in models if m not in ordered and _needs(m, models) <= {*ordered, m}]
        assert ready, "foreign keys in a circle"
        ordered += ready
    return ordered


def _needs(model: type[Model], models: list[type[Any]]) -> set[Any]:
    return {related for related in foreign_keys(model).values() if related in models}


async def _fill(
    api: Api, model: type[Any], tenant: Tenant, made: dict[str, Any], manager: Person
) -> list[dict[str, Any]]:
    """The tenant's rows of one table; `made` remembers the whole one for the tables that point at it."""
    own = {"partner": tenant.partner_id, "customer": tenant.customer.customer_id, "account": tenant.main.account_id}
    columns = model.scope.columns()
    if "id" in dict(columns).values():
        return []  # the tenant itself: partner, account and customer exist already
    references: dict[str, UUID | None] = {
        column: made[related.__name__] for column, related in foreign_keys(model).items() if related.__name__ in made
    }
    references |= {
        column: tenant.main.account_id
        for column, related in foreign_keys(model).items()
        if related.__name__ == "Account"
    }
    whole = {**references, **{column: own[kind] for kind, column in columns}}
    rows = [await insert(api.database, model, tenant.mark, **whole)]
    made[model.__name__] = rows[0]["id"]
    rows += [await insert(api.database, model, tenant.mark, **whole, **state) for state in states(model)]
    personal = {name: manager.account_id for name in _PERSONAL if name in model._meta.fields_db_projection}
    if personal:
        rows.append(await insert(api.database, model, tenant.mark, **{**whole, **personal}))
    for kind, column in columns:
        strangers = {other: uuid7() for _, other in columns}
        rows.append(
            await insert(api.database, model, f"{tenant.mark}-{kind}", **{**references, **strangers, column: own[kind]})
        )
    return rows


def _mark_of(row: dict[str, Any], tenants: tuple[Tenant, Tenant]) -> str:
    return next((tenant.mark for tenant in tenants if tenant.mark in str(row)), "nobody")
