"""After a rotation of the key: what an earlier one has sealed is sealed anew, so that it may be forgotten."""

from collections.abc import Sequence
from uuid import UUID

from core import db
from core.scope import EVERYTHING
from core.sealing import sealer_of
from models.base import Row
from models.business_info import BusinessInfoForm, MicroDeposit, Supplier
from models.feeds import Feed
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission

BATCH = 500
_STALE = """
    select distinct id from (
      select id, account_sealed as seal from business_info_form
      union all select id, account_sealed from supplier
      union all select id, amount_sealed from micro_deposit
      union all select id, credentials_sealed from feed
      union all select id, offered_sealed from feed
    ) sealed
    where length(seal) > 0 and substring(seal for $2) <> $1 and id <> all($4::uuid[])
    order by id limit $3
"""
_SEALED: tuple[tuple[type[Row], tuple[str, ...]], ...] = (
    (BusinessInfoForm, ("account_sealed",)),
    (Supplier, ("account_sealed",)),
    (MicroDeposit, ("amount_sealed",)),
    (Feed, ("credentials_sealed", "offered_sealed")),
)
"""Tables with the columns that hold seals; a seal's place is the table's name and the row's id."""


async def stale_seals(ctx: Context, *, without: Sequence[UUID] = ()) -> list[UUID]:
    """Rows with a seal that an earlier key has made, at most some hundreds and none of those `without`; none where
    there is no such key.
    """
    if not ctx.settings.previous_secret_keys:
        return []
    mark = sealer_of(ctx.settings).mark
    async with db.read(EVERYTHING):
        return [row["id"] for row in await db.fetch(_STALE, mark, len(mark), BATCH, list(without))]


@command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True)
async def renew_seals(ctx: Context, *, row_id: UUID) -> UUID | None:
    """Seals with the present key what an earlier one has sealed in this row; None when nothing of it is left to do.

    What is sealed stays the same, so the row keeps its version.
    """
    sealer = sealer_of(ctx.settings)
    for model, columns in _SEALED:
        row = await model.filter(id=row_id).select_for_update(no_key=True).first()
        if row is None:
            continue
        held = {column: bytes(getattr(row, column) or b"") for column in columns}
        place = (model._meta.db_table, row_id.bytes)
        stale = {column: seal for column, seal in held.items() if seal and sealer.needs_renewal(seal)}
        if stale:
            anew = {column: sealer.seal(sealer.open(seal, *place), *place) for column, seal in stale.items()}
            await model.filter(id=row_id).update(**anew)
            return row_id
    return None
