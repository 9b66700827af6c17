"""After a rotation of the key: what an earlier one has sealed is sealed anew, so that it may be forgotten."""

from uuid import UUID

from core import db
from core.scope import EVERYTHING
from models.business_info import BusinessInfoForm, MicroDeposit, Supplier
from resolvers.business_info.scope import sealer_of
from resolvers.command import Key, command
from resolvers.context import Context
from rules.access import Permission

BATCH = 500
_STALE = """
    select id from (
      select id, account_sealed as seal from business_info_form where account_sealed is not null
      union all select id, account_sealed from supplier
      union all select id, amount_sealed from micro_deposit
    ) sealed
    where length(seal) > 0 and substring(seal for $2) <> $1
    order by id limit $3
"""
_SEALED: tuple[tuple[type[BusinessInfoForm | Supplier | MicroDeposit], str], ...] = (
    (BusinessInfoForm, "account_sealed"),
    (Supplier, "account_sealed"),
    (MicroDeposit, "amount_sealed"),
)
"""Tables with the column that holds a seal; a seal's place is the table's name and the row's id."""


async def stale_seals(ctx: Context) -> list[UUID]:
    """Rows whose seal an earlier key has made, at most some hundreds; none is looked for where there is no such key."""
    if not ctx.settings.previous_secret_keys:
        return []
    mark = sealer_of(ctx.settings).mark
    async with db.read(EVERYTHING):
        return [row["id"] for row in await db.fetch(_STALE, mark, len(mark), BATCH)]


@command(permission=Permission.RUN_SCHEDULES, key=Key.OPTIONAL, as_system=True)
async def renew_seal(ctx: Context, *, row_id: UUID) -> UUID | None:
    """Seals with the present key what an earlier one has sealed in this row; None when nothing of it is left to do.

    What is sealed stays the same, so the row keeps its version.
    """
    sealer = sealer_of(ctx.settings)
    for model, column in _SEALED:
        row = await model.filter(id=row_id).select_for_update(no_key=True).first()
        sealed: bytes | None = None if row is None else getattr(row, column)
        if sealed and sealer.needs_renewal(sealed):
            place = (model._meta.db_table, row_id.bytes)
            await model.filter(id=row_id).update(**{column: sealer.seal(sealer.open(sealed, *place), *place)})
            return row_id
    return None
