"""Payloads of batches: `results`, one for each entry of the input and in its order, each with its object or reasons."""

from typing import Any

import strawberry

from schema.errors import UserError
from schema.fields import PARENT, Payload


def item(type_: Any, description: str) -> Any:
    """The field with the object that an entry led to; the result's source object is the resolvers' Item."""

    def resolve(root: Any) -> Any:
        return root.result

    resolve.__annotations__ = {"root": PARENT, "return": type_ | None}
    return strawberry.field(
        resolver=resolve, description=f"{description} Null where the entry was refused, and in a dry run."
    )


def reasons() -> Any:
    """The field with the reasons against one entry."""

    def resolve(root: Any) -> Any:
        return root.violations

    resolve.__annotations__ = {"root": PARENT, "return": list[UserError]}
    return strawberry.field(
        resolver=resolve, description="Every reason against this entry alone; empty when it was done."
    )


class BatchPayload(Payload):
    """The base of a batch's payload: its one own field `results` holds a result for each entry.

    `userErrors` concern the whole: then nothing was done and there are no results.
    """

    @classmethod
    def values(cls, result: Any, names: list[str]) -> dict[str, Any]:
        """The items of the batch."""
        return {"results": [] if result is None else result.items}
