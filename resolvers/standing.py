"""The standing of partners that counts: a reseller shares its distributor's."""

from collections.abc import Sequence
from uuid import UUID

from core import db
from models.partners import Partner
from rules.partners import PartnerKind, Standing, compute_standing

_OF_DISTRIBUTORS = "select reseller_id, standing from guard_distributor_standings($1)"


async def standings_of(partners: Sequence[Partner]) -> dict[UUID, Standing]:
    """Partner → the standing that counts. One statement if there are resellers among them, else none."""
    resellers = [row.id for row in partners if row.kind is PartnerKind.RESELLER]
    rows = await db.fetch(_OF_DISTRIBUTORS, resellers) if resellers else []
    shared = {row["reseller_id"]: Standing(row["standing"]) for row in rows}
    return {row.id: compute_standing(Standing(row.standing), shared.get(row.id)) for row in partners}


async def standing_of(partner: Partner) -> Standing:
    """As `standings_of`, for one."""
    return (await standings_of([partner]))[partner.id]
