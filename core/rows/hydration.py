"""Records of the driver become rows of the ORM, with no more work per column than its type asks for."""

import functools
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, TypeVar

from tortoise.fields import DatetimeField
from tortoise.models import Model

M = TypeVar("M", bound=Model)


@functools.lru_cache(maxsize=1024)
def maker(model: type[M], names: tuple[str, ...]) -> Callable[[Sequence[Any]], M]:
    """Makes a row of the model from the values of the fields `names`, in this order.

    A row with fewer than all fields is a partial one: reading another field is an error, and it cannot be saved.
    """
    meta = model._meta
    conversions = [(name, found) for name in names if (found := _conversion(model, name))]
    own = {
        "_partial": len(names) < len(meta.fields_db_projection),
        "_saved_in_db": True,
        "_custom_generated_pk": meta.db_pk_column not in meta.generated_db_fields,
    }

    def make(values: Sequence[Any]) -> M:
        row = model.__new__(model)
        held = row.__dict__
        held.update(own)
        held["_await_when_save"] = {}
        held.update(zip(names, values, strict=True))
        for name, convert in conversions:
            held[name] = convert(held[name])
        return row

    return make


def _conversion(model: type[Model], name: str) -> Callable[[Any], Any] | None:
    meta, field = model._meta, model._meta.fields_map[name]
    words: type[Enum] | None = getattr(field, "enum_type", None)
    if words is not None:
        members: dict[Any, Any] = {member.value: member for member in words}
        return lambda value: None if value is None else members[value]
    if isinstance(field, DatetimeField) or name in {one for _, one, _ in meta.db_native_fields}:
        return None
    return field.to_python_value
