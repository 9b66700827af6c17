"""Finding anything again by its id: the same scope as the lists."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

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


def visible_rows(ctx: Context, model: type[Row]) -> QuerySet[Any]:
    """The rows of `model` that a list would show; of a model without lists, those of the open scope."""
    return _VISIBLE[model][1](ctx) if model in _VISIBLE else model.all()


@query(permission=Permission.NODES_READ)
async def node(ctx: Context, *, id: str) -> Row | None:
    """Anything by its id; null for what does not exist, is not yours to see, or is no id at all."""
    found = await nodes(ctx, ids=[id])
    return found[0]


@query(permission=Permission.NODES_READ)
async def nodes(ctx: Context, *, ids: Sequence[str]) -> list[Row | None]:
    """Several things by their ids, in the order asked and null like `node`; one statement for each kind."""
    places = [_place(ctx, one) for one in ids]
    wanted: dict[type[Row], set[UUID]] = {}
    for model, uuid in filter(None, places):
        wanted.setdefault(model, set()).add(uuid)
    found: dict[tuple[type[Row], UUID], Row] = {}
    for model, uuids in wanted.items():
        _, visible = _VISIBLE[model]
        found |= {(model, row.id): row for row in await visible(ctx).filter(id__in=uuids)}
    return [None if place is None else found.get(place) for place in places]


def _place(ctx: Context, id: str) -> tuple[type[Row], UUID] | None:
    """Which row of which table the id means; None for no id at all, or of a kind that the actor may not look up."""
    try:
        model = model_of_id(id)
        _, uuid = decode_id(id)
    except InvalidId:
        return None
    if model not in _VISIBLE or not may(ctx.actor, _VISIBLE[model][0]):
        return None
    return model, uuid
