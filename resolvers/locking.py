"""A row locked together with the partner that it belongs to, the partner first: the one order of every command."""

from typing import Any, TypeVar
from uuid import UUID

from models.base import Row
from models.partners import Partner
from resolvers.context import Context
from resolvers.nodes import visible_rows
from rules.errors import ErrorCode, refuse

R = TypeVar("R", bound=Row)


async def lock_with_partner(model: type[R], row_id: UUID) -> tuple[Partner, R]:
    """The partner and the row, both locked. Three statements."""
    return await _locked(model, await model.get(id=row_id).only("id", "partner_id"))


async def access_with_partner(model: type[R], ctx: Context, row_id: UUID) -> tuple[Partner, R]:
    """As `lock_with_partner`; NOT_FOUND when the actor may not see the row."""
    found = await visible_rows(ctx, model).filter(id=row_id).only("id", "partner_id").first()
    if found is None:
        raise refuse(ErrorCode.NOT_FOUND, "input", "id")
    return await _locked(model, found)


async def _locked(model: type[R], found: Any) -> tuple[Partner, R]:
    partner = await Partner.filter(id=found.partner_id).select_for_update(no_key=True).get()
    return partner, await model.filter(id=found.id).select_for_update().get()
