"""Who of the vendor looks after a partner, as its home page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import db
from models.partners import Partner
from resolvers.context import Context
from resolvers.partners import is_inside

_MANAGERS = "select account_id, full_name, mobile, email from guard_managers($1)"


@dataclass(frozen=True, slots=True)
class EcoManager:
    """The ecosystem manager in charge, with contacts at work."""

    name: str
    mobile: str | None
    email: str | None


async def managers_of(ctx: Context, parents: Sequence[Partner]) -> list[EcoManager | None]:
    """The manager of each partner; None without one, and for its customers. One statement."""
    wanted = [parent.eco_manager_id if is_inside(ctx, parent) else None for parent in parents]
    ids = [one for one in wanted if one is not None]
    rows = await db.fetch(_MANAGERS, ids) if ids else []
    found = {row["account_id"]: EcoManager(row["full_name"], row["mobile"], row["email"]) for row in rows}
    return [None if one is None else found.get(one) for one in wanted]
