"""Typed ids and the interfaces of everything that has one."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry

from core.ids import encode_id
from models.base import Entity, Row
from schema.columns import looks_at

NAMES: dict[str, str] = {"Verification": "Challenge"}
"""Model → GraphQL type where the names differ."""


def encoded_id(row: Any) -> strawberry.ID:
    """The public id of a row: its table's prefix and its UUID."""
    return strawberry.ID(encode_id(row.prefix, row.id))


def encoded(prefix: str, row_id: UUID) -> strawberry.ID:
    """The public id of a row known by its prefix and UUID alone."""
    return strawberry.ID(encode_id(prefix, row_id))


def type_name(row: Any) -> str:
    """The GraphQL type of a row."""
    name = type(row).__name__
    return NAMES.get(name, name)


@strawberry.interface(description="Anything with an id. `node(id:)` finds it again.")
class Node:
    """The source object is a row."""

    @strawberry.field(
        description="Opaque and typed: a prefix for the kind, then 26 characters.",
        metadata=looks_at("id"),
    )
    def id(self) -> strawberry.ID:
        """The public id."""
        row: Any = self
        return encode_id(row.prefix, row.id)  # type: ignore[return-value]

    @classmethod
    def resolve_type(cls, obj: Any, info: Any, type_: Any) -> str:
        """The row's own type."""
        return type_name(obj)


@strawberry.interface(description="A node that changes: its version counts up with every change.")
class Versioned(Node):
    """The source object is an Entity."""

    version: int = strawberry.field(description="Give it as expectedVersion to be told when somebody was faster.")
    created_at: datetime = strawberry.field(description="When it came to be.")
    updated_at: datetime = strawberry.field(description="When it last changed.")


class OfRow:
    """Mixed into a type whose source objects are rows of the model of the same name."""

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """Whether the row is of this type."""
        return isinstance(obj, Row) and type_name(obj) == cls.__name__


__all__ = ["NAMES", "Entity", "Node", "OfRow", "Versioned", "encoded", "encoded_id", "type_name"]
