"""Stand-in until the domain arrives."""

from datetime import datetime

from tortoise import fields

from models.base import Entity, Scoped
from rules.resellers import LinkStatus


class ResellerLink(Entity):
    """x"""

    prefix = "rsl"
    scope = Scoped(partner=("distributor_id", "reseller_id"))
    distributor_id = fields.UUIDField()
    reseller_id = fields.UUIDField()
    status = fields.CharEnumField(LinkStatus, max_length=10)
    began_at = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "reseller_link"
