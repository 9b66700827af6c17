"""Finding anything again by its id: the same scope as the lists."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from tortoise.queryset import QuerySet

from core.ids import NOBODY, InvalidId, decode_id
from models.base import Row
from models.registry import model_named, model_of_id
from resolvers.context import Context
from resolvers.query import query
from rules.access import VENDOR_ROLES, Permission, Role, may

R = TypeVar("R", bound=Row)
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


def sees_all(ctx: Context) -> bool:
    """Whether the actor is of the vendor or is the system: no partner's bounds are theirs."""
    return bool(ctx.actor.roles & (VENDOR_ROLES | {Role.SYSTEM}))


def own_rows(ctx: Context, model: type[R]) -> QuerySet[R]:
    """Every row of a model with partners for those who see all, the acting partner's for its people."""
    return model.all() if sees_all(ctx) else model.filter(partner_id=ctx.actor.partner_id)


@query(permission=Permission.NODES_READ)
async def node(ctx: Context, *, id: str) -> Row | None:
    """Anything by its id; null for what does not exist, is not yours to see, or is no id at all."""
    return (await nodes(ctx, ids=[id]))[0]


@query(permission=Permission.NODES_READ)
async def nodes(ctx: Context, *, ids: Sequence[str]) -> list[Row | None]:
    """Several things by their ids, in the order asked, with one statement for each kind of thing."""
    wanted: dict[type[Row], set[UUID]] = {}
    for text in ids:
        model, row_id = _place(ctx, text)
        if model is not None:
            wanted.setdefault(model, set()).add(row_id)
    found: dict[tuple[type[Row], UUID], Row] = {}
    for model, row_ids in wanted.items():
        found |= {(model, row.id): row for row in await visible_rows(ctx, model).filter(id__in=list(row_ids))}
    places = [_place(ctx, text) for text in ids]
    return [None if model is None else found.get((model, row_id)) for model, row_id in places]


async def rows_at(ctx: Context, places: Sequence[tuple[str, UUID]]) -> list[Row | None]:
    """The rows by their models' names and ids, None for what the actor does not see; a statement for each model."""
    wanted: dict[str, set[UUID]] = {}
    for name, row_id in places:
        wanted.setdefault(name, set()).add(row_id)
    found: dict[tuple[str, UUID], Row] = {}
    for name, row_ids in wanted.items():
        rows = await visible_rows(ctx, model_named(name)).filter(id__in=list(row_ids))
        found |= {(name, row.id): row for row in rows}
    return [found.get(place) for place in places]


def _place(ctx: Context, text: str) -> tuple[type[Row] | None, UUID]:
    """The model and id that a public id names; no model when the caller cannot find it anyway."""
    try:
        model = model_of_id(text)
        _, row_id = decode_id(text)
    except InvalidId:
        return None, NOBODY
    if model not in _VISIBLE or not may(ctx.actor, _VISIBLE[model][0]):
        return None, row_id
    return model, row_id
