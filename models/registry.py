"""Every model and every constraint's refusal in one place, gathered from the modules of the domains."""

from types import ModuleType

from tortoise.models import Model

from core.ids import InvalidId, decode_id
from core.rows.queries import quicken
from models import (
    accounts,
    associations,
    audit,
    bills,
    business_info,
    capabilities,
    customers,
    events,
    experts,
    feeds,
    funds,
    idempotency,
    inbox,
    incentives,
    members,
    messages,
    opportunities,
    outbox,
    partners,
    paths,
    performance,
    plans,
    policy,
    resellers,
    reviews,
    schedules,
    solutions,
    specialists,
    uploads,
    verifications,
    vouchers,
    wallets,
)
from models.base import Row
from rules.errors import ErrorCode

MODULES: tuple[ModuleType, ...] = (
    outbox,
    events,
    audit,
    idempotency,
    schedules,
    policy,
    inbox,
    accounts,
    verifications,
    partners,
    members,
    uploads,
    reviews,
    paths,
    solutions,
    capabilities,
    plans,
    funds,
    customers,
    associations,
    wallets,
    messages,
    resellers,
    vouchers,
    bills,
    performance,
    business_info,
    incentives,
    opportunities,
    specialists,
    experts,
    feeds,
)

MODELS: tuple[type[Model], ...] = tuple(
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Model) and value.__module__ == module.__name__
)

quicken(MODELS)

_BY_NAME = {model.__name__: model for model in MODELS if issubclass(model, Row)}
_BY_PREFIX = {model.prefix: model for model in _BY_NAME.values() if model.prefix}

CONSTRAINTS: dict[str, ErrorCode] = {
    name: code for module in MODULES for name, code in getattr(module, "CONSTRAINTS", {}).items()
}
"""Constraint name → the code a caller gets when the constraint holds a race the rule could not see."""


def model_named(name: str) -> type[Row]:
    """The model of that class name; `KeyError` for none."""
    return _BY_NAME[name]


def model_of_id(text: str) -> type[Row]:
    """The model whose prefix the public id carries; `InvalidId` for none."""
    prefix, _ = decode_id(text)
    if prefix not in _BY_PREFIX:
        raise InvalidId(text[:40])
    return _BY_PREFIX[prefix]
