"""Records of the driver become rows of the ORM, with no more work per column than its type asks for.

One function is written for each shape of record, as the engine writes one for each selection.
"""

import functools
from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date, datetime
from enum import Enum
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

from tortoise.models import Model

RELATED = "related_rows"
"""Where a row holds the rows that were read together with it, by the keys of their joins."""
_AS_THEY_COME = (str, int, bool, UUID, datetime, date)
"""What the driver gives as the ORM has it."""


class Shape(NamedTuple):
    """The fields of a row in the order of a record's values, and after them those of the rows joined to it, by key."""

    model: type[Model]
    names: tuple[str, ...]
    joined: "tuple[tuple[Hashable, Shape], ...]" = ()


@functools.lru_cache(maxsize=1024)
def maker(shape: Shape) -> Callable[[Sequence[Any]], Any]:
    """Makes a row, and those joined to it, of the values of a record.

    A row with fewer than all fields is a partial one: reading another field is an error, and it cannot be saved.
    A joined row is None where its `id` is.
    """
    text = _Text()
    row = text.row(shape, "    ")
    values = "".join(f"v{number}, " for number in range(next(text.values)))
    source = "\n".join(["def make(record):", f"    ({values}) = record", *text.lines, f"    return {row}"])
    exec(compile(source, "<rows>", "exec"), text.bound)  # noqa: S102
    made: Callable[[Sequence[Any]], Any] = text.bound["make"]
    return made


class _Text:
    """The lines of one function, and the names they use."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.bound: dict[str, Any] = {}
        self.values: Iterator[int] = count()
        self._rows: Iterator[int] = count()

    def row(self, shape: Shape, indent: str, *, optional: bool = False) -> str:
        """Writes how a row is made of the values that come next; the variable that then holds it."""
        model, meta, row = shape.model, shape.model._meta, f"row{next(self._rows)}"
        values = {name: f"v{next(self.values)}" for name in shape.names}
        if optional:
            self.lines += [f"{indent}{row} = None", f"{indent}if {values['id']} is not None:"]
            indent += "    "
        held = {
            "_partial": repr(len(shape.names) < len(meta.fields_db_projection)),
            "_saved_in_db": "True",
            "_custom_generated_pk": repr(meta.db_pk_column not in meta.generated_db_fields),
            "_await_when_save": "{}",
            **{name: self._converted(model, name, value) for name, value in values.items()},
        }
        if shape.joined:
            related = {self._bind(key): self.row(one, indent, optional=True) for key, one in shape.joined}
            held[RELATED] = f"{{{', '.join(f'{key}: {one}' for key, one in related.items())}}}"
        self.lines.append(f"{indent}{row} = {self._bind(model.__new__)}({self._bind(model)})")
        # Past the setter of the ORM, which looks at every attribute that is set.
        content = ", ".join(f"{name!r}: {one}" for name, one in held.items())
        self.lines.append(f"{indent}{self._bind(object.__setattr__)}({row}, '__dict__', {{{content}}})")
        return row

    def _converted(self, model: type[Model], name: str, value: str) -> str:
        field = model._meta.fields_map[name]
        words: type[Enum] | None = getattr(field, "enum_type", None)
        if words is not None:
            word = f"{self._bind({member.value: member for member in words})}[{value}]"
            return f"None if {value} is None else {word}" if field.null else word
        if field.field_type in _AS_THEY_COME:
            return value
        return f"{self._bind(field.to_python_value)}({value})"

    def _bind(self, value: Any) -> str:
        name = f"bound{len(self.bound)}"
        self.bound[name] = value
        return name
