"""Finding anything again by its id: the same scope as the lists."""

from collections.abc import Callable
from typing import Any

from tortoise.queryset import QuerySet

from core.ids import InvalidId, decode_id
from models.base import Row
from models.registry import model_of_id
from resolvers.context import Context
from resolvers.query import query
from rules.access import Permission, may

_VISIBLE: dict[type[Row], tuple[Permission, Callable[[Context], QuerySet[Any]]]] = {}


def findable(model: type[Row], permission: Permission, visible: Callable[[Context], QuerySet[Any]]) -> None:
    """Lets `node(id:)` find rows of `model` that `visible(ctx)` holds, for those with the permission."""
    _VISIBLE[model] = (permission, visible)


def findable_models() -> dict[type[Row], tuple[Permission, Callable[[Context], QuerySet[Any]]]]:
    """Every model that `node` finds, with its permission and its visible rows."""
    return dict(_VISIBLE)


@query(permission=Permission.NODES_READ)
async def node(ctx: Context, *, id: str) -> Row | None:
    """Anything by its id; null for what does not exist, is not yours to see, or is no id at all."""
    try:
        model = model_of_id(id)
        _, uuid = decode_id(id)
    except InvalidId:
        return None
    if model not in _VISIBLE:
        return None
    permission, visible = _VISIBLE[model]
    if not may(ctx.actor, permission):
        return None
    found: Row | None = await visible(ctx).filter(id=uuid).first()
    return found
